//! Values that are one of a few known ones: the item of a literal list, a directory where paths meet.
//!
//! ```sh
//! mkdir -p /srv/a /srv/b
//! for name in a b; do ln -s "/srv/$name" "/opt/$name"; done
//! ```
//! What holds of `/srv/a` and of `/srv/b` holds of `/srv/$name` in every turn, whatever the turn.

use super::mounts::{bare_interface, part_of};
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::{Fact, Thing, ThingId, Things, above, normal};
use super::universe::{MOST_FACTS, Universe, is_negative};
use crate::flow::exact::node_of;
use crate::flow::graph::{Graph, Kind, UnitId};
use crate::flow::value::{MOST_ALTERNATIVES, Value, ValueId, Values};
use crate::knowledge::{FactKind, PathClass, ThingKind};
use hashbrown::{HashMap, HashSet};
use std::cell::RefCell;

/// How many directories above a path are asked.
const MOST_ABOVE: usize = 4;

/// How many a value may be one of.
const MOST_VARIANTS: usize = 16;

/// A piece of a value that a node makes, and what it is one of.
pub struct Choice {
    /// The node.
    pub node: u32,
    /// The value with each of them in place of the piece.
    pub variants: Vec<ValueId>,
}

/// The choices in a value.
pub fn choices(value: ValueId, values: &mut Values) -> Vec<Choice> {
    let pieces = RefCell::new(Vec::new());
    values.any(value, &|piece| {
        match piece {
            Value::Item(site) => pieces.borrow_mut().extend(node_of(*site).map(|node| (node, piece.clone()))),
            Value::Phi(node, _) => pieces.borrow_mut().push((*node, piece.clone())),
            _ => {}
        }
        false
    });
    let mut found = Vec::new();
    for (node, piece) in pieces.into_inner() {
        let is_item = matches!(piece, Value::Item(_));
        let piece = values.intern(piece);
        let known = values.alternatives(piece).to_vec();
        // Where as many have met as are remembered there may be others.
        let most = if is_item { MOST_VARIANTS } else { MOST_ALTERNATIVES - 1 };
        if !(2..=most).contains(&known.len()) || !known.iter().all(|&known| is_lasting(known, values)) {
            continue;
        }
        let variants = known
            .iter()
            .map(|&known| values.rebuilt(value, &mut |_, inner| (inner == piece).then_some(known)))
            .collect();
        found.push(Choice { node, variants });
    }
    found
}

/// Whether a value is the same wherever it stands.
fn is_lasting(value: ValueId, values: &Values) -> bool {
    let passes = |piece: &Value| {
        !matches!(
            piece,
            Value::Constant(_)
                | Value::Concat(_)
                | Value::Environment(0, _)
                | Value::Positional(..)
                | Value::Required(_)
        )
    };
    !values.any(value, &passes)
}

/// The things that a thing may be: with the node that decides, for each choice in its name.
pub fn of_thing(id: ThingId, things: &mut Things, values: &mut Values) -> Vec<(u32, Vec<ThingId>)> {
    let thing = things.get(id).clone();
    let Some(&first) = thing.key.first() else { return Vec::new() };
    let mut found = Vec::new();
    for Choice { node, variants } in choices(first, values) {
        // A path that is not known to be absolute lies in a directory that is not known.
        let is_relative = |&variant: &ValueId| {
            let begins = values.begins(variant);
            !begins.is_empty() && !begins.starts_with('/')
        };
        let is_path = matches!(thing.kind, ThingKind::Path | ThingKind::Mount | ThingKind::Text);
        if is_path && variants.iter().any(is_relative) {
            continue;
        }
        let named = variants.into_iter().map(|variant| {
            let mut key = thing.key.clone();
            // An item may bring `./` with it.
            key[0] = if is_path { normal(variant, variant, values) } else { variant };
            things.intern(Thing { kind: thing.kind, root: thing.root, key })
        });
        found.push((node, named.collect()));
    }
    found
}

/// Whether what holds of a container can make a fact hold of a new name in it.
fn is_inherited(fact: Fact, things: &Things) -> bool {
    match things.get(fact.thing).kind {
        ThingKind::Path => is_of_this_run(fact.kind),
        ThingKind::Network => fact.kind == FactKind::Absent,
        _ => false,
    }
}

