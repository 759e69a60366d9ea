//! Where a fact was lost: one walk back from the effect, through states that lack it.
//!
//! Provenance is not in the solver: states would grow, and it is needed only for what becomes a finding.

use super::bits::Bits;
use super::domain::edge_bit;
use super::facts::Facts;
use super::step::Occurrence;
use super::thing::Fact;
use super::universe::{Universe, is_negative};
use crate::flow::Flow;
use crate::flow::graph::NodeId;
use crate::flow::solve::Inputs;
use std::collections::{HashMap, HashSet, VecDeque};

/// How many steps one walk takes at most.
const LONGEST_WALK: usize = 20_000;

/// For each effect and each negative fact that is asked and does not hold there: the nearest step back on a path
/// on which it was lost, where that is in the same unit.
pub fn killers(
    flow: &Flow<'_>,
    universe: &Universe,
    inputs: &Inputs<Facts>,
    occurrences: &[Occurrence],
    holds: &[Bits],
    live: &[u8],
    asked: &dyn Fn(&Occurrence) -> Vec<Fact>,
) -> HashMap<(usize, usize), NodeId> {
    let mut found = HashMap::new();
    let mut before: Option<HashMap<NodeId, Vec<NodeId>>> = None;
    for (at, occurrence) in occurrences.iter().enumerate() {
        let bits: HashSet<usize> = asked(occurrence)
            .into_iter()
            .filter(|fact| is_negative(fact.kind))
            .filter_map(|fact| universe.bit(fact))
            .filter(|&bit| !holds[at].has(bit))
            .collect();
        for bit in bits {
            let before = before.get_or_insert_with(|| predecessors(flow, inputs, live));
            if let Some(node) = walk(occurrence.node, bit, before, inputs) {
                found.insert((at, bit), node);
            }
        }
    }
    found
}

fn predecessors(flow: &Flow<'_>, inputs: &Inputs<Facts>, live: &[u8]) -> HashMap<NodeId, Vec<NodeId>> {
    let mut before: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for (at, node) in flow.graph.nodes.iter().enumerate() {
        let id = NodeId(at as u32);
        if inputs.get(id).is_none() {
            continue;
        }
        for &(edge, next) in &node.edges {
            if live[at] & edge_bit(edge) != 0 {
                before.entry(next).or_default().push(id);
            }
        }
    }
    before
}

fn walk(from: NodeId, bit: usize, before: &HashMap<NodeId, Vec<NodeId>>, inputs: &Inputs<Facts>) -> Option<NodeId> {
    let mut seen: HashSet<NodeId> = HashSet::from([from]);
    let mut waiting = VecDeque::from([from]);
    while let Some(node) = waiting.pop_front() {
        if seen.len() > LONGEST_WALK {
            return None;
        }
        for &previous in before.get(&node).into_iter().flatten() {
            let held = inputs.get(previous).is_some_and(|state| state.must.low.has(bit) || state.must.high.has(bit));
            // It held in front of this step and not behind it on some edge: if it is one that ends it, here it was.
            if held {
                let lost = inputs.get(node).is_some_and(|state| !state.must.high.has(bit));
                if lost && !matches_join(previous, node, before, inputs, bit) {
                    return Some(previous);
                }
            } else if seen.insert(previous) {
                waiting.push_back(previous);
            }
        }
    }
    None
}

/// Whether the fact was lost at `node` because another way into it lacks it.
fn matches_join(
    previous: NodeId,
    node: NodeId,
    before: &HashMap<NodeId, Vec<NodeId>>,
    inputs: &Inputs<Facts>,
    bit: usize,
) -> bool {
    before.get(&node).is_some_and(|ways| {
        ways.iter().any(|&way| way != previous && inputs.get(way).is_some_and(|state| !state.must.high.has(bit)))
    })
}
