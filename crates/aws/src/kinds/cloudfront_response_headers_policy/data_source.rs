//! `data.aws_cloudfront_response_headers_policy`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::permission::Permission;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cors::Cors;
use super::headers::{CustomHeaders, RemoveHeaders, ServerTiming};
use super::security_headers::SecurityHeaders;
use super::{ResponseHeadersPolicy, list};
use crate::clients::Reader;
use crate::cloudfront::lookup;
use crate::cloudfront::managed::{self, RESPONSE_HEADERS_POLICIES};

const WHAT: &str = "response headers policy";

/// A response headers policy that is there already: one of AWS's own, such as `Managed-SecurityHeadersPolicy`, or one
/// of the account. From the CloudFront API (`GetResponseHeadersPolicy`, `ListResponseHeadersPolicies`).
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ResponseHeadersPolicyData {
    /// Its id: this or `name` selects it.
    #[schemars(length(min = 1), extend("computed" = true))]
    id: Option<String>,
    /// Its name: this or `id` selects it.
    #[schemars(length(min = 1), extend("computed" = true))]
    name: Option<String>,
    /// What it is for.
    #[serde(default)]
    comment: Computed<String>,
    /// Headers by which pages of other origins may read answers.
    #[serde(default)]
    cors_config: Computed<Cors>,
    /// Headers of any other name.
    #[serde(default)]
    custom_headers_config: Computed<CustomHeaders>,
    /// Headers that are taken from answers.
    #[serde(default)]
    remove_headers_config: Computed<RemoveHeaders>,
    /// Headers that tell browsers to be careful.
    #[serde(default)]
    security_headers_config: Computed<SecurityHeaders>,
    /// The header `Server-Timing`.
    #[serde(default)]
    server_timing_headers_config: Computed<ServerTiming>,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Version of the configuration.
    #[serde(default)]
    etag: Computed<String>,
}

#[async_trait]
impl Data for ResponseHeadersPolicyData {
    const NAME: &'static str = "aws_cloudfront_response_headers_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        ("id", Returned::Known(|policy| managed::id(RESPONSE_HEADERS_POLICIES, policy))),
        ("name", Returned::Known(|policy| managed::name(RESPONSE_HEADERS_POLICIES, policy))),
    ]));
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;

    fn validate(configuration: &Value) -> Vec<Problem> {
        lookup::problems(configuration, WHAT, "Managed-SecurityHeadersPolicy")
    }

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let id = match (&self.id, &self.name) {
            (Some(id), _) => id.clone(),
            (None, Some(name)) => lookup::named(&list(reader, None).await?, name, WHAT)?,
            (None, None) => return Err(lookup::unselected()),
        };
        let policy = ResponseHeadersPolicy::fetch(reader, &id, &Computed::default())
            .await?
            .ok_or_else(|| lookup::unknown_id(WHAT, &id))?;
        Ok(Self {
            id: Some(id),
            name: Some(policy.name),
            comment: policy.comment.into(),
            cors_config: policy.cors_config.into(),
            custom_headers_config: policy.custom_headers_config.into(),
            remove_headers_config: policy.remove_headers_config.into(),
            security_headers_config: policy.security_headers_config.into(),
            server_timing_headers_config: policy.server_timing_headers_config.into(),
            arn: policy.arn,
            etag: policy.etag,
        })
    }

    fn permissions(configuration: &Value) -> Vec<Permission> {
        lookup::permissions(
            configuration,
            "response-headers-policy",
            "ResponseHeadersPolicy",
            "ResponseHeadersPolicies",
        )
    }
}
