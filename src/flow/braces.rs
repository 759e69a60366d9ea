//! Brace expansion: one word that stands for several.
//!
//! ```sh
//! cp -p /etc/app/app.conf{,.bak}      # /etc/app/app.conf and /etc/app/app.conf.bak
//! ```
//! It happens before anything else in a word is expanded, and only what is written decides it.

use crate::dialect::Dialect;
use crate::syntax::tree::{Part, PartKind, Word};
use std::borrow::Cow;

/// How many words one may stand for; with more the word is left as it is.
const MOST_WORDS: usize = 16;

/// The words that a word stands for, in order: itself where it has no braces, or they are not followed.
pub fn expanded(word: &Word, dialect: Dialect) -> Cow<'_, [Word]> {
    let several = if dialect.expands_braces() { several(word) } else { None };
    several.map_or(Cow::Borrowed(std::slice::from_ref(word)), Cow::Owned)
}

fn several(word: &Word) -> Option<Vec<Word>> {
    if !word.parts.iter().any(|part| matches!(part.kind, PartKind::Brace(_))) {
        return None;
    }
    let mut all: Vec<Vec<Part>> = vec![Vec::new()];
    for part in &word.parts {
        let texts = match &part.kind {
            PartKind::Brace(text) => Some(alternatives(text)?),
            _ => None,
        };
        let kinds: Vec<PartKind> = match texts {
            Some(texts) => texts.into_iter().map(|text| PartKind::Literal(text.into())).collect(),
            None => vec![part.kind.clone()],
        };
        if all.len() * kinds.len() > MOST_WORDS {
            return None;
        }
        let with = |before: &Vec<Part>, kind: &PartKind| {
            let more = Part { span: part.span, kind: kind.clone() };
            before.iter().cloned().chain([more]).collect()
        };
        all = all.iter().flat_map(|before| kinds.iter().map(move |kind| with(before, kind))).collect();
    }
    Some(all.into_iter().map(|parts| Word { span: word.span, parts }).collect())
}

/// The texts of `{a,b}`, or of `{1..3}`. Braces within braces are not followed.
fn alternatives(written: &str) -> Option<Vec<String>> {
    let inner = written.strip_prefix('{')?.strip_suffix('}')?;
    if inner.contains(['{', '}']) {
        return None;
    }
    if inner.contains(',') {
        return Some(inner.split(',').map(str::to_owned).collect());
    }
    let (first, last) = row(inner)?;
    (first.abs_diff(last) < MOST_WORDS).then(|| {
        let numbers = first.min(last)..=first.max(last);
        let texts = numbers.map(|number| number.to_string());
        if first <= last { texts.collect() } else { texts.rev().collect() }
    })
}

/// The first and the last number of a row, without its braces: `1..3`.
pub fn row(inner: &str) -> Option<(usize, usize)> {
    let (from, to) = inner.split_once("..")?;
    let is_plain = |number: &str| number == "0" || !number.is_empty() && !number.starts_with(['0', '+', '-']);
    let (first, last): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
    (is_plain(from) && is_plain(to)).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn lists_and_short_rows_are_followed() {
        assert_eq!(alternatives("{,.bak}"), Some(vec![String::new(), ".bak".to_owned()]));
        assert_eq!(alternatives("{2..0}"), Some(["2", "1", "0"].map(str::to_owned).to_vec()));
        assert_eq!(alternatives("{01..10}"), None);
        assert_eq!(alternatives("{a,{b,c}}"), None);
        assert_eq!(alternatives("{1..4000000000}"), None);
    }
}
