//! `aws_route53_record`.

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use futures::future::join_all;
use provision_engine::value::Value;
use provision_sandbox::{Effect, Fault};
use serde_json::json;

use crate::lab::Lab;

const KIND: &str = "aws_route53_record";

async fn zone(lab: &Lab) -> (Client, String) {
    let route53 = Client::new(&lab.sdk);
    let zone =
        route53.create_hosted_zone().name("example.com").caller_reference("test").send().await.unwrap();
    (route53, zone.hosted_zone.unwrap().id.trim_start_matches("/hostedzone/").to_owned())
}

async fn there(route53: &Client, zone_id: &str, name: &str) -> ResourceRecordSet {
    let page = route53
        .list_resource_record_sets()
        .hosted_zone_id(zone_id)
        .start_record_name(name)
        .max_items(1)
        .send()
        .await
        .unwrap();
    page.resource_record_sets.into_iter().next().unwrap()
}

async fn overwrite(route53: &Client, zone_id: &str, set: ResourceRecordSet) {
    let change = Change::builder().action(ChangeAction::Upsert).resource_record_set(set).build().unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    route53.change_resource_record_sets().hosted_zone_id(zone_id).change_batch(batch).send().await.unwrap();
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let (route53, zone_id) = zone(&lab).await;
    let mut record = lab.resource(KIND);
    let created = record
        .create(json!({
            "zone_id": zone_id,
            "name": "www",
            "type": "A",
            "ttl": 300,
            "records": ["192.0.2.2", "192.0.2.1"],
        }))
        .await;
    assert_eq!(created.get("fqdn").as_str(), Some("www.example.com"));
    assert_eq!(record.id, format!("{zone_id}_www_A"));

    let current =
        json!({ "zone_id": zone_id, "name": "WWW", "type": "A", "ttl": 60, "records": ["192.0.2.3"] });
    record.update(current.clone()).await;
    record.replaces(
        json!({ "zone_id": zone_id, "name": "www.example.com", "type": "AAAA", "ttl": 60, "records": ["::1"] }),
        &["name", "type"],
    );
    record.replaces(
        json!({ "zone_id": "Z2", "name": "www", "type": "A", "ttl": 60, "records": ["192.0.2.3"] }),
        &["zone_id"],
    );

    let value = ResourceRecord::builder().value("192.0.2.99").build().unwrap();
    let mut set = there(&route53, &zone_id, "www.example.com").await;
    set.resource_records = Some(vec![value]);
    overwrite(&route53, &zone_id, set).await;
    record.repair_drift(current, &["records"]).await;

    // From values to an alias and back is an update.
    let alias =
        |name: &str| json!({ "name": name, "zone_id": "Z2FDTNDATAQYW2", "evaluate_target_health": false });
    record
        .update(
            json!({ "zone_id": zone_id, "name": "www", "type": "A", "alias": alias("D111.cloudfront.net") }),
        )
        .await;
    record.unchanged(
        json!({ "zone_id": zone_id, "name": "www", "type": "A", "alias": alias("d111.cloudfront.net.") }),
    );
    record
        .update(
            json!({ "zone_id": zone_id, "name": "www", "type": "A", "ttl": 60, "records": ["192.0.2.3"] }),
        )
        .await;
    record.delete().await;
}

#[tokio::test]
async fn has_names_as_the_dns_has_them() {
    let lab = Lab::new().await;
    let (route53, zone_id) = zone(&lab).await;
    for (name, fqdn) in [
        ("", "example.com"),
        ("example.com", "example.com"),
        ("*.Preview", "*.preview.example.com"),
        ("_dmarc.example.com.", "_dmarc.example.com"),
    ] {
        let mut record = lab.resource(KIND);
        let created = record
            .create(json!({ "zone_id": zone_id, "name": name, "type": "TXT", "ttl": 60, "records": ["a"] }))
            .await;
        assert_eq!(created.get("fqdn").as_str(), Some(fqdn));
        record.delete().await;
    }
    let sets = route53.list_resource_record_sets().hosted_zone_id(&zone_id).send().await.unwrap();
    assert_eq!(sets.resource_record_sets().len(), 2, "NS and SOA are left");
}

