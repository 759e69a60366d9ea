//! Redirections and heredocs.

use super::{Part, Word};
use crate::span::Span;

/// One redirection.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// Descriptor, operator and target.
    pub span: Span,
    /// The descriptor in front (`2` in `2>f`); absent means the operator's own (0 or 1). `{fd}>f` has none.
    pub descriptor: Option<u32>,
    /// What is done.
    pub kind: RedirectKind,
    /// The target word; for heredocs the delimiter word as written.
    pub target: Word,
    /// The body, for heredocs.
    pub heredoc: Option<Heredoc>,
}

/// The redirection operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// `<`.
    Input,
    /// `>`: truncates, unless `noclobber` is set and the file exists.
    Output,
    /// `>|`: truncates in any case.
    Clobber,
    /// `>>`.
    Append,
    /// `<>`.
    ReadWrite,
    /// `&>` or `>&word`: both outputs, truncating.
    Both,
    /// `&>>`.
    BothAppend,
    /// `<&`.
    DuplicateInput,
    /// `>&` with a digit or `-`.
    DuplicateOutput,
    /// `<<`, `<<-` (true: tabs are stripped).
    Heredoc(bool),
    /// `<<<`.
    HereString,
}

impl RedirectKind {
    /// Whether the command reads from it.
    pub fn is_input(self) -> bool {
        matches!(self, Self::Input | Self::ReadWrite | Self::DuplicateInput | Self::Heredoc(_) | Self::HereString)
    }
}

/// The body of a heredoc.
#[derive(Clone, Debug)]
pub struct Heredoc {
    /// From the body's first byte to the byte before the closing delimiter's line.
    pub body: Span,
    /// The delimiter is quoted somewhere: nothing is expanded.
    pub quoted: bool,
    /// The body's parts: one literal where quoted. Leading tabs of `<<-` are not in literals.
    pub parts: Vec<Part>,
}
