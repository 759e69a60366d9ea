//! Dominators: which nodes every path from the entry of its unit to a node passes.
//!
//! One pass in reverse postorder is exact where loops are entered at their heads alone, as loops of the shell are. Each
//! node keeps a jump over a part of the nodes above it (Myers, "An Applicative Random-Access Stack"), so that a script of
//! ten thousand guards, all of which leave to one end, costs no more than each of them alone.

use super::ways::Ways;
use crate::flow::Flow;
use crate::flow::graph::{NodeId, UnitId};

/// The dominator trees of all units.
pub struct Dominators {
    /// By node.
    places: Vec<Place>,
}

/// Where a node stands in the tree of its unit.
#[derive(Clone, Copy)]
struct Place {
    /// The immediate dominator; the node itself for an entry.
    above: NodeId,
    /// A node further up, so that a walk up takes few steps.
    jump: NodeId,
    /// How many nodes dominate it; the last number where no path leads to it.
    depth: u32,
}

impl Dominators {
    /// Finds them.
    pub fn of(flow: &Flow<'_>, ways: &Ways) -> Self {
        let unreached = Place { above: NodeId(0), jump: NodeId(0), depth: u32::MAX };
        let mut found = Self { places: vec![unreached; flow.graph.nodes.len()] };
        for unit in 0..flow.graph.units.len() {
            let nodes = &flow.orders.unit(UnitId(unit as u32)).nodes;
            if let Some((entry, others)) = nodes.split_first() {
                found.places[entry.0 as usize] = Place { above: *entry, jump: *entry, depth: 0 };
                for &node in others {
                    found.enter(node, ways);
                }
            }
        }
        found
    }

    /// Enters a node below those in front of it that are entered already: the others lead back to it.
    fn enter(&mut self, node: NodeId, ways: &Ways) {
        let mut ahead = ways.ahead_of(node).iter().copied().filter(|&before| self.is_reached(before));
        let Some(first) = ahead.next() else { return };
        let above = ahead.fold(first, |one, other| self.common(one, other));
        let Place { jump, depth, .. } = self.place(above);
        let further = self.place(jump);
        let is_even = depth - further.depth == further.depth - self.place(further.jump).depth;
        let jump = if is_even { further.jump } else { above };
        self.places[node.0 as usize] = Place { above, jump, depth: depth + 1 };
    }

    fn place(&self, node: NodeId) -> Place {
        self.places[node.0 as usize]
    }

    /// Whether some path leads to a node.
    pub fn is_reached(&self, node: NodeId) -> bool {
        self.place(node).depth != u32::MAX
    }

    /// The immediate dominator; none of an entry, nor where no path leads.
    pub fn above(&self, node: NodeId) -> Option<NodeId> {
        let place = self.place(node);
        (self.is_reached(node) && place.above != node).then_some(place.above)
    }

    /// The dominator of a node, or the node, that so many nodes dominate; the node where fewer do.
    fn at_depth(&self, mut node: NodeId, depth: u32) -> NodeId {
        while self.place(node).depth > depth {
            let Place { above, jump, .. } = self.place(node);
            node = if self.place(jump).depth >= depth { jump } else { above };
        }
        node
    }

    /// The nearest node that dominates both.
    fn common(&self, one: NodeId, other: NodeId) -> NodeId {
        let depth = self.place(one).depth.min(self.place(other).depth);
        let (mut one, mut other) = (self.at_depth(one, depth), self.at_depth(other, depth));
        while one != other {
            let (first, second) = (self.place(one), self.place(other));
            (one, other) =
                if first.jump == second.jump { (first.above, second.above) } else { (first.jump, second.jump) };
        }
        one
    }

    /// Whether every path to a node passes another, or is it.
    pub fn dominates(&self, above: NodeId, node: NodeId) -> bool {
        self.is_reached(above) && self.is_reached(node) && self.at_depth(node, self.place(above).depth) == above
    }
}
