//! Monitors of agents that have no word for a resource which is stopped.
//!
//! ```sh
//! app_monitor() { pgrep -x appd >/dev/null; }    # 1 where it does not run: to the manager it has failed
//! ```
//! OCF resource agent API 1.1: 0 it runs, 7 it is stopped, anything else it has failed.

use super::answers::NOT_RUNNING;
use super::{Breach, Survey, names_action};
use crate::effects::resolve::Resolver;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, UnitKind};
use crate::knowledge::How;
use crate::syntax::tree::Word;
use hashbrown::HashSet;

/// The name of a function says that it tells a manager in which state something is.
const MONITOR: &str = "monitor-action";
/// It is said to have failed where it is stopped.
const STOPPED_IS_FAILED: &str = "stopped-is-failed";
/// Another end of the same monitor tells of a failure, too.
pub(super) const FAILS_OTHERWISE: &str = "fails-otherwise";
/// What an agent of this kind has words of.
const OF_AGENTS: [&str; 2] = ["OCF_SUCCESS", "OCF_RESKEY_"];
/// The name of the code.
const CODE_NAME: &str = "OCF_NOT_RUNNING";

/// Whether a script is such an agent. `end` is where its own text ends: what it sources has the words of others.
pub(super) fn is_agent(resolver: &Resolver<'_, '_>, end: u32) -> bool {
    OF_AGENTS.into_iter().any(|word| has(resolver, end, word))
}

/// Whether the text of a script has a word.
fn has(resolver: &Resolver<'_, '_>, end: u32, word: &str) -> bool {
    let text = resolver.source.get(..end as usize).unwrap_or(resolver.source);
    text.windows(word.len()).any(|window| window == word.as_bytes())
}

impl Survey<'_, '_, '_> {
    /// The questions for the state whose *no* is the answer of a monitor as it is, in an agent that never says 7.
    pub(super) fn monitors(&self, end: u32) -> Vec<Breach> {
        if has(self.resolver, end, CODE_NAME) || self.says_not_running() || !self.is_told_to_monitor() {
            return Vec::new();
        }
        let graph = &self.resolver.flow.graph;
        let mut found = Vec::new();
        for unit in &graph.units {
            let UnitKind::Function(name) = &unit.kind else { continue };
            if !self.resolver.knowledge.marks_of_name(&name.text).any(|mark| mark == MONITOR) {
                continue;
            }
            let nodes = &self.resolver.flow.orders.unit(graph.node(unit.entry).unit).nodes;
            let asks = |node: &&NodeId| {
                self.resolver.flow.calls.callees(**node).is_empty()
                    && self.asks_for_state(**node)
                    && self.ends_as_failed(**node, unit.ends[1])
            };
            if let Some(&node) = nodes.iter().find(asks) {
                let span = self.span(node);
                found.push(Breach {
                    node,
                    duty: How::Other,
                    span,
                    named: span,
                    mark: STOPPED_IS_FAILED,
                    edits: Vec::new(),
                    not_where: Vec::new(),
                });
            }
        }
        found
    }

    /// Whether the function of such a question has ends in failure that are written out.
    pub(super) fn fails_otherwise(&self, breach: &Breach) -> bool {
        let unit = self.resolver.flow.graph.node(breach.node).unit;
        let fails = |node: &NodeId| match self.kind(*node) {
            Kind::Code([word]) => self.is_failure(word),
            _ => false,
        };
        breach.mark == STOPPED_IS_FAILED && self.resolver.flow.orders.unit(unit).nodes.iter().any(fails)
    }

    /// Whether a code is that of any failure.
    fn is_failure(&self, word: &Word) -> bool {
        constant(word).as_deref() == Some("1") || self.resolver.written(word.span).contains("OCF_ERR_GENERIC")
    }

    /// Whether the code is written out somewhere.
    fn says_not_running(&self) -> bool {
        self.resolver.flow.graph.nodes.iter().any(|node| match &node.kind {
            Kind::Code(words) => words.iter().any(|word| constant(word).as_deref() == Some(NOT_RUNNING)),
            _ => false,
        })
    }

    /// Whether the script can be told to `monitor`.
    fn is_told_to_monitor(&self) -> bool {
        self.resolver.flow.graph.nodes.iter().any(|node| match &node.kind {
            Kind::Match { subject, patterns } => {
                let is_word = patterns.iter().any(|word| constant(word).as_deref() == Some("monitor"));
                is_word && names_action(subject, self.resolver)
            }
            _ => false,
        })
    }

    /// Whether a *no* is the answer of the function, past messages only: its own status, or the code of any failure.
    fn ends_as_failed(&self, node: NodeId, failed: NodeId) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting: Vec<NodeId> =
            self.edges(node).filter(|&(edge, _)| edge == Edge::Fail).map(|(_, to)| to).collect();
        let mut fails = !waiting.is_empty();
        while let Some(next) = waiting.pop().filter(|_| fails && self.budget.take_step()) {
            if !seen.insert(next) || next == failed {
                continue;
            }
            match self.kind(next) {
                Kind::Code([word]) => fails = self.is_failure(word),
                Kind::Simple(simple) => {
                    let passes = matches!(simple.name.as_deref(), Some("return" | "exit"));
                    fails = passes || self.only_tells(next);
                    waiting.extend(self.edges(next).map(|(_, to)| to));
                }
                Kind::Join | Kind::Errexit | Kind::Status(_) => waiting.extend(self.edges(next).map(|(_, to)| to)),
                _ => fails = false,
            }
        }
        fails
    }
}
