//! Why a fact holds in front of an effect, or does not: which checks made it, on which way it was lost.
//!
//! ```sh
//! haproxy -c -f /etc/haproxy/haproxy.cfg || exit 1   # made here; who fails leaves by `exit 1`
//! cp new.cfg /etc/haproxy/haproxy.cfg                # ended here
//! systemctl restart haproxy
//! ```
//! Nothing of it is in the solver: it is asked for a few lines at a time, by walks back from the effect. It knows
//! nothing of rules.

mod held;
mod missing;

use super::bits::Bits;
use super::compile::Compiled;
use super::domain::Link;
use super::facts::Facts;
use super::set::Extra;
use super::step::{Condition, Step};
use super::thing::Things;
use super::universe::Universe;
use super::ways::Ways;
use crate::account::Trace;
use crate::flow::Flow;
use crate::flow::graph::{Edge, Kind, NodeId, UnitId};
use crate::flow::solve::Inputs;
use crate::span::Span;
use hashbrown::{HashMap, HashSet};

/// How many steps one walk takes at most; who ends earlier names fewer places.
const LONGEST_WALK: usize = 20_000;

/// What walks back need.
pub struct Tracer<'a, 't> {
    pub flow: &'a Flow<'t>,
    pub source: &'a [u8],
    pub steps: &'a [Option<Box<Step>>],
    pub compiled: &'a [Option<Box<Compiled>>],
    pub live: &'a [u8],
    pub links: &'a HashMap<(NodeId, UnitId), Link>,
    pub universe: &'a Universe,
    pub things: &'a Things,
    pub inputs: &'a Inputs<Facts>,
    pub entries: &'a [Bits],
    pub ways: &'a Ways,
}

/// A fact at a node, in front of it.
type Place = (NodeId, usize);

impl Tracer<'_, '_> {
    /// Why a fact holds in front of a node, or does not.
    pub fn trace(&self, node: NodeId, bit: usize, holds: bool) -> Trace {
        if holds {
            let (guards, from_start) = self.guards(node, bit);
            Trace::Held { guards, from_start }
        } else {
            Trace::Missing(self.losses(node, bit))
        }
    }

    /// Whether a fact holds in front of a node; not where nothing leads there.
    pub fn has(&self, (node, bit): Place) -> bool {
        let entry = &self.entries[self.unit(node).0 as usize];
        self.inputs
            .get(node)
            .is_some_and(|state| state.must.has(bit, entry) || state.relays.given(entry).any(|made| made == bit))
    }

    /// Whether a fact holds in front of a node, or holds there if some variable has a given value.
    fn mentions(&self, (node, bit): Place) -> bool {
        let entry = &self.entries[self.unit(node).0 as usize];
        let is_behind = |extra: &Extra| extra.has(bit, entry);
        self.has((node, bit)) || self.inputs.get(node).is_some_and(|state| state.any_case(&is_behind))
    }

    pub fn unit(&self, node: NodeId) -> UnitId {
        self.flow.graph.node(node).unit
    }

    fn is_live(&self, node: NodeId, edge: Edge) -> bool {
        self.live[node.0 as usize] & edge.bit() != 0
    }

    /// The outcomes of a node that lead to another one.
    fn edges(&self, from: NodeId, to: NodeId) -> impl Iterator<Item = Edge> + '_ {
        let edges = self.flow.graph.node(from).edges.iter();
        edges.filter(move |(edge, target)| *target == to && self.is_live(from, *edge)).map(|(edge, _)| edge)
    }

    /// Whether a step itself makes a fact with this outcome.
    fn makes(&self, node: NodeId, edge: Edge, bit: usize) -> bool {
        let condition = self.steps[node.0 as usize].as_ref().and_then(|step| step.condition.as_ref());
        if condition.is_some_and(|condition| self.proves(condition, edge == Edge::Ok, bit)) {
            return true;
        }
        let Some(step) = &self.compiled[node.0 as usize] else { return false };
        let made = if edge == Edge::Ok { &step.ok } else { &step.fail };
        let all = |bits: &[usize]| bits.iter().all(|&bit| self.has((node, bit)));
        made.iter().any(|made| made == bit)
            || step.gathers.iter().any(|(from, to)| *to == bit && all(from))
            || edge == Edge::Ok && step.carries.iter().any(|&(from, to)| to == bit && all(&[from]))
            || edge == Edge::Ok && step.keeps.iter().any(|(from, to)| *to == bit && all(from))
    }

    /// Whether an answer to a question proves a fact.
    fn proves(&self, condition: &Condition, yes: bool, bit: usize) -> bool {
        match condition {
            Condition::Facts { yes: on, no: off, .. } | Condition::Slot { yes: on, no: off, .. } => {
                self.universe.closed(if yes { on } else { off }, self.things).iter().any(|made| made == bit)
            }
            Condition::Not(inner) => self.proves(inner, !yes, bit),
            Condition::And(left, right) | Condition::Or(left, right) => {
                let all_answered = matches!(condition, Condition::And(..)) == yes;
                let (left, right) = (self.proves(left, yes, bit), self.proves(right, yes, bit));
                if all_answered { left || right } else { left && right }
            }
            Condition::Known(_) | Condition::Unknown => false,
        }
    }

    /// The name that a fact has at a call of the function inside which it has another one.
    pub fn outside(&self, call: NodeId, callee: UnitId, bit: usize) -> usize {
        let pairs = self.links.get(&(call, callee)).map_or(&[][..], |link| &link.pairs);
        pairs.iter().find(|(inner, _)| *inner == bit).map_or(bit, |&(_, outer)| outer)
    }

    /// The name that a fact of a call has inside the function.
    fn inside(&self, call: NodeId, callee: UnitId, bit: usize) -> usize {
        let pairs = self.links.get(&(call, callee)).map_or(&[][..], |link| &link.pairs);
        pairs.iter().find(|(_, outer)| *outer == bit).map_or(bit, |&(inner, _)| inner)
    }

    /// The calls of the unit that a node is the entry of; nothing where it is none.
    fn calls_into(&self, node: NodeId) -> Option<impl Iterator<Item = (NodeId, UnitId)> + '_> {
        let unit = self.unit(node);
        let is_entry = self.flow.graph.units[unit.0 as usize].entry == node;
        is_entry.then(|| self.flow.calls.of(unit).iter().map(move |call| (call.node, unit)))
    }

    /// The end of a function to which an outcome of its call leads back.
    fn end_of(&self, callee: UnitId, edge: Edge) -> NodeId {
        let all = [Edge::Ok, Edge::Fail, Edge::ExitOk, Edge::ExitFail];
        let at = all.iter().position(|one| *one == edge).unwrap_or_default();
        self.flow.graph.units[callee.0 as usize].ends[at]
    }

    /// The command of a node, where it is one; of a part of the shell, what it stands for.
    fn command(&self, node: NodeId) -> Option<Span> {
        let node = self.flow.graph.node(node);
        match node.kind {
            Kind::Simple(_) | Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. } | Kind::Redirects { .. } => {
                Some(node.span)
            }
            _ => None,
        }
    }
}

/// A walk: what is waiting, and what was seen.
struct Walk {
    waiting: std::collections::VecDeque<Place>,
    seen: HashSet<Place>,
}

impl Walk {
    fn from(place: Place) -> Self {
        Self { waiting: [place].into(), seen: HashSet::from([place]) }
    }

    fn push(&mut self, place: Place) {
        if self.seen.len() < LONGEST_WALK && self.seen.insert(place) {
            self.waiting.push_back(place);
        }
    }

    fn next(&mut self) -> Option<Place> {
        self.waiting.pop_front()
    }
}
