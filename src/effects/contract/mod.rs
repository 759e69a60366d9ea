//! The contract of actions as effects: what callers of an agent, an init script or a hook rely on when they say `start`
//! or `stop`, whatever the service does at the moment.
//!
//! ```sh
//! stop)
//!     [ -f "$pidfile" ] || exit 1     # absent-fails: to be stopped already is what was asked for
//!     kill "$(cat "$pidfile")"        # unasked: the file may be left from a process that is gone
//! ```
//! In which way it is broken is a mark of the effect: rules say which of them are a hazard.

mod answers;
mod demotes;
mod gates;
mod leftovers;
mod monitors;
mod places;
mod refusals;
mod steps;
mod unknown;

use super::question::Outcome;
use super::resolve::Resolver;
use super::spot::Spot;
use super::step::{Assigned, Condition, Occurrence, Step};
use super::thing::{Fact, ThingId};
use super::ways::{Budget, Ways};
use crate::finding::Edit;
use crate::flow::graph::{Edge, Kind, Names, NodeId, Slot, UnitId, UnitKind};
use crate::knowledge::{EffectKind, How, Knowledge, PathClass, SecondRun};
use crate::span::Span;
use crate::syntax::tree::{Part, PartKind, Word};
use hashbrown::{HashMap, HashSet};
use places::Places;
use std::cell::OnceCell;

/// The name of a function, or the pattern of an arm, says that it starts a service.
const START: &str = "start-action";
/// It says that it stops one.
const STOP: &str = "stop-action";
/// It says that it does both.
const RESTART: &str = "restart-action";
/// It says that it only has to do with one of these.
const NO_ACTION: &str = "no-action";

/// A part of a script that is an action.
struct Region {
    duty: How,
    unit: UnitId,
    /// Where it is entered.
    entries: Vec<NodeId>,
    within: HashSet<NodeId>,
    nodes: Vec<NodeId>,
    /// What is come to before anything was done.
    first: OnceCell<HashSet<NodeId>>,
}

impl Region {
    fn of(duty: How, unit: UnitId, entries: Vec<NodeId>, nodes: Vec<NodeId>) -> Self {
        Self { duty, unit, entries, within: nodes.iter().copied().collect(), nodes, first: OnceCell::new() }
    }
}

/// A way in which an action breaks its contract.
struct Breach {
    /// Where.
    node: NodeId,
    duty: How,
    /// What is told of.
    span: Span,
    /// What it is broken by: a question, or a command.
    named: Span,
    mark: &'static str,
    /// What makes it right, where that is known.
    edits: Vec<Edit>,
    /// Where all of these hold, it is none.
    not_where: Vec<Fact>,
}

/// A script whose actions are looked at.
struct Survey<'a, 'r, 't> {
    resolver: &'a Resolver<'r, 't>,
    steps: &'a [Option<Box<Step>>],
    live: &'a [u8],
    ways: &'a Ways,
    /// The nodes that have an effect.
    acting: HashSet<NodeId>,
    /// The commands whose output a substitution takes, by its first byte.
    captured: HashMap<u32, Vec<NodeId>>,
    /// The nodes that stop a service, and in which manner.
    stopping: HashMap<NodeId, How>,
    /// Those of them that fail where it does not run.
    needing: HashSet<NodeId>,
    /// What some command removes.
    removed: HashSet<ThingId>,
    /// The nodes that write the number of a job into a file.
    writing: HashSet<NodeId>,
    /// Files of process numbers, locks and sockets.
    leftovers: HashSet<ThingId>,
    /// The directories of processes below `/proc`.
    processes: HashSet<ThingId>,
    /// Where the commands begin that list what runs.
    listing: HashSet<u32>,
    /// The functions that ask for the state on some way.
    asking: HashSet<UnitId>,
    /// Those of them that do nothing else.
    only_asking: HashSet<UnitId>,
    /// The variables that hold what such a question was answered.
    answers: HashSet<Slot>,
    /// Where variables are set and asked.
    places: Places,
    budget: Budget,
}

