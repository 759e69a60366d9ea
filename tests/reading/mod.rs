//! What several tests need.
#![allow(dead_code)] // No test needs all of it.

pub mod spans;

use noharm::dialect::Dialect;
use noharm::syntax::{self, tokens};

/// The text of every token of `text` with its role, in order, save those without bytes.
pub fn tokens(text: &str) -> Vec<String> {
    let script = syntax::read(text.as_bytes(), Dialect::Bash);
    let tokens = tokens::tokens(&script, text.as_bytes());
    let shown = tokens.iter().filter(|token| !token.span.is_empty());
    shown.map(|token| format!("{} {}", token.role, &text[token.span.range()])).collect()
}

/// The regions of `text` that were not understood.
pub fn unread(text: &str) -> Vec<&str> {
    let script = syntax::read(text.as_bytes(), Dialect::Bash);
    script.unread.iter().map(|unread| &text[unread.span.range()]).collect()
}
