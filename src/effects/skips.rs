//! What is skipped if a command fails.
//!
//! A loud failure alone is no bug: what matters is what is not done because of it.

use super::facts::Facts;
use super::step::Occurrence;
use crate::flow::Flow;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::flow::solve::Inputs;
use hashbrown::{HashMap, HashSet};

/// For each effect: the first effect in order of position that its failure keeps from happening, if any.
pub fn find(flow: &Flow<'_>, occurrences: &[Occurrence], inputs: &Inputs<Facts>, live: &[u8]) -> Vec<Option<usize>> {
    let mut by_node: HashMap<NodeId, usize> = HashMap::new();
    for (at, occurrence) in occurrences.iter().enumerate() {
        by_node.entry(occurrence.node).or_insert(at);
    }
    let barren = barren(flow, &by_node, inputs, live);
    occurrences
        .iter()
        .map(|occurrence| {
            let fails = successors(flow, occurrence.node, live, Some(Edge::Fail));
            let goes_on = fails.iter().any(|node| !barren.contains(node));
            if fails.is_empty() || goes_on {
                return None;
            }
            let ok = successors(flow, occurrence.node, live, Some(Edge::Ok));
            if ok.iter().all(|node| barren.contains(node)) {
                return None;
            }
            // Something is skipped: the nearest effect behind it names it.
            occurrences.iter().position(|later| later.unit == occurrence.unit && later.span.start >= occurrence.span.end).or(Some(usize::MAX))
        })
        .collect()
}

/// The nodes from which no effect, no call and no return to a caller is reached.
fn barren(flow: &Flow<'_>, by_node: &HashMap<NodeId, usize>, inputs: &Inputs<Facts>, live: &[u8]) -> HashSet<NodeId> {
    let graph = &flow.graph;
    let mut fertile: Vec<NodeId> = Vec::new();
    let mut before: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for at in 0..graph.nodes.len() {
        let id = NodeId(at as u32);
        if inputs.get(id).is_none() {
            continue;
        }
        let node = graph.node(id);
        for next in successors(flow, id, live, None) {
            before.entry(next).or_default().push(id);
        }
        let returns = matches!(node.kind, Kind::End(Edge::Ok | Edge::Fail)) && node.unit.0 != 0;
        let calls = match &node.kind {
            Kind::Simple(_) => flow.calls.callees(id).iter().any(|callee| flow.returned[callee.0 as usize].as_ref().is_none_or(|r| r.ends[0] || r.ends[1])),
            _ => false,
        };
        if by_node.contains_key(&id) || returns || calls {
            fertile.push(id);
        }
    }
    let mut seen: HashSet<NodeId> = fertile.iter().copied().collect();
    while let Some(node) = fertile.pop() {
        for &previous in before.get(&node).into_iter().flatten() {
            if seen.insert(previous) {
                fertile.push(previous);
            }
        }
    }
    (0..graph.nodes.len()).map(|at| NodeId(at as u32)).filter(|id| !seen.contains(id)).collect()
}

fn successors(flow: &Flow<'_>, id: NodeId, live: &[u8], only: Option<Edge>) -> Vec<NodeId> {
    flow.graph
        .node(id)
        .edges
        .iter()
        .filter(|(edge, _)| live[id.0 as usize] & edge.bit() != 0 && only.is_none_or(|only| only == *edge))
        .map(|&(_, to)| to)
        .collect()
}
