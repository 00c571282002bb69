//! What goes on to the origin, the older way: `forwarded_values`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// What is part of the cache key and goes on to the origin: the older way, in place of a cache policy.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ForwardedValues {
    /// Whether the query string is.
    query_string: bool,
    /// The parameters of the query string that are part of the cache key, when not all are.
    #[schemars(inner(length(min = 1)))]
    #[serde(default)]
    query_string_cache_keys: BTreeSet<String>,
    /// The headers that are; `*` for all.
    #[schemars(inner(length(min = 1)))]
    #[serde(default)]
    headers: BTreeSet<String>,
    /// The cookies that are.
    cookies: CookiePreference,
}

/// Which cookies go on to the origin.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct CookiePreference {
    /// None, those listed, or all.
    #[schemars(extend("enum" = ["none", "whitelist", "all"]))]
    forward: String,
    /// The list, for `whitelist`.
    #[schemars(inner(length(min = 1)))]
    #[serde(default)]
    whitelisted_names: BTreeSet<String>,
}

impl ForwardedValues {
    pub(super) fn from_sdk(values: &sdk::ForwardedValues) -> Self {
        let named = |names: &[String]| names.iter().cloned().collect();
        let keys = values.query_string_cache_keys().map(|keys| keys.items());
        let headers = values.headers().map(|headers| headers.items());
        let cookies = values.cookies();
        let names = cookies.and_then(|cookies| cookies.whitelisted_names()).map(|names| names.items());
        Self {
            query_string: values.query_string(),
            query_string_cache_keys: named(keys.unwrap_or_default()),
            headers: named(headers.unwrap_or_default()),
            cookies: CookiePreference {
                forward: cookies.map_or("none", |cookies| cookies.forward().as_str()).to_owned(),
                whitelisted_names: named(names.unwrap_or_default()),
            },
        }
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::ForwardedValues, KindError> {
        let items = |names: &BTreeSet<String>| (!names.is_empty()).then(|| names.iter().cloned().collect());
        let keys = sdk::QueryStringCacheKeys::builder()
            .quantity(self.query_string_cache_keys.len() as i32)
            .set_items(items(&self.query_string_cache_keys))
            .build()
            .map_err(malformed)?;
        let headers = sdk::Headers::builder()
            .quantity(self.headers.len() as i32)
            .set_items(items(&self.headers))
            .build()
            .map_err(malformed)?;
        let names = &self.cookies.whitelisted_names;
        let names = (!names.is_empty())
            .then(|| sdk::CookieNames::builder().quantity(names.len() as i32).set_items(items(names)).build())
            .transpose()
            .map_err(malformed)?;
        let cookies = sdk::CookiePreference::builder()
            .forward(self.cookies.forward.as_str().into())
            .set_whitelisted_names(names)
            .build()
            .map_err(malformed)?;
        sdk::ForwardedValues::builder()
            .query_string(self.query_string)
            .query_string_cache_keys(keys)
            .headers(headers)
            .cookies(cookies)
            .build()
            .map_err(malformed)
    }
}

/// What is wrong with configured values.
pub(super) fn problems(values: &Value, path: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    let cookies = values.get("cookies");
    let names = cookies.get("whitelisted_names");
    match cookies.get("forward").as_str() {
        Some("whitelist") if names.is_empty() => problems.push(
            Problem::new(path.key("cookies"), "`forward` is whitelist, and no cookies are listed")
                .with_hint("list them in `whitelisted_names`"),
        ),
        Some(forward @ ("none" | "all")) if !names.items().is_empty() => problems.push(
            Problem::new(
                path.key("cookies").key("whitelisted_names"),
                format!("`forward` is {forward}, so no cookies can be listed"),
            )
            .with_hint("set `forward = \"whitelist\"`, or remove the list"),
        ),
        _ => {}
    }
    if values.get("query_string").as_bool() == Some(false)
        && !values.get("query_string_cache_keys").items().is_empty()
    {
        problems.push(
            Problem::new(
                path.key("query_string_cache_keys"),
                "the query string is not part of the cache key, so none of its parameters can be",
            )
            .with_hint("set `query_string = true`, or remove the list"),
        );
    }
    problems
}
