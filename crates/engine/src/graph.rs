//! The order of an apply: a graph whose nodes are steps.
//!
//! - A step that applies waits for those that apply what it refers to.
//! - A delete waits for the deletes of what referred to the object, as the state has recorded.
//! - A replacement's create waits for its delete; with `create_before_destroy` the delete waits for the create, and
//!   for the updates of all that referred to the old object.
//! - The delete of something that is configured no more waits for the updates of those that referred to it, where
//!   that does not close a circle.

use std::collections::BTreeSet;
use std::time::Duration;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::address::Address;
use crate::hash::HashMap;
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

impl Step {
    /// Whether one that comes after it can only come if it has gone well. An old object that could not be deleted is
    /// no reason against a new one, if it is in the way at all.
    pub fn is_needed_by(self, follower: Self) -> bool {
        !matches!((self, follower), (Self::DeleteDeposed(old), Self::Apply(new)) if old == new)
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
        builder.finish()
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

    /// For each step how long it is until all that waits for it is done, itself included, if each step takes as long as
    /// `takes` says: the length of the longest path that begins with it.
    pub fn remaining(&self, takes: impl Fn(Step) -> Duration) -> Vec<Duration> {
        let mut remaining: Vec<Duration> = self.steps().map(|(_, step)| takes(step)).collect();
        let mut waited_for: Vec<usize> =
            self.graph.node_indices().map(|node| self.followers(node).count()).collect();
        let mut ready: Vec<NodeIndex> =
            self.graph.node_indices().filter(|node| waited_for[node.index()] == 0).collect();
        while let Some(node) = ready.pop() {
            for before in self.graph.neighbors_directed(node, Direction::Incoming) {
                let through = takes(self.step(before)) + remaining[node.index()];
                remaining[before.index()] = remaining[before.index()].max(through);
                waited_for[before.index()] -= 1;
                if waited_for[before.index()] == 0 {
                    ready.push(before);
                }
            }
        }
        remaining
    }

    /// The steps that are wanted, and for each of them the positions of those that it waits for: directly, or through
    /// steps that are not wanted.
    pub fn schedule(&self, is_wanted: impl Fn(Step) -> bool) -> Vec<(Step, Vec<usize>)> {
        let mut schedule = Vec::new();
        let mut before: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.len()];
        for node in order(&self.graph, &[]) {
            let waits_for = std::mem::take(&mut before[node.index()]);
            let passed_on = match is_wanted(self.graph[node]) {
                true => {
                    schedule.push((self.graph[node], waits_for.into_iter().collect()));
                    BTreeSet::from([schedule.len() - 1])
                }
                false => waits_for,
            };
            for follower in self.followers(node) {
                before[follower.index()].extend(&passed_on);
            }
        }
        schedule
    }

    /// Whether no step waits for itself.
    pub fn is_acyclic(&self) -> bool {
        order(&self.graph, &[]).len() == self.graph.node_count()
    }
}

type Edge = (NodeIndex, NodeIndex);

