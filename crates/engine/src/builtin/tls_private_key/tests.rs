#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use ed25519_dalek::{Signer as _, Verifier as _};
use futures::executor::block_on;
use p256::elliptic_curve::sec1::{FromEncodedPoint, ModulusSize, ToEncodedPoint, ValidatePublicKey};
use p256::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, PublicKey, SecretKey};
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{AssociatedOid, DecodePrivateKey, DecodePublicKey};
use rsa::traits::PublicKeyParts;
use serde_json::json;
use ssh_key::HashAlg;
use ssh_key::sec1::DecodeEcPrivateKey;

use super::TlsPrivateKey;
use crate::diff::{create, diff};
use crate::digest::DigestKey;
use crate::kind::{Created, Kind, Registry, ResourceKind, Token};
use crate::value::{Path, Value};

const SECRETS: [&str; 3] = ["private_key_pem", "private_key_pem_pkcs8", "private_key_openssh"];

fn token() -> Token {
    Token("0f8fad5b-d9cb-469f-a165-70867728950e".to_owned())
}

fn kind(registry: &mut Registry) -> &dyn ResourceKind {
    *registry = super::super::tests::registry();
    registry.kind("tls_private_key").expect("it is registered")
}

fn made(configuration: serde_json::Value) -> (String, TlsPrivateKey) {
    let desired: TlsPrivateKey = serde_json::from_value(configuration).expect("a configuration");
    match block_on(desired.create(&(), &token())).expect("a key") {
        Created::Known { id, attributes } => (id, attributes),
        _ => panic!("all of it is known"),
    }
}

/// Checks the forms that OpenSSH has, with a signature made and verified.
fn check_openssh(key: &TlsPrivateKey) {
    let (private, public) = openssh(key);
    let signature = private.sign("test", HashAlg::Sha512, b"message").expect("signed");
    public.verify("test", b"message", &signature).expect("verified");
    assert!(public.verify("test", b"another", &signature).is_err());
}

fn openssh(key: &TlsPrivateKey) -> (ssh_key::PrivateKey, ssh_key::PublicKey) {
    let private =
        ssh_key::PrivateKey::from_openssh(key.private_key_openssh.value().expect("a key")).expect("a key");
    let line = key.public_key_openssh.as_deref().expect("a public key");
    let public = ssh_key::PublicKey::from_openssh(line).expect("a public key");
    assert!(line.ends_with('\n'));
    assert_eq!(public.key_data(), private.public_key().key_data());
    let fingerprint = public.fingerprint(HashAlg::Sha256).to_string();
    assert_eq!(key.public_key_fingerprint_sha256.as_deref(), Some(fingerprint.as_str()));
    let md5 = key.public_key_fingerprint_md5.as_deref().expect("a fingerprint");
    assert!(md5.len() == 47 && md5.split(':').all(|byte| u8::from_str_radix(byte, 16).is_ok()));
    (private, public)
}

fn pem<'a>(key: &'a TlsPrivateKey, label: &str) -> (&'a str, &'a str, &'a str) {
    let private = key.private_key_pem.value().expect("a key");
    let pkcs8 = key.private_key_pem_pkcs8.value().expect("a key");
    let public = key.public_key_pem.as_deref().expect("a public key");
    for (text, label) in [(private.as_str(), label), (pkcs8, "PRIVATE KEY"), (public, "PUBLIC KEY")] {
        assert!(text.starts_with(&format!("-----BEGIN {label}-----\n")));
        assert!(text.ends_with(&format!("\n-----END {label}-----\n")));
    }
    (private, pkcs8, public)
}

#[test]
fn rsa_keys() {
    let (id, key) = made(json!({ "algorithm": "RSA" }));
    let (private, pkcs8, public) = pem(&key, "RSA PRIVATE KEY");
    let private = rsa::RsaPrivateKey::from_pkcs1_pem(private).expect("PKCS#1");
    assert_eq!(private.size(), 256);
    assert_eq!(Ok(&private), rsa::RsaPrivateKey::from_pkcs8_pem(pkcs8).as_ref());
    let public = rsa::RsaPublicKey::from_public_key_pem(public).expect("SPKI");
    // The crate cannot sign with an RSA key in OpenSSH's form, as it takes one of the primes for both.
    let (openssh, _) = openssh(&key);
    let parts = openssh.key_data().rsa().expect("an RSA key");
    let number = |part: &ssh_key::Mpint| rsa::BigUint::try_from(part).expect("a number");
    let primes = vec![number(&parts.private.p), number(&parts.private.q)];
    let (modulus, exponent) = (number(&parts.public.n), number(&parts.public.e));
    let again = rsa::RsaPrivateKey::from_components(modulus, exponent, number(&parts.private.d), primes);
    assert_eq!(Ok(&private), again.as_ref());
    assert_eq!(Some(number(&parts.private.iqmp)), private.crt_coefficient());
    let signature = rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(private).sign(b"message");
    rsa::pkcs1v15::VerifyingKey::<sha2::Sha256>::new(public)
        .verify(b"message", &signature)
        .expect("verified");
    assert_eq!(id.len(), 40);
    assert_eq!(key.rsa_bits, 2048);
}

fn check_elliptic<C>(curve: &str) -> TlsPrivateKey
where
    C: AssociatedOid + CurveArithmetic + ValidatePublicKey,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let (_, key) = made(json!({ "algorithm": "ECDSA", "ecdsa_curve": curve }));
    let (private, pkcs8, public) = pem(&key, "EC PRIVATE KEY");
    let private: SecretKey<C> = DecodeEcPrivateKey::from_sec1_pem(private).expect("SEC1 with the curve");
    assert_eq!(Ok(&private), SecretKey::from_pkcs8_pem(pkcs8).as_ref());
    assert_eq!(private.public_key(), PublicKey::from_public_key_pem(public).expect("SPKI"));
    key
}

