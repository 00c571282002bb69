//! An apply on a terminal, in a log, and for a program, while AWS takes its time.

use std::time::Duration;

use provision_sandbox::{Effect, Fault};
use provision_tests::{Terminal, World};
use regex::Regex;
use serde_json::Value as Json;

const CHAIN: &str = "envs/chain.toml";
const APPLY: [&str; 3] = ["apply", CHAIN, "--auto-approve"];

const TEXT: &str = r#"[env]
name = "chain"
project = "story"
region = "us-east-1"

[resource.aws_cloudwatch_log_group.first]
name = "/story/first"

[resource.aws_cloudwatch_log_group.second]
name = "/story/second"
depends_on = ["aws_cloudwatch_log_group.first"]

[resource.aws_cloudwatch_log_group.third]
name = "/story/third"
depends_on = ["aws_cloudwatch_log_group.second"]
"#;

const APART: &str = "\n[resource.terraform_data.apart]\ninput = \"at once\"\n";

/// A world whose first log group is made, but AWS says so only when it is told to go on.
fn slow_world() -> World {
    let world = World::new();
    world.write(CHAIN, &format!("{TEXT}{APART}"));
    fault(&world, Effect::Hold, 0);
    world
}

/// Lets something befall one log group that is to be made, after so many.
fn fault(world: &World, effect: Effect, skip: u32) {
    let operation = Some("CreateLogGroup".to_owned());
    let fault = Fault { operation, skip, times: Some(1), ..Fault::new(effect) };
    world.wait(world.control().inject(&fault)).unwrap();
}

fn go_on(world: &World) {
    world.wait(world.control().clear_faults()).unwrap();
}

/// An apply in a terminal of that width, which waits for AWS.
fn waiting(world: &World, columns: usize) -> Terminal {
    let terminal = world.terminal(columns, 30, &APPLY);
    terminal.wait_until("the rest is done", |text| {
        text.contains("✓ terraform_data.apart") && text.contains("1 running, 2 waiting")
    });
    terminal
}

/// What a terminal shows below the plan, without what differs from run to run.
fn below_the_plan(text: &str) -> String {
    let (_, below) = text.split_once("to delete.").unwrap_or_else(|| panic!("a plan: {text}"));
    let spinner = Regex::new("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]").unwrap();
    let below = spinner.replace_all(below.trim_start(), "⠋");
    let times = Regex::new(r"\b[0-9]+(\.[0-9])?s\b").unwrap();
    times.replace_all(&below, "0s").into_owned()
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

#[test]
fn a_terminal_shows_what_runs_and_what_waits_for_it() {
    for columns in [80, 140] {
        let world = slow_world();
        let terminal = waiting(&world, columns);
        insta::assert_snapshot!(format!("live_at_{columns}"), below_the_plan(&terminal.text()));
        go_on(&world);
        let (code, text) = terminal.wait();
        assert_eq!(code, Some(0), "{text}");
        insta::assert_snapshot!(format!("live_at_{columns}_done"), below_the_plan(&text));
    }
}

#[test]
fn a_terminal_that_is_resized_stays_clean() {
    let world = slow_world();
    let mut terminal = waiting(&world, 140);
    for columns in [60, 40, 120, 47] {
        terminal.resize(columns, 30);
        // The bar is a third of the width, but for a quarter of it done.
        let length = (columns / 3).min(30);
        let rest = format!("{} 1/4", "─".repeat(length - length / 4));
        terminal.wait_until("it is drawn for the new width", |text| {
            text.contains(&rest) && !text.contains(&format!("─{rest}"))
        });
        let text = terminal.text();
        assert_eq!(count(&text, "holds up"), 1, "{columns} columns:\n{text}");
        assert_eq!(count(&text, " 1/4 "), 1, "{columns} columns:\n{text}");
        assert_eq!(count(&text, "✓ terraform_data.apart"), 1, "what has ended stays:\n{text}");
    }
    go_on(&world);
    let (code, text) = terminal.wait();
    assert_eq!(code, Some(0), "{text}");
    assert_eq!((count(&text, "holds up"), count(&text, "━"), count(&text, "⠋")), (0, 0, 0), "{text}");
    assert!(text.contains("Done: 4 created, 0 updated, 0 deleted, in "), "{text}");
}

#[test]
fn an_interrupted_terminal_stays_clean() {
    let world = slow_world();
    let mut terminal = waiting(&world, 80);
    // While it is only looked whether the name is free, nothing would be waited for.
    world.wait(world.control().wait_until_held(Duration::from_secs(30))).unwrap();
    terminal.interrupt();
    terminal.wait_until("what runs is waited for", |text| text.contains("1/4  stopping"));
    go_on(&world);
    let (code, text) = terminal.wait();
    assert_eq!(code, Some(1), "{text}");
    insta::assert_snapshot!("live_interrupted", below_the_plan(&text));
}

#[test]
fn a_terminal_that_is_interrupted_twice_stays_clean() {
    let world = slow_world();
    let mut terminal = waiting(&world, 80);
    // While it is only looked whether the name is free, nothing would be waited for.
    world.wait(world.control().wait_until_held(Duration::from_secs(30))).unwrap();
    terminal.interrupt();
    terminal.wait_until("what runs is waited for", |text| text.contains("1/4  stopping"));
    terminal.interrupt();
    let (code, text) = terminal.wait();
    assert_eq!(code, Some(130), "{text}");
    insta::assert_snapshot!("live_stopped", below_the_plan(&text));
    go_on(&world);
}

#[test]
fn a_failure_is_seen_as_it_happens() {
    let world = World::new();
    world.write(CHAIN, &format!("{TEXT}{APART}"));
    let error = Effect::Error {
        status: 400,
        code: "AccessDeniedException".to_owned(),
        message: "not you".to_owned(),
    };
    fault(&world, Effect::Delay(1500), 0);
    fault(&world, error, 1);
    let terminal = waiting(&world, 80);
    let (code, text) = terminal.wait();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("✗ aws_cloudwatch_log_group.second was not created, after "), "{text}");
    assert!(text.contains("- aws_cloudwatch_log_group.third is not created: it waits for "), "{text}");
    assert_eq!(count(&text, "holds up"), 0, "{text}");
}

#[test]
fn a_log_has_plain_lines() {
    let world = World::new();
    world.write(CHAIN, TEXT);
    let output = world.succeed(&APPLY);
    assert!(!output.stderr.contains('\u{1b}'), "{output}");
    let times = Regex::new(r"\b[0-9]+(\.[0-9])?s\b").unwrap();
    insta::assert_snapshot!("plain", times.replace_all(&output.stderr, "0s"));
}

#[test]
fn a_program_gets_json_lines_with_durations() {
    let world = World::new();
    world.write(CHAIN, TEXT);
    fault(&world, Effect::Delay(300), 0);
    let output = world.succeed(&["apply", CHAIN, "--auto-approve", "--json"]);
    let events: Vec<Json> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |name: &str| -> Vec<&Json> { events.iter().filter(|event| event["event"] == name).collect() };
    assert_eq!(named("apply_started")[0]["steps"], 3);
    assert_eq!((named("step_started").len(), named("step_finished").len()), (3, 3));
    let first = named("step_finished")[0];
    assert_eq!(first["address"], "aws_cloudwatch_log_group.first");
    assert!(first["elapsed_ms"].as_u64().unwrap() >= 300, "{first}");
}
