//! What a hosted zone is in CloudFormation.

use provision_engine::cloudformation::{Counterpart, Returned, table};
use provision_engine::value::Value;

pub(super) const COUNTERPART: Counterpart = Counterpart::resource("AWS::Route53::HostedZone", |zone| {
    zone.same(&["name", "delegation_set_id"]);
    zone.rename("comment", "HostedZoneConfig.Comment");
    zone.unless("enable_accelerated_recovery", "HostedZoneFeatures.EnableAcceleratedRecovery", false);
    zone.blocks("vpc", "VPCs", |vpc| {
        vpc.rename("vpc_id", "VPCId");
        let region = match vpc.take("vpc_region") {
            // There, it is required.
            Value::Null => table([("Ref", "AWS::Region".into())]),
            region => region,
        };
        vpc.put("VPCRegion", region);
    });
    let tags = zone.take("tags");
    let tag =
        |(key, value): (&String, &Value)| table([("Key", key.as_str().into()), ("Value", value.clone())]);
    zone.put("HostedZoneTags", Value::List(tags.as_map().into_iter().flatten().map(tag).collect()));
    zone.ours(&["force_destroy"]);
})
.with(&[
    ("id", Returned::Ref),
    ("zone_id", Returned::Ref),
    ("arn", Returned::Sub("arn:${AWS::Partition}:route53:::hostedzone/${Ref}")),
    ("name_servers", Returned::GetAtt("NameServers")),
]);
