//! Headers of any name that are added, those that are taken away, and `Server-Timing`.

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// Headers that are added.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct CustomHeaders {
    /// The headers.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    items: Vec<CustomHeader>,
}

/// A header that is added.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CustomHeader {
    /// Name.
    #[schemars(length(min = 1))]
    header: String,
    /// Whether it takes the place of one of that name that the origin sends.
    r#override: bool,
    /// Value.
    value: String,
}

/// Headers that are taken away.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct RemoveHeaders {
    /// The headers.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    items: Vec<RemoveHeader>,
}

/// A header that is taken away.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct RemoveHeader {
    /// Name.
    #[schemars(length(min = 1))]
    header: String,
}

/// The header `Server-Timing`, which tells how CloudFront came by an answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ServerTiming {
    /// Whether it is added.
    enabled: bool,
    /// Percentage of the answers that it is added to, with at most four decimals.
    #[schemars(range(min = 0, max = 100))]
    sampling_rate: f64,
}

impl CustomHeaders {
    /// What AWS lists; a list of none is none.
    pub(super) fn from_sdk(config: &sdk::ResponseHeadersPolicyCustomHeadersConfig) -> Option<Self> {
        let headers = config.items().iter().map(|header| CustomHeader {
            header: header.header().to_owned(),
            r#override: header.r#override(),
            value: header.value().to_owned(),
        });
        let items: Vec<_> = headers.collect();
        (!items.is_empty()).then_some(Self { items })
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::ResponseHeadersPolicyCustomHeadersConfig, KindError> {
        let headers = self.items.iter().map(|item| {
            sdk::ResponseHeadersPolicyCustomHeader::builder()
                .header(&item.header)
                .r#override(item.r#override)
                .value(&item.value)
                .build()
                .map_err(malformed)
        });
        sdk::ResponseHeadersPolicyCustomHeadersConfig::builder()
            .quantity(self.items.len() as i32)
            .set_items(Some(headers.collect::<Result<_, _>>()?))
            .build()
            .map_err(malformed)
    }
}

impl RemoveHeaders {
    /// What AWS lists; a list of none is none.
    pub(super) fn from_sdk(config: &sdk::ResponseHeadersPolicyRemoveHeadersConfig) -> Option<Self> {
        let headers = config.items().iter().map(|header| RemoveHeader { header: header.header().to_owned() });
        let items: Vec<_> = headers.collect();
        (!items.is_empty()).then_some(Self { items })
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::ResponseHeadersPolicyRemoveHeadersConfig, KindError> {
        let headers = self.items.iter().map(|item| {
            sdk::ResponseHeadersPolicyRemoveHeader::builder().header(&item.header).build().map_err(malformed)
        });
        sdk::ResponseHeadersPolicyRemoveHeadersConfig::builder()
            .quantity(self.items.len() as i32)
            .set_items(Some(headers.collect::<Result<_, _>>()?))
            .build()
            .map_err(malformed)
    }
}

impl ServerTiming {
    pub(super) fn from_sdk(config: &sdk::ResponseHeadersPolicyServerTimingHeadersConfig) -> Self {
        Self { enabled: config.enabled(), sampling_rate: config.sampling_rate().unwrap_or_default() }
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::ResponseHeadersPolicyServerTimingHeadersConfig, KindError> {
        sdk::ResponseHeadersPolicyServerTimingHeadersConfig::builder()
            .enabled(self.enabled)
            .sampling_rate(self.sampling_rate)
            .build()
            .map_err(malformed)
    }
}

/// Headers that have arguments of their own, and that CloudFront therefore takes nowhere else.
const SECURITY: [&str; 6] = [
    "content-security-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
];

/// What is wrong with the headers that a policy adds.
pub(super) fn problems(policy: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let path = Path::from("custom_headers_config.items");
    for item in policy.get("custom_headers_config").get("items").items() {
        let Some(header) = item.get("header").as_str() else { continue };
        let name = header.to_ascii_lowercase();
        let place = if SECURITY.contains(&name.as_str()) {
            "security_headers_config"
        } else if name.starts_with("access-control-") {
            "cors_config"
        } else if name == "server-timing" {
            "server_timing_headers_config"
        } else {
            continue;
        };
        problems.push(
            Problem::new(path.clone(), format!("CloudFront does not take {header} for a custom header"))
                .with_hint(format!("set it in `{place}`")),
        );
    }
    problems
}
