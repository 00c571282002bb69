#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::pkcs8::DecodePublicKey;
use serde_json::Value as Json;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../tests/fixtures/cloudfront_signer/", $name))
    };
}

const ID: &str = "K2THROWAWAY1";
const RSA: &str = fixture!("throw_away_rsa.pkcs8.pem");
const P256: &str = fixture!("throw_away_p256.pkcs8.pem");

fn signer(pem: &str) -> Signer {
    Signer::new(pem, ID, HashAlgorithm::Sha1).unwrap()
}

/// What botocore has made.
fn botocore(sort: &str) -> Vec<Json> {
    let all: Json = serde_json::from_str(fixture!("signed.json")).unwrap();
    assert_eq!(all["key_pair_id"], ID);
    all[sort].as_array().unwrap().clone()
}

/// The policy that a case of botocore's has.
fn policy(sort: &str, case: &Json) -> Policy {
    let text = |name: &str| case[name].as_str().map(str::to_owned);
    let expires = case["expires"].as_i64();
    match sort {
        "canned" => {
            Policy::canned(&Address::parse(&text("url").unwrap()).unwrap(), expires.unwrap()).unwrap()
        }
        "custom" => Policy::custom(&Terms {
            resource: text("resource").unwrap(),
            expires: expires.unwrap(),
            starts: case["starts"].as_i64(),
            ip_address: text("ip_address"),
        })
        .unwrap(),
        _ => Policy::given(&text("policy").unwrap()).unwrap(),
    }
}

/// The bytes that CloudFront's Base64 stands for.
fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text.replace('-', "+").replace('_', "=").replace('~', "/")).unwrap()
}

fn is_signed_with_rsa(signature: &str, policy: &str) -> bool {
    let key = rsa::RsaPublicKey::from_public_key_pem(fixture!("throw_away_rsa.public.pem")).unwrap();
    let name = [48, 33, 48, 9, 6, 5, 43, 14, 3, 2, 26, 5, 0, 4, 20];
    let scheme = rsa::Pkcs1v15Sign { hash_len: Some(20), prefix: name.into() };
    key.verify(scheme, &Sha1::digest(policy), &decoded(signature)).is_ok()
}

#[test]
fn urls_and_cookies_are_those_of_botocore_byte_for_byte() {
    let signers = [signer(RSA), signer(fixture!("throw_away_rsa.pkcs1.pem"))];
    let mut characters = String::new();
    for sort in ["canned", "custom", "given"] {
        let cases = botocore(sort);
        assert!(cases.len() >= 3);
        for case in cases {
            let name = &case["name"];
            let policy = policy(sort, &case);
            assert_eq!(case["policy"], policy.json(), "{name}");
            let address = Address::parse(case["url"].as_str().unwrap()).unwrap();
            for signer in &signers {
                assert_eq!(case["signed_url"], signer.url(&address, &policy).unwrap(), "{name}");
                let cookies = signer.cookies(&policy).unwrap();
                assert_eq!(case["cookies"], serde_json::to_value(&cookies).unwrap(), "{name}");
                assert!(is_signed_with_rsa(&cookies[1].1, policy.json()), "{name}");
                assert!(!is_signed_with_rsa(&cookies[1].1, &format!("{} ", policy.json())), "{name}");
                characters.push_str(&cookies[1].1);
            }
        }
    }
    for (plain, replaced) in [('+', '-'), ('=', '_'), ('/', '~')] {
        assert!(!characters.contains(plain) && characters.contains(replaced), "{plain} is {replaced}");
    }
}

