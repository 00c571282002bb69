//! `data.aws_cloudfront_cache_policy`.

use async_trait::async_trait;
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::schema::Problem;
use provision_engine::spelling;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use super::{CachePolicy, list};
use crate::clients::Reader;

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
    type Reader = Reader;

    fn validate(configuration: &Value) -> Vec<Problem> {
        match (configuration.get("id"), configuration.get("name")) {
            (Value::Null, Value::Null) => vec![
                Problem::new("name", "neither `name` nor `id` says which cache policy is meant")
                    .with_hint("set one of them, such as `name = \"Managed-CachingOptimized\"`"),
            ],
            (Value::String(_), Value::String(_)) => {
                vec![Problem::new("id", "`id` and `name` exclude each other").with_hint("keep one of them")]
            }
            _ => Vec::new(),
        }
    }

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let id = match (&self.id, &self.name) {
            (Some(id), _) => id.clone(),
            (None, Some(name)) => identify(reader, name).await?,
            (None, None) => return Err(KindError::new("neither `name` nor `id` is known")),
        };
        let policy = CachePolicy::fetch(reader, &id, &Computed::default()).await?.ok_or_else(|| {
            KindError::new(format!("there is no cache policy with the id {id}"))
                .with_hint("select it by its name")
        })?;
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
}

async fn identify(reader: &Reader, name: &str) -> Result<String, KindError> {
    let policies = list(reader, None).await?;
    if let Some((id, _)) = policies.iter().find(|(_, listed)| listed == name) {
        return Ok(id.clone());
    }
    let names = || policies.iter().map(|(_, name)| name.as_str());
    // AWS's documentation writes CachingOptimized for what the API calls Managed-CachingOptimized.
    let managed = format!("Managed-{name}");
    let hint = match spelling::nearest(name, names()).or_else(|| spelling::nearest(&managed, names())) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(KindError::new(format!("there is no cache policy named \"{name}\"")).with_hint(hint))
}
