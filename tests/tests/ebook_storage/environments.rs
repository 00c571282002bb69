//! Each environment, once through.

use provision_tests::{World, actions};

use crate::cloud::Cloud;
use crate::requirements::{Expected, assert_met};

/// Plans, applies, finds nothing left to do, looks at what is there, destroys, and finds nothing left.
fn lives(environment: &str, destroy: &[&str], previous_versions_days: i32, access_log_days: i32) {
    let world = World::new();
    let path = format!("envs/ebook-storage/{environment}.toml");
    let plan = world.plan(&[&path]);
    assert!(actions(&plan).values().all(|action| action == "create"), "{:?}", actions(&plan));
    assert_eq!(world.resources(), [], "a plan makes nothing");
    world.succeed(&["apply"]);
    world.assert_no_changes(&path);
    let expected = Expected {
        project: world.project(),
        environment,
        account: world.account(),
        own_key: true,
        logging: true,
        previous_versions_days,
        access_log_days,
    };
    assert_met(&world, &Cloud::of(&world), &expected);
    world.succeed(&[&["destroy", &path, "--auto-approve"], destroy].concat());
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn dev_has_what_the_specification_asks_for_and_leaves_nothing() {
    lives("dev", &[], 7, 30);
}

#[test]
fn test_has_what_the_specification_asks_for_and_leaves_nothing() {
    lives("test", &[], 30, 90);
}

#[test]
fn prod_has_what_the_specification_asks_for_and_leaves_nothing() {
    lives("prod", &["--allow-destroy"], 365, 730);
}

#[test]
fn prod_is_not_destroyed_by_mistake() {
    let world = World::new();
    let prod = "envs/ebook-storage/prod.toml";
    world.succeed(&["apply", prod, "--auto-approve"]);
    let refused = world.provision(&["destroy", prod, "--auto-approve"]);
    assert_ne!(refused.code, Some(0), "{refused}");
    assert!(refused.stderr.contains("--allow-destroy"), "{refused}");

    // And not even then, while there are e-books.
    let s3 = world.s3();
    let bucket = format!("{}-storage-prod", world.project());
    world.wait(async {
        s3.put_object().bucket(&bucket).key("a.epub").body(b"a".to_vec().into()).send().await.unwrap()
    });
    let refused = world.provision(&["destroy", prod, "--auto-approve", "--allow-destroy"]);
    assert_ne!(refused.code, Some(0), "{refused}");
    assert!(refused.stderr.contains("force_destroy"), "{refused}");
    let objects = world.wait(async { s3.list_objects_v2().bucket(&bucket).send().await.unwrap() });
    assert_eq!(objects.key_count(), Some(1), "the e-book is still there");
}

#[test]
fn the_names_are_those_of_the_specification() {
    let world = World::new();
    let dev = "envs/ebook-storage/dev.toml";
    world.edit(dev, &format!("project = \"{}\"", world.project()), "project = \"ebooks\"");
    world.succeed(&["apply", dev, "--auto-approve"]);
    let output = |name: &str| world.succeed(&["output", dev, name, "--format", "raw"]).stdout;
    assert_eq!(output("bucket_name").trim(), "ebooks-storage-dev", "line 173: the bucket");
    assert_eq!(
        output("monitoring_function_name").trim(),
        "eBook-StorageMonitoring-dev",
        "line 184: the function"
    );
    let topic = format!("arn:aws:sns:us-east-1:{}:eBook-Alerts-dev", world.account());
    assert_eq!(output("alerts_topic_arn").trim(), topic, "line 200: the topic");
    let cloud = Cloud::of(&world);
    let rule = "eBook-StorageMonitoring-Schedule-dev";
    world.wait(async { cloud.events.describe_rule().name(rule).send().await.expect("line 211: the rule") });
    world.succeed(&["destroy", dev, "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn all_environments_are_in_one_account_beside_one_another() {
    let world = World::new();
    let environments = ["dev", "test", "prod"];
    for environment in environments {
        world.succeed(&["apply", &format!("envs/ebook-storage/{environment}.toml"), "--auto-approve"]);
    }
    let keys: std::collections::BTreeSet<String> = environments
        .iter()
        .map(|environment| {
            let path = format!("envs/ebook-storage/{environment}.toml");
            world.succeed(&["output", &path, "kms_key_id", "--format", "raw"]).stdout
        })
        .collect();
    assert_eq!(keys.len(), 3, "line 306: separate encryption keys per environment");
    for environment in environments {
        world.assert_no_changes(&format!("envs/ebook-storage/{environment}.toml"));
    }
}
