//! Where only a first run comes, because it finds a directory empty and fills it.
//!
//! ```sh
//! [ "$(ls)" = "" ] || exit 1
//! initdb -D "$PWD/data"                                    # and now something is there
//! echo "host all all md5" >> "$PWD/data/pg_hba.conf"
//! ```
//! What fills it must come behind the answer that it is empty: what comes behind the other one says nothing of it.
//! Functions that are called there count, under the names of their callers. Where the directory is another one from run
//! to run (`.`, `$1`), what the script leaves at a fixed place is met by all of them, and none is the first.

use super::links::View;
use super::resolve::Resolver;
use super::step::{Condition, Occurrence, Step};
use super::thing::{Fact, Thing, ThingId, Things, above};
use super::ways::Walks;
use crate::flow::graph::{Edge, NodeId, UnitId};
use crate::flow::value::ValueId;
use crate::knowledge::{FactKind, ThingKind, Touch};
use hashbrown::{HashMap, HashSet};
use std::rc::Rc;

/// How many places that fill a directory are remembered of one unit through its calls.
const MOST_FILLS: usize = 1024;

/// Marks the answers that a directory is empty which this run fills behind them. Says whether all were looked at.
pub fn mark(
    resolver: &mut Resolver<'_, '_>,
    steps: &mut [Option<Box<Step>>],
    occurrences: &[Occurrence],
    passing: &HashSet<ThingId>,
) -> bool {
    let Some(run) = occurrences.first().map(|occurrence| occurrence.run) else { return true };
    let asked: Vec<(NodeId, Emptiness)> = steps
        .iter()
        .enumerate()
        .filter_map(|(at, step)| Some((NodeId(at as u32), emptiness(step.as_ref()?.condition.as_ref()?, true)?)))
        .collect();
    if asked.is_empty() {
        return true;
    }
    let Filled { by_unit, all_known } = Filled::find(resolver, steps, passing);
    let values = &resolver.flow.values;
    let is_fixed = |thing: ThingId, things: &Things| values.begins(things.get(thing).key[0]).starts_with('/');
    let meets = by_unit.values().flatten().any(|&(_, thing)| is_fixed(thing, resolver.things));
    let asked: Vec<(NodeId, Emptiness)> =
        asked.into_iter().filter(|(_, asked)| !meets || is_fixed(asked.directory, resolver.things)).collect();
    let entries = entries(resolver, &by_unit);
    let mut known: HashMap<(UnitId, ThingId, bool), Rc<HashSet<NodeId>>> = HashMap::new();
    let mut walks = Walks::over(resolver.flow.graph.nodes.len());
    for (node, Emptiness { directory, shown, edge, yes }) in asked {
        let unit = resolver.flow.graph.node(node).unit;
        let fills = known.entry((unit, directory, shown)).or_insert_with(|| {
            let Thing { root, key, .. } = resolver.things.get(directory).clone();
            let inside = entries.get(&(unit, root, key[0])).map_or(&[][..], Vec::as_slice);
            let is_met = |&&(_, entry): &&(NodeId, ValueId)| !shown || is_shown(entry, resolver);
            Rc::new(inside.iter().filter(is_met).map(|&(node, _)| node).collect())
        });
        let fills = Rc::clone(fills);
        if !fills.is_empty() && leads(resolver, node, edge, &fills, &mut walks) {
            let condition = steps[node.0 as usize].as_mut().and_then(|step| step.condition.as_mut());
            if let Some(answers) = condition.and_then(|condition| answers(condition, yes)) {
                answers.push(Fact { kind: FactKind::FirstRun, thing: run });
            }
        }
    }
    walks.enough() && all_known
}

/// A question whether a directory is empty.
struct Emptiness {
    directory: ThingId,
    /// What begins with a dot was not looked at.
    shown: bool,
    /// The edge on which it is.
    edge: Edge,
    /// Whether yes says so, with every `!` in front taken off.
    yes: bool,
}

/// Whether a single question asks that. A path that is no directory is not empty but missing, and is asked for.
fn emptiness(condition: &Condition, as_is: bool) -> Option<Emptiness> {
    let (yes, no) = match condition {
        Condition::Not(inner) => return emptiness(inner, !as_is),
        Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } => (yes, no),
        _ => return None,
    };
    let empty = |facts: &[Fact]| {
        let found = facts.iter().find(|fact| matches!(fact.kind, FactKind::NothingBelow | FactKind::NothingShown))?;
        let missing =
            |fact: &Fact| fact.thing == found.thing && matches!(fact.kind, FactKind::Absent | FactKind::Asked);
        (!facts.iter().any(missing)).then_some((found.thing, found.kind == FactKind::NothingShown))
    };
    let (directory, shown, yes) = match (empty(yes), empty(no)) {
        (Some((directory, shown)), None) => (directory, shown, true),
        (None, Some((directory, shown))) => (directory, shown, false),
        _ => return None,
    };
    Some(Emptiness { directory, shown, edge: if yes == as_is { Edge::Ok } else { Edge::Fail }, yes })
}

/// What an answer of a single question proves.
fn answers(condition: &mut Condition, yes: bool) -> Option<&mut thin_vec::ThinVec<Fact>> {
    match condition {
        Condition::Not(inner) => answers(inner, yes),
        Condition::Facts { yes: proved, .. } | Condition::Slot { yes: proved, .. } if yes => Some(proved),
        Condition::Facts { no: proved, .. } | Condition::Slot { no: proved, .. } => Some(proved),
        _ => None,
    }
}

/// The paths at which something is left.
struct Filled {
    /// Of each unit, with the command that leaves it there, or that calls what does.
    by_unit: HashMap<UnitId, Vec<(NodeId, ThingId)>>,
    /// None of them had to be left out.
    all_known: bool,
}

