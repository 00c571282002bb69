//! What is changed in the files, one thing at a time: each is an update in place or a replacement, as AWS demands.

use std::collections::BTreeMap;

use provision_tests::{World, actions};

use crate::cloud::Cloud;

const DEV: &str = "envs/dev.toml";
const STORYTIME: &str = "modules/storytime/module.toml";
const BUCKET: &str = "modules/s3_bucket/module.toml";
const CLOUDFRONT: &str = "modules/cloudfront_hls/module.toml";
const IAM: &str = "modules/iam_roles/module.toml";
const MEDIACONVERT: &str = "modules/mediaconvert/module.toml";
const SECRETS: &str = "modules/secrets/module.toml";
/// Where an input of `module.storytime` can be added.
const INPUT: &str = "source = \"../modules/storytime\"\n";

const MASTERS: &str = "masters.aws_s3_bucket.this";
const OUTPUTS: &str = "outputs.aws_s3_bucket.this";
const POLICY: &str = "cloudfront.aws_s3_bucket_policy.this";
const DISTRIBUTION: &str = "cloudfront.aws_cloudfront_distribution.this";
const ACCESS_CONTROL: &str = "cloudfront.aws_cloudfront_origin_access_control.this";
const MANIFESTS: &str = "cloudfront.aws_cloudfront_cache_policy.manifests";
const SEGMENTS: &str = "cloudfront.aws_cloudfront_cache_policy.segments";
const KEY: &str = "keys.aws_cloudfront_public_key.generated[\"1\"]";
const GROUP: &str = "keys.aws_cloudfront_key_group.this";
const PAIR: &str = "keys.tls_private_key.generated[\"1\"]";
const SECRET: &str = "private_key.aws_secretsmanager_secret.this";
const SECRET_VERSION: &str = "private_key.aws_secretsmanager_secret_version.this";
const ROLE: &str = "iam.aws_iam_role.mediaconvert";
const ROLE_POLICY: &str = "iam.aws_iam_role_policy.mediaconvert";
const RAILS: &str = "iam.aws_iam_policy.rails";
const QUEUE: &str = "mediaconvert.aws_media_convert_queue.this";
const TEMPLATE: &str = "mediaconvert.aws_media_convert_job_template.this";
const LOGS: &str = "mediaconvert.aws_cloudwatch_log_group.this";

/// Storytime dev, applied, and changed step by step.
struct Life {
    world: World,
}

impl Life {
    fn begin() -> Self {
        let world = World::new();
        world.succeed(&["apply", DEV, "--auto-approve"]);
        Self { world }
    }

    /// Changes `from`, in a file, to `to`: a plan does exactly that much, and so does the apply. That nothing else is
    /// left of the step before is part of it.
    fn step(&self, file: &str, from: &str, to: &str, expected: &[(&str, &str)]) {
        self.world.edit(file, from, to);
        let found = actions(&self.world.plan(&[DEV]));
        let expected: BTreeMap<String, String> =
            expected.iter().map(|(address, action)| ((*address).to_owned(), (*action).to_owned())).collect();
        assert_eq!(found, expected, "in {file}, from `{from}` to `{to}`");
        self.world.succeed(&["apply"]);
    }

    /// Adds an input to `module.storytime` of the environment.
    fn input(&self, input: &str, expected: &[(&str, &str)]) {
        self.step(DEV, INPUT, &format!("{INPUT}{input}\n"), expected);
    }

    /// Nothing is left to do; and after a destroy, nothing at all.
    fn end(self) {
        self.world.assert_no_changes(DEV);
        self.world.succeed(&["destroy", DEV, "--auto-approve"]);
        assert_eq!(self.world.resources(), [], "nothing is left");
    }
}

#[test]
fn buckets_change_in_place() {
    let life = Life::begin();
    let origins = "[\"http://localhost:3000\"]";
    let more = "[\"http://localhost:3000\", \"https://admin.example.com\"]";
    life.step(DEV, origins, more, &[(MASTERS, "update")]);
    life.step(DEV, "glacier_after_days = 30", "glacier_after_days = 60", &[(MASTERS, "update")]);
    life.step(STORYTIME, "versioning = true", "versioning = false", &[(MASTERS, "update")]);
    life.step(STORYTIME, "[\"ETag\"]", "[\"ETag\", \"x-amz-version-id\"]", &[(MASTERS, "update")]);
    let both = [(MASTERS, "update"), (OUTPUTS, "update")];
    life.step(BUCKET, "ignore_public_acls = true", "ignore_public_acls = false", &both);
    life.step(BUCKET, "default = 7", "default = 3", &both);
    life.step(DEV, "force_destroy = true", "force_destroy = false", &both);
    life.step(DEV, "force_destroy = false", "force_destroy = true", &both);
    life.step(STORYTIME, "allowed_headers = [\"*\"]", "max_age_seconds = 600", &[(MASTERS, "update")]);
    life.end();
}

