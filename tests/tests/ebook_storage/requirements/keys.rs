//! Lines 268, 278, 279, 306 and 322: the key.

use aws_sdk_kms::types::KeyMetadata;
use serde_json::{Value as Json, json};

use super::Expected;
use crate::cloud::Cloud;

/// Returns the key that everything is encrypted with.
pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) -> KeyMetadata {
    let alias = format!("alias/{}", expected.bucket());
    let alias = if expected.own_key { alias.as_str() } else { "alias/publishing" };
    let key = cloud.kms.describe_key().key_id(alias).send().await;
    let key = key.unwrap_or_else(|_| panic!("lines 278 and 279: {alias} is there")).key_metadata.unwrap();
    let aliases = cloud.kms.list_aliases().send().await.unwrap();
    let has_own = aliases
        .aliases()
        .iter()
        .any(|alias| alias.alias_name() == Some(&format!("alias/{}", expected.bucket())));
    assert_eq!(has_own, expected.own_key, "line 268: a key is made if no alias is given, and only then");
    if !expected.own_key {
        return key;
    }
    let rotation = cloud.kms.get_key_rotation_status().key_id(key.key_id()).send().await.unwrap();
    assert!(rotation.key_rotation_enabled(), "line 322: encryption key rotation");
    let policy = cloud.kms.get_key_policy().key_id(key.key_id()).policy_name("default").send().await.unwrap();
    let policy: Json = serde_json::from_str(policy.policy().unwrap()).unwrap();
    let principals: Vec<&Json> =
        policy["Statement"].as_array().unwrap().iter().map(|statement| &statement["Principal"]).collect();
    let account = json!({ "AWS": format!("arn:aws:iam::{}:root", expected.account) });
    assert_eq!(principals, [&account], "line 309: the roles' own policies say who uses the key");
    key
}