impl Filled {
    fn find(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>], passing: &HashSet<ThingId>) -> Self {
        let mut filled = Self { by_unit: directly(resolver, steps, passing), all_known: true };
        let mut through_calls: HashMap<UnitId, HashSet<(NodeId, ThingId)>> = HashMap::new();
        // Callees come first.
        for unit in resolver.flow.calls.bottom_up.clone() {
            let Some(inside) = filled.by_unit.get(&unit).cloned() else { continue };
            if resolver.flow.calls.is_recursive(unit) {
                continue;
            }
            for call in resolver.flow.calls.of(unit).to_vec() {
                let Some(mut view) = View::of(resolver.flow, call.node, unit) else { continue };
                let known = through_calls.entry(call.caller).or_default();
                for &(_, thing) in &inside {
                    let outer = view.rewrite(resolver.flow, resolver.things, thing);
                    // Each call is one place, however many ways lead there inside.
                    if known.contains(&(call.node, outer)) {
                        continue;
                    }
                    if known.len() == MOST_FILLS {
                        filled.all_known = false;
                        break;
                    }
                    known.insert((call.node, outer));
                    filled.by_unit.entry(call.caller).or_default().push((call.node, outer));
                }
            }
        }
        filled
    }
}

/// The paths that commands of each unit leave something at.
fn directly(
    resolver: &mut Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    passing: &HashSet<ThingId>,
) -> HashMap<UnitId, Vec<(NodeId, ThingId)>> {
    let touches = || steps.iter().flatten().flat_map(|step| &step.touches);
    let is_path = |thing: ThingId, resolver: &Resolver<'_, '_>| resolver.things.get(thing).kind == ThingKind::Path;
    // What is removed again, alone or with the directory that it is in, is not left.
    let removed: HashSet<ThingId> =
        touches().filter(|(_, touch)| *touch == Touch::Removed).map(|&(thing, _)| thing).collect();
    let mut all: HashMap<UnitId, Vec<(NodeId, ThingId)>> = HashMap::new();
    let mut stays: HashMap<ThingId, bool> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let node = NodeId(at as u32);
        for &(thing, touch) in step.iter().flat_map(|step| &step.touches) {
            if touch == Touch::Removed || passing.contains(&thing) || !is_path(thing, resolver) {
                continue;
            }
            let stays = *stays.entry(thing).or_insert_with(|| is_left(thing, &removed, resolver));
            if stays {
                all.entry(resolver.flow.graph.node(node).unit).or_default().push((node, thing));
            }
        }
    }
    all
}

/// Whether nothing takes a path away again, with what it lies in or by a pattern.
fn is_left(thing: ThingId, removed: &HashSet<ThingId>, resolver: &mut Resolver<'_, '_>) -> bool {
    let Thing { root, key, .. } = resolver.things.get(thing).clone();
    let places: Vec<ValueId> = std::iter::once(key[0]).chain(above(key[0], &mut resolver.flow.values)).collect();
    places.into_iter().all(|place| {
        let slash = resolver.flow.values.constant("/*");
        let entries = resolver.flow.values.concat([place, slash]);
        [place, entries].into_iter().all(|path| {
            let thing = resolver.things.intern(Thing { kind: ThingKind::Path, root, key: smallvec::smallvec![path] });
            !removed.contains(&thing)
        })
    })
}

/// What lies in a directory of a unit: the command that leaves something there, and the path of the entry.
type Entries = HashMap<(UnitId, Option<ValueId>, ValueId), Vec<(NodeId, ValueId)>>;

/// The entries of the directories that paths lie in. One that begins with what differs from way to way (the working
/// directory in the turns of a loop) lies there if it does on one of them.
fn entries(resolver: &mut Resolver<'_, '_>, by_unit: &HashMap<UnitId, Vec<(NodeId, ThingId)>>) -> Entries {
    let mut entries = Entries::new();
    for (&unit, fills) in by_unit {
        for &(node, thing) in fills {
            let Thing { root, key, .. } = resolver.things.get(thing).clone();
            let values = &mut resolver.flow.values;
            let pieces = values.pieces(&key[0]).to_vec();
            let begins = std::iter::once(pieces[0]).chain(values.alternatives(pieces[0]).iter().copied());
            for first in begins.collect::<Vec<ValueId>>() {
                let mut entry = values.concat(std::iter::once(first).chain(pieces[1..].iter().copied()));
                for directory in above(entry, values) {
                    entries.entry((unit, root, directory)).or_default().push((node, entry));
                    entry = directory;
                }
            }
        }
    }
    entries
}

/// Whether `ls` shows an entry of a directory.
fn is_shown(entry: ValueId, resolver: &mut Resolver<'_, '_>) -> bool {
    let name = resolver.flow.values.derived(entry, "##*/");
    !resolver.flow.values.begins(name).starts_with('.')
}

/// Whether a way leads from an edge of a node to one of these.
fn leads(resolver: &Resolver<'_, '_>, node: NodeId, edge: Edge, sought: &HashSet<NodeId>, walks: &mut Walks) -> bool {
    let graph = &resolver.flow.graph;
    walks.begin();
    let mut waiting: Vec<NodeId> =
        graph.node(node).edges.iter().filter(|&(kind, _)| kind == edge).map(|(_, to)| to).collect();
    while let Some(at) = waiting.pop() {
        if !walks.take_step() {
            return false;
        }
        if sought.contains(&at) {
            return true;
        }
        if walks.see(at) {
            waiting.extend(graph.node(at).edges.iter().map(|(_, next)| next));
        }
    }
    false
}
