//! What ends later than its command, as effects: where what follows does not wait for it.
//!
//! ```sh
//! systemctl start db
//! sleep 5                     # a fixed sleep stands for waiting
//! psql -c 'create role app'   # and this is what relies on it
//! ```
//! What follows is looked for on the ways ahead, up to the first thing that waits. In which way it relies on what was begun
//! is a mark of the effect.

mod ahead;
mod lists;
mod pauses;
mod place;
mod starts;
mod stops;

use super::resolve::Resolver;
use super::step::Step;
use super::ways::Budget;
use crate::flow::graph::{Kind, Loop, NodeId, UnitId};
use crate::knowledge::{EffectKind, How};
use crate::span::Span;
use ahead::Met;
use hashbrown::{HashMap, HashSet};
use place::Place;
use std::cell::OnceCell;

/// It waits until something is there.
const WAITS: &str = "waits";
/// It waits for a while.
const SLEEPS: &str = "sleeps";
/// It starts something that serves later than the command ends.
const STARTS: &str = "starts";

/// Something that is not waited for.
struct Found {
    /// What begins it, or stands for waiting.
    node: NodeId,
    how: How,
    /// What relies on it.
    next: NodeId,
    /// In which way.
    mark: &'static str,
}

/// A script whose waiting is looked at.
struct Survey<'a, 'r, 't> {
    resolver: &'a Resolver<'r, 't>,
    steps: &'a [Option<Box<Step>>],
    live: &'a [u8],
    /// The innermost loop around each node that is in one.
    loops: HashMap<NodeId, Loop>,
    /// The loops that pause in each turn.
    sleeping: HashSet<NodeId>,
    /// What is met in functions, by their units.
    met_inside: HashMap<UnitId, Met>,
    /// The units that begin a job.
    forking: HashSet<UnitId>,
    budget: Budget,
    /// The variables that are given what a command prints, once that was asked for.
    read_variables: OnceCell<HashSet<Box<str>>>,
    /// What stands behind the patterns of `case` that are written out, once that was asked for.
    arms: OnceCell<HashMap<String, Vec<NodeId>>>,
}

/// Marks what starts something, and adds an effect for what is not waited for. Says whether all was looked at.
pub fn occur(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], live: &[u8]) -> bool {
    starts::mark(resolver, steps);
    let survey = Survey::of(resolver, steps, live);
    let mut found = survey.pauses();
    found.extend(survey.starts());
    found.extend(survey.stops());
    found.extend(survey.lists());
    let enough = survey.budget.enough();
    let places: Vec<Place> = found.iter().map(|one| survey.place(one)).collect();
    let mut places = places.into_iter();
    for one in found {
        let span = resolver.flow.graph.node(one.node).span;
        let next = resolver.written(resolver.flow.graph.node(one.next).span);
        let place = places.next().unwrap_or_else(|| Place::bare(resolver.source, span));
        let Place { spot, question, remedies } = place;
        let variable = match &resolver.flow.graph.node(one.node).kind {
            Kind::Simple(simple) => match &simple.simple.assignments[..] {
                [only] if simple.simple.words.is_empty() => Some((only.name.span, only.name.text.clone())),
                _ => None,
            },
            _ => None,
        };
        let before = resolver.occurrences.len();
        resolver.occur_as_step(one.node, (EffectKind::Pending, one.how), span, spot, vec![one.mark.into()], |_| ());
        for occurrence in &mut resolver.occurrences[before..] {
            // What stands between was looked through, and nothing there is of a file that was not read.
            occurrence.foreign = false;
            occurrence.variable.clone_from(&variable);
            occurrence.question.clone_from(&question);
            occurrence.remedies.clone_from(&remedies);
            occurrence.source_name = Some(next.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    enough
}

/// Whether a command, or what it is run by, has one of these marks.
fn has_mark(step: &Step, marks: &[&str]) -> bool {
    step.marks.iter().chain(&step.around).any(|mark| marks.contains(&&**mark))
}

impl<'a, 'r, 't> Survey<'a, 'r, 't> {
    fn of(resolver: &'a Resolver<'r, 't>, steps: &'a [Option<Box<Step>>], live: &'a [u8]) -> Self {
        let graph = &resolver.flow.graph;
        // Loops lie within each other or apart: of two around a node, the one that begins later is the inner one.
        let (mut loops, mut sleeping) = (HashMap::new(), HashSet::new());
        let sleeps = |node: NodeId| steps[node.0 as usize].as_deref().is_some_and(|step| has_mark(step, &[SLEEPS]));
        let mut open: Vec<Loop> = Vec::new();
        let mut begun: Vec<Loop> = graph.loops.clone();
        begun.sort_by_key(|body| (body.head.0, std::cmp::Reverse(body.end.0)));
        let mut begun = begun.into_iter().peekable();
        for node in (0..graph.nodes.len() as u32).map(NodeId) {
            while open.pop_if(|body| body.end.0 <= node.0).is_some() {}
            while let Some(body) = begun.next_if(|body| body.head == node) {
                open.push(body);
            }
            if let Some(body) = open.last() {
                loops.insert(node, *body);
            }
            if sleeps(node) {
                sleeping.extend(open.iter().map(|body| body.head));
            }
        }
        let forks = graph.nodes.iter().filter(|node| matches!(node.kind, Kind::Fork));
        let forking = forks.map(|node| node.unit).collect();
        let mut survey = Self {
            resolver,
            steps,
            live,
            loops,
            sleeping,
            met_inside: HashMap::new(),
            forking,
            budget: Budget::over(steps.len()),
            read_variables: OnceCell::new(),
            arms: OnceCell::new(),
        };
        survey.look_inside();
        survey
    }

    /// The nodes that can be reached.
    fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let count = self.resolver.flow.graph.nodes.len() as u32;
        (0..count).map(NodeId).filter(|&node| self.resolver.flow.inputs.get(node).is_some())
    }

    fn kind(&self, node: NodeId) -> &Kind<'t> {
        &self.resolver.flow.graph.node(node).kind
    }

    fn written(&self, node: NodeId) -> &'a str {
        self.text(self.resolver.flow.graph.node(node).span)
    }

    fn text(&self, span: Span) -> &'a str {
        let source: &'a [u8] = self.resolver.source;
        std::str::from_utf8(source.get(span.range()).unwrap_or_default()).unwrap_or_default()
    }

    fn step(&self, node: NodeId) -> Option<&Step> {
        self.steps[node.0 as usize].as_deref()
    }

    fn has_mark(&self, node: NodeId, marks: &[&str]) -> bool {
        self.step(node).is_some_and(|step| has_mark(step, marks))
    }

    /// The name of the function that a node calls.
    fn called(&self, node: NodeId) -> impl Iterator<Item = &str> {
        let units = self.resolver.flow.calls.callees(node).iter();
        units.filter_map(|unit| match &self.resolver.flow.graph.units[unit.0 as usize].kind {
            crate::flow::graph::UnitKind::Function(name) => Some(&*name.text),
            crate::flow::graph::UnitKind::Script => None,
        })
    }
}
