//! Whoever signs: reads the key from the secret, as an app does, and looks whether CloudFront trusts it.

use p256::pkcs8::DecodePublicKey;
use rsa::pkcs1::DecodeRsaPrivateKey;

use crate::World;

/// An app that signs with the key in a secret, for the only distribution of the account.
pub struct Signer {
    cloudfront: aws_sdk_cloudfront::Client,
    secrets: aws_sdk_secretsmanager::Client,
    secret: String,
}

/// What a signer has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Id of the key that it signed with.
    pub key_pair_id: String,
    /// Ids of the keys that the distribution trusted right after.
    pub trusted: Vec<String>,
}

impl Signer {
    /// One that reads the secret of that name.
    pub fn new(world: &World, secret: impl Into<String>) -> Self {
        let sdk = world.sdk();
        Self {
            cloudfront: aws_sdk_cloudfront::Client::new(&sdk),
            secrets: aws_sdk_secretsmanager::Client::new(&sdk),
            secret: secret.into(),
        }
    }

    /// Signs once, and fails if the distribution would refuse that: if it does not trust the key by the id that the
    /// secret says, or trusts another key under that id.
    pub async fn sign(&self) -> Signature {
        let value = self.secrets.get_secret_value().secret_id(&self.secret).send().await.unwrap();
        let own: Vec<&String> =
            value.version_stages().iter().filter(|stage| !stage.starts_with("AWS")).collect();
        let [key_pair_id] = own[..] else { panic!("the secret names one key: {:?}", value.version_stages()) };
        let trusted = self.trusted().await;
        assert!(trusted.contains(key_pair_id), "{key_pair_id} is in use, and trusted are {trusted:?}");
        let key = self.cloudfront.get_public_key().id(key_pair_id).send().await.unwrap();
        let public = key.public_key().unwrap().public_key_config().unwrap().encoded_key().to_owned();
        assert!(is_pair(value.secret_string().unwrap(), &public), "the secret is of the key that it names");
        Signature { key_pair_id: key_pair_id.clone(), trusted }
    }

    /// The keys in the groups that the distribution trusts.
    pub async fn trusted(&self) -> Vec<String> {
        let list = self.cloudfront.list_distributions().send().await.unwrap();
        let [summary] = list.distribution_list().unwrap().items() else {
            panic!("there is one distribution")
        };
        let groups = summary.default_cache_behavior().unwrap().trusted_key_groups().unwrap().items();
        let mut trusted = Vec::new();
        for group in groups {
            let group = self.cloudfront.get_key_group().id(group).send().await.unwrap();
            trusted.extend_from_slice(group.key_group().unwrap().key_group_config().unwrap().items());
        }
        trusted.sort_unstable();
        trusted
    }
}

/// Whether a private key and a public key, both PEM, belong together: RSA, or ECDSA on P-256.
fn is_pair(private: &str, public: &str) -> bool {
    if let Ok(private) = rsa::RsaPrivateKey::from_pkcs1_pem(private) {
        return rsa::RsaPublicKey::from_public_key_pem(public)
            .is_ok_and(|public| private.to_public_key() == public);
    }
    let private = p256::SecretKey::from_sec1_pem(private).unwrap();
    p256::PublicKey::from_public_key_pem(public).is_ok_and(|public| private.public_key() == public)
}
