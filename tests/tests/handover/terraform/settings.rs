//! What Terraform has in another shape.

use serde_json::json;

use super::*;

const WIDE: &str = r#"
[env]
name = "dev"
project = "wide"
region = "us-east-1"
tags = { team = "films" }

[variable.password]
description = "Of the database."
type = "string"
sensitive = true

[resource.aws_s3_bucket.logs]
bucket_prefix = "wide-logs-"
ownership_controls = { rule = { object_ownership = "ObjectWriter" } }
grant = [
    { type = "Group", uri = "http://acs.amazonaws.com/groups/s3/LogDelivery", permissions = ["READ_ACP", "WRITE"] },
]

[resource.aws_s3_bucket.films]
bucket = "wide-films"
acceleration_status = "Enabled"
request_payer = "Requester"
acl = "public-read"
ownership_controls = { rule = { object_ownership = "BucketOwnerPreferred" } }
public_access_block = { block_public_acls = false, ignore_public_acls = false }
versioning = { enabled = true }
object_lock_enabled = true
object_lock_configuration = { rule = { default_retention = { mode = "GOVERNANCE", days = 1 } } }
logging = { target_bucket = "${aws_s3_bucket.logs.bucket}" }
website = { redirect_all_requests_to = "https://films.example.com" }
server_side_encryption_configuration = { rule = { apply_server_side_encryption_by_default = { sse_algorithm = "aws:kms" } } }
cors_rule = [{ allowed_methods = ["GET"], allowed_origins = ["*"] }]
lifecycle = { prevent_destroy = true, ignore_changes = ["cors_rule", "tags.owner"] }
tags = { "${key}" = "$${nobody}", price = "100%%{free}" }

[[resource.aws_s3_bucket.films.lifecycle_rule]]
enabled = true
prefix = "old/"
tags = { kind = "draft" }
expiration = { date = "2030-01-31" }
noncurrent_version_expiration = { days = 3 }

[[resource.aws_s3_bucket.films.lifecycle_rule]]
id = "glacier"
enabled = false
tags = { kind = "film" }
transition = [{ days = 30, storage_class = "GLACIER" }]

[resource.aws_s3_object.film]
bucket = "${aws_s3_bucket.films.bucket}"
key = "film"
content = "A film."

[resource.aws_sns_topic.cuts]
region = "eu-west-1"
name = "cuts"

[resource.aws_secretsmanager_secret.login]
name = "wide/login"
depends_on = ["aws_sns_topic.cuts"]

[resource.aws_secretsmanager_secret_version.login]
secret_id = "${aws_secretsmanager_secret.login.id}"
secret_string = '${jsonencode({ user = "films", password = var.password })}'

[resource.aws_secretsmanager_secret.token]
name = "wide/token"

[resource.aws_secretsmanager_secret_version.token]
secret_id = "${aws_secretsmanager_secret.token.id}"
secret_string = "${var.password}"

[resource.terraform_data.kept]
input = { list = ["${aws_sns_topic.cuts.name}", 1, true] }
lifecycle = { replace_triggered_by = ["aws_sns_topic.cuts", "aws_secretsmanager_secret.login.arn"] }

[output.password]
value = "${var.password}"
sensitive = true

[output.digest]
value = "${sha256(var.password)}"
sensitive = true

[output.arns]
value = '${[for topic in ["a", "b"] : "${aws_sns_topic.cuts.arn}:${topic}"]}'
"#;

#[test]
fn settings_of_buckets_become_resources_and_secrets_variables() {
    let world = World::new().with_variable("PROVISION_VAR_password", "correct-horse");
    world.write("envs/wide.toml", WIDE);
    let (exported, stderr) = export(&world, "envs/wide.toml");
    assert_names(&exported);
    assert_valid(&exported);
    assert!(!exported.to_string().contains("correct-horse"), "{exported:#}");

    let of = |kind: &str, name: &str| exported["resource"][kind][name].clone();
    let films = of("aws_s3_bucket", "films");
    assert_eq!(films["lifecycle"], json!({ "prevent_destroy": true, "ignore_changes": ["tags[\"owner\"]"] }));
    assert_eq!(films["tags"], json!({ "$${key}": "$${nobody}", "price": "100%%{free}", "team": "films" }));
    assert_eq!(
        of("aws_s3_bucket_cors_configuration", "films")["lifecycle"],
        json!({ "ignore_changes": "all" })
    );
    assert_eq!(
        of("aws_s3_bucket_website_configuration", "films")["redirect_all_requests_to"],
        json!({ "host_name": "films.example.com", "protocol": "https" })
    );
    assert_eq!(of("aws_s3_bucket_logging", "films")["target_bucket"], "${aws_s3_bucket.logs.bucket}");
    let rules = &of("aws_s3_bucket_lifecycle_configuration", "films")["rule"];
    assert_eq!(rules[0]["filter"], json!({ "and": { "prefix": "old/", "tags": { "kind": "draft" } } }));
    assert_eq!(rules[0]["expiration"]["date"], "2030-01-31T00:00:00Z");
    assert_eq!(rules[1]["filter"], json!({ "tag": { "key": "kind", "value": "film" } }));
    assert_eq!(rules[1]["status"], "Disabled");
    // The versions of a bucket are kept before anything is put into it.
    let object = of("aws_s3_object", "film");
    assert_eq!(object["bucket"], "${aws_s3_bucket.films.bucket}");
    assert_eq!(object["depends_on"], json!(["aws_s3_bucket_acl.films", "aws_s3_bucket_versioning.films"]));
    assert!(films.get("depends_on").is_none(), "what its settings name, it need not wait for: {films}");
    let grants = &of("aws_s3_bucket_acl", "logs")["access_control_policy"];
    assert_eq!(grants["grant"].as_array().unwrap().len(), 2);
    assert_eq!(grants["owner"]["id"], "${data.aws_canonical_user_id.current.id}");

    let kept = of("terraform_data", "kept");
    assert_eq!(kept["input"]["list"], json!(["${aws_sns_topic.cuts.name}", 1, true]));
    assert_eq!(
        kept["lifecycle"]["replace_triggered_by"],
        json!(["aws_secretsmanager_secret.login.arn", "aws_sns_topic.cuts"])
    );
    let topic = of("aws_sns_topic", "cuts");
    assert_eq!(topic["region"], "eu-west-1");
    assert_eq!(of("aws_secretsmanager_secret", "login")["depends_on"], json!(["aws_sns_topic.cuts"]));
    assert_eq!(of("aws_secretsmanager_secret_version", "token")["secret_string"], "${var.password}");
    assert_eq!(
        of("aws_secretsmanager_secret_version", "login")["secret_string"],
        "${var.login_secret_string}"
    );
    let variables: Vec<&String> = exported["variable"].as_object().unwrap().keys().collect();
    assert_eq!(variables, ["login_secret_string", "password"]);
    assert_eq!(exported["output"]["password"]["value"], "${var.password}");
    assert!(exported["output"].get("digest").is_none());
    assert!(stderr.contains("output.digest"), "{stderr}");
    assert_eq!(
        exported["output"]["arns"]["value"],
        json!(["${aws_sns_topic.cuts.arn}:a", "${aws_sns_topic.cuts.arn}:b"])
    );
}
