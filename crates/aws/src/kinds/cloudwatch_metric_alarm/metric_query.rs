//! The metrics of an alarm on several, and the calculations with them.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{MetricDataQuery, MetricStat, StandardUnit};
use provision_engine::cloudformation::Block;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{read_dimensions, sdk_dimensions};

/// A metric, or a calculation with those that other queries name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct MetricQuery {
    /// By what name expressions call it.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[a-z][A-Za-z0-9_]*$"))]
    id: String,
    /// Account that the metric is of, if another.
    #[schemars(length(min = 1, max = 255))]
    account_id: Option<String>,
    /// A calculation, such as `errors / requests`. This, or `metric`.
    #[schemars(length(min = 1, max = 2048))]
    expression: Option<String>,
    /// How it is called where it is shown.
    label: Option<String>,
    /// The metric. This, or `expression`.
    metric: Option<Metric>,
    /// Length of a period of the expression, in seconds.
    #[schemars(range(min = 1))]
    period: Option<i32>,
    /// Whether this is what is watched.
    #[serde(default)]
    return_data: bool,
}

/// A metric, and what is made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Metric {
    /// Name.
    #[schemars(length(min = 1, max = 255))]
    metric_name: String,
    /// Namespace, such as `AWS/Lambda`.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[^:]"))]
    namespace: Option<String>,
    /// What tells the metric from others of its name.
    #[schemars(length(max = 30))]
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    /// Length of a period, in seconds: 1, 5, 10, 20, 30 or a multiple of 60.
    #[schemars(range(min = 1))]
    period: i32,
    /// What is made of the values of a period, such as `Sum` or `p99`.
    #[schemars(length(min = 1))]
    stat: String,
    /// Only values in this unit.
    #[schemars(extend("enum" = [
        "Bits", "Bits/Second", "Bytes", "Bytes/Second", "Count", "Count/Second", "Gigabits", "Gigabits/Second",
        "Gigabytes", "Gigabytes/Second", "Kilobits", "Kilobits/Second", "Kilobytes", "Kilobytes/Second", "Megabits",
        "Megabits/Second", "Megabytes", "Megabytes/Second", "Microseconds", "Milliseconds", "None", "Percent",
        "Seconds", "Terabits", "Terabits/Second", "Terabytes", "Terabytes/Second"
    ]))]
    unit: Option<String>,
}

/// A query in a template of CloudFormation.
pub(super) fn write(query: &mut Block<'_>) {
    // AWS returns the data of a query that does not say.
    query.same(&["id", "account_id", "expression", "label", "period", "return_data"]);
    query.block("metric", "MetricStat", |stat| {
        stat.same(&["period", "stat", "unit"]);
        stat.rename("metric_name", "Metric.MetricName");
        stat.rename("namespace", "Metric.Namespace");
        stat.pairs("dimensions", "Metric.Dimensions", ["Name", "Value"]);
    });
}

impl MetricQuery {
    pub(super) fn sdk(&self) -> MetricDataQuery {
        MetricDataQuery::builder()
            .id(&self.id)
            .set_account_id(self.account_id.clone())
            .set_expression(self.expression.clone())
            .set_label(self.label.clone())
            .set_metric_stat(self.metric.as_ref().map(Metric::sdk))
            .set_period(self.period)
            .return_data(self.return_data)
            .build()
    }

    pub(super) fn read(query: &MetricDataQuery) -> Self {
        Self {
            id: query.id.clone().unwrap_or_default(),
            account_id: query.account_id.clone(),
            expression: query.expression.clone(),
            label: query.label.clone().filter(|label| !label.is_empty()),
            metric: query.metric_stat().map(Metric::read),
            period: query.period,
            // Of a query that does not say, AWS returns the data.
            return_data: query.return_data.unwrap_or(true),
        }
    }
}

impl Metric {
    fn sdk(&self) -> MetricStat {
        let metric = aws_sdk_cloudwatch::types::Metric::builder()
            .metric_name(&self.metric_name)
            .set_namespace(self.namespace.clone())
            .set_dimensions(sdk_dimensions(&self.dimensions))
            .build();
        MetricStat::builder()
            .metric(metric)
            .period(self.period)
            .stat(&self.stat)
            .set_unit(self.unit.as_deref().map(StandardUnit::from))
            .build()
    }

    fn read(stat: &MetricStat) -> Self {
        let metric = stat.metric();
        Self {
            metric_name: metric.and_then(|metric| metric.metric_name.clone()).unwrap_or_default(),
            namespace: metric.and_then(|metric| metric.namespace.clone()),
            dimensions: read_dimensions(metric.map(|metric| metric.dimensions()).unwrap_or_default()),
            period: stat.period.unwrap_or_default(),
            stat: stat.stat.clone().unwrap_or_default(),
            unit: stat.unit.as_ref().map(|unit| unit.as_str().to_owned()),
        }
    }
}
