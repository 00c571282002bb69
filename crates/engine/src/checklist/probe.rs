//! What a check can try, beside looking at what is recorded.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::schema::Schema;
use crate::value::Value;

/// Something to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// What.
    pub attempt: Attempt,
    /// Whether something sensitive is in it, so that it is not shown.
    pub sensitive: bool,
}

/// What is tried.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    /// To put an object, and get it back. It is there while the other probes of its check run, and then removed.
    S3(S3Object),
    /// To transcode a video.
    MediaConvertJob(MediaConvertJob),
    /// To send a request.
    Http(HttpRequest),
}

/// The sorts of [`Attempt`], in the order in which those of one check are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// [`Attempt::S3`]
    S3,
    /// [`Attempt::MediaConvertJob`]
    MediaConvertJob,
    /// [`Attempt::Http`]
    Http,
}

/// An HTTP request, and what must be answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpRequest {
    /// The URL, with `http://` or `https://`.
    #[schemars(extend("pattern" = "^https?://"))]
    pub url: String,
    /// The method.
    #[serde(default = "get")]
    #[schemars(extend("enum" = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]))]
    pub method: String,
    /// Headers to send.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What to send after them.
    #[serde(default)]
    pub body: Option<String>,
    /// The statuses of which the answer must have one. Redirects are not followed.
    #[serde(default = "ok")]
    #[schemars(extend("minItems" = 1))]
    pub expect_status: Vec<u16>,
    /// Headers that the answer must have, each with a text that is in its value.
    #[serde(default)]
    pub expect_headers: BTreeMap<String, String>,
    /// A text that must be in the first megabyte of the answer.
    #[serde(default)]
    pub expect_body_contains: Option<String>,
    /// How the request is signed for CloudFront; absent: not at all.
    #[serde(default)]
    pub signed_by: Option<SignedBy>,
    /// Seconds for which an attempt may take.
    #[serde(default = "timeout")]
    #[schemars(range(min = 1, max = 120))]
    pub timeout: u64,
    /// How often it is tried, with some seconds in between, before it has failed.
    #[serde(default = "attempts")]
    #[schemars(range(min = 1, max = 20))]
    pub attempts: u32,
}

/// The signature of a request to CloudFront, which expires after a few minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedBy {
    /// The secret with the private key, by its name or ARN.
    pub secret: String,
    /// The id of the public key in CloudFront. It can be left out if the secret's version bears it as a staging label.
    #[serde(default)]
    pub key_pair_id: Option<String>,
    /// Whether the URL is signed, or cookies are sent.
    #[serde(default = "url")]
    #[schemars(extend("enum" = ["url", "cookies"]))]
    pub with: String,
    /// What the policy is of, if not the URL: `*` stands for any text.
    #[serde(default)]
    pub resource: Option<String>,
}

/// An object of S3 to put, get and remove. One that is there already is left alone, and the check has failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3Object {
    /// The bucket.
    pub bucket: String,
    /// The key.
    #[schemars(length(min = 1, max = 1024))]
    pub key: String,
    /// What is in it.
    #[serde(default = "content")]
    pub content: String,
    /// Its type, as `Content-Type` has it.
    #[serde(default)]
    pub content_type: Option<String>,
    /// How long caches may keep it, as `Cache-Control` has it.
    #[serde(default)]
    pub cache_control: Option<String>,
    /// Whether it is put and got by presigned URLs, as those do it who have no credentials.
    #[serde(default)]
    pub presigned: bool,
    /// How it must have been encrypted.
    #[serde(default)]
    #[schemars(extend("enum" = ["AES256", "aws:kms", "aws:kms:dsse"]))]
    pub expect_server_side_encryption: Option<String>,
    /// The ARN of the KMS key that it must have been encrypted with.
    #[serde(default)]
    pub expect_kms_key_arn: Option<String>,
    /// The region of the bucket, if not the environment's.
    #[serde(default)]
    pub region: Option<String>,
}

/// A job of MediaConvert that writes HLS, and what it must have written. What it wrote is removed again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaConvertJob {
    /// ARN of the role that reads the input and writes the output.
    pub role: String,
    /// ARN or name of the queue; absent: the account's default.
    #[serde(default)]
    pub queue: Option<String>,
    /// Name or ARN of the job template, whose first output group writes HLS.
    pub job_template: String,
    /// The video: `s3://bucket/key`.
    #[schemars(extend("pattern" = "^s3://[^/]+/.+"))]
    pub input: String,
    /// Where to: `s3://bucket/prefix/name`. There must be nothing under `prefix/` before.
    #[schemars(extend("pattern" = "^s3://[^/]+/.+/[^/]*$"))]
    pub destination: String,
    /// Keys in the destination's bucket that must be there once it is done.
    pub expect_keys: Vec<String>,
    /// Seconds for which the job may take.
    #[serde(default = "patience")]
    #[schemars(range(min = 1, max = 7200))]
    pub timeout: u64,
    /// The region of queue and template, if not the environment's.
    #[serde(default)]
    pub region: Option<String>,
}

impl ProbeKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::S3, Self::MediaConvertJob, Self::Http];

    /// The name of the block in a check.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::MediaConvertJob => "media_convert_job",
            Self::Http => "http",
        }
    }

    /// What the block can say.
    pub fn schema(self) -> &'static Schema {
        static SCHEMAS: [OnceLock<Schema>; 3] = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
        match self {
            Self::S3 => SCHEMAS[0].get_or_init(Schema::of::<S3Object>),
            Self::MediaConvertJob => SCHEMAS[1].get_or_init(Schema::of::<MediaConvertJob>),
            Self::Http => SCHEMAS[2].get_or_init(Schema::of::<HttpRequest>),
        }
    }

    /// What a block that was checked says.
    pub(super) fn attempt(self, checked: &Value) -> Result<Attempt, serde_json::Error> {
        let typed: Json = self.schema().typed(checked);
        Ok(match self {
            Self::S3 => Attempt::S3(serde_json::from_value(typed)?),
            Self::MediaConvertJob => Attempt::MediaConvertJob(serde_json::from_value(typed)?),
            Self::Http => Attempt::Http(serde_json::from_value(typed)?),
        })
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> Vec<u16> {
    vec![200]
}

fn timeout() -> u64 {
    10
}

fn attempts() -> u32 {
    3
}

fn url() -> String {
    "url".to_owned()
}

fn content() -> String {
    "put by provision verify".to_owned()
}

fn patience() -> u64 {
    1800
}
