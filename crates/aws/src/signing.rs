//! CloudFront's signed URLs and signed cookies: what a key group lets through.
//!
//! A policy says what may be fetched, until when, from when and from where. It is signed with a private key whose public
//! half is in a trusted key group of the distribution, and URL or cookies carry the signature, in a Base64 of their own
//! ([`encoded`]). Both are, byte for byte, what AWS's own `CloudFrontSigner` makes of the same policy.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

mod address;
mod key;
mod policy;
mod secret;

#[cfg(test)]
mod tests;

pub use address::Address;
pub use key::HashAlgorithm;
pub use policy::{Policy, Terms};
pub use secret::{Secret, StoredKey, key_in_file, stored_key};

use key::SigningKey;

/// Signs for a distribution. Dropping it wipes the key from memory.
pub struct Signer {
    key: SigningKey,
    hash_algorithm: HashAlgorithm,
    key_pair_id: String,
}

/// A cookie of a request: name and value.
pub type Cookie = (&'static str, String);

/// Why nothing is signed. No text of a key is ever in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The key cannot be used.
    #[error("{message}")]
    Key {
        /// Why.
        message: String,
        /// What to do.
        hint: Option<&'static str>,
    },
    /// The id of the public key is none.
    #[error("`{0}` is no id of a CloudFront public key: it has letters and digits, such as K2JCJMDEHXQW5F")]
    KeyPairId(String),
    /// The URL cannot be signed.
    #[error("`{address}` cannot be signed: {reason}")]
    Address {
        /// The URL.
        address: String,
        /// Why.
        reason: String,
    },
    /// The policy is none that CloudFront would accept.
    #[error("{0}")]
    Policy(String),
}

impl SigningError {
    /// What to do about it, where that is not said already.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Key { hint, .. } => *hint,
            _ => None,
        }
    }
}

impl Signer {
    /// Signs with a private key in PEM, whose public half CloudFront knows by that id.
    ///
    /// # Errors
    ///
    /// If the text is no private key that CloudFront takes, or the id none.
    pub fn new(
        pem: &str,
        key_pair_id: impl Into<String>,
        hash_algorithm: HashAlgorithm,
    ) -> Result<Self, SigningError> {
        let key_pair_id = key_pair_id.into();
        if key_pair_id.is_empty() || !key_pair_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(SigningError::KeyPairId(key_pair_id));
        }
        Ok(Self { key: SigningKey::from_pem(pem)?, hash_algorithm, key_pair_id })
    }

    /// The URL with the policy's signature in its query.
    ///
    /// # Errors
    ///
    /// What the cryptography says.
    pub fn url(&self, address: &Address, policy: &Policy) -> Result<String, SigningError> {
        let separator = if address.as_str().contains('?') { '&' } else { '?' };
        let mut url = format!("{address}{separator}");
        url += &match policy.canned_expiry() {
            Some(expires) => format!("Expires={expires}"),
            None => format!("Policy={}", encoded(policy.json().as_bytes())),
        };
        url += &format!("&Signature={}&Key-Pair-Id={}", self.signature(policy)?, self.key_pair_id);
        if let Some(name) = self.hash_algorithm.named() {
            url += &format!("&Hash-Algorithm={name}");
        }
        Ok(url)
    }

    /// The cookies that a request sends to be let through.
    ///
    /// # Errors
    ///
    /// What the cryptography says.
    pub fn cookies(&self, policy: &Policy) -> Result<Vec<Cookie>, SigningError> {
        let mut cookies = vec![
            match policy.canned_expiry() {
                Some(expires) => ("CloudFront-Expires", expires.to_string()),
                None => ("CloudFront-Policy", encoded(policy.json().as_bytes())),
            },
            ("CloudFront-Signature", self.signature(policy)?),
            ("CloudFront-Key-Pair-Id", self.key_pair_id.clone()),
        ];
        cookies
            .extend(self.hash_algorithm.named().map(|name| ("CloudFront-Hash-Algorithm", name.to_owned())));
        Ok(cookies)
    }

    fn signature(&self, policy: &Policy) -> Result<String, SigningError> {
        Ok(encoded(&self.key.sign(policy.json().as_bytes(), self.hash_algorithm)?))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Signer").field("key_pair_id", &self.key_pair_id).finish_non_exhaustive()
    }
}

/// Base64, with other characters where a query means something by those that it has: `-` for `+`, `_` for `=`, `~` for
/// `/`.
fn encoded(bytes: &[u8]) -> String {
    let replaced = |character| match character {
        '+' => '-',
        '=' => '_',
        '/' => '~',
        other => other,
    };
    STANDARD.encode(bytes).chars().map(replaced).collect()
}
