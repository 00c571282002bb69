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
    match kind {
        // The schema knows what is in it.
        "aws_sqs_queue" => vec![Variation(vec![(
            "redrive_policy",
            json!({ "deadLetterTargetArn": mark("redrive_policy") }),
        )])],
        _ => vec![Variation::default()],
    }
}

/// What else must be said of a kind, which its schema cannot know.
pub(crate) fn least_of(kind: &str) -> Variation {
    Variation(match kind {
        "aws_lambda_function" => vec![("s3_bucket", json!("bucket")), ("s3_key", json!("key"))],
        _ => Vec::new(),
    })
}
