//! Lists of others that are read once, while the others are still on their way.
//!
//! ```sh
//! peers=$(kubectl get pods -l app=db -o name)      # at the first start there may be none yet
//! make-map --create $peers
//! ```

use super::{Found, Survey};
use crate::effects::loops::names;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId};
use crate::knowledge::How;

/// Nobody asks whether anybody was there.
const READ_ONCE: &str = "read-once";
/// What lists who is there at the moment.
const LISTERS: [&str; 5] = ["kubectl get", "oc get", "dig +short", "getent ahosts", "serf members"];

impl Survey<'_, '_, '_> {
    /// Lists that a command is given as they are, whether or not anything is in them.
    pub(super) fn lists(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for node in self.nodes().filter(|node| !self.loops.contains_key(node)) {
            let Kind::Simple(simple) = self.kind(node) else { continue };
            let [assignment] = &simple.simple.assignments[..] else { continue };
            let name: &str = &assignment.name.text;
            let given = self.written(node).split_once('=').map_or("", |(_, given)| given);
            if !simple.simple.words.is_empty() || !lists_others(given) || self.is_asked_for(node, name) {
                continue;
            }
            if let Some(next) = self.user(node, name) {
                found.push(Found { node, how: How::Other, next, mark: READ_ONCE });
            }
        }
        found
    }

    /// Whether anything else in the script asks what is in a variable, or goes through it.
    fn is_asked_for(&self, node: NodeId, name: &str) -> bool {
        let checked = [format!("${{{name}:?"), format!("${{{name}?"), format!("${{#{name}"), format!("${{{name}:-")];
        self.nodes().filter(|&other| other != node).any(|other| {
            let is_question = match self.kind(other) {
                Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. } | Kind::Item(_) => true,
                Kind::Simple(simple) => {
                    let command = simple.simple.words.first().and_then(constant);
                    simple.ignored || matches!(command.as_deref(), Some("[" | "test"))
                }
                _ => false,
            };
            let written = self.written(other);
            is_question && names(written).any(|asked| asked == name)
                || checked.iter().any(|check| written.contains(&**check))
        })
    }

    /// The command of which nothing is known that is given a list as it is, split into words.
    fn user(&self, node: NodeId, name: &str) -> Option<NodeId> {
        let (plain, braced) = (format!("${name}"), format!("${{{name}}}"));
        let unit = self.resolver.flow.graph.node(node).unit;
        self.nodes().find(|&other| {
            let Kind::Simple(simple) = self.kind(other) else { return false };
            let mut operands = self.written(other).split_whitespace().skip(1);
            self.resolver.flow.graph.node(other).unit == unit
                && simple.simple.words.len() > 1
                && self.step(other).is_some_and(|step| step.unknown)
                && operands.any(|word| word == plain || word == braced)
        })
    }
}

/// Whether a value is the list of who is there, chosen by what they are.
fn lists_others(given: &str) -> bool {
    let inner = given.trim_matches('"').trim_start_matches("$(").trim_start_matches('`').trim_start();
    LISTERS.iter().any(|lister| inner.starts_with(lister))
        && (!inner.contains(" get")
            || inner.split_whitespace().any(|word| word == "-l" || word.starts_with("--selector")))
}
