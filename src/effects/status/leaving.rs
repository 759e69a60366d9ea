//! `exit` and `return` with words that are no status.
//!
//! ```sh
//! return cp "$1" "$2"      # nothing is copied: dash ends the script here, bash goes on with a failure
//! ```

use super::{Found, Survey};
use crate::flow::forest::constant;
use crate::flow::graph::Kind;
use crate::knowledge::How;

/// A status is a number.
const NOT_A_NUMBER: &str = "not-a-number";
/// There is one, and bash does not leave where there are more.
const SEVERAL: &str = "several-words";

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
}

/// Whether a word is one of letters: what is to be put in later (`@CODE@`) is none.
fn is_letters(word: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    word.starts_with(|first: char| first.is_ascii_alphabetic()) && word.chars().all(is_letter)
}
