//! The order of an apply: a graph whose nodes are steps.
//!
//! - A step that applies waits for those that apply what it refers to.
//! - A delete waits for the deletes of what referred to the object, as the state has recorded.
//! - A replacement's create waits for its delete; with `create_before_destroy` the delete waits for the create, and
//!   for the updates of all that referred to the old object.
//! - The delete of something that is configured no more waits for the updates of those that referred to it, where
//!   that does not close a circle.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::address::Address;
use crate::plan::{Action, Change, Plan};

/// One step of an apply, on the change of that index in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Creates, updates, reads or adopts it, or lets it be.
    Apply(usize),
    /// Deletes the object that there is.
    Delete(usize),
    /// Deletes what earlier replacements have left.
    DeleteDeposed(usize),
}

impl Step {
    /// The index of the change.
    pub fn change(self) -> usize {
        match self {
            Self::Apply(change) | Self::Delete(change) | Self::DeleteDeposed(change) => change,
        }
    }
}

/// Steps, and which of them comes before which.
pub struct Graph {
    graph: DiGraph<Step, ()>,
}

impl Graph {
    /// The graph of a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut builder = Builder::new(&plan.changes);
        builder.hard_edges();
        builder.soft_edges();
        Self { graph: builder.graph }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.graph.node_count() == 0
    }

    /// All steps.
    pub fn steps(&self) -> impl Iterator<Item = (NodeIndex, Step)> {
        self.graph.node_indices().map(|index| (index, self.graph[index]))
    }

    /// The step of that node.
    pub fn step(&self, node: NodeIndex) -> Step {
        self.graph[node]
    }

    /// How many steps this one waits for.
    pub fn waits_for(&self, node: NodeIndex) -> usize {
        self.graph.neighbors_directed(node, Direction::Incoming).count()
    }

    /// The steps that wait for this one.
    pub fn followers(&self, node: NodeIndex) -> impl Iterator<Item = NodeIndex> {
        self.graph.neighbors_directed(node, Direction::Outgoing)
    }

    /// Whether no step waits for itself.
    pub fn is_acyclic(&self) -> bool {
        order(&self.graph).len() == self.graph.node_count()
    }
}

struct Builder<'a> {
    changes: &'a [Change],
    graph: DiGraph<Step, ()>,
    positions: HashMap<&'a Address, usize>,
    applies: Vec<Option<NodeIndex>>,
    deletes: Vec<Option<NodeIndex>>,
    deposed: Vec<Option<NodeIndex>>,
}

impl<'a> Builder<'a> {
    fn new(changes: &'a [Change]) -> Self {
        let mut graph = DiGraph::with_capacity(changes.len(), changes.len());
        let mut node = |wanted: bool, step| wanted.then(|| graph.add_node(step));
        let applies =
            (0..changes.len()).map(|index| node(changes[index].applies(), Step::Apply(index))).collect();
        let deletes =
            (0..changes.len()).map(|index| node(changes[index].deletes(), Step::Delete(index))).collect();
        let deposed = (0..changes.len())
            .map(|index| node(!changes[index].deposed().is_empty(), Step::DeleteDeposed(index)))
            .collect();
        let positions = changes.iter().enumerate().map(|(index, change)| (&change.address, index)).collect();
        Self { changes, graph, positions, applies, deletes, deposed }
    }

    fn before(&mut self, first: Option<NodeIndex>, second: Option<NodeIndex>) {
        if let (Some(first), Some(second)) = (first, second)
            && first != second
        {
            self.graph.update_edge(first, second, ());
        }
    }

    /// The pairs of changes of which the state says that the first referred to the second.
    fn recorded(&self) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (index, change) in self.changes.iter().enumerate() {
            for dependency in change.prior.iter().flat_map(|prior| &prior.dependencies) {
                if let Some(found) = self.positions.get(dependency)
                    && *found != index
                {
                    pairs.push((index, *found));
                }
            }
        }
        pairs
    }

    fn hard_edges(&mut self) {
        for index in 0..self.changes.len() {
            let change = &self.changes[index];
            for dependency in &change.dependencies {
                if let Some(found) = self.positions.get(dependency).copied() {
                    self.before(self.applies[found], self.applies[index]);
                }
            }
            if change.action == Action::Replace {
                match change.lifecycle.create_before_destroy {
                    true => self.before(self.applies[index], self.deletes[index]),
                    false => self.before(self.deletes[index], self.applies[index]),
                }
            }
            // An address has room for old objects only beside a current one.
            self.before(self.deposed[index], self.deletes[index]);
            if change.action == Action::Create {
                self.before(self.deposed[index], self.applies[index]);
            }
        }
        for (dependent, dependency) in self.recorded() {
            self.before(self.deletes[dependent], self.deletes[dependency]);
            self.before(self.deletes[dependent], self.deposed[dependency]);
            let replaced = &self.changes[dependency];
            if replaced.action == Action::Replace && replaced.lifecycle.create_before_destroy {
                self.before(self.applies[dependent], self.deletes[dependency]);
            }
        }
    }

    /// Updates before the deletes of what they let go of. Only where one order has them so anyhow: then no circle
    /// can come of it.
    fn soft_edges(&mut self) {
        let pairs: Vec<(NodeIndex, NodeIndex)> = self
            .recorded()
            .into_iter()
            .flat_map(|(dependent, dependency)| {
                let removed = self.changes[dependency].action == Action::Delete;
                let deletes = [self.deletes[dependency].filter(|_| removed), self.deposed[dependency]];
                deletes.into_iter().flatten().map(move |delete| (dependent, delete))
            })
            .filter_map(|(dependent, delete)| Some((self.applies[dependent]?, delete)))
            .collect();
        if pairs.is_empty() {
            return;
        }
        let mut places = vec![0; self.graph.node_count()];
        for (place, node) in order(&self.graph).into_iter().enumerate() {
            places[node.index()] = place;
        }
        for (apply, delete) in pairs {
            if places[apply.index()] < places[delete.index()] {
                self.graph.update_edge(apply, delete, ());
            }
        }
    }
}

/// An order of the steps in which those that apply come as early as they can. Steps in a circle are left out.
fn order(graph: &DiGraph<Step, ()>) -> Vec<NodeIndex> {
    let mut waits: Vec<usize> = graph
        .node_indices()
        .map(|node| graph.neighbors_directed(node, Direction::Incoming).count())
        .collect();
    let mut ready: BinaryHeap<Reverse<(Step, NodeIndex)>> = graph
        .node_indices()
        .filter(|node| waits[node.index()] == 0)
        .map(|node| Reverse((graph[node], node)))
        .collect();
    let mut order = Vec::with_capacity(graph.node_count());
    while let Some(Reverse((_, node))) = ready.pop() {
        order.push(node);
        for follower in graph.neighbors_directed(node, Direction::Outgoing) {
            waits[follower.index()] -= 1;
            if waits[follower.index()] == 0 {
                ready.push(Reverse((graph[follower], follower)));
            }
        }
    }
    order
}
