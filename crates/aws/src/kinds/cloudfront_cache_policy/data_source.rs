//! `data.aws_cloudfront_cache_policy`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::permission::Permission;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use super::{CachePolicy, list};
use crate::clients::Reader;
use crate::cloudfront::lookup;
use crate::cloudfront::managed::{self, CACHE_POLICIES};

const WHAT: &str = "cache policy";

/// A cache policy that is there already: one of AWS's own, such as `Managed-CachingOptimized`, or one of the
/// account. From the CloudFront API (`GetCachePolicy`, `ListCachePolicies`).
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CachePolicyData {
    /// Its id: this or `name` selects it.
    #[schemars(length(min = 1), extend("computed" = true))]
    id: Option<String>,
    /// Its name: this or `id` selects it.
    #[schemars(length(min = 1), extend("computed" = true))]
    name: Option<String>,
    /// What it is for.
    #[serde(default)]
    comment: Computed<String>,
    /// Seconds that an object is kept for which the origin does not say how long.
    #[serde(default)]
    default_ttl: Computed<i64>,
    /// Seconds after which CloudFront asks the origin anew, however long the origin says.
    #[serde(default)]
    max_ttl: Computed<i64>,
    /// Seconds that an object is kept at least, whatever the origin says.
    #[serde(default)]
    min_ttl: Computed<i64>,
    /// The parts of a request by which cached objects differ, and which go on to the origin.
    #[serde(default)]
    parameters_in_cache_key_and_forwarded_to_origin: Computed<Parameters>,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Version of the configuration.
    #[serde(default)]
    etag: Computed<String>,
}

#[async_trait]
impl Data for CachePolicyData {
    const NAME: &'static str = "aws_cloudfront_cache_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        ("id", Returned::Known(|policy| managed::id(CACHE_POLICIES, policy))),
        ("name", Returned::Known(|policy| managed::name(CACHE_POLICIES, policy))),
    ]));
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;

    fn validate(configuration: &Value) -> Vec<Problem> {
        lookup::problems(configuration, WHAT, "Managed-CachingOptimized")
    }

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let id = match (&self.id, &self.name) {
            (Some(id), _) => id.clone(),
            (None, Some(name)) => lookup::named(&list(reader, None).await?, name, WHAT)?,
            (None, None) => return Err(lookup::unselected()),
        };
        let policy = CachePolicy::fetch(reader, &id, &Computed::default())
            .await?
            .ok_or_else(|| lookup::unknown_id(WHAT, &id))?;
        Ok(Self {
            id: Some(id),
            name: Some(policy.name),
            comment: policy.comment.into(),
            default_ttl: policy.default_ttl.into(),
            max_ttl: policy.max_ttl.into(),
            min_ttl: policy.min_ttl.into(),
            parameters_in_cache_key_and_forwarded_to_origin: policy
                .parameters_in_cache_key_and_forwarded_to_origin
                .into(),
            arn: policy.arn,
            etag: policy.etag,
        })
    }

    fn permissions(configuration: &Value) -> Vec<Permission> {
        lookup::permissions(configuration, "cache-policy", "CachePolicy", "CachePolicies")
    }
}
