//! `aws_cloudwatch_metric_alarm`.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, StandardUnit, Statistic};
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::Outcome;
use crate::clients::{Reader, Writer};
use crate::cloudwatch::{self, Alarm};
use crate::tags::Tags;

mod metric_query;
mod validate;

use metric_query::MetricQuery;

/// A CloudWatch alarm on a metric, or on a calculation with several. From the CloudWatch API (`PutMetricAlarm`); its id
/// is its name.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct MetricAlarm {
    /// Name, unique among the alarms of the region, whatever their type.
    #[schemars(length(min = 1, max = 255), extend("forces_replacement" = true))]
    alarm_name: String,
    /// What the alarm means, and what to do about it.
    #[schemars(length(max = 1024))]
    alarm_description: Option<String>,
    /// How the metric and the threshold are compared. Those with `Upper` or `Lower` in them compare with the band
    /// that `threshold_metric_id` names.
    #[schemars(extend("enum" = [
        "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "GreaterThanUpperThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "LessThanOrEqualToThreshold",
        "LessThanThreshold"
    ]))]
    comparison_operator: String,
    /// Over how many of the latest periods it is compared.
    #[schemars(range(min = 1))]
    evaluation_periods: i32,
    /// In how many of those periods the threshold must be crossed; absent: in all.
    #[schemars(range(min = 1))]
    datapoints_to_alarm: Option<i32>,
    /// What the metric is compared with.
    threshold: Option<f64>,
    /// `id` of the query that gives the band to compare with (`ANOMALY_DETECTION_BAND`).
    #[schemars(length(min = 1, max = 255))]
    threshold_metric_id: Option<String>,
    /// Name of the metric. This, or `metric_query`.
    #[schemars(length(min = 1, max = 255))]
    metric_name: Option<String>,
    /// Namespace of the metric, such as `AWS/Lambda`.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[^:]"))]
    namespace: Option<String>,
    /// What tells the metric from others of its name.
    #[schemars(length(max = 30))]
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    /// Length of a period, in seconds: 10, 20, 30 or a multiple of 60.
    #[schemars(range(min = 10))]
    period: Option<i32>,
    /// What is made of the values of a period. This, or `extended_statistic`.
    #[schemars(extend("enum" = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"]))]
    statistic: Option<String>,
    /// A percentile (`p99.9`), or a trimmed or winsorized statistic (`tm90`, `IQM`, `PR(:300)`).
    #[schemars(regex(
        pattern = r"^((p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,10})?|100)|(?i:iqm)|(TM|WM|TC|TS|PR)\([0-9.%]*:[0-9.%]*\))$"
    ))]
    extended_statistic: Option<String>,
    /// Only values in this unit.
    #[schemars(extend("enum" = [
        "Bits", "Bits/Second", "Bytes", "Bytes/Second", "Count", "Count/Second", "Gigabits", "Gigabits/Second",
        "Gigabytes", "Gigabytes/Second", "Kilobits", "Kilobits/Second", "Kilobytes", "Kilobytes/Second", "Megabits",
        "Megabits/Second", "Megabytes", "Megabytes/Second", "Microseconds", "Milliseconds", "None", "Percent",
        "Seconds", "Terabits", "Terabits/Second", "Terabytes", "Terabytes/Second"
    ]))]
    unit: Option<String>,
    /// Metrics and calculations with them, of which one is watched.
    #[schemars(length(max = 20), extend("uniqueItems" = true))]
    #[serde(default)]
    metric_query: Vec<MetricQuery>,
    /// What periods without any value count as.
    #[schemars(extend("enum" = ["breaching", "ignore", "missing", "notBreaching"]))]
    #[serde(default = "missing")]
    treat_missing_data: String,
    /// Whether a percentile is judged when there are too few values for it to mean anything. AWS evaluates if nothing
    /// is said.
    #[schemars(extend("enum" = ["evaluate", "ignore"]))]
    evaluate_low_sample_count_percentiles: Option<String>,
    /// Whether a change of state does anything.
    #[serde(default = "yes")]
    actions_enabled: bool,
    /// ARNs of what is done when it goes off.
    #[schemars(length(max = 5), inner(length(min = 1, max = 1024)))]
    #[serde(default)]
    alarm_actions: BTreeSet<String>,
    /// ARNs of what is done when all is well again.
    #[schemars(length(max = 5), inner(length(min = 1, max = 1024)))]
    #[serde(default)]
    ok_actions: BTreeSet<String>,
    /// ARNs of what is done when there is nothing to judge by.
    #[schemars(length(max = 5), inner(length(min = 1, max = 1024)))]
    #[serde(default)]
    insufficient_data_actions: BTreeSet<String>,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
}

fn missing() -> String {
    "missing".to_owned()
}

fn yes() -> bool {
    true
}

