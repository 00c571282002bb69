//! Modules, lines 63 to 71, and epic, story 3: the pair of keys.

use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::json;

use crate::cloud::{Cloud, Outputs};

pub(crate) async fn assert_met(cloud: &Cloud, key_group: &str, outputs: &Outputs) {
    let keys = cloud.cloudfront.list_public_keys().send().await.unwrap().public_key_list.unwrap();
    let [key] = keys.items() else {
        panic!("epic, line 12: one public key in CloudFront, not {:?}", keys.items())
    };
    assert_eq!(outputs["cloudfront_public_key_id"], json!(key.id()), "modules, line 69");
    let public = RsaPublicKey::from_public_key_pem(key.encoded_key()).expect("epic, line 12: RSA");
    assert_eq!(public.size() * 8, 2048, "epic, line 12: RSA-2048");

    let groups = cloud.cloudfront.list_key_groups().send().await.unwrap().key_group_list.unwrap();
    let [group] = groups.items() else { panic!("modules, line 70: one key group") };
    let group = group.key_group().unwrap();
    assert_eq!(outputs["cloudfront_key_group_id"], json!(group.id()), "modules, line 70");
    let config = group.key_group_config().unwrap();
    assert_eq!(config.name(), key_group, "modules, line 67: the name of the key group");
    assert_eq!(config.items(), [key.id()], "modules, line 65: the key is in the group");

    let list = cloud.secrets.list_secrets().send().await.unwrap();
    let [secret] = list.secret_list() else { panic!("epic, line 12: one secret") };
    assert_eq!(outputs["private_key_secret_arn"], json!(secret.arn()), "modules, line 71");
    let value = cloud.secrets.get_secret_value().secret_id(secret.arn().unwrap()).send().await.unwrap();
    let private = RsaPrivateKey::from_pkcs1_pem(value.secret_string().unwrap());
    let private =
        private.expect("modules, line 65, and epic, line 12: the private key is in Secrets Manager");
    assert_eq!(
        private.to_public_key(),
        public,
        "modules, line 108: CloudFront trusts what is signed with it"
    );
    let mut stages = value.version_stages().to_vec();
    stages.sort_unstable();
    assert_eq!(stages, ["AWSCURRENT", key.id()], "modules, line 107: with the key comes the id of its pair");
}