/// Whether it holds of all that is in a directory which was found empty.
fn is_of_this_run(kind: FactKind) -> bool {
    matches!(kind, FactKind::RenewedHere | FactKind::NothingToLose | FactKind::Guarded)
}

/// What the things of the followed facts may be.
#[derive(Debug, Default)]
pub struct Variants {
    by_thing: HashMap<ThingId, Vec<(u32, Vec<ThingId>)>>,
    /// For names that are made anew when a node runs again: what says of the directory above that all in it is new, of
    /// the interface that it has no address.
    containers: HashMap<ThingId, Vec<Fact>>,
    /// For what is a part of an interface, a route through it: the interface.
    parts: HashMap<ThingId, ThingId>,
    /// Paths among them at which nothing is that anybody would miss.
    worthless: HashSet<ThingId>,
    /// For what some step changes: the things that it may be.
    changed: HashMap<ThingId, Vec<ThingId>>,
    followed: usize,
    /// Some fact about what a thing may be is not followed.
    pub overrun: bool,
}

impl Variants {
    /// What the things may be of which some are parts of an interface.
    pub fn with_parts(occurrences: &[Occurrence], things: &Things) -> Self {
        let parts = occurrences.iter().filter_map(|occurrence| Some((occurrence.target, part_of(occurrence, things)?)));
        Self { parts: parts.collect(), ..Self::default() }
    }

    /// Follows, for every fact that is followed, the same of what its thing may be.
    pub fn follow(&mut self, universe: &mut Universe, things: &mut Things, values: &mut Values) {
        while self.followed < universe.len() {
            let fact = universe.fact(self.followed);
            self.followed += 1;
            if is_negative(fact.kind) {
                continue;
            }
            if is_inherited(fact, things) {
                for directory in self.container(fact.thing, things, values).to_vec() {
                    self.add(directory, universe, things, values);
                }
            }
            let of = self.by_thing.entry(fact.thing).or_insert_with(|| of_thing(fact.thing, things, values));
            let others: Vec<ThingId> = of.iter().flat_map(|(_, variants)| variants).copied().collect();
            for thing in others {
                self.add(Fact { kind: fact.kind, thing }, universe, things, values);
            }
        }
    }

    /// Follows one more fact, where what is asked leaves room for it.
    fn add(&mut self, fact: Fact, universe: &mut Universe, things: &Things, values: &mut Values) {
        if universe.len() < MOST_FACTS / 2 {
            universe.add(fact, things, values);
        } else {
            self.overrun |= universe.bit(fact).is_none();
        }
    }

    /// What says of the directories above a path whose name is made anew somewhere that all in them is of this run, or of
    /// the interface of such an address that it has none.
    fn container(&mut self, id: ThingId, things: &mut Things, values: &mut Values) -> &[Fact] {
        self.containers.entry(id).or_insert_with(|| {
            let thing = things.get(id).clone();
            let mut is_made = false;
            things.sites(id, values, &mut |_| is_made = true);
            if is_made && thing.kind == ThingKind::Network {
                let whole = self.parts.get(&id);
                let new = |&thing| [FactKind::Absent, FactKind::MadeHere].map(|kind| Fact { kind, thing });
                return whole.map_or_else(|| bare_interface(id, things, values), |whole| new(whole).to_vec());
            }
            if !is_made || thing.kind != ThingKind::Path {
                return Vec::new();
            }
            let directories = above(thing.key[0], values);
            let key = |directory| std::iter::once(directory).collect();
            // What begins with a dot may have been there and not shown.
            let kinds: &[FactKind] = if values.render(thing.key[0]).0.contains("/.") {
                &[FactKind::RenewedHere, FactKind::NothingBelow]
            } else {
                &[FactKind::RenewedHere, FactKind::NothingBelow, FactKind::NothingShown]
            };
            let named = directories.into_iter().take(MOST_ABOVE).flat_map(|directory| {
                let thing = things.intern(Thing { kind: ThingKind::Path, root: thing.root, key: key(directory) });
                kinds.iter().map(move |&kind| Fact { kind, thing })
            });
            named.collect()
        })
    }

