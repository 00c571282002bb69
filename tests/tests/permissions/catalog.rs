//! Service Catalog, by users who are allowed what the plans say, and not one action more; and what a new version of a
//! product means for what is launched of it.

use aws_sdk_servicecatalog::types::ProvisioningArtifactGuidance;
use provision_sandbox::Need;
use provision_tests::{World, actions};
use serde_json::Value;

use crate::policy::{assert_least, policy};

const ENVIRONMENT: &str = "envs/catalog.toml";
/// What a look ahead asks for is not needed.
const LOOK: &str = "--preflight=false";

#[test]
fn a_catalog() {
    let world = World::strict();
    let text = include_str!("../../fixtures/terraform/catalog.toml");
    world.write(ENVIRONMENT, &text.replace("\"PROJECT\"", &format!("\"{}\"", world.project())));
    let apply = policy(&world, &[ENVIRONMENT]);
    let mut before = carried_out(&world, "make", &apply, &["apply", ENVIRONMENT, "--auto-approve", LOOK], 0);
    world.assert_no_changes(ENVIRONMENT);

    world.edit(ENVIRONMENT, "owner = \"Platform\"", "owner = \"Operations\"");
    let changes = actions(&world.plan(&[ENVIRONMENT]));
    let changes: Vec<_> = changes.into_iter().collect();
    let product = ("aws_servicecatalog_product.topic".to_owned(), "update".to_owned());
    assert_eq!(changes, [product], "its version stays the same one");
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);

    world.edit(ENVIRONMENT, "name = \"v1\"", "name = \"v2\"");
    let change = policy(&world, &[ENVIRONMENT]);
    before = carried_out(&world, "change", &change, &["apply", ENVIRONMENT, "--auto-approve", LOOK], before);
    world.assert_no_changes(ENVIRONMENT);
    assert_versions(&world);

    let destroy = policy(&world, &[ENVIRONMENT, "--destroy"]);
    carried_out(&world, "destroy", &destroy, &["destroy", ENVIRONMENT, "--auto-approve", LOOK], before);
    let left = world.resources();
    assert!(left.iter().all(|left| left.service == "iam"), "nothing but the users is left: {left:?}");
}

/// Runs a command as a user who is allowed that, and fails unless all of it was needed. Gives how many needs there were.
fn carried_out(world: &World, name: &str, policy: &Value, arguments: &[&str], before: usize) -> usize {
    let user = world.user(name, policy);
    let output = world.provision_as(&user, arguments);
    assert_eq!(output.code, Some(0), "{output}");
    let control = world.control();
    let needs = world.wait(async move { control.needs().await }).unwrap();
    let needed: Vec<Need> = needs.iter().skip(before).cloned().collect();
    assert_least(policy, &needed, &format!("to {name} a catalog"));
    needs.len()
}

/// What is launched is of the newest version, and of no other can more be launched.
fn assert_versions(world: &World) {
    let client = aws_sdk_servicecatalog::Client::new(&world.sdk());
    world.wait(async {
        let product = client.describe_product_as_admin().name(format!("{}-topic", world.project()));
        let product =
            product.send().await.unwrap().product_view_detail.unwrap().product_view_summary.unwrap();
        let versions = client.list_provisioning_artifacts().product_id(product.product_id().unwrap());
        let versions = versions.send().await.unwrap().provisioning_artifact_details.unwrap();
        let guidance: Vec<_> = versions.iter().map(|one| one.guidance().unwrap().clone()).collect();
        assert_eq!(
            guidance,
            [ProvisioningArtifactGuidance::Deprecated, ProvisioningArtifactGuidance::Default]
        );
        for name in ["news", "alerts"] {
            let launched = client.describe_provisioned_product().name(format!("{}-{name}", world.project()));
            let launched = launched.send().await.unwrap().provisioned_product_detail.unwrap();
            assert_eq!(launched.provisioning_artifact_id, versions[1].id, "{name}");
            assert_eq!(launched.status.unwrap().as_str(), "AVAILABLE");
        }
    });
}
