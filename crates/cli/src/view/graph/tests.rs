#![expect(clippy::expect_used, reason = "a test that fails says why")]

use serde_json::json;

use super::{Picture, dot, mermaid, page};
use provision_engine::plan::PlanDocument;

/// A plan with modules in each other, all actions, one that nobody knows, and a name that means harm.
fn document() -> PlanDocument {
    let change = |address: &str, action: &str, dependencies: &[&str]| {
        let address_parts: provision_engine::address::Address = address.into();
        json!({
            "address": address, "kind": address_parts.kind(), "action": action, "before": null, "after": null,
            "after_unknown": false, "dependencies": dependencies,
        })
    };
    serde_json::from_value(json!({
        "format_version": "1",
        "env": { "project": "story \"time\"", "name": "dev", "region": "us-east-1" },
        "lineage": "6f2c", "serial": 7, "outputs": {},
        "summary": { "create": 2, "update": 1, "replace": 1, "delete": 1, "adopt": 0 },
        "data": { "data.aws_caller_identity.me": [] },
        "changes": [
            change("aws_kms_key.main", "no-op", &[]),
            change("module.a.aws_s3_bucket.logs", "create", &["aws_kms_key.main"]),
            change("module.a.module.b[\"eu\"].aws_s3_bucket.it", "replace", &["module.a.aws_s3_bucket.logs", "aws_kms_key.main"]),
            change("module.a.data.aws_iam_policy_document.p", "read", &["module.a.module.b[\"eu\"].aws_s3_bucket.it"]),
            change("module.a.aws_s3_bucket_policy.p", "update",
                &["module.a.data.aws_iam_policy_document.p", "module.a.module.b[\"eu\"].aws_s3_bucket.it", "data.aws_caller_identity.me"]),
            change("aws_iam_user.u[\"</script><img src=x onerror='alert(1)'>\\\\]\"]", "create", &["aws_kms_key.main"]),
            change("aws_sns_topic.old", "delete", &["aws_kms_key.main", "aws_sns_topic.unknown"]),
            change("aws_sqs_queue.forgotten", "absorb", &["aws_sns_topic.old"]),
        ],
    }))
    .expect("a plan")
}

#[test]
fn what_follows_from_other_edges_is_left_out() {
    let picture = Picture::of_plan(&document());
    let edges: Vec<String> = picture
        .edges
        .iter()
        .map(|(from, to)| format!("{} -> {}", picture.nodes[*from].address, picture.nodes[*to].address))
        .filter(|edge| edge.starts_with("module.a."))
        .collect();
    assert_eq!(
        edges,
        [
            "module.a.aws_s3_bucket.logs -> aws_kms_key.main",
            "module.a.module.b[\"eu\"].aws_s3_bucket.it -> module.a.aws_s3_bucket.logs",
            "module.a.data.aws_iam_policy_document.p -> module.a.module.b[\"eu\"].aws_s3_bucket.it",
            "module.a.aws_s3_bucket_policy.p -> data.aws_caller_identity.me",
            "module.a.aws_s3_bucket_policy.p -> module.a.data.aws_iam_policy_document.p",
        ]
    );
}

#[test]
fn for_graphviz() {
    insta::assert_snapshot!(dot(&Picture::of_plan(&document())));
}

#[test]
fn for_mermaid() {
    insta::assert_snapshot!(mermaid(&Picture::of_plan(&document())));
}

#[test]
fn a_configuration_has_no_actions() {
    let picture = Picture::of_configuration(&document());
    assert_eq!(picture.actions(), []);
    assert!(!mermaid(&picture).contains("class"));
}

#[test]
fn a_page_has_nothing_from_elsewhere_and_runs_nothing_from_names() {
    let page = page(&Picture::of_plan(&document()));
    assert!(page.contains("&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;"), "{page}");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img"));
    for address in ["http:", "https:", "//", "url(h", "@import"] {
        let outside_of_comments = page.lines().filter(|line| !line.trim_start().starts_with("//"));
        assert_eq!(outside_of_comments.filter(|line| line.contains(address)).count(), 0, "{address}");
    }
}

#[test]
fn circles_in_a_file_that_was_tampered_with_are_cut() {
    let mut document = document();
    document.changes[0].dependencies.insert("aws_sns_topic.old".to_owned());
    document.changes[1].dependencies.insert("module.a.aws_s3_bucket.logs".to_owned());
    let picture = Picture::of_plan(&document);
    assert_eq!(picture.nodes.len(), 9);
    assert!(page(&picture).contains("aws_sns_topic"));
}
