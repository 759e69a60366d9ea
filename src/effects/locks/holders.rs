//! The number of a process, kept by an earlier run, compared with those that are called by a name.

use super::{Found, Survey, named};
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId};
use crate::syntax::tree::{TestExpression, TestKind, Word};

/// Whoever has the number may be alive, and the answer is no: others of the name are, too.
const BY_NAME: &str = "holder-by-name";

impl<'t> Survey<'_, '_, 't> {
    /// Tests that take a kept number for that of the only process of a name.
    pub(super) fn holders(&self) -> Vec<Found> {
        let is_such = |node: &NodeId| {
            let [left, right] = self.compared(*node)?.map(|word| self.text(word.span));
            let is_one = asks_by_name(right) && self.is_kept(left) || asks_by_name(left) && self.is_kept(right);
            is_one.then_some(())
        };
        let nodes = self.nodes().filter(|node| is_such(node).is_some());
        nodes.map(|node| Found { node, span: self.span(node), mark: BY_NAME }).collect()
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