#[tokio::test]
async fn puts_texts_in_quotes() {
    let lab = Lab::new().await;
    let (route53, zone_id) = zone(&lab).await;
    let mut record = lab.resource(KIND);
    let long = "k".repeat(300);
    record
        .create(json!({
            "zone_id": zone_id,
            "name": "mail._domainkey",
            "type": "TXT",
            "ttl": 60,
            "records": ["v=spf1 -all", long, "first\" \"second", "with \\\"quotes\\\""],
        }))
        .await;
    let set = there(&route53, &zone_id, "mail._domainkey.example.com").await;
    let values: Vec<&str> = set.resource_records().iter().map(|record| record.value.as_str()).collect();
    let cut = format!("\"{}\" \"{}\"", "k".repeat(255), "k".repeat(45));
    for value in ["\"v=spf1 -all\"", &cut, "\"first\" \"second\"", "\"with \\\"quotes\\\"\""] {
        assert!(values.contains(&value), "{value} is among {values:?}");
    }
    record.delete().await;
}

#[tokio::test]
async fn follows_routing_policies() {
    let lab = Lab::new().await;
    let (_, zone_id) = zone(&lab).await;
    let with = |set: &str, policy: serde_json::Value| {
        let mut record = json!({
            "zone_id": zone_id, "name": "api", "type": "CNAME", "ttl": 60, "records": ["a.example.net"],
            "set_identifier": set,
        });
        record.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
        record
    };
    for (first, second) in [
        (
            json!({ "weighted_routing_policy": { "weight": 90 } }),
            json!({ "weighted_routing_policy": { "weight": 0 } }),
        ),
        (
            json!({ "latency_routing_policy": { "region": "eu-west-1" } }),
            json!({ "latency_routing_policy": { "region": "us-east-1" } }),
        ),
        (
            json!({ "failover_routing_policy": { "type": "PRIMARY" }, "health_check_id": "abc" }),
            json!({ "failover_routing_policy": { "type": "SECONDARY" } }),
        ),
        (
            json!({ "geolocation_routing_policy": { "continent": "EU" } }),
            json!({ "geolocation_routing_policy": { "country": "US", "subdivision": "CA" } }),
        ),
        (
            json!({ "cidr_routing_policy": { "collection_id": "12345678-1234-1234-1234-123456789012", "location_name": "*" } }),
            json!({ "cidr_routing_policy": { "collection_id": "12345678-1234-1234-1234-123456789012", "location_name": "office" } }),
        ),
        (
            json!({ "multivalue_answer_routing_policy": true }),
            json!({ "multivalue_answer_routing_policy": true, "health_check_id": "abc" }),
        ),
    ] {
        let mut other = lab.resource(KIND);
        other.create(with("a_A_other", first.clone())).await;
        let mut record = lab.resource(KIND);
        record.create(with("blue", first.clone())).await;
        assert_eq!(record.id, format!("{zone_id}_api_CNAME_blue"));
        record.update(with("blue", second)).await;
        record.replaces(with("green", first), &["set_identifier"]);
        record.delete().await;
        other.delete().await;
    }
}

#[tokio::test]
async fn protects_what_others_made() {
    let lab = Lab::new().await;
    let (route53, zone_id) = zone(&lab).await;
    let value = ResourceRecord::builder().value("192.0.2.1").build().unwrap();
    let set = ResourceRecordSet::builder()
        .name("old.example.com")
        .r#type(RrType::A)
        .ttl(60)
        .resource_records(value);
    overwrite(&route53, &zone_id, set.build().unwrap()).await;
    let own = json!({ "zone_id": zone_id, "name": "old", "type": "A", "ttl": 60, "records": ["192.0.2.2"] });
    let refused = lab.resource(KIND).create_fails(own.clone()).await;
    assert!(refused.contains("already exists"), "{refused}");

    let mut record = lab.resource(KIND);
    let mut forced = own;
    forced["allow_overwrite"] = json!(true);
    record.create(forced).await;
    record.delete().await;

    let elsewhere = json!({ "zone_id": zone_id, "name": "a.example.org.", "type": "A", "ttl": 60, "records": ["192.0.2.2"] });
    let refused = lab.resource(KIND).create_fails(elsewhere).await;
    assert!(refused.contains("is not permitted in zone"), "{refused}");
    let nowhere =
        json!({ "zone_id": "ZNOTTHERE", "name": "a", "type": "A", "ttl": 60, "records": ["192.0.2.2"] });
    let refused = lab.resource(KIND).create_fails(nowhere).await;
    assert!(refused.contains("there is no hosted zone ZNOTTHERE"), "{refused}");
}

