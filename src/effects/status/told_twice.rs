//! Messages that tell no more than the command whose failure they are about has told itself.
//!
//! ```sh
//! set -e
//! options=$(getopt -o f -- "$@")          # getopt: invalid option -- 'x'
//! if [ $? -ne 0 ]; then
//!     echo "terminating" >&2; exit 1      # not reached, and nobody misses it
//! fi
//! ```

use super::{Survey, words};
use crate::flow::graph::{NodeId, SimpleNode};
use crate::knowledge::WordKind;
use crate::syntax::tree::RedirectKind;

/// What is lost is a message on the terminal, and the command has said on standard error why it failed.
pub(super) const TOLD_TWICE: &str = "told-twice";

/// What only shows a text, where nobody redirects it.
const SHOWS: [&str; 4] = ["echo", "printf", "cat", "print"];

impl Survey<'_, '_, '_> {
    /// Whether a message stays somewhere, or may: it goes to a file or a log, or to who has called the script.
    pub(super) fn is_recorded(&self, message: NodeId) -> bool {
        let callees = self.resolver.flow.calls.callees(message);
        if callees.is_empty() {
            return self.goes_elsewhere(message) || !SHOWS.contains(&self.name(message));
        }
        let is_message = |node: NodeId| self.resolver.knowledge.is_message(self.name(node));
        callees.iter().flat_map(|&unit| &self.resolver.flow.orders.unit(unit).nodes).any(|&node| {
            let calls = !self.resolver.flow.calls.callees(node).is_empty();
            let is_followed = self.budget.take_step();
            !is_followed || calls || self.goes_elsewhere(node) || is_message(node) && !SHOWS.contains(&self.name(node))
        })
    }

    /// Whether what a command prints does not go where the script prints.
    fn goes_elsewhere(&self, node: NodeId) -> bool {
        let Some(simple) = self.simple(node) else { return false };
        let is_other = |kind: RedirectKind| kind != RedirectKind::DuplicateOutput && !kind.is_input();
        simple.pipeline.is_some() || simple.command.redirects.iter().any(|redirect| is_other(redirect.kind))
    }

    /// Whether all commands whose failure a gate of errexit hears say on standard error why they failed.
    pub(super) fn says_why(&self, gate: NodeId) -> bool {
        self.all_heard(gate, &|node| self.simple(node).is_some_and(|simple| self.explains(node, simple)))
    }

    fn explains(&self, node: NodeId, simple: &SimpleNode<'_>) -> bool {
        let sends_errors = simple.command.redirects.iter().any(|redirect| {
            redirect.descriptor == Some(2) || matches!(redirect.kind, RedirectKind::Both | RedirectKind::BothAppend)
        });
        self.resolver.flow.calls.callees(node).is_empty()
            && self.resolver.knowledge.is(words::name(simple), WordKind::SaysWhy)
            && !sends_errors
            && !words::has_option(simple, 'q', "--quiet")
            && !words::constants(simple).any(|word| &*word == "--silent")
    }
}
