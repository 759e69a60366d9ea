//! `exit` and `return` with words that are no status.
//!
//! ```sh
//! return cp "$1" "$2"      # nothing is copied: dash ends the script here, bash goes on with a failure
//! ```

use super::mends::replace;
use super::{Found, Survey};
use crate::finding::Edit;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId};
use crate::knowledge::{Argument, How};
use crate::span::Span;
use crate::syntax::tree::Word;
use std::borrow::Cow;

/// A status is a number.
pub(super) const NOT_A_NUMBER: &str = "not-a-number";
/// There is one, and bash does not leave where there are more.
pub(super) const SEVERAL: &str = "several-words";

impl<'t> Survey<'_, '_, 't> {
    /// Where something else than a status is left with.
    pub(super) fn leaving(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for node in self.nodes() {
            let Kind::Code(words) = self.kind(node) else { continue };
            let is_word = words.first().and_then(constant).is_some_and(|word| is_letters(&word));
            let mark = match words.len() {
                0 => continue,
                _ if is_word => NOT_A_NUMBER,
                1 => continue,
                _ if self.resolver.flow.dialect.is_bash() => SEVERAL,
                _ => continue,
            };
            let span = self.span(node);
            found.push(Found { node, from: None, how: How::NoStatus, span, named: span, mark, word: None });
        }
        found
    }

    /// A number in its place; what was to be told, or to be run, in front of it.
    pub(super) fn left_with(&self, node: NodeId) -> Option<Vec<Edit>> {
        let Kind::Code(words) = *self.kind(node) else { return None };
        let (span, first) = (self.span(node), words.first()?);
        let leave = self.text(Span::new(span.start, first.span.start)).trim_end();
        let all = Span::new(first.span.start, words.last()?.span.end);
        let name = constant(first)?;
        match (&*name, words) {
            ("true", [_]) => return Some(vec![replace(all, "0")]),
            ("false", [_]) => return Some(vec![replace(all, "1")]),
            (_, [_]) => return None,
            _ => {}
        }
        let (step, status) = match words {
            [_, told] if name.parse::<u8>().is_ok() => {
                let told = self.text(told.span);
                let is_message = told.len() > 2 && told.starts_with(['"', '\'']);
                (is_message.then(|| format!("echo {told} >&2"))?, name.to_string())
            }
            _ => {
                let text =
                    |word: &Word| constant(word).map_or_else(|| self.text(word.span).to_owned(), Cow::into_owned);
                let arguments: Vec<Argument> = words.iter().map(|word| Argument::literal(text(word))).collect();
                self.resolver.knowledge.command(&arguments)?;
                (self.text(all).to_owned(), "$?".to_owned())
            }
        };
        let behind = self.resolver.source.get(span.end as usize..)?;
        // What stands by itself needs nothing around it.
        let before = self.resolver.source.get(..span.start as usize)?;
        let line = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let indent = std::str::from_utf8(&before[line..]).ok()?;
        let is_line = indent.chars().all(char::is_whitespace)
            && behind.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).is_none_or(|byte| *byte == b'\n');
        let is_joined = [b"||", b"&&"]
            .iter()
            .any(|joint| before.trim_ascii_end().ends_with(*joint) || behind.trim_ascii_start().starts_with(*joint));
        let text = match (is_line, is_joined) {
            (_, true) => format!("{{ {step}; {leave} {status}; }}"),
            (true, false) => format!("{step}\n{indent}{leave} {status}"),
            (false, false) => format!("{step}; {leave} {status}"),
        };
        Some(vec![replace(Span::new(span.start, all.end), &text)])
    }
}

/// Whether a word is one of letters: what is to be put in later (`@CODE@`) is none.
fn is_letters(word: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    word.starts_with(|first: char| first.is_ascii_alphabetic()) && word.chars().all(is_letter)
}
