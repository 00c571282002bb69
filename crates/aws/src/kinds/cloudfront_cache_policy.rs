//! `aws_cloudfront_cache_policy`: the resource, and the data source of the same name.

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{CachePolicyConfig, CachePolicySummary, CachePolicyType};
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
mod parameters;

pub use data_source::CachePolicyData;
use parameters::Parameters;

/// What a cache behavior makes part of the cache key, and how long it keeps objects. From the CloudFront API
/// (`CreateCachePolicy`); its id is made by CloudFront and is a UUID.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CachePolicy {
    /// Name, unique in the account.
    #[schemars(length(min = 1))]
    name: String,
    /// What it is for.
    #[schemars(length(max = 128))]
    #[serde(default)]
    comment: String,
    /// Seconds that an object is kept for which the origin does not say how long.
    #[schemars(range(min = 0))]
    #[serde(default = "one_day")]
    default_ttl: i64,
    /// Seconds after which CloudFront asks the origin anew, however long the origin says. 0 turns caching off.
    #[schemars(range(min = 0))]
    #[serde(default = "one_year")]
    max_ttl: i64,
    /// Seconds that an object is kept at least, whatever the origin says.
    #[schemars(range(min = 0))]
    #[serde(default)]
    min_ttl: i64,
    /// The parts of a request by which cached objects differ, and which go on to the origin.
    parameters_in_cache_key_and_forwarded_to_origin: Parameters,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Version of the configuration.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
}

fn one_day() -> i64 {
    86_400
}

fn one_year() -> i64 {
    31_536_000
}

const ABSENT: &[&str] = &["NoSuchCachePolicy"];
const TAKEN: &[&str] = &["CachePolicyAlreadyExists"];
/// A distribution that dropped it a moment ago still counts as its user.
const BUSY: &[&str] = &["CachePolicyInUse", "InvalidIfMatchVersion", "PreconditionFailed"];

const PARAMETERS: &str = "parameters_in_cache_key_and_forwarded_to_origin";

