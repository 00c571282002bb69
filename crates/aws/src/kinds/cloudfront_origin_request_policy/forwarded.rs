//! The parts of a request that go on to the origin.

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;
use crate::cloudfront::names::{self, Names, Place};

/// Which cookies go on to the origin.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Cookies {
    /// None, those listed, all but those listed, or all.
    #[schemars(extend("enum" = ["none", "whitelist", "allExcept", "all"]))]
    cookie_behavior: String,
    /// The list, for `whitelist` and `allExcept`.
    cookies: Option<Names>,
}

/// Which headers go on to the origin.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct HeadersConfig {
    /// None, those listed, all that the viewer sent, all that it sent and those listed of CloudFront's own, or all that
    /// it sent but those listed.
    #[schemars(extend("enum" = ["none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront", "allExcept"]))]
    #[serde(default = "none")]
    header_behavior: String,
    /// The list, for `whitelist`, `allViewerAndWhitelistCloudFront` and `allExcept`.
    headers: Option<Names>,
}

/// Which parameters of the query string go on to the origin.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct QueryStrings {
    /// None, those listed, all but those listed, or all.
    #[schemars(extend("enum" = ["none", "whitelist", "allExcept", "all"]))]
    query_string_behavior: String,
    /// The list, for `whitelist` and `allExcept`.
    query_strings: Option<Names>,
}

fn none() -> String {
    "none".to_owned()
}

impl Cookies {
    pub(super) fn from_sdk(config: Option<&sdk::OriginRequestPolicyCookiesConfig>) -> Self {
        Self {
            cookie_behavior: config.map_or_else(none, |it| it.cookie_behavior().as_str().to_owned()),
            cookies: config.and_then(|it| it.cookies()).and_then(|it| Names::from_sdk(it.items())),
        }
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::OriginRequestPolicyCookiesConfig, KindError> {
        sdk::OriginRequestPolicyCookiesConfig::builder()
            .cookie_behavior(self.cookie_behavior.as_str().into())
            .set_cookies(names::cookies(self.cookies.as_ref())?)
            .build()
            .map_err(malformed)
    }
}

impl HeadersConfig {
    pub(super) fn from_sdk(config: Option<&sdk::OriginRequestPolicyHeadersConfig>) -> Self {
        Self {
            header_behavior: config.map_or_else(none, |it| it.header_behavior().as_str().to_owned()),
            headers: config.and_then(|it| it.headers()).and_then(|it| Names::from_sdk(it.items())),
        }
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::OriginRequestPolicyHeadersConfig, KindError> {
        sdk::OriginRequestPolicyHeadersConfig::builder()
            .header_behavior(self.header_behavior.as_str().into())
            .set_headers(names::headers(self.headers.as_ref())?)
            .build()
            .map_err(malformed)
    }
}

impl QueryStrings {
    pub(super) fn from_sdk(config: Option<&sdk::OriginRequestPolicyQueryStringsConfig>) -> Self {
        Self {
            query_string_behavior: config
                .map_or_else(none, |it| it.query_string_behavior().as_str().to_owned()),
            query_strings: config
                .and_then(|it| it.query_strings())
                .and_then(|it| Names::from_sdk(it.items())),
        }
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::OriginRequestPolicyQueryStringsConfig, KindError> {
        sdk::OriginRequestPolicyQueryStringsConfig::builder()
            .query_string_behavior(self.query_string_behavior.as_str().into())
            .set_query_strings(names::query_strings(self.query_strings.as_ref())?)
            .build()
            .map_err(malformed)
    }
}

/// What is wrong with a policy.
pub(super) fn problems(policy: &Value) -> Vec<Problem> {
    const SOME: &[&str] = &["whitelist", "allExcept"];
    const CLOUDFRONT: &str = "allViewerAndWhitelistCloudFront";
    let blocks = [
        ("cookies_config", Place { behavior: "cookie_behavior", listing: SOME, list: "cookies" }),
        (
            "headers_config",
            Place {
                behavior: "header_behavior",
                listing: &["whitelist", "allExcept", CLOUDFRONT],
                list: "headers",
            },
        ),
        (
            "query_strings_config",
            Place { behavior: "query_string_behavior", listing: SOME, list: "query_strings" },
        ),
    ];
    let mut problems = Vec::new();
    for (block, place) in blocks {
        problems.extend(names::problems(policy.get(block), &Path::from(block), &place));
    }
    let headers = policy.get("headers_config");
    let behavior = headers.get("header_behavior").as_str().unwrap_or_default();
    for header in headers.get("headers").get("items").items().iter().filter_map(Value::as_str) {
        let name = header.to_ascii_lowercase();
        let path = Path::from("headers_config.headers.items");
        if behavior == CLOUDFRONT && !name.starts_with("cloudfront-") {
            problems.push(
                Problem::new(path, format!("{header} is no header that CloudFront adds"))
                    .with_hint("all that the viewer sent go on anyway: list none but `CloudFront-…`"),
            );
        } else if behavior == "whitelist" && ["authorization", "accept-encoding"].contains(&name.as_str()) {
            problems.push(
                Problem::new(path, format!("CloudFront does not pass {header} on by such a list")).with_hint(
                    "make it part of the cache key, in an aws_cloudfront_cache_policy, or set `header_behavior = \
                     \"allViewer\"`",
                ),
            );
        }
    }
    problems
}
