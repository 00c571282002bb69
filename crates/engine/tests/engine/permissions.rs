//! What a plan needs to be permitted is gathered from the reads that it is made from to the last of its changes.

use crate::world::{Ran, Run, World};

const BUCKET: &str = r#"
[resource.fake_bucket.logs]
bucket = "logs"
comment = "old"
"#;

/// What is needed, without what the account is called.
fn needed(ran: &Ran) -> Vec<String> {
    ran.permissions.iter().map(|needed| format!("{} {}", needed.action, needed.resource)).collect()
}

#[test]
fn a_plan_needs_what_its_changes_need() {
    let mut world = World::with(BUCKET);
    let logs = "fake:us-east-1:logs";
    let create = ["fake:Create *", "fake:Find *", &format!("fake:Get {logs}")];
    assert_eq!(needed(&world.apply()), create, "AWS chooses the class, so that nothing sets it");

    world.configure(&BUCKET.replace("old", "new"));
    let plan = world.plan().unwrap();
    assert_eq!(needed(&plan), [format!("fake:Get {logs}"), format!("fake:Update {logs}")]);

    world.configure(&format!("{BUCKET}class = \"cold\"\n"));
    let plan = world.plan().unwrap();
    let update = ["fake:Classify", "fake:Get", "fake:Update"].map(|action| format!("{action} {logs}"));
    assert_eq!(needed(&plan), update);

    world.configure(&BUCKET.replace("\"logs\"", "\"other\""));
    let plan = world.plan().unwrap();
    let replace = [
        "fake:Create *".to_owned(),
        format!("fake:Delete {logs}"),
        "fake:Find *".to_owned(),
        format!("fake:Get {logs}"),
        "fake:Get fake:us-east-1:other".to_owned(),
    ];
    assert_eq!(needed(&plan), replace);

    let destroy = world.run(Run::Destroy).unwrap();
    assert_eq!(needed(&destroy), [format!("fake:Delete {logs}"), format!("fake:Get {logs}")]);
}

#[test]
fn a_plan_needs_what_the_data_that_it_read_needs() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.configure(&format!("{BUCKET}\n[data.fake_bucket.same]\nbucket = \"logs\"\n"));
    let plan = world.plan().unwrap();
    assert_eq!(needed(&plan), ["fake:Find logs", "fake:Get fake:us-east-1:logs"]);
}

#[test]
fn a_region_of_its_own_is_named() {
    let mut world = World::with(&format!("{BUCKET}region = \"eu-west-1\"\n"));
    let plan = world.plan().unwrap();
    assert_eq!(needed(&plan).last().unwrap(), "fake:Get fake:eu-west-1:logs");
}

#[test]
fn a_name_that_is_a_secret_is_not_told() {
    let mut world = World::with(
        "[variable.name]\nsensitive = true\ndefault = \"hunter2\"\n\n[resource.fake_bucket.logs]\nbucket = \"my-${var.name}\"\n",
    );
    let plan = world.plan().unwrap();
    assert_eq!(needed(&plan).last().unwrap(), "fake:Get fake:us-east-1:*");
}
