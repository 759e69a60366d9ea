//! `[[ … ]]`, and `[ … ]` where its words can be read as one expression.

use super::Word;
use crate::span::Span;

/// A node of a test.
#[derive(Clone, Debug)]
pub struct TestExpression {
    /// All its bytes.
    pub span: Span,
    /// What it asks.
    pub kind: TestKind,
}

/// What a test asks. Operators are kept as written (`-f`, `=`, `==`, `-eq`, `=~`).
#[derive(Clone, Debug)]
pub enum TestKind {
    /// A word alone: is it not empty?
    Word(Word),
    /// `-f x`.
    Unary(Box<str>, Word),
    /// `a = b`. The right side of `==`, `!=`, `=~` is a pattern where it is unquoted.
    Binary(Word, Box<str>, Word),
    /// `! e`.
    Not(Box<TestExpression>),
    /// `a && b`, `a -a b`.
    And(Box<TestExpression>, Box<TestExpression>),
    /// `a || b`, `a -o b`.
    Or(Box<TestExpression>, Box<TestExpression>),
}
