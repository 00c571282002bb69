#![expect(clippy::expect_used, reason = "a test that fails says why")]

use std::collections::BTreeMap;

use provision_engine::plan::PlanDocument;
use provision_engine::state::OutputValue;
use serde_json::{Value as Json, json};

use super::write;
use crate::view::{Style, drawn};

fn document(changes: Json) -> PlanDocument {
    let count = |action: &str| {
        changes.as_array().expect("changes").iter().filter(|change| change["action"] == action).count()
    };
    let summary = json!({ "create": count("create"), "update": count("update"), "replace": count("replace"),
        "delete": count("delete"), "adopt": count("adopt") });
    let filled: Vec<Json> = changes
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| {
            let mut whole = json!({ "before": null, "after": null, "after_unknown": false });
            for (name, value) in change.as_object().expect("a change") {
                whole[name] = value.clone();
            }
            let address = change["address"].as_str().expect("an address").to_owned();
            whole["kind"] = json!(address.split('.').rev().nth(1));
            whole
        })
        .collect();
    serde_json::from_value(json!({
        "format_version": "1",
        "env": { "project": "storytime", "name": "dev", "region": "us-east-1" },
        "lineage": "6f2c", "serial": 7, "changes": filled, "outputs": {}, "summary": summary,
    }))
    .expect("a plan")
}

fn plain(document: &PlanDocument, width: usize) -> String {
    drawn(|out| write(document, None, out, Style { colour: false, width }))
}

fn at_80_and_140(changes: Json) -> String {
    let document = document(changes);
    let (narrow, wide) = (plain(&document, 80), plain(&document, 140));
    for (width, text) in [(80, &narrow), (140, &wide)] {
        for line in text.lines() {
            assert!(line.chars().count() <= width || line.contains('#') || !line.contains(" = "), "{line}");
        }
    }
    match narrow == wide {
        true => format!("at 80 and 140:\n{narrow}"),
        false => format!("at 80:\n{narrow}\nat 140:\n{wide}"),
    }
}

fn bucket() -> Json {
    json!({
        "address": "aws_s3_bucket.master",
        "action": "create",
        "after": {
            "bucket": "storytime-master-uploads-dev",
            "force_destroy": false,
            "arn": null,
            "bucket_regional_domain_name": null,
            "kms_master_key_id": null,
            "cors_rule": [],
            "versioning": { "enabled": true },
            "tags": { "Project": "storytime", "team:owner": "video" },
            "lifecycle_rule": [
                { "id": "expire", "enabled": true, "expiration": { "days": 30 }, "prefix": null },
                { "id": "abort", "enabled": true, "abort_incomplete_multipart_upload_days": 7 },
            ],
            "policy": { "Version": "2012-10-17", "Statement": [{
                "Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::storytime-master-uploads-dev/a-rather-long-prefix-for-a-resource/*",
            }] },
        },
        "after_unknown": { "arn": true, "bucket_regional_domain_name": true },
    })
}

#[test]
fn creates() {
    insta::assert_snapshot!(at_80_and_140(json!([
        bucket(),
        {
            "address": "aws_cloudfront_function.rewrite", "action": "create",
            "after": {
                "name": "rewrite", "comment": "tab\tbell\u{7} quote\" back\\slash",
                "code": "function handler(event) {\n\treturn event.request;\n}\n",
                "document": "{\"widgets\":[{\"type\":\"metric\",\"width\":12}]}",
                "key": { "provision:withheld": { "digest": "abc", "source": null } },
                "aliases": ["admin.storytime.example.com", "www.storytime.example.com", "storytime.example.com"],
            },
            "after_unknown": { "aliases": [false, true, false] },
        },
        {
            "address": "data.aws_iam_policy_document.this", "action": "read",
            "after": { "json": null }, "after_unknown": { "json": true },
        },
    ])));
}

