//! What is skipped if a command fails.
//!
//! A loud failure alone is no bug: what matters is what is not done because of it. EXIT traps run whichever way the
//! script ends: what they do is neither skipped nor a way to go on, and what the script itself does by the same words, in
//! front of them, is done in any case.

use super::actions::Actions;
use super::facts::Facts;
use super::step::{Occurrence, Step};
use super::ways::Ways;
use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, UnitId};
use crate::flow::solve::Inputs;
use crate::knowledge::{EffectKind, How};
use crate::span::Span;
use crate::syntax::tree::{Part, PartKind};
use hashbrown::HashSet;
use std::collections::VecDeque;

/// Behind a failure that is certain so many nodes are looked at.
const MOST_UNREACHED: usize = 32;

/// What does not happen where a command fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// A step of the script.
    Step(Span),
    /// What others do who call this function: it stands in a file that others source.
    Caller(UnitId),
}

/// For each effect: the nearest step that matters and that its failure keeps from happening, if any.
pub fn find(
    flow: &Flow<'_>,
    source: &[u8],
    (steps, occurrences, actions): (&[Option<Box<Step>>], &[Occurrence], &Actions),
    inputs: &Inputs<Facts>,
    live: &[u8],
    ways: &Ways,
) -> Vec<Option<Skipped>> {
    // That a loop is come to does nothing: what is in it does.
    let acting = occurrences.iter().filter(|occurrence| !occurrence.is_of_flow());
    let mut matters: HashSet<NodeId> = acting.map(|occurrence| occurrence.node).collect();
    for (at, step) in steps.iter().enumerate() {
        // What never comes back only ends the script: `die`.
        if step.as_ref().is_some_and(|step| step.unknown) && live[at] != 0 {
            matters.insert(NodeId(at as u32));
        }
    }
    let in_traps = in_traps(flow);
    let written = |node: NodeId| source.get(flow.graph.node(node).span.range()).unwrap_or_default().trim_ascii();
    let called_there: HashSet<UnitId> = in_traps.iter().flat_map(|&node| flow.calls.callees(node)).copied().collect();
    let bodies = (0..flow.graph.nodes.len() as u32)
        .map(NodeId)
        .filter(|&node| called_there.contains(&flow.graph.node(node).unit));
    let at_the_end: HashSet<&[u8]> = in_traps.iter().copied().chain(bodies).map(written).collect();
    let everywhere = barren(flow, &matters, inputs, live, ways, &HashSet::new());
    let outside = (!in_traps.is_empty()).then(|| barren(flow, &matters, inputs, live, ways, &in_traps));
    occurrences
        .iter()
        .map(|occurrence| {
            let inside = in_traps.contains(&occurrence.node);
            let barren = outside.as_ref().filter(|_| !inside).unwrap_or(&everywhere);
            let fails = successors(flow, occurrence.node, live, Some(Edge::Fail));
            let goes_on = fails.iter().any(|node| !barren[node.0 as usize]);
            if fails.is_empty() || goes_on {
                return None;
            }
            // What a function answers is a matter of who asks it: only what ends the script ends more than its function.
            let is_status = occurrence.effect == EffectKind::Status;
            let beyond = !is_status || occurrence.how == How::EndsScript;
            let begun = written(occurrence.node);
            let is_done_anyway =
                |node: NodeId| if inside { written(node) == begun } else { at_the_end.contains(written(node)) };
            if let Some(lost) = occurrence.lost.filter(|&lost| !is_done_anyway(lost)) {
                return Some(Skipped::Step(flow.graph.node(lost).span));
            }
            // What is done for another action is not come to in this run in any case.
            let is_no_loss = |node: NodeId| is_done_anyway(node) || actions.exclude(occurrence.node, node);
            let skipped = nearest(flow, occurrence.node, &matters, (inputs, beyond), (barren, &is_no_loss), live);
            skipped.filter(|skipped| !is_status || matches!(skipped, Skipped::Step(_)))
        })
        .collect()
}

