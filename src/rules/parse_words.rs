//! Words of closed lists: reading them, and guessing what was meant.
//!
//! The lists are the enums themselves: serde hands over the spellings of an enum with the error, so no list is
//! kept twice.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer};
use std::fmt;

/// Why a text is not a word of a list: the words that are.
#[derive(Debug, Default)]
struct NotListed(&'static [&'static str]);

impl fmt::Display for NotListed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected one of {}", self.0.join(", "))
    }
}

impl std::error::Error for NotListed {}

impl Error for NotListed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::default()
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

/// The value that a word names, or the words that there are.
pub fn word<T: DeserializeOwned>(text: &str) -> Result<T, &'static [&'static str]> {
    let deserializer: StrDeserializer<NotListed> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|error| error.0)
}

/// The word that was probably meant, if one is near: a third of its letters may be wrong.
pub fn nearest<'a>(text: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (distance(text, candidate), *candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.chars().count().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
