//! The facts that are followed: those that some rule asks of a thing in this file, each with its bit.
//!
//! Collected before solving, so that a state is a few machine words whatever the commands could prove.

use super::bits::{Bits, Few};
use super::thing::{Fact, ThingId, Things, above};
use crate::flow::exact::node_of;
use crate::flow::value::{Site, ValueId, Values};
use crate::knowledge::{FactKind, ThingKind, Touch};
use crate::span::Span;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// More facts than this are not followed: what they would excuse falls to low confidence.
pub const MOST_FACTS: usize = 4096;

/// The facts that are followed.
#[derive(Debug, Default)]
pub struct Universe {
    facts: Vec<Fact>,
    bits: HashMap<Fact, usize>,
    of_thing: HashMap<ThingId, Vec<usize>>,
    /// Facts about paths by the value of the path and of every directory above it.
    below: HashMap<(Option<ValueId>, ValueId), Vec<usize>>,
    /// Those among the facts about what lies below a path that lie behind a name which begins with a dot there.
    hidden: HashMap<(Option<ValueId>, ValueId), HashSet<usize>>,
    /// Facts about the texts in a file by the value of its path.
    within: HashMap<(Option<ValueId>, ValueId), Vec<usize>>,
    /// Facts by the node that makes a value they mention.
    nodes: HashMap<u32, Vec<usize>>,
    /// Facts by the byte at which a word makes a value they mention.
    bytes: BTreeMap<Site, Vec<usize>>,
    /// Bits that come with facts beyond what these imply.
    brought: HashMap<Fact, Vec<usize>>,
    /// Some facts did not fit.
    pub overrun: bool,
}

/// Whether a fact holds at the start of a script and is ended by an event.
pub fn is_negative(kind: FactKind) -> bool {
    matches!(
        kind,
        FactKind::Unwritten
            | FactKind::NothingUnchecked
            | FactKind::NoFailedValidation
            | FactKind::Clean
            | FactKind::Settled
            | FactKind::NotRemovedHere
            | FactKind::NotStoppedHere
            | FactKind::NotYet
            | FactKind::NotFailed
    )
}

/// The weaker facts that come with one.
pub fn implied(kind: FactKind) -> &'static [FactKind] {
    match kind {
        FactKind::Absent => &[
            FactKind::NothingToLose,
            FactKind::Guarded,
            FactKind::Identified,
            FactKind::Asked,
            FactKind::LikelyRenewed,
        ],
        FactKind::RenewedHere => &[FactKind::LikelyRenewed],
        FactKind::MadeHere | FactKind::BackedUp | FactKind::SameContent => {
            &[FactKind::NothingToLose, FactKind::Guarded, FactKind::Identified]
        }
        FactKind::NothingToLose => &[FactKind::Guarded, FactKind::Identified],
        FactKind::Guarded => &[FactKind::Identified],
        // Not written on one path, and written and checked on the other, is as good.
        FactKind::ConfigValid => &[FactKind::NothingUnchecked],
        FactKind::Active => &[FactKind::NotStoppedHere],
        // Who looked at it on one path and tries to keep a copy on the other did so for this write.
        FactKind::Differs => &[FactKind::Guarded, FactKind::CopyTried, FactKind::Identified],
        FactKind::IsLink => &[FactKind::Identified],
        FactKind::EmptyDir => {
            &[FactKind::NothingToLose, FactKind::Guarded, FactKind::Identified, FactKind::IsDir, FactKind::Exists]
        }
        FactKind::IsFile | FactKind::IsDir => &[FactKind::Exists],
        FactKind::NonEmptyFile => &[FactKind::IsFile, FactKind::Exists],
        _ => &[],
    }
}

/// The rule sets that hold a rule: its key without its last words.
fn wider(rule: ValueId, values: &mut Values) -> Vec<ValueId> {
    let parts = values.pieces(&rule).to_vec();
    let mut found = Vec::new();
    for (at, &part) in parts.iter().enumerate() {
        let Some(text) = values.text(part).map(str::to_owned) else { continue };
        // Table, chain and a little more: what flushes name.
        for (cut, _) in text.match_indices(' ') {
            if found.len() == 5 {
                return found;
            }
            let last = values.constant(&text[..cut]);
            let pieces: Vec<ValueId> = parts[..at].iter().copied().chain((cut > 0).then_some(last)).collect();
            found.push(values.concat(pieces));
        }
    }
    found
}

/// Whether the last name of a path begins with a dot.
fn is_hidden(path: ValueId, values: &Values) -> bool {
    let parts = values.pieces(&path);
    let last = parts.iter().rev().filter_map(|&part| values.text(part)).find_map(|text| text.rsplit_once('/'));
    last.is_some_and(|(_, name)| name.starts_with('.'))
}

