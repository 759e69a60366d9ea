//! Starts that a file refuses which a process that is gone may have left.

use super::{Breach, Region, Survey};
use crate::effects::step::Condition;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::knowledge::How;
use hashbrown::HashSet;

/// It does not start where such a file is there, and nobody asked whether the process is.
const LEFTOVER_REFUSES: &str = "leftover-refuses";

impl Survey<'_, '_, '_> {
    /// The questions for a file of a process number that decide alone whether the service is started.
    pub(super) fn leftovers(&self, region: &Region) -> Vec<Breach> {
        let mut found = Vec::new();
        for &node in &region.nodes {
            let Some(condition) = self.step(node).and_then(|step| step.condition.as_ref()) else { continue };
            let mut things = HashSet::new();
            condition.each(&mut |question| {
                if let Condition::Facts { yes, no, .. } = question {
                    things.extend(yes.iter().chain(no).map(|fact| fact.thing));
                }
            });
            let there = [Edge::Ok, Edge::Fail]
                .into_iter()
                .find(|&edge| self.answer(node, edge).is_some_and(|answer| answer.present && answer.bare));
            let Some(there) = there.filter(|_| !things.is_empty() && things.is_disjoint(&self.removed)) else {
                continue;
            };
            let other = if there == Edge::Ok { Edge::Fail } else { Edge::Ok };
            // What is asked behind the start is whether it has come up.
            let decides = !self.leads_to_act(node, there, region) && self.leads_to_act(node, other, region);
            if decides && self.is_first(node, region) && !self.comes_again(node) {
                let span = self.span(node);
                found.push(Breach {
                    node,
                    duty: How::Start,
                    span,
                    named: span,
                    mark: LEFTOVER_REFUSES,
                    edits: Vec::new(),
                    not_where: Vec::new(),
                });
            }
        }
        found
    }

    /// Whether a question is asked again and again: who waits for a file has started what makes it.
    fn comes_again(&self, node: NodeId) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::new();
        let mut waiting: Vec<NodeId> = self.edges(node).map(|(_, to)| to).collect();
        while let Some(next) = waiting.pop() {
            if next == node {
                return true;
            }
            if self.budget.take_step() && seen.insert(next) {
                waiting.extend(self.edges(next).map(|(_, to)| to));
            }
        }
        false
    }

    /// Whether something is done, or asked once more, behind an outcome of a node.
    fn leads_to_act(&self, node: NodeId, edge: Edge, region: &Region) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting: Vec<NodeId> = self.edges(node).filter(|&(live, _)| live == edge).map(|(_, to)| to).collect();
        while let Some(next) = waiting.pop() {
            // A plain command whose failure may end the script decides nothing.
            let is_ended = self.edges(next).any(|(_, to)| matches!(self.kind(to), Kind::Errexit));
            let is_question = self.splits(next) && !is_ended && !matches!(self.kind(next), Kind::Errexit);
            if self.acts(next) || is_question {
                return true;
            }
            let is_inside = region.within.contains(&next) || self.span(next).start == self.span(next).end;
            if is_inside && self.budget.take_step() && seen.insert(next) {
                waiting.extend(self.edges(next).map(|(_, to)| to));
            }
        }
        false
    }
}
