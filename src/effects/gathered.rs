//! What is gathered of a script: the steps of its nodes, the effects, and what is said of both by what stands around them, before
//! anything is known of where which facts hold.

use super::asked_before::AskedBefore;
use super::dominators::Dominators;
use super::resolve::{self, Resolver};
use super::step::{Marks, Occurrence, Step};
use super::thing::{Fact, Thing, ThingId, Things};
use super::ways::Ways;
use super::{
    Questions, action_ends, added_lines, asked_somewhere, awaited_text, bare_patterns, beside, by_pattern, claims,
    cleared, contract, debconf, declared, ends_with_run, every_item, first_run, found_empty, half_made, installed,
    listed_names, locks, loops, made_up, makes_room, meant, mounts, origins, own_output, own_statements, pending,
    relisted, retried, run_as_it_comes, set_somewhere, settings, shared_scratch, status, switches, texts, touched,
    unaccounted, unheard, unrelated, unsaid, witnesses,
};
use crate::flow::Flow;
use crate::flow::graph::NodeId;
use crate::knowledge::{Knowledge, ThingKind};
use hashbrown::HashMap;
use std::cell::LazyCell;
use std::rc::Rc;

/// What was gathered.
pub struct Gathered {
    /// For each node: what it does and proves.
    pub steps: Vec<Option<Box<Step>>>,
    /// All effects, whether or not they can be reached.
    pub occurrences: Vec<Occurrence>,
    /// What holds at the start because of the name that the script is called by.
    pub begun: Vec<Fact>,
    /// The graph backwards.
    pub ways: Ways,
    /// What every way to a node passes.
    pub dominators: Dominators,
    /// What witnesses say was most likely renewed.
    pub likely_renewed: Vec<Fact>,
    /// The paths that each service is configured by.
    pub written_services: HashMap<ThingId, Vec<ThingId>>,
    /// All was read and looked at: no cap was met.
    pub complete: bool,
}

/// Reads the nodes of a script.
pub fn find(
    (flow, things): (&mut Flow<'_>, &mut Things),
    knowledge: &Knowledge,
    (source, live): (&[u8], &[u8]),
    questions: &Questions<'_>,
) -> Gathered {
    let marks = named_marks(questions.marks, things, flow);
    let assigned_anywhere = resolve::AssignedAnywhere::of(flow);
    let mut resolver = Resolver { marks, assigned_anywhere, ..Resolver::over(flow, things, knowledge, source) };
    let count = resolver.flow.graph.nodes.len();
    let mut steps: Vec<Option<Box<Step>>> = Vec::with_capacity(count);
    for at in 0..count {
        steps.push(resolver.resolve(NodeId(at as u32)).map(Box::new));
    }
    debconf::mark(&mut resolver, &mut steps, questions.prepared);
    let begun = resolver.done_by_name(questions.script);
    loops::occur(&mut resolver, &steps, live);
    let ways = Ways::back(&resolver.flow.graph, live);
    let told = status::occur(&mut resolver, &steps, (live, &ways), questions.losable);
    let acted = contract::occur(&mut resolver, &steps, (live, &ways), questions.end);
    let awaited = pending::occur(&mut resolver, &mut steps, live);
    action_ends::occur(&mut resolver, &steps);
    let locked = locks::occur(&mut resolver, &steps, live);
    locks::again::mark(&resolver, (live, &ways), &mut steps);
    let mut occurrences = std::mem::take(&mut resolver.occurrences);
    let dominators = Dominators::of(resolver.flow, &ways);
    settings::mark(&mut resolver, &mut steps, &dominators);
    let matched = by_pattern::mark(&resolver, &steps, &dominators, &mut occurrences);
    own_statements::mark(&mut resolver, &dominators, &mut occurrences);
    own_output::mark(&resolver, &steps, &dominators, &mut occurrences);
    makes_room::mark(&resolver, &ways, &mut occurrences);
    {
        // Few scripts make locks, or fetch what they ask for.
        let before = LazyCell::new(|| AskedBefore::find(resolver.flow, (live, &ways, &dominators), source));
        locks::made::mark(&resolver, &ways, &before, &mut occurrences);
        half_made::mark(&resolver, &steps, &before, &mut occurrences);
    }
    locks::directories::mark(&mut occurrences);
    shared_scratch::mark(&resolver, &mut occurrences);
    retried::mark(&resolver.flow.graph, &steps, &mut occurrences);
    ends_with_run::mark(&resolver, &mut occurrences);
    unsaid::mark(&resolver.flow.graph, source, &mut occurrences);
    unaccounted::mark(&resolver.flow.graph, source, questions.end, knowledge, &mut occurrences);
    run_as_it_comes::mend(&resolver, &steps, &mut occurrences);
    bare_patterns::mark(&mut resolver, &mut occurrences);
    declared::mark(&mut occurrences);
    asked_somewhere::mark(&mut resolver, &steps, &mut occurrences);
    awaited_text::mark(&mut resolver, &steps, &mut occurrences);
    resolve::spare_made(&mut occurrences, &resolver.flow.values);
    touched::mark_reads(&resolver.flow.graph, &steps, &mut occurrences);
    relisted::mark(&mut resolver, &mut steps, &mut occurrences);
    beside::mark(&mut resolver, &steps, live, &mut occurrences);
    origins::refine(&mut resolver, &mut steps, &mut occurrences);
    claims::mark(&mut resolver, &steps, &mut occurrences);
    added_lines::settle(&mut occurrences, resolver.knowledge);
    added_lines::spare_twins(&mut occurrences);
    let flowed = made_up::mark(&mut resolver, &steps, &mut occurrences);
    mounts::fresh(&mut resolver, &mut steps, &mut occurrences);
    cleared::excuse(&mut resolver, &mut steps, &mut occurrences);
    let passing = touched::passing_paths(&resolver, &steps);
    unrelated::dismiss(&mut steps, &occurrences, resolver.things, &resolver.flow.values);
    listed_names::mark(&mut resolver, &mut steps, &occurrences);
    let (graph, values) = (&resolver.flow.graph, &mut resolver.flow.values);
    let mut walked = first_run::mark(graph, &mut steps, &mut occurrences, (resolver.things, values), &passing);
    walked &= every_item::excuse(&mut resolver, &mut steps, &mut occurrences);
    walked &= found_empty::mark(&mut resolver, &mut steps, &occurrences, &passing);
    let (likely_renewed, looked) = witnesses::mark(&mut resolver, &mut steps, &occurrences);
    meant::mark(&mut resolver, &mut steps, &mut occurrences);
    set_somewhere::mark(&mut resolver, &mut steps, &mut occurrences);
    let related = texts::relate(&mut steps, &occurrences, resolver.things, &resolver.flow.values);
    installed::mark(&mut steps, resolver.things, &resolver.flow.values, &resolver.flow.names);
    unheard::mark(&resolver.flow.graph, &mut steps);
    unheard::still(resolver.flow, &mut steps);
    let written_services = touched::service_table(&mut resolver, &steps);
    switches::mark(&mut occurrences);
    let complete =
        !resolver.overrun && related && walked && looked && told && locked && acted && matched && flowed && awaited;
    Gathered { steps, occurrences, begun, ways, dominators, likely_renewed, written_services, complete }
}

/// Marks as things.
fn named_marks(names: &[&str], things: &mut Things, flow: &mut Flow<'_>) -> Marks {
    let thing = |&name: &&str| {
        let key = smallvec::smallvec![flow.values.constant(name)];
        (Box::from(name), things.intern(Thing { kind: ThingKind::Mark, root: None, key }))
    };
    Rc::new(names.iter().map(thing).collect())
}
