//! Processes: tests of `/proc/$pid` that say yes where `$pid` is empty, and processes that are waited for in vain.

use super::words;
use super::{Found, Survey};
use crate::effects::resolve::Resolver;
use crate::effects::step::Condition;
use crate::effects::thing::ThingId;
use crate::flow::exact::node_of;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, JobStep, Kind, NodeId};
use crate::flow::state::State;
use crate::flow::value::{Site, Value};
use crate::knowledge::{How, WordKind};
use crate::syntax::tree::{ParameterOperator, Part, PartKind, Word};
use hashbrown::HashSet;

/// `/proc/` is always there.
pub(super) const ALWAYS_THERE: &str = "always-there";
/// The script ends in success whatever the process ended with.
const ENDS_WELL: &str = "ends-well-anyway";

/// How far behind a test its list is looked at for the next.
const MOST_IN_LIST: usize = 4;

impl<'t> Survey<'_, '_, 't> {
    /// Tests that ask for `/proc/` where a text is empty.
    pub(super) fn empty_says_yes(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for node in self.nodes().filter(|&node| self.is_test(node)) {
            // Where more is asked, that may be whether there is a number.
            let [words::Asked::Unary(operator, word)] = &self.questions(node)[..] else { continue };
            let is_such = matches!(&**operator, "-d" | "-e") && is_process(word);
            if is_such && !self.is_looked_into(node, word) && !self.asks_for_number_next(node, word) {
                let span = self.span(node);
                let how = How::EmptySaysYes;
                found.push(Found { node, from: None, how, span, named: span, mark: ALWAYS_THERE, word: Some(word) });
            }
        }
        found
    }

    /// Whether an answer leads to nothing but a look at what only a process has below its number: that fails without one.
    fn is_looked_into(&self, node: NodeId, word: &Word) -> bool {
        let below = format!("{}/", self.text(word.span).trim_matches('"').trim_end_matches('/'));
        let looks = |next: &NodeId| {
            let found = self.written(*next).split(&*below).skip(1);
            found
                .into_iter()
                .any(|rest| self.resolver.knowledge.words(WordKind::ProcessFile).any(|name| rest.starts_with(name)))
        };
        [Edge::Ok, Edge::Fail].into_iter().any(|edge| {
            let mut next = self.ahead(node, edge);
            // An `if` whose branch is not taken ends with 0.
            if let [end] = next[..]
                && matches!(self.kind(end), Kind::Status(true))
            {
                next = self.ahead(end, Edge::Ok);
            }
            !next.is_empty() && next.iter().all(looks)
        })
    }

    /// Whether the list that the test stands in asks behind it whether there is a number, and none leads where it leads
    /// that no process has it: `[ -d "/proc/$pid" ] && [ -n "$pid" ]`.
    fn asks_for_number_next(&self, node: NodeId, word: &Word) -> bool {
        let Some(PartKind::Parameter(asked)) = words::parameter_in(word).map(|part| &part.kind) else { return false };
        let is_no = |node: NodeId| {
            let step = self.steps[node.0 as usize].as_ref();
            step.and_then(|step| step.condition.as_ref()).is_some_and(|condition| is_turned(condition))
        };
        let (there, gone) = if is_no(node) { (Edge::Fail, Edge::Ok) } else { (Edge::Ok, Edge::Fail) };
        let gone = self.ahead(node, gone);
        let mut ahead = self.ahead(node, there);
        for _ in 0..MOST_IN_LIST {
            let [next] = ahead[..] else { return false };
            let (yes, no) = (self.ahead(next, Edge::Ok), self.ahead(next, Edge::Fail));
            if let [words::Asked::Unary(operator, word)] = &self.questions(next)[..]
                && matches!(&**operator, "-n" | "-z")
                && matches!(words::parameter_in(word).map(|part| &part.kind),
                    Some(PartKind::Parameter(parameter)) if parameter.name == asked.name)
            {
                // `-z` is asked as the other answer to `-n`.
                let empty = if is_no(next) { yes } else { no };
                return empty == gone;
            }
            ahead = if yes == gone {
                no
            } else if no == gone {
                yes
            } else {
                return false;
            };
        }
        false
    }

