//! Writing the template.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::config::{Configuration, Output};
use crate::kind::Registry;
use crate::source::{Diagnostic, Diagnostics};
use crate::spelling::nearest;
use crate::value::Value;

use super::assemble::{Assembled, assemble};
use super::condition::Condition;
use super::parameter::Parameter;
use super::render::Renderer;
use super::resources::resources;
use super::rules::{Rule, rules};
use super::scene::Scene;
use super::symbol::Symbol;
use super::tree::{Node, Tree};
use super::world::explore;
use super::yaml::Yaml;
use super::{operations, pascal};

/// A template.
#[derive(Debug)]
pub struct Exported {
    /// The template, in YAML.
    pub template: String,
    /// The SHA-256 of each file that functions have read for it.
    pub files_read: BTreeMap<PathBuf, String>,
}

/// The template of a configuration: of an environment, or of a module by itself ([`Configuration::of_module`]).
/// `given`: values of variables, which are no parameters then.
///
/// # Errors
/// What CloudFormation cannot express, each with its place.
pub fn export(
    configuration: &Configuration,
    registry: &Registry,
    given: BTreeMap<String, Value>,
    is_module: bool,
) -> Result<Exported, Diagnostics> {
    check_inputs(configuration, &given)?;
    let scene = Scene::new(configuration, registry, given, is_module);
    let rules = rules(&scene)?;
    let mut found = Vec::new();
    let mut diagnostics = Diagnostics::default();
    for placed in configuration.blocks.iter().filter(|placed| !placed.name.data) {
        match resources(&scene, placed) {
            Ok(resources) => found.extend(resources),
            Err(more) => more.0.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic)),
        }
    }
    let mut outputs = Vec::new();
    for (name, output) in &configuration.root.outputs {
        match value_of(&scene, output) {
            Ok(value) => outputs.extend(value.map(|(present, node)| (name.as_str(), output, present, node))),
            Err(more) => more.0.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic)),
        }
    }
    diagnostics.into_result()?;
    let assembled = assemble(&scene, found)?;
    let renderer = Renderer::new(&scene, assembled.iter().map(|resource| resource.address.clone()).collect());
    let mut diagnostics = Diagnostics::default();
    let mut complain = |place: &crate::source::Place| {
        for message in renderer.impossible.take() {
            diagnostics.push(Diagnostic::at(place, message).with_hint(super::world::FIX));
        }
    };
    let mut written = Vec::new();
    for resource in &assembled {
        written.push((scene.logical_id(&resource.address), resource_yaml(&renderer, resource, &assembled)));
        complain(&resource.place);
    }
    let mut given_back = Vec::new();
    for (name, output, present, node) in &outputs {
        given_back.push((pascal(name), output_yaml(&renderer, name, output, present, node)));
        complain(&output.place);
    }
    diagnostics.into_result()?;
    let template = document(&renderer, &rules, written, given_back);
    Ok(Exported { template, files_read: scene.files_read.take() })
}

