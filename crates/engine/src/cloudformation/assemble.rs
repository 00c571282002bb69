//! Resources of the configuration as resources of the template: parts go where they belong, and circles are opened.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::value::Value;
use crate::value::symbol::{Piece, pieces, symbol};

use super::condition::Condition;
use super::resources::{Found, leads_there};
use super::scene::Scene;
use super::symbol::Symbol;
use super::tree::Node;

/// A resource of the template.
pub(super) struct Assembled {
    pub(super) address: Address,
    pub(super) place: Place,
    pub(super) r#type: &'static str,
    pub(super) present: Condition,
    pub(super) properties: Node,
    pub(super) depends_on: BTreeSet<Address>,
    pub(super) retain: bool,
}

/// What refers to what.
#[derive(Default)]
struct Links(BTreeMap<Address, BTreeSet<Address>>);

impl Links {
    fn add(&mut self, from: &Address, to: impl IntoIterator<Item = Address>) {
        self.0.entry(from.clone()).or_default().extend(to);
    }

    fn reaches(&self, from: &Address, to: &Address) -> bool {
        let mut seen = BTreeSet::new();
        let mut stack = vec![from];
        while let Some(at) = stack.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                stack.extend(self.0.get(at).into_iter().flatten());
            }
        }
        false
    }
}

/// All resources of the template, in the order of what was found.
pub(super) fn assemble(scene: &Scene<'_>, found: Vec<Found>) -> Result<Vec<Assembled>, Diagnostics> {
    let mut links = Links::default();
    // What is a resource by itself in any case.
    for resource in found.iter().filter(|resource| resource.parts.is_empty()) {
        links.add(&resource.address, resource.own.iter().flat_map(|own| named(scene, own)));
    }
    let mut assembled: Vec<Assembled> = Vec::new();
    let mut added: Vec<(Address, Condition, Node, Place)> = Vec::new();
    // Where what has become a part is now.
    let mut moved: BTreeMap<Address, Address> = BTreeMap::new();
    let mut waits: Vec<(Address, BTreeSet<String>)> = Vec::new();
    for resource in found {
        let closes = |links: &Links, target: &Address, node: &Node| {
            named(scene, node).iter().any(|other| links.reaches(other, target))
        };
        let is_circular = resource.parts.iter().any(|(target, (_, node))| closes(&links, target, node));
        if !resource.parts.is_empty() && (!is_circular || resource.own.is_none()) {
            for (target, (condition, node)) in resource.parts {
                let node = match closes(&links, &target, &node) {
                    true => opened(scene, &node, &|other| links.reaches(other, &target)),
                    false => node,
                };
                links.add(&target, named(scene, &node));
                moved.insert(resource.address.clone(), target.clone());
                added.push((target, condition, node, resource.place.clone()));
            }
            continue;
        }
        let Some((own, kind)) = resource.own.zip(resource.counterpart.resource) else { continue };
        links.add(&resource.address, named(scene, &own));
        waits.push((resource.address.clone(), resource.depends_on));
        assembled.push(Assembled {
            address: resource.address,
            place: resource.place,
            r#type: kind.r#type,
            present: resource.present,
            properties: own,
            depends_on: BTreeSet::new(),
            retain: resource.retain,
        });
    }
    for (target, condition, node, place) in added {
        let Some(resource) = assembled.iter_mut().find(|resource| resource.address == target) else {
            return Err(Diagnostic::at(&place, format!("{target} is no resource of the template")).into());
        };
        let condition = if condition == resource.present { Condition::Constant(true) } else { condition };
        resource.properties.add(&condition, node);
    }
    wait(scene, &mut assembled, waits, &moved, &mut links);
    Ok(assembled)
}

