//! Writes over what the script has just written there itself.
//!
//! ```sh
//! echo "host = $host" > "$file"
//! port=${PORT:-5432}
//! echo "port = $port" > "$file"      # the line in front is gone, and nobody has read it
//! cat "$file" >> /etc/app/app.conf
//! ```
//! Between the two stands nothing that could have read the file: assignments, and what is printed elsewhere.

use super::dominators::Dominators;
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::ThingId;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::knowledge::{EffectKind, How, PathClass};
use hashbrown::HashMap;

/// The mark of such a write.
const OVER_OWN_OUTPUT: &str = "over-own-output";

/// How many steps may stand between the two.
const FARTHEST: usize = 16;

/// Marks them.
pub fn mark(
    resolver: &Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    dominators: &Dominators,
    occurrences: &mut [Occurrence],
) {
    // By the step: what it prints into a file.
    let mut printed: HashMap<NodeId, (ThingId, How)> = HashMap::new();
    for occurrence in occurrences.iter().filter(|occurrence| prints_into_file(resolver, occurrence)) {
        printed.insert(occurrence.node, (occurrence.target, occurrence.how));
    }
    for occurrence in occurrences.iter_mut() {
        let truncates = printed.get(&occurrence.node) == Some(&(occurrence.target, How::Truncate));
        if truncates && is_over_own(resolver, steps, dominators, &printed, occurrence) {
            occurrence.marks.push(OVER_OWN_OUTPUT.into());
        }
    }
}

/// Whether an effect is that text is printed into a file that keeps it. A device takes each value for itself.
fn prints_into_file(resolver: &Resolver<'_, '_>, occurrence: &Occurrence) -> bool {
    // Nor is it known where a path leads that begins with what is not.
    let may_be_kernel = occurrence.begins.is_empty()
        || ["/proc/", "/sys/", "/dev/"].iter().any(|place| occurrence.begins.starts_with(place));
    occurrence.effect == EffectKind::Write
        && matches!(occurrence.how, How::Truncate | How::Append)
        && matches!(&*occurrence.command, "echo" | "printf" | "cat")
        && !matches!(occurrence.class, PathClass::Device | PathClass::Stream | PathClass::Lock)
        && !may_be_kernel
        && matches!(resolver.flow.graph.node(occurrence.node).kind, Kind::Simple(_))
}

/// Whether the way to a write comes from another one to the same file, and nothing between reads it.
fn is_over_own(
    resolver: &Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    dominators: &Dominators,
    printed: &HashMap<NodeId, (ThingId, How)>,
    occurrence: &Occurrence,
) -> bool {
    let graph = &resolver.flow.graph;
    let mut behind = occurrence.node;
    for _ in 0..FARTHEST {
        let Some(node) = dominators.above(behind) else { return false };
        match &graph.node(node).kind {
            Kind::Join | Kind::Errexit => {}
            Kind::Simple(simple) => {
                // What comes after a failure alone is the second try of the first.
                if !leads(resolver, node, behind) {
                    return false;
                }
                if printed.get(&node).is_some_and(|(target, _)| *target == occurrence.target) {
                    return true;
                }
                let step = steps[node.0 as usize].as_ref();
                let reads = step.is_some_and(|step| step.reads.contains(&occurrence.target) || step.sets_anything);
                let is_plain = simple.simple.words.is_empty()
                    || simple.program().is_some_and(|name| {
                        matches!(name, ":" | "true" | "echo" | "printf" | "local" | "export" | "readonly" | "declare")
                    });
                if reads || !is_plain || !resolver.flow.calls.callees(node).is_empty() {
                    return false;
                }
            }
            _ => return false,
        }
        behind = node;
    }
    false
}

/// Whether the success of a step leads to another one, past nothing but places where paths meet.
fn leads(resolver: &Resolver<'_, '_>, from: NodeId, to: NodeId) -> bool {
    let graph = &resolver.flow.graph;
    let mut next = graph.node(from).edges.iter().find(|(edge, _)| *edge == Edge::Ok).map(|(_, next)| next);
    for _ in 0..FARTHEST {
        match next {
            Some(node) if node == to => return true,
            Some(node) if matches!(graph.node(node).kind, Kind::Join) => {
                next = graph.node(node).edges.iter().map(|(_, next)| next).next();
            }
            _ => return false,
        }
    }
    false
}
