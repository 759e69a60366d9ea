//! `$?` where it is no longer the status that is meant.

use super::words::{self, is_bracket, only_sets};
use super::{Found, Survey};
use crate::effects::question::Outcome;
use crate::effects::spot::Spot;
use crate::effects::step::Condition;
use crate::flow::graph::{Edge, Kind, Loop, NodeId, SimpleNode, Slot};
use crate::flow::value_runs_something;
use crate::knowledge::{How, WordKind};
use crate::syntax::tree::{PartKind, RedirectKind, Word};

/// What was printed since always succeeds.
pub(super) const PRINTED: &str = "printed-since";
/// So does what only sets variables.
pub(super) const ASSIGNED: &str = "assigned-since";
/// So does what declares them, whatever ran for the value: `local x=$(cmd)`.
pub(super) const DECLARED: &str = "declared-since";
/// What looks after owners and modes is seldom what is meant.
pub(super) const TIDIED: &str = "tidied-since";
/// The test itself has set it: `if [ $? -ne 0 ]; then exit $?`.
pub(super) const TESTED: &str = "tested-since";
/// And it is told as the status of what failed: `if [ $? -ne 0 ]; then echo "failed: $?"`.
pub(super) const TOLD: &str = "told-since";
/// `!` has set it: `if ! cmd; then exit $?`.
pub(super) const NEGATED: &str = "negated-since";

impl<'t> Survey<'_, '_, 't> {
    /// Where `$?` is that of another command.
    pub(super) fn another(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for node in self.nodes() {
            let Some(mark) = self.mistaken(node) else { continue };
            let span = self.span(node);
            found.push(Found { node, from: None, how: How::OfAnother, span, named: span, mark, word: None });
        }
        found
    }

