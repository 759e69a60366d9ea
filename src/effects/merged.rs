//! Merged values: a thing that is one of a few known ones, by the path that was taken or by the turn of a loop.
//!
//! ```sh
//! if [ "$1" = test ]; then target=/etc/a.conf; else target=/etc/b.conf; fi
//! cp -p /etc/a.conf /etc/a.conf.bak || exit 1
//! cp -p /etc/b.conf /etc/b.conf.bak || exit 1
//! cp new.conf "$target"         # kept, whichever it is
//! cp new.conf /etc/b.conf       # may have been written by the line above
//! ```
//! What holds of each of them holds of the merged one, wherever the last of it was made; and what changes one of them may
//! have changed the merged one, and the other way round.

use super::compile::Compiler;
use super::thing::ThingId;
use super::universe::{Universe, is_negative};
use super::variants::Variants;
use crate::knowledge::{FactKind, Touch};
use hashbrown::HashMap;

/// What must hold, all of it, for a fact about a merged thing to hold.
pub type Whole = (Vec<usize>, usize);

/// The followed facts about merged things.
#[derive(Debug, Default)]
pub struct Merged {
    wholes: Vec<Whole>,
    /// By a fact about one of the things: the wholes that it is a part of.
    parts: HashMap<usize, Vec<u32>>,
    /// Some fact is a part of more wholes than are followed.
    pub overrun: bool,
}

/// Of so many wholes a fact may be a part.
const MOST_WHOLES: usize = 64;

/// A change of a thing; it may put a new thing in its place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Change {
    pub thing: ThingId,
    pub touch: Touch,
    pub renews: bool,
}

impl Merged {
    /// Finds the facts about merged things whose parts are all followed.
    pub fn find(variants: &Variants, universe: &Universe) -> Self {
        let mut merged = Self::default();
        for bit in 0..universe.len() {
            let fact = universe.fact(bit);
            if is_negative(fact.kind) {
                continue;
            }
            for node in variants.deciders(fact.thing) {
                let Some(all) = variants.all_of(node, fact, universe).filter(|all| !all.is_empty()) else { continue };
                let is_full = |part: &usize| merged.parts.get(part).is_some_and(|wholes| wholes.len() >= MOST_WHOLES);
                if all.iter().any(is_full) {
                    merged.overrun = true;
                    continue;
                }
                for &part in &all {
                    merged.parts.entry(part).or_default().push(merged.wholes.len() as u32);
                }
                merged.wholes.push((all, bit));
            }
        }
        merged
    }

    /// The numbers of the wholes of which some of these facts are parts.
    pub fn with_any(&self, parts: impl IntoIterator<Item = usize>) -> Vec<u32> {
        if self.wholes.is_empty() {
            return Vec::new();
        }
        let wholes = parts.into_iter().filter_map(|part| self.parts.get(&part));
        let mut found: Vec<u32> = wholes.flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The whole of a number.
    pub fn whole(&self, number: u32) -> &Whole {
        &self.wholes[number as usize]
    }

    /// What else a change of a thing ends, which has ended these facts: what is known of the things that it may be, and of
    /// those that may be one of the things that it has changed. That it may have happened is no event of this script.
    pub fn also_ended(&self, change: Change, ended: &[usize], compiler: &Compiler<'_>) -> Vec<usize> {
        let Change { thing, touch, renews } = change;
        let Compiler { universe, things, variants, .. } = compiler;
        let mut others = Vec::new();
        for &variant in variants.changed(thing) {
            universe.ended(variant, touch, things, &mut others);
        }
        let wholes = self.with_any(ended.iter().chain(&others).copied());
        others.extend(wholes.into_iter().map(|number| self.whole(number).1));
        others.retain(|&bit| {
            let kind = universe.fact(bit).kind;
            // What is put in place of what nobody misses is of this run, whichever it was.
            let stays = renews && matches!(kind, FactKind::NothingToLose | FactKind::Guarded);
            !is_negative(kind) && !stays
        });
        others
    }
}