/// Adds an effect for every way in which an action breaks its contract. Says whether all was looked at.
/// `end` is where the text of the script itself ends.
pub fn occur(
    resolver: &mut Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    (live, ways): (&[u8], &Ways),
    end: u32,
) -> bool {
    let regions = regions(resolver, live);
    let demotes = demotes::named(resolver);
    let is_agent = monitors::is_agent(resolver, end);
    if regions.is_empty() && demotes.is_empty() && !is_agent {
        return true;
    }
    let survey = Survey::of(resolver, steps, (live, ways));
    let mut breaches: Vec<Breach> = regions.iter().flat_map(|region| survey.breaches(region)).collect();
    breaches.extend(survey.gates(&regions));
    breaches.extend(survey.demotes(&demotes));
    if is_agent {
        breaches.extend(survey.monitors(end));
        breaches.extend(survey.unknown_actions());
    }
    let enough = survey.budget.enough();
    let otherwise: HashSet<NodeId> =
        breaches.iter().filter(|breach| survey.fails_otherwise(breach)).map(|breach| breach.node).collect();
    let mut told = HashSet::new();
    for breach in breaches.into_iter().filter(|breach| told.insert((breach.node, breach.mark))) {
        let spot = match &resolver.flow.graph.node(breach.node).kind {
            Kind::Simple(simple) if simple.command.span == breach.span => Spot::around(resolver.source, simple),
            _ => Spot::of(resolver.source, breach.span, breach.span, true, false),
        };
        let kind = (EffectKind::Action, breach.duty);
        // What the step stops is what the action is about.
        let stopped = resolver.occurrences.iter().filter(|one| one.node == breach.node && stops(one));
        let services: Vec<ThingId> = stopped.flat_map(|one| one.services.iter().copied()).collect();
        resolver.occur_as_step(breach.node, kind, breach.named, spot, vec![breach.mark.into()], |occurrence| {
            occurrence.services = services;
            occurrence.edits = breach.edits;
            occurrence.not_where = breach.not_where.into();
            if otherwise.contains(&breach.node) {
                occurrence.marks.push(monitors::FAILS_OTHERWISE.into());
            }
        });
    }
    enough
}

/// Whether an effect stops a service.
fn stops(occurrence: &Occurrence) -> bool {
    occurrence.effect == EffectKind::Service && matches!(occurrence.how, How::Stop | How::Kill)
}

/// The variables that hold the number of a job of the script's own and nothing else. Who waits for it knows when it ends.
fn own_jobs(steps: &[Option<Box<Step>>], names: &Names) -> HashSet<u32> {
    let Some(last) = names.find("!").map(Slot::Variable) else { return HashSet::new() };
    let (mut own, mut others): (HashSet<Slot>, HashSet<Slot>) = (HashSet::from([last]), HashSet::new());
    for (to, assigned) in steps.iter().flatten().flat_map(|step| &step.assigns).filter(|(to, _)| *to != last) {
        match assigned {
            Assigned::Copy(from) if *from == last => own.insert(*to),
            Assigned::Constant(text) if text.is_empty() => false,
            _ => others.insert(*to),
        };
    }
    own.iter().filter(|slot| !others.contains(*slot)).filter_map(|slot| slot.variable()).collect()
}

/// Whether a command is given the number of such a job.
fn kills_own_job(kind: &Kind<'_>, own_jobs: &HashSet<u32>, names: &Names) -> bool {
    let Kind::Simple(simple) = kind else { return false };
    let is_own = |parts: &[Part]| matches!(parts, [Part { kind: PartKind::Parameter(parameter), .. }] if names.find(&parameter.name).is_some_and(|number| own_jobs.contains(&number)));
    simple.simple.words.iter().any(|word| match &word.parts[..] {
        [Part { kind: PartKind::DoubleQuoted(inner), .. }] => is_own(inner),
        parts => is_own(parts),
    })
}

