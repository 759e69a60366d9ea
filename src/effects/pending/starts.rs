//! What starts something that serves later than its command ends.

use super::ahead::{ASKS, Met};
use super::pauses::THEN_JUDGED;
use super::{Found, STARTS, Survey};
use crate::effects::resolve::Resolver;
use crate::effects::step::{Condition, Step};
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, JobStep, Kind, NodeId};
use crate::knowledge::{EffectKind, How, WordKind};
use hashbrown::HashSet;

/// The kernel is made to look for devices anew.
const MAKES_DEVICES: &str = "makes-devices";

/// The process is there when the command comes back, whether or not it serves.
const RUNS_AT_ONCE: &str = "runs-at-once";

/// It asks whether something runs.
const ASKS_STATE: &str = "asks-state";

/// Success is reported, and nothing has asked for what was started.
const THEN_REPORTED: &str = "then-reported";

/// It tells that all is well.
const REPORTS_SUCCESS: &str = "reports-success";

/// Gives a mark to all that starts something: a service, a container, a job in the background, a program that is told to
/// start or to go on by itself.
pub(super) fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>]) {
    let of_service = resolver.occurrences.iter().filter(|occurrence| {
        matches!(
            (occurrence.effect, occurrence.how),
            (EffectKind::Service, How::Start | How::Restart) | (EffectKind::Create, How::Container)
        )
    });
    let mut starting: HashSet<NodeId> = of_service.map(|occurrence| occurrence.node).collect();
    for (at, step) in steps.iter().enumerate() {
        let node = NodeId(at as u32);
        let starts = match &resolver.flow.graph.node(node).kind {
            Kind::Job(_, JobStep::Started) => true,
            Kind::Simple(_) => step.as_deref().is_some_and(|step| step.unknown) && is_told_to_start(resolver, node),
            _ => false,
        };
        if starts {
            starting.insert(node);
        }
    }
    for node in starting {
        let step = steps[node.0 as usize].get_or_insert_default();
        if !step.marks.iter().any(|mark| **mark == *STARTS) {
            resolver.mark(std::iter::once(STARTS), step);
        }
    }
}

fn is_told_to_start(resolver: &Resolver<'_, '_>, node: NodeId) -> bool {
    let Kind::Simple(simple) = &resolver.flow.graph.node(node).kind else { return false };
    let words = simple.simple.words.get(1..).unwrap_or_default();
    let ends = words.first().into_iter().chain(words.last());
    ends.into_iter().any(|word| constant(word).is_some_and(|text| &*text == "start")) || daemonises(resolver, node)
}

fn daemonises(resolver: &Resolver<'_, '_>, node: NodeId) -> bool {
    let Kind::Simple(simple) = &resolver.flow.graph.node(node).kind else { return false };
    let words = simple.simple.words.get(1..).unwrap_or_default();
    words.iter().any(|word| constant(word).is_some_and(|text| resolver.knowledge.is(&text, WordKind::Daemonises)))
}

impl Survey<'_, '_, '_> {
    /// What is asked for once right after it was begun, and what is reported without being asked for.
    pub(super) fn starts(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for node in self.nodes() {
            let next = match self.kind(node) {
                Kind::Simple(_) if self.has_mark(node, &[MAKES_DEVICES]) => self.device_judged(node),
                Kind::Simple(_) if self.has_mark(node, &[STARTS]) && daemonises(self.resolver, node) => {
                    let runs = self.has_mark(node, &[RUNS_AT_ONCE]);
                    let mut asked = self.first_met(node).into_iter().filter(|(_, met)| *met == Met::Asks);
                    asked
                        .find(|(next, _)| self.is_final(*next) && !(runs && self.asks_process(*next)))
                        .map(|(next, _)| next)
                }
                Kind::Fork => {
                    if let Some((job, next)) = self.reported(node) {
                        found.push(Found { node: job, how: How::Start, next, mark: THEN_REPORTED });
                    }
                    None
                }
                _ => None,
            };
            if let Some(next) = next {
                // Told at the question: it is what asks too early.
                found.push(Found { node: next, how: How::Start, next: node, mark: THEN_JUDGED });
            }
        }
        found
    }

    /// Whether a question is one for a process, and for nothing that this does once it serves.
    fn asks_process(&self, asked: NodeId) -> bool {
        let flow = &self.resolver.flow;
        let within = flow.calls.callees(asked).iter().flat_map(|&unit| &flow.orders.unit(unit).nodes).copied();
        let met = |node: NodeId| self.has_mark(node, &ASKS);
        std::iter::once(asked).chain(within).filter(|&node| met(node)).all(|node| self.has_mark(node, &[ASKS_STATE]))
    }

    /// The first test for a device that decides, where nothing waits for it.
    fn device_judged(&self, from: NodeId) -> Option<NodeId> {
        let mut seen: HashSet<NodeId> = HashSet::from([from]);
        let mut waiting: Vec<NodeId> = self.onward(from).collect();
        while let Some(node) = waiting.pop() {
            if self.asks_for_device(node) {
                return self.is_final(node).then_some(node);
            }
            if seen.insert(node) && self.budget.take_step() && self.passes(node, from) {
                waiting.extend(self.onward(node));
            }
        }
        None
    }

    /// Whether a node does nothing that takes time: what follows it follows what was begun.
    fn passes(&self, node: NodeId, from: NodeId) -> bool {
        match self.kind(node) {
            Kind::Simple(_) => self.is_idle(node),
            Kind::End(_) => false,
            _ => !self.waits(node, from),
        }
    }

    fn asks_for_device(&self, node: NodeId) -> bool {
        let Some(condition) = self.step(node).and_then(|step| step.condition.as_ref()) else { return false };
        let mut asks = false;
        condition.each(&mut |asked| asks |= matches!(asked, Condition::Facts { operator: Some('b'), .. }));
        asks
    }

    /// The command that a job begins with, and what reports success behind it, in a function that starts a service.
    fn reported(&self, fork: NodeId) -> Option<(NodeId, NodeId)> {
        let graph = &self.resolver.flow.graph;
        let mut first = graph.successor(fork, Edge::Ok)?;
        while matches!(self.kind(first), Kind::Enter(_) | Kind::Join | Kind::Redirects { .. }) {
            first = graph.successor(first, Edge::Ok)?;
        }
        let unit = &graph.units[graph.node(fork).unit.0 as usize];
        let crate::flow::graph::UnitKind::Function(name) = &unit.kind else { return None };
        if !matches!(self.kind(first), Kind::Simple(_)) || !is_action(&name.text, "start") {
            return None;
        }
        let mut seen: HashSet<NodeId> = HashSet::from([fork]);
        let mut waiting: Vec<NodeId> = self.onward(fork).collect();
        while let Some(node) = waiting.pop() {
            if self.has_mark(node, &[REPORTS_SUCCESS]) {
                return Some((first, node));
            }
            let files = matches!(self.kind(node), Kind::Simple(_)) && self.step(node).is_some_and(|step| !step.unknown);
            let asks = self.step(node).is_some_and(|step| step.condition.is_some());
            let passes = !asks && !self.waits(node, fork) && (files || !matches!(self.kind(node), Kind::Simple(_)));
            if passes && self.budget.take_step() && seen.insert(node) {
                waiting.extend(self.onward(node));
            }
        }
        None
    }
}

/// Whether a function is called after an action: `start`, `do_start`, `app_start`.
pub(super) fn is_action(name: &str, action: &str) -> bool {
    name.strip_suffix(action).is_some_and(|before| before.is_empty() || before.ends_with(['_', '-']))
}