#[tokio::test]
async fn goes_as_it_was_read_or_as_it_is() {
    let lab = Lab::new().await;
    let (route53, zone_id) = zone(&lab).await;
    for is_changed in [false, true] {
        let mut record = lab.resource(KIND);
        record
            .create(
                json!({ "zone_id": zone_id, "name": "www", "type": "A", "ttl": 60, "records": ["192.0.2.1"] }),
            )
            .await;
        if is_changed {
            let mut set = there(&route53, &zone_id, "www.example.com").await;
            set.ttl = Some(3600);
            overwrite(&route53, &zone_id, set).await;
        }
        let before = lab.control().calls().await.unwrap().len();
        record.delete().await;
        let calls = lab.control().calls().await.unwrap().split_off(before);
        let operations: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
        let (look, change) = ("ListResourceRecordSets", "ChangeResourceRecordSets");
        let expected: &[&str] = if is_changed { &[change, look, change] } else { &[change] };
        assert!(operations.starts_with(expected), "{is_changed}: {operations:?}");
    }
}

#[tokio::test]
async fn is_made_once_though_the_reply_is_lost() {
    let lab = Lab::new().await;
    let (_, zone_id) = zone(&lab).await;
    let lost = || Fault {
        operation: Some("ChangeResourceRecordSets".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::LoseReply)
    };
    lab.inject(lost());
    let mut record = lab.resource(KIND);
    record
        .create(
            json!({ "zone_id": zone_id, "name": "www", "type": "A", "ttl": 60, "records": ["192.0.2.1"] }),
        )
        .await;
    lab.inject(lost());
    record.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = |record: serde_json::Value| {
        let mut whole = json!({ "zone_id": "Z1", "name": "www", "type": "A" });
        whole.as_object_mut().unwrap().extend(record.as_object().unwrap().clone());
        lab.problems(KIND, whole)
    };
    let alias = json!({ "name": "d.cloudfront.net", "zone_id": "Z2", "evaluate_target_health": true });
    assert_eq!(
        problems(json!({ "alias": alias, "records": ["192.0.2.1"], "ttl": 1 })),
        ["records: `alias` and `records` exclude each other"]
    );
    assert_eq!(
        problems(json!({ "alias": alias, "ttl": 1 })),
        ["ttl: an alias has the `ttl` of what it stands for"]
    );
    assert_eq!(problems(json!({ "records": ["192.0.2.1"] })), ["ttl: `ttl` is required with `records`"]);
    assert_eq!(problems(json!({})), ["records: a record needs `records` or an `alias`"]);
    assert_eq!(
        problems(json!({
            "alias": alias,
            "weighted_routing_policy": { "weight": 1 },
            "latency_routing_policy": { "region": "eu-west-1" },
        })),
        [
            "weighted_routing_policy: `latency_routing_policy` and `weighted_routing_policy` exclude each other",
            "set_identifier: `set_identifier` is required with `latency_routing_policy`",
        ]
    );
    assert_eq!(
        problems(
            json!({ "alias": alias, "set_identifier": "a", "geoproximity_routing_policy": { "bias": 100 } })
        )
        .len(),
        2
    );
    assert_eq!(
        problems(json!({ "alias": alias, "set_identifier": "a", "geolocation_routing_policy": { "subdivision": "CA" } })).len(),
        2
    );
    assert_eq!(problems(json!({ "alias": alias, "set_identifier": "a" })).len(), 1);
}

/// How often record sets have been listed.
async fn lists(lab: &Lab) -> usize {
    let calls = lab.control().calls().await.unwrap();
    calls.iter().filter(|call| call.operation == "ListResourceRecordSets").count()
}

