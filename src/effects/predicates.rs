//! Functions that do nothing but ask for variables of the script.
//!
//! ```sh
//! is_new() { [ -z "$found" ]; }
//! found=$(grep '^/srv/www ' /etc/exports)
//! is_new && echo '/srv/www 10.0.0.0/24(ro)' >> /etc/exports
//! ```
//! Inside, nothing is known of what the variable holds; what the answer says is for the caller to say. So a call of one is
//! its question, asked where the call stands.

use super::step::{Condition, Step};
use crate::flow::graph::{Edge, Graph, Kind, NodeId, Slot, Unit};

/// What a function asks.
#[derive(Clone, Copy, Debug)]
pub struct Predicate {
    /// Where it asks.
    node: NodeId,
    /// The outcome of the question with which the function returns ok.
    ok: Edge,
}

impl Predicate {
    /// The question, and whether a yes returns ok.
    pub fn question(self, steps: &[Option<Box<Step>>]) -> Option<(&Condition, bool)> {
        let condition = steps[self.node.0 as usize].as_ref()?.condition.as_ref()?;
        Some((condition, self.ok == Edge::Ok))
    }
}

/// For each unit: what it asks, if that is all that it does.
pub fn find(graph: &Graph<'_>, steps: &[Option<Box<Step>>], locals: &[Vec<u32>]) -> Vec<Option<Predicate>> {
    let mut only: Vec<Option<Option<NodeId>>> = vec![None; graph.units.len()];
    for (at, node) in graph.nodes.iter().enumerate() {
        if !matches!(node.kind, Kind::Join | Kind::Status(_) | Kind::Errexit | Kind::End(_)) {
            let found = &mut only[node.unit.0 as usize];
            *found = Some(found.is_none().then_some(NodeId(at as u32)));
        }
    }
    let predicate = |(unit, only): (usize, Option<Option<NodeId>>)| {
        let node = only.flatten().filter(|_| unit != 0)?;
        let condition = steps[node.0 as usize].as_ref()?.condition.as_ref()?;
        let Unit { ends, .. } = &graph.units[unit];
        let ok = [Edge::Ok, Edge::Fail].into_iter().find(|edge| end_behind(graph, node, *edge) == Some(ends[0]))?;
        asks_for_variables(condition, &locals[unit]).then_some(Predicate { node, ok })
    };
    only.into_iter().enumerate().map(predicate).collect()
}

/// The end of the function that an outcome leads to, where nothing is between.
fn end_behind(graph: &Graph<'_>, node: NodeId, edge: Edge) -> Option<NodeId> {
    let mut at = graph.successor(node, edge)?;
    while !matches!(graph.node(at).kind, Kind::End(_)) {
        at = graph.successor(at, Edge::Ok)?;
    }
    Some(at)
}

/// Whether a question is about what variables hold that the function shares with its caller.
fn asks_for_variables(condition: &Condition, own: &[u32]) -> bool {
    let mut all = true;
    condition.each(&mut |single| {
        all &= matches!(single, Condition::Slot { slot: Slot::Variable(number), .. } if !own.contains(number));
    });
    all
}
