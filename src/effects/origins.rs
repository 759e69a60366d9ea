//! Where the content of a write comes from, as far as that changes what the write is.
//!
//! ```sh
//! sed s/a/b/ /etc/app.conf > /etc/app.conf.new && mv /etc/app.conf.new /etc/app.conf   # an edit of it
//! cp /etc/app.conf /etc/app.conf.orig                                                  # a backup
//! cp /etc/app.conf.orig /etc/app.conf                                                  # putting it back
//! cp new.conf /etc/app; cat /etc/app/list                                              # /etc/app is a directory
//! ```

use super::carried::Carried;
use super::resolve::{Resolver, base_of_name};
use super::step::{Condition, Occurrence, Step};
use super::thing::{Thing, ThingId, above, tidy};
use crate::flow::graph::{Kind, Slot};
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::{EffectKind, HOLE, How, PathClass, SecondRun, ThingKind, Touch};
use hashbrown::{HashMap, HashSet};

/// Refines the effects of a script by where their content comes from.
pub fn refine(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let directories = directories(resolver, steps, occurrences);
    let made = made_directories(resolver, steps, occurrences);
    let asked = asked_paths(steps);
    for occurrence in occurrences.iter_mut() {
        let Some(step) = steps[occurrence.node.0 as usize].as_deref_mut() else { continue };
        into_directory(resolver, &directories, &made, &asked, occurrence, step);
        // A link to a directory of the script's own leads there when the script runs again. What is in the trees of the
        // kernel it has put there itself: the name may be a directory from the start.
        if occurrence.how == How::Link
            && occurrence.class != PathClass::Device
            && occurrence.second_elsewhere.contains(&SecondRun::Nests)
            && occurrence.source.is_some_and(|source| made.contains(&source))
        {
            occurrence.second_run = SecondRun::Nests;
        }
    }
    if !resolver.trees.is_empty() {
        for occurrence in occurrences.iter_mut() {
            let thing = resolver.things.get(occurrence.target).clone();
            if thing.kind == ThingKind::Path
                && above(thing.key[0], &mut resolver.flow.values).iter().any(|tree| resolver.trees.contains(tree))
            {
                (occurrence.class, occurrence.class_guessed) = (PathClass::Image, false);
                occurrence.services.clear();
            }
        }
    }
    // What each file was made from, in this script.
    let mut made_from: HashMap<ThingId, HashSet<ThingId>> = HashMap::new();
    // Only what the shell itself opens is filled from anywhere.
    let is_opened = |occurrence: &Occurrence| {
        occurrence.effect == EffectKind::Write && matches!(occurrence.how, How::Truncate | How::Append)
    };
    let carried = occurrences.iter().any(is_opened).then(|| Carried::find(resolver, steps));
    for occurrence in occurrences.iter_mut() {
        if occurrence.effect != EffectKind::Write {
            continue;
        }
        let reads = steps[occurrence.node.0 as usize].iter().flat_map(|step| step.reads.iter().copied());
        let mut from: HashSet<ThingId> = reads.chain(occurrence.source).collect();
        if let Some(carried) = carried.as_ref().filter(|_| is_opened(occurrence)) {
            let written = occurrence.target_written.as_deref();
            let old = carried.goes_into(occurrence.node, occurrence.target, written, resolver);
            // What the command itself reads is emptied before it does.
            if occurrence.how == How::Truncate && !occurrence.reads_target && old.contains(&occurrence.target) {
                occurrence.how = How::InPlace;
            }
            from.extend(old);
        }
        from.remove(&occurrence.target);
        made_from.entry(occurrence.target).or_default().extend(from);
    }
    // Whose content the script itself made: a mode or an owner is none.
    let filled = |one: &&Occurrence| matches!(one.how, How::Replace | How::Truncate | How::Append);
    let filled: HashSet<ThingId> = occurrences.iter().filter(filled).map(|one| one.target).collect();
    for occurrence in occurrences.iter_mut() {
        if occurrence.effect != EffectKind::Write || !matches!(occurrence.how, How::Replace | How::Truncate) {
            continue;
        }
        // Nobody copies a file onto itself: some variable that is taken to be empty is not.
        let named = |thing: ThingId| resolver.flow.values.render(resolver.things.get(thing).key[0]).0;
        let root = |thing: ThingId| resolver.things.get(thing).root;
        let beside = |from: &ThingId| root(*from) == root(occurrence.target);
        let (from, to) = (occurrence.source.filter(beside).map(named), named(occurrence.target));
        if occurrence.source == Some(occurrence.target) || !to.contains(HOLE) && from.is_some_and(|from| from == to) {
            occurrence.how = How::InPlace;
            continue;
        }
        let reads = steps[occurrence.node.0 as usize].iter().flat_map(|step| step.reads.iter().copied());
        let sources: Vec<ThingId> = reads.chain(occurrence.source).filter(|&from| from != occurrence.target).collect();
        if sources.iter().any(|from| made_from.get(from).is_some_and(|origins| origins.contains(&occurrence.target))) {
            occurrence.how = How::InPlace;
            continue;
        }
        let Some(source) = occurrence.source else { continue };
        let (from, to) = (resolver.things.get(source).key[0], resolver.things.get(occurrence.target).key[0]);
        if extends(to, from, &resolver.flow.values) || keeps_version(to, from, resolver) {
            occurrence.class = PathClass::Backup;
            continue;
        }
        let class = resolver.class(from).0;
        // A half-written file that the script made beside the real one was never the real one.
        let is_new = class == PathClass::Scratch && filled.contains(&source);
        if class == PathClass::Backup || !is_new && extends(from, to, &resolver.flow.values) {
            occurrence.effect = EffectKind::Restore;
        }
    }
}

