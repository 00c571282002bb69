//! Whether a text is a public key that CloudFront takes, found out before it is sent.

use aws_smithy_types::base64;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// Why a text is no such key, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    pub(super) message: String,
    pub(super) hint: String,
}

/// What else people hand over, by how it begins.
const MISTAKEN: [(&str, &str, &str); 4] = [
    (
        "-----BEGIN RSA PUBLIC KEY-----",
        "this is a public key in the older form of PKCS #1",
        "convert it: openssl rsa -RSAPublicKey_in -in key.pem -pubout",
    ),
    (
        "-----BEGIN CERTIFICATE-----",
        "this is a certificate, not a public key",
        "take the key out of it: openssl x509 -in certificate.pem -noout -pubkey",
    ),
    ("ssh-", "this is a public key in the form of OpenSSH", "convert it: ssh-keygen -f key.pub -e -m pkcs8"),
    (
        "-----BEGIN ",
        "this is no PEM public key",
        "give the public half of the pair: openssl pkey -in private.pem -pubout",
    ),
];

/// Says what is wrong with a key that CloudFront would refuse.
pub(super) fn check(text: &str) -> Result<(), Unfit> {
    let text = text.trim();
    let Some(body) = text.strip_prefix(BEGIN) else {
        let mistaken = MISTAKEN.iter().find(|(beginning, ..)| text.starts_with(beginning));
        return Err(match mistaken {
            Some((_, message, hint)) => unfit(*message, *hint),
            None => unfit(
                "this is no PEM public key",
                format!("it begins with {BEGIN}; read it with file(\"key.pem\")"),
            ),
        });
    };
    let body = body.strip_suffix(END).ok_or_else(|| {
        unfit("this is no PEM public key: its end is missing", format!("it ends with {END}"))
    })?;
    let encoded: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let der = base64::decode(encoded).map_err(|_| {
        unfit(
            "this is no PEM public key: between its first and last line is no base64",
            "copy it anew, whole",
        )
    })?;
    match key_of(&der) {
        Some(Key::Rsa { bits: 2048 }) | Some(Key::P256) => Ok(()),
        Some(Key::Rsa { bits }) => Err(unfit(
            format!("CloudFront takes RSA keys of 2048 bits, and this one has {bits}"),
            "make another pair: openssl genrsa -out private.pem 2048",
        )),
        None => Err(unfit(
            "CloudFront takes RSA keys of 2048 bits and ECDSA keys on the curve P-256, and this is neither",
            "make a pair: openssl genrsa -out private.pem 2048; openssl rsa -in private.pem -pubout",
        )),
    }
}

fn unfit(message: impl Into<String>, hint: impl Into<String>) -> Unfit {
    Unfit { message: message.into(), hint: hint.into() }
}

#[derive(Debug, PartialEq, Eq)]
enum Key {
    Rsa { bits: usize },
    P256,
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;

const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// A point on P-256, uncompressed: a mark and two coordinates of 32 bytes.
const P256_POINT: usize = 65;

/// The key in a SubjectPublicKeyInfo (RFC 5280): an algorithm with its parameters, and the key in a bit string.
fn key_of(der: &[u8]) -> Option<Key> {
    let (info, rest) = element(der, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    let (algorithm, rest) = element(info, SEQUENCE)?;
    let (name, parameters) = element(algorithm, OBJECT_IDENTIFIER)?;
    let (bits, _) = element(rest, BIT_STRING)?;
    let (&0, key) = bits.split_first()? else { return None };
    match name {
        RSA_ENCRYPTION => {
            let (numbers, _) = element(key, SEQUENCE)?;
            let (modulus, _) = element(numbers, INTEGER)?;
            let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
            let leading = modulus.first()?.leading_zeros() as usize;
            Some(Key::Rsa { bits: modulus.len() * 8 - leading })
        }
        EC_PUBLIC_KEY => {
            let (curve, _) = element(parameters, OBJECT_IDENTIFIER)?;
            (curve == PRIME256V1 && key.len() == P256_POINT).then_some(Key::P256)
        }
        _ => None,
    }
}

/// The content of the DER element at the beginning, if it is of that kind, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // The long form: the number of bytes that the length has, then those bytes.
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}