/// The nearest step that matters behind the success of a node; `beyond`: also behind the return of its function.
fn nearest(
    flow: &Flow<'_>,
    from: NodeId,
    matters: &HashSet<NodeId>,
    (inputs, beyond): (&Inputs<Facts>, bool),
    (barren, is_no_loss): (&[bool], &dyn Fn(NodeId) -> bool),
    live: &[u8],
) -> Option<Skipped> {
    let node = flow.graph.node(from);
    let mut waiting: VecDeque<NodeId> = match node.kind {
        // Where errexit is on, nothing comes past it by way of it: what is behind is behind the success of the command.
        Kind::Errexit => {
            let behind: Vec<NodeId> =
                node.edges.iter().filter(|(edge, _)| *edge == Edge::Ok).map(|(_, to)| to).collect();
            if inputs.get(from).is_some()
                && let Some(next) = never_reached(flow, (from, inputs, barren), &behind)
            {
                return Some(Skipped::Step(flow.graph.node(next).span));
            }
            past_failed_turns(flow, inputs, behind)
        }
        _ => successors(flow, from, live, Some(Edge::Ok)).into(),
    };
    let mut seen: HashSet<NodeId> = HashSet::from([from]);
    let mut caller = None;
    while let Some(node) = waiting.pop_front() {
        if barren[node.0 as usize] || !seen.insert(node) {
            continue;
        }
        // What is stood in was begun.
        let callees = flow.calls.callees(node);
        let is_within = callees.contains(&flow.graph.node(from).unit);
        if (matters.contains(&node) || !callees.is_empty()) && !is_within && !is_no_loss(node) {
            return Some(Skipped::Step(flow.graph.node(node).span));
        }
        if let (true, Kind::End(edge)) = (beyond && is_return(flow, node), &flow.graph.node(node).kind) {
            // The last command of a function decides whether who calls it goes on.
            let unit = flow.graph.node(node).unit;
            let calls = flow.calls.of(unit);
            waiting.extend(calls.iter().flat_map(|call| successors(flow, call.node, live, Some(*edge))));
            caller = caller.or(calls.is_empty().then_some(Skipped::Caller(unit)));
        }
        waiting.extend(successors(flow, node, live, None));
    }
    caller
}

/// The first command behind a failure, where that is certain: nothing of what is behind it is ever come to.
fn never_reached(
    flow: &Flow<'_>,
    (from, inputs, barren): (NodeId, &Inputs<Facts>, &[bool]),
    behind: &[NodeId],
) -> Option<NodeId> {
    let mut seen: HashSet<NodeId> = HashSet::from([from]);
    let mut waiting: VecDeque<NodeId> = behind.iter().copied().collect();
    while let Some(node) = waiting.pop_front().filter(|_| seen.len() <= MOST_UNREACHED) {
        if !barren[node.0 as usize] {
            return None;
        }
        match flow.graph.node(node).kind {
            _ if !seen.insert(node) => {}
            Kind::Simple(_) => return inputs.get(node).is_none().then_some(node),
            Kind::End(_) => {}
            _ => waiting.extend(flow.graph.node(node).edges.iter().map(|(_, to)| to)),
        }
    }
    None
}

/// The nodes behind the ends of turns that failed: nothing comes to such an end under errexit, and it leads where one leads
/// that did not fail.
fn past_failed_turns(flow: &Flow<'_>, inputs: &Inputs<Facts>, behind: Vec<NodeId>) -> VecDeque<NodeId> {
    let mut seen: HashSet<NodeId> = HashSet::new();
    let mut found = VecDeque::new();
    let mut waiting = behind;
    while let Some(node) = waiting.pop() {
        let is_end = matches!(flow.graph.node(node).kind, Kind::Join | Kind::Turned(..)) && inputs.get(node).is_none();
        if !is_end {
            found.push_back(node);
        } else if seen.len() < MOST_UNREACHED && seen.insert(node) {
            waiting.extend(flow.graph.node(node).edges.iter().map(|(_, to)| to));
        }
    }
    found
}

/// The bodies of EXIT traps, which stand behind every end of the script, or of the subshell that sets them.
pub(super) fn in_traps(flow: &Flow<'_>) -> HashSet<NodeId> {
    let nodes = flow.graph.nodes.iter().enumerate();
    let gates = nodes.filter(|(_, node)| matches!(node.kind, Kind::Trap(_)));
    // A gate inside of a trap's body comes after that trap's own.
    let mut waiting: Vec<NodeId> = gates.map(|(at, _)| NodeId(at as u32)).rev().collect();
    let mut found = HashSet::new();
    while let Some(node) = waiting.pop() {
        let ends_subshell = matches!(flow.graph.node(node).kind, Kind::Leave { enter, .. } if !found.contains(&enter));
        if !ends_subshell && found.insert(node) {
            waiting.extend(flow.graph.node(node).edges.iter().map(|(_, to)| to));
        }
    }
    found
}

