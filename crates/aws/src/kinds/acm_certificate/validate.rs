//! Arguments of a certificate that go together, or do not.

use provision_engine::schema::Problem;
use provision_engine::value::Value;

use super::renewal;
use crate::given::Given;

/// What is for certificates that ACM issues, and not for imported ones.
const REQUESTED: [&str; 8] = [
    "domain_name",
    "subject_alternative_names",
    "validation_method",
    "validation_option",
    "key_algorithm",
    "options",
    "certificate_authority_arn",
    "early_renewal_duration",
];

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let given = Given(configuration);
    let mut problems = Vec::new();
    let mut exclude = |kept: &str, other: &str| {
        problems.push(
            Problem::new(other, format!("`{kept}` and `{other}` exclude each other"))
                .with_hint("keep one of them"),
        );
    };
    let is_imported = given.has("private_key") || given.has("certificate_body");
    if is_imported {
        for name in REQUESTED.into_iter().filter(|name| given.has(name)) {
            exclude(if given.has("private_key") { "private_key" } else { "certificate_body" }, name);
        }
    } else if given.has("certificate_chain") {
        for name in REQUESTED.into_iter().filter(|name| given.has(name)) {
            exclude("certificate_chain", name);
        }
    }
    for other in ["certificate_authority_arn", "early_renewal_duration"] {
        if given.has("validation_method") && given.has(other) {
            exclude("validation_method", other);
        }
    }
    if is_imported {
        for name in ["certificate_body", "private_key"].into_iter().filter(|name| given.lacks(name)) {
            problems.push(
                Problem::new(name, format!("`{name}` is required to import a certificate"))
                    .with_hint(format!("add `{name}` = file(\"…\")")),
            );
        }
    } else if given.lacks("domain_name") && given.lacks("private_key") && given.lacks("certificate_body") {
        problems.push(
            Problem::new("domain_name", "`domain_name` is required to request a certificate")
                .with_hint("or import one: set `certificate_body` and `private_key`"),
        );
    } else if given.has("domain_name")
        && given.lacks("validation_method")
        && given.lacks("certificate_authority_arn")
    {
        problems.push(
            Problem::new(
                "validation_method",
                "`validation_method` is required, or `certificate_authority_arn`",
            )
            .with_hint(
                "`validation_method = \"DNS\"` can be automated: see `aws_acm_certificate_validation`",
            ),
        );
    }
    if let Some(text) = configuration.get("early_renewal_duration").as_str()
        && renewal::parse(text).is_none()
    {
        problems.push(
            Problem::new("early_renewal_duration", "this is no span of time")
                .with_hint("write hours, such as \"2160h\", or days, such as \"P90D\""),
        );
    }
    for (index, name) in configuration.get("subject_alternative_names").items().iter().enumerate() {
        if name.as_str().is_some_and(|name| name.is_empty() || name.len() > 253 || name.ends_with('.')) {
            problems.push(
                Problem::new(
                    format!("subject_alternative_names[{index}]").as_str(),
                    "this is no name for a certificate: it has 1 to 253 characters, and no dot at its end",
                )
                .with_hint("use `trimsuffix(…, \".\")`"),
            );
        }
    }
    problems
}
