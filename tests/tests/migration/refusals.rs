//! What ends a migration before it has begun: nothing is written then.

use std::fs;

use provision_sandbox::{Effect, Fault};
use provision_tests::World;
use serde_json::{Value, json};

use crate::terraform::{MIGRATED, STATE, migrate};

/// A state of Terraform's with one queue.
fn queue(world: &World) -> Value {
    let url = format!("http://sqs.us-east-1.localhost/{}/{}-jobs", world.account(), world.project());
    let arn = format!("arn:aws:sqs:us-east-1:{}:{}-jobs", world.account(), world.project());
    let attributes =
        json!({ "id": url, "url": url, "arn": arn, "name": format!("{}-jobs", world.project()) });
    json!({
        "version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "x", "outputs": {},
        "resources": [{
            "mode": "managed", "type": "aws_sqs_queue", "name": "jobs",
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{ "schema_version": 0, "attributes": attributes, "sensitive_attributes": [] }],
        }],
    })
}

/// A world in which that queue is there.
fn with_queue() -> World {
    let world = World::new();
    let sqs = aws_sdk_sqs::Client::new(&world.sdk());
    let name = format!("{}-jobs", world.project());
    let made = world.wait(sqs.create_queue().queue_name(name).send()).unwrap();
    let mut state = queue(&world);
    let attributes = &mut state["resources"][0]["instances"][0]["attributes"];
    attributes["id"] = made.queue_url().unwrap().into();
    attributes["url"] = attributes["id"].clone();
    world.write(STATE, &state.to_string());
    world
}

fn arguments(world: &World) -> Vec<&str> {
    vec!["migrate", STATE, "--out", MIGRATED, "--project", world.project()]
}

/// The screens of a migration that is refused, after which there is neither an environment nor a state of it.
fn refused(world: &World) -> String {
    let screens = world.screens(&arguments(world));
    assert!(!world.directory().join(MIGRATED).exists(), "no file is left: {screens}");
    let state = format!("{}-migrated.json", world.project());
    let names = |directory: &str| -> Vec<String> {
        let entries = fs::read_dir(world.directory().join(directory)).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    assert!(!names("state").contains(&state), "no state is left: {screens}");
    screens
}

#[test]
fn a_damaged_state_is_refused() {
    let world = World::new();
    let text = queue(&world).to_string();
    world.write(STATE, &text[..text.len() / 2]);
    insta::assert_snapshot!("damaged", refused(&world));
    world.write(STATE, "{ \"version\": 4, \"resources\": [{ \"mode\": \"managed\" }] }");
    insta::assert_snapshot!("no_state", refused(&world));
}

#[test]
fn a_state_of_another_format_is_refused() {
    let world = World::new();
    world.write(STATE, "{ \"version\": 3, \"terraform_version\": \"0.11.14\", \"modules\": [] }");
    insta::assert_snapshot!("format", refused(&world));
}

#[test]
fn nothing_is_written_over() {
    let world = with_queue();
    world.write(MIGRATED, "# mine\n");
    insta::assert_snapshot!("there_already", world.screens(&arguments(&world)));
    assert_eq!(world.read(MIGRATED), "# mine\n");
}

#[test]
fn a_state_with_resources_is_not_added_to() {
    let world = with_queue();
    migrate(&world, &[]);
    fs::rename(world.directory().join(MIGRATED), world.directory().join("envs/before.toml")).unwrap();
    let screens = world.screens(&arguments(&world));
    insta::assert_snapshot!("state_already", screens);
    assert!(!world.directory().join(MIGRATED).exists(), "no file is left");
}

#[test]
fn a_read_that_fails_leaves_nothing_behind() {
    let world = with_queue();
    let error = Effect::Error {
        status: 403,
        code: "AccessDenied".to_owned(),
        message: "User: arn:aws:iam::210987654321:user/ops is not authorized".to_owned(),
    };
    let fault = Fault { operation: Some("GetQueueAttributes".to_owned()), ..Fault::new(error) };
    world.wait(world.control().inject(&fault)).unwrap();
    insta::assert_snapshot!("denied", refused(&world));
    world.wait(world.control().clear_faults()).unwrap();
    migrate(&world, &[]);
    world.assert_no_changes(MIGRATED);
}

#[test]
fn a_directory_that_was_made_for_nothing_goes_again() {
    let world = World::new();
    let state = json!({ "version": 4, "resources": [] });
    world.write(STATE, &state.to_string());
    let out = "new/envs/x.toml";
    let output = world.provision(&["migrate", STATE, "--out", out, "--project", world.project()]);
    assert!(output.code == Some(1) && output.stderr.contains("no ARN names a region"), "{output}");
    assert!(!world.directory().join("new").exists());
}
