//! Which facts are followed through a script: those that some rule will ask of an effect, and what carries over to them.

use super::step::{Condition, Occurrence, Step};
use super::thing::{Fact, Things};
use super::universe::Universe;
use crate::flow::graph::NodeId;
use crate::flow::value::Values;
use crate::knowledge::{FactKind, ThingKind};

/// The facts that are asked in front of some effect, and what proves or ends them; what else is followed joins them later.
pub fn find(
    occurrences: &[Occurrence],
    steps: &[Option<Box<Step>>],
    likely_renewed: &[Fact],
    (things, values): (&Things, &mut Values),
    asked: &dyn Fn(&Occurrence) -> Vec<Fact>,
) -> Universe {
    let mut universe = Universe::default();
    for occurrence in occurrences {
        if let Some(set) = occurrence.set_where {
            universe.add(set, things, values);
        }
        for other in &occurrence.alternatives {
            universe.add(other.unless, things, values);
            let alone = Occurrence { class: other.class.0, services: other.services.clone(), ..occurrence.clone() };
            for fact in asked(&alone) {
                universe.add(fact, things, values);
            }
        }
        let own = occurrence.excuses.iter().chain(&occurrence.not_where).copied();
        let sure = occurrence.only_if.and_then(|node| answered_by(steps, node));
        for fact in asked(occurrence).into_iter().chain(own).chain(sure) {
            universe.add(fact, things, values);
            // A removal of what was looked at loses nothing unseen.
            if fact.kind == FactKind::NotRemovedHere {
                universe.add(Fact { kind: FactKind::Identified, ..fact }, things, values);
            }
        }
        for source in super::nesting(occurrence).into_iter().chain(super::moved(occurrence, steps)) {
            universe.add(Fact { kind: FactKind::IsDir, thing: source }, things, values);
        }
    }
    for &fact in likely_renewed {
        universe.add(fact, things, values);
    }
    // What carries over to an asked fact, and what makes a failure impossible, must be followed too.
    for step in steps.iter().flatten() {
        if let Some(fact) = step.sure_if {
            universe.add(fact, things, values);
        }
        for &(tree, ..) in &step.shows {
            universe.add(Fact { kind: FactKind::RenewedHere, thing: tree }, things, values);
            if !likely_renewed.is_empty() {
                universe.add(Fact { kind: FactKind::LikelyRenewed, thing: tree }, things, values);
            }
        }
        for &(told, found) in &step.renames {
            if universe.bit(Fact { kind: FactKind::Exists, thing: found }).is_some() {
                universe.add(Fact { kind: FactKind::Exists, thing: told }, things, values);
            }
        }
        for &(of_file, of_text) in &step.copies {
            if universe.bit(of_text).is_some() {
                universe.add(of_file, things, values);
            }
        }
        for &(from, _) in &step.transfers {
            universe.add(Fact { kind: FactKind::ContentValidated, thing: from }, things, values);
        }
        let fails = step.fail_ends.iter().filter(|fact| fact.kind == FactKind::NoFailedValidation);
        for &fact in fails.filter(|fact| things.get(fact.thing).kind == ThingKind::Path) {
            universe.add(fact, things, values);
        }
    }
    universe
}

/// What the failure of a command says is not there: where it is known to be, the answer is known, too.
pub fn answered_by(steps: &[Option<Box<Step>>], node: NodeId) -> Option<Fact> {
    let step = steps[node.0 as usize].as_deref()?;
    let exists = |fact: &Fact| Fact { kind: FactKind::Exists, thing: fact.thing };
    match step.condition.as_deref() {
        None if step.only_asks() => {}
        // What the first fact is about is what is asked for: a regular file, or anything. What the script makes is one.
        Some(Condition::Facts { yes, operator: Some('e' | 'f'), .. } | Condition::Slot { yes, .. }) => {
            let first = yes.first().filter(|fact| matches!(fact.kind, FactKind::IsFile | FactKind::Exists));
            return first.map(exists);
        }
        None | Some(_) => return None,
    }
    let mut missing = step.fail.iter().filter(|fact| fact.kind == FactKind::Absent).map(exists);
    let only = missing.next().filter(|fact| step.ok.contains(fact))?;
    missing.next().is_none().then_some(only)
}
