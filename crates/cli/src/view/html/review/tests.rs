#![expect(clippy::expect_used, reason = "a test that fails says why")]

use std::collections::BTreeMap;

use provision_engine::plan::PlanDocument;
use serde_json::{Value as Json, json};

use super::Review;

const HARM: &str = "</script><img src=x onerror=alert(1)>";

fn page(changes: Json) -> String {
    page_with(changes, Json::Null)
}

fn page_with(changes: Json, preflight: Json) -> String {
    let document: PlanDocument = serde_json::from_value(json!({
        "preflight": preflight,
        "format_version": "1",
        "env": { "project": "storytime", "name": HARM, "region": "us-east-1" },
        "lineage": "6f2c", "serial": 7, "changes": changes,
        "outputs": { "password": { "value": { "provision:withheld": { "digest": "abc" } }, "sensitive": true } },
        "summary": { "create": 1, "update": 0, "replace": 1, "delete": 0, "adopt": 0 },
    }))
    .expect("a plan");
    let review = Review {
        document: &document,
        given: &BTreeMap::new(),
        account: Some("123456789012"),
        time: Some("2026-01-31T12:00:00Z".to_owned()),
        destroy: false,
    };
    review.page()
}

fn changes() -> Json {
    json!([
        {
            "address": format!("aws_s3_bucket.it[\"{HARM}\"]"), "kind": "aws_s3_bucket", "action": "create",
            "before": null, "after": { "bucket": HARM, "arn": null, "key": { "provision:withheld": { "digest": "abc" } } },
            "after_unknown": { "arn": true },
        },
        {
            "address": "module.a.aws_kms_key.main", "kind": "aws_kms_key", "action": "replace",
            "before": { "spec": "A", "description": "d", "tags": { "a": "1" } },
            "after": { "spec": "B", "description": "d", "tags": { "a": "1" } }, "after_unknown": false,
            "changed": ["spec"], "replace_because": ["spec"], "drift": ["tags"],
        },
        {
            "address": "aws_sqs_queue.kept", "kind": "aws_sqs_queue", "action": "absorb",
            "before": { "name": "q" }, "after": null, "after_unknown": false,
        },
        {
            "address": "aws_sns_topic.quiet", "kind": "aws_sns_topic", "action": "no-op",
            "before": {}, "after": {}, "after_unknown": false, "drift": ["tags"],
        },
    ])
}

/// What a page says of changes and outputs, without the drawing, styles and scripts.
fn said(page: &str) -> String {
    let (header, rest) =
        page.split_once("<header>").expect("a header").1.split_once("<main>").expect("a main part");
    let (_, rest) = rest.split_once("<section id=\"changes\"").expect("changes");
    let (rest, _) = rest.split_once("</main>").expect("an end");
    format!("{header}\n<section id=\"changes\"{rest}")
}

#[test]
fn the_page_says_what_the_terminal_says() {
    insta::assert_snapshot!(said(&page(changes())));
}

#[test]
fn no_name_and_no_value_is_markup() {
    let page = page(changes());
    assert!(!page.contains("<img"), "{page}");
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(page.matches("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;").count() >= 4, "{page}");
}

#[test]
fn no_secret_and_no_digest_of_one_is_in_it() {
    let page = page(changes());
    assert!(page.contains("(sensitive value)") && page.contains("(known after apply)"));
    assert!(!page.contains("abc"), "{page}");
}

#[test]
fn what_moves_is_forgotten_or_left_out_has_its_word() {
    let change = |address: &str, action: &str| {
        json!({ "address": address, "kind": "aws_sqs_queue", "action": action, "id": "q", "before": { "name": "q" },
            "after": { "name": "q" }, "after_unknown": false })
    };
    let with = |mut change: Json, name: &str, value: Json| {
        change[name] = value;
        change
    };
    let page = page(json!([
        with(change("aws_sqs_queue.new", "no-op"), "moved_from", json!("aws_sqs_queue.old")),
        with(change("aws_sqs_queue.replaced", "no-op"), "deposed", json!(["gone-by"])),
        with(change("aws_sqs_queue.apart", "no-op"), "left_out", json!(true)),
        with(change("aws_sqs_queue.there", "adopt"), "imported", json!(true)),
        change("aws_sqs_queue.let_go", "forget"),
        with(change("aws_sqs_queue.drifted", "refresh"), "drift", json!(["name"])),
    ]));
    let cards = page.split("<details class=\"change ").skip(1);
    let told: Vec<String> = cards
        .map(|card| {
            let between = |from: &str, to: &str| card.split(from).nth(1)?.split(to).next().map(str::to_owned);
            let told = [between("<b>", "</b>"), between("badge\">", "<"), between("note\">", "</p>")];
            told.into_iter().flatten().collect::<Vec<_>>().join(" | ")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert!(!page.contains("unchanged</summary>"), "what is left out is not said to be as it should be");
}

#[test]
fn what_would_fail_and_what_a_delete_takes_with_it_is_said() {
    let queue = json!({ "address": "aws_sqs_queue.q", "kind": "aws_sqs_queue", "action": "delete", "id": "q",
        "before": { "name": "q" }, "after": null, "after_unknown": false });
    let preflight = json!({
        "obstacles": [{ "address": "aws_s3_bucket.it", "message": "the name is taken", "hint": "choose another",
            "at": "envs/dev.toml:7" }],
        "takes_along": { "aws_sqs_queue.q": ["3 messages"] },
        "unseen": ["quotas: access is denied"],
    });
    let page = page_with(json!([queue]), preflight);
    let (_, ahead) = page.split_once("<section id=\"ahead\">").expect("what was seen ahead");
    insta::assert_snapshot!(ahead.split("</section>").next().unwrap_or_default());
    assert!(page.contains("# takes with it: 3 messages"), "{page}");
}

#[test]
fn nothing_to_do_is_said() {
    let page = page(json!([]));
    assert!(page.contains("Nothing is to be changed."), "{page}");
}
