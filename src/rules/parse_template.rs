//! Sentences of a rule file: text to [`Template`], with the placeholders checked.

use super::parse_table::{Problem, Source};
use super::template::{Piece, Placeholder, Template};
use std::ops::Range;

/// Reads a sentence that stands at `span` in the file.
///
/// # Errors
///
/// A placeholder that does not exist, or a brace without its partner. The place is the sentence's: inside it,
/// escapes of TOML would shift the count.
pub fn template(source: &Source, text: &str, span: &Range<usize>) -> Result<Template, Problem> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{{") {
            plain.push('{');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("}}") {
            plain.push('}');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain).into()));
            }
            pieces.push(Piece::Slot(source.word::<Placeholder>(name, span)?));
            rest = after;
        } else {
            return Err(source.problem(span.clone(), "a brace has no partner; write `{{` or `}}` for the character"));
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain.into()));
    }
    Ok(Template { pieces: pieces.into() })
}
