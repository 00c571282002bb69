//! Headers that tell browsers to be careful: `security_headers_config`.

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;
use crate::cloudfront::set;

/// Headers that tell browsers to be careful.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct SecurityHeaders {
    /// `Content-Security-Policy`: from where a page may load what.
    content_security_policy: Option<ContentSecurityPolicy>,
    /// `X-Content-Type-Options: nosniff`: that a browser is not to guess types.
    content_type_options: Option<ContentTypeOptions>,
    /// `X-Frame-Options`: what pages may hold this one in a frame.
    frame_options: Option<FrameOptions>,
    /// `Referrer-Policy`: what links tell of the page that they are on.
    referrer_policy: Option<ReferrerPolicy>,
    /// `Strict-Transport-Security`: that a browser is to come by HTTPS alone.
    strict_transport_security: Option<StrictTransportSecurity>,
    /// `X-XSS-Protection`, which browsers of today ignore.
    xss_protection: Option<XssProtection>,
}

/// `Content-Security-Policy`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ContentSecurityPolicy {
    /// Its value.
    #[schemars(length(min = 1))]
    content_security_policy: String,
    /// Whether it takes the place of the origin's own.
    r#override: bool,
}

/// `X-Content-Type-Options: nosniff`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ContentTypeOptions {
    /// Whether it takes the place of the origin's own.
    r#override: bool,
}

/// `X-Frame-Options`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct FrameOptions {
    /// No page, or those of the same origin.
    #[schemars(extend("enum" = ["DENY", "SAMEORIGIN"]))]
    frame_option: String,
    /// Whether it takes the place of the origin's own.
    r#override: bool,
}

/// `Referrer-Policy`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ReferrerPolicy {
    /// Whether it takes the place of the origin's own.
    r#override: bool,
    /// Its value.
    #[schemars(extend("enum" = [
        "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin",
        "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"
    ]))]
    referrer_policy: String,
}

/// `Strict-Transport-Security`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct StrictTransportSecurity {
    /// Seconds that a browser keeps to it.
    #[schemars(range(min = 0))]
    access_control_max_age_sec: i32,
    /// Whether it holds for all names below too.
    #[serde(default)]
    include_subdomains: bool,
    /// Whether it takes the place of the origin's own.
    r#override: bool,
    /// Whether browsers may know of it before their first visit.
    #[serde(default)]
    preload: bool,
}

/// `X-XSS-Protection`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct XssProtection {
    /// Whether a page that looks attacked is not shown at all.
    #[serde(default)]
    mode_block: bool,
    /// Whether it takes the place of the origin's own.
    r#override: bool,
    /// Whether it is on.
    protection: bool,
    /// Where a browser reports attacks to.
    #[schemars(length(min = 1))]
    report_uri: Option<String>,
}

