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