    /// Where a process is waited for, its failure is passed over, and the script ends in success.
    pub(super) fn dropped(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for node in self.nodes() {
            let Some(simple) = self.simple(node).filter(|simple| words::name(simple) == "wait") else { continue };
            let [_, job] = &simple.simple.words[..] else { continue };
            if constant(job).is_none() && self.ends_well(node) {
                let span = self.span(node);
                found.push(Found {
                    node,
                    from: None,
                    how: How::Dropped,
                    span,
                    named: span,
                    mark: ENDS_WELL,
                    word: None,
                });
            }
        }
        found
    }

    /// Whether the failure of a node is passed over by something that only succeeds, and the script ends then.
    fn ends_well(&self, node: NodeId) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::new();
        let targets = |from: NodeId, edge: Edge| {
            let edges = self.resolver.flow.graph.node(from).edges.iter();
            edges.filter(move |&(known, _)| known == edge && self.is_live(from, edge)).map(|(_, to)| to)
        };
        let mut waiting: Vec<NodeId> = targets(node, Edge::Fail).collect();
        let mut ends = false;
        while let Some(next) = waiting.pop().filter(|_| self.budget.take_step()) {
            if !seen.insert(next) {
                continue;
            }
            match self.kind(next) {
                _ if self.resolver.flow.graph.finished.first() == Some(&next) => ends = true,
                _ if self.resolver.flow.graph.finished.contains(&next) => return false,
                Kind::Join | Kind::Status(true) => waiting.extend(targets(next, Edge::Ok)),
                Kind::Code(_) if !self.is_live(next, Edge::Fail) => waiting.extend(targets(next, Edge::Ok)),
                Kind::Simple(simple) if matches!(words::name(simple), "true" | ":") => {
                    waiting.extend(targets(next, Edge::Ok));
                }
                _ => return false,
            }
        }
        ends
    }
}

/// The value of the variable in such a word, if nothing is known of it that makes it a number.
pub(super) fn held_in(resolver: &mut Resolver<'_, '_>, node: NodeId, word: &Word) -> Held {
    let Some(parameter) = words::parameter_in(word) else { return Held::Printed };
    let Some(state) = resolver.flow.inputs.get(node) else { return Held::Sure };
    let mut state = State::clone(state);
    let alone = Word { span: parameter.span, parts: vec![parameter.clone()] };
    let value = resolver.word(node, &alone, &mut state).value;
    let graph = &resolver.flow.graph;
    let is_job = |made: Site| {
        let node = node_of(made).and_then(|node| graph.nodes.get(node as usize));
        node.is_some_and(|node| matches!(node.kind, Kind::Job(_, JobStep::Started)))
    };
    let is_sure = match resolver.flow.values.get(value) {
        // Who calls with an empty argument is to be blamed for it; what is gone through one by one is not empty.
        Value::Positional(..) | Value::Item(_) | Value::Fresh(_) => true,
        Value::Constant(text) => !text.is_empty(),
        Value::Output(made) => is_job(*made),
        _ => false,
    };
    if is_sure { Held::Sure } else { Held::Variable(resolver.value_thing(value)) }
}

/// What stands for the number of a process.
pub(super) enum Held {
    /// What a command prints.
    Printed,
    /// A value that may be empty.
    Variable(ThingId),
    /// One that is a number, as far as the script can tell.
    Sure,
}

/// Whether the answer to a test is that to the opposite of its question.
fn is_turned(condition: &Condition) -> bool {
    match condition {
        Condition::Not(inner) => !is_turned(inner),
        _ => false,
    }
}

/// Whether a word is `/proc/$pid`, and nothing is asked for behind the number.
fn is_process(word: &Word) -> bool {
    let mut parts: Vec<&Part> = Vec::new();
    for part in &word.parts {
        match &part.kind {
            PartKind::DoubleQuoted(inner) => parts.extend(inner),
            _ => parts.push(part),
        }
    }
    let is = |part: &Part, text: &str| matches!(&part.kind, PartKind::Literal(literal) if &**literal == text);
    let [first, held, rest @ ..] = &parts[..] else { return false };
    let is_held = match &held.kind {
        // `/proc/${pid:-none}` asks for what is never there.
        PartKind::Parameter(parameter) => match &parameter.operator {
            ParameterOperator::Default { colon: true, word } => constant(word).is_none_or(|text| text.is_empty()),
            _ => true,
        },
        PartKind::Command(_) => true,
        _ => false,
    };
    let ends = rest.is_empty() || matches!(rest, [only] if is(only, "/"));
    is(first, "/proc/") && is_held && ends
}
