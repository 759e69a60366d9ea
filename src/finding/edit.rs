//! Edits and how far they can be trusted.

use crate::span::Span;
use serde::{Deserialize, Serialize};

/// One way to mend a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an instruction: "use `mkdir -p`".
    pub title: String,
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// Disjoint, in order of position; empty where it is advice only.
    pub edits: Vec<Edit>,
}

/// Replaces the bytes of `span` by `text`; an empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

impl Edit {
    /// Whether two edits get in each other's way. Two insertions at one place do: their order would be a guess.
    pub fn touches(&self, other: &Self) -> bool {
        let (one, other) = (self.span, other.span);
        if one.is_empty() && other.is_empty() {
            return one == other;
        }
        if one.is_empty() || other.is_empty() {
            // An insertion at the border of a replacement: which comes first would be a guess too.
            return one.start <= other.end && other.start <= one.end;
        }
        one.start < other.end && other.start < one.end
    }
}

/// How far a fix can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// Cannot change what a first, successful run does: applied by `--fix`.
    Safe,
    /// Changes behaviour as intended, such as stopping where validation fails: applied by `--unsafe-fixes`.
    Unsafe,
    /// Advice: shown, never applied.
    Manual,
}
