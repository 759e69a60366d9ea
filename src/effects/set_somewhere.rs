//! Variables that the script sets to a text on some ways only, where a tree below them is deleted.
//!
//! ```sh
//! trap 'rm -rf "$stage"/*' EXIT
//! [ -d /srv/stage ] || exit 1     # comes to the trap, and nobody has set the variable
//! stage=/srv/stage
//! ```
//! Under `set -u` the shell stops where nobody has. That a variable does not hold the empty text is a fact: whatever sets it makes it, and so does a test that finds it
//! filled. Where it holds at the deletion, the variable is there what the script has made it.

use super::question::Outcome;
use super::resolve::Resolver;
use super::step::{Assigned, Condition, Occurrence, Step};
use super::thing::{Fact, Thing, ThingId};
use crate::flow::graph::Slot;
use crate::flow::state::{Flag, POSITIONAL};
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::{FactKind, ThingKind};
use hashbrown::{HashMap, HashSet};
use smallvec::smallvec;

/// How many places where paths meet are looked through for one value.
const MOST_MEETINGS: u32 = 4;

/// How a value that met may be a text that the script gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// It is no such text, or is the empty text on some way.
    No,
    /// On some way it is one, on others what the environment holds at the start.
    Somewhere,
    /// On some way it is one, and on the others something else that the script has set.
    Likely,
}

/// Whether a value is a text that the script gives it.
pub fn given(value: ValueId, values: &Values) -> Given {
    let texts = || values.alternatives(value).iter().filter_map(|&met| values.text(met));
    if texts().next().is_none() || texts().any(str::is_empty) {
        Given::No
    } else if is_unset(value, values, MOST_MEETINGS) {
        Given::Somewhere
    } else {
        Given::Likely
    }
}

/// Whether a value is, on some way, what the environment holds at the start.
fn is_unset(value: ValueId, values: &Values, depth: u32) -> bool {
    match values.get(value) {
        Value::Environment(0, _) => true,
        Value::Phi(..) => depth > 0 && values.alternatives(value).iter().any(|&met| is_unset(met, values, depth - 1)),
        _ => false,
    }
}

/// Finds the deletions that such a variable decides about, and has the steps say where it is set. What some function has
/// for itself is another variable there, and is taken to be set.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let own: HashSet<u32> = resolver.flow.locals.iter().flatten().copied().collect();
    let mut followed: HashMap<u32, Fact> = HashMap::new();
    let mut values: HashMap<ThingId, Fact> = HashMap::new();
    for occurrence in occurrences.iter_mut() {
        let Some(value) = occurrence.value else { continue };
        let held = resolver.things.get(value).key[0];
        if given(held, &resolver.flow.values) != Given::Somewhere {
            continue;
        }
        let decides = decider(resolver, held, occurrence).filter(|variable| !own.contains(variable));
        let Some(variable) = decides else {
            occurrence.value = None;
            continue;
        };
        let name = resolver.flow.names.text(variable).to_owned();
        let key = smallvec![resolver.flow.values.constant(&name)];
        let thing = resolver.things.intern(Thing { kind: ThingKind::Value, root: None, key });
        let set = Fact { kind: FactKind::HoldsNot, thing };
        occurrence.set_where = Some(set);
        followed.insert(variable, set);
        let at_start = resolver.flow.values.environment(0, &name);
        values.insert(resolver.value_thing(at_start), set);
    }
    if followed.is_empty() {
        return;
    }
    let filled = |facts: &[Fact]| -> Vec<Fact> {
        let filled = facts.iter().filter(|fact| fact.kind == FactKind::NonEmpty);
        filled.filter_map(|fact| values.get(&fact.thing)).copied().collect()
    };
    for step in steps.iter_mut().flatten() {
        for facts in [&mut step.ok, &mut step.fail] {
            let more = filled(facts);
            facts.extend(more);
        }
        assigned(step, &followed);
        if let Some(condition) = &mut step.condition {
            condition.change_answers(&mut |facts| {
                let more = filled(facts);
                facts.extend(more);
            });
            condition.each_mut(&mut |single| asked(single, &followed));
        }
    }
}

/// The variable that a value met in, which holds it still where the effect happens; none where the shell stops because it
/// was not set.
fn decider(resolver: &Resolver<'_, '_>, held: ValueId, occurrence: &Occurrence) -> Option<u32> {
    let state = resolver.flow.inputs.get(occurrence.node)?;
    match *resolver.flow.values.get(held) {
        Value::Phi(_, variable) if variable < POSITIONAL => {
            (state.variables.get(variable) == Some(held) && state.nounset != Flag::On).then_some(variable)
        }
        _ => None,
    }
}

fn assigned(step: &mut Step, followed: &HashMap<u32, Fact>) {
    let mut set: Vec<(Fact, bool)> = Vec::new();
    for (slot, assigned) in &step.assigns {
        if let Slot::Variable(variable) = slot
            && let Some(&fact) = followed.get(variable)
        {
            set.retain(|&(known, _)| known != fact);
            set.push((fact, !matches!(assigned, Assigned::Constant(text) if text.is_empty())));
        }
    }
    for (fact, is_set) in set {
        let (ok, fail) = if is_set { (&mut step.ok, &mut step.fail) } else { (&mut step.ok_ends, &mut step.fail_ends) };
        ok.push(fact);
        fail.push(fact);
    }
}

fn asked(single: &mut Condition, followed: &HashMap<u32, Fact>) {
    let Condition::Slot { slot: Slot::Variable(variable), question, yes, no } = single else { return };
    let Some(&fact) = followed.get(variable) else { return };
    match question.answer(&Outcome::Empty, |_| false) {
        Some(true) => no.push(fact),
        Some(false) => yes.push(fact),
        None => {}
    }
}

/// Takes back what is said of a variable that is set where the effect happens.
pub fn settle(occurrence: &mut Occurrence, holds: &dyn Fn(Fact) -> bool) {
    if occurrence.set_where.is_some_and(holds) {
        occurrence.value = None;
    }
}
