//! What cannot all be said at once is said in turn.

use provision_engine::value::{Path, Value};
use serde_json::{Value as Json, json};

use crate::everything::{mark, with};

/// Values for arguments in place of those that all others have; null for none.
pub(crate) struct Variation(Vec<(&'static str, Json)>);

impl Variation {
    /// These arguments with them.
    pub(crate) fn of(&self, arguments: &Value) -> Value {
        self.0.iter().fold(arguments.clone(), |arguments, (path, value)| {
            with(&arguments, &Path::from(*path), Value::from_json(value.clone()))
        })
    }
}

/// The variations of which one shows each argument of a kind.
pub(crate) fn of(kind: &str) -> Vec<Variation> {
    let none = |name| (name, Json::Null);
    let variations = match kind {
        "aws_acm_certificate" => vec![vec![], vec![("validation_method", json!("DNS"))]],
        "aws_cloudfront_distribution" => {
            let codes = ("origin_group[0].failover_criteria.status_codes[0]", json!(500));
            // CloudFront's own certificate goes without another.
            let [acm, iam] =
                ["viewer_certificate.acm_certificate_arn", "viewer_certificate.iam_certificate_id"];
            vec![vec![codes.clone()], vec![codes, none(acm), none(iam)]]
        }
        "aws_lambda_function" => {
            let runtime = ("runtime", json!("python3.13"));
            let handler = ("handler", json!("index.handler"));
            let published = ("publish_to", json!("LATEST_PUBLISHED"));
            // A template can hold code that is one file.
            vec![
                vec![none("source_dir"), none("source_file"), published],
                vec![
                    none("source_dir"),
                    ("source_file", json!("index.py")),
                    runtime.clone(),
                    handler.clone(),
                ],
                vec![none("source_file"), ("source_dir", json!(".")), runtime, handler],
            ]
        }
        "aws_route53_record" => vec![proof(mark("records[0]"))],
        "aws_s3_bucket" => {
            let acl = ("acl", json!("public-read"));
            let rule = json!({ "Redirect": { "ReplaceKeyWith": mark("website.routing_rules") } });
            let rules = ("website.routing_rules", json!([rule]));
            // A rule of the first kind, and one that is promised to be in time.
            let first = none("replication_configuration.rules[0].filter");
            let timed =
                ("replication_configuration.rules[0].destination.replication_time.status", json!("Enabled"));
            vec![vec![acl.clone(), rules.clone()], vec![acl, rules, first, timed]]
        }
        "aws_secretsmanager_secret_version" => vec![vec![], vec![none("secret_string_wo")]],
        // What launches it is named in one of two ways.
        "aws_servicecatalog_constraint" => ["RoleArn", "LocalRoleName"]
            .map(|name| vec![("parameters", json!({ name: mark("parameters") }))])
            .into(),
        // AWS's schema says what is in it.
        "aws_sqs_queue" => {
            vec![vec![("redrive_policy", json!({ "deadLetterTargetArn": mark("redrive_policy") }))]]
        }
        _ => vec![vec![]],
    };
    variations.into_iter().map(Variation).collect()
}

/// What else must be said of a kind, which its schema cannot know.
pub(crate) fn least_of(kind: &str) -> Variation {
    Variation(match kind {
        "aws_acm_certificate" => vec![("domain_name", json!("example.com"))],
        "aws_cloudfront_public_key" => vec![("name", json!("key"))],
        "aws_kms_alias" => vec![("name", json!("alias/key"))],
        "aws_lambda_function" => vec![("s3_bucket", json!("bucket")), ("s3_key", json!("function.zip"))],
        "aws_route53_record" => proof("example.com".to_owned()),
        "aws_servicecatalog_product" => {
            vec![(
                "provisioning_artifact_parameters.template_url",
                json!("https://s3.amazonaws.com/b/t.json"),
            )]
        }
        _ => Vec::new(),
    })
}

/// A record that proves a domain, as certificates have it: its value is its name, and the domain.
fn proof(domain: String) -> Vec<(&'static str, Json)> {
    vec![("records", json!([mark("name") + &domain]))]
}
