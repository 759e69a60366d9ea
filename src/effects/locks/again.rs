//! Scripts that start themselves again under a lock: what goes on behind that is the run that holds it.
//!
//! ```sh
//! [ "$LOCKED" = "$0" ] || exec env LOCKED="$0" flock -n "$0" "$0" "$@"
//! ```
//! The variable that is tested must be one that the command sets: nothing else tells the second run from the first.

use super::super::loops::names;
use super::super::resolve::Resolver;
use super::super::step::Step;
use super::super::ways::Ways;
use super::HOLDS_LOCK;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, SimpleNode};
use hashbrown::HashSet;

/// So far in front of such a command its test is looked for.
const MOST_BETWEEN: usize = 8;

/// Lets the lock be held behind such tests.
pub fn mark(resolver: &Resolver<'_, '_>, (live, ways): (&[u8], &Ways), steps: &mut [Option<Box<Step>>]) {
    let graph = &resolver.flow.graph;
    let starts: Vec<(NodeId, Edge)> = (0..graph.nodes.len() as u32)
        .map(NodeId)
        .filter_map(|node| {
            let Kind::Simple(simple) = &graph.node(node).kind else { return None };
            let step = steps[node.0 as usize].as_ref()?;
            let is_locked = step.around.iter().any(|mark| **mark == *HOLDS_LOCK);
            let is_again = simple.name.as_deref() == Some("exec") && is_locked && runs_itself(resolver, simple);
            is_again.then(|| tested(resolver, (live, ways), node, &set_by(resolver, simple)))?
        })
        .collect();
    for (test, other) in starts {
        let mut held = Step::default();
        resolver.mark(std::iter::once(HOLDS_LOCK), &mut held);
        let Some(step) = &mut steps[test.0 as usize] else { continue };
        (if other == Edge::Ok { &mut step.ok } else { &mut step.fail }).extend(held.ok);
    }
}

/// Whether `$0` is among the words that follow the lock.
fn runs_itself(resolver: &Resolver<'_, '_>, simple: &SimpleNode<'_>) -> bool {
    let words = simple.simple.words.iter().map(|word| resolver.written(word.span));
    words.filter(|word| matches!(word.trim_matches('"'), "$0" | "${0}" | "$BASH_SOURCE" | "${BASH_SOURCE[0]}")).count()
        > 0
}

/// The variables that such a command sets for what it runs: in front of it, and behind `env`.
fn set_by(resolver: &Resolver<'_, '_>, simple: &SimpleNode<'_>) -> HashSet<String> {
    let in_front = simple.simple.assignments.iter().map(|set| set.name.text.to_string());
    let behind = simple.simple.words.iter().filter(|word| constant(word).is_none_or(|text| !text.starts_with('-')));
    let behind = behind.filter_map(|word| Some(resolver.written(word.span).split_once('=')?.0.to_owned()));
    in_front.chain(behind).collect()
}

/// The test that has led to a command, and the edge on which it leads past it.
fn tested(
    resolver: &Resolver<'_, '_>,
    (live, ways): (&[u8], &Ways),
    node: NodeId,
    set: &HashSet<String>,
) -> Option<(NodeId, Edge)> {
    let graph = &resolver.flow.graph;
    let mut at = node;
    for _ in 0..MOST_BETWEEN {
        let [before] = ways.ahead_of(at) else { return None };
        let is_live = |edge: Edge| live[before.0 as usize] & edge.bit() != 0;
        let leads = |edge: Edge| graph.node(*before).edges.iter().any(|(known, to)| known == edge && to == at);
        let asks = || names(&resolver.written(graph.node(*before).span)).any(|name| set.contains(name));
        match (leads(Edge::Ok) && is_live(Edge::Ok), leads(Edge::Fail) && is_live(Edge::Fail)) {
            (true, false) if asks() => return Some((*before, Edge::Fail)),
            (false, true) if asks() => return Some((*before, Edge::Ok)),
            _ => at = *before,
        }
    }
    None
}
