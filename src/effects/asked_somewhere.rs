//! Secrets of which the script asks somewhere whether they are there: it makes them anew on purpose.
//!
//! ```sh
//! if [ "$1" != --force ] && [ -f "$key" ]; then exit 0; fi
//! openssl genrsa -out "$key" 2048
//! ```
//! No fact about the key holds behind this: on one way it is missing, on the other somebody has asked for a new one. A
//! function that asks for what it is given asks for what its calls give it. What a function makes together is asked for
//! together, where who calls it asks for one of it: a key and what is signed with it fit each other and nothing else.

use super::links::View;
use super::resolve::Resolver;
use super::step::{Condition, Occurrence, Step};
use super::thing::{Fact, ThingId};
use crate::flow::graph::UnitId;
use crate::knowledge::FactKind;
use hashbrown::{HashMap, HashSet};

/// The mark of what makes a secret.
const MAKES_SECRET: &str = "makes-secret";
/// The mark of one that is asked for somewhere.
const ASKED_SOMEWHERE: &str = "asked-somewhere";

/// So many things that functions ask for are followed to their calls.
const MOST_FOLLOWED: usize = 4096;

/// Marks the effects that make a secret of which some test of the script asks.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let makes = |occurrence: &Occurrence| occurrence.marks.iter().any(|mark| &**mark == MAKES_SECRET);
    if !occurrences.iter().any(makes) {
        return;
    }
    let asked = asked(resolver, steps);
    let calls = &resolver.flow.calls;
    let is_asked_outside = |one: &Occurrence| {
        let asks = |units: &HashSet<UnitId>| calls.of(one.unit).iter().any(|call| units.contains(&call.caller));
        one.unit != UnitId(0) && asked.get(&one.target).is_some_and(asks)
    };
    let as_one: HashSet<UnitId> =
        occurrences.iter().filter(|one| makes(one) && is_asked_outside(one)).map(|one| one.unit).collect();
    for occurrence in occurrences.iter_mut().filter(|occurrence| makes(occurrence)) {
        if asked.contains_key(&occurrence.target) || as_one.contains(&occurrence.unit) {
            occurrence.marks.push(ASKED_SOMEWHERE.into());
        }
    }
}

/// What is asked for, with the units that ask.
fn asked(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> HashMap<ThingId, HashSet<UnitId>> {
    let mut by_unit: HashMap<UnitId, HashSet<ThingId>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let Some(condition) = step.as_deref().and_then(|step| step.condition.as_deref()) else { continue };
        let things = by_unit.entry(resolver.flow.graph.nodes[at].unit).or_default();
        condition.each(&mut |question| {
            if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = question {
                let answers = |fact: &&Fact| {
                    matches!(fact.kind, FactKind::Exists | FactKind::IsFile | FactKind::NonEmptyFile | FactKind::Asked)
                };
                things.extend(yes.iter().chain(no).filter(answers).map(|fact| fact.thing));
            }
        });
    }
    let mut left = MOST_FOLLOWED;
    // Callees come first, so that what they ask for is followed through their callers, too.
    for callee in resolver.flow.calls.bottom_up.clone() {
        let Some(things) = by_unit.get(&callee).filter(|_| callee != UnitId(0)).cloned() else { continue };
        let calls: Vec<_> = resolver.flow.calls.of(callee).to_vec();
        for call in calls {
            left = left.saturating_sub(things.len());
            let view = View::of(resolver.flow, call.node, callee).filter(|_| left > 0);
            let Some(mut view) = view else { continue };
            let outer = things.iter().map(|&thing| (thing, view.rewrite(resolver.flow, resolver.things, thing)));
            let given = outer.filter(|(thing, outer)| thing != outer).map(|(_, outer)| outer);
            by_unit.entry(call.caller).or_default().extend(given);
        }
    }
    let mut asked: HashMap<ThingId, HashSet<UnitId>> = HashMap::new();
    for (unit, thing) in by_unit.into_iter().flat_map(|(unit, things)| things.into_iter().map(move |one| (unit, one))) {
        asked.entry(thing).or_default().insert(unit);
    }
    asked
}
