//! Old content that is carried into the new: what is written to a file was read from it before.
//!
//! ```sh
//! n=$(cat /etc/app/next)
//! n=$((n + 1))
//! echo "$n" > /etc/app/next                                    # an edit of it
//! { grep -v "$1" /etc/hosts; echo "$1 db"; } > /etc/hosts.new  # made from /etc/hosts
//! . /etc/default/app
//! echo "OPTIONS=$OPTIONS" > /etc/default/app                   # what it said is kept
//! ```
//! Variables are followed by their names through the assignments of the script: one that was filled from a file on
//! some way in front of a write carries it, unless what it holds there is known.

use super::links::View;
use super::placed::Placed;
use super::resolve::Resolver;
use super::step::Step;
use super::thing::ThingId;
use crate::flow::exact::node_of;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode, UnitId};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::syntax::tree::{ArithmeticExpression, AssignmentValue, Parameter, ParameterOperator, Part, PartKind, Word};
use hashbrown::{HashMap, HashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many files are followed that one variable is filled from.
const MOST_FILES: usize = 64;

/// An assignment: the variable, the variables that it reads, and the first byte behind it.
type Copied = (Box<str>, Vec<Box<str>>, u32);

/// What flows from files into variables.
pub struct Carried {
    /// All that is read: where, in order, and from which file.
    reads: Placed<ThingId>,
    /// Simple commands.
    commands: Placed<NodeId>,
    /// Files that a variable is filled from, and the first byte at which it may hold that.
    filled: HashMap<Box<str>, HashMap<ThingId, u32>>,
    /// For each `read`: the variables that its answer may be the value of.
    answers: HashMap<NodeId, Vec<Box<str>>>,
    /// Files that are sourced, the first byte behind that, and the word that names them.
    sourced: Vec<(u32, ThingId, String)>,
    /// Some variable is filled from more files than are followed.
    overrun: bool,
}

impl Carried {
    /// Follows what the steps read.
    pub fn find(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> Self {
        let graph = &resolver.flow.graph;
        let spans = graph.nodes.iter().zip(steps).filter_map(|(node, step)| Some((node.span, step.as_deref()?)));
        let commands = steps.iter().enumerate().filter_map(|(at, step)| match (step, &graph.nodes[at].kind) {
            (Some(_), Kind::Simple(node)) => Some((node.command.span, NodeId(at as u32))),
            _ => None,
        });
        let mut found = Self {
            reads: spans.flat_map(|(span, step)| step.reads.iter().map(move |&thing| (span, thing))).collect(),
            commands: commands.collect(),
            filled: HashMap::new(),
            answers: HashMap::new(),
            sourced: Vec::new(),
            overrun: false,
        };
        let mut copied: Vec<Copied> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let id = NodeId(at as u32);
            let (Some(step), Kind::Simple(node)) = (step, resolver.flow.graph.nodes[at].kind.clone()) else { continue };
            found.assignments(id, &node, resolver, &mut copied);
            match node.name.as_deref() {
                Some("read") => {
                    // The answer to a question that shows a value may be that value.
                    let mut from = names(&node.simple.words[1..]);
                    for variable in node.simple.words[1..].iter().filter_map(constant) {
                        for &thing in &step.reads {
                            found.fill(&variable, thing, node.command.span.end);
                            from.push(variable.as_ref().into());
                        }
                        copied.push((variable.as_ref().into(), from.clone(), node.command.span.end));
                    }
                    found.answers.insert(id, from);
                }
                Some("." | "source") => {
                    if let Some(operand) = node.simple.words.get(1)
                        && let Some(mut state) = resolver.flow.inputs.get(id).map(|state| State::clone(state))
                    {
                        let value = resolver.word(id, operand, &mut state).value;
                        let thing = resolver.path(value, None, &state);
                        found.sourced.push((node.command.span.end, thing, resolver.written(operand.span)));
                    }
                }
                _ => {}
            }
        }
        found.spread(&copied);
        found.outside(resolver);
        resolver.overrun |= found.overrun;
        found
    }

    /// Hands what fills a variable on to those that are assigned from it, whatever holds something first in front.
    fn spread(&mut self, copied: &[Copied]) {
        let mut read_by: HashMap<&str, Vec<(&str, u32)>> = HashMap::new();
        for (to, from, end) in copied {
            for name in from {
                read_by.entry(name).or_default().push((to, *end));
            }
        }
        let held = self.filled.iter().flat_map(|(name, things)| {
            things.iter().map(move |(&thing, &since)| Reverse((since, name.clone(), thing)))
        });
        let mut waiting: BinaryHeap<Reverse<(u32, Box<str>, ThingId)>> = held.collect();
        while let Some(Reverse((since, name, thing))) = waiting.pop() {
            // It was held earlier, and handed on then.
            if self.filled.get(&name).and_then(|things| things.get(&thing)) != Some(&since) {
                continue;
            }
            for &(to, end) in read_by.get(&*name).into_iter().flatten() {
                let since = since.max(end);
                if self.fill(to, thing, since) {
                    waiting.push(Reverse((since, to.into(), thing)));
                }
            }
        }
    }

    /// What an assignment reads, and which variables it reads.
    fn assignments(
        &mut self,
        id: NodeId,
        node: &SimpleNode<'_>,
        resolver: &Resolver<'_, '_>,
        copied: &mut Vec<Copied>,
    ) {
        if !resolver.flow.calls.callees(id).is_empty() {
            return;
        }
        let assignments =
            if node.simple.words.is_empty() { &node.simple.assignments[..] } else { &node.simple.declared[..] };
        for assignment in assignments {
            let AssignmentValue::Scalar(word) = &assignment.value else { continue };
            let end = assignment.span.end;
            for thing in self.reads.within(word.span).collect::<Vec<_>>() {
                self.fill(&assignment.name.text, thing, end);
            }
            copied.push((assignment.name.text.clone(), names(std::slice::from_ref(word)), end));
        }
    }

    /// Says whether that was not known, or only of a later place.
    fn fill(&mut self, name: &str, thing: ThingId, since: u32) -> bool {
        let known = self.filled.entry(name.into()).or_default();
        match known.get(&thing) {
            Some(&before) if before <= since => return false,
            None if known.len() == MOST_FILES => {
                self.overrun = true;
                return false;
            }
            _ => {}
        }
        known.insert(thing, since);
        true
    }

    /// A file that a function knows by its parameter is another one at each call, and its variables are the caller's.
    fn outside(&mut self, resolver: &mut Resolver<'_, '_>) {
        let mut more: Vec<(Box<str>, ThingId, u32)> = Vec::new();
        let mut views: HashMap<UnitId, Vec<(u32, View)>> = HashMap::new();
        let held = self.filled.iter().flat_map(|(name, things)| things.keys().map(move |&thing| (name, thing)));
        let mut held: Vec<(&Box<str>, ThingId)> = held.collect();
        held.sort_unstable();
        for (name, thing) in held {
            let key = resolver.things.get(thing).key[0];
            let Some(unit) = parameter_of(key, resolver) else { continue };
            if !views.contains_key(&unit) {
                let calls: Vec<NodeId> = resolver.flow.calls.of(unit).iter().map(|call| call.node).collect();
                let seen = calls.into_iter().filter_map(|call| {
                    let end = resolver.flow.graph.node(call).span.end;
                    View::of(resolver.flow, call, unit).map(|view| (end, view))
                });
                let seen = seen.collect();
                views.insert(unit, seen);
            }
            for (end, view) in views.get_mut(&unit).into_iter().flatten() {
                more.push((name.clone(), view.rewrite(resolver.flow, resolver.things, thing), *end));
            }
        }
        for (name, thing, since) in more {
            self.fill(&name, thing, since);
        }
    }

    /// The files whose content goes into what a node writes, where the word of its target is `target`.
    pub fn goes_into(
        &self,
        writer: NodeId,
        target: ThingId,
        written: Option<&str>,
        resolver: &mut Resolver<'_, '_>,
    ) -> HashSet<ThingId> {
        let span = resolver.flow.graph.node(writer).span;
        let mut found: HashSet<ThingId> = HashSet::new();
        let mut inside: Vec<NodeId> = vec![writer];
        match &resolver.flow.graph.node(writer).kind {
            // What any command of a group or a loop prints goes there.
            Kind::Redirects { .. } => inside.extend(self.commands.within(span)),
            // What comes through a pipe.
            Kind::Simple(node) if node.stage == Some(node.command.span) => {
                for stage in node.before {
                    found.extend(self.reads.within(stage.span));
                    inside.extend(self.commands.within(stage.span));
                }
            }
            _ => {}
        }
        found.extend(self.reads.within(span));
        for id in inside {
            let Kind::Simple(node) = resolver.flow.graph.node(id).kind.clone() else { continue };
            let mut used = names(node.simple.words.get(1..).unwrap_or_default());
            for heredoc in node.command.redirects.iter().filter_map(|redirect| redirect.heredoc.as_ref()) {
                names_in(&heredoc.parts, &mut used);
            }
            for name in used {
                let Some(held) = held(id, &name, resolver) else { continue };
                let answer = match resolver.flow.values.get(held) {
                    Value::Environment(site, _) => node_of(*site).and_then(|node| self.answers.get(&NodeId(node))),
                    _ => None,
                };
                let own = [name];
                let elsewhere = resolver.flow.graph.node(id).unit != UnitId(0);
                for name in answer.map_or(&own[..], Vec::as_slice) {
                    let filled = self.filled.get(name).into_iter().flatten();
                    found.extend(
                        filled.filter(|&(_, &since)| since <= span.start || elsewhere).map(|(&thing, _)| thing),
                    );
                }
                let asked = |node| self.answers.contains_key(&node);
                if self.sourced.is_empty() || !comes_from(held, 4, &asked, resolver) {
                    continue;
                }
                for (since, thing, word) in &self.sourced {
                    // The file may have set the variable that names it, and hardly ever does.
                    let same = word.contains('$') && written == Some(word.as_str());
                    if *since <= span.start || elsewhere {
                        found.insert(if same { target } else { *thing });
                    }
                }
            }
        }
        found
    }
}

/// What a variable holds at a node, if that is not known, and may be what was read.
fn held(id: NodeId, name: &str, resolver: &mut Resolver<'_, '_>) -> Option<ValueId> {
    let state = resolver.flow.inputs.get(id)?;
    let number = resolver.flow.names.intern(name);
    let held = state.variable(number, name, &mut resolver.flow.values);
    (!matches!(resolver.flow.values.get(held), Value::Constant(_) | Value::Positional(..) | Value::Item(_)))
        .then_some(held)
}

/// Whether a value may be what a sourced file has set: one that unknown hands may have set, and not by the answer to a
/// question.
fn comes_from(value: ValueId, depth: u32, asked: &dyn Fn(NodeId) -> bool, resolver: &Resolver<'_, '_>) -> bool {
    let values = &resolver.flow.values;
    let set_by = |piece: &Value| matches!(piece, Value::Environment(site, _) if node_of(*site).is_some_and(|node| !asked(NodeId(node))));
    values.any(value, &set_by)
        || depth > 0 && values.alternatives(value).iter().any(|&other| comes_from(other, depth - 1, asked, resolver))
}

/// The function whose parameter a path begins with.
fn parameter_of(path: ValueId, resolver: &Resolver<'_, '_>) -> Option<UnitId> {
    let values = &resolver.flow.values;
    let first = values.pieces(&path)[0];
    match values.get(first) {
        Value::Positional(unit, _) if *unit != 0 => Some(UnitId(*unit)),
        _ => None,
    }
}

/// The variables that words read.
pub(super) fn names(words: &[Word]) -> Vec<Box<str>> {
    let mut found = Vec::new();
    for word in words {
        names_in(&word.parts, &mut found);
    }
    found
}

pub(super) fn names_in(parts: &[Part], found: &mut Vec<Box<str>>) {
    for part in parts {
        match &part.kind {
            PartKind::DoubleQuoted(inner) => names_in(inner, found),
            PartKind::Parameter(parameter) => names_of(parameter, found),
            PartKind::Arithmetic(arithmetic) => {
                names_in(&arithmetic.parts, found);
                if let Some(expression) = &arithmetic.expression {
                    computed(expression, found);
                }
            }
            _ => {}
        }
    }
}

fn names_of(parameter: &Parameter, found: &mut Vec<Box<str>>) {
    found.push(parameter.name.clone());
    match &parameter.operator {
        ParameterOperator::Default { word, .. } | ParameterOperator::Assign { word, .. } => {
            names_in(&word.parts, found);
        }
        _ => {}
    }
}

fn computed(expression: &ArithmeticExpression, found: &mut Vec<Box<str>>) {
    use ArithmeticExpression as E;
    match expression {
        E::Variable(name) | E::Element(name, _) | E::Count(name) => found.push(name.clone()),
        E::Unary(_, inner) | E::Postfix(_, inner) | E::Assign(_, _, inner) => computed(inner, found),
        E::Binary(_, left, right) => {
            computed(left, found);
            computed(right, found);
        }
        E::Conditional(parts) => parts.iter().for_each(|part| computed(part, found)),
        E::Number(_) | E::Opaque => {}
    }
}
