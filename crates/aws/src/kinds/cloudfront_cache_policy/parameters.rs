//! The parts of a request that are part of the cache key.

use aws_sdk_cloudfront::types::{
    CachePolicyCookiesConfig, CachePolicyHeadersConfig, CachePolicyQueryStringsConfig,
    ParametersInCacheKeyAndForwardedToOrigin,
};
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;
use crate::cloudfront::names::{self, Names, Place};

/// The parts of a request by which cached objects differ, and which go on to the origin.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Parameters {
    /// Which cookies are part of it.
    cookies_config: Cookies,
    /// Which headers are part of it.
    headers_config: HeadersConfig,
    /// Which parameters of the query string are part of it.
    query_strings_config: QueryStrings,
    /// Whether objects compressed with Brotli are kept apart from plain ones. CloudFront compresses by itself
    /// what the behavior's `compress` allows.
    #[serde(default)]
    enable_accept_encoding_brotli: bool,
    /// The same for gzip.
    #[serde(default)]
    enable_accept_encoding_gzip: bool,
}

/// Which cookies are part of the cache key.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Cookies {
    /// None, those listed, all but those listed, or all.
    #[schemars(extend("enum" = ["none", "whitelist", "allExcept", "all"]))]
    cookie_behavior: String,
    /// The list, for `whitelist` and `allExcept`.
    cookies: Option<Names>,
}

/// Which headers are part of the cache key.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct HeadersConfig {
    /// None, or those listed.
    #[schemars(extend("enum" = ["none", "whitelist"]))]
    #[serde(default = "none")]
    header_behavior: String,
    /// The list, for `whitelist`.
    headers: Option<Names>,
}

/// Which parameters of the query string are part of the cache key.
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

impl Parameters {
    pub(super) fn from_sdk(parameters: &ParametersInCacheKeyAndForwardedToOrigin) -> Self {
        let (cookies, headers, query) =
            (parameters.cookies_config(), parameters.headers_config(), parameters.query_strings_config());
        Self {
            cookies_config: Cookies {
                cookie_behavior: cookies.map_or_else(none, |it| it.cookie_behavior().as_str().to_owned()),
                cookies: cookies.and_then(|it| it.cookies()).and_then(|it| Names::from_sdk(it.items())),
            },
            headers_config: HeadersConfig {
                header_behavior: headers.map_or_else(none, |it| it.header_behavior().as_str().to_owned()),
                headers: headers.and_then(|it| it.headers()).and_then(|it| Names::from_sdk(it.items())),
            },
            query_strings_config: QueryStrings {
                query_string_behavior: query
                    .map_or_else(none, |it| it.query_string_behavior().as_str().to_owned()),
                query_strings: query
                    .and_then(|it| it.query_strings())
                    .and_then(|it| Names::from_sdk(it.items())),
            },
            enable_accept_encoding_brotli: parameters.enable_accept_encoding_brotli().unwrap_or_default(),
            enable_accept_encoding_gzip: parameters.enable_accept_encoding_gzip(),
        }
    }

    pub(super) fn to_sdk(&self) -> Result<ParametersInCacheKeyAndForwardedToOrigin, KindError> {
        ParametersInCacheKeyAndForwardedToOrigin::builder()
            .enable_accept_encoding_brotli(self.enable_accept_encoding_brotli)
            .enable_accept_encoding_gzip(self.enable_accept_encoding_gzip)
            .cookies_config(
                CachePolicyCookiesConfig::builder()
                    .cookie_behavior(self.cookies_config.cookie_behavior.as_str().into())
                    .set_cookies(names::cookies(self.cookies_config.cookies.as_ref())?)
                    .build()
                    .map_err(malformed)?,
            )
            .headers_config(
                CachePolicyHeadersConfig::builder()
                    .header_behavior(self.headers_config.header_behavior.as_str().into())
                    .set_headers(names::headers(self.headers_config.headers.as_ref())?)
                    .build()
                    .map_err(malformed)?,
            )
            .query_strings_config(
                CachePolicyQueryStringsConfig::builder()
                    .query_string_behavior(self.query_strings_config.query_string_behavior.as_str().into())
                    .set_query_strings(names::query_strings(
                        self.query_strings_config.query_strings.as_ref(),
                    )?)
                    .build()
                    .map_err(malformed)?,
            )
            .build()
            .map_err(malformed)
    }
}

/// What is wrong with configured parameters; `cached` is whether the policy caches at all.
pub(super) fn problems(parameters: &Value, path: &str, cached: bool) -> Vec<Problem> {
    const LISTS: [(&str, &str, &str); 3] = [
        ("cookies_config", "cookie_behavior", "cookies"),
        ("headers_config", "header_behavior", "headers"),
        ("query_strings_config", "query_string_behavior", "query_strings"),
    ];
    let path = Path::from(path);
    let mut problems = Vec::new();
    for (block, behavior, list) in LISTS {
        let (block, path) = (parameters.get(block), path.key(block));
        let place = Place { behavior, listing: &["whitelist", "allExcept"], list };
        problems.extend(names::problems(block, &path, &place));
        if !cached && block.get(behavior).as_str().is_some_and(|chosen| chosen != "none") {
            problems.push(Problem::new(
                path.key(behavior),
                format!("with `max_ttl = 0` nothing is cached, so `{behavior}` can only be none"),
            ));
        }
    }
    for encoding in ["enable_accept_encoding_brotli", "enable_accept_encoding_gzip"] {
        if !cached && parameters.get(encoding).as_bool() == Some(true) {
            problems.push(Problem::new(
                path.key(encoding),
                format!("with `max_ttl = 0` nothing is cached, so `{encoding}` can only be false"),
            ));
        }
    }
    problems
}
