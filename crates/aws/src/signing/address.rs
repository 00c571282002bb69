//! URLs that can be signed.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::SigningError;

/// What no URL has as it is on its way: browsers and `curl` send it percent-encoded, and the signature is of what is
/// sent.
const UNSENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

/// The names in a query that a signature brings along.
const RESERVED: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

/// An absolute URL that can be signed, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Reads a URL. What is not ASCII in it, and spaces, are percent-encoded.
    ///
    /// # Errors
    ///
    /// If it is no absolute `http` or `https` URL, has a fragment, or is signed already.
    pub fn parse(text: &str) -> Result<Self, SigningError> {
        let refused =
            |reason: &str| SigningError::Address { address: text.to_owned(), reason: reason.to_owned() };
        let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
            return Err(refused("it does not begin with https:// or http://"));
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() {
            return Err(refused("it names no host"));
        }
        if !host.is_ascii() || host.contains(char::is_whitespace) {
            return Err(refused(
                "its host is not written as DNS has it; one with other letters begins with xn--",
            ));
        }
        if text.contains('#') {
            return Err(refused("what stands behind a # is never sent; take it away"));
        }
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        let names = query.split('&').map(|part| part.split('=').next().unwrap_or_default());
        if let Some(name) = names.into_iter().find(|name| RESERVED.contains(name)) {
            return Err(refused(&format!("`{name}` in its query is a signature's own")));
        }
        Ok(Self(sent(text)))
    }

    /// The URL as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can only be meant as a pattern, of which CloudFront wants a custom policy.
    pub fn is_pattern(&self) -> bool {
        self.0.contains('*')
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A URL, or a pattern of URLs, as it is sent.
pub(super) fn sent(text: &str) -> String {
    utf8_percent_encode(text, UNSENT).to_string()
}
