//! What a plan showed is what an apply does, or it does nothing.

use std::process::Command;

use provision_tests::{World, actions};

use crate::small::{SMALL, assert_refused, calls, changing, existing, world};

#[test]
fn an_apply_with_no_argument_carries_out_the_plan_that_was_shown() {
    let world = world();
    assert_refused(&world.provision(&["apply"]), &["there is no plan to apply", "provision plan ENV"]);
    world.succeed(&["plan", SMALL]);
    assert_eq!(changing(&world), Vec::<String>::new(), "a plan changes nothing");
    world.succeed(&["apply"]);
    assert_eq!(existing(&world), ["log_group /story/small"]);
    world.assert_no_changes(SMALL);
    let made = changing(&world);
    let output = world.succeed(&["apply"]);
    assert!(output.stdout.contains("nothing to do"), "{output}");
    assert_eq!(changing(&world), made, "that plan had nothing to do");
}

#[test]
fn an_apply_of_an_environment_plans_and_asks_first() {
    let world = world();
    assert_refused(&world.provision(&["apply", SMALL]), &["there is nobody to ask", "--auto-approve"]);
    assert_eq!(changing(&world), Vec::<String>::new(), "nobody said yes");
    let output = world.succeed(&["apply", SMALL, "--auto-approve"]);
    assert!(output.stdout.contains("+ module.logs.aws_cloudwatch_log_group.this"), "{output}");
    assert_refused(&world.provision(&["destroy", SMALL]), &["there is nobody to ask", "--auto-approve"]);
    assert_eq!(existing(&world), ["log_group /story/small"], "nobody said yes");
}

/// Something that happens between a plan and its apply.
struct Event {
    what: &'static str,
    happens: fn(&World),
    /// What the refusal says is the reason.
    because: &'static str,
}

#[test]
fn a_plan_is_stale_when_anything_that_it_was_made_from_has_changed() {
    let events = [
        Event {
            what: "the environment file is edited",
            happens: |world| world.edit(SMALL, "default = 30", "default = 60"),
            because: "envs/small.toml has changed",
        },
        Event {
            what: "only a comment is written into it",
            happens: |world| world.edit(SMALL, "[env]", "# mine\n[env]"),
            because: "envs/small.toml has changed",
        },
        Event {
            what: "a module is edited",
            happens: |world| world.edit("modules/logs/module.toml", "/story/", "/stories/"),
            because: "modules/logs/module.toml has changed",
        },
        Event {
            what: "a file is edited that file() reads",
            happens: |world| world.write("envs/note.txt", "second\n"),
            because: "envs/note.txt has changed",
        },
        Event {
            what: "a file is deleted that file() reads",
            happens: |world| std::fs::remove_file(world.directory().join("envs/note.txt")).unwrap(),
            because: "",
        },
        Event {
            what: "another plan is applied",
            happens: |world| {
                world.succeed(&["apply", SMALL, "--auto-approve", "--var", "days=7"]);
            },
            because: "the state has changed",
        },
    ];
    for there_is_a_state in [false, true] {
        for event in &events {
            let world = world();
            if there_is_a_state {
                world.succeed(&["apply", SMALL, "--auto-approve", "--var", "days=14"]);
            }
            world.succeed(&["plan", SMALL, "--out", "my.plan"]);
            (event.happens)(&world);
            let (before, state) = (changing(&world), state(&world));
            let output = world.provision(&["apply", "my.plan"]);
            let stale = if event.because.is_empty() { "note.txt" } else { "the plan is stale" };
            assert_refused(&output, &[stale, event.because]);
            assert_eq!(changing(&world), before, "nothing is changed after {}", event.what);
            assert_eq!(self::state(&world), state, "nor is the state after {}", event.what);
        }
    }
}

fn state(world: &World) -> Option<String> {
    std::fs::read_to_string(world.directory().join("state/story-small.json")).ok()
}

#[test]
fn a_plan_that_was_applied_is_done_with() {
    let world = world();
    world.succeed(&["plan", SMALL, "--out", "my.plan"]);
    world.succeed(&["apply", "my.plan"]);
    assert_refused(&world.provision(&["apply", "my.plan"]), &["the plan is stale", "the state has changed"]);
    assert_refused(&world.provision(&["apply"]), &["there is no plan to apply"]);
}

