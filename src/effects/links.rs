//! Facts across calls: what is named by a parameter inside a function has another name at each call.

use super::bits::Bits;
use super::domain::Link;
use super::step::Step;
use super::thing::{Fact, Thing, ThingId, Things};
use super::universe::Universe;
use crate::flow::Flow;
use crate::flow::exact::site;
use crate::flow::expand::Expander;
use crate::flow::graph::{Kind, NodeId, UnitId};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::Touch;
use std::collections::HashMap;

/// How often the set of followed facts may grow through calls.
const MOST_ROUNDS: usize = 4;

/// Finds, for every call, the facts that are about the same thing inside and outside.
pub fn find(
    flow: &mut Flow<'_>,
    things: &mut Things,
    universe: &mut Universe,
    steps: &[Option<Step>],
) -> HashMap<(NodeId, UnitId), Link> {
    let calls = flow.calls.all.clone();
    let mut views: Vec<View> = Vec::new();
    for call in &calls {
        if let Some(view) = View::of(flow, call.node, call.callee) {
            views.push(view);
        }
    }
    // What each function, and what it calls, does to things that it knows by its parameters.
    let mut touched: HashMap<UnitId, Vec<(ThingId, Touch)>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let unit = flow.graph.nodes[at].unit;
        if unit.0 == 0 {
            continue;
        }
        for &(thing, touch) in step.iter().flat_map(|step| &step.touches) {
            if mentions(flow, things.get(thing), unit) {
                touched.entry(unit).or_default().push((thing, touch));
            }
        }
    }
    for _ in 0..MOST_ROUNDS {
        let mut grown = false;
        for view in &views {
            for (thing, touch) in touched.get(&view.callee).cloned().unwrap_or_default() {
                let outer = view.rewrite(flow, things, thing);
                let caller = flow.graph.node(view.node).unit;
                if outer != thing && caller.0 != 0 && mentions(flow, things.get(outer), caller) {
                    let known = touched.entry(caller).or_default();
                    if !known.contains(&(outer, touch)) {
                        known.push((outer, touch));
                        grown = true;
                    }
                }
            }
        }
        if !grown {
            break;
        }
    }
    // Facts that the steps of a function make about its parameters, under the names of the callers.
    let mut made: HashMap<UnitId, Vec<Fact>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let unit = flow.graph.nodes[at].unit;
        let Some(step) = step else { continue };
        if unit.0 == 0 {
            continue;
        }
        let mut all: Vec<Fact> = step.ok.iter().chain(&step.fail).copied().collect();
        if let Some(condition) = &step.condition {
            collect(condition, &mut all);
        }
        for fact in all {
            if mentions(flow, things.get(fact.thing), unit) {
                made.entry(unit).or_default().push(fact);
            }
        }
    }
    for _ in 0..MOST_ROUNDS {
        let before = universe.len();
        for view in &views {
            // Asked inside: what is it called outside?
            for fact in universe.facts().to_vec() {
                if mentions(flow, things.get(fact.thing), view.callee) {
                    let outer = view.rewrite(flow, things, fact.thing);
                    universe.add(Fact { kind: fact.kind, thing: outer }, things, &mut flow.values);
                }
            }
            // Asked outside: is it made inside under another name?
            for fact in made.get(&view.callee).cloned().unwrap_or_default() {
                let outer = view.rewrite(flow, things, fact.thing);
                let kinds: Vec<_> =
                    std::iter::once(fact.kind).chain(super::universe::implied(fact.kind).iter().copied()).collect();
                for kind in kinds {
                    if universe.bit(Fact { kind, thing: outer }).is_some() {
                        universe.add(Fact { kind, thing: fact.thing }, things, &mut flow.values);
                        let caller = flow.graph.node(view.node).unit;
                        if mentions(flow, things.get(outer), caller) {
                            made.entry(caller).or_default().push(Fact { kind, thing: outer });
                        }
                    }
                }
            }
        }
        if universe.len() == before {
            break;
        }
    }
    let mut links = HashMap::new();
    for view in &views {
        let mut link = Link::default();
        for (bit, fact) in universe.facts().to_vec().into_iter().enumerate() {
            if !mentions(flow, things.get(fact.thing), view.callee) {
                continue;
            }
            let outer = view.rewrite(flow, things, fact.thing);
            if outer != fact.thing
                && let Some(outer) = universe.bit(Fact { kind: fact.kind, thing: outer })
            {
                link.pairs.push((bit, outer));
            }
        }
        if let Some(touches) = touched.get(&view.callee) {
            let mut ends = Bits::none(universe.len());
            for (thing, touch) in touches.clone() {
                let outer = view.rewrite(flow, things, thing);
                universe.ended(outer, touch, things, &mut ends);
            }
            link.ends = Some(ends);
        }
        links.insert((view.node, view.callee), link);
    }
    links
}

