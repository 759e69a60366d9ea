//! Deletions of all that lies in a directory, or all of one kind, where a backup is made behind.
//!
//! ```sh
//! rm -f /var/backups/app/*.gz            # from here on there is none
//! pg_dump -f /var/backups/app/new.gz app
//! ```
//! One walk back from all steps that make backups finds what stands in front of one.

use super::resolve::Resolver;
use super::step::Occurrence;
use super::ways::Ways;
use crate::flow::graph::NodeId;
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::EffectKind;
use hashbrown::HashSet;

/// The mark of such a deletion.
const MAKES_ROOM: &str = "makes-room";
/// It makes a copy to go back to.
const BACKS_UP: &str = "backs-up";

/// Marks them.
pub fn mark(resolver: &Resolver<'_, '_>, ways: &Ways, occurrences: &mut [Occurrence]) {
    let values = &resolver.flow.values;
    let takes_all = |one: &Occurrence| one.effect == EffectKind::Delete && takes_all(one.target_value, values);
    let backs_up = |one: &&Occurrence| one.marks.iter().any(|mark| **mark == *BACKS_UP);
    let mut waiting: Vec<NodeId> = occurrences.iter().filter(backs_up).map(|one| one.node).collect();
    if waiting.is_empty() || !occurrences.iter().any(takes_all) {
        return;
    }
    let graph = &resolver.flow.graph;
    let mut seen: HashSet<NodeId> = HashSet::new();
    let mut called = HashSet::new();
    while let Some(node) = waiting.pop() {
        let before = ways.ahead_of(node).iter().copied();
        // What comes to a step of a function comes to it by a call.
        let unit = graph.node(node).unit;
        let calls = if called.insert(unit) { resolver.flow.calls.of(unit) } else { &[] };
        waiting.extend(before.chain(calls.iter().map(|call| call.node)).filter(|&one| seen.insert(one)));
    }
    for one in occurrences.iter_mut().filter(|one| seen.contains(&one.node) && takes_all(one)) {
        one.marks.push(MAKES_ROOM.into());
    }
}

/// Whether a path stands for all that lies in a directory, or all that ends in the same way: `/backup/*.sql`.
fn takes_all(path: ValueId, values: &Values) -> bool {
    let pieces = values.pieces(&path);
    let is_glob = |&piece: &ValueId| matches!(values.get(piece), Value::Pattern(_));
    let Some(at) = pieces.iter().position(is_glob) else { return false };
    let begins = matches!(values.get(pieces[at]), Value::Pattern(text) if text.starts_with('*'));
    let directory = at.checked_sub(1).and_then(|before| values.text(pieces[before]));
    begins && directory.is_some_and(|text| text.ends_with('/'))
}
