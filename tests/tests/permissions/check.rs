//! What people see: the policy of a small environment, and what credentials lack for it.

use provision_tests::World;

use crate::policy::{policy, without};

const ENVIRONMENT: &str = "envs/small.toml";
const SMALL: &str = r#"
[env]
name = "small"
project = "PROJECT"
region = "us-east-1"
tags = { team = "video" }

[resource.aws_iam_role.copy]
name = "copy"
path = "/video/"
assume_role_policy = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] }

[resource.aws_s3_bucket.videos]
bucket = "PROJECT-videos"

[resource.aws_lambda_function.copy]
function_name = "copy"
role = "${aws_iam_role.copy.arn}"
runtime = "python3.13"
handler = "main.handler"
filename = "copy.zip"

[resource.aws_cloudfront_origin_access_identity.videos]
comment = "videos"
"#;

fn small() -> World {
    let world = World::strict();
    world.write(ENVIRONMENT, &SMALL.replace("PROJECT", world.project()));
    // An empty archive.
    let end = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    std::fs::write(world.directory().join("envs/copy.zip"), end).unwrap();
    world
}

fn told(world: &World, text: &str) -> String {
    text.replace(world.project(), "story").replace(world.account(), "210987654321")
}

#[test]
fn the_policy_of_a_plan_names_what_it_is_about() {
    let world = small();
    let output = world.succeed(&["plan", ENVIRONMENT, "--permissions"]);
    assert!(!output.stderr.contains("characters"), "{output}");
    insta::assert_snapshot!(told(&world, &output.stdout));
}

#[test]
fn a_check_says_what_credentials_lack() {
    let world = small();
    let whole = policy(&world, &[ENVIRONMENT]);
    let ask = serde_json::json!({
        "Effect": "Allow",
        "Action": "iam:SimulatePrincipalPolicy",
        "Resource": format!("arn:aws:iam::{}:user/*", world.account()),
    });
    let with_asking = |policy: &serde_json::Value| {
        let mut policy = policy.clone();
        policy["Statement"].as_array_mut().unwrap().push(ask.clone());
        policy
    };
    let check = |name: &str, policy: &serde_json::Value| {
        let user = world.user(name, policy);
        let output = world.provision_as(&user, &["plan", ENVIRONMENT, "--permissions", "--check"]);
        (output.code, told(&world, &output.stdout))
    };
    let less = without(&without(&whole, "iam:PassRole"), "s3:CreateBucket");
    let (code, lacking) = check("less", &with_asking(&less));
    assert_eq!(code, Some(1), "{lacking}");
    let (code, all) = check("all", &with_asking(&whole));
    assert_eq!(code, Some(0), "{all}");
    let (code, unknown) = check("unasked", &whole);
    assert_eq!(code, Some(0), "{unknown}");
    let (code, root) = {
        let output = world.provision(&["plan", ENVIRONMENT, "--permissions", "--check"]);
        (output.code, told(&world, &output.stdout))
    };
    assert_eq!(code, Some(0), "{root}");
    insta::assert_snapshot!([lacking, all, unknown, root].join("---\n"));
}

#[test]
fn a_run_with_no_more_than_that_looks_ahead_as_far_as_it_may() {
    let world = small();
    for (name, aim) in [("apply", &[][..]), ("destroy", &["--destroy"][..])] {
        let user = world.user(name, &policy(&world, &[&[ENVIRONMENT], aim].concat()));
        let output = world.provision_as(&user, &[name, ENVIRONMENT, "--auto-approve"]);
        assert_eq!(output.code, Some(0), "{output}");
    }
}

#[test]
fn a_plan_says_what_its_credentials_may_not_do() {
    let world = small();
    let mut less = without(&policy(&world, &[ENVIRONMENT]), "s3:CreateBucket");
    less["Statement"].as_array_mut().unwrap().push(serde_json::json!({
        "Effect": "Allow",
        "Action": "iam:SimulatePrincipalPolicy",
        "Resource": format!("arn:aws:iam::{}:user/*", world.account()),
    }));
    let user = world.user("less", &less);
    let plan = world.provision_as(&user, &["plan", ENVIRONMENT]);
    let (_, ahead) = plan.stdout.split_once("This would fail:").unwrap_or_else(|| panic!("{plan}"));
    let denied = format!("may not s3:CreateBucket on arn:aws:s3:::{}-videos", world.project());
    assert!(ahead.contains(&denied), "{plan}");
    let refused = world.provision_as(&user, &["apply", ENVIRONMENT, "--auto-approve"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("Nothing was touched"), "{refused}");
    let tried = world.provision_as(&user, &["apply", ENVIRONMENT, "--auto-approve", "--preflight=false"]);
    assert!(tried.code == Some(1) && tried.stderr.contains("AccessDenied"), "{tried}");

    // Where nobody may ask, that is said, and stops nothing.
    let world = small();
    let user = world.user("unasked", &policy(&world, &[ENVIRONMENT]));
    let plan = world.provision_as(&user, &["plan", ENVIRONMENT]);
    let (_, unseen) = plan.stdout.split_once("Not looked at").unwrap_or_else(|| panic!("{plan}"));
    assert!(unseen.contains("iam:SimulatePrincipalPolicy is not allowed"), "{plan}");
}
