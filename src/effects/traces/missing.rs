//! How a path comes not to have a fact.

use super::{Tracer, Walk};
use crate::account::Loss;
use crate::flow::graph::{Edge, NodeId};
use crate::span::Span;

impl Tracer<'_, '_> {
    /// The ways on which a fact does not hold in front of a node, the nearest first.
    pub(super) fn losses(&self, node: NodeId, bit: usize) -> Vec<Loss> {
        let mut losses = Vec::new();
        let mut add = |loss| {
            if !losses.contains(&loss) {
                losses.push(loss);
            }
        };
        let mut walk = Walk::from((node, bit));
        while let Some((node, bit)) = walk.next() {
            if let Some(calls) = self.calls_into(node) {
                if node == self.flow.graph.units[0].entry {
                    add(Loss::Never);
                }
                for (call, unit) in calls {
                    let outer = (call, self.outside(call, unit, bit));
                    if self.inputs.get(call).is_some() && !self.has(outer) {
                        if let Some(command) = self.command(call) {
                            add(Loss::Call(command));
                        }
                        walk.push(outer);
                    }
                }
            }
            for &previous in self.ways.ahead_of(node) {
                if self.inputs.get(previous).is_none() {
                    continue;
                }
                let before = self.has((previous, bit));
                if let Some(command) = self.made_on(previous, node, bit, before) {
                    add(Loss::Elsewhere(command));
                }
                for edge in self.edges(previous, node).filter(|&edge| !self.makes(previous, edge, bit)) {
                    let ends = self.ends(previous, bit);
                    match self.command(previous) {
                        // A question that says no ends the fact too; it is the way on that is at fault.
                        Some(command) if self.proves_otherwise(previous, edge, bit) => add(Loss::Unheeded(command)),
                        Some(command) if ends => add(Loss::Ended(command)),
                        _ => {}
                    }
                    if !before && !ends {
                        walk.push((previous, bit));
                    }
                }
            }
        }
        // Behind what ended it, it does not matter who made it before.
        if losses.iter().any(|loss| matches!(loss, Loss::Ended(_))) {
            losses.retain(|loss| !matches!(loss, Loss::Elsewhere(_)));
        }
        losses
    }

    /// The command that makes a fact on the way from one node to the next, or that made it in front of it.
    fn made_on(&self, previous: NodeId, node: NodeId, bit: usize, before: bool) -> Option<Span> {
        // What says it with one of its answers is told where the other one leads here.
        if self.edges(previous, node).count() == 1
            && self.edges(previous, node).any(|edge| self.makes(previous, edge, bit))
        {
            return self.command(previous);
        }
        let holds = before && !self.ends(previous, bit);
        holds.then(|| self.guards(previous, bit).0.first().map(|guard| guard.command)).flatten()
    }

    /// Whether a step, or what it calls, can end a fact.
    fn ends(&self, node: NodeId, bit: usize) -> bool {
        let by_itself =
            self.compiled[node.0 as usize].as_ref().is_some_and(|step| step.all_ends().any(|end| end == bit));
        let by_call = || {
            self.flow.calls.callees(node).iter().any(|&callee| {
                let named = self.links.get(&(node, callee)).and_then(|link| link.ends.as_ref());
                named.is_some_and(|ends| ends.iter().any(|end| end == bit))
                    || [Edge::Ok, Edge::Fail].iter().any(|&edge| {
                        let end = self.inputs.get(self.end_of(callee, edge));
                        end.is_some_and(|state| !state.must.has_high(bit))
                    })
            })
        };
        by_itself || by_call()
    }

    /// Whether another outcome of the step makes the fact: then it was asked, and the answer is not acted on.
    fn proves_otherwise(&self, node: NodeId, edge: Edge, bit: usize) -> bool {
        let step = self.steps[node.0 as usize].as_ref();
        // What changes the world proves something by its failure, too, and is no question for that.
        if self.flow.calls.callees(node).is_empty() && step.is_some_and(|step| !step.only_asks()) {
            return false;
        }
        let other = if edge == Edge::Ok { Edge::Fail } else { Edge::Ok };
        if self.makes(node, other, bit) {
            return true;
        }
        self.flow.calls.callees(node).iter().any(|&callee| {
            let end = (self.end_of(callee, other), self.inside(node, callee, bit));
            self.inputs.get(end.0).is_some_and(|state| state.must.has_low(end.1))
        })
    }
}
