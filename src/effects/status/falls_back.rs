//! Failures behind which the script does something else: it tries another way, or puts things right.
//!
//! ```sh
//! if repmgr standby follow; then exit 0; fi
//! repmgr standby clone --force || exit 1     # only where it has failed
//! ```
//! A message is nothing else, and neither is it to remove what was left, nor to go on where success goes on as well.

use super::Survey;
use crate::flow::graph::{Edge, Kind, NodeId, UnitId};
use crate::knowledge::EffectKind;
use hashbrown::HashSet;

/// So many functions around a command may ask for its status.
const MOST_CALLS: usize = 4;

impl Survey<'_, '_, '_> {
    /// The commands among these behind whose failure something else is done.
    pub(super) fn falling_back(&self, asked: impl Iterator<Item = NodeId>) -> HashSet<NodeId> {
        let mut asked = asked.filter(|&node| self.ahead(node, Edge::Ok) != self.past_gate(node)).peekable();
        if asked.peek().is_none() {
            return HashSet::new();
        }
        let succeeding = self.succeeding();
        asked.filter(|&node| self.is_answered(node, &succeeding, MOST_CALLS) == Some(true)).collect()
    }

    /// Whether every way on from the failure of a command or a call comes to a step that acts, or to an end in failure, before it
    /// comes to where success leads; nothing where it only ends in failure.
    fn is_answered(&self, node: NodeId, succeeding: &HashSet<NodeId>, calls: usize) -> Option<bool> {
        let shared = self.walk(node, Edge::Ok);
        let mut acts = false;
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting: Vec<NodeId> = self.next(node, Some(Edge::Fail)).collect();
        while let Some(next) = waiting.pop() {
            let unit = self.resolver.flow.graph.node(next).unit;
            let succeeds = succeeding.contains(&next);
            match self.kind(next) {
                _ if !self.budget.take_step() => return Some(false),
                _ if !seen.insert(next) => {}
                // The script fails there, which is told.
                _ if unit.0 == 0 && !succeeds => {}
                Kind::End(Edge::Fail) => {
                    for call in self.resolver.flow.calls.of(unit) {
                        match calls.checked_sub(1).map(|calls| self.is_answered(call.node, succeeding, calls)) {
                            Some(Some(true)) => acts = true,
                            Some(None) => {}
                            Some(Some(false)) | None => return Some(false),
                        }
                    }
                }
                Kind::End(Edge::ExitFail) => {}
                Kind::End(_) => return Some(false),
                _ if succeeds && shared.contains(&next) => return Some(false),
                _ if self.resolver.flow.graph.finished.first() == Some(&next) => return Some(false),
                _ if self.acts_in_turn(next) => acts = true,
                _ => waiting.extend(self.next(next, None)),
            }
        }
        acts.then_some(true)
    }

    /// Whether a step acts, or nobody knows what it does: it is no message, and tidies nothing up.
    fn acts_in_turn(&self, node: NodeId) -> bool {
        let of_callees = |unit: &UnitId| self.walk(self.resolver.flow.graph.units[unit.0 as usize].entry, Edge::Ok);
        let callees = self.resolver.flow.calls.callees(node);
        if !callees.is_empty() {
            return callees.iter().flat_map(of_callees).any(|inner| self.is_deed(inner));
        }
        self.is_deed(node)
    }

    /// The same of a step itself.
    fn is_deed(&self, node: NodeId) -> bool {
        let name = self.name(node);
        let prints = matches!(name, "echo" | "printf" | "logger" | "log" | "error" | "cat" | "tee" | "sleep" | "date");
        let is_call = !self.resolver.flow.calls.callees(node).is_empty();
        let unknown = self.steps[node.0 as usize].as_ref().is_some_and(|step| step.unknown);
        !prints && !is_call && !self.is_test(node) && (unknown || self.acting.contains(&node) && !self.deletes(node))
    }

    /// Whether a step removes things and does nothing else.
    fn deletes(&self, node: NodeId) -> bool {
        let mut effects = self.resolver.occurrences.iter().filter(|occurrence| occurrence.node == node);
        effects.all(|occurrence| occurrence.effect == EffectKind::Delete)
    }

    /// The nodes from which a way leads to an end in success, of the script or of a function.
    fn succeeding(&self) -> HashSet<NodeId> {
        let graph = &self.resolver.flow.graph;
        let functions = self.nodes().filter(|&node| {
            graph.node(node).unit.0 != 0 && matches!(self.kind(node), Kind::End(Edge::Ok | Edge::ExitOk))
        });
        let mut waiting: Vec<NodeId> = functions.chain(graph.finished.first().copied()).collect();
        let mut seen: HashSet<NodeId> = waiting.iter().copied().collect();
        while let Some(node) = waiting.pop() {
            waiting.extend(self.ways.ahead_of(node).iter().copied().filter(|&before| seen.insert(before)));
        }
        seen
    }

    /// The nodes that an outcome leads to, other than by the same command once more.
    fn walk(&self, node: NodeId, edge: Edge) -> HashSet<NodeId> {
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting: Vec<NodeId> = self.next(node, Some(edge)).collect();
        while let Some(next) = waiting.pop().filter(|_| self.budget.take_step()) {
            if seen.insert(next) {
                waiting.extend(self.next(next, None));
            }
        }
        seen
    }

    /// The nodes right behind one, by this outcome or by any.
    fn next(&self, node: NodeId, only: Option<Edge>) -> impl Iterator<Item = NodeId> + '_ {
        let edges = self.resolver.flow.graph.node(node).edges.iter();
        let live = edges.filter(move |&(edge, _)| self.is_live(node, edge) && only.is_none_or(|only| only == edge));
        live.map(|(_, next)| next)
    }
}
