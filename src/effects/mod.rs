//! Effects: what the script does to the world, and what is known where it does it.
//!
//! ```sh
//! cp new.cfg /etc/haproxy/haproxy.cfg        # write: replace /etc/haproxy/haproxy.cfg
//! haproxy -c -f /etc/haproxy/haproxy.cfg || exit 1
//! systemctl restart haproxy                  # service: restart haproxy; its config is valid here
//! ```
//! Commands are read by the cases in knowledge; facts run over the graph of the flow stage by the one solver, up
//! the calls as summaries and down the calls as what holds at every call. This stage knows nothing of rules or
//! findings: it is asked which facts matter, and answers where they hold.

mod bits;
mod conditions;
mod debts;
mod domain;
mod facts;
mod first_run;
mod glob;
mod links;
mod listings;
mod origins;
mod plan;
mod provenance;
mod reads;
mod resolve;
mod skips;
mod spot;
mod step;
mod texts;
mod thing;
mod universe;

pub use plan::plan;
pub use spot::Spot;
pub use step::{Occurrence, RewriteText};
pub use thing::{Fact, Thing, ThingId};
pub use universe::is_negative;

use crate::flow::exact::Exact;
use crate::flow::graph::{Kind, NodeId, Slot, UnitId};
use crate::flow::solve::{Domain as _, Inputs, solve};
use crate::flow::value::ValueId;
use crate::flow::{Flow, exact};
use crate::knowledge::{FactKind, Knowledge, ThingKind};
use crate::span::Span;
use bits::Bits;
use domain::{Compiled, Solving, Summary, edge_bit};
use facts::Facts;
use resolve::Resolver;
use std::collections::{HashMap, HashSet};
use step::{Condition, Step};
use thing::Things;
use universe::Universe;

/// How many variables are followed by the texts they hold.
const MOST_VARIABLES: usize = 32;

/// How many EXIT traps are followed by the paths on which they are set.
const MOST_TRAPS: usize = 8;

/// How often a recursive group is gone through before its summaries are taken as they are.
const MOST_ROUNDS: usize = 4;

/// What a script does and what is known where.
pub struct Analysis {
    /// All effects that can be reached, in order of position.
    pub occurrences: Vec<Occurrence>,
    /// For each effect: the facts that hold in front of it on every path.
    holds: Vec<Bits>,
    universe: Universe,
    things: Things,
    /// Where each negative fact is ended.
    enders: HashMap<usize, Vec<(NodeId, Spot)>>,
    /// For an effect and a negative fact: the step on a path to it that ended the fact.
    killers: HashMap<(usize, usize), NodeId>,
    /// For each effect: where the nearest step is that is skipped if it fails, if any is.
    pub skipped: Vec<Option<String>>,
    /// For each effect: the name of the function that it stands in.
    pub functions: Vec<Option<Box<str>>>,
    /// Whether each effect stands in a function that nobody in the script calls.
    pub uncalled: Vec<bool>,
    /// The budget was enough, all was read and all facts were followed.
    pub complete: bool,
    /// Variables that begin a target, by their value.
    names: HashMap<ThingId, Box<str>>,
    /// What is owed and not paid on some way to the end: the step and the fact.
    unpaid: HashSet<(ThingId, Fact)>,
    /// Constant names of services.
    services: HashMap<ThingId, Box<str>>,
}

impl Analysis {
    /// The name of a service, where it is known.
    pub fn name(&self, thing: ThingId) -> Option<&str> {
        self.services.get(&thing).map(|name| &**name)
    }

    /// Whether a fact holds in front of an effect on every path.
    pub fn holds(&self, occurrence: usize, fact: Fact) -> bool {
        self.universe.bit(fact).is_some_and(|bit| self.holds[occurrence].has(bit))
    }

    /// Whether an effect owes a fact that some way to the end does not make, although another way does.
    pub fn is_unpaid(&self, occurrence: usize, owed: Fact) -> bool {
        self.unpaid.contains(&(self.occurrences[occurrence].step, owed))
    }

    /// The thing behind an id.
    pub fn thing(&self, id: ThingId) -> &Thing {
        self.things.get(id)
    }

    /// Where a negative fact is ended: the last such place in front of the effect, else any.
    pub fn ended_at(&self, occurrence: usize, fact: Fact) -> Option<&Spot> {
        self.ender(occurrence, fact).map(|(_, spot)| spot)
    }

