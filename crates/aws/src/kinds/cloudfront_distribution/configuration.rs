//! The whole configuration, to and from AWS's form.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::{Computed, KindError};

use super::behaviors::Behavior;
use super::error_responses::{self, ErrorResponse};
use super::logging::{self, Logging};
use super::ordered_behaviors;
use super::origin_groups::{self, OriginGroup};
use super::origins::{self, Origin};
use super::restrictions::Restrictions;
use super::viewer_certificate::ViewerCertificate;
use super::{Distribution, all_locations, http2};
use crate::call::malformed;
use crate::cloudfront::{self, set};
use crate::tags::Tags;

impl Distribution {
    /// The arguments from AWS's form; `prior` are the origins that the state holds.
    pub(super) fn from_config(config: &sdk::DistributionConfig, prior: &[Origin]) -> Result<Self, KindError> {
        let origins = config.origins().map(sdk::Origins::items).unwrap_or_default();
        let groups = config.origin_groups().map(sdk::OriginGroups::items).unwrap_or_default();
        let responses = config.custom_error_responses().map(sdk::CustomErrorResponses::items);
        let default_behavior =
            config.default_cache_behavior().ok_or_else(|| cloudfront::lacking("the default behavior"))?;
        Ok(Self {
            aliases: aliases_of(config.aliases()),
            anycast_ip_list_id: set(config.anycast_ip_list_id()),
            comment: config.comment().to_owned(),
            continuous_deployment_policy_id: set(config.continuous_deployment_policy_id()),
            custom_error_response: responses
                .unwrap_or_default()
                .iter()
                .map(ErrorResponse::from_sdk)
                .collect(),
            default_cache_behavior: Behavior::from_sdk(default_behavior),
            default_root_object: config.default_root_object().unwrap_or_default().to_owned(),
            enabled: config.enabled(),
            http_version: config.http_version().map_or_else(http2, |version| version.as_str().to_lowercase()),
            is_ipv6_enabled: config.is_ipv6_enabled().unwrap_or_default(),
            logging_config: config.logging().and_then(Logging::from_sdk),
            ordered_cache_behavior: ordered_behaviors::from_sdk(config.cache_behaviors())?,
            origin: origins
                .iter()
                .map(|origin| {
                    Origin::from_sdk(origin, prior.iter().find(|prior| prior.origin_id() == origin.id()))
                })
                .collect(),
            origin_group: groups.iter().map(OriginGroup::from_sdk).collect(),
            price_class: config.price_class().map_or_else(all_locations, |class| class.as_str().to_owned()),
            restrictions: Restrictions::from_sdk(config.restrictions()),
            retain_on_delete: false,
            staging: config.staging().unwrap_or_default(),
            tags: Tags::new(),
            viewer_certificate: ViewerCertificate::from_sdk(config.viewer_certificate()),
            wait_for_deployment: true,
            web_acl_id: config.web_acl_id().unwrap_or_default().to_owned(),
            arn: Computed::default(),
            caller_reference: Computed::default(),
            domain_name: Computed::default(),
            etag: Computed::default(),
            hosted_zone_id: Computed::default(),
            in_progress_validation_batches: Computed::default(),
            last_modified_time: Computed::default(),
            logging_v1_enabled: Computed::default(),
            status: Computed::default(),
            trusted_key_groups: Computed::default(),
            trusted_signers: Computed::default(),
        })
    }

    /// The arguments put into AWS's form over what is there: an update replaces the whole configuration, so what
    /// is not modelled here has to be sent back as it came.
    pub(super) fn applied_to(
        &self,
        mut config: sdk::DistributionConfig,
    ) -> Result<sdk::DistributionConfig, KindError> {
        config.aliases = Some(
            sdk::Aliases::builder()
                .quantity(self.aliases.len() as i32)
                .set_items((!self.aliases.is_empty()).then(|| self.aliases.iter().cloned().collect()))
                .build()
                .map_err(malformed)?,
        );
        config.anycast_ip_list_id = self.anycast_ip_list_id.clone();
        config.comment = self.comment.clone();
        config.continuous_deployment_policy_id =
            Some(self.continuous_deployment_policy_id.clone().unwrap_or_default());
        config.custom_error_responses = Some(error_responses::to_sdk(&self.custom_error_response)?);
        config.default_cache_behavior = Some(self.default_cache_behavior.to_sdk()?);
        config.default_root_object = Some(self.default_root_object.clone());
        config.enabled = self.enabled;
        config.http_version = Some(self.http_version.as_str().into());
        config.is_ipv6_enabled = Some(self.is_ipv6_enabled);
        config.logging = Some(logging::to_sdk(self.logging_config.as_ref()));
        config.cache_behaviors = Some(ordered_behaviors::to_sdk(&self.ordered_cache_behavior)?);
        config.origins = Some(origins::to_sdk(&self.origin, config.origins.as_ref())?);
        config.origin_groups =
            Some(origin_groups::to_sdk(&self.origin_group, config.origin_groups.as_ref())?);
        config.price_class = Some(self.price_class.as_str().into());
        config.restrictions = Some(self.restrictions.to_sdk()?);
        config.staging = Some(self.staging);
        config.viewer_certificate = Some(self.viewer_certificate.to_sdk());
        config.web_acl_id = Some(self.web_acl_id.clone());
        Ok(config)
    }
}

/// The aliases in a configuration, or in the line of a list.
pub(super) fn aliases_of(aliases: Option<&sdk::Aliases>) -> BTreeSet<String> {
    aliases.map(sdk::Aliases::items).unwrap_or_default().iter().cloned().collect()
}
