//! The environments that make the states of Terraform's that are taken over: together they have every kind, each with the
//! id that Terraform imports it by.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;

/// A package of Python for Lambda.
const PACKAGE: &str = include_str!("../../../fixtures/terraform/reporter.zip.base64");

/// The beginning of all secrets in them, and of those that are bytes.
const SECRETS: [&str; 2] = ["planted-secret", "cGxhbnRlZC1zZWNyZXQ"];

/// Makes what a family has, and exports it. `ids`: what some of it is imported by, where `PROJECT` stands for the project and
/// `ACCOUNT` for the account, and a `…` at the end for whatever AWS has put there.
fn goes_over(family: &str, ids: &[(&str, &str)]) {
    let world = World::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/terraform");
    let text = std::fs::read_to_string(fixtures.join(format!("{family}.toml"))).unwrap();
    world.write("envs/made.toml", &text.replace("\"PROJECT\"", &format!("\"{}\"", world.project())));
    world.write("notes/file.txt", "A file.\n");
    std::fs::create_dir(world.directory().join("build")).unwrap();
    let package = BASE64_STANDARD.decode(PACKAGE.trim_end()).unwrap();
    std::fs::write(world.directory().join("build/reporter.zip"), package).unwrap();
    world.succeed(&["apply", "envs/made.toml", "--auto-approve"]);
    let (exported, stderr) = export(&world, "envs/made.toml");
    let state: Json =
        serde_json::from_str(&world.succeed(&["state", "pull", "envs/made.toml"]).stdout).unwrap();
    assert_taken_over(&exported, &state, &[], &stderr);
    assert_names(&exported);
    assert_valid(&exported);
    let told = SECRETS.iter().find(|secret| exported.to_string().contains(*secret));
    assert_eq!(told, None, "no secret is in the file: {exported:#}");
    let imports = exported["import"].as_array().unwrap();
    for (name, id) in ids {
        let import = imports.iter().find(|import| import["to"] == **name).unwrap();
        let found = import["id"].as_str().unwrap();
        let id = id.replace("PROJECT", world.project()).replace("ACCOUNT", world.account());
        let is_it = match id.strip_suffix('…') {
            Some(beginning) => found.starts_with(beginning),
            None => found == id,
        };
        assert!(is_it, "{name} is imported by {id}: {found}");
    }
}

#[test]
fn alarms_queues_and_functions_go_over() {
    let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    goes_over(
        "monitoring",
        &[
            ("aws_cloudwatch_event_rule.daily", "PROJECT-daily"),
            ("aws_cloudwatch_event_target.daily", "PROJECT-daily/reporter"),
            ("aws_iam_role_policy.reporter", "PROJECT-reporter:publish"),
            (
                "aws_iam_role_policy_attachment.reporter_AWSLambdaBasicExecutionRole",
                &format!("PROJECT-reporter/{policy}"),
            ),
            ("aws_lambda_permission.daily", "PROJECT-reporter/daily"),
            ("aws_sns_topic.abroad", "arn:aws:sns:eu-west-1:ACCOUNT:PROJECT-abroad@eu-west-1"),
            ("aws_sns_topic_subscription.queue", "arn:aws:sns:us-east-1:ACCOUNT:PROJECT-alarms:…"),
            ("aws_sqs_queue.dead", "http…"),
        ],
    );
}

#[test]
fn distributions_and_their_policies_go_over() {
    goes_over(
        "delivery",
        &[
            ("aws_cloudfront_function.index", "PROJECT-index"),
            ("aws_s3_bucket_acl.logs", "PROJECT-logs,log-delivery-write"),
            ("aws_s3_bucket_ownership_controls.logs", "PROJECT-logs"),
        ],
    );
}

#[test]
fn buckets_secrets_and_tables_go_over() {
    goes_over(
        "storage",
        &[
            ("aws_kms_alias.data", "alias/PROJECT-data"),
            ("aws_s3_bucket_object_lock_configuration.data", "PROJECT-data"),
            ("aws_s3_object.note", "PROJECT-data/notes/hello.txt"),
            (
                "aws_secretsmanager_secret_policy.api",
                "arn:aws:secretsmanager:us-east-1:ACCOUNT:secret:PROJECT/api-…",
            ),
            (
                "aws_secretsmanager_secret_version.api",
                "arn:aws:secretsmanager:us-east-1:ACCOUNT:secret:PROJECT/api-…",
            ),
        ],
    );
}

#[test]
fn zones_and_certificates_go_over() {
    goes_over("names", &[("aws_acm_certificate.main", "arn:aws:acm:us-east-1:ACCOUNT:certificate/…")]);
}

#[test]
fn portfolios_and_products_go_over() {
    goes_over(
        "catalog",
        &[
            (
                "aws_servicecatalog_principal_portfolio_association.launcher",
                "en,arn:aws:iam::ACCOUNT:role/PROJECT-launcher,port-…",
            ),
            ("aws_servicecatalog_product_portfolio_association.topic", "en:port-…"),
            ("aws_servicecatalog_provisioned_product.news", "pp-…"),
        ],
    );
}

#[test]
fn roles_and_users_go_over() {
    let policy = "arn:aws:iam::ACCOUNT:policy/apps/PROJECT-read";
    goes_over(
        "identities",
        &[
            ("aws_iam_policy.read", policy),
            ("aws_iam_user_policy_attachment.app", &format!("PROJECT-app/{policy}")),
        ],
    );
}
