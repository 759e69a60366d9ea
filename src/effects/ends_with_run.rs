//! What is sent to the background, is waited for by nobody, and is ended by the script itself.
//!
//! ```sh
//! trap 'kill %1' EXIT
//! ssh -nMN "$host" &          # holds a connection for as long as the script runs
//! ```
//! Whatever becomes of it there, the script does not hang on it.

use super::loops::names;
use super::resolve::Resolver;
use super::step::Occurrence;
use crate::flow::graph::{Edge, Graph, Kind, NodeId};
use hashbrown::HashSet;

/// The mark of its effects.
const ENDS_WITH_RUN: &str = "ends-with-run";

/// Marks the effects of such jobs.
pub fn mark(resolver: &Resolver<'_, '_>, occurrences: &mut [Occurrence]) {
    let graph = &resolver.flow.graph;
    let forks = graph.nodes.iter().enumerate().filter(|(_, node)| matches!(node.kind, Kind::Fork));
    let forks: Vec<NodeId> = forks.map(|(at, _)| NodeId(at as u32)).collect();
    if forks.is_empty() || is_called(graph, &["wait", "fg"]) || !kills_job(resolver) {
        return;
    }
    let inside = inside(graph, &forks);
    for occurrence in occurrences.iter_mut().filter(|occurrence| inside.contains(&occurrence.node)) {
        occurrence.marks.push(ENDS_WITH_RUN.into());
    }
}

/// Whether the script calls one of these.
fn is_called(graph: &Graph<'_>, commands: &[&str]) -> bool {
    graph.nodes.iter().any(|node| match &node.kind {
        Kind::Simple(simple) => simple.name.as_deref().is_some_and(|name| commands.contains(&name)),
        _ => false,
    })
}

/// Whether the script ends a job of its own: `kill %1`, `kill $!`, `kill "$job"` where that was given `$!`.
fn kills_job(resolver: &Resolver<'_, '_>) -> bool {
    let simple = || {
        resolver.flow.graph.nodes.iter().filter_map(|node| match &node.kind {
            Kind::Simple(simple) => Some(simple),
            _ => None,
        })
    };
    let sets = simple().flat_map(|simple| simple.simple.assignments.iter().chain(&simple.simple.declared));
    let keeps = sets.filter(|set| resolver.written(set.span).contains("$!"));
    let jobs: HashSet<&str> = keeps.map(|set| &*set.name.text).collect();
    simple().filter(|simple| simple.name.as_deref() == Some("kill")).any(|simple| {
        let mut words = simple.simple.words.iter().skip(1).map(|word| resolver.written(word.span));
        words.any(|word| {
            let is_job = word.starts_with('%') || word.contains("$!") || word.contains("jobs -p");
            is_job || names(&word).any(|name| jobs.contains(name))
        })
    })
}

/// What runs in the background, each node once.
fn inside(graph: &Graph<'_>, forks: &[NodeId]) -> HashSet<NodeId> {
    let mut waiting: Vec<NodeId> = forks.iter().filter_map(|&fork| graph.successor(fork, Edge::Ok)).collect();
    let entered: HashSet<NodeId> = waiting.iter().copied().collect();
    let mut seen = HashSet::new();
    while let Some(node) = waiting.pop() {
        let is_left = matches!(graph.node(node).kind, Kind::Leave { enter, .. } if entered.contains(&enter));
        if !is_left && seen.insert(node) {
            waiting.extend(graph.node(node).edges.iter().map(|(_, next)| next));
        }
    }
    seen
}