/// Whether what is live is put elsewhere under its own name and a version: `/etc/X` to `/etc/app/X-1.2`.
fn keeps_version(copy: ValueId, kept: ValueId, resolver: &mut Resolver<'_, '_>) -> bool {
    use PathClass::{Config, DropIn, Secret, System, Unit};
    // What the script brings along is no such thing: its place is not known.
    if !matches!(resolver.class(kept), (Config | DropIn | Secret | System | Unit, false)) {
        return false;
    }
    let values = &mut resolver.flow.values;
    let [copy, kept] = [copy, kept].map(|path| values.derived(path, "##*/"));
    let (Some(copy), Some(kept)) = (values.text(copy), values.text(kept)) else { return false };
    let version = copy.strip_prefix(kept).and_then(|rest| rest.strip_prefix(['-', '.', '_']));
    version.is_some_and(|version| {
        version.starts_with(|first: char| first.is_ascii_digit())
            && version.chars().all(|character| character.is_ascii_digit() || ".-_".contains(character))
    })
}

/// Whether a path is another one with something behind its name: `X.orig`, `X-2024`, `X~`.
pub(super) fn extends(longer: ValueId, shorter: ValueId, values: &Values) -> bool {
    let (longer, shorter) = (values.pieces(&longer), values.pieces(&shorter));
    let Some((&last, before)) = shorter.split_last() else { return false };
    if longer.len() < shorter.len() || !longer.starts_with(before) {
        return false;
    }
    let rest = match (values.text(longer[before.len()]), values.text(last)) {
        (Some(long), Some(short)) => long.strip_prefix(short).map(str::to_owned),
        _ if longer[before.len()] == last => {
            longer.get(shorter.len()).and_then(|&next| values.text(next)).map(str::to_owned)
        }
        _ => None,
    };
    rest.is_some_and(|rest| rest.starts_with(['.', '-', '_', '~']))
}

/// Paths that have something below them, in some word of the script.
fn directories(
    resolver: &mut Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    occurrences: &[Occurrence],
) -> HashSet<ThingId> {
    let mut paths: HashSet<ThingId> = occurrences.iter().map(|occurrence| occurrence.target).collect();
    for step in steps.iter().flatten() {
        paths.extend(step.reads.iter().chain(&step.doubtful).copied());
    }
    let mut found = HashSet::new();
    for path in paths {
        let thing = resolver.things.get(path).clone();
        if thing.kind != ThingKind::Path {
            continue;
        }
        for directory in above(thing.key[0], &mut resolver.flow.values) {
            found.insert(resolver.things.intern(Thing {
                kind: ThingKind::Path,
                root: thing.root,
                key: smallvec::smallvec![directory],
            }));
        }
    }
    found
}

