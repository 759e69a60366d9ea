//! Nodes by where they stand in the text, and tests by what they ask for: what is looked up for one finding must not look
//! through the whole script.

use super::{Survey, is_joint};
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::span::Span;
use hashbrown::{HashMap, HashSet};

/// How many nodes are gone through behind a test.
const MOST_BEHIND: usize = 256;

/// The places of a script; made where somebody asks.
pub(super) struct Places<'a> {
    /// The nodes that can be reached, by where they begin.
    order: Vec<(u32, NodeId)>,
    /// The tests that name a variable.
    tests: HashMap<&'a str, Vec<NodeId>>,
}

impl<'a> Survey<'a, '_, '_> {
    fn places(&self) -> &Places<'a> {
        self.places.get_or_init(|| {
            let mut order: Vec<(u32, NodeId)> = self.nodes().map(|node| (self.span(node).start, node)).collect();
            order.sort_unstable();
            let mut tests: HashMap<&'a str, Vec<NodeId>> = HashMap::new();
            for node in self.nodes().filter(|&node| self.is_test(node)) {
                for name in super::super::loops::names(self.written(node)) {
                    tests.entry(name).or_default().push(node);
                }
            }
            Places { order, tests }
        })
    }

    /// The nodes that begin within a place.
    pub(super) fn nodes_within(&self, place: Span) -> impl Iterator<Item = NodeId> + '_ {
        let order = &self.places().order;
        let first = order.partition_point(|&(start, _)| start < place.start);
        order[first..].iter().take_while(move |&&(start, _)| start < place.end).map(|&(_, node)| node)
    }

    /// Whether a test behind a node, in the same unit, asks for a variable.
    pub(super) fn is_tested(&self, node: NodeId, name: &str) -> bool {
        let unit = |node: NodeId| self.resolver.flow.graph.node(node).unit;
        let tests = self.places().tests.get(name).into_iter().flatten();
        tests.into_iter().any(|&test| unit(test) == unit(node) && self.span(test).start > self.span(node).end)
    }

    /// The nodes that can be come to from a test past messages and past what is no step; none where they are too many.
    pub(super) fn right_behind(&self, test: NodeId) -> Option<Vec<NodeId>> {
        let mut seen: HashSet<NodeId> = HashSet::from([test]);
        let mut behind = Vec::new();
        let mut waiting = vec![test];
        while let Some(from) = waiting.pop() {
            for (edge, to) in self.resolver.flow.graph.node(from).edges.iter() {
                if !matches!(edge, Edge::Ok | Edge::Fail) || !self.is_live(from, edge) || !seen.insert(to) {
                    continue;
                }
                behind.push(to);
                if behind.len() > MOST_BEHIND {
                    return None;
                }
                let is_step = !is_joint(self.kind(to)) && !matches!(self.kind(to), Kind::Enter(_));
                if !is_step || self.prints_only(to) {
                    waiting.push(to);
                }
            }
        }
        Some(behind)
    }
}
