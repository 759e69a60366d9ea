//! What holds in a function under a flag that its callers have set.
//!
//! ```sh
//! add() { if [ "$mode" = disk ]; then parted "$disk" mkpart data 1MiB 100%; fi; }
//! if [ "$mode" = disk ]; then parted "$disk" mklabel gpt; fi
//! add
//! ```
//! At the call the table is new only if `mode` is `disk`. Inside, where that was asked, it is so: the function leaves the
//! variable as it was.

use super::bits::Bits;
use super::question::{Outcome, Question};
use super::step::{Occurrence, Step};
use super::whole::{Which, Whole};
use crate::flow::Flow;
use crate::flow::graph::{Kind, Slot, UnitId};
use hashbrown::{HashMap, HashSet};
use std::rc::Rc;

/// How many flags are followed into functions.
const MOST_FLAGS: usize = 64;

/// A variable of a function, and the text that it holds.
type Flag = (UnitId, Slot, Rc<str>);

/// What holds at the entries of functions under flags.
#[derive(Default)]
pub struct Flags {
    /// By the flag.
    entries: HashMap<Flag, Bits>,
    /// For each effect: the flags that are set where it happens.
    by_effect: Vec<Vec<Flag>>,
    /// There were more than are followed.
    pub overrun: bool,
}

impl Flags {
    /// Finds the flags that are set at effects, and what holds at the entries under each.
    pub fn find(whole: &Whole<'_, '_>, occurrences: &[Occurrence], entries: &[Bits]) -> Self {
        let mut flags = Self::default();
        if whole.tracked.is_empty() || occurrences.iter().all(|occurrence| occurrence.unit.0 == 0) {
            return flags;
        }
        let assigned = assigned(whole.flow, whole.steps);
        for occurrence in occurrences {
            let mut set = Vec::new();
            let unit = occurrence.unit;
            if let (true, Some(state)) = (unit.0 != 0, whole.inputs.get(occurrence.node)) {
                let kept = whole.tracked.iter().copied().filter(|slot| matches!(slot, Slot::Variable(_)));
                for slot in kept.filter(|slot| !assigned[unit.0 as usize].contains(slot)) {
                    if let Some([(Outcome::Constant(text), _)]) = state.cases(slot).map(|cases| &cases[..]) {
                        set.push((unit, slot, Rc::clone(text)));
                    }
                }
            }
            set.retain(|flag| {
                if flags.entries.contains_key(flag) {
                    return true;
                }
                if flags.entries.len() < MOST_FLAGS {
                    let question = Question::Equals((&*flag.2).into());
                    let entry = |caller: UnitId| entries.get(caller.0 as usize);
                    if let Some(under) = whole.at_calls(unit, &entry, &Which::Under(flag.1, &question)) {
                        flags.entries.insert(flag.clone(), under);
                        return true;
                    }
                } else {
                    flags.overrun = true;
                }
                false
            });
            flags.by_effect.push(set);
        }
        flags
    }

    /// What holds at the entry of the function of an effect, under each flag that is set where it happens.
    pub fn of(&self, occurrence: usize) -> impl Iterator<Item = &Bits> {
        let flags = self.by_effect.get(occurrence).map_or(&[][..], Vec::as_slice);
        flags.iter().filter_map(|flag| self.entries.get(flag))
    }
}

/// For each unit: the variables that it, or what it calls, may set.
fn assigned(flow: &Flow<'_>, steps: &[Option<Box<Step>>]) -> Vec<HashSet<Slot>> {
    let mut assigned: Vec<HashSet<Slot>> = vec![HashSet::new(); flow.graph.units.len()];
    for (at, step) in steps.iter().enumerate() {
        let slots = step.iter().flat_map(|step| &step.assigns).map(|&(slot, _)| slot);
        assigned[flow.graph.nodes[at].unit.0 as usize].extend(slots);
    }
    // `mode=disk add` sets it for the call.
    for call in &flow.calls.all {
        let Kind::Simple(node) = &flow.graph.node(call.node).kind else { continue };
        let names = node.simple.assignments.iter().filter_map(|assignment| flow.names.find(&assignment.name.text));
        assigned[call.callee.0 as usize].extend(names.map(Slot::Variable));
    }
    loop {
        let mut grown = false;
        // Callees come first, so that the second round finds nothing new where nobody calls itself.
        for call in flow.calls.bottom_up.iter().flat_map(|&unit| flow.calls.of(unit)) {
            let inside: Vec<Slot> = assigned[call.callee.0 as usize].iter().copied().collect();
            for slot in inside {
                grown |= assigned[call.caller.0 as usize].insert(slot);
            }
        }
        if !grown {
            return assigned;
        }
    }
}
