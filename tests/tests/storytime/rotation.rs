//! The key pair is changed for another.

use provision_tests::{Output, Signature, Signer, World, actions};

use crate::cloud::Cloud;
use crate::requirements::{Expected, assert_met};

const DEV: &str = "envs/dev.toml";
const PROD: &str = "envs/prod.toml";

#[test]
fn dev_gets_another_pair_without_a_moment_at_which_the_key_in_use_is_not_trusted() {
    let world = World::new();
    world.edit(DEV, "key_overlap = \"24h\"", "key_overlap = \"10s\"");
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world, "us-east-1");
    let old = world.wait(keys(&cloud));
    assert_eq!(old.len(), 1);

    let (signed, rotated) = signing_meanwhile(&world, &["rotate", DEV, "--auto-approve", "--wait"]);
    assert!(rotated.stderr.contains("generation 2 is in use. What 1 signed stays good until"), "{rotated}");
    let new = world.wait(keys(&cloud));
    assert_eq!(new.len(), 1, "the old key is gone: {new:?}");
    assert_ne!(new, old, "and this is another");
    let mut changes = signed.clone();
    changes.dedup();
    let (before, after) = (&old[0], &new[0]);
    let both = {
        let mut both = vec![before.clone(), after.clone()];
        both.sort_unstable();
        both
    };
    // Not every moment is seen, but what is seen is in this order.
    let phases =
        [(before, vec![before.clone()]), (before, both.clone()), (after, both), (after, vec![after.clone()])];
    let mut phases = phases.into_iter();
    for seen in &changes {
        let seen = (&seen.key_pair_id, &seen.trusted);
        assert!(phases.any(|(key, trusted)| seen == (key, &trusted)), "{changes:?}");
    }
    assert!(changes.len() > 1, "something was seen of it: {changes:?}");
    world.assert_no_changes(DEV);

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
fn one_rotation_goes_on_at_a_time_and_only_where_something_rotates() {
    let world = World::new();
    let refused = world.provision(&["rotate", DEV, "--auto-approve"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("has nothing that rotates"), "{refused}");
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let refused = world.provision(&["rotate", DEV, "module.keys.key_rotation.this", "--auto-approve"]);
    assert!(
        refused.code == Some(1) && refused.stderr.contains("module.storytime.key_rotation.signing"),
        "{refused}"
    );
    world.succeed(&["rotate", DEV, "module.storytime.key_rotation.signing", "--auto-approve"]);
    let cloud = Cloud::of(&world, "us-east-1");
    let both = world.wait(keys(&cloud));
    assert_eq!(both.len(), 2);
    let again = world.succeed(&["rotate", DEV, "--auto-approve"]);
    assert!(again.stderr.contains("stays good until"), "{again}");
    assert_eq!(world.wait(keys(&cloud)), both, "no third one");
    world.assert_no_changes(DEV);
}

/// Runs a command, and signs all the while. What was signed with, and what the command has said.
fn signing_meanwhile(world: &World, arguments: &[&str]) -> (Vec<Signature>, Output) {
    let signer = Signer::new(world, format!("{}/dev/cloudfront_private_key", world.project()));
    let mut run = world.spawn(arguments);
    let mut signed = Vec::new();
    while !run.has_ended() {
        signed.push(world.wait(signer.sign()));
    }
    let output = run.wait();
    assert_eq!(output.code, Some(0), "{output}");
    (signed, output)
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
