//! `aws_lambda_permission`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Token};
use provision_engine::permission::{self, Act, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::call::{self, Outcome, PROPAGATION, create_named, repeat_while};
use crate::clients::{Reader, Writer};
use crate::given::Given;
use crate::lambda::{ABSENT, READY, TAKEN, is_busy};
use crate::names;
use crate::permissions::arn;

/// A permission to invoke a Lambda function: a statement of the function's own policy, for a service or another
/// account. From the Lambda API (`AddPermission`); its id is `function/statement`, or `function:qualifier/statement`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permission {
    /// Id of the statement, unique in the policy. Made up from `statement_id_prefix` when absent.
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[a-zA-Z0-9-_]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    statement_id: Option<String>,
    /// Beginning of a statement's id that is made up.
    #[schemars(
        length(max = 74),
        regex(pattern = r"^[a-zA-Z0-9-_]*$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    statement_id_prefix: Option<String>,
    /// Name or ARN of the function.
    #[schemars(
        length(min = 1, max = 140),
        regex(pattern = r"^(arn:[a-z0-9-]+:lambda:[a-z0-9-]+:\d{12}:function:)?[a-zA-Z0-9-_]+$"),
        extend("forces_replacement" = true)
    )]
    function_name: String,
    /// Version or alias that the permission is for; absent: the function itself, unqualified.
    #[schemars(
        length(min = 1, max = 128),
        regex(pattern = r"^[a-zA-Z0-9$_-]+$"),
        extend("forces_replacement" = true)
    )]
    qualifier: Option<String>,
    /// What is permitted, such as `lambda:InvokeFunction`.
    #[schemars(
        length(max = 256),
        regex(pattern = r"^(lambda:[*]|lambda:[a-zA-Z]+|[*])$"),
        extend("forces_replacement" = true)
    )]
    action: String,
    /// Who is permitted it: a service such as `events.amazonaws.com`, an account, the ARN of a role or user, or `*`.
    #[schemars(length(min = 1, max = 256), extend("forces_replacement" = true))]
    principal: String,
    /// ARN of what the service acts for, such as a rule of EventBridge. Without, and without `source_account`, anyone's
    /// rule may invoke the function.
    #[schemars(
        length(max = 1024),
        regex(pattern = r"^arn:[a-z0-9-]+:[a-zA-Z0-9-]+:[a-z0-9-]*:(\d{12})?:.*$"),
        extend("forces_replacement" = true)
    )]
    source_arn: Option<String>,
    /// Account that what the service acts for belongs to: for a bucket, whose ARN does not say it.
    #[schemars(regex(pattern = r"^\d{12}$"), extend("forces_replacement" = true))]
    source_account: Option<String>,
    /// What an Alexa skill must say.
    #[schemars(
        length(max = 256),
        regex(pattern = r"^[a-zA-Z0-9._-]+$"),
        extend("forces_replacement" = true)
    )]
    event_source_token: Option<String>,
    /// How the function's URL authenticates those whom this is for.
    #[schemars(extend("enum" = ["AWS_IAM", "NONE"], "forces_replacement" = true))]
    function_url_auth_type: Option<String>,
    /// Id of the organization that the principal must belong to.
    #[schemars(regex(pattern = r"^o-[a-z0-9]{10,32}$"), extend("forces_replacement" = true))]
    principal_org_id: Option<String>,
}

#[async_trait]
impl Kind for Permission {
    const NAME: &'static str = "aws_lambda_permission";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::Lambda::Permission", |permission| {
            let function = permission.take("function_name");
            let qualifier = permission.take("qualifier");
            match (function.as_str(), qualifier.as_str()) {
                (Some(function), Some(qualifier)) => {
                    permission.put("FunctionName", format!("{function}:{qualifier}"));
                }
                _ => permission.put("FunctionName", function),
            }
            permission.same(&[
                "action",
                "principal",
                "source_arn",
                "source_account",
                "event_source_token",
                "function_url_auth_type",
            ]);
            permission.rename("principal_org_id", "PrincipalOrgID");
            // CloudFormation makes up the id of the statement.
            permission.ours(&["statement_id", "statement_id_prefix"]);
        })
        .with(&[("statement_id", Returned::GetAtt("Id"))]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = names::exclusive(configuration, "statement_id", "statement_id_prefix");
        let given = Given(configuration);
        if given.has("function_url_auth_type")
            && configuration.get("action").as_str().is_some_and(|action| action == "lambda:InvokeFunction")
        {
            problems.push(
                Problem::new("function_url_auth_type", "a function's URL is another action's")
                    .with_hint("set `action = \"lambda:InvokeFunctionUrl\"`"),
            );
        }
        problems
    }

    fn id_in_terraform(attributes: &Value) -> Option<String> {
        let text = |name| attributes.get(name).as_str().filter(|text: &&str| !text.is_empty());
        let (function, statement) = (text("function_name")?, text("statement_id")?);
        Some(match text("qualifier") {
            Some(qualifier) => format!("{function}:{qualifier}/{statement}"),
            None => format!("{function}/{statement}"),
        })
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let place = Place::of(id)?;
        let answer = reader
            .lambda()
            .get_policy()
            .function_name(place.function)
            .set_qualifier(place.qualifier.map(str::to_owned))
            .send()
            .await
            .unless(ABSENT)?;
        let policy = answer.and_then(|answer| answer.policy).unwrap_or_default();
        let policy: Json = serde_json::from_str(&policy).unwrap_or_default();
        let statement = policy["Statement"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|statement| statement["Sid"] == place.statement);
        Ok(statement.map(|statement| Self::of(statement, &place, prior)))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let id = self.id_for(token);
        Ok(Self::read(reader, &id, self).await?.map(|_| id))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let id = self.id_for(token);
        let request = writer
            .lambda()
            .add_permission()
            .function_name(&self.function_name)
            .set_qualifier(self.qualifier.clone())
            .statement_id(Place::of(&id)?.statement)
            .action(&self.action)
            .principal(&self.principal)
            .set_source_arn(self.source_arn.clone())
            .set_source_account(self.source_account.clone())
            .set_event_source_token(self.event_source_token.clone())
            .set_function_url_auth_type(self.function_url_auth_type.as_deref().map(Into::into))
            .set_principal_org_id(self.principal_org_id.clone());
        let create = async {
            repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() }).await?;
            Ok(id.clone())
        };
        Ok(Created::complete(create_named(self, writer.reader(), token, TAKEN, create).await?))
    }

    /// A statement is never changed: another one takes its place.
    async fn update(&self, _writer: &Writer, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let place = Place::of(id)?;
        repeat_while(is_busy, READY, || async {
            writer
                .lambda()
                .remove_permission()
                .function_name(place.function)
                .set_qualifier(place.qualifier.map(str::to_owned))
                .statement_id(place.statement)
                .send()
                .await
                .unless(ABSENT)
        })
        .await?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<permission::Permission> {
        let name = of.text_or_any("function_name");
        let name = name.rsplit(":function:").next().unwrap_or(name);
        let function = arn::regional("lambda", &format!("function:{name}"));
        of.needs()
            .on(&[Act::Find, Act::Read, Act::Create], &function, &["lambda:GetPolicy"])
            .create(&function, &["lambda:AddPermission"])
            .delete(&function, &["lambda:RemovePermission"])
            .done()
    }
}

