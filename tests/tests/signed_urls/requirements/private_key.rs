//! Modules, lines 73 to 80, and epic, story 4: a private key that was made elsewhere.

use serde_json::json;

use crate::cloud::{Cloud, Outputs};

pub(crate) async fn assert_met(cloud: &Cloud, name: &str, private_key: &str, outputs: &Outputs) {
    let list = cloud.secrets.list_secrets().send().await.unwrap();
    let [secret] = list.secret_list() else { panic!("epic, line 13: a new secret, and no other") };
    assert_eq!(secret.name(), Some(name), "modules, line 77");
    assert_eq!(outputs["private_key_secret_arn"], json!(secret.arn()), "modules, line 80, and epic, line 13");
    let value = cloud.secrets.get_secret_value().secret_id(name).send().await.unwrap();
    let cited = "modules, line 78, and epic, line 13: the private key is the value";
    assert_eq!(value.secret_string(), Some(private_key), "{cited}");
}
