//! Removals that name their files by a pattern, and fail where nothing matches it.
//!
//! ```sh
//! for name in "$@"; do fetch "$name" && touch "$name.done"; done
//! rm -- *.done      # no name was given, or none came: rm is asked for a file that is called `*.done`
//! ```
//! Whatever is sure to have made a file of such a name in the same run excuses, and a test that has found one: the pattern
//! matches that.

use super::dominators::Dominators;
use super::glob::matches;
use super::resolve::Resolver;
use super::step::{Condition, Occurrence, Step};
use super::thing::{Fact, ThingId};
use super::ways::Budget;
use crate::flow::graph::{Kind, NodeId, UnitId};
use crate::flow::value::Value;
use crate::knowledge::{EffectKind, FactKind, HOLE, How, SecondRun, ThingKind};
use crate::syntax::tree::PartKind;
use hashbrown::{HashMap, HashSet};

/// The mark of such a removal.
const BY_PATTERN: &str = "by-pattern";

/// So many pairs of a removal and a test are looked at.
const MOST_PAIRS: usize = 1 << 16;

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
    let above = all_above(resolver, steps, dominators, &makers);
    let mut removals =
        Removals { resolver, above, makers, patterns: HashMap::new(), budget: Budget::over(steps.len()) };
    let mut left = Vec::new();
    for at in found {
        if !removals.is_surely_matched(&occurrences[at]) {
            occurrences[at].marks.push(BY_PATTERN.into());
            left.push(at);
        }
    }
    let enough = removals.budget.enough();
    if !left.is_empty() {
        let tested = tested(resolver, steps);
        // More than that no script has, and each removal is held against each test.
        if left.len().saturating_mul(tested.len()) > MOST_PAIRS {
            return false;
        }
        for at in left {
            let pattern = &occurrences[at].name;
            let matched = tested.iter().filter(|(path, _)| matches(pattern, path));
            let excuses: Vec<Fact> = matched.map(|(_, fact)| *fact).collect();
            occurrences[at].excuses.extend(excuses);
        }
    }
    enough
}

/// The files that tests ask for by a name that is written out, and that they are there: where one of them matches a
/// pattern, something does.
fn tested(resolver: &Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> Vec<(String, Fact)> {
    let mut found: HashMap<Fact, String> = HashMap::new();
    for condition in steps.iter().flatten().filter_map(|step| step.condition.as_deref()) {
        condition.each(&mut |question| {
            let (Condition::Facts { yes, .. } | Condition::Slot { yes, .. }) = question else { return };
            let is_there = |fact: &&Fact| matches!(fact.kind, FactKind::Exists | FactKind::IsFile);
            for fact in yes.iter().filter(is_there) {
                let thing = resolver.things.get(fact.thing);
                let text = thing.key.first().and_then(|&key| resolver.flow.values.text(key));
                if let Some(path) = text.filter(|_| thing.kind == ThingKind::Path) {
                    found.insert(Fact { kind: FactKind::Exists, thing: fact.thing }, path.to_owned());
                }
            }
        });
    }
    let mut found: Vec<(String, Fact)> = found.into_iter().map(|(fact, path)| (path, fact)).collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// What stands above a node in the tree of the dominators.
#[derive(Clone, Copy, Default)]
struct Above {
    /// Something of which nobody knows what it does.
    is_unknown: bool,
    /// The nearest node that makes files or calls a function.
    telling: Option<NodeId>,
}

/// What makes the files that a pattern matches.
struct Pattern {
    making: HashSet<NodeId>,
    /// The units in which, or in what they call, that is done.
    made_in: HashSet<UnitId>,
    /// By the node: whether every way to it passes something of the kind, as far as that was asked.
    known: HashMap<NodeId, bool>,
}

/// What is known of a script in which something is removed by a pattern.
struct Removals<'a, 'r, 't> {
    resolver: &'a Resolver<'r, 't>,
    /// By the node.
    above: Vec<Above>,
    makers: Vec<Maker>,
    /// By the path with the pattern in it.
    patterns: HashMap<String, Pattern>,
    budget: Budget,
}

/// What stands above each node: one pass, in which what dominates a node comes before it.
fn all_above(
    resolver: &Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    dominators: &Dominators,
    makers: &[Maker],
) -> Vec<Above> {
    let flow = &resolver.flow;
    let making: HashSet<NodeId> = makers.iter().map(|maker| maker.node).collect();
    let mut found = vec![Above::default(); steps.len()];
    for unit in 0..flow.graph.units.len() {
        for &node in &flow.orders.unit(UnitId(unit as u32)).nodes {
            let Some(above) = dominators.above(node) else { continue };
            let Above { is_unknown, telling } = found[above.0 as usize];
            let tells = making.contains(&above) || !flow.calls.callees(above).is_empty();
            let step = steps[above.0 as usize].as_ref();
            found[node.0 as usize] = Above {
                is_unknown: is_unknown || step.is_some_and(|step| step.unknown),
                telling: if tells { Some(above) } else { telling },
            };
        }
    }
    found
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
    fn is_surely_matched(&mut self, removal: &Occurrence) -> bool {
        let above = self.above[removal.node.0 as usize];
        if above.is_unknown || above.telling.is_none() {
            return above.is_unknown;
        }
        let shown = shown(self.resolver, removal.target);
        let mut pattern = self.patterns.remove(&shown).unwrap_or_else(|| self.pattern(&shown));
        let mut passed = Vec::new();
        let mut node = removal.node;
        let matched = loop {
            if let Some(&known) = pattern.known.get(&node) {
                break known;
            }
            passed.push(node);
            let Some(above) = self.above[node.0 as usize].telling else { break false };
            let mut called = self.resolver.flow.calls.callees(above).iter();
            // What is not looked at may well do so.
            if !self.budget.take_step()
                || pattern.making.contains(&above)
                || called.any(|unit| pattern.made_in.contains(unit))
            {
                break true;
            }
            node = above;
        };
        pattern.known.extend(passed.into_iter().map(|node| (node, matched)));
        self.patterns.insert(shown, pattern);
        matched
    }

    /// What makes the files that a pattern matches.
    fn pattern(&self, shown: &str) -> Pattern {
        let makers = self.makers.iter().filter(|maker| self.budget.take_step() && makes(maker, shown));
        let (mut making, mut waiting) = (HashSet::new(), Vec::new());
        for maker in makers {
            making.insert(maker.node);
            waiting.push(maker.unit);
        }
        let mut made_in: HashSet<UnitId> = HashSet::new();
        while let Some(unit) = waiting.pop() {
            if made_in.insert(unit) {
                let calls = self.resolver.flow.calls.of(unit).iter().filter(|_| self.budget.take_step());
                waiting.extend(calls.map(|call| call.caller));
            }
        }
        Pattern { making, made_in, known: HashMap::new() }
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
