//! The steps that could begin, in the order in which they do when not all of them can at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use petgraph::graph::NodeIndex;

/// Steps that wait for nothing. That with the longest way to the end behind it comes first, as it decides when the run
/// ends; of equals, that which came to the plan first.
pub(super) struct Queue {
    /// For each step, how long it is from its beginning to the end of all that waits for it.
    remaining: Vec<Duration>,
    ready: BinaryHeap<(Duration, Reverse<NodeIndex>)>,
}

impl Queue {
    pub(super) fn new(remaining: Vec<Duration>) -> Self {
        Self { remaining, ready: BinaryHeap::new() }
    }

    pub(super) fn push(&mut self, node: NodeIndex) {
        self.ready.push((self.remaining[node.index()], Reverse(node)));
    }

    pub(super) fn pop(&mut self) -> Option<NodeIndex> {
        self.ready.pop().map(|(_, Reverse(node))| node)
    }
}
