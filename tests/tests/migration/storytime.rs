//! Storytime, once made with Terraform.

use provision_tests::World;
use regex::Regex;

use crate::terraform::{MIGRATED, migrate, take_over_and_destroy, write_state};

/// Terraform knows no job templates.
fn without_job_template(world: &World, environment: &str, more: &str) {
    let source = "source = \"../modules/storytime\"\n";
    world.edit(environment, source, &format!("{source}job_template = false\n{more}"));
}

/// A world in which dev was made.
pub(crate) fn dev() -> World {
    let world = World::new();
    without_job_template(&world, "envs/dev.toml", "");
    world.succeed(&["apply", "envs/dev.toml", "--auto-approve"]);
    world
}

#[test]
fn dev_comes_from_terraform() {
    let world = dev();
    let state = write_state(&world, "envs/dev.toml", "storytime.tfstate");
    take_over_and_destroy(world, &state, &[]);
}

#[test]
fn the_environment_that_is_written_is_worth_reading() {
    let world = dev();
    write_state(&world, "envs/dev.toml", "storytime.tfstate");
    migrate(&world, &[]);
    // A key is called by its digest.
    let digest = Regex::new(r"dev-[0-9a-f]{12}").unwrap();
    let text = world.steady(&world.read(MIGRATED));
    insta::assert_snapshot!("storytime", digest.replace_all(&text, "dev-0123456789ab"));
}

#[test]
fn prod_comes_from_terraform() {
    let world = World::new();
    let domain = format!("{}.example", world.project());
    world.edit("envs/prod.toml", "region = \"us-east-1\"", "region = \"eu-west-1\"");
    without_job_template(&world, "envs/prod.toml", "create_rails_user = true\nsse_algorithm = \"aws:kms\"\n");
    let world = world
        .with_variable("PROVISION_VAR_domain_name", &format!("cdn.{domain}"))
        .with_variable("PROVISION_VAR_hosted_zone_name", &domain);
    world.succeed(&["apply", "envs/prod.toml", "--auto-approve"]);
    let state = write_state(&world, "envs/prod.toml", "storytime-prod.tfstate");
    take_over_and_destroy(world, &state, &[]);
}
