//! What cannot all be said at once is said in turn.

use provision_engine::value::{Path, Value};
use serde_json::{Value as Json, json};

use crate::everything::{mark, with};

/// Values for arguments in place of those that all others have; null for none.
#[derive(Default)]
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
    let also = |variations: Vec<Vec<(&'static str, Json)>>| {
        [Variation::default()].into_iter().chain(variations.into_iter().map(Variation)).collect()
    };
    match kind {
        "aws_acm_certificate" => also(vec![vec![("validation_method", json!("DNS"))]]),
        // CloudFront's own certificate goes without another.
        "aws_cloudfront_distribution" => {
            let codes = ("origin_group[0].failover_criteria.status_codes[0]", json!(500));
            let none = |name| (name, Json::Null);
            vec![
                Variation(vec![codes.clone()]),
                Variation(vec![
                    codes,
                    none("viewer_certificate.acm_certificate_arn"),
                    none("viewer_certificate.iam_certificate_id"),
                ]),
            ]
        }
        "aws_route53_record" => vec![proof(mark("records[0]"))],
        // AWS's schema says what is in it.
        "aws_sqs_queue" => vec![Variation(vec![(
            "redrive_policy",
            json!({ "deadLetterTargetArn": mark("redrive_policy") }),
        )])],
        _ => vec![Variation::default()],
    }
}

/// What else must be said of a kind, which its schema cannot know.
pub(crate) fn least_of(kind: &str) -> Variation {
    match kind {
        "aws_acm_certificate" => Variation(vec![("domain_name", json!("example.com"))]),
        "aws_cloudfront_public_key" => Variation(vec![("name", json!("key"))]),
        "aws_lambda_function" => {
            Variation(vec![("s3_bucket", json!("bucket")), ("s3_key", json!("function.zip"))])
        }
        "aws_route53_record" => proof("example.com".to_owned()),
        _ => Variation::default(),
    }
}

/// A record that proves a domain, as certificates have it: its value is its name, and the domain.
fn proof(domain: String) -> Variation {
    Variation(vec![("records", json!([mark("name") + &domain]))])
}
