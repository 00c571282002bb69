//! `envs/prod.toml` with a domain of one's own: with a zone and a certificate that were given or not.

use aws_sdk_acm::types::{CertificateStatus, ValidationMethod};
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use provision_tests::{World, actions};

use crate::cloud::Cloud;
use crate::requirements::{Domain, Expected, assert_met};

const ENVIRONMENT: &str = "envs/prod.toml";

#[test]
fn prod_makes_the_zone_and_requests_the_certificate() {
    let world = World::new();
    // CloudFront's certificate is in us-east-1 all the same.
    world.edit(ENVIRONMENT, "region = \"us-east-1\"", "region = \"eu-west-1\"");
    let domain = domain(&world);
    let world = world
        .with_variable("PROVISION_VAR_domain_name", &domain)
        .with_variable("PROVISION_VAR_hosted_zone_name", zone_of(&domain));
    let cloud = Cloud::of(&world, "eu-west-1");
    apply(&world);
    let zone = world.wait(only_zone(&cloud));
    live_and_go(&world, &cloud, "eu-west-1", &Domain { name: &domain, zone: &zone, certificate: None });
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn prod_requests_the_certificate_in_a_zone_that_was_there() {
    let world = World::new();
    let cloud = Cloud::of(&world, "us-east-1");
    let domain = domain(&world);
    let zone = world.wait(make_zone(&cloud, zone_of(&domain)));
    let world = world
        .with_variable("PROVISION_VAR_domain_name", &domain)
        .with_variable("PROVISION_VAR_hosted_zone_id", &zone);
    let before = world.resources();
    apply(&world);
    live_and_go(&world, &cloud, "us-east-1", &Domain { name: &domain, zone: &zone, certificate: None });
    assert_eq!(world.resources(), before, "the zone is not ours");
}

#[test]
fn prod_takes_a_certificate_and_a_zone_that_were_there() {
    let world = World::new();
    let cloud = Cloud::of(&world, "us-east-1");
    let domain = domain(&world);
    let zone = world.wait(make_zone(&cloud, zone_of(&domain)));
    let certificate = world.wait(certify(&cloud, &domain, &zone));
    let world = world
        .with_variable("PROVISION_VAR_domain_name", &domain)
        .with_variable("PROVISION_VAR_hosted_zone_id", &zone)
        .with_variable("PROVISION_VAR_acm_certificate_arn", &certificate);
    let before = world.resources();
    apply(&world);
    let domain = Domain { name: &domain, zone: &zone, certificate: Some(&certificate) };
    live_and_go(&world, &cloud, "us-east-1", &domain);
    assert_eq!(world.resources(), before, "neither the zone nor the certificate is ours");
}

#[test]
fn prod_makes_the_zone_for_a_certificate_that_was_there() {
    let world = World::new();
    let cloud = Cloud::of(&world, "us-east-1");
    let domain = domain(&world);
    // What proves the domain to ACM need not be where the domain is served from.
    let proof = world.wait(make_zone(&cloud, zone_of(&domain)));
    let certificate = world.wait(certify(&cloud, &domain, &proof));
    let world = world
        .with_variable("PROVISION_VAR_domain_name", &domain)
        .with_variable("PROVISION_VAR_hosted_zone_name", &domain)
        .with_variable("PROVISION_VAR_acm_certificate_arn", &certificate);
    let before = world.resources();
    apply(&world);
    let zones = world.wait(zones(&cloud));
    let [zone] = zones.iter().filter(|zone| **zone != proof).collect::<Vec<_>>()[..] else {
        panic!("one zone more than {proof}: {zones:?}")
    };
    let domain = Domain { name: &domain, zone, certificate: Some(&certificate) };
    live_and_go(&world, &cloud, "us-east-1", &domain);
    assert_eq!(world.resources(), before, "the certificate is not ours");
}

#[test]
fn prod_applies_as_it_stands() {
    let world = World::new();
    apply(&world);
    let cloud = Cloud::of(&world, "us-east-1");
    assert_met(&world, &cloud, &expected(&world, "us-east-1", None));
    let refused = world.provision(&["destroy", ENVIRONMENT, "--auto-approve"]);
    assert_eq!(refused.code, Some(1), "it is protected: {refused}");
    assert!(refused.stderr.contains("--allow-destroy"), "{refused}");
    world.assert_no_changes(ENVIRONMENT);
    world.succeed(&["destroy", ENVIRONMENT, "--auto-approve", "--allow-destroy"]);
    assert_eq!(world.resources(), [], "nothing is left");
}

fn apply(world: &World) {
    let plan = world.plan(&[ENVIRONMENT]);
    let made = ["create", "read"];
    assert!(actions(&plan).values().all(|action| made.contains(&action.as_str())), "{:?}", actions(&plan));
    world.succeed(&["apply"]);
    world.assert_no_changes(ENVIRONMENT);
}

fn live_and_go(world: &World, cloud: &Cloud, region: &str, domain: &Domain<'_>) {
    assert_met(world, cloud, &expected(world, region, Some(domain)));
    world.succeed(&["destroy", ENVIRONMENT, "--auto-approve", "--allow-destroy"]);
}

fn expected<'a>(world: &'a World, region: &'a str, domain: Option<&'a Domain<'a>>) -> Expected<'a> {
    Expected {
        project: world.project(),
        environment: "prod",
        region,
        account: world.account(),
        admin_origins: &["https://admin.example.com"],
        glacier_after_days: 90,
        domain,
        private_key_is_stored: false,
    }
}

/// A domain that nobody else has: the names of distributions are one space for all accounts.
fn domain(world: &World) -> String {
    format!("cdn.{}.example", world.project())
}

fn zone_of(domain: &str) -> &str {
    domain.split_once('.').unwrap().1
}

async fn make_zone(cloud: &Cloud, name: &str) -> String {
    let made = cloud.route53.create_hosted_zone().name(name).caller_reference("given").send().await.unwrap();
    made.hosted_zone().unwrap().id().trim_start_matches("/hostedzone/").to_owned()
}

async fn zones(cloud: &Cloud) -> Vec<String> {
    let list = cloud.route53.list_hosted_zones().send().await.unwrap();
    list.hosted_zones().iter().map(|zone| zone.id().trim_start_matches("/hostedzone/").to_owned()).collect()
}

async fn only_zone(cloud: &Cloud) -> String {
    let [zone] = &zones(cloud).await[..] else { panic!("one zone") };
    zone.clone()
}

/// A certificate that somebody requested, and proved in a zone.
async fn certify(cloud: &Cloud, domain: &str, zone: &str) -> String {
    let request =
        cloud.acm.request_certificate().domain_name(domain).validation_method(ValidationMethod::Dns);
    let arn = request.send().await.unwrap().certificate_arn.unwrap();
    let described = cloud.acm.describe_certificate().certificate_arn(&arn).send().await.unwrap();
    let certificate = described.certificate.unwrap();
    let proof = certificate.domain_validation_options()[0].resource_record().unwrap();
    let record = ResourceRecordSet::builder()
        .name(proof.name())
        .r#type(RrType::Cname)
        .ttl(60)
        .resource_records(ResourceRecord::builder().value(proof.value()).build().unwrap())
        .build()
        .unwrap();
    let change = Change::builder().action(ChangeAction::Create).resource_record_set(record).build().unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    let request = cloud.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    request.send().await.unwrap();
    let described = cloud.acm.describe_certificate().certificate_arn(&arn).send().await.unwrap();
    assert_eq!(described.certificate.unwrap().status(), Some(&CertificateStatus::Issued));
    arn
}
