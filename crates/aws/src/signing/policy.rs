//! What a signature permits.

use std::net::Ipv4Addr;

use serde::Serialize;
use serde_json::Value as Json;

use super::SigningError;
use super::address::{Address, sent};

/// The last second that CloudFront can count to: 2038-01-19T03:14:07Z.
const LAST_SECOND: i64 = 2_147_483_647;

/// What a signature permits: a statement, in JSON without white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    json: String,
    /// The expiry alone is sent of a policy that says nothing else: CloudFront puts the rest together again.
    canned_expiry: Option<i64>,
}

/// The terms of a custom policy. Times are seconds since 1970, in UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// A URL, or a pattern of URLs in which `*` stands for any text and `?` for any character.
    pub resource: String,
    /// Until when.
    pub expires: i64,
    /// From when, if not from now.
    pub starts: Option<i64>,
    /// From which addresses, if not from all: one of IPv4, or a range, `192.0.2.0/24`.
    pub ip_address: Option<String>,
}

impl Policy {
    /// That one URL may be fetched until a time.
    ///
    /// # Errors
    ///
    /// If CloudFront cannot count to that time.
    pub fn canned(address: &Address, expires: i64) -> Result<Self, SigningError> {
        let terms = Terms { resource: address.as_str().to_owned(), expires, ..Terms::default() };
        Ok(Self { json: Document::of(&terms)?.json()?, canned_expiry: Some(expires) })
    }

    /// What these terms permit.
    ///
    /// # Errors
    ///
    /// If they permit nothing, or are none.
    pub fn custom(terms: &Terms) -> Result<Self, SigningError> {
        Ok(Self { json: Document::of(terms)?.json()?, canned_expiry: None })
    }

    /// A policy that somebody wrote, as it is but for the white space around its parts, which CloudFront does not take.
    ///
    /// # Errors
    ///
    /// If it is no JSON, or nothing that CloudFront would accept.
    pub fn given(text: &str) -> Result<Self, SigningError> {
        let refused = |message: String| SigningError::Policy(format!("the policy is refused: {message}"));
        let json: Json =
            serde_json::from_str(text).map_err(|error| refused(format!("it is no JSON: {error}")))?;
        let Some([statement]) = json.get("Statement").and_then(Json::as_array).map(Vec::as_slice) else {
            return Err(refused("it has `Statement`, a list of one statement".to_owned()));
        };
        let expiry = statement.pointer("/Condition/DateLessThan/AWS:EpochTime");
        match expiry.and_then(Json::as_i64) {
            Some(seconds) if (1..=LAST_SECOND).contains(&seconds) => {}
            Some(_) => return Err(refused(too_late())),
            None => {
                let path = "Condition.DateLessThan.\"AWS:EpochTime\"";
                return Err(refused(format!(
                    "its statement has {path}, a whole number of seconds since 1970"
                )));
            }
        }
        Ok(Self { json: compact(text), canned_expiry: None })
    }

    /// The policy as it is signed.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// When it expires, if that is all that has to be sent of it.
    pub fn canned_expiry(&self) -> Option<i64> {
        self.canned_expiry
    }
}

/// A policy in the order in which CloudFront puts a canned one together.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: [Statement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    resource: String,
    condition: Condition,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    date_less_than: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_greater_than: Option<Time>,
}

#[derive(Serialize)]
struct Time {
    #[serde(rename = "AWS:EpochTime")]
    seconds: i64,
}

#[derive(Serialize)]
struct Source {
    #[serde(rename = "AWS:SourceIp")]
    range: String,
}

impl Document {
    fn of(terms: &Terms) -> Result<Self, SigningError> {
        if terms.resource.is_empty() {
            return Err(SigningError::Policy(
                "a policy is of a resource: a URL, or a pattern of URLs".to_owned(),
            ));
        }
        if !(1..=LAST_SECOND).contains(&terms.expires) {
            return Err(SigningError::Policy(too_late()));
        }
        if terms.starts.is_some_and(|starts| starts >= terms.expires) {
            return Err(SigningError::Policy("it would expire before it starts".to_owned()));
        }
        let source = terms.ip_address.as_deref().map(range).transpose()?;
        Ok(Self {
            statement: [Statement {
                resource: sent(&terms.resource),
                condition: Condition {
                    date_less_than: Time { seconds: terms.expires },
                    ip_address: source.map(|range| Source { range }),
                    date_greater_than: terms.starts.map(|seconds| Time { seconds }),
                },
            }],
        })
    }

    fn json(&self) -> Result<String, SigningError> {
        serde_json::to_string(self).map_err(|error| SigningError::Policy(error.to_string()))
    }
}

fn too_late() -> String {
    "CloudFront takes expiry times from 1970 to 2038-01-19T03:14:07Z".to_owned()
}

/// A range of IPv4 addresses: CloudFront takes no other.
fn range(text: &str) -> Result<String, SigningError> {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "32"));
    let is_prefix = prefix.parse::<u8>().is_ok_and(|bits| bits <= 32 && !prefix.starts_with('+'));
    if address.parse::<Ipv4Addr>().is_err() || !is_prefix {
        return Err(SigningError::Policy(format!(
            "`{text}` is no range of IPv4 addresses, which is all that CloudFront takes: 192.0.2.0/24"
        )));
    }
    Ok(format!("{address}/{prefix}"))
}

/// JSON without the white space between its parts.
fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let is_kept = |character: &char| {
        match (*character, escaped) {
            _ if !in_string => in_string = *character == '"',
            (_, true) => escaped = false,
            ('\\', false) => escaped = true,
            ('"', false) => {
                in_string = false;
                return true;
            }
            _ => {}
        }
        in_string || !matches!(character, ' ' | '\t' | '\n' | '\r')
    };
    json.chars().filter(is_kept).collect()
}
