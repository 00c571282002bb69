//! What somebody changes on AWS, past us: a plan finds it, and the apply repairs it.

use std::collections::BTreeMap;

use aws_sdk_cloudfront::types::{
    Method, PriceClass, Tag as DistributionTag, Tags as DistributionTags, ViewerProtocolPolicy,
};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, PublicAccessBlockConfiguration, Tag, Tagging,
    VersioningConfiguration,
};
use provision_tests::{World, actions, drift};

use crate::cloud::Cloud;

const DEV: &str = "envs/dev.toml";

/// Fails unless a plan finds these arguments changed from outside, and does this about it; then applies it, after
/// which there is nothing left to do.
fn assert_repaired(world: &World, drifted: &[(&str, &[&str])], done: &[(&str, &str)]) {
    let output = world.provision(&["plan", DEV, "--json", "--detailed-exitcode"]);
    assert_eq!(output.code, Some(2), "there is something to do: {output}");
    let plan = serde_json::from_str(&output.stdout).unwrap();
    let drifted: BTreeMap<String, Vec<String>> = drifted
        .iter()
        .map(|(address, paths)| {
            ((*address).to_owned(), paths.iter().map(|path| (*path).to_owned()).collect())
        })
        .collect();
    assert_eq!(drift(&plan), drifted, "what somebody has changed");
    let done: BTreeMap<String, String> =
        done.iter().map(|(address, action)| ((*address).to_owned(), (*action).to_owned())).collect();
    assert_eq!(actions(&plan), done, "what is done about it");
    world.succeed(&["apply"]);
    world.assert_no_changes(DEV);
}

