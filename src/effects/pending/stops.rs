//! A stop that only asks, where the restart of the same script starts what may still run.
//!
//! ```sh
//! case "$1" in
//!   stop) kill "$(cat /run/app.pid)" ;;      # asked, and gone some time later
//!   restart) $0 stop; $0 start ;;            # nothing waits between
//! esac
//! ```

use super::starts::is_action;
use super::{Found, Survey};
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, UnitKind};
use crate::knowledge::How;
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;

/// It asks a process to end, and does not wait for that.
const STOPS_LATER: &str = "stops-later";
/// The same script starts it again, and nothing waits between.
pub(super) const THEN_STARTED: &str = "then-started";

/// How deep functions are looked into.
const DEEPEST: u32 = 3;

impl Survey<'_, '_, '_> {
    pub(super) fn stops(&self) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        if !self.nodes().any(|node| self.has_mark(node, &[STOPS_LATER])) {
            return found;
        }
        for restart in self.entries("restart") {
            for (stop, start) in self.stopped_and_started(restart) {
                for node in self.told(stop, "stop").into_iter().flat_map(|entry| self.unawaited(entry, DEEPEST)) {
                    if !found.iter().any(|known| known.node == node) {
                        found.push(Found { node, how: How::Stop, next: start, mark: THEN_STARTED });
                    }
                }
            }
        }
        found
    }

    /// Where an action begins: an arm of a `case` that is called so, or a function.
    fn entries(&self, action: &str) -> Vec<NodeId> {
        let functions = self.resolver.flow.graph.units.iter().filter(|unit| match &unit.kind {
            UnitKind::Function(name) => is_action(&name.text, action),
            UnitKind::Script => false,
        });
        self.arms(action).into_iter().chain(functions.map(|unit| unit.entry)).collect()
    }

    /// What stands behind the patterns of a `case` that an action is one of: it is what the script does when it is told so.
    fn arms(&self, action: &str) -> Vec<NodeId> {
        let find = || {
            let mut arms: HashMap<String, Vec<NodeId>> = HashMap::new();
            for node in self.nodes() {
                let Kind::Match { patterns, .. } = self.kind(node) else { continue };
                let Some(inside) = self.resolver.flow.graph.successor(node, Edge::Ok) else { continue };
                for text in patterns.iter().filter_map(constant) {
                    arms.entry(text.into_owned()).or_default().push(inside);
                }
            }
            arms
        };
        self.arms.get_or_init(find).get(action).cloned().unwrap_or_default()
    }

    /// The calls of a stop ahead that a call of a start follows with nothing between that waits.
    fn stopped_and_started(&self, entry: NodeId) -> Vec<(NodeId, NodeId)> {
        let stops = self.calls_ahead(entry, "stop", false);
        let pair = |stop: NodeId| Some((stop, *self.calls_ahead(stop, "start", true).first()?));
        stops.into_iter().filter_map(pair).collect()
    }

    /// The first calls of an action on the ways ahead; past nothing that waits, where that is asked.
    fn calls_ahead(&self, from: NodeId, action: &str, at_once: bool) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting: VecDeque<NodeId> = if at_once { self.onward(from).collect() } else { VecDeque::from([from]) };
        while let Some(node) = waiting.pop_front().filter(|_| self.budget.take_step()) {
            if !seen.insert(node) {
                continue;
            }
            if self.calls_action(node, action) {
                found.push(node);
            } else if !(at_once && self.waits(node, from)) {
                waiting.extend(self.onward(node));
            }
        }
        found
    }

    /// Whether a node calls a function of that name, or the script itself with that word.
    fn calls_action(&self, node: NodeId, action: &str) -> bool {
        self.called(node).any(|name| is_action(name, action)) || self.calls_itself(node, action)
    }

    fn calls_itself(&self, node: NodeId, action: &str) -> bool {
        let Kind::Simple(simple) = self.kind(node) else { return false };
        let [command, told, ..] = &simple.simple.words[..] else { return false };
        let itself = self.resolver.written(command.span);
        matches!(itself.trim_matches('"'), "$0" | "${0}") && constant(told).is_some_and(|text| &*text == action)
    }

    /// Where a call of an action leads.
    fn told(&self, call: NodeId, action: &str) -> Vec<NodeId> {
        if self.calls_itself(call, action) {
            return self.arms(action);
        }
        let units = self.resolver.flow.calls.callees(call).iter();
        units.map(|unit| self.resolver.flow.graph.units[unit.0 as usize].entry).collect()
    }

    /// The stops ahead of an entry that nothing waits for before the end of the unit.
    fn unawaited(&self, entry: NodeId, deep: u32) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting = VecDeque::from([entry]);
        while let Some(node) = waiting.pop_front().filter(|_| self.budget.take_step()) {
            if !seen.insert(node) {
                continue;
            }
            if self.has_mark(node, &[STOPS_LATER]) {
                if !self.loops.contains_key(&node) && self.names_service(node) && self.ends_unawaited(node) {
                    found.push(node);
                }
            } else if let (Some(&unit), Some(deeper)) =
                (self.resolver.flow.calls.callees(node).first(), deep.checked_sub(1))
            {
                let inner = self.unawaited(self.resolver.flow.graph.units[unit.0 as usize].entry, deeper);
                found.extend(inner.into_iter().filter(|_| self.ends_unawaited(node)));
            }
            waiting.extend(self.onward(node));
        }
        found
    }

    /// Whether it is the service that is stopped: a process whose number was read from somewhere, and no job of this run.
    fn names_service(&self, stop: NodeId) -> bool {
        let Kind::Simple(simple) = self.kind(stop) else { return false };
        let written = |span| self.resolver.written(span);
        let mut words = simple.simple.words.iter().skip(1).map(|word| written(word.span));
        !self.written(stop).starts_with("kill")
            || words.any(|word| {
                let name = word.trim_matches(['"', '$', '{', '}']);
                is_read(&word) || self.is_read_from_somewhere(name)
            })
    }

    /// Whether some assignment gives a variable what a command printed.
    fn is_read_from_somewhere(&self, variable: &str) -> bool {
        let find = || {
            let simple = self.nodes().filter_map(|node| match self.kind(node) {
                Kind::Simple(simple) => Some(simple.simple),
                _ => None,
            });
            let sets = simple.flat_map(|simple| simple.assignments.iter().chain(&simple.declared));
            let reads = sets.filter(|set| is_read(self.text(set.span).split_once('=').map_or("", |(_, to)| to)));
            reads.map(|set| set.name.text.clone()).collect()
        };
        self.read_variables.get_or_init(find).contains(variable)
    }
}

/// Whether a text takes what a command prints.
fn is_read(text: &str) -> bool {
    text.contains("$(") || text.contains('`')
}
