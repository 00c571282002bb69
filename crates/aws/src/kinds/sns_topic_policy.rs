//! `aws_sns_topic_policy`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Policy, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::sns_topic::{POLICY_LIMIT, set_attribute};
use crate::clients::{Reader, Writer};
use crate::iam;
use crate::permissions::arn;
use crate::sns::{ABSENT, set, topic_attributes};

/// The policy of an SNS topic: who can do what with it. A topic always has one; creating this replaces AWS's default,
/// by which only the topic's own account can do anything, and a destroy puts the default back. From the SNS API
/// (`SetTopicAttributes`); its id is the topic's ARN.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct TopicPolicy {
    /// ARN of the topic.
    #[schemars(
        regex(pattern = r"^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$"),
        extend("forces_replacement" = true)
    )]
    arn: String,
    /// The policy.
    policy: Policy,
    /// The number of the account whose topic it is.
    #[serde(default)]
    owner: Computed<String>,
}

#[async_trait]
impl Kind for TopicPolicy {
    const NAME: &'static str = "aws_sns_topic_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::SNS::TopicPolicy", |policy| {
            let topics = vec![policy.take("arn")];
            policy.put("Topics", Value::List(topics));
            policy.document("policy", "PolicyDocument");
        })
        // Nobody but its owner can give a topic a policy.
        .with(&[("id", Returned::Argument("arn")), ("owner", Returned::Sub("${AWS::AccountId}"))]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        iam::policy_problems(configuration.get("policy"), "policy", POLICY_LIMIT)
    }

    /// The default is no policy of anyone's, unless it is what was asked for.
    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let Some(attributes) = topic_attributes(reader, id).await? else { return Ok(None) };
        let owner = set(&attributes, "Owner");
        let Some(policy) = set(&attributes, "Policy").map(|policy| Policy::parse(&policy)) else {
            return Ok(None);
        };
        if is_default(&policy) && !is_default(&prior.policy) {
            return Ok(None);
        }
        Ok(Some(Self { arn: id.to_owned(), policy, owner: owner.into() }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        Ok(Self::read(reader, &self.arn, self).await?.map(|_| self.arn.clone()))
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        self.put(writer, &self.arn).await?;
        Ok(Created::complete(self.arn.clone()))
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        self.put(writer, id).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let Some(attributes) = topic_attributes(writer.reader(), id).await? else { return Ok(()) };
        let owner = set(&attributes, "Owner").unwrap_or_default();
        match set_attribute(writer, id, "Policy", &default(id, &owner).to_string()).await {
            Err(error) if error.is(ABSENT) => Ok(()),
            outcome => outcome,
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let mut needs = of.needs();
        for topic in arn::topics(&of, of.attributes.get("arn")) {
            needs = needs.on(&[Act::Find, Act::Read, Act::Delete], &topic, &["sns:GetTopicAttributes"]).on(
                &[Act::Create, Act::Update, Act::Delete],
                &topic,
                &["sns:SetTopicAttributes"],
            );
        }
        needs.done()
    }
}

impl TopicPolicy {
    async fn put(&self, writer: &Writer, arn: &str) -> Result<(), KindError> {
        set_attribute(writer, arn, "Policy", &self.policy.to_string()).await
    }
}

const DEFAULT_ID: &str = "__default_policy_ID";
const DEFAULT_STATEMENT: &str = "__default_statement_ID";

/// The policy that a topic has if nobody gives it one: the account's own policies decide.
fn default(arn: &str, owner: &str) -> Json {
    json!({
        "Version": "2008-10-17",
        "Id": DEFAULT_ID,
        "Statement": [{
            "Sid": DEFAULT_STATEMENT,
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes",
                "SNS:SetTopicAttributes",
                "SNS:AddPermission",
                "SNS:RemovePermission",
                "SNS:DeleteTopic",
                "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic",
                "SNS:Publish",
            ],
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": owner } },
        }],
    })
}

/// Whether a policy is the default: it is named so, and its one statement is about the owner.
pub(super) fn is_default(policy: &Policy) -> bool {
    let statement = match &policy.0["Statement"] {
        Json::Array(statements) => match statements.as_slice() {
            [statement] => statement,
            _ => return false,
        },
        single => single,
    };
    policy.0["Id"] == DEFAULT_ID
        && statement["Sid"] == DEFAULT_STATEMENT
        && statement["Effect"] == "Allow"
        && statement["Condition"]["StringEquals"]["AWS:SourceOwner"].is_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_known_by_all_of_its_marks() {
        let mut policy = default("arn:aws:sns:us-east-1:123456789012:t", "123456789012");
        assert!(is_default(&Policy(policy.clone())));
        policy["Statement"][0]["Sid"] = "mine".into();
        assert!(!is_default(&Policy(policy.clone())));
        policy["Statement"] = json!([]);
        assert!(!is_default(&Policy(policy)));
    }
}
