//! `aws_cloudfront_public_key`.

use serde_json::json;

use crate::cloudfront::{create_fails, lose_reply, problems_with_unknown};
use crate::lab::Lab;

pub(crate) const RSA: &str = include_str!("keys/rsa_2048.pem");
pub(crate) const ANOTHER_RSA: &str = include_str!("keys/rsa_2048_other.pem");
const P256: &str = include_str!("keys/p256.pem");
const P384: &str = include_str!("keys/p384.pem");
const RSA_4096: &str = include_str!("keys/rsa_4096.pem");

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut key = lab.resource("aws_cloudfront_public_key");
    let created = key.create(json!({ "name": "playback", "encoded_key": RSA })).await;
    assert!(created.get("caller_reference").as_str().is_some());
    assert!(created.get("etag").as_str().is_some());

    let current = json!({ "name": "playback", "encoded_key": RSA, "comment": "Signs cookies" });
    key.update(current.clone()).await;
    // White space around a PEM makes no difference: neither change replaces the key.
    key.replaces(json!({ "name": "playback", "encoded_key": RSA.trim() }), &[]);
    key.replaces(json!({ "name": "playback", "encoded_key": ANOTHER_RSA }), &["encoded_key"]);
    key.replaces(json!({ "name": "other", "encoded_key": RSA }), &["name"]);

    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let there = cloudfront.get_public_key_config().id(&key.id).send().await.unwrap();
    let mut config = there.public_key_config.clone().unwrap();
    assert_eq!(config.comment(), Some("Signs cookies"));
    config.comment = Some("someone else's".to_owned());
    let update =
        cloudfront.update_public_key().id(&key.id).set_if_match(there.e_tag).public_key_config(config);
    update.send().await.unwrap();
    key.repair_drift(current, &["comment"]).await;
    key.update(json!({ "name": "playback", "encoded_key": RSA })).await;
    key.delete().await;
}

#[tokio::test]
async fn has_a_made_up_name() {
    let lab = Lab::new().await;
    let mut key = lab.resource("aws_cloudfront_public_key");
    key.create(json!({ "name_prefix": "playback-", "encoded_key": P256 })).await;
    let name = key.attributes.get("name").as_str().unwrap();
    assert!(name.starts_with("playback-") && name.len() > 20, "{name}");
    key.delete().await;
}

#[tokio::test]
async fn is_told_from_a_namesake() {
    let lab = Lab::new().await;
    let mut first = lab.resource("aws_cloudfront_public_key");
    lose_reply(&lab, "CreatePublicKey");
    first.create(json!({ "name": "playback", "encoded_key": RSA })).await;
    // What has the name has another's caller reference, so it is not taken for ours.
    let namesake = json!({ "name": "playback", "encoded_key": ANOTHER_RSA });
    let refused = create_fails(&lab, "aws_cloudfront_public_key", namesake).await;
    assert!(refused.is(&["PublicKeyAlreadyExists"]), "{refused}");
}

#[tokio::test]
async fn refuses_what_is_no_public_key() {
    let lab = Lab::new().await;
    let problem = |key: &str| {
        let problems =
            lab.problems("aws_cloudfront_public_key", json!({ "name": "playback", "encoded_key": key }));
        problems.first().cloned().unwrap_or_default()
    };
    for good in [RSA, ANOTHER_RSA, P256, RSA.trim()] {
        assert_eq!(problem(good), "");
    }
    assert_eq!(problem("hello"), "encoded_key: this is no PEM public key");
    assert_eq!(
        problem("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"),
        "encoded_key: this is no PEM public key"
    );
    assert!(problem("ssh-rsa AAAAB3NzaC1yc2E").ends_with("in the form of OpenSSH"));
    assert!(problem("-----BEGIN CERTIFICATE-----").ends_with("not a public key"));
    assert!(problem(RSA_4096).ends_with("RSA keys of 2048 bits, and this one has 4096"));
    assert!(problem(P384).ends_with("and this is neither"));
    assert!(problem("-----BEGIN PUBLIC KEY-----\nMIIB").ends_with("its end is missing"));
    assert!(problem("-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----").ends_with("no base64"));
    assert!(problem("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----").ends_with("is neither"));
    let unknown = json!({ "name": "playback", "encoded_key": "?" });
    assert_eq!(problems_with_unknown(&lab, "aws_cloudfront_public_key", unknown), [""; 0]);
}
