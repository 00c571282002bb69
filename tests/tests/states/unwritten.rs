//! A run whose state can be written no more: it stops, and what it knew is in a file on this machine.

use provision_sandbox::{Effect, Fault};
use provision_tests::World;

use crate::small::{APPLY, SMALL, lock, log_groups, state, world};

/// From then on S3 says that the credentials have ended. `writes`: how many it takes before, none of them to renew the
/// lease: that is long.
fn credentials_end_after(world: &World, writes: u32) {
    world.edit(SMALL, "lock_lease = 1", "lock_lease = 60");
    let effect = Effect::Error {
        status: 400,
        code: "ExpiredToken".to_owned(),
        message: "The provided token has expired.".to_owned(),
    };
    let fault = Fault {
        service: Some("s3".to_owned()),
        operation: Some("PutObject".to_owned()),
        skip: writes,
        ..Fault::new(effect)
    };
    world.wait(world.control().inject(&fault)).unwrap();
}

fn errored(world: &World) -> String {
    format!("state/{}-small.errored.json", world.project())
}

#[test]
fn what_a_run_knew_when_its_credentials_ended_is_kept_and_pushed() {
    let world = world(false);
    // The lock, the state as it was, and the intent of the first log group.
    credentials_end_after(&world, 3);
    let output = world.provision(&APPLY);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stderr.contains("ExpiredToken") && output.stderr.contains("state push"), "{output}");
    assert_eq!(log_groups(&world), ["/story/first"], "nothing was begun after that");
    world.wait(world.control().clear_faults()).unwrap();
    assert_eq!(lock(&world), None, "the lock was given back");
    assert!(
        state(&world)["resources"].as_object().unwrap().is_empty(),
        "the state knows of nothing but the intent"
    );

    let pushed = world.succeed(&["state", "push", &errored(&world), SMALL]);
    assert!(pushed.stdout.contains("aws_cloudwatch_log_group.first: as that run left it"), "{pushed}");
    assert!(!world.directory().join(errored(&world)).exists(), "it has served");
    let output = world.succeed(&APPLY);
    assert!(!output.stdout.contains("+ aws_cloudwatch_log_group.first"), "it is known: {output}");
    assert_eq!(log_groups(&world), ["/story/first", "/story/second-30"]);
}

#[test]
fn what_a_run_knew_is_found_again_without_a_push() {
    let world = world(false);
    credentials_end_after(&world, 3);
    assert_eq!(world.provision(&APPLY).code, Some(1));
    world.wait(world.control().clear_faults()).unwrap();
    world.succeed(&APPLY);
    assert_eq!(log_groups(&world), ["/story/first", "/story/second-30"]);
    // To push it now adds nothing, and harms nothing.
    let before = state(&world)["resources"].clone();
    world.succeed(&["state", "push", &errored(&world), SMALL]);
    assert_eq!(state(&world)["resources"], before);
}

#[test]
fn nothing_is_begun_when_the_state_cannot_be_written_at_all() {
    let world = world(false);
    credentials_end_after(&world, 0);
    let output = world.provision(&APPLY);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stderr.contains("ExpiredToken"), "{output}");
    assert_eq!(log_groups(&world), Vec::<String>::new());
    assert!(!world.directory().join(errored(&world)).exists(), "there is nothing to keep");
}

/// A world whose credentials end in so many seconds.
fn world_whose_credentials_end_in(seconds: i64) -> World {
    let world = World::new();
    let end = time::OffsetDateTime::now_utc() + time::Duration::seconds(seconds);
    let end = end.format(&time::format_description::well_known::Rfc3339).unwrap();
    let account = world.account();
    world.write(
        "credentials.json",
        &format!(
            r#"{{"Version":1,"AccessKeyId":"{account}","SecretAccessKey":"secret","SessionToken":"session","Expiration":"{end}"}}"#
        ),
    );
    let path = world.directory().join("credentials.json").display().to_string();
    world.write("config", &format!("[default]\ncredential_process = cat {path}\n"));
    let config = world.directory().join("config").display().to_string();
    // Those that are given as they are never end.
    world
        .with_variable("AWS_CONFIG_FILE", &config)
        .with_variable("AWS_ACCESS_KEY_ID", "")
        .with_variable("AWS_SECRET_ACCESS_KEY", "")
}

#[test]
fn a_run_that_its_credentials_cannot_outlive_is_not_begun() {
    let world = world_whose_credentials_end_in(45);
    let refused = world.provision(&["apply", "envs/dev.toml", "--auto-approve"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("the AWS credentials end in 4"), "{refused}");
    assert_eq!(world.resources(), [], "nothing was begun");

    let world = world_whose_credentials_end_in(300);
    let warned = world.succeed(&["apply", "envs/dev.toml", "--auto-approve"]);
    assert!(warned.stderr.contains("end in 5 min, and what is to be done may take 15 min"), "{warned}");

    let world = world_whose_credentials_end_in(3600);
    let quiet = world.succeed(&["apply", "envs/dev.toml", "--auto-approve"]);
    assert!(!quiet.stderr.contains("the AWS credentials end"), "{quiet}");
}