    /// The effect on `thing`'s configuration that ends a negative fact, where it is one.
    pub fn ended_by(&self, occurrence: usize, fact: Fact) -> Option<&Occurrence> {
        let (node, _) = self.ender(occurrence, fact)?;
        self.occurrences
            .iter()
            .find(|other| other.node == *node && (other.services.contains(&fact.thing) || other.target == fact.thing))
    }

    fn ender(&self, occurrence: usize, fact: Fact) -> Option<&(NodeId, Spot)> {
        let bit = self.universe.bit(fact)?;
        let places = self.enders.get(&bit)?;
        // A call on the path that ends it does so somewhere inside: then the places in the text must do.
        let on_path =
            self.killers.get(&(occurrence, bit)).and_then(|node| places.iter().find(|(place, _)| place == node));
        if on_path.is_some() {
            return on_path;
        }
        let at = self.occurrences[occurrence].span.start;
        places
            .iter()
            .filter(|(_, spot)| spot.span.end <= at)
            .max_by_key(|(_, spot)| spot.span.start)
            .or_else(|| places.first())
    }

    /// All facts that hold in front of an effect about a thing.
    pub fn known(&self, occurrence: usize, thing: ThingId) -> impl Iterator<Item = FactKind> + '_ {
        self.universe
            .about(thing)
            .iter()
            .copied()
            .filter(move |&bit| self.holds[occurrence].has(bit))
            .map(|bit| self.universe.fact(bit).kind)
    }

    /// The variable whose value a thing is.
    pub fn variable(&self, thing: ThingId) -> Option<&str> {
        self.names.get(&thing).map(|name| &**name)
    }
}

/// What the stage to the right will ask: facts are followed only if somebody does.
pub struct Questions<'a> {
    /// The facts that some rule will ask in front of an effect.
    pub asked: &'a dyn Fn(&Occurrence) -> Vec<Fact>,
    /// The facts that an effect owes: they must be made on every way from it to the end of the script.
    pub owed: &'a dyn Fn(&Occurrence) -> Vec<Fact>,
}

