//! `aws_route53_zone`, the resource and the data source.

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType, Vpc, VpcRegion,
};
use provision_sandbox::{Effect, Fault};
use serde_json::json;

use crate::lab::Lab;

const KIND: &str = "aws_route53_zone";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let route53 = Client::new(&lab.sdk);
    let mut zone = lab.resource(KIND);
    let created = zone
        .create(json!({ "name": "Example.com.", "comment": "for readers", "tags": { "team": "video" } }))
        .await
        .clone();
    assert_eq!(created.get("name_servers").items().len(), 4);
    assert_eq!(created.get("primary_name_server").as_str(), Some("ns-1.awsdns-1.com."));
    assert_eq!(
        created.get("arn").as_str(),
        Some(format!("arn:aws:route53:::hostedzone/{}", zone.id).as_str())
    );
    assert_eq!(zone.attributes.get("zone_id").as_str(), Some(zone.id.as_str()));

    zone.update(
        json!({ "name": "example.com", "comment": "for all", "tags": { "team": "audio", "cost": "1" } }),
    )
    .await;
    let many: serde_json::Map<_, _> = (0..23).map(|number| (format!("tag{number}"), json!("x"))).collect();
    zone.update(json!({ "name": "example.com", "tags": many })).await;
    let bare = json!({ "name": "example.com" });
    zone.update(bare.clone()).await;
    zone.update(json!({ "name": "example.com", "force_destroy": true })).await;
    zone.update(bare.clone()).await;
    zone.replaces(json!({ "name": "example.org" }), &["name"]);
    zone.replaces(json!({ "name": "example.com", "delegation_set_id": "N1" }), &["delegation_set_id"]);

    route53.update_hosted_zone_comment().id(&zone.id).comment("changed").send().await.unwrap();
    zone.repair_drift(bare, &["comment"]).await;
    zone.delete().await;
}

#[tokio::test]
async fn is_private_within_vpcs() {
    let lab = Lab::new().await;
    let route53 = Client::new(&lab.sdk);
    let mut zone = lab.resource(KIND);
    let vpc = |id: &str, region: &str| json!({ "vpc_id": id, "vpc_region": region });
    zone.create(
        json!({ "name": "corp.internal", "vpc": [{ "vpc_id": "vpc-1" }, vpc("vpc-2", "eu-west-1")] }),
    )
    .await;
    assert_eq!(zone.attributes.get("vpc").items().len(), 2);
    let there = route53.get_hosted_zone().id(&zone.id).send().await.unwrap();
    assert!(there.hosted_zone().unwrap().config().unwrap().private_zone);
    assert_eq!(zone.attributes.get("name_servers").items().len(), 4, "those of its NS record");

    zone.update(
        json!({ "name": "corp.internal", "vpc": [vpc("vpc-3", "us-east-1"), vpc("vpc-2", "eu-west-1")] }),
    )
    .await;
    let last = json!({ "name": "corp.internal", "vpc": [vpc("vpc-4", "us-east-1")] });
    zone.update(last.clone()).await;

    let added = Vpc::builder().vpc_id("vpc-5").vpc_region(VpcRegion::UsEast1).build();
    route53.associate_vpc_with_hosted_zone().hosted_zone_id(&zone.id).vpc(added).send().await.unwrap();
    zone.repair_drift(last, &["vpc"]).await;

    let by_vpc = lab.data(KIND, json!({ "vpc_id": "vpc-4" })).await.unwrap();
    assert_eq!(by_vpc.get("zone_id").as_str(), Some(zone.id.as_str()));
    assert!(lab.data(KIND, json!({ "name": "corp.internal" })).await.unwrap_err().contains("no such public"));
    zone.delete().await;
}

fn change(index: usize) -> Change {
    let value = ResourceRecord::builder().value(format!("192.0.2.{}", index % 250)).build().unwrap();
    let set = ResourceRecordSet::builder()
        .name(format!("host{index}.example.com"))
        .r#type(RrType::A)
        .ttl(60)
        .resource_records(value)
        .build()
        .unwrap();
    Change::builder().action(ChangeAction::Create).resource_record_set(set).build().unwrap()
}

#[tokio::test]
async fn goes_with_its_records_only_if_told_so() {
    let lab = Lab::new().await;
    let route53 = Client::new(&lab.sdk);
    let mut zone = lab.resource(KIND);
    zone.create(json!({ "name": "example.com" })).await;
    let changes = (0..430).map(change).collect();
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().unwrap();
    route53.change_resource_record_sets().hosted_zone_id(&zone.id).change_batch(batch).send().await.unwrap();

    let refused = zone.delete_fails().await;
    assert!(refused.starts_with("HostedZoneNotEmpty"), "{refused}");
    zone.update(json!({ "name": "example.com", "force_destroy": true })).await;
    zone.delete().await;
}

#[tokio::test]
async fn is_made_once_though_the_reply_is_lost() {
    let lab = Lab::new().await;
    let route53 = Client::new(&lab.sdk);
    // A namesake of someone else is not taken for ours.
    route53.create_hosted_zone().name("example.com").caller_reference("other").send().await.unwrap();
    lab.inject(Fault {
        operation: Some("CreateHostedZone".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::LoseReply)
    });
    let mut zone = lab.resource(KIND);
    zone.create(json!({ "name": "example.com" })).await;
    let zones = route53.list_hosted_zones().send().await.unwrap();
    assert_eq!(zones.hosted_zones().len(), 2, "the other's and ours");
    zone.delete().await;
}

#[tokio::test]
async fn is_found_as_data() {
    let lab = Lab::new().await;
    let mut zone = lab.resource(KIND);
    zone.create(json!({ "name": "example.com", "comment": "readers", "tags": { "stage": "dev" } })).await;
    let by_name = lab.data(KIND, json!({ "name": "example.com." })).await.unwrap();
    assert_eq!(by_name.get("zone_id").as_str(), Some(zone.id.as_str()));
    assert_eq!(by_name.get("id").as_str(), Some(zone.id.as_str()));
    assert_eq!(by_name.get("comment").as_str(), Some("readers"));
    assert_eq!(by_name.get("resource_record_set_count").as_i64(), Some(2));
    assert_eq!(by_name.get("private_zone").as_bool(), Some(false));
    let by_id = lab.data(KIND, json!({ "zone_id": zone.id })).await.unwrap();
    assert_eq!(by_id.get("name").as_str(), Some("example.com"));
    assert_eq!(by_id.get("tags").to_json(), json!({ "stage": "dev" }));
    let by_tags = lab.data(KIND, json!({ "name": "example.com", "tags": { "stage": "dev" } })).await.unwrap();
    assert_eq!(by_tags.get("name_servers").items().len(), 4);

    assert!(lab.data(KIND, json!({ "name": "example.org" })).await.is_err());
    assert!(lab.data(KIND, json!({ "zone_id": "ZNOTTHERE" })).await.unwrap_err().contains("ZNOTTHERE"));
    let mut twin = lab.resource(KIND);
    twin.create(json!({ "name": "example.com" })).await;
    let error = lab.data(KIND, json!({ "name": "example.com" })).await.unwrap_err();
    assert!(error.contains("there are 2 such public hosted zones"), "{error}");
    twin.delete().await;
    zone.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        KIND,
        json!({ "name": "corp", "vpc": [{ "vpc_id": "vpc-1" }], "delegation_set_id": "N1", "zone": "x" }),
    );
    assert_eq!(problems.len(), 2, "{problems:?}");
}