    fn mistaken(&self, node: NodeId) -> Option<&'static str> {
        if !self.mentions_status(node) && !self.takes_status_up(node) {
            return None;
        }
        let set_by = self.deciders(node);
        let all = |is_such: &dyn Fn(NodeId, Edge) -> bool| {
            !set_by.is_empty() && set_by.iter().all(|&(node, edge)| is_such(node, edge))
        };
        let by_own_test = || all(&|test, edge| edge == Edge::Ok && self.asks_for_failure(test));
        match self.kind(node) {
            Kind::Code(_) if by_own_test() => Some(TESTED),
            Kind::Code(_) => all(&|test, _| self.is_negation(test)).then_some(NEGATED),
            _ if self.takes_status_up(node) => {
                let hides = |is_such: &dyn Fn(&SimpleNode<'_>, NodeId) -> bool| {
                    all(&|setter, _| {
                        self.simple(setter).is_some_and(|simple| is_such(simple, setter)) && self.hides_failure(setter)
                    })
                };
                if all(&|setter, _| self.simple(setter).is_some_and(declares)) {
                    Some(DECLARED)
                } else if hides(&|_, setter| self.prints_only(setter)) {
                    Some(PRINTED)
                } else if hides(&|simple, setter| only_sets(simple) || self.prints_only(setter)) {
                    Some(ASSIGNED)
                } else if hides(&|simple, _| self.resolver.knowledge.is(words::name(simple), WordKind::Tidies)) {
                    Some(TIDIED)
                } else {
                    None
                }
            }
            Kind::Simple(_) if by_own_test() => Some(if self.prints_only(node) { TOLD } else { TESTED }),
            _ => None,
        }
    }

    fn is_negation(&self, node: NodeId) -> bool {
        matches!(self.kind(node), Kind::Status(true)) && self.written(node) == "!"
    }

    /// A test of `$?` that says yes where it is a failure, and never where it is none.
    fn asks_for_failure(&self, node: NodeId) -> bool {
        self.said_of(node, &Outcome::Constant("0".into())) == Some(false)
    }

    /// What a test of `$?` says of a status, if it asks nothing else and that can be told.
    pub(super) fn said_of(&self, node: NodeId, status: &Outcome) -> Option<bool> {
        let asks = self.is_test(node) && !matches!(self.kind(node), Kind::Match { .. }) && self.mentions_status(node);
        let condition = self.steps[node.0 as usize].as_ref()?.condition.as_ref().filter(|_| asks)?;
        let mut slots = Vec::new();
        condition.slots(&mut slots);
        let is_one = slots.windows(2).all(|pair| pair[0] == pair[1]);
        if is_one { answer(condition, status) } else { None }
    }

    /// Whether a command only prints, to where that cannot well fail.
    pub(super) fn prints_only(&self, node: NodeId) -> bool {
        let Some(simple) = self.simple(node) else { return false };
        let name = words::name(simple);
        let prints = matches!(name, "echo" | "printf" | "logger") || self.resolver.knowledge.always_succeeds(name);
        let runs = |word: &Word| word.parts.iter().any(|part| matches!(part.kind, PartKind::Command(_)));
        prints
            && !simple.ignored
            && simple.pipeline.is_none()
            && !matches!(simple.capture, Some(Slot::Capture(_)))
            && !matches!(name, "trap" | "set" | "sleep" | "true" | ":" | "export")
            && simple.command.redirects.iter().all(|redirect| redirect.kind == RedirectKind::DuplicateOutput)
            && !simple.simple.words.iter().any(runs)
            && self.resolver.flow.calls.callees(node).is_empty()
    }

    /// Whether a failure of a command leads to a message, and from there to where its success leads.
    pub(super) fn only_tells_failure(&self, node: NodeId) -> bool {
        let is_command = matches!(self.kind(node), Kind::Simple(_));
        match self.ahead(node, Edge::Fail)[..] {
            [told] if is_command && self.prints_only(told) => self.ahead(told, Edge::Ok) == self.ahead(node, Edge::Ok),
            _ => false,
        }
    }

    /// The place of the message that tells of a failure, where that is in no loop.
    pub(super) fn message(&self, node: NodeId) -> Option<Spot> {
        let is_around = |turns: &Loop| (turns.head.0..turns.end.0).contains(&node.0);
        if self.resolver.flow.graph.loops.iter().any(is_around) {
            return None;
        }
        let (yes, said) = self.past_messages(node, Edge::Ok)?;
        let (no, told) = self.past_messages(node, Edge::Fail)?;
        // What both ways come to behind it says nothing of the failure.
        let own = told.strip_suffix(&*said).filter(|_| yes == no)?;
        Some(Spot::around(self.resolver.source, self.simple(*own.last()?)?))
    }

    /// Whether a command whose failure nobody has asked for stands in front of what has set the status, and of what only
    /// prints or sets variables in front of that.
    fn hides_failure(&self, setter: NodeId) -> bool {
        let mut node = setter;
        while self.budget.take_step() {
            let before = self.deciders(node);
            let Some(&(first, _)) = before.first() else { return false };
            if before.iter().any(|&(other, _)| other != first) {
                return false;
            }
            let both = [Edge::Ok, Edge::Fail].into_iter().all(|edge| before.contains(&(first, edge)));
            let Some(simple) = self.simple(first) else { return false };
            if self.prints_only(first) || only_sets(simple) && !self.takes_status_up(first) {
                node = first;
                continue;
            }
            return both
                && !simple.ignored
                && !self.is_test(first)
                && ![WordKind::Prepares, WordKind::Tidies]
                    .into_iter()
                    .any(|kind| self.resolver.knowledge.is(words::name(simple), kind));
        }
        false
    }
}

/// What a condition says where all that it asks for is this.
pub(super) fn answer(condition: &Condition, held: &Outcome) -> Option<bool> {
    match condition {
        Condition::Slot { question, .. } => question.answer(held, |_| false),
        Condition::Not(inner) => answer(inner, held).map(|said| !said),
        Condition::And(left, right) => match (answer(left, held), answer(right, held)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Condition::Or(left, right) => match (answer(left, held), answer(right, held)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Condition::Known(said) => Some(*said),
        Condition::Facts { .. } | Condition::Unknown => None,
    }
}

/// Whether a command declares variables and runs something for their values: it succeeds whatever that did.
fn declares(simple: &SimpleNode<'_>) -> bool {
    let declared = &simple.simple.declared;
    !is_bracket(simple) && declared.iter().any(|assignment| value_runs_something(&assignment.value))
}
