//! The skeleton of a list of commands: its tokens with everything inside words taken away.
//!
//! `[ -f "$conf" ] || cp x 'y z' 2>/dev/null` has the skeleton `w w w w || w w w >w`. The parser reads that, and so
//! says how commands nest, and whether they are grammar at all; what words hold can neither mislead nor slow it.

use super::lexer::{Refusal, Token, TokenKind};
use crate::syntax::tree::UnreadReason;

/// How many `!`, `time` and `coproc` may stand in a row: the parser recurses over them without a limit of its own.
const PREFIXES: usize = 32;

/// How many tokens a piece holds at least: enough that few scripts have a second piece, few enough that what
/// the parser makes of them fits into the caches of a processor.
const PIECE: usize = 1024;

/// A skeleton, and where in it each token starts.
pub(super) struct Skeleton {
    /// The text for the parser.
    pub text: String,
    /// By index of token.
    pub starts: Vec<u32>,
    /// Tokens before which the list can be cut in two, as far as the skeleton shows.
    pub cuts: Vec<usize>,
}

impl Skeleton {
    /// Where a token starts.
    pub fn start(&self, token: usize) -> u32 {
        self.starts.get(token).copied().unwrap_or(self.text.len() as u32)
    }

    /// The text of the tokens from `first` up to `end`.
    pub fn between(&self, first: usize, end: usize) -> &str {
        &self.text[self.start(first) as usize..self.start(end) as usize]
    }
}

/// What is open at a place in the skeleton, as far as is needed to find places where nothing is.
#[derive(Default)]
struct Open {
    /// Innermost last: whether a parenthesis closes it, or a reserved word.
    all: Vec<bool>,
    /// The command before goes on behind a line end.
    goes_on: bool,
}

impl Open {
    fn close(&mut self, parenthesis: bool) {
        if self.all.last() == Some(&parenthesis) {
            self.all.pop();
        }
    }

    /// Past a token that is no line end. The `{` of a loop, which the loop's end closes, is not to come here.
    fn token(&mut self, kind: &TokenKind, written: &str) {
        self.goes_on = matches!(kind, TokenKind::Operator) && written != ";" && written != "&";
        match (kind, written) {
            (TokenKind::Reserved, "if" | "while" | "until" | "for" | "select" | "case" | "{") => self.all.push(false),
            (TokenKind::Reserved, "fi" | "done" | "esac" | "}") => self.close(false),
            (TokenKind::Operator, "(") => self.all.push(true),
            // In a `case` it closes a pattern, and nothing that was opened.
            (TokenKind::Operator, ")") => self.close(true),
            _ => {}
        }
    }
}

/// Draws the skeleton of `tokens` of the masked text `source`.
pub(super) fn draw(tokens: &[Token], source: &[u8]) -> Result<Skeleton, Refusal> {
    let mut text = String::with_capacity(tokens.len() * 3);
    let mut starts = Vec::with_capacity(tokens.len());
    let mut braces: Vec<bool> = Vec::new();
    let mut loop_header = false;
    let mut prefixes = 0;
    let mut cuts = Vec::new();
    let mut open = Open::default();
    for (index, token) in tokens.iter().enumerate() {
        starts.push(text.len() as u32);
        let written = std::str::from_utf8(&source[token.span.range()]).unwrap_or("w");
        let prefix = matches!(token.kind, TokenKind::Reserved) && matches!(written, "!" | "time" | "coproc" | "-p");
        prefixes = if prefix { prefixes + 1 } else { 0 };
        if prefixes > PREFIXES {
            return Err(Refusal { at: token.span.start as usize, reason: UnreadReason::TooDeep });
        }
        let brace_of_loop = loop_header && written == "{";
        if !matches!(token.kind, TokenKind::Newline) && !brace_of_loop {
            open.token(&token.kind, written);
        }
        match &token.kind {
            TokenKind::Newline => {
                text.push('\n');
                if open.all.is_empty() && !open.goes_on && index + 1 >= cuts.last().copied().unwrap_or(0) + PIECE {
                    cuts.push(index + 1);
                }
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
    Ok(Skeleton { text, starts, cuts })
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
