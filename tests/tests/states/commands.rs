//! The commands for the state by hand.

use aws_sdk_dynamodb::types::AttributeValue;
use provision_tests::World;
use serde_json::Value;

use crate::small::{APPLY, SMALL, key, lock, log_groups, state, states, world};

fn days(world: &World, days: u32) {
    let variable = format!("days={days}");
    world.succeed(&["apply", SMALL, "--auto-approve", "--var", &variable]);
}

fn addresses(world: &World) -> Vec<String> {
    let list = world.succeed(&["state", "list", SMALL]).stdout;
    list.lines().map(str::to_owned).collect()
}

#[test]
fn bootstrap_makes_what_a_state_needs_and_can_be_repeated() {
    for table in [false, true] {
        let world = world(table);
        let again = world.succeed(&["bootstrap", SMALL]);
        assert!(again.stdout.lines().all(|line| line.ends_with(": found")), "{again}");
        assert_eq!(again.stdout.lines().count(), if table { 2 } else { 1 }, "{again}");
        let (s3, bucket) = (world.s3(), world.state_bucket());
        let (versioning, policy, access) = world.wait(async {
            (
                s3.get_bucket_versioning().bucket(&bucket).send().await.unwrap(),
                s3.get_bucket_policy().bucket(&bucket).send().await.unwrap(),
                s3.get_public_access_block().bucket(&bucket).send().await.unwrap(),
            )
        });
        assert_eq!(versioning.status().map(|status| status.as_str()), Some("Enabled"));
        assert!(policy.policy().unwrap().contains("aws:SecureTransport"), "{policy:?}");
        let access = access.public_access_block_configuration().unwrap();
        assert!(access.block_public_policy() == Some(true) && access.restrict_public_buckets() == Some(true));
    }
}

#[test]
fn without_a_bucket_it_is_said_what_to_do() {
    let world = World::new();
    world.write(
        SMALL,
        "[env]\nname = \"small\"\nproject = \"story\"\nregion = \"us-east-1\"\n\n[state]\nbackend = \"s3\"\nbucket = \"nobody-has-made-this\"\n",
    );
    for command in ["plan", "apply"] {
        let output = world.provision(&[command, SMALL]);
        assert_eq!(output.code, Some(1), "{output}");
        assert!(
            output.stderr.contains("NoSuchBucket") && output.stderr.contains("provision bootstrap"),
            "{output}"
        );
    }
}

#[test]
fn a_history_tells_what_runs_did_and_a_restore_goes_back() {
    let world = world(false);
    days(&world, 30);
    let first = state(&world)["serial"].as_u64().unwrap();
    let text = world.read(SMALL);
    let second = "[resource.aws_cloudwatch_log_group.second]\nname = \"/story/second-${terraform_data.mark.output}\"\n";
    world.edit(SMALL, second, "");
    days(&world, 60);
    days(&world, 60);
    let history: Value =
        serde_json::from_str(&world.succeed(&["state", "history", SMALL, "--json"]).stdout).unwrap();
    let runs = history.as_array().unwrap();
    assert_eq!(runs.len(), 2, "a run that does nothing is none: {history:#}");
    assert_eq!(runs[0]["serial"], first);
    assert_eq!(runs[0]["changes"], "3 created, 0 updated, 0 deleted");
    let shown = world.succeed(&["state", "history", SMALL]).stdout;
    let newest = shown.lines().next().unwrap();
    assert!(newest.contains("apply: 0 created, 2 updated, 1 deleted"), "the newest comes first: {shown}");

    world.succeed(&["state", "restore", SMALL, &first.to_string()]);
    let restored = state(&world);
    assert!(restored["serial"].as_u64().unwrap() > runs[1]["serial"].as_u64().unwrap(), "as a new serial");
    assert_eq!(restored["outputs"]["days"]["value"], 30);
    assert_eq!(addresses(&world).len(), 3, "it knows what it knew then");
    // The plan tells how that differs from what there is.
    world.write(SMALL, &text);
    days(&world, 30);
    assert_eq!(log_groups(&world), ["/story/first", "/story/second-30"]);
    let unknown = world.provision(&["state", "restore", SMALL, "9999"]);
    assert!(unknown.code == Some(1) && unknown.stderr.contains("serial 9999"), "{unknown}");
    let serials: Vec<u64> = states(&world).iter().map(|state| state["serial"].as_u64().unwrap()).collect();
    assert!(serials.is_sorted_by(|one, other| one < other), "no serial repeats: {serials:?}");
}

