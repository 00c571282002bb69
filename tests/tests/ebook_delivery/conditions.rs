//! What depends on a parameter, the other way round than in the environments as they stand.

use aws_sdk_route53::types::HostedZone;
use provision_tests::{World, actions};

use crate::cloud::Cloud;
use crate::requirements::{Access, Expected, assert_met};

const DEV: &str = "envs/ebook-delivery/dev.toml";
/// Where an input of the module can be added.
const INPUT: &str = "source = \"../../modules/ebook-delivery\"\n";

fn expected(world: &World) -> Expected<'_> {
    Expected {
        project: world.project(),
        environment: "dev",
        region: "us-east-1",
        account: world.account(),
        domain: Some("ebooks-dev.publisher.com"),
        zone: None,
        access: Access::Control { given_key: None },
    }
}

fn apply(world: &World) {
    world.succeed(&["apply", DEV, "--auto-approve"]);
    world.assert_no_changes(DEV);
}

fn destroy(world: &World) {
    world.succeed(&["destroy", DEV, "--auto-approve"]);
}

#[test]
fn a_key_that_is_given_is_used_and_stays() {
    let world = World::new();
    let cloud = Cloud::of(&world, "us-east-1");
    let key = world.wait(cloud.make_key("alias/publisher"));
    let before = world.resources();
    let world = world.with_variable("PROVISION_VAR_kms_key_alias", "alias/publisher");
    apply(&world);
    let access = Access::Control { given_key: Some(&key) };
    assert_met(&world, &cloud, &Expected { access, ..expected(&world) });
    destroy(&world);
    assert_eq!(world.resources(), before, "the key is not ours");
}

#[test]
fn a_key_of_awss_own_is_refused() {
    let world = World::new().with_variable("PROVISION_VAR_kms_key_alias", "alias/aws/s3");
    let refused = world.provision(&["validate", DEV]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("cannot be opened to CloudFront"), "{refused}");
}

#[test]
fn an_identity_reads_what_s3_encrypts_by_itself() {
    let world = World::new();
    let cloud = Cloud::of(&world, "us-east-1");
    world.edit(DEV, INPUT, &format!("{INPUT}origin_access = \"oai\"\nsse_algorithm = \"AES256\"\n"));
    apply(&world);
    assert_met(&world, &cloud, &Expected { access: Access::Identity, ..expected(&world) });

    // From the forerunner to its successor, under readers who notice nothing.
    let both = "origin_access = \"oai\"\nsse_algorithm = \"AES256\"\n";
    world.edit(DEV, both, "origin_access = \"oac\"\nsse_algorithm = \"aws:kms\"\n");
    let plan = actions(&world.plan(&[DEV]));
    let of = |address: &str| plan.get(address).map(String::as_str);
    assert_eq!(of("ebooks.delivery.aws_cloudfront_distribution.this"), Some("update"), "{plan:?}");
    assert_eq!(of("ebooks.delivery.aws_cloudfront_origin_access_identity.this"), Some("delete"), "{plan:?}");
    assert_eq!(of("ebooks.books.aws_s3_bucket.this"), Some("update"), "{plan:?}");
    world.succeed(&["apply"]);
    world.assert_no_changes(DEV);
    assert_met(&world, &cloud, &expected(&world));
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn an_identity_cannot_read_what_kms_encrypts() {
    let world = World::new();
    world.edit(DEV, INPUT, &format!("{INPUT}origin_access = \"oai\"\n"));
    for command in ["validate", "plan"] {
        let refused = world.provision(&[command, DEV]);
        assert_eq!(refused.code, Some(1), "{refused}");
        let why = "an origin access identity cannot read what is encrypted with a KMS key";
        assert!(refused.stderr.contains(why), "{refused}");
    }
    assert_eq!(world.resources(), []);
}

#[test]
fn readers_need_no_domain() {
    let world = World::new().with_variable("PROVISION_VAR_domain_name", "");
    let cloud = Cloud::of(&world, "us-east-1");
    apply(&world);
    assert_met(&world, &cloud, &Expected { domain: None, ..expected(&world) });
    destroy(&world);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn a_zone_that_is_given_is_used_and_stays_and_alarms_are_where_the_metrics_are() {
    let world = World::new();
    // Wherever the rest is.
    world.edit(DEV, "region = \"us-east-1\"", "region = \"eu-west-1\"");
    let cloud = Cloud::of(&world, "eu-west-1");
    let zone = world.wait(make_zone(&cloud, "publisher.com"));
    let id = zone.id().trim_start_matches("/hostedzone/").to_owned();
    let before = world.resources();
    let world = world.with_variable("PROVISION_VAR_hosted_zone_id", &id);
    apply(&world);
    assert_met(&world, &cloud, &Expected { region: "eu-west-1", zone: Some(&id), ..expected(&world) });
    destroy(&world);
    assert_eq!(world.resources(), before, "the zone is not ours");
}

#[test]
fn a_zone_without_a_domain_is_refused() {
    let world = World::new()
        .with_variable("PROVISION_VAR_domain_name", "")
        .with_variable("PROVISION_VAR_hosted_zone_id", "Z0123456789ABCDEFGHIJ");
    let refused = world.provision(&["validate", DEV]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("a zone is for a domain"), "{refused}");
}

async fn make_zone(cloud: &Cloud, name: &str) -> HostedZone {
    let request = cloud.route53.create_hosted_zone().name(name).caller_reference("a story");
    request.send().await.unwrap().hosted_zone.unwrap()
}