fn collect(condition: &super::step::Condition, found: &mut Vec<Fact>) {
    use super::step::Condition as C;
    match condition {
        C::Facts { yes, no } | C::Slot { yes, no, .. } => {
            found.extend(yes);
            found.extend(no);
        }
        C::Not(inner) => collect(inner, found),
        C::And(left, right) | C::Or(left, right) => {
            collect(left, found);
            collect(right, found);
        }
        C::Known(_) | C::Unknown => {}
    }
}

/// Whether a thing is named by what differs from call to call of a unit.
fn mentions(flow: &Flow<'_>, thing: &Thing, unit: UnitId) -> bool {
    if unit.0 == 0 {
        return false;
    }
    let entry = flow.graph.units[unit.0 as usize].entry;
    let question = |value: &Value| match value {
        Value::Positional(owner, _) | Value::AllPositional(owner) => *owner == unit.0,
        Value::Environment(epoch, _) => *epoch == site(entry),
        Value::Phi(at, _) => *at == entry.0,
        _ => false,
    };
    thing.key.iter().chain(&thing.root).any(|&value| flow.values.any(value, &question))
}

/// How one call names what the callee knows by its parameters.
struct View {
    node: NodeId,
    callee: UnitId,
    arguments: Vec<ValueId>,
    state: State,
}

impl View {
    fn of(flow: &mut Flow<'_>, node: NodeId, callee: UnitId) -> Option<Self> {
        let mut state = flow.inputs.get(node)?.clone();
        let Kind::Simple(simple) = flow.graph.node(node).kind.clone() else { return None };
        let unit = flow.graph.node(node).unit.0;
        let mut arguments = Vec::new();
        for word in &simple.simple.words {
            arguments.push(
                Expander { values: &mut flow.values, names: &mut flow.names, state: &mut state, unit }.word(word).value,
            );
        }
        Some(Self { node, callee, arguments, state })
    }

    fn rewrite(&self, flow: &mut Flow<'_>, things: &mut Things, id: ThingId) -> ThingId {
        let thing = things.get(id).clone();
        let key = thing.key.iter().map(|&value| self.value(flow, value)).collect();
        let root = thing.root.map(|value| self.value(flow, value));
        let mut outer = Thing { kind: thing.kind, root, key };
        if matches!(thing.kind, crate::knowledge::ThingKind::Path) {
            outer.key[0] = super::thing::normal(outer.key[0], self.state.directory, &mut flow.values);
        }
        things.intern(outer)
    }

    fn value(&self, flow: &mut Flow<'_>, value: ValueId) -> ValueId {
        let entry = flow.graph.units[self.callee.0 as usize].entry;
        match flow.values.get(value).clone() {
            Value::Environment(epoch, name) if epoch == site(entry) => {
                let number = flow.names.intern(&name);
                self.state.variable(number, &name, &mut flow.values)
            }
            Value::Phi(at, number) if at == entry.0 => {
                if number < crate::flow::state::POSITIONAL {
                    let name = flow.names.text(number).to_owned();
                    self.state.variable(number, &name, &mut flow.values)
                } else if number == u32::MAX {
                    self.state.directory
                } else {
                    self.argument(flow, number - crate::flow::state::POSITIONAL)
                }
            }
            Value::Positional(owner, at) if owner == self.callee.0 => self.argument(flow, at),
            Value::Concat(parts) => {
                let parts: Vec<ValueId> = parts.iter().map(|&part| self.value(flow, part)).collect();
                flow.values.concat(parts)
            }
            Value::Default(value, word) => {
                let (value, word) = (self.value(flow, value), self.value(flow, word));
                flow.values.default_of(value, word)
            }
            Value::Required(inner) => {
                let inner = self.value(flow, inner);
                flow.values.intern(Value::Required(inner))
            }
            Value::Derived(inner, operator) => {
                let inner = self.value(flow, inner);
                flow.values.derived(inner, &operator)
            }
            _ => value,
        }
    }

    fn argument(&self, flow: &mut Flow<'_>, at: u32) -> ValueId {
        match self.arguments.get(at as usize) {
            Some(&value) => value,
            None => flow.values.constant(""),
        }
    }
}
