//! What a loop has made of every item of its list is there for another loop over the same items.
//!
//! ```sh
//! for name in dev proc sys; do mount --bind "/$name" "$root/$name"; done
//! chroot "$root" update-grub
//! for name in dev proc sys; do umount "$root/$name"; done
//! ```
//! Each run mounts what it takes away: that a run before it has done so, too, does not matter. A fact stands for the turns of
//! the first loop: it ends with each new item, is made where that is made, and counts behind the last one.

use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::{Fact, Thing, ThingId};
use super::ways::Walks;
use crate::flow::Flow;
use crate::flow::exact::{node_of, site};
use crate::flow::graph::{Edge, Graph, Kind, NodeId};
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::{EffectKind, FactKind, SecondRun, ThingKind};
use hashbrown::HashMap;

/// How many pairs of a thing that is made and one that is removed are compared.
const MOST_PAIRS: usize = 4096;

/// A loop over a list that is known as far as its words go.
struct Loop {
    /// Where its next item is taken.
    head: NodeId,
    /// Where it is asked for a first item.
    first: Option<NodeId>,
    /// Its words, in order and once each.
    list: Vec<ValueId>,
}

/// Excuses the removal of what a loop has made of the same items. Says whether all was looked at that had to be.
pub fn excuse(
    resolver: &mut Resolver<'_, '_>,
    steps: &mut [Option<Box<Step>>],
    occurrences: &mut [Occurrence],
) -> bool {
    let is_removal = |occurrence: &&mut Occurrence| {
        occurrence.effect == EffectKind::Delete && occurrence.second_run == SecondRun::Fails
    };
    let mut removals: Vec<(ValueId, &mut Occurrence)> = Vec::new();
    let loops = loops(resolver.flow);
    for occurrence in occurrences.iter_mut().filter(is_removal) {
        removals.extend(item(occurrence.target, &loops, resolver).map(|item| (item, occurrence)));
    }
    if removals.is_empty() {
        return true;
    }
    let mut made: Vec<(ValueId, NodeId, ThingId)> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        for fact in step.iter().flat_map(|step| &step.ok).filter(|fact| fact.kind == FactKind::Exists) {
            made.extend(item(fact.thing, &loops, resolver).map(|item| (item, NodeId(at as u32), fact.thing)));
        }
    }
    let mut walks = Walks::over(resolver.flow.graph.nodes.len());
    let mut pairs = 0;
    for (item, occurrence) in removals {
        for &(other, node, thing) in &made {
            let (removing, making) = (&loops[&item], &loops[&other]);
            pairs += 1;
            let is_same = pairs <= MOST_PAIRS
                && item != other
                && removing.list.iter().all(|word| making.list.binary_search(word).is_ok())
                && is_renamed(thing, other, item, occurrence.target, resolver);
            if !is_same || leaves_early(node, making.head, occurrence, resolver.flow, &mut walks) {
                continue;
            }
            let key = [other, resolver.things.get(thing).key[0]].into_iter().chain(making.list.iter().copied());
            let turns = Thing { kind: ThingKind::Step, root: None, key: key.collect() };
            let done = Fact { kind: FactKind::Succeeded, thing: resolver.things.intern(turns) };
            occurrence.excuses.push(done);
            if let Some(step) = &mut steps[node.0 as usize] {
                step.ok.push(done);
            }
            // Of an empty list every item was made.
            if let Some(first) = making.first {
                steps[first.0 as usize].get_or_insert_default().fail.push(done);
            }
        }
    }
    walks.enough() && pairs <= MOST_PAIRS
}

/// The loops of a script by their items.
fn loops(flow: &mut Flow<'_>) -> HashMap<ValueId, Loop> {
    let mut loops: HashMap<ValueId, Loop> = HashMap::new();
    for (at, node) in flow.graph.nodes.iter().enumerate() {
        if !matches!(node.kind, Kind::Item(_)) {
            continue;
        }
        let head = NodeId(at as u32);
        let item = flow.values.intern(Value::Item(site(head)));
        let mut list = flow.values.alternatives(item).to_vec();
        list.sort_unstable();
        list.dedup();
        // What a pattern matches may be something else the next time.
        let changes = |&word: &ValueId| flow.values.any(word, &|piece| matches!(piece, Value::Pattern(_)));
        if !list.is_empty() && !list.iter().any(changes) {
            let first = NodeId(at.saturating_sub(1) as u32);
            let is_first = matches!(flow.graph.node(first).kind, Kind::FirstItem(_));
            loops.insert(item, Loop { head, first: is_first.then_some(first), list });
        }
    }
    loops
}

/// The item that a thing is named by.
fn item(thing: ThingId, loops: &HashMap<ValueId, Loop>, resolver: &mut Resolver<'_, '_>) -> Option<ValueId> {
    let &key = resolver.things.get(thing).key.first()?;
    let values = &mut resolver.flow.values;
    let mut heads = Vec::new();
    values.sites(key, &mut |site| heads.extend(node_of(site)));
    heads.sort_unstable();
    heads.dedup();
    let [head] = heads[..] else { return None };
    let item = values.intern(Value::Item(site(NodeId(head))));
    loops.contains_key(&item).then_some(item)
}

/// Whether a thing is the other one where another item stands in its name.
fn is_renamed(thing: ThingId, from: ValueId, to: ValueId, other: ThingId, resolver: &mut Resolver<'_, '_>) -> bool {
    let [one, other] = [thing, other].map(|thing| resolver.things.get(thing).clone());
    let renamed = |values: &mut Values, key| values.rebuilt(key, &mut |_, piece| (piece == from).then_some(to));
    (one.kind, one.root, one.key.len()) == (other.kind, other.root, 1)
        && renamed(&mut resolver.flow.values, one.key[0]) == other.key[0]
}

/// Whether a way leads from where an item was made to the removal before the loop has come to its end.
fn leaves_early(made: NodeId, head: NodeId, removal: &Occurrence, flow: &Flow<'_>, walks: &mut Walks) -> bool {
    let graph = &flow.graph;
    let is_elsewhere = graph.node(made).unit != removal.unit;
    let leaves = |node: NodeId| {
        let goes_on = matches!(graph.node(node).kind, Kind::End(_)) || !flow.calls.callees(node).is_empty();
        node == removal.node || is_elsewhere && goes_on
    };
    walks.begin();
    let mut waiting: Vec<NodeId> = graph.successor(made, Edge::Ok).into_iter().collect();
    while let Some(node) = waiting.pop() {
        if !walks.take_step() || leaves(node) {
            return true;
        }
        if walks.see(node) && !ends_turn(node, head, graph) {
            waiting.extend(graph.node(node).edges.iter().map(|(_, next)| next));
        }
    }
    false
}

/// Whether a turn has come to its end at a node: the next item is taken, or there is none.
fn ends_turn(node: NodeId, head: NodeId, graph: &Graph<'_>) -> bool {
    node == head || graph.node(node).edges.iter().any(|(_, next)| next == head)
}