/// Whether a permission was refused because of what was made a moment ago, or while the function is being changed.
fn passes(error: &KindError) -> bool {
    is_busy(error)
        || error.is(&["InvalidParameterValueException"]) && error.message.contains("principal was invalid")
}

impl Permission {
    /// What a statement of the policy says. Lambda puts most arguments into conditions.
    fn of(statement: &Json, place: &Place<'_>, prior: &Self) -> Self {
        let text = |text: &Json| text.as_str().map(str::to_owned);
        let condition = |key: &str| {
            let tests = statement["Condition"].as_object();
            tests.into_iter().flat_map(|tests| tests.values()).find_map(|test| {
                let (_, value) = test.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
                text(value)
            })
        };
        Self {
            statement_id: Some(place.statement.to_owned()),
            function_name: place.function.to_owned(),
            qualifier: place.qualifier.map(str::to_owned),
            action: text(&statement["Action"]).unwrap_or_default(),
            principal: principal(&statement["Principal"], &prior.principal),
            source_arn: condition("AWS:SourceArn"),
            source_account: condition("AWS:SourceAccount"),
            event_source_token: condition("lambda:EventSourceToken"),
            function_url_auth_type: condition("lambda:FunctionUrlAuthType"),
            principal_org_id: condition("aws:PrincipalOrgID"),
            ..Self::default()
        }
    }

    fn id_for(&self, token: &Token) -> String {
        let statement =
            names::choose(self.statement_id.as_deref(), self.statement_id_prefix.as_deref(), token);
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}/{statement}", self.function_name),
            None => format!("{}/{statement}", self.function_name),
        }
    }
}

/// Who a statement is for. An account that was named by its number is answered as the ARN of its root user.
fn principal(said: &Json, prior: &str) -> String {
    let said = match said {
        Json::Object(kinds) => kinds.values().find_map(Json::as_str),
        other => other.as_str(),
    };
    let said = said.unwrap_or_default();
    if said.starts_with("arn:") && said.ends_with(&format!(":iam::{prior}:root")) {
        return prior.to_owned();
    }
    said.to_owned()
}

/// Where a statement is, as its id says it.
struct Place<'a> {
    function: &'a str,
    qualifier: Option<&'a str>,
    statement: &'a str,
}

impl<'a> Place<'a> {
    fn of(id: &'a str) -> Result<Self, KindError> {
        let malformed = || {
            KindError::new(format!("{id:?} is no id of a permission"))
                .with_hint("write it as `function/statement`, or as `function:qualifier/statement`")
        };
        let (function, statement) = id.rsplit_once('/').ok_or_else(malformed)?;
        // The ARN of a function has six colons of its own.
        let colons = if function.starts_with("arn:") { 6 } else { 0 };
        let (function, qualifier) = match function.match_indices(':').nth(colons) {
            Some((colon, _)) => (&function[..colon], Some(&function[colon + 1..])),
            None => (function, None),
        };
        Ok(Self { function, qualifier, statement })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_says_where_a_statement_is() {
        const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
        for (id, function, qualifier) in [
            ("f/s".to_owned(), "f", None),
            ("f:live/s".to_owned(), "f", Some("live")),
            (format!("{ARN}/s"), ARN, None),
            (format!("{ARN}:1/s"), ARN, Some("1")),
        ] {
            let place = Place::of(&id).unwrap();
            assert_eq!(
                (place.function, place.qualifier, place.statement),
                (function, qualifier, "s"),
                "{id}"
            );
        }
        assert!(Place::of("f").is_err());
    }

    #[test]
    fn a_principal_is_what_was_said() {
        let root = "arn:aws:iam::123456789012:root";
        assert_eq!(principal(&json!({ "Service": "events.amazonaws.com" }), ""), "events.amazonaws.com");
        assert_eq!(principal(&json!({ "AWS": root }), "123456789012"), "123456789012");
        assert_eq!(principal(&json!({ "AWS": root }), root), root);
        assert_eq!(principal(&json!("*"), "*"), "*");
    }
}
