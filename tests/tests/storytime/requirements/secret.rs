//! §7: the secret with the private key.

use rsa::RsaPublicKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};

use super::Expected;
use crate::cloud::Cloud;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let name = expected.secret_name();
    let secret = cloud.secrets.describe_secret().secret_id(&name).send().await.unwrap();
    assert_eq!(secret.name(), Some(name.as_str()), "§7, line 214: the secret's name");
    if !expected.private_key_is_stored {
        let versions = secret.version_ids_to_stages().map_or(0, std::collections::HashMap::len);
        assert_eq!(versions, 0, "§7, lines 217 to 220: its value is not managed here");
        return;
    }
    let answer = cloud.secrets.get_secret_value().secret_id(&name).send().await.unwrap();
    let text = answer.secret_string().unwrap();
    let private_key = rsa::RsaPrivateKey::from_pkcs1_pem(text)
        .or_else(|_| rsa::RsaPrivateKey::from_pkcs8_pem(text))
        .expect("§7, line 215: the PEM");
    let keys = cloud.cloudfront.list_public_keys().send().await.unwrap().public_key_list.unwrap();
    let public_key = RsaPublicKey::from_public_key_pem(keys.items()[0].encoded_key()).unwrap();
    let cited = "§7, line 215, and §4.4, line 147: what Rails signs with it, CloudFront trusts";
    assert_eq!(private_key.to_public_key(), public_key, "{cited}");
}
