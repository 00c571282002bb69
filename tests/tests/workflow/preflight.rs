//! What would fail is said before anything is touched; and without looking, it fails.

use provision_sandbox::{Effect, Fault};
use provision_tests::World;

use crate::environment::{ENVIRONMENT, TEXT, applied, changes, world, write};

const HEAD: &str = "[env]\nname = \"dev\"\nproject = \"story\"\nregion = \"us-east-1\"\n";

/// A distribution, with room for more arguments.
fn distribution(more: &str) -> String {
    format!(
        r#"
[resource.aws_cloudfront_distribution.cdn]
enabled = true
wait_for_deployment = false
origin = [{{ origin_id = "videos", domain_name = "videos.s3.us-east-1.amazonaws.com" }}]
restrictions = {{ geo_restriction = {{ restriction_type = "none" }} }}
{more}

[resource.aws_cloudfront_distribution.cdn.default_cache_behavior]
target_origin_id = "videos"
viewer_protocol_policy = "redirect-to-https"
allowed_methods = ["GET", "HEAD"]
cached_methods = ["GET", "HEAD"]
cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"#
    )
}

/// Plans `ENVIRONMENT`, shows what is said of it, and expects that it is refused with nothing touched; and that without
/// a look ahead it fails: AWS refuses this operation, or nothing is sent because of what is there.
fn foretold(world: &World, refused: Option<&str>) -> String {
    let screens = world.screens(&["plan", ENVIRONMENT]);
    let touched = changes(world, || {
        let refused = world.provision(&["apply", ENVIRONMENT, "--auto-approve"]);
        assert!(refused.code == Some(1) && refused.stderr.contains("Nothing was touched"), "{refused}");
    });
    assert_eq!(touched, [""; 0]);
    let before = world.wait(world.control().calls()).unwrap().len();
    let mut run = world.spawn(&["apply", ENVIRONMENT, "--auto-approve", "--preflight=false"]);
    // AWS is asked again for a while, since what stands in the way may be about to go: its first word is enough.
    let is_refused = || {
        let calls = world.wait(world.control().calls()).unwrap();
        calls.iter().skip(before).any(|call| {
            Some(call.operation.as_str()) == refused && call.status.is_some_and(|status| status >= 400)
        })
    };
    while !run.has_ended() {
        if is_refused() {
            run.kill();
            return screens;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let failed = run.wait();
    assert!(failed.code == Some(1) && (refused.is_none() || is_refused()), "{refused:?}: {failed}");
    screens
}

/// The end of a screen, from what would fail.
fn of_failures(screens: &str) -> String {
    let parts = screens.split("===").filter(|part| !part.is_empty());
    let parts = parts.map(|part| {
        let (columns, _) = part.split_once('\n').unwrap();
        let (_, failures) =
            part.split_once("This would fail:").unwrap_or_else(|| panic!("something would fail: {part}"));
        format!("==={columns}\nThis would fail:{failures}")
    });
    parts.collect()
}

#[test]
fn a_bucket_whose_name_somebody_else_has() {
    let (world, other) = (world(), World::new());
    let s3 = aws_sdk_s3::config::Builder::from(&other.sdk()).force_path_style(true).build();
    let name = format!("{}-uploads", world.project());
    other.wait(async {
        aws_sdk_s3::Client::from_conf(s3).create_bucket().bucket(&name).send().await.unwrap()
    });
    insta::assert_snapshot!("bucket_taken", of_failures(&foretold(&world, None)));
}

#[test]
fn what_is_there_already_can_be_adopted() {
    let world = world();
    let sqs = aws_sdk_sqs::Client::new(&world.sdk());
    let name = format!("{}-uploads", world.project());
    world.wait(async { sqs.create_queue().queue_name(&name).send().await.unwrap() });
    insta::assert_snapshot!("adoption_offered", of_failures(&foretold(&world, None)));
}

#[test]
fn a_certificate_of_another_region_or_not_issued() {
    let world = World::new();
    let acm = aws_sdk_acm::Client::new(&world.sdk());
    let request =
        world.wait(async { acm.request_certificate().domain_name("cdn.example.com").send().await.unwrap() });
    let pending = request.certificate_arn().unwrap().to_owned();
    let with = |arn: &str| {
        let certificate = format!(
            "aliases = [\"cdn.example.com\"]\nviewer_certificate = {{ acm_certificate_arn = \"{arn}\", ssl_support_method = \"sni-only\", minimum_protocol_version = \"TLSv1.2_2021\" }}"
        );
        world.write(ENVIRONMENT, &format!("{HEAD}{}", distribution(&certificate)));
    };
    with(&pending);
    let steady =
        |screens: String| screens.replace(&pending, "arn:aws:acm:us-east-1:210987654321:certificate/PENDING");
    let screens = of_failures(&foretold(&world, Some("CreateDistributionWithTags")));
    insta::assert_snapshot!("certificate_pending", steady(screens));
    // That it is of another region is wrong whatever is there.
    with(&pending.replace("us-east-1", "eu-west-1"));
    let id = pending.rsplit('/').next().unwrap();
    insta::assert_snapshot!(
        "certificate_region",
        world.screens(&["validate", ENVIRONMENT]).replace(id, "PENDING")
    );
}

#[test]
fn an_alias_that_another_distribution_has() {
    let world = World::new();
    let domain = format!("{}.example.com", world.project());
    let certificate = format!(
        "\n[module.certificate]\nsource = \"../modules/cloudfront_certificate\"\ndomain_name = \"{domain}\"\n"
    );
    let alias = |arn: &str| {
        let viewer = format!(
            "{{ acm_certificate_arn = \"{arn}\", ssl_support_method = \"sni-only\", minimum_protocol_version = \"TLSv1.2_2021\" }}"
        );
        distribution(&format!("aliases = [\"{domain}\"]\nviewer_certificate = {viewer}"))
    };
    let output = "\n[output.arn]\nvalue = \"${module.certificate.certificate_arn}\"\n[output.id]\nvalue = \"${aws_cloudfront_distribution.cdn.id}\"\n";
    let first = format!("{HEAD}{certificate}{}{output}", alias("${module.certificate.certificate_arn}"));
    world.write("envs/first.toml", &first.replace("\"dev\"", "\"first\""));
    world.succeed(&["apply", "envs/first.toml", "--auto-approve"]);
    let output = |name: &str| {
        world.succeed(&["output", "envs/first.toml", name, "--format", "raw"]).stdout.trim().to_owned()
    };
    let (arn, id) = (output("arn"), output("id"));
    world.write(ENVIRONMENT, &format!("{HEAD}{}", alias(&arn)));
    let screens = of_failures(&foretold(&world, Some("CreateDistributionWithTags")));
    insta::assert_snapshot!("alias_taken", screens.replace(&id, "E00000000FIRST"));
    // The one that has it is in nobody's way.
    world.assert_no_changes("envs/first.toml");
}

#[test]
fn a_secret_and_a_key_that_are_about_to_go() {
    let world = World::new();
    let name = format!("{}-token", world.project());
    let secrets = aws_sdk_secretsmanager::Client::new(&world.sdk());
    let kms = aws_sdk_kms::Client::new(&world.sdk());
    let key = world.wait(async {
        secrets.create_secret().name(&name).secret_string("x").send().await.unwrap();
        secrets.delete_secret().secret_id(&name).send().await.unwrap();
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
        kms.schedule_key_deletion().key_id(&key.key_id).send().await.unwrap();
        key.arn.unwrap()
    });
    world.write(
        ENVIRONMENT,
        &format!("{HEAD}\n[resource.aws_secretsmanager_secret.token]\nname = \"{name}\"\n"),
    );
    insta::assert_snapshot!("secret_going", of_failures(&foretold(&world, Some("CreateSecret"))));
    let group =
        format!("\n[resource.aws_cloudwatch_log_group.logs]\nname = \"/{name}\"\nkms_key_id = \"{key}\"\n");
    world.write(ENVIRONMENT, &format!("{HEAD}{group}"));
    let id = key.rsplit('/').next().unwrap();
    let screens = of_failures(&foretold(&world, Some("CreateLogGroup")));
    insta::assert_snapshot!("key_going", screens.replace(id, "00000000-0000-0000-0000-000000000000"));
}

#[test]
fn more_roles_than_the_account_can_have() {
    const QUOTA: usize = 1000;
    let world = World::new();
    let iam = aws_sdk_iam::Client::new(&world.sdk());
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    world.wait(async {
        for batch in (0..QUOTA - 1).collect::<Vec<_>>().chunks(50) {
            let create = |number: &usize| {
                iam.create_role().role_name(format!("r{number}")).assume_role_policy_document(trust).send()
            };
            for made in batch.iter().map(create).map(|call| tokio::spawn(call)).collect::<Vec<_>>() {
                made.await.unwrap().unwrap();
            }
        }
    });
    let role = |name: &str| {
        format!("\n[resource.aws_iam_role.{name}]\nname = \"{name}\"\nassume_role_policy = '{trust}'\n")
    };
    world.write(
        ENVIRONMENT,
        &format!("{HEAD}{}{}", role("one"), role("two") + "depends_on = [\"aws_iam_role.one\"]\n"),
    );
    insta::assert_snapshot!("quota", of_failures(&foretold(&world, Some("CreateRole"))));
}

#[test]
fn a_key_that_is_still_in_use() {
    let world = World::new();
    let key = format!(
        "{HEAD}\n[resource.tls_private_key.pair]\nalgorithm = \"RSA\"\n\n[resource.aws_cloudfront_public_key.key]\nname = \"{}\"\n\
         encoded_key = \"${{tls_private_key.pair.public_key_pem}}\"\n\n[output.id]\nvalue = \"${{aws_cloudfront_public_key.key.id}}\"\n",
        world.project()
    );
    world.write(ENVIRONMENT, &key);
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    let id = world.succeed(&["output", ENVIRONMENT, "id", "--format", "raw"]).stdout.trim().to_owned();
    let cloudfront = aws_sdk_cloudfront::Client::new(&world.sdk());
    let config = aws_sdk_cloudfront::types::KeyGroupConfig::builder()
        .name(world.project())
        .items(&id)
        .build()
        .unwrap();
    let group =
        world.wait(async { cloudfront.create_key_group().key_group_config(config).send().await.unwrap() });
    let group = group.key_group.unwrap().id;
    world.write(ENVIRONMENT, HEAD);
    insta::assert_snapshot!(
        "key_in_use",
        of_failures(&foretold(&world, Some("DeletePublicKey")))
            .replace(&group, "00000000-0000-0000-0000-000000000000")
    );
}

#[test]
fn a_policy_that_a_distribution_of_somebody_else_uses() {
    let world = World::new();
    let policy = format!(
        "\n[resource.aws_cloudfront_cache_policy.own]\nname = \"{}\"\nmin_ttl = 1\n\
         parameters_in_cache_key_and_forwarded_to_origin = {{ cookies_config = {{ cookie_behavior = \"none\" }}, \
         headers_config = {{ header_behavior = \"none\" }}, query_strings_config = {{ query_string_behavior = \"none\" }} }}\n",
        world.project()
    );
    let cdn = distribution("viewer_certificate = { cloudfront_default_certificate = true }")
        .replace("\"658327ea-f89d-4fab-a63d-7e88639e58f6\"", "\"${aws_cloudfront_cache_policy.own.id}\"");
    world.write(
        ENVIRONMENT,
        &format!("{HEAD}{policy}{cdn}\n[output.id]\nvalue = \"${{aws_cloudfront_distribution.cdn.id}}\"\n"),
    );
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    let id = world.succeed(&["output", ENVIRONMENT, "id", "--format", "raw"]).stdout.trim().to_owned();
    // Both go together, and neither is in the way of the other.
    let both = world.succeed(&["plan", ENVIRONMENT, "--destroy"]);
    assert!(!both.stdout.contains("This would fail"), "{both}");
    world.succeed(&["state", "rm", ENVIRONMENT, "aws_cloudfront_distribution.cdn"]);
    world.write(ENVIRONMENT, HEAD);
    let screens = of_failures(&foretold(&world, Some("DeleteCachePolicy")));
    insta::assert_snapshot!("policy_in_use", screens.replace(&id, "E0000000000000"));
}

#[test]
fn what_a_delete_takes_with_it() {
    let world = applied();
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&world.sdk()).force_path_style(true).build(),
    );
    let bucket = format!("{}-uploads", world.project());
    world.wait(async {
        for key in ["a.mp4", "b.mp4", "c.mp4"] {
            s3.put_object().bucket(&bucket).key(key).body(Vec::from("x").into()).send().await.unwrap();
        }
    });
    let (before, _) = TEXT.split_once("[resource.aws_s3_bucket").unwrap();
    write(&world, before);
    insta::assert_snapshot!("bucket_not_empty", foretold(&world, Some("DeleteBucket")));
    world.write(
        ENVIRONMENT,
        &format!("{HEAD}\n[resource.aws_s3_bucket.uploads]\nbucket = \"{bucket}\"\nforce_destroy = true\n"),
    );
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    write(&world, before);
    insta::assert_snapshot!("takes_along", world.screens(&["plan", ENVIRONMENT]));
    world.succeed(&["apply"]);
    assert_eq!(world.resources(), []);
}

#[test]
fn what_cannot_be_looked_at_is_said_and_stops_nothing() {
    let world = World::new();
    let kms = aws_sdk_kms::Client::new(&world.sdk());
    let key = world.wait(async { kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id });
    let secret = format!(
        "\n[resource.aws_secretsmanager_secret.token]\nname = \"{}\"\nkms_key_id = \"{key}\"\n",
        world.project()
    );
    world.write(ENVIRONMENT, &format!("{HEAD}{secret}"));
    let (code, message) = ("AccessDeniedException".to_owned(), "You may not.".to_owned());
    let effect = Effect::Error { status: 400, code, message };
    let fault = Fault { operation: Some("DescribeKey".to_owned()), ..Fault::new(effect) };
    world.wait(world.control().inject(&fault)).unwrap();
    insta::assert_snapshot!(
        "unseen",
        world.screens(&["plan", ENVIRONMENT]).replace(&key, "00000000-0000-0000-0000-000000000000")
    );
    world.succeed(&["apply"]);
}
