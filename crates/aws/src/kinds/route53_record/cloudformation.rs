//! What a record set is in CloudFormation.

use provision_engine::cloudformation::{Block, Counterpart, Returned, table};
use provision_engine::value::Value;

use super::{bare_id, values};
use crate::kinds::acm_certificate::cloudformation::{PROOF, proven};

/// A record that proves a domain is a part of the certificate.
pub(super) const COUNTERPART: Counterpart = Counterpart::resource("AWS::Route53::RecordSet", record)
    .or_part_of("name", &[PROOF], proof)
    .with(&[("fqdn", Returned::Ref)]);

fn record(record: &mut Block<'_>) {
    let zone = zone(record);
    record.put("HostedZoneId", zone);
    // There, the name has to be whole. One with a dot is taken to be: another one, AWS refuses in most zones.
    let name = record.take("name");
    if name.as_str().is_some_and(|name| name.is_ascii() && !name.contains('.')) {
        record.wrong(
            "name",
            "CloudFormation completes no names: write the whole name, such as www.example.com",
        );
    }
    record.put("Name", name);
    values_of(record);
    record.same(&["type", "set_identifier", "health_check_id"]);
    record.block("alias", "AliasTarget", |alias| {
        alias.rename("name", "DNSName");
        alias.rename("zone_id", "HostedZoneId");
        alias.unless("evaluate_target_health", "EvaluateTargetHealth", false);
    });
    record.block("cidr_routing_policy", "CidrRoutingConfig", |cidr| {
        cidr.same(&["collection_id", "location_name"]);
    });
    record.within("failover_routing_policy", |failover| failover.rename("type", "Failover"));
    record.block("geolocation_routing_policy", "GeoLocation", |place| {
        place.rename("continent", "ContinentCode");
        place.rename("country", "CountryCode");
        place.rename("subdivision", "SubdivisionCode");
    });
    record.block("geoproximity_routing_policy", "GeoProximityLocation", |place| {
        place.rename("aws_region", "AWSRegion");
        place.same(&["local_zone_group"]);
        place.block("coordinates", "Coordinates", |place| place.same(&["latitude", "longitude"]));
        place.unless("bias", "Bias", 0_i64);
    });
    record.within("latency_routing_policy", |latency| latency.same(&["region"]));
    record.unless("multivalue_answer_routing_policy", "MultiValueAnswer", false);
    record.within("weighted_routing_policy", |weighted| weighted.same(&["weight"]));
    record.ours(&["allow_overwrite"]);
}

fn zone(record: &mut Block<'_>) -> Value {
    match record.take("zone_id") {
        Value::String(id) => bare_id(&id).into(),
        other => other,
    }
}

fn values_of(record: &mut Block<'_>) {
    // There, it is text.
    let ttl = match record.take("ttl") {
        Value::Number(seconds) => seconds.to_string().into(),
        other => other,
    };
    record.put("TTL", ttl);
    let kind = record.get("type").as_str().unwrap_or_default().to_owned();
    let written = |value: Value| match value.as_str() {
        Some(text) => values::for_template(&kind, text).into(),
        None => value,
    };
    let records = match record.take("records") {
        Value::List(values) => Value::List(values.into_iter().map(written).collect()),
        other => other,
    };
    record.put("ResourceRecords", records);
}

fn proof(record: &mut Block<'_>) {
    let (name, values, zone) = (record.take("name"), record.take("records"), zone(record));
    let proven = match values.items() {
        [value] => proven(&name, value),
        _ => None,
    };
    match proven {
        Some(domain) => {
            let option = table([("DomainName", domain.into()), ("HostedZoneId", zone)]);
            record.put("DomainValidationOptions", Value::List(vec![option]));
        }
        None => record.wrong("records", "this does not prove the domain: take `resource_record_value`"),
    }
    // The certificate sees to them.
    record.ours(&["type", "ttl", "allow_overwrite"]);
}
