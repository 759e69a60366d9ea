//! Command words that are variables: whether one can be any function of the script.
//!
//! ```sh
//! ${APTGET} install app                # a program of somebody else, from the environment or a sourced file
//! for job in "$dir"/*; do $job; done   # a path
//! "$1" now                             # whatever the caller says
//! ```
//! Who sets a variable outside of the script does not know its functions, unless the script itself has their names as
//! values. What the script gives a variable is followed as far as it is text, a path or another variable; a parameter,
//! an answer, or what a command printed, may be anything.

use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, SimpleNode};
use crate::syntax::tree::{AssignmentValue, Parameter, ParameterOperator, Part, PartKind, Word};
use hashbrown::{HashMap, HashSet};

/// The variables that may hold any text.
pub struct Open<'a, 't> {
    variables: HashSet<&'t str>,
    is_function: &'a dyn Fn(&str) -> bool,
}

impl<'a, 't> Open<'a, 't> {
    /// Follows the variables through the assignments of the script.
    pub fn find(flow: &Flow<'t>, is_function: &'a dyn Fn(&str) -> bool) -> Self {
        let mut open = Self { variables: HashSet::new(), is_function };
        // By the variable: the words that are assigned to it.
        let mut assigned: HashMap<&'t str, Vec<&'t Word>> = HashMap::new();
        for node in &flow.graph.nodes {
            match &node.kind {
                Kind::Simple(simple) => open.simple(simple, &mut assigned),
                Kind::Item(head) => match &head.items {
                    Some((_, items)) => assigned.entry(&*head.name.text).or_default().extend(items),
                    None => drop(open.variables.insert(&*head.name.text)),
                },
                _ => {}
            }
        }
        loop {
            let more = assigned.iter().filter(|(name, _)| !open.variables.contains(*name));
            let more: Vec<&'t str> = more
                .filter(|(_, words)| words.iter().any(|word| constant(word).is_none() && open.may_be_any(word)))
                .map(|(name, _)| *name)
                .collect();
            if more.is_empty() {
                return open;
            }
            open.variables.extend(more);
        }
    }

    fn simple(&mut self, node: &SimpleNode<'t>, assigned: &mut HashMap<&'t str, Vec<&'t Word>>) {
        for assignment in node.simple.assignments.iter().chain(&node.simple.declared) {
            let words = assigned.entry(&*assignment.name.text).or_default();
            match &assignment.value {
                // What is put together is not followed.
                _ if assignment.append => drop(self.variables.insert(&*assignment.name.text)),
                AssignmentValue::Scalar(word) => words.push(word),
                AssignmentValue::Array(items) => words.extend(items.iter().map(|(_, item)| item)),
            }
        }
        let Some((name, operands)) = node.simple.words.split_first() else { return };
        if matches!(constant(name).as_deref(), Some("read" | "mapfile" | "readarray" | "getopts" | "printf")) {
            self.variables.extend(operands.iter().filter_map(|operand| match &operand.parts[..] {
                [Part { kind: PartKind::Literal(text), .. }] => Some(&**text),
                _ => None,
            }));
        }
    }

    /// Whether a word that is no plain text may be the name of any function.
    pub fn may_be_any(&self, word: &Word) -> bool {
        match word.only_part().map(|part| &part.kind) {
            Some(PartKind::Parameter(parameter)) => self.parameter_may_be_any(parameter),
            // No name of a function has a slash.
            _ => !word.parts.iter().any(|part| is_path(&part.kind)),
        }
    }

    fn parameter_may_be_any(&self, parameter: &Parameter) -> bool {
        let is_variable = parameter.name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        !is_variable
            || self.variables.contains(&*parameter.name)
            || match &parameter.operator {
                ParameterOperator::None | ParameterOperator::Require { .. } => false,
                ParameterOperator::Default { word, .. } | ParameterOperator::Assign { word, .. } => {
                    // Whoever may choose another one is to know the functions.
                    constant(word).map_or_else(|| self.may_be_any(word), |text| (self.is_function)(&text))
                }
                _ => true,
            }
    }
}

/// Whether a part of a word has a slash in it, and nothing that would end the word.
fn is_path(part: &PartKind) -> bool {
    match part {
        PartKind::Literal(text) | PartKind::SingleQuoted(text) => {
            text.contains('/') && !text.contains([' ', '\t', '\n'])
        }
        PartKind::DoubleQuoted(parts) => parts.iter().any(|part| is_path(&part.kind)),
        _ => false,
    }
}
