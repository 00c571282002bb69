//! CloudFront: half of what it has is no resource type.

use super::{Call, Need};
use crate::{query, xml};

/// The nouns of the paths that are resource types.
const TYPES: [&str; 7] = [
    "cache-policy",
    "distribution",
    "function",
    "origin-access-control",
    "origin-access-identity",
    "origin-request-policy",
    "response-headers-policy",
];

pub(super) fn needs(call: &Call<'_>) -> Vec<Need> {
    let operation = call.operation();
    if ["TagResource", "UntagResource", "ListTagsForResource"].contains(&operation) {
        return vec![call.own(query::value(call.query(), "Resource").unwrap_or_default())];
    }
    let mut needs = Vec::new();
    if operation == "CreateDistributionWithTags" {
        needs.push(call.need("CreateDistribution", "*"));
        needs.push(call.need("TagResource", call.global_arn("cloudfront", "distribution/*")));
    } else {
        needs.push(call.own(resource(call)));
    }
    if operation.starts_with("CreateDistribution") || operation == "UpdateDistribution" {
        // CloudFront lets itself write into the bucket of the logs.
        if let Some(bucket) = log_bucket(call) {
            needs.extend(
                ["s3:GetBucketAcl", "s3:PutBucketAcl"].map(|action| Need::new(action, bucket.as_str())),
            );
        }
    }
    needs
}

/// What the path names, if it is of a resource type.
fn resource(call: &Call<'_>) -> String {
    let segments = call.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let named = match parts[..] {
        ["origin-access-identity", "cloudfront", id, ..] => Some(("origin-access-identity", id)),
        ["origin-access-identity", "cloudfront"] => None,
        [noun, id, ..] if TYPES.contains(&noun) => Some((noun, id)),
        _ => None,
    };
    match named {
        Some((noun, id)) => call.global_arn("cloudfront", &format!("{noun}/{id}")),
        None => "*".to_owned(),
    }
}

/// The ARN of the bucket that a distribution's requests are to be logged in.
fn log_bucket(call: &Call<'_>) -> Option<String> {
    let document = xml::parse(call.request.body())?;
    let logging = document.descendant("Logging")?;
    let bucket = logging.text_at(&["Bucket"]).split(".s3").next().unwrap_or_default();
    let is_on = logging.text_at(&["Enabled"]) == "true";
    (is_on && !bucket.is_empty()).then(|| format!("arn:aws:s3:::{bucket}"))
}