#[test]
fn a_plan_in_a_file_keeps_its_variables_and_can_be_looked_at() {
    let world = world();
    let variables = ["--var", "days=7", "--var", "note=weekly"];
    let shown = world.succeed(&[&["plan", SMALL, "--out", "my.plan"], &variables[..]].concat()).stdout;
    let json = world.succeed(&[&["plan", SMALL, "--json"], &variables[..]].concat()).stdout;
    // Another plan in between is another plan.
    world.succeed(&["plan", SMALL]);
    assert_eq!(world.succeed(&["show", "my.plan"]).stdout, shown);
    let without_lineage = |text: &str| {
        let mut json: serde_json::Value = serde_json::from_str(text).unwrap();
        json.as_object_mut().unwrap().remove("lineage");
        json
    };
    let again = world.succeed(&["show", "my.plan", "--json"]).stdout;
    // Until there is a state, each plan is made for one of its own.
    assert_eq!(without_lineage(&again), without_lineage(&json));
    world.succeed(&["apply", "my.plan"]);
    assert_eq!(world.succeed(&["output", SMALL, "note", "--format", "raw"]).stdout.trim_end(), "weekly");
    let given = world.plan(&[&[SMALL], &variables[..]].concat());
    assert!(actions(&given).is_empty(), "{given:?}");
    assert_refused(&world.provision(&["apply", "envs/note.txt"]), &["is no plan", "--out FILE"]);
    assert_refused(&world.provision(&["show", "none.plan"]), &["none.plan cannot be read"]);
}

#[test]
fn a_plan_does_not_keep_the_secrets_that_it_was_made_with() {
    let world = world();
    let secret = "[variable.password]\nsensitive = true\n\n[resource.terraform_data.password]\ninput = \"${var.password}\"\n\n";
    world.edit(SMALL, "[module.logs]", &format!("{secret}[module.logs]"));
    for state in ["no state yet", "a state"] {
        let password = format!("password=geheim with {state}");
        world.succeed(&["plan", SMALL, "--out", "my.plan", "--var", &password]);
        assert!(!world.read("my.plan").contains("geheim"));
        let before = changing(&world);
        assert_refused(
            &world.provision(&["apply"]),
            &["the variable `password` has no value", "--var password"],
        );
        let output = world.provision(&["apply", "--var", "password=another"]);
        assert_refused(&output, &["the plan is stale"]);
        assert_eq!(changing(&world), before, "nothing is changed with {state}");
        world.succeed(&["apply", "--var", &password]);
        assert!(!self::state(&world).unwrap().contains("geheim"), "not in any attribute");
        let planned = world.succeed(&["plan", SMALL, "--detailed-exitcode", "--var", &password]);
        assert!(planned.stdout.contains("No changes."), "{planned}");
    }
}

#[test]
fn a_plan_does_not_keep_what_a_data_source_was_asked_in_secret() {
    const POLICY: &str = "policy=Managed-CachingOptimized";
    let world = world();
    let secret = "[variable.policy]\nsensitive = true\n\n[data.aws_cloudfront_cache_policy.this]\nname = \"${var.policy}\"\n\n[resource.terraform_data.policy]\ninput = \"${data.aws_cloudfront_cache_policy.this.id}\"\n\n";
    world.edit(SMALL, "[module.logs]", &format!("{secret}[module.logs]"));
    world.succeed(&["plan", SMALL, "--out", "my.plan", "--var", POLICY]);
    assert!(!world.read("my.plan").contains("CachingOptimized"));
    let other = world.provision(&["apply", "--var", "policy=Managed-CachingDisabled"]);
    assert_refused(&other, &["the plan is stale"]);
    world.succeed(&["apply", "--var", POLICY]);
    assert!(!self::state(&world).unwrap().contains("CachingOptimized"));
}

