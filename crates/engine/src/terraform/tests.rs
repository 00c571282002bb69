use super::*;
use crate::kind::{NoClients, Registry};
use std::sync::Arc;

const STATE: &str = r#"{
  "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "x",
  "outputs": { "greeting": { "value": "hello", "type": "string" }, "key": { "value": "k", "type": "string", "sensitive": true } },
  "resources": [
    { "mode": "data", "type": "aws_region", "name": "here", "provider": "p", "instances": [] },
    { "mode": "managed", "type": "terraform_data", "name": "a", "provider": "p", "instances": [
      { "schema_version": 0, "attributes": { "id": "1", "input": { "value": "hello", "type": "string" }, "output": { "value": "hello", "type": "string" }, "triggers_replace": null } }
    ] },
    { "module": "module.cdn[\"eu\"]", "mode": "managed", "type": "terraform_data", "name": "a", "provider": "p", "instances": [
      { "index_key": 0, "attributes": { "id": "2", "input": { "value": ["x"], "type": ["list", "string"] } }, "dependencies": ["terraform_data.a"] },
      { "index_key": "b c", "attributes": { "id": "3" } },
      { "index_key": "b_c", "attributes": { "id": "4" } },
      { "index_key": 1, "deposed": "00", "attributes": { "id": "5" } }
    ] },
    { "mode": "managed", "type": "aws_teapot", "name": "t", "provider": "p", "instances": [{ "attributes": { "id": "t" } }] },
    { "mode": "managed", "type": "terraform_data", "name": "nameless", "provider": "p", "instances": [{ "attributes": {} }] }
  ]
}"#;

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.resource::<crate::builtin::TerraformData>(&Arc::new(NoClients));
    registry
}

#[test]
fn each_instance_gets_a_name_of_its_own() {
    let state = TerraformState::parse(STATE).unwrap();
    let migration = Migration::of(&state, &registry());
    let names: Vec<(&str, &str)> = migration
        .resources
        .iter()
        .map(|resource| (resource.terraform_address.as_str(), resource.address.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("terraform_data.a", "terraform_data.a"),
            ("module.cdn[\"eu\"].terraform_data.a[0]", "terraform_data.cdn_eu_a_0"),
            ("module.cdn[\"eu\"].terraform_data.a[\"b c\"]", "terraform_data.cdn_eu_a_b_c"),
            ("module.cdn[\"eu\"].terraform_data.a[\"b_c\"]", "terraform_data.cdn_eu_a_b_c_2"),
        ]
    );
    assert_eq!(migration.unknown, ["aws_teapot.t"]);
    assert_eq!(migration.unidentified, ["terraform_data.nameless"]);
}

#[test]
fn the_environment_says_what_is_there() {
    let state = TerraformState::parse(STATE).unwrap();
    let registry = registry();
    let migration = Migration::of(&state, &registry);
    let found = futures::executor::block_on(migration.read(&registry, "us-east-1")).unwrap();
    let header = Header { project: "p".to_owned(), name: "n".to_owned(), region: "us-east-1".to_owned() };
    let environment = environment(&header, &migration, &found, &state, &registry);
    assert_eq!(environment.left_out, ["key"]);
    insta::assert_snapshot!(environment.text);
}

#[test]
fn what_is_no_state_is_refused() {
    let refused = |text: &str| TerraformState::parse(text).unwrap_err().to_string();
    assert!(refused("no").starts_with("it is no state of Terraform's"));
    assert!(refused("{}").contains("version"));
    assert_eq!(refused(r#"{"version": 3}"#), "it is of format 3, and this reads format 4");
    assert!(TerraformState::parse(r#"{"version": 4}"#).unwrap().resources.is_empty());
}
