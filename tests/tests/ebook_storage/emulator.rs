//! The same on an emulator with nothing before it: nothing that the front adds is needed.

use provision_tests::{World, actions};

use crate::cloud::Cloud;
use crate::monitoring::{invoke, upload};

const DEV: &str = "envs/ebook-storage/dev.toml";

#[test]
fn dev_applies_to_a_plain_emulator() {
    let world = World::new().on_the_emulator();
    let plan = world.plan(&[DEV]);
    assert!(actions(&plan).values().all(|action| action == "create"), "{:?}", actions(&plan));
    world.succeed(&["apply"]);
    world.assert_no_changes(DEV);
    let cloud = Cloud::of(&world);
    let bucket = format!("{}-storage-dev", world.project());
    let logs = format!("{}-storage-logs-dev", world.project());
    world.wait(async {
        let buckets = cloud.buckets().await;
        assert!(buckets.contains(&bucket) && buckets.contains(&logs), "line 43: {buckets:?}");
        upload(&cloud, &bucket, "a.epub", 10).await;
        let report = invoke(&cloud).await;
        assert_eq!(report["usage"]["bytes"], 10, "line 183: the function runs");
    });

    world.succeed(&["destroy", DEV, "--auto-approve"]);
    world.wait(async {
        let buckets = cloud.buckets().await;
        assert!(!buckets.contains(&bucket) && !buckets.contains(&logs), "{buckets:?}");
        assert!(cloud.lambda.list_functions().send().await.unwrap().functions().is_empty());
        assert!(cloud.events.list_rules().send().await.unwrap().rules().is_empty());
        assert!(cloud.sns.list_topics().send().await.unwrap().topics().is_empty());
        assert!(cloud.iam.list_roles().send().await.unwrap().roles().is_empty());
        assert!(cloud.logs.describe_log_groups().send().await.unwrap().log_groups().is_empty());
        let aliases = cloud.kms.list_aliases().send().await.unwrap();
        let own = aliases.aliases().iter().filter_map(|alias| alias.alias_name());
        assert_eq!(own.filter(|name| !name.starts_with("alias/aws/")).count(), 0);
    });
}
