//! `aws_cloudwatch_dashboard`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Document, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome};
use crate::clients::{Reader, Writer};
use crate::cloudwatch::ABSENT;
use crate::permissions::arn;

/// A CloudWatch dashboard: graphs, alarms and texts on one page. From the CloudWatch API (`PutDashboard`); its id is
/// its name.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Dashboard {
    /// Name.
    #[schemars(
        length(min = 1, max = 255),
        regex(pattern = r"^[A-Za-z0-9_-]+$"),
        extend("forces_replacement" = true)
    )]
    dashboard_name: String,
    /// What is on it: a table, or JSON text, with a list of `widgets` as CloudWatch documents it (Dashboard Body
    /// Structure and Syntax). Compared by meaning.
    dashboard_body: Document,
    /// ARN.
    #[serde(default)]
    dashboard_arn: Computed<String>,
}

/// How many widgets a dashboard can have.
const WIDGETS: usize = 500;

#[async_trait]
impl Kind for Dashboard {
    const NAME: &'static str = "aws_cloudwatch_dashboard";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudWatch::Dashboard", |dashboard| {
            dashboard.same(&["dashboard_name"]);
            dashboard.text("dashboard_body", "DashboardBody");
        })
        .with(&[
            ("id", Returned::Ref),
            ("dashboard_name", Returned::Ref),
            (
                "dashboard_arn",
                Returned::Sub("arn:${AWS::Partition}:cloudwatch::${AWS::AccountId}:dashboard/${Ref}"),
            ),
        ]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        body_problems(configuration.get("dashboard_body"))
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let answer = reader.cloudwatch().get_dashboard().dashboard_name(id).send().await.unless(ABSENT)?;
        Ok(answer.map(|dashboard| Self {
            dashboard_name: id.to_owned(),
            dashboard_body: Document::parse(dashboard.dashboard_body().unwrap_or_default()),
            dashboard_arn: dashboard.dashboard_arn.into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let name = &self.dashboard_name;
        let answer = reader.cloudwatch().get_dashboard().dashboard_name(name).send().await.unless(ABSENT)?;
        Ok(answer.map(|_| name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        self.put(writer).await?;
        Ok(Created::complete(&self.dashboard_name))
    }

    async fn update(&self, writer: &Writer, _id: &str, _prior: &Self) -> Result<(), KindError> {
        self.put(writer).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        writer.cloudwatch().delete_dashboards().dashboard_names(id).send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let dashboard = arn::global("cloudwatch", &format!("dashboard/{}", of.text_or_any("dashboard_name")));
        of.needs()
            .on(&[Act::Find, Act::Read, Act::Create], &dashboard, &["cloudwatch:GetDashboard"])
            .change(&dashboard, &["cloudwatch:PutDashboard"])
            .delete(&dashboard, &["cloudwatch:DeleteDashboards"])
            .done()
    }
}

impl Dashboard {
    async fn put(&self, writer: &Writer) -> Result<(), KindError> {
        writer
            .cloudwatch()
            .put_dashboard()
            .dashboard_name(&self.dashboard_name)
            .dashboard_body(self.dashboard_body.to_string())
            .send()
            .await
            .or_fail()?;
        Ok(())
    }
}

/// What is wrong with a body that is known, as far as that does not depend on the type of a widget.
fn body_problems(body: &Value) -> Vec<Problem> {
    let path = Path::root().key("dashboard_body");
    let Value::Map(_) = body else {
        let is_document = body.is_unknown() || body.is_null();
        return if is_document {
            Vec::new()
        } else {
            vec![Problem::new(path, "a dashboard is a table of widgets")]
        };
    };
    let path = path.key("widgets");
    let widgets = match body.get("widgets") {
        Value::List(widgets) => widgets,
        Value::Unknown => return Vec::new(),
        _ => {
            return vec![
                Problem::new(path, "a dashboard needs a list of `widgets`")
                    .with_hint("add it, with what is to be on the dashboard"),
            ];
        }
    };
    let mut problems = Vec::new();
    if widgets.len() > WIDGETS {
        problems.push(Problem::new(path.clone(), format!("a dashboard has {WIDGETS} widgets at most")));
    }
    for (index, widget) in widgets.iter().enumerate().filter(|(_, widget)| !widget.is_unknown()) {
        let path = path.index(index);
        for name in ["type", "properties"] {
            if widget.get(name).is_null() {
                problems.push(Problem::new(path.clone(), format!("a widget needs `{name}`")));
            }
        }
        for (name, least, most) in [("x", 0, 23), ("y", 0, i64::MAX), ("width", 1, 24), ("height", 1, 1000)] {
            if widget.get(name).as_i64().is_some_and(|number| !(least..=most).contains(&number)) {
                let range = if most == i64::MAX { String::new() } else { format!(" and at most {most}") };
                problems.push(Problem::new(path.key(name), format!("`{name}` is at least {least}{range}")));
            }
        }
    }
    problems
}
