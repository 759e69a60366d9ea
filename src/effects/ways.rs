//! Ways back: which nodes lead to a node, by outcomes that can happen; and walks that are bounded.

use crate::flow::graph::{Graph, NodeId};
use std::cell::Cell;

/// The nodes in front of every node.
pub struct Ways {
    /// Where the ways into each node begin in the list.
    starts: Vec<u32>,
    list: Vec<NodeId>,
}

/// Marks for walks over a graph, and what all of these together may still cost.
pub struct Walks {
    seen: Vec<u32>,
    walk: u32,
    budget: usize,
    refused: bool,
}

/// How many steps all walks that share a budget may take together for each node of the script: each stage has one of its own.
/// Who ends a walk early for that says so, save where only a label comes of it.
const MOST_STEPS: usize = 24;

/// What even a short script may take.
const ALWAYS: usize = 1_000_000;

/// What many small walks of one stage together may cost, where they keep marks of their own.
pub struct Budget {
    left: Cell<usize>,
    refused: Cell<bool>,
}

impl Budget {
    /// What a graph of so many nodes allows.
    pub fn over(nodes: usize) -> Self {
        Self { left: Cell::new(ALWAYS + MOST_STEPS * nodes), refused: Cell::new(false) }
    }

    /// Takes a step; says whether there was one.
    pub fn take_step(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        self.refused.set(self.refused.get() || left == 0);
        left > 0
    }

    /// Whether every step that was asked for was granted.
    pub fn enough(&self) -> bool {
        !self.refused.get()
    }
}

impl Ways {
    /// The ways of a graph; `live` is which outcomes each node can have.
    pub fn back(graph: &Graph<'_>, live: &[u8]) -> Self {
        let count = graph.nodes.len();
        let edges = || {
            let nodes = graph.nodes.iter().enumerate();
            nodes.flat_map(|(at, node)| {
                node.edges.iter().filter(move |(edge, _)| live[at] & edge.bit() != 0).map(move |(_, to)| (at, to))
            })
        };
        let mut starts = vec![0u32; count + 1];
        for (_, to) in edges() {
            starts[to.0 as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut list = vec![NodeId(0); starts[count] as usize];
        for (from, to) in edges() {
            let place = &mut next[to.0 as usize];
            list[*place as usize] = NodeId(from as u32);
            *place += 1;
        }
        Self { starts, list }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The nodes in front of one.
    pub fn ahead_of(&self, node: NodeId) -> &[NodeId] {
        let at = node.0 as usize;
        &self.list[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

impl Walks {
    /// No walk over a graph of so many nodes was begun.
    pub fn over(nodes: usize) -> Self {
        Self { seen: vec![0; nodes], walk: 0, budget: ALWAYS + MOST_STEPS * nodes, refused: false }
    }

    /// Begins a walk: nothing was seen.
    pub fn begin(&mut self) {
        self.walk += 1;
    }

    /// Marks a node; says whether it was not seen before in this walk.
    pub fn see(&mut self, node: NodeId) -> bool {
        std::mem::replace(&mut self.seen[node.0 as usize], self.walk) != self.walk
    }

    /// Takes a step of the budget; says whether there was one.
    pub fn take_step(&mut self) -> bool {
        let left = self.budget > 0;
        self.budget = self.budget.saturating_sub(1);
        self.refused |= !left;
        left
    }

    /// Whether every step that was asked for was granted.
    pub fn enough(&self) -> bool {
        !self.refused
    }
}
