//! Which variables and outputs are followed by the texts they hold: those that some test asks.

use super::step::{Assigned, Prints, Step};
use super::universe::Universe;
use crate::flow::Flow;
use crate::flow::graph::{Kind, Names, NodeId, Slot, UnitId};
use hashbrown::{HashMap, HashSet};
use std::rc::Rc;

/// How many variables are followed by the texts they hold.
const MOST_VARIABLES: usize = 256;

/// How many EXIT traps are followed by the paths on which they are set.
pub const MOST_TRAPS: usize = 32;

/// The variables that tests read, those that flow into them, traps, and answers that are given more than once, in
/// order; and whether those are all. Steps learn which of them they may set without saying so.
pub fn tracked(steps: &mut [Option<Box<Step>>], names: &Names, traps: usize, answers: usize) -> (Rc<[Slot]>, bool) {
    let mut wanted: HashMap<Slot, usize> = HashMap::new();
    let mut order: Vec<Slot> = Vec::new();
    for step in steps.iter().flatten() {
        let mut found: Vec<Slot> = step.runs.into_iter().collect();
        found.extend(step.chosen.iter().map(|(slot, _)| *slot));
        if let Prints::Like(slot) = step.prints {
            found.push(slot);
        }
        if let Some(condition) = &step.condition {
            condition.slots(&mut found);
        }
        found.extend(step.alike.iter().map(|&(_, other)| other));
        for slot in found {
            let times = wanted.entry(slot).or_default();
            *times += 1;
            if *times == 1 {
                order.push(slot);
            }
        }
    }
    let mut at = 0;
    let mut sources: HashMap<Slot, Vec<Slot>> = HashMap::new();
    let mut assigned: HashSet<Slot> = HashSet::new();
    for (slot, taken) in steps.iter().flatten().flat_map(|step| &step.assigns) {
        assigned.insert(*slot);
        sources.entry(*slot).or_default().extend(taken.reads());
    }
    // What a function is given is followed where it asks, and so is what it is given.
    let mut given: HashSet<Slot> = HashSet::new();
    for &(inner, outer) in steps.iter().flatten().flat_map(|step| &step.gives) {
        given.insert(inner);
        sources.entry(inner).or_default().push(outer);
    }
    while at < order.len() {
        for &from in sources.get(&order[at]).into_iter().flatten() {
            if wanted.insert(from, 1).is_none() {
                order.push(from);
            }
        }
        at += 1;
    }
    // A value that the script never sets is remembered by the answers of tests, which takes two of them.
    let repeated = |slot: &Slot| wanted.get(slot).is_some_and(|&times| times > 1);
    let is_followed = |slot: &Slot| match slot {
        Slot::Variable(number) if names.is_volatile(*number) => false,
        Slot::Variable(_) => assigned.contains(slot) || repeated(slot),
        Slot::Element(..) | Slot::Count(_) => assigned.contains(slot),
        Slot::Value(_) => given.contains(slot) || repeated(slot),
        _ => false,
    };
    let mut tracked: Vec<Slot> = order.into_iter().filter(is_followed).collect();
    let all = tracked.len() <= MOST_VARIABLES && traps <= MOST_TRAPS;
    tracked.truncate(MOST_VARIABLES);
    let variables: Vec<Slot> = tracked.iter().copied().filter(|slot| matches!(slot, Slot::Variable(_))).collect();
    for step in steps.iter_mut().flatten().filter(|step| step.sets_anything) {
        let overrides = step.overrides;
        let set = variables.iter().filter(|slot| overrides || !assigned.contains(*slot));
        step.assigns.extend(set.map(|&slot| (slot, Assigned::Unknown)));
    }
    tracked.extend((0..traps.min(MOST_TRAPS)).map(|number| Slot::Trap(number as u32)));
    tracked.extend((0..answers).map(|number| Slot::Answer(number as u32)));
    tracked.sort_unstable();
    (tracked.into(), all)
}

/// For each unit: whether some substitution that is asked for what it printed calls it.
pub fn printing(flow: &Flow<'_>, asked_last: &HashMap<u32, NodeId>) -> Vec<bool> {
    let mut printing = vec![false; flow.graph.units.len()];
    let mut waiting: Vec<UnitId> = Vec::new();
    let mut inside: HashMap<UnitId, Vec<UnitId>> = HashMap::new();
    for call in &flow.calls.all {
        let Kind::Simple(simple) = &flow.graph.node(call.node).kind else { continue };
        match simple.capture {
            Some(Slot::Capture(start)) if asked_last.contains_key(&start) => waiting.push(call.callee),
            Some(Slot::Printed) => inside.entry(call.caller).or_default().push(call.callee),
            _ => {}
        }
    }
    while let Some(unit) = waiting.pop() {
        if !std::mem::replace(&mut printing[unit.0 as usize], true) {
            waiting.extend(inside.get(&unit).into_iter().flatten());
        }
    }
    printing
}

/// For each substitution whose output is asked for, by its first byte: the last node that asks.
pub fn asked_last(steps: &[Option<Box<Step>>], tracked: &[Slot], universe: &Universe) -> HashMap<u32, NodeId> {
    let mut last = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let Some(step) = step else { continue };
        for &(slot, fact) in &step.filled {
            if let Slot::Capture(start) = slot
                && universe.bit(fact).is_some()
            {
                last.insert(start, NodeId(at as u32));
            }
        }
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
