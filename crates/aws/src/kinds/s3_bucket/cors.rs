//! Which websites' scripts can use the bucket.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::in_turn;
use crate::call::{Outcome, malformed};

/// What scripts of some websites can do. The first rule that fits a request counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CorsRule {
    /// Name of the rule.
    #[schemars(length(min = 1, max = 255))]
    id: Option<String>,
    /// Headers that a request can have; `*` stands for any characters.
    #[serde(default)]
    allowed_headers: BTreeSet<String>,
    /// Methods that a request can use.
    #[schemars(length(min = 1), extend("items" = { "type": "string", "enum": ["GET", "PUT", "HEAD", "POST", "DELETE"] }))]
    allowed_methods: BTreeSet<String>,
    /// Websites that a request can come from, such as `https://example.com`, each with at most one `*`.
    #[schemars(length(min = 1))]
    allowed_origins: BTreeSet<String>,
    /// Headers of the answer that a script can see.
    #[serde(default)]
    expose_headers: BTreeSet<String>,
    /// Seconds for which a browser can remember the answer to a preflight request.
    #[schemars(range(min = 0))]
    max_age_seconds: Option<i32>,
}

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, rule) in configuration.get("cors_rule").items().iter().enumerate() {
        for name in ["allowed_origins", "allowed_headers"] {
            for item in rule.get(name).items().iter().filter_map(Value::as_str) {
                if item.matches('*').count() > 1 {
                    let path = Path::from("cors_rule").index(index).key(name);
                    problems.push(Problem::new(path, format!("\"{item}\" has more than one `*`")));
                }
            }
        }
    }
    problems
}

pub(super) async fn read(s3: &Client, bucket: &str) -> Result<Vec<CorsRule>, KindError> {
    let answer = s3
        .get_bucket_cors()
        .bucket(bucket)
        .send()
        .await
        .unless(&["NoSuchCORSConfiguration", "NoSuchBucket"])?;
    let rules = answer.and_then(|answer| answer.cors_rules).unwrap_or_default();
    let set = |items: Option<Vec<String>>| items.unwrap_or_default().into_iter().collect();
    Ok(rules
        .into_iter()
        .map(|rule| CorsRule {
            id: rule.id,
            allowed_headers: set(rule.allowed_headers),
            allowed_methods: set(Some(rule.allowed_methods)),
            allowed_origins: set(Some(rule.allowed_origins)),
            expose_headers: set(rule.expose_headers),
            max_age_seconds: rule.max_age_seconds,
        })
        .collect())
}

impl CorsRule {
    fn to_aws(&self) -> Result<types::CorsRule, KindError> {
        let list = |items: &BTreeSet<String>| (!items.is_empty()).then(|| items.iter().cloned().collect());
        types::CorsRule::builder()
            .set_id(self.id.clone())
            .set_allowed_headers(list(&self.allowed_headers))
            .set_allowed_methods(list(&self.allowed_methods))
            .set_allowed_origins(list(&self.allowed_origins))
            .set_expose_headers(list(&self.expose_headers))
            .set_max_age_seconds(self.max_age_seconds)
            .build()
            .map_err(malformed)
    }

    pub(super) async fn update(
        desired: &[Self],
        s3: &Client,
        bucket: &str,
        prior: &[Self],
    ) -> Result<(), KindError> {
        if desired == prior {
            return Ok(());
        }
        if desired.is_empty() {
            in_turn(|| async { s3.delete_bucket_cors().bucket(bucket).send().await.or_fail() }).await?;
            return Ok(());
        }
        let rules = desired.iter().map(Self::to_aws).collect::<Result<_, _>>()?;
        let configuration =
            types::CorsConfiguration::builder().set_cors_rules(Some(rules)).build().map_err(malformed)?;
        in_turn(|| async {
            s3.put_bucket_cors()
                .bucket(bucket)
                .cors_configuration(configuration.clone())
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }
}
