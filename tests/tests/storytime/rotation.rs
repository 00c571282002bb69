//! The key pair is changed for another.

use provision_tests::{World, actions};

use crate::cloud::Cloud;
use crate::requirements::{Expected, assert_met};

const DEV: &str = "envs/dev.toml";
const PROD: &str = "envs/prod.toml";

#[test]
fn dev_gets_another_pair_and_the_old_key_is_gone() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world, "us-east-1");
    let old = world.wait(keys(&cloud));
    assert_eq!(old.len(), 1);

    world.edit(DEV, "generated_key_version = 1", "generated_key_version = 2");
    let plan = world.plan(&[DEV]);
    let expected = [
        ("cloudfront.aws_cloudfront_key_group.this", "update"),
        ("cloudfront.aws_cloudfront_public_key.generated", "replace"),
        ("cloudfront.terraform_data.generated_key_version", "update"),
        ("cloudfront.tls_private_key.generated", "replace"),
        ("private_key.aws_secretsmanager_secret_version.this", "replace"),
    ];
    let found = actions(&plan);
    let found: Vec<(&str, &str)> =
        found.iter().map(|(address, action)| (address.as_str(), action.as_str())).collect();
    assert_eq!(found, expected);
    // CloudFront deletes no key that a group names: any other order than the right one fails here.
    world.succeed(&["apply"]);
    world.assert_no_changes(DEV);

    let new = world.wait(keys(&cloud));
    assert_eq!(new.len(), 1, "the old key is gone: {new:?}");
    assert_ne!(new, old, "and this is another");
    let expected = Expected {
        project: world.project(),
        environment: "dev",
        region: "us-east-1",
        account: world.account(),
        admin_origins: &["http://localhost:3000"],
        glacier_after_days: 30,
        domain: None,
        private_key_is_stored: true,
    };
    assert_met(&world, &cloud, &expected);
    world.succeed(&["destroy", DEV, "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn prod_trusts_both_keys_for_a_while() {
    let world = World::new();
    let cloud = Cloud::of(&world, "us-east-1");
    for name in ["old", "new"] {
        world.write(&format!("envs/keys/{name}.pub.pem"), &public_key());
    }
    let current = "[variable.cloudfront_public_key_pem]\ndescription = \"The public key of the pair that Rails signs cookies with.\"\ntype = \"string\"\ndefault = ";
    let previous = "description = \"During a rotation, the key that was cloudfront_public_key_pem before.\"\ntype = \"string\"\ndefault = ";
    let (none, old, new) =
        ("\"${null}\"", "'${file(\"keys/old.pub.pem\")}'", "'${file(\"keys/new.pub.pem\")}'");
    world.edit(PROD, &format!("{current}{none}"), &format!("{current}{old}"));
    world.succeed(&["apply", PROD, "--auto-approve"]);
    let first = world.wait(keys(&cloud));
    assert_eq!(first.len(), 1);

    world.edit(PROD, &format!("{current}{old}"), &format!("{current}{new}"));
    world.edit(PROD, &format!("{previous}{none}"), &format!("{previous}{old}"));
    let plan = world.plan(&[PROD]);
    let mut done: Vec<String> = actions(&plan).into_values().collect();
    done.sort_unstable();
    assert_eq!(done, ["create", "update"], "one key more, and the group");
    world.succeed(&["apply"]);
    world.assert_no_changes(PROD);
    let both = world.wait(keys(&cloud));
    assert!(both.len() == 2 && both.contains(&first[0]), "the old key is what it was: {both:?}");

    world.edit(PROD, &format!("{previous}{old}"), &format!("{previous}{none}"));
    world.plan(&[PROD]);
    let refused = world.provision(&["apply"]);
    assert_eq!(refused.code, Some(1), "prod is protected: {refused}");
    world.succeed(&["apply", "--allow-destroy"]);
    world.assert_no_changes(PROD);
    let last = world.wait(keys(&cloud));
    assert!(last.len() == 1 && both.contains(&last[0]) && last != first, "the new one alone: {last:?}");
}

/// The ids of all public keys that CloudFront has, all of which are trusted.
async fn keys(cloud: &Cloud) -> Vec<String> {
    let list = cloud.cloudfront.list_public_keys().send().await.unwrap().public_key_list.unwrap();
    let mut keys: Vec<String> = list.items().iter().map(|key| key.id().to_owned()).collect();
    keys.sort_unstable();
    let groups = cloud.cloudfront.list_key_groups().send().await.unwrap().key_group_list.unwrap();
    let mut trusted = groups.items()[0].key_group().unwrap().key_group_config().unwrap().items().to_vec();
    trusted.sort_unstable();
    assert_eq!(keys, trusted, "the keys that there are, and those that are trusted");
    keys
}

fn public_key() -> String {
    use rsa::pkcs8::{EncodePublicKey, LineEnding};
    let private_key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    private_key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap()
}
