#![expect(clippy::expect_used, reason = "a test that fails says why")]

use provision_engine::state::State;
use serde_json::json;

use super::{list, write};
use crate::view::{Style, drawn};

fn state() -> State {
    let key =
        serde_json::to_value(provision_engine::digest::DigestKey::from_random(&[7; 32])).expect("a key");
    serde_json::from_value(json!({
        "version": 1, "provision_version": "0.1.0", "lineage": "6f2c", "serial": 7,
        "project": "storytime", "environment": "dev", "region": "us-east-1", "digest_key": key,
        "outputs": { "bucket": { "value": "storytime-master" } },
        "resources": {
            "aws_kms_key.main": { "kind": "aws_kms_key", "id": "1234",
                "attributes": { "description": "uploads", "key_usage": null } },
            "module.cdn.aws_s3_bucket.master[\"eu\"]": {
                "kind": "aws_s3_bucket", "id": "storytime-master", "region": "eu-central-1", "prevent_destroy": true,
                "attributes": { "bucket": "storytime-master", "tags": { "a": "b", "c": "d" },
                    "secret": { "provision:withheld": { "digest": "ab", "source": null } } },
                "dependencies": ["aws_kms_key.main"],
                "deposed": [{ "id": "storytime-old", "attributes": {} }],
            },
        },
        "intents": { "aws_sns_topic.alarms": { "kind": "aws_sns_topic", "token": "t", "attributes": {} } },
    }))
    .expect("a state")
}

#[test]
fn the_list_has_an_address_a_line() {
    let text = drawn(|out| list(&state(), out));
    assert_eq!(text, "aws_kms_key.main\nmodule.cdn.aws_s3_bucket.master[\"eu\"]\n");
}

#[test]
fn the_whole_state() {
    insta::assert_snapshot!(drawn(|out| write(&state(), out, Style { colour: false, width: 80 })));
}
