//! Graphs of resources and data sources: what depends on what, grouped by module, coloured by what a plan does.

use std::collections::{BTreeMap, HashMap};

use provision_engine::address::Address;
use provision_engine::plan::PlanDocument;

mod dot;
mod layout;
mod look;
mod mermaid;
mod page;
mod svg;

pub(crate) use dot::dot;
pub(crate) use look::{Look, action_of};
pub(crate) use mermaid::mermaid;
pub(crate) use page::{page, view};
use svg::svg;

/// A graph to be drawn.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Of which environment it is.
    pub(crate) title: String,
    pub(crate) nodes: Vec<Node>,
    /// The modules, each after the one that it is in; the first is the environment itself.
    pub(crate) modules: Vec<Module>,
    /// Which node depends on which: the first on the second. What follows from others is left out.
    pub(crate) edges: Vec<(usize, usize)>,
}

/// A resource or a data source.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) address: Address,
    /// The position of its module.
    pub(crate) module: usize,
    /// What a plan does to it; absent in the graph of a configuration, and for what was only read.
    pub(crate) action: Option<String>,
}

/// A module in one of its uses.
#[derive(Debug)]
pub(crate) struct Module {
    /// Such as `module.cdn`; nothing for the environment.
    pub(crate) address: String,
    /// The position of the module that it is in.
    pub(crate) parent: Option<usize>,
}

impl Picture {
    /// The graph of a plan.
    pub(crate) fn of_plan(document: &PlanDocument) -> Self {
        let changes = document.changes.iter().filter(|change| !(change.action == "no-op" && change.gone));
        let changes = changes
            .map(|change| (change.address.as_str(), Some(action_of(change)), change.dependencies.iter()));
        let data = document.data.iter().map(|(address, behind)| (address.as_str(), None, behind.iter()));
        let title = format!("{} {}", document.env.project, document.env.name);
        Self::new(title, data.chain(changes))
    }

    /// The graph of a configuration, from a plan that was made of nothing else.
    pub(crate) fn of_configuration(document: &PlanDocument) -> Self {
        let mut picture = Self::of_plan(document);
        picture.nodes.iter_mut().for_each(|node| node.action = None);
        picture
    }

    fn new<'a, D: Iterator<Item = &'a String>>(
        title: String,
        nodes: impl Iterator<Item = (&'a str, Option<&'a str>, D)>,
    ) -> Self {
        let root = Module { address: String::new(), parent: None };
        let mut picture = Self { title, nodes: Vec::new(), modules: vec![root], edges: Vec::new() };
        let mut modules = HashMap::new();
        let mut positions = HashMap::new();
        let mut dependencies = Vec::new();
        for (address, action, behind) in nodes {
            let module = picture.module_of(&address.into(), &mut modules);
            positions.insert(address, picture.nodes.len());
            picture.nodes.push(Node { address: address.into(), module, action: action.map(str::to_owned) });
            dependencies.push(behind);
        }
        let edges: Vec<(usize, usize)> = dependencies
            .into_iter()
            .enumerate()
            .flat_map(|(node, behind)| behind.map(move |address| (node, address)))
            .filter_map(|(node, address)| Some((node, *positions.get(address.as_str())?)))
            .filter(|(node, dependency)| node != dependency)
            .collect();
        picture.edges = reduced(picture.nodes.len(), &edges);
        picture
    }

    /// The module of an address, which is added with those that it is in if it is new.
    fn module_of(&mut self, address: &Address, known: &mut HashMap<String, usize>) -> usize {
        let mut parent = 0;
        for module in address.modules() {
            parent = *known.entry(module.to_owned()).or_insert_with(|| {
                self.modules.push(Module { address: module.to_owned(), parent: Some(parent) });
                self.modules.len() - 1
            });
        }
        parent
    }

    /// The positions of the modules in a module.
    fn children(&self, module: usize) -> impl Iterator<Item = usize> {
        (0..self.modules.len()).filter(move |child| self.modules[*child].parent == Some(module))
    }

    /// The positions of the nodes in a module, but for those in its modules.
    fn nodes_of(&self, module: usize) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(move |node| self.nodes[*node].module == module)
    }

    /// How often each action is planned, the most drastic first.
    pub(crate) fn actions(&self) -> Vec<(&str, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        self.nodes.iter().filter_map(|node| node.action.as_deref()).for_each(|action| {
            *counts.entry(action).or_default() += 1;
        });
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(action, _)| Look::of(action).rank);
        counts
    }
}

impl Node {
    /// How it looks.
    pub(crate) fn look(&self) -> Look {
        self.action.as_deref().map_or(Look::PLAIN, Look::of)
    }

    /// Its kind and its own name, which has its key: `("aws_s3_bucket", "logs[\"eu\"]")`.
    pub(crate) fn labels(&self) -> (String, &str) {
        let name = self.address.name();
        let kind = self.address.kind();
        let own = name.strip_prefix("data.").unwrap_or(name);
        let own = own.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.')).unwrap_or(own);
        (if self.address.is_data() { format!("data.{kind}") } else { kind.to_owned() }, own)
    }
}

/// The nodes, each after all that it depends on. Where there is a circle, which only a file that was tampered with can
/// have, it is cut somewhere.
fn order(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut waits = vec![0_usize; nodes];
    let mut followers = vec![Vec::new(); nodes];
    for (node, dependency) in edges {
        waits[*node] += 1;
        followers[*dependency].push(*node);
    }
    let mut order = Vec::with_capacity(nodes);
    let mut taken = vec![false; nodes];
    let mut ready: Vec<usize> = (0..nodes).rev().filter(|node| waits[*node] == 0).collect();
    let mut first_left = 0;
    while order.len() < nodes {
        let node = ready.pop().unwrap_or_else(|| {
            while taken[first_left] {
                first_left += 1;
            }
            first_left
        });
        if std::mem::replace(&mut taken[node], true) {
            continue;
        }
        order.push(node);
        for follower in followers[node].iter().rev() {
            waits[*follower] = waits[*follower].saturating_sub(1);
            if waits[*follower] == 0 {
                ready.push(*follower);
            }
        }
    }
    order
}

/// The edges without those that follow from others, and without circles.
fn reduced(nodes: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let order = order(nodes, edges);
    let mut places = vec![0; nodes];
    order.iter().enumerate().for_each(|(place, node)| places[*node] = place);
    let mut dependencies = vec![Vec::new(); nodes];
    for (node, dependency) in edges.iter().filter(|(node, dependency)| places[*dependency] < places[*node]) {
        dependencies[*node].push(*dependency);
    }
    // For each node a set of bits: all that is behind it.
    let words = nodes.div_ceil(64);
    let mut behind = vec![vec![0_u64; words]; nodes];
    let has = |bits: &[u64], node: usize| bits[node / 64] & (1 << (node % 64)) != 0;
    let mut kept = Vec::new();
    for node in order {
        let mut direct = std::mem::take(&mut dependencies[node]);
        direct.sort_unstable();
        direct.dedup();
        let mut bits = vec![0_u64; words];
        for dependency in &direct {
            bits.iter_mut().zip(&behind[*dependency]).for_each(|(bit, more)| *bit |= more);
        }
        kept.extend(
            direct
                .iter()
                .filter(|dependency| !has(&bits, **dependency))
                .map(|dependency| (node, *dependency)),
        );
        for dependency in direct {
            bits[dependency / 64] |= 1 << (dependency % 64);
        }
        behind[node] = bits;
    }
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests;
