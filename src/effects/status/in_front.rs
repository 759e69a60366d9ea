//! What an entrypoint was told to run is started as a child of the shell, in front of which the shell then stays.
//!
//! ```sh
//! #!/bin/sh
//! render /etc/app.conf
//! "$@"                        # who stops the container reaches the shell, which passes no signal on
//! ```

use super::words;
use super::{Found, Survey};
use crate::flow::graph::{Edge, Kind, NodeId, UnitId, UnitKind};
use crate::knowledge::How;
use hashbrown::HashSet;

/// Nothing but the end of the script comes behind it.
pub(super) const LAST_AS_CHILD: &str = "last-as-child";
/// All arguments of the script.
const ALL_ARGUMENTS: [&str; 4] = ["\"$@\"", "$@", "\"${@}\"", "${@}"];
/// What runs what stands behind it, as somebody else.
const AS_ANOTHER: [&str; 4] = ["gosu", "su-exec", "setpriv", "chpst"];
/// What the script is run by where its first line names it: a signal goes to all its children.
const PASSES_ON: [&str; 2] = ["dumb-init", "tini -g"];

impl<'t> Survey<'_, '_, 't> {
    /// Runs of all arguments, without `exec`, that the script ends with.
    pub(super) fn in_front(&self) -> Vec<Found<'t>> {
        let runs: Vec<NodeId> = self.nodes().filter(|&node| self.runs_arguments(node)).collect();
        if runs.is_empty() || self.minds_signals() || self.is_dispatcher() {
            return Vec::new();
        }
        let found = runs.into_iter().filter(|&node| self.is_last(node)).map(|node| {
            let span = self.span(node);
            Found { node, from: None, how: How::StaysInFront, span, named: span, mark: LAST_AS_CHILD, word: None }
        });
        found.collect()
    }

    /// Whether a command of the script itself runs what the script was given, and nobody takes what it prints.
    fn runs_arguments(&self, node: NodeId) -> bool {
        let Some(simple) = self.simple(node) else { return false };
        let Some((last, before)) = simple.simple.words.split_last() else { return false };
        let by = before.first().map(|_| words::name(simple));
        ALL_ARGUMENTS.contains(&self.text(last.span))
            && by.is_none_or(|by| AS_ANOTHER.contains(&by))
            && self.resolver.flow.graph.node(node).unit.0 == 0
            && simple.pipeline.is_none()
            && simple.capture.is_none()
            && simple.place.is_none()
            && !simple.in_condition
    }

    /// Whether the script has a word to say on signals, or somebody says it in its place. What is to run at its end would
    /// not, behind `exec`.
    fn minds_signals(&self) -> bool {
        let first = self.text(crate::span::Span::new(0, self.resolver.source.len().min(200) as u32));
        let first = first.lines().next().unwrap_or_default();
        PASSES_ON.iter().any(|by| first.contains(by)) || self.nodes().any(|node| self.name(node) == "trap")
    }

    /// Whether a function is defined that no line calls: it may be what the script is told to run.
    fn is_dispatcher(&self) -> bool {
        let units = self.resolver.flow.graph.units.iter().zip(0..);
        let mut functions = units.filter(|(unit, _)| matches!(unit.kind, UnitKind::Function(_)));
        functions.any(|(_, at)| self.resolver.flow.calls.of(UnitId(at)).is_empty())
    }

    /// Whether every way on leads to the end of the script, and past nothing but what keeps the status and leaves with it.
    fn is_last(&self, node: NodeId) -> bool {
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting = vec![node];
        while let Some(next) = waiting.pop() {
            let passes = match self.kind(next) {
                _ if next == node => true,
                Kind::End(Edge::Ok | Edge::Fail | Edge::ExitOk | Edge::ExitFail) => continue,
                Kind::Join | Kind::Errexit | Kind::Status(_) | Kind::Code(_) => true,
                Kind::Simple(simple) => words::only_sets(simple),
                _ => false,
            };
            if !passes || !self.budget.take_step() {
                return false;
            }
            let edges = self.resolver.flow.graph.node(next).edges.iter();
            let live = edges.filter(|&(edge, _)| self.is_live(next, edge)).map(|(_, to)| to);
            waiting.extend(live.filter(|&to| seen.insert(to)));
        }
        true
    }
}
