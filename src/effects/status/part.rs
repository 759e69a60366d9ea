//! An `exit` that ends only the stage of a pipeline that it stands in, and the script goes on.

use super::mends::insert;
use super::{Found, Survey};
use crate::dialect::Dialect;
use crate::effects::resolve::ANSWERS_BY_STATUS;
use crate::finding::Edit;
use crate::flow::graph::{Edge, Kind, NodeId, STAGES, Scope};
use crate::knowledge::How;
use hashbrown::HashSet;

/// It was meant to end the script.
pub(super) const GOES_ON: &str = "script-goes-on";

impl<'t> Survey<'_, '_, 't> {
    /// Exits in the last stage of a pipeline, which both ends of lead to the same steps.
    pub(super) fn part(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        if self.runs_last_stage_itself() {
            return found;
        }
        for failed in self.nodes() {
            let Kind::Leave { enter, ok: false } = *self.kind(failed) else { continue };
            let Kind::Enter(scope @ (Scope::Stage | Scope::Subshell)) = *self.kind(enter) else { continue };
            if !self.is_passed_over(failed) {
                continue;
            }
            for (node, edge) in self.deciders(failed) {
                if matches!(self.kind(node), Kind::Code([_, ..]))
                    && edge == Edge::Fail
                    && self.written(node).starts_with("exit")
                    && (scope == Scope::Stage || self.tells(node))
                {
                    let span = self.span(node);
                    found.push(Found {
                        node,
                        from: None,
                        how: How::EndsPart,
                        span,
                        named: self.span(enter),
                        mark: GOES_ON,
                        word: None,
                    });
                }
            }
        }
        found
    }

    /// `|| exit` behind the part, where nothing in it fails that is only an answer.
    pub(super) fn ends_script(&self, one: &Found<'_>) -> Option<Vec<Edit>> {
        let is_end = |node: &NodeId| matches!(*self.kind(*node), Kind::Leave { enter, ok: false } if self.span(enter) == one.named);
        let failed = self.nodes_within(one.named).find(is_end)?;
        let fails_rightly = |&(node, edge): &(NodeId, Edge)| match self.kind(node) {
            Kind::Code(_) => true,
            Kind::Simple(_) => {
                let asks = self.steps[node.0 as usize].as_ref().is_none_or(|step| step.asks);
                edge == Edge::Fail && self.acting.contains(&node) && !asks && !self.has_mark(node, ANSWERS_BY_STATUS)
            }
            _ => false,
        };
        let rest = self.resolver.source.get(one.named.end as usize..)?;
        let next = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        let is_last = next.is_none_or(|next| matches!(next, b'\n' | b';' | b'#'));
        // Who calls a function of a library is to hear of it, and not to end.
        let unit = self.resolver.flow.graph.node(failed).unit.0 as usize;
        let is_called = unit == 0 || self.resolver.flow.called[unit];
        let stop = if is_called { " || exit" } else { " || return" };
        (is_last && self.deciders(failed).iter().all(fails_rightly)).then(|| vec![insert(one.named.end, stop)])
    }

    /// Whether the shell runs the last stage of a pipeline in itself.
    fn runs_last_stage_itself(&self) -> bool {
        let source = self.resolver.source;
        self.resolver.flow.dialect == Dialect::Ksh || source.windows(8).any(|window| window == b"lastpipe")
    }

    /// Whether something is printed right before: somebody is to know why it ends here.
    fn tells(&self, node: NodeId) -> bool {
        let mut before = self.deciders(node).into_iter();
        before.any(|(printer, _)| matches!(self.name(printer), "echo" | "printf" | "logger" | "log" | "error"))
    }

    /// Whether the end in failure of a part leads to the same steps as its success, and one of them acts.
    fn is_passed_over(&self, failed: NodeId) -> bool {
        let Kind::Leave { enter, .. } = *self.kind(failed) else { return false };
        let succeeded = self.nodes_after(enter, failed);
        let Some(behind) = self.behind(failed) else { return false };
        let same = succeeded.and_then(|succeeded| self.behind(succeeded)).is_some_and(|others| others == behind);
        same && behind.iter().any(|&node| self.acts_ahead(node))
    }

    /// The other end of the same part: it is made right before.
    fn nodes_after(&self, enter: NodeId, failed: NodeId) -> Option<NodeId> {
        let before = NodeId(failed.0.checked_sub(1)?);
        matches!(*self.kind(before), Kind::Leave { enter: other, ok: true } if other == enter).then_some(before)
    }

    /// The steps behind the end of a part; none where something asks for its status.
    fn behind(&self, end: NodeId) -> Option<Vec<NodeId>> {
        let mut found = Vec::new();
        let mut seen: HashSet<NodeId> = HashSet::from([end]);
        let mut waiting = vec![end];
        while let Some(node) = waiting.pop() {
            if !self.budget.take_step() {
                return None;
            }
            for (edge, next) in self.resolver.flow.graph.node(node).edges.iter() {
                if !self.is_live(node, edge) || !seen.insert(next) {
                    continue;
                }
                match self.kind(next) {
                    Kind::Join
                    | Kind::Errexit
                    | Kind::Stage(..)
                    | Kind::Stages(..)
                    | Kind::PipeEnd(_)
                    | Kind::Turned(..)
                    | Kind::TurnsEnd(_)
                    | Kind::Enter(_)
                    | Kind::PipeStart(_) => waiting.push(next),
                    Kind::Leave { .. } | Kind::End(_) | Kind::Status(_) | Kind::PipeFailed(_) => return None,
                    _ if self.mentions_status(next) || self.takes_status_up(next) => return None,
                    _ if self.written(next).contains(STAGES) => return None,
                    _ => found.push(next),
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    /// Whether a way leads from a node to something that acts.
    pub(super) fn acts_ahead(&self, from: NodeId) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::from([from]);
        let mut waiting = vec![from];
        while let Some(node) = waiting.pop().filter(|_| self.budget.take_step()) {
            let unknown = self.steps[node.0 as usize].as_ref().is_some_and(|step| step.unknown);
            if self.acting.contains(&node) || unknown || !self.resolver.flow.calls.callees(node).is_empty() {
                return true;
            }
            let edges = self.resolver.flow.graph.node(node).edges.iter();
            waiting.extend(
                edges.filter(|&(edge, _)| self.is_live(node, edge)).map(|(_, to)| to).filter(|&to| seen.insert(to)),
            );
        }
        false
    }
}
