//! What made a fact that holds on every path.

use super::{Place, Tracer, Walk};
use crate::account::{Guard, Leave};
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::span::Span;

/// How many commands are named that made one fact.
const MOST_GUARDS: usize = 32;

impl Tracer<'_, '_> {
    /// The commands that made a fact in front of a node, the nearest first; and whether some way needs none.
    pub(super) fn guards(&self, node: NodeId, bit: usize) -> (Vec<Guard>, bool) {
        let mut guards: Vec<Guard> = Vec::new();
        let mut from_start = false;
        let mut walk = Walk::from((node, bit));
        while let Some((node, bit)) = walk.next() {
            if let Some(calls) = self.calls_into(node) {
                from_start |= node == self.flow.graph.units[0].entry;
                for (call, unit) in calls {
                    walk.push((call, self.outside(call, unit, bit)));
                }
            }
            for &previous in self.ways.ahead_of(node) {
                let before = self.has((previous, bit));
                for edge in self.edges(previous, node) {
                    if before {
                        walk.push((previous, bit));
                    }
                    if self.makes(previous, edge, bit) || !before {
                        self.maker(previous, edge, bit, &mut walk, &mut guards);
                    }
                }
            }
        }
        (guards, from_start)
    }

    /// What a step with an outcome that has a fact behind it owes it to.
    fn maker(&self, node: NodeId, edge: Edge, bit: usize, walk: &mut Walk, guards: &mut Vec<Guard>) {
        let mut inside = false;
        for &callee in self.flow.calls.callees(node) {
            let place = (self.end_of(callee, edge), self.inside(node, callee, bit));
            if self.has(place) {
                walk.push(place);
                inside = true;
            }
        }
        let mut add = |(origin, outcome): (NodeId, Edge), asked_by: Option<Span>| {
            if let Some(command) = self.command(origin)
                && guards.len() < MOST_GUARDS
                && guards.iter().all(|known| (known.command, known.asked_by) != (command, asked_by))
            {
                let leaves = self.leaves(node, edge, bit);
                guards.push(Guard { command, succeeds: outcome == Edge::Ok, asked_by, leaves });
            }
        };
        if self.makes(node, edge, bit) || inside {
            add((node, edge), None);
            return;
        }
        // It acts on what an earlier one left in a variable.
        let origins = self.remembered((node, bit));
        if origins.is_empty() {
            add((node, edge), None);
        }
        for origin in origins {
            add(origin, self.command(node));
        }
    }

    /// The steps whose outcome some variable remembers as a fact.
    fn remembered(&self, place: Place) -> Vec<(NodeId, Edge)> {
        let mut origins = Vec::new();
        if !self.mentions(place) {
            return origins;
        }
        let mut walk = Walk::from(place);
        while let Some((node, bit)) = walk.next() {
            for &previous in self.ways.ahead_of(node) {
                if self.mentions((previous, bit)) {
                    walk.push((previous, bit));
                    continue;
                }
                for edge in self.edges(previous, node) {
                    if self.makes(previous, edge, bit) && !origins.contains(&(previous, edge)) {
                        origins.push((previous, edge));
                    }
                    for &callee in self.flow.calls.callees(previous) {
                        let end = (self.end_of(callee, edge), self.inside(previous, callee, bit));
                        if self.mentions(end) {
                            walk.push(end);
                        }
                    }
                }
            }
        }
        origins
    }

    /// Where the ways leave on which a node has not this outcome: what the other ways come to as well is no leaving.
    fn leaves(&self, node: NodeId, edge: Edge, bit: usize) -> Vec<Leave> {
        let graph = &self.flow.graph;
        let mut leaves = Vec::new();
        let others = |from: NodeId| graph.node(from).edges.iter().filter(move |(one, _)| self.is_live(from, *one));
        let mut shared = Walk::from((node, bit));
        shared.waiting.clear();
        others(node).filter(|(one, _)| *one == edge).for_each(|(_, to)| shared.push((to, bit)));
        while let Some((at, bit)) = shared.next() {
            others(at).for_each(|(_, to)| shared.push((to, bit)));
        }
        let mut walk = Walk::from((node, bit));
        walk.waiting.clear();
        others(node).filter(|(other, _)| *other != edge).for_each(|(_, to)| walk.push((to, bit)));
        while let Some((at, bit)) = walk.next() {
            if shared.seen.contains(&(at, bit)) {
                continue;
            }
            // Behind where the fact holds anyway nothing has to leave.
            if self.inputs.get(at).is_none() || self.has((at, bit)) {
                continue;
            }
            if let Some(leave) = self.leave(at) {
                // Errexit behind another command says nothing of this one.
                let is_of_another = leave == Leave::Errexit && !self.ways.ahead_of(at).contains(&node);
                if !is_of_another && !leaves.contains(&leave) {
                    leaves.push(leave);
                }
                if !is_of_another {
                    continue;
                }
            }
            others(at).for_each(|(_, to)| walk.push((to, bit)));
        }
        leaves
    }

    /// How a way leaves at a node, if it does.
    fn leave(&self, at: NodeId) -> Option<Leave> {
        let node = self.flow.graph.node(at);
        let comes_back = self.is_live(at, Edge::Ok) || self.is_live(at, Edge::Fail);
        match node.kind {
            Kind::Code(_) => Some(Leave::Command(node.span)),
            Kind::Simple(_) if !comes_back => Some(Leave::Command(node.span)),
            // `break` and `continue` are a status and a way.
            Kind::Status(true) => {
                let text = self.source.get(node.span.range()).unwrap_or_default();
                let jumps = [&b"break"[..], b"continue"].iter().any(|word| text.starts_with(word));
                jumps.then_some(Leave::Command(node.span))
            }
            Kind::Errexit if self.is_live(at, Edge::Fail) => Some(Leave::Errexit),
            _ => None,
        }
    }
}
