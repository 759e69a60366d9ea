//! The solver for states that name values by the place where paths meet.
//!
//! ```sh
//! while [ $i -lt 3 ]; do [ -d "$i" ] || mkdir "$i"; i=$((i + 1)); done
//! ```
//! Were what a turn of the loop finds merged with what the turn before left at each command, paths would seem to meet
//! at each of them, and `$i` of the question be another value than `$i` of the answer. So what comes along an edge takes
//! the place of what came along it before, and a node looks at all its edges anew when it is visited.

use super::graph::{Graph, NodeId, UnitId};
use super::solve::{Domain, Inputs, MOST_VISITS, Orders, Waiting};

/// What flows, where several edges lead to a node.
pub trait Meeting: Domain {
    /// The state in front of a node where these states meet; none where nothing has come yet.
    fn meet(&mut self, at: NodeId, arrived: &[Option<Self::State>]) -> Option<Self::State>;

    /// Whether two states are the same.
    fn is_same(first: &Self::State, second: &Self::State) -> bool;
}

/// What came along each edge of a unit, the last time: the edges that lead to a node stand next to each other.
struct Arrived<S> {
    states: Vec<Option<S>>,
    /// For each node, where its edges begin in `states`; one more at the end.
    begins: Vec<usize>,
    /// For each edge, in the order of the nodes that it leads away from: where it stands in `states`.
    places: Vec<usize>,
    /// For each node, where the edges that lead away from it begin in `places`.
    away: Vec<usize>,
}

impl<S> Arrived<S> {
    fn over(graph: &Graph<'_>, orders: &Orders, nodes: &[NodeId]) -> Self {
        let targets = |node: NodeId| graph.node(node).edges.iter().map(|(_, to)| orders.rank(to));
        let mut begins = vec![0; nodes.len() + 1];
        // What the unit is entered with comes along no edge.
        begins[usize::from(!nodes.is_empty())] = 1;
        for to in nodes.iter().flat_map(|&node| targets(node)).flatten() {
            begins[to + 1] += 1;
        }
        for at in 1..begins.len() {
            begins[at] += begins[at - 1];
        }
        let mut free = begins.clone();
        free[0] = 1;
        let (mut places, mut away) = (Vec::new(), Vec::with_capacity(nodes.len()));
        for &node in nodes {
            away.push(places.len());
            for to in targets(node) {
                let to = to.unwrap_or(nodes.len());
                places.push(free[to]);
                free[to] += 1;
            }
        }
        let states = std::iter::repeat_with(|| None).take(begins[nodes.len()]).collect();
        Self { states, begins, places, away }
    }

    /// What has come to a node.
    fn at(&self, node: usize) -> &[Option<S>] {
        &self.states[self.begins[node]..self.begins[node + 1]]
    }

    /// Puts a state in the place of what came along the same edge before: that number of the edges of a node.
    fn put(&mut self, node: usize, edge: usize, state: S) {
        let place = self.places[self.away[node] + edge];
        self.states[place] = Some(state);
    }
}

/// Solves one unit from the state at its entry, which must be set in `inputs`. Says whether the budget was enough.
pub fn solve<D: Meeting>(
    graph: &Graph<'_>,
    orders: &Orders,
    unit: UnitId,
    domain: &mut D,
    inputs: &mut Inputs<D::State>,
) -> bool {
    let order = orders.unit(unit);
    let count = order.nodes.len();
    let mut arrived = Arrived::over(graph, orders, &order.nodes);
    let mut waiting = Waiting::over(count);
    // Those that look back at a node whose state has changed.
    let mut looks_back = vec![false; count];
    let mut visits = vec![0u32; count];
    let mut enough = true;
    if let Some(entry) = order.nodes.first().and_then(|&entry| inputs.take(entry)) {
        arrived.states[0] = Some(entry);
        waiting.push(0);
    }
    let mut emitted = Vec::new();
    while let Some(at) = waiting.pop() {
        let node = order.nodes[at];
        let Some(state) = domain.meet(node, arrived.at(at)) else { continue };
        let is_known = inputs.get(node).is_some_and(|known| D::is_same(known, &state));
        if is_known && !std::mem::take(&mut looks_back[at]) {
            continue;
        }
        visits[at] += 1;
        emitted.clear();
        if visits[at] > MOST_VISITS {
            enough = false;
        } else {
            domain.step(node, &state, inputs, &mut emitted);
        }
        inputs.set(node, state);
        for &leave in order.leaves_of(node).iter().filter(|_| !is_known) {
            if let Some(rank) = orders.rank(leave)
                && inputs.get(leave).is_some()
            {
                looks_back[rank] = true;
                waiting.push(rank);
            }
        }
        for (edge, after) in emitted.drain(..) {
            for (number, (kind, to)) in graph.node(node).edges.iter().enumerate() {
                if kind == edge
                    && let Some(to) = orders.rank(to)
                {
                    arrived.put(at, number, after.clone());
                    waiting.push(to);
                }
            }
        }
    }
    enough
}
