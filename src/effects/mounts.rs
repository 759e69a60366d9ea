//! Where nothing can be mounted yet, and no rule can jump to.
//!
//! Nothing is mounted on a directory that was just made, below what was just mounted, or below what is no
//! directory; no rule leads to a chain that is not there, or was just made.

use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::{Fact, Thing, ThingId, above};
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{FactKind, ThingKind};
use hashbrown::{HashMap, HashSet};
use thin_vec::ThinVec;

/// What follows from a fact for other things of the script.
type Consequences = HashMap<Fact, Vec<Fact>>;

/// Adds, to the steps that make or ask for directories, mounts and chains, what they say of mounts and rules.
pub fn fresh(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &[Occurrence]) {
    // Mounts by their place, and by every directory above it.
    let mut at: HashMap<(Option<ValueId>, ValueId), Vec<ThingId>> = HashMap::new();
    let mut below: HashMap<(Option<ValueId>, ValueId), Vec<ThingId>> = HashMap::new();
    let mut seen: HashSet<ThingId> = HashSet::new();
    let mut follows: Consequences = HashMap::new();
    for occurrence in occurrences {
        let thing = resolver.things.get(occurrence.target).clone();
        if !matches!(thing.kind, ThingKind::Mount | ThingKind::Rule) || !seen.insert(occurrence.target) {
            continue;
        }
        if thing.kind == ThingKind::Rule {
            jump(resolver, occurrence.target, &thing, &mut follows);
            continue;
        }
        at.entry((thing.root, thing.key[0])).or_default().push(occurrence.target);
        for directory in above(thing.key[0], &mut resolver.flow.values) {
            let path = resolver.things.intern(Thing {
                kind: ThingKind::Path,
                root: thing.root,
                key: smallvec::smallvec![directory],
            });
            let absent = Fact { kind: FactKind::Absent, thing: occurrence.target };
            follows.entry(Fact { kind: FactKind::NothingBelow, thing: path }).or_default().push(absent);
            below.entry((thing.root, directory)).or_default().push(occurrence.target);
        }
    }
    if seen.is_empty() {
        return;
    }
    for step in steps.iter_mut().flatten() {
        for (root, directory, made) in step.new_directories.clone() {
            let here = at.get(&(root, directory)).filter(|_| made).into_iter().flatten();
            let clear = here.chain(below.get(&(root, directory)).into_iter().flatten());
            step.ok.extend(clear.map(|&thing| Fact { kind: FactKind::Absent, thing }));
        }
        extend(&mut step.fail, &follows);
        extend(&mut step.ok, &follows);
        if let Some(condition) = &mut step.condition {
            condition.change_answers(&mut |facts| extend(facts, &follows));
        }
    }
}

/// A rule that jumps to a chain is not there where the chain is not, nor where it was just made.
fn jump(resolver: &mut Resolver<'_, '_>, id: ThingId, rule: &Thing, follows: &mut Consequences) {
    let parts = match resolver.flow.values.get(rule.key[0]) {
        Value::Concat(parts) => parts.to_vec(),
        _ => vec![rule.key[0]],
    };
    // `iptables filter INPUT … -j CHAIN …`, with pieces that are not known where there are any.
    let jumps = parts.iter().enumerate().find_map(|(at, &part)| {
        let text = resolver.flow.values.text(part)?;
        let (_, chain) =
            text.split_once(" -j ").or_else(|| text.split_once(" --jump ")).or_else(|| text.split_once(" -g "))?;
        Some((at, chain.split(' ').next().unwrap_or_default().to_owned()))
    });
    let Some((at, name)) = jumps else { return };
    let Some(begins) = resolver.flow.values.text(parts[0]).map(str::to_owned) else { return };
    let [program, table, ..] = begins.split(' ').collect::<Vec<_>>()[..] else { return };
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
}

fn extend(facts: &mut ThinVec<Fact>, follows: &Consequences) {
    for fact in facts.clone() {
        facts.extend(follows.get(&fact).into_iter().flatten().copied());
    }
}
