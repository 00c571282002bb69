//! Private keys that CloudFront takes signatures of: RSA of 2048 bits, and ECDSA on the curve P-256.

use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::pkcs8::DecodePrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::SigningError;

/// How a policy is digested before it is signed.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-linux-openssl.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashAlgorithm {
    /// SHA-1: what CloudFront takes a signature to be of that says nothing else.
    #[default]
    Sha1,
    /// SHA-256, which URL and cookies have to name.
    Sha256,
}

impl HashAlgorithm {
    /// The name that URL and cookies have to have.
    pub(super) fn named(self) -> Option<&'static str> {
        match self {
            Self::Sha1 => None,
            Self::Sha256 => Some("SHA256"),
        }
    }
}

/// A private key. Both sorts wipe themselves from memory when they are dropped.
pub(super) enum SigningKey {
    Rsa(Box<RsaPrivateKey>),
    Ecdsa(p256::ecdsa::SigningKey),
}

/// The bytes of an RSA modulus of 2048 bits.
const RSA_BYTES: usize = 256;

/// What stands before a SHA-1 in a signature of PKCS#1: the DER of its name (RFC 8017, 9.2, note 1).
const SHA1_NAME: [u8; 15] = [48, 33, 48, 9, 6, 5, 43, 14, 3, 2, 26, 5, 0, 4, 20];

const MAKE_ONE: &str = "CloudFront takes RSA keys of 2048 bits (openssl genrsa 2048) and ECDSA keys on P-256 \
    (openssl ecparam -name prime256v1 -genkey)";

impl SigningKey {
    /// Reads a key from PEM: PKCS#1, SEC 1, or PKCS#8.
    pub(super) fn from_pem(text: &str) -> Result<Self, SigningError> {
        let Some((label, pem)) = private_key(text) else {
            let message = match text.contains("-----BEGIN ") {
                true => "there is no private key in it: a public key or a certificate cannot sign",
                false => "there is no private key in it: one in PEM begins with -----BEGIN",
            };
            return Err(refused(message, Some(MAKE_ONE)));
        };
        if label == "ENCRYPTED PRIVATE KEY" || pem.contains("ENCRYPTED") {
            return Err(refused(
                "the private key is encrypted with a password",
                Some("decrypt it first: openssl pkey -in key.pem -out decrypted.pem"),
            ));
        }
        match label {
            "RSA PRIVATE KEY" => Self::rsa(RsaPrivateKey::from_pkcs1_pem(pem).map_err(|_| damaged())?),
            "EC PRIVATE KEY" => match p256::SecretKey::from_sec1_pem(pem) {
                Ok(key) => Ok(Self::Ecdsa(key.into())),
                Err(_) => {
                    Err(refused("the private key is no ECDSA key on P-256, or damaged", Some(MAKE_ONE)))
                }
            },
            "PRIVATE KEY" => match (RsaPrivateKey::from_pkcs8_pem(pem), p256::SecretKey::from_pkcs8_pem(pem))
            {
                (Ok(key), _) => Self::rsa(key),
                (_, Ok(key)) => Ok(Self::Ecdsa(key.into())),
                _ => Err(refused(
                    "the private key is neither RSA nor ECDSA on P-256, or damaged",
                    Some(MAKE_ONE),
                )),
            },
            other => {
                Err(refused(&format!("the key is a {other}, which CloudFront does not take"), Some(MAKE_ONE)))
            }
        }
    }

    fn rsa(key: RsaPrivateKey) -> Result<Self, SigningError> {
        if key.size() != RSA_BYTES {
            let message = format!("the private key is an RSA key of {} bits", key.size() * 8);
            return Err(refused(&message, Some(MAKE_ONE)));
        }
        Ok(Self::Rsa(Box::new(key)))
    }

    /// The signature of a message: of RSA that of PKCS#1 v1.5, of ECDSA its DER, as OpenSSL writes both.
    pub(super) fn sign(&self, message: &[u8], algorithm: HashAlgorithm) -> Result<Vec<u8>, SigningError> {
        let digest = match algorithm {
            HashAlgorithm::Sha1 => Sha1::digest(message).to_vec(),
            HashAlgorithm::Sha256 => Sha256::digest(message).to_vec(),
        };
        match self {
            Self::Rsa(key) => {
                let padding = match algorithm {
                    HashAlgorithm::Sha1 => {
                        Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: SHA1_NAME.into() }
                    }
                    HashAlgorithm::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                };
                // The randomness blinds how long it takes; the signature is the same each time.
                key.sign_with_rng(&mut OsRng, padding, &digest).map_err(unsigned)
            }
            Self::Ecdsa(key) => {
                let signature: p256::ecdsa::Signature = key.sign_prehash(&digest).map_err(unsigned)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
        }
    }
}

/// The first private key in a text, with its label: there may be parameters or a certificate beside it.
fn private_key(text: &str) -> Option<(&str, &str)> {
    text.match_indices("-----BEGIN ").find_map(|(start, begin)| {
        let label = text[start + begin.len()..].split("-----").next()?;
        let end = format!("-----END {label}-----");
        let length = text[start..].find(&end)? + end.len();
        label.ends_with("PRIVATE KEY").then(|| (label, &text[start..start + length]))
    })
}

fn refused(message: &str, hint: Option<&'static str>) -> SigningError {
    SigningError::Key { message: message.to_owned(), hint }
}

fn damaged() -> SigningError {
    refused("the private key is damaged", None)
}

fn unsigned(error: impl std::fmt::Display) -> SigningError {
    SigningError::Key { message: format!("the key could not sign: {error}"), hint: None }
}
