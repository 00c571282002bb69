//! What a distribution needs to be permitted.

use provision_engine::permission::{Act, Permission, Undertaking};

use crate::permissions::arn;

pub(super) fn needed(of: Undertaking<'_>) -> Vec<Permission> {
    let distribution = arn::cloudfront("distribution", of.id_or_any());
    let is_configured_anew = of.act == Act::Update && !of.only_differs(&["tags"]);
    let is_retained = of.attributes.get("retain_on_delete").as_bool() == Some(true);
    of.needs()
        .find("*", &["cloudfront:ListDistributions"])
        .find(&distribution, &["cloudfront:GetDistributionConfig"])
        .create("*", &["cloudfront:CreateDistribution"])
        // Distributions are created with tags, if only with none.
        .create(&distribution, &["cloudfront:TagResource"])
        .read(&distribution, &["cloudfront:GetDistribution", "cloudfront:ListTagsForResource"])
        .update(&distribution, &["cloudfront:GetDistributionConfig", "cloudfront:GetDistribution"])
        .when(is_configured_anew, &distribution, &["cloudfront:UpdateDistribution"])
        .when(of.act == Act::Update && of.adds("tags"), &distribution, &["cloudfront:TagResource"])
        .when(of.drops("tags"), &distribution, &["cloudfront:UntagResource"])
        .delete(&distribution, &["cloudfront:GetDistribution", "cloudfront:UpdateDistribution"])
        .when(of.act == Act::Delete && !is_retained, &distribution, &["cloudfront:DeleteDistribution"])
        .with(super::logging::permissions)
        .done()
}