/// Settles what waits for what although it names nothing of it.
fn wait(
    scene: &Scene<'_>,
    assembled: &mut [Assembled],
    waits: Vec<(Address, BTreeSet<String>)>,
    moved: &BTreeMap<Address, Address>,
    links: &mut Links,
) {
    let all: Vec<Address> = assembled.iter().map(|resource| resource.address.clone()).collect();
    for (address, prefixes) in waits {
        let Some(resource) = assembled.iter_mut().find(|resource| resource.address == address) else {
            continue;
        };
        let direct = named(scene, &resource.properties);
        let places = all.iter().map(|there| (there, there)).chain(moved.iter());
        for (there, target) in places {
            let waits = prefixes.iter().any(|prefix| there.below(prefix).is_some());
            // What is named is waited for anyway, and nothing waits for what waits for it.
            if waits && *target != address && !direct.contains(target) && !links.reaches(target, &address) {
                resource.depends_on.insert(target.clone());
                links.add(&address, [target.clone()]);
            }
        }
    }
}

/// The resources that properties name.
fn named(scene: &Scene<'_>, node: &Node) -> BTreeSet<Address> {
    node.values().into_iter().flat_map(|value| named_in(scene, value)).collect()
}

fn named_in(scene: &Scene<'_>, value: &Value) -> Vec<Address> {
    fn address(scene: &Scene<'_>, symbol: Symbol) -> Option<Address> {
        match symbol {
            Symbol::Joined(inner, _) => address(scene, *inner),
            Symbol::Attribute(address, attribute) => {
                let counterpart = scene.counterpart(&address.block_name())?;
                (!address.is_data() && leads_there(&counterpart, &attribute)).then_some(address)
            }
            _ => None,
        }
    }
    scene.symbols_in(value).into_iter().filter_map(|symbol| address(scene, symbol)).collect()
}

/// The same properties with parameters for what would close a circle: what they stand for is known once the stack is
/// there.
fn opened(scene: &Scene<'_>, node: &Node, closes: &dyn Fn(&Address) -> bool) -> Node {
    let again = |node: &Node| opened(scene, node, closes);
    match node {
        Node::Any | Node::Nothing => node.clone(),
        Node::Value(value) => Node::Value(opened_value(scene, value, closes)),
        Node::List(items) => Node::List(items.iter().map(again).collect()),
        Node::Map(entries) => {
            Node::Map(entries.iter().map(|(key, value)| (key.clone(), again(value))).collect())
        }
        Node::If(condition, yes, no) => {
            Node::If(condition.clone(), Box::new(again(yes)), Box::new(again(no)))
        }
    }
}

fn opened_value(scene: &Scene<'_>, value: &Value, closes: &dyn Fn(&Address) -> bool) -> Value {
    match value {
        Value::String(text) => Value::String(
            pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Symbol(number) => match scene.symbol(number) {
                        Some(Symbol::Attribute(address, attribute)) if closes(&address) => {
                            later(scene, &address, &attribute)
                        }
                        _ => symbol(number),
                    },
                })
                .collect(),
        ),
        Value::List(items) => {
            Value::List(items.iter().map(|item| opened_value(scene, item, closes)).collect())
        }
        Value::Map(map) => Value::Map(
            map.iter().map(|(key, item)| (key.clone(), opened_value(scene, item, closes))).collect(),
        ),
        other => other.clone(),
    }
}

/// A parameter for an attribute of a resource that is made by the same stack, only later.
fn later(scene: &Scene<'_>, address: &Address, attribute: &str) -> String {
    let name = scene.parameter_for(address, attribute);
    let resource = scene.logical_id(address);
    scene.ask(
        &name,
        &format!("`{attribute}` of the resource {resource}, which is known once the stack is there: update the stack with it then"),
        false,
    );
    scene.default_to(&name, "not-known-yet");
    scene.note(format!(
        "{name} stands for what would be a circle here: create the stack without it, look up `{attribute}` of {resource}, \
         and update the stack with that."
    ));
    match scene.stand_for(Symbol::Parameter(name)) {
        Value::String(text) => text,
        _ => String::new(),
    }
}
