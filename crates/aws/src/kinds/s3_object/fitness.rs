//! What of an object fits together.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};

use crate::given::Given;

/// Tags that an object can have.
const TAGS: usize = 10;
/// What is locked how, and until when.
const LOCK: [&str; 2] = ["object_lock_mode", "object_lock_retain_until_date"];

/// What does not fit together.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let given = Given(configuration);
    let mut problems = Vec::new();
    let encryption = configuration.get("server_side_encryption").as_str();
    if given.has("kms_key_id") && encryption.is_some_and(|how| !how.starts_with("aws:kms")) {
        problems.push(
            Problem::new("kms_key_id", "only an object that is encrypted by KMS has a key of its own")
                .with_hint("add `server_side_encryption = \"aws:kms\"`, or remove it"),
        );
    }
    for [one, other] in [LOCK, [LOCK[1], LOCK[0]]] {
        if given.has(one) && given.lacks(other) {
            problems.push(Problem::new(one, format!("`{one}` goes with `{other}`")).with_hint("add it"));
        }
    }
    if let Some(date) = configuration.get(LOCK[1]).as_str()
        && DateTime::from_str(date, Format::DateTimeWithOffset).is_err()
    {
        problems
            .push(Problem::new(LOCK[1], "this is no time").with_hint("write it as `2030-01-01T00:00:00Z`"));
    }
    for name in configuration.get("metadata").as_map().into_iter().flat_map(|metadata| metadata.keys()) {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            problems.push(
                Problem::new(
                    Path::root().key("metadata").key(name),
                    "S3 writes names of metadata in lower case",
                )
                .with_hint(format!("write `{}`", name.to_ascii_lowercase())),
            );
        }
    }
    let tags = configuration.get("tags").as_map().map_or(0, |tags| tags.len());
    if tags > TAGS {
        problems.push(
            Problem::new("tags", format!("an object has at most {TAGS} tags, not {tags}"))
                .with_hint("the tags of the environment count too"),
        );
    }
    problems
}
