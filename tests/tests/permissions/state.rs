//! Where the state is in S3, its permissions are among the plan's.

use provision_tests::World;

use crate::policy::{assert_least, policy};

const ENVIRONMENT: &str = "envs/small.toml";
const SMALL: &str = r#"
[env]
name = "small"
project = "PROJECT"
region = "us-east-1"

[resource.aws_cloudfront_origin_access_identity.this]
comment = "small"
"#;

#[test]
fn a_state_in_s3_with_its_lock() {
    prove(false);
}

#[test]
fn a_state_in_s3_with_its_lock_in_dynamodb() {
    prove(true);
}

fn prove(table: bool) {
    let world = World::strict();
    world.write(ENVIRONMENT, &SMALL.replace("PROJECT", world.project()));
    let world = world.with_state_in_s3(&[ENVIRONMENT], table);
    let mut before = 0;
    for (name, arguments) in [("apply", &["apply"][..]), ("destroy", &["destroy"][..])] {
        let aim: &[&str] = if name == "destroy" { &["--destroy"] } else { &[] };
        let policy = policy(&world, &[&[ENVIRONMENT], aim].concat());
        let user = world.user(name, &policy);
        let output = world.provision_as(
            &user,
            &[arguments, &[ENVIRONMENT, "--auto-approve", "--preflight=false"]].concat(),
        );
        assert_eq!(output.code, Some(0), "{output}");
        let control = world.control();
        let needs = world.wait(async move { control.needs().await }).unwrap();
        assert_least(&policy, &needs[before..], &format!("to {name}, with table: {table}"));
        before = needs.len();
    }
}
