//! Answers of persons: a text that `read` took up was typed by one, whatever the status of `read` was.
//!
//! ```sh
//! read -r -p "Drop it? "
//! [ "$REPLY" = yes ] || exit 1      # where nobody answers, it is empty
//! dropdb app
//! ```

use super::super::resolve::ASKS_PERSON;
use super::super::thing::Fact;
use super::Conditions;
use crate::flow::exact::node_of;
use crate::flow::graph::NodeId;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::FactKind;

impl Conditions<'_, '_, '_> {
    /// What holds where a value is not empty that a person typed.
    pub(super) fn answered(&self, value: ValueId) -> Option<Fact> {
        let mut value = value;
        // Nothing is left of nothing.
        while let Value::Derived(inner, _) = self.resolver.flow.values.get(value) {
            value = *inner;
        }
        let Value::Environment(made, _) = *self.resolver.flow.values.get(value) else { return None };
        let node = node_of(made).filter(|&node| (node as usize) < self.resolver.flow.graph.nodes.len())?;
        let &thing = self.resolver.marks.get(ASKS_PERSON)?;
        self.resolver.reads_person(NodeId(node)).then_some(Fact { kind: FactKind::Done, thing })
    }
}
