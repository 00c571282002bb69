//! `--timings`: what it says of the calls is what the AWS side saw, one for one, and nothing of what is in them.

use std::collections::{BTreeMap, BTreeSet};

use provision_sandbox::{Call, Effect, Fault};
use provision_tests::{Output, World};
use serde_json::Value as Json;

use crate::environment;

const DEV: &str = "envs/dev.toml";

/// Runs the binary, and gives the calls that the AWS side saw of it.
fn run(world: &World, arguments: &[&str]) -> (Output, Vec<Call>) {
    let calls = || world.wait(world.control().calls()).unwrap();
    let before = calls().len();
    let output = world.succeed(arguments);
    (output, calls().split_off(before))
}

/// The events of that name.
fn events(text: &str, name: &str) -> Vec<Json> {
    let events = text.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    events.filter(|event| event["event"] == name).collect()
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

/// Each call is told of, by its id, with as many attempts as were seen, and no other is.
fn assert_told(events: &[Json], seen: &[Call]) {
    let mut attempts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for call in seen {
        let id = call.invocation_id.clone().unwrap_or_else(|| panic!("the SDK names it: {call:?}"));
        *attempts.entry((id, call.operation.clone())).or_default() += 1;
    }
    let told: BTreeMap<(String, String), u64> = events
        .iter()
        .map(|call| {
            let key = (text(&call["invocation_id"]), text(&call["operation"]));
            (key, call["attempts"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(told, attempts);
    assert_eq!(events.len(), told.len(), "none is told of twice");
}

/// How many calls of each operation the table has: of the SDK's. What a check fetches itself is none.
fn table(stderr: &str) -> BTreeMap<String, usize> {
    let (_, calls) = stderr.split_once("Timings:").unwrap_or_else(|| panic!("no table in {stderr}"));
    let mut counts = BTreeMap::new();
    for row in calls.lines().filter(|line| line.starts_with("    ")) {
        let cells: Vec<&str> = row.split_whitespace().collect();
        // Services may have operations of the same name.
        *counts.entry(cells[0].to_owned()).or_default() += cells[1].parse::<usize>().unwrap();
    }
    counts
}

fn counted(seen: &[Call]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in seen.iter().filter(|call| call.invocation_id.is_some()) {
        *counts.entry(call.operation.clone()).or_default() += 1;
    }
    counts
}

#[test]
fn every_call_is_told_of_once_and_by_whose_step_it_was_made() {
    let world = World::new().with_state_in_s3(&[DEV], true);
    let (apply, seen) = run(&world, &["apply", DEV, "--auto-approve", "--json", "--timings"]);
    let calls = events(&apply.stdout, "call");
    assert_told(&calls, &seen);
    let schedule = &events(&apply.stdout, "apply_started")[0]["schedule"];
    let steps: BTreeSet<&str> =
        schedule.as_array().unwrap().iter().map(|step| step["address"].as_str().unwrap()).collect();
    assert!(steps.len() > 15, "{steps:?}");
    let mut makers = BTreeSet::new();
    for call in &calls {
        let seen = seen.iter().find(|seen| seen.invocation_id.as_deref() == call["invocation_id"].as_str());
        let is_of_states = ["PutItem", "DeleteItem", "PutObject"].iter().any(|own| call["operation"] == *own);
        match call["address"].as_str() {
            Some(address) => {
                assert!(steps.contains(address) || address.contains("data."), "{call}");
                makers.insert(address);
            }
            None => assert!(is_of_states || !seen.unwrap().mutating, "somebody has made it: {call}"),
        }
        assert_eq!(call["status"], seen.unwrap().status.unwrap(), "{call}");
        assert!(call["elapsed_ms"].as_u64().is_some() && call["start_ms"].as_u64().is_some(), "{call}");
    }
    let is_local = |step: &&&str| {
        ["tls_private_key", "key_rotation", "time_static"].iter().any(|kind| step.contains(kind))
    };
    let silent: Vec<_> = steps.iter().filter(|step| !is_local(step) && !makers.contains(*step)).collect();
    assert_eq!(silent, Vec::<&&str>::new(), "each step has made a call");
    let phases: BTreeSet<String> =
        events(&apply.stdout, "phase").iter().map(|phase| text(&phase["phase"])).collect();
    for phase in
        ["reading_files", "checking", "reading_state", "planning", "apply", "settling", "writing_state"]
    {
        assert!(phases.contains(phase), "{phase} in {phases:?}");
    }
    let last = &events(&apply.stdout, "timings")[0];
    assert_eq!(last["calls"], calls.len());

    // The document of a plan stays whole.
    let (plan, seen) = run(&world, &["plan", DEV, "--json", "--timings"]);
    assert!(serde_json::from_str::<Json>(&plan.stdout).is_ok(), "{plan}");
    assert_told(&events(&plan.stderr, "call"), &seen);

    for arguments in [
        ["plan", DEV, "--timings"].as_slice(),
        &["verify", DEV, "--timings"],
        &["refresh", DEV, "--auto-approve", "--timings"],
        &["destroy", DEV, "--auto-approve", "--timings"],
    ] {
        let (output, seen) = run(&world, arguments);
        assert_eq!(table(&output.stderr), counted(&seen), "{arguments:?}: {output}");
    }
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn nothing_of_what_is_in_a_call_is_told() {
    let world = World::new();
    let secret = "correct horse battery staple";
    world.write(
        "envs/secret.toml",
        &format!(
            "[env]\nname = \"secret\"\nproject = \"{project}\"\nregion = \"us-east-1\"\n\n\
             [resource.aws_secretsmanager_secret.password]\nname = \"{project}/password\"\n\
             recovery_window_in_days = 0\n\n\
             [resource.aws_secretsmanager_secret_version.password]\n\
             secret_id = \"${{aws_secretsmanager_secret.password.id}}\"\nsecret_string = \"{secret}\"\n",
            project = world.project()
        ),
    );
    let (apply, seen) = run(&world, &["apply", "envs/secret.toml", "--auto-approve", "--json", "--timings"]);
    assert!(seen.iter().any(|call| call.operation == "PutSecretValue"), "{seen:?}");
    assert!(!apply.stdout.contains(secret) && !apply.stderr.contains(secret), "{apply}");
    const MEMBERS: [&str; 12] = [
        "event",
        "service",
        "operation",
        "region",
        "invocation_id",
        "address",
        "start_ms",
        "elapsed_ms",
        "attempts",
        "throttled",
        "outcome",
        "status",
    ];
    let calls = events(&apply.stdout, "call");
    for call in &calls {
        let members: Vec<&str> = call.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, MEMBERS);
        assert!(!call.to_string().contains(world.project()), "no name is in it: {call}");
    }
    let table = world.succeed(&["destroy", "envs/secret.toml", "--auto-approve", "--timings"]);
    assert!(table.stderr.contains("Timings:") && !table.stderr.contains(secret), "{table}");
    let silent = world.succeed(&["plan", "envs/secret.toml"]);
    assert!(!silent.stderr.contains("Timings:"), "nobody has asked: {silent}");
}

#[test]
fn attempts_that_were_repeated_or_throttled_are_counted() {
    let world = environment::world();
    world.write(
        environment::ENVIRONMENT,
        &format!(
            "[env]\nname = \"dev\"\nproject = \"story\"\nregion = \"us-east-1\"\n\n\
             [resource.aws_cloudwatch_log_group.encoder]\nname = \"/{}/encoder\"\n",
            world.project()
        ),
    );
    let fault = |operation: &str, effect| Fault {
        operation: Some(operation.to_owned()),
        times: Some(2),
        ..Fault::new(effect)
    };
    world.wait(world.control().inject(&fault("CreateLogGroup", Effect::Throttle))).unwrap();
    world.wait(world.control().inject(&fault("GetCallerIdentity", Effect::Cut))).unwrap();
    let arguments = ["apply", environment::ENVIRONMENT, "--auto-approve", "--json", "--timings"];
    let (apply, seen) = run(&world, &arguments);
    let calls = events(&apply.stdout, "call");
    assert_told(&calls, &seen);
    let counts = |operation: &str| {
        let call = calls.iter().find(|call| call["operation"] == operation).unwrap();
        (call["attempts"].as_u64(), call["throttled"].as_u64(), call["status"].as_u64())
    };
    assert_eq!(counts("CreateLogGroup"), (Some(3), Some(2), Some(200)));
    assert_eq!(counts("GetCallerIdentity"), (Some(3), Some(0), Some(200)));
    world.wait(world.control().inject(&fault("DeleteLogGroup", Effect::Throttle))).unwrap();
    let destroy = world.succeed(&["destroy", environment::ENVIRONMENT, "--auto-approve", "--timings"]);
    let row = destroy.stderr.lines().find(|line| line.contains("DeleteLogGroup")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!((cells[1], cells[4], cells[5]), ("1", "2", "2"), "{row}");
}
