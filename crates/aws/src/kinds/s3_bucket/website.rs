//! The bucket as a website.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use provision_engine::kind::{Document, KindError};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{in_turn, is_set};
use crate::call::{Outcome, malformed};

/// The bucket as a website, over plain HTTP: its pages, or where its visitors are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Website {
    /// Object that stands for a directory, such as `index.html`.
    #[schemars(length(min = 1), regex(pattern = "^[^/]+$"))]
    index_document: Option<String>,
    /// Key of the object that is shown for errors.
    #[schemars(length(min = 1))]
    error_document: Option<String>,
    /// Host that all requests are redirected to, with `https://` or `http://` in front to change the protocol.
    #[schemars(length(min = 1))]
    redirect_all_requests_to: Option<String>,
    /// Redirections of some requests: a list of `{ Condition = { KeyPrefixEquals, HttpErrorCodeReturnedEquals },
    /// Redirect = { HostName, HttpRedirectCode, Protocol, ReplaceKeyPrefixWith, ReplaceKeyWith } }`.
    routing_rules: Option<Document>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RoutingRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
    redirect: Redirect,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Condition {
    #[serde(skip_serializing_if = "Option::is_none")]
    http_error_code_returned_equals: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_prefix_equals: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Redirect {
    #[serde(skip_serializing_if = "Option::is_none")]
    host_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_redirect_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace_key_prefix_with: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace_key_with: Option<String>,
}

/// What requests are redirected to: a host, and a protocol if one is said.
pub(super) fn host_and_protocol(target: &str) -> (&str, Option<&str>) {
    match target.split_once("://") {
        Some((protocol, host)) => (host, Some(protocol)),
        None => (target, None),
    }
}

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let website = configuration.get("website");
    let mut problems = Vec::new();
    if website.as_map().is_none() {
        return problems;
    }
    if website.get("redirect_all_requests_to").is_null() && website.get("index_document").is_null() {
        problems.push(
            Problem::new("website", "`index_document` or `redirect_all_requests_to` is required")
                .with_hint("add `index_document = \"index.html\"`"),
        );
    }
    if is_set(website.get("redirect_all_requests_to")) {
        for name in ["index_document", "error_document", "routing_rules"] {
            if is_set(website.get(name)) {
                let message = format!("`{name}` has no effect where all requests are redirected");
                problems.push(
                    Problem::new(format!("website.{name}").as_str(), message)
                        .with_hint("remove it, or `redirect_all_requests_to`"),
                );
            }
        }
    }
    let rules = website.get("routing_rules");
    if !rules.is_null()
        && rules.is_wholly_known()
        && let Err(error) = serde_json::from_value::<Vec<RoutingRule>>(rules.to_json())
    {
        problems.push(
            Problem::new("website.routing_rules", format!("these are no routing rules: {error}"))
                .with_hint("each is `{ Condition = { … }, Redirect = { … } }`, and all values are strings"),
        );
    }
    problems
}

pub(super) async fn read(s3: &Client, bucket: &str) -> Result<Option<Website>, KindError> {
    let answer = s3
        .get_bucket_website()
        .bucket(bucket)
        .send()
        .await
        .unless(&["NoSuchWebsiteConfiguration", "NoSuchBucket"])?;
    let Some(answer) = answer else { return Ok(None) };
    let rules: Vec<RoutingRule> =
        answer.routing_rules.unwrap_or_default().into_iter().filter_map(RoutingRule::from_aws).collect();
    let routing_rules =
        if rules.is_empty() { None } else { Some(Document(serde_json::to_value(rules).map_err(malformed)?)) };
    Ok(Some(Website {
        index_document: answer.index_document.map(|index| index.suffix),
        error_document: answer.error_document.map(|error| error.key),
        redirect_all_requests_to: answer.redirect_all_requests_to.map(|to| match to.protocol {
            Some(protocol) => format!("{}://{}", protocol.as_str(), to.host_name),
            None => to.host_name,
        }),
        routing_rules,
    }))
}

impl RoutingRule {
    /// A rule without a redirection does nothing.
    fn from_aws(rule: types::RoutingRule) -> Option<Self> {
        let redirect = rule.redirect?;
        Some(Self {
            condition: rule.condition.map(|condition| Condition {
                http_error_code_returned_equals: condition.http_error_code_returned_equals,
                key_prefix_equals: condition.key_prefix_equals,
            }),
            redirect: Redirect {
                host_name: redirect.host_name,
                http_redirect_code: redirect.http_redirect_code,
                protocol: redirect.protocol.map(|protocol| protocol.as_str().to_owned()),
                replace_key_prefix_with: redirect.replace_key_prefix_with,
                replace_key_with: redirect.replace_key_with,
            },
        })
    }

    fn to_aws(&self) -> types::RoutingRule {
        let redirect = &self.redirect;
        types::RoutingRule::builder()
            .set_condition(self.condition.as_ref().map(|condition| {
                types::Condition::builder()
                    .set_http_error_code_returned_equals(condition.http_error_code_returned_equals.clone())
                    .set_key_prefix_equals(condition.key_prefix_equals.clone())
                    .build()
            }))
            .redirect(
                types::Redirect::builder()
                    .set_host_name(redirect.host_name.clone())
                    .set_http_redirect_code(redirect.http_redirect_code.clone())
                    .set_protocol(redirect.protocol.as_deref().map(types::Protocol::from))
                    .set_replace_key_prefix_with(redirect.replace_key_prefix_with.clone())
                    .set_replace_key_with(redirect.replace_key_with.clone())
                    .build(),
            )
            .build()
    }
}

impl Website {
    fn to_aws(&self) -> Result<types::WebsiteConfiguration, KindError> {
        let mut builder = types::WebsiteConfiguration::builder();
        if let Some(suffix) = &self.index_document {
            builder = builder
                .index_document(types::IndexDocument::builder().suffix(suffix).build().map_err(malformed)?);
        }
        if let Some(key) = &self.error_document {
            builder =
                builder.error_document(types::ErrorDocument::builder().key(key).build().map_err(malformed)?);
        }
        if let Some(target) = &self.redirect_all_requests_to {
            let (host, protocol) = host_and_protocol(target);
            builder = builder.redirect_all_requests_to(
                types::RedirectAllRequestsTo::builder()
                    .host_name(host)
                    .set_protocol(protocol.map(types::Protocol::from))
                    .build()
                    .map_err(malformed)?,
            );
        }
        if let Some(Document(rules)) = &self.routing_rules {
            let rules: Vec<RoutingRule> = serde_json::from_value(rules.clone()).map_err(malformed)?;
            builder = builder.set_routing_rules(Some(rules.iter().map(RoutingRule::to_aws).collect()));
        }
        Ok(builder.build())
    }

    pub(super) async fn update(
        desired: Option<&Self>,
        s3: &Client,
        bucket: &str,
        prior: Option<&Self>,
    ) -> Result<(), KindError> {
        if desired == prior {
            return Ok(());
        }
        match desired {
            Some(website) => {
                let configuration = website.to_aws()?;
                in_turn(|| async {
                    s3.put_bucket_website()
                        .bucket(bucket)
                        .website_configuration(configuration.clone())
                        .send()
                        .await
                        .or_fail()
                })
                .await?;
            }
            None => {
                in_turn(|| async { s3.delete_bucket_website().bucket(bucket).send().await.or_fail() })
                    .await?;
            }
        }
        Ok(())
    }
}
