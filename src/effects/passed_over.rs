//! Failures that are passed over: the script ends in success although a step of it failed.
//!
//! ```sh
//! pg_dump app > app.sql      # its failure …
//! logger "backup done"       # … is gone here
//! ```
//! A failure that is told by the exit status, or that leads to another try which succeeds, is not passed over.

use super::bits::Bits;
use super::facts::Facts;
use super::step::{Occurrence, Step};
use super::thing::{Fact, ThingId};
use super::universe::Universe;
use crate::flow::Flow;
use crate::flow::graph::UnitId;
use crate::flow::solve::Inputs;
use crate::knowledge::FactKind;
use hashbrown::HashSet;

/// Enters into the steps of effects of which it is asked that a failure of theirs ends a fact, which success makes again.
/// The facts, one for each such step, in order.
pub fn enter(
    occurrences: &[Occurrence],
    steps: &mut [Option<Box<Step>>],
    losable: &dyn Fn(&Occurrence) -> bool,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut seen = HashSet::new();
    for occurrence in occurrences.iter().filter(|occurrence| losable(occurrence)) {
        let fact = Fact { kind: FactKind::NotFailed, thing: occurrence.step };
        if let Some(step) = steps[occurrence.node.0 as usize].as_mut().filter(|_| seen.insert(fact)) {
            facts.push(fact);
            step.ok.push(fact);
            step.fail_ends.push(fact);
        }
    }
    facts
}

/// What becomes of failures, by the step.
pub struct Failures {
    /// Passed over on some way to an end that reports success: of the script, or of the function where nobody in the
    /// script calls it.
    pub lost: HashSet<ThingId>,
    /// The script, or that function, fails in any case.
    pub told: HashSet<ThingId>,
}

/// What becomes of the failures of the steps of which that is asked.
pub fn find(
    occurrences: &[Occurrence],
    facts: &[Fact],
    flow: &Flow<'_>,
    universe: &Universe,
    inputs: &Inputs<Facts>,
    entries: &[Bits],
) -> Failures {
    let facts: HashSet<Fact> = facts.iter().copied().collect();
    let mut failures = Failures { lost: HashSet::new(), told: HashSet::new() };
    for occurrence in occurrences {
        let fact = Fact { kind: FactKind::NotFailed, thing: occurrence.step };
        let Some(bit) = universe.bit(fact).filter(|_| facts.contains(&fact)) else { continue };
        let unit = if flow.called[occurrence.unit.0 as usize] { UnitId(0) } else { occurrence.unit };
        let lacks = |end| inputs.get(end).is_some_and(|state| !state.must.has(bit, &entries[unit.0 as usize]));
        let is_lost = flow.graph.successes(unit).into_iter().any(lacks);
        if is_lost { &mut failures.lost } else { &mut failures.told }.insert(occurrence.step);
    }
    failures
}
