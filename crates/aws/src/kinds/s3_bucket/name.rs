//! What a general-purpose bucket can be called.

use provision_engine::schema::Problem;
use provision_engine::value::Value;

use crate::names;

/// Beginnings that AWS keeps for itself, and what for.
const RESERVED_PREFIXES: [(&str, &str); 3] = [
    ("xn--", "internationalised domain names"),
    ("sthree-", "S3 itself"),
    ("amzn-s3-demo-", "examples in AWS's documentation"),
];

/// Endings that AWS keeps for itself, and what for.
const RESERVED_SUFFIXES: [(&str, &str); 6] = [
    ("-s3alias", "aliases of access points"),
    ("--ol-s3", "aliases of Object Lambda access points"),
    (".mrap", "multi-region access points"),
    ("--x-s3", "directory buckets"),
    ("--table-s3", "table buckets"),
    ("-an", "buckets in an account's own regional namespace"),
];

/// The digits that a made-up name ends with.
const MADE_UP: usize = 26;

/// What S3 has against `bucket` or `bucket_prefix`.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = names::exclusive(configuration, "bucket", "bucket_prefix");
    if let Some(name) = configuration.get("bucket").as_str() {
        problems.extend(of_name(name).into_iter().map(|(message, hint)| problem("bucket", message, hint)));
    }
    if let Some(prefix) = configuration.get("bucket_prefix").as_str() {
        problems.extend(
            of_prefix(prefix).into_iter().map(|(message, hint)| problem("bucket_prefix", message, hint)),
        );
    }
    problems
}

type Objection = (String, Option<String>);

fn problem(path: &str, message: String, hint: Option<String>) -> Problem {
    let problem = Problem::new(path, message);
    match hint {
        Some(hint) => problem.with_hint(hint),
        None => problem,
    }
}

fn of_name(name: &str) -> Vec<Objection> {
    let mut objections = of_beginning(name);
    if !(3..=63).contains(&name.chars().count()) {
        objections
            .push((format!("a bucket's name has 3 to 63 characters, not {}", name.chars().count()), None));
    }
    if name.ends_with(['.', '-']) {
        objections.push(("a bucket's name ends with a letter or a digit".to_owned(), None));
    }
    if is_ip_address(name) {
        objections.push(("a bucket's name does not look like an IP address".to_owned(), None));
    }
    for (suffix, purpose) in RESERVED_SUFFIXES {
        if name.ends_with(suffix) {
            objections.push((format!("`{suffix}` at the end is reserved for {purpose}"), None));
        }
    }
    objections
}

fn of_prefix(prefix: &str) -> Vec<Objection> {
    let mut objections = of_beginning(prefix);
    let most = 63 - MADE_UP;
    if prefix.chars().count() > most {
        objections.push((
            format!(
                "`bucket_prefix` has at most {most} characters, since {MADE_UP} are added, not {}",
                prefix.chars().count()
            ),
            None,
        ));
    }
    objections
}

/// What is wrong whether or not something follows.
fn of_beginning(text: &str) -> Vec<Objection> {
    let mut objections = Vec::new();
    let allowed = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || matches!(character, '.' | '-')
    };
    if let Some(wrong) = text.chars().find(|character| !allowed(*character)) {
        let suggestion: String = text
            .to_lowercase()
            .chars()
            .map(|character| if allowed(character) { character } else { '-' })
            .collect();
        objections.push((
            format!("a bucket's name has lowercase letters, digits, dots and hyphens alone, not `{wrong}`"),
            Some(format!("such as \"{suggestion}\"")),
        ));
    }
    if text.starts_with(['.', '-']) {
        objections.push(("a bucket's name begins with a letter or a digit".to_owned(), None));
    }
    if text.contains("..") {
        objections.push(("a bucket's name has no two dots in a row".to_owned(), None));
    }
    for (prefix, purpose) in RESERVED_PREFIXES {
        if text.starts_with(prefix) {
            objections.push((format!("`{prefix}` at the beginning is reserved for {purpose}"), None));
        }
    }
    objections
}

fn is_ip_address(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    parts.len() == 4
        && parts
            .iter()
            .all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
}