/// Whether an effect writes the number of a job into a file for such numbers.
fn writes_job(occurrence: &Occurrence) -> bool {
    occurrence.effect == EffectKind::Write
        && occurrence.how == How::Truncate
        && occurrence.class == PathClass::Lock
        && occurrence.written.contains("$!")
}

/// What a name says is done.
pub(super) fn duty(name: &str, knowledge: &Knowledge) -> Option<How> {
    let marks: Vec<&str> = knowledge.marks_of_name(name).collect();
    if marks.contains(&NO_ACTION) {
        return None;
    }
    let mut duties = marks.into_iter().filter_map(|mark| match mark {
        START => Some(How::Start),
        STOP => Some(How::Stop),
        RESTART => Some(How::Restart),
        _ => None,
    });
    let first = duties.next()?;
    duties.all(|other| other == first).then_some(first)
}

/// The functions and the arms of `case "$1" in` that are actions.
fn regions(resolver: &Resolver<'_, '_>, live: &[u8]) -> Vec<Region> {
    let graph = &resolver.flow.graph;
    let mut found = Vec::new();
    for (at, unit) in graph.units.iter().enumerate() {
        let id = UnitId(at as u32);
        if let UnitKind::Function(name) = &unit.kind
            && let Some(duty) = duty(&name.text, resolver.knowledge)
        {
            let nodes = resolver.flow.orders.unit(id).nodes.clone();
            found.push(Region::of(duty, id, vec![unit.entry], nodes));
        }
    }
    found.extend(arms(resolver, live));
    found
}

/// The arms that are actions: a word that the script was given is one, and what stands between its pattern and the next.
fn arms(resolver: &Resolver<'_, '_>, live: &[u8]) -> Vec<Region> {
    let graph = &resolver.flow.graph;
    // The nodes of arms stand in the order of the text, the patterns of one `case` with one subject.
    let matches: Vec<(NodeId, Span, Option<How>, Span)> = graph
        .nodes
        .iter()
        .enumerate()
        .filter_map(|(at, node)| match &node.kind {
            Kind::Match { subject, patterns } if names_action(subject, resolver) => {
                let (first, last) = patterns.first().zip(patterns.last())?;
                let words = patterns.iter().map(|word| resolver.written(word.span));
                let mut duties = words.map(|word| duty(word.trim_matches(['"', '\'']), resolver.knowledge));
                let first_duty = duties.next().flatten();
                let duty = first_duty.filter(|duty| duties.all(|other| other == Some(*duty)));
                Some((NodeId(at as u32), subject.span, duty, Span::new(first.span.start, last.span.end)))
            }
            _ => None,
        })
        .collect();
    // Where the next arm of the same `case` begins: another one may stand within.
    let mut ends: Vec<u32> = matches.iter().map(|&(node, ..)| graph.node(node).span.end).collect();
    let mut next_of: HashMap<Span, u32> = HashMap::new();
    for (at, &(_, subject, _, pattern)) in matches.iter().enumerate().rev() {
        if let Some(next) = next_of.insert(subject, pattern.start) {
            ends[at] = next;
        }
    }
    let mut lines: HashMap<UnitId, Vec<(u32, NodeId)>> = HashMap::new();
    let mut found = Vec::new();
    for (&(node, _, duty, pattern), end) in matches.iter().zip(ends) {
        let Some(duty) = duty else { continue };
        let unit = graph.node(node).unit;
        let body = Span::new(pattern.end, end.max(pattern.end));
        let lines = lines.entry(unit).or_insert_with(|| places::in_text(resolver, unit));
        let first = lines.partition_point(|&(start, _)| start < body.start);
        let inside = lines[first..].iter().take_while(|&&(start, _)| start < body.end).map(|&(_, node)| node);
        let nodes: Vec<NodeId> = inside.filter(|&node| graph.node(node).span.end <= body.end).collect();
        let enters = graph.node(node).edges.iter().filter(|(edge, _)| *edge == Edge::Ok);
        let entries = enters.filter(|_| live[node.0 as usize] & Edge::Ok.bit() != 0).map(|(_, to)| to).collect();
        found.push(Region::of(duty, unit, entries, nodes));
    }
    found
}

