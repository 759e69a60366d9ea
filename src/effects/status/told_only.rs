//! Failures that are told, and what prepares a service and may fail: the script goes on as if nothing were.
//!
//! ```sh
//! /opt/app/rotate
//! rc=$?
//! if [ "$rc" -ne 0 ]; then logger "rotation failed: $rc"; fi
//! exit 0                       # whoever has started the script is told that all went well
//! ```

use super::words::is_status;
use super::{Found, Survey};
use crate::effects::spot::Spot;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::flow::state::Flag;
use crate::knowledge::How;
use crate::syntax::tree::AssignmentValue;
use hashbrown::HashSet;

/// A message tells of it, and the script ends with success.
pub(super) const TOLD_ONLY: &str = "told-only";
/// A service is started in the background next, whatever has become of the step.
const THEN_SERVES: &str = "then-serves";
/// What a message of a failure has in it.
const FAILURE_WORDS: [&str; 6] = ["fail", "error", "abnormal", "alert", "unable", "could not"];

impl<'t> Survey<'_, '_, 't> {
    /// Tests of a status that only decide on a message, in front of `exit 0`.
    pub(super) fn told_only(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        let keepers = self.keepers();
        let asks = |node: NodeId| {
            self.mentions_status(node)
                || super::super::loops::names(self.written(node)).any(|name| keepers.contains(name))
        };
        for node in self.nodes().filter(|&node| self.is_test(node) && asks(node)) {
            let arms = [Edge::Ok, Edge::Fail].map(|edge| self.past_messages(node, edge));
            let [Some((yes, said)), Some((no, told))] = arms else { continue };
            let tells_failure = said.iter().chain(&told).any(|&node| {
                let text = self.written(node).to_lowercase();
                FAILURE_WORDS.iter().any(|word| text.contains(word))
            });
            if yes == no && tells_failure && said.is_empty() != told.is_empty() && self.ends_in_zero(yes) {
                let span = self.span(node);
                let how = How::Dropped;
                found.push(Found { node, from: None, how, span, named: span, mark: TOLD_ONLY, word: None });
            }
        }
        found
    }

    /// The place of the last message that tells of what such a test finds out.
    pub(super) fn last_told(&self, node: NodeId) -> Option<Spot> {
        let mut arms = [Edge::Ok, Edge::Fail].into_iter().filter_map(|edge| self.past_messages(node, edge));
        let told = arms.find_map(|(_, told)| told.last().copied())?;
        Some(Spot::around(self.resolver.source, self.simple(told)?))
    }

    /// Steps, programs that are called by their path, whose failure nobody hears, right in front of what the script starts in
    /// the background and waits for.
    pub(super) fn then_serves(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        let waits = |node: NodeId| self.name(node) == "wait";
        if !self.nodes().any(waits) {
            return found;
        }
        for node in self.nodes().filter(|&node| self.is_own_program(node)) {
            let (yes, no) = (self.ahead(node, Edge::Ok), self.past_gate(node));
            let starts = |next: &NodeId| matches!(self.kind(*next), Kind::Fork);
            let off = self.resolver.flow.inputs.get(node).is_some_and(|state| state.errexit == Flag::Off);
            if off && yes == no && !yes.is_empty() && yes.iter().all(starts) {
                let span = self.span(node);
                let how = How::PassedOver;
                found.push(Found { node, from: None, how, span, named: span, mark: THEN_SERVES, word: None });
            }
        }
        found
    }

    /// Whether a command is a program, of which nothing is known, that the script itself runs by its path.
    fn is_own_program(&self, node: NodeId) -> bool {
        let Some(simple) = self.simple(node) else { return false };
        let by_path = simple.simple.words.first().and_then(constant).is_some_and(|name| name.starts_with('/'));
        let unknown = self.steps[node.0 as usize].as_ref().is_some_and(|step| step.unknown);
        let in_script = self.resolver.flow.graph.node(node).unit.0 == 0;
        by_path && unknown && in_script && !simple.ignored && simple.capture.is_none() && simple.pipeline.is_none()
    }

    /// The variables that keep a status.
    fn keepers(&self) -> HashSet<&'t str> {
        let mut keepers = HashSet::new();
        for node in self.nodes() {
            let Some(simple) = self.simple(node) else { continue };
            let keeps = |value: &AssignmentValue| matches!(value, AssignmentValue::Scalar(word) if is_status(word));
            let sets = simple.simple.assignments.iter().filter(|set| keeps(&set.value));
            keepers.extend(sets.map(|set| &*set.name.text));
        }
        keepers
    }

    /// Where an outcome leads past messages, and these.
    pub(super) fn past_messages(&self, node: NodeId, edge: Edge) -> Option<(NodeId, Vec<NodeId>)> {
        let mut told = Vec::new();
        let mut next = self.ahead(node, edge);
        for _ in 0..8 {
            let [only] = next[..] else { return None };
            if self.prints_only(only) {
                told.push(only);
            } else if !matches!(self.kind(only), Kind::Status(_)) {
                return Some((only, told));
            }
            next = self.ahead(only, Edge::Ok);
        }
        None
    }

    /// Whether a node is `exit 0` of the script.
    fn ends_in_zero(&self, node: NodeId) -> bool {
        let is_zero = matches!(self.kind(node), Kind::Code([word, ..]) if constant(word).as_deref() == Some("0"));
        is_zero && self.written(node).starts_with("exit")
    }
}
