//! A command in front of `&&` with nothing but a message behind it: errexit does not hear of its failure.
//!
//! ```sh
//! set -e
//! mysql app < schema.sql && echo "loaded"     # where it fails, nothing is said, and the script goes on
//! exec /opt/app/appd
//! ```

use super::{Found, Survey};
use crate::effects::resolve::{ANSWERS_BY_STATUS, NEEDS_SERVER};
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::flow::state::Flag;
use crate::knowledge::How;
use crate::syntax::tree::{Redirect, RedirectKind};

/// The message is all that its failure skips.
pub(super) const ONLY_TOLD: &str = "success-only-told";

impl<'t> Survey<'_, '_, 't> {
    /// Commands that errexit is on for, were it not for the message behind them.
    pub(super) fn left_of_and(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for node in self.nodes().filter(|&node| self.does_something(node) && self.is_in_front_of_message(node)) {
            let span = self.span(node);
            let how = How::PassedOver;
            found.push(Found { node, from: None, how, span, named: span, mark: ONLY_TOLD, word: None });
        }
        found
    }

    /// Whether a command is there for what it does, and not for what it answers.
    fn does_something(&self, node: NodeId) -> bool {
        let Some(step) = self.steps[node.0 as usize].as_deref() else { return false };
        let asks = step.asks || self.is_test(node) || self.has_mark(node, ANSWERS_BY_STATUS);
        let is_fed = || self.simple(node).is_some_and(|simple| simple.command.redirects.iter().any(feeds));
        !asks && (self.acting.contains(&node) || self.has_mark(node, NEEDS_SERVER) || step.unknown && is_fed())
    }

    /// Whether all that hangs on the success of a command is a message, although errexit is on.
    fn is_in_front_of_message(&self, node: NodeId) -> bool {
        let is_on = self.resolver.flow.inputs.get(node).is_some_and(|state| state.errexit == Flag::On);
        let is_ignored = self.simple(node).is_some_and(|simple| simple.ignored);
        let [told] = self.ahead(node, Edge::Ok)[..] else { return false };
        if !is_on || !is_ignored || !self.prints_only(told) {
            return false;
        }
        let (after, behind) = (self.past_statuses(told, Edge::Ok), self.past_statuses(node, Edge::Fail));
        let ends = |next: &NodeId| matches!(self.kind(*next), Kind::End(_) | Kind::Leave { .. } | Kind::Code(_));
        after == behind && !behind.iter().any(ends) && behind.iter().any(|&next| self.acts_ahead(next))
    }

    /// What comes behind an outcome, past what only sets `$?`.
    fn past_statuses(&self, node: NodeId, edge: Edge) -> Vec<NodeId> {
        let next = self.ahead(node, edge);
        match next[..] {
            [status] if matches!(self.kind(status), Kind::Status(_)) => self.ahead(status, Edge::Ok),
            _ => next,
        }
    }
}

/// Whether a command gets a file to work on.
fn feeds(redirect: &Redirect) -> bool {
    redirect.kind == RedirectKind::Input || redirect.heredoc.is_some()
}
