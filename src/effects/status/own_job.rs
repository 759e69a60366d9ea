//! Tests of whether a job that was just sent to the background has a number: it has one, whether or not it lives.
//!
//! ```sh
//! pid=$(/opt/app/appd >/dev/null 2>&1 & echo $!)
//! if [ -z "$pid" ]; then echo "failed"; exit 1; fi     # never: appd may be dead, and it had a number
//! echo "$pid" > /run/app.pid
//! ```

use super::mends::{insert, replace};
use super::words::{self, Asked};
use super::{Found, Survey};
use crate::finding::Edit;
use crate::flow::graph::{Kind, NodeId};
use crate::knowledge::{How, WordKind};
use crate::syntax::tree::{PartKind, Word};
use hashbrown::HashSet;

/// What is asked for is the number of a job of this run.
pub(super) const JOB_NUMBER: &str = "job-number";

impl<'t> Survey<'_, '_, 't> {
    /// Tests that only ask whether a job has a number, where nothing then asks whether it lives.
    pub(super) fn own_job(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for node in self.nodes().filter(|&node| self.is_test(node)) {
            let [Asked::Unary(operator, word)] = &self.questions(node)[..] else { continue };
            let Some(name) = variable(word).filter(|_| matches!(&**operator, "-z" | "-n")) else { continue };
            if self.was_given(node, name, &is_job_number) && !self.is_asked_for(node, name) {
                let span = self.span(node);
                let how = How::Constant;
                found.push(Found { node, from: None, how, span, named: span, mark: JOB_NUMBER, word: None });
            }
        }
        found
    }

    /// `kill -0 "$pid"` a moment later, in place of a test of the number.
    pub(super) fn asks_whether_alive(&self, node: NodeId) -> Option<Vec<Edit>> {
        let [Asked::Unary(operator, word)] = &self.questions(node)[..] else { return None };
        let span = self.span(node);
        let before = std::str::from_utf8(self.resolver.source.get(..span.start as usize)?).ok()?;
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let front = &before[line..];
        let indent = &front[..front.len() - front.trim_start_matches([' ', '\t']).len()];
        let written = self.text(span);
        let is_all = !written.contains(['!', '&', '|']) && !written.contains(" -a ") && !written.contains(" -o ");
        if !is_all || !matches!(front.trim(), "" | "if") {
            return None;
        }
        let written = self.text(word.span);
        let quote = if written.starts_with('"') { "" } else { "\"" };
        let negated = if &**operator == "-z" { "! " } else { "" };
        let alive = format!("{negated}kill -0 {quote}{written}{quote} 2>/dev/null");
        let pause = format!("sleep 1\n{indent}");
        Some(match front.trim() {
            "" => vec![replace(span, &format!("{pause}{alive}"))],
            _ => vec![insert((line + indent.len()) as u32, &pause), replace(span, &alive)],
        })
    }

    /// Whether on every way to a node, in its unit, the last that a variable was given is such a text.
    pub(super) fn was_given(&self, node: NodeId, name: &str, is_such: &dyn Fn(&str) -> bool) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting = vec![node];
        let mut is_given = false;
        while let Some(next) = waiting.pop() {
            let before = self.ways.ahead_of(next);
            if before.is_empty() || !self.budget.take_step() {
                return false;
            }
            for &before in before {
                match self.assigned(before, name) {
                    Some(value) if is_such(value) => is_given = true,
                    Some(_) => return false,
                    None if seen.insert(before) => waiting.push(before),
                    None => {}
                }
            }
        }
        is_given
    }

    /// What a node gives a variable, as it is written.
    pub(super) fn assigned(&self, node: NodeId, name: &str) -> Option<&str> {
        let simple = self.simple(node)?;
        let assignments = simple.simple.assignments.iter().chain(&simple.simple.declared);
        let assignment = assignments.into_iter().find(|assignment| &*assignment.name.text == name)?;
        Some(self.text(assignment.span).split_once('=').map_or("", |(_, value)| value))
    }

    /// Whether something ahead asks for the process, or may do so.
    fn is_asked_for(&self, node: NodeId, name: &str) -> bool {
        let (plain, braced) = (format!("${name}"), format!("${{{name}}}"));
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting = vec![node];
        while let Some(next) = waiting.pop() {
            if !self.budget.take_step() {
                return true;
            }
            let written = self.written(next);
            let is_command = matches!(self.kind(next), Kind::Simple(_) | Kind::Test(_));
            let is_about = written.contains(&plain) || written.contains(&braced);
            let asks =
                is_about && self.resolver.knowledge.words(WordKind::AsksProcess).any(|word| written.contains(word));
            // A function, or a command of which nothing is known, may ask.
            let called = !self.resolver.flow.calls.callees(next).is_empty();
            let unknown = is_about && self.steps[next.0 as usize].as_ref().is_some_and(|step| step.unknown);
            if next != node && is_command && (asks || called || unknown) {
                return true;
            }
            let edges = self.resolver.flow.graph.node(next).edges.iter();
            waiting.extend(
                edges.filter(|&(edge, _)| self.is_live(next, edge)).map(|(_, to)| to).filter(|&to| seen.insert(to)),
            );
        }
        false
    }
}

/// The variable that is all of a word.
fn variable(word: &Word) -> Option<&str> {
    let part = words::parameter_in(word)?;
    let is_all = word.parts.len() == 1
        && match &word.parts[0].kind {
            PartKind::DoubleQuoted(inner) => inner.len() == 1,
            _ => true,
        };
    match &part.kind {
        PartKind::Parameter(parameter) if is_all => Some(&parameter.name),
        _ => None,
    }
}

/// Whether what a variable is given is the number of a job that was sent to the background, and nothing else.
fn is_job_number(value: &str) -> bool {
    let bare: String = value.chars().filter(|letter| !letter.is_whitespace() && *letter != '"').collect();
    let starts_it = (bare.starts_with("$(") || bare.starts_with('`')) && bare.contains("&echo");
    let prints_it = ["echo$!", "echo${!}"].iter().any(|end| bare.trim_end_matches([')', '`']).ends_with(end));
    matches!(&*bare, "$!" | "${!}") || starts_it && prints_it
}