/// Analyses a script.
pub fn analyse(mut flow: Flow<'_>, knowledge: &Knowledge, source: &[u8], questions: &Questions<'_>) -> Analysis {
    let mut things = Things::default();
    let live = live_edges(&mut flow, knowledge);
    let mut resolver = Resolver { flow: &mut flow, things: &mut things, knowledge, source, occurrences: Vec::new(), trees: HashSet::new() };
    let count = resolver.flow.graph.nodes.len();
    let mut steps: Vec<Option<Step>> = Vec::with_capacity(count);
    for at in 0..count {
        steps.push(resolver.resolve(NodeId(at as u32)));
    }
    let mut occurrences = std::mem::take(&mut resolver.occurrences);
    mark_reads(&resolver.flow.graph, &steps, &mut occurrences);
    origins::refine(&mut resolver, &steps, &mut occurrences);
    first_run::mark(&mut steps, &mut occurrences, resolver.things);
    texts::relate(&mut steps, &occurrences, resolver.things, &resolver.flow.values);
    let written_services = service_table(&mut resolver, &steps);
    let mut universe = Universe::default();
    for occurrence in &occurrences {
        for fact in (questions.asked)(occurrence).into_iter().chain(occurrence.excuses.iter().copied()) {
            universe.add(fact, &things, &mut flow.values);
        }
        if let Some(source) = nesting(occurrence) {
            universe.add(Fact { kind: FactKind::IsDir, thing: source }, &things, &mut flow.values);
        }
    }
    // What carries over to an asked fact, and what makes a failure impossible, must be followed too.
    for step in steps.iter().flatten() {
        if let Some(fact) = step.sure_if {
            universe.add(fact, &things, &mut flow.values);
        }
        for &(from, _) in &step.transfers {
            universe.add(Fact { kind: FactKind::ContentValidated, thing: from }, &things, &mut flow.values);
        }
    }
    let debts = debts::enter(&occurrences, &mut steps, questions.owed);
    for debt in &debts {
        universe.add(debt.settled, &things, &mut flow.values);
    }
    let links = links::find(&mut flow, &mut things, &mut universe, &steps);
    let tracked = tracked_slots(&steps, &flow);
    let written = |thing: ThingId| written_services.get(&thing).cloned().unwrap_or_default();
    let nothing = Step::default();
    let compiled: Vec<Option<Compiled>> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let node = &flow.graph.nodes[at];
            let step = match (step, &node.kind) {
                (Some(step), _) => step,
                (None, Kind::Join) if universe.remade(at as u32, Span::default()).next().is_some() => &nothing,
                (None, _) => return None,
            };
            let span = if matches!(node.kind, Kind::Simple(_)) { node.span } else { Span::default() };
            Some(domain::compile(step, &universe, &things, &written, at as u32, span))
        })
        .collect();
    let mut local = Bits::none(universe.len());
    for (bit, fact) in universe.facts().iter().enumerate() {
        if fact.kind == FactKind::Clean {
            local.add(bit);
        }
    }
    let mut solver = Whole {
        flow: &flow,
        steps: &steps,
        compiled: &compiled,
        live: &live,
        links: &links,
        universe: &universe,
        things: &things,
        tracked: &tracked,
        local: &local,
        inputs: Inputs::new(count),
        summaries: vec![None; flow.graph.units.len()],
        complete: true,
    };
    solver.up();
    let entries = solver.entries();
    let Whole { inputs, complete: enough, .. } = solver;
    let mut reached = Vec::new();
    let mut holds = Vec::new();
    for occurrence in occurrences {
        let Some(state) = inputs.get(occurrence.node) else { continue };
        let mut bits = state.must.high.clone();
        bits.intersect(&entries[occurrence.unit.0 as usize]);
        bits.unite(&state.must.low);
        holds.push(bits);
        reached.push(occurrence);
    }
    let mut order: Vec<usize> = (0..reached.len()).collect();
    order.sort_by_key(|&at| (reached[at].span.start, reached[at].span.end));
    let mut occurrences: Vec<Occurrence> = order.iter().map(|&at| reached[at].clone()).collect();
    let holds: Vec<Bits> = order.iter().map(|&at| holds[at].clone()).collect();
    for (occurrence, holds) in occurrences.iter_mut().zip(&holds) {
        let source = nesting(occurrence).and_then(|thing| universe.bit(Fact { kind: FactKind::IsDir, thing }));
        if source.is_some_and(|bit| holds.has(bit)) {
            occurrence.second_run = crate::knowledge::SecondRun::Nests;
        }
    }
    let unpaid = debts::unpaid(&debts, &flow, &live, &universe, &inputs, &entries);
    let enders = find_enders(&flow, source, &compiled, &universe, &inputs);
    let killers = provenance::killers(&flow, &universe, &inputs, &occurrences, &holds, &live, questions.asked);
    let skipped = skips::find(&flow, &steps, &occurrences, &inputs, &live);
    let skipped = skipped
        .into_iter()
        .map(|span| span.map(|span| String::from_utf8_lossy(source.get(span.range()).unwrap_or_default()).into_owned()))
        .collect();
    let functions = occurrences.iter().map(|occurrence| function_name(&flow, occurrence.unit)).collect();
    let uncalled = occurrences.iter().map(|occurrence| !flow.called[occurrence.unit.0 as usize]).collect();
    let names = occurrences
        .iter()
        .filter_map(|occurrence| occurrence.value)
        .filter_map(|thing| variable_name(&flow, things.get(thing).key[0]).map(|name| (thing, name)))
        .collect();
    let services = occurrences
        .iter()
        .flat_map(|occurrence: &Occurrence| &occurrence.services)
        .filter_map(|&thing| flow.values.text(things.get(thing).key[0]).map(|text| (thing, text.into())))
        .collect();
    Analysis {
        services,
        unpaid,
        complete: enough && flow.complete && !universe.overrun && !flow.graph.unread,
        occurrences,
        holds,
        universe,
        things,
        enders,
        killers,
        skipped,
        functions,
        uncalled,
        names,
    }
}

/// The thing that, being a directory, makes a second run put another one inside the first.
fn nesting(occurrence: &Occurrence) -> Option<ThingId> {
    occurrence.second_elsewhere.contains(&crate::knowledge::SecondRun::Nests).then_some(occurrence.source).flatten()
}

