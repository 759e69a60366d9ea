//! Ends in failure in front of all actions, where something is not there that a stop of the same script takes away.
//!
//! ```sh
//! [ -b "$device" ] || exit 2          # absent-fails: also for `stop`, which the device was gone by
//! case "$1" in
//! stop) mdadm --stop "$device" ;;
//! esac
//! ```

use super::refusals::ABSENT_FAILS;
use super::{Breach, Region, Survey};
use crate::effects::step::Condition;
use crate::effects::thing::{Fact, ThingId};
use crate::flow::graph::{Edge, NodeId, UnitId};
use crate::knowledge::{FactKind, How};
use hashbrown::HashSet;

impl Survey<'_, '_, '_> {
    /// The ends in failure outside of functions and actions that follow from such an absence.
    pub(super) fn gates(&self, regions: &[Region]) -> Vec<Breach> {
        let taken = self.taken_by_stops(regions);
        if taken.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let inside: HashSet<NodeId> = regions.iter().flat_map(|region| region.nodes.iter().copied()).collect();
        let is_outside = |node: &NodeId| !inside.contains(node);
        let stops = || regions.iter().filter(|region| region.duty == How::Stop);
        let entries: HashSet<NodeId> = stops().flat_map(|region| region.entries.iter().copied()).collect();
        let functions: HashSet<UnitId> = stops().map(|region| region.unit).filter(|unit| unit.0 != 0).collect();
        let is_stop = |node: NodeId| {
            let mut calls = self.resolver.flow.calls.callees(node).iter();
            entries.contains(&node) || calls.any(|unit| functions.contains(unit))
        };
        let outside = self.resolver.flow.orders.unit(UnitId(0)).nodes.iter().copied().filter(is_outside);
        for node in outside.filter(|&node| self.ends_in_failure(node)) {
            for (question, edge) in self.governing(node) {
                if self.says_absent(question, edge, &taken) && self.leads_to(question, &is_stop) {
                    let (span, named) = (self.span(node), self.span(question));
                    found.push(Breach {
                        node,
                        duty: How::Stop,
                        span,
                        named,
                        mark: ABSENT_FAILS,
                        edits: Vec::new(),
                        not_where: Vec::new(),
                    });
                }
            }
        }
        found
    }

    /// What the stops of a script take away, and the functions that they call.
    fn taken_by_stops(&self, regions: &[Region]) -> HashSet<ThingId> {
        let flow = &self.resolver.flow;
        let mut units: HashSet<UnitId> = HashSet::new();
        let mut nodes: Vec<NodeId> = Vec::new();
        let stops = regions.iter().filter(|region| region.duty == How::Stop);
        let mut waiting: Vec<NodeId> = stops.flat_map(|region| region.nodes.iter().copied()).collect();
        while let Some(node) = waiting.pop() {
            nodes.push(node);
            for &callee in flow.calls.callees(node) {
                if units.insert(callee) {
                    waiting.extend(flow.orders.unit(callee).nodes.iter().copied());
                }
            }
        }
        let gone = |fact: &&Fact| fact.kind == FactKind::Absent;
        let does = nodes.iter().filter_map(|&node| self.step(node)).filter(|step| !step.asks);
        does.flat_map(|step| step.ok.iter().filter(gone).map(|fact| fact.thing).chain(step.removes.iter().copied()))
            .collect()
    }

    /// Whether a stop is come to behind a question: that stands in front of the dispatch, not in an action beside it.
    fn leads_to(&self, question: NodeId, is_stop: &dyn Fn(NodeId) -> bool) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::from([question]);
        let mut waiting = vec![question];
        while let Some(at) = waiting.pop() {
            if is_stop(at) {
                return true;
            }
            let next = self.edges(at).map(|(_, to)| to);
            waiting.extend(next.filter(|&to| self.budget.take_step() && seen.insert(to)));
        }
        false
    }

    /// Whether an outcome of a question is the one where one of these things is not there, or is not of its kind, and nobody
    /// has just heard that it is there.
    fn says_absent(&self, question: NodeId, edge: Edge, things: &HashSet<ThingId>) -> bool {
        let hears = |from: NodeId| {
            let mut leads = self.edges(from).filter(|&(_, to)| to == question);
            leads.any(|(edge, _)| self.is_there(from, edge, things) == Some(true))
        };
        self.is_there(question, edge, things) == Some(false)
            && !self.ways.ahead_of(question).iter().any(|&from| hears(from))
    }

    /// What an outcome of a question says of one of these things: that it is there, or is not.
    fn is_there(&self, question: NodeId, edge: Edge, things: &HashSet<ThingId>) -> Option<bool> {
        let mut condition = self.step(question)?.condition.as_deref()?;
        let mut yes = edge == Edge::Ok;
        while let Condition::Not(inner) = condition {
            (condition, yes) = (inner, !yes);
        }
        let Condition::Facts { yes: there, no, operator: Some(operator) } = condition else { return None };
        let is_of_thing = there.iter().chain(no).any(|fact| things.contains(&fact.thing));
        (is_of_thing && "aefdbcpLhsS".contains(*operator)).then_some(yes)
    }
}
