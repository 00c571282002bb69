//! `aws_cloudfront_response_headers_policy`: the resource, and the data source of the same name.

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{
    ResponseHeadersPolicyConfig, ResponseHeadersPolicySummary, ResponseHeadersPolicyType,
};
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Departure, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, create_named, eventually, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront::{self, STALE, holders};
use crate::permissions::arn;

mod cloudformation;
mod cors;
mod data_source;
mod headers;
mod security_headers;

use cors::Cors;
pub use data_source::ResponseHeadersPolicyData;
use headers::{CustomHeaders, RemoveHeaders, ServerTiming};
use security_headers::SecurityHeaders;

/// Which headers CloudFront adds to answers, or takes from them, before it gives them to viewers. From the CloudFront
/// API (`CreateResponseHeadersPolicy`); its id is made by CloudFront and is a UUID.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ResponseHeadersPolicy {
    /// Name, unique in the account.
    #[schemars(length(min = 1))]
    name: String,
    /// What it is for.
    #[schemars(length(max = 128))]
    #[serde(default)]
    comment: String,
    /// Headers by which pages of other origins may read answers.
    cors_config: Option<Cors>,
    /// Headers of any other name.
    custom_headers_config: Option<CustomHeaders>,
    /// Headers that are taken from answers.
    remove_headers_config: Option<RemoveHeaders>,
    /// Headers that tell browsers to be careful.
    security_headers_config: Option<SecurityHeaders>,
    /// The header `Server-Timing`.
    server_timing_headers_config: Option<ServerTiming>,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Version of the configuration.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
}

const ABSENT: &[&str] = &["NoSuchResponseHeadersPolicy"];
const TAKEN: &[&str] = &["ResponseHeadersPolicyAlreadyExists"];
/// A distribution that dropped it a moment ago still counts as its user.
const BUSY: &[&str] = &["ResponseHeadersPolicyInUse", "InvalidIfMatchVersion", "PreconditionFailed"];

/// The parts, of which a policy has one at least.
const PARTS: [&str; 5] = [
    "cors_config",
    "custom_headers_config",
    "remove_headers_config",
    "security_headers_config",
    "server_timing_headers_config",
];

#[async_trait]
impl Kind for ResponseHeadersPolicy {
    const NAME: &'static str = "aws_cloudfront_response_headers_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let problems = [
            headers::problems(configuration),
            security_headers::problems(configuration.get("security_headers_config")),
        ]
        .concat();
        let is_empty = PARTS.iter().all(|part| configuration.get(part).is_null());
        if !is_empty {
            return problems;
        }
        vec![
            Problem::new("name", "this policy neither adds headers nor takes any away")
                .with_hint(format!("set one of {}", PARTS.map(|part| format!("`{part}`")).join(", "))),
        ]
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        Self::fetch(reader, id, &prior.arn).await
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let policies = list(reader, Some(ResponseHeadersPolicyType::Custom)).await?;
        Ok(policies.iter().find(|(_, name)| *name == self.name).map(|(id, _)| id.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        holders::of_behaviors(reader, |used| used.response_headers_policy == Some(id)).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let config = self.config()?;
        let create = async {
            let request = writer.cloudfront().create_response_headers_policy();
            let answer = request.response_headers_policy_config(config).send().await.or_fail()?;
            let policy = answer.response_headers_policy();
            policy.map(|policy| policy.id().to_owned()).ok_or_else(|| cloudfront::lacking("the id"))
        };
        create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(STALE, || async {
            let current = writer.cloudfront().get_response_headers_policy().id(id).send().await.or_fail()?;
            writer
                .cloudfront()
                .update_response_headers_policy()
                .id(id)
                .set_if_match(current.e_tag)
                .response_headers_policy_config(self.config()?)
                .send()
                .await
                .or_fail()?;
            Ok(())
        })
        .await
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let cloudfront = writer.cloudfront();
        let current = || async {
            let current = cloudfront.get_response_headers_policy().id(id).send().await.unless(ABSENT)?;
            Ok(current.map(|current| current.e_tag))
        };
        let delete = |version| async move {
            let delete = cloudfront.delete_response_headers_policy().id(id).set_if_match(version);
            delete.send().await.unless(ABSENT).map(drop)
        };
        cloudfront::delete(&prior.etag, BUSY, current, delete).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let this = arn::cloudfront("response-headers-policy", of.id_or_any());
        of.needs()
            .find("*", &["cloudfront:ListResponseHeadersPolicies"])
            .create(
                "*",
                &["cloudfront:ListResponseHeadersPolicies", "cloudfront:CreateResponseHeadersPolicy"],
            )
            .read(&this, &["cloudfront:GetResponseHeadersPolicy"])
            .update(&this, &["cloudfront:GetResponseHeadersPolicy", "cloudfront:UpdateResponseHeadersPolicy"])
            .delete(&this, &["cloudfront:GetResponseHeadersPolicy", "cloudfront:DeleteResponseHeadersPolicy"])
            .done()
    }
}

