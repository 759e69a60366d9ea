//! `$?` where it is no longer the status that is meant.

use super::{Found, Survey, tests};
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::knowledge::How;

/// What was printed since always succeeds.
const PRINTED: &str = "printed-since";
/// The test itself has set it: `if [ $? -ne 0 ]; then exit $?`.
const TESTED: &str = "tested-since";
/// `!` has set it: `if ! cmd; then exit $?`.
const NEGATED: &str = "negated-since";

impl Survey<'_, '_, '_> {
    /// Where `$?` is that of another command.
    pub(super) fn another(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for node in self.nodes() {
            let Some(mark) = self.mistaken(node) else { continue };
            let span = self.span(node);
            found.push(Found { node, from: None, how: How::OfAnother, span, named: span, mark });
        }
        found
    }

    fn mistaken(&self, node: NodeId) -> Option<&'static str> {
        match self.kind(node) {
            Kind::Code(Some(word)) if self.text(word.span).trim_matches('"') == "$?" => {
                let set_by = self.deciders(node);
                let is_own_test = |&(test, edge): &(NodeId, Edge)| edge == Edge::Ok && self.asks_for_failure(test);
                let is_negation = |&(test, _): &(NodeId, Edge)| {
                    matches!(self.kind(test), Kind::Status(true)) && self.written(test) == "!"
                };
                match &set_by[..] {
                    [] => None,
                    all if all.iter().all(is_own_test) => Some(TESTED),
                    all if all.iter().all(is_negation) => Some(NEGATED),
                    _ => None,
                }
            }
            _ if self.takes_status_up(node) => {
                let printed = |&(printer, _): &(NodeId, Edge)| self.prints_only(printer) && self.hides_failure(printer);
                let set_by = self.deciders(node);
                (!set_by.is_empty() && set_by.iter().all(printed)).then_some(PRINTED)
            }
            _ => None,
        }
    }

    /// Whether a node tests `$?`, or keeps it in a variable.
    pub(super) fn takes_status_up(&self, node: NodeId) -> bool {
        let written = self.written(node);
        let asks = || matches!(self.kind(node), Kind::Test(_) | Kind::Arithmetic(_)) || tests::is_bracket(written);
        let keeps = || written.ends_with("=$?") || written.ends_with("=\"$?\"");
        match self.kind(node) {
            Kind::Simple(_) | Kind::Test(_) | Kind::Arithmetic(_) => written.contains("$?") && (asks() || keeps()),
            _ => false,
        }
    }

    /// A test of `$?` that says yes where it is a failure.
    pub(super) fn asks_for_failure(&self, node: NodeId) -> bool {
        let written = self.written(node);
        let for_failure = ["-ne 0", "!= 0", "-gt 0", "-gt 1", "> 0", "> 1", "!= \"0\"", "-ne \"0\""];
        self.is_test(node) && written.contains("$?") && for_failure.iter().any(|asked| written.contains(asked))
    }

    /// Whether a command only prints, to where that cannot well fail.
    fn prints_only(&self, node: NodeId) -> bool {
        let Kind::Simple(simple) = self.kind(node) else { return false };
        let Some(name) = self.written(node).split_whitespace().next() else { return false };
        let prints = matches!(name, "echo" | "printf" | "logger") || self.resolver.knowledge.always_succeeds(name);
        let written = self.written(node).replace(">&2", "").replace("1>&2", "");
        prints
            && !simple.ignored
            && simple.pipeline.is_none()
            && simple.capture.is_none()
            && !matches!(name, "trap" | "set" | "sleep" | "true" | ":")
            && !written.contains(['>', '|'])
            && !written.contains("$(")
            && !written.contains('`')
            && self.resolver.flow.calls.callees(node).is_empty()
    }

    /// Whether a command whose failure nobody has asked for stands in front of a printer, and of those in front of it.
    fn hides_failure(&self, printer: NodeId) -> bool {
        let mut node = printer;
        for _ in 0..super::MOST_STEPS {
            let before = self.deciders(node);
            let Some(&(first, _)) = before.first() else { return false };
            if before.iter().any(|&(other, _)| other != first) {
                return false;
            }
            let both = [Edge::Ok, Edge::Fail].into_iter().all(|edge| before.contains(&(first, edge)));
            match self.kind(first) {
                Kind::Simple(_) if self.prints_only(first) => node = first,
                Kind::Simple(simple) => {
                    let is_set = simple.simple.words.is_empty() && !simple.takes_status;
                    return both
                        && !simple.ignored
                        && !is_set
                        && !self.is_test(first)
                        && !is_preparing(self.written(first));
                }
                _ => return false,
            }
        }
        false
    }
}

/// Commands whose failure nobody asks for.
fn is_preparing(written: &str) -> bool {
    let name = written.split_whitespace().next().unwrap_or_default();
    matches!(
        name,
        "cd" | "shift"
            | "set"
            | "local"
            | "export"
            | "declare"
            | "typeset"
            | "unset"
            | "sleep"
            | "clear"
            | "trap"
            | "umask"
            | "shopt"
            | "read"
            | "readonly"
            | "true"
            | ":"
    )
}
