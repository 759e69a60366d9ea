//! Steps that are tried again after a while, where they fail.
//!
//! ```sh
//! until copy; do sleep 5; done
//! ```

use super::step::{Occurrence, Step};
use crate::flow::graph::{Graph, NodeId};
use hashbrown::HashSet;

/// The mark of their effects.
const RETRIED: &str = "retried";

/// Marks the effects that stand in a loop in which something sleeps.
pub fn mark(graph: &Graph<'_>, steps: &[Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let sleeps = |node: &NodeId| {
        let step = steps[node.0 as usize].as_deref();
        step.is_some_and(|step| step.marks.iter().any(|mark| matches!(&**mark, "sleeps" | "waits")))
    };
    let sleeping: Vec<NodeId> = (0..graph.nodes.len() as u32).map(NodeId).filter(|node| sleeps(node)).collect();
    let within = |body: &std::ops::Range<u32>, nodes: &[NodeId]| {
        let first = nodes.partition_point(|node| node.0 < body.start);
        nodes.get(first).is_some_and(|node| node.0 < body.end)
    };
    let bodies = graph.loops.iter().map(|body| body.head.0..body.end.0);
    let waiting: Vec<_> = bodies.filter(|body| within(body, &sleeping)).collect();
    let retried: HashSet<u32> = waiting.into_iter().flatten().collect();
    for occurrence in occurrences.iter_mut().filter(|occurrence| retried.contains(&occurrence.node.0)) {
        occurrence.marks.push(RETRIED.into());
    }
}
