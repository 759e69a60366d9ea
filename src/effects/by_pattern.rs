//! Removals that name their files by a pattern, and fail where nothing matches it.
//!
//! ```sh
//! for name in "$@"; do fetch "$name" && touch "$name.done"; done
//! rm -- *.done      # no name was given, or none came: rm is asked for a file that is called `*.done`
//! ```
//! Whatever is sure to have made a file of such a name in the same run excuses: the pattern matches that.

use super::dominators::Dominators;
use super::glob::matches;
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::ThingId;
use crate::flow::graph::{Kind, NodeId, UnitId};
use crate::flow::value::Value;
use crate::knowledge::{EffectKind, HOLE, How, SecondRun, ThingKind};
use crate::syntax::tree::PartKind;
use hashbrown::HashSet;

/// The mark of such a removal.
const BY_PATTERN: &str = "by-pattern";

/// How many steps in front of a removal are looked at.
const MOST_STEPS: usize = 4096;

/// Marks the removals that may find nothing to remove.
pub fn mark(
    resolver: &Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    dominators: &Dominators,
    occurrences: &mut [Occurrence],
) {
    let found: Vec<usize> = (0..occurrences.len()).filter(|&at| is_meant(resolver, &occurrences[at])).collect();
    for at in found {
        if !is_surely_matched(resolver, steps, dominators, occurrences, at) {
            occurrences[at].marks.push(BY_PATTERN.into());
        }
    }
}

/// Whether an effect removes whatever a pattern matches, and fails where that is nothing. What `find` or `xargs` runs is
/// given names that are there.
fn is_meant(resolver: &Resolver<'_, '_>, occurrence: &Occurrence) -> bool {
    let values = &resolver.flow.values;
    let pieces = values.pieces(&occurrence.target_value);
    let Kind::Simple(simple) = &resolver.flow.graph.node(occurrence.node).kind else { return false };
    let is_written =
        simple.simple.words.iter().flat_map(|word| &word.parts).any(|part| matches!(part.kind, PartKind::Glob(_)));
    is_written
        && &*occurrence.command == "rm"
        && occurrence.effect == EffectKind::Delete
        && matches!(occurrence.how, How::Entry | How::Tree)
        && occurrence.second_run == SecondRun::Fails
        && pieces.iter().any(|&piece| matches!(values.get(piece), Value::Pattern(_)))
}

/// Whether every way to a removal passes something that makes what its pattern matches, or may well do so.
fn is_surely_matched(
    resolver: &Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    dominators: &Dominators,
    occurrences: &[Occurrence],
    at: usize,
) -> bool {
    let flow = &resolver.flow;
    let pattern = shown(resolver, occurrences[at].target);
    let makers: Vec<&Occurrence> = occurrences.iter().filter(|other| makes(resolver, other, &pattern)).collect();
    let made_in: HashSet<UnitId> = makers.iter().map(|other| other.unit).collect();
    let makes_within = |node: NodeId| {
        let mut waiting: Vec<UnitId> = flow.calls.callees(node).to_vec();
        let mut seen: HashSet<UnitId> = HashSet::new();
        while let Some(unit) = waiting.pop() {
            if !seen.insert(unit) {
                continue;
            }
            if made_in.contains(&unit) {
                return true;
            }
            waiting.extend(flow.calls.all.iter().filter(|call| call.caller == unit).map(|call| call.callee));
        }
        false
    };
    let mut node = occurrences[at].node;
    for _ in 0..MOST_STEPS {
        let Some(above) = dominators.above(node) else { return false };
        node = above;
        let is_unknown = steps[node.0 as usize].as_ref().is_some_and(|step| step.unknown);
        if is_unknown || makers.iter().any(|maker| maker.node == node) || makes_within(node) {
            return true;
        }
    }
    true
}

/// Whether an effect makes a file whose name the pattern matches, or puts files into its directory.
fn makes(resolver: &Resolver<'_, '_>, occurrence: &Occurrence, pattern: &str) -> bool {
    let is_made =
        matches!(occurrence.effect, EffectKind::Write | EffectKind::Create | EffectKind::Backup | EffectKind::Restore);
    if !is_made || occurrence.how == How::Directory || resolver.things.get(occurrence.target).kind != ThingKind::Path {
        return false;
    }
    let made = shown(resolver, occurrence.target);
    let fills = matches!(occurrence.how, How::Checkout | How::Replace)
        && pattern.rsplit_once('/').is_some_and(|(directory, _)| directory == made);
    fills || matches(pattern, &made)
}

/// A path as text, with a sign for each piece that is not known.
fn shown(resolver: &Resolver<'_, '_>, path: ThingId) -> String {
    let values = &resolver.flow.values;
    let pieces = values.pieces(&resolver.things.get(path).key[0]).to_vec();
    let text = pieces.into_iter().map(|piece| match values.get(piece) {
        Value::Pattern(pattern) => pattern.to_string(),
        _ => values.text(piece).map_or_else(|| HOLE.to_string(), str::to_owned),
    });
    text.collect()
}