impl Universe {
    /// Follows a fact. Says whether it is new.
    pub fn add(&mut self, fact: Fact, things: &Things, values: &mut Values) -> bool {
        if self.bits.contains_key(&fact) {
            return false;
        }
        if self.facts.len() >= MOST_FACTS {
            self.overrun = true;
            return false;
        }
        let bit = self.facts.len();
        self.facts.push(fact);
        self.bits.insert(fact, bit);
        self.of_thing.entry(fact.thing).or_default().push(bit);
        let thing = things.get(fact.thing);
        if let Some(&path) = thing.key.first() {
            match thing.kind {
                ThingKind::Path => {
                    self.below.entry((thing.root, path)).or_default().push(bit);
                    let mut child = path;
                    for directory in above(path, values) {
                        self.below.entry((thing.root, directory)).or_default().push(bit);
                        if is_hidden(child, values) {
                            self.hidden.entry((thing.root, directory)).or_default().insert(bit);
                        }
                        child = directory;
                    }
                }
                ThingKind::Rule => {
                    self.below.entry((thing.root, path)).or_default().push(bit);
                    for shorter in wider(path, values) {
                        self.below.entry((thing.root, shorter)).or_default().push(bit);
                    }
                }
                ThingKind::Text => self.within.entry((thing.root, path)).or_default().push(bit),
                _ => {}
            }
        }
        let mut sites = HashSet::new();
        things.sites(fact.thing, values, &mut |site| {
            sites.insert(site);
        });
        for site in sites {
            match node_of(site) {
                Some(node) => self.nodes.entry(node).or_default().push(bit),
                None => self.bytes.entry(site).or_default().push(bit),
            }
        }
        true
    }

    /// From now on what makes a fact makes this bit, too.
    pub fn bring(&mut self, fact: Fact, bit: usize) {
        self.brought.entry(fact).or_default().push(bit);
    }

    /// How many facts are followed.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// The bit of a fact, if it is followed.
    pub fn bit(&self, fact: Fact) -> Option<usize> {
        self.bits.get(&fact).copied()
    }

    /// The fact of a bit.
    pub fn fact(&self, bit: usize) -> Fact {
        self.facts[bit]
    }

    /// The facts about a thing.
    pub fn about(&self, thing: ThingId) -> &[usize] {
        self.of_thing.get(&thing).map_or(&[], Vec::as_slice)
    }

    /// The facts about a path and what lies below it.
    pub fn at_or_below(&self, root: Option<ValueId>, path: ValueId) -> &[usize] {
        self.below.get(&(root, path)).map_or(&[], Vec::as_slice)
    }

