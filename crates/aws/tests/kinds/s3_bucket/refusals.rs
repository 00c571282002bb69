//! What a bucket's configuration is refused for, before any call.

use provision_aws::kinds::s3_bucket::Bucket;
use provision_engine::kind::Kind;
use provision_engine::schema::{Schema, Type};
use provision_engine::value::Value;
use serde_json::{Value as Json, json};

use crate::lab::Lab;

fn assert_refused(lab: &Lab, configuration: Json, expected: &[&str]) {
    let problems = lab.problems("aws_s3_bucket", configuration.clone());
    assert_eq!(problems, expected, "{configuration}");
}

#[tokio::test]
async fn names() {
    let lab = Lab::new().await;
    for (name, message) in [
        ("ab", "a bucket's name has 3 to 63 characters, not 2"),
        ("My_Bucket", "a bucket's name has lowercase letters, digits, dots and hyphens alone, not `M`"),
        ("-lab", "a bucket's name begins with a letter or a digit"),
        ("lab-", "a bucket's name ends with a letter or a digit"),
        ("a..b", "a bucket's name has no two dots in a row"),
        ("192.168.5.4", "a bucket's name does not look like an IP address"),
        ("xn--lab", "`xn--` at the beginning is reserved for internationalised domain names"),
        ("sthree-lab", "`sthree-` at the beginning is reserved for S3 itself"),
        (
            "amzn-s3-demo-lab",
            "`amzn-s3-demo-` at the beginning is reserved for examples in AWS's documentation",
        ),
        ("lab-s3alias", "`-s3alias` at the end is reserved for aliases of access points"),
        ("lab--ol-s3", "`--ol-s3` at the end is reserved for aliases of Object Lambda access points"),
        ("lab.mrap", "`.mrap` at the end is reserved for multi-region access points"),
        ("lab--x-s3", "`--x-s3` at the end is reserved for directory buckets"),
        ("lab--table-s3", "`--table-s3` at the end is reserved for table buckets"),
        ("lab-an", "`-an` at the end is reserved for buckets in an account's own regional namespace"),
    ] {
        assert_refused(&lab, json!({ "bucket": name }), &[&format!("bucket: {message}")]);
    }
    assert_refused(&lab, json!({ "bucket": "1.example.com" }), &[]);
    assert_refused(&lab, json!({ "bucket": "a".repeat(63) }), &[]);
    assert_refused(
        &lab,
        json!({ "bucket_prefix": "a".repeat(38) }),
        &["bucket_prefix: `bucket_prefix` has at most 37 characters, since 26 are added, not 38"],
    );
    assert_refused(
        &lab,
        json!({ "bucket": "abc", "bucket_prefix": "a-" }),
        &["bucket_prefix: `bucket` and `bucket_prefix` exclude each other"],
    );
}

#[tokio::test]
async fn access() {
    let lab = Lab::new().await;
    let disabled = "acl: a bucket whose owner owns all objects has no ACLs";
    assert_refused(&lab, json!({ "acl": "log-delivery-write" }), &[disabled]);
    assert_refused(&lab, json!({ "acl": "private" }), &[]);
    let writer = json!({ "rule": { "object_ownership": "ObjectWriter" } });
    assert_refused(
        &lab,
        json!({ "acl": "public-read", "ownership_controls": writer }),
        &["acl: the bucket's public access block refuses public ACLs"],
    );
    let group = "http://acs.amazonaws.com/groups/global/AllUsers";
    assert_refused(
        &lab,
        json!({
            "ownership_controls": writer,
            "grant": [
                { "type": "Group", "uri": group, "permissions": ["READ"] },
                { "type": "CanonicalUser", "uri": group, "permissions": ["READ"] },
            ],
        }),
        &[
            "grant[0]: a grantee of this type has `id`",
            "grant[0].uri: a grantee of this type has no `uri`",
            "grant: the bucket's public access block refuses public ACLs",
        ],
    );
    assert_eq!(lab.problems("aws_s3_bucket", json!({ "acl": "open" })).len(), 1);
    let partial = json!({ "ownership_controls": { "rule": {} }, "public_access_block": { "all": true } });
    assert_refused(
        &lab,
        partial,
        &[
            "ownership_controls.rule.object_ownership: `object_ownership` is required",
            "public_access_block.all: unknown key `all`",
        ],
    );
}

