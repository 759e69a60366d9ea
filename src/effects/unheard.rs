//! What the stages of a pipeline asked, where it fails by any of them.
//!
//! ```sh
//! set -o pipefail
//! ip addr show dev eth0 | grep -q ' 192.0.2.10/' || ip addr add 192.0.2.10/24 dev eth0
//! ```
//! The address is added where the search found nothing, and where it found it but `ip` failed. What the search says holds on
//! one of the two ways only; that it was asked for holds on both, as it does without pipefail where `ip` fails.
//!
//! ```sh
//! mode=$(dpkg-statoverride --list "$dir" | awk '{ print $3 }')
//! ```
//! Without pipefail nobody hears how the first stage ended. What was known of the override is known still.

use super::step::Step;
use super::thing::Fact;
use crate::flow::Flow;
use crate::flow::graph::{Graph, Kind, NodeId};
use crate::knowledge::FactKind;
use crate::span::Span;
use hashbrown::HashMap;
use thin_vec::ThinVec;

/// Gives the end of each pipeline what its stages asked: it holds where the pipeline fails.
pub fn mark(graph: &Graph<'_>, steps: &mut [Option<Box<Step>>]) {
    let mut stages: HashMap<Span, ThinVec<Fact>> = HashMap::new();
    for (node, step) in graph.nodes.iter().zip(steps) {
        match (&node.kind, &step) {
            (Kind::Simple(simple), Some(step)) if simple.stage == Some(simple.command.span) => {
                if let Some(pipeline) = simple.pipeline {
                    stages.entry(pipeline).or_default().extend(asked(step));
                }
            }
            (Kind::PipeEnd(_), _) => {
                let fail = stages.remove(&node.span).filter(|asked| !asked.is_empty());
                *step = fail.map(|fail| Box::new(Step { fail, ..Step::default() }));
            }
            _ => {}
        }
    }
}

/// Takes from the stages in front of others what their statuses would say, where pipefail may be off: what they print still
/// says it.
pub fn still(flow: &Flow<'_>, steps: &mut [Option<Box<Step>>]) {
    for (at, (node, step)) in flow.graph.nodes.iter().zip(steps).enumerate() {
        let (Kind::Simple(simple), Some(step)) = (&node.kind, step) else { continue };
        let is_unheard = simple.stage == Some(simple.command.span) && !simple.behind.is_empty();
        if !is_unheard || flow.inputs.get(NodeId(at as u32)).is_none_or(|state| !state.pipefail.may_be_off()) {
            continue;
        }
        let is_answer = |fact: &Fact| matches!(fact.kind, FactKind::Absent | FactKind::Exists);
        let is_asked = |fact: &Fact, other: &[Fact]| {
            is_answer(fact)
                && other.iter().any(|one| one.thing == fact.thing && one.kind != fact.kind && is_answer(one))
        };
        let (ok, fail) = (step.ok.clone(), step.fail.clone());
        step.ok.retain(|fact| !is_asked(fact, &fail));
        step.fail.retain(|fact| !is_asked(fact, &ok));
    }
}

/// That what a step's failure says is not there was asked for.
fn asked(step: &Step) -> impl Iterator<Item = Fact> + '_ {
    let missing = |fact: &&Fact| matches!(fact.kind, FactKind::Absent | FactKind::Asked | FactKind::ContainsNot);
    step.fail.iter().filter(missing).map(|fact| Fact { kind: FactKind::Asked, thing: fact.thing })
}
