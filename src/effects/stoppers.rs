//! Functions of the script that tell of a failure and end it, by what they do: whatever they are called.
//!
//! ```sh
//! die() { echo "app: $*" >&2; exit 1; }
//! mkdir /srv/app || die "/srv/app was not made"
//! ```

use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, SimpleNode, Slot, Unit, UnitId, UnitKind};
use crate::syntax::tree::{AssignmentValue, Parameter, ParameterOperator, Part, PartKind};

/// What prints or keeps a message.
const PRINTS: [&str; 5] = ["echo", "printf", "logger", "mail", "mailx"];
/// What may stand beside a message: it declares what the message is kept in, or gives it a date.
const BESIDE: [&str; 6] = ["local", "declare", "typeset", "date", "basename", "hostname"];
/// So deep messages are handed on to other functions.
const DEEPEST: usize = 3;

/// A function that is given a message, tells it, and ends the script in failure.
#[derive(Clone, Debug)]
pub(super) struct Stopper {
    pub(super) name: Box<str>,
    /// From here on it is there.
    pub(super) from: u32,
}

/// All of a script that ends at this byte of the text, in the order in which they are defined.
pub(super) fn find(flow: &Flow<'_>, source: &[u8], end: u32) -> Vec<Stopper> {
    let mut found: Vec<Stopper> = Vec::new();
    for (at, unit) in flow.graph.units.iter().enumerate() {
        let UnitKind::Function(name) = &unit.kind else { continue };
        let is_here = name.span.end <= end && begins_line(source, name.span.start);
        if is_here && is_only(flow, &name.text) && stops(flow, UnitId(at as u32), unit) {
            found.push(Stopper { name: name.text.clone(), from: name.span.end });
        }
    }
    found.sort_by_key(|stopper| stopper.from);
    found
}

/// The functions that tell what they are given and nothing else, and that the script calls right in front of an end in
/// failure, in the order in which they are defined.
pub(super) fn tellers(flow: &Flow<'_>, source: &[u8], end: u32) -> Vec<Stopper> {
    let mut found: Vec<Stopper> = Vec::new();
    for (at, unit) in flow.graph.units.iter().enumerate() {
        let UnitKind::Function(name) = &unit.kind else { continue };
        let id = UnitId(at as u32);
        let is_here = name.span.end <= end && begins_line(source, name.span.start);
        if is_here && is_only(flow, &name.text) && tells(flow, id) && is_told_before_end(flow, id) {
            found.push(Stopper { name: name.text.clone(), from: name.span.end });
        }
    }
    found.sort_by_key(|teller| teller.from);
    found
}

/// Whether a function prints its arguments, as a whole or the first of them, and returns.
fn tells(flow: &Flow<'_>, id: UnitId) -> bool {
    let (mut told, mut others) = (false, false);
    for &node in &flow.orders.unit(id).nodes {
        if let Kind::Simple(simple) = &flow.graph.node(node).kind {
            each_positional(simple, &mut |parameter| match &*parameter.name {
                "1" | "*" | "@" => told = true,
                _ => others |= !is_defaulted(parameter),
            });
        }
    }
    told && !others && only_prints(flow, id, DEEPEST)
}

/// Whether the script ends in failure right behind some call of a function.
fn is_told_before_end(flow: &Flow<'_>, id: UnitId) -> bool {
    flow.calls.of(id).iter().any(|call| {
        let mut next = flow.graph.successor(call.node, Edge::Ok);
        while let Some(at) = next.filter(|&at| matches!(flow.graph.node(at).kind, Kind::Join)) {
            next = flow.graph.successor(at, Edge::Ok);
        }
        match next.map(|next| &flow.graph.node(next).kind) {
            Some(Kind::Code([code])) => constant(code).is_some_and(|code| &*code != "0"),
            _ => false,
        }
    })
}

/// Whether a definition stands in no other one, and in no branch.
fn begins_line(source: &[u8], start: u32) -> bool {
    let before = source.get(..start as usize).unwrap_or_default();
    let line = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    matches!(before[line..].trim_ascii_end(), b"" | b"function") && !before[line..].starts_with(b" ")
}