#[tokio::test]
async fn settings() {
    let lab = Lab::new().await;
    let encrypted = |rule: Json| json!({ "server_side_encryption_configuration": { "rule": rule } });
    let by_default = "apply_server_side_encryption_by_default";
    assert_refused(
        &lab,
        encrypted(json!({ by_default: { "sse_algorithm": "AES256", "kms_master_key_id": "alias/a" } })),
        &[
            "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.kms_master_key_id: \
           `AES256` takes no KMS key",
        ],
    );
    assert_refused(
        &lab,
        encrypted(json!({ by_default: { "sse_algorithm": "aws:kms:dsse" }, "bucket_key_enabled": true })),
        &["server_side_encryption_configuration.rule.bucket_key_enabled: `aws:kms:dsse` has no bucket keys"],
    );
    assert_refused(
        &lab,
        json!({ "object_lock_enabled": true }),
        &["versioning: Object Lock works on versions, and `versioning` is off"],
    );
    assert_refused(
        &lab,
        json!({ "object_lock_configuration": { "rule": { "default_retention": { "mode": "GOVERNANCE" } } } }),
        &[
            "object_lock_configuration: the bucket has no Object Lock",
            "object_lock_configuration.rule.default_retention: one of `days` and `years` is required",
        ],
    );
    assert_refused(
        &lab,
        json!({ "cors_rule": [{ "allowed_methods": ["GET"], "allowed_origins": ["https://*.*.com"] }] }),
        &["cors_rule[0].allowed_origins: \"https://*.*.com\" has more than one `*`"],
    );
    assert_eq!(
        lab.problems(
            "aws_s3_bucket",
            json!({ "cors_rule": [{ "allowed_methods": ["PATCH"], "allowed_origins": [] }] }),
        )
        .len(),
        2,
    );
    assert_refused(
        &lab,
        json!({ "website": { "error_document": "e.html" } }),
        &["website: `index_document` or `redirect_all_requests_to` is required"],
    );
    assert_refused(
        &lab,
        json!({ "website": { "redirect_all_requests_to": "example.com", "error_document": "e.html" } }),
        &["website.error_document: `error_document` has no effect where all requests are redirected"],
    );
    let wrong = json!({ "website": { "index_document": "i.html", "routing_rules": [{ "Redirect": { "Host": "x" } }] } });
    assert!(
        lab.problems("aws_s3_bucket", wrong)[0].contains("these are no routing rules: unknown field `Host`")
    );
    assert_refused(
        &lab,
        json!({ "bucket": "a.example.com", "acceleration_status": "Enabled" }),
        &["acceleration_status: a bucket with a dot in its name cannot be accelerated"],
    );
}

#[tokio::test]
async fn lifecycle_rules() {
    let lab = Lab::new().await;
    let refused = |rule: Json, expected: &[&str]| {
        let mut rule = rule;
        rule["enabled"] = json!(true);
        assert_refused(&lab, json!({ "lifecycle_rule": [rule] }), expected);
    };
    refused(json!({}), &["lifecycle_rule[0]: the rule does nothing"]);
    refused(
        json!({ "tags": { "a": "b" }, "abort_incomplete_multipart_upload_days": 1, "expiration": { "expired_object_delete_marker": true } }),
        &[
            "lifecycle_rule[0].abort_incomplete_multipart_upload_days: unfinished uploads have neither tags nor a \
             size that a rule could select by",
            "lifecycle_rule[0].expiration.expired_object_delete_marker: delete markers have no tags that a rule \
             could select by",
        ],
    );
    refused(
        json!({ "object_size_greater_than": 10, "object_size_less_than": 5, "expiration": { "days": 1 } }),
        &["lifecycle_rule[0].object_size_less_than: no object is larger than 10 and smaller than 5 bytes"],
    );
    refused(
        json!({ "expiration": { "days": 1, "date": "2030-02-31" } }),
        &[
            "lifecycle_rule[0].expiration: exactly one of `date`, `days` and `expired_object_delete_marker = true` \
             is needed",
            "lifecycle_rule[0].expiration.date: \"2030-02-31\" is no day",
            "lifecycle_rule[0]: S3 takes days or dates in one rule, not both",
        ],
    );
    refused(
        json!({ "expiration": { "days": 30 }, "transition": [{ "days": 10, "storage_class": "STANDARD_IA" }, { "days": 30, "storage_class": "GLACIER" }] }),
        &[
            "lifecycle_rule[0].transition[0].days: objects move to STANDARD_IA after 30 days at the earliest, not \
             after 10",
            "lifecycle_rule[0].expiration.days: objects expire after 30 days, before they move after 30",
        ],
    );
    refused(
        json!({ "transition": [{ "storage_class": "GLACIER" }] }),
        &["lifecycle_rule[0].transition[0]: exactly one of `date` and `days` is needed"],
    );
    refused(
        json!({
            "noncurrent_version_expiration": { "days": 20 },
            "noncurrent_version_transition": [{ "days": 20, "storage_class": "GLACIER" }],
        }),
        &[
            "lifecycle_rule[0].noncurrent_version_expiration.days: versions expire after 20 days, before they move \
           after 20",
        ],
    );
    let rule = json!({ "id": "a", "enabled": true, "expiration": { "days": 1 } });
    assert_refused(
        &lab,
        json!({ "lifecycle_rule": [rule, rule] }),
        &["lifecycle_rule[1].id: another rule is named \"a\" as well"],
    );
}

