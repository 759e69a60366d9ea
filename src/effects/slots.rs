//! Which variables and outputs are followed by the texts they hold: those that some test asks.

use super::step::{Assigned, Step};
use crate::flow::graph::{NodeId, Slot};
use hashbrown::{HashMap, HashSet};

/// How many variables are followed by the texts they hold.
const MOST_VARIABLES: usize = 32;

/// How many EXIT traps are followed by the paths on which they are set.
pub const MOST_TRAPS: usize = 8;

/// The variables that tests read, those that flow into them, and traps, in order.
pub fn tracked(steps: &[Option<Box<Step>>], traps: usize) -> Vec<Slot> {
    let mut wanted: HashSet<Slot> = HashSet::new();
    let mut order: Vec<Slot> = Vec::new();
    for step in steps.iter().flatten() {
        let mut found: Vec<Slot> = step.runs.into_iter().collect();
        if let Some(condition) = &step.condition {
            condition.slots(&mut found);
        }
        for slot in found {
            if wanted.insert(slot) {
                order.push(slot);
            }
        }
    }
    let mut at = 0;
    let mut sources: HashMap<Slot, Vec<Slot>> = HashMap::new();
    let mut assigned: HashSet<Slot> = HashSet::new();
    for (slot, from) in steps.iter().flatten().flat_map(|step| &step.assigns) {
        assigned.insert(*slot);
        if let Assigned::Copy(from) = from {
            sources.entry(*slot).or_default().push(*from);
        }
    }
    while at < order.len() && at < 4 * MOST_VARIABLES {
        for &from in sources.get(&order[at]).into_iter().flatten() {
            if wanted.insert(from) {
                order.push(from);
            }
        }
        at += 1;
    }
    // A variable that the script never sets has nothing to be remembered by.
    let followed = order.into_iter().filter(|slot| matches!(slot, Slot::Variable(_)) && assigned.contains(slot));
    let traps = (0..traps.min(MOST_TRAPS)).map(|number| Slot::Trap(number as u32));
    let mut tracked: Vec<Slot> = followed.take(MOST_VARIABLES).chain(traps).collect();
    tracked.sort_unstable();
    tracked
}

/// For each substitution whose output is asked for, by its first byte: the last node that asks.
pub fn asked_last(steps: &[Option<Box<Step>>], tracked: &[Slot]) -> HashMap<u32, NodeId> {
    let mut last = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let Some(step) = step else { continue };
        let copies = step.assigns.iter().any(|(slot, _)| tracked.binary_search(slot).is_ok());
        if copies || step.condition.is_some() {
            for slot in step.reads_slots() {
                if let Slot::Capture(start) = slot {
                    last.insert(start, NodeId(at as u32));
                }
            }
        }
    }
    last
}
