//! The checklists of the environments that are here, each after an apply on the local AWS: what it can answer has
//! passed, and what it cannot is skipped.

use provision_tests::{Output, World};
use regex::Regex;
use serde_json::Value as Json;

use crate::environment::shown;

/// What is said of an environment that has just been applied, where nothing has failed and nothing is left behind.
fn checked(environment: &str, more: &[&str]) -> String {
    let world = World::new();
    world.succeed(&["apply", environment, "--auto-approve"]);
    let before = world.resources();
    let output = world.succeed(&[&["verify", environment], more].concat());
    assert_eq!(world.resources(), before, "what was put is removed");
    assert_honest(&world.succeed(&[&["verify", environment, "--json"], more].concat()));
    let mut text = shown(&world, &output).replace(world.account(), "ACCOUNT");
    for (pattern, name) in [
        (r"https?://[a-z0-9]+\.cloudfront\.net", "https://EDGE"),
        (r"[a-z0-9]+ here \(http://127\.0\.0\.1:PORT\)", "emulator here"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}

/// Fails if something has passed that asks who is not there: the edge, a domain, or an encoder.
fn assert_honest(output: &Output) {
    let document: Json = serde_json::from_str(&output.stdout).unwrap();
    for check in document["checks"].as_array().unwrap() {
        let reasons = check["reasons"].to_string();
        let asks = ["cloudfront.net", "publisher.com", "amazonaws.com", "no job"]
            .iter()
            .any(|who| reasons.contains(who));
        let result = check["result"].as_str().unwrap();
        // Or somebody has to say more first.
        let lacks = ["was named", "are set"].iter().any(|what| reasons.contains(what));
        assert_eq!(result, if asks || lacks { "skipped" } else { "passed" }, "{check}");
    }
}

#[test]
fn storytime_for_development() {
    insta::assert_snapshot!(checked("envs/dev.toml", &[]));
}

#[test]
fn storytime_with_a_sample() {
    let text = checked("envs/dev.toml", &["transcoding", "--var", "sample_master=uploads/sample.mp4"]);
    insta::assert_snapshot!(text);
}

#[test]
fn storytime_for_production() {
    insta::assert_snapshot!(checked("envs/prod.toml", &[]));
}

#[test]
fn e_book_delivery_for_development() {
    insta::assert_snapshot!(checked("envs/ebook-delivery/dev.toml", &[]));
}

#[test]
fn e_book_delivery_for_tests() {
    insta::assert_snapshot!(checked("envs/ebook-delivery/test.toml", &[]));
}

#[test]
fn e_book_delivery_for_production() {
    insta::assert_snapshot!(checked("envs/ebook-delivery/prod.toml", &[]));
}

#[test]
fn signed_urls_for_development() {
    let text = checked("envs/signed-urls/dev.toml", &[]);
    // The bucket's name is made up.
    let bucket = Regex::new("(story-files-dev-)[0-9a-f]{26}").unwrap();
    insta::assert_snapshot!(bucket.replace_all(&text, "${1}MADE-UP"));
}

#[test]
fn e_book_storage_for_development() {
    insta::assert_snapshot!(checked("envs/ebook-storage/dev.toml", &[]));
}

#[test]
fn e_book_storage_for_tests() {
    insta::assert_snapshot!(checked("envs/ebook-storage/test.toml", &[]));
}

#[test]
fn e_book_storage_for_production() {
    insta::assert_snapshot!(checked("envs/ebook-storage/prod.toml", &[]));
}
