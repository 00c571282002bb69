//! The order in which resources and data sources can be evaluated, and whether there is one.

use std::sync::Arc;

use super::block::{BlockName, Module, ModuleCall};
use super::tree::Node;
use super::variable::Validation;
use crate::expression::Reference;
use crate::hash::HashMap;
use crate::source::{Diagnostic, Diagnostics, Place};

/// A module where it is used: a use of a use counts apart.
#[derive(Debug, Clone)]
pub struct ModulePath {
    /// The module.
    pub module: Arc<Module>,
    /// The index of the module that uses it.
    pub parent: Option<usize>,
    /// The name that its user gives it.
    pub name: String,
    /// The indexes of the modules that it uses.
    pub(crate) children: HashMap<String, usize>,
}

impl ModulePath {
    /// The call in the parent that this is.
    fn call<'a>(&self, modules: &'a [Self]) -> Option<(usize, &'a ModuleCall)> {
        let parent = self.parent?;
        Some((parent, modules.get(parent)?.module.modules.get(&self.name)?))
    }
}

/// A resource or data source of a module where that is used.
#[derive(Debug, Clone)]
pub struct PlacedBlock {
    /// The index of the module.
    pub module: usize,
    /// The block's name in it.
    pub name: BlockName,
}

/// Lists all modules and, after what they depend on, all blocks. Circles are added to `diagnostics`.
pub(super) fn order(
    root: &Arc<Module>,
    diagnostics: &mut Diagnostics,
) -> (Vec<ModulePath>, Vec<PlacedBlock>) {
    let path = |module: &Arc<Module>, parent, name: &str| ModulePath {
        module: module.clone(),
        parent,
        name: name.to_owned(),
        children: HashMap::default(),
    };
    let mut modules = vec![path(root, None, "")];
    let mut position = 0;
    while position < modules.len() {
        let module = modules[position].module.clone();
        for (name, call) in &module.modules {
            let child = modules.len();
            modules[position].children.insert(name.clone(), child);
            modules.push(path(&call.module, Some(position), name));
        }
        position += 1;
    }
    let graph = Graph { modules: &modules };
    let blocks = graph.sort(diagnostics);
    (modules, blocks)
}

/// Something with a value, in the module of that index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Vertex {
    Variable(usize, String),
    Local(usize, String),
    Output(usize, String),
    Block(usize, BlockName),
    /// How often the module is used.
    Uses(usize),
    /// All that is in the module.
    Everything(usize),
}

type Edge = (Vertex, Option<Place>);

struct Graph<'a> {
    modules: &'a [ModulePath],
}

