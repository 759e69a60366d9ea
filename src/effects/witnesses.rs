//! What stands for a whole tree: where it is not there, hardly anything of an earlier run is.
//!
//! ```sh
//! if [ -d "$tree/proc" ]; then rm -rf "$tree"; fi
//! mkdir -p "$tree/etc"
//! mkdir "$tree/etc/app.d"
//! ```
//! The script asks for one part of a tree and removes the whole tree where it finds that. Where it does not find it, the
//! rest is there only if an earlier run died before it made that part.

use super::markers;
use super::resolve::Resolver;
use super::step::{Condition, Occurrence, Step};
use super::thing::{Fact, ThingId, Things, above};
use super::ways::Walks;
use crate::flow::graph::{Edge, Graph, NodeId};
use crate::flow::value::ValueId;
use crate::knowledge::{EffectKind, FactKind, How, ThingKind};
use hashbrown::{HashMap, HashSet};

/// The things that a no about a path speaks of: the trees above it, and the mounts beside it, that the script removes.
type Witnessed = HashMap<ThingId, Vec<ThingId>>;

/// Adds, to the tests of one part of a tree that the script removes where the part is there, what a no says of the tree.
/// [`markers::mark`] does the same for files that are only in systems which are new at each start. Gives the facts to
/// follow, and says whether all tests were looked at to the end.
pub fn mark(
    resolver: &mut Resolver<'_, '_>,
    steps: &mut [Option<Box<Step>>],
    occurrences: &[Occurrence],
) -> (Vec<Fact>, bool) {
    let mut is_any = markers::mark(resolver, steps);
    let witnessed = witnessed(resolver, steps);
    let mut walks = Walks::over(steps.len());
    let tests = if witnessed.is_empty() { 0 } else { steps.len() };
    for at in 0..tests {
        let Some(condition) = steps[at].as_deref().and_then(|step| step.condition.as_ref()) else { continue };
        let mut condition = condition.clone();
        let mut removed: Option<HashSet<ThingId>> = None;
        let mut changed = false;
        condition.change_answers(&mut |facts| {
            let asked: Vec<ThingId> = asked_for(facts).collect();
            for thing in asked.iter().filter_map(|asked| witnessed.get(asked)).flatten().copied() {
                let removed = removed.get_or_insert_with(|| {
                    removed_on_one_way(&resolver.flow.graph, NodeId(at as u32), steps, &mut walks)
                });
                if removed.contains(&thing) {
                    facts.push(Fact { kind: FactKind::LikelyRenewed, thing });
                    changed = true;
                }
            }
        });
        if changed && let Some(step) = &mut steps[at] {
            step.condition = Some(condition);
            is_any = true;
        }
    }
    // Rows of commands say so too.
    is_any |= steps
        .iter()
        .flatten()
        .flat_map(|step| step.ok.iter().chain(&step.fail))
        .any(|fact| fact.kind == FactKind::LikelyRenewed);
    let followed = occurrences.iter().filter(|_| is_any).flat_map(|at| likely_renewed(at, resolver.things));
    (followed.collect(), walks.enough())
}

/// Each says that hardly anything of an earlier run is where an effect makes or writes something.
pub fn likely_renewed(occurrence: &Occurrence, things: &Things) -> impl Iterator<Item = Fact> + use<> {
    let makes = matches!(occurrence.effect, EffectKind::Create | EffectKind::Write | EffectKind::Restore);
    // What fstab names is mounted once: where it is new, it is not mounted yet. A tree can be seen at many places.
    // A volume group that an earlier run made lay on the device that it is made of.
    let told_by_source = |source: ThingId| match occurrence.how {
        How::Mount => things.get(source).kind == ThingKind::Object,
        How::Volume => things.get(source).kind == ThingKind::Path,
        _ => false,
    };
    let source = occurrence.source.filter(|&source| told_by_source(source));
    let told = std::iter::once(occurrence.target).chain(source).filter(move |_| makes);
    told.map(|thing| Fact { kind: FactKind::LikelyRenewed, thing })
}

/// For each path that is asked for: the trees above it and the mounts beside it that some step removes.
fn witnessed(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> Witnessed {
    let mut witnessed = Witnessed::new();
    // Trees by their place, mounts by every directory above theirs.
    let mut trees: HashMap<(Option<ValueId>, ValueId), ThingId> = HashMap::new();
    let mut mounts: HashMap<(Option<ValueId>, ValueId), Vec<ThingId>> = HashMap::new();
    let removed: HashSet<ThingId> = steps.iter().flatten().flat_map(|step| step.renews.iter().copied()).collect();
    for id in removed {
        let thing = resolver.things.get(id).clone();
        match thing.kind {
            ThingKind::Path => {
                trees.insert((thing.root, thing.key[0]), id);
            }
            ThingKind::Mount => {
                for directory in above(thing.key[0], &mut resolver.flow.values) {
                    mounts.entry((thing.root, directory)).or_default().push(id);
                }
            }
            _ => {}
        }
    }
    if trees.is_empty() && mounts.is_empty() {
        return witnessed;
    }
    let mut asked: HashSet<ThingId> = HashSet::new();
    for condition in steps.iter().flatten().filter_map(|step| step.condition.as_ref()) {
        condition.each(&mut |question| {
            if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = question {
                asked.extend(asked_for(yes).chain(asked_for(no)));
            }
        });
    }
    for path in asked {
        let thing = resolver.things.get(path).clone();
        if thing.kind != ThingKind::Path {
            continue;
        }
        let directories = above(thing.key[0], &mut resolver.flow.values);
        let above = directories.iter().filter_map(|&directory| trees.get(&(thing.root, directory)));
        // All mounts lie in the root.
        let parent = directories.first().filter(|&&parent| resolver.flow.values.text(parent) != Some("/"));
        let beside = parent.and_then(|&parent| mounts.get(&(thing.root, parent)));
        let speaks_of: Vec<ThingId> = above.chain(beside.into_iter().flatten()).copied().collect();
        if !speaks_of.is_empty() {
            witnessed.insert(path, speaks_of);
        }
    }
    witnessed
}

/// The things whose being there was asked for.
fn asked_for(facts: &[Fact]) -> impl Iterator<Item = ThingId> + '_ {
    facts.iter().filter(|fact| fact.kind == FactKind::Asked).map(|fact| fact.thing)
}

/// What is removed on the ways from one answer of a test that those from the other do not come to.
fn removed_on_one_way(
    graph: &Graph<'_>,
    test: NodeId,
    steps: &[Option<Box<Step>>],
    walks: &mut Walks,
) -> HashSet<ThingId> {
    let edges = &graph.node(test).edges;
    let mut from = |wanted: Edge| {
        let mut seen: HashSet<NodeId> = HashSet::new();
        let mut waiting: Vec<NodeId> = edges.iter().filter(|(edge, _)| *edge == wanted).map(|(_, to)| to).collect();
        while let Some(node) = waiting.pop() {
            if walks.take_step() && seen.insert(node) {
                waiting.extend(graph.node(node).edges.iter().map(|(_, next)| next));
            }
        }
        seen
    };
    let (yes, no) = (from(Edge::Ok), from(Edge::Fail));
    let only = yes.symmetric_difference(&no);
    only.filter_map(|node| steps[node.0 as usize].as_deref()).flat_map(|step| step.renews.iter().copied()).collect()
}