#[test]
fn what_was_changed_on_buckets_is_put_right() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let s3 = Cloud::of(&world, "us-east-1").s3;
    let masters = format!("{}-master-uploads-dev", world.project());
    let outputs = format!("{}-hls-outputs-dev", world.project());

    world.wait(async {
        s3.delete_bucket_cors().bucket(&masters).send().await.unwrap();
        let open = PublicAccessBlockConfiguration::builder().block_public_acls(true).build();
        s3.put_public_access_block()
            .bucket(&outputs)
            .public_access_block_configuration(open)
            .send()
            .await
            .unwrap();
    });
    let block = "public_access_block";
    let flags = ["block_public_policy", "ignore_public_acls", "restrict_public_buckets"]
        .map(|flag| format!("{block}.{flag}"));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    assert_repaired(
        &world,
        &[("masters.aws_s3_bucket.this", &["cors_rule"]), ("outputs.aws_s3_bucket.this", &flags)],
        &[("masters.aws_s3_bucket.this", "update"), ("outputs.aws_s3_bucket.this", "update")],
    );

    world.wait(async {
        let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
        s3.put_bucket_versioning().bucket(&masters).versioning_configuration(suspended).send().await.unwrap();
        let everything = LifecycleRule::builder()
            .id("everything")
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .expiration(LifecycleExpiration::builder().days(1).build())
            .build()
            .unwrap();
        let rules = BucketLifecycleConfiguration::builder().rules(everything).build().unwrap();
        let put = s3.put_bucket_lifecycle_configuration().bucket(&masters).lifecycle_configuration(rules);
        put.send().await.unwrap();
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
        let tags = Tagging::builder().tag_set(tag("project", "storytime")).tag_set(tag("owner", "nobody"));
        s3.put_bucket_tagging().bucket(&outputs).tagging(tags.build().unwrap()).send().await.unwrap();
    });
    assert_repaired(
        &world,
        &[
            ("masters.aws_s3_bucket.this", &["lifecycle_rule", "versioning.enabled"]),
            ("outputs.aws_s3_bucket.this", &["tags"]),
        ],
        &[("masters.aws_s3_bucket.this", "update"), ("outputs.aws_s3_bucket.this", "update")],
    );

    let letting_all_in = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{}:root"}},"Action":"s3:*","Resource":"arn:aws:s3:::{outputs}/*"}}]}}"#,
        world.account()
    );
    world
        .wait(async { s3.put_bucket_policy().bucket(&outputs).policy(letting_all_in).send().await.unwrap() });
    let policy = "cloudfront.aws_s3_bucket_policy.this";
    assert_repaired(&world, &[(policy, &["policy"])], &[(policy, "update")]);
}

#[test]
fn what_was_changed_on_the_distribution_is_put_right() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world, "us-east-1");
    let distribution = "cloudfront.aws_cloudfront_distribution.this";
    world.wait(cloud.change_distribution(|config| {
        config.comment = "mine".to_owned();
        config.price_class = Some(PriceClass::PriceClassAll);
        config.default_root_object = Some("index.html".to_owned());
    }));
    assert_repaired(
        &world,
        &[(distribution, &["comment", "default_root_object", "price_class"])],
        &[(distribution, "update")],
    );

    world.wait(async {
        cloud
            .change_distribution(|config| {
                let behavior = config.default_cache_behavior.as_mut().unwrap();
                behavior.viewer_protocol_policy = ViewerProtocolPolicy::AllowAll;
                let methods = behavior.allowed_methods.as_mut().unwrap();
                methods.items.push(Method::Options);
                methods.quantity += 1;
                // Whoever has no cookie is let in.
                let groups = behavior.trusted_key_groups.as_mut().unwrap();
                (groups.enabled, groups.quantity, groups.items) = (false, 0, None);
            })
            .await;
        let (found, _) = cloud.distribution().await;
        let tag = DistributionTag::builder().key("environment").value("prod").build().unwrap();
        let tags = DistributionTags::builder().items(tag).build();
        cloud.cloudfront.tag_resource().resource(found.arn()).tags(tags).send().await.unwrap();
    });
    let behavior = "default_cache_behavior";
    let paths = ["allowed_methods", "trusted_key_groups", "viewer_protocol_policy"]
        .map(|name| format!("{behavior}.{name}"));
    let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    paths.push("tags.environment");
    assert_repaired(&world, &[(distribution, &paths)], &[(distribution, "update")]);
}

#[test]
fn what_was_changed_on_permissions_is_put_right() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let iam = Cloud::of(&world, "us-east-1").iam;
    let role = format!("{}-dev-mediaconvert", world.project());
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let anyone = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    let rails = format!("arn:aws:iam::{}:policy/{}-dev-rails", world.account(), world.project());
    world.wait(async {
        iam.put_role_policy()
            .role_name(&role)
            .policy_name("media")
            .policy_document(all)
            .send()
            .await
            .unwrap();
        iam.update_assume_role_policy().role_name(&role).policy_document(anyone).send().await.unwrap();
        let version =
            iam.create_policy_version().policy_arn(&rails).policy_document(all).set_as_default(true);
        version.send().await.unwrap();
    });
    let changed = [
        ("iam.aws_iam_role.mediaconvert", "assume_role_policy"),
        ("iam.aws_iam_role_policy.mediaconvert", "policy"),
        ("iam.aws_iam_policy.rails", "policy"),
    ];
    assert_repaired(
        &world,
        &changed.each_ref().map(|(address, path)| (*address, std::slice::from_ref(path))),
        &changed.map(|(address, _)| (address, "update")),
    );
}

#[test]
fn what_was_deleted_is_made_again() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world, "us-east-1");
    let name = format!("{}-dev", world.project());
    world.wait(async {
        let outputs = format!("{}-hls-outputs-dev", world.project());
        cloud.s3.delete_bucket_policy().bucket(outputs).send().await.unwrap();
        let role = format!("{name}-mediaconvert");
        cloud.iam.delete_role_policy().role_name(role).policy_name("media").send().await.unwrap();
        cloud.mediaconvert.delete_job_template().name(format!("{name}-hls")).send().await.unwrap();
        cloud
            .logs
            .delete_log_group()
            .log_group_name(format!("/aws/mediaconvert/{name}"))
            .send()
            .await
            .unwrap();
    });
    let gone = [
        "cloudfront.aws_s3_bucket_policy.this",
        "iam.aws_iam_role_policy.mediaconvert",
        "mediaconvert.aws_media_convert_job_template.this",
        "mediaconvert.aws_cloudwatch_log_group.this",
    ];
    let found = gone.map(|address| (address, &["gone"][..]));
    assert_repaired(&world, &found, &gone.map(|address| (address, "create")));
}

#[test]
fn what_was_deleted_with_all_that_hangs_on_it_is_made_again() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world, "us-east-1");
    let masters = format!("{}-master-uploads-dev", world.project());
    let secret = format!("{}/dev/cloudfront_private_key", world.project());
    world.wait(async {
        cloud.s3.delete_bucket().bucket(&masters).send().await.unwrap();
        let delete = cloud.secrets.delete_secret().secret_id(&secret).force_delete_without_recovery(true);
        delete.send().await.unwrap();
    });
    // The value is nowhere to be had any more: there has to be another pair.
    assert_repaired(
        &world,
        &[
            ("masters.aws_s3_bucket.this", &["gone"]),
            ("private_key.aws_secretsmanager_secret.this", &["gone"]),
            ("private_key.aws_secretsmanager_secret_version.this", &["gone"]),
        ],
        &[
            ("masters.aws_s3_bucket.this", "create"),
            ("private_key.aws_secretsmanager_secret.this", "create"),
            ("private_key.aws_secretsmanager_secret_version.this", "create"),
            ("keys.tls_private_key.generated[\"1\"]", "replace"),
            ("keys.aws_cloudfront_public_key.generated[\"1\"]", "replace"),
            ("keys.aws_cloudfront_key_group.this", "update"),
            ("iam.aws_iam_policy.rails", "update"),
            // Its bucket's ARN is not known until it is made.
            ("iam.aws_iam_role_policy.mediaconvert", "update"),
        ],
    );
}

#[test]
fn a_destroy_minds_nothing_that_is_gone_already() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world, "us-east-1");
    world.wait(async {
        let masters = format!("{}-master-uploads-dev", world.project());
        cloud.s3.delete_bucket().bucket(&masters).send().await.unwrap();
        let role = format!("{}-dev-mediaconvert", world.project());
        cloud.iam.delete_role_policy().role_name(&role).policy_name("media").send().await.unwrap();
        cloud.iam.delete_role().role_name(&role).send().await.unwrap();
    });
    world.succeed(&["destroy", DEV, "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
    assert!(!world.read(&format!("state/{}-dev.json", world.project())).contains("aws_"), "nor in the state");
}
