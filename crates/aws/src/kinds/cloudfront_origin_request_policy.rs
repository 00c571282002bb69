//! `aws_cloudfront_origin_request_policy`: the resource, and the data source of the same name.

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{
    OriginRequestPolicyConfig, OriginRequestPolicySummary, OriginRequestPolicyType,
};
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Departure, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, create_named, eventually, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront::{self, STALE, holders, names};
use crate::permissions::arn;

mod data_source;
mod forwarded;

pub use data_source::OriginRequestPolicyData;
use forwarded::{Cookies, HeadersConfig, QueryStrings};

/// What of a request goes on to the origin, beyond what is part of the cache key. From the CloudFront API
/// (`CreateOriginRequestPolicy`); its id is made by CloudFront and is a UUID.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct OriginRequestPolicy {
    /// Name, unique in the account.
    #[schemars(length(min = 1))]
    name: String,
    /// What it is for.
    #[schemars(length(max = 128))]
    #[serde(default)]
    comment: String,
    /// Which cookies go on.
    cookies_config: Cookies,
    /// Which headers go on.
    headers_config: HeadersConfig,
    /// Which parameters of the query string go on.
    query_strings_config: QueryStrings,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Version of the configuration.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
}

const ABSENT: &[&str] = &["NoSuchOriginRequestPolicy"];
const TAKEN: &[&str] = &["OriginRequestPolicyAlreadyExists"];
/// A distribution that dropped it a moment ago still counts as its user.
const BUSY: &[&str] = &["OriginRequestPolicyInUse", "InvalidIfMatchVersion", "PreconditionFailed"];

#[async_trait]
impl Kind for OriginRequestPolicy {
    const NAME: &'static str = "aws_cloudfront_origin_request_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudFront::OriginRequestPolicy", |policy| {
            policy.rest("OriginRequestPolicyConfig", |config| {
                config.same(&["name"]);
                config.unless("comment", "Comment", "");
                names::choices(config);
            });
        })
        .with(&[
            ("id", Returned::Ref),
            (
                "arn",
                Returned::Sub(
                    "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:origin-request-policy/${Ref}",
                ),
            ),
        ]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        forwarded::problems(configuration)
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        Self::fetch(reader, id, &prior.arn).await
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let policies = list(reader, Some(OriginRequestPolicyType::Custom)).await?;
        Ok(policies.iter().find(|(_, name)| *name == self.name).map(|(id, _)| id.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        holders::of_behaviors(reader, |used| used.origin_request_policy == Some(id)).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let config = self.config()?;
        let create = async {
            let request = writer.cloudfront().create_origin_request_policy();
            let answer = request.origin_request_policy_config(config).send().await.or_fail()?;
            let policy = answer.origin_request_policy();
            policy.map(|policy| policy.id().to_owned()).ok_or_else(|| cloudfront::lacking("the id"))
        };
        create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(STALE, || async {
            let current = writer.cloudfront().get_origin_request_policy().id(id).send().await.or_fail()?;
            writer
                .cloudfront()
                .update_origin_request_policy()
                .id(id)
                .set_if_match(current.e_tag)
                .origin_request_policy_config(self.config()?)
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
            let current = cloudfront.get_origin_request_policy().id(id).send().await.unless(ABSENT)?;
            Ok(current.map(|current| current.e_tag))
        };
        let delete = |version| async move {
            let delete = cloudfront.delete_origin_request_policy().id(id).set_if_match(version);
            delete.send().await.unless(ABSENT).map(drop)
        };
        cloudfront::delete(&prior.etag, BUSY, current, delete).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let this = arn::cloudfront("origin-request-policy", of.id_or_any());
        of.needs()
            .find("*", &["cloudfront:ListOriginRequestPolicies"])
            .create("*", &["cloudfront:ListOriginRequestPolicies", "cloudfront:CreateOriginRequestPolicy"])
            .read(&this, &["cloudfront:GetOriginRequestPolicy"])
            .update(&this, &["cloudfront:GetOriginRequestPolicy", "cloudfront:UpdateOriginRequestPolicy"])
            .delete(&this, &["cloudfront:GetOriginRequestPolicy", "cloudfront:DeleteOriginRequestPolicy"])
            .done()
    }
}

impl OriginRequestPolicy {
    async fn fetch(reader: &Reader, id: &str, arn: &Computed<String>) -> Result<Option<Self>, KindError> {
        let answer = reader.cloudfront().get_origin_request_policy().id(id).send().await.unless(ABSENT)?;
        let Some(answer) = answer else { return Ok(None) };
        let config = answer
            .origin_request_policy()
            .and_then(|policy| policy.origin_request_policy_config())
            .ok_or_else(|| cloudfront::lacking("the origin request policy"))?;
        Ok(Some(Self {
            name: config.name().to_owned(),
            comment: config.comment().unwrap_or_default().to_owned(),
            cookies_config: Cookies::from_sdk(config.cookies_config()),
            headers_config: HeadersConfig::from_sdk(config.headers_config()),
            query_strings_config: QueryStrings::from_sdk(config.query_strings_config()),
            arn: cloudfront::arn(reader, arn, &format!("origin-request-policy/{id}")).await?,
            etag: answer.e_tag.into(),
        }))
    }

    fn config(&self) -> Result<OriginRequestPolicyConfig, KindError> {
        OriginRequestPolicyConfig::builder()
            .name(&self.name)
            .comment(&self.comment)
            .cookies_config(self.cookies_config.to_sdk()?)
            .headers_config(self.headers_config.to_sdk()?)
            .query_strings_config(self.query_strings_config.to_sdk()?)
            .build()
            .map_err(malformed)
    }
}

/// The ids and names of the policies of a type, or of all: the account's own and AWS's managed ones.
async fn list(
    reader: &Reader,
    kind: Option<OriginRequestPolicyType>,
) -> Result<Vec<(String, String)>, KindError> {
    let mut policies = Vec::new();
    let mut marker = None;
    loop {
        let request = reader.cloudfront().list_origin_request_policies();
        let page = request.set_type(kind.clone()).set_marker(marker.take()).send().await.or_fail()?;
        let list = page
            .origin_request_policy_list
            .ok_or_else(|| cloudfront::lacking("the origin request policies"))?;
        let listed = list.items().iter().filter_map(OriginRequestPolicySummary::origin_request_policy);
        policies.extend(listed.filter_map(|policy| {
            let config = policy.origin_request_policy_config()?;
            Some((policy.id().to_owned(), config.name().to_owned()))
        }));
        marker = cloudfront::set(list.next_marker());
        if marker.is_none() {
            return Ok(policies);
        }
    }
}
