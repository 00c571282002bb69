//! What can be looked at: the shape of a plan in JSON, exit codes, the state, and the sandbox.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use provision_tests::World;
use serde_json::{Value as Json, json};

use crate::small::{SMALL, assert_refused, calls, shell, world};

const GROUP: &str = "module.logs.aws_cloudwatch_log_group.this";

fn plan(world: &World, arguments: &[&str]) -> Json {
    let output = world.succeed(&[&["plan", SMALL, "--json"], arguments].concat());
    serde_json::from_str(&output.stdout).unwrap()
}

fn change<'a>(plan: &'a Json, address: &str) -> &'a Json {
    let changes = plan["changes"].as_array().unwrap();
    changes
        .iter()
        .find(|change| change["address"] == address)
        .unwrap_or_else(|| panic!("{address} in {plan:#}"))
}

#[test]
fn a_plan_in_json_has_the_shape_that_is_documented() {
    let world = world();
    let made = plan(&world, &[]);
    assert_eq!(made["format_version"], "1");
    assert_eq!(made["env"], json!({ "project": "story", "name": "small", "region": "us-east-1" }));
    assert!(made["lineage"].as_str().is_some_and(|lineage| !lineage.is_empty()), "{made:#}");
    assert_eq!(made["serial"], 0);
    assert_eq!(made["summary"], json!({ "create": 2, "update": 0, "replace": 0, "delete": 0, "adopt": 0 }));
    let group = change(&made, GROUP);
    assert_eq!(group["kind"], "aws_cloudwatch_log_group");
    assert_eq!(group["action"], "create");
    assert_eq!(group["before"], Json::Null);
    assert_eq!(group["after"]["name"], "/story/small");
    assert_eq!(group["after"]["retention_in_days"], 30);
    assert_eq!(group["after_unknown"]["arn"], true);
    assert_eq!(group["after"]["arn"], Json::Null, "what is not known is null");
    assert_eq!(made["outputs"]["days"]["value"], 30);
    assert_eq!(made["outputs"]["arn"]["value"], Json::Null);
    assert_eq!(made["outputs_unknown"], json!({ "arn": true, "note": true }));

    world.succeed(&["apply"]);
    let changed = plan(&world, &["--var", "days=60"]);
    let group = change(&changed, GROUP);
    assert_eq!((&group["action"], &group["changed"]), (&json!("update"), &json!(["retention_in_days"])));
    assert_eq!(group["before"]["retention_in_days"], 30);
    assert_eq!(group["after"]["retention_in_days"], 60);
    assert_eq!(change(&changed, "terraform_data.note")["action"], "no-op");
    assert_eq!(changed["lineage"], made["lineage"], "the state is the one that the plan was for");
    assert!(changed["serial"].as_u64().unwrap() > 0);

    world.edit("modules/logs/module.toml", "/story/", "/stories/");
    let replaced = plan(&world, &[]);
    let group = change(&replaced, GROUP);
    assert_eq!((&group["action"], &group["replace_because"]), (&json!("replace"), &json!(["name"])));
    assert_eq!(replaced["summary"]["replace"], 1);
    let destroyed = plan(&world, &["--destroy"]);
    let group = change(&destroyed, GROUP);
    assert_eq!((&group["action"], &group["after"]), (&json!("delete"), &Json::Null));
    assert_eq!(destroyed["summary"]["delete"], 2);
}

#[test]
fn the_exit_code_of_a_plan_says_whether_there_are_changes() {
    let world = world();
    let codes = |arguments: &[&str]| world.provision(&[&["plan", SMALL], arguments].concat()).code;
    assert_eq!(codes(&["--detailed-exitcode"]), Some(2));
    assert_eq!(codes(&[]), Some(0));
    world.succeed(&["apply"]);
    assert_eq!(codes(&["--detailed-exitcode"]), Some(0));
    world.edit(SMALL, "value = \"${terraform_data.note.output.note}\"", "value = \"other\"");
    assert_eq!(codes(&["--detailed-exitcode"]), Some(2), "an output is a change, too");
    world.edit(SMALL, "[env]", "[environment]");
    assert_eq!(codes(&["--detailed-exitcode"]), Some(1));
}

