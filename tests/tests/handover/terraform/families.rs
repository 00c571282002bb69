//! The environments that make the states of Terraform's that are taken over: together they have every kind.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;

/// A package of Python for Lambda.
const PACKAGE: &str = include_str!("../../../fixtures/terraform/reporter.zip.base64");

/// The beginning of all secrets in them, and of those that are bytes.
const SECRETS: [&str; 2] = ["planted-secret", "cGxhbnRlZC1zZWNyZXQ"];

/// Makes what a family has, and exports it.
pub(super) fn goes_over(family: &str, left_out: &[&str]) {
    let world = World::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/terraform");
    let text = std::fs::read_to_string(fixtures.join(format!("{family}.toml"))).unwrap();
    world.write("envs/made.toml", &text.replace("\"PROJECT\"", &format!("\"{}\"", world.project())));
    world.write("notes/file.txt", "A file.\n");
    std::fs::create_dir(world.directory().join("build")).unwrap();
    let package = BASE64_STANDARD.decode(PACKAGE.trim_end()).unwrap();
    std::fs::write(world.directory().join("build/reporter.zip"), package).unwrap();
    world.succeed(&["apply", "envs/made.toml", "--auto-approve"]);
    let (exported, stderr) = export(&world, "envs/made.toml");
    let state: Json =
        serde_json::from_str(&world.succeed(&["state", "pull", "envs/made.toml"]).stdout).unwrap();
    assert_taken_over(&exported, &state, left_out, &stderr);
    assert_names(&exported);
    assert_valid(&exported);
    let told = SECRETS.iter().find(|secret| exported.to_string().contains(*secret));
    assert_eq!(told, None, "no secret is in the file: {exported:#}");
}
