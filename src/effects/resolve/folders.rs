//! Directories, as far as the script says so: it names something that lies in one.
//!
//! ```sh
//! [ -e /etc/app/app.conf ] || cp /usr/share/app/app.conf /etc/app      # into it, not over it
//! ```

use crate::flow::Flow;
use crate::flow::graph::{Kind, NodeId};
use crate::syntax::tree::{AssignmentValue, ParameterOperator, Part, PartKind, Word};
use hashbrown::HashSet;

/// The directories below which a script names something.
#[derive(Debug, Default)]
pub struct Folders(HashSet<Box<str>>);

impl Folders {
    /// Looks through the words of commands, what variables are given, and the targets of redirections.
    pub fn of(flow: &Flow<'_>) -> Self {
        let mut found = Self::default();
        for (at, node) in flow.graph.nodes.iter().enumerate() {
            let Kind::Simple(simple) = &node.kind else { continue };
            let targets = simple.command.redirects.iter().map(|redirect| &redirect.target);
            let assigned = simple.simple.assignments.iter().filter_map(|assignment| match &assignment.value {
                AssignmentValue::Scalar(word) => Some(word),
                AssignmentValue::Array(_) => None,
            });
            let words = simple.simple.words.iter().chain(targets).chain(assigned);
            words.for_each(|word| found.named(word, NodeId(at as u32), flow));
        }
        found
    }

    fn named(&mut self, word: &Word, node: NodeId, flow: &Flow<'_>) {
        let mut begins = String::new();
        let ends = known(&word.parts, node, flow, &mut begins);
        if !begins.starts_with('/') || begins.contains("/..") {
            return;
        }
        let slashes: Vec<usize> = begins.match_indices('/').map(|(at, _)| at).skip(1).collect();
        // What ends in a slash is the directory itself.
        let above = slashes.iter().filter(|&&at| !ends || at + 1 < begins.len());
        self.0.extend(above.map(|&at| Box::from(&begins[..at])));
    }

    /// Whether a path is one of them.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains(path)
    }
}

/// Puts together what a word begins with as far as it is known; whether that is all of it.
fn known(parts: &[Part], node: NodeId, flow: &Flow<'_>, begins: &mut String) -> bool {
    parts.iter().all(|part| match &part.kind {
        PartKind::Literal(text) | PartKind::SingleQuoted(text) => {
            begins.push_str(text);
            true
        }
        PartKind::DoubleQuoted(inner) => known(inner, node, flow, begins),
        PartKind::Parameter(parameter) if matches!(parameter.operator, ParameterOperator::None) => {
            let held = flow.names.find(&parameter.name).zip(flow.inputs.get(node));
            let value = held.and_then(|(number, state)| state.variables.get(number));
            value.and_then(|value| flow.values.text(value)).map(|text| begins.push_str(text)).is_some()
        }
        _ => false,
    })
}
