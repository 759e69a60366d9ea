//! Agents that tell an action they do not know as done.
//!
//! ```sh
//! case "$1" in
//! start) app_start ;;
//! monitor) app_monitor ;;
//! esac                # promote: no arm fits, and the status is 0
//! ```
//! OCF resource agent API 1.1: an action that is not implemented ends with 3.

use super::{Breach, Survey, names_action};
use crate::flow::graph::{Edge, Kind, NodeId, UnitId};
use crate::knowledge::How;
use crate::span::Span;
use hashbrown::HashSet;

/// An action that is not known ends in success.
const UNKNOWN_SUCCEEDS: &str = "unknown-succeeds";
/// What an agent of this kind is told, whatever it is for.
const TOLD: [&str; 3] = ["start", "stop", "monitor"];
/// In which a pattern may stand.
const QUOTES: [char; 2] = ['"', '\''];
/// The name of the code of what was done.
const DONE: &str = "$OCF_SUCCESS";

/// An arm of the `case` that asks what is to be done.
struct Arm {
    node: NodeId,
    subject: Span,
    pattern: Span,
    words: Vec<String>,
}

impl Survey<'_, '_, '_> {
    /// The place in the script's own `case` at which what no other arm names ends in success.
    pub(super) fn unknown_actions(&self) -> Vec<Breach> {
        let arms = self.told_arms();
        let Some(first) = arms.first() else { return Vec::new() };
        let own: Vec<&Arm> = arms.iter().filter(|arm| arm.subject == first.subject).collect();
        let is_told = |action: &&str| own.iter().any(|arm| arm.words.iter().any(|word| word == action));
        let (Some(last), true) = (own.last(), TOLD.iter().all(is_told)) else { return Vec::new() };
        let is_rest = |arm: &&&Arm| arm.words.iter().any(|word| word == "*");
        let (arm, edge) = own.iter().find(is_rest).map_or((*last, Edge::Fail), |rest| (*rest, Edge::Ok));
        if self.succeeds(arm.node, edge) != Some(true) {
            return Vec::new();
        }
        let span = arm.pattern;
        let (duty, mark) = (How::Other, UNKNOWN_SUCCEEDS);
        vec![Breach { node: arm.node, duty, span, named: span, mark, edits: Vec::new(), not_where: Vec::new() }]
    }

    /// The arms in which the script itself, and none of its functions, asks what it is told to do.
    fn told_arms(&self) -> Vec<Arm> {
        let nodes = self.resolver.flow.graph.nodes.iter().enumerate().filter(|(_, node)| node.unit == UnitId(0));
        let arms = nodes.filter_map(|(at, node)| match &node.kind {
            Kind::Match { subject, patterns } if names_action(subject, self.resolver) => {
                let words =
                    patterns.iter().map(|word| self.resolver.written(word.span).trim_matches(QUOTES).to_owned());
                let (first, last) = patterns.first().zip(patterns.last())?;
                let pattern = Span::new(first.span.start, last.span.end);
                Some(Arm { node: NodeId(at as u32), subject: subject.span, pattern, words: words.collect() })
            }
            _ => None,
        });
        arms.collect()
    }

    /// Whether an outcome leads to the end of the script in success, on some way on which nothing is done but telling; unknown
    /// where something is done.
    fn succeeds(&self, from: NodeId, edge: Edge) -> Option<bool> {
        let mut seen: HashSet<NodeId> = HashSet::new();
        let mut waiting: Vec<NodeId> = self.edges(from).filter(|&(told, _)| told == edge).map(|(_, to)| to).collect();
        let mut succeeds = false;
        while let Some(node) = waiting.pop() {
            if !seen.insert(node) {
                continue;
            }
            if !self.budget.take_step() {
                return None;
            }
            match self.kind(node) {
                Kind::End(Edge::Ok | Edge::ExitOk) => succeeds = true,
                Kind::End(_) => {}
                // `exit` and `exit $?` tell what telling came to.
                Kind::Code([]) => succeeds = true,
                Kind::Code([word]) => match self.resolver.written(word.span).trim_matches('"') {
                    "0" | "$?" | DONE => succeeds = true,
                    code if code.bytes().all(|byte| byte.is_ascii_digit()) || code.starts_with("$OCF_ERR_") => {}
                    _ => return None,
                },
                Kind::Simple(simple) => {
                    let ends = matches!(simple.name.as_deref(), Some("exit" | "return"));
                    let callees = self.resolver.flow.calls.callees(node);
                    let tells = |unit: &UnitId| {
                        self.resolver.flow.orders.unit(*unit).nodes.iter().all(|&inner| !self.acts(inner))
                    };
                    let only_tells = !callees.is_empty() && callees.iter().all(tells) || self.only_tells(node);
                    if !ends && !only_tells {
                        return None;
                    }
                    // What a function is given may be its status.
                    let may_fail = self.edges(node).any(|(edge, _)| matches!(edge, Edge::Fail | Edge::ExitFail));
                    if !callees.is_empty() && may_fail {
                        return None;
                    }
                    let told = self.edges(node).filter(|(edge, _)| *edge != Edge::Fail);
                    waiting.extend(told.map(|(_, to)| to));
                }
                Kind::Join | Kind::Status(_) | Kind::Errexit => {
                    waiting.extend(self.edges(node).map(|(_, to)| to));
                }
                _ => return None,
            }
        }
        Some(succeeds)
    }
}
