//! `aws_cloudfront_distribution`. Each part of its configuration has a file, with the ways to and from AWS's form
//! and what can be wrong with it side by side.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_cloudfront::operation::get_distribution::GetDistributionOutput;
use aws_sdk_cloudfront::types as sdk;
use aws_smithy_types::date_time::Format;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually, found_again, malformed};
use crate::clients::{Reader, Writer};
use crate::cloudfront;
use crate::reads::with_arn;
use crate::tags::{self, Tags};

mod associations;
mod behaviors;
mod cloudformation;
mod configuration;
mod deletion;
mod error_responses;
mod forwarded_values;
mod logging;
mod obstacles;
mod ordered_behaviors;
mod origin_connections;
mod origin_groups;
mod origins;
mod permissions;
mod restrictions;
mod signers;
mod targets;
mod viewer_certificate;

use behaviors::Behavior;
use configuration::aliases_of;
use error_responses::ErrorResponse;
use logging::Logging;
use ordered_behaviors::OrderedBehavior;
use origin_groups::OriginGroup;
use origins::Origin;
use restrictions::Restrictions;
use signers::{ActiveKeyGroups, ActiveSigners};
use viewer_certificate::ViewerCertificate;

/// A CloudFront distribution: what answers viewers at edge locations all over the world, and from where it gets
/// what it answers. From the CloudFront API (`CreateDistributionWithTags`); its id is made by CloudFront and looks
/// like `EDFDVBD632BHDS5`.
///
/// AWS takes a change at once and brings it to the edge locations within minutes. Only the end of a run waits for
/// that, and a deletion, which AWS allows only of what is disabled everywhere.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// Domain names of one's own that it answers to. Each also needs a DNS record, and the certificate.
    #[schemars(inner(length(max = 253), regex(pattern = r"^(\*\.)?([A-Za-z0-9_-]+\.)+[A-Za-z0-9-]+$")))]
    #[serde(default)]
    aliases: BTreeSet<String>,
    /// Id of the list of fixed IP addresses that it is reached at.
    #[schemars(length(min = 1))]
    anycast_ip_list_id: Option<String>,
    /// What it is for.
    #[schemars(length(max = 128))]
    #[serde(default)]
    comment: String,
    /// Id of the policy that sends part of the traffic to a staging distribution.
    #[schemars(length(min = 1), extend("computed" = true))]
    continuous_deployment_policy_id: Option<String>,
    /// What viewers get in place of errors.
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default)]
    custom_error_response: Vec<ErrorResponse>,
    /// What it does with requests that no other behavior is for.
    default_cache_behavior: Behavior,
    /// The object that a request for `/` gets: `index.html`, with no `/` before it.
    #[schemars(length(max = 255), regex(pattern = r"^([^/].*)?$"))]
    #[serde(default)]
    default_root_object: String,
    /// Whether it answers at all.
    enabled: bool,
    /// The newest version of HTTP that viewers can use.
    #[schemars(extend("enum" = ["http1.1", "http2", "http2and3", "http3"]))]
    #[serde(default = "http2")]
    http_version: String,
    /// Whether it is reached over IPv6 too.
    #[serde(default)]
    is_ipv6_enabled: bool,
    /// Access logs in a bucket.
    logging_config: Option<Logging>,
    /// What it does with requests for some paths: the first behavior that fits is taken.
    #[serde(default)]
    ordered_cache_behavior: Vec<OrderedBehavior>,
    /// Where it gets objects from.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    origin: Vec<Origin>,
    /// Pairs of origins of which the second steps in when the first fails.
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default)]
    origin_group: Vec<OriginGroup>,
    /// The edge locations that it uses: all, or the cheaper ones.
    #[schemars(extend("enum" = ["PriceClass_100", "PriceClass_200", "PriceClass_All"]))]
    #[serde(default = "all_locations")]
    price_class: String,
    /// From where viewers may come.
    restrictions: Restrictions,
    /// Whether a destroy only disables the distribution, and forgets it.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    retain_on_delete: bool,
    /// Whether it is a staging distribution, to which a policy sends part of another's traffic.
    #[schemars(extend("forces_replacement" = true))]
    #[serde(default)]
    staging: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// The certificate that viewers see.
    viewer_certificate: ViewerCertificate,
    /// Whether the end of a run waits until a change has reached all edge locations.
    #[schemars(extend("kept" = true))]
    #[serde(default = "yes")]
    wait_for_deployment: bool,
    /// ARN of the web ACL (WAFv2, in us-east-1), or id of a WAF Classic one.
    #[serde(default)]
    web_acl_id: String,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// What identified the request that created it.
    #[serde(default)]
    caller_reference: Computed<String>,
    /// Its domain name, `….cloudfront.net`.
    #[serde(default)]
    domain_name: Computed<String>,
    /// Version of the configuration.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    etag: Computed<String>,
    /// The hosted zone of `domain_name`, for alias records in Route 53.
    #[serde(default)]
    hosted_zone_id: Computed<String>,
    /// Invalidations that are under way.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    in_progress_validation_batches: Computed<i32>,
    /// When it was last changed.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    last_modified_time: Computed<String>,
    /// Whether access logs are written to a bucket (v1).
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    logging_v1_enabled: Computed<bool>,
    /// `Deployed`, or `InProgress` while a change is on its way to the edge locations.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    status: Computed<String>,
    /// The key groups that any behavior trusts, with their public keys.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    trusted_key_groups: Computed<ActiveKeyGroups>,
    /// The accounts that any behavior trusts, with their key pairs.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    trusted_signers: Computed<ActiveSigners>,
}

