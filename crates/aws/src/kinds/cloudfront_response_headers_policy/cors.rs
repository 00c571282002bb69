//! Headers by which pages of other origins may read answers: `cors_config`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// Headers by which pages of other origins may read answers. CloudFront adds them to answers to requests that ask for
/// them (CORS).
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Cors {
    /// Whether requests may bear cookies: `Access-Control-Allow-Credentials`.
    access_control_allow_credentials: bool,
    /// Headers that requests may bear, or `*`: `Access-Control-Allow-Headers`.
    access_control_allow_headers: Listed,
    /// Methods of requests: `Access-Control-Allow-Methods`.
    access_control_allow_methods: Methods,
    /// Origins whose pages may read answers, or `*`: `Access-Control-Allow-Origin`.
    access_control_allow_origins: Listed,
    /// Headers of answers that pages may read, or `*`: `Access-Control-Expose-Headers`.
    access_control_expose_headers: Option<Listed>,
    /// Seconds that a browser keeps what it was told: `Access-Control-Max-Age`.
    #[schemars(range(min = 0))]
    access_control_max_age_sec: Option<i32>,
    /// Whether they take the place of the origin's own.
    origin_override: bool,
}

/// A list of headers or of origins.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Listed {
    /// What it lists.
    #[schemars(length(min = 1), inner(length(min = 1)))]
    items: BTreeSet<String>,
}

/// A list of methods.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Methods {
    /// The methods; `ALL` stands for all of them.
    #[schemars(
        length(min = 1),
        extend("items" = {
            "type": "string",
            "enum": ["ALL", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
        })
    )]
    items: BTreeSet<String>,
}

impl Listed {
    fn of(items: &[String]) -> Self {
        Self { items: items.iter().cloned().collect() }
    }

    /// How many, and which.
    fn quantified(&self) -> (i32, Option<Vec<String>>) {
        (self.items.len() as i32, Some(self.items.iter().cloned().collect()))
    }
}

impl Cors {
    pub(super) fn from_sdk(config: &sdk::ResponseHeadersPolicyCorsConfig) -> Self {
        let methods = config.access_control_allow_methods().map(|it| it.items()).unwrap_or_default();
        let exposed = config.access_control_expose_headers().map(|it| it.items()).unwrap_or_default();
        Self {
            access_control_allow_credentials: config.access_control_allow_credentials(),
            access_control_allow_headers: Listed::of(
                config.access_control_allow_headers().map(|it| it.items()).unwrap_or_default(),
            ),
            access_control_allow_methods: Methods {
                items: methods.iter().map(|method| method.as_str().to_owned()).collect(),
            },
            access_control_allow_origins: Listed::of(
                config.access_control_allow_origins().map(|it| it.items()).unwrap_or_default(),
            ),
            access_control_expose_headers: (!exposed.is_empty()).then(|| Listed::of(exposed)),
            access_control_max_age_sec: config.access_control_max_age_sec(),
            origin_override: config.origin_override(),
        }
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::ResponseHeadersPolicyCorsConfig, KindError> {
        let (quantity, items) = self.access_control_allow_headers.quantified();
        let headers = sdk::ResponseHeadersPolicyAccessControlAllowHeaders::builder();
        let headers = headers.quantity(quantity).set_items(items).build().map_err(malformed)?;
        let (quantity, items) = self.access_control_allow_origins.quantified();
        let origins = sdk::ResponseHeadersPolicyAccessControlAllowOrigins::builder();
        let origins = origins.quantity(quantity).set_items(items).build().map_err(malformed)?;
        let methods = &self.access_control_allow_methods.items;
        let methods = sdk::ResponseHeadersPolicyAccessControlAllowMethods::builder()
            .quantity(methods.len() as i32)
            .set_items(Some(methods.iter().map(|method| method.as_str().into()).collect()))
            .build()
            .map_err(malformed)?;
        let exposed = self
            .access_control_expose_headers
            .as_ref()
            .map(|exposed| {
                let (quantity, items) = exposed.quantified();
                let exposed = sdk::ResponseHeadersPolicyAccessControlExposeHeaders::builder();
                exposed.quantity(quantity).set_items(items).build().map_err(malformed)
            })
            .transpose()?;
        sdk::ResponseHeadersPolicyCorsConfig::builder()
            .access_control_allow_credentials(self.access_control_allow_credentials)
            .access_control_allow_headers(headers)
            .access_control_allow_methods(methods)
            .access_control_allow_origins(origins)
            .set_access_control_expose_headers(exposed)
            .set_access_control_max_age_sec(self.access_control_max_age_sec)
            .origin_override(self.origin_override)
            .build()
            .map_err(malformed)
    }
}