#[test]
fn an_elliptic_key_signs_the_same_policies() {
    let key = p256::ecdsa::VerifyingKey::from_public_key_pem(fixture!("throw_away_p256.public.pem")).unwrap();
    let verified = |signature: &str, digest: &[u8]| {
        let signature = p256::ecdsa::Signature::from_der(&decoded(signature)).unwrap();
        key.verify_prehash(digest, &signature).is_ok()
    };
    for pem in [P256, fixture!("throw_away_p256.sec1.pem")] {
        for sort in ["canned", "custom", "given"] {
            for case in botocore(sort) {
                let policy = policy(sort, &case);
                let address = Address::parse(case["url"].as_str().unwrap()).unwrap();
                let url = signer(pem).url(&address, &policy).unwrap();
                let theirs = case["signed_url"].as_str().unwrap();
                let signature =
                    |url: &str| url.split("Signature=").nth(1).unwrap().split('&').next().unwrap().to_owned();
                assert_eq!(url.replace(&signature(&url), ""), theirs.replace(&signature(theirs), ""));
                assert!(verified(&signature(&url), &Sha1::digest(policy.json())), "{url}");
                assert!(!verified(&signature(&url), &Sha256::digest(policy.json())), "{url}");
            }
        }
    }
}

#[test]
fn sha_256_is_named_where_it_is_used() {
    let address = Address::parse("https://cdn.example.com/a").unwrap();
    let policy = Policy::canned(&address, 2_000_000_000).unwrap();
    let key = rsa::RsaPublicKey::from_public_key_pem(fixture!("throw_away_rsa.public.pem")).unwrap();
    let signer = Signer::new(RSA, ID, HashAlgorithm::Sha256).unwrap();
    let url = signer.url(&address, &policy).unwrap();
    assert!(url.ends_with("&Key-Pair-Id=K2THROWAWAY1&Hash-Algorithm=SHA256"), "{url}");
    let cookies = signer.cookies(&policy).unwrap();
    assert_eq!(cookies[3], ("CloudFront-Hash-Algorithm", "SHA256".to_owned()));
    let digest = Sha256::digest(policy.json());
    key.verify(rsa::Pkcs1v15Sign::new::<Sha256>(), &digest, &decoded(&cookies[1].1)).unwrap();
}

#[test]
fn a_url_is_signed_as_it_is_sent() {
    let sent = |text: &str| Address::parse(text).map(|address| address.to_string());
    assert_eq!(
        sent("https://cdn.example.com/bücher/größe 1.epub?name=ü"),
        Ok("https://cdn.example.com/b%C3%BCcher/gr%C3%B6%C3%9Fe%201.epub?name=%C3%BC".to_owned())
    );
    assert_eq!(sent("https://cdn.example.com/a%20b"), Ok("https://cdn.example.com/a%20b".to_owned()));
    let terms = Terms { resource: "https://*/ü*".to_owned(), expires: 2_000_000_000, ..Terms::default() };
    assert!(Policy::custom(&terms).unwrap().json().contains("https://*/%C3%BC*"));
    for (wrong, reason) in [
        ("cdn.example.com/a", "it does not begin with https://"),
        ("ftp://cdn.example.com/a", "it does not begin with https://"),
        ("https:///a", "it names no host"),
        ("https://", "it names no host"),
        ("https://bücher.example/a", "xn--"),
        ("https://cdn.example.com/a#b", "behind a #"),
        ("https://cdn.example.com/a?b=c&Key-Pair-Id=x", "`Key-Pair-Id` in its query"),
        ("https://cdn.example.com/a?Expires=1", "`Expires` in its query"),
    ] {
        let error = sent(wrong).unwrap_err().to_string();
        assert!(error.contains(reason), "{wrong}: {error}");
    }
}

