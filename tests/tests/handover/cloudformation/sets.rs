//! What is given for parameters, in as many sets as it takes to see every condition both ways.

use std::collections::{BTreeMap, BTreeSet};

use provision_tests::World;
use serde_json::Value as Json;

use super::names::pascal;
use super::template::{Template, Values};

/// One set of values for the variables of an environment.
#[derive(Default)]
pub(super) struct Set {
    /// What is given, by variable, as `--var` takes it.
    pub(super) variables: Vec<(&'static str, String)>,
    /// What is given for parameters that are no variables.
    pub(super) others: Vec<(&'static str, String)>,
}

impl Set {
    /// What is given for variables.
    pub(super) fn of(variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { variables, others: Vec::new() }
    }

    /// The same, with a value for a parameter that is no variable.
    pub(super) fn with(mut self, parameter: &'static str, value: &str) -> Self {
        self.others.push((parameter, value.to_owned()));
        self
    }
}

/// What conditions and parameters were over all sets.
#[derive(Default)]
pub(super) struct Seen {
    conditions: BTreeMap<String, BTreeSet<bool>>,
    /// With the defaults that they have.
    parameters: BTreeMap<String, (Option<String>, BTreeSet<String>)>,
}

impl Seen {
    /// Notes what comes of these values.
    pub(super) fn note(&mut self, template: &Template, values: &Values) {
        for (name, holds) in template.conditions(values) {
            self.conditions.entry(name).or_default().insert(holds);
        }
        for (name, definition) in template.parameters() {
            let default = default(definition);
            let (_, given) = self.parameters.entry(name.clone()).or_insert((default, BTreeSet::new()));
            given.insert(values[name].clone());
        }
    }

    /// Fails if there is a condition that did not both hold and not hold, or a parameter that was one thing only.
    pub(super) fn assert_everything(&self) {
        for (name, held) in &self.conditions {
            assert_eq!(held.len(), 2, "{name} was {held:?} in all sets");
        }
        for (name, (default, given)) in &self.parameters {
            if let Some(default) = default {
                assert!(given.contains(default) && given.len() > 1, "{name} was {given:?} in all sets");
            }
        }
    }
}

/// What a parameter is if it is not given.
pub(super) fn default(definition: &Json) -> Option<String> {
    definition.get("Default").map(|default| match default {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// `--var name=value` of each.
pub(super) fn arguments(variables: &[(&str, String)]) -> Vec<String> {
    variables.iter().flat_map(|(name, value)| ["--var".to_owned(), format!("{name}={value}")]).collect()
}

/// The values of all parameters, and of pseudo parameters.
pub(super) fn values(world: &World, template: &Template, set: &Set, before: &Json) -> Values {
    let keys = before["resources"].as_object().into_iter().flatten().map(|(_, resource)| resource);
    let public_key = keys
        .filter(|key| key["kind"] == "tls_private_key")
        .find_map(|key| key["attributes"]["public_key_pem"].as_str());
    let mut values: Values = pseudo(world, "us-east-1");
    for (name, definition) in template.parameters() {
        let variable = set.variables.iter().find(|(variable, _)| pascal(variable) == *name);
        let other = set.others.iter().find(|(other, _)| other == name);
        let is_of_pair = name.contains("TlsPrivateKey");
        let value = match (variable.or(other), default(definition)) {
            (Some((_, value)), _) => as_parameter(value),
            (None, _) if is_of_pair && name.ends_with("PublicKeyPem") && public_key.is_some() => {
                public_key.unwrap_or_default().to_owned()
            }
            (None, _) if is_of_pair && public_key.is_some() => format!("what is given for {name}"),
            (None, default) => default.unwrap_or_else(|| panic!("{name} is given")),
        };
        values.insert(name.clone(), value);
    }
    values
}

/// What CloudFormation knows by itself.
pub(super) fn pseudo(world: &World, region: &str) -> Values {
    let known = [("AWS::Region", region), ("AWS::AccountId", world.account()), ("AWS::Partition", "aws")];
    known.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// What `--var` takes, as a parameter takes it: a list has commas.
pub(super) fn as_parameter(value: &str) -> String {
    match serde_json::from_str(value) {
        Ok(Json::Array(items)) => {
            let texts: Vec<&str> = items.iter().map(|item| item.as_str().unwrap()).collect();
            texts.join(",")
        }
        _ => value.to_owned(),
    }
}
