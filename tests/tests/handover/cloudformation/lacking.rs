//! What the local AWS's CloudFormation does not know: the properties in the template, beside what an apply has made or would
//! make.

use std::collections::BTreeMap;

use provision_engine::plan::ChangeDocument;
use serde_json::{Map, Value as Json, json};

use super::resolved::Resolver;

/// Fails if a template says something else of a resource than what is in the plan. `planned`: by names in the template.
pub(super) fn assert_same(resolver: &Resolver<'_>, planned: &BTreeMap<String, &ChangeDocument>, id: &str) {
    let r#type = resolver.template.document["Resources"][id]["Type"].as_str().unwrap();
    let mut properties = resolver.properties(id);
    let after = planned.get(id).unwrap_or_else(|| panic!("{id} is in the plan")).after.to_json();
    let expected = match r#type {
        "AWS::CloudFront::KeyGroup" => {
            properties["KeyGroupConfig"]["Items"] = sorted(&properties["KeyGroupConfig"]["Items"]);
            let items = sorted(&after["items"]);
            json!({ "KeyGroupConfig": { "Comment": after["comment"], "Items": items, "Name": after["name"] } })
        }
        "AWS::CloudFront::MonitoringSubscription" => {
            let config = &after["monitoring_subscription"]["realtime_metrics_subscription_config"];
            let config = json!({ "RealtimeMetricsSubscriptionStatus": config["realtime_metrics_subscription_status"] });
            json!({
                "DistributionId": after["distribution_id"],
                "MonitoringSubscription": { "RealtimeMetricsSubscriptionConfig": config },
            })
        }
        "AWS::CloudFront::PublicKey" => {
            // Its name ends with a fingerprint, which a template cannot know.
            let config = properties["PublicKeyConfig"].as_object_mut().unwrap();
            config.remove("CallerReference").expect("it has a caller reference");
            for key in ["Name", "EncodedKey"] {
                config[key] = bare(&config[key]);
            }
            json!({
                "PublicKeyConfig": {
                    "Comment": after["comment"],
                    "EncodedKey": bare(&after["encoded_key"]),
                    "Name": bare(&after["name"]),
                },
            })
        }
        "AWS::IAM::RolePolicy" => json!({
            "PolicyDocument": after["policy"],
            "PolicyName": after["name"],
            "RoleName": after["role"],
        }),
        "AWS::MediaConvert::JobTemplate" => json!({
            "Category": after["category"],
            "Description": after["description"],
            "Name": after["name"],
            "Queue": after["queue"],
            "SettingsJson": capitalized(&after["settings"]),
            "Tags": after["tags"],
        }),
        "AWS::MediaConvert::Queue" => json!({
            "Description": after["description"],
            "Name": after["name"],
            "PricingPlan": after["pricing_plan"],
            "Tags": after["tags"],
        }),
        other => panic!("nothing is compared of {other}"),
    };
    // What is null in one is not there in the other.
    let names = [&properties, &expected].into_iter().flat_map(|all| all.as_object().unwrap().keys());
    for name in names {
        assert_eq!(properties[name], expected[name], "{name} of {id}");
    }
}

/// A name without the fingerprint at its end, or a PEM without blanks around it.
fn bare(text: &Json) -> Json {
    let text = text.as_str().unwrap();
    match text.rsplit_once('-') {
        Some((name, fingerprint)) if fingerprint.len() == 12 => name.into(),
        _ => text.trim().into(),
    }
}

/// Texts whose order means nothing.
fn sorted(texts: &Json) -> Json {
    let mut texts: Vec<&str> = texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    texts.sort_unstable();
    json!(texts)
}

/// The same with keys that begin with capitals.
fn capitalized(settings: &Json) -> Json {
    match settings {
        Json::Array(items) => items.iter().map(capitalized).collect(),
        Json::Object(entries) => {
            let capital = |key: &String| key[..1].to_ascii_uppercase() + &key[1..];
            let entries = entries.iter().filter(|(_, value)| !value.is_null());
            Json::Object(
                entries.map(|(key, value)| (capital(key), capitalized(value))).collect::<Map<_, _>>(),
            )
        }
        other => other.clone(),
    }
}
