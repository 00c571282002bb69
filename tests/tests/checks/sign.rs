//! `provision sign`, as somebody types it.

use provision_tests::{Output, World};
use serde_json::Value as Json;

const CDN: &str = "https://d111111abcdef8.cloudfront.net";
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/aws/tests/fixtures/cloudfront_signer");
const ID: &str = "K2THROWAWAY1";

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{FIXTURE}/{name}")).unwrap()
}

/// What botocore has made of the case of that name.
fn botocore(sort: &str, name: &str) -> Json {
    let all: Json = serde_json::from_str(&fixture("signed.json")).unwrap();
    all[sort].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap().clone()
}

/// A world with the throw-away keys in it.
fn world() -> World {
    let world = World::new();
    for name in ["throw_away_rsa.pkcs1.pem", "throw_away_rsa.pkcs8.pem", "throw_away_p256.sec1.pem"] {
        world.write(name, &fixture(name));
    }
    world
}

const RSA: [&str; 4] = ["--key-file", "throw_away_rsa.pkcs1.pem", "--key-pair-id", ID];

fn signed(world: &World, arguments: &[&str]) -> String {
    let output = world.succeed(&[&["sign"], arguments].concat());
    assert_eq!(output.stderr, "", "{output}");
    output.stdout
}

/// Gives the current version of a secret a label.
pub(crate) fn label(world: &World, secret: &str, label: &str) {
    let secrets = aws_sdk_secretsmanager::Client::new(&world.sdk());
    let value = world.wait(secrets.get_secret_value().secret_id(secret).send()).unwrap();
    let update = secrets.update_secret_version_stage().secret_id(secret).version_stage(label);
    world.wait(update.move_to_version_id(value.version_id().unwrap()).send()).unwrap();
}

fn refused(output: &Output, words: &[&str]) {
    assert_ne!(output.code, Some(0), "{output}");
    assert_eq!(output.stdout, "", "{output}");
    for word in words {
        assert!(output.stderr.contains(word), "`{word}`: {output}");
    }
    assert!(!output.stderr.contains("MII"), "no text of a key: {output}");
}

#[test]
fn urls_are_those_of_botocore() {
    let world = world();
    let url = format!("{CDN}/books/17.epub?size=large&license=yes");
    for expires in ["2000000000", "2033-05-18T03:33:20Z"] {
        let made = signed(&world, &[&["url", &url, "--expires", expires], &RSA[..]].concat());
        assert_eq!(made, format!("{}\n", botocore("canned", "a query")["signed_url"].as_str().unwrap()));
    }
    let made = signed(
        &world,
        &[&["url", &format!("{CDN}/bücher/größe.epub"), "--expires", "2000000000"], &RSA[..]].concat(),
    );
    assert_eq!(made.trim_end(), botocore("canned", "percent-encoded UTF-8")["signed_url"]);
    let url = format!("{CDN}/a?b=c");
    let terms = [
        "--expires",
        "2000000000",
        "--starts",
        "1900000000",
        "--ip-address",
        "203.0.113.0/24",
        "--resource",
        "http*://*/*",
    ];
    let made = signed(&world, &[&["url", &url], &terms[..], &RSA[..]].concat());
    assert_eq!(made.trim_end(), botocore("custom", "all of it")["signed_url"]);
    let case = botocore("given", "in another order");
    world.write("policy.json", &format!("  {}\n", case["policy"].as_str().unwrap()));
    let made = signed(&world, &[&["url", &format!("{CDN}/a"), "--policy", "policy.json"], &RSA[..]].concat());
    assert_eq!(made.trim_end(), case["signed_url"]);
}

