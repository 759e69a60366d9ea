//! Where a fact was lost: one walk back from the effect, through states that lack it.
//!
//! Provenance is not in the solver: states would grow, and it is needed only for what becomes a finding. A walk that
//! would take too long costs a label and no fact: the finding names the last place in front of it in the text instead.

use super::compile::Compiled;
use super::facts::Facts;
use super::step::Occurrence;
use super::thing::Fact;
use super::universe::{Universe, is_negative};
use super::ways::{Walks, Ways};
use crate::flow::graph::NodeId;
use crate::flow::solve::Inputs;
use crate::knowledge::FactKind;
use hashbrown::HashMap;
use std::collections::VecDeque;

/// How many steps one walk takes at most.
const LONGEST_WALK: usize = 20_000;

/// For each effect and each negative fact that is asked and does not hold there: the nearest step back on a path
/// on which it was lost, where that is in the same unit.
pub fn killers(
    ways: &Ways,
    compiled: &[Option<Box<Compiled>>],
    universe: &Universe,
    inputs: &Inputs<Facts>,
    occurrences: &[Occurrence],
    holds: &dyn Fn(usize, usize) -> bool,
    asked: &dyn Fn(&Occurrence) -> Vec<Fact>,
) -> HashMap<(usize, usize), NodeId> {
    let mut found = HashMap::new();
    let mut walks = Walks::over(ways.len());
    for (at, occurrence) in occurrences.iter().enumerate() {
        let facts = asked(occurrence).into_iter().filter(|fact| is_negative(fact.kind));
        let mut bits: Vec<usize> = facts.filter_map(|fact| universe.bit(fact)).filter(|&bit| !holds(at, bit)).collect();
        bits.sort_unstable();
        bits.dedup();
        for bit in bits {
            // What was made again in between counts from where it was taken away the last time.
            let is_last = universe.fact(bit).kind == FactKind::NotRemovedHere;
            let ends = |node: NodeId| {
                let step = compiled[node.0 as usize].as_deref().filter(|_| is_last);
                step.is_some_and(|step| step.all_ends().any(|end| end == bit))
            };
            if let Some(node) = walk(occurrence.node, bit, ways, &mut walks, inputs, &ends) {
                // What came with a file was lost where it was lost of the file.
                let step = compiled[node.0 as usize].as_deref();
                let by = step.and_then(|step| step.limits.iter().find(|(limited, _)| *limited == bit));
                let earlier = by.and_then(|&(_, by)| walk(node, by, ways, &mut walks, inputs, &|_| false));
                found.insert((at, bit), earlier.unwrap_or(node));
            }
        }
    }
    found
}

fn walk(
    from: NodeId,
    bit: usize,
    ways: &Ways,
    walks: &mut Walks,
    inputs: &Inputs<Facts>,
    ends: &dyn Fn(NodeId) -> bool,
) -> Option<NodeId> {
    walks.begin();
    walks.see(from);
    let mut count = 1;
    let mut waiting = VecDeque::from([from]);
    while let Some(node) = waiting.pop_front() {
        if count > LONGEST_WALK || !walks.take_step() {
            return None;
        }
        for &previous in ways.ahead_of(node) {
            if ends(previous) {
                return Some(previous);
            }
            // It held in front of this step and not behind it on some edge: if it is one that ends it, here it was.
            if inputs.get(previous).is_some_and(|state| state.must.has_high(bit)) {
                let lost = inputs.get(node).is_some_and(|state| !state.must.has_high(bit));
                if lost && !matches_join(previous, node, ways, inputs, bit) {
                    return Some(previous);
                }
            } else if walks.see(previous) {
                count += 1;
                waiting.push_back(previous);
            }
        }
    }
    None
}

/// Whether the fact was lost at `node` because another way into it lacks it.
fn matches_join(previous: NodeId, node: NodeId, ways: &Ways, inputs: &Inputs<Facts>, bit: usize) -> bool {
    ways.ahead_of(node)
        .iter()
        .any(|&way| way != previous && inputs.get(way).is_some_and(|state| !state.must.has_high(bit)))
}
