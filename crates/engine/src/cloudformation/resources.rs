//! The resources of a template, each with what it is in all cases.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::config::{Block as Declared, PlacedBlock};
use crate::evaluate::{Each, Evaluation};
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::value::{Map, Value};

use super::block::Block;
use super::condition::Condition;
use super::scene::Scene;
use super::symbol::Symbol;
use super::tree::{Node, Tree};
use super::world::explore;
use super::{Counterpart, Returned};

/// A resource of the configuration.
pub(super) struct Found {
    pub(super) address: Address,
    /// Where its block stands.
    pub(super) place: Place,
    pub(super) counterpart: Counterpart,
    /// When it is there.
    pub(super) present: Condition,
    /// The properties that it has as a resource of its own.
    pub(super) own: Option<Node>,
    /// The resources that it is a part of, with what it adds to each and when.
    pub(super) parts: BTreeMap<Address, (Condition, Node)>,
    /// The beginnings of the addresses that it waits for.
    pub(super) depends_on: BTreeSet<String>,
    /// Whether it has to stay when the stack goes.
    pub(super) retain: bool,
}

/// A resource in one case.
struct Case {
    own: Option<Map>,
    part: Option<(Address, Map)>,
    depends_on: BTreeSet<String>,
    retain: bool,
}

/// All resources that a block becomes.
pub(super) fn resources(scene: &Scene<'_>, placed: &PlacedBlock) -> Result<Vec<Found>, Diagnostics> {
    let module = &scene.configuration.modules[placed.module].module;
    let Some(declared) = module.blocks.get(&placed.name) else { return Ok(Vec::new()) };
    let Some(counterpart) = scene.counterpart(&placed.name) else {
        let message = format!("CloudFormation has nothing for {}", placed.name.kind);
        return Err(Diagnostic::at(&declared.place, message)
            .with_hint("what is exported must do without it")
            .into());
    };
    if counterpart.implied && counterpart.part.is_none() {
        return Ok(Vec::new());
    }
    let tree = explore(scene, &declared.place, &mut |evaluation| {
        let mut cases = BTreeMap::new();
        for instance in evaluation.instances_of(placed.module) {
            let expansion = evaluation.expand(&instance, &placed.name);
            for (address, each) in expansion.instances() {
                let at = (&*instance, each.as_ref());
                let case = case(scene, evaluation, at, (&address, declared), &counterpart)?;
                cases.extend(case.map(|case| (address, case)));
            }
        }
        Ok(cases)
    })?;
    let is_parameter = |address: &Address| crate::value::symbol::has_symbol(address.as_str());
    if tree.leaves().into_iter().flat_map(BTreeMap::keys).any(is_parameter) {
        let message = "a template cannot have one of these for each element of a parameter";
        return Err(Diagnostic::at(&declared.place, message).with_hint(super::world::FIX).into());
    }
    let addresses: BTreeSet<Address> = tree.leaves().into_iter().flat_map(BTreeMap::keys).cloned().collect();
    Ok(addresses
        .into_iter()
        .map(|address| found(scene, address, &declared.place, counterpart, &tree))
        .collect())
}

/// One resource, with all its cases made one.
fn found(
    scene: &Scene<'_>,
    address: Address,
    place: &Place,
    counterpart: Counterpart,
    tree: &Tree<BTreeMap<Address, Case>>,
) -> Found {
    let whole =
        |items: &[Value]| items.iter().any(|item| matches!(scene.of(item), Some(Symbol::Elements(_))));
    let node = |map: &Map| Node::of(&Value::Map(map.clone()), &whole);
    let of = |cases: &BTreeMap<Address, Case>, get: &dyn Fn(&Case) -> Option<Node>| match cases.get(&address)
    {
        Some(case) => get(case).unwrap_or(Node::Any),
        None => Node::Any,
    };
    let own = |case: &Case| case.own.as_ref().map(node);
    let cases = || tree.leaves().into_iter().filter_map(|cases| cases.get(&address));
    let targets: BTreeSet<&Address> =
        cases().filter_map(|case| case.part.as_ref()).map(|(target, _)| target).collect();
    let parts = targets.into_iter().map(|target| {
        let is_part = |case: &Case| case.part.as_ref().is_some_and(|(other, _)| other == target);
        let present = tree.map(&mut |cases| cases.get(&address).is_some_and(is_part));
        let added =
            |case: &Case| case.part.as_ref().filter(|(other, _)| other == target).map(|(_, map)| node(map));
        let added = Node::merged(&tree.map(&mut |cases| of(cases, &added)));
        (target.clone(), (present.condition(), added))
    });
    Found {
        place: place.clone(),
        counterpart,
        present: tree.map(&mut |cases| cases.contains_key(&address)).condition(),
        own: cases()
            .any(|case| case.own.is_some())
            .then(|| Node::merged(&tree.map(&mut |cases| of(cases, &own)))),
        parts: parts.collect(),
        depends_on: cases().flat_map(|case| case.depends_on.iter().cloned()).collect(),
        retain: cases().any(|case| case.retain),
        address,
    }
}