    /// The facts about values that a node, or a word in its span, makes anew when it runs again.
    pub fn remade(&self, node: u32, span: Span) -> impl Iterator<Item = usize> + '_ {
        let words = self.bytes.range(span.start..span.end.max(span.start)).flat_map(|(_, bits)| bits);
        self.nodes.get(&node).into_iter().flatten().chain(words).copied()
    }

    /// The negative facts.
    pub fn negative(&self) -> Bits {
        let mut bits = Bits::none(self.len());
        for (bit, fact) in self.facts.iter().enumerate() {
            if is_negative(fact.kind) {
                bits.add(bit);
            }
        }
        bits
    }

    /// These facts and all that they imply, as far as they are followed.
    pub fn closed<'f>(&self, facts: impl IntoIterator<Item = &'f Fact>, things: &Things) -> Few {
        let mut bits = Vec::new();
        for fact in facts {
            self.close(*fact, things, &mut bits);
        }
        Few::of(bits)
    }

    fn close(&self, fact: Fact, things: &Things, bits: &mut Vec<usize>) {
        bits.extend(self.bit(fact));
        bits.extend(self.brought.get(&fact).into_iter().flatten());
        bits.extend(implied(fact.kind).iter().filter_map(|&kind| self.bit(Fact { kind, thing: fact.thing })));
        let thing = things.get(fact.thing);
        // Where nothing is, or nothing is in it, nothing is below; where all is new, all below is.
        let below: &[FactKind] = match fact.kind {
            // What a set of rules holds from now on is of this run, whatever comes into it.
            FactKind::Absent if thing.kind == ThingKind::Rule => {
                bits.extend(self.bit(Fact { kind: FactKind::RenewedHere, thing: fact.thing }));
                &[FactKind::Absent, FactKind::NothingToLose, FactKind::Asked, FactKind::RenewedHere]
            }
            FactKind::Absent | FactKind::EmptyDir | FactKind::NothingBelow | FactKind::NothingShown => &[
                FactKind::Absent,
                FactKind::NothingToLose,
                FactKind::Guarded,
                FactKind::Identified,
                FactKind::Asked,
                FactKind::LikelyRenewed,
            ],
            FactKind::RenewedHere => &[FactKind::RenewedHere, FactKind::LikelyRenewed],
            FactKind::LikelyRenewed => &[FactKind::LikelyRenewed],
            // What is in a directory that this run made, this run put there.
            FactKind::MadeHere if thing.kind == ThingKind::Path => {
                &[FactKind::RenewedHere, FactKind::NothingToLose, FactKind::Guarded, FactKind::Identified]
            }
            // A copy of a directory is one of all that lies in it.
            FactKind::BackedUp => {
                &[FactKind::BackedUp, FactKind::NothingToLose, FactKind::Guarded, FactKind::Identified]
            }
            FactKind::CopyTried => &[FactKind::CopyTried],
            _ => return,
        };
        let Some(&key) = thing.key.first() else { return };
        let hidden = self.hidden.get(&(thing.root, key)).filter(|_| fact.kind == FactKind::NothingShown);
        for &bit in self.below.get(&(thing.root, key)).into_iter().flatten() {
            let other = self.facts[bit];
            if hidden.is_some_and(|hidden| hidden.contains(&bit)) {
                continue;
            }
            if other.thing != fact.thing && things.get(other.thing).kind == thing.kind && below.contains(&other.kind) {
                bits.push(bit);
            }
        }
    }

    /// What a change of a thing ends. A write leaves the negative facts to `written`.
    pub fn ended(&self, thing: ThingId, touch: Touch, things: &Things, bits: &mut Vec<usize>) {
        let described = things.get(thing);
        // What a command puts into a directory where nothing was to be lost is of this run.
        let puts_in = described.kind == ThingKind::Path;
        let ends = |kind: FactKind, itself: bool| match touch {
            Touch::Written => {
                !matches!(
                    kind,
                    FactKind::Exists
                        | FactKind::IsFile
                        | FactKind::IsDir
                        | FactKind::IsLink
                        | FactKind::Asked
                        | FactKind::MadeHere
                        | FactKind::RenewedHere
                        | FactKind::LikelyRenewed
                        | FactKind::NoFailedValidation
                        | FactKind::NotRemovedHere
                ) && (itself || !puts_in || !matches!(kind, FactKind::NothingToLose | FactKind::Guarded))
            }
            Touch::Made | Touch::Added => {
                itself
                    && matches!(
                        kind,
                        FactKind::Absent
                            | FactKind::EmptyDir
                            | FactKind::Unwritten
                            | FactKind::SameContent
                            | FactKind::BackedUp
                    )
                    // Making what was not there leaves nothing to lose; adding to it does.
                    || itself && touch == Touch::Added && matches!(kind, FactKind::NothingToLose | FactKind::Guarded)
            }
            Touch::Removed => !matches!(
                kind,
                FactKind::CopyTried
                    | FactKind::Absent
                    | FactKind::Asked
                    | FactKind::RenewedHere
                    | FactKind::LikelyRenewed
                    | FactKind::Unwritten
                    | FactKind::NoFailedValidation
                    | FactKind::NotRemovedHere
                    | FactKind::NothingToLose
                    | FactKind::Guarded
            ),
        };
        if matches!(described.kind, ThingKind::Path | ThingKind::Rule) {
            let Some(&path) = described.key.first() else { return };
            for &bit in self.below.get(&(described.root, path)).into_iter().flatten() {
                let fact = self.facts[bit];
                if ends(fact.kind, fact.thing == thing) {
                    bits.push(bit);
                }
            }
            for &bit in self.within.get(&(described.root, path)).into_iter().flatten() {
                let kind = self.facts[bit].kind;
                if touch != Touch::Added || kind != FactKind::Contains {
                    bits.push(bit);
                }
            }
        } else {
            for &bit in self.about(thing) {
                let kind = self.facts[bit].kind;
                let keeps = kind == FactKind::Asked
                    || described.kind == ThingKind::Service
                        && matches!(
                            kind,
                            FactKind::ConfigValid
                                | FactKind::Unwritten
                                | FactKind::NothingUnchecked
                                | FactKind::NoFailedValidation
                                | FactKind::Changed
                        )
                    || touch == Touch::Removed && kind == FactKind::Absent
                    || touch != Touch::Removed && kind == FactKind::NotStoppedHere;
                if !keeps {
                    bits.push(bit);
                }
            }
        }
    }
}
