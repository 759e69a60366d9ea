//! What a loop without a bound waits for, by what it asks.
//!
//! ```sh
//! while [ ! -f /run/app.pid ]; do sleep 1; done     # files: whoever makes them may have died
//! while kill -0 "$pid"; do sleep 1; done            # until something is gone: the question fails
//! ```

use super::Turn;
use crate::effects::step::Condition;
use crate::effects::thing::Fact;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::knowledge::{FactKind, ThingKind};

/// All that decides about its end are tests of files, and nothing else leads out.
const AWAITS_FILES: &str = "awaits-files";

/// It ends where a command that asks for something fails, or a file is gone.
const UNTIL_GONE: &str = "until-gone";

impl Turn<'_, '_, '_> {
    /// The marks that say what is waited for.
    pub(super) fn awaited(&self, deciders: &[NodeId]) -> Vec<&'static str> {
        let mut marks = Vec::new();
        let tests: Option<Vec<bool>> = deciders.iter().map(|&node| self.file_test(node)).collect();
        let of_files = tests.is_some_and(|tests| !tests.is_empty());
        if of_files && !self.leads_out_elsewhere(deciders) && !self.asks_the_kernel(deciders) {
            marks.push(AWAITS_FILES);
        }
        if deciders.iter().all(|&node| self.ends_by_absence(node)) {
            marks.push(UNTIL_GONE);
        }
        marks
    }

    /// Whether a file that is asked for is the kernel's, which knows best: `/proc/$pid`.
    fn asks_the_kernel(&self, deciders: &[NodeId]) -> bool {
        let values = &self.resolver.flow.values;
        self.asked_things(deciders).into_iter().any(|thing| {
            let begins = values.begins(self.resolver.things.get(thing).key[0]);
            begins.starts_with("/proc/") || begins.starts_with("/sys/")
        })
    }

    /// For a test that asks for files and nothing else: whether it leads out where none is there.
    fn file_test(&self, node: NodeId) -> Option<bool> {
        let condition = self.steps[node.0 as usize].as_deref()?.condition.as_ref()?;
        let is_path = |fact: &Fact| self.resolver.things.get(fact.thing).kind == ThingKind::Path;
        let is_absent = |facts: &[Fact]| facts.iter().any(|fact| fact.kind == FactKind::Absent);
        let out = self.edges_out(node);
        let (mut of_files, mut absent) = (true, false);
        condition.each(&mut |asked| match asked {
            Condition::Facts { yes, no, .. } if yes.iter().chain(no).any(is_path) => {
                absent |= is_absent(if out == [Edge::Ok] { yes } else { no });
            }
            _ => of_files = false,
        });
        of_files.then_some(absent)
    }

    /// The outcomes of a node that lead out.
    fn edges_out(&self, node: NodeId) -> Vec<Edge> {
        let live = self.live[node.0 as usize];
        let edges = self.resolver.flow.graph.node(node).edges.iter();
        let out = edges.filter(|(edge, to)| live & edge.bit() != 0 && self.leads_out(*to));
        out.map(|(edge, _)| edge).collect()
    }

    fn ends_by_absence(&self, node: NodeId) -> bool {
        let asks = matches!(self.resolver.flow.graph.node(node).kind, Kind::Simple(_));
        let step = self.steps[node.0 as usize].as_deref();
        match step.and_then(|step| step.condition.as_ref()) {
            None => asks && self.edges_out(node) == [Edge::Fail],
            // `[ -d "/proc/$pid" ]`: as long as there is a process.
            Some(condition) => {
                let is_plain = matches!(**condition, Condition::Facts { .. });
                self.file_test(node) == Some(true)
                    || is_plain && self.asks_the_kernel(&[node]) && self.edges_out(node) == [Edge::Fail]
            }
        }
    }

    /// Whether something leads out that is no test of these: an `exit` where the process that is waited for has died.
    fn leads_out_elsewhere(&self, deciders: &[NodeId]) -> bool {
        let leaves = |node: NodeId| !deciders.contains(&node) && self.edges(node).any(|to| !self.is_inside(to));
        let acts = |node: &NodeId| matches!(self.resolver.flow.graph.node(*node).kind, Kind::Code(_) | Kind::Simple(_));
        self.nodes().filter(|&node| node != self.body.out).filter(acts).any(leaves)
    }
}
