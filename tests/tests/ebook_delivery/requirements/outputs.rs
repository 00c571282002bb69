//! The outputs, by their names, say what is there.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Access, Expected};
use crate::cloud::Cloud;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>, outputs: &BTreeMap<String, Json>) {
    let (distribution, _) = cloud.distribution().await;
    let output = |name: &str| outputs.get(name).unwrap_or_else(|| panic!("there is an output {name}"));
    assert_eq!(output("cloudfront_domain_name"), distribution.domain_name(), "Template Structure, line 88");
    assert_eq!(output("bucket_name"), &json!(expected.bucket()), "Template Structure, line 89");
    assert_eq!(output("route53_record"), &json!(expected.domain), "Template Structure, line 90");

    let host = expected.domain.unwrap_or(distribution.domain_name());
    assert_eq!(output("base_url"), &json!(format!("https://{host}")), "what URLs begin with");
    assert_eq!(output("distribution_id"), distribution.id());
    assert_eq!(output("log_bucket_name"), &json!(expected.log_bucket()));
    assert_eq!(output("dashboard_name"), &json!(expected.name()));
    assert_eq!(output("alarm_names").as_array().map(Vec::len), Some(4));
    let role =
        |name: &str| json!(format!("arn:aws:iam::{}:role/{}-{name}", expected.account, expected.name()));
    assert_eq!(output("publisher_role_arn"), &role("publisher"));
    assert_eq!(output("deployment_role_arn"), &role("deployment"));
    assert_eq!(output("private_key_secret_name"), &json!(expected.secret()));
    let secret = output("private_key_secret_arn").as_str().unwrap();
    assert!(secret.starts_with(&format!("arn:aws:secretsmanager:{}:", expected.region)), "{secret}");

    let makes_zone = expected.domain.is_some() && expected.zone.is_none();
    assert_eq!(!output("hosted_zone_name_servers").is_null(), makes_zone, "whom the registrar must know");
    let (key, statement) = (output("kms_key_arn"), output("kms_key_policy_statement"));
    match expected.access {
        Access::Control { given_key: Some(given) } => {
            assert_eq!(key, given);
            let statement: Json = serde_json::from_str(statement.as_str().unwrap()).unwrap();
            let that = json!({ "StringEquals": { "AWS:SourceArn": distribution.arn() } });
            assert_eq!((&statement["Action"], &statement["Condition"]), (&json!("kms:Decrypt"), &that));
        }
        Access::Control { given_key: None } => {
            assert!(key.as_str().unwrap().contains(":key/") && statement.is_null(), "{key} {statement}");
        }
        Access::Identity => assert!(key.is_null() && statement.is_null(), "{key} {statement}"),
    }
}
