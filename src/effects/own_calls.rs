//! Where a script comes to what a sourced file does: the call of its own that lacks a guard.
//!
//! ```sh
//! . ./common.sh                        # restart_web() { systemctl restart nginx; }
//! cp new.conf /etc/nginx/nginx.conf
//! restart_web                          # it is here that nothing was checked
//! ```

use super::step::Occurrence;
use super::thing::Fact;
use super::traces::Tracer;
use super::universe::is_negative;
use crate::flow::graph::NodeId;
use crate::span::Span;
use hashbrown::{HashMap, HashSet};

/// For each effect of a sourced function and each negative fact that is asked and does not hold there: the first call in
/// the script's own text, up to `end`, where it does not hold either.
pub fn find(
    tracer: &Tracer<'_, '_>,
    occurrences: &[Occurrence],
    end: u32,
    asked: &dyn Fn(&Occurrence) -> Vec<Fact>,
) -> HashMap<(usize, usize), Span> {
    let mut found = HashMap::new();
    for (at, occurrence) in occurrences.iter().enumerate().filter(|(_, occurrence)| occurrence.span.start >= end) {
        let facts = asked(occurrence).into_iter().filter(|fact| is_negative(fact.kind));
        for bit in facts.filter_map(|fact| tracer.universe.bit(fact)) {
            if let Some(call) = own_call(tracer, occurrence.node, bit, end) {
                found.insert((at, bit), call);
            }
        }
    }
    found
}

fn own_call(tracer: &Tracer<'_, '_>, node: NodeId, bit: usize, end: u32) -> Option<Span> {
    let mut first: Option<Span> = None;
    let mut seen = HashSet::new();
    let mut waiting = vec![(tracer.unit(node), bit)];
    while let Some((unit, bit)) = waiting.pop() {
        if !seen.insert((unit, bit)) {
            continue;
        }
        for call in tracer.flow.calls.of(unit) {
            let outer = tracer.outside(call.node, unit, bit);
            if tracer.inputs.get(call.node).is_none() || tracer.has((call.node, outer)) {
                continue;
            }
            let span = tracer.flow.graph.node(call.node).span;
            if span.start >= end {
                waiting.push((call.caller, outer));
            } else if first.is_none_or(|first| span.start < first.start) {
                first = Some(span);
            }
        }
    }
    first
}
