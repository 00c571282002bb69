//! §4.4: the public key and the key group.

use super::Expected;
use crate::cloud::Cloud;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let keys = cloud.cloudfront.list_public_keys().send().await.unwrap().public_key_list.unwrap();
    let [key] = keys.items() else { panic!("§4.4, line 143: one public key, not {:?}", keys.items()) };
    assert!(key.encoded_key().starts_with("-----BEGIN PUBLIC KEY-----\n"), "§4.4, line 143: a PEM");
    let groups = cloud.cloudfront.list_key_groups().send().await.unwrap().key_group_list.unwrap();
    let [group] = groups.items() else { panic!("§4.4, line 144: one key group") };
    let group = group.key_group().unwrap().key_group_config().unwrap();
    assert_eq!(group.items(), [key.id()], "§4.4, line 144: the group refers to the key");
    assert_eq!(group.name(), format!("{}-{}", expected.project, expected.environment));
}
