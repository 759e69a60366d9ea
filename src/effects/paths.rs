//! Under which conditions an effect is reached: the questions of its unit that every path to it has passed with the
//! same answer.
//!
//! ```sh
//! if [ -f /etc/haproxy/new.cfg ]; then
//!   haproxy -c -f /etc/haproxy/new.cfg || exit 1
//!   mv /etc/haproxy/new.cfg /etc/haproxy/haproxy.cfg   # if the file is there and the check succeeded
//! fi
//! ```
//! An outcome of a node is passed on every path where its edge dominates the effect: it leads to a dominator that is
//! entered from elsewhere only by ways that come back to it.

use super::dominators::Dominators;
use super::ways::Ways;
use crate::flow::Flow;
use crate::flow::graph::{Edge, Kind, NodeId, UnitId};
use crate::plan::PlanCondition;
use crate::span::Span;
use hashbrown::HashMap;

/// How many conditions are told of one effect: the nearest.
const MOST_CONDITIONS: usize = 16;

/// A question with the answer that it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Passed {
    /// The node that asks.
    node: NodeId,
    /// Whether it succeeded.
    yes: bool,
}

/// The conditions of all nodes: for each the nearest one that it has beyond those of the node that asks.
pub struct Conditions<'a, 't> {
    flow: &'a Flow<'t>,
    nearest: Vec<Option<Passed>>,
}

impl<'a, 't> Conditions<'a, 't> {
    /// Finds them. `live` is which outcomes each node can have.
    pub fn find(flow: &'a Flow<'t>, live: &[u8], ways: &Ways, dominators: &Dominators) -> Self {
        let mut nearest: Vec<Option<Passed>> = vec![None; flow.graph.nodes.len()];
        for unit in 0..flow.graph.units.len() {
            // Dominators come before what they dominate.
            for &node in &flow.orders.unit(UnitId(unit as u32)).nodes {
                let Some(above) = dominators.above(node) else { continue };
                let answer = is_question(flow, above)
                    .then(|| answer(flow, live, ways, dominators, above, node))
                    .flatten()
                    .map(|yes| Passed { node: above, yes });
                nearest[node.0 as usize] = answer.or(nearest[above.0 as usize]);
            }
        }
        Self { flow, nearest }
    }

    /// The answer that every path from a node to one that it dominates at once has had; none where it does not matter.
    pub fn passed_before(&self, node: NodeId, above: NodeId) -> Option<bool> {
        self.nearest[node.0 as usize].filter(|passed| passed.node == above).map(|passed| passed.yes)
    }

    /// The conditions of a node, the nearest first.
    pub fn of<'s>(&'s self, node: NodeId, source: &'s [u8]) -> impl Iterator<Item = PlanCondition> + 's {
        let next = |passed: &Passed| self.nearest[passed.node.0 as usize];
        let passed = std::iter::successors(self.nearest[node.0 as usize], next).take(MOST_CONDITIONS);
        passed.map(|passed| self.condition(passed, source))
    }

    /// The conditions of some nodes, each kept once.
    pub fn told(&self, nodes: impl Iterator<Item = NodeId>, source: &[u8]) -> Told {
        let mut told = Told::default();
        let mut known: HashMap<Passed, u32> = HashMap::new();
        let mut new = Vec::new();
        for node in nodes {
            let mut next = self.nearest[node.0 as usize];
            let mut outer = None;
            while let Some(passed) = next {
                outer = known.get(&passed).copied();
                if outer.is_some() {
                    break;
                }
                new.push(passed);
                next = self.nearest[passed.node.0 as usize];
            }
            for passed in new.drain(..).rev() {
                let number = told.all.len() as u32;
                known.insert(passed, number);
                told.all.push((self.condition(passed, source), outer));
                outer = Some(number);
            }
            told.nearest.push(outer);
        }
        told
    }

    fn condition(&self, passed: Passed, source: &[u8]) -> PlanCondition {
        let text = |span: Span| String::from_utf8_lossy(source.get(span.range()).unwrap_or_default()).into_owned();
        let node = self.flow.graph.node(passed.node);
        let (span, question) = match &node.kind {
            Kind::Match { subject, patterns } => {
                let ends = patterns.first().zip(patterns.last());
                let span = ends.map_or(node.span, |(first, last)| Span::new(first.span.start, last.span.end));
                (span, format!("{} is {}", text(subject.span), text(span)))
            }
            _ => (node.span, text(node.span)),
        };
        PlanCondition { span, question, yes: passed.yes }
    }
}

/// The conditions of effects as a person reads them. Those of one effect are mostly those of the next, so each is kept
/// once, with the one that is asked before it.
#[derive(Debug, Default)]
pub struct Told {
    all: Vec<(PlanCondition, Option<u32>)>,
    /// The last one of each effect.
    nearest: Vec<Option<u32>>,
}

impl Told {
    /// The conditions of an effect by its number, the nearest first.
    pub fn of(&self, effect: usize) -> impl Iterator<Item = &PlanCondition> {
        let one = |number: u32| &self.all[number as usize];
        let nearest = self.nearest[effect].map(one);
        let outwards = std::iter::successors(nearest, move |(_, outer)| outer.map(one));
        outwards.take(MOST_CONDITIONS).map(|(condition, _)| condition)
    }
}

/// Whether the script acts on the outcome of a node.
fn is_question(flow: &Flow<'_>, node: NodeId) -> bool {
    match &flow.graph.node(node).kind {
        Kind::Simple(simple) => simple.ignored,
        Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. } => true,
        _ => false,
    }
}

/// The outcome of a node that every path from it to the next one that it dominates passes.
fn answer(
    flow: &Flow<'_>,
    live: &[u8],
    ways: &Ways,
    dominators: &Dominators,
    node: NodeId,
    below: NodeId,
) -> Option<bool> {
    let open = || flow.graph.node(node).edges.iter().filter(|(edge, _)| live[node.0 as usize] & edge.bit() != 0);
    let mut leads = open().filter(|(_, to)| *to == below);
    // Where no edge leads straight to the node below, ways meet in it.
    let (edge, _) = leads.next()?;
    let mut others = ways.ahead_of(below).iter().filter(|&&before| before != node);
    let is_only = leads.next().is_none() && others.all(|&before| dominators.dominates(below, before));
    let other = if edge == Edge::Ok { Edge::Fail } else { Edge::Ok };
    let decides = matches!(edge, Edge::Ok | Edge::Fail) && open().any(|(open, _)| open == other);
    (is_only && decides).then_some(edge == Edge::Ok)
}