/// Which outcomes each node can have by the exact state.
fn live_edges(flow: &mut Flow<'_>, knowledge: &Knowledge) -> Vec<u8> {
    let mut live = vec![0u8; flow.graph.nodes.len()];
    let commands = Returns(knowledge);
    let mut emitted = Vec::new();
    for (at, bits) in live.iter_mut().enumerate() {
        let id = NodeId(at as u32);
        let Some(state) = flow.inputs.get(id).cloned() else { continue };
        let mut domain = Exact {
            graph: &flow.graph,
            names: &mut flow.names,
            values: &mut flow.values,
            calls: &flow.calls,
            returned: &flow.returned,
            dialect: flow.dialect,
            commands: &commands,
            entries: Vec::new(),
        };
        emitted.clear();
        domain.step(id, &state, &flow.inputs, &mut emitted);
        *bits = emitted.iter().fold(0, |bits, (edge, _)| bits | edge_bit(*edge));
    }
    live
}

/// Knowledge as flow asks it.
pub struct Returns<'a>(pub &'a Knowledge);

impl exact::Commands for Returns<'_> {
    fn never_returns(&self, name: &str) -> bool {
        self.0.never_returns(name)
    }

    fn always_succeeds(&self, name: &str) -> bool {
        self.0.always_succeeds(name)
    }
}

/// Marks writes to a file that the same command, or another stage of the same pipeline, reads.
fn mark_reads(graph: &crate::flow::graph::Graph<'_>, steps: &[Option<Step>], occurrences: &mut [Occurrence]) {
    let mut readers: HashMap<ThingId, Vec<NodeId>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        for &thing in step.iter().flat_map(|step| &step.reads) {
            readers.entry(thing).or_default().push(NodeId(at as u32));
        }
    }
    let stage = |node: NodeId| match &graph.node(node).kind {
        Kind::Simple(simple) => simple.pipeline.zip(simple.stage),
        _ => None,
    };
    for occurrence in occurrences {
        let writer = occurrence.node;
        let compound = matches!(graph.node(writer).kind, Kind::Redirects { .. });
        occurrence.reads_target = readers.get(&occurrence.target).into_iter().flatten().any(|&reader| {
            reader == writer
                // The redirection of a group or a loop opens before anything in it runs.
                || compound && graph.node(writer).span.contains(graph.node(reader).span)
                || matches!((stage(writer), stage(reader)), (Some((pipe, mine)), Some((other, theirs))) if pipe == other && mine != theirs)
        });
    }
}

/// The services whose configuration each touched path is.
fn service_table(resolver: &mut Resolver<'_, '_>, steps: &[Option<Step>]) -> HashMap<ThingId, Vec<ThingId>> {
    let mut table = HashMap::new();
    for step in steps.iter().flatten() {
        let touched = step.touches.iter().map(|&(thing, _)| thing).chain(step.transfers.iter().map(|&(_, to)| to));
        for thing in touched {
            let described = resolver.things.get(thing).clone();
            if described.kind == ThingKind::Path && !table.contains_key(&thing) {
                let services = resolver.services_of(described.key[0], described.root);
                table.insert(thing, services);
            }
        }
    }
    table
}

/// The slots that a condition asks.
fn slots_of(condition: &Condition, found: &mut Vec<Slot>) {
    match condition {
        Condition::Slot { slot, .. } => found.push(*slot),
        Condition::Not(inner) => slots_of(inner, found),
        Condition::And(left, right) | Condition::Or(left, right) => {
            slots_of(left, found);
            slots_of(right, found);
        }
        Condition::Facts { .. } | Condition::Known(_) | Condition::Unknown => {}
    }
}

