//! A fixed sleep that stands for waiting: what follows it relies on a server, or asks for one once and for all.

use super::ahead::Met;
use super::{Found, SLEEPS, Survey};
use crate::effects::step::Step;
use crate::effects::thing::Fact;
use crate::flow::graph::{Kind, NodeId};
use crate::knowledge::{FactKind, How, ThingKind};

/// What follows relies on a server.
const THEN_USED: &str = "then-used";
/// What follows asks once, and no is taken for failure.
pub(super) const THEN_JUDGED: &str = "then-judged";

impl Survey<'_, '_, '_> {
    pub(super) fn pauses(&self) -> Vec<Found> {
        let mut found = Vec::new();
        // In a loop it is the pause between two turns.
        let pauses = self.nodes().filter(|node| !self.loops.contains_key(node) && self.has_mark(*node, &[SLEEPS]));
        for node in pauses.filter(|&node| matches!(self.kind(node), Kind::Simple(_))) {
            let mut ahead = self.first_met(node).into_iter().filter_map(|(next, met)| match met {
                Met::Uses => Some((next, THEN_USED)),
                Met::Asks if self.is_final(next) && !self.looks_for_job(next) && !self.asks_manager(next) => {
                    Some((next, THEN_JUDGED))
                }
                _ => None,
            });
            if let Some((next, mark)) = ahead.next() {
                found.push(Found { node, how: How::Pause, next, mark });
            }
        }
        found
    }

    /// Whether the manager of services is asked: it knows as soon as a start has come back, and what is waited for is that the
    /// service may end again.
    fn asks_manager(&self, asked: NodeId) -> bool {
        let is_of_service = |fact: &Fact| {
            fact.kind != FactKind::Answers && self.resolver.things.get(fact.thing).kind == ThingKind::Service
        };
        let facts = |step: &Step| step.ok.iter().chain(&step.fail).any(is_of_service);
        let flow = &self.resolver.flow;
        let asks = |node: NodeId| self.step(node).is_some_and(facts);
        // What a function asks it is called for.
        let within = flow.calls.callees(asked).iter().flat_map(|&unit| &flow.orders.unit(unit).nodes);
        asks(asked) || within.into_iter().any(|&node| asks(node))
    }

    /// Whether the process of a job is looked for: that is there at once, and what is waited for is that it may end.
    fn looks_for_job(&self, asked: NodeId) -> bool {
        let unit = self.resolver.flow.graph.node(asked).unit;
        self.has_mark(asked, &["asks-state"]) && self.forking.contains(&unit)
    }
}