    /// The facts each of which makes one hold of a name that a node has made anew: all is new where it lies.
    pub fn any_of(&self, fact: Fact, universe: &Universe) -> impl Iterator<Item = usize> + '_ {
        let of =
            self.containers.get(&fact.thing).filter(|_| fact.kind == FactKind::Absent || is_of_this_run(fact.kind));
        let says = of.into_iter().flatten().filter(|above| match fact.kind {
            // An address; a path that is new to this run may have been made in it.
            FactKind::Absent => matches!(above.kind, FactKind::Absent | FactKind::MadeHere),
            FactKind::RenewedHere => true,
            // What this run emptied held something.
            _ => above.kind != FactKind::RenewedHere,
        });
        let bits: Vec<usize> = says.filter_map(|&above| universe.bit(above)).collect();
        bits.into_iter()
    }

    /// The facts that all must hold for a fact to hold where a node has decided what its thing is.
    pub fn all_of(&self, node: u32, fact: Fact, universe: &Universe) -> Option<Vec<usize>> {
        let (_, variants) = self.by_thing.get(&fact.thing)?.iter().find(|(decides, _)| *decides == node)?;
        let is_loss = matches!(fact.kind, FactKind::NothingToLose | FactKind::Guarded);
        let counts = |thing: &&ThingId| !(is_loss && self.worthless.contains(*thing));
        variants.iter().filter(counts).map(|&thing| universe.bit(Fact { kind: fact.kind, thing })).collect()
    }

    /// Looks for what the things may be that some step changes. The items of a loop are left out: each has its own turn,
    /// and what is done to one of them is done to none of those that are still to come.
    pub fn touched(
        &mut self,
        graph: &Graph<'_>,
        steps: &[Option<Box<Step>>],
        things: &mut Things,
        values: &mut Values,
    ) {
        let is_item = |node: u32| graph.nodes.get(node as usize).is_some_and(|node| matches!(node.kind, Kind::Item(_)));
        let steps = steps.iter().flatten();
        for &thing in steps.flat_map(|step| step.touches.iter().map(|(thing, _)| thing).chain(&step.doubtful)) {
            self.changed.entry(thing).or_insert_with(|| {
                let choices = of_thing(thing, things, values).into_iter();
                choices.filter(|&(node, _)| !is_item(node)).flat_map(|(_, variants)| variants).collect()
            });
        }
    }

    /// Remembers at which paths nothing is to be lost, whatever is there.
    pub fn weigh(&mut self, resolver: &Resolver<'_, '_>) {
        for &thing in self.by_thing.values().flatten().flat_map(|(_, variants)| variants) {
            let described = resolver.things.get(thing);
            if described.kind == ThingKind::Path
                && matches!(resolver.class(described.key[0]).0, PathClass::Scratch | PathClass::Stream)
            {
                self.worthless.insert(thing);
            }
        }
    }

    /// The nodes that decide what a thing is.
    pub fn deciders(&self, thing: ThingId) -> impl Iterator<Item = u32> + '_ {
        self.by_thing.get(&thing).into_iter().flatten().map(|&(node, _)| node)
    }

    /// What may have changed where this thing has.
    pub fn changed(&self, thing: ThingId) -> &[ThingId] {
        self.changed.get(&thing).map_or(&[], Vec::as_slice)
    }

    /// By the unit that decides what a thing is: each fact about it, with those that all must hold at the entry for it to
    /// hold of whatever is decided there. What a new name has from where it lies is left out: that says nothing of the
    /// others.
    pub fn by_unit(&self, graph: &Graph<'_>, universe: &Universe) -> HashMap<UnitId, Vec<(Vec<usize>, usize)>> {
        let mut found: HashMap<UnitId, Vec<(Vec<usize>, usize)>> = HashMap::new();
        for (&thing, choices) in &self.by_thing {
            for (&(node, _), &bit) in
                choices.iter().flat_map(|choice| universe.about(thing).iter().map(move |bit| (choice, bit)))
            {
                let fact = universe.fact(bit);
                if self.any_of(fact, universe).next().is_none()
                    && let Some(all) = self.all_of(node, fact, universe)
                    // What met in a function is seen by its callers as if it had met at a node of its own.
                    && let Some(node) = graph.nodes.get(node as usize)
                {
                    found.entry(node.unit).or_default().push((all, bit));
                }
            }
        }
        // What is made of other made facts comes behind them, or it does not: the same way each time.
        found.values_mut().for_each(|made| made.sort_unstable());
        found
    }
}
