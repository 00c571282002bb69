#![expect(clippy::expect_used, reason = "a test that fails says why")]

use std::collections::BTreeMap;

use provision_engine::state::OutputValue;
use serde_json::json;

use super::{dotenv, raw, shell, write};
use crate::view::{Style, drawn};

fn outputs() -> BTreeMap<String, OutputValue> {
    serde_json::from_value(json!({
        "bucket": { "value": "storytime-master-dev" },
        "cdn-url": { "value": "https://d111.cloudfront.net/?a=1&b=$2" },
        "count": { "value": 3 },
        "empty": { "value": "" },
        "enabled": { "value": true },
        "key": { "value": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n" },
        "nothing": { "value": null },
        "password": { "value": { "provision:withheld": { "digest": "ab", "source": null } }, "sensitive": true },
        "quotes": { "value": "it's \"$HOME\" `id` \\ \n" },
        "mixed": { "value": [1, "a", null] },
        "names": { "value": ["a", "b"] },
        "none": { "value": [] },
        "object": { "value": { "arn": "arn:x", "port": 443, "tags": { "a": "b" } } },
        "2nd": { "value": 1.5 },
    }))
    .expect("outputs")
}

#[test]
fn for_people() {
    insta::assert_snapshot!(drawn(|out| write(&outputs(), out, Style { colour: false, width: 80 })));
    let none = drawn(|out| write(&BTreeMap::new(), out, Style { colour: false, width: 80 }));
    assert_eq!(none, "There are no outputs.\n");
}

#[test]
fn as_json() {
    insta::assert_json_snapshot!(super::json(&outputs()));
}

#[test]
fn as_dotenv() {
    insta::assert_snapshot!(dotenv(&outputs()));
}

#[test]
fn as_shell() {
    insta::assert_snapshot!(shell(&outputs()));
}

#[test]
fn a_shell_reads_back_what_was_written() {
    let script = format!("{}printf '%s|%s|%s' \"$QUOTES\" \"$KEY\" \"$OBJECT\"", shell(&outputs()));
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "it's \"$HOME\" `id` \\ \n|-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n|\
         {\"arn\":\"arn:x\",\"port\":443,\"tags\":{\"a\":\"b\"}}"
    );
}

#[test]
fn raw_is_the_bare_value() {
    let outputs = outputs();
    let raw = |name: &str| raw(name, &outputs[name]).map_err(|error| error.message);
    assert_eq!(raw("cdn-url"), Ok("https://d111.cloudfront.net/?a=1&b=$2".to_owned()));
    assert_eq!(raw("2nd"), Ok("1.5".to_owned()));
    assert_eq!(raw("enabled"), Ok("true".to_owned()));
    assert_eq!(raw("names"), Err("the output `names` is a list, which has no raw form".to_owned()));
    assert_eq!(
        raw("password"),
        Err("the output `password` is sensitive, and its value is not kept".to_owned())
    );
}
