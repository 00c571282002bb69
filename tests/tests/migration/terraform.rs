//! A state of Terraform's, from a fixture in which `<<…>>` stands for what AWS or the world assigns: `<<account>>`,
//! `<<project>>`, an attribute of what an environment of the test has made (`<<aws_sns_topic.alarms.arn>>`), or the private
//! key that it has put into its secret (`<<key>>`).

use std::fs;
use std::path::Path;

use provision_tests::{Output, World};
use regex::{Captures, Regex};
use serde_json::Value;

/// Where Terraform's state is in a world.
pub(crate) const STATE: &str = "terraform.tfstate";
/// The environment file that is written.
pub(crate) const MIGRATED: &str = "envs/migrated.toml";

/// The text of a fixture.
pub(crate) fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/terraform").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The resources of a state of Terraform's, each instance for itself: address, kind and attributes.
pub(crate) fn instances(state: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for resource in state["resources"].as_array().unwrap().iter().filter(|each| each["mode"] == "managed") {
        let text = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
        let module = resource["module"].as_str().map(|module| format!("{module}.")).unwrap_or_default();
        for instance in resource["instances"].as_array().unwrap() {
            let key = instance.get("index_key").map(|key| format!("[{key}]")).unwrap_or_default();
            let address = format!("{module}{}.{}{key}", text("type"), text("name"));
            found.push((address, text("type"), instance["attributes"].clone()));
        }
    }
    found
}

/// Writes the state of Terraform's that a fixture is of, over what an environment has made.
pub(crate) fn write_state(world: &World, made: &str, name: &str) -> Value {
    let pulled = world.provision(&["state", "pull", made]);
    let resources = match pulled.code {
        Some(0) => serde_json::from_str::<Value>(&pulled.stdout).unwrap()["resources"].take(),
        _ => Value::Null,
    };
    let filler = Filler { world, resources, placeholder: Regex::new("<<([^<>]+)>>").unwrap() };
    let state = filler.fill(&serde_json::from_str(&fixture(name)).unwrap());
    world.write(STATE, &serde_json::to_string_pretty(&state).unwrap());
    state
}

struct Filler<'w> {
    world: &'w World,
    resources: Value,
    placeholder: Regex,
}

impl Filler<'_> {
    fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match self.placeholder.captures(text) {
                Some(found) if found[0].len() == text.len() => self.value(&found[1]),
                _ => Value::String(self.within(text)),
            },
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (self.within(name), self.fill(value))).collect()
            }
            other => other.clone(),
        }
    }

    fn within(&self, text: &str) -> String {
        let value = |found: &Captures<'_>| match self.value(&found[1]) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        self.placeholder.replace_all(text, value).into_owned()
    }

    fn value(&self, reference: &str) -> Value {
        match reference {
            "account" => return self.world.account().into(),
            "project" => return self.world.project().into(),
            "key" => return self.private_key().into(),
            _ => {}
        }
        let resources = self.resources.as_object().unwrap();
        let named = |(address, _): &(&String, &Value)| {
            reference.strip_prefix(address.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        let Some((address, resource)) = resources.iter().find(named) else {
            panic!("nothing was made that {reference} could be of");
        };
        let path = &reference[address.len() + 1..];
        if path == "id" {
            return resource["id"].clone();
        }
        let step = |value: &Value, name: &str| match name.parse::<usize>() {
            Ok(index) => value[index].clone(),
            Err(_) => value[name].clone(),
        };
        let value = path.split('.').fold(resource["attributes"].clone(), |value, name| step(&value, name));
        // What is not set is an empty text there.
        if value.is_null() { "".into() } else { value }
    }

    fn private_key(&self) -> String {
        let secrets = aws_sdk_secretsmanager::Client::new(&self.world.sdk());
        let name = format!("{}/dev/cloudfront_private_key", self.world.project());
        let value = self.world.wait(secrets.get_secret_value().secret_id(name).send()).unwrap();
        value.secret_string().unwrap().to_owned()
    }
}

/// Migrates what is at [`STATE`] into [`MIGRATED`].
pub(crate) fn migrate(world: &World, arguments: &[&str]) -> Output {
    let migrate = ["migrate", STATE, "--out", MIGRATED, "--project", world.project()];
    world.succeed(&[&migrate, arguments].concat())
}

/// The same world, with the values of the secrets for which the migrated environment has variables.
pub(crate) fn with_secrets(mut world: World, state: &Value) -> World {
    let environment: toml::Table = world.read(MIGRATED).parse().unwrap();
    let variables = environment.get("variable").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    for (name, variable) in variables {
        assert_eq!(variable["sensitive"].as_bool(), Some(true), "{name} is a secret");
        let description = variable["description"].as_str().unwrap();
        let (argument, address) = description.trim_start_matches('`').split_once("` of ").unwrap();
        let (_, _, attributes) = instances(state).into_iter().find(|(known, ..)| known == address).unwrap();
        world = world.with_variable(&format!("PROVISION_VAR_{name}"), attributes[argument].as_str().unwrap());
    }
    world
}

/// What the whole way is: everything of the state is taken over, a plan finds nothing to do, and a destroy leaves nothing.
pub(crate) fn take_over_and_destroy(world: World, state: &Value, arguments: &[&str]) -> Output {
    let output = migrate(&world, arguments);
    for sign in ["Left to Terraform", "Gone:"] {
        assert!(!output.stdout.contains(sign), "everything is taken over: {output}");
    }
    let world = with_secrets(world, state);
    world.assert_no_changes(MIGRATED);
    // No call of it has changed anything, so that one of a rerun would not either.
    let again = world.succeed(&["apply", MIGRATED, "--auto-approve"]);
    assert!(again.stdout.contains("No changes."), "{again}");
    world.succeed(&["destroy", MIGRATED, "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
    output
}