#[test]
fn what_cloudfront_would_refuse_is_refused() {
    let good = Terms { resource: "https://*".to_owned(), expires: 2_000_000_000, ..Terms::default() };
    assert!(Policy::custom(&good).is_ok());
    let refused = |terms: Terms| Policy::custom(&terms).unwrap_err().to_string();
    assert!(refused(Terms { resource: String::new(), ..good.clone() }).contains("of a resource"));
    for expires in [0, -1, 2_147_483_648, i64::MAX] {
        assert!(refused(Terms { expires, ..good.clone() }).contains("2038"));
    }
    assert!(refused(Terms { starts: Some(good.expires), ..good.clone() }).contains("before it starts"));
    for address in
        ["", "192.0.2", "192.0.2.1/33", "192.0.2.1/+3", "192.0.2.1/", "2001:db8::/32", "a/8", "1.2.3.4/8/8"]
    {
        let ip_address = Some(address.to_owned());
        assert!(refused(Terms { ip_address, ..good.clone() }).contains("IPv4"), "{address}");
    }
    for (policy, reason) in [
        ("{", "no JSON"),
        ("[]", "one statement"),
        (r#"{"Statement":[]}"#, "one statement"),
        (r#"{"Statement":[{"Resource":"*"}]}"#, "seconds since 1970"),
        (r#"{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":"soon"}}}]}"#, "seconds since 1970"),
        (r#"{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":3000000000}}}]}"#, "2038"),
    ] {
        let error = Policy::given(policy).unwrap_err().to_string();
        assert!(error.contains(reason), "{policy}: {error}");
    }
}

#[test]
fn a_policy_that_was_given_loses_white_space_alone() {
    let text = "{ \"Statement\" : [\r\n\t{ \"Resource\": \"https://a b/\\\" \\\\\",\n \"Condition\": { \"DateLessThan\": { \"AWS:EpochTime\": 2000000000 } } } ] }\n";
    let policy = Policy::given(text).unwrap();
    assert_eq!(
        policy.json(),
        r#"{"Statement":[{"Resource":"https://a b/\" \\","Condition":{"DateLessThan":{"AWS:EpochTime":2000000000}}}]}"#
    );
    assert_eq!(policy.canned_expiry(), None);
}

#[test]
fn keys_that_cannot_sign_are_refused_and_never_shown() {
    let short = "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu\nKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQJAIJLixBy2qpFoS4DSmoEm\no3qGy0t6z09AIJtH+5OeRV1be+N4cDYJKffGzDa88vQENZiRm0GRq6a+HPGQMd2k\nTQIhAKMSvzIBnni7ot/OSie2TmJLY4SwTQAevXysE2RbFDYdAiEBCUEaRQnMnbp7\n9mxDXDf6AU0cN/RPBjb9qSHDcWZHGzUCIG2Es59z8ugGrDY+pxLQnwfotadxd+Uy\nv/Ow5T0q5gIJAiEAyS4RaI9YG8EWx/2w0T67ZUVAw8eOMB6BIUg0Xcu+3okCIBOs\n/5OiPgoTdSy7bcF9IGpSE8ZgGKzgYQVZeN97YE00\n-----END RSA PRIVATE KEY-----\n";
    let encrypted = RSA.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let half = RSA.replacen("MII", "MIX", 1);
    for (pem, reason) in [
        ("", "there is no private key in it"),
        ("not a key at all", "begins with -----BEGIN"),
        (fixture!("throw_away_rsa.public.pem"), "a public key or a certificate cannot sign"),
        (short, "an RSA key of 512 bits"),
        (encrypted.as_str(), "encrypted with a password"),
        (half.as_str(), "neither RSA nor ECDSA on P-256"),
        ("-----BEGIN EC PRIVATE KEY-----\nMAo=\n-----END EC PRIVATE KEY-----\n", "no ECDSA key on P-256"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
            "OPENSSH PRIVATE KEY",
        ),
    ] {
        let error = Signer::new(pem, ID, HashAlgorithm::Sha1).unwrap_err();
        assert!(error.to_string().contains(reason), "{reason}: {error}");
    }
    for id in ["", "K 1", "K1&x=y", "K1\n"] {
        assert!(matches!(Signer::new(RSA, id, HashAlgorithm::Sha1), Err(SigningError::KeyPairId(_))));
    }
    let shown = format!("{:?}", signer(RSA));
    assert_eq!(shown, "Signer { key_pair_id: \"K2THROWAWAY1\", .. }");
    // Whatever stands around the key.
    let surrounded = format!("Bag Attributes\n  a: b\n{RSA}\n{}", fixture!("throw_away_rsa.public.pem"));
    assert!(Signer::new(&surrounded, ID, HashAlgorithm::Sha1).is_ok());
}
