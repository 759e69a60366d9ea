//! Why a line is or is not a finding: what `noharm check --explain` tells.
//!
//! A leaf: effects finds the places, rules weighs them, policy says what is shown, reports print it.

use crate::finding::{Confidence, Severity};
use crate::span::Span;

/// One effect and what every rule that looks at its kind made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The command that has the effect.
    pub span: Span,
    /// The kind of effect and its manner, such as `service restart`.
    pub effect: String,
    /// The thing it happens to, as the script names it.
    pub target: String,
    /// The function that it stands in.
    pub function: Option<String>,
    /// One for each rule that asks about such an effect.
    pub verdicts: Vec<Verdict>,
}

/// What a rule made of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The rule's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it says.
    pub decision: Decision,
    /// The facts that it asked for, in order.
    pub asked: Vec<Asked>,
}

/// What a rule says of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is a finding, and whether it is shown.
    Found(Severity, Confidence, Fate),
    /// A fact that holds on every path excuses it.
    Excused,
    /// What makes it a hazard did not happen on any path, or nothing worse comes of it.
    Harmless(&'static str),
    /// The rule does not look at such a target.
    NotMeant(String),
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is shown.
    Shown,
    /// Its rule is off, here or for this role.
    Off,
    /// It is less bad than what is shown.
    BelowSeverity,
    /// It is less sure than what is shown.
    BelowConfidence,
    /// Another finding of the same cause speaks for it.
    Covered,
    /// A comment ignores it.
    Ignored,
}

/// A fact that a rule asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The kind of fact, such as `config-valid`.
    pub fact: String,
    /// The thing that it is about, as a person names it.
    pub of: String,
    /// What it would mean.
    pub role: AskedRole,
    /// Whether it holds on every path.
    pub holds: bool,
    /// Where that comes from; nothing where no command of the script has to do with the fact.
    pub trace: Option<Trace>,
}

/// What a fact means to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedRole {
    /// It excuses the effect.
    Excuse,
    /// It makes a second run harmless.
    Repeatable,
    /// It says that what makes the effect a hazard has not happened.
    NotYet,
}

/// Why a fact holds in front of an effect, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It holds on every path.
    Held {
        /// What made it, the nearest first.
        guards: Vec<Guard>,
        /// On some path nothing had to make it: it held when the script began.
        from_start: bool,
    },
    /// There is a path on which it does not.
    Missing(Vec<Loss>),
}

/// A command whose outcome made a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The command.
    pub command: Span,
    /// Whether it is its success that proves the fact.
    pub succeeds: bool,
    /// The command that acts on a remembered outcome, where that is another one (`[ $rc -eq 0 ]`).
    pub asked_by: Option<Span>,
    /// Where the ways with the other outcome leave.
    pub leaves: Vec<Leave>,
}

/// Where a way ends that does not lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// A command that does not come back: `exit`, `return`, `break`, a function that dies.
    Command(Span),
    /// Errexit ends the script.
    Errexit,
}

/// How a path comes not to have a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A command ended it.
    Ended(Span),
    /// A command proves it, and the way leads on with its other outcome too.
    Unheeded(Span),
    /// It does not hold at a call.
    Call(Span),
    /// A command makes it on some way here, and this one is another.
    Elsewhere(Span),
    /// Nothing made it on the way from the start.
    Never,
}
