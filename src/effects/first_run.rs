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
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::{EffectKind, FactKind, ThingKind, Touch};
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;

/// Marks, in every step, the answers after which the run is a first one; and effects on what the script takes away
/// again. Says whether all of these were looked for to the end.
pub fn mark(
    graph: &Graph<'_>,
    steps: &mut [Option<Box<Step>>],
    occurrences: &mut [Occurrence],
    (things, values): (&mut Things, &mut Values),
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
    let mut likely = Likely::default();
    lasting = lasting.into_iter().map(|thing| likely.of(thing, things, values)).collect();
    let first = Fact { kind: FactKind::FirstRun, thing: run };
    let mut says = |facts: &[Fact]| {
        let asked = facts.iter().filter(|fact| matches!(fact.kind, FactKind::Absent | FactKind::Asked));
        asked.into_iter().any(|fact| lasting.contains(&likely.of(fact.thing, things, values)))
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

/// Things as they are called where no file that was not read has set a variable anew: who asks for `$D/done`, reads the
/// settings, and leaves `$D/done`, means one file.
#[derive(Default)]
struct Likely(HashMap<ThingId, ThingId>);

impl Likely {
    fn of(&mut self, id: ThingId, things: &mut Things, values: &mut Values) -> ThingId {
        *self.0.entry(id).or_insert_with(|| {
            let mut thing = things.get(id).clone();
            for key in &mut thing.key {
                *key = likely(*key, values);
            }
            things.intern(thing)
        })
    }
}

/// What a value is where no file that was not read has set a variable anew.
pub(super) fn likely(value: ValueId, values: &mut Values) -> ValueId {
    values.rebuilt(value, &mut |values, piece| match values.get(piece) {
        Value::Default(..) => set_anew(piece, values),
        // Where the settings are read only if they are there.
        Value::Phi(..) => match *values.alternatives(piece) {
            [one, other] if set_anew(other, values) == Some(one) => Some(one),
            [one, other] if set_anew(one, values) == Some(other) => Some(other),
            _ => None,
        },
        _ => None,
    })
}

/// What a variable held before a file was read that may have set it.
fn set_anew(value: ValueId, values: &Values) -> Option<ValueId> {
    let Value::Default(set, held) = values.get(value) else { return None };
    matches!(values.get(*set), Value::Environment(site, _) if *site != 0).then_some(*held)
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