#[test]
fn what_moves_in_the_configuration_can_move_in_the_state() {
    let world = world(false);
    days(&world, 30);
    let before = log_groups(&world);
    world.edit(SMALL, "aws_cloudwatch_log_group.first", "aws_cloudwatch_log_group.main");
    let moved = world.succeed(&[
        "state",
        "mv",
        SMALL,
        "aws_cloudwatch_log_group.first",
        "aws_cloudwatch_log_group.main",
    ]);
    assert!(
        moved.stdout.contains("aws_cloudwatch_log_group.first is now aws_cloudwatch_log_group.main"),
        "{moved}"
    );
    let plan = world.provision(&["plan", SMALL, "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "{plan}");
    let dependencies = &state(&world)["resources"]["terraform_data.mark"]["dependencies"];
    assert_eq!(dependencies[0], "aws_cloudwatch_log_group.main", "what depended on it does still");
    for (from, to, why) in [
        ("aws_cloudwatch_log_group.main", "terraform_data.x", "another kind"),
        ("aws_cloudwatch_log_group.main", "aws_cloudwatch_log_group.second", "already"),
        (
            "aws_cloudwatch_log_group.mian",
            "aws_cloudwatch_log_group.x",
            "did you mean `aws_cloudwatch_log_group.main`?",
        ),
    ] {
        let refused = world.provision(&["state", "mv", SMALL, from, to]);
        assert!(refused.code == Some(1) && refused.stderr.contains(why), "{refused}");
    }
    assert_eq!(log_groups(&world), before, "nothing else was touched");
    assert_eq!(lock(&world), None);
}

#[test]
fn what_is_forgotten_exists_still() {
    let world = world(false);
    days(&world, 30);
    let output = world.succeed(&["state", "rm", SMALL, "aws_cloudwatch_log_group.second"]);
    assert!(output.stdout.contains("It exists still: /story/second-30"), "{output}");
    assert_eq!(addresses(&world), ["aws_cloudwatch_log_group.first", "terraform_data.mark"]);
    world.succeed(&["destroy", SMALL, "--auto-approve"]);
    assert_eq!(log_groups(&world), ["/story/second-30"]);
    let unknown = world.provision(&["state", "rm", SMALL, "aws_cloudwatch_log_group.second"]);
    assert!(unknown.code == Some(1) && unknown.stderr.contains("the state has no"), "{unknown}");
}

#[test]
fn what_was_pulled_can_be_pushed_if_nothing_came_in_between() {
    let world = world(false);
    days(&world, 30);
    let pulled = world.succeed(&["state", "pull", SMALL]).stdout;
    let key = key(&world, "");
    let mut versions = world.state_versions(&key);
    versions.retain(|version| version.key == key);
    let text = versions.pop().unwrap().text;
    assert_eq!(pulled, text, "it is the state to the letter");
    world.write("pulled.json", &pulled);
    world.succeed(&["state", "push", "pulled.json", SMALL]);
    days(&world, 60);
    let refused = world.provision(&["state", "push", "pulled.json", SMALL]);
    assert!(refused.code == Some(1) && refused.stderr.contains("there is one of serial"), "{refused}");
    let serial = state(&world)["serial"].as_u64().unwrap();
    world.succeed(&["state", "push", "pulled.json", SMALL, "--force"]);
    assert!(state(&world)["serial"].as_u64().unwrap() > serial, "serials go forward");
    assert_eq!(state(&world)["outputs"]["days"]["value"], 30);
    for (text, why) in [
        ("{", "is damaged"),
        (&*pulled.replace("\"environment\": \"small\"", "\"environment\": \"other\""), "is of"),
        (&*pulled.replace("\"lineage\": \"", "\"lineage\": \"x"), "lineage"),
    ] {
        world.write("wrong.json", text);
        let refused = world.provision(&["state", "push", "wrong.json", SMALL]);
        assert!(refused.code == Some(1) && refused.stderr.contains(why), "{why}: {refused}");
    }
    assert_eq!(lock(&world), None, "refusals give the lock back");
}

#[test]
fn a_state_moves_from_one_place_to_another_and_back() {
    let world = world(false);
    let with_s3 = world.read(SMALL);
    let local = with_s3.split("\n[state]").next().unwrap().to_owned();
    world.write(SMALL, &local);
    days(&world, 30);
    let file = format!("state/{}-small.json", world.project());
    let before: Value = serde_json::from_str(&world.read(&file)).unwrap();

    world.write(SMALL, &with_s3);
    let output = world.succeed(&["state", "migrate", SMALL]);
    assert!(output.stdout.contains("s3://"), "{output}");
    assert!(!world.directory().join(&file).exists(), "nobody can go on with the old one");
    let after = state(&world);
    assert_eq!((&after["lineage"], &after["resources"]), (&before["lineage"], &before["resources"]));
    let plan = world.provision(&["plan", SMALL, "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "{plan}");

    world.write("envs/old.toml", &with_s3);
    world.write(SMALL, &local);
    world.succeed(&["state", "migrate", SMALL, "--from", "envs/old.toml"]);
    let back: Value = serde_json::from_str(&world.read(&file)).unwrap();
    assert_eq!(back["resources"], before["resources"]);
    assert!(back["serial"].as_u64() > after["serial"].as_u64());
    world.succeed(&["destroy", SMALL, "--auto-approve"]);
    assert_eq!(log_groups(&world), Vec::<String>::new());
    let nothing = world.provision(&["state", "migrate", SMALL, "--from", "envs/old.toml"]);
    assert!(nothing.code == Some(1) && nothing.stderr.contains("there is no state at s3://"), "{nothing}");
}

/// A lock that a laptop took for good, and one that is none.
const LOCKS: [&str; 2] = [
    r#"{"ID":"1","Operation":"apply","Info":"","Who":"a laptop","Version":"0","Created":"2026-01-01T00:00:00Z","Path":"x","Expires":"2999-01-01T00:00:00Z"}"#,
    "{",
];

#[test]
fn a_lock_in_s3_can_be_taken_by_hand() {
    let world = world(false);
    let (client, bucket, name) = (world.s3(), world.state_bucket(), key(&world, ".lock"));
    unlocks(&world, |text| {
        let body = text.as_bytes().to_vec().into();
        world.wait(async { client.put_object().bucket(&bucket).key(&name).body(body).send().await.unwrap() });
    });
}

#[test]
fn a_lock_in_dynamodb_can_be_taken_by_hand() {
    let world = world(true);
    let client = aws_sdk_dynamodb::Client::new(&world.sdk());
    let name = format!("{}/{}", world.state_bucket(), key(&world, ".lock"));
    unlocks(&world, |text| {
        let string = |text: &str| AttributeValue::S(text.to_owned());
        let put = client.put_item().table_name(world.lock_table());
        let put = put.item("LockID", string(&name)).item("Info", string(text)).item("Version", string("1"));
        world.wait(async { put.send().await.unwrap() });
    });
}

/// Takes locks away that `lock` has left.
fn unlocks(world: &World, lock: impl Fn(&str)) {
    days(world, 30);
    let output = world.succeed(&["unlock", SMALL]);
    assert!(output.stdout.contains("is not locked"), "{output}");
    for text in LOCKS {
        lock(text);
        let refused = world.provision(&APPLY);
        assert_eq!(refused.code, Some(1), "{refused}");
        assert!(
            refused.stderr.contains("a laptop") || refused.stderr.contains("provision unlock"),
            "{refused}"
        );
        let asked = world.provision(&["unlock", SMALL]);
        assert!(asked.code == Some(1) && asked.stderr.contains("there is nobody to ask"), "{asked}");
        let output = world.succeed(&["unlock", SMALL, "--force"]);
        assert!(output.stdout.contains("Unlocked."), "{output}");
    }
    world.succeed(&APPLY);
}

#[test]
fn what_state_says_of_its_place_is_checked() {
    let world = World::new();
    let head = "[env]\nname = \"small\"\nproject = \"story\"\nregion = \"us-east-1\"\n\n[state]\n";
    for (state, why) in [
        ("backend = \"s3\"\n", "`[state]` has no `bucket`"),
        ("backend = \"s3\"\nbucket = \"b\"\nlock = \"dynamodb\"\n", "name its table with `lock_table`"),
        ("backend = \"s3\"\nbucket = \"b\"\nlock_table = \"t\"\n", "say lock = \"dynamodb\""),
        ("backend = \"s3\"\nbucket = \"b\"\nlock = \"paper\"\n", "in \"s3\" or in \"dynamodb\""),
        ("backend = \"s3\"\nbucket = \"b\"\nlock_lease = 0\n", "from 1 to 3600 seconds"),
        ("backend = \"s3\"\nbucket = \"b\"\nlock_lease = \"1m\"\n", "expected a whole number"),
        ("backend = \"s3\"\nbukcet = \"b\"\n", "did you mean `bucket`?"),
        ("path = \"x.json\"\nbucket = \"b\"\n", "unknown key `bucket`"),
        ("backend = \"gcs\"\n", "there is no state backend \"gcs\""),
    ] {
        world.write(SMALL, &format!("{head}{state}"));
        let output = world.provision(&["validate", SMALL]);
        assert_eq!(output.code, Some(1), "{state}: {output}");
        assert!(output.stderr.contains(why) && output.stderr.contains(SMALL), "{why}: {output}");
    }
}
