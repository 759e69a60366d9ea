//! What a slot can hold, and questions about it.

use std::rc::Rc;

/// What a slot can hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// What it held when the unit was entered; not one of the texts that the script assigns.
    Entry,
    /// Exactly this text; statuses are texts too (`0`).
    Constant(Rc<str>),
    /// A status that is not 0.
    Failure,
    /// The empty text.
    Empty,
    /// Another text that is not empty.
    Other,
}

/// A question about what a slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Is it this text?
    Equals(Box<str>),
    /// Does it match this pattern?
    Matches(Box<str>),
    /// Is it not empty?
    NonEmpty,
    /// Is it, as a number, in this relation (`-eq`, `-lt` …) to this one?
    Number(Relation, i64),
    /// As a command (`if $flag`): does it succeed?
    Succeeds,
}

/// Relations of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `-eq`.
    Equal,
    /// `-lt`.
    Less,
    /// `-gt`.
    Greater,
}

impl Question {
    /// Yes, no, or it depends.
    pub(super) fn answer(&self, outcome: &Outcome, named: impl Fn(&str) -> bool) -> Option<bool> {
        match (self, outcome) {
            (Self::Equals(text), Outcome::Constant(held)) => Some(**text == **held),
            (Self::Equals(text), Outcome::Empty) => Some(text.is_empty()),
            (Self::Equals(text), Outcome::Failure) => (&**text == "0" || text.parse::<u8>().is_err()).then_some(false),
            (Self::Equals(text), Outcome::Other) if text.is_empty() => Some(false),
            // A text that the script itself puts there on some path is taken to come from there only.
            (Self::Equals(text), Outcome::Other | Outcome::Entry) => named(text).then_some(false),
            (Self::Matches(pattern), Outcome::Constant(held)) => Some(super::glob::matches(pattern, held)),
            (Self::Matches(pattern), Outcome::Empty) => Some(super::glob::matches(pattern, "")),
            (Self::Matches(_), _) => None,
            (Self::NonEmpty, Outcome::Constant(held)) => Some(!held.is_empty()),
            (Self::NonEmpty, Outcome::Empty) => Some(false),
            (Self::NonEmpty, Outcome::Failure | Outcome::Other) => Some(true),
            (Self::NonEmpty, Outcome::Entry) => None,
            (Self::Number(relation, than), Outcome::Constant(held)) => {
                held.trim().parse::<i64>().ok().map(|held| relation.holds(held, *than))
            }
            // 1 to 255.
            (Self::Number(Relation::Equal, than), Outcome::Failure) => (!(1..=255).contains(than)).then_some(false),
            (Self::Number(Relation::Less, than), Outcome::Failure) => {
                if *than <= 1 {
                    Some(false)
                } else {
                    (*than > 255).then_some(true)
                }
            }
            (Self::Number(Relation::Greater, than), Outcome::Failure) => {
                if *than < 1 {
                    Some(true)
                } else {
                    (*than >= 255).then_some(false)
                }
            }
            // An operand that is no number makes `test` fail.
            (Self::Number(..), Outcome::Empty) => Some(false),
            (Self::Number(..), Outcome::Entry | Outcome::Other) => None,
            (Self::Succeeds, Outcome::Constant(held)) => match &**held {
                "true" | ":" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            (Self::Succeeds, _) => None,
        }
    }
}

impl Relation {
    fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::Greater => left > right,
        }
    }
}
