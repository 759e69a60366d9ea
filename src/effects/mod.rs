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

mod action_ends;
mod actions;
mod added;
mod added_lines;
mod alike;
mod asked_before;
mod asked_somewhere;
mod awaited_text;
mod bare_patterns;
mod beside;
mod bits;
mod blocked;
mod by_pattern;
mod carried;
mod claims;
mod cleared;
mod codes;
mod command_words;
mod compile;
mod conditions;
mod contract;
mod debconf;
mod debts;
mod declared;
mod domain;
mod dominators;
mod enders;
mod ends_with_run;
mod every_item;
mod facts;
mod first_run;
mod flags;
mod followed;
mod found_empty;
mod gathered;
mod glob;
mod habits;
mod half_made;
mod handed;
mod heard;
mod held;
mod installed;
mod known;
mod last_turns;
mod links;
mod listed_names;
mod listings;
mod locks;
mod loops;
mod made_up;
mod makes_room;
mod markers;
mod meant;
mod meeting;
mod merged;
mod mounts;
mod numbers;
mod opened;
mod opposites;
mod origins;
mod outputs;
mod own_calls;
mod own_output;
mod own_statements;
mod passed_over;
mod paths;
mod payments;
mod pending;
mod placed;
mod plan;
mod predicates;
mod printed;
mod provenance;
mod question;
mod reads;
mod relays;
mod relisted;
mod resolve;
mod restored;
mod retried;
mod returns;
mod run_as_it_comes;
mod set;
mod set_somewhere;
mod settings;
mod shared_scratch;
mod skips;
mod slots;
mod spot;
mod status;
mod step;
mod stoppers;
mod switches;
mod texts;
mod thing;
mod through;
mod touched;
mod traces;
mod turns;
mod twins;
mod unaccounted;
mod undone;
mod unheard;
mod universe;
mod unrelated;
mod unsaid;
mod unused;
mod variants;
mod ways;
mod whole;
mod witnesses;

pub use actions::Action;
pub use debconf::{Prepared, config_beside, prepared};
pub use debts::Owed;
pub use habits::Habits;
pub use opened::{Around, Open};
pub use payments::Payment;
pub use plan::{plan, word};
pub use returns::Returns;
pub use spot::Spot;
pub use step::{Occurrence, RewriteText};
pub use thing::{Fact, Thing, ThingId};
pub use universe::is_negative;

use crate::account::Trace;
use crate::flow::Flow;
use crate::flow::graph::{Kind, NodeId, UnitId};
use crate::flow::solve::Inputs;
use crate::flow::value::ValueId;
use crate::knowledge::{EffectKind, FactKind, How, Knowledge, Touch};
use crate::role::Role;
use crate::span::Span;
use bits::{Bits, Few};
use compile::{Changes, Compiled, Compiler};
use enders::Enders;
use flags::Flags;
use gathered::Gathered;
use hashbrown::{HashMap, HashSet};
use merged::Merged;
use resolve::Resolver;
use set::Set;
use std::rc::Rc;
use step::Step;
use thing::Things;
use traces::Tracer;
use turns::Turns;
use universe::Universe;
use whole::Whole;

