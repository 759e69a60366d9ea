//! The solver for facts: states flow along edges until nothing changes.
//!
//! Nodes are taken in reverse postorder, so that straight code is visited once and a loop about as often as
//! it is deep. Work is bounded: a node that is visited too often is left as it is, and that is said.

use super::graph::{Edge, Graph, Kind, NodeId, UnitId};
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::cmp::Reverse;
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
}

/// What flows, where a state can only lose by another one that comes to it.
pub trait Merging: Domain {
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

    /// Takes the state in front of a node away.
    pub fn take(&mut self, node: NodeId) -> Option<S> {
        self.states[node.0 as usize].take()
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
    leaves: HashMap<NodeId, SmallVec<[NodeId; 2]>>,
}

impl Order {
    /// The `Leave`s that look back at a node.
    pub fn leaves_of(&self, node: NodeId) -> &[NodeId] {
        self.leaves.get(&node).map_or(&[], SmallVec::as_slice)
    }
}

/// The orders of all units.
#[derive(Clone, Debug)]
pub struct Orders {
    /// By unit.
    units: Vec<Order>,
    /// The place of each node in the order of its unit; the last number where no edge leads to it.
    rank: Vec<u32>,
}

impl Orders {
    /// Orders the nodes of every unit.
    pub fn of(graph: &Graph<'_>) -> Self {
        let mut rank = vec![u32::MAX; graph.nodes.len()];
        let units = (0..graph.units.len()).map(|unit| order(graph, UnitId(unit as u32), &mut rank)).collect();
        Self { units, rank }
    }

    /// The order of a unit's nodes.
    pub fn unit(&self, unit: UnitId) -> &Order {
        &self.units[unit.0 as usize]
    }

    /// The place of a node in the order of its unit; none where no edge leads to it.
    pub fn rank(&self, node: NodeId) -> Option<usize> {
        let rank = self.rank[node.0 as usize];
        (rank != u32::MAX).then_some(rank as usize)
    }
}

/// Reverse postorder of a unit, without recursion.
fn order(graph: &Graph<'_>, unit: UnitId, rank: &mut [u32]) -> Order {
    let entry = graph.units[unit.0 as usize].entry;
    let mut after = Vec::new();
    let mut stack = vec![(entry, 0)];
    rank[entry.0 as usize] = 0;
    while let Some((node, at)) = stack.pop() {
        // Edges are walked last first, so that the first comes earliest in reverse postorder.
        let edges = &graph.node(node).edges;
        if at < edges.len() {
            stack.push((node, at + 1));
            let to = edges.target(edges.len() - 1 - at);
            // Any number but the last says that it was seen.
            if std::mem::replace(&mut rank[to.0 as usize], 0) == u32::MAX {
                stack.push((to, 0));
            }
        } else {
            after.push(node);
        }
    }
    after.reverse();
    let mut leaves: HashMap<NodeId, SmallVec<[NodeId; 2]>> = HashMap::new();
    for (at, &node) in after.iter().enumerate() {
        rank[node.0 as usize] = at as u32;
        if let Kind::Leave { enter, .. } = graph.node(node).kind {
            leaves.entry(enter).or_default().push(node);
        }
    }
    Order { nodes: after, leaves }
}

/// The nodes that wait for their turn, the earliest in the order first.
pub(super) struct Waiting {
    heap: BinaryHeap<Reverse<usize>>,
    queued: Vec<bool>,
}

impl Waiting {
    /// None of so many waits.
    pub(super) fn over(count: usize) -> Self {
        Self { heap: BinaryHeap::new(), queued: vec![false; count] }
    }

    /// A node waits, if it does not yet.
    pub(super) fn push(&mut self, at: usize) {
        if !std::mem::replace(&mut self.queued[at], true) {
            self.heap.push(Reverse(at));
        }
    }

    /// The next one.
    pub(super) fn pop(&mut self) -> Option<usize> {
        let Reverse(at) = self.heap.pop()?;
        self.queued[at] = false;
        Some(at)
    }
}

/// Solves one unit from the state at its entry, which must be set in `inputs`. Says whether the budget was enough.
pub fn solve<D: Merging>(
    graph: &Graph<'_>,
    orders: &Orders,
    unit: UnitId,
    domain: &mut D,
    inputs: &mut Inputs<D::State>,
) -> bool {
    let order = orders.unit(unit);
    let mut waiting = Waiting::over(order.nodes.len());
    let mut visits = vec![0u32; order.nodes.len()];
    let mut enough = true;
    if !order.nodes.is_empty() {
        waiting.push(0);
    }
    let mut emitted = Vec::new();
    while let Some(at) = waiting.pop() {
        let node = order.nodes[at];
        visits[at] += 1;
        if visits[at] > MOST_VISITS {
            enough = false;
            continue;
        }
        // Taken out while it is read, which is cheaper than a copy; nothing else looks at it meanwhile.
        let Some(state) = inputs.take(node) else { continue };
        emitted.clear();
        domain.step(node, &state, inputs, &mut emitted);
        inputs.set(node, state);
        for (edge, after) in emitted.drain(..) {
            let mut targets =
                graph.node(node).edges.iter().filter(|(kind, _)| *kind == edge).map(|(_, to)| to).peekable();
            let mut after = Some(after);
            while let Some(to) = targets.next() {
                // The last one gets the state itself.
                let Some(state) = (if targets.peek().is_some() { after.clone() } else { after.take() }) else { break };
                let changed = match &mut inputs.states[to.0 as usize] {
                    Some(known) => domain.merge(to, known, &state),
                    empty => {
                        *empty = Some(state);
                        true
                    }
                };
                if changed {
                    for next in std::iter::once(&to).chain(order.leaves_of(to)) {
                        if let Some(at) = orders.rank(*next)
                            && inputs.get(*next).is_some()
                        {
                            waiting.push(at);
                        }
                    }
                }
            }
        }
    }
    enough
}
