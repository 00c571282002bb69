//! `data.aws_cloudfront_origin_request_policy`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::permission::Permission;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::forwarded::{Cookies, HeadersConfig, QueryStrings};
use super::{OriginRequestPolicy, list};
use crate::clients::Reader;
use crate::cloudfront::lookup;
use crate::cloudfront::managed::{self, ORIGIN_REQUEST_POLICIES};

const WHAT: &str = "origin request policy";

/// An origin request policy that is there already: one of AWS's own, such as `Managed-AllViewerExceptHostHeader`, or one
/// of the account. From the CloudFront API (`GetOriginRequestPolicy`, `ListOriginRequestPolicies`).
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct OriginRequestPolicyData {
    /// Its id: this or `name` selects it.
    #[schemars(length(min = 1), extend("computed" = true))]
    id: Option<String>,
    /// Its name: this or `id` selects it.
    #[schemars(length(min = 1), extend("computed" = true))]
    name: Option<String>,
    /// What it is for.
    #[serde(default)]
    comment: Computed<String>,
    /// Which cookies go on to the origin.
    #[serde(default)]
    cookies_config: Computed<Cookies>,
    /// Which headers go on to the origin.
    #[serde(default)]
    headers_config: Computed<HeadersConfig>,
    /// Which parameters of the query string go on to the origin.
    #[serde(default)]
    query_strings_config: Computed<QueryStrings>,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Version of the configuration.
    #[serde(default)]
    etag: Computed<String>,
}

#[async_trait]
impl Data for OriginRequestPolicyData {
    const NAME: &'static str = "aws_cloudfront_origin_request_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        ("id", Returned::Known(|policy| managed::id(ORIGIN_REQUEST_POLICIES, policy))),
        ("name", Returned::Known(|policy| managed::name(ORIGIN_REQUEST_POLICIES, policy))),
    ]));
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;

    fn validate(configuration: &Value) -> Vec<Problem> {
        lookup::problems(configuration, WHAT, "Managed-AllViewerExceptHostHeader")
    }

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let id = match (&self.id, &self.name) {
            (Some(id), _) => id.clone(),
            (None, Some(name)) => lookup::named(&list(reader, None).await?, name, WHAT)?,
            (None, None) => return Err(lookup::unselected()),
        };
        let policy = OriginRequestPolicy::fetch(reader, &id, &Computed::default())
            .await?
            .ok_or_else(|| lookup::unknown_id(WHAT, &id))?;
        Ok(Self {
            id: Some(id),
            name: Some(policy.name),
            comment: policy.comment.into(),
            cookies_config: policy.cookies_config.into(),
            headers_config: policy.headers_config.into(),
            query_strings_config: policy.query_strings_config.into(),
            arn: policy.arn,
            etag: policy.etag,
        })
    }

    fn permissions(configuration: &Value) -> Vec<Permission> {
        lookup::permissions(
            configuration,
            "origin-request-policy",
            "OriginRequestPolicy",
            "OriginRequestPolicies",
        )
    }
}