#[test]
fn updates() {
    let long = |end: &str| format!("arn:aws:cloudfront::123456789012:distribution/{}{end}", "E".repeat(80));
    insta::assert_snapshot!(at_80_and_140(json!([{
        "address": "module.storytime.module.cdn.aws_cloudfront_distribution.main[\"eu-central\"]",
        "action": "update",
        "before": {
            "comment": "a", "enabled": true, "price_class": "PriceClass_100", "etag": "E1", "arn": "arn:x",
            "web_acl_id": long("1"), "aliases": ["a.example.com", "b.example.com"],
            "description": "a comment that is long enough to need a line of its own",
            "tags": { "Team": "video", "Old": "x", "Kept": "y" },
            "origin": [
                { "origin_id": "s3", "domain_name": "a.s3.amazonaws.com", "origin_path": "" },
                { "origin_id": "api", "domain_name": "api.example.com", "origin_path": "/v1" },
            ],
            "secret": { "provision:withheld": { "digest": "1", "source": null } },
            "logging": { "bucket": "logs", "prefix": "cdn/" },
        },
        "after": {
            "comment": "b", "enabled": true, "price_class": "PriceClass_All", "etag": null, "arn": "arn:x",
            "web_acl_id": long("2"), "aliases": ["c.example.com", "a.example.com", "b.example.com"],
            "description": "a comment that is long enough to need a line of its very own",
            "tags": { "Team": "audio", "New": "z", "Kept": "y" },
            "origin": [
                { "origin_id": "api", "domain_name": "api.example.com", "origin_path": "/v2" },
                { "origin_id": "s3", "domain_name": "a.s3.amazonaws.com", "origin_path": "" },
                { "origin_id": "new", "domain_name": null, "origin_path": "/" },
            ],
            "secret": { "provision:withheld": { "digest": "2", "source": null } },
        },
        "after_unknown": { "etag": true, "origin": [false, false, { "domain_name": true }] },
        "changed": ["comment", "price_class", "web_acl_id", "aliases[0]", "aliases[1]", "aliases[2]",
            "tags.Team", "tags.New", "tags.Old", "origin", "secret", "logging", "description"],
        "drift": ["price_class", "tags"],
        "deposed": ["E2QWRUHEXAMPLE"],
        "adopted": true,
    }])));
}

