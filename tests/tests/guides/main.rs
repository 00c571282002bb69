//! The code in the guides is that of the files beside them, and does what it says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use provision_tests::World;

const DEV: &str = "envs/signed-urls/dev.toml";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_page_has_the_code_of_the_files() {
    let guides = workspace().join("docs");
    let page = std::fs::read_to_string(guides.join("onboarding.md")).unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(guides.join("onboarding")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let language = match path.extension().unwrap().to_str().unwrap() {
            "py" => "python",
            "mjs" => "js",
            "rb" => "ruby",
            _ => continue,
        };
        let code = std::fs::read_to_string(&path).unwrap();
        let is_there = page.contains(&format!("```{language}\n{code}```\n"));
        assert!(
            is_there,
            "docs/onboarding.md has all of onboarding/{name}, and nothing else under that name"
        );
        assert!(page.contains(&format!("[{name}](onboarding/{name})")), "and leads to it");
        found += 1;
    }
    assert_eq!(found, 3, "there is one for each language");
}

#[test]
fn what_the_page_links_to_is_there() {
    let docs = workspace().join("docs");
    let link = regex::Regex::new(r"\]\(([^)#:]+)(#[^)]*)?\)").unwrap();
    for page in ["onboarding.md", "testing.md"] {
        let text = std::fs::read_to_string(docs.join(page)).unwrap();
        for found in link.captures_iter(&text) {
            assert!(docs.join(&found[1]).exists(), "docs/{page} leads to {}", &found[1]);
        }
    }
}

#[test]
fn a_signed_url_is_good_before_and_after_a_rotation() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let first = sign_and_verify(&world);
    world.succeed(&["rotate", DEV, "--auto-approve"]);
    let second = sign_and_verify(&world);
    assert_ne!(first, second, "the application finds the new key by itself");
    world.succeed(&["destroy", DEV, "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
}

/// Signs as the guide does, in the order of the guide, and gives the id of the key.
fn sign_and_verify(world: &World) -> String {
    let output =
        |name: &str| world.succeed(&["output", DEV, name, "--format", "raw"]).stdout.trim_end().to_owned();
    let mut sign = python(world);
    sign.arg(workspace().join("docs/onboarding/sign.py")).arg("uploads/a report+1 (ü).pdf");
    for (variable, name) in [
        ("FILES_HOST", "host"),
        ("INTEGRATION_ROLE_ARN", "integration_role_arn"),
        ("PRIVATE_KEY_SECRET_ARN", "private_key_secret_arn"),
    ] {
        sign.env(variable, output(name));
    }
    let url = printed(sign);
    let expected = format!("https://{}/uploads/a%20report%2B1%20%28%C3%BC%29.pdf?", output("host"));
    assert!(url.starts_with(&expected), "{url}");
    let mut verify = python(world);
    verify.args(["-c", include_str!("verify.py"), &url, &output("cloudfront_key_group_id")]);
    printed(verify)
}

/// The Python of the local AWS, which has boto3 and cryptography, in the account of a world.
fn python(world: &World) -> Command {
    let mut command = Command::new(workspace().join(".provision/sandbox/venv/bin/python"));
    for (name, value) in world.command().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn printed(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