#[test]
fn both_buckets_are_encrypted_with_a_key_of_their_own_when_that_is_asked_for() {
    let life = Life::begin();
    let (key, alias) = ("aws_kms_key.media", "aws_kms_alias.media");
    let users = [(MASTERS, "update"), (OUTPUTS, "update"), (ROLE_POLICY, "update"), (RAILS, "update")];
    let made = [&users[..], &[(key, "create"), (alias, "create")]].concat();
    life.input("sse_algorithm = \"aws:kms\"", &made);
    let unmade = [&users[..], &[(key, "delete"), (alias, "delete")]].concat();
    life.step(DEV, "sse_algorithm = \"aws:kms\"\n", "", &unmade);
    life.end();
}

#[test]
fn a_bucket_of_another_name_is_another_bucket() {
    let life = Life::begin();
    life.step(
        STORYTIME,
        "-hls-outputs-",
        "-hls-streams-",
        &[
            (OUTPUTS, "replace"),
            (POLICY, "replace"),
            (DISTRIBUTION, "update"),
            (ACCESS_CONTROL, "update"),
            (ROLE_POLICY, "update"),
        ],
    );
    life.end();
}

#[test]
fn the_distribution_changes_in_place() {
    let life = Life::begin();
    let updated = [(DISTRIBUTION, "update")];
    life.input("price_class = \"PriceClass_200\"", &updated);
    life.step(CLOUDFRONT, "comment = \"HLS of", "comment = \"Videos of", &updated);
    life.step(CLOUDFRONT, "http2and3", "http2", &updated);
    life.step(CLOUDFRONT, "is_ipv6_enabled = true", "is_ipv6_enabled = false", &updated);
    life.step(CLOUDFRONT, "redirect-to-https", "https-only", &updated);
    life.step(CLOUDFRONT, "compress = true", "compress = false", &updated);
    life.step(
        CLOUDFRONT,
        "\nallowed_methods = [\"GET\", \"HEAD\"]",
        "\nallowed_methods = [\"GET\", \"HEAD\", \"OPTIONS\"]",
        &updated,
    );
    life.step(CLOUDFRONT, "books/*.m3u8", "books/*/index.m3u8", &updated);
    life.step(CLOUDFRONT, "enabled = true\nis_ipv6", "enabled = false\nis_ipv6", &updated);
    let germany = "{ geo_restriction = { restriction_type = \"whitelist\", locations = [\"DE\"] } }";
    life.step(CLOUDFRONT, "{ geo_restriction = { restriction_type = \"none\" } }", germany, &updated);
    life.end();
}

#[test]
fn what_the_distribution_refers_to_changes_in_place() {
    let life = Life::begin();
    life.step(CLOUDFRONT, "default = 60\n", "default = 30\n", &[(MANIFESTS, "update")]);
    life.step(CLOUDFRONT, "default = 86400\n", "default = 43200\n", &[(SEGMENTS, "update")]);
    let both = [(MANIFESTS, "update"), (SEGMENTS, "update")];
    life.step(
        CLOUDFRONT,
        "enable_accept_encoding_brotli = true",
        "enable_accept_encoding_brotli = false",
        &both,
    );
    life.step(
        CLOUDFRONT,
        "header_behavior = \"none\"",
        "header_behavior = \"whitelist\", headers = { items = [\"Origin\"] }",
        &both,
    );
    let keys = [(GROUP, "update"), (KEY, "update")];
    life.step(STORYTIME, "\"Signed cookies of", "\"Cookies of", &keys);
    life.step(CLOUDFRONT, "Reads of", "Reader of", &[(ACCESS_CONTROL, "update")]);
    life.step(
        CLOUDFRONT,
        "signing_behavior = \"always\"",
        "signing_behavior = \"no-override\"",
        &[(ACCESS_CONTROL, "update")],
    );
    life.end();
}

