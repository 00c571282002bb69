//! What viewers get in place of an origin's errors: `custom_error_response`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;
use crate::cloudfront::set;

/// What a viewer gets in place of an origin's error.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ErrorResponse {
    /// Status code of the origin's answer.
    #[schemars(extend("enum" = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]))]
    error_code: i32,
    /// Status code of the answer that the viewer gets; with `response_page_path`.
    #[schemars(extend("enum" = [200, 400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]))]
    response_code: Option<i32>,
    /// Path of the page that the viewer gets; with `response_code`.
    #[schemars(length(max = 4096), regex(pattern = "^/"))]
    response_page_path: Option<String>,
    /// Seconds that the error is kept before the origin is asked anew.
    #[schemars(range(min = 0), extend("computed" = true))]
    error_caching_min_ttl: Option<i64>,
}

impl ErrorResponse {
    pub(super) fn from_sdk(response: &sdk::CustomErrorResponse) -> Self {
        Self {
            error_code: response.error_code(),
            response_code: response.response_code().and_then(|code| code.parse().ok()),
            response_page_path: set(response.response_page_path()),
            error_caching_min_ttl: response.error_caching_min_ttl(),
        }
    }

    fn to_sdk(&self) -> Result<sdk::CustomErrorResponse, KindError> {
        sdk::CustomErrorResponse::builder()
            .error_code(self.error_code)
            .response_code(self.response_code.map(|code| code.to_string()).unwrap_or_default())
            .response_page_path(self.response_page_path.clone().unwrap_or_default())
            .set_error_caching_min_ttl(self.error_caching_min_ttl)
            .build()
            .map_err(malformed)
    }
}

/// The responses as AWS takes them.
pub(super) fn to_sdk(responses: &[ErrorResponse]) -> Result<sdk::CustomErrorResponses, KindError> {
    let items = responses.iter().map(ErrorResponse::to_sdk).collect::<Result<Vec<_>, _>>()?;
    sdk::CustomErrorResponses::builder()
        .quantity(items.len() as i32)
        .set_items((!items.is_empty()).then_some(items))
        .build()
        .map_err(malformed)
}

/// What is wrong with the configured responses. They are a set, so a problem names the error it is about.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut codes = BTreeSet::new();
    for response in configuration.get("custom_error_response").items() {
        let Some(code) = response.get("error_code").as_i64() else { continue };
        let mut refuse = |message: String, hint: &str| {
            problems.push(Problem::new("custom_error_response", message).with_hint(hint));
        };
        if !codes.insert(code) {
            refuse(format!("two responses are for the error {code}"), "remove one of them");
        }
        let (status, page) = (response.get("response_code"), response.get("response_page_path"));
        if status.is_null() && page.as_str().is_some() || page.is_null() && status.as_i64().is_some() {
            refuse(
                format!("the response for the error {code} has a page or a status code, but not both"),
                "set `response_page_path` and `response_code`, or neither",
            );
        }
    }
    problems
}