/// Whether the function of a name is defined once.
fn is_only(flow: &Flow<'_>, name: &str) -> bool {
    let units = flow.graph.names.find(name).and_then(|number| flow.graph.functions.get(&number));
    units.is_some_and(|units| units.len() == 1)
}

/// Whether a function prints what it is given and ends the script in failure, and does nothing else.
fn stops(flow: &Flow<'_>, id: UnitId, unit: &Unit) -> bool {
    let [ok, fail, as_success, ended] = unit.ends.map(|end| flow.inputs.get(end).is_some());
    if ok || fail || as_success || !ended {
        return false;
    }
    let (mut told, mut ends) = (false, false);
    for &node in &flow.orders.unit(id).nodes {
        match &flow.graph.node(node).kind {
            Kind::Simple(simple) => {
                let mut others = false;
                each_positional(simple, &mut |parameter| match &*parameter.name {
                    "1" | "*" | "@" => told = true,
                    _ => others |= !is_defaulted(parameter),
                });
                if others || !only_tells(flow, node, simple, DEEPEST) {
                    return false;
                }
            }
            Kind::Code([_]) => ends = true,
            Kind::Code(_) | Kind::Fork | Kind::Item(_) | Kind::Test(_) | Kind::Match { .. } | Kind::Unread => {
                return false;
            }
            _ => {}
        }
    }
    told && ends
}

/// Whether a command only tells something.
fn only_tells(flow: &Flow<'_>, node: NodeId, simple: &SimpleNode<'_>, deepest: usize) -> bool {
    let callees = flow.calls.callees(node);
    let name = simple.program().unwrap_or_default();
    if !callees.is_empty() {
        return deepest > 0 && callees.iter().all(|&callee| only_prints(flow, callee, deepest - 1));
    }
    let only_sets = simple.simple.words.is_empty() && !simple.simple.assignments.is_empty();
    let is_beside = BESIDE.contains(&name);
    only_sets || is_beside || PRINTS.contains(&name) && !matches!(simple.capture, Some(Slot::Capture(_)))
}

/// Whether a function prints and returns, whatever it asks before.
fn only_prints(flow: &Flow<'_>, id: UnitId, deepest: usize) -> bool {
    let unit = &flow.graph.units[id.0 as usize];
    let [returned, _, ended, failed] = unit.ends.map(|end| flow.inputs.get(end).is_some());
    let is_message = |node: NodeId| match &flow.graph.node(node).kind {
        Kind::Simple(simple) => {
            matches!(simple.program(), Some("[" | "test" | "tee" | "shift")) || only_tells(flow, node, simple, deepest)
        }
        Kind::Fork | Kind::Unread => false,
        _ => true,
    };
    let nodes = &flow.orders.unit(id).nodes;
    // Errexit may end what its caller has set it for: the end that somebody means is another matter.
    let only_fails = || !nodes.iter().any(|&node| matches!(flow.graph.node(node).kind, Kind::Code(_)));
    returned && !ended && (!failed || only_fails()) && nodes.iter().all(|&node| is_message(node))
}

fn is_defaulted(parameter: &Parameter) -> bool {
    matches!(parameter.operator, ParameterOperator::Default { .. })
}

/// Calls `visit` with every parameter of the function in the words of a command.
fn each_positional<'t>(simple: &SimpleNode<'t>, visit: &mut dyn FnMut(&'t Parameter)) {
    fn look<'t>(parts: &'t [Part], visit: &mut dyn FnMut(&'t Parameter)) {
        for part in parts {
            match &part.kind {
                PartKind::DoubleQuoted(inner) => look(inner, visit),
                PartKind::Parameter(parameter) => {
                    let is_number = parameter.name.bytes().all(|byte| byte.is_ascii_digit()) && &*parameter.name != "0";
                    if is_number || matches!(&*parameter.name, "*" | "@") {
                        visit(parameter);
                    }
                }
                _ => {}
            }
        }
    }
    let simple = simple.simple;
    simple.words.iter().for_each(|word| look(&word.parts, visit));
    for assignment in &simple.assignments {
        if let AssignmentValue::Scalar(word) = &assignment.value {
            look(&word.parts, visit);
        }
    }
}
