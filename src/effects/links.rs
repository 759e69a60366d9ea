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

/// How often what is followed may grow through calls: once or twice, unless a function calls itself.
const MOST_ROUNDS: usize = 4;

/// The facts that are about the same thing inside and outside, for every call; and whether all of them were found.
pub struct Links {
    /// By the node of the call and what it calls.
    pub all: HashMap<(NodeId, UnitId), Link>,
    /// Whether the search came to an end: in a function that calls itself with ever new names it cannot.
    pub complete: bool,
}

/// Finds, for every call, the facts that are about the same thing inside and outside.
pub fn find(flow: &mut Flow<'_>, things: &mut Things, universe: &mut Universe, steps: &[Option<Box<Step>>]) -> Links {
    let mut views = views(flow);
    if views.is_empty() {
        return Links { all: HashMap::new(), complete: true };
    }
    let mut owners = Owners::of(flow);
    let mut inner = Inner::of(flow, things, steps, &mut owners);
    let mut complete = inner.rise(flow, things, &mut views, &mut owners);
    complete &= ask(flow, things, universe, &mut views, &mut owners, &inner);
    let mut asked = ByOwner::default();
    asked.catch_up(universe, &mut owners, flow, things);
    let mut all = HashMap::new();
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
        if let Some(touches) = inner.touched.get(&view.callee) {
            let mut ends = Vec::new();
            for (thing, touch) in touches.all() {
                let outer = view.rewrite(flow, things, thing);
                universe.ended(outer, touch, things, &mut ends);
            }
            link.ends = Some(Few::of(ends));
        }
        all.insert((view.node, view.callee), link);
    }
    Links { all, complete }
}

/// All calls of functions, those inside of a function before the calls of it.
fn views(flow: &mut Flow<'_>) -> Vec<View> {
    let mut rank = vec![0; flow.graph.units.len()];
    for (at, unit) in flow.calls.bottom_up.iter().enumerate() {
        rank[unit.0 as usize] = at;
    }
    let mut views = Vec::new();
    for call in flow.calls.all.clone() {
        views.extend(View::of(flow, call.node, call.callee));
    }
    views.sort_by_key(|view| rank[flow.graph.node(view.node).unit.0 as usize]);
    views
}

/// What each function, and what it calls, does to things that it or one of its callers knows by its parameters.
#[derive(Default)]
struct Inner {
    touched: HashMap<UnitId, Once<(ThingId, Touch)>>,
    made: HashMap<UnitId, Once<Fact>>,
}

impl Inner {
    /// What the commands of each function do by themselves.
    fn of(flow: &Flow<'_>, things: &Things, steps: &[Option<Box<Step>>], owners: &mut Owners) -> Self {
        let mut inner = Self::default();
        for (at, step) in steps.iter().enumerate() {
            let unit = flow.graph.nodes[at].unit;
            let Some(step) = step.as_ref().filter(|_| unit.0 != 0) else { continue };
            for &(thing, touch) in &step.touches {
                if owners.any(thing, flow, things) {
                    inner.touched.entry(unit).or_default().push((thing, touch));
                }
            }
            let mut make = |fact: Fact| {
                if owners.any(fact.thing, flow, things) {
                    inner.made.entry(unit).or_default().push(fact);
                }
            };
            step.ok.iter().chain(&step.fail).copied().for_each(&mut make);
            if let Some(condition) = &step.condition {
                condition.each(&mut |question| {
                    if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = question {
                        yes.iter().chain(no).copied().for_each(&mut make);
                    }
                });
            }
        }
        inner
    }

    /// Carries it up the calls, under the names of the callers; whether there was an end to it.
    fn rise(&mut self, flow: &mut Flow<'_>, things: &mut Things, views: &mut [View], owners: &mut Owners) -> bool {
        let named = things.count();
        for _ in 0..MOST_ROUNDS {
            let mut grown = false;
            for view in &mut *views {
                let caller = flow.graph.node(view.node).unit;
                if caller.0 == 0 {
                    continue;
                }
                let recursive = flow.calls.is_recursive(caller) && flow.calls.is_recursive(view.callee);
                for (thing, touch) in self.touched.get(&view.callee).map(Once::all).unwrap_or_default() {
                    let outer = view.rewrite(flow, things, thing);
                    if owners.any(outer, flow, things) {
                        grown |= self.touched.entry(caller).or_default().push((outer, touch));
                    }
                }
                for fact in self.made.get(&view.callee).map(Once::all).unwrap_or_default() {
                    let outer = view.rewrite(flow, things, fact.thing);
                    // How deep a function calls itself is not known: no fact holds of the names that only this brings.
                    let new = recursive && outer.index() >= named;
                    if !new && owners.any(outer, flow, things) {
                        grown |= self.made.entry(caller).or_default().push(Fact { thing: outer, ..fact });
                    }
                }
            }
            // Callees come first, so that the second round finds nothing new where nobody calls itself.
            if !grown {
                return true;
            }
        }
        false
    }
}

/// Follows what is asked on one side of a call on the other side too; whether there was an end to it.
fn ask(
    flow: &mut Flow<'_>,
    things: &mut Things,
    universe: &mut Universe,
    views: &mut [View],
    owners: &mut Owners,
    inner: &Inner,
) -> bool {
    let mut asked = ByOwner::default();
    for _ in 0..MOST_ROUNDS {
        let before = universe.len();
        // Asked inside: what is it called outside?
        for view in &mut *views {
            asked.catch_up(universe, owners, flow, things);
            for bit in asked.of(view.callee).to_vec() {
                let fact = universe.fact(bit);
                let outer = view.rewrite(flow, things, fact.thing);
                universe.add(Fact { kind: fact.kind, thing: outer }, things, &mut flow.values);
            }
        }
        // Asked outside: is it made inside under another name?
        for view in views.iter_mut().rev() {
            for fact in inner.made.get(&view.callee).map(Once::all).unwrap_or_default() {
                let outer = view.rewrite(flow, things, fact.thing);
                for kind in std::iter::once(fact.kind).chain(super::universe::implied(fact.kind).iter().copied()) {
                    if universe.bit(Fact { kind, thing: outer }).is_some() {
                        universe.add(Fact { kind, thing: fact.thing }, things, &mut flow.values);
                    }
                }
            }
        }
        if universe.len() == before {
            return true;
        }
    }
    false
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

    /// Whether a function knows the thing by what differs from call to call.
    fn any(&mut self, thing: ThingId, flow: &Flow<'_>, things: &Things) -> bool {
        !self.all(thing, flow, things).is_empty()
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
            Value::Environment(epoch, name) if epoch == site(entry) && &*name == "PWD" => Some(self.state.directory),
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