/// The slots that tests read, and those that flow into them.
fn tracked_slots(steps: &[Option<Step>], flow: &Flow<'_>) -> HashSet<Slot> {
    let mut wanted: HashSet<Slot> = HashSet::new();
    let mut order: Vec<Slot> = Vec::new();
    for step in steps.iter().flatten() {
        let mut found: Vec<Slot> = step.runs.into_iter().collect();
        if let Some(condition) = &step.condition {
            slots_of(condition, &mut found);
        }
        for slot in found {
            if wanted.insert(slot) {
                order.push(slot);
            }
        }
    }
    let mut at = 0;
    let mut sources: HashMap<Slot, Vec<Slot>> = HashMap::new();
    let mut assigned: HashSet<Slot> = HashSet::new();
    for (slot, from) in steps.iter().flatten().flat_map(|step| &step.assigns) {
        assigned.insert(*slot);
        if let step::Assigned::Copy(from) = from {
            sources.entry(*slot).or_default().push(*from);
        }
    }
    while at < order.len() && at < 4 * MOST_VARIABLES {
        for &from in sources.get(&order[at]).into_iter().flatten() {
            if wanted.insert(from) {
                order.push(from);
            }
        }
        at += 1;
    }
    // A variable that the script never sets has nothing to be remembered by.
    let traps = (0..flow.graph.traps.len().min(MOST_TRAPS)).map(|number| Slot::Trap(number as u32));
    order
        .into_iter()
        .filter(|slot| matches!(slot, Slot::Variable(_)) && assigned.contains(slot))
        .take(MOST_VARIABLES)
        .chain(traps)
        .collect()
}

fn find_enders(
    flow: &Flow<'_>,
    source: &[u8],
    compiled: &[Option<Compiled>],
    universe: &Universe,
    inputs: &Inputs<Facts>,
) -> HashMap<usize, Vec<(NodeId, Spot)>> {
    let negative = universe.negative();
    let mut enders: HashMap<usize, Vec<(NodeId, Spot)>> = HashMap::new();
    for (at, step) in compiled.iter().enumerate() {
        let Some(step) = step else { continue };
        let id = NodeId(at as u32);
        if inputs.get(id).is_none() {
            continue;
        }
        let mut ended = step.all_ends();
        ended.intersect(&negative);
        for bit in ended.iter() {
            let node = flow.graph.node(id);
            let spot = match &node.kind {
                Kind::Simple(simple) => {
                    Spot::of(source, node.span, simple.statement, simple.alone, simple.pipeline.is_some())
                }
                _ => Spot::of(source, node.span, node.span, false, false),
            };
            enders.entry(bit).or_default().push((id, spot));
        }
    }
    enders
}

fn function_name(flow: &Flow<'_>, unit: UnitId) -> Option<Box<str>> {
    match &flow.graph.units[unit.0 as usize].kind {
        crate::flow::graph::UnitKind::Function(name) => Some(name.text.clone()),
        crate::flow::graph::UnitKind::Script => None,
    }
}

fn variable_name(flow: &Flow<'_>, value: ValueId) -> Option<Box<str>> {
    use crate::flow::value::Value;
    match flow.values.get(value) {
        Value::Environment(_, name) => Some(name.clone()),
        Value::Phi(_, number) if *number < crate::flow::state::POSITIONAL => Some(flow.names.text(*number).into()),
        Value::Positional(_, at) => Some(at.to_string().into()),
        Value::Default(inner, _) | Value::Derived(inner, _) => variable_name(flow, *inner),
        _ => None,
    }
}

/// The whole script: units up the calls, then down.
struct Whole<'a, 't> {
    flow: &'a Flow<'t>,
    steps: &'a [Option<Step>],
    compiled: &'a [Option<Compiled>],
    live: &'a [u8],
    links: &'a HashMap<(NodeId, UnitId), domain::Link>,
    universe: &'a Universe,
    things: &'a Things,
    tracked: &'a HashSet<Slot>,
    local: &'a Bits,
    inputs: Inputs<Facts>,
    summaries: Vec<Option<Summary>>,
    complete: bool,
}

