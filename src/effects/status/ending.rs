//! A failure that is an answer, or is asked for next, and ends the script because errexit is on.

use super::super::loops::names;
use super::super::resolve::ANSWERS_BY_STATUS;
use super::told_twice::TOLD_TWICE;
use super::words::{self, Asked, constants, has_option};
use super::{Found, Survey};
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, SimpleNode, UnitId};
use crate::knowledge::How;
use crate::span::Span;
use crate::syntax::tree::{ArithmeticExpression, Part, PartKind, Word};
use hashbrown::{HashMap, HashSet};

/// What was found is taken up, and the script asks whether there is any: `pid=$(pgrep x)`, `[ -n "$pid" ]`.
const TAKEN_UP: &str = "taken-up";
/// A number that is 0 is a failure: `((count++))`.
const COUNTS: &str = "counts";
/// A test that says no is the last command of a function or of a subshell: `[ -e x ] && rm x`.
const LAST: &str = "last";
/// Nothing is left of the output: `partprobe 2>&1 | grep -v warning`.
const FILTERS: &str = "filters";
/// A process that was told to end is waited for.
const WAITS: &str = "waits";
/// The last place at which each unit asks for each name.
type AskedNames<'a> = HashMap<(UnitId, &'a str), u32>;

impl<'a, 't> Survey<'a, '_, 't> {
    /// Where errexit ends the script by a failure that is none.
    pub(super) fn ending(&self) -> Vec<Found<'t>> {
        let mut found: Vec<Found<'t>> = Vec::new();
        let ends = |node: &NodeId| {
            matches!(self.kind(*node), Kind::Errexit)
                && self.is_live(*node, Edge::Fail)
                && !self.is_live(*node, Edge::Ok)
        };
        let gates: Vec<NodeId> = self.nodes().filter(ends).collect();
        if gates.is_empty() {
            return found;
        }
        let asked = self.asked_names();
        let telling = self.telling();
        let signalled = self.signalled();
        for gate in gates {
            let mut add = |span, named, from, mark| {
                if !found.iter().rev().take(4).any(|one| one.node == gate && one.span == span) {
                    found.push(Found { node: gate, from, how: How::EndsScript, span, named, mark, word: None });
                }
            };
            let mut next = self.ahead(gate, Edge::Ok).into_iter();
            if let Some(lost) = next.find_map(|next| self.asks_in_vain(next, &telling)) {
                let mark = if lost.recorded || !self.says_why(gate) { lost.mark } else { TOLD_TWICE };
                if !self.is_of_a_copy(gate) {
                    add(self.span(gate), self.span(gate), None, mark);
                }
                continue;
            }
            for (node, _) in self.deciders(gate) {
                let span = self.span(node);
                match self.kind(node) {
                    Kind::Simple(simple) if simple.takes_status => {
                        for answer in self.taken_up(node, simple, &asked) {
                            add(span, self.span(answer), Some(answer), TAKEN_UP);
                        }
                    }
                    Kind::Simple(simple) => {
                        for last in self.last_tests(node) {
                            add(self.span(last), self.span(last), Some(last), LAST);
                        }
                        if self.is_left_of_and(node) {
                            add(span, span, Some(node), LAST);
                        } else if let Some(mark) = self.answer(node, simple, &signalled) {
                            add(span, span, Some(node), mark);
                        }
                    }
                    Kind::Arithmetic(arithmetic) if arithmetic.expression.as_ref().is_some_and(counts) => {
                        add(span, span, Some(node), COUNTS);
                    }
                    Kind::Test(_) | Kind::Arithmetic(_) if self.is_left_of_and(node) => {
                        add(span, span, Some(node), LAST);
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// In which way the failure of a command that stands by itself is an answer.
    fn answer(
        &self,
        node: NodeId,
        simple: &SimpleNode<'_>,
        signalled: &HashSet<(UnitId, &str)>,
    ) -> Option<&'static str> {
        match words::name(simple) {
            "let" => constants(simple).any(|word| steps_down_or_after(&word)).then_some(COUNTS),
            "wait" => {
                let unit = self.resolver.flow.graph.node(node).unit;
                variables(simple).any(|name| signalled.contains(&(unit, name))).then_some(WAITS)
            }
            "grep" | "egrep" | "fgrep" => {
                let filters = simple.pipeline.is_some() && simple.behind.is_empty() && simple.capture.is_none();
                let drops = has_option(simple, 'v', "--invert-match");
                let quiet = has_option(simple, 'q', "--quiet") || !simple.command.redirects.is_empty();
                (filters && drops && !quiet).then_some(FILTERS)
            }
            _ => None,
        }
    }

    /// The commands that answer by their status and give an assignment its own, where the script asks what they found.
    fn taken_up(&self, node: NodeId, simple: &SimpleNode<'_>, asked: &AskedNames<'_>) -> Vec<NodeId> {
        let Some(assignment) = simple.simple.assignments.last() else { return Vec::new() };
        let name: &str = &assignment.name.text;
        let unit = self.resolver.flow.graph.node(node).unit;
        let is_asked = asked.get(&(unit, name)).is_some_and(|&last| last >= self.span(node).end);
        let ends =
            self.ways.ahead_of(node).iter().filter(|&&end| matches!(self.kind(end), Kind::Leave { ok: false, .. }));
        let answers = ends.flat_map(|&end| self.deciders(end)).map(|(answer, _)| answer).filter(|&answer| {
            let Some(asks) = self.simple(answer) else { return false };
            self.has_mark(answer, ANSWERS_BY_STATUS) && !asks_of_itself(asks) && (is_asked || is_about_processes(asks))
                || is_list_of_some(asks)
        });
        answers.collect()
    }

    /// Tests that say no as the last command of a function that is called here.
    fn last_tests(&self, call: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting: Vec<UnitId> = self.resolver.flow.calls.callees(call).to_vec();
        while let Some(unit) = waiting.pop() {
            if !seen.insert(unit) {
                continue;
            }
            let end = self.resolver.flow.graph.units[unit.0 as usize].ends[1];
            for (node, _) in self.deciders(end) {
                waiting.extend(self.resolver.flow.calls.callees(node));
                if self.is_left_of_and(node) {
                    found.push(node);
                }
            }
        }
        found
    }

    /// Whether a node is a test in front of `&&`, and what stands behind is none.
    fn is_left_of_and(&self, node: NodeId) -> bool {
        let asks = self.is_test(node) || self.has_mark(node, ANSWERS_BY_STATUS);
        let acts = |next: &NodeId| matches!(self.kind(*next), Kind::Simple(_)) && !self.is_test(*next);
        let straight = |next: &NodeId| !matches!(self.kind(*next), Kind::Errexit | Kind::Status(_));
        let [yes, no] = [Edge::Ok, Edge::Fail].map(|edge| self.past_stage(self.ahead(node, edge)));
        let is_ignored = match self.kind(node) {
            Kind::Simple(simple) => simple.ignored,
            _ => no.iter().all(|next| !matches!(self.kind(*next), Kind::Errexit)),
        };
        asks && is_ignored && !yes.is_empty() && yes.iter().all(acts) && no.iter().all(straight)
    }

    /// What comes behind the last stage of a pipeline, which answers for all of it.
    fn past_stage(&self, mut next: Vec<NodeId>) -> Vec<NodeId> {
        while let [end] = next[..]
            && let Kind::Leave { .. } | Kind::PipeEnd(_) = self.kind(end)
        {
            next = self.ahead(end, Edge::Ok);
        }
        next
    }

    /// The names that are asked for, or gone through one by one.
    fn asked_names(&self) -> AskedNames<'a> {
        let mut asked = AskedNames::new();
        for node in self.nodes() {
            let spans: Vec<Span> = match self.kind(node) {
                Kind::Match { subject, .. } => vec![subject.span],
                Kind::Item(item) => item.items.iter().flat_map(|(_, words)| words).map(|word| word.span).collect(),
                Kind::Arithmetic(_) => vec![self.span(node)],
                _ if self.is_test(node) => {
                    let mut spans = Vec::new();
                    self.questions(node).iter().for_each(|question| asked_in(question, &mut spans));
                    spans
                }
                _ => continue,
            };
            let unit = self.resolver.flow.graph.node(node).unit;
            for span in spans {
                for name in names(self.text(span)) {
                    let last = asked.entry((unit, name)).or_default();
                    *last = span.start.max(*last);
                }
            }
        }
        asked
    }

    /// The names of variables that hold a process which is told to end.
    fn signalled(&self) -> HashSet<(UnitId, &'t str)> {
        let mut signalled = HashSet::new();
        for node in self.nodes() {
            if let Some(simple) = self.simple(node).filter(|simple| words::name(simple) == "kill") {
                let unit = self.resolver.flow.graph.node(node).unit;
                signalled.extend(variables(simple).map(|name| (unit, name)));
            }
        }
        signalled
    }
}

/// What a question asks for: its words. Of a text with which something is compared, and which is put together of more than a
/// variable and a letter (`[ "x$pid" = x ]`), as in `[ "$mode" = "750 $uid" ]`, it asks only for what runs within: what is
/// one of its pieces is taken to be there.
fn asked_in(question: &Asked<'_>, asked: &mut Vec<Span>) {
    let (left, right) = match *question {
        Asked::Word(word) | Asked::Unary(_, word) => return asked.push(word.span),
        Asked::Binary(left, _, right) => (left, right),
    };
    let written = |part: &Part| match &part.kind {
        PartKind::Literal(text) | PartKind::SingleQuoted(text) | PartKind::AnsiQuoted(text) => text.len(),
        _ => 0,
    };
    for word in [left, right] {
        let parts = match &word.parts[..] {
            [Part { kind: PartKind::DoubleQuoted(inner), .. }] => inner,
            parts => parts,
        };
        if parts.iter().map(written).sum::<usize>() <= 1 {
            asked.push(word.span);
        } else {
            let runs = parts.iter().filter(|part| matches!(part.kind, PartKind::Command(_)));
            asked.extend(runs.map(|part| part.span));
        }
    }
}

/// The variables in the words of a command.
fn variables<'t>(simple: &SimpleNode<'t>) -> impl Iterator<Item = &'t str> {
    let mut found = Vec::new();
    for word in &simple.simple.words {
        words::each_parameter(&word.parts, &mut |parameter| found.push(&*parameter.name));
    }
    found.into_iter()
}

