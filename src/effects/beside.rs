//! What the script puts beside a file and nobody else knows: new versions that are renamed over it, and copies of it.
//!
//! ```sh
//! grep -v '^parent ' /etc/app/app.conf > /etc/app/app.conf.N
//! mv /etc/app/app.conf /etc/app/app.conf.last
//! mv /etc/app/app.conf.N /etc/app/app.conf
//! ```
//! No run that ends well leaves the new version under its first name: what is written there is no configuration yet, and
//! the move is what changes one. What only ever gets the content of the file itself is a copy of it.

use super::origins::extends;
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::{ThingId, above};
use super::ways::Walks;
use crate::flow::graph::{Graph, NodeId, UnitId};
use crate::flow::value::ValueId;
use crate::knowledge::{EffectKind, How, PathClass, ThingKind, Touch};
use hashbrown::{HashMap, HashSet};

/// Says what such files are, for all that asks later.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>], live: &[u8], occurrences: &mut [Occurrence]) {
    // By the file whose name is longer: what it becomes, or is made of.
    let mut becomes: HashMap<ThingId, ThingId> = HashMap::new();
    let mut takers: HashMap<ThingId, HashSet<NodeId>> = HashMap::new();
    let mut copies: HashMap<ThingId, ThingId> = HashMap::new();
    let is_beside = |longer: ThingId, shorter: ThingId| {
        let [longer, shorter] = [longer, shorter].map(|one| resolver.things.get(one));
        let are_files = longer.kind == ThingKind::Path && shorter.kind == ThingKind::Path;
        are_files && longer.root == shorter.root && extends(longer.key[0], shorter.key[0], &resolver.flow.values)
    };
    for (at, step) in steps.iter().enumerate() {
        let Some(step) = step else { continue };
        for &(thing, _) in step.touches.iter().filter(|(_, touch)| *touch == Touch::Removed) {
            takers.entry(thing).or_default().insert(NodeId(at as u32));
        }
        for &(from, to) in &step.transfers {
            if step.touches.contains(&(from, Touch::Removed)) && is_beside(from, to) {
                becomes.insert(from, to);
            } else if is_beside(to, from) {
                copies.insert(to, from);
            }
        }
    }
    if becomes.is_empty() && copies.is_empty() {
        return;
    }
    let mut written: HashMap<ThingId, Vec<usize>> = HashMap::new();
    for (at, occurrence) in occurrences.iter().enumerate() {
        let is_content = occurrence.effect == EffectKind::Write
            && matches!(occurrence.how, How::Truncate | How::Append | How::InPlace | How::Replace);
        if is_content && is_live(occurrence.class) {
            written.entry(occurrence.target).or_default().push(at);
        }
    }
    let mut walks = Walks::over(resolver.flow.graph.nodes.len());
    for (thing, writes) in written {
        let is_copy_of = |file: &ThingId| writes.iter().all(|&at| occurrences[at].source == Some(*file));
        let is_left = |&at: &usize| {
            let Occurrence { node, unit, .. } = occurrences[at];
            is_left(&resolver.flow.graph, live, (node, unit), &takers[&thing], &mut walks)
        };
        let class = if becomes.get(&thing).is_some_and(|file| !is_copy_of(file)) {
            if writes.iter().any(is_left) {
                continue;
            }
            PathClass::Scratch
        } else if copies.get(&thing).is_some_and(is_copy_of) {
            PathClass::Backup
        } else {
            continue;
        };
        resolver.beside.insert(resolver.things.get(thing).key[0], class);
    }
    for step in steps.iter().flatten().filter(|step| !step.transfers.is_empty()) {
        // Were it a directory, what is copied there would go into it.
        for &(thing, _) in &step.touches {
            let key = resolver.things.get(thing).key[0];
            let within = above(key, &mut resolver.flow.values).first().copied();
            let is_copied =
                |file: &ValueId| step.transfers.iter().any(|&(_, to)| resolver.things.get(to).key[0] == *file);
            let class = within.filter(is_copied).and_then(|file| resolver.beside.get(&file).copied());
            resolver.beside.extend(class.map(|class| (key, class)));
        }
    }
    for occurrence in occurrences.iter_mut() {
        let target = resolver.things.get(occurrence.target);
        if target.kind == ThingKind::Path
            && let Some(&class) = resolver.beside.get(&target.key[0])
        {
            (occurrence.class, occurrence.class_guessed) = (class, false);
            occurrence.services.clear();
        }
    }
}

/// What somebody else may read by its name. Who may read a key matters under any name.
fn is_live(class: PathClass) -> bool {
    matches!(class, PathClass::Config | PathClass::System | PathClass::Unit | PathClass::DropIn)
}

/// Whether some way from a node to a good end of its unit passes none of these. It is not looked for without end: what is
/// not known to be taken away is left.
fn is_left(
    graph: &Graph<'_>,
    live: &[u8],
    (node, unit): (NodeId, UnitId),
    takers: &HashSet<NodeId>,
    walks: &mut Walks,
) -> bool {
    let [ok, _, exit_ok, _] = graph.units[unit.0 as usize].ends;
    let ends: &[NodeId] = if unit.0 == 0 { &graph.finished } else { &[ok, exit_ok] };
    walks.begin();
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        if !walks.take_step() || ends.contains(&node) {
            return true;
        }
        for (edge, next) in graph.node(node).edges.iter() {
            if live[node.0 as usize] & edge.bit() != 0 && !takers.contains(&next) && walks.see(next) {
                waiting.push(next);
            }
        }
    }
    false
}
