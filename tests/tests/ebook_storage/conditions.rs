//! The two conditions, both ways, from the start and later.

use std::collections::BTreeMap;

use aws_sdk_s3::types::ServerSideEncryption;
use provision_tests::{World, actions};
use serde_json::json;

use crate::cloud::Cloud;
use crate::requirements::{Expected, assert_met};

const DEV: &str = "envs/ebook-storage/dev.toml";

fn expected<'a>(world: &'a World) -> Expected<'a> {
    Expected {
        project: world.project(),
        environment: "dev",
        account: world.account(),
        own_key: true,
        logging: true,
        previous_versions_days: 7,
        access_log_days: 30,
    }
}

/// What a plan with these variables does, by short address.
fn planned(world: &World, variables: &[&str]) -> BTreeMap<String, String> {
    let plan = world.plan(&[&[DEV], variables].concat());
    let short = |(address, action): (String, String)| (address.replace("storage.", ""), action);
    actions(&plan).into_iter().map(short).collect()
}

fn expected_actions(expected: &[(&str, &str)]) -> BTreeMap<String, String> {
    expected.iter().map(|(address, action)| ((*address).to_owned(), (*action).to_owned())).collect()
}

#[test]
fn requests_are_logged_if_that_is_wanted() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    let without = ["--var", "enable_logging=false"];
    world.succeed(&[&["apply", DEV, "--auto-approve"][..], &without].concat());
    assert_met(&world, &cloud, &Expected { logging: false, ..expected(&world) });

    let logs = [("aws_s3_bucket.logs", "create"), ("aws_s3_bucket_policy.logs", "create")];
    let made = [&logs[..], &[("aws_s3_bucket.ebooks", "update")]].concat();
    assert_eq!(planned(&world, &[]), expected_actions(&made), "line 269: a logging bucket if enabled");
    world.succeed(&["apply"]);
    assert_met(&world, &cloud, &expected(&world));

    let unmade = [
        ("aws_s3_bucket.logs", "delete"),
        ("aws_s3_bucket_policy.logs", "delete"),
        ("aws_s3_bucket.ebooks", "update"),
    ];
    assert_eq!(planned(&world, &without), expected_actions(&unmade), "line 264: or none");
    world.succeed(&["apply"]);
    assert_met(&world, &cloud, &Expected { logging: false, ..expected(&world) });
    world.succeed(&[&["destroy", DEV, "--auto-approve"][..], &without].concat());
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn a_key_that_is_there_is_used_in_place_of_one_that_is_made() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    let key = world.wait(async {
        let key = cloud.kms.create_key().send().await.unwrap().key_metadata.unwrap();
        let alias = cloud.kms.create_alias().alias_name("alias/publishing").target_key_id(key.key_id());
        alias.send().await.unwrap();
        key
    });
    let given = ["--var", "kms_key_alias=alias/publishing"];
    world.succeed(&[&["apply", DEV, "--auto-approve"][..], &given].concat());
    assert_met(&world, &cloud, &Expected { own_key: false, ..expected(&world) });
    world.wait(assert_encrypted(&world, &cloud, key.arn().unwrap()));

    // The name without its beginning, as people say it.
    assert_eq!(planned(&world, &["--var", "kms_key_alias=publishing"]), BTreeMap::new());
    // An empty one is none, as in CloudFormation.
    let made = planned(&world, &["--var", "kms_key_alias="]);
    assert_eq!(made.get("aws_kms_key.ebooks").map(String::as_str), Some("create"), "line 268: {made:?}");
    world.succeed(&["apply"]);
    assert_met(&world, &cloud, &expected(&world));

    let unmade = planned(&world, &given);
    assert_eq!(unmade.get("aws_kms_key.ebooks").map(String::as_str), Some("delete"), "line 268: {unmade:?}");
    world.succeed(&["apply"]);
    assert_met(&world, &cloud, &Expected { own_key: false, ..expected(&world) });

    world.succeed(&[&["destroy", DEV, "--auto-approve"][..], &given].concat());
    let left: Vec<String> = world.resources().into_iter().map(|resource| resource.id).collect();
    assert_eq!(left, ["alias/publishing", key.key_id()], "the key of others is left alone");
}

/// Fails unless the bucket and the topic are encrypted with that key, and the roles may use it.
async fn assert_encrypted(world: &World, cloud: &Cloud, key: &str) {
    let bucket = format!("{}-storage-dev", world.project());
    let put = cloud.s3.put_object().bucket(&bucket).key("a.epub").body(b"a".to_vec().into());
    let put = put.send().await.unwrap();
    assert_eq!(put.server_side_encryption(), Some(&ServerSideEncryption::AwsKms), "line 30");
    assert_eq!(put.ssekms_key_id(), Some(key), "line 30: e-books are encrypted with the external key");
    for role in ["eBook-S3Access-dev", "eBook-StorageMonitoring-dev"] {
        let statements = cloud.permissions(role).await;
        let keys: Vec<_> = statements.iter().filter(|statement| statement["Sid"] == "UseKey").collect();
        assert_eq!(keys.len(), 1, "{role}");
        assert_eq!(keys[0]["Resource"], json!(key), "line 30: {role} may use the external key");
    }
}

#[test]
fn an_environment_of_another_name_is_refused() {
    let world = World::new();
    world.edit(DEV, "name = \"dev\"", "name = \"staging\"");
    let refused = world.provision(&["validate", DEV]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("the environment is dev, test or prod"), "line 262: {refused}");
}
