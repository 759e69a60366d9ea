//! What steps read, touch and write, seen over the whole script: who reads what it writes, whose configuration a path
//! is, and which paths do not last.

use super::placed::Placed;
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::ThingId;
use crate::flow::graph::{Graph, Kind, NodeId};
use crate::knowledge::ThingKind;
use crate::span::Span;
use hashbrown::{HashMap, HashSet};

/// Paths that steps touch and that do not outlive the run, or the host's: scratch, locks, sinks, devices, caches.
pub fn passing_paths(resolver: &Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> HashSet<ThingId> {
    let touched: HashSet<ThingId> =
        steps.iter().flatten().flat_map(|step| &step.touches).map(|&(thing, _)| thing).collect();
    touched
        .into_iter()
        .filter(|&thing| {
            let described = resolver.things.get(thing);
            described.kind == ThingKind::Path && resolver.class(described.key[0]).0.passes()
        })
        .collect()
}

/// Marks writes to a file that the same command, or another stage of the same pipeline, reads.
pub fn mark_reads(graph: &Graph<'_>, steps: &[Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let mut readers: HashMap<ThingId, Vec<(Span, ())>> = HashMap::new();
    let mut read: HashSet<(ThingId, NodeId)> = HashSet::new();
    let mut in_pipe: HashMap<(ThingId, Span), Vec<Span>> = HashMap::new();
    let stage = |node: NodeId| match &graph.node(node).kind {
        Kind::Simple(simple) => simple.pipeline.zip(simple.stage),
        _ => None,
    };
    for (at, step) in steps.iter().enumerate() {
        let node = NodeId(at as u32);
        for &thing in step.iter().flat_map(|step| &step.reads) {
            if read.insert((thing, node)) {
                readers.entry(thing).or_default().push((graph.node(node).span, ()));
                if let Some((pipe, stage)) = stage(node) {
                    in_pipe.entry((thing, pipe)).or_default().push(stage);
                }
            }
        }
    }
    let readers: HashMap<ThingId, Placed<()>> =
        readers.into_iter().map(|(thing, places)| (thing, places.into_iter().collect())).collect();
    for occurrence in occurrences {
        let (writer, target) = (occurrence.node, occurrence.target);
        let span = graph.node(writer).span;
        // The redirection of a group or a loop opens before anything in it runs.
        let within = || readers.get(&target).is_some_and(|readers| readers.within(span).next().is_some());
        let other_stage =
            |(pipe, mine)| in_pipe.get(&(target, pipe)).is_some_and(|stages| stages.iter().any(|&other| other != mine));
        occurrence.reads_target = read.contains(&(target, writer))
            || matches!(graph.node(writer).kind, Kind::Redirects { .. }) && within()
            || stage(writer).is_some_and(other_stage);
    }
}

/// The services whose configuration each touched path is.
pub fn service_table(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> HashMap<ThingId, Vec<ThingId>> {
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
