//! Where nothing can be mounted yet, no rule can jump to, and no address can be.
//!
//! Nothing is mounted on a directory that was just made, below what was just mounted, or below what is no
//! directory; no rule leads to a chain that is not there; an interface
//! that is not there, was just made, or was flushed has no address, and no port; nor is an address there that does not answer on
//! this host.

use super::resolve::Resolver;
use super::step::{NewDirectory, Occurrence, Step};
use super::thing::{Fact, Thing, ThingId, Things, above};
use crate::flow::value::{ValueId, Values};
use crate::knowledge::{FactKind, ThingKind};
use hashbrown::{HashMap, HashSet};
use thin_vec::ThinVec;

/// What the key of an address begins with.
const ADDRESS: &str = "address ";

/// What follows from a fact for other things of the script.
type Consequences = HashMap<Fact, Vec<Fact>>;

/// Adds, to the steps that make or ask for directories, mounts and chains, what they say of mounts and rules.
pub fn fresh(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    // Mounts by their place, and by every directory above it.
    let mut at: HashMap<(Option<ValueId>, ValueId), Vec<ThingId>> = HashMap::new();
    let mut below: HashMap<(Option<ValueId>, ValueId), Vec<ThingId>> = HashMap::new();
    let mut seen: HashSet<ThingId> = HashSet::new();
    let mut jumps: HashMap<ThingId, Option<ThingId>> = HashMap::new();
    let mut follows: Consequences = HashMap::new();
    for occurrence in occurrences {
        let thing = resolver.things.get(occurrence.target).clone();
        if thing.kind == ThingKind::Rule {
            let target = occurrence.target;
            let chain = *jumps.entry(target).or_insert_with(|| jump(resolver, target, &thing, &mut follows));
            occurrence.source = occurrence.source.or(chain);
            continue;
        }
        if thing.kind == ThingKind::Network && seen.insert(occurrence.target) {
            address(resolver, occurrence.target, &mut follows);
        }
        part(occurrence, resolver.things, &mut follows);
        if thing.kind != ThingKind::Mount || !seen.insert(occurrence.target) {
            continue;
        }
        let variants = super::variants::of_thing(occurrence.target, resolver.things, &mut resolver.flow.values);
        for mount in std::iter::once(occurrence.target).chain(variants.into_iter().flat_map(|(_, all)| all)) {
            let key = resolver.things.get(mount).key[0];
            at.entry((thing.root, key)).or_default().push(mount);
            for directory in above(key, &mut resolver.flow.values) {
                let key = smallvec::smallvec![directory];
                let path = resolver.things.intern(Thing { kind: ThingKind::Path, root: thing.root, key });
                let absent = Fact { kind: FactKind::Absent, thing: mount };
                follows.entry(Fact { kind: FactKind::NothingBelow, thing: path }).or_default().push(absent);
                below.entry((thing.root, directory)).or_default().push(mount);
            }
        }
    }
    if seen.is_empty() && follows.is_empty() && jumps.is_empty() {
        return;
    }
    for step in steps.iter_mut().flatten() {
        for NewDirectory { root, path, is_made, even_failed } in step.new_directories.clone() {
            let here = at.get(&(root, path)).filter(|_| is_made).into_iter().flatten();
            let clear = here.chain(below.get(&(root, path)).into_iter().flatten());
            let absent = clear.map(|&thing| Fact { kind: FactKind::Absent, thing });
            step.ok.extend(absent.clone());
            // What could not be mounted here never was, nor was what lies below it.
            step.fail.extend(absent.filter(|_| even_failed));
        }
        extend(&mut step.fail, &follows);
        extend(&mut step.ok, &follows);
        if let Some(condition) = &mut step.condition {
            condition.change_answers(&mut |facts| extend(facts, &follows));
        }
    }
}

/// The chain that a rule jumps to: the rule is not there where the chain is not.
fn jump(resolver: &mut Resolver<'_, '_>, id: ThingId, rule: &Thing, follows: &mut Consequences) -> Option<ThingId> {
    let parts = resolver.flow.values.pieces(&rule.key[0]).to_vec();
    // `iptables filter INPUT … -j CHAIN …`, with pieces that are not known where there are any.
    let jumps = parts.iter().enumerate().find_map(|(at, &part)| {
        let text = resolver.flow.values.text(part)?;
        let (_, chain) =
            text.split_once(" -j ").or_else(|| text.split_once(" --jump ")).or_else(|| text.split_once(" -g "))?;
        Some((at, chain.split(' ').next().unwrap_or_default().to_owned()))
    });
    let (at, name) = jumps?;
    let begins = resolver.flow.values.text(parts[0]).map(str::to_owned)?;
    let [program, table, ..] = begins.split(' ').collect::<Vec<_>>()[..] else { return None };
    let head = resolver.flow.values.constant(&format!("chain {program} {table} {name}"));
    // The name goes on in the piece behind where the text ends with it.
    let rest = parts
        .get(at + 1)
        .copied()
        .filter(|_| resolver.flow.values.text(parts[at]).is_some_and(|text| text.ends_with(&name)));
    let key = resolver.flow.values.concat(std::iter::once(head).chain(rest));
    let absent = Fact { kind: FactKind::Absent, thing: id };
    let chain = resolver.things.intern(Thing { kind: ThingKind::Rule, root: rule.root, key: smallvec::smallvec![key] });
    for kind in [FactKind::Absent, FactKind::Asked] {
        follows.entry(Fact { kind, thing: chain }).or_default().push(absent);
    }
    Some(chain)
}

