//! Which of the paths that a variable may hold are meant where a command uses it.
//!
//! ```sh
//! if [ "$mode" = test ]; then target=/tmp/app.conf; else target=/etc/app.conf; fi
//! if [ "$mode" = test ]; then cp app.conf "$target"; fi      # scratch: the other one cannot be meant here
//! ```
//! That a variable does not hold a text is a fact like any other: an assignment of another text makes it, and so does a
//! test of the variable. Behind the place where the paths met it holds if `mode` is what it was on that path. An effect is
//! judged by the gravest of the paths that are left.

use super::question::Outcome;
use super::resolve::{Resolver, gravest};
use super::step::{Assigned, Condition, Occurrence, Step};
use super::thing::{Fact, Thing, ThingId};
use crate::flow::graph::{NodeId, Slot};
use crate::flow::state::POSITIONAL;
use crate::flow::value::{MOST_ALTERNATIVES, Value, ValueId};
use crate::knowledge::{FactKind, PathClass, ThingKind};
use hashbrown::{HashMap, HashSet};
use smallvec::smallvec;

/// One of the paths that an effect may be on.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// It is not meant where this holds.
    pub unless: Fact,
    /// What it is, and whether that was read off a name.
    pub class: (PathClass, bool),
    /// The services whose configuration it is.
    pub services: Vec<ThingId>,
}

/// The texts of the variables that are followed, each with the fact that it is not held.
type Followed = HashMap<u32, Vec<(Box<str>, Fact)>>;

/// So many variables are followed so, and so many texts of each. What an effect may be on beyond that stays in doubt.
const MOST_VARIABLES: usize = 32;
const MOST_TEXTS: usize = 16;

/// Finds the effects on paths that are different things by what a variable holds, and has the steps say which it does not.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let mut followed = Followed::new();
    // What some function has for itself is another variable there.
    let own: HashSet<u32> = resolver.flow.locals.iter().flatten().copied().collect();
    for occurrence in occurrences.iter_mut() {
        occurrence.alternatives = alternatives(resolver, occurrence, &own, &mut followed).unwrap_or_default();
    }
    if followed.is_empty() {
        return;
    }
    let mut targets: HashMap<(NodeId, ThingId), HashSet<ThingId>> = HashMap::new();
    for occurrence in occurrences.iter() {
        for &service in &occurrence.services {
            targets.entry((occurrence.node, service)).or_default().insert(occurrence.target);
        }
    }
    for occurrence in occurrences.iter().filter(|occurrence| !occurrence.alternatives.is_empty()) {
        // What else a command writes may be configuration of the same service.
        let is_only = |service| targets.get(&(occurrence.node, service)).is_some_and(|targets| targets.len() == 1);
        if let Some(step) = &mut steps[occurrence.node.0 as usize] {
            step.rare_mut().spared.extend(spared(&occurrence.alternatives).filter(|&(_, service)| is_only(service)));
        }
    }
    for step in steps.iter_mut().flatten() {
        assigned(step, &followed);
        if let Some(condition) = &mut step.condition {
            condition.each_mut(&mut |single| asked(single, &followed));
        }
    }
}

/// What the path of an effect may be, where a variable that holds one of a few texts decides and that makes a difference.
fn alternatives(
    resolver: &mut Resolver<'_, '_>,
    occurrence: &Occurrence,
    own: &HashSet<u32>,
    followed: &mut Followed,
) -> Option<Vec<Alternative>> {
    let thing = resolver.things.get(occurrence.target);
    let (path, root) = (*thing.key.first()?, thing.root);
    if thing.kind != ThingKind::Path || resolver.class(path).0 != occurrence.class {
        return None;
    }
    let (variable, held) = decider(resolver, path, occurrence).filter(|(variable, _)| !own.contains(variable))?;
    let texts = resolver.flow.values.alternatives(held).to_vec();
    let is_text = |&value: &ValueId| resolver.flow.values.text(value).is_some();
    // Where as many have met as are remembered there may be others.
    if !(2..MOST_ALTERNATIVES).contains(&texts.len()) || !texts.iter().all(is_text) {
        return None;
    }
    let mut found = Vec::new();
    for text in texts {
        let path = resolver.flow.values.rebuilt(path, &mut |_, piece| (piece == held).then_some(text));
        let (class, services) = (resolver.class(path), resolver.services_of(path, root));
        let name = resolver.flow.names.text(variable).to_owned();
        let name = resolver.flow.values.constant(&name);
        let thing = Thing { kind: ThingKind::Value, root: None, key: smallvec![name, text] };
        let unless = Fact { kind: FactKind::HoldsNot, thing: resolver.things.intern(thing) };
        found.push((text, Alternative { unless, class, services }));
    }
    let first = &found[0].1;
    if found.iter().all(|(_, other)| other.class.0 == first.class.0 && other.services == first.services) {
        return None;
    }
    let known = followed.get(&variable).map_or(&[][..], Vec::as_slice);
    let mut texts = known.to_vec();
    for (text, alternative) in &found {
        let text = resolver.flow.values.text(*text)?;
        if texts.iter().all(|(other, _)| **other != *text) {
            texts.push((text.into(), alternative.unless));
        }
    }
    if texts.len() > MOST_TEXTS || known.is_empty() && followed.len() >= MOST_VARIABLES {
        return None;
    }
    followed.insert(variable, texts);
    Some(found.into_iter().map(|(_, alternative)| alternative).collect())
}

