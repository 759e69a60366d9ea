//! The skeleton of a list of commands: its tokens with everything inside words taken away.
//!
//! `[ -f "$conf" ] || cp x 'y z' 2>/dev/null` has the skeleton `w w w w || w w w >w`. The parser reads that, and so
//! says how commands nest, and whether they are grammar at all; what words hold can neither mislead nor slow it.

use super::lexer::{Refusal, Token, TokenKind};
use crate::syntax::tree::UnreadReason;

/// How many `!`, `time` and `coproc` may stand in a row: the parser recurses over them without a limit of its own.
const PREFIXES: usize = 32;

/// A skeleton, and where in it each token starts.
pub(super) struct Skeleton {
    /// The text for the parser.
    pub text: String,
    /// By index of token.
    pub starts: Vec<u32>,
}

/// Draws the skeleton of `tokens` of the masked text `source`.
pub(super) fn draw(tokens: &[Token], source: &[u8]) -> Result<Skeleton, Refusal> {
    let mut text = String::with_capacity(tokens.len() * 3);
    let mut starts = Vec::with_capacity(tokens.len());
    let mut braces: Vec<bool> = Vec::new();
    let mut loop_header = false;
    let mut prefixes = 0;
    for (index, token) in tokens.iter().enumerate() {
        starts.push(text.len() as u32);
        let written = std::str::from_utf8(&source[token.span.range()]).unwrap_or("w");
        let prefix = matches!(token.kind, TokenKind::Reserved) && matches!(written, "!" | "time" | "coproc" | "-p");
        prefixes = if prefix { prefixes + 1 } else { 0 };
        if prefixes > PREFIXES {
            return Err(Refusal { at: token.span.start as usize, reason: UnreadReason::TooDeep });
        }
        match &token.kind {
            TokenKind::Newline => {
                text.push('\n');
                continue;
            }
            TokenKind::Operator => text.push_str(written),
            TokenKind::Word | TokenKind::Pattern => text.push('w'),
            TokenKind::Assignment => text.push_str("a=w"),
            TokenKind::Redirect(_) => text.push_str(">w"),
            TokenKind::Conditional | TokenKind::Arithmetic => text.push_str("{ w; }"),
            TokenKind::ArithmeticFor => {
                text.push('w');
                if !matches!(tokens.get(index + 1), Some(next) if ends_command(next, source)) {
                    text.push_str(" ;");
                }
            }
            TokenKind::Reserved => match written {
                // The parser knows loops in braces as zsh's only.
                "{" if loop_header => {
                    braces.push(true);
                    text.push_str("do {");
                }
                "{" => {
                    braces.push(false);
                    text.push('{');
                }
                "}" => text.push_str(if braces.pop() == Some(true) { "} ; done" } else { "}" }),
                "in" if loop_header => text.push_str("in w"),
                // The parser wants items for every `select`.
                "select" => text.push_str(if has_items(&tokens[index + 1..], source) { "select" } else { "for" }),
                "in" | "!" | "if" | "then" | "else" | "elif" | "fi" | "while" | "until" | "do" | "done" | "for"
                | "case" | "esac" | "time" | "coproc" | "function" | "-p" => text.push_str(written),
                _ => text.push('w'),
            },
        }
        text.push(' ');
        match (&token.kind, written) {
            (TokenKind::Reserved, "for" | "select") => loop_header = true,
            (TokenKind::Reserved, "in")
            | (TokenKind::Word | TokenKind::ArithmeticFor, _)
            | (TokenKind::Operator, ";") => {}
            _ => loop_header = false,
        }
    }
    Ok(Skeleton { text, starts })
}

/// Whether `token` ends a command by itself.
fn ends_command(token: &Token, source: &[u8]) -> bool {
    matches!(token.kind, TokenKind::Newline) || source[token.span.range()] == *b";"
}

/// Whether the loop whose keyword was just read has an `in`.
fn has_items(tokens: &[Token], source: &[u8]) -> bool {
    tokens
        .iter()
        .skip(1)
        .find(|token| !matches!(token.kind, TokenKind::Newline))
        .is_some_and(|token| source[token.span.range()] == *b"in")
}