#[test]
fn permissions_change_in_place_and_a_role_of_another_name_is_another_role() {
    let life = Life::begin();
    life.input("upload_prefix = \"masters/\"", &[(RAILS, "update")]);
    life.step(
        IAM,
        "\"s3:GetObject\", \"s3:GetObjectVersion\"",
        "\"s3:GetObject\"",
        &[(ROLE_POLICY, "update")],
    );
    life.step(IAM, "What MediaConvert does the jobs of ${var.name} with", "Jobs", &[(ROLE, "update")]);
    life.step(IAM, "\"sts:AssumeRole\"", "[\"sts:AssumeRole\", \"sts:TagSession\"]", &[(ROLE, "update")]);
    // The same meaning in other words.
    life.step(
        IAM,
        "[\"sts:AssumeRole\", \"sts:TagSession\"]",
        "[\"sts:TagSession\", \"sts:AssumeRole\"]",
        &[],
    );
    let (user, attachment) = ("iam.aws_iam_user.rails", "iam.aws_iam_user_policy_attachment.rails");
    life.input("create_rails_user = true", &[(user, "create"), (attachment, "create")]);
    life.step(DEV, "create_rails_user = true\n", "", &[(user, "delete"), (attachment, "delete")]);
    life.step(
        IAM,
        "name = \"${var.name}-mediaconvert\"",
        "name = \"${var.name}-transcoder\"",
        &[(ROLE, "replace"), (ROLE_POLICY, "replace"), (RAILS, "update")],
    );
    life.step(IAM, "name = \"media\"", "name = \"jobs\"", &[(ROLE_POLICY, "replace")]);
    life.step(IAM, "What the Rails app of", "The Rails app of", &[(RAILS, "replace")]);
    life.end();
}

#[test]
fn a_role_that_rails_has_gets_the_policy() {
    let life = Life::begin();
    let cloud = Cloud::of(&life.world, "us-east-1");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    life.world.wait(async {
        cloud.iam.create_role().role_name("rails").assume_role_policy_document(trust).send().await.unwrap();
    });
    let attachment = "iam.aws_iam_role_policy_attachment.rails";
    life.input("rails_role_name = \"rails\"", &[(attachment, "create")]);
    life.step(DEV, "rails_role_name = \"rails\"\n", "", &[(attachment, "delete")]);
    life.world.wait(async { cloud.iam.delete_role().role_name("rails").send().await.unwrap() });
    life.end();
}

#[test]
fn transcoding_changes_in_place_and_other_names_are_other_resources() {
    let life = Life::begin();
    life.step(MEDIACONVERT, "\"Transcoding of", "\"Jobs of", &[(QUEUE, "update")]);
    life.step(MEDIACONVERT, "bitrate = 5000000", "bitrate = 6000000", &[(TEMPLATE, "update")]);
    life.step(MEDIACONVERT, "segmentLength = 6", "segmentLength = 4", &[(TEMPLATE, "update")]);
    life.step(MEDIACONVERT, "default = 30", "default = 14", &[(LOGS, "update")]);
    life.step(
        MEDIACONVERT,
        "/aws/mediaconvert/${var.name}",
        "/media/${var.name}",
        &[(LOGS, "replace"), (ROLE_POLICY, "update")],
    );
    let queue = "create_before_destroy = true }\nname = \"${var.name}";
    life.step(
        MEDIACONVERT,
        &format!("{queue}\""),
        &format!("{queue}-jobs\""),
        &[(QUEUE, "replace"), (TEMPLATE, "update"), (RAILS, "update")],
    );
    life.input("job_template = false", &[(TEMPLATE, "delete")]);
    life.end();
}

#[test]
fn tags_reach_everything_that_has_tags() {
    let life = Life::begin();
    let tagged = [MASTERS, OUTPUTS, DISTRIBUTION, SECRET, ROLE, RAILS, QUEUE, TEMPLATE, LOGS];
    let updated: Vec<(&str, &str)> = tagged.iter().map(|address| (*address, "update")).collect();
    let tags = "tags = { project = \"storytime\", environment = \"dev\" }";
    life.step(
        DEV,
        tags,
        "tags = { project = \"storytime\", environment = \"dev\", team = \"video\" }",
        &updated,
    );
    life.input("tags = { cost_center = \"12\", team = \"media\" }", &updated);
    life.step(DEV, "tags = { cost_center = \"12\", team = \"media\" }\n", "", &updated);
    life.end();
}

#[test]
fn a_secret_of_another_name_gets_another_pair_as_the_old_key_is_nowhere_to_be_had() {
    let life = Life::begin();
    life.step(
        SECRETS,
        "description = \"${var.description}\"",
        "description = \"The key\"",
        &[(SECRET, "update")],
    );
    // Kept here alone: AWS is told when the secret is deleted.
    life.step(
        DEV,
        "secret_recovery_window_in_days = 0",
        "secret_recovery_window_in_days = 7",
        &[(SECRET, "update")],
    );
    life.step(
        DEV,
        "secret_recovery_window_in_days = 7",
        "secret_recovery_window_in_days = 0",
        &[(SECRET, "update")],
    );
    life.input(
        "cloudfront_private_key_secret_name = \"storytime/signing\"",
        &[
            (SECRET, "replace"),
            (SECRET_VERSION, "replace"),
            (PAIR, "replace"),
            (KEY, "replace"),
            (GROUP, "update"),
            (RAILS, "update"),
        ],
    );
    life.end();
}
