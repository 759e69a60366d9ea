//! The number of a process, kept by an earlier run, compared with those that are called by a name.

use super::{Found, Survey, named};
use crate::finding::Edit;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId};
use crate::syntax::tree::{TestExpression, TestKind, Word};

/// Whoever has the number may be alive, and the answer is no: others of the name are, too.
const BY_NAME: &str = "holder-by-name";

impl<'t> Survey<'_, '_, 't> {
    /// Tests that take a kept number for that of the only process of a name.
    pub(super) fn holders(&self) -> Vec<Found> {
        let kept = |node: NodeId| {
            let [left, right] = self.compared(node)?.map(|word| self.text(word.span));
            let is_left = asks_by_name(right) && self.is_kept(left);
            let is_right = asks_by_name(left) && self.is_kept(right);
            if is_left { Some(left) } else { is_right.then_some(right) }
        };
        let found = self.nodes().filter_map(|node| Some((node, kept(node)?)));
        found
            .map(|(node, kept)| Found { node, span: self.span(node), mark: BY_NAME, edits: self.by_number(node, kept) })
            .collect()
    }

    /// `kill -0 "$old"` in place of a test that asks nothing else.
    fn by_number(&self, node: NodeId, kept: &str) -> Vec<Edit> {
        let span = self.span(node);
        let written = self.text(span);
        let is_single = match *self.kind(node) {
            Kind::Test(expression) => matches!(expression.kind, TestKind::Binary(..)),
            Kind::Simple(ref simple) => simple.simple.words.len() == 5 && simple.command.redirects.is_empty(),
            _ => false,
        };
        let quote = if kept.starts_with('"') { "" } else { "\"" };
        let is_test = written.starts_with('[') && written.ends_with(']');
        let alive = Edit { span, text: format!("kill -0 {quote}{kept}{quote} 2>/dev/null") };
        if is_single && is_test && (kept.starts_with(['"', '$'])) { vec![alive] } else { Vec::new() }
    }

    /// The two words that a test compares as texts, and nothing else.
    fn compared(&self, node: NodeId) -> Option<[&'t Word; 2]> {
        match *self.kind(node) {
            Kind::Test(expression) => equal(expression),
            Kind::Simple(ref simple) => match &simple.simple.words[..] {
                [name, left, operator, right, ..] if matches!(constant(name).as_deref(), Some("[" | "test")) => {
                    matches!(constant(operator).as_deref(), Some("=" | "==" | "-eq")).then_some([left, right])
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a word is what was read from a file: `$(cat F)`, or a variable that holds that.
    fn is_kept(&self, word: &str) -> bool {
        let reads = |text: &str| {
            let bare = text.trim_matches('"');
            (bare.starts_with("$(") || bare.starts_with('`')) && (bare.contains("cat ") || bare.starts_with("$(<"))
        };
        reads(word)
            || named(word).is_some_and(|name| {
                self.assignments().any(|(_, set)| &*set.name.text == name && reads(self.given(set)))
            })
    }
}

/// `a = b` of `[[ … ]]`.
fn equal(expression: &TestExpression) -> Option<[&Word; 2]> {
    match &expression.kind {
        TestKind::Binary(left, operator, right) => matches!(&**operator, "=" | "==" | "-eq").then_some([left, right]),
        TestKind::Not(inner) => equal(inner),
        _ => None,
    }
}

/// Whether a word is the output of what lists processes by name.
fn asks_by_name(word: &str) -> bool {
    let bare = word.trim_matches('"');
    let inner = bare.strip_prefix("$(").or_else(|| bare.strip_prefix('`')).unwrap_or_default().trim_start();
    let name = inner.split_whitespace().next().unwrap_or_default();
    matches!(name.rsplit('/').next(), Some("pgrep" | "pidof"))
        // A file of numbers, the children of one process: these are asked for by number.
        && !inner.split_whitespace().any(|word| matches!(word, "-F" | "--pidfile" | "-P" | "--parent"))
}