#[tokio::test]
async fn replication_rules() {
    let lab = Lab::new().await;
    let refused = |rules: Json, expected: &[&str]| {
        let replication = json!({ "role": "arn:aws:iam::123456789012:role/copier", "rules": rules });
        let configuration =
            json!({ "versioning": { "enabled": true }, "replication_configuration": replication });
        assert_refused(&lab, configuration, expected);
    };
    let one = json!({ "bucket": "arn:aws:s3:::one" });
    refused(
        json!([
            { "status": "Enabled", "destination": one },
            { "status": "Enabled", "destination": one, "filter": {} },
        ]),
        &["replication_configuration.rules: either all rules have a `filter` or none"],
    );
    let path = "replication_configuration.rules[0]";
    refused(
        json!([{ "status": "Enabled", "priority": 1, "delete_marker_replication_status": "Enabled", "destination": one }]),
        &[
            &format!("{path}: `delete_marker_replication_status` is for rules with a `filter`"),
            &format!("{path}: `priority` is for rules with a `filter`"),
        ],
    );
    refused(
        json!([{ "status": "Enabled", "prefix": "a/", "filter": { "tags": { "a": "b" } }, "delete_marker_replication_status": "Enabled", "destination": one }]),
        &[
            &format!("{path}.prefix: `prefix` and `filter` exclude each other"),
            &format!(
                "{path}.delete_marker_replication_status: delete markers have no tags that a rule could select by"
            ),
        ],
    );
    let key = "arn:aws:kms:us-east-1:123456789012:key/1";
    refused(
        json!([{ "status": "Enabled", "filter": {}, "destination": {
            "bucket": "arn:aws:s3:::one",
            "replica_kms_key_id": key,
            "access_control_translation": { "owner": "Destination" },
            "replication_time": {},
        } }]),
        &[
            &format!(
                "{path}.destination.replica_kms_key_id: no objects that are encrypted with KMS are copied"
            ),
            &format!(
                "{path}.destination.account_id: `access_control_translation` needs the account that the bucket belongs to"
            ),
            &format!("{path}.destination.metrics: `replication_time` needs `metrics`"),
        ],
    );
    refused(
        json!([{ "status": "Enabled", "destination": one, "source_selection_criteria": {} }]),
        &[&format!("{path}.source_selection_criteria: it selects nothing")],
    );
    refused(
        json!([{ "status": "Enabled", "destination": one, "source_selection_criteria": { "sse_kms_encrypted_objects": { "enabled": true } } }]),
        &[&format!(
            "{path}.destination.replica_kms_key_id: copies of objects that are encrypted with KMS need a key"
        )],
    );
    assert_refused(
        &lab,
        json!({ "replication_configuration": {
            "role": "arn:aws:iam::123456789012:role/copier",
            "rules": [{ "status": "Enabled", "destination": one }],
        } }),
        &["replication_configuration: replication works on versions, and `versioning` is off"],
    );
}

/// What only the apply can tell is not judged, in whichever depth it is.
#[tokio::test]
async fn nothing_unknown() {
    fn unknown(schema: &Schema, depth: usize) -> Value {
        let of = |name: &str, r#type: &Type| match r#type {
            // Names and their prefixes are another module's matter.
            _ if name == "bucket_prefix" => Value::Null,
            Type::Object(block) if depth > 0 => unknown(block, depth - 1),
            Type::List(element) | Type::Set(element) if depth > 0 => match &element.r#type {
                Type::Object(block) => Value::List(vec![unknown(block, depth - 1)]),
                _ => Value::List(vec![Value::Unknown]),
            },
            _ => Value::Unknown,
        };
        let attributes = schema.attributes.iter().filter(|(_, attribute)| !attribute.read_only);
        Value::Map(attributes.map(|(name, attribute)| (name.clone(), of(name, &attribute.r#type))).collect())
    }
    let schema = Schema::of::<Bucket>();
    for depth in 0..6 {
        let problems = Bucket::validate(&unknown(&schema, depth));
        assert_eq!(problems, [], "at depth {depth}");
    }
}