/// What a script does and what is known where.
pub struct Analysis {
    /// All effects that can be reached, in order of position.
    pub occurrences: Vec<Occurrence>,
    /// For each effect: the facts that hold in front of it on every path.
    holds: Vec<Set>,
    /// For each unit: the facts that hold at its entry.
    entries: Vec<Bits>,
    /// What holds at the entry of the unit of an effect, at the calls that hand it what makes the effect another one.
    handed: HashMap<usize, Bits>,
    /// What holds at the entry of its unit too, under the flags that are set at an effect.
    flags: Flags,
    universe: Universe,
    things: Things,
    /// Where each negative fact is ended.
    enders: Enders,
    /// The effects of each node.
    by_node: HashMap<NodeId, Vec<u32>>,
    /// For an effect and a negative fact: the step on a path to it that ended the fact.
    killers: HashMap<(usize, usize), NodeId>,
    /// For effects with texts of knowledge: the enders of facts where these mean the same.
    alike: HashSet<(usize, NodeId)>,
    /// For each effect: what is skipped if it fails, if anything is.
    pub skipped: Vec<Option<Skipped>>,
    /// For each effect: the name of the function that it stands in.
    pub functions: Vec<Option<Box<str>>>,
    /// Whether all who call the function of an effect hear how it ends; so they do outside of functions.
    pub heard: Vec<bool>,
    /// Whether each effect stands in a function that nobody in the script calls.
    pub uncalled: Vec<bool>,
    /// Whether it is a function that nothing in the script can run.
    pub unused: Vec<bool>,
    /// For effects that the run takes back: what stays of them.
    remains: undone::Remains,
    /// The budget was enough, all was read and all facts were followed.
    pub complete: bool,
    /// Variables that begin a target, by their value.
    names: HashMap<ThingId, Box<str>>,
    /// What is owed and not paid on some way to the end: the step and the fact.
    unpaid: debts::Unpaid,
    /// How the script pays itself what a step owes, where that can be written at another place.
    payments: HashMap<ThingId, Payment>,
    /// The steps whose failure can end in success, as things.
    lost: HashSet<ThingId>,
    /// The steps whose failure is always that of the script, as things.
    told: HashSet<ThingId>,
    /// Constant names of services.
    services: HashMap<ThingId, Box<str>>,
    /// Where the script ends in the text.
    end: u32,
    /// The texts in words that shells read, in order; one within another is not listed.
    texts: Vec<Span>,
    /// For an effect of a sourced function and a negative fact: the call of the script's own that lacks it.
    own_calls: HashMap<(usize, usize), Span>,
    /// For each effect: what the script was told to do where it happens.
    pub actions: Vec<Option<Rc<Action>>>,
    /// The roles that the script has for what it may be told to do.
    pub roles: Vec<Role>,
    /// For each effect: the one in front of it at which a second run ends.
    pub blocked: Vec<Option<usize>>,
    /// For each effect: the questions that are passed on every path to it in its unit.
    conditions: paths::Told,
    /// What the script has of its own that a fix can use.
    pub habits: Habits,
    /// What the run has open at places, and closes itself further down.
    open: opened::Places,
    /// Why facts hold or do not, for the effects of which that was asked, by the fact's bit.
    traces: HashMap<(usize, usize), Trace>,
}

/// What does not happen where a command fails, as the script writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// A step of the script.
    Step(String),
    /// What whoever calls the function of this name does next.
    Caller(Box<str>),
}

/// What the stage to the right will ask: facts are followed only if somebody does.
pub struct Questions<'a> {
    /// The facts that some rule will ask in front of an effect.
    pub asked: &'a dyn Fn(&Occurrence) -> Vec<Fact>,
    /// What an effect owes: it must be made on every way from it to the end of the script.
    pub owed: &'a dyn Fn(&Occurrence) -> Vec<Owed>,
    /// Whether it is asked of an effect what becomes of its failure.
    pub losable: &'a dyn Fn(&Occurrence) -> bool,
    /// The marks that are asked about.
    pub marks: &'a [&'a str],
    /// What another script has done, which debconf runs first.
    pub prepared: &'a Prepared,
    /// What the script is called.
    pub script: &'a str,
    /// Where the script ends in the text: what lies behind was sourced, and is not told as its own.
    pub end: u32,
    /// Where texts stand that shells are given in words.
    pub texts: &'a [Span],
    /// Where effects begin of which is asked why facts hold or do not.
    pub explained: Option<Span>,
}

