//! What the script assigns to variables anywhere, by their names: for functions that find them set.
//!
//! ```sh
//! make_place() { place=$(mktemp -d) || exit 1; }
//! fill_place() { mkdir "$place/data"; }      # a new place in each run
//! ```

use crate::flow::Flow;
use crate::flow::forest::{piped, program};
use crate::flow::graph::Kind;
use crate::syntax::tree::{AssignmentValue, CommandKind, Part, PartKind, Word};
use hashbrown::HashSet;

/// A text of so many letters says what a value is: `include '$file' # added by app`.
const TELLING: usize = 3;

/// Names of variables by what some assignment gives them.
#[derive(Clone, Debug, Default)]
pub struct AssignedAnywhere {
    /// A name that is new with each run.
    pub anew: HashSet<Box<str>>,
    /// A text of the script's own, alone or around something.
    pub telling: HashSet<Box<str>>,
}

impl AssignedAnywhere {
    /// Collects them.
    pub fn of(flow: &Flow<'_>) -> Self {
        let mut found = Self::default();
        for node in &flow.graph.nodes {
            let Kind::Simple(simple) = &node.kind else { continue };
            for assignment in simple.simple.assignments.iter().chain(&simple.simple.declared) {
                let AssignmentValue::Scalar(value) = &assignment.value else { continue };
                if makes_name(value) {
                    found.anew.insert(assignment.name.text.clone());
                }
                if letters(&value.parts) >= TELLING {
                    found.telling.insert(assignment.name.text.clone());
                }
            }
        }
        found
    }
}

/// Whether a word is what `mktemp` prints.
fn makes_name(word: &Word) -> bool {
    let first = piped(word).and_then(<[_]>::first).map(|command| &command.kind);
    matches!(first, Some(CommandKind::Simple(simple)) if program(simple).is_some_and(|name| name == "mktemp"))
}

/// How many letters of a word the script writes out.
fn letters(parts: &[Part]) -> usize {
    let of_part = |part: &Part| match &part.kind {
        PartKind::Literal(text) | PartKind::SingleQuoted(text) | PartKind::AnsiQuoted(text) => {
            text.chars().filter(|letter| letter.is_alphabetic()).count()
        }
        PartKind::DoubleQuoted(inner) => letters(inner),
        _ => 0,
    };
    parts.iter().map(of_part).sum()
}
