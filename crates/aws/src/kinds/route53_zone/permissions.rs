//! What a zone needs to be permitted.

use provision_engine::permission::{Act, Needs, Permission, Undertaking};

use crate::permissions::arn;

pub(super) fn needed(of: Undertaking<'_>) -> Vec<Permission> {
    let zone = arn::zone(of.id_or_any());
    let is_emptied = of.act == Act::Delete && of.has("force_destroy");
    let is_private = of.has("vpc");
    of.needs()
        .find("*", &["route53:ListHostedZonesByName"])
        .create("*", &["route53:CreateHostedZone"])
        .when(of.act == Act::Create && is_private, "*", &["ec2:DescribeVpcs"])
        .read(&zone, &["route53:GetHostedZone", "route53:ListTagsForResource"])
        .when(of.act == Act::Read && is_private, &zone, &["route53:ListResourceRecordSets"])
        .change(&zone, &["route53:GetHostedZone"])
        .when(of.act == Act::Update && of.differs("comment"), &zone, &["route53:UpdateHostedZoneComment"])
        .with(|needs, of| vpc_permissions(needs, of, &zone))
        .when(of.sets(&["enable_accelerated_recovery"]), &zone, &["route53:UpdateHostedZoneFeatures"])
        .when(of.adds("tags") || of.drops("tags"), &zone, &["route53:ChangeTagsForResource"])
        .when(is_emptied, &zone, &["route53:GetHostedZone", "route53:ListResourceRecordSets"])
        .when(is_emptied, &zone, &["route53:ChangeResourceRecordSets"])
        .delete(&zone, &["route53:DeleteHostedZone"])
        .done()
}

/// What it needs to associate a zone with VPCs, and to dissociate it.
fn vpc_permissions<'a>(needs: Needs<'a>, of: Undertaking<'a>, zone: &str) -> Needs<'a> {
    let is_updated = of.act == Act::Update && of.differs("vpc");
    // A zone is made with the first.
    let has_more = of.act == Act::Create && of.attributes.get("vpc").items().len() > 1;
    needs
        .when(is_updated || has_more, zone, &["route53:AssociateVPCWithHostedZone"])
        .when(is_updated, zone, &["route53:DisassociateVPCFromHostedZone"])
        .when(is_updated || has_more, "*", &["ec2:DescribeVpcs"])
}