impl ResponseHeadersPolicy {
    async fn fetch(reader: &Reader, id: &str, arn: &Computed<String>) -> Result<Option<Self>, KindError> {
        let answer = reader.cloudfront().get_response_headers_policy().id(id).send().await.unless(ABSENT)?;
        let Some(answer) = answer else { return Ok(None) };
        let config = answer
            .response_headers_policy()
            .and_then(|policy| policy.response_headers_policy_config())
            .ok_or_else(|| cloudfront::lacking("the response headers policy"))?;
        Ok(Some(Self {
            name: config.name().to_owned(),
            comment: config.comment().unwrap_or_default().to_owned(),
            cors_config: config.cors_config().map(Cors::from_sdk),
            custom_headers_config: config.custom_headers_config().and_then(CustomHeaders::from_sdk),
            remove_headers_config: config.remove_headers_config().and_then(RemoveHeaders::from_sdk),
            security_headers_config: config.security_headers_config().and_then(SecurityHeaders::from_sdk),
            server_timing_headers_config: config.server_timing_headers_config().map(ServerTiming::from_sdk),
            arn: cloudfront::arn(reader, arn, &format!("response-headers-policy/{id}")).await?,
            etag: answer.e_tag.into(),
        }))
    }

    fn config(&self) -> Result<ResponseHeadersPolicyConfig, KindError> {
        ResponseHeadersPolicyConfig::builder()
            .name(&self.name)
            .comment(&self.comment)
            .set_cors_config(self.cors_config.as_ref().map(Cors::to_sdk).transpose()?)
            .set_custom_headers_config(
                self.custom_headers_config.as_ref().map(CustomHeaders::to_sdk).transpose()?,
            )
            .set_remove_headers_config(
                self.remove_headers_config.as_ref().map(RemoveHeaders::to_sdk).transpose()?,
            )
            .set_security_headers_config(
                self.security_headers_config.as_ref().map(SecurityHeaders::to_sdk).transpose()?,
            )
            .set_server_timing_headers_config(
                self.server_timing_headers_config.as_ref().map(ServerTiming::to_sdk).transpose()?,
            )
            .build()
            .map_err(malformed)
    }
}

/// The ids and names of the policies of a type, or of all: the account's own and AWS's managed ones.
async fn list(
    reader: &Reader,
    kind: Option<ResponseHeadersPolicyType>,
) -> Result<Vec<(String, String)>, KindError> {
    let mut policies = Vec::new();
    let mut marker = None;
    loop {
        let request = reader.cloudfront().list_response_headers_policies();
        let page = request.set_type(kind.clone()).set_marker(marker.take()).send().await.or_fail()?;
        let list = page
            .response_headers_policy_list
            .ok_or_else(|| cloudfront::lacking("the response headers policies"))?;
        let listed = list.items().iter().filter_map(ResponseHeadersPolicySummary::response_headers_policy);
        policies.extend(listed.filter_map(|policy| {
            let config = policy.response_headers_policy_config()?;
            Some((policy.id().to_owned(), config.name().to_owned()))
        }));
        marker = cloudfront::set(list.next_marker());
        if marker.is_none() {
            return Ok(policies);
        }
    }
}
