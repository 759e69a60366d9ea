//! The tokens of a list of commands. A word is one token, whatever it holds.

use crate::span::Span;
use crate::syntax::tree::RedirectKind;

/// One token.
#[derive(Clone, Debug)]
pub(in crate::syntax::strict) struct Token {
    /// Its bytes; a redirect's reach from the descriptor to the target.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
}

/// The kinds of token.
#[derive(Clone, Debug)]
pub(in crate::syntax::strict) enum TokenKind {
    /// A word that stands where a reserved word could, and is one.
    Reserved,
    /// Any other word.
    Word,
    /// An assignment before a command's words.
    Assignment,
    /// A word that is a pattern of a `case`.
    Pattern,
    /// `[[ … ]]` as a whole.
    Conditional,
    /// `(( … ))` as a whole.
    Arithmetic,
    /// The `(( … ))` after `for`.
    ArithmeticFor,
    /// A control operator or a parenthesis, as written.
    Operator,
    /// A line end.
    Newline,
    /// A redirection with its target.
    Redirect(Box<RedirectToken>),
}

/// A redirection's pieces.
#[derive(Clone, Debug)]
pub(in crate::syntax::strict) struct RedirectToken {
    /// The digits in front.
    pub descriptor: Option<u32>,
    /// What the operator says; `>&` is settled by the target.
    pub kind: RedirectKind,
    /// The target word.
    pub target: Span,
    /// Where a heredoc's body is, filled in at the line end.
    pub heredoc: Option<HeredocToken>,
}

/// A heredoc's body.
#[derive(Clone, Copy, Debug)]
pub(in crate::syntax::strict) struct HeredocToken {
    /// The body without the closing line.
    pub body: Span,
    /// Where the closing line ends.
    pub end: u32,
    /// Nothing is expanded in it.
    pub quoted: bool,
}

/// What one run over a list of commands found.
#[derive(Clone, Debug, Default)]
pub(in crate::syntax::strict) struct Lexed {
    /// In order.
    pub tokens: Vec<Token>,
    /// One past the last byte read: the end of the text, or the closing parenthesis.
    pub end: u32,
}