/// Analyses a script.
pub fn analyse(mut flow: Flow<'_>, knowledge: &Knowledge, source: &[u8], questions: &Questions<'_>) -> Analysis {
    let mut things = Things::default();
    let live = std::mem::take(&mut flow.live);
    let Gathered {
        mut steps,
        mut occurrences,
        begun,
        ways,
        dominators,
        likely_renewed,
        written_services,
        complete: read,
    } = gathered::find((&mut flow, &mut things), knowledge, (source, &live), questions);
    let count = flow.graph.nodes.len();
    let mut universe =
        followed::find(&occurrences, &steps, &likely_renewed, (&things, &mut flow.values), questions.asked);
    codes::mark(&flow.graph, &flow.calls, &ways, &mut steps);
    let restored = restored::Restored::find(&steps, &written_services, &things, &mut flow.values);
    for fact in restored.facts() {
        universe.add(fact, &things, &mut flow.values);
    }
    let mut answers = twins::find(&flow.graph, &mut steps, &things);
    for fact in answers.proved() {
        universe.add(fact, &things, &mut flow.values);
    }
    let debts = debts::enter(&flow.graph, &occurrences, &mut steps, (&mut things, &mut flow.values), questions.owed);
    for debt in &debts.all {
        universe.add(debt.settled, &things, &mut flow.values);
    }
    debts.settle_by_proof(&mut universe);
    let losable = passed_over::enter(&occurrences, &mut steps, questions.losable);
    for fact in &losable {
        universe.add(*fact, &things, &mut flow.values);
    }
    let undone = undone::enter(&occurrences, &mut steps, &mut things, &mut flow.values);
    for fact in undone.facts() {
        universe.add(fact, &things, &mut flow.values);
    }
    undone.settle_by_proof(&mut universe);
    let opened = opened::enter(&mut flow, (source, knowledge), &occurrences, &mut steps, &mut things);
    for fact in opened.facts() {
        universe.add(fact, &things, &mut flow.values);
    }
    let mut variants = variants::Variants::with_parts(&occurrences, &things);
    variants.follow(&mut universe, &mut things, &mut flow.values);
    let turns = Turns::find(&flow.graph, &steps, &mut universe, &mut things, &mut flow.values);
    let links = links::find(&mut flow, &mut things, &mut universe, &steps);
    variants.follow(&mut universe, &mut things, &mut flow.values);
    variants.touched(&flow.graph, &steps, &mut things, &mut flow.values);
    variants.weigh(&Resolver::over(&mut flow, &mut things, knowledge, source));
    let merged = Merged::find(&variants, &universe);
    answers.number(&universe);
    let (tracked, all_tracked) = slots::tracked(&mut steps, &flow.names, flow.graph.traps.len(), answers.len());
    let asked_last = slots::asked_last(&steps, &tracked, &universe);
    let printing = slots::printing(&flow, &asked_last);
    last_turns::mark(&mut flow, &tracked, &mut steps);
    let predicates = predicates::find(&flow.graph, &steps, &flow.locals);
    let written = |thing: ThingId| written_services.get(&thing).map_or(&[][..], Vec::as_slice);
    let mut settled = debts.settled(&universe);
    settled.extend(undone.facts().filter_map(|gone| Some((gone, Rc::new(Few::of(vec![universe.bit(gone)?]))))));
    settled.extend(opened.settled(&universe));
    let commands = installed::facts(&universe, &things);
    let compiler = Compiler {
        universe: &universe,
        things: &things,
        written: &written,
        settled: &settled,
        answers: &answers,
        variants: &variants,
        merged: &merged,
        turns: &turns,
        restored: &restored,
        commands: &commands,
        changes: Changes::default(),
    };
    let nothing = Step::default();
    let entered: HashSet<u32> = flow.graph.units.iter().map(|unit| unit.entry.0).collect();
    let compiled: Vec<Option<Box<Compiled>>> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let node = &flow.graph.nodes[at];
            let step = match (step.as_deref(), &node.kind) {
                (Some(step), _) => step,
                // What a function is given is made by its calls, and what is known of it comes from them.
                (None, _) if turns.concern(at as u32) => &nothing,
                (None, Kind::Join)
                    if !entered.contains(&(at as u32))
                        && universe.remade(at as u32, Span::default()).next().is_some() =>
                {
                    &nothing
                }
                (None, _) => return None,
            };
            let span = if matches!(node.kind, Kind::Simple(_)) { node.span } else { Span::default() };
            compile::compile(step, &compiler, at as u32, span).map(Box::new)
        })
        .collect();
    let is_local = |bit: &usize| matches!(universe.fact(*bit).kind, FactKind::Clean | FactKind::HoldsNot);
    let local = Few::of((0..universe.len()).filter(is_local).collect());
    let mut at_start = universe.negative();
    begun.iter().filter_map(|&fact| universe.bit(fact)).for_each(|bit| at_start.add(bit));
    let mut solver = Whole {
        flow: &flow,
        steps: &steps,
        compiled: &compiled,
        live,
        links: &links.all,
        universe: &universe,
        things: &things,
        tracked: &tracked,
        asked_last: &asked_last,
        merged: &merged,
        answers: &answers,
        printing: &printing,
        predicates: &predicates,
        statuses: domain::statuses(),
        at_start,
        local: &local,
        inputs: Inputs::new(count),
        summaries: vec![None; flow.graph.units.len()],
        complete: true,
    };
    solver.up();
    let mut entries = solver.entries(&variants);
    if solver.rule_out(&entries) {
        entries = solver.entries(&variants);
    }
    // In place: effects are large, and a second copy of all of them would be the most memory that a script takes.
    occurrences.retain(|occurrence| {
        let Some(state) = solver.inputs.get(occurrence.node) else { return false };
        let entry = &entries[occurrence.unit.0 as usize];
        let holds = |fact: &Fact| universe.bit(*fact).is_some_and(|bit| state.must.has(bit, entry));
        let is_never = !occurrence.not_where.is_empty() && occurrence.not_where.iter().all(holds);
        let may_answer_no = |node| {
            let sure = followed::answered_by(&steps, node).and_then(|fact| universe.bit(fact));
            let entry = &entries[solver.flow.graph.node(node).unit.0 as usize];
            solver.inputs.get(node).is_some_and(|state| sure.is_none_or(|bit| !state.must.has(bit, entry)))
        };
        !is_never && occurrence.only_if.is_none_or(may_answer_no)
    });
    occurrences.sort_by_key(|occurrence| (occurrence.span.start, occurrence.span.end));
    let flags = Flags::find(&solver, &occurrences, &entries);
    let handed = handed::entries(&solver, &occurrences, &entries);
    let Whole { inputs, live, complete: enough, .. } = solver;
    let holds: Vec<Set> = occurrences
        .iter()
        .filter_map(|occurrence| Some((occurrence, inputs.get(occurrence.node)?)))
        .map(|(occurrence, state)| {
            let unit = occurrence.unit;
            // What is done is what that word says: it holds what does so where the variable was given it.
            let chosen = steps[occurrence.node.0 as usize].as_ref().and_then(|step| step.chosen.as_ref());
            let as_chosen = chosen
                .and_then(|(slot, text)| state.clone().assume(*slot, &question::Question::Equals(text.clone()), true));
            let state = as_chosen.as_ref().unwrap_or(state);
            let mut must = state.must.clone();
            must.make(&Few::of(state.relays.given(&entries[unit.0 as usize]).collect()));
            must
        })
        .collect();
    for (occurrence, holds) in occurrences.iter_mut().zip(&holds) {
        let entry = &entries[occurrence.unit.0 as usize];
        let holds_here = |fact| universe.bit(fact).is_some_and(|bit| holds.has(bit, entry));
        meant::narrow(occurrence, &holds_here);
        set_somewhere::settle(occurrence, &holds_here);
        let mut told = witnesses::likely_renewed(occurrence, &things).filter_map(|fact| universe.bit(fact));
        occurrence.likely_renewed = told.any(|bit| holds.has(bit, &entries[occurrence.unit.0 as usize]));
        let is_directory = |thing| holds_here(Fact { kind: FactKind::IsDir, thing });
        if nesting(occurrence).is_some_and(is_directory) {
            occurrence.second_run = crate::knowledge::SecondRun::Nests;
        }
        // Of what is there only an empty directory makes way for another one.
        occurrence.keeps_old |= moved(occurrence, &steps).is_some_and(is_directory);
    }
    let states = (0..count).filter_map(|at| inputs.get(NodeId(at as u32)));
    let relays_overrun = states.into_iter().any(|state| state.relays.overrun);
    let (unpaid, paths) = debts::unpaid(&debts, &flow, &ways, &universe, &inputs, &entries);
    let failures = passed_over::find(&occurrences, &losable, &flow, &universe, &inputs, &entries);
    let remains = undone.remains(&flow, &universe, &inputs, &entries);
    let open = opened.places(&occurrences, &flow, &universe, &inputs, &entries);
    let enders = Enders::find(&flow, source, &compiled, &universe, &inputs);
    let holding = |at: usize, bit: usize| holds[at].has(bit, &entries[occurrences[at].unit.0 as usize]);
    let killers = provenance::killers(&ways, &compiled, &universe, &inputs, &occurrences, &holding, questions.asked);
    let alike = alike::find(&occurrences, &enders, &flow);
    let passed = paths::Conditions::find(&flow, &live, &ways, &dominators);
    let conditions = passed.told(occurrences.iter().map(|occurrence| occurrence.node), source);
    let actions_of = actions::find(&flow, &steps, knowledge, &dominators, &passed);
    let actions: Vec<_> = occurrences.iter().map(|occurrence| actions_of.at(occurrence.node).cloned()).collect();
    let mut roles: Vec<Role> = actions.iter().flatten().filter_map(|action: &Rc<Action>| action.role).collect();
    roles.sort_unstable();
    roles.dedup();
    let mut traces = HashMap::new();
    let tracer = Tracer {
        flow: &flow,
        source,
        steps: &steps,
        compiled: &compiled,
        live: &live,
        links: &links.all,
        universe: &universe,
        things: &things,
        inputs: &inputs,
        entries: &entries,
        ways: &ways,
    };
    let own_calls = own_calls::find(&tracer, &occurrences, questions.end, questions.asked);
    if let Some(explained) = questions.explained {
        let is_asked = |occurrence: &Occurrence| explained.range().contains(&(occurrence.span.start as usize));
        for (at, occurrence) in occurrences.iter().enumerate().filter(|(_, occurrence)| is_asked(occurrence)) {
            let facts = (questions.asked)(occurrence).into_iter().chain(occurrence.excuses.iter().copied());
            for bit in facts.filter_map(|fact| universe.bit(fact)) {
                traces.entry((at, bit)).or_insert_with(|| tracer.trace(occurrence.node, bit, holding(at, bit)));
            }
        }
    }
    let mut by_node: HashMap<NodeId, Vec<u32>> = HashMap::new();
    for (at, occurrence) in occurrences.iter().enumerate() {
        by_node.entry(occurrence.node).or_default().push(at as u32);
    }
    let skipped = skips::find(&flow, source, (&steps, &occurrences, &actions_of), &inputs, &live, &ways);
    let is_excused = |at: usize| {
        let mut excuses = occurrences[at].excuses.iter().filter_map(|&fact| universe.bit(fact));
        excuses.any(|bit| holding(at, bit))
    };
    let blocked = blocked::find(&flow, &dominators, &occurrences, &|at| skipped[at].is_some() && !is_excused(at));
    let skipped = skipped
        .into_iter()
        .map(|skipped| {
            Some(match skipped? {
                skips::Skipped::Step(span) => {
                    Skipped::Step(String::from_utf8_lossy(source.get(span.range()).unwrap_or_default()).into_owned())
                }
                skips::Skipped::Caller(unit) => Skipped::Caller(function_name(&flow, unit)?),
            })
        })
        .collect();
    let functions = occurrences.iter().map(|occurrence| function_name(&flow, occurrence.unit)).collect();
    let uncalled = occurrences.iter().map(|occurrence| !flow.called[occurrence.unit.0 as usize]).collect();
    let units_heard = heard::find(&flow, source);
    let heard = occurrences.iter().map(|occurrence| units_heard[occurrence.unit.0 as usize]).collect();
    let never_run = unused::find(&flow, knowledge, source);
    let unused = occurrences.iter().map(|occurrence| never_run[occurrence.unit.0 as usize]).collect();
    let habits = Habits::of(&flow, source, &occurrences, (questions.script, questions.end));
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
        payments: payments::find((&debts, &unpaid), &occurrences, &flow, source),
        unpaid,
        lost: failures.lost,
        told: failures.told,
        complete: enough
            && links.complete
            && read
            && paths
            && flow.complete
            && !flow.values.overrun()
            && !universe.overrun
            && !merged.overrun
            && !flags.overrun
            && !undone.overrun
            && !answers.overrun
            && !variants.overrun
            && all_tracked
            && !relays_overrun
            && !flow.graph.unread,
        occurrences,
        holds,
        entries,
        flags,
        handed,
        universe,
        things,
        enders,
        by_node,
        killers,
        alike,
        skipped,
        functions,
        heard,
        uncalled,
        unused,
        remains,
        names,
        conditions,
        habits,
        open,
        traces,
        blocked,
        actions,
        roles,
        end: questions.end,
        texts: outermost(questions.texts),
        own_calls,
    }
}

/// The thing that, being a directory, makes a second run put another one inside the first.
fn nesting(occurrence: &Occurrence) -> Option<ThingId> {
    occurrence.second_elsewhere.contains(&crate::knowledge::SecondRun::Nests).then_some(occurrence.source).flatten()
}

/// What an effect renames to a name that may be taken.
fn moved(occurrence: &Occurrence, steps: &[Option<Box<Step>>]) -> Option<ThingId> {
    let source =
        occurrence.source.filter(|_| (occurrence.effect, occurrence.how) == (EffectKind::Write, How::Replace))?;
    let step = steps[occurrence.node.0 as usize].as_deref()?;
    step.touches.contains(&(source, Touch::Removed)).then_some(source)
}

/// The places of a list that are within none of the others, in order.
fn outermost(places: &[Span]) -> Vec<Span> {
    let mut sorted = places.to_vec();
    sorted.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
    let mut outer: Vec<Span> = Vec::with_capacity(sorted.len());
    for place in sorted {
        if outer.last().is_none_or(|last| place.end > last.end) {
            outer.push(place);
        }
    }
    outer
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