/// Whether the subject of a `case` says what the script is to do: `$1`, `$__OCF_ACTION`, `${ACTION:-start}`.
fn names_action(subject: &Word, resolver: &Resolver<'_, '_>) -> bool {
    let text = resolver.written(subject.span).to_lowercase();
    let is_parameter =
        subject.parts.iter().any(|part| matches!(&part.kind, PartKind::Parameter(_) | PartKind::DoubleQuoted(_)));
    is_parameter
        && (text.contains("$1")
            || text.contains("{1")
            || ["action", "command", "cmd", "op", "verb", "mode"].iter().any(|word| text.contains(word)))
}

impl<'a, 'r, 't> Survey<'a, 'r, 't> {
    fn of(resolver: &'a Resolver<'r, 't>, steps: &'a [Option<Box<Step>>], (live, ways): (&'a [u8], &'a Ways)) -> Self {
        let graph = &resolver.flow.graph;
        let acting = resolver.occurrences.iter().filter(|occurrence| !occurrence.is_of_flow());
        let mut captured: HashMap<u32, Vec<NodeId>> = HashMap::new();
        for (at, node) in graph.nodes.iter().enumerate() {
            if let Kind::Simple(simple) = &node.kind
                && let Some(Slot::Capture(start)) = simple.capture
            {
                captured.entry(start).or_default().push(NodeId(at as u32));
            }
        }
        let own_jobs = own_jobs(steps, &resolver.flow.names);
        let is_own = |node: NodeId| kills_own_job(&graph.node(node).kind, &own_jobs, &resolver.flow.names);
        let stops = resolver.occurrences.iter().filter(|one| stops(one) && !is_own(one.node));
        let stopping = stops.clone().map(|one| (one.node, one.how)).collect();
        let needing = stops.filter(|one| one.second_run == SecondRun::Fails).map(|one| one.node).collect();
        // What takes the number of a job is called as it may.
        let written = resolver.occurrences.iter().filter(|one| writes_job(one)).map(|one| one.target);
        let mut survey = Self {
            resolver,
            steps,
            live,
            ways,
            acting: acting.map(|occurrence| occurrence.node).collect(),
            writing: resolver.occurrences.iter().filter(|one| writes_job(one)).map(|one| one.node).collect(),
            removed: steps.iter().flatten().flat_map(|step| step.removes.iter().copied()).collect(),
            captured,
            leftovers: answers::leftovers(resolver, steps).into_iter().chain(written).collect(),
            processes: answers::processes(resolver, steps),
            listing: answers::listing(resolver, steps),
            stopping,
            needing,
            asking: HashSet::new(),
            only_asking: HashSet::new(),
            answers: HashSet::new(),
            places: Places::of(resolver, steps),
            budget: Budget::over(steps.len()),
        };
        survey.find_askers();
        survey
    }

    fn breaches(&self, region: &Region) -> Vec<Breach> {
        let mut found = self.refusals(region);
        match region.duty {
            How::Start => {
                found.extend(self.leftovers(region));
                found.extend(self.overwritten(region));
            }
            How::Stop => {
                found.extend(self.unasked(region));
                found.extend(self.unverified(region));
            }
            _ => {}
        }
        found
    }

    /// Whether a function is an action by its name.
    fn is_action(&self, unit: UnitId) -> bool {
        match &self.resolver.flow.graph.units[unit.0 as usize].kind {
            UnitKind::Function(name) => duty(&name.text, self.resolver.knowledge).is_some(),
            UnitKind::Script => false,
        }
    }

