//! What is known where a loop has come to the end of its list: the variable still holds the last item.
//!
//! ```sh
//! for try in 1 2 3; do sshd -t && break; [ "$try" -lt 3 ] || exit 1; done
//! systemctl restart ssh      # the third turn ends with `break` or with `exit`
//! ```
//! A turn gives its variable the last item or another one, and what a turn does is followed for both. Of what comes to
//! the end of the list only the last turn's is left.

use super::question::Question;
use super::step::{Condition, Step};
use crate::flow::Flow;
use crate::flow::exact::site;
use crate::flow::graph::{Kind, Slot};
use crate::flow::value::Value;
use thin_vec::ThinVec;

/// Says at the ends of lists which item was the last. Only where somebody asks the variable is it followed.
pub fn mark(flow: &mut Flow<'_>, tracked: &[Slot], steps: &mut [Option<Box<Step>>]) {
    for one in &flow.graph.list_loops {
        let Kind::Item(looped) = flow.graph.node(one.item).kind else { continue };
        let number = flow.names.intern(&looped.name.text);
        let slot = Slot::Variable(number);
        if tracked.binary_search(&slot).is_err() {
            continue;
        }
        let item = flow.values.intern(Value::Item(site(one.item)));
        let Some(last) = flow.values.last_item(item).filter(|last| !last.is_empty()).map(Box::<str>::from) else {
            continue;
        };
        for over in one.over {
            // Unless the turn has set it to something else.
            let held = flow.inputs.get(over).map(|state| state.variable(number, &looped.name.text, &mut flow.values));
            if held == Some(item) {
                let question = Question::Equals(last.clone());
                let condition = Condition::Slot { slot, question, yes: ThinVec::new(), no: ThinVec::new() };
                let step = steps[over.0 as usize].get_or_insert_default();
                step.condition = Some(Box::new(condition));
            }
        }
    }
}