fn http2() -> String {
    "http2".to_owned()
}

fn all_locations() -> String {
    "PriceClass_All".to_owned()
}

fn yes() -> bool {
    true
}

const ABSENT: &[&str] = &["NoSuchDistribution"];
const DEPLOYED: &str = "Deployed";

/// AWS's codes for "something that this refers to is not there": it may have been made a moment ago. The last two
/// are for a version that is not the newest.
const NOT_THERE_YET: &[&str] = &[
    "InvalidFunctionAssociation",
    "InvalidLambdaFunctionAssociation",
    "InvalidOriginAccessControl",
    "InvalidOriginAccessIdentity",
    "InvalidViewerCertificate",
    "InvalidWebACLId",
    "NoSuchCachePolicy",
    "NoSuchContinuousDeploymentPolicy",
    "NoSuchFieldLevelEncryptionConfig",
    "NoSuchOriginRequestPolicy",
    "NoSuchRealtimeLogConfig",
    "NoSuchResponseHeadersPolicy",
    "TrustedKeyGroupDoesNotExist",
    "InvalidIfMatchVersion",
    "PreconditionFailed",
];

/// The codes with which AWS answers a create that an earlier attempt, whose reply was lost, has made already: its
/// caller reference is taken, or before that its aliases are.
const MADE_ALREADY: &[&str] = &["CNAMEAlreadyExists", "DistributionAlreadyExists"];

#[async_trait]
impl Kind for Distribution {
    const NAME: &'static str = "aws_cloudfront_distribution";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    /// Deploying to all edge locations.
    const TAKES: Duration = Duration::from_secs(15 * 60);
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        [
            origins::problems(configuration),
            targets::problems(configuration),
            behaviors::problems(configuration),
            error_responses::problems(configuration),
            logging::problems(configuration),
            restrictions::problems(configuration),
            viewer_certificate::problems(configuration),
        ]
        .concat()
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let client = reader.cloudfront();
        let get = async { client.get_distribution().id(id).send().await.unless(ABSENT) };
        let tags = |arn: String| async move {
            let tags = client.list_tags_for_resource().resource(arn).send().await;
            tags.unless(&["NoSuchDistribution", "NoSuchResource"])
        };
        let Some((answer, tags)) = with_arn(prior.arn.as_deref(), get, arn_of, tags).await? else {
            return Ok(None);
        };
        let distribution = answer.distribution().ok_or_else(|| cloudfront::lacking("the distribution"))?;
        let config =
            distribution.distribution_config().ok_or_else(|| cloudfront::lacking("the configuration"))?;
        let arn = distribution.arn();
        let tags = tags.tags.and_then(|tags| tags.items).unwrap_or_default();
        let last_modified = distribution.last_modified_time().fmt(Format::DateTime).map_err(malformed)?;
        Ok(Some(Self {
            retain_on_delete: prior.retain_on_delete,
            wait_for_deployment: prior.wait_for_deployment,
            tags: tags::own(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default()))),
            arn: arn.into(),
            caller_reference: config.caller_reference().into(),
            domain_name: distribution.domain_name().into(),
            etag: answer.e_tag().map(str::to_owned).into(),
            hosted_zone_id: hosted_zone_of(arn).into(),
            in_progress_validation_batches: distribution.in_progress_invalidation_batches().into(),
            last_modified_time: last_modified.into(),
            logging_v1_enabled: config.logging().is_some_and(sdk::LoggingConfig::enabled).into(),
            status: distribution.status().into(),
            trusted_key_groups: distribution
                .active_trusted_key_groups()
                .map(ActiveKeyGroups::from_sdk)
                .into(),
            trusted_signers: distribution.active_trusted_signers().map(ActiveSigners::from_sdk).into(),
            ..Self::from_config(config, &prior.origin)?
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let mut pages = reader.cloudfront().list_distributions().into_paginator().items().send();
        while let Some(summary) = pages.next().await {
            let summary = summary.or_fail()?;
            // The list does not tell the caller reference, which alone proves that a distribution is ours.
            if !self.resembles(&summary) {
                continue;
            }
            let request = reader.cloudfront().get_distribution_config().id(summary.id());
            let config = request.send().await.unless(ABSENT)?.and_then(|answer| answer.distribution_config);
            if config.is_some_and(|config| config.caller_reference() == token.as_str()) {
                return Ok(Some(summary.id().to_owned()));
            }
        }
        Ok(None)
    }

