//! Failures behind which the script does something else: it tries another way, or puts things right.
//!
//! ```sh
//! if repmgr standby follow; then exit 0; fi
//! repmgr standby clone --force || exit 1     # only where it has failed
//! ```
//! A message is nothing else, and neither is it to remove what was left, nor to go on where success goes on as well.

use super::Survey;
use super::another::answer;
use super::asked_next::keeper;
use crate::effects::question::{Excluded, Outcome};
use crate::flow::graph::{Edge, Kind, NodeId, Slot, UnitId};
use hashbrown::HashSet;

/// So many functions around a command may ask for its status.
const MOST_CALLS: usize = 4;
/// So many messages may stand between a command and the question for its status.
const MOST_MESSAGES: usize = 6;

/// Where the ways of success and of failure part.
#[derive(Clone, Copy)]
struct Parting {
    node: NodeId,
    /// The outcome there that is come to where the command has failed.
    failed: Edge,
}

impl Survey<'_, '_, '_> {
    /// The commands among these behind whose failure something else is done.
    pub(super) fn falling_back(&self, asked: impl Iterator<Item = NodeId>) -> HashSet<NodeId> {
        let mut asked = asked.filter_map(|node| Some((node, self.parting(node)?))).peekable();
        if asked.peek().is_none() {
            return HashSet::new();
        }
        let succeeding = self.succeeding();
        let answered = asked.filter(|&(_, parting)| self.is_answered(parting, &succeeding, MOST_CALLS) == Some(true));
        answered.map(|(node, _)| node).collect()
    }

    /// Where the ways of success and of failure part: at the command, or where its status is asked for next.
    fn parting(&self, node: NodeId) -> Option<Parting> {
        if let Some(parting) = self.parting_outside(node) {
            return Some(parting);
        }
        let success = self.behind_copies(self.ahead(node, Edge::Ok));
        if success != self.behind_copies(self.past_gate(node)) {
            return Some(Parting { node, failed: Edge::Fail });
        }
        let failure = Outcome::Failure(Excluded::default());
        let [next] = success[..] else { return None };
        let kept = self.simple(next).filter(|_| !self.is_test(next)).and_then(keeper);
        let (test, said) = match kept {
            Some(name) => {
                let test = self.test_of(next, Slot::Variable(self.resolver.flow.names.find(name)?))?;
                let condition = self.steps[test.0 as usize].as_ref()?.condition.as_ref()?;
                (test, answer(condition, &failure))
            }
            None if self.is_test(next) && self.mentions_status(next) => (next, self.said_of(next, &failure)),
            None => return None,
        };
        Some(Parting { node: test, failed: if said? { Edge::Ok } else { Edge::Fail } })
    }

    /// The same where a failure ends the copy of the shell that the command runs in, and the status of that is asked for next.
    fn parting_outside(&self, node: NodeId) -> Option<Parting> {
        let mut at = self.only_next(node, Some(Edge::Fail))?;
        let mut leaves = false;
        while matches!(self.kind(at), Kind::Errexit | Kind::Join | Kind::Leave { .. }) && self.budget.take_step() {
            leaves |= matches!(self.kind(at), Kind::Leave { .. });
            at = self.only_next(at, None)?;
        }
        let said = self.said_of(at, &Outcome::Failure(Excluded::default())).filter(|_| leaves)?;
        Some(Parting { node: at, failed: if said { Edge::Ok } else { Edge::Fail } })
    }

    /// What comes next by this outcome or by any, where that is one node.
    fn only_next(&self, node: NodeId, only: Option<Edge>) -> Option<NodeId> {
        let mut next = self.next(node, only);
        let first = next.next()?;
        next.all(|other| other == first).then_some(first)
    }

    /// What comes next behind the ends of copies of the shell: a text for another host is one, and its status that of its
    /// last command.
    fn behind_copies(&self, next: Vec<NodeId>) -> Vec<NodeId> {
        let mut next = next;
        while let [end] = next[..]
            && matches!(self.kind(end), Kind::Leave { .. } | Kind::Errexit)
            && self.budget.take_step()
        {
            next = self.ahead(end, Edge::Ok);
        }
        next
    }

    /// The test behind a node that asks for a variable and nothing else, past messages only.
    fn test_of(&self, node: NodeId, slot: Slot) -> Option<NodeId> {
        let mut node = node;
        for _ in 0..=MOST_MESSAGES {
            let [next] = self.ahead(node, Edge::Ok)[..] else { return None };
            if self.is_test(next) {
                let mut slots = Vec::new();
                self.steps[next.0 as usize].as_ref()?.condition.as_ref()?.slots(&mut slots);
                return (!slots.is_empty() && slots.iter().all(|&asked| asked == slot)).then_some(next);
            }
            self.prints_only(next).then(|| node = next)?;
        }
        None
    }

    /// Whether every way on from the failure of a command or a call comes to a step that acts, or to an end in failure, before it
    /// comes to where success leads; nothing where it only ends in failure.
    fn is_answered(&self, at: Parting, succeeding: &HashSet<NodeId>, calls: usize) -> Option<bool> {
        let Parting { node, failed } = at;
        let shared = self.walk(node, if failed == Edge::Ok { Edge::Fail } else { Edge::Ok });
        let mut acts = false;
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting: Vec<NodeId> = self.next(node, Some(failed)).collect();
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
                        let at = Parting { node: call.node, failed: Edge::Fail };
                        match calls.checked_sub(1).map(|calls| self.is_answered(at, succeeding, calls)) {
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
        let prints = self.resolver.knowledge.is_message(name) || matches!(name, "tee" | "sleep" | "date");
        let is_call = !self.resolver.flow.calls.callees(node).is_empty();
        let unknown = self.steps[node.0 as usize].as_ref().is_some_and(|step| step.unknown);
        !prints
            && !is_call
            && !self.is_test(node)
            && (unknown || self.acting.contains(&node) && self.does_more.contains(&node))
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