/// The interface that something is a part of.
pub(super) fn part_of(occurrence: &Occurrence, things: &Things) -> Option<ThingId> {
    occurrence.source.filter(|&thing| things.get(thing).kind == ThingKind::Network)
}

/// What is a part of an interface, such as a port of a bridge, is not there where that is not, or was just made.
fn part(occurrence: &Occurrence, things: &Things, follows: &mut Consequences) {
    let Some(whole) = part_of(occurrence, things) else { return };
    for kind in [FactKind::Absent, FactKind::MadeHere] {
        let absent = Fact { kind: FactKind::Absent, thing: occurrence.target };
        let known = follows.entry(Fact { kind, thing: whole }).or_default();
        if !known.contains(&absent) {
            known.push(absent);
        }
    }
}

/// An address of an interface is not there where the interface has none, or where no interface has the address.
fn address(resolver: &mut Resolver<'_, '_>, id: ThingId, follows: &mut Consequences) {
    let absent = Fact { kind: FactKind::Absent, thing: id };
    let bare = bare_interface(id, resolver.things, &mut resolver.flow.values);
    for &fact in &bare {
        follows.entry(fact).or_default().push(absent);
    }
    // Flushed on one way, new on the other: it has none on both.
    if let Some((&none, others)) = bare.split_first() {
        for &fact in others {
            let known = follows.entry(fact).or_default();
            if !known.contains(&none) {
                known.push(none);
            }
        }
    }
    if let Some(anywhere) = on_any_interface(id, resolver.things, &mut resolver.flow.values) {
        for kind in [FactKind::Absent, FactKind::Asked] {
            follows.entry(Fact { kind, thing: anywhere }).or_default().push(Fact { kind, thing: id });
        }
    }
}

/// An address as it is called where its interface and the size of its network do not matter.
fn on_any_interface(id: ThingId, things: &mut Things, values: &mut Values) -> Option<ThingId> {
    let address = things.get(id).clone();
    let parts = values.pieces(&address.key[0]).to_vec();
    let begins = values.text(parts[0])?.starts_with(ADDRESS).then_some(ADDRESS.len())?;
    let (at, end) = parts.iter().enumerate().find_map(|(at, &part)| {
        let from = if at == 0 { begins } else { 0 };
        values.text(part)?[from..].find(['/', ' ']).map(|end| (at, from + end))
    })?;
    let last = values.text(parts[at]).map(|text| format!("{} *", &text[..end]))?;
    let last = values.constant(&last);
    let key = smallvec::smallvec![values.concat(parts[..at].iter().copied().chain([last]))];
    Some(things.intern(Thing { kind: ThingKind::Network, root: address.root, key }))
}

/// What says of the interface of an address that it has no addresses: it was flushed, is not there, or was just made.
pub(super) fn bare_interface(id: ThingId, things: &mut Things, values: &mut Values) -> Vec<Fact> {
    let address = things.get(id).clone();
    let parts = values.pieces(&address.key[0]).to_vec();
    // `address 10.0.0.1/24 eth0`, with pieces that are not known where there are any.
    let Some(first) = values.text(parts[0]).and_then(|text| text.strip_prefix(ADDRESS)).map(str::to_owned) else {
        return Vec::new();
    };
    let text = |at: usize| if at == 0 { Some(first.as_str()) } else { values.text(parts[at]) };
    let Some((at, rest)) = (0..parts.len()).find_map(|at| {
        let text = text(at)?;
        text.find(' ').map(|space| (at, text[space..].to_owned()))
    }) else {
        return Vec::new();
    };
    let mut named = |begin: &str| {
        let head = values.constant(&format!("{begin}{rest}"));
        let key = smallvec::smallvec![values.concat(std::iter::once(head).chain(parts[at + 1..].iter().copied()))];
        things.intern(Thing { kind: ThingKind::Network, root: address.root, key })
    };
    let (all, interface) = (named("address *"), named("interface"));
    [(FactKind::Absent, all), (FactKind::Absent, interface), (FactKind::MadeHere, interface)]
        .map(|(kind, thing)| Fact { kind, thing })
        .to_vec()
}

fn extend(facts: &mut ThinVec<Fact>, follows: &Consequences) {
    for fact in facts.clone() {
        facts.extend(follows.get(&fact).into_iter().flatten().copied());
    }
}
