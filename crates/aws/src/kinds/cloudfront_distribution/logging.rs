//! Access logs in a bucket: `logging_config`.

use aws_sdk_cloudfront::types as sdk;
use provision_engine::permission::{Act, Needs, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cloudfront::set;
use crate::permissions::arn;

/// Access logs in a bucket: the older way (v1). Logs that CloudWatch delivers (v2) are resources of their own,
/// and take `include_cookies` from here.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Logging {
    /// Domain name of the bucket (`bucket_domain_name`), whose ACLs have to be enabled. Absent: no v1 logs.
    bucket: Option<String>,
    /// Beginning of the names of the log files.
    #[schemars(length(max = 256))]
    #[serde(default)]
    prefix: String,
    /// Whether cookies are logged.
    #[serde(default)]
    include_cookies: bool,
}

impl Logging {
    pub(super) fn from_sdk(logging: &sdk::LoggingConfig) -> Option<Self> {
        (logging.enabled() || logging.include_cookies()).then(|| Self {
            bucket: set(Some(logging.bucket())),
            prefix: logging.prefix().to_owned(),
            include_cookies: logging.include_cookies(),
        })
    }
}

/// The configuration as AWS takes it.
pub(super) fn to_sdk(logging: Option<&Logging>) -> sdk::LoggingConfig {
    let bucket = logging.and_then(|logging| logging.bucket.as_deref());
    sdk::LoggingConfig::builder()
        .enabled(bucket.is_some())
        .bucket(bucket.unwrap_or_default())
        .prefix(logging.map(|logging| logging.prefix.as_str()).unwrap_or_default())
        .include_cookies(logging.is_some_and(|logging| logging.include_cookies))
        .build()
}

/// What it needs to have requests logged: CloudFront gives itself leave to write, in the ACL of the bucket.
pub(super) fn permissions<'a>(needs: Needs<'a>, of: Undertaking<'a>) -> Needs<'a> {
    let bucket = of.attributes.get("logging_config").get("bucket");
    let acts = [Act::Create, Act::Update, Act::Delete];
    // Nothing but a change of its configuration makes CloudFront look at the bucket.
    let is_left_alone = of.act == Act::Update && of.only_differs(&["tags"]);
    if bucket.is_null() || is_left_alone {
        return needs;
    }
    let named = |name: &str| arn::s3(name.split(".s3").next().unwrap_or(name));
    // In a bucket without ACLs it could not.
    let has_acl = |attributes: &&Value| {
        let ownership = attributes.get("ownership_controls").get("rule").get("object_ownership");
        ownership.as_str() != Some("BucketOwnerEnforced")
    };
    let buckets = match bucket.as_str() {
        Some(name) => vec![named(name)],
        None => {
            let others = of.others("aws_s3_bucket").filter(has_acl);
            others.filter_map(|attributes| attributes.get("bucket").as_str()).map(named).collect()
        }
    };
    let actions = ["s3:GetBucketAcl", "s3:PutBucketAcl"];
    buckets.iter().fold(needs, |needs, bucket| needs.on(&acts, bucket, &actions))
}

/// What is wrong with the configured logging.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let logging = configuration.get("logging_config");
    let mut problems = Vec::new();
    if logging.as_map().is_none() {
        return problems;
    }
    let bucket = logging.get("bucket");
    if let Some(name) = bucket.as_str()
        && !(name.contains(".s3.") || name.contains(".s3-"))
    {
        problems.push(
            Problem::new("logging_config.bucket", format!("\"{name}\" is no domain name of a bucket"))
                .with_hint(format!("use its `bucket_domain_name`, such as {name}.s3.amazonaws.com")),
        );
    }
    if bucket.is_null() && logging.get("prefix").as_str().is_some_and(|prefix| !prefix.is_empty()) {
        problems.push(
            Problem::new("logging_config.prefix", "`prefix` needs a `bucket`")
                .with_hint("set `bucket`, or remove `prefix`"),
        );
    } else if bucket.is_null() && logging.get("include_cookies").as_bool() == Some(false) {
        problems.push(
            Problem::new("logging_config", "this logs nothing")
                .with_hint("set `bucket`, or remove `logging_config`"),
        );
    }
    problems
}
