//! Lines 292 to 297: the outputs, by their names, say what is there.

use std::collections::BTreeMap;

use aws_sdk_kms::types::KeyMetadata;
use serde_json::{Value as Json, json};

use super::Expected;

pub(crate) fn assert_met(expected: &Expected<'_>, key: &KeyMetadata, outputs: &BTreeMap<String, Json>) {
    let bucket = expected.bucket();
    let own = |value: Option<&str>| if expected.own_key { json!(value) } else { Json::Null };
    let all = [
        ("bucket_name", json!(bucket), "line 292"),
        ("bucket_arn", json!(format!("arn:aws:s3:::{bucket}")), "line 292"),
        ("bucket_domain_name", json!(format!("{bucket}.s3.us-east-1.amazonaws.com")), "line 292"),
        (
            "logging_bucket_name",
            if expected.logging { json!(expected.logging_bucket()) } else { Json::Null },
            "lines 275 and 292",
        ),
        ("access_role_arn", json!(expected.role_arn(&expected.access_role())), "line 293"),
        ("monitoring_role_arn", json!(expected.role_arn(&expected.monitoring_role())), "line 293"),
        ("kms_key_id", own(Some(key.key_id())), "line 294: conditional"),
        ("kms_key_arn", own(key.arn()), "line 294: conditional"),
        ("alerts_topic_arn", json!(expected.topic()), "line 295"),
        (
            "monitoring_function_arn",
            json!(expected.arn("lambda", &format!("function:{}", expected.function()))),
            "line 296",
        ),
        ("monitoring_function_name", json!(expected.function()), "line 296"),
        ("environment", json!(expected.environment), "line 297"),
    ];
    for (name, value, cited) in &all {
        assert_eq!(outputs.get(*name), Some(value), "{cited}: {name}");
    }
    assert_eq!(outputs.len(), all.len(), "there are no others: {outputs:?}");
}