/// The nodes from which no step that matters, no call that comes back and no return to a caller who goes on is reached,
/// where those in `apart` are none.
fn barren(
    flow: &Flow<'_>,
    matters: &HashSet<NodeId>,
    inputs: &Inputs<Facts>,
    live: &[u8],
    ways: &Ways,
    apart: &HashSet<NodeId>,
) -> Vec<bool> {
    let graph = &flow.graph;
    let mut fertile: Vec<NodeId> = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let id = NodeId(at as u32);
        if inputs.get(id).is_none() || apart.contains(&id) {
            continue;
        }
        let comes_back = |callee: &UnitId| {
            flow.returned[callee.0 as usize].as_ref().is_none_or(|returned| returned.ends[0] || returned.ends[1])
        };
        let calls = matches!(node.kind, Kind::Simple(_)) && flow.calls.callees(id).iter().any(comes_back);
        // Who calls a function that is not called here is not known, and may go on: also where it ends the shell, if
        // that may be the one of a substitution.
        let ends = ends_shell(flow, id) || live[at] == 0 && matches!(node.kind, Kind::Simple(_)) && node.unit.0 != 0;
        let may_go_on = is_return(flow, id) || ends && is_for_substitutions(flow, node.unit, ways);
        let returns = may_go_on && flow.calls.of(node.unit).is_empty();
        if matters.contains(&id) || returns || calls {
            fertile.push(id);
        }
    }
    let mut barren = vec![true; graph.nodes.len()];
    for node in &fertile {
        barren[node.0 as usize] = false;
    }
    let mut returns: Vec<NodeId> = graph.units.iter().flat_map(|unit| unit.ends).collect();
    // What ends a shell ends only the substitution or the subshell that it stands in.
    returns.retain(|&end| {
        (is_return(flow, end) || ends_shell(flow, end)) && inputs.get(end).is_some() && !apart.contains(&end)
    });
    let handed_on = |node: NodeId| handed_on(flow, &graph.node(node).kind, node);
    returns.extend(
        (0..graph.nodes.len())
            .map(|at| NodeId(at as u32))
            .filter(|&node| inputs.get(node).is_some() && !apart.contains(&node) && handed_on(node).is_some()),
    );
    loop {
        while let Some(node) = fertile.pop() {
            for &previous in ways.ahead_of(node) {
                if handed_on(previous).is_none() && std::mem::take(&mut barren[previous.0 as usize]) {
                    fertile.push(previous);
                }
            }
        }
        // A caller goes on where something that matters is behind the call, or behind what takes the status.
        let goes_on = |end: &NodeId| {
            if let Some((assignment, edge)) = handed_on(*end) {
                return successors(flow, assignment, live, Some(edge)).iter().any(|next| !barren[next.0 as usize]);
            }
            let Kind::End(edge) = graph.node(*end).kind else { return false };
            let calls = flow.calls.of(graph.node(*end).unit).iter();
            calls.flat_map(|call| successors(flow, call.node, live, Some(edge))).any(|next| !barren[next.0 as usize])
        };
        let (found, others) = returns.into_iter().partition(goes_on);
        fertile = found;
        returns = others;
        if fertile.is_empty() {
            return barren;
        }
        for node in &fertile {
            barren[node.0 as usize] = false;
        }
    }
}

/// Whether a node is where a function returns.
fn is_return(flow: &Flow<'_>, id: NodeId) -> bool {
    let node = flow.graph.node(id);
    matches!(node.kind, Kind::End(Edge::Ok | Edge::Fail)) && node.unit.0 != 0
}

/// The assignment that takes its status from the substitution which a node leaves, and how it ends for that:
/// `place=$(place_of app)` fails where `place_of` does.
fn handed_on(flow: &Flow<'_>, kind: &Kind<'_>, node: NodeId) -> Option<(NodeId, Edge)> {
    let &Kind::Leave { ok, .. } = kind else { return None };
    let next = flow.graph.successor(node, Edge::Ok)?;
    let Kind::Simple(simple) = &flow.graph.node(next).kind else { return None };
    simple.takes_status.then_some((next, if ok { Edge::Ok } else { Edge::Fail }))
}

/// Whether a node is where a function ends the shell that calls it.
fn ends_shell(flow: &Flow<'_>, id: NodeId) -> bool {
    let node = flow.graph.node(id);
    matches!(node.kind, Kind::End(Edge::ExitOk | Edge::ExitFail)) && node.unit.0 != 0
}

/// Whether the last that a function does is to print a value, such as a path: it is called as `$(place_of app)`.
fn is_for_substitutions(flow: &Flow<'_>, unit: UnitId, ways: &Ways) -> bool {
    let mut at = flow.graph.units[unit.0 as usize].ends[0];
    // Nothing meets behind a last command.
    while let [before] = ways.ahead_of(at) {
        at = *before;
        if let Kind::Simple(simple) = &flow.graph.node(at).kind {
            return match &simple.simple.words[..] {
                [name, .., value] => {
                    let prints = constant(name).is_some_and(|name| matches!(&*name, "echo" | "printf"));
                    // A sentence is told to people.
                    prints && simple.capture.is_some() && constant(value).is_none() && !has_space(&value.parts)
                }
                _ => false,
            };
        }
    }
    false
}

/// Whether a space stands among what is written out of a word.
fn has_space(parts: &[Part]) -> bool {
    parts.iter().any(|part| match &part.kind {
        PartKind::Literal(text) | PartKind::SingleQuoted(text) | PartKind::AnsiQuoted(text) => text.contains(' '),
        PartKind::DoubleQuoted(inner) => has_space(inner),
        _ => false,
    })
}

fn successors(flow: &Flow<'_>, id: NodeId, live: &[u8], only: Option<Edge>) -> Vec<NodeId> {
    flow.graph
        .node(id)
        .edges
        .iter()
        .filter(|(edge, _)| live[id.0 as usize] & edge.bit() != 0 && only.is_none_or(|only| only == *edge))
        .map(|(_, to)| to)
        .collect()
}
