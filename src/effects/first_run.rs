//! Where only a first run comes: second-run reachability.
//!
//! ```sh
//! [ -e /var/lib/app/.done ] && exit 0
//! echo "peer=$1" >> /etc/app/peers.conf       # only where .done was not there
//! touch /var/lib/app/.done                     # and now it is
//! ```
//! A branch that tests what the run itself makes is not taken by the second run. What stands behind a command that a
//! second run cannot repeat is left alone here: that command gets a finding, and mending it lets the rest be reached.

use super::step::{Occurrence, Prints, Step};
use super::thing::{Fact, ThingId, Things};
use super::ways::Walks;
use crate::flow::graph::{Graph, NodeId};
use crate::knowledge::{EffectKind, FactKind, ThingKind, Touch};
use hashbrown::HashSet;
use std::collections::VecDeque;

/// Marks, in every step, the answers after which the run is a first one; and effects on what the script takes away
/// again. Says whether all of these were looked for to the end.
pub fn mark(
    graph: &Graph<'_>,
    steps: &mut [Option<Box<Step>>],
    occurrences: &mut [Occurrence],
    things: &Things,
    passing: &HashSet<ThingId>,
) -> bool {
    let Some(run) = occurrences.first().map(|occurrence| occurrence.run) else { return true };
    let removed: HashSet<ThingId> = steps
        .iter()
        .flatten()
        .flat_map(|step| &step.touches)
        .filter(|(_, touch)| *touch == Touch::Removed)
        .map(|&(thing, _)| thing)
        .collect();
    let mut lasting: HashSet<ThingId> = HashSet::new();
    let mut walks = Walks::over(graph.nodes.len());
    for occurrence in occurrences.iter_mut() {
        let makes = matches!(occurrence.effect, EffectKind::Create | EffectKind::Write | EffectKind::Restore);
        let passing = occurrence.class.passes();
        let gone = removed.contains(&occurrence.target);
        occurrence.transient = makes && gone && is_removed_later(graph, occurrence, steps, &mut walks);
        if makes && !passing && !occurrence.fresh && !gone {
            lasting.insert(occurrence.target);
        }
    }
    // What steps make without its being an effect (`touch`, the version file of a new database).
    for &(thing, touch) in steps.iter().flatten().flat_map(|step| &step.touches) {
        let stays = things.get(thing).kind != ThingKind::Path || !passing.contains(&thing);
        if touch != Touch::Removed && stays && !removed.contains(&thing) {
            lasting.insert(thing);
        }
    }
    // What a restart of the host takes away says nothing of earlier runs.
    lasting.retain(|&thing| {
        let kind = things.get(thing).kind;
        !matches!(
            kind,
            ThingKind::Mount | ThingKind::Rule | ThingKind::Network | ThingKind::Service | ThingKind::Container
        )
    });
    let first = Fact { kind: FactKind::FirstRun, thing: run };
    let says = |facts: &[Fact]| {
        facts
            .iter()
            .any(|fact| matches!(fact.kind, FactKind::Absent | FactKind::Asked) && lasting.contains(&fact.thing))
    };
    // A question leaves everything as it is; what it prints may go where nothing lasts.
    let is_question = |step: &Step| step.touches.iter().all(|(thing, _)| passing.contains(thing));
    for step in steps.iter_mut().flatten() {
        if says(&step.fail) && is_question(step) {
            step.fail.push(first);
        }
        if let Prints::Answer { missing, .. } = &mut step.prints
            && says(missing)
        {
            missing.push(first);
        }
        if let Some(condition) = &mut step.condition {
            condition.change_answers(&mut |facts| {
                if says(facts) {
                    facts.push(first);
                }
            });
        }
    }
    walks.enough()
}

/// Whether a way leads from an effect to a step that removes what it made. It is not looked for without end: what is
/// not known to be removed stays.
fn is_removed_later(
    graph: &Graph<'_>,
    occurrence: &Occurrence,
    steps: &[Option<Box<Step>>],
    walks: &mut Walks,
) -> bool {
    let removes = |node: NodeId| {
        steps[node.0 as usize].as_ref().is_some_and(|step| step.touches.contains(&(occurrence.target, Touch::Removed)))
    };
    walks.begin();
    let mut waiting = VecDeque::from([occurrence.node]);
    while let Some(node) = waiting.pop_front() {
        if !walks.take_step() {
            return false;
        }
        for (_, next) in graph.node(node).edges.iter() {
            if walks.see(next) {
                if removes(next) {
                    return true;
                }
                waiting.push_back(next);
            }
        }
    }
    false
}
