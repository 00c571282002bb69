//! What is in an object: where it comes from, what is compared of it, and what is sent.

use std::path::Path;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_smithy_types::base64;
use provision_engine::digest::sha256;
use provision_engine::function::Files;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Value, Withheld};

use super::Object;

/// The arguments that content comes from, of which an object has one, or none if it is empty.
pub(super) const ORIGINS: [&str; 3] = ["source", "content", "content_base64"];
const DIGEST: &str = "content_sha256";

/// Bytes that can be put into an object at once.
const MOST: usize = 5 * 1024 * 1024 * 1024;

/// Puts the content of the file that a configuration names into it, and the digest of whatever its content is.
pub(super) fn read(configuration: &mut Value, files: &dyn Files) -> Vec<Problem> {
    if !configuration.get(DIGEST).is_null() {
        return vec![
            Problem::new(DIGEST, format!("`{DIGEST}` is computed from the content"))
                .with_hint("remove it; any change of the content is seen"),
        ];
    }
    let given: Vec<&str> = ORIGINS.into_iter().filter(|name| !configuration.get(name).is_null()).collect();
    if let [first, second, ..] = given[..] {
        return vec![
            Problem::new(second, format!("`{first}` and `{second}` exclude each other"))
                .with_hint("keep one of them"),
        ];
    }
    let origin = given.first().copied();
    let content = match origin.map(|origin| configuration.get(origin)) {
        None => Ok(Content::Known(Vec::new())),
        Some(Value::Unknown) => Ok(Content::Unknown),
        // Of a secret whose value nobody knows any more, the digest is the one that it had.
        Some(Value::Withheld(_)) => Ok(Content::Withheld),
        Some(value) => known(origin.unwrap_or_default(), value.as_str().unwrap_or_default(), files),
    };
    let content = match content {
        Ok(content) => content,
        Err(problem) => return vec![problem],
    };
    let Value::Map(arguments) = configuration else { return Vec::new() };
    if origin == Some("source") {
        let encoded = match &content {
            Content::Known(bytes) => Value::String(base64::encode(bytes)),
            _ => Value::Unknown,
        };
        arguments.insert("content_base64".to_owned(), encoded);
        // Where a file is on this machine is of no interest elsewhere.
        if let Some(Value::String(path)) = arguments.get_mut("source")
            && Path::new(path).is_absolute()
            && let Some(name) = Path::new(path).file_name()
        {
            *path = name.to_string_lossy().into_owned();
        }
    }
    let digest = match content {
        Content::Known(bytes) => Value::String(sha256(&bytes)),
        Content::Unknown => Value::Unknown,
        Content::Withheld => Withheld::default().into(),
    };
    arguments.insert(DIGEST.to_owned(), digest);
    Vec::new()
}

enum Content {
    Known(Vec<u8>),
    Unknown,
    Withheld,
}

fn known(origin: &str, value: &str, files: &dyn Files) -> Result<Content, Problem> {
    let bytes = match origin {
        "source" => files.read(value).map_err(|message| Problem::new("source", message))?,
        "content_base64" => base64::decode(value).map_err(|_| {
            Problem::new("content_base64", "this is no base64")
                .with_hint("use `filebase64(\"…\")`, `base64encode(…)`, or `source`")
        })?,
        _ => value.as_bytes().to_vec(),
    };
    match bytes.len() {
        length if length > MOST => Err(Problem::new(
            origin,
            format!("an object is put there with at most {MOST} bytes, not {length}"),
        )),
        _ => Ok(Content::Known(bytes)),
    }
}

impl Object {
    /// What to send.
    pub(super) fn body(&self) -> Result<Vec<u8>, KindError> {
        let unknown = |what: &str| {
            KindError::new(format!("the content of the object is {what}"))
                .with_hint("give the content itself, or replace the resource that it comes from")
        };
        if let Some(text) = self.content.value() {
            return Ok(text.as_bytes().to_vec());
        }
        if let Some(encoded) = self.content_base64.value() {
            return base64::decode(encoded).map_err(|_| unknown("no base64"));
        }
        if self.content.is_set() || self.content_base64.is_set() {
            return Err(unknown("not known to this run"));
        }
        Ok(Vec::new())
    }

    /// The digest of what is there, as far as S3 tells: by its SHA-256, or because it is the version that `self` was, or
    /// that this run has just put there.
    pub(super) fn digest_there(&self, head: &HeadObjectOutput) -> Option<String> {
        // That of an upload in parts is one of the parts' digests, and ends in their number.
        let there = head.checksum_sha256().filter(|checksum| !checksum.contains('-'));
        if let Some(bytes) = there.and_then(|checksum| base64::decode(checksum).ok()) {
            return Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        let is_known = self.etag.is_none() || etag(head) == self.etag;
        self.content_sha256.clone().filter(|_| is_known)
    }
}

/// The ETag of an object, without its quotation marks.
pub(super) fn etag(head: &HeadObjectOutput) -> Option<String> {
    head.e_tag().map(|etag| etag.trim_matches('"').to_owned())
}
