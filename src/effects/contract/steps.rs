//! Steps of a stop that fail where there is nothing to stop, before anybody asked whether there is.

use super::answers::Answer;
use super::{Breach, Region, Survey};
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::knowledge::How;
use hashbrown::HashSet;
use std::cell::OnceCell;

/// Nobody asked whether the service runs before this step, which fails where it does not.
const UNASKED: &str = "unasked";
/// A check of the configuration stands in front of it, and ends it where it fails.
const VALIDATED_FIRST: &str = "validated-first";
/// It checks a configuration, by its name.
const VALIDATES: &str = "validates";

/// It kills and then says that the service is stopped, and nobody looked.
const UNVERIFIED: &str = "unverified";
/// It writes the number of a new process over that of one that may run.
const OVERWRITTEN: &str = "pid-overwritten";
/// A signal that cannot be refused, by rows.
const KILLS_HARD: &str = "kills-hard";

/// An answer that is not only that of a file.
fn is_certain(answer: Answer) -> bool {
    !answer.bare
}

impl Survey<'_, '_, '_> {
    /// The steps of a stop that need the service to run, or its configuration to be good, and did not ask.
    pub(super) fn unasked(&self, region: &Region) -> Vec<Breach> {
        let mut found = Vec::new();
        let unasked = OnceCell::new();
        let is_unasked = |node: &NodeId| {
            unasked.get_or_init(|| self.come_to_unasked(region, &is_certain, &|_| false)).contains(node)
        };
        for &node in &region.nodes {
            let mark = if self.needing.contains(&node) && is_unasked(&node) {
                UNASKED
            } else if self.validates(node) && is_unasked(&node) {
                VALIDATED_FIRST
            } else {
                continue;
            };
            let span = self.span(node);
            found.push(Breach {
                node,
                duty: region.duty,
                span,
                named: span,
                mark,
                edits: Vec::new(),
                not_where: Vec::new(),
            });
        }
        found
    }

    /// Where a start writes the number of its job over one that may be that of a process which runs.
    pub(super) fn overwritten(&self, region: &Region) -> Vec<Breach> {
        let is_enough = |answer: Answer| !answer.present || !answer.bare;
        // Who stops the old one first has another question to ask.
        let stops = |node: NodeId| self.stopping.contains_key(&node);
        let mut writes = region.nodes.iter().filter(|node| self.writing.contains(*node)).peekable();
        if writes.peek().is_none() {
            return Vec::new();
        }
        let open = self.come_to_unasked(region, &is_enough, &stops);
        let unasked = writes.filter(|node| open.contains(*node));
        let breach = |&node: &NodeId| {
            let span = self.span(node);
            Breach {
                node,
                duty: region.duty,
                span,
                named: span,
                mark: OVERWRITTEN,
                edits: Vec::new(),
                not_where: Vec::new(),
            }
        };
        unasked.map(breach).collect()
    }

    /// Whether a node ends a process by a signal: it returns before that has its effect, which other stops wait for.
    fn is_signal(&self, node: NodeId) -> bool {
        self.stopping.get(&node) == Some(&How::Kill)
    }

    /// Where a stop kills, and ends in success without a look.
    pub(super) fn unverified(&self, region: &Region) -> Vec<Breach> {
        let [ok, ..] = self.resolver.flow.graph.units[region.unit.0 as usize].ends;
        let mut found = Vec::new();
        for &node in region.nodes.iter().filter(|&&node| self.has_mark(node, KILLS_HARD) && self.is_signal(node)) {
            let mut seen: HashSet<NodeId> = HashSet::from([node]);
            let mut waiting: Vec<NodeId> = self.edges(node).map(|(_, to)| to).collect();
            let mut is_unseen = false;
            while let Some(next) = waiting.pop() {
                is_unseen |= next == ok;
                let asks = self.looks_at_state(next);
                if !asks && self.budget.take_step() && seen.insert(next) {
                    waiting.extend(self.edges(next).map(|(_, to)| to));
                }
            }
            if is_unseen {
                let span = self.span(node);
                found.push(Breach {
                    node,
                    duty: region.duty,
                    span,
                    named: span,
                    mark: UNVERIFIED,
                    edits: Vec::new(),
                    not_where: Vec::new(),
                });
            }
        }
        found
    }

    /// Whether a node checks the configuration, and its failure ends the action.
    fn validates(&self, node: NodeId) -> bool {
        if !self.has_mark(node, VALIDATES) || !matches!(self.kind(node), Kind::Simple(_)) {
            return false;
        }
        self.exits(node)
            || self.splits(node)
                && self.is_live(node, Edge::Fail)
                && !self.acts_behind(node, Edge::Fail)
                && self.acts_behind(node, Edge::Ok)
    }

    /// Whether a function that a node calls ends the shell by itself.
    fn exits(&self, node: NodeId) -> bool {
        let graph = &self.resolver.flow.graph;
        let ends_shell = |&at: &NodeId| {
            let leads = |(edge, to)| edge == Edge::Fail && matches!(graph.node(to).kind, Kind::End(Edge::ExitFail));
            matches!(self.kind(at), Kind::Code(_) | Kind::Errexit) && self.edges(at).any(leads)
        };
        let callees = self.resolver.flow.calls.callees(node).iter();
        let mut inside = callees.flat_map(|&unit| &self.resolver.flow.orders.unit(unit).nodes);
        self.is_live(node, Edge::ExitFail) && inside.any(ends_shell)
    }

    /// Whether something is done behind an outcome of a node, at once or later in its unit.
    pub(super) fn acts_behind(&self, node: NodeId, edge: Edge) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting: Vec<NodeId> = self.edges(node).filter(|&(live, _)| live == edge).map(|(_, to)| to).collect();
        while let Some(next) = waiting.pop() {
            if self.acts(next) {
                return true;
            }
            if self.budget.take_step() && seen.insert(next) {
                waiting.extend(self.edges(next).map(|(_, to)| to));
            }
        }
        false
    }

    /// What some way from the entry of the action comes to past no answer that is enough, where not all who call it have
    /// asked.
    fn come_to_unasked(
        &self,
        region: &Region,
        is_enough: &dyn Fn(Answer) -> bool,
        is_settled: &dyn Fn(NodeId) -> bool,
    ) -> HashSet<NodeId> {
        let asks = |node: NodeId| {
            let answer = |edge| self.answer(node, edge).is_some_and(is_enough);
            self.looks_at_state(node) || answer(Edge::Ok) || answer(Edge::Fail)
        };
        let calls = self.resolver.flow.calls.of(region.unit);
        let asked_before = |call: NodeId| self.ways.ahead_of(call).iter().any(|&before| asks(before));
        if region.unit.0 != 0 && !calls.is_empty() && calls.iter().all(|call| asked_before(call.node)) {
            return HashSet::new();
        }
        let answers = |from: NodeId, to: NodeId| {
            let mut edges = self.edges(from).filter(|&(_, target)| target == to).peekable();
            edges.peek().is_some() && edges.all(|(edge, _)| self.answer(from, edge).is_some_and(is_enough))
        };
        self.reached(region, &|from, to| answers(from, to) || self.looks_at_state(from) || is_settled(from))
    }
}