/// Directories that the script makes and does not remove, and those that `mktemp -d` names.
fn made_directories(
    resolver: &mut Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    occurrences: &[Occurrence],
) -> HashSet<ThingId> {
    let removed: HashSet<ThingId> = steps.iter().flatten().flat_map(|step| step.removes.iter().copied()).collect();
    let makes = |occurrence: &&Occurrence| {
        occurrence.effect == EffectKind::Create
            && occurrence.how == How::Directory
            && !removed.contains(&occurrence.target)
    };
    let mut made = HashSet::new();
    for occurrence in occurrences.iter().filter(makes) {
        made.insert(occurrence.target);
        if let Kind::Simple(simple) = &resolver.flow.graph.node(occurrence.node).kind
            && let Some(Slot::Capture(start)) = simple.capture
        {
            let printed = resolver.flow.values.intern(Value::Fresh(start));
            let key = smallvec::smallvec![printed];
            made.insert(resolver.things.intern(Thing { kind: ThingKind::Path, root: None, key }));
        }
    }
    made
}

/// What the tests of the script ask about.
fn asked_paths(steps: &[Option<Box<Step>>]) -> HashSet<ThingId> {
    let mut asked = HashSet::new();
    for condition in steps.iter().flatten().filter_map(|step| step.condition.as_ref()) {
        condition.each(&mut |question| {
            if let Condition::Facts { yes, no, .. } = question {
                asked.extend(yes.iter().chain(no).map(|fact| fact.thing));
            }
        });
    }
    asked
}

/// A copy onto a directory is a copy into it.
fn into_directory(
    resolver: &mut Resolver<'_, '_>,
    directories: &HashSet<ThingId>,
    made: &HashSet<ThingId>,
    asked: &HashSet<ThingId>,
    occurrence: &mut Occurrence,
    step: &mut Step,
) {
    let copies = occurrence.effect == EffectKind::Write && occurrence.how == How::Replace
        || occurrence.effect == EffectKind::Create && matches!(occurrence.how, How::Link | How::File);
    let Some(source) = occurrence.source.filter(|_| copies) else { return };
    let from_many = {
        let key = resolver.things.get(source).key[0];
        resolver.flow.values.any(key, &|value| matches!(value, Value::Pattern(_)))
    };
    let slashed = occurrence
        .target_written
        .as_deref()
        .is_some_and(|written| written.trim_end_matches(['"', '\'']).ends_with('/'));
    let target = resolver.things.get(occurrence.target).clone();
    let from = resolver.things.get(source).key[0];
    let base = resolver.flow.values.derived(from, "##*/");
    // A file that no word names is called after its source, and lies beside it.
    if occurrence.how == How::File && occurrence.target_written.is_none() {
        return;
    }
    // The form may have seen the slash already.
    if resolver.flow.values.derived(target.key[0], "##*/") == base {
        return;
    }
    let slash = resolver.flow.values.constant("/");
    let inside = resolver.flow.values.concat([target.key[0], slash, base]);
    let inside_thing =
        resolver.things.intern(Thing { kind: ThingKind::Path, root: target.root, key: smallvec::smallvec![inside] });
    let is_made = made.contains(&occurrence.target);
    // Who asks for the copy there thinks of a directory.
    let is_directory =
        from_many || slashed || directories.contains(&occurrence.target) || asked.contains(&inside_thing);
    let may_go_inside = step.touches.iter().any(|&(thing, _)| thing == inside_thing);
    if is_made && may_go_inside {
        // The directory itself stays as it is.
        let directory = occurrence.target;
        step.touches.retain(|&(thing, _)| thing != directory);
        step.ok.retain(|fact| fact.thing != directory);
        if let Some(rare) = &mut step.rare {
            rare.transfers.retain(|&(_, to)| to != directory);
            rare.renews.iter_mut().filter(|thing| **thing == directory).for_each(|thing| *thing = inside_thing);
        }
    } else if !is_directory {
        return;
    }
    occurrence.target = inside_thing;
    let base = match occurrence.source_name.as_deref().and_then(base_of_name) {
        Some(written) => written.to_owned(),
        None => resolver.flow.values.display(base, &resolver.flow.names),
    };
    occurrence.name = tidy(&format!("{}/{base}", occurrence.name), true);
    (occurrence.class, occurrence.class_guessed) = resolver.class(inside);
    // Into a directory of the script's own, below the one where it lay: it is put aside.
    let is_moved = step.touches.contains(&(source, Touch::Removed));
    let home = above(from, &mut resolver.flow.values).first().copied();
    if is_made && is_moved && home.is_some_and(|home| above(target.key[0], &mut resolver.flow.values).contains(&home)) {
        (occurrence.class, occurrence.class_guessed) = (PathClass::Backup, false);
    }
    occurrence.services = resolver.services_of(inside, target.root);
    occurrence.entry = None;
    // The word names the directory, not the file.
    occurrence.target_written = None;
}
