//! The templates that products are made of: fetched where a request says, and checked by the emulator's CloudFormation.

use hyper::{Method, body::Bytes};
use serde_json::{Value, json};

use super::{Desk, invalid, parameters::Parameters};
use crate::{SandboxError, query, reply::Refusal};

/// A template, and what it was made of.
pub(super) struct Template {
    pub(super) body: String,
    /// What `Info` of its artifact says.
    pub(super) info: Value,
    /// Its parameters, as `DescribeProvisioningArtifact` tells of them.
    pub(super) parameters: Vec<Value>,
}

impl Desk<'_> {
    /// The template of an artifact that is to be made.
    pub(super) async fn template(&self, artifact: &Parameters) -> Result<Template, Refusal> {
        let info = artifact.table("Info");
        let given = (info.text("LoadTemplateFromURL"), info.text("ImportFromPhysicalId"));
        let (body, info) = match given {
            (Some(url), None) => (self.fetch(url).await?, json!({ "TemplateUrl": url })),
            (None, Some(stack)) => (self.template_of(stack).await?, json!({ "PhysicalId": stack })),
            _ => {
                let message = "Info must have either LoadTemplateFromURL or ImportFromPhysicalId.";
                return Err(invalid(message));
            }
        };
        let is_cloudformation = artifact.text("Type").unwrap_or("CLOUD_FORMATION_TEMPLATE");
        if is_cloudformation != "CLOUD_FORMATION_TEMPLATE" {
            return Ok(Template { body, info, parameters: Vec::new() });
        }
        let is_lenient = artifact.get("DisableTemplateValidation").as_bool() == Some(true);
        let parameters = match self
            .ask()
            .act(CLOUDFORMATION, "ValidateTemplate", &[("TemplateBody", &known(&body))])
            .await
        {
            Ok(answer) => answer.descendants("ParameterKey").iter().map(|key| key.text.clone()).collect(),
            Err(SandboxError::Refused { body, .. }) if !is_lenient => {
                return Err(invalid(format!("The template is not valid: {}", reason(&body))));
            }
            Err(_) if is_lenient => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let parameters = parameters
            .into_iter()
            .map(|key: String| json!({ "ParameterKey": key, "ParameterType": "String", "IsNoEcho": false }));
        Ok(Template { body, info, parameters: parameters.collect() })
    }

    async fn fetch(&self, url: &str) -> Result<String, Refusal> {
        let Some((bucket, key)) = location(url) else {
            return Err(invalid(format!("{url} is no URL of an object in S3.")));
        };
        let key = key.split('/').map(query::percent_decode).map(|part| query::encode(&part));
        let path = format!("/{bucket}/{}", key.collect::<Vec<_>>().join("/"));
        let reply = self.ask().send("s3", Method::GET, &path, &[], Bytes::new()).await?;
        if !reply.status().is_success() {
            return Err(invalid(format!("The template at {url} cannot be read.")));
        }
        Ok(String::from_utf8_lossy(reply.body()).into_owned())
    }

    async fn template_of(&self, stack: &str) -> Result<String, Refusal> {
        match self.ask().act(CLOUDFORMATION, "GetTemplate", &[("StackName", stack)]).await {
            Ok(answer) => {
                Ok(answer.descendant("TemplateBody").map(|body| body.text.clone()).unwrap_or_default())
            }
            Err(SandboxError::Refused { body, .. }) => Err(invalid(reason(&body))),
            Err(error) => Err(error.into()),
        }
    }
}

/// Types of AWS's that the emulator's CloudFormation does not know.
const UNKNOWN_TYPES: [&str; 15] = [
    "AWS::CloudFront::KeyGroup",
    "AWS::CloudFront::MonitoringSubscription",
    "AWS::CloudFront::PublicKey",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::MediaConvert::JobTemplate",
    "AWS::MediaConvert::Queue",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::ServiceCatalog::CloudFormationProduct",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    "AWS::ServiceCatalog::LaunchRoleConstraint",
    "AWS::ServiceCatalog::Portfolio",
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
    "AWS::ServiceCatalog::PortfolioProductAssociation",
];

/// A template to be checked: with something that the emulator knows in place of what it does not, so that it looks at the
/// rest.
fn known(body: &str) -> String {
    UNKNOWN_TYPES.iter().fold(body.to_owned(), |body, unknown| {
        body.replace(unknown, "AWS::CloudFormation::WaitConditionHandle")
    })
}

/// The name under which CloudFormation signs requests.
pub(super) const CLOUDFORMATION: &str = "cloudformation";

/// The message in an error of CloudFormation's.
pub(super) fn reason(body: &str) -> String {
    let message = crate::xml::parse(body.as_bytes())
        .and_then(|error| error.descendant("Message").map(|message| message.text.clone()));
    message.unwrap_or_else(|| body.to_owned())
}

/// The bucket and the key of an object that a URL leads to: on AWS by name or by path, or on the sandbox by path.
pub(crate) fn location(url: &str) -> Option<(String, String)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/')?;
    let path = path.split('?').next().unwrap_or(path);
    let by_path = || path.split_once('/').map(|(bucket, key)| (bucket.to_owned(), key.to_owned()));
    let is_aws = host.ends_with(".amazonaws.com");
    let found = match host.find(".s3.").or_else(|| host.find(".s3-")).filter(|_| is_aws) {
        Some(end) => host.get(..end).map(|bucket| (bucket.to_owned(), path.to_owned())),
        None if is_aws && !(host.starts_with("s3.") || host.starts_with("s3-")) => None,
        None => by_path(),
    };
    found.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_however_their_url_names_them() {
        let found = |bucket: &str, key: &str| Some((bucket.to_owned(), key.to_owned()));
        for url in [
            "https://templates.s3.amazonaws.com/a/b.json",
            "https://templates.s3.eu-west-1.amazonaws.com/a/b.json",
            "https://templates.s3-eu-west-1.amazonaws.com/a/b.json?versionId=1",
            "https://s3.eu-west-1.amazonaws.com/templates/a/b.json",
            "https://s3.amazonaws.com/templates/a/b.json",
            "http://127.0.0.1:4566/templates/a/b.json",
        ] {
            assert_eq!(location(url), found("templates", "a/b.json"), "{url}");
        }
        for url in
            ["templates/a.json", "https://ec2.amazonaws.com/a/b", "https://templates.s3.amazonaws.com/"]
        {
            assert_eq!(location(url), None, "{url}");
        }
    }
}