/// Refuses values for variables that there are not.
fn check_inputs(configuration: &Configuration, given: &BTreeMap<String, Value>) -> Result<(), Diagnostics> {
    let known = || configuration.root.variables.keys().map(String::as_str);
    let Some(name) = given.keys().find(|name| !configuration.root.variables.contains_key(*name)) else {
        return Ok(());
    };
    let hint = match nearest(name, known()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(Diagnostic::new(format!("there is no variable `{name}`")).with_hint(hint).into())
}

/// The value of an output, and when it has one; `None` if it never has, or must not be shown.
fn value_of(scene: &Scene<'_>, output: &Output) -> Result<Option<(Condition, Node)>, Diagnostics> {
    let tree = explore(scene, &output.place, &mut |evaluation| {
        let evaluated = evaluation.node("", None, &output.value);
        Ok((evaluated.value, output.sensitive || !evaluated.sensitive.is_empty()))
    })?;
    if tree.leaves().into_iter().any(|(_, is_secret)| *is_secret) {
        scene.note("Secret outputs are left out: a stack shows its outputs to everybody.".to_owned());
        return Ok(None);
    }
    let mut problem = None;
    let texts: Tree<Node> = tree.map(&mut |(value, _)| match as_text(scene, value) {
        Ok(Some(text)) => Node::Value(text),
        Ok(None) => Node::Any,
        Err(message) => {
            problem = Some(message);
            Node::Any
        }
    });
    if let Some(message) = problem {
        return Err(Diagnostic::at(&output.value.place, message).with_hint(super::world::FIX).into());
    }
    let present = tree.map(&mut |(value, _)| !value.is_null()).condition();
    Ok(match Node::merged(&texts) {
        Node::Any => None,
        node => Some((present, node)),
    })
}

/// An output is text: lists have commas, and tables are JSON.
fn as_text(scene: &Scene<'_>, value: &Value) -> Result<Option<Value>, String> {
    Ok(match value {
        Value::Null => None,
        Value::List(items) if items.iter().all(|item| !matches!(item, Value::Map(_) | Value::List(_))) => {
            Some(operations::joined(scene, ",", value).into())
        }
        Value::List(_) | Value::Map(_) => Some(operations::encode(scene, value)?),
        Value::String(_) if is_list(scene, value) => Some(operations::joined(scene, ",", value).into()),
        other => super::parameter::text(other).map(Value::from),
    })
}

/// Whether a value is an attribute that is a list.
fn is_list(scene: &Scene<'_>, value: &Value) -> bool {
    let Some(Symbol::Attribute(address, name)) = scene.of(value) else { return false };
    let schema = scene.schema(&address.block_name());
    let attribute = schema.and_then(|schema| schema.attributes.get(&name));
    attribute.is_some_and(|attribute| {
        matches!(attribute.r#type, crate::schema::Type::List(_) | crate::schema::Type::Set(_))
    })
}

fn resource_yaml(renderer: &Renderer<'_, '_>, resource: &Assembled, all: &[Assembled]) -> Yaml {
    let id = renderer.scene.logical_id(&resource.address);
    let mut entries = vec![("Type".to_owned(), Yaml::text(resource.r#type))];
    if resource.present != Condition::Constant(true) {
        let name = renderer.condition(&resource.present, &format!("Creates{id}"));
        entries.push(("Condition".to_owned(), Yaml::text(name)));
    }
    entries.extend(order_yaml(renderer, resource, all));
    if resource.retain {
        entries.push(("DeletionPolicy".to_owned(), Yaml::text("Retain")));
        entries.push(("UpdateReplacePolicy".to_owned(), Yaml::text("Retain")));
    }
    match renderer.properties(&resource.present, &resource.properties) {
        Some(Yaml::Map(properties)) if properties.is_empty() => {}
        Some(properties) => entries.push(("Properties".to_owned(), properties)),
        None => {}
    }
    Yaml::Map(entries)
}

/// What comes first. `DependsOn` is for what is there whenever this is; something else is named where that makes no
/// difference but for the order.
fn order_yaml(renderer: &Renderer<'_, '_>, resource: &Assembled, all: &[Assembled]) -> Vec<(String, Yaml)> {
    let first = all.iter().filter(|other| resource.depends_on.contains(&other.address));
    let (always, sometimes): (Vec<&Assembled>, Vec<&Assembled>) = first
        .partition(|other| other.present == Condition::Constant(true) || other.present == resource.present);
    let id = |other: &Assembled| renderer.scene.logical_id(&other.address);
    let mut entries = Vec::new();
    if !always.is_empty() {
        let ids = always.iter().map(|other| Yaml::Text(id(other)));
        entries.push(("DependsOn".to_owned(), Yaml::List(ids.collect())));
    }
    if !sometimes.is_empty() {
        let references = sometimes.iter().map(|other| {
            let condition = renderer.condition(&other.present, &format!("Creates{}", id(other)));
            let nothing = Yaml::reference("AWS::NoValue");
            Yaml::tag("If", Yaml::List(vec![Yaml::Text(condition), Yaml::reference(id(other)), nothing]))
        });
        let after = Yaml::Map(vec![("After".to_owned(), Yaml::List(references.collect()))]);
        entries.push(("Metadata".to_owned(), after));
    }
    entries
}

fn output_yaml(
    renderer: &Renderer<'_, '_>,
    name: &str,
    output: &Output,
    present: &Condition,
    node: &Node,
) -> Yaml {
    let mut entries = Vec::new();
    if !output.description.is_empty() {
        entries.push(("Description".to_owned(), Yaml::Text(output.description.replace('\n', " "))));
    }
    if *present != Condition::Constant(true) {
        let name = renderer.condition(present, &format!("Gives{}", pascal(name)));
        entries.push(("Condition".to_owned(), Yaml::text(name)));
    }
    entries.push(("Value".to_owned(), renderer.properties(present, node).unwrap_or_else(|| Yaml::text(""))));
    Yaml::Map(entries)
}

fn document(
    renderer: &Renderer<'_, '_>,
    rules: &[Rule],
    resources: Vec<(String, Yaml)>,
    outputs: Vec<(String, Yaml)>,
) -> String {
    let scene = renderer.scene;
    renderer.used.borrow().ask_only_where_needed(scene);
    let required = scene.required.borrow();
    let rules = rules_yaml(renderer, &rules.iter().chain(required.iter()).collect::<Vec<_>>());
    // Conditions name parameters too.
    let conditions = renderer.conditions();
    let parameters = parameters(renderer);
    let mut sections = vec![("AWSTemplateFormatVersion".to_owned(), Yaml::text("2010-09-09"))];
    sections.push(("Description".to_owned(), Yaml::Text(description(scene))));
    for (name, section) in [
        ("Parameters", Yaml::Map(parameters)),
        ("Rules", Yaml::Map(rules)),
        ("Conditions", conditions),
        ("Resources", Yaml::Map(resources)),
        ("Outputs", Yaml::Map(outputs)),
    ] {
        if !matches!(&section, Yaml::Map(entries) if entries.is_empty()) {
            sections.push((name.to_owned(), section));
        }
    }
    let mut text = String::from(
        "# Written by `provision export`: change what it was exported from, and export again.\n",
    );
    for note in scene.notes.borrow().iter() {
        text += "#\n";
        for line in lines(note) {
            text += &format!("# {line}\n");
        }
    }
    let body: Vec<String> = sections.into_iter().map(|section| Yaml::Map(vec![section]).document()).collect();
    text + &body.join("\n")
}

/// What is exported, in at most 1024 bytes.
fn description(scene: &Scene<'_>) -> String {
    let configuration = scene.configuration;
    let mut text = match scene.is_module {
        true => configuration.root.description.replace('\n', " "),
        false => format!("{} of {}", configuration.environment.name, configuration.environment.project),
    };
    while text.len() > 1024 {
        text.pop();
    }
    text
}

fn parameters(renderer: &Renderer<'_, '_>) -> Vec<(String, Yaml)> {
    let scene = renderer.scene;
    let used = renderer.used.borrow();
    let order: Vec<String> = scene.configuration.root.variables.keys().map(|name| pascal(name)).collect();
    let position = |name: &String| order.iter().position(|known| known == name).unwrap_or(order.len());
    let mut named: Vec<(String, Parameter)> = scene
        .parameters
        .borrow()
        .iter()
        .filter(|(name, _)| used.contains(name))
        .map(|(name, parameter)| (name.clone(), parameter.clone()))
        .collect();
    named.sort_by_key(|(name, _)| (position(name), name.clone()));
    let unused: BTreeSet<String> = (scene.configuration.root.variables.keys())
        .filter(|name| !scene.inputs.contains_key(*name) && !used.contains(&pascal(name)))
        // These have a note of their own.
        .filter(|name| !scene.fixed.borrow().contains(*name))
        .map(|name| format!("`{name}`"))
        .collect();
    if !unused.is_empty() {
        let unused: Vec<String> = unused.into_iter().collect();
        scene.note(format!(
            "These inputs make no difference to a stack, and are no parameters: {}.",
            unused.join(", ")
        ));
    }
    named.into_iter().map(|(name, parameter)| (name, parameter.yaml())).collect()
}

fn rules_yaml(renderer: &Renderer<'_, '_>, rules: &[&Rule]) -> Vec<(String, Yaml)> {
    let assertion = |assert: Yaml, message: &str| {
        let entries = [("Assert", assert), ("AssertDescription", Yaml::text(message))];
        let assertion = Yaml::Map(entries.map(|(key, value)| (key.to_owned(), value)).into());
        Yaml::Map(vec![("Assertions".to_owned(), Yaml::List(vec![assertion]))])
    };
    let mut written = Vec::new();
    if let Some(region) = renderer.scene.region() {
        let equals = Yaml::List(vec![Yaml::reference("AWS::Region"), Yaml::text(region.as_str())]);
        let message = format!("This stack has to be in {region}: something in it can be nowhere else");
        written.push(("Region".to_owned(), assertion(Yaml::tag("Equals", equals), &message)));
    }
    for (position, rule) in rules.iter().enumerate() {
        let assert = renderer.assertion(&rule.condition);
        written.push((format!("Rule{}", position + 1), assertion(assert, &rule.message)));
    }
    written
}

/// The lines of a note.
fn lines(note: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in note.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.chars().count() + word.chars().count() > 115 {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
