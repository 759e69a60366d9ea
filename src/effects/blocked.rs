//! What a second run does not come to, because a step in front of it fails then.
//!
//! ```sh
//! set -e
//! mkdir /srv/app                     # a second run ends here …
//! echo "/srv/app ro" >> /etc/exports # … and adds nothing, until somebody mends the line above
//! ```

use super::dominators::Dominators;
use super::step::Occurrence;
use crate::flow::Flow;
use crate::flow::calls::Call;
use crate::flow::graph::{NodeId, UnitId};
use crate::knowledge::SecondRun;

/// For each effect: the nearest one that every path to it passes and whose failure in a second run ends that run.
/// `ends_run` says it of an effect by what is known where it happens.
pub fn find(
    flow: &Flow<'_>,
    dominators: &Dominators,
    occurrences: &[Occurrence],
    ends_run: &dyn Fn(usize) -> bool,
) -> Vec<Option<usize>> {
    let mut ending: Vec<Option<usize>> = vec![None; flow.graph.nodes.len()];
    let mut any = false;
    for (at, occurrence) in occurrences.iter().enumerate() {
        if occurrence.second_run == SecondRun::Fails && ends_run(at) {
            ending[occurrence.node.0 as usize] = Some(at);
            any = true;
        }
    }
    let mut nearest: Vec<Option<usize>> = vec![None; flow.graph.nodes.len()];
    if !any {
        return vec![None; occurrences.len()];
    }
    // Callers come before what they call, and dominators before what they dominate.
    for &unit in flow.calls.bottom_up.iter().rev() {
        let UnitId(number) = unit;
        let entry = flow.graph.units[number as usize].entry;
        let at_call = |call: &Call| nearest[call.node.0 as usize].filter(|_| dominators.is_reached(call.node));
        let mut calls = flow.calls.of(unit).iter().filter(|call| dominators.is_reached(call.node)).map(at_call);
        let before = calls.next().flatten().filter(|_| calls.all(|blocked| blocked.is_some()));
        nearest[entry.0 as usize] = before;
        for &node in &flow.orders.unit(unit).nodes {
            if let Some(NodeId(above)) = dominators.above(node) {
                nearest[node.0 as usize] = ending[above as usize].or(nearest[above as usize]);
            }
        }
    }
    occurrences.iter().map(|occurrence| nearest[occurrence.node.0 as usize]).collect()
}