/// The services that only one of the alternatives configures, each with the fact that it is not that one.
fn spared(alternatives: &[Alternative]) -> impl Iterator<Item = (Fact, ThingId)> + '_ {
    let all = alternatives.iter().flat_map(|other| other.services.iter().map(|&service| (other.unless, service)));
    all.filter(|(_, service)| alternatives.iter().filter(|other| other.services.contains(service)).count() == 1)
}

/// The variable in a path that holds one of several values which met, and holds it still where the effect happens.
fn decider(resolver: &Resolver<'_, '_>, path: ValueId, occurrence: &Occurrence) -> Option<(u32, ValueId)> {
    let flow = &*resolver.flow;
    let state = flow.inputs.get(occurrence.node)?;
    flow.values.pieces(&path).iter().find_map(|&piece| match *flow.values.get(piece) {
        Value::Phi(_, variable) if variable < POSITIONAL => {
            (state.variables.get(variable) == Some(piece)).then_some((variable, piece))
        }
        _ => None,
    })
}

/// What a step does to the variables says what they do not hold.
fn assigned(step: &mut Step, followed: &Followed) {
    let mut set: Vec<(u32, Option<Box<str>>)> = Vec::new();
    for (slot, assigned) in &step.assigns {
        if let Slot::Variable(variable) = slot
            && followed.contains_key(variable)
        {
            let text = if let Assigned::Constant(text) = assigned { Some(text.clone()) } else { None };
            set.retain(|(known, _)| known != variable);
            set.push((*variable, text));
        }
    }
    if step.sets_anything {
        set = followed.keys().map(|&variable| (variable, None)).collect();
    }
    for (variable, held) in set {
        for (text, fact) in &followed[&variable] {
            let others = held.as_ref().is_some_and(|held| held != text);
            let (ok, fail) =
                if others { (&mut step.ok, &mut step.fail) } else { (&mut step.ok_ends, &mut step.fail_ends) };
            ok.push(*fact);
            fail.push(*fact);
        }
    }
}

/// A test of a variable says with each answer which texts that excludes.
fn asked(single: &mut Condition, followed: &Followed) {
    let Condition::Slot { slot: Slot::Variable(variable), question, yes, no } = single else { return };
    for (text, fact) in followed.get(variable).into_iter().flatten() {
        match question.answer(&Outcome::Constant((**text).into()), |_| false) {
            Some(true) => no.push(*fact),
            Some(false) => yes.push(*fact),
            None => {}
        }
    }
}

/// Judges an effect by the paths that can be meant where it happens.
pub fn narrow(occurrence: &mut Occurrence, holds: &dyn Fn(Fact) -> bool) {
    let left: Vec<&Alternative> = occurrence.alternatives.iter().filter(|other| !holds(other.unless)).collect();
    if left.is_empty() || left.len() == occurrence.alternatives.len() {
        return;
    }
    let Some((class, guessed)) = gravest(left.iter().map(|other| other.class)) else { return };
    let mut services: Vec<ThingId> = Vec::new();
    for service in left.iter().flat_map(|other| &other.services) {
        if !services.contains(service) {
            services.push(*service);
        }
    }
    (occurrence.class, occurrence.class_guessed, occurrence.services) = (class, guessed, services);
}