#[test]
fn without_refresh_the_state_is_believed() {
    let world = world();
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.sdk());
    world.wait(async { logs.delete_log_group().log_group_name("/story/small").send().await.unwrap() });
    let before = calls(&world).len();
    let output = world.succeed(&["plan", SMALL, "--refresh=false", "--detailed-exitcode"]);
    assert!(output.stdout.contains("No changes."), "{output}");
    let services: Vec<String> = calls(&world).into_iter().skip(before).map(|call| call.service).collect();
    assert!(services.iter().all(|service| service == "sts"), "no resource is read: {services:?}");
    assert_eq!(world.provision(&["plan", SMALL, "--detailed-exitcode"]).code, Some(2), "and otherwise it is");
}

#[test]
fn the_state_can_be_looked_at() {
    let world = world();
    let nothing = world.succeed(&["show", SMALL]);
    assert!(nothing.stdout.contains("no state yet"), "{nothing}");
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    let list = world.succeed(&["state", "list", SMALL]).stdout;
    assert_eq!(list, format!("{GROUP}\nterraform_data.note\n"));
    assert_eq!(world.succeed(&["state", "list"]).stdout, list, "the environment that was used last");
    let shown = world.succeed(&["state", "show", SMALL, GROUP]).stdout;
    for expected in [GROUP, "name", "/story/small", "retention_in_days", "30"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert_eq!(world.succeed(&["state", "show", GROUP]).stdout, shown);
    let refused = world.provision(&["state", "show", SMALL, "terraform_data.nte"]);
    assert_refused(
        &refused,
        &["the state has no `terraform_data.nte`", "did you mean `terraform_data.note`?"],
    );
    let json: Json = serde_json::from_str(&world.succeed(&["show", SMALL, "--json"]).stdout).unwrap();
    assert_eq!(json["resources"][GROUP]["kind"], "aws_cloudwatch_log_group");
    assert_eq!(json.get("digest_key"), None, "the key of digests is nobody's business");
    for path in std::fs::read_dir(world.directory().join("state")).unwrap() {
        let name = path.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains("journal"), "a run folds its journal in: {name}");
    }
}

#[test]
fn the_sandbox_prints_what_to_export() {
    let world = world();
    // It has been installed for these tests already.
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../.provision/sandbox");
    std::fs::create_dir_all(world.directory().join(".provision")).unwrap();
    std::os::unix::fs::symlink(installed, world.directory().join(".provision/sandbox")).unwrap();
    let mut sandbox =
        world.command().arg("sandbox").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut exports = String::new();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap());
    while !exports.contains("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
        let read = lines.read_line(&mut exports).unwrap();
        assert_ne!(read, 0, "it prints variables and runs: {exports}");
    }
    assert!(exports.lines().all(|line| line.starts_with("export AWS_")), "{exports}");
    let endpoint = shell(&format!("{exports}printf %s \"$AWS_ENDPOINT_URL\""));
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{endpoint}");

    let binary = world.command().get_program().to_owned();
    let script = format!("{exports}{} apply {SMALL} --auto-approve", binary.to_str().unwrap());
    let mut command = Command::new("sh");
    command
        .args(["-euc", &script])
        .current_dir(world.directory())
        .env("PROVISION_DIRECTORY", world.directory());
    let applied = command.output().unwrap();
    assert!(applied.status.success(), "{applied:?}");
    assert_eq!(calls(&world), [], "that was another AWS");

    let process = sandbox.id().to_string();
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    assert_eq!(sandbox.wait().unwrap().code(), Some(0), "Ctrl-C ends it well");
}