#[test]
fn elliptic_keys() {
    check_openssh(&check_elliptic::<p256::NistP256>("P256"));
    check_openssh(&check_elliptic::<p384::NistP384>("P384"));
    check_openssh(&check_elliptic::<p521::NistP521>("P521"));
    let unknown_to_openssh = check_elliptic::<p224::NistP224>("P224");
    assert_eq!(unknown_to_openssh.private_key_openssh.value(), None);
    assert_eq!(unknown_to_openssh.public_key_openssh.as_deref(), None);
    let (_, default) = made(json!({ "algorithm": "ECDSA" }));
    assert_eq!(default.ecdsa_curve, "P224");
}

#[test]
fn ed25519_keys() {
    let (_, key) = made(json!({ "algorithm": "ED25519" }));
    let (private, pkcs8, public) = pem(&key, "PRIVATE KEY");
    assert_eq!(private, pkcs8);
    let private = ed25519_dalek::SigningKey::from_pkcs8_pem(private).expect("PKCS#8");
    let public = ed25519_dalek::VerifyingKey::from_public_key_pem(public).expect("SPKI");
    public.verify(b"message", &private.sign(b"message")).expect("verified");
    check_openssh(&key);
}

#[test]
fn two_keys_differ() {
    let configuration = json!({ "algorithm": "ED25519" });
    let ((first, _), (second, _)) = (made(configuration.clone()), made(configuration));
    assert_ne!(first, second);
}

#[test]
fn a_configuration_sets_the_arguments_alone() {
    let mut registry = Registry::new();
    let schema = kind(&mut registry).schema();
    for secret in SECRETS {
        let attribute = schema.attributes.get(secret).expect("an attribute");
        assert!(attribute.read_only && attribute.write_only && !attribute.required);
        let configuration = json!({ "algorithm": "RSA", secret: "mine" });
        let (checked, problems) = schema.check(&Value::from_json(configuration));
        assert_eq!(problems.len(), 1);
        assert!(checked.get(secret).is_null());
    }
    let problems = |configuration| schema.check(&Value::from_json(configuration)).1.len();
    assert_eq!(problems(json!({ "algorithm": "ECDSA", "ecdsa_curve": "P384" })), 0);
    assert_eq!(problems(json!({})), 1);
    assert_eq!(problems(json!({ "algorithm": "DSA" })), 1);
    assert_eq!(problems(json!({ "algorithm": "RSA", "rsa_bits": 1024 })), 1);
    assert_eq!(problems(json!({ "algorithm": "RSA", "rsa_bits": 16384 })), 1);
    assert_eq!(problems(json!({ "algorithm": "ECDSA", "ecdsa_curve": "P999" })), 1);
}

#[test]
fn the_state_has_digests_of_the_private_key_and_no_later_run_changes_them() {
    let mut registry = Registry::new();
    let kind = kind(&mut registry);
    let key = DigestKey::from_random(b"key");
    let (configuration, problems) = kind.schema().check(&Value::from_json(json!({ "algorithm": "ED25519" })));
    assert_eq!(problems, []);
    let planned = create(kind.schema(), &configuration);
    assert!(SECRETS.iter().all(|secret| planned.get(secret).is_unknown()));
    let Created::Known { attributes, .. } = block_on(kind.create(None, &token(), &planned)).expect("a key")
    else {
        panic!("all of it is known")
    };
    assert!(SECRETS.iter().all(|secret| attributes.get(secret).as_str().is_some()));

    let recorded = key.redact(kind.schema(), &attributes, &[], "tls_private_key.it");
    assert!(!recorded.to_json().to_string().contains("BEGIN PRIVATE"));
    for secret in SECRETS {
        let expected = key.withhold(attributes.get(secret), "tls_private_key.it");
        assert_eq!(recorded.get(secret), &expected);
    }
    assert_eq!(recorded.get("public_key_pem"), attributes.get("public_key_pem"));

    let read = block_on(kind.read(None, "id", &recorded)).expect("it is read").expect("it is there");
    assert_eq!(read, recorded);
    let unchanged = diff(kind.schema(), &read, &configuration, &key);
    assert!(unchanged.is_empty());
    assert_eq!(unchanged.after, recorded);

    let (larger, _) = kind.schema().check(&Value::from_json(json!({ "algorithm": "RSA" })));
    assert_eq!(diff(kind.schema(), &read, &larger, &key).replace_because(), [Path::from("algorithm")]);
}

#[test]
fn nothing_that_is_shown_for_debugging_has_the_key_in_it() {
    let (_, key) = made(json!({ "algorithm": "ED25519" }));
    let shown = format!("{key:?}");
    assert!(shown.contains("BEGIN PUBLIC KEY") && !shown.contains("BEGIN PRIVATE KEY"));
    assert!(!shown.contains("BEGIN OPENSSH"));
}

#[test]
fn another_task_runs_while_an_rsa_key_is_made() {
    let desired: TlsPrivateKey =
        serde_json::from_value(json!({ "algorithm": "RSA" })).expect("a configuration");
    let token = token();
    let mut making = desired.create(&(), &token);
    let pending = block_on(std::future::poll_fn(|context| {
        std::task::Poll::Ready(making.as_mut().poll(context).is_pending())
    }));
    assert!(pending);
    assert!(block_on(making).is_ok());
}
