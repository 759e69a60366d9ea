//! Demotions that have asked whether the server runs, and act on one that does not.
//!
//! ```sh
//! app_demote() {
//!     app_monitor; status=$?
//!     if [ $status -eq $OCF_SUCCESS ]; then return $OCF_SUCCESS; fi    # a replica already
//!     appctl follow "$master"      # the primary, but also one that is not running
//! }
//! ```

use super::answers::is_about_absence;
use super::{Breach, Survey};
use crate::effects::question::{Question, Relation};
use crate::effects::resolve::Resolver;
use crate::effects::step::{Assigned, Condition};
use crate::flow::graph::{Edge, NodeId, Slot, UnitId, UnitKind};
use crate::knowledge::How;

/// The name of a function says that it takes the leading role away.
const DEMOTE: &str = "demote-action";
/// Nobody tells what does not run from what leads, and the demotion goes on with both.
const ABSENT_GOES_ON: &str = "absent-goes-on";

/// The functions that are demotions by their names.
pub(super) fn named(resolver: &Resolver<'_, '_>) -> Vec<UnitId> {
    let demotes = |kind: &UnitKind| match kind {
        UnitKind::Function(name) => resolver.knowledge.marks_of_name(&name.text).any(|mark| mark == DEMOTE),
        UnitKind::Script => false,
    };
    (0..)
        .zip(&resolver.flow.graph.units)
        .filter(|(_, unit)| demotes(&unit.kind))
        .map(|(number, _)| UnitId(number))
        .collect()
}

impl Survey<'_, '_, '_> {
    /// The questions in demotions that tell a replica from all the rest, where what does not run is one of the rest.
    pub(super) fn demotes(&self, units: &[UnitId]) -> Vec<Breach> {
        let mut found = Vec::new();
        for &unit in units {
            let nodes = &self.resolver.flow.orders.unit(unit).nodes;
            for &node in nodes {
                let Some(slot) = self.tells_success(node) else { continue };
                let asked = self.assigned(node, slot, &|from| *from == Slot::Status).and_then(|set| self.set_by(set));
                let is_state = asked.is_some_and(|asked| self.asks_for_state(asked) || self.looks_at_state(asked));
                let is_told = nodes.iter().any(|&other| self.tells_absence(other, slot));
                if is_state && !is_told && !self.acts_behind(node, Edge::Ok) && self.acts_behind(node, Edge::Fail) {
                    let span = self.span(node);
                    found.push(Breach {
                        node,
                        duty: How::Demote,
                        span,
                        named: span,
                        mark: ABSENT_GOES_ON,
                        edits: Vec::new(),
                        not_where: Vec::new(),
                    });
                }
            }
        }
        found
    }

    /// The variable of which a node asks whether it holds the status of a success.
    fn tells_success(&self, node: NodeId) -> Option<Slot> {
        match self.step(node)?.condition.as_deref()? {
            Condition::Slot { slot: slot @ Slot::Variable(_), question, .. } => match question {
                Question::Equals(text) if &**text == "0" => Some(*slot),
                Question::Number(Relation::Equal, 0) => Some(*slot),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a node asks for the code of what does not run, or gives that variable another value.
    fn tells_absence(&self, node: NodeId, variable: Slot) -> bool {
        let Some(step) = self.step(node) else { return false };
        let mut told = false;
        if let Some(condition) = &step.condition {
            condition.each(&mut |question| {
                told |= matches!(question, Condition::Slot { slot, question, .. } if *slot == variable && is_about_absence(question));
            });
        }
        told || step
            .assigns
            .iter()
            .any(|(slot, assigned)| *slot == variable && matches!(assigned, Assigned::Constant(_)))
    }
}
