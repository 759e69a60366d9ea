//! A failure that is an answer, or is asked for next, and ends the script because errexit is on.

use super::super::loops::names;
use super::super::resolve::ANSWERS_BY_STATUS;
use super::{Found, Survey};
use crate::flow::graph::{Edge, Kind, NodeId, SimpleNode, UnitId};
use crate::knowledge::How;
use crate::span::Span;
use crate::syntax::tree::ArithmeticExpression;
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
/// `$?` is asked for next.
const ASKED_NEXT: &str = "asked-next";

/// More messages than this are not looked at in front of an end.
const MOST_MESSAGES: usize = 8;

/// The last place at which each unit asks for each name.
type Asked<'a> = HashMap<(UnitId, &'a str), u32>;

impl<'a> Survey<'a, '_, '_> {
    /// Where errexit ends the script by a failure that is none.
    pub(super) fn ending(&self) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
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
        let signalled = self.signalled();
        for gate in gates {
            let mut add = |span, named, from, mark| {
                if !found.iter().rev().take(4).any(|one| one.node == gate && one.span == span) {
                    found.push(Found { node: gate, from, how: How::EndsScript, span, named, mark });
                }
            };
            if self.ahead(gate, Edge::Ok).iter().any(|&next| self.asks_in_vain(next)) {
                add(self.span(gate), self.span(gate), None, ASKED_NEXT);
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
        let written = self.written(node);
        let mut words = written.split_whitespace();
        let name = words.next()?;
        match name {
            "let"
                if words.any(|word| {
                    word.trim_matches(['"', '\'']).ends_with("++") || word.contains("--") || word.contains("-=")
                }) =>
            {
                Some(COUNTS)
            }
            "wait" => {
                let unit = self.resolver.flow.graph.node(node).unit;
                names(written).any(|name| signalled.contains(&(unit, name))).then_some(WAITS)
            }
            "grep" | "egrep" | "fgrep" => {
                let filters = simple.pipeline.is_some() && simple.behind.is_empty() && simple.capture.is_none();
                let option = |word: &str| word.starts_with('-') && !word.starts_with("--");
                let drops = words.clone().any(|word| option(word) && word.contains('v') || word == "--invert-match");
                let quiet =
                    words.any(|word| option(word) && word.contains('q')) || !simple.command.redirects.is_empty();
                (filters && drops && !quiet).then_some(FILTERS)
            }
            _ => None,
        }
    }

    /// The commands that answer by their status and give an assignment its own, where the script asks what they found.
    fn taken_up(&self, node: NodeId, simple: &SimpleNode<'_>, asked: &Asked<'_>) -> Vec<NodeId> {
        let Some(assignment) = simple.simple.assignments.last() else { return Vec::new() };
        let name: &str = &assignment.name.text;
        let unit = self.resolver.flow.graph.node(node).unit;
        let is_asked = asked.get(&(unit, name)).is_some_and(|&last| last >= self.span(node).end);
        let ends =
            self.ways.ahead_of(node).iter().filter(|&&end| matches!(self.kind(end), Kind::Leave { ok: false, .. }));
        let answers = ends.flat_map(|&end| self.deciders(end)).map(|(answer, _)| answer).filter(|&answer| {
            self.has_mark(answer, ANSWERS_BY_STATUS)
                && !asks_of_itself(self.written(answer))
                && (is_asked || is_about_processes(self.written(answer)))
                || is_list_of_some(self.written(answer))
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
        let (yes, no) = (self.ahead(node, Edge::Ok), self.ahead(node, Edge::Fail));
        let is_ignored = match self.kind(node) {
            Kind::Simple(simple) => simple.ignored,
            _ => no.iter().all(|next| !matches!(self.kind(*next), Kind::Errexit)),
        };
        asks && is_ignored && !yes.is_empty() && yes.iter().all(acts) && no.iter().all(straight)
    }

    /// Whether a node asks for the status of what stands in front of it, and would do more with a failure than tell it and
    /// end the script.
    fn asks_in_vain(&self, node: NodeId) -> bool {
        let for_failure = if self.asks_for_failure(node) { Edge::Ok } else { Edge::Fail };
        match self.kind(node) {
            Kind::Match { subject, .. } => self.text(subject.span).contains("$?"),
            _ if self.takes_status_up(node) => !self.is_test(node) || !self.only_ends(node, for_failure),
            _ => false,
        }
    }

    /// Whether an outcome leads to messages and the end of the script, and nothing else.
    fn only_ends(&self, node: NodeId, edge: Edge) -> bool {
        let (mut node, mut edge) = (node, edge);
        for _ in 0..MOST_MESSAGES {
            let [next] = self.ahead(node, edge)[..] else { return false };
            match self.kind(next) {
                Kind::Code(_) => return true,
                Kind::Simple(_) if self.resolver.knowledge.never_returns(first_word(self.written(next))) => {
                    return true;
                }
                Kind::Simple(_) if is_message(first_word(self.written(next))) => (node, edge) = (next, Edge::Ok),
                _ => return false,
            }
        }
        false
    }

    /// The names that are asked for, or gone through one by one.
    fn asked_names(&self) -> Asked<'a> {
        let mut asked = Asked::new();
        for node in self.nodes() {
            let spans: Vec<Span> = match self.kind(node) {
                Kind::Match { subject, .. } => vec![subject.span],
                Kind::Item(item) => item.items.iter().flat_map(|(_, words)| words).map(|word| word.span).collect(),
                _ if self.is_test(node) => vec![self.span(node)],
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
    fn signalled(&self) -> HashSet<(UnitId, &'a str)> {
        let mut signalled = HashSet::new();
        for node in self.nodes().filter(|&node| matches!(self.kind(node), Kind::Simple(_))) {
            let written = self.written(node);
            if written.starts_with("kill ") {
                let unit = self.resolver.flow.graph.node(node).unit;
                signalled.extend(names(written).skip(1).map(|name| (unit, name)));
            }
        }
        signalled
    }
}

fn first_word(written: &str) -> &str {
    written.split_whitespace().next().unwrap_or_default()
}

/// Commands that only tell.
fn is_message(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(&*name, "echo" | "printf" | "logger" | "cat" | "usage")
        || ["log", "err", "warn", "msg"].iter().any(|part| name.contains(part))
}

/// `id` of whoever runs the script is always there.
fn asks_of_itself(written: &str) -> bool {
    let mut words = written.split_whitespace();
    words.next() == Some("id") && words.all(|word| word.starts_with('-'))
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
fn is_about_processes(written: &str) -> bool {
    let mut words = written.split_whitespace();
    match words.next() {
        Some("pgrep" | "pidof" | "ps" | "lsof" | "fuser") => true,
        Some("grep" | "egrep" | "fgrep") => words.any(|word| matches!(word, "-c" | "--count")),
        _ => false,
    }
}

/// `ls` of names some of which may not be there: what it says of them is thrown away.
fn is_list_of_some(written: &str) -> bool {
    written.starts_with("ls ") && written.contains("2>/dev/null")
}