    async fn obstacles(&self, reader: &Reader, there: Option<&str>) -> Result<Vec<Problem>, KindError> {
        obstacles::of(self, reader, there).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let bare = sdk::DistributionConfig::builder()
            .caller_reference(token.as_str())
            .comment("")
            .enabled(self.enabled)
            .build()
            .map_err(malformed)?;
        let request = sdk::DistributionConfigWithTags::builder()
            .distribution_config(self.applied_to(bare)?)
            .tags(sdk::Tags::builder().set_items(Some(tag_list(&self.tags)?)).build())
            .build();
        let create = || async {
            writer
                .cloudfront()
                .create_distribution_with_tags()
                .distribution_config_with_tags(request.clone())
                .send()
                .await
                .or_fail()
        };
        match eventually(NOT_THERE_YET, create).await {
            Ok(answer) => {
                let distribution = answer.distribution().ok_or_else(|| cloudfront::lacking("the id"))?;
                Ok(Created::complete(distribution.id()))
            }
            // The caller reference is the token: an attempt whose reply was lost has made it.
            Err(error) if error.is(MADE_ALREADY) && error.is_undecided() => {
                found_again(self, writer.reader(), token, explained(error)).await.map(Created::complete)
            }
            Err(error) => Err(explained(error)),
        }
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        eventually(NOT_THERE_YET, || self.update_config(writer, id)).await.map_err(explained)?;
        let (add, remove) = tags::changes(&prior.tags, &self.tags);
        if let Some(arn) = prior.arn.as_deref() {
            if !add.is_empty() {
                let tags = sdk::Tags::builder().set_items(Some(tag_list(&add)?)).build();
                writer.cloudfront().tag_resource().resource(arn).tags(tags).send().await.or_fail()?;
            }
            if !remove.is_empty() {
                let keys = sdk::TagKeys::builder().set_items(Some(remove)).build();
                writer.cloudfront().untag_resource().resource(arn).tag_keys(keys).send().await.or_fail()?;
            }
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        deletion::delete(writer, id, prior.retain_on_delete).await
    }

    async fn settled(&self, reader: &Reader, id: &str) -> Result<bool, KindError> {
        if !self.wait_for_deployment {
            return Ok(true);
        }
        let answer = reader.cloudfront().get_distribution().id(id).send().await.or_fail()?;
        Ok(answer.distribution().is_some_and(|distribution| distribution.status() == DEPLOYED))
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        permissions::needed(of)
    }
}

fn arn_of(answer: &GetDistributionOutput) -> Option<&str> {
    answer.distribution().map(sdk::Distribution::arn)
}

impl Distribution {
    /// Makes AWS's configuration as this says. Each change is minutes of deployment at all edge locations, so
    /// none is sent that would change nothing, such as when the tags alone differ.
    async fn update_config(&self, writer: &Writer, id: &str) -> Result<(), KindError> {
        let current = writer.cloudfront().get_distribution_config().id(id).send().await.or_fail()?;
        let config = current.distribution_config.ok_or_else(|| cloudfront::lacking("the configuration"))?;
        let desired = self.applied_to(config.clone())?;
        // Through our form and back, so that neither order nor what AWS fills in make a difference.
        if desired == Self::from_config(&config, &self.origin)?.applied_to(config)? {
            return Ok(());
        }
        writer
            .cloudfront()
            .update_distribution()
            .id(id)
            .set_if_match(current.e_tag)
            .distribution_config(desired)
            .send()
            .await
            .or_fail()?;
        Ok(())
    }

    /// Whether a listed distribution may be what this configuration has created.
    fn resembles(&self, summary: &sdk::DistributionSummary) -> bool {
        let origins = summary.origins().map(sdk::Origins::items).unwrap_or_default();
        let ids: BTreeSet<&str> = origins.iter().map(|origin| origin.id()).collect();
        summary.comment() == self.comment
            && aliases_of(summary.aliases()) == self.aliases
            && ids == self.origin.iter().map(Origin::origin_id).collect()
    }
}

fn tag_list(tags: &Tags) -> Result<Vec<sdk::Tag>, KindError> {
    tags.iter()
        .map(|(key, value)| sdk::Tag::builder().key(key).value(value).build().map_err(malformed))
        .collect()
}

/// The hosted zone of all distributions: one for China, and one for the rest of the world.
fn hosted_zone_of(arn: &str) -> &'static str {
    if arn.starts_with("arn:aws-cn:") { "Z3RFFRIM2A3IF5" } else { "Z2FDTNDATAQYW2" }
}

/// The error with advice, where AWS's own words leave one alone.
fn explained(error: KindError) -> KindError {
    let advice = match error.code.as_deref() {
        Some("CNAMEAlreadyExists") => {
            "another distribution, perhaps of another account, has one of the aliases: remove it there first"
        }
        Some("InvalidViewerCertificate") => {
            "the certificate has to be issued, in us-east-1, and for every alias"
        }
        Some("InvalidWebACLId") => "the web ACL has to be in us-east-1, with the scope CLOUDFRONT",
        _ => return error,
    };
    error.with_hint(advice)
}