/// One resource in one case; none where nothing can be made of the parameters, which was complained about.
fn case(
    scene: &Scene<'_>,
    evaluation: &Evaluation<'_>,
    (instance, each): (&str, Option<&Each>),
    (address, declared): (&Address, &Declared),
    counterpart: &Counterpart,
) -> Result<Option<Case>, Diagnostics> {
    let name = &address.block_name();
    let configured = evaluation.node(instance, each, &declared.arguments).value;
    let (mut arguments, problems) = match scene.schema(name) {
        Some(schema) => schema.check(&configured),
        None => (configured, Vec::new()),
    };
    let wrong = |problem: crate::schema::Problem| {
        let place = declared.arguments.place_of(&problem.path, problem.at_key);
        Diagnostic { hint: problem.hint, ..Diagnostic::at(place, problem.message) }
    };
    if !problems.is_empty() {
        problems.into_iter().for_each(|problem| evaluation.complain(wrong(problem)));
        return Ok(None);
    }
    if let Some(schema) = scene.schema(name) {
        scene.narrow(schema, &arguments);
        with_tags(scene, schema.is_taggable(), &mut arguments);
    }
    check_region(scene, evaluation, (instance, each), declared)?;
    let evaluate = |node: Option<&crate::config::tree::Node>| {
        node.is_some_and(|node| evaluation.node(instance, each, node).value.as_bool() == Some(true))
    };
    let mut diagnostics = Diagnostics::default();
    let mut write = |properties: fn(&mut Block<'_>)| {
        let written = evaluation.with_files(instance, |files| {
            let mut block = Block::new(&arguments, files);
            properties(&mut block);
            block.finish()
        });
        for note in written.notes {
            scene.note(format!("{address}: {}", note.message));
        }
        written.problems.into_iter().for_each(|problem| diagnostics.push(wrong(problem)));
        written.properties
    };
    let part = counterpart.parts().find_map(|part| match scene.of(arguments.get(part.of)) {
        Some(Symbol::Attribute(target, attribute))
            if part.by.is_empty() || part.by.contains(&attribute.as_str()) =>
        {
            Some((target, write(part.properties)))
        }
        _ => None,
    });
    let is_sign = part.as_ref().is_some_and(|_| counterpart.part.is_some_and(|part| !part.by.is_empty()));
    let own = counterpart.resource.filter(|_| !is_sign).map(|resource| write(resource.properties));
    if part.is_none() && own.is_none() {
        let of = counterpart.part.map_or("", |part| part.of);
        let place = declared.arguments.place_of(&of.into(), false);
        diagnostics.push(
            Diagnostic::at(place, format!("in CloudFormation, {} is a part of what `{of}` names", name.kind))
                .with_hint(
                    "that has to be a resource of the same template, and named by one of its attributes",
                ),
        );
    }
    diagnostics.into_result()?;
    Ok(Some(Case {
        own,
        part,
        depends_on: depends_on(evaluation, instance, declared),
        retain: evaluate(declared.lifecycle.prevent_destroy.as_deref()),
    }))
}

/// Puts the environment's tags under its own.
fn with_tags(scene: &Scene<'_>, is_taggable: bool, arguments: &mut Value) {
    let tags = scene.configuration.environment.tags.iter();
    let Value::Map(map) = arguments else { return };
    if !is_taggable || scene.is_module {
        return;
    }
    let shared = tags.map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    let own = map.remove("tags").unwrap_or_default();
    let merged: Map = shared.chain(own.as_map().cloned().unwrap_or_default()).collect();
    map.insert("tags".to_owned(), Value::Map(merged));
}

/// All of a stack is in one region: one that a resource asks for by name is that of the whole stack.
fn check_region(
    scene: &Scene<'_>,
    evaluation: &Evaluation<'_>,
    (instance, each): (&str, Option<&Each>),
    declared: &Declared,
) -> Result<(), Diagnostics> {
    let Some(node) = &declared.region else { return Ok(()) };
    let value = evaluation.node(instance, each, node).value;
    if value.is_null() || scene.of(&value) == Some(Symbol::Pseudo("AWS::Region")) {
        return Ok(());
    }
    let environment = &scene.configuration.environment.region;
    match value.as_str() {
        Some(region) if scene.is_module || region == environment => scene.be_in(region, &node.place),
        _ => {
            let message = format!("this is not in {environment}, and all of a stack is in one region");
            Err(Diagnostic::at(&node.place, message).with_hint("export it apart").into())
        }
    }
}

/// The beginnings of the addresses that a block waits for, and that the modules do that it is in.
fn depends_on(evaluation: &Evaluation<'_>, instance: &str, declared: &Declared) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut add = |module: &str, references: &[crate::expression::Reference]| {
        for reference in references {
            match reference.names.first().map(String::as_str) {
                Some("data") | None => {}
                Some(_) => drop(found.insert(format!("{module}{}", reference.names.join(".")))),
            }
        }
    };
    add(instance, &declared.repetition.depends_on);
    for (parent, call) in evaluation.calls_around(instance) {
        add(&parent, &call.repetition.depends_on);
    }
    found
}

/// Whether an attribute leads to a resource of the template, and not to nothing but a sign.
pub(super) fn leads_there(counterpart: &Counterpart, attribute: &str) -> bool {
    !matches!(counterpart.returned(attribute), Some(Returned::Sign))
}
