//! Rules of a packet filter that an `eval` deletes as a listing names them.
//!
//! ```sh
//! eval "$(iptables -S | grep 'comment app' | sed 's/^-A/iptables -D/')"
//! iptables -A FORWARD -m comment --comment app -j DROP
//! ```
//! A rule that the filters let through is gone, so that what adds it afterwards adds no second one.

use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::texts;
use super::thing::{Fact, ThingId};
use crate::flow::exact::site;
use crate::flow::graph::UnitId;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{EffectKind, FactKind, HOLE, ThingKind};

/// How many calls a name is followed out of.
const MOST_CALLS: usize = 4;

/// The rules that a step deletes.
#[derive(Clone, Debug)]
pub struct Cleared {
    /// The step, as a thing.
    pub step: ThingId,
    /// Where: this host, or another one.
    pub root: Option<ValueId>,
    /// The listing: what the key of a rule in it begins with, and a star.
    pub listed: ValueId,
    /// The patterns of the filters, each with whether a rule passes that it matches.
    pub patterns: Vec<(ValueId, bool)>,
}

/// Lets the step that clears rules excuse whatever adds them again.
pub fn excuse(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    for (at, step) in steps.iter_mut().enumerate() {
        let Some(step) = step else { continue };
        let Some(cleared) = step.clears.clone() else { continue };
        let unit = resolver.flow.graph.nodes[at].unit;
        let listed = written(resolver, unit, cleared.listed);
        let Some(set) = listed.strip_suffix('*') else { continue };
        let patterns: Vec<(String, bool)> =
            cleared.patterns.iter().map(|&(pattern, passes)| (written(resolver, unit, pattern), passes)).collect();
        let gone = Fact { kind: FactKind::Succeeded, thing: cleared.step };
        for occurrence in occurrences.iter_mut().filter(|occurrence| occurrence.effect == EffectKind::Create) {
            let rule = resolver.things.get(occurrence.target);
            if rule.kind != ThingKind::Rule || rule.root != cleared.root {
                continue;
            }
            let rule = written(resolver, occurrence.unit, resolver.things.get(occurrence.target).key[0]);
            if !rule.starts_with(set) {
                continue;
            }
            // As the listing writes it: the program and the table are not in it.
            let line = format!("-A {}", rule.splitn(3, ' ').last().unwrap_or_default());
            let passes = |(pattern, passes): &(String, bool)| {
                texts::speaks_of(pattern, &line).is_none_or(|speaks| speaks == *passes)
            };
            if patterns.iter().all(passes) {
                occurrence.excuses.push(gone);
            }
        }
        step.ok.push(gone);
        step.fail.push(gone);
    }
}

/// A value as text, with what the variables of a function hold at all its calls. What is not known is a mark of its
/// own, so that it equals itself and nothing else.
fn written(resolver: &mut Resolver<'_, '_>, mut unit: UnitId, mut value: ValueId) -> String {
    for _ in 0..MOST_CALLS {
        let (outside, caller) = outside(resolver, unit, value);
        if outside == value {
            break;
        }
        (unit, value) = (caller, outside);
    }
    let values = &resolver.flow.values;
    let parts = values.pieces(&value);
    let text =
        parts.iter().map(|&part| values.text(part).map_or_else(|| format!("{HOLE}{}{HOLE}", part.0), str::to_owned));
    text.collect::<String>().replace(['"', '\''], "")
}

/// A value of a function as its callers see it, where they agree, and the unit of one of them.
fn outside(resolver: &mut Resolver<'_, '_>, unit: UnitId, value: ValueId) -> (ValueId, UnitId) {
    let flow = &mut *resolver.flow;
    let entry = flow.graph.units[unit.0 as usize].entry;
    let calls = flow.calls.of(unit).to_vec();
    let Some(first) = calls.first().filter(|_| unit.0 != 0) else { return (value, unit) };
    let (names, inputs) = (&mut flow.names, &flow.inputs);
    let outside = flow.values.rebuilt(value, &mut |values, piece| {
        let Value::Environment(since, name) = values.get(piece).clone() else { return None };
        if since != site(entry) {
            return None;
        }
        let number = names.intern(&name);
        let mut held = calls.iter().map(|call| Some(inputs.get(call.node)?.variable(number, &name, values)));
        let one = held.next()??;
        held.all(|other| other == Some(one)).then_some(one)
    });
    (outside, first.caller)
}
