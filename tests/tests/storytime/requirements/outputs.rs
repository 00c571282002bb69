//! §8: the outputs, by their names, say what is there.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::Expected;
use crate::cloud::Cloud;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>, outputs: &BTreeMap<String, Json>) {
    let (distribution, _) = cloud.distribution().await;
    let groups = cloud.cloudfront.list_key_groups().send().await.unwrap().key_group_list.unwrap();
    let group = groups.items()[0].key_group().unwrap().id().to_owned();
    let keys = cloud.cloudfront.list_public_keys().send().await.unwrap().public_key_list.unwrap();
    let role = cloud.iam.get_role().role_name(expected.role_name()).send().await.unwrap().role.unwrap();
    let secret = cloud.secrets.describe_secret().secret_id(expected.secret_name()).send().await.unwrap();
    for (name, value, cited) in [
        ("master_uploads_bucket_name", json!(expected.master_bucket()), "§8, line 231"),
        ("hls_outputs_bucket_name", json!(expected.output_bucket()), "§8, line 232"),
        ("cloudfront_distribution_id", json!(distribution.id()), "§8, line 233"),
        ("cloudfront_domain_name", json!(distribution.domain_name()), "§8, line 234"),
        ("cloudfront_key_group_id", json!(group), "§8, line 235"),
        ("cloudfront_public_key_id", json!(keys.items()[0].id()), "§8, line 236, and §4.4, line 150"),
        ("mediaconvert_role_arn", json!(role.arn()), "§8, line 237, and §5.1, line 171"),
        ("cloudfront_private_key_secret_arn", json!(secret.arn()), "§8, line 238, and §7, line 223"),
        ("cloudfront_private_key_secret_name", json!(secret.name()), "§7, line 224"),
        ("rails_policy_arn", json!(expected.rails_policy()), "§5.2, line 185"),
    ] {
        assert_eq!(outputs.get(name), Some(&value), "{cited}: {name}");
    }
    let host = expected.domain.as_ref().map_or(distribution.domain_name(), |domain| domain.name);
    assert_eq!(outputs.get("cdn_host"), Some(&json!(host)), "§4.5, line 153: what players use");
}