#[async_trait]
impl Kind for CachePolicy {
    const NAME: &'static str = "aws_cloudfront_cache_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudFront::CachePolicy", |policy| {
            policy.rest("CachePolicyConfig", |config| {
                config.same(&["name"]);
                config.unless("comment", "Comment", "");
                config.rename("default_ttl", "DefaultTTL");
                config.rename("max_ttl", "MaxTTL");
                config.rename("min_ttl", "MinTTL");
                config.block(PARAMETERS, "ParametersInCacheKeyAndForwardedToOrigin", |parameters| {
                    names::choices(parameters);
                    parameters.same(&["enable_accept_encoding_brotli", "enable_accept_encoding_gzip"]);
                });
            });
        })
        .with(&[
            ("id", Returned::Ref),
            ("arn", Returned::Sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:cache-policy/${Ref}")),
        ]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let seconds = |name: &str| configuration.get(name).as_i64();
        let mut problems = Vec::new();
        for (lesser, greater) in
            [("min_ttl", "default_ttl"), ("default_ttl", "max_ttl"), ("min_ttl", "max_ttl")]
        {
            if let (Some(least), Some(most)) = (seconds(lesser), seconds(greater))
                && least > most
                && problems.is_empty()
            {
                problems.push(
                    Problem::new(
                        lesser,
                        format!("`{lesser}` ({least}) is greater than `{greater}` ({most})"),
                    )
                    .with_hint("`min_ttl` ≤ `default_ttl` ≤ `max_ttl`"),
                );
            }
        }
        let cached = seconds("max_ttl") != Some(0);
        problems.extend(parameters::problems(configuration.get(PARAMETERS), PARAMETERS, cached));
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        Self::fetch(reader, id, &prior.arn).await
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let policies = list(reader, Some(CachePolicyType::Custom)).await?;
        Ok(policies.iter().find(|(_, name)| *name == self.name).map(|(id, _)| id.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        holders::of_behaviors(reader, |used| used.cache_policy == Some(id)).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let config = self.config()?;
        let create = async {
            let answer = writer
                .cloudfront()
                .create_cache_policy()
                .cache_policy_config(config)
                .send()
                .await
                .or_fail()?;
            let policy = answer.cache_policy();
            policy.map(|policy| policy.id().to_owned()).ok_or_else(|| cloudfront::lacking("the id"))
        };
        create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(STALE, || async {
            let current = writer.cloudfront().get_cache_policy().id(id).send().await.or_fail()?;
            writer
                .cloudfront()
                .update_cache_policy()
                .id(id)
                .set_if_match(current.e_tag)
                .cache_policy_config(self.config()?)
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
            let current = cloudfront.get_cache_policy().id(id).send().await.unless(ABSENT)?;
            Ok(current.map(|current| current.e_tag))
        };
        let delete = |version| async move {
            let delete = cloudfront.delete_cache_policy().id(id).set_if_match(version);
            delete.send().await.unless(ABSENT).map(drop)
        };
        cloudfront::delete(&prior.etag, BUSY, current, delete).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let this = arn::cloudfront("cache-policy", of.id_or_any());
        of.needs()
            .find("*", &["cloudfront:ListCachePolicies"])
            .create("*", &["cloudfront:ListCachePolicies", "cloudfront:CreateCachePolicy"])
            .read(&this, &["cloudfront:GetCachePolicy"])
            .update(&this, &["cloudfront:GetCachePolicy", "cloudfront:UpdateCachePolicy"])
            .delete(&this, &["cloudfront:GetCachePolicy", "cloudfront:DeleteCachePolicy"])
            .done()
    }
}

impl CachePolicy {
    async fn fetch(reader: &Reader, id: &str, arn: &Computed<String>) -> Result<Option<Self>, KindError> {
        let answer = reader.cloudfront().get_cache_policy().id(id).send().await.unless(ABSENT)?;
        let Some(answer) = answer else { return Ok(None) };
        let config = answer
            .cache_policy()
            .and_then(|policy| policy.cache_policy_config())
            .ok_or_else(|| cloudfront::lacking("the cache policy"))?;
        let parameters = config
            .parameters_in_cache_key_and_forwarded_to_origin()
            .ok_or_else(|| cloudfront::lacking("the parameters of the cache policy"))?;
        Ok(Some(Self {
            name: config.name().to_owned(),
            comment: config.comment().unwrap_or_default().to_owned(),
            default_ttl: config.default_ttl().unwrap_or_else(one_day),
            max_ttl: config.max_ttl().unwrap_or_else(one_year),
            min_ttl: config.min_ttl(),
            parameters_in_cache_key_and_forwarded_to_origin: Parameters::from_sdk(parameters),
            arn: cloudfront::arn(reader, arn, &format!("cache-policy/{id}")).await?,
            etag: answer.e_tag.into(),
        }))
    }

    fn config(&self) -> Result<CachePolicyConfig, KindError> {
        CachePolicyConfig::builder()
            .name(&self.name)
            .comment(&self.comment)
            .default_ttl(self.default_ttl)
            .max_ttl(self.max_ttl)
            .min_ttl(self.min_ttl)
            .parameters_in_cache_key_and_forwarded_to_origin(
                self.parameters_in_cache_key_and_forwarded_to_origin.to_sdk()?,
            )
            .build()
            .map_err(malformed)
    }
}

/// The ids and names of the cache policies of a type, or of all: the account's own and AWS's managed ones.
async fn list(reader: &Reader, kind: Option<CachePolicyType>) -> Result<Vec<(String, String)>, KindError> {
    let mut policies = Vec::new();
    let mut marker = None;
    loop {
        let page = reader
            .cloudfront()
            .list_cache_policies()
            .set_type(kind.clone())
            .set_marker(marker.take())
            .send()
            .await
            .or_fail()?;
        let list = page.cache_policy_list.ok_or_else(|| cloudfront::lacking("the cache policies"))?;
        policies.extend(list.items().iter().filter_map(CachePolicySummary::cache_policy).filter_map(
            |policy| Some((policy.id().to_owned(), policy.cache_policy_config()?.name().to_owned())),
        ));
        marker = cloudfront::set(list.next_marker());
        if marker.is_none() {
            return Ok(policies);
        }
    }
}
