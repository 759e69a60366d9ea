//! The ways out of actions as effects: where the function of an agent that stops a service ends, and may say that all
//! is well.
//!
//! ```sh
//! app_stop() {
//!     app_monitor || return $OCF_SUCCESS      # this way out, as well as the last one
//!     appctl stop && crm_master -D
//! }
//! ```
//! What the agent does anywhere is a mark of each of them, beside the action: rules ask what such an agent owes.

use super::resolve::Resolver;
use super::spot::Spot;
use super::step::Step;
use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, UnitId, UnitKind};
use crate::knowledge::{EffectKind, How};
use crate::syntax::tree::{PartKind, Word};
use hashbrown::HashSet;

/// The name of a function says that it stops a service.
const STOP: &str = "stop-action";
/// It says that it takes the leading role away.
const DEMOTE: &str = "demote-action";
/// It does that by stopping the service.
const STOPS_FIRST: &str = "stops-first";

/// Adds an effect for every way out of an action that stops a service.
pub fn occur(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>]) {
    let mut found: Vec<(NodeId, &'static [&'static str])> = Vec::new();
    let flow = &resolver.flow;
    for (number, unit) in (0..).zip(&flow.graph.units) {
        let UnitKind::Function(name) = &unit.kind else { continue };
        // What only other functions call is a part of an action.
        let calls = flow.calls.of(UnitId(number));
        if !calls.is_empty() && calls.iter().all(|call| flow.graph.node(call.node).unit != UnitId(0)) {
            continue;
        }
        let nodes = &flow.orders.unit(UnitId(number)).nodes;
        let named: Vec<&str> = resolver.knowledge.marks_of_name(&name.text).collect();
        let span = |node: &NodeId| flow.graph.node(*node).span;
        let stops = |node: &NodeId| has_mark(steps, *node, STOP);
        let stopped = behind(flow, nodes.iter().copied().filter(stops));
        let ends = nodes.iter().copied().filter(|node| flow.inputs.get(*node).is_some());
        let ends: Vec<(NodeId, Option<&Word>)> = ends
            .filter_map(|node| match flow.graph.node(node).kind {
                Kind::Code(words) => Some((node, words.first())),
                _ => None,
            })
            .collect();
        let last = ends.iter().map(|(node, _)| span(node).start).max();
        for (node, word) in ends {
            let is_last = Some(span(&node).start) == last;
            if !may_succeed(word, is_last) {
                continue;
            }
            if named.contains(&STOP) {
                found.push((node, &[STOP]));
            } else if named.contains(&DEMOTE) && stopped.contains(&node) {
                found.push((node, &[DEMOTE, STOPS_FIRST]));
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let mut done: Vec<Box<str>> = steps.iter().flatten().flat_map(|step| step.marks.iter().cloned()).collect();
    done.sort_unstable();
    done.dedup();
    done.retain(|mark| !matches!(&**mark, STOP | DEMOTE));
    for (node, action) in found {
        let span = resolver.flow.graph.node(node).span;
        let spot = Spot::of(resolver.source, span, span, true, false);
        let marks = action.iter().map(|&mark| mark.into()).chain(done.iter().cloned()).collect();
        resolver.occur_as_step(node, (EffectKind::Action, How::Ends), span, spot, marks, |_| ());
    }
}

/// The nodes that a way leads to from some of these, in their unit.
fn behind(flow: &Flow<'_>, nodes: impl Iterator<Item = NodeId>) -> HashSet<NodeId> {
    let mut waiting: Vec<NodeId> = nodes.collect();
    let mut seen = HashSet::new();
    while let Some(node) = waiting.pop() {
        let next = flow.graph.node(node).edges.iter().map(|(_, to)| to);
        waiting.extend(next.filter(|&to| seen.insert(to)));
    }
    seen
}

fn has_mark(steps: &[Option<Box<Step>>], node: NodeId, mark: &str) -> bool {
    steps[node.0 as usize].as_ref().is_some_and(|step| step.marks.iter().any(|known| **known == *mark))
}

/// Whether a status that is returned may be a success. What was kept in a variable is one at the end of the function only:
/// further up it is a failure that is handed on.
fn may_succeed(word: Option<&Word>, is_last: bool) -> bool {
    let Some(word) = word else { return is_last };
    if let Some(text) = constant(word) {
        return text == "0";
    }
    let part = match word.only_part().map(|part| &part.kind) {
        Some(PartKind::Parameter(parameter)) => &*parameter.name,
        _ => return false,
    };
    part == "OCF_SUCCESS" || is_last && !part.starts_with("OCF_")
}