/// Makes TXT records of these names, each with its own name in it.
async fn fill(route53: &Client, zone_id: &str, names: &[String]) {
    for names in names.chunks(100) {
        let changes = names.iter().map(|name| {
            let value = ResourceRecord::builder().value(format!("\"{name}\"")).build().unwrap();
            let set = ResourceRecordSet::builder().name(format!("{name}.example.com")).r#type(RrType::Txt);
            let set = set.ttl(60).resource_records(value).build().unwrap();
            Change::builder().action(ChangeAction::Create).resource_record_set(set).build().unwrap()
        });
        let batch = ChangeBatch::builder().set_changes(Some(changes.collect())).build().unwrap();
        route53
            .change_resource_record_sets()
            .hosted_zone_id(zone_id)
            .change_batch(batch)
            .send()
            .await
            .unwrap();
    }
}

/// Reads the records of these names at once: the values, of those that are there.
async fn read_at_once(lab: &Lab, zone_id: &str, names: &[&str]) -> Vec<Option<String>> {
    let records = names.iter().map(|name| {
        let mut record = lab.resource(KIND);
        record.id = format!("{zone_id}_{name}_TXT");
        record.attributes = Value::from_json(
            json!({ "zone_id": zone_id, "name": name, "type": "TXT", "fqdn": format!("{name}.example.com") }),
        );
        record
    });
    let records: Vec<_> = records.collect();
    let read = join_all(records.iter().map(|record| record.reread())).await;
    let value = |read: Value| read.get("records").items()[0].as_str().unwrap().to_owned();
    read.into_iter().map(|read| read.unwrap().map(value)).collect()
}

#[tokio::test]
async fn is_read_along_with_others_of_its_zone() {
    let lab = Lab::new().await;
    let (route53, zone_id) = zone(&lab).await;
    let names: Vec<String> = (0..20).map(|number| format!("r{number}")).collect();
    fill(&route53, &zone_id, &names).await;
    let before = lists(&lab).await;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let expected: Vec<Option<String>> = names.iter().map(|name| Some((*name).to_owned())).collect();
    assert_eq!(read_at_once(&lab, &zone_id, &names).await, expected);
    assert_eq!(lists(&lab).await - before, 1, "one page has all of them");

    // What is gone is gone, and a failure is everybody's.
    let mut some = names[..5].to_vec();
    some.push("gone");
    let mut expected = expected[..5].to_vec();
    expected.push(None);
    assert_eq!(read_at_once(&lab, &zone_id, &some).await, expected);
    let denied = Effect::Error { status: 403, code: "AccessDenied".to_owned(), message: "no".to_owned() };
    lab.inject(Fault { operation: Some("ListResourceRecordSets".to_owned()), ..Fault::new(denied) });
    let mut records = Vec::new();
    for name in &names {
        let mut record = lab.resource(KIND);
        record.id = format!("{zone_id}_{name}.example.com_TXT");
        record.attributes = Value::from_json(
            json!({ "zone_id": zone_id, "name": name, "type": "TXT", "fqdn": format!("{name}.example.com") }),
        );
        records.push(record);
    }
    for failed in join_all(records.iter().map(|record| record.reread())).await {
        assert!(failed.is_err_and(|error| error.is(&["AccessDenied"])));
    }
}

#[tokio::test]
async fn is_read_in_a_zone_of_many_pages() {
    let lab = Lab::new().await;
    let (route53, zone_id) = zone(&lab).await;
    let mut names: Vec<String> = (0..1000).map(|number| format!("r{number:04}")).collect();
    // A wildcard, a name below another one, and two that differ where a hyphen comes before a dot.
    names.extend(["*.w", "a.r0500", "r0500-b", "R0600-c"].map(str::to_owned));
    fill(&route53, &zone_id, &names).await;
    let before = lists(&lab).await;
    let sought = [
        "r0000", "r0299", "r0300", "r0301", "r0500", "a.r0500", "r0500-b", "r0600-c", "r0999", "r1000",
        "*.w", "r0000x",
    ];
    let read = read_at_once(&lab, &zone_id, &sought).await;
    for (name, read) in sought.iter().zip(read) {
        let expected = match *name {
            "r1000" | "r0000x" => None,
            name => Some(name),
        };
        let read = read.map(|value| value.to_lowercase());
        assert_eq!(read.as_deref(), expected, "{name}");
    }
    let calls = lists(&lab).await - before;
    assert!(calls <= sought.len(), "{} records were read in {calls} calls", sought.len());
}