#[test]
fn documents_change_element_by_element() {
    let allow = |actions: Json, resource: &str| json!({ "Sid": "Read", "Effect": "Allow", "Action": actions, "Resource": resource });
    let deny = json!({ "Sid": "Tls", "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
    insta::assert_snapshot!(at_80_and_140(json!([
        {
            "address": "aws_iam_policy.app", "action": "update",
            "before": { "policy": { "Version": "2012-10-17",
                "Statement": [allow(json!("s3:GetObject"), "a"), deny.clone()] }, "name": "app" },
            "after": { "policy": { "Version": "2012-10-17",
                "Statement": [deny, allow(json!(["s3:ListBucket", "s3:GetObject"]), "a")] }, "name": "app" },
            "changed": ["policy"],
        },
        {
            "address": "aws_cloudwatch_dashboard.main", "action": "update",
            "before": { "dashboard_body": "{\"widgets\":[{\"type\":\"text\",\"x\":0,\"width\":6},{\"type\":\"metric\",\"x\":0}]}" },
            "after": { "dashboard_body": "{\"widgets\": [{\"type\":\"text\",\"x\":0,\"width\":12},{\"type\":\"metric\",\"x\":0}]}" },
            "changed": ["dashboard_body"],
        },
        {
            "address": "aws_cloudfront_function.rewrite", "action": "update",
            "before": { "code": "a\nb\nc\nd\ne\nf\ng\n", "publish": true },
            "after": { "code": "a\nb\nc\nD\ne\nf\ng\nh\n", "publish": true },
            "changed": ["code"],
        },
    ])));
}

#[test]
fn replaces_show_what_forces_them_and_nothing_that_is_merely_computed_anew() {
    insta::assert_snapshot!(at_80_and_140(json!([
        {
            "address": "aws_s3_bucket.master", "action": "replace",
            "before": { "bucket": "storytime-master", "arn": "arn:aws:s3:::storytime-master", "region": "us-east-1",
                "tags": { "a": "1" }, "force_destroy": true, "policy": "{ \"a\": 1 }" },
            "after": { "bucket": "storytime-master-uploads", "arn": null, "region": null, "tags": { "a": "2" },
                "force_destroy": true, "policy": "{\"a\":1}" },
            "after_unknown": { "arn": true, "region": true },
            "changed": ["bucket", "tags.a"],
            "replace_because": ["bucket"],
        },
        {
            "address": "aws_kms_key.main", "action": "replace", "create_before_destroy": true,
            "before": { "description": "a", "rotation": [{ "days": 1, "name": "x" }] },
            "after": { "description": "a", "rotation": [{ "days": 2, "name": "x" }] },
            "changed": ["rotation[0].days"],
            "replace_because": ["rotation[0].days", "region", "replace_triggered_by terraform_data.seed",
                "its secret is needed by aws_secretsmanager_secret_version.key, and exists only in the run that makes it"],
        },
    ])));
}

#[test]
fn deletes_adoptions_deposed_objects_and_drift_take_a_line_each() {
    insta::assert_snapshot!(at_80_and_140(json!([
        { "address": "aws_s3_bucket.old", "action": "delete", "id": "arn:aws:s3:::old" },
        { "address": "aws_s3_bucket.lost", "action": "create", "gone": true },
        { "address": "aws_sns_topic.alarms", "action": "adopt", "before": { "name": "alarms" }, "after": { "name": "alarms" }, "adopted": true },
        { "address": "aws_kms_key.main", "action": "no-op", "deposed": ["1234", "5678"] },
        { "address": "aws_s3_bucket.log", "action": "no-op", "drift": ["tags", "acl"] },
        { "address": "aws_s3_bucket.quiet", "action": "no-op" },
    ])));
}

#[test]
fn a_reason_is_a_sentence() {
    let needed = "its secret is needed by aws_iam_user.a[\"eu\"], and exists only in the run that makes it";
    assert_eq!(super::because(needed), needed);
    assert_eq!(super::because("tags[\"a b\"]"), "tags[\"a b\"] changes");
    assert_eq!(super::because("replace_triggered_by aws_x.y"), "aws_x.y changes (replace_triggered_by)");
}

#[test]
fn no_width_is_too_small() {
    let long = "é漢".repeat(50);
    let document = document(json!([
        bucket(),
        { "address": "aws_kms_key.main", "action": "replace", "before": { "a": long, "l": [{ "id": "x", "b": 1 }] },
            "after": { "a": format!("{long}y"), "l": [{ "id": "x", "b": long }] }, "changed": ["a", "l[0].b"],
            "replace_because": ["a", "l[0].b"] },
    ]));
    for width in (0..60).chain([Style::UNBOUNDED]) {
        assert!(
            plain(&document, width).ends_with("Plan: 1 to create, 0 to update, 1 to replace, 0 to delete.\n")
        );
    }
}

#[test]
fn nothing_to_do() {
    insta::assert_snapshot!(plain(&document(json!([{ "address": "aws_s3_bucket.a", "action": "no-op" }])), 80),
        @"No changes. storytime dev is as configured.");
}

#[test]
fn outputs_that_change() {
    let outputs =
        |json: Json| -> BTreeMap<String, OutputValue> { serde_json::from_value(json).expect("outputs") };
    let mut document = document(json!([]));
    let given =
        outputs(json!({ "bucket": { "value": "a" }, "same": { "value": 1 }, "gone": { "value": [1] } }));
    document.outputs = outputs(json!({ "bucket": { "value": "b" }, "same": { "value": 1 },
        "key": { "value": { "provision:withheld": { "digest": "1", "source": null } }, "sensitive": true } }));
    let text = drawn(|out| write(&document, Some(&given), out, Style { colour: false, width: 80 }));
    insta::assert_snapshot!(text, @r#"
    Outputs:
      ~ bucket = "a" -> "b"
      - gone   = [1]
      + key    = (sensitive value)

    Plan: only outputs change.
    "#);
}

#[test]
fn colours() {
    let document = document(json!([
        bucket(),
        { "address": "aws_kms_key.main", "action": "replace", "before": { "a": "x".repeat(60), "b": 1 },
            "after": { "a": "y".repeat(60), "b": 1 }, "changed": ["a"], "replace_because": ["a"] },
    ]));
    let coloured = drawn(|out| write(&document, None, out, Style { colour: true, width: 80 }));
    assert_eq!(console::strip_ansi_codes(&coloured), plain(&document, 80));
    insta::assert_snapshot!(coloured.replace('\u{1b}', "^"));
}
