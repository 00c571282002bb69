#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::function::Directory;
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

fn root(files: &Directory) -> Root<'_> {
    Root { path: "", files }
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.resource::<crate::builtin::TerraformData>(&Arc::new(NoClients));
    registry
}

#[test]
fn each_instance_gets_a_name_of_its_own() {
    let state = TerraformState::parse(STATE).unwrap();
    let migration = Migration::of(&state, &registry(), &root(&Directory(".".into())));
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
    let migration = Migration::of(&state, &registry, &root(&Directory(".".into())));
    let mut found = futures::executor::block_on(migration.read(&registry, "us-east-1")).unwrap();
    let header = Header { project: "p".to_owned(), name: "n".to_owned(), region: "us-east-1".to_owned() };
    let environment = environment(&header, &migration, &mut found, &state, &registry);
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

fn instance(kind: &str, provider: &str, attributes: serde_json::Value) -> Instance {
    Instance {
        kind: kind.to_owned(),
        name: "this".to_owned(),
        provider: provider.to_owned(),
        attributes: Value::from_json(attributes),
        ..Instance::default()
    }
}

#[test]
fn a_region_is_that_of_the_arn_or_of_the_provider() {
    let json = |text: &str| serde_json::from_str(text).unwrap();
    let certificate = json(r#"{ "arn": "arn:aws:acm:us-east-1:1:certificate/c" }"#);
    let queue = json(r#"{ "arn": "arn:aws:sqs:eu-west-1:1:q" }"#);
    let policy = json(r#"{ "arn": "arn:aws:iam::1:policy/p" }"#);
    let none = json(r#"{ "id": "x" }"#);
    let newer = json(r#"{ "id": "x", "region": "eu-north-1" }"#);
    let (main, alias) = ("provider[\"aws\"]", "provider[\"aws\"].us_east_1");
    let state = TerraformState {
        resources: vec![
            instance("certificate", alias, certificate),
            instance("queue", main, queue),
            instance("policy", main, policy),
            instance("validation", alias, none.clone()),
            instance("rule", main, none),
            instance("rule", main, newer),
        ],
        ..TerraformState::default()
    };
    let regions = Regions::of(&state);
    let found: Vec<_> = state.resources.iter().map(|instance| regions.of_instance(instance)).collect();
    let found: Vec<_> = found.iter().map(Option::as_deref).collect();
    let expected =
        ["us-east-1", "eu-west-1", "", "us-east-1", "eu-north-1", "eu-north-1"].map(|region| match region {
            "" => None,
            region => Some(region),
        });
    assert_eq!(found[..4], expected[..4]);
    assert_eq!(found[5], expected[5]);
}

#[test]
fn a_name_says_nothing_that_tells_nothing() {
    let name = |module: &str, name: &str, key: Option<&str>, is_only: bool| {
        let instance = Instance {
            module: module.to_owned(),
            kind: "k".to_owned(),
            name: name.to_owned(),
            key: key.map(str::to_owned),
            ..Instance::default()
        };
        super::name(&instance, is_only, &mut BTreeSet::new()).to_string()
    };
    assert_eq!(name("module.cdn.module.logs", "this", None, true), "k.cdn_logs");
    assert_eq!(name("module.cdn", "this", Some("0"), true), "k.cdn");
    assert_eq!(name("module.cdn", "this", Some("0"), false), "k.cdn_0");
    assert_eq!(name("", "this", Some("eu"), true), "k.this_eu");
    assert_eq!(name("module.cdn[\"eu-1\"]", "logs", None, true), "k.cdn_eu_1_logs");
    assert_eq!(name("", "1st", None, true), "k._1st");
}

#[test]
fn the_order_is_said_where_no_name_says_it() {
    let resource = |name: &str, dependencies: &[&str]| Migrated {
        terraform_address: format!("k.{name}"),
        address: Address::from(format!("k.{name}").as_str()),
        id: name.to_owned(),
        region: None,
        attributes: Value::Null,
        files: Map::new(),
        content: Map::new(),
        derived: BTreeSet::new(),
        sensitive: BTreeSet::new(),
        dependencies: dependencies.iter().map(|name| format!("k.{name}")).collect(),
        create_before_destroy: false,
    };
    let resources = vec![
        resource("zone", &[]),
        resource("record", &["zone"]),
        resource("certificate", &["record", "zone"]),
        resource("role", &[]),
        resource("page", &["certificate", "record", "zone", "role", "unknown"]),
    ];
    let found = resources.iter().map(|resource| {
        let there = Found { id: resource.id.clone(), region: None, attributes: Value::Null };
        (resource.address.clone(), Some(there))
    });
    let found: BTreeMap<Address, Option<Found>> = found.collect();
    let migration = Migration { resources, ..Migration::default() };
    let said = |named: &[&str]| {
        let named = named.iter().map(|name| Address::from(format!("k.{name}").as_str())).collect();
        order::depends_on(&migration.resources[4], &named, &migration, &found)
    };
    assert_eq!(said(&["certificate", "role"]), [""; 0]);
    assert_eq!(said(&["certificate"]), ["k.role"]);
    assert_eq!(said(&["zone"]), ["k.certificate", "k.role"]);
    assert_eq!(said(&[]), ["k.certificate", "k.role"]);
}
