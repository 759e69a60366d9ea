//! Where text can be put: what a fix must know of the place around a command.
//!
//! Computed here, where the text is at hand, so that rules need not see it.

use crate::flow::graph::SimpleNode;
use crate::span::Span;

/// The place around a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The command, redirects included.
    pub span: Span,
    /// The statement it stands in.
    pub statement: Span,
    /// The command is the whole statement.
    pub alone: bool,
    /// It is a stage of a pipeline.
    pub piped: bool,
    /// It stands in a function.
    pub in_function: bool,
    /// The blanks in front of the statement, where nothing else stands before it on its line.
    pub indent: Option<String>,
    /// A `|| true` or `|| :` right behind the command, blanks in front included.
    pub swallowed: Option<Span>,
    /// Nothing but the end of the statement follows the command, or what follows is in [`Spot::swallowed`]; and the statement is
    /// no condition, which asks for the status.
    pub last: bool,
}

impl Spot {
    /// Looks around a simple command.
    pub fn around(source: &[u8], node: &SimpleNode<'_>) -> Self {
        let spot = Self::of(source, node.command.span, node.statement, node.alone, node.pipeline.is_some());
        Self { last: spot.last && !node.in_condition, ..spot }
    }

    /// Looks around a command.
    pub fn of(source: &[u8], span: Span, statement: Span, alone: bool, piped: bool) -> Self {
        let before = source.get(..statement.start as usize).unwrap_or_default();
        let line = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let blanks = &before[line..];
        let indent = blanks
            .iter()
            .all(|byte| matches!(byte, b' ' | b'\t'))
            .then(|| String::from_utf8_lossy(blanks).into_owned());
        let rest = source.get(span.end as usize..statement.end.max(span.end) as usize).unwrap_or_default();
        let swallowed = swallowed(rest).map(|length| Span::new(span.end, span.end + length));
        let after = swallowed.map_or(span.end, |span| span.end);
        Self { span, statement, alone, piped, in_function: false, indent, swallowed, last: after >= statement.end }
    }
}

/// The length of `|| true` or `|| :` at the start of a text.
fn swallowed(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    let inner = text.trim_start_matches([' ', '\t']).strip_prefix("||")?.trim_start_matches([' ', '\t']);
    let rest = inner.strip_prefix("true").or_else(|| inner.strip_prefix(':'))?;
    rest.chars().next().is_none_or(|next| next.is_whitespace() || next == ';').then(|| (text.len() - rest.len()) as u32)
}
