//! A value that was kept for when a file is gone, overwritten by a read of that file that nobody asks the status of.
//!
//! ```sh
//! pid=$remembered
//! if [ -f "$pidfile" ]; then
//!     pid=$(cat "$pidfile")      # gone since the test: the number that was kept is gone, too
//! fi
//! [ -n "$pid" ] && kill -0 "$pid"
//! ```

use super::mends::{insert, replace};
use super::{Found, Survey};
use crate::finding::Edit;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::flow::state::Flag;
use crate::knowledge::How;

/// What was kept is lost where the read fails.
pub(super) const KEPT_LOST: &str = "kept-value-lost";
/// What is read is called so first, by the first name that the script does not use.
const NAMES: [&str; 3] = ["new", "now", "read_now"];
/// What reads a file.
const READERS: [&str; 3] = ["cat", "head", "tail"];
/// So many messages may stand between the question for the file and the read.
const MOST_MESSAGES: usize = 6;

impl<'t> Survey<'_, '_, 't> {
    /// Reads of a file that was there a moment ago, over a value that was kept.
    pub(super) fn kept_lost(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for node in self.nodes() {
            let Some(simple) = self.simple(node).filter(|simple| simple.takes_status) else { continue };
            let [assignment] = &simple.simple.assignments[..] else { continue };
            let name: &str = &assignment.name.text;
            let Some(file) = self.assigned(node, name).and_then(read) else { continue };
            let Some(guard) = self.guard(node, file) else { continue };
            if self.is_unheard(node) && self.was_given(guard, name, &is_variable) && self.is_tested(node, name) {
                let span = self.span(node);
                let how = How::PassedOver;
                found.push(Found { node, from: None, how, span, named: span, mark: KEPT_LOST, word: None });
            }
        }
        found
    }

    /// `new=$(cat FILE) && pid=$new`.
    pub(super) fn read_into_another(&self, node: NodeId) -> Option<Vec<Edit>> {
        let simple = self.simple(node)?;
        let ([assignment], true) = (&simple.simple.assignments[..], simple.alone) else { return None };
        let names = &self.resolver.flow.names;
        let new = *NAMES.iter().find(|name| names.find(name).is_none())?;
        let name = &assignment.name;
        let is_plain = assignment.subscript.is_none() && !assignment.append && simple.pipeline.is_none();
        let takes_over = format!(" && {}=${new}", name.text);
        is_plain.then(|| vec![replace(name.span, new), insert(simple.command.span.end, &takes_over)])
    }

    /// The test right in front of a read that asks whether the file is there.
    fn guard(&self, node: NodeId, file: &str) -> Option<NodeId> {
        let mut node = node;
        for _ in 0..=MOST_MESSAGES {
            let before = self.deciders(node);
            let &[(only, edge), ref rest @ ..] = &before[..] else { return None };
            if rest.iter().any(|&(other, _)| other != only) {
                return None;
            }
            if self.is_test(only) {
                let words: Vec<&str> = self.written(only).split_whitespace().collect();
                let asks = |pair: &[&str]| matches!(pair[0], "-f" | "-e" | "-r" | "-s") && bare(pair[1]) == bare(file);
                let is_guard = rest.is_empty() && edge == Edge::Ok && words.windows(2).any(asks);
                return is_guard.then_some(only);
            }
            // What is read runs in front of the assignment.
            let reads = matches!(self.kind(only), Kind::Enter(_))
                || self.simple(only).is_some_and(|simple| simple.capture.is_some())
                    && READERS.contains(&self.name(only));
            if !reads && !self.prints_only(only) {
                return None;
            }
            node = only;
        }
        None
    }

    /// Whether a failure of a node leads to where its success does, and nothing there asks for the status.
    fn is_unheard(&self, node: NodeId) -> bool {
        let off = self.resolver.flow.inputs.get(node).is_some_and(|state| state.errexit == Flag::Off);
        let (yes, no) = (self.ahead(node, Edge::Ok), self.past_gate(node));
        let asks = |next: &NodeId| self.mentions_status(*next) || self.takes_status_up(*next);
        off && yes == no && !yes.iter().any(asks)
    }

    /// Where a failure leads where errexit does not end the script.
    pub(super) fn past_gate(&self, node: NodeId) -> Vec<NodeId> {
        let next = self.ahead(node, Edge::Fail);
        match next[..] {
            [gate] if matches!(self.kind(gate), Kind::Errexit) => self.ahead(gate, Edge::Ok),
            _ => next,
        }
    }
}

/// The file that a substitution reads, and does nothing else.
fn read(given: &str) -> Option<&str> {
    let inner = given.trim_matches('"');
    let inner = inner.strip_prefix("$(").and_then(|inner| inner.strip_suffix(')'));
    let inner = inner.or_else(|| given.trim_matches('"').strip_prefix('`')?.strip_suffix('`'))?;
    let words: Vec<&str> = inner.split_whitespace().collect();
    let (name, file) = (words.first()?, words.last()?);
    (READERS.contains(name) && !inner.contains(['|', ';', '>', '&'])).then_some(*file)
}

/// A word without quotes and braces.
fn bare(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '"' | '{' | '}')).collect()
}

/// Whether a text is the value of another variable.
fn is_variable(value: &str) -> bool {
    value.trim_matches('"').starts_with('$') && !value.contains('(')
}
