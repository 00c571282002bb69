//! How often calls are tried.

use provision_sandbox::{Effect, Fault};

use crate::environment::{APPLY, calls, calls_of, existing, inject, world};

#[test]
fn what_is_throttled_is_repeated_more_often_than_what_fails() {
    const TIMES: u32 = 8;
    let world = world(1);
    let fault = Fault {
        operation: Some("CreateRole".to_owned()),
        times: Some(TIMES),
        ..Fault::new(Effect::Throttle)
    };
    world.wait(world.control().inject(&fault)).unwrap();
    world.succeed(&APPLY);
    assert_eq!(calls_of(&world, "CreateRole"), TIMES as usize + 1);
    assert_eq!(existing(&world).len(), 1);
}

#[test]
fn as_many_attempts_are_made_as_somebody_has_set() {
    let world = world(1).with_variable("AWS_MAX_ATTEMPTS", "2");
    inject(&world, Some("CreateRole"), Effect::Throttle);
    let output = world.provision(&APPLY);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stderr.contains("Throttling: Rate exceeded"), "{output}");
    assert_eq!(calls_of(&world, "CreateRole"), 2);
    let state: serde_json::Value =
        serde_json::from_str(&world.read(&format!("state/{}-dev.json", world.project()))).unwrap();
    assert!(
        state["intents"].as_object().is_none_or(serde_json::Map::is_empty),
        "nothing is left open: {state:#}"
    );
}

#[test]
fn what_stays_refused_is_tried_once() {
    let world = world(1);
    let denied = |code: &str| Effect::Error { status: 403, code: code.to_owned(), message: "No.".to_owned() };
    inject(&world, Some("CreateRole"), denied("AccessDenied"));
    let output = world.provision(&APPLY);
    assert_eq!(output.code, Some(1), "{output}");
    assert_eq!(calls_of(&world, "CreateRole"), 1);
    assert!(calls(&world).iter().any(|call| call.operation == "CreateRole" && call.status == Some(403)));
}