struct Builder<'a> {
    changes: &'a [Change],
    graph: DiGraph<Step, ()>,
    edges: Vec<Edge>,
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
        Self { changes, graph, edges: Vec::new(), positions, applies, deletes, deposed }
    }

    fn before(&mut self, first: Option<NodeIndex>, second: Option<NodeIndex>) {
        if let (Some(first), Some(second)) = (first, second)
            && first != second
        {
            self.edges.push((first, second));
        }
    }

    /// The pairs of changes of which the state says that the first referred to the second. `dependencies`: of what.
    fn recorded<'d>(&self, dependencies: impl Fn(&'a Change) -> Vec<&'d Address>) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (index, change) in self.changes.iter().enumerate() {
            for dependency in dependencies(change) {
                if let Some(found) = self.positions.get(dependency)
                    && *found != index
                {
                    pairs.push((index, *found));
                }
            }
        }
        pairs
    }

    /// Who referred to what, of the objects that there are.
    fn recorded_by_current(&self) -> Vec<(usize, usize)> {
        self.recorded(|change| change.prior.iter().flat_map(|prior| &prior.dependencies).collect())
    }

    /// Who referred to what, of the objects that earlier replacements have left.
    fn recorded_by_deposed(&self) -> Vec<(usize, usize)> {
        self.recorded(|change| change.deposed().iter().flat_map(|old| &old.dependencies).collect())
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
        }
        for (dependent, dependency) in self.recorded_by_current() {
            self.before(self.deletes[dependent], self.deletes[dependency]);
            self.before(self.deletes[dependent], self.deposed[dependency]);
            let replaced = &self.changes[dependency];
            if replaced.action == Action::Replace && replaced.lifecycle.create_before_destroy {
                self.before(self.applies[dependent], self.deletes[dependency]);
            }
        }
        for (dependent, dependency) in self.recorded_by_deposed() {
            self.before(self.deposed[dependent], self.deletes[dependency]);
            self.before(self.deposed[dependent], self.deposed[dependency]);
        }
    }

    /// Updates before the deletes of what they let go of; and the deletes of what bore a name before a new object
    /// that may bear it.
    fn soft_edges(&self) -> Vec<Edge> {
        let lets_go = self.recorded_by_current().into_iter().flat_map(|(dependent, dependency)| {
            let removed = self.changes[dependency].action == Action::Delete;
            let deletes = [self.deletes[dependency].filter(|_| removed), self.deposed[dependency]];
            deletes.map(|delete| (self.applies[dependent], delete))
        });
        let makes_room = (0..self.changes.len())
            .filter(|index| self.changes[*index].creates())
            .map(|index| (self.deposed[index], self.applies[index]));
        lets_go.chain(makes_room).filter_map(|(first, second)| Some((first?, second?))).collect()
    }

    /// The graph with all edges that must be, and of those that should be as many as close no circle: those that
    /// one order has in their direction.
    fn finish(mut self) -> Graph {
        self.edges.sort_unstable();
        self.edges.dedup();
        connect(&mut self.graph, &self.edges);
        let mut wanted = self.soft_edges();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|edge| self.edges.binary_search(edge).is_err());
        if !wanted.is_empty() {
            let mut places = vec![0; self.graph.node_count()];
            for (place, node) in order(&self.graph, &wanted).into_iter().enumerate() {
                places[node.index()] = place;
            }
            wanted.retain(|(first, second)| places[first.index()] < places[second.index()]);
            connect(&mut self.graph, &wanted);
        }
        Graph { graph: self.graph }
    }
}

fn connect(graph: &mut DiGraph<Step, ()>, edges: &[Edge]) {
    for (first, second) in edges {
        graph.add_edge(*first, *second, ());
    }
}

/// An order of the steps in which those that apply come as early as they can. The order has the wanted edges in their
/// direction too, but for some of each circle that they close. Steps in a circle of the graph itself are left out.
fn order(graph: &DiGraph<Step, ()>, wanted: &[Edge]) -> Vec<NodeIndex> {
    let mut waits = vec![0_usize; graph.node_count()];
    let mut wishes = vec![0_usize; graph.node_count()];
    graph.raw_edges().iter().for_each(|edge| waits[edge.target().index()] += 1);
    wanted.iter().for_each(|(_, second)| wishes[second.index()] += 1);
    // Those that may come next: without wishes first, then by what they do.
    let mut ready: BTreeSet<(bool, Step, NodeIndex)> = graph
        .node_indices()
        .filter(|node| waits[node.index()] == 0)
        .map(|node| (wishes[node.index()] > 0, graph[node], node))
        .collect();
    let mut order = Vec::with_capacity(graph.node_count());
    while let Some((_, _, node)) = ready.pop_first() {
        order.push(node);
        let first = wanted.partition_point(|(from, _)| *from < node);
        for (_, second) in wanted[first..].iter().take_while(|(from, _)| *from == node) {
            wishes[second.index()] -= 1;
            if wishes[second.index()] == 0 && ready.remove(&(true, graph[*second], *second)) {
                ready.insert((false, graph[*second], *second));
            }
        }
        for follower in graph.neighbors_directed(node, Direction::Outgoing) {
            waits[follower.index()] -= 1;
            if waits[follower.index()] == 0 {
                ready.insert((wishes[follower.index()] > 0, graph[follower], follower));
            }
        }
    }
    order
}