#[async_trait]
impl Kind for MetricAlarm {
    const NAME: &'static str = "aws_cloudwatch_metric_alarm";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudWatch::Alarm", |alarm| {
            cloudwatch::write_alarm(alarm);
            alarm.same(&["comparison_operator", "evaluation_periods", "datapoints_to_alarm"]);
            alarm.same(&["threshold", "threshold_metric_id"]);
            alarm.same(&["metric_name", "namespace", "period", "statistic", "extended_statistic", "unit"]);
            alarm.pairs("dimensions", "Dimensions", ["Name", "Value"]);
            alarm.blocks("metric_query", "Metrics", metric_query::write);
            alarm.unless("treat_missing_data", "TreatMissingData", "missing");
            alarm.rename("evaluate_low_sample_count_percentiles", "EvaluateLowSampleCountPercentile");
        })
        .with(cloudwatch::RETURNED_BY_ALARM),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        validate::problems(configuration)
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let alarm = cloudwatch::tagged_alarm(reader, id, prior.arn.as_deref()).await?;
        let Some((Alarm::Metric(alarm), tags)) = alarm else { return Ok(None) };
        Ok(Some(Self {
            alarm_name: id.to_owned(),
            alarm_description: alarm.alarm_description.filter(|text| !text.is_empty()),
            comparison_operator: alarm
                .comparison_operator
                .map(|operator| operator.as_str().to_owned())
                .unwrap_or_default(),
            evaluation_periods: alarm.evaluation_periods.unwrap_or_default(),
            datapoints_to_alarm: alarm.datapoints_to_alarm,
            threshold: alarm.threshold,
            threshold_metric_id: alarm.threshold_metric_id,
            metric_name: alarm.metric_name,
            namespace: alarm.namespace,
            dimensions: read_dimensions(alarm.dimensions.as_deref().unwrap_or_default()),
            period: alarm.period,
            statistic: alarm.statistic.map(|statistic| statistic.as_str().to_owned()),
            extended_statistic: alarm.extended_statistic,
            unit: alarm.unit.map(|unit| unit.as_str().to_owned()),
            metric_query: alarm.metrics.iter().flatten().map(MetricQuery::read).collect(),
            treat_missing_data: alarm.treat_missing_data.unwrap_or_else(missing),
            evaluate_low_sample_count_percentiles: alarm.evaluate_low_sample_count_percentile,
            actions_enabled: alarm.actions_enabled.unwrap_or(true),
            alarm_actions: alarm.alarm_actions.into_iter().flatten().collect(),
            ok_actions: alarm.ok_actions.into_iter().flatten().collect(),
            insufficient_data_actions: alarm.insufficient_data_actions.into_iter().flatten().collect(),
            tags,
            arn: alarm.alarm_arn.into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let alarm = cloudwatch::alarm(reader, &self.alarm_name).await?;
        Ok(matches!(alarm, Some(Alarm::Metric(_))).then(|| self.alarm_name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, _token: &Token) -> Result<(), KindError> {
        cloudwatch::ensure_free(reader, &self.alarm_name).await
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        self.put(writer).await?;
        Ok(Created::complete(&self.alarm_name))
    }

    async fn update(&self, writer: &Writer, _id: &str, prior: &Self) -> Result<(), KindError> {
        self.put(writer).await?;
        match prior.arn.as_deref() {
            Some(arn) => cloudwatch::change_tags(writer, arn, &prior.tags, &self.tags).await,
            None => Ok(()),
        }
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        cloudwatch::delete(writer, id).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        cloudwatch::permissions(of, "cloudwatch:PutMetricAlarm")
    }
}

impl MetricAlarm {
    /// Puts all of it: what is not said is not kept. Only the state is, and the tags of an alarm that is there already.
    async fn put(&self, writer: &Writer) -> Result<(), KindError> {
        let list = |actions: &BTreeSet<String>| Some(actions.iter().cloned().collect());
        let queries: Vec<_> = self.metric_query.iter().map(MetricQuery::sdk).collect();
        writer
            .cloudwatch()
            .put_metric_alarm()
            .alarm_name(&self.alarm_name)
            .set_alarm_description(self.alarm_description.clone())
            .comparison_operator(ComparisonOperator::from(self.comparison_operator.as_str()))
            .evaluation_periods(self.evaluation_periods)
            .set_datapoints_to_alarm(self.datapoints_to_alarm)
            .set_threshold(self.threshold)
            .set_threshold_metric_id(self.threshold_metric_id.clone())
            .set_metric_name(self.metric_name.clone())
            .set_namespace(self.namespace.clone())
            .set_dimensions(sdk_dimensions(&self.dimensions))
            .set_period(self.period)
            .set_statistic(self.statistic.as_deref().map(Statistic::from))
            .set_extended_statistic(self.extended_statistic.clone())
            .set_unit(self.unit.as_deref().map(StandardUnit::from))
            .set_metrics((!queries.is_empty()).then_some(queries))
            .treat_missing_data(&self.treat_missing_data)
            .set_evaluate_low_sample_count_percentile(self.evaluate_low_sample_count_percentiles.clone())
            .actions_enabled(self.actions_enabled)
            .set_alarm_actions(list(&self.alarm_actions))
            .set_ok_actions(list(&self.ok_actions))
            .set_insufficient_data_actions(list(&self.insufficient_data_actions))
            .set_tags(cloudwatch::api_tags(self.tags.clone()))
            .send()
            .await
            .or_fail()?;
        Ok(())
    }
}

/// Dimensions as they are sent; none if there are none.
fn sdk_dimensions(dimensions: &BTreeMap<String, String>) -> Option<Vec<Dimension>> {
    let dimensions: Vec<_> =
        dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build()).collect();
    (!dimensions.is_empty()).then_some(dimensions)
}

fn read_dimensions(dimensions: &[Dimension]) -> BTreeMap<String, String> {
    let pair = |dimension: &Dimension| Some((dimension.name.clone()?, dimension.value.clone()?));
    dimensions.iter().filter_map(pair).collect()
}
