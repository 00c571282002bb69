//! Storytime's environments: what there is once one is applied, and once it is destroyed.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use provision_sandbox::Resource;
use provision_tests::{Signer, World};
use serde_json::Value;

pub(crate) const APPLY: [&str; 6] =
    ["apply", "envs/dev.toml", "--auto-approve", "--preflight=false", "--lock-timeout", "60s"];
pub(crate) const DESTROY: [&str; 5] = ["destroy", "envs/dev.toml", "--auto-approve", "--lock-timeout", "60s"];
pub(crate) const APPLY_PROD: [&str; 4] = ["apply", "envs/prod.toml", "--auto-approve", "--preflight=false"];
pub(crate) const DESTROY_PROD: [&str; 4] = ["destroy", "envs/prod.toml", "--auto-approve", "--allow-destroy"];

/// A world where dev's state is in S3.
pub(crate) fn world_with_state_in_s3() -> World {
    World::new().with_state_in_s3(&["envs/dev.toml"], false)
}

/// The same, where making a key takes no time to speak of: elliptic curves are quicker than prime numbers.
pub(crate) fn world_with_quick_keys() -> World {
    let world = world_with_state_in_s3();
    let (slow, quick) =
        ("algorithm = \"RSA\"\nrsa_bits = 2048", "algorithm = \"ECDSA\"\necdsa_curve = \"P256\"");
    world.edit("modules/cloudfront_keys/module.toml", slow, quick);
    world
}

/// A world where prod has a domain, a zone for it, and a certificate.
pub(crate) fn world_with_domain() -> World {
    let world = World::new();
    let zone = format!("{}.example.com", world.project());
    world
        .with_variable("PROVISION_VAR_domain_name", &format!("cdn.{zone}"))
        .with_variable("PROVISION_VAR_hosted_zone_name", &zone)
}

/// What exists, without names that are random: two of a kind are two entries.
fn inventory(world: &World) -> Vec<Resource> {
    let own = |resource: Resource| Resource {
        id: match resource.service.as_str() {
            "acm" | "cloudfront" | "route53" => String::new(),
            _ => resource.id.replace(world.project(), "PROJECT").replace(world.account(), "ACCOUNT"),
        },
        ..resource
    };
    let mut inventory: Vec<Resource> = world.resources().into_iter().map(own).collect();
    inventory.sort();
    inventory
}

/// What exists after an apply of dev that nothing disturbed.
fn expected() -> &'static [Resource] {
    static EXPECTED: OnceLock<Vec<Resource>> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let world = World::new();
        world.succeed(&APPLY);
        inventory(&world)
    })
}

/// Asserts that an apply has finished what others had begun: everything is there, once, and as it should be.
pub(crate) fn assert_whole(world: &World) {
    assert_eq!(inventory(world), expected(), "each resource exists once");
    let state = assert_finished(world, "dev");
    assert_eq!(outputs(&state)["cloudfront_distribution_id"]["value"], id_of(world, "distribution"));
    assert_eq!(outputs(&state)["cloudfront_public_key_id"]["value"], id_of(world, "public_key"));
    // Whatever happened, cookies can be signed.
    let signer = Signer::new(world, format!("{}/dev/cloudfront_private_key", world.project()));
    assert_eq!(world.wait(async move { signer.sign().await }).trusted.len(), 1, "one key is trusted");
}

/// As [`assert_whole`], for prod with a domain.
pub(crate) fn assert_prod_whole(world: &World) {
    let expected = world_with_domain();
    expected.succeed(&APPLY_PROD);
    assert_eq!(inventory(world), inventory(&expected), "each resource exists once");
    assert_finished(world, "prod");
}

/// Asserts that a plan finds nothing to do, and nothing is pending; gives the state.
fn assert_finished(world: &World, environment: &str) -> Value {
    let path = format!("envs/{environment}.toml");
    let plan = world.provision(&["plan", &path, "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "there is nothing left to do: {plan}");
    let state = state_of(world, environment);
    assert_eq!(state.get("intents"), None, "nothing is pending");
    state
}

/// Asserts that a destroy of dev has finished what others had begun.
pub(crate) fn assert_gone(world: &World) {
    assert_gone_from(world, "dev");
}

/// Asserts that a destroy has finished what others had begun.
pub(crate) fn assert_gone_from(world: &World, environment: &str) {
    assert_eq!(world.resources(), [], "nothing exists");
    let state = state_of(world, environment);
    assert_eq!(state["resources"], serde_json::json!({}), "the state has nothing");
    assert_eq!(state.get("intents"), None, "nothing is pending");
}

/// The state of dev, with its journal folded in.
pub(crate) fn state(world: &World) -> Value {
    state_of(world, "dev")
}

fn state_of(world: &World, environment: &str) -> Value {
    let path = format!("state/{}-{environment}.json", world.project());
    if !world.directory().join(&path).exists() {
        let name = format!("{}/{environment}.json", world.project());
        assert_eq!(world.state_object(&format!("{name}.lock")), None, "the lock is given back");
        return world.state_object(&name).unwrap();
    }
    let journal = world.directory().join(format!("{path}.journal"));
    assert!(!journal.exists(), "the journal is folded in");
    serde_json::from_str(&world.read(&path)).unwrap()
}

fn outputs(state: &Value) -> &Value {
    &state["outputs"]
}

fn id_of(world: &World, kind: &str) -> String {
    let resource = world.resources().into_iter().find(|resource| resource.kind == kind);
    resource.unwrap_or_else(|| panic!("there is a {kind}")).id
}

/// The private key that is in the secret.
pub(crate) async fn private_key(sdk: &SdkConfig, project: &str) -> String {
    let secrets = aws_sdk_secretsmanager::Client::new(sdk);
    let name = format!("{project}/dev/cloudfront_private_key");
    let secret = secrets.get_secret_value().secret_id(name).send().await.unwrap();
    secret.secret_string().unwrap().to_owned()
}
