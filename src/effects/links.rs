//! Facts across calls: what is named by a parameter inside a function has another name at each call.

use super::bits::Few;
use super::domain::Link;
use super::step::{Condition, Step};
use super::thing::{Fact, Thing, ThingId, Things};
use super::universe::Universe;
use crate::flow::Flow;
use crate::flow::arguments::Arguments;
use crate::flow::exact::site;
use crate::flow::expand::Expander;
use crate::flow::graph::{Kind, NodeId, UnitId};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::Touch;
use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;

/// How often the set of followed facts may grow through calls.
const MOST_ROUNDS: usize = 4;

/// Finds, for every call, the facts that are about the same thing inside and outside.
pub fn find(
    flow: &mut Flow<'_>,
    things: &mut Things,
    universe: &mut Universe,
    steps: &[Option<Box<Step>>],
) -> HashMap<(NodeId, UnitId), Link> {
    let mut views: Vec<View> = Vec::new();
    for call in flow.calls.all.clone() {
        if let Some(view) = View::of(flow, call.node, call.callee) {
            views.push(view);
        }
    }
    if views.is_empty() {
        return HashMap::new();
    }
    let mut owners = Owners::of(flow);
    // What each function, and what it calls, does to things that it knows by its parameters.
    let mut touched: HashMap<UnitId, Once<(ThingId, Touch)>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let unit = flow.graph.nodes[at].unit;
        for &(thing, touch) in step.iter().flat_map(|step| &step.touches) {
            if owners.has(thing, unit, flow, things) {
                touched.entry(unit).or_default().push((thing, touch));
            }
        }
    }
    for _ in 0..MOST_ROUNDS {
        let mut grown = false;
        for view in &mut views {
            let caller = flow.graph.node(view.node).unit;
            for (thing, touch) in touched.get(&view.callee).map(Once::all).unwrap_or_default() {
                let outer = view.rewrite(flow, things, thing);
                if outer != thing && owners.has(outer, caller, flow, things) {
                    grown |= touched.entry(caller).or_default().push((outer, touch));
                }
            }
        }
        if !grown {
            break;
        }
    }
    // Facts that the steps of a function make about its parameters, under the names of the callers.
    let mut made: HashMap<UnitId, Once<Fact>> = HashMap::new();
    let mut all: Vec<Fact> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let unit = flow.graph.nodes[at].unit;
        let Some(step) = step else { continue };
        all.clear();
        all.extend(step.ok.iter().chain(&step.fail));
        if let Some(condition) = &step.condition {
            condition.each(&mut |question| {
                if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = question {
                    all.extend(yes.iter().chain(no));
                }
            });
        }
        for &fact in &all {
            if owners.has(fact.thing, unit, flow, things) {
                made.entry(unit).or_default().push(fact);
            }
        }
    }
    let mut asked = ByOwner::default();
    for _ in 0..MOST_ROUNDS {
        let before = universe.len();
        for view in &mut views {
            // Asked inside: what is it called outside?
            asked.catch_up(universe, &mut owners, flow, things);
            for bit in asked.of(view.callee).to_vec() {
                let fact = universe.fact(bit);
                let outer = view.rewrite(flow, things, fact.thing);
                universe.add(Fact { kind: fact.kind, thing: outer }, things, &mut flow.values);
            }
            // Asked outside: is it made inside under another name?
            let caller = flow.graph.node(view.node).unit;
            for fact in made.get(&view.callee).map(Once::all).unwrap_or_default() {
                let outer = view.rewrite(flow, things, fact.thing);
                for kind in std::iter::once(fact.kind).chain(super::universe::implied(fact.kind).iter().copied()) {
                    if universe.bit(Fact { kind, thing: outer }).is_some() {
                        universe.add(Fact { kind, thing: fact.thing }, things, &mut flow.values);
                        if owners.has(outer, caller, flow, things) {
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
    asked.catch_up(universe, &mut owners, flow, things);
    let mut links = HashMap::new();
    for view in &mut views {
        let mut link = Link::default();
        for &bit in asked.of(view.callee) {
            let fact = universe.fact(bit);
            let outer = view.rewrite(flow, things, fact.thing);
            if outer != fact.thing
                && let Some(outer) = universe.bit(Fact { kind: fact.kind, thing: outer })
            {
                link.pairs.push((bit, outer));
            }
        }
        if let Some(touches) = touched.get(&view.callee) {
            let mut ends = Vec::new();
            for (thing, touch) in touches.all() {
                let outer = view.rewrite(flow, things, thing);
                universe.ended(outer, touch, things, &mut ends);
            }
            link.ends = Some(Few::of(ends));
        }
        links.insert((view.node, view.callee), link);
    }
    links
}

/// A list without repetitions.
struct Once<T> {
    order: Vec<T>,
    seen: HashSet<T>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { order: Vec::new(), seen: HashSet::new() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Once<T> {
    fn push(&mut self, item: T) -> bool {
        let new = self.seen.insert(item);
        if new {
            self.order.push(item);
        }
        new
    }

    fn all(&self) -> Vec<T> {
        self.order.clone()
    }
}

/// The mark of a site that is a node.
const FROM_NODE: u32 = site(NodeId(0));

/// Which units know a thing by what differs from call to call.
struct Owners {
    entries: HashMap<u32, UnitId>,
    known: Vec<Option<SmallVec<[UnitId; 2]>>>,
}

impl Owners {
    fn of(flow: &Flow<'_>) -> Self {
        let functions = flow.graph.units.iter().enumerate().skip(1);
        Self { entries: functions.map(|(at, unit)| (unit.entry.0, UnitId(at as u32))).collect(), known: Vec::new() }
    }

    fn all(&mut self, thing: ThingId, flow: &Flow<'_>, things: &Things) -> &[UnitId] {
        let at = thing.index();
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        let entries = &self.entries;
        self.known[at].get_or_insert_with(|| {
            let found = std::cell::RefCell::new(SmallVec::<[UnitId; 2]>::new());
            let visit = |value: &Value| {
                let unit = match value {
                    Value::Positional(owner, _) | Value::AllPositional(owner) if *owner != 0 => Some(UnitId(*owner)),
                    Value::Environment(epoch, _) if epoch & FROM_NODE != 0 => {
                        entries.get(&(epoch ^ FROM_NODE)).copied()
                    }
                    Value::Phi(at, _) => entries.get(at).copied(),
                    _ => None,
                };
                let mut found = found.borrow_mut();
                if let Some(unit) = unit.filter(|unit| !found.contains(unit)) {
                    found.push(unit);
                }
                false
            };
            let described = things.get(thing);
            described.key.iter().chain(&described.root).for_each(|&value| {
                flow.values.any(value, &visit);
            });
            found.into_inner()
        })
    }

    fn has(&mut self, thing: ThingId, unit: UnitId, flow: &Flow<'_>, things: &Things) -> bool {
        unit.0 != 0 && self.all(thing, flow, things).contains(&unit)
    }
}

/// The facts that are followed, by the units that know their things as their own.
#[derive(Default)]
struct ByOwner {
    bits: HashMap<UnitId, Vec<usize>>,
    sorted: usize,
}

impl ByOwner {
    fn catch_up(&mut self, universe: &Universe, owners: &mut Owners, flow: &Flow<'_>, things: &Things) {
        for bit in self.sorted..universe.len() {
            for &unit in owners.all(universe.fact(bit).thing, flow, things) {
                self.bits.entry(unit).or_default().push(bit);
            }
        }
        self.sorted = universe.len();
    }

    fn of(&self, unit: UnitId) -> &[usize] {
        self.bits.get(&unit).map_or(&[], Vec::as_slice)
    }
}

/// How one call names what the callee knows by its parameters.
pub(super) struct View {
    node: NodeId,
    callee: UnitId,
    arguments: Arguments,
    state: State,
    /// What was rewritten before.
    outside: HashMap<ThingId, ThingId>,
}

impl View {
    pub(super) fn of(flow: &mut Flow<'_>, node: NodeId, callee: UnitId) -> Option<Self> {
        let mut state = State::clone(flow.inputs.get(node)?);
        let Kind::Simple(simple) = flow.graph.node(node).kind.clone() else { return None };
        let unit = flow.graph.node(node).unit.0;
        let mut expander = Expander { values: &mut flow.values, names: &mut flow.names, state: &mut state, unit };
        let arguments = Arguments::of(&simple.simple.words, &mut expander, site(node));
        Some(Self { node, callee, arguments, state, outside: HashMap::new() })
    }

    /// What a thing of the callee is called here.
    pub(super) fn rewrite(&mut self, flow: &mut Flow<'_>, things: &mut Things, id: ThingId) -> ThingId {
        if let Some(&known) = self.outside.get(&id) {
            return known;
        }
        let thing = things.get(id).clone();
        let key = thing.key.iter().map(|&value| self.value(flow, value)).collect();
        let root = thing.root.map(|value| self.value(flow, value));
        let mut outer = Thing { kind: thing.kind, root, key };
        if matches!(thing.kind, crate::knowledge::ThingKind::Path) {
            outer.key[0] = super::thing::normal(outer.key[0], self.state.directory, &mut flow.values);
        }
        let outer = things.intern(outer);
        self.outside.insert(id, outer);
        outer
    }

    fn value(&self, flow: &mut Flow<'_>, value: ValueId) -> ValueId {
        let entry = flow.graph.units[self.callee.0 as usize].entry;
        let names = &mut flow.names;
        flow.values.rebuilt(value, &mut |values, piece| match values.get(piece).clone() {
            Value::Environment(epoch, name) if epoch == site(entry) => {
                let number = names.intern(&name);
                Some(self.state.variable(number, &name, values))
            }
            Value::Phi(at, number) if at == entry.0 => Some(if number < crate::flow::state::POSITIONAL {
                self.state.variable(number, names.text(number), values)
            } else if number == u32::MAX {
                self.state.directory
            } else {
                self.argument(values, number - crate::flow::state::POSITIONAL)
            }),
            Value::Positional(owner, at) if owner == self.callee.0 => Some(self.argument(values, at)),
            _ => None,
        })
    }

    fn argument(&self, values: &mut Values, at: u32) -> ValueId {
        self.arguments.get(at).unwrap_or_else(|| values.constant(""))
    }
}
