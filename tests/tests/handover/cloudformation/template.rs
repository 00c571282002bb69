//! A template as CloudFormation understands it: which conditions hold, which rules are broken, which resources there are.

use std::collections::{BTreeMap, BTreeSet};

use provision_tests::World;
use serde_json::{Map, Value as Json, json};

use super::cfn_lint;

/// The values of all parameters, and of the pseudo parameters.
pub(super) type Values = BTreeMap<String, String>;

/// An exported template.
pub(super) struct Template {
    pub(super) document: Json,
}

/// Exports an environment, or a module, into `template.yaml` of the world.
pub(super) fn export(world: &World, target: &str, variables: &[String]) -> Template {
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let arguments = [&["export", target, "--format", "cloudformation"], &*variables].concat();
    world.succeed(&[&*arguments, &["--out", "template.yaml"]].concat());
    let printed = world.succeed(&arguments).stdout;
    assert_eq!(world.read("template.yaml"), printed, "it is the same each time");
    assert!(printed.len() <= 51_200, "it can be sent as it is, and needs no bucket: {}", printed.len());
    Template { document: cfn_lint::read(&world.directory().join("template.yaml")) }
}

impl Template {
    fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Json)> {
        self.document[name].as_object().into_iter().flatten()
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.section("Parameters")
    }

    pub(super) fn resources(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.section("Resources")
    }

    /// The resources that are there with these values.
    pub(super) fn resources_with(&self, values: &Values) -> BTreeSet<String> {
        let is_there = |resource: &Json| {
            resource["Condition"]
                .as_str()
                .is_none_or(|name| self.holds(&json!({ "Condition": name }), values))
        };
        self.resources().filter(|(_, resource)| is_there(resource)).map(|(id, _)| id.clone()).collect()
    }

    /// Which conditions hold.
    pub(super) fn conditions(&self, values: &Values) -> BTreeMap<String, bool> {
        self.section("Conditions")
            .map(|(name, condition)| (name.clone(), self.holds(condition, values)))
            .collect()
    }

    /// What is said of the rules that are broken.
    pub(super) fn broken_rules(&self, values: &Values) -> Vec<String> {
        let assertions = self.section("Rules").flat_map(|(_, rule)| rule["Assertions"].as_array().unwrap());
        assertions
            .filter(|assertion| !self.holds(&assertion["Assert"], values))
            .map(|assertion| assertion["AssertDescription"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What all rules say.
    pub(super) fn rules(&self) -> BTreeSet<String> {
        let assertions = self.section("Rules").flat_map(|(_, rule)| rule["Assertions"].as_array().unwrap());
        assertions.map(|assertion| assertion["AssertDescription"].as_str().unwrap().to_owned()).collect()
    }

    fn holds(&self, condition: &Json, values: &Values) -> bool {
        let (function, argument) = function(condition).unwrap_or_else(|| panic!("a condition: {condition}"));
        let operands = || argument.as_array().unwrap_or_else(|| panic!("operands: {condition}"));
        match function {
            "Condition" => self.holds(&self.document["Conditions"][argument.as_str().unwrap()], values),
            "Fn::Equals" => {
                let [left, right] = &operands()[..] else { panic!("two operands: {condition}") };
                text(left, values) == text(right, values)
            }
            "Fn::Not" => {
                let [operand] = &operands()[..] else { panic!("one operand: {condition}") };
                !self.holds(operand, values)
            }
            "Fn::And" => {
                assert!((2..=10).contains(&operands().len()), "{condition}");
                operands().iter().all(|operand| self.holds(operand, values))
            }
            "Fn::Or" => {
                assert!((2..=10).contains(&operands().len()), "{condition}");
                operands().iter().any(|operand| self.holds(operand, values))
            }
            other => panic!("{other} is no function of conditions: {condition}"),
        }
    }

    /// The same for the local AWS, without some resources. What refers to them names what `stands_for` says of an attribute of them, or of
    /// `Ref`.
    pub(super) fn without(
        &self,
        ids: &BTreeSet<String>,
        stands_for: &dyn Fn(&str, &str) -> Option<String>,
    ) -> Json {
        let mut document = replaced(&self.document, stands_for);
        // Its conditions know no `Fn::Join`, and take a parameter that is a list as one text.
        if let Some(conditions) = document["Conditions"].as_object_mut() {
            conditions.values_mut().for_each(|condition| *condition = unjoined(condition));
        }
        let resources = document["Resources"].as_object_mut().unwrap();
        resources.retain(|id, _| !ids.contains(id));
        for resource in resources.values_mut() {
            let resource = resource.as_object_mut().unwrap();
            if let Some(Json::Array(first)) = resource.get_mut("DependsOn") {
                first.retain(|id| !ids.contains(id.as_str().unwrap()));
            }
        }
        document
    }
}

/// The name of a function, and what it is applied to.
pub(super) fn function(node: &Json) -> Option<(&str, &Json)> {
    let node = node.as_object().filter(|node| node.len() == 1)?;
    let (name, argument) = node.iter().next()?;
    (name == "Ref" || (name == "Condition" && argument.is_string()) || name.starts_with("Fn::"))
        .then_some((name, argument))
}

/// The text that a part of a condition is.
fn text(node: &Json, values: &Values) -> String {
    let value = |name: &str| values.get(name).unwrap_or_else(|| panic!("{name} has a value")).clone();
    match (node, function(node)) {
        (Json::String(text), _) => text.clone(),
        (_, Some(("Ref", name))) => value(name.as_str().unwrap()),
        (_, Some(("Fn::Join", join))) => match &join[1] {
            Json::Array(items) => {
                let texts: Vec<String> = items.iter().map(|item| text(item, values)).collect();
                texts.join(join[0].as_str().unwrap())
            }
            list => text(list, values).replace(',', join[0].as_str().unwrap()),
        },
        (_, Some(("Fn::Sub", Json::String(template)))) => values
            .iter()
            .fold(template.clone(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value)),
        _ => panic!("{node} is no text"),
    }
}

/// A node with what stands for references in it. A reference that it stands for by another function is written `${…}`.
fn replaced(node: &Json, stands_for: &dyn Fn(&str, &str) -> Option<String>) -> Json {
    let again = |node: &Json| replaced(node, stands_for);
    let literal = |id: &str, attribute: &str| {
        stands_for(id, attribute).map(|text| match text.contains("${") {
            true => json!({ "Fn::Sub": text }),
            false => Json::String(text),
        })
    };
    match (node, function(node)) {
        (_, Some(("Ref", Json::String(id)))) => literal(id, "Ref").unwrap_or_else(|| node.clone()),
        (_, Some(("Fn::GetAtt", Json::Array(path)))) => {
            let [Json::String(id), Json::String(attribute)] = &path[..] else { panic!("two names: {node}") };
            literal(id, attribute).unwrap_or_else(|| node.clone())
        }
        (_, Some(("Fn::Sub", Json::String(template)))) => {
            json!({ "Fn::Sub": substituted(template, stands_for) })
        }
        (Json::Array(items), _) => Json::Array(items.iter().map(again).collect()),
        (Json::Object(entries), _) => {
            let entries: Map<String, Json> =
                entries.iter().map(|(key, value)| (key.clone(), again(value))).collect();
            Json::Object(entries)
        }
        _ => node.clone(),
    }
}

/// A condition that asks for a list itself where it asked for all of it in one text.
fn unjoined(node: &Json) -> Json {
    match (node, function(node)) {
        (_, Some(("Fn::Join", join))) if join[1]["Ref"].is_string() => join[1].clone(),
        (Json::Array(items), _) => Json::Array(items.iter().map(unjoined).collect()),
        (Json::Object(entries), _) => {
            Json::Object(entries.iter().map(|(key, value)| (key.clone(), unjoined(value))).collect())
        }
        _ => node.clone(),
    }
}

/// The text of a `Fn::Sub` with what stands for references in it.
pub(super) fn substituted(template: &str, stands_for: &dyn Fn(&str, &str) -> Option<String>) -> String {
    let mut pieces = template.split("${");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('}').unwrap_or_else(|| panic!("`${{` ends: {template}"));
        let (id, attribute) = name.split_once('.').unwrap_or((name, "Ref"));
        text += &stands_for(id, attribute).unwrap_or_else(|| format!("${{{name}}}"));
        text += rest;
    }
    text
}
