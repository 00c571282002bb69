//! The stacks behind provisioned products, in the emulator's CloudFormation.

use serde_json::{Value, json};

use super::{
    Desk,
    parameters::Tags,
    templates::{CLOUDFORMATION, reason},
};
use crate::{SandboxError, ask::Ask, reply::Refusal};

/// What a stack is to be.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) template: String,
    pub(super) parameters: Tags,
    pub(super) tags: Tags,
}

/// What a stack is.
pub(super) struct Stack {
    pub(super) id: String,
    pub(super) status: String,
    /// Why it failed, if it did.
    pub(super) reason: String,
    /// As records tell of them.
    pub(super) outputs: Vec<Value>,
}

/// What came of the request to change a stack.
pub(super) enum Begun {
    /// It is under way.
    Changing,
    /// There is nothing to be changed.
    Unchanged,
    /// CloudFormation refuses it, for this reason.
    Refused(String),
}

impl Desk<'_> {
    pub(super) fn ask(&self) -> Ask<'_> {
        self.front.ask(&self.identity.account, &self.identity.region)
    }

    /// Begins to make a stack or to change it.
    pub(super) async fn change_stack(&self, action: &str, wanted: &Wanted) -> Result<Begun, Refusal> {
        let mut form = vec![
            ("StackName".to_owned(), wanted.name.clone()),
            ("TemplateBody".to_owned(), wanted.template.clone()),
            // What fails is told of by the resource then, and not by a look ahead.
            ("DisableValidation".to_owned(), "true".to_owned()),
            ("Capabilities.member.1".to_owned(), "CAPABILITY_NAMED_IAM".to_owned()),
            ("Capabilities.member.2".to_owned(), "CAPABILITY_AUTO_EXPAND".to_owned()),
        ];
        for (index, (key, value)) in wanted.parameters.iter().enumerate() {
            let member = format!("Parameters.member.{}", index + 1);
            form.push((format!("{member}.ParameterKey"), key.clone()));
            form.push((format!("{member}.ParameterValue"), value.clone()));
        }
        for (index, (key, value)) in wanted.tags.iter().enumerate() {
            form.push((format!("Tags.member.{}.Key", index + 1), key.clone()));
            form.push((format!("Tags.member.{}.Value", index + 1), value.clone()));
        }
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        match self.ask().act(CLOUDFORMATION, action, &form).await {
            Ok(_) => Ok(Begun::Changing),
            Err(SandboxError::Refused { body, .. }) if body.contains("No updates are to be performed") => {
                Ok(Begun::Unchanged)
            }
            Err(SandboxError::Refused { body, .. }) => Ok(Begun::Refused(reason(&body))),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins to delete a stack.
    pub(super) async fn delete_stack(&self, name: &str) -> Result<Begun, Refusal> {
        match self.ask().act(CLOUDFORMATION, "DeleteStack", &[("StackName", name)]).await {
            Ok(_) => Ok(Begun::Changing),
            Err(SandboxError::Refused { body, .. }) => Ok(Begun::Refused(reason(&body))),
            Err(error) => Err(error.into()),
        }
    }

    /// A stack as it is; none if it was never made, or is gone.
    pub(super) async fn stack(&self, name: &str) -> Result<Option<Stack>, Refusal> {
        let ask = self.ask();
        let answer = match ask.act(CLOUDFORMATION, "DescribeStacks", &[("StackName", name)]).await {
            Ok(answer) => answer,
            Err(SandboxError::Refused { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Some(found) = answer.descendant("StackStatus").map(|status| status.text.clone()) else {
            return Ok(None);
        };
        let text = |name: &str| answer.descendant(name).map(|found| found.text.clone()).unwrap_or_default();
        let id = text("StackId");
        let outputs = answer.descendants("OutputKey").into_iter().zip(answer.descendants("OutputValue"));
        let outputs = outputs.map(|(key, value)| json!({ "OutputKey": key.text, "OutputValue": value.text }));
        let stack_arn = json!({
            "Description": "The ARN of the launched Cloudformation Stack",
            "OutputKey": "CloudformationStackARN",
            "OutputValue": id,
        });
        let mut reason = text("StackStatusReason");
        if found.contains("FAILED") || found.contains("ROLLBACK") {
            let events = ask.act(CLOUDFORMATION, "DescribeStackEvents", &[("StackName", name)]).await?;
            // The newest event comes first, and the first failure is what the others are a consequence of.
            let first = events.descendants("member").into_iter().rev().find(|event| {
                event.text_at(&["ResourceStatus"]).ends_with("_FAILED")
                    && !event.text_at(&["ResourceStatusReason"]).is_empty()
            });
            if let Some(event) = first {
                let [resource, why] =
                    ["LogicalResourceId", "ResourceStatusReason"].map(|name| event.text_at(&[name]));
                reason = format!("{resource}: {why}");
            }
        }
        Ok(Some(Stack { id, status: found, reason, outputs: outputs.chain([stack_arn]).collect() }))
    }
}
