//! Functions of Lambda: what of their code and of their variables a plan sees, and what a state knows.

use provision_tests::{World, actions};

const SMALL: &str = "envs/functions.toml";

const ENVIRONMENT: &str = r#"
[env]
name = "dev"
project = "functions"
region = "us-east-1"

[variable.password]
description = "A password."
type = "string"
sensitive = true

[resource.aws_iam_role.this]
name = "reporter"
assume_role_policy = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] }

[resource.aws_lambda_function.this]
function_name = "reporter-functions"
role = "${aws_iam_role.this.arn}"
runtime = "python3.11"
handler = "index.handler"
source_dir = "function"
environment = { variables = { PASSWORD = "${var.password}", LANGUAGE = "en" } }

[output.digest]
description = "The package that is deployed."
value = "${aws_lambda_function.this.source_code_hash}"
"#;

fn world() -> World {
    let world = World::new().with_variable("PROVISION_VAR_password", "hunter2");
    world.write(SMALL, ENVIRONMENT);
    world.write("envs/function/index.py", "def handler(event, context):\n    return event\n");
    world
}

/// The state of the environment, as text.
fn state(world: &World) -> String {
    world.read("state/functions-dev.json")
}

#[test]
fn a_moved_checkout_is_no_change_and_changed_code_is_one() {
    let world = world();
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    let directory = world.directory().to_str().unwrap().to_owned();
    assert!(!state(&world).contains(&directory), "the state knows no place of this machine");
    let digest = |world: &World| world.succeed(&["output", SMALL, "digest", "--format", "raw"]).stdout;
    let first = digest(&world);

    // Elsewhere, and with what an interpreter leaves behind.
    world.write("moved/function/index.py", &world.read("envs/function/index.py"));
    world.write("moved/function/__pycache__/index.cpython-311.pyc", "bytes");
    let elsewhere = format!("{directory}/moved/function");
    world.edit(SMALL, "source_dir = \"function\"", &format!("source_dir = \"{elsewhere}\""));
    world.assert_no_changes(SMALL);

    world.write("moved/function/index.py", "def handler(event, context):\n    return 1\n");
    let plan = world.plan(&[SMALL]);
    let expected = [("aws_lambda_function.this".to_owned(), "update".to_owned())];
    assert_eq!(actions(&plan), expected.into());
    world.succeed(&["apply"]);
    assert_ne!(digest(&world), first);
    world.assert_no_changes(SMALL);

    // A plan is of the code that it saw.
    world.write("moved/function/index.py", "def handler(event, context):\n    return 2\n");
    world.plan(&[SMALL]);
    world.write("moved/function/index.py", "def handler(event, context):\n    return 3\n");
    let stale = world.provision(&["apply"]);
    assert_ne!(stale.code, Some(0), "{stale}");
}

#[test]
fn code_that_is_missing_is_told_where_it_is_named() {
    let world = world();
    world.edit(SMALL, "source_dir = \"function\"", "source_dir = \"nowhere\"");
    let refused = world.provision(&["validate", SMALL]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("nowhere cannot be read"), "{refused}");
    assert!(refused.stderr.contains("source_dir = \"nowhere\""), "the line is shown: {refused}");
}

#[test]
fn a_sensitive_variable_of_a_function_is_kept_nowhere_and_survives_changes_of_others() {
    let world = world();
    let lambda = aws_sdk_lambda::Client::new(&world.sdk());
    let variables = || {
        let answer =
            world.wait(lambda.get_function_configuration().function_name("reporter-functions").send());
        answer.unwrap().environment.unwrap().variables.unwrap()
    };
    let applied = world.succeed(&["apply", SMALL, "--auto-approve"]);
    assert!(!format!("{applied}").contains("hunter2"), "{applied}");
    assert!(!state(&world).contains("hunter2"), "{}", state(&world));
    assert_eq!(variables()["PASSWORD"], "hunter2");
    world.assert_no_changes(SMALL);

    world.edit(SMALL, "LANGUAGE = \"en\"", "LANGUAGE = \"de\"");
    // Whether what is there is looked at or not.
    let planned = world.succeed(&["plan", SMALL, "--refresh=false"]);
    let applied = world.succeed(&["apply"]);
    assert!(!format!("{planned}{applied}").contains("hunter2"), "{planned}{applied}");
    assert_eq!((variables()["PASSWORD"].as_str(), variables()["LANGUAGE"].as_str()), ("hunter2", "de"));
    world.assert_no_changes(SMALL);
    assert!(!state(&world).contains("hunter2"), "{}", state(&world));
}

#[test]
fn a_secret_that_no_run_knows_any_more_survives_changes_of_others() {
    let world = world();
    let pair =
        "[resource.tls_private_key.this]\nalgorithm = \"ED25519\"\n\n[resource.aws_lambda_function.this]";
    world.edit(SMALL, "[resource.aws_lambda_function.this]", pair);
    world.edit(SMALL, "${var.password}", "${tls_private_key.this.private_key_pem}");
    let lambda = aws_sdk_lambda::Client::new(&world.sdk());
    let variables = || {
        let answer =
            world.wait(lambda.get_function_configuration().function_name("reporter-functions").send());
        answer.unwrap().environment.unwrap().variables.unwrap()
    };
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    let secret = variables()["PASSWORD"].clone();
    assert!(secret.contains("PRIVATE KEY"));
    world.edit(SMALL, "LANGUAGE = \"en\"", "LANGUAGE = \"de\"");
    world.succeed(&["apply", SMALL, "--auto-approve"]);
    assert_eq!((&variables()["PASSWORD"], variables()["LANGUAGE"].as_str()), (&secret, "de"));
    world.assert_no_changes(SMALL);

    world.edit(SMALL, "LANGUAGE = \"de\"", "LANGUAGE = \"fr\"");
    world.succeed(&["plan", SMALL, "--refresh=false"]);
    world.succeed(&["apply"]);
    assert_eq!((&variables()["PASSWORD"], variables()["LANGUAGE"].as_str()), (&secret, "fr"));
}