impl Whole<'_, '_> {
    fn unit(&mut self, unit: UnitId) {
        let negative = self.universe.negative();
        let is_script = unit.0 == 0;
        let mut slots: Vec<Slot> = self.tracked.iter().copied().collect();
        slots.sort();
        let entry = Facts::entry(self.universe.len(), is_script.then_some(&negative), &slots);
        let node = self.flow.graph.units[unit.0 as usize].entry;
        if self.flow.inputs.get(node).is_none() {
            return;
        }
        self.inputs.set(node, entry);
        let flow = self.flow;
        let callees = |node: NodeId| flow.calls.callees(node).to_vec();
        let assigned_inside = |enter: NodeId, leave: NodeId, number: u32| {
            let (before, after) = (flow.inputs.get(enter), flow.inputs.get(leave));
            match (before, after) {
                (Some(before), Some(after)) => {
                    before.variables.get(number) != after.variables.get(number) || before.epoch != after.epoch
                }
                _ => true,
            }
        };
        let pipefail = |node: NodeId| {
            flow.inputs
                .get(node)
                .map_or((true, true), |state| (state.pipefail.may_be_on(), state.pipefail.may_be_off()))
        };
        let mut domain = Solving {
            graph: &flow.graph,
            steps: self.steps,
            compiled: self.compiled,
            live: self.live,
            callees: &callees,
            summaries: &self.summaries,
            links: self.links,
            universe: self.universe,
            things: self.things,
            tracked: self.tracked,
            local: self.local,
            assigned_inside: &assigned_inside,
            pipefail: &pipefail,
        };
        let enough = solve(&flow.graph, &flow.orders[unit.0 as usize], &mut domain, &mut self.inputs);
        self.complete &= enough;
        let ends = flow.graph.units[unit.0 as usize].ends.map(|end| self.inputs.get(end).cloned());
        self.summaries[unit.0 as usize] = Some(Summary { ends });
    }

    /// Up the calls. A recursive group starts from "never comes back" and is gone through until it settles.
    fn up(&mut self) {
        let order = self.flow.calls.bottom_up.clone();
        let mut at = 0;
        while at < order.len() {
            let unit = order[at];
            if !self.flow.calls.is_recursive(unit) {
                self.unit(unit);
                at += 1;
                continue;
            }
            let group: Vec<UnitId> =
                order[at..].iter().copied().take_while(|&unit| self.flow.calls.is_recursive(unit)).collect();
            at += group.len();
            for round in 0..MOST_ROUNDS {
                let before: Vec<Option<Summary>> =
                    group.iter().map(|unit| self.summaries[unit.0 as usize].clone()).collect();
                for &unit in &group {
                    self.unit(unit);
                }
                let settled =
                    group.iter().zip(&before).all(|(unit, before)| match (&self.summaries[unit.0 as usize], before) {
                        (Some(after), Some(before)) => after.ends == before.ends,
                        _ => false,
                    });
                if settled {
                    break;
                }
                if round + 1 == MOST_ROUNDS {
                    self.complete = false;
                }
            }
        }
    }

    /// Down the calls: the facts at the entry of each unit that hold at every call.
    fn entries(&self) -> Vec<Bits> {
        let size = self.universe.len();
        let count = self.flow.graph.units.len();
        let negative = self.universe.negative();
        let mut entries: Vec<Option<Bits>> = vec![None; count];
        entries[0] = Some(negative.clone());
        let mut by_callee: HashMap<UnitId, Vec<NodeId>> = HashMap::new();
        for call in &self.flow.calls.all {
            by_callee.entry(call.callee).or_default().push(call.node);
        }
        let order: Vec<UnitId> = self.flow.calls.bottom_up.iter().rev().copied().collect();
        for _ in 0..MOST_ROUNDS {
            let mut changed = false;
            for &unit in &order {
                if unit.0 == 0 {
                    continue;
                }
                let mut meet: Option<Bits> = None;
                for &node in by_callee.get(&unit).into_iter().flatten() {
                    let caller = self.flow.graph.node(node).unit;
                    let (Some(state), Some(entry)) = (self.inputs.get(node), &entries[caller.0 as usize]) else {
                        continue;
                    };
                    let mut holds = state.must.high.clone();
                    holds.intersect(entry);
                    holds.unite(&state.must.low);
                    let mut inside = holds.clone();
                    if let Some(link) = self.links.get(&(node, unit)) {
                        for &(inner, outer) in &link.pairs {
                            if holds.has(outer) {
                                inside.add(inner);
                            } else {
                                inside.remove(inner);
                            }
                        }
                    }
                    match &mut meet {
                        Some(known) => known.intersect(&inside),
                        None => meet = Some(inside),
                    }
                }
                // Nobody in the script calls it: whoever does has done nothing that is known.
                let entry = meet.unwrap_or_else(|| {
                    if self.flow.called[unit.0 as usize] { Bits::all(size) } else { negative.clone() }
                });
                if entries[unit.0 as usize].as_ref() != Some(&entry) {
                    entries[unit.0 as usize] = Some(entry);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        entries.into_iter().map(|entry| entry.unwrap_or_else(|| negative.clone())).collect()
    }
}
