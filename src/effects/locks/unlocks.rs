//! A lock that is given back by a descriptor that nothing in the script sets.

use super::{Found, Survey, named};
use crate::finding::Edit;
use crate::flow::forest::constant;
use crate::flow::graph::NodeId;

/// No line of the script sets it, and the lock was taken by another one.
const NEVER_OPENED: &str = "never-opened";

impl Survey<'_, '_, '_> {
    /// `flock -u "$fd"` where nothing sets `fd`, and the script takes its lock by a number.
    pub(super) fn unlocks(&self) -> Vec<Found> {
        let locks: Vec<(NodeId, Vec<&str>)> = self.nodes().filter_map(|node| Some((node, self.flock(node)?))).collect();
        let is_number = |word: &&str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_digit());
        let by_number = locks.iter().any(|(_, words)| words.last().is_some_and(is_number) && !unlocks(words));
        let is_lost = |words: &[&str]| {
            let name = words.last().and_then(|word| named(word));
            unlocks(words) && name.is_some_and(|name| !self.is_set(name))
        };
        let lost = locks.iter().filter(|(_, words)| by_number && is_lost(words));
        let mut taken: Vec<&str> =
            locks.iter().filter(|(_, words)| !unlocks(words)).filter_map(|(_, words)| words.last().copied()).collect();
        taken.dedup();
        // Of several nobody knows which one is meant.
        let number = taken.first().copied().filter(|number| taken.len() == 1 && is_number(number));
        let edits = |node: NodeId| {
            let word = self.simple(node).and_then(|simple| simple.simple.words.last());
            number
                .zip(word)
                .map(|(number, word)| Edit { span: word.span, text: number.to_owned() })
                .into_iter()
                .collect()
        };
        lost.map(|&(node, _)| Found { node, span: self.span(node), mark: NEVER_OPENED, edits: edits(node) }).collect()
    }

    /// The operands of `flock`.
    fn flock(&self, node: NodeId) -> Option<Vec<&str>> {
        let (name, operands) = self.simple(node)?.simple.words.split_first()?;
        let is_flock = constant(name).is_some_and(|name| name.rsplit('/').next() == Some("flock"));
        is_flock.then(|| operands.iter().map(|word| self.text(word.span)).collect())
    }

    /// Whether something in the script sets a variable, be it as the descriptor that a redirection opens (`{fd}>`).
    fn is_set(&self, name: &str) -> bool {
        let opened = format!("{{{name}}}");
        let whole = std::str::from_utf8(self.resolver.source).unwrap_or_default();
        let opens = whole
            .match_indices(&*opened)
            .any(|(at, _)| !whole[..at].ends_with('$') && whole[at + opened.len()..].starts_with(['<', '>']));
        let reads = whole
            .split_whitespace()
            .zip(whole.split_whitespace().skip(1))
            .any(|(command, word)| matches!(command, "read" | "for" | "printf") && word == name);
        opens || reads || self.assignments().any(|(_, set)| &*set.name.text == name)
    }
}

fn unlocks(words: &[&str]) -> bool {
    words.iter().any(|word| matches!(*word, "-u" | "--unlock"))
}
