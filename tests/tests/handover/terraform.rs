//! `provision export --format terraform`: each environment is a configuration that Terraform accepts and that takes over
//! all that the state has.

use std::collections::{BTreeMap, BTreeSet};

use provision_tests::World;
use regex::Regex;
use serde_json::Value as Json;

mod families;
mod settings;

/// What Terraform's providers have: types, and the names of their arguments and attributes.
fn schemas() -> Json {
    serde_json::from_str(include_str!("../../fixtures/terraform/schemas.json")).unwrap()
}

/// What Terraform has no import for, although it has the kind.
const WITHOUT_IMPORT: &str = "aws_acm_certificate_validation";

#[test]
fn storytime_goes_over_to_terraform() {
    let left_out = ["aws_media_convert_job_template", "key_rotation", "tls_private_key"];
    let exported = goes_over("envs/dev.toml", &left_out, true);
    let policy = &exported["resource"]["aws_s3_bucket_policy"]["storytime_cloudfront"];
    assert_eq!(policy["bucket"], "${aws_s3_bucket.storytime_outputs.bucket}");
    let text = policy["policy"].as_str().unwrap();
    assert!(
        text.contains(r#""AWS:SourceArn":"${aws_cloudfront_distribution.storytime_cloudfront.arn}""#),
        "{text}"
    );
    // What is made of a digest of a key can only be written as it is.
    let key = &exported["resource"]["aws_cloudfront_public_key"]["storytime_keys_generated_1"];
    assert!(!key["name"].as_str().unwrap().contains('$'), "{key}");
}

#[test]
fn ebook_delivery_goes_over_to_terraform() {
    let exported = goes_over("envs/ebook-delivery/dev.toml", &["key_rotation", "tls_private_key"], true);
    let servers = &exported["output"]["hosted_zone_name_servers"]["value"];
    assert!(servers.as_str().is_some_and(|text| text.ends_with(".name_servers}")), "{servers}");
}

#[test]
fn ebook_storage_goes_over_to_terraform() {
    let exported = goes_over("envs/ebook-storage/dev.toml", &[], false);
    let function = &exported["resource"]["aws_lambda_function"]["storage_monitoring"];
    assert_eq!(function["filename"], "${data.archive_file.storage_monitoring.output_path}");
    let archive = &exported["data"]["archive_file"]["storage_monitoring"];
    assert_eq!(archive["source_dir"], "${path.module}/modules/ebook-storage/function");
}

#[test]
fn signed_urls_go_over_to_terraform() {
    goes_over("envs/signed-urls/dev.toml", &["key_rotation", "tls_private_key"], true);
}

#[test]
fn a_portfolio_goes_over_to_terraform() {
    let exported = goes_over("envs/signed-urls/portfolio.toml", &[], false);
    let templates = exported["resource"]["aws_s3_object"].as_object().unwrap().values();
    let contents: Vec<&str> = templates.filter_map(|object| object["content"].as_str()).collect();
    // What CloudFormation is to fill in is not for Terraform.
    assert!(contents.iter().any(|content| content.contains("$${AWS::")), "{contents:?}");
    assert!(!contents.iter().any(|content| content.replace("$${", "").contains("${AWS::")), "{contents:?}");
}

#[test]
fn what_is_not_applied_is_exported_where_nothing_looks_into_it() {
    let world = World::new();
    let exported = export(&world, "envs/ebook-storage/dev.toml").0;
    assert!(exported.get("import").is_none(), "{exported:#}");
    assert_names(&exported);
    assert_valid(&exported);
    let refused = world.provision(&["export", "envs/dev.toml", "--format", "terraform"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("cannot be told this before it is known"), "{refused}");
    assert!(refused.stderr.contains("modules/cloudfront_keys/module.toml"), "{refused}");
    let refused = world.provision(&["export", "modules/storytime", "--format", "terraform"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("modules/storytime is no environment file"), "{refused}");
}

/// Applies an environment, and exports it. `left_out`: the kinds that are not in the file.
fn goes_over(environment: &str, left_out: &[&str], has_key: bool) -> Json {
    let world = World::new();
    world.succeed(&["apply", environment, "--auto-approve"]);
    let (exported, stderr) = export(&world, environment);
    let state: Json = serde_json::from_str(&world.succeed(&["state", "pull", environment]).stdout).unwrap();
    assert_taken_over(&exported, &state, left_out, &stderr);
    assert_names(&exported);
    assert_valid(&exported);
    if has_key {
        let secret = world.wait(async {
            let secrets = aws_sdk_secretsmanager::Client::new(&world.sdk());
            let all = secrets.list_secrets().send().await.unwrap();
            let id = all.secret_list()[0].arn().unwrap().to_owned();
            secrets.get_secret_value().secret_id(id).send().await.unwrap().secret_string().unwrap().to_owned()
        });
        let text = exported.to_string();
        let told = secret.lines().filter(|line| line.len() > 40 && text.contains(line)).count();
        assert_eq!(told, 0, "the file has no line of the private key");
        assert!(!text.contains("PRIVATE KEY"), "the file has no private key");
    }
    world.succeed(&["destroy", environment, "--auto-approve"]);
    exported
}

/// What is exported, the same each time, and what is said about it.
fn export(world: &World, environment: &str) -> (Json, String) {
    let command = ["export", environment, "--format", "terraform"];
    let printed = world.succeed(&command);
    world.succeed(&[&command[..], &["--out", "main.tf.json"]].concat());
    let written = std::fs::read_to_string(world.directory().join("main.tf.json")).unwrap();
    assert_eq!(printed.stdout, written, "it is the same each time");
    (serde_json::from_str(&written).unwrap(), printed.stderr)
}

/// All that the state has is imported, but for kinds that Terraform lacks or cannot import.
fn assert_taken_over(exported: &Json, state: &Json, left_out: &[&str], stderr: &str) {
    let imports = exported["import"].as_array().unwrap();
    let imported: BTreeSet<&str> = imports.iter().map(|import| import["to"].as_str().unwrap()).collect();
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for (kind, blocks) in exported["resource"].as_object().unwrap() {
        for (name, block) in blocks.as_object().unwrap() {
            if let Some(comment) = block["//"].as_str() {
                names.insert(comment.split(": ").next().unwrap(), format!("{kind}.{name}"));
            }
        }
    }
    let mut missing = BTreeSet::new();
    for (address, resource) in state["resources"].as_object().unwrap() {
        let kind = resource["kind"].as_str().unwrap();
        match names.get(address.as_str()) {
            None => {
                assert!(
                    stderr.contains(&format!("    {address}: ")),
                    "{address} is said to be left out: {stderr}"
                );
                missing.insert(kind);
            }
            Some(name) => {
                let is_imported = imported.contains(name.as_str());
                assert_eq!(is_imported, kind != WITHOUT_IMPORT, "{name} is imported, if it can be");
            }
        }
    }
    assert_eq!(missing, left_out.iter().copied().collect(), "what is left out");
    // Settings of buckets too.
    let parts =
        exported["resource"].as_object().unwrap().keys().filter(|kind| kind.starts_with("aws_s3_bucket_"));
    for kind in parts {
        for name in exported["resource"][kind].as_object().unwrap().keys() {
            assert!(imported.contains(format!("{kind}.{name}").as_str()), "{kind}.{name} is imported");
        }
    }
}

/// Every argument and every attribute that is referred to is one of Terraform's, and what is referred to is there.
fn assert_names(exported: &Json) {
    let schemas = schemas();
    for (section, prefix) in [("resource", ""), ("data", "data.")] {
        for (kind, blocks) in exported[section].as_object().into_iter().flatten() {
            if kind == "terraform_data" {
                continue;
            }
            let schema = &schemas[format!("{prefix}{kind}")];
            for (name, block) in blocks.as_object().unwrap() {
                assert_arguments(&format!("{kind}.{name}"), block, &schema["arguments"]);
            }
        }
    }
    let reference = Regex::new(r"\$\{(?:\w+\()*(data\.)?(\w+)\.(\w+)\.(\w+)").unwrap();
    for found in reference.captures_iter(&exported.to_string()) {
        let (section, prefix) = found.get(1).map_or(("resource", ""), |_| ("data", "data."));
        let whole = &found[0];
        assert!(exported[section][&found[2]].get(&found[3]).is_some(), "{whole} is there");
        let schema = &schemas[format!("{prefix}{}", &found[2])];
        let is_computed = schema["computed"].as_array().unwrap().iter().any(|name| name == &found[4]);
        assert!(
            is_computed || schema["arguments"].get(&found[4]).is_some() || &found[4] == "id",
            "{whole} is an attribute"
        );
    }
}

fn assert_arguments(place: &str, block: &Json, schema: &Json) {
    const OF_ALL: [&str; 3] = ["//", "depends_on", "lifecycle"];
    for (name, value) in block.as_object().unwrap() {
        if OF_ALL.contains(&name.as_str()) {
            continue;
        }
        let known = schema.get(name);
        assert!(known.is_some(), "{place} has no argument `{name}` in Terraform");
        let inner = known.and_then(|known| known.get("object").or(known.get("list")));
        let Some(inner) = inner else { continue };
        let blocks = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        for block in blocks {
            assert_arguments(&format!("{place}.{name}"), block, inner);
        }
    }
}

/// Terraform accepts it, and would not accept what is wrong.
#[cfg(unix)]
fn assert_valid(exported: &Json) {
    let Some(terraform) = provision_tests::Terraform::find(&schemas()) else { return };
    let text = exported.to_string();
    terraform
        .validate(&text)
        .unwrap_or_else(|error| panic!("Terraform does not accept it: {error}\n{exported:#}"));
    let (kind, blocks) = exported["resource"].as_object().unwrap().iter().next().unwrap();
    let name = blocks.as_object().unwrap().keys().next().unwrap();
    let mut broken = exported.clone();
    broken["resource"][kind][name]["no_such_argument"] = "x".into();
    refused(&terraform, &broken, "no_such_argument");
    let wrong = [
        ("${aws_s3_bucket.of_nobody.arn}", "undeclared resource"),
        (&format!("${{{kind}.{name}.no_such_attribute}}"), "no_such_attribute"),
        ("${var.nobody}", "undeclared input variable"),
        ("${1 + ", "expression"),
    ];
    for (value, why) in wrong {
        let mut broken = exported.clone();
        broken["output"]["broken"] = serde_json::json!({ "value": value });
        refused(&terraform, &broken, why);
    }
}

#[cfg(unix)]
fn refused(terraform: &provision_tests::Terraform, broken: &Json, why: &str) {
    let error = terraform.validate(&broken.to_string()).expect_err("Terraform finds what is wrong");
    assert!(error.contains(why), "it is about {why}: {error}");
}

#[cfg(not(unix))]
fn assert_valid(_exported: &Json) {}
