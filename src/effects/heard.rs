//! Whether somebody hears how a function ends.
//!
//! ```sh
//! take() { ip addr add "$VIP" dev eth0; }
//! take                        # a `return 1` in it is heard by nobody
//! systemctl reload proxy
//! ```

use super::spot::names_status;
use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, UnitId};

/// So many joints of the graph are passed from a call to what comes next.
const MOST_JOINTS: usize = 64;

/// For each unit: whether all who call it ask how it ended, or end with its status. Whoever calls a function that nobody in
/// the script calls is not known.
pub fn find(flow: &Flow<'_>, source: &[u8]) -> Vec<bool> {
    let units = 0..flow.graph.units.len();
    units.map(|at| flow.calls.of(UnitId(at as u32)).iter().all(|call| is_heard(flow, source, call.node))).collect()
}

/// Whether a failure leads elsewhere than a success, or to the end.
fn is_heard(flow: &Flow<'_>, source: &[u8], call: NodeId) -> bool {
    let (failed, succeeded) = (next(flow, call, Edge::Fail), next(flow, call, Edge::Ok));
    match failed {
        Some(node) if failed == succeeded => match &flow.graph.node(node).kind {
            Kind::Code([word]) => constant(word).is_none(),
            Kind::Code(_) => true,
            _ => names_status(source.get(flow.graph.node(node).span.range()).unwrap_or_default()),
        },
        _ => true,
    }
}

/// The first command, test or end behind an edge; none where the unit comes to its end.
fn next(flow: &Flow<'_>, node: NodeId, edge: Edge) -> Option<NodeId> {
    let mut at = flow.graph.successor(node, edge)?;
    for _ in 0..MOST_JOINTS {
        match &flow.graph.node(at).kind {
            // Where errexit is on, the script ends here.
            Kind::Errexit if flow.inputs.get(at).is_some_and(|state| !state.errexit.may_be_off()) => return None,
            Kind::Errexit => {
                at = flow.graph.successor(at, Edge::Ok).or_else(|| flow.graph.successor(at, Edge::Fail))?;
            }
            Kind::Join | Kind::Leave { .. } | Kind::Enter(_) => {
                at = flow.graph.successor(at, Edge::Ok)?;
            }
            Kind::End(_) => return None,
            _ => return Some(at),
        }
    }
    Some(at)
}
