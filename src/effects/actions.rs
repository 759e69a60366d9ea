//! What a script was told to do where an effect happens.
//!
//! ```sh
//! case "$1" in
//!   promote) pg_ctl promote -D "$PGDATA" ;;   # the action is promote
//!   stop) stop_all ;;                         # and of what `stop_all` does it is stop
//! esac
//! ```
//! Agents, init scripts, hooks and packages' scripts hold several actions, and each can be run for another reason.

use super::dominators::Dominators;
use super::paths::Conditions;
use super::question::Question;
use super::step::{Condition, Step};
use crate::flow::Flow;
use crate::flow::graph::{Graph, Kind, NodeId, Slot, UnitId, UnitKind};
use crate::knowledge::Knowledge;
use crate::role::Role;
use crate::syntax::tree::{Part, PartKind};
use std::rc::Rc;

/// What a script was told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The words, as the script names them, sorted: `start`, `restart`.
    pub words: Vec<Box<str>>,
    /// Why a script runs that is told so, where the words say it.
    pub role: Option<Role>,
}

impl Action {
    fn of(mut words: Vec<Box<str>>, knowledge: &Knowledge) -> Option<Rc<Self>> {
        words.sort_unstable();
        words.dedup();
        let mut roles = words.iter().map(|word| knowledge.action(word).and_then(|row| row.role));
        let first = roles.next()?;
        let role = first.filter(|role| roles.all(|other| other == Some(*role)));
        Some(Rc::new(Self { words, role }))
    }
}

/// What the script was told to do at each node.
pub struct Actions {
    at: Vec<Option<Rc<Action>>>,
    /// The slot that says so, by the node; none where it is said otherwise, or may say something else in the next turn of a loop.
    by: Vec<Option<Slot>>,
}

impl Actions {
    /// What it was told at a node, where that is known.
    pub fn at(&self, node: NodeId) -> Option<&Rc<Action>> {
        self.at[node.0 as usize].as_ref()
    }

    /// Whether no run comes to both nodes: each belongs to other words.
    pub fn exclude(&self, one: NodeId, other: NodeId) -> bool {
        let (by, same) = (self.by[one.0 as usize], self.by[other.0 as usize]);
        match (self.at(one), self.at(other)) {
            (Some(one), Some(other)) if by.is_some() && by == same => {
                !one.words.iter().any(|word| other.words.contains(word))
            }
            _ => false,
        }
    }
}

/// Finds what the script was told to do at each node.
pub fn find(
    flow: &Flow<'_>,
    steps: &[Option<Box<Step>>],
    knowledge: &Knowledge,
    dominators: &Dominators,
    conditions: &Conditions<'_, '_>,
) -> Actions {
    let asked = |node: NodeId| {
        let condition = steps[node.0 as usize].as_ref()?.condition.as_ref()?;
        Action::of(words(condition, knowledge)?, knowledge)
    };
    let dispatches = dispatches(&flow.graph);
    let slot = |node: NodeId| match steps[node.0 as usize].as_ref()?.condition.as_deref()? {
        Condition::Slot { slot, question: Question::Equals(_), .. } => Some(*slot),
        _ => None,
    };
    let mut by: Vec<Option<Slot>> = vec![None; flow.graph.nodes.len()];
    let mut actions: Vec<Option<Rc<Action>>> = vec![None; flow.graph.nodes.len()];
    // Callers come before what they call, and dominators before what they dominate.
    for &unit in flow.calls.bottom_up.iter().rev() {
        let entry = flow.graph.units[unit.0 as usize].entry;
        let calls = flow.calls.of(unit).iter().filter(|call| dominators.is_reached(call.node));
        let told: Option<Vec<_>> = calls.map(|call| actions[call.node.0 as usize].clone()).collect();
        let mut words: Vec<Box<str>> =
            told.unwrap_or_default().iter().flat_map(|action| action.words.clone()).collect();
        words.extend(
            called(unit, &flow.graph)
                .into_iter()
                .filter(|word| dispatches && knowledge.action(word).is_some())
                .map(Box::from),
        );
        actions[entry.0 as usize] = Action::of(words, knowledge);
        for &node in &flow.orders.unit(unit).nodes {
            if let Some(above) = dominators.above(node) {
                let new = conditions.passed_before(node, above).filter(|yes| *yes).and_then(|_| asked(above));
                by[node.0 as usize] = if new.is_some() { slot(above) } else { by[above.0 as usize] };
                actions[node.0 as usize] = new.or_else(|| actions[above.0 as usize].clone());
            }
        }
    }
    for body in &flow.graph.loops {
        by[body.head.0 as usize..body.end.0 as usize].fill(None);
    }
    Actions { at: actions, by }
}

/// Whether some command is a word that the script was given: `"$1"` calls the function that is called like the action.
fn dispatches(graph: &Graph<'_>) -> bool {
    graph.nodes.iter().filter(|node| node.unit == UnitId(0)).any(|node| match &node.kind {
        Kind::Simple(simple) => simple.simple.words.first().is_some_and(|word| is_given(&word.parts)),
        _ => false,
    })
}

fn is_given(parts: &[Part]) -> bool {
    match parts {
        [Part { kind: PartKind::DoubleQuoted(parts), .. }] => is_given(parts),
        [Part { kind: PartKind::Parameter(parameter), .. }] => matches!(&*parameter.name, "1" | "@" | "*"),
        _ => false,
    }
}

/// What a unit is called, where it is a function.
fn called<'graph>(unit: UnitId, graph: &'graph Graph<'_>) -> Option<&'graph str> {
    match &graph.units[unit.0 as usize].kind {
        UnitKind::Function(name) => Some(&name.text),
        UnitKind::Script => None,
    }
}

/// The words one of which something is, if all of them are actions.
fn words(condition: &Condition, knowledge: &Knowledge) -> Option<Vec<Box<str>>> {
    match condition {
        Condition::Slot { question: Question::Equals(word), .. } => {
            knowledge.action(word).is_some().then(|| vec![word.clone()])
        }
        Condition::Or(left, right) => {
            let mut all = words(left, knowledge)?;
            all.extend(words(right, knowledge)?);
            Some(all)
        }
        _ => None,
    }
}
