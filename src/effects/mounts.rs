//! Where nothing can be mounted yet: on a directory that was just made, and below what was just mounted.

use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::{Fact, ThingId, above};
use crate::flow::value::ValueId;
use crate::knowledge::{FactKind, ThingKind};

/// Adds, to the steps that make directories or mounts, what they say of the mounts of this script.
pub fn fresh(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Step>], occurrences: &[Occurrence]) {
    let mut mounts: Vec<(ThingId, Option<ValueId>, ValueId, Vec<ValueId>)> = Vec::new();
    for occurrence in occurrences {
        let thing = resolver.things.get(occurrence.target).clone();
        if thing.kind == ThingKind::Mount && !mounts.iter().any(|&(known, ..)| known == occurrence.target) {
            let directories = above(thing.key[0], &mut resolver.flow.values);
            mounts.push((occurrence.target, thing.root, thing.key[0], directories));
        }
    }
    if mounts.is_empty() {
        return;
    }
    for step in steps.iter_mut().flatten() {
        for (root, directory, made) in step.new_directories.clone() {
            let clear = mounts.iter().filter(|(_, at, path, above)| {
                *at == root && (made && *path == directory || above.contains(&directory))
            });
            step.ok.extend(clear.map(|&(thing, ..)| Fact { kind: FactKind::Absent, thing }));
        }
    }
}
