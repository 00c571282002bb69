//! `envs/signed-urls/dev.toml`: all modules together.

use provision_tests::{Signer, World, actions};

use crate::cloud::{Cloud, outputs};
use crate::requirements::{bucket, distribution, key_pair, role, table};

const ENVIRONMENT: &str = "envs/signed-urls/dev.toml";

/// A portfolio as it is meant to be.
#[derive(Default)]
struct Expected<'a> {
    bucket: Option<&'a str>,
    expires_after_days: Option<i32>,
    domain: Option<distribution::Domain<'a>>,
    has_no_table: bool,
}

fn assert_met(world: &World, cloud: &Cloud, expected: Expected<'_>) {
    let outputs = outputs(world, ENVIRONMENT);
    let text = |name: &str| outputs[name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned();
    let name = format!("{}-dev", world.project());
    let beginning = format!("{}-files-dev-", world.project());
    world.wait(async {
        let bucket = expected.bucket.ok_or(beginning.as_str());
        let expected_bucket =
            bucket::Expected { name: bucket, expires_after_days: expected.expires_after_days };
        bucket::assert_met(cloud, &expected_bucket, &outputs).await;
        bucket::assert_open_to_the_distribution(cloud, &text("s3_bucket_name"), true).await;
        key_pair::assert_met(cloud, &name, &outputs).await;
        let expected_distribution = distribution::Expected {
            bucket: &text("s3_bucket_name"),
            key_group: &text("cloudfront_key_group_id"),
            domain: expected.domain,
        };
        distribution::assert_met(cloud, &expected_distribution, &outputs).await;
        let table_arn = if expected.has_no_table {
            table::assert_absent(cloud, &outputs).await;
            None
        } else {
            table::assert_met(cloud, &format!("{name}-files"), "file_id", &outputs).await;
            Some(text("dynamo_db_table_arn"))
        };
        let expected_role = role::Expected {
            name: &format!("{name}-signer"),
            secret: &text("private_key_secret_arn"),
            table: table_arn.as_deref(),
            principals: &[("AWS", &format!("arn:aws:iam::{}:root", world.account()))],
        };
        role::assert_met(cloud, &expected_role, &outputs).await;
    });
}

fn apply(world: &World) {
    let plan = world.plan(&[ENVIRONMENT]);
    assert!(
        actions(&plan).values().all(|action| ["create", "read"].contains(&action.as_str())),
        "{:?}",
        actions(&plan)
    );
    world.succeed(&["apply"]);
    world.assert_no_changes(ENVIRONMENT);
}

fn destroy(world: &World) {
    world.succeed(&["destroy", ENVIRONMENT, "--auto-approve"]);
}

#[test]
fn the_portfolio_applies_as_it_stands_and_leaves_nothing() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    // Epic, line 22: the entire stack with a single click.
    apply(&world);
    assert_met(&world, &cloud, Expected::default());

    // Modules, lines 106 to 108: what the application signs with, the distribution trusts.
    let signer =
        Signer::new(&world, outputs(&world, ENVIRONMENT)["private_key_secret_arn"].as_str().unwrap());
    let signature = world.wait(signer.sign());
    assert_eq!(signature.trusted, [signature.key_pair_id]);
    // And nobody else has the key.
    let secret = cloud.secrets.list_secrets().send();
    let secret = world.wait(secret).unwrap().secret_list()[0].arn().unwrap().to_owned();
    let value = world.wait(cloud.secrets.get_secret_value().secret_id(secret).send()).unwrap();
    let line = value.secret_string().unwrap().lines().nth(1).unwrap().to_owned();
    let state = world.read(&format!("state/{}-dev.json", world.project()));
    assert!(
        !state.contains(&line),
        "epic, line 12: the private key is stored in Secrets Manager, and not in the state"
    );

    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn the_portfolio_has_what_it_is_given() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    let zone_name = format!("{}.example.com", world.project());
    let domain = format!("files.{zone_name}");
    let zone = world.wait(cloud.make_zone(&zone_name));
    let certificate = world.wait(cloud.make_certificate());
    let bucket = format!("{}-own", world.project());
    let before = world.resources();
    let world = world
        .with_variable("PROVISION_VAR_custom_domain_name", &domain)
        .with_variable("PROVISION_VAR_acm_certificate_arn", &certificate)
        .with_variable("PROVISION_VAR_hosted_zone_id", &zone)
        .with_variable("PROVISION_VAR_bucket_name", &bucket)
        .with_variable(
            "PROVISION_VAR_lifecycle_configuration",
            r#"[{ "id": "expire", "enabled": true, "expiration": { "days": 30 } }]"#,
        )
        .with_variable("PROVISION_VAR_include_table", "false");
    apply(&world);
    let own = |zone| distribution::Domain { name: &domain, certificate: &certificate, zone };
    let given = Expected {
        bucket: Some(&bucket),
        expires_after_days: Some(30),
        domain: Some(own(Some(&zone))),
        has_no_table: true,
    };
    assert_met(&world, &cloud, given);
    destroy(&world);
    assert_eq!(world.resources(), before, "neither the zone nor the certificate is ours");
}

#[test]
fn a_portfolio_without_a_table_gets_one_and_loses_it() {
    let world = World::new().with_variable("PROVISION_VAR_include_table", "false");
    let cloud = Cloud::of(&world);
    apply(&world);
    assert_met(&world, &cloud, Expected { has_no_table: true, ..Expected::default() });
    let world = world.with_variable("PROVISION_VAR_include_table", "true");
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    world.assert_no_changes(ENVIRONMENT);
    assert_met(&world, &cloud, Expected::default());
    let world = world.with_variable("PROVISION_VAR_include_table", "false");
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    world.assert_no_changes(ENVIRONMENT);
    assert_met(&world, &cloud, Expected { has_no_table: true, ..Expected::default() });
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}
