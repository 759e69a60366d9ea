//! The one solver: states flow along edges until nothing changes.
//!
//! Nodes are taken in reverse postorder, so that straight code is visited once and a loop about as often as
//! it is deep. Work is bounded: a node that is visited too often is left as it is, and that is said.

use super::graph::{Edge, Graph, Kind, NodeId, UnitId};
use std::collections::BinaryHeap;

/// How often a node may be visited before the solver gives up on it.
pub const MOST_VISITS: u32 = 50;

/// What flows.
pub trait Domain {
    /// What holds at a point.
    type State: Clone;

    /// Runs a node: for every outcome that can happen, the state after it.
    fn step(
        &mut self,
        node: NodeId,
        state: &Self::State,
        inputs: &Inputs<Self::State>,
        emit: &mut Vec<(Edge, Self::State)>,
    );

    /// Merges a state into the one at a node; says whether that changed.
    fn merge(&mut self, at: NodeId, into: &mut Self::State, from: &Self::State) -> bool;
}

/// The state in front of every node that can be reached.
#[derive(Debug)]
pub struct Inputs<S> {
    states: Vec<Option<S>>,
}

impl<S> Inputs<S> {
    /// Nothing is reached yet.
    pub fn new(nodes: usize) -> Self {
        Self { states: (0..nodes).map(|_| None).collect() }
    }

    /// The state in front of a node; absent where no path leads there.
    pub fn get(&self, node: NodeId) -> Option<&S> {
        self.states[node.0 as usize].as_ref()
    }

    /// Sets the state in front of a node.
    pub fn set(&mut self, node: NodeId, state: S) {
        self.states[node.0 as usize] = Some(state);
    }

    /// Forgets the state in front of a node.
    pub fn clear(&mut self, node: NodeId) {
        self.states[node.0 as usize] = None;
    }
}

/// The order of a unit's nodes.
#[derive(Clone, Debug)]
pub struct Order {
    /// The nodes that edges can reach from the entry, in reverse postorder.
    pub nodes: Vec<NodeId>,
    /// For each `Enter`, the `Leave`s that look back at it.
    leaves: std::collections::HashMap<NodeId, Vec<NodeId>>,
}

/// Reverse postorder of a unit, without recursion.
pub fn order(graph: &Graph<'_>, unit: UnitId) -> Order {
    let entry = graph.units[unit.0 as usize].entry;
    let mut seen = std::collections::HashSet::new();
    let mut after = Vec::new();
    let mut stack = vec![(entry, 0)];
    seen.insert(entry);
    while let Some((node, at)) = stack.pop() {
        // Edges are walked last first, so that the first comes earliest in reverse postorder.
        let edges = &graph.node(node).edges;
        if at < edges.len() {
            stack.push((node, at + 1));
            let to = edges[edges.len() - 1 - at].1;
            if seen.insert(to) {
                stack.push((to, 0));
            }
        } else {
            after.push(node);
        }
    }
    after.reverse();
    let mut leaves: std::collections::HashMap<NodeId, Vec<NodeId>> = std::collections::HashMap::new();
    for &node in &after {
        if let Kind::Leave(enter) = graph.node(node).kind {
            leaves.entry(enter).or_default().push(node);
        }
    }
    Order { nodes: after, leaves }
}

/// Solves one unit from the state at its entry, which must be set in `inputs`. Says whether the budget was enough.
pub fn solve<D: Domain>(graph: &Graph<'_>, order: &Order, domain: &mut D, inputs: &mut Inputs<D::State>) -> bool {
    let mut rank = std::collections::HashMap::with_capacity(order.nodes.len());
    for (at, &node) in order.nodes.iter().enumerate() {
        rank.insert(node, at);
    }
    let mut waiting = BinaryHeap::new();
    let mut queued = vec![false; order.nodes.len()];
    let mut visits = vec![0u32; order.nodes.len()];
    let mut enough = true;
    if !order.nodes.is_empty() {
        waiting.push(std::cmp::Reverse(0));
        queued[0] = true;
    }
    let mut emitted = Vec::new();
    while let Some(std::cmp::Reverse(at)) = waiting.pop() {
        queued[at] = false;
        let node = order.nodes[at];
        visits[at] += 1;
        if visits[at] > MOST_VISITS {
            enough = false;
            continue;
        }
        let Some(state) = inputs.get(node).cloned() else { continue };
        emitted.clear();
        domain.step(node, &state, inputs, &mut emitted);
        for (edge, after) in emitted.drain(..) {
            for &(kind, to) in &graph.node(node).edges {
                if kind != edge {
                    continue;
                }
                let changed = match &mut inputs.states[to.0 as usize] {
                    Some(known) => domain.merge(to, known, &after),
                    empty => {
                        *empty = Some(after.clone());
                        true
                    }
                };
                if changed {
                    for next in std::iter::once(&to).chain(order.leaves.get(&to).into_iter().flatten()) {
                        if let Some(&at) = rank.get(next)
                            && !queued[at]
                            && inputs.get(*next).is_some()
                        {
                            queued[at] = true;
                            waiting.push(std::cmp::Reverse(at));
                        }
                    }
                }
            }
        }
    }
    enough
}