impl SecurityHeaders {
    /// What AWS has; no header at all is none.
    pub(super) fn from_sdk(config: &sdk::ResponseHeadersPolicySecurityHeadersConfig) -> Option<Self> {
        let headers = Self {
            content_security_policy: config.content_security_policy().map(|it| ContentSecurityPolicy {
                content_security_policy: it.content_security_policy().to_owned(),
                r#override: it.r#override(),
            }),
            content_type_options: config
                .content_type_options()
                .map(|it| ContentTypeOptions { r#override: it.r#override() }),
            frame_options: config.frame_options().map(|it| FrameOptions {
                frame_option: it.frame_option().as_str().to_owned(),
                r#override: it.r#override(),
            }),
            referrer_policy: config.referrer_policy().map(|it| ReferrerPolicy {
                r#override: it.r#override(),
                referrer_policy: it.referrer_policy().as_str().to_owned(),
            }),
            strict_transport_security: config.strict_transport_security().map(|it| StrictTransportSecurity {
                access_control_max_age_sec: it.access_control_max_age_sec(),
                include_subdomains: it.include_subdomains().unwrap_or_default(),
                r#override: it.r#override(),
                preload: it.preload().unwrap_or_default(),
            }),
            xss_protection: config.xss_protection().map(|it| XssProtection {
                mode_block: it.mode_block().unwrap_or_default(),
                r#override: it.r#override(),
                protection: it.protection(),
                report_uri: set(it.report_uri()),
            }),
        };
        let is_empty = headers.content_security_policy.is_none()
            && headers.content_type_options.is_none()
            && headers.frame_options.is_none()
            && headers.referrer_policy.is_none()
            && headers.strict_transport_security.is_none()
            && headers.xss_protection.is_none();
        (!is_empty).then_some(headers)
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::ResponseHeadersPolicySecurityHeadersConfig, KindError> {
        let content_security_policy = self.content_security_policy.as_ref().map(|it| {
            sdk::ResponseHeadersPolicyContentSecurityPolicy::builder()
                .content_security_policy(&it.content_security_policy)
                .r#override(it.r#override)
                .build()
        });
        let content_type_options = self.content_type_options.as_ref().map(|it| {
            sdk::ResponseHeadersPolicyContentTypeOptions::builder().r#override(it.r#override).build()
        });
        let frame_options = self.frame_options.as_ref().map(|it| {
            sdk::ResponseHeadersPolicyFrameOptions::builder()
                .frame_option(it.frame_option.as_str().into())
                .r#override(it.r#override)
                .build()
        });
        let referrer_policy = self.referrer_policy.as_ref().map(|it| {
            sdk::ResponseHeadersPolicyReferrerPolicy::builder()
                .r#override(it.r#override)
                .referrer_policy(it.referrer_policy.as_str().into())
                .build()
        });
        let strict_transport_security = self.strict_transport_security.as_ref().map(|it| {
            sdk::ResponseHeadersPolicyStrictTransportSecurity::builder()
                .access_control_max_age_sec(it.access_control_max_age_sec)
                .include_subdomains(it.include_subdomains)
                .r#override(it.r#override)
                .preload(it.preload)
                .build()
        });
        let xss_protection = self.xss_protection.as_ref().map(|it| {
            sdk::ResponseHeadersPolicyXssProtection::builder()
                .mode_block(it.mode_block)
                .r#override(it.r#override)
                .protection(it.protection)
                .set_report_uri(it.report_uri.clone())
                .build()
        });
        Ok(sdk::ResponseHeadersPolicySecurityHeadersConfig::builder()
            .set_content_security_policy(content_security_policy.transpose().map_err(malformed)?)
            .set_content_type_options(content_type_options.transpose().map_err(malformed)?)
            .set_frame_options(frame_options.transpose().map_err(malformed)?)
            .set_referrer_policy(referrer_policy.transpose().map_err(malformed)?)
            .set_strict_transport_security(strict_transport_security.transpose().map_err(malformed)?)
            .set_xss_protection(xss_protection.transpose().map_err(malformed)?)
            .build())
    }
}

/// The headers there are.
const HEADERS: [&str; 6] = [
    "content_security_policy",
    "content_type_options",
    "frame_options",
    "referrer_policy",
    "strict_transport_security",
    "xss_protection",
];

/// What is wrong with a `security_headers_config`.
pub(super) fn problems(headers: &Value) -> Vec<Problem> {
    let path = Path::from("security_headers_config");
    let mut problems = Vec::new();
    if headers.as_map().is_some() && HEADERS.iter().all(|header| headers.get(header).is_null()) {
        problems.push(
            Problem::new(path.clone(), "this names no header")
                .with_hint(format!("set one of {}", HEADERS.map(|name| format!("`{name}`")).join(", "))),
        );
    }
    let protection = headers.get("xss_protection");
    if protection.get("mode_block").as_bool() == Some(true) && protection.get("report_uri").as_str().is_some()
    {
        problems.push(
            Problem::new(
                path.key("xss_protection").key("report_uri"),
                "`mode_block` and `report_uri` exclude each other",
            )
            .with_hint("keep one of them"),
        );
    }
    problems
}