impl Graph<'_> {
    /// Depth first, with a stack of its own: a chain can be longer than the thread's.
    fn sort(&self, diagnostics: &mut Diagnostics) -> Vec<PlacedBlock> {
        let mut blocks = Vec::new();
        let mut finished: HashMap<Vertex, bool> = HashMap::default();
        let mut starts = Vec::new();
        for (index, path) in self.modules.iter().enumerate() {
            starts.extend(path.module.blocks.keys().map(|name| Vertex::Block(index, name.clone())));
            starts.extend(path.module.locals.keys().map(|name| Vertex::Local(index, name.clone())));
            starts.extend(path.module.outputs.keys().map(|name| Vertex::Output(index, name.clone())));
            starts.extend(path.module.variables.keys().map(|name| Vertex::Variable(index, name.clone())));
        }
        for start in starts {
            if finished.contains_key(&start) {
                continue;
            }
            // Each with the place that has led to it.
            let mut stack: Vec<(Vertex, Option<Place>, Vec<Edge>)> =
                vec![(start.clone(), None, self.edges(&start))];
            finished.insert(start, false);
            while let Some((vertex, _, edges)) = stack.last_mut() {
                let Some((target, place)) = edges.pop() else {
                    if let Vertex::Block(module, name) = &vertex {
                        blocks.push(PlacedBlock { module: *module, name: name.clone() });
                    }
                    finished.insert(vertex.clone(), true);
                    stack.pop();
                    continue;
                };
                match finished.get(&target) {
                    Some(true) => {}
                    Some(false) => {
                        let from = stack.iter().position(|(vertex, ..)| *vertex == target).unwrap_or(0);
                        let circle: Vec<&Vertex> =
                            stack[from..].iter().map(|(vertex, ..)| vertex).chain([&target]).collect();
                        let others = stack[from + 1..].iter().filter_map(|(_, place, _)| place.clone());
                        diagnostics.push(self.circle(&circle, place, others.collect()));
                    }
                    None => {
                        finished.insert(target.clone(), false);
                        let edges = self.edges(&target);
                        stack.push((target, place, edges));
                    }
                }
            }
        }
        blocks
    }

    /// `place`: the reference that closes it. `others`: those before it, as far as they stand in files.
    fn circle(&self, circle: &[&Vertex], place: Option<Place>, mut others: Vec<Place>) -> Diagnostic {
        let names: Vec<String> = circle.iter().filter_map(|vertex| self.describe(vertex)).collect();
        let message = format!("this needs itself: {}", names.join(" → "));
        let hint = "take one of these references away";
        let Some(place) = place.or_else(|| others.pop()) else {
            return Diagnostic::new(message).with_hint(hint);
        };
        let diagnostic = Diagnostic::at(&place, message).with_hint(hint);
        others
            .iter()
            .fold(diagnostic, |diagnostic, other| diagnostic.with_related(other, "part of the circle"))
    }

    /// A vertex in the words of the configuration; `None` for what only joins others.
    fn describe(&self, vertex: &Vertex) -> Option<String> {
        let (module, name) = match vertex {
            Vertex::Variable(module, name) => (*module, format!("var.{name}")),
            Vertex::Local(module, name) => (*module, format!("local.{name}")),
            Vertex::Output(module, name) => (*module, format!("output.{name}")),
            Vertex::Block(module, name) => (*module, name.to_string()),
            Vertex::Uses(_) | Vertex::Everything(_) => return None,
        };
        let mut path = name;
        let mut at = module;
        while let Some(parent) = self.modules[at].parent {
            path = format!("module.{}.{path}", self.modules[at].name);
            at = parent;
        }
        Some(path)
    }

    /// What must have a value before this has one.
    fn edges(&self, vertex: &Vertex) -> Vec<Edge> {
        let mut edges = Vec::new();
        match vertex {
            Vertex::Variable(index, name) => {
                let path = &self.modules[*index];
                if let Some((parent, call)) = path.call(self.modules)
                    && let Some(entry) = call.arguments.get(name)
                {
                    self.of_node(parent, &entry.node, &mut edges);
                    edges.push((Vertex::Uses(*index), None));
                } else if let Some(default) =
                    path.module.variables.get(name).and_then(|variable| variable.default.as_ref())
                {
                    self.of_node(*index, default, &mut edges);
                }
            }
            Vertex::Local(index, name) => {
                if let Some(entry) = self.modules[*index].module.locals.get(name) {
                    self.of_node(*index, &entry.node, &mut edges);
                }
            }
            Vertex::Output(index, name) => {
                if let Some(output) = self.modules[*index].module.outputs.get(name) {
                    self.of_node(*index, &output.value, &mut edges);
                }
                edges.push((Vertex::Uses(*index), None));
            }
            Vertex::Block(index, name) => {
                if let Some(block) = self.modules[*index].module.blocks.get(name) {
                    self.of_node(*index, &block.arguments, &mut edges);
                    block
                        .settings()
                        .chain(block.repetition.nodes())
                        .chain(block.lifecycle.postconditions.iter().flat_map(Validation::nodes))
                        .for_each(|node| self.of_node(*index, node, &mut edges));
                    let triggers = &block.lifecycle.replace_triggered_by;
                    self.of_addresses(*index, block.repetition.depends_on.iter().chain(triggers), &mut edges);
                }
                edges.push((Vertex::Uses(*index), None));
            }
            Vertex::Uses(index) => {
                if let Some((parent, call)) = self.modules[*index].call(self.modules) {
                    call.repetition.nodes().for_each(|node| self.of_node(parent, node, &mut edges));
                    self.of_addresses(parent, call.repetition.depends_on.iter(), &mut edges);
                    edges.push((Vertex::Uses(parent), None));
                }
            }
            Vertex::Everything(index) => {
                let names = self.modules[*index].module.blocks.keys();
                edges.extend(names.map(|name| (Vertex::Block(*index, name.clone()), None)));
                edges.extend(
                    self.modules[*index].children.values().map(|child| (Vertex::Everything(*child), None)),
                );
            }
        }
        edges
    }

    fn of_node(&self, module: usize, node: &Node, edges: &mut Vec<Edge>) {
        node.for_each_expression(&mut |expression| {
            for reference in &expression.references {
                self.of_reference(module, reference, false, edges);
            }
        });
    }

    fn of_addresses<'r>(
        &self,
        module: usize,
        references: impl Iterator<Item = &'r Reference>,
        edges: &mut Vec<Edge>,
    ) {
        references.for_each(|reference| self.of_reference(module, reference, true, edges));
    }

    /// `whole`: the reference is an address, and means all that is there.
    fn of_reference(&self, module: usize, reference: &Reference, whole: bool, edges: &mut Vec<Edge>) {
        let name = |position: usize| reference.names.get(position).cloned().unwrap_or_default();
        let place = || Some(reference.place.clone());
        match reference.names.first().map(String::as_str) {
            Some("var") => edges.push((Vertex::Variable(module, name(1)), place())),
            Some("local") => edges.push((Vertex::Local(module, name(1)), place())),
            Some("env" | "each" | "path" | "self") | None => {}
            Some("module") => {
                let Some(child) = self.modules[module].children.get(&name(1)) else { return };
                if whole {
                    edges.push((Vertex::Everything(*child), place()));
                } else if reference.names.len() > 2 {
                    edges.push((Vertex::Output(*child, name(2)), place()));
                } else {
                    let outputs = self.modules[*child].module.outputs.keys();
                    edges.extend(outputs.map(|output| (Vertex::Output(*child, output.clone()), place())));
                }
            }
            Some("data") => {
                edges.push((
                    Vertex::Block(module, BlockName { data: true, kind: name(1), name: name(2) }),
                    place(),
                ));
            }
            Some(_) => {
                edges.push((
                    Vertex::Block(module, BlockName { data: false, kind: name(0), name: name(1) }),
                    place(),
                ));
            }
        }
    }
}
