//! A key pair is changed for another, and the run is killed: whoever signs meanwhile is trusted at every moment, and the
//! next run finishes what was begun.

use std::collections::BTreeMap;

use provision_tests::{Signature, Signer, World};

use crate::killing::{Moment, at_each_call, kill};

const PAIR: &str = "envs/pair.toml";
const APPLY: [&str; 3] = ["apply", PAIR, "--auto-approve"];
const ROTATE: [&str; 3] = ["rotate", PAIR, "--auto-approve"];

/// A key pair, and a distribution that trusts it.
const TEXT: &str = r#"[env]
name = "pair"
project = "PROJECT"
region = "us-east-1"

[module.keys]
source = "../modules/signed-urls-key-pair"
key_group_name = "${env.project}"
key_overlap = "24h"
secret_recovery_window_in_days = 0

[resource.aws_cloudfront_distribution.site]
enabled = true
restrictions = { geo_restriction = { restriction_type = "none" } }
viewer_certificate = { cloudfront_default_certificate = true }

[[resource.aws_cloudfront_distribution.site.origin]]
origin_id = "site"
domain_name = "www.example.com"
custom_origin_config = { http_port = 80, https_port = 443, origin_protocol_policy = "https-only", origin_ssl_protocols = ["TLSv1.2"] }

[resource.aws_cloudfront_distribution.site.default_cache_behavior]
target_origin_id = "site"
viewer_protocol_policy = "https-only"
allowed_methods = ["GET", "HEAD"]
cached_methods = ["GET", "HEAD"]
cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6" # Managed-CachingOptimized
trusted_key_groups = ["${module.keys.cloudfront_key_group_id}"]
"#;

/// A world with the pair, where making a key takes no time to speak of.
fn world_with_pair() -> World {
    let world = World::new();
    world.write(PAIR, &TEXT.replace("PROJECT", world.project()));
    let (slow, quick) =
        ("algorithm = \"RSA\"\nrsa_bits = 2048", "algorithm = \"ECDSA\"\necdsa_curve = \"P256\"");
    world.edit("modules/cloudfront_keys/module.toml", slow, quick);
    world.succeed(&APPLY);
    world
}

fn sign(world: &World) -> Signature {
    let signer = Signer::new(world, format!("{}/private_key", world.project()));
    world.wait(async move { signer.sign().await })
}

/// Lets the overlap be over: the next apply lets the old key go.
fn end_overlap(world: &World) {
    world.edit(PAIR, "key_overlap = \"24h\"", "key_overlap = \"0s\"");
}

/// Asserts that there is one pair, which is in use, and nothing left to do.
fn assert_whole(world: &World) {
    assert_eq!(sign(world).trusted.len(), 1, "one key is trusted");
    let mut kinds = BTreeMap::new();
    for resource in world.resources() {
        *kinds.entry(resource.kind).or_insert(0) += 1;
    }
    let expected = ["distribution", "key_group", "public_key", "secret"].map(|kind| (kind.to_owned(), 1));
    assert_eq!(kinds, BTreeMap::from(expected), "each resource exists once");
    world.assert_no_changes(PAIR);
}

fn begun_and_killed_at_each_call(moment: Moment) {
    at_each_call(|number| {
        let world = world_with_pair();
        let old = sign(&world).key_pair_id;
        let call = kill(&world, &ROTATE, moment, number);
        sign(&world);
        if let Some(call) = &call {
            println!("{number}: the rotation was killed at {} {}", call.service, call.operation);
            world.succeed(&ROTATE);
        }
        let signed = sign(&world);
        assert_ne!(signed.key_pair_id, old, "the new key is in use");
        assert_eq!(signed.trusted.len(), 2, "and the old one is trusted for a while: {signed:?}");
        assert!(signed.trusted.contains(&old), "{signed:?}");
        end_overlap(&world);
        world.succeed(&APPLY);
        assert_whole(&world);
        call.is_some()
    });
}

#[test]
fn a_rotation_that_was_killed_at_any_call_is_finished_by_the_next_run() {
    begun_and_killed_at_each_call(Moment::AfterAnyCall);
}

#[test]
fn a_rotation_that_was_killed_before_any_change_arrived_is_finished_by_the_next_run() {
    begun_and_killed_at_each_call(Moment::BeforeAnyChange);
}

#[test]
fn an_old_key_goes_although_the_run_that_lets_it_go_is_killed() {
    for moment in [Moment::AfterAnyCall, Moment::BeforeAnyChange] {
        at_each_call(|number| {
            let world = world_with_pair();
            world.succeed(&ROTATE);
            let signed = sign(&world);
            end_overlap(&world);
            let call = kill(&world, &APPLY, moment, number);
            sign(&world);
            if let Some(call) = &call {
                println!("{number}: the end was killed at {} {}", call.service, call.operation);
                world.succeed(&APPLY);
            }
            assert_eq!(sign(&world).trusted, [signed.key_pair_id], "the new key alone is trusted");
            assert_whole(&world);
            call.is_some()
        });
    }
}
