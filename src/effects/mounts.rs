//! Where nothing can be mounted yet: on a directory that was just made, and below what was just mounted.

use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::{Fact, ThingId, above};
use crate::flow::value::ValueId;
use crate::knowledge::{FactKind, ThingKind};
use hashbrown::{HashMap, HashSet};

/// Adds, to the steps that make directories or mounts, what they say of the mounts of this script.
pub fn fresh(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &[Occurrence]) {
    // Mounts by their place, and by every directory above it.
    let mut at: HashMap<(Option<ValueId>, ValueId), Vec<ThingId>> = HashMap::new();
    let mut below: HashMap<(Option<ValueId>, ValueId), Vec<ThingId>> = HashMap::new();
    let mut seen: HashSet<ThingId> = HashSet::new();
    for occurrence in occurrences {
        let thing = resolver.things.get(occurrence.target).clone();
        if thing.kind == ThingKind::Mount && seen.insert(occurrence.target) {
            at.entry((thing.root, thing.key[0])).or_default().push(occurrence.target);
            for directory in above(thing.key[0], &mut resolver.flow.values) {
                below.entry((thing.root, directory)).or_default().push(occurrence.target);
            }
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
    }
}