/// Whether what `let` computes is the number before a step, or may have come down to 0.
fn steps_down_or_after(expression: &str) -> bool {
    expression.ends_with("++") || expression.contains("--") || expression.contains("-=")
}

/// `id` of whoever runs the script is always there.
fn asks_of_itself(simple: &SimpleNode<'_>) -> bool {
    let operands = &simple.simple.words[1..];
    words::name(simple) == "id" && constants(simple).filter(|word| word.starts_with('-')).count() == operands.len()
}

/// A step by one that can give 0.
fn counts(expression: &ArithmeticExpression) -> bool {
    match expression {
        ArithmeticExpression::Postfix(..) => true,
        ArithmeticExpression::Unary(operator, _) => &**operator == "--",
        ArithmeticExpression::Assign(_, operator, _) => &**operator == "-=",
        _ => false,
    }
}

/// Processes come and go, and how many lines there are may be none: such an answer is no mistake, whether or not the
/// script asks for it.
fn is_about_processes(simple: &SimpleNode<'_>) -> bool {
    match words::name(simple) {
        "pgrep" | "pidof" | "ps" | "lsof" | "fuser" => true,
        "grep" | "egrep" | "fgrep" => constants(simple).any(|word| matches!(&*word, "-c" | "--count")),
        _ => false,
    }
}

/// `ls` of names some of which may not be there: what it says of them is thrown away.
fn is_list_of_some(simple: &SimpleNode<'_>) -> bool {
    let is_option = |word: &&Word| constant(word).is_some_and(|word| word.starts_with('-'));
    let mut names = simple.simple.words.iter().skip(1).filter(|word| !is_option(word));
    // Of a name that is put together the script may have asked already.
    let several = match (names.next(), names.next()) {
        (Some(only), None) => constant(only).is_some() || only.parts.iter().any(is_pattern),
        (first, _) => first.is_some(),
    };
    words::name(simple) == "ls" && words::hides_errors(simple) && several
}

fn is_pattern(part: &Part) -> bool {
    matches!(part.kind, PartKind::Glob(_) | PartKind::Brace(_))
}
