//! The ways ahead of a node, up to the first thing there that waits, relies on a server, or asks for one.

use super::{SLEEPS, STARTS, Survey, WAITS};
use crate::effects::resolve::NEEDS_SERVER;
use crate::flow::graph::{Edge, Kind, Loop, NodeId};
use hashbrown::HashSet;
use std::collections::VecDeque;

/// So many nodes stand between a question and the end in failure that it decides.
const NEAR: usize = 48;

/// It asks whether a service does its work.
pub(super) const ASKS: [&str; 4] = ["asks-health", "serves", "ready", "asks-state"];

/// A name that says that a number is the status of a failure.
const FAILURE_CODE: &str = "failure-code";

/// What is met on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// It waits: what follows may rely on what was begun.
    Waits,
    /// It starts something.
    Starts,
    /// It relies on a server.
    Uses,
    /// It asks whether one is there.
    Asks,
}

impl Survey<'_, '_, '_> {
    /// The outcomes of a node that go on in this shell.
    pub(super) fn onward(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let live = self.live[node.0 as usize];
        let forks = matches!(self.kind(node), Kind::Fork);
        let edges = self.resolver.flow.graph.node(node).edges.iter();
        edges.filter(move |(edge, _)| live & edge.bit() != 0 && !(forks && *edge == Edge::Ok)).map(|(_, to)| to)
    }

    /// What each way ahead of a node meets first.
    pub(super) fn first_met(&self, from: NodeId) -> Vec<(NodeId, Met)> {
        let mut found = Vec::new();
        let mut seen: HashSet<NodeId> = HashSet::from([from]);
        let mut waiting: VecDeque<NodeId> = self.onward(from).collect();
        while let Some(node) = waiting.pop_front().filter(|_| self.budget.take_step()) {
            if !seen.insert(node) {
                continue;
            }
            match self.met(node, Some(from)) {
                Some(met) => found.push((node, met)),
                None => waiting.extend(self.onward(node)),
            }
        }
        found
    }

    /// Whether ways lead from a node to the end of its unit, and nothing on any of them waits: a wait that is not come to on
    /// each of them mostly stands where there is something to wait for.
    pub(super) fn ends_unawaited(&self, from: NodeId) -> bool {
        let mut ends = false;
        let mut seen: HashSet<NodeId> = HashSet::from([from]);
        let mut waiting: VecDeque<NodeId> = self.onward(from).collect();
        while let Some(node) = waiting.pop_front() {
            if !self.budget.take_step() || self.waits(node, from) {
                return false;
            }
            ends |= matches!(self.kind(node), Kind::End(_));
            if seen.insert(node) {
                waiting.extend(self.onward(node));
            }
        }
        ends
    }

    /// Whether a node waits, or asks whether a process is there.
    pub(super) fn waits(&self, node: NodeId, origin: NodeId) -> bool {
        let asks = [crate::effects::resolve::ANSWERS_BY_STATUS];
        matches!(self.met(node, Some(origin)), Some(Met::Waits | Met::Asks))
            || self.has_mark(node, &asks)
            || self.is_in_another_loop(node, Some(origin))
    }

    /// The builtin that waits for jobs.
    fn is_wait(&self, node: NodeId) -> bool {
        let Kind::Simple(simple) = self.kind(node) else { return false };
        simple.name.as_deref() == Some("wait")
    }

    /// Finds out what is met in functions: callees come before their callers.
    pub(super) fn look_inside(&mut self) {
        let flow = &self.resolver.flow;
        for &unit in flow.calls.bottom_up.iter().filter(|unit| unit.0 != 0) {
            let within: Vec<Met> =
                flow.orders.unit(unit).nodes.iter().filter_map(|&node| self.met(node, None)).collect();
            // Who waits somewhere in a function does so for what is done there.
            let waits = within.iter().find(|met| **met == Met::Waits);
            if let Some(&met) = waits.or(within.first()) {
                self.met_inside.insert(unit, met);
            }
        }
    }

    /// What a node is, seen from another one of its unit; or from outside of its function.
    fn met(&self, node: NodeId, origin: Option<NodeId>) -> Option<Met> {
        if self.has_mark(node, &[WAITS, SLEEPS]) || self.is_wait(node) || self.polls(node, origin) {
            return Some(Met::Waits);
        }
        if self.has_mark(node, &ASKS) {
            return Some(Met::Asks);
        }
        let callees = self.resolver.flow.calls.callees(node);
        if !callees.is_empty() {
            let mut within = callees.iter().filter_map(|unit| self.met_inside.get(unit).copied());
            let first = within.clone().next();
            return within.find(|met| *met == Met::Waits).or(first);
        }
        if self.has_mark(node, &[STARTS]) {
            return Some(Met::Starts);
        }
        if self.has_mark(node, &[NEEDS_SERVER]) {
            let is_asked = matches!(self.kind(node), Kind::Simple(simple) if simple.ignored);
            let asks = is_asked || self.step(node).is_some_and(|step| step.asks);
            return Some(if asks { Met::Asks } else { Met::Uses });
        }
        // A function of a file that was not read may wait.
        let foreign = self.resolver.flow.inputs.get(node).is_some_and(|state| state.foreign);
        (foreign && self.step(node).is_some_and(|step| step.unknown)).then_some(Met::Waits)
    }

    fn is_in_another_loop(&self, node: NodeId, origin: Option<NodeId>) -> bool {
        let within = |body: &Loop| origin.is_some_and(|origin| (body.head.0..body.end.0).contains(&origin.0));
        self.loops.get(&node).is_some_and(|body| !within(body))
    }

    /// Whether a node stands in a loop that tries until it works.
    fn polls(&self, node: NodeId, origin: Option<NodeId>) -> bool {
        let Some(body) = self.loops.get(&node).filter(|_| self.is_in_another_loop(node, origin)) else { return false };
        !body.over_items || self.sleeping.contains(&body.head)
    }

    /// Whether the answer of a node decides that the script, or the function, fails: nothing is done between.
    pub(super) fn is_final(&self, asked: NodeId) -> bool {
        self.fails_near(asked, self.onward(asked).collect())
    }

    /// Whether an outcome of a question leads to that.
    pub(super) fn fails_over(&self, asked: NodeId, edge: Edge) -> bool {
        let edges = self.resolver.flow.graph.node(asked).edges.iter();
        let live = self.live[asked.0 as usize];
        self.fails_near(
            asked,
            edges.filter(|(way, _)| *way == edge && live & way.bit() != 0).map(|(_, to)| to).collect(),
        )
    }

    fn fails_near(&self, asked: NodeId, mut waiting: VecDeque<NodeId>) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::from([asked]);
        while let Some(node) = waiting.pop_front().filter(|_| seen.len() <= NEAR) {
            let passes = match self.kind(node) {
                Kind::End(edge) => {
                    if *edge == Edge::ExitFail {
                        return true;
                    }
                    false
                }
                Kind::Code([word, ..]) => {
                    if self.says_failure(&self.resolver.written(word.span)) {
                        return true;
                    }
                    false
                }
                Kind::Simple(_) => self.is_idle(node),
                _ => true,
            };
            if passes && seen.insert(node) {
                waiting.extend(self.onward(node));
            }
        }
        false
    }

    /// Whether a command only sets variables, prints or tells.
    pub(super) fn is_idle(&self, node: NodeId) -> bool {
        let name = self.written(node).split_whitespace().next().unwrap_or_default();
        let tells = ["echo", "printf", "logger", "cat"].contains(&name) || self.has_mark(node, &["logs"]);
        let step = self.step(node);
        let calls = !self.resolver.flow.calls.callees(node).is_empty();
        tells || !calls && step.is_some_and(|step| !step.unknown && step.touches.is_empty() && step.marks.is_empty())
    }

    fn says_failure(&self, code: &str) -> bool {
        let bare = code.trim_matches(['"', '\'', '$', '{', '}']);
        match bare.parse::<i64>() {
            Ok(code) => code != 0,
            Err(_) => self.resolver.knowledge.marks_of_name(bare).any(|mark| mark == FAILURE_CODE),
        }
    }
}
