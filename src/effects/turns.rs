//! What every turn of a loop over a list has made.
//!
//! ```sh
//! for file in postgresql.conf pg_hba.conf; do
//!     cp -p "/etc/postgresql/15/main/$file" "/var/backups/$file" || exit 1
//! done
//! cp pg_hba.conf.new /etc/postgresql/15/main/pg_hba.conf    # kept in its turn
//! ```
//! That each turn so far has made something of its item is a fact of the loop: it holds in front of the first turn, and a
//! turn that ends without having made it ends it. Behind the last turn it holds of every item of the list.

use super::step::{Condition, Step};
use super::thing::{Fact, Thing, ThingId, Things};
use super::universe::{Universe, is_negative};
use super::variants::of_thing;
use crate::flow::graph::{Graph, ListLoop};
use crate::flow::value::Values;
use crate::knowledge::{FactKind, ThingKind};
use hashbrown::{HashMap, HashSet};
use smallvec::smallvec;
use std::collections::BTreeSet;

/// Something that the turns of a loop make, each of its item.
#[derive(Clone, Debug)]
struct Made {
    /// The turns so far have made it.
    so_far: usize,
    /// It holds of the item of this turn.
    of_item: usize,
    /// The same of each item of the list.
    of_all: Vec<usize>,
}

/// What a node of a loop does to what its turns make.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In front of the first turn.
    Begins,
    /// At the end of a turn.
    Ends,
    /// Behind the last turn.
    Over,
}

/// What the turns of the loops make.
#[derive(Debug, Default)]
pub struct Turns {
    made: Vec<Vec<Made>>,
    places: HashMap<u32, (usize, Place)>,
    /// By a fact about an item of a list: that the turns so far have made it, which it ends where it ends.
    parts: HashMap<usize, Vec<usize>>,
}

impl Turns {
    /// Finds what turns make of which something is asked behind the loop, and follows it.
    pub fn find(
        graph: &Graph<'_>,
        steps: &[Option<Box<Step>>],
        universe: &mut Universe,
        things: &mut Things,
        values: &mut Values,
    ) -> Self {
        let mut turns = Self::default();
        let loops: HashMap<u32, &ListLoop> = graph.list_loops.iter().map(|one| (one.item.0, one)).collect();
        if loops.is_empty() {
            return turns;
        }
        let mut by_loop: HashMap<u32, usize> = HashMap::new();
        for thing in spoken_of(steps) {
            for (node, variants) in of_thing(thing, things, values) {
                let Some(&one) = loops.get(&node) else { continue };
                let asked = variants.iter().flat_map(|&variant| universe.about(variant));
                let kinds: BTreeSet<FactKind> = asked.map(|&bit| universe.fact(bit).kind).collect();
                for kind in kinds.into_iter().filter(|&kind| !is_negative(kind)) {
                    let Some(made) = follow(kind, thing, &variants, universe, things, values) else { continue };
                    for &part in &made.of_all {
                        turns.parts.entry(part).or_default().push(made.so_far);
                    }
                    let at = *by_loop.entry(node).or_insert_with(|| turns.enter(one));
                    turns.made[at].push(made);
                }
            }
        }
        turns
    }

    fn enter(&mut self, one: &ListLoop) -> usize {
        let at = self.made.len();
        self.made.push(Vec::new());
        self.places.insert(one.first.0, (at, Place::Begins));
        self.places.extend(one.turned.map(|node| (node.0, (at, Place::Ends))));
        self.places.extend(one.over.map(|node| (node.0, (at, Place::Over))));
        at
    }

    fn at(&self, node: u32, wanted: impl Fn(Place) -> bool) -> &[Made] {
        let found = self.places.get(&node).filter(|(_, place)| wanted(*place));
        found.map_or(&[], |&(at, _)| &self.made[at])
    }

    /// Whether a node stands where something becomes of what turns make.
    pub fn concern(&self, node: u32) -> bool {
        self.places.contains_key(&node)
    }

    /// What holds in front of the first turn.
    pub fn begun(&self, node: u32) -> impl Iterator<Item = usize> + '_ {
        self.at(node, |place| matches!(place, Place::Begins)).iter().map(|made| made.so_far)
    }

    /// At the end of a turn: what the turns so far have made, and what this one must have made for that.
    pub fn narrowed(&self, node: u32) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.at(node, |place| matches!(place, Place::Ends)).iter().map(|made| (made.so_far, made.of_item))
    }

    /// Behind the last turn: what holds where the turns have made it.
    pub fn gathered(&self, node: u32) -> impl Iterator<Item = (Vec<usize>, usize)> + '_ {
        let made = self.at(node, |place| matches!(place, Place::Over)).iter();
        made.flat_map(|made| made.of_all.iter().map(|&one| (vec![made.so_far], one)))
    }

    /// What is no more true of the turns so far where these facts end.
    pub fn lost(&self, ended: impl Iterator<Item = usize>) -> Vec<usize> {
        if self.parts.is_empty() {
            return Vec::new();
        }
        ended.filter_map(|bit| self.parts.get(&bit)).flatten().copied().collect()
    }
}

/// Follows a kind of fact of the item of a turn, of all items, and of the turns so far.
fn follow(
    kind: FactKind,
    thing: ThingId,
    variants: &[ThingId],
    universe: &mut Universe,
    things: &mut Things,
    values: &mut Values,
) -> Option<Made> {
    let mut bit = |fact: Fact, things: &Things, values: &mut Values| {
        universe.add(fact, things, values);
        universe.bit(fact)
    };
    let key = values.constant(&format!("turns {} {kind:?}", thing.index()));
    let turns = things.intern(Thing { kind: ThingKind::Step, root: None, key: smallvec![key] });
    Some(Made {
        so_far: bit(Fact { kind: FactKind::Succeeded, thing: turns }, things, values)?,
        of_item: bit(Fact { kind, thing }, things, values)?,
        of_all: variants.iter().map(|&thing| bit(Fact { kind, thing }, things, values)).collect::<Option<_>>()?,
    })
}

/// The things of which some step says something, each once.
fn spoken_of(steps: &[Option<Box<Step>>]) -> Vec<ThingId> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut see =
        |facts: &[Fact]| found.extend(facts.iter().map(|fact| fact.thing).filter(|&thing| seen.insert(thing)));
    for step in steps.iter().flatten() {
        see(&step.ok);
        see(&step.fail);
        if let Some(condition) = &step.condition {
            condition.each(&mut |single| {
                if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = single {
                    see(yes);
                    see(no);
                }
            });
        }
    }
    found
}
