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
use super::ways::Budget;
use crate::flow::graph::{Kind, NodeId, UnitId};
use crate::flow::value::Value;
use crate::knowledge::{EffectKind, HOLE, How, SecondRun, ThingKind};
use crate::syntax::tree::PartKind;
use hashbrown::{HashMap, HashSet};

/// The mark of such a removal.
const BY_PATTERN: &str = "by-pattern";

/// Something that makes files.
struct Maker {
    node: NodeId,
    unit: UnitId,
    /// The path, with a sign for each piece that is not known.
    shown: String,
    /// It puts files into a directory of that path.
    fills: bool,
}

/// Marks the removals that may find nothing to remove. Says whether all was looked at.
pub fn mark(
    resolver: &Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    dominators: &Dominators,
    occurrences: &mut [Occurrence],
) -> bool {
    let found: Vec<usize> = (0..occurrences.len()).filter(|&at| is_meant(resolver, &occurrences[at])).collect();
    if found.is_empty() {
        return true;
    }
    let makers: Vec<Maker> = occurrences.iter().filter_map(|occurrence| maker(resolver, occurrence)).collect();
    let mut callees: HashMap<UnitId, Vec<UnitId>> = HashMap::new();
    for call in &resolver.flow.calls.all {
        callees.entry(call.caller).or_default().push(call.callee);
    }
    let budget = Budget::over(steps.len());
    let removals = Removals { resolver, steps, dominators, makers, callees, budget };
    for at in found {
        if !removals.is_surely_matched(&occurrences[at]) {
            occurrences[at].marks.push(BY_PATTERN.into());
        }
    }
    removals.budget.enough()
}

/// What is known of a script in which something is removed by a pattern.
struct Removals<'a, 'r, 't> {
    resolver: &'a Resolver<'r, 't>,
    steps: &'a [Option<Box<Step>>],
    dominators: &'a Dominators,
    makers: Vec<Maker>,
    /// By the unit: those that it calls.
    callees: HashMap<UnitId, Vec<UnitId>>,
    budget: Budget,
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

impl Removals<'_, '_, '_> {
    /// Whether every way to a removal passes something that makes what its pattern matches, or may well do so.
    fn is_surely_matched(&self, removal: &Occurrence) -> bool {
        let pattern = shown(self.resolver, removal.target);
        let makers: Vec<&Maker> = self.makers.iter().filter(|maker| makes(maker, &pattern)).collect();
        let making: HashSet<NodeId> = makers.iter().map(|maker| maker.node).collect();
        let made_in: HashSet<UnitId> = makers.iter().map(|maker| maker.unit).collect();
        let mut node = removal.node;
        while self.budget.take_step() {
            let Some(above) = self.dominators.above(node) else { return false };
            node = above;
            let is_unknown = self.steps[node.0 as usize].as_ref().is_some_and(|step| step.unknown);
            if is_unknown || making.contains(&node) || self.makes_within(node, &made_in) {
                return true;
            }
        }
        true
    }

    /// Whether a node calls a function in which, or in what it calls, such a thing is made.
    fn makes_within(&self, node: NodeId, made_in: &HashSet<UnitId>) -> bool {
        let mut waiting: Vec<UnitId> = self.resolver.flow.calls.callees(node).to_vec();
        let mut seen: HashSet<UnitId> = HashSet::new();
        while let Some(unit) = waiting.pop() {
            if !seen.insert(unit) {
                continue;
            }
            if made_in.contains(&unit) {
                return true;
            }
            waiting.extend(self.callees.get(&unit).into_iter().flatten());
        }
        false
    }
}

/// An effect as one that makes files, if it does.
fn maker(resolver: &Resolver<'_, '_>, occurrence: &Occurrence) -> Option<Maker> {
    let is_made =
        matches!(occurrence.effect, EffectKind::Write | EffectKind::Create | EffectKind::Backup | EffectKind::Restore);
    let is_path = resolver.things.get(occurrence.target).kind == ThingKind::Path;
    (is_made && occurrence.how != How::Directory && is_path).then(|| Maker {
        node: occurrence.node,
        unit: occurrence.unit,
        shown: shown(resolver, occurrence.target),
        fills: matches!(occurrence.how, How::Checkout | How::Replace),
    })
}

/// Whether a file is made whose name the pattern matches, or files are put into its directory.
fn makes(maker: &Maker, pattern: &str) -> bool {
    let fills = maker.fills && pattern.rsplit_once('/').is_some_and(|(directory, _)| directory == maker.shown);
    fills || matches(pattern, &maker.shown)
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
