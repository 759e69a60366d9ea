//! Files that are only in systems which are new at each start: an initramfs, a rescue system, a live system.
//!
//! ```sh
//! [ -e /etc/initrd-release ] || exit 0
//! echo 'rescue system' > /etc/motd        # in memory, and gone with the next start
//! ```
//! A run before in the same system, or a store that is laid over it, may have left something all the same.

use super::resolve::Resolver;
use super::step::Step;
use super::thing::{Fact, Thing, ThingId};
use crate::knowledge::{FactKind, ThingKind};

/// Adds, to the answers by which such a file is there, what is new there. Says whether any does so.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>]) -> bool {
    let mut is_any = false;
    for step in steps.iter_mut().flatten() {
        let Some(condition) = &mut step.condition else { continue };
        condition.change_answers(&mut |facts| {
            let there = |fact: &Fact| matches!(fact.kind, FactKind::Exists | FactKind::IsFile | FactKind::IsDir);
            let found: Vec<ThingId> = facts.iter().filter(|fact| there(fact)).map(|fact| fact.thing).collect();
            for thing in found.into_iter().flat_map(|found| renewed_where(resolver, found)).collect::<Vec<_>>() {
                facts.push(Fact { kind: FactKind::LikelyRenewed, thing });
                is_any = true;
            }
        });
    }
    is_any
}

/// The directories that are new where a file is.
fn renewed_where(resolver: &mut Resolver<'_, '_>, found: ThingId) -> Vec<ThingId> {
    let thing = resolver.things.get(found);
    if thing.kind != ThingKind::Path || thing.root.is_some() {
        return Vec::new();
    }
    let Some(path) = resolver.flow.values.text(thing.key[0]).map(str::to_owned) else { return Vec::new() };
    let directories = resolver.knowledge.renewed_where(&path);
    let things = directories.map(|directory| {
        let key = smallvec::smallvec![resolver.flow.values.constant(directory)];
        resolver.things.intern(Thing { kind: ThingKind::Path, root: None, key })
    });
    things.collect()
}
