//! The last part of `asked && restart || reload`, which is also come to where the restart has failed.
//!
//! ```sh
//! [ "$changed" = yes ] && service web restart || service web reload     # a restart that fails leaves nothing to reload
//! ```

use super::Survey;
use crate::effects::step::Occurrence;
use crate::effects::thing::ThingId;
use crate::finding::Edit;
use crate::flow::graph::{Edge, NodeId, SimpleNode, Slot};
use crate::knowledge::{EffectKind, How};
use crate::span::Span;
use hashbrown::{HashMap, HashSet};

impl Survey<'_, '_, '_> {
    /// The nodes that have a service take up its configuration right where starting it anew has failed.
    pub(super) fn behind_failed_restarts(&self, occurrences: &[Occurrence]) -> HashSet<NodeId> {
        let mut restarts: HashMap<NodeId, ThingId> = HashMap::new();
        for one in occurrences.iter().filter(|one| is_service(one, &[How::Restart, How::Start])) {
            restarts.insert(one.node, one.target);
        }
        if restarts.is_empty() {
            return HashSet::new();
        }
        let is_behind = |reload: &&Occurrence| {
            let mut deciders = self.deciders(reload.node).into_iter();
            deciders.any(|(node, edge)| edge == Edge::Fail && restarts.get(&node) == Some(&reload.target))
        };
        occurrences.iter().filter(|one| is_service(one, &[How::Reload])).filter(is_behind).map(|one| one.node).collect()
    }

    /// `asked && restart || reload` → `if asked; then restart; else reload; fi`, where these three are all of a statement.
    pub(super) fn chosen(&self, reload: NodeId) -> Option<Vec<Edit>> {
        let last = self.simple(reload)?;
        let (statement, unit) = (last.statement, self.resolver.flow.graph.node(reload).unit);
        let is_part = |node: &NodeId| {
            let is_own = |simple: &SimpleNode<'_>| {
                simple.statement == statement && !matches!(simple.capture, Some(Slot::Capture(_)))
            };
            self.resolver.flow.graph.node(*node).unit == unit && self.simple(*node).is_some_and(is_own)
        };
        let mut parts: Vec<Span> = self.nodes_within(statement).filter(is_part).map(|node| self.span(node)).collect();
        parts.sort_by_key(|span| span.start);
        let [asked, restart, reload] = parts[..] else { return None };
        let gaps = [Span::new(asked.end, restart.start), Span::new(restart.end, reload.start)];
        let is_all = statement == Span::new(asked.start, reload.end) && !last.in_condition && last.pipeline.is_none();
        let [and, or] = gaps.map(|gap| self.text(gap));
        (is_all && and.trim() == "&&" && or.trim() == "||").then(|| {
            let edit = |span: Span, text: &str| Edit { span, text: text.to_owned() };
            vec![
                edit(Span::at(asked.start), "if "),
                edit(gaps[0], "; then "),
                edit(gaps[1], "; else "),
                edit(Span::at(reload.end), "; fi"),
            ]
        })
    }
}

fn is_service(occurrence: &Occurrence, manners: &[How]) -> bool {
    occurrence.effect == EffectKind::Service && manners.contains(&occurrence.how)
}