#[test]
fn cookies_come_in_several_forms() {
    let world = world();
    let url = format!("{CDN}/books/17/index.m3u8");
    let pattern = format!("{CDN}/books/17/*");
    let case = botocore("custom", "a wildcard");
    let cookies: Vec<String> = case["cookies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cookie| format!("{}={}", cookie[0].as_str().unwrap(), cookie[1].as_str().unwrap()))
        .collect();
    let make = |format: &[&str], url: &[&str]| {
        signed(&world, &[&["cookies", "--expires", "2000000000"], url, format, &RSA[..]].concat())
    };
    let of_url = ["--resource", &pattern, &url];
    assert_eq!(make(&[], &of_url), format!("{}\n", cookies.join("\n")));
    assert_eq!(make(&[], &[&pattern]), make(&[], &of_url), "a URL with a `*` is a pattern");
    assert_eq!(make(&["--format", "header"], &of_url), format!("Cookie: {}\n", cookies.join("; ")));
    assert_eq!(
        make(&["--format", "curl"], &of_url),
        format!("curl --globoff --cookie '{}' '{url}'\n", cookies.join("; "))
    );
    let json: Json = serde_json::from_str(&make(&["--format", "json"], &of_url)).unwrap();
    for cookie in case["cookies"].as_array().unwrap() {
        assert_eq!(json[cookie[0].as_str().unwrap()], cookie[1]);
    }
    let canned = make(&[], &[&url]);
    assert!(canned.starts_with("CloudFront-Expires=2000000000\n"), "{canned}");
}

#[test]
fn elliptic_keys_and_sha_256_sign_too() {
    let world = world();
    let elliptic =
        ["--key-file", "throw_away_p256.sec1.pem", "--key-pair-id", ID, "--hash-algorithm", "sha256"];
    let made = signed(&world, &[&["url", &format!("{CDN}/a")], &elliptic[..]].concat());
    assert!(made.ends_with("&Key-Pair-Id=K2THROWAWAY1&Hash-Algorithm=SHA256\n"), "{made}");
    assert!(made.len() < 250, "{made}");
}

#[test]
fn a_key_is_read_from_a_secret() {
    let world = world();
    let secrets = aws_sdk_secretsmanager::Client::new(&world.sdk());
    let name = format!("{}/key", world.project());
    let key = fixture("throw_away_rsa.pkcs8.pem");
    let made = world.wait(secrets.create_secret().name(&name).secret_string(&key).send()).unwrap();
    let arn = made.arn().unwrap().to_owned();
    let url = format!("{CDN}/books/17/index.m3u8");
    let sign = |arguments: &[&str]| {
        world.provision(&[&["sign", "url", "--expires", "2000000000"], arguments].concat())
    };
    let expected = format!("{}\n", botocore("canned", "a file")["signed_url"].as_str().unwrap());
    assert_eq!(sign(&["--secret", &name, "--key-pair-id", ID, &url]).stdout, expected);
    refused(&sign(&["--secret", &name, &url]), &["does not say which public key", "--key-pair-id"]);
    label(&world, &name, ID);
    assert_eq!(sign(&["--secret", &name, &url]).stdout, expected);
    assert_eq!(sign(&["--secret", &arn, "envs/dev.toml", &url]).stdout, expected, "with an environment");
    label(&world, &name, "ANOTHER");
    refused(&sign(&["--secret", &name, &url]), &["does not say which public key"]);
    refused(
        &sign(&["--secret", "nothing", "--key-pair-id", ID, &url]),
        &["there is no secret `nothing` in us-east-1"],
    );
    world.edit("envs/dev.toml", "region = \"us-east-1\"", "region = \"eu-west-1\"");
    refused(
        &sign(&["--secret", &name, "envs/dev.toml", &url]),
        &[&format!("there is no secret `{name}` in eu-west-1")],
    );
    world.edit("envs/dev.toml", "# account_id = \"123456789012\"", "account_id = \"999999999999\"");
    refused(&sign(&["--secret", &arn, "envs/dev.toml", &url]), &["these credentials are of the account"]);
}

#[test]
fn what_cannot_be_signed_is_refused_in_a_sentence() {
    let world = world();
    let url = format!("{CDN}/a");
    world.write("short.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    world.write("policy.json", "{\"Statement\":[]}");
    let cases: [(&[&str], &[&str]); 9] = [
        (&["cdn.example.com/a"], &["does not begin with https://"]),
        (&[&url, "--expires", "1"], &["would have expired already"]),
        (&[&url, "--expires", "2040-01-01T00:00:00Z"], &["2038-01-19"]),
        (&[&url, "--expires", "tomorrow"], &["write it as 90s"]),
        (&[&url, "--starts", "2h"], &["would expire before it starts"]),
        (&[&url, "--ip-address", "::1"], &["IPv4"]),
        (&[&url, "--policy", "policy.json"], &["a list of one statement"]),
        (&[&url, "--policy", "policy.json", "--starts", "1h"], &["cannot be used with"]),
        (&[&url, "--policy", "nothing.json"], &["nothing.json cannot be read"]),
    ];
    for (arguments, words) in cases {
        refused(&world.provision(&[&["sign", "url"], arguments, &RSA[..]].concat()), words);
    }
    let keys: [(&[&str], &[&str]); 5] = [
        (&[], &["--key-file"]),
        (&["--key-file", "throw_away_rsa.pkcs1.pem"], &["--key-pair-id"]),
        (&["--key-file", "short.pem", "--key-pair-id", ID], &["no private key in it", "openssl"]),
        (&["--key-file", "nothing.pem", "--key-pair-id", ID], &["nothing.pem cannot be read"]),
        (
            &["--key-file", "throw_away_rsa.pkcs1.pem", "--key-pair-id", "K 1"],
            &["is no id of a CloudFront public key"],
        ),
    ];
    for (arguments, words) in keys {
        refused(&world.provision(&[&["sign", "cookies", &url], arguments].concat()), words);
    }
}
