//! What a script does to this host, row by row: what `noharm effects` prints.
//!
//! A leaf: effects fills it, reports print it.

use crate::role::Role;
use crate::span::Span;
use serde::Serialize;

/// One effect of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanRow {
    /// The command that has the effect.
    #[serde(skip)]
    pub span: Span,
    /// The kind of effect, such as `write`.
    pub effect: String,
    /// The manner, such as `truncate`; absent where the kind has only one.
    pub how: Option<String>,
    /// The thing it happens to, as the script names it.
    pub target: String,
    /// What the target is: a path class or a kind of thing.
    pub class: String,
    /// Whether the class rests on a part of the path that is not known before the script runs, or on a variable's name.
    pub class_guessed: bool,
    /// What a second run does, where it matters.
    pub second_run: Option<String>,
    /// The facts about the target that hold here on every path, in words.
    pub facts: Vec<String>,
    /// The questions that every path to it in its function has passed with the same answer, in the order in which they
    /// are asked.
    pub only_if: Vec<PlanCondition>,
    /// What the script was told to do where it happens, such as `promote`: the words, any of which it may be.
    pub action: Vec<String>,
    /// Why a script runs that is told so, where the words say it; the file's own role goes before it.
    pub action_role: Option<Role>,
    /// The function that it stands in.
    pub function: Option<String>,
}

/// A question that the script acts on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanCondition {
    /// The command that asks; of a `case`, the patterns.
    #[serde(skip)]
    pub span: Span,
    /// What is asked, as the script writes it.
    pub question: String,
    /// Whether it succeeded.
    pub yes: bool,
}
