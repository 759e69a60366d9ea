//! Texts that are waited for in a file and then deleted there, so that a second run waits for what the first took away.
//!
//! ```sh
//! for try in $(seq 60); do grep -q '#EOF' "$file" && break; sleep 1; done
//! sed -i '/#EOF/d' "$file"      # the next run waits for a minute, and gives up
//! ```
//! Where something leads out of the function before the waiting begins, it may ask whether that was done already.

use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use crate::flow::graph::{Kind, Loop, NodeId, SimpleNode};
use crate::flow::state::State;
use crate::flow::value::ValueId;
use crate::knowledge::{EffectKind, FactKind, How};

/// The mark of such a deletion.
const WAS_AWAITED: &str = "was-awaited";

/// It waits before it asks anew.
const SLEEPS: &str = "sleeps";

/// Marks them.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let edits =
        |one: &&mut Occurrence| one.effect == EffectKind::Write && one.how == How::InPlace && &*one.command == "sed";
    for occurrence in occurrences.iter_mut().filter(edits) {
        let Kind::Simple(simple) = resolver.flow.graph.node(occurrence.node).kind.clone() else { continue };
        let Some(text) = deleted(resolver, occurrence.node, &simple) else { continue };
        let path = resolver.things.get(occurrence.target).key[0];
        if is_awaited(resolver, steps, occurrence.node, (path, &text)) {
            occurrence.marks.push(WAS_AWAITED.into());
        }
    }
}

/// The text of the lines that a `sed` deletes: `/TEXT/d`.
fn deleted(resolver: &mut Resolver<'_, '_>, node: NodeId, simple: &SimpleNode<'_>) -> Option<String> {
    let mut state = State::clone(resolver.flow.inputs.get(node)?);
    simple.simple.words.iter().find_map(|word| {
        let value = resolver.word(node, word, &mut state).value;
        let script = resolver.flow.values.text(value)?;
        Some(script.strip_prefix('/')?.strip_suffix("/d")?.trim_matches(['^', '$']).to_owned())
    })
}

/// Whether a loop in front of a node waits for a text in a file, and nothing leads out before it.
fn is_awaited(
    resolver: &Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    node: NodeId,
    (path, text): (ValueId, &str),
) -> bool {
    let graph = &resolver.flow.graph;
    let span = |node: NodeId| graph.node(node).span;
    let looks = |at: NodeId| {
        let found = steps[at.0 as usize].iter().flat_map(|step| &step.ok);
        let mut texts =
            found.filter(|fact| fact.kind == FactKind::Contains).map(|fact| resolver.things.get(fact.thing));
        texts.any(|thing| {
            let sought = thing.key.get(1).and_then(|&sought| resolver.flow.values.text(sought));
            thing.key[0] == path && sought.is_some_and(|sought| sought.trim_matches(['^', '$']) == text)
        })
    };
    let sleeps = |at: NodeId| {
        let step = steps[at.0 as usize].as_ref();
        step.is_some_and(|step| step.marks.iter().any(|mark| **mark == *SLEEPS))
    };
    let unit = graph.node(node).unit;
    let nodes = || resolver.flow.orders.unit(unit).nodes.iter().copied();
    let waits = |turns: &&Loop| {
        let inside = || (turns.head.0..turns.end.0).map(NodeId);
        graph.node(turns.head).unit == unit
            && turns.span.end <= span(node).start
            && inside().any(looks)
            && inside().any(sleeps)
    };
    let leaves = |at: NodeId, start: u32| matches!(graph.node(at).kind, Kind::Code(_)) && span(at).start < start;
    graph.loops.iter().filter(waits).any(|turns| !nodes().any(|at| leaves(at, turns.span.start)))
}
