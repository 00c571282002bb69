//! What of Terraform's stays with Terraform, and what is said of it.

use provision_tests::World;
use serde_json::{Value, json};

use crate::terraform::{MIGRATED, STATE, with_secrets};

/// A state of which much stays: the bucket and the secret are there, as is the queue that it has the wrong URL of.
fn state(world: &World, secret: &str) -> Value {
    let (project, account) = (world.project(), world.account());
    let provider = "provider[\"registry.terraform.io/hashicorp/aws\"]";
    let resource = |kind: &str, name: &str, attributes: Value, dependencies: &[&str]| {
        json!({
            "mode": "managed", "type": kind, "name": name, "provider": provider,
            "instances": [{
                "schema_version": 0, "attributes": attributes, "sensitive_attributes": [],
                "dependencies": dependencies,
            }],
        })
    };
    let bucket = |name: &str| {
        let name = format!("{project}-{name}");
        json!({ "id": name, "bucket": name, "arn": format!("arn:aws:s3:::{name}"), "region": "us-east-1" })
    };
    let value = json!({
        "id": format!("{secret}|v"), "arn": secret, "secret_id": secret, "secret_string": "", "version_id": "v",
    });
    let function = json!({
        "id": "thumbnails", "function_name": "thumbnails", "role": format!("arn:aws:iam::{account}:role/thumbnails"),
        "arn": format!("arn:aws:lambda:us-east-1:{account}:function:thumbnails"), "handler": "index.handler",
        "runtime": "python3.12", "filename": "build/thumbnails.zip",
    });
    let mut outputs = json!({ "bucket": { "value": format!("{project}-uploads"), "type": "string" } });
    outputs["password"] = json!({ "value": "planted-secret", "type": "string", "sensitive": true });
    json!({
        "version": 4, "terraform_version": "1.9.8", "serial": 3, "lineage": "x", "outputs": outputs,
        "resources": [
            { "mode": "data", "type": "aws_region", "name": "here", "provider": provider, "instances": [] },
            resource("aws_s3_bucket", "uploads", bucket("uploads"), &[]),
            resource(
                "aws_s3_bucket_versioning", "uploads", json!({ "bucket": format!("{project}-uploads") }),
                &["aws_s3_bucket.uploads"],
            ),
            resource("aws_s3_bucket", "gone", bucket("gone"), &[]),
            resource("aws_s3_object", "index", json!({ "id": "index.html", "key": "index.html", "bucket": "x" }), &[]),
            resource("aws_secretsmanager_secret", "api", json!({ "id": secret, "arn": secret }), &[]),
            resource("aws_secretsmanager_secret_version", "api", value, &["aws_secretsmanager_secret.api"]),
            resource("aws_lambda_function", "thumbnails", function, &[]),
            resource("aws_budgets_budget", "monthly", json!({ "id": format!("{account}:monthly") }), &[]),
            resource("random_password", "admin", json!({ "id": "none", "result": "planted-secret" }), &[]),
        ],
    })
}

/// A world with the bucket and the secret, and that state.
fn world() -> (World, Value) {
    let world = World::new();
    let config = world.sdk();
    let s3 = world.s3();
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let bucket = format!("{}-uploads", world.project());
    let secret = world.wait(async {
        s3.create_bucket().bucket(bucket).send().await.unwrap();
        let name = format!("{}/api", world.project());
        let made = secrets.create_secret().name(name).secret_string("planted-secret").send().await.unwrap();
        (made.arn().unwrap().to_owned(), made.version_id().unwrap().to_owned())
    });
    let mut state = state(&world, &secret.0);
    let version = &mut state["resources"][6]["instances"][0]["attributes"];
    version["id"] = format!("{}|{}", secret.0, secret.1).into();
    world.write(STATE, &state.to_string());
    (world, state)
}

#[test]
fn what_stays_with_terraform_is_listed_and_left_alone() {
    for columns in [80, 140] {
        let (world, state) = world();
        let before = world.resources();
        let mut command = world.command();
        command.args(["migrate", STATE, "--out", MIGRATED, "--project", world.project()]);
        let output = command.env("COLUMNS", columns.to_string()).output().unwrap();
        let text = world.steady(&String::from_utf8(output.stdout).unwrap());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        insta::assert_snapshot!(format!("remainders_{columns}"), text);
        assert_eq!(world.resources(), before, "nothing is touched");
        let environment = world.read(MIGRATED);
        for left in ["gone", "thumbnails", "budget", "password", "planted-secret"] {
            assert!(!environment.contains(left), "{left} is none of it: {environment}");
        }
        with_secrets(world, &state).assert_no_changes(MIGRATED);
    }
}
