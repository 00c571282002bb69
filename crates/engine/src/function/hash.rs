//! Digests of text and of files, and names derived from them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;

use super::{Arguments, Function};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "base64sha256",
        &["str"],
        |it| base64(&text::<Sha256>(it)?),
        "The SHA-256 of text in base64.",
    ),
    Function::new(
        "base64sha512",
        &["str"],
        |it| base64(&text::<Sha512>(it)?),
        "The SHA-512 of text in base64.",
    ),
    Function::new(
        "filebase64sha256",
        &["path"],
        |it| base64(&file::<Sha256>(it)?),
        "The SHA-256 of a file in base64.",
    ),
    Function::new(
        "filebase64sha512",
        &["path"],
        |it| base64(&file::<Sha512>(it)?),
        "The SHA-512 of a file in base64.",
    ),
    Function::new(
        "filemd5",
        &["path"],
        |it| hexadecimal(&file::<Md5>(it)?),
        "The MD5 of a file in hexadecimal.",
    ),
    Function::new(
        "filesha1",
        &["path"],
        |it| hexadecimal(&file::<Sha1>(it)?),
        "The SHA-1 of a file in hexadecimal.",
    ),
    Function::new(
        "filesha256",
        &["path"],
        |it| hexadecimal(&file::<Sha256>(it)?),
        "The SHA-256 of a file in hexadecimal.",
    ),
    Function::new(
        "filesha512",
        &["path"],
        |it| hexadecimal(&file::<Sha512>(it)?),
        "The SHA-512 of a file in hexadecimal.",
    ),
    Function::new(
        "fingerprint",
        &["str"],
        |it| Ok(Value::from(fingerprint(&it.text(0)?))),
        "A short text that tells a text from others, whatever white space is around it: for names and keys. In a template \
         of CloudFormation it tells one parameter from another.",
    ),
    Function::new("md5", &["str"], |it| hexadecimal(&text::<Md5>(it)?), "The MD5 of text in hexadecimal."),
    Function::new(
        "sha1",
        &["str"],
        |it| hexadecimal(&text::<Sha1>(it)?),
        "The SHA-1 of text in hexadecimal.",
    ),
    Function::new(
        "sha256",
        &["str"],
        |it| hexadecimal(&text::<Sha256>(it)?),
        "The SHA-256 of text in hexadecimal.",
    ),
    Function::new(
        "sha512",
        &["str"],
        |it| hexadecimal(&text::<Sha512>(it)?),
        "The SHA-512 of text in hexadecimal.",
    ),
    Function::new("uuidv5", &["namespace", "name"], uuid_v5, "The UUID of a name in a namespace."),
];

/// The first 12 hexadecimal digits of the SHA-256 of a text without the white space around it.
pub(crate) fn fingerprint(text: &str) -> String {
    Sha256::digest(text.trim().as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn text<D: Digest>(arguments: &Arguments<'_>) -> Result<Vec<u8>, String> {
    Ok(D::digest(arguments.text(0)?.as_bytes()).to_vec())
}

fn file<D: Digest>(arguments: &Arguments<'_>) -> Result<Vec<u8>, String> {
    Ok(D::digest(arguments.files.read(&arguments.text(0)?)?).to_vec())
}

#[expect(clippy::unnecessary_wraps, reason = "it ends the functions above, which are fallible")]
fn hexadecimal(digest: &[u8]) -> Result<Value, String> {
    Ok(Value::from(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

#[expect(clippy::unnecessary_wraps, reason = "it ends the functions above, which are fallible")]
fn base64(digest: &[u8]) -> Result<Value, String> {
    Ok(Value::from(STANDARD.encode(digest)))
}

fn uuid_v5(arguments: &Arguments<'_>) -> Result<Value, String> {
    let namespace = match arguments.text(0)?.as_ref() {
        "dns" => Uuid::NAMESPACE_DNS,
        "oid" => Uuid::NAMESPACE_OID,
        "url" => Uuid::NAMESPACE_URL,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other)
            .map_err(|_| arguments.invalid(0, "must be dns, oid, url, x500 or a UUID"))?,
    };
    Ok(Value::from(Uuid::new_v5(&namespace, arguments.text(1)?.as_bytes()).to_string()))
}
