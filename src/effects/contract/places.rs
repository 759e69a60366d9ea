//! Where variables are set and asked, in the order of the text.

use super::answers::is_about_absence;
use crate::effects::resolve::Resolver;
use crate::effects::step::{Assigned, Condition, Step};
use crate::flow::graph::{NodeId, Slot, UnitId};
use hashbrown::HashMap;

/// Nodes by the first byte of their text.
type InText = Vec<(u32, NodeId)>;

/// Where variables are set and asked.
pub(super) struct Places {
    /// Where a variable is given what another slot holds.
    given: HashMap<(UnitId, Slot), InText>,
    /// Where it is set at all, or asked for the code of what does not run.
    told_apart: HashMap<(UnitId, Slot), InText>,
}

/// The nodes of a unit that are a text of their own.
pub(super) fn in_text(resolver: &Resolver<'_, '_>, unit: UnitId) -> InText {
    let spans = resolver.flow.orders.unit(unit).nodes.iter().map(|&node| (resolver.flow.graph.node(node).span, node));
    let mut nodes: InText =
        spans.filter(|(span, _)| span.start < span.end).map(|(span, node)| (span.start, node)).collect();
    nodes.sort_unstable();
    nodes
}

impl Places {
    pub(super) fn of(resolver: &Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> Self {
        let mut places = Self { given: HashMap::new(), told_apart: HashMap::new() };
        for (at, step) in steps.iter().enumerate() {
            let Some(step) = step else { continue };
            let (node, id) = (&resolver.flow.graph.nodes[at], NodeId(at as u32));
            let place = (node.span.start, id);
            for (slot, assigned) in &step.assigns {
                places.told_apart.entry((node.unit, *slot)).or_default().push(place);
                if matches!(assigned, Assigned::Copy(_)) {
                    places.given.entry((node.unit, *slot)).or_default().push(place);
                }
            }
            if let Some(condition) = &step.condition {
                condition.each(&mut |asked| {
                    if let Condition::Slot { slot, question, .. } = asked
                        && is_about_absence(question)
                    {
                        places.told_apart.entry((node.unit, *slot)).or_default().push(place);
                    }
                });
            }
        }
        places.given.values_mut().chain(places.told_apart.values_mut()).for_each(|nodes| nodes.sort_unstable());
        places
    }

    /// Where a variable is given what another slot holds in front of a place in the text: the nearest first.
    pub(super) fn given_before(&self, unit: UnitId, slot: Slot, before: u32) -> impl Iterator<Item = NodeId> {
        let nodes = self.given.get(&(unit, slot)).map_or(&[][..], Vec::as_slice);
        let end = nodes.partition_point(|&(start, _)| start < before);
        nodes[..end].iter().rev().map(|&(_, node)| node)
    }

    /// Whether a variable is set, or asked for the code of what does not run, behind one place and in front of another.
    pub(super) fn is_told_apart(&self, unit: UnitId, slot: Slot, (from, to): ((u32, NodeId), u32)) -> bool {
        let nodes = self.told_apart.get(&(unit, slot)).map_or(&[][..], Vec::as_slice);
        let first = nodes.partition_point(|&(start, _)| start < from.0);
        nodes[first..].iter().take_while(|&&(start, _)| start < to).any(|&(_, node)| node != from.1)
    }
}