#[test]
fn what_a_plan_must_not_destroy_can_be_let_go_of() {
    const KEPT: &str = "retention_in_days = \"${var.days}\"\nlifecycle = { prevent_destroy = true }\n";
    let world = world();
    let module = "modules/logs/module.toml";
    world.edit(module, "retention_in_days = \"${var.days}\"\n", KEPT);
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    assert_refused(&world.provision(&["destroy", SMALL, "--auto-approve"]), &["prevent_destroy"]);
    world.edit(module, "lifecycle = { prevent_destroy = true }\n", "");
    let output = world.succeed(&["plan", SMALL, "--detailed-exitcode"]);
    assert!(output.stdout.contains("No changes."), "{output}");
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    world.succeed(&["destroy", SMALL, "--auto-approve"]);
    assert_eq!(existing(&world), Vec::<String>::new());
}

#[test]
fn a_plan_can_be_to_destroy_everything() {
    let world = world();
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    let plan = world.plan(&[SMALL, "--destroy"]);
    assert!(actions(&plan).values().all(|action| action == "delete"), "{:?}", actions(&plan));
    assert_eq!(plan.summary.delete, 2);
    world.succeed(&["apply"]);
    assert_eq!(existing(&world), Vec::<String>::new());
    let output = world.succeed(&["plan", SMALL, "--destroy", "--detailed-exitcode"]);
    assert!(output.stdout.contains("No changes."), "{output}");
    world.succeed(&["destroy", SMALL, "--auto-approve"]);
}

#[test]
fn what_is_protected_is_deleted_only_when_that_is_meant() {
    let world = world();
    world.edit(SMALL, "region = \"us-east-1\"", "region = \"us-east-1\"\nprotect = true");
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    world.edit("modules/logs/module.toml", "/story/", "/stories/");
    let before = changing(&world);
    let planned = world.succeed(&["plan", SMALL]);
    assert!(planned.stderr.contains("--allow-destroy"), "the plan says so already: {planned}");
    let protected =
        ["the environment is protected", "module.logs.aws_cloudwatch_log_group.this", "--allow-destroy"];
    assert_refused(&world.provision(&["apply"]), &protected);
    assert_refused(&world.provision(&["apply", SMALL, "--auto-approve"]), &protected);
    assert_refused(&world.provision(&["destroy", SMALL, "--auto-approve"]), &protected[..1]);
    assert_eq!(changing(&world), before, "nothing was changed");
    world.succeed(&["plan", SMALL]);
    world.succeed(&["apply", "--allow-destroy"]);
    assert_eq!(existing(&world), ["log_group /stories/small"]);
    world.succeed(&["destroy", SMALL, "--auto-approve", "--allow-destroy"]);
    assert_eq!(existing(&world), Vec::<String>::new());
}

#[test]
fn an_environment_with_nothing_on_aws_needs_no_aws() {
    let world = World::new();
    world.write(
        SMALL,
        "[env]\nname = \"small\"\nproject = \"story\"\nregion = \"us-east-1\"\n\n[resource.terraform_data.a]\ninput = 1\n",
    );
    for arguments in [
        &["plan", SMALL][..],
        &["apply"],
        &["plan", SMALL, "--detailed-exitcode"],
        &["destroy", SMALL, "--auto-approve"],
    ] {
        let mut command: Command = world.command();
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        // Where nothing listens.
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    assert_eq!(calls(&world), []);
}

#[test]
fn what_is_neither_configured_nor_there_any_more_is_forgotten() {
    const MODULE: &str =
        "[module.logs]\nsource = \"../modules/logs\"\nname = \"small\"\ndays = \"${var.days}\"\n";
    let world = world();
    world.edit(SMALL, "[output.arn]\nvalue = \"${module.logs.arn}\"\n", "");
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.sdk());
    world.wait(async { logs.delete_log_group().log_group_name("/story/small").send().await.unwrap() });
    world.edit(SMALL, MODULE, "");
    let plan = world.plan(&[SMALL]);
    assert!(actions(&plan).is_empty(), "there is nothing to delete: {plan:?}");
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    assert_eq!(world.succeed(&["state", "list", SMALL]).stdout, "terraform_data.note\n");
}