    fn kind(&self, node: NodeId) -> &Kind<'t> {
        &self.resolver.flow.graph.node(node).kind
    }

    fn span(&self, node: NodeId) -> Span {
        self.resolver.flow.graph.node(node).span
    }

    fn step(&self, node: NodeId) -> Option<&Step> {
        self.steps[node.0 as usize].as_deref()
    }

    fn is_live(&self, node: NodeId, edge: Edge) -> bool {
        self.live[node.0 as usize] & edge.bit() != 0
    }

    /// The outcomes of a node that can happen, and where they lead.
    fn edges(&self, node: NodeId) -> impl Iterator<Item = (Edge, NodeId)> + '_ {
        let edges = self.resolver.flow.graph.node(node).edges.iter();
        let known = self.known_answer(node);
        let may_be = move |edge| match edge {
            Edge::Ok => known != Some(false),
            Edge::Fail => known != Some(true),
            Edge::ExitOk | Edge::ExitFail => true,
        };
        edges.filter(move |&(edge, _)| may_be(edge) && self.is_live(node, edge))
    }

    /// The answer to a question about a variable that holds one text there: `again=1; while [ $again = 1 ]`.
    fn known_answer(&self, node: NodeId) -> Option<bool> {
        let Condition::Slot { slot: Slot::Variable(number), question, .. } = &**self.step(node)?.condition.as_ref()?
        else {
            return None;
        };
        let flow = &self.resolver.flow;
        let held = flow.inputs.get(node)?.variables.get(*number)?;
        question.answer(&Outcome::Constant(flow.values.text(held)?.into()), |_| false)
    }

    fn has_mark(&self, node: NodeId, mark: &str) -> bool {
        self.step(node).is_some_and(|step| step.marks.iter().any(|known| **known == *mark))
    }

    /// The nodes of an action that are come to from its entry, where a way ends at what `stops` says of a node and of the one
    /// behind it.
    fn reached(&self, region: &Region, stops: &dyn Fn(NodeId, NodeId) -> bool) -> HashSet<NodeId> {
        let mut seen: HashSet<NodeId> = region.entries.iter().copied().collect();
        let mut waiting = region.entries.clone();
        while let Some(node) = waiting.pop().filter(|_| self.budget.take_step()) {
            for (_, to) in self.edges(node) {
                // Where ways meet is no place in the text.
                let is_inside = region.within.contains(&to) || self.span(to).start == self.span(to).end;
                if is_inside && !seen.contains(&to) && !stops(node, to) {
                    seen.insert(to);
                    waiting.push(to);
                }
            }
        }
        seen
    }

    /// Whether a node does something that matters: it has an effect, calls a function, or nobody knows what it does.
    fn acts(&self, node: NodeId) -> bool {
        let calls = !self.resolver.flow.calls.callees(node).is_empty();
        let unknown = self.step(node).is_some_and(|step| step.unknown);
        (calls || unknown || self.acting.contains(&node)) && !self.only_tells(node)
    }

    /// Whether a node prints or logs, and does nothing else.
    fn only_tells(&self, node: NodeId) -> bool {
        let Kind::Simple(simple) = self.kind(node) else { return false };
        let Some(first) = simple.simple.words.first() else { return false };
        let tells = ["logs", "notifies"].iter().any(|mark| self.has_mark(node, mark));
        tells || self.resolver.knowledge.is_message(&self.resolver.written(first.span))
    }

    /// The next node that does something, from one on.
    fn settled(&self, mut node: NodeId) -> NodeId {
        while self.budget.take_step() {
            let mut next = self.edges(node);
            match (self.kind(node), next.next(), next.next()) {
                (Kind::Join | Kind::Errexit | Kind::Status(_), Some((Edge::Ok, to)), None) => node = to,
                _ => break,
            }
        }
        node
    }

    /// Whether the two outcomes of a node lead to different places, where it comes back.
    fn splits(&self, node: NodeId) -> bool {
        let told = self.edges(node).filter(|(edge, _)| matches!(edge, Edge::Ok | Edge::Fail));
        let mut targets = told.map(|(_, to)| self.settled(to));
        targets.next().is_some_and(|first| targets.any(|other| other != first))
    }
}
