//! Findings: what the linter has to say, as data.
//!
//! A leaf that every stage to its right shares: rules make findings, policy chooses among them, fix applies
//! their edits, report shows them. It knows nothing of analysis, terminals or output formats.

mod catalogue;
mod edit;
mod level;
mod pack;

pub use catalogue::{Catalogue, RuleCard};
pub use edit::{Applicability, Edit, Fix};
pub use level::{Confidence, Severity};
pub use pack::{Clause, Pack};

use crate::span::Span;

/// One hazard at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code, such as `NH301`.
    pub code: Box<str>,
    /// The rule's name, such as `restart-unvalidated`.
    pub name: Box<str>,
    /// How bad it is if true; already chosen for the role of the script.
    pub severity: Severity,
    /// How sure the reading is.
    pub confidence: Confidence,
    /// What happens, on which path, to which thing: one sentence without a full stop.
    pub message: String,
    /// What to do: the command to add, the guard to write.
    pub help: Option<String>,
    /// The effect that is hazardous.
    pub span: Span,
    /// What the primary span's label says.
    pub label: Option<String>,
    /// Other places on the path: what made it a hazard, where a check was lost, where the guard belongs.
    pub labels: Vec<Label>,
    /// Ways to mend it, best first.
    pub fixes: Vec<Fix>,
    /// Codes whose findings at the same place this one replaces (one cause gives one finding).
    pub covers: Vec<Box<str>>,
    /// What it has in common with other findings of its rule.
    pub cause: Cause,
    /// What the finding is about in words that do not move with lines (thing, effect, unit): the key of the fingerprint.
    pub subject: String,
}

/// What findings of one rule can have in common, so that one of them speaks for all. Keys: equal or not, no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The event on the path that made it a hazard, such as the `cd` that may fail.
    pub event: Option<Box<str>>,
    /// The thing that is reported once, and the unit in which it is.
    pub thing: Option<Box<str>>,
    /// Where a second run ends that would have to come here, the nearest first: as long as it does, nothing of this
    /// happens.
    pub behind: Vec<Span>,
}

/// A secondary place and what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What happens there, in a few words.
    pub text: String,
    /// The code of the finding there for which this one speaks.
    pub speaks_for: Option<Box<str>>,
}
