//! What a slot can hold, and questions about it.

use smallvec::SmallVec;
use std::cmp::Ordering;
use std::rc::Rc;

/// Texts that a slot was asked for and does not hold, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Excluded(SmallVec<[Rc<str>; 1]>);

/// How many texts are remembered that a slot does not hold.
const MOST_EXCLUDED: usize = 8;

/// What a slot can hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// What it held when the unit was entered, which is none of these; nor, for a variable, a text that the script
    /// assigns.
    Entry(Excluded),
    /// Exactly this text; statuses are texts too (`0`).
    Constant(Rc<str>),
    /// A status that is not 0, and none of these.
    Failure(Excluded),
    /// A number above 0.
    Positive,
    /// The empty text.
    Empty,
    /// Another text that is not empty, and none of these.
    Other(Excluded),
    /// Any text but these.
    Any(Excluded),
}

impl Excluded {
    /// These texts.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        texts.into_iter().fold(Self::default(), |excluded, text| excluded.with(text))
    }

    /// The empty text.
    pub fn empty() -> Self {
        Self::default().with("")
    }

    fn has(&self, text: &str) -> bool {
        self.0.iter().any(|known| **known == *text)
    }

    fn with(&self, text: &str) -> Self {
        let mut more = self.clone();
        if more.0.len() < MOST_EXCLUDED
            && let Err(at) = more.0.binary_search_by(|known| (**known).cmp(text))
        {
            more.0.insert(at, text.into());
        }
        more
    }

    fn shared(&self, other: &Self) -> Self {
        Self(self.0.iter().filter(|text| other.has(text)).cloned().collect())
    }
}

impl Outcome {
    /// A text that is not empty and none of these.
    pub fn other_than<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self::Other(texts.fold(Excluded::default(), |excluded, text| excluded.with(text)))
    }

    /// The order of cases: outcomes that differ by what they exclude are one case.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Entry(_), Self::Entry(_))
            | (Self::Failure(_), Self::Failure(_))
            | (Self::Other(_), Self::Other(_))
            | (Self::Any(_), Self::Any(_)) => Ordering::Equal,
            _ => self.cmp(other),
        }
    }

    /// Whether it is surely some text.
    pub fn is_filled(&self) -> bool {
        Question::NonEmpty.answer(self, |_| false) == Some(true)
    }

    /// What is either of two outcomes of the same case.
    pub fn either(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Entry(a), Self::Entry(b)) => Self::Entry(a.shared(b)),
            (Self::Failure(a), Self::Failure(b)) => Self::Failure(a.shared(b)),
            (Self::Other(a), Self::Other(b)) => Self::Other(a.shared(b)),
            (Self::Any(a), Self::Any(b)) => Self::Any(a.shared(b)),
            _ => self.clone(),
        }
    }

    /// What it is where it is this text (yes), or is not, if it can be either.
    pub fn narrowed(&self, text: &str, yes: bool) -> Self {
        match self {
            _ if yes && text.is_empty() => Self::Empty,
            _ if yes => Self::Constant(text.into()),
            Self::Entry(excluded) => Self::Entry(excluded.with(text)),
            Self::Failure(excluded) => Self::Failure(excluded.with(text)),
            Self::Other(excluded) => Self::Other(excluded.with(text)),
            Self::Any(_) if text.is_empty() => Self::Other(Excluded::default()),
            Self::Any(excluded) => Self::Any(excluded.with(text)),
            Self::Constant(_) | Self::Positive | Self::Empty => self.clone(),
        }
    }

    /// Whether a function that found this in what it was given may have been given `held`.
    pub fn allows(&self, held: &Self) -> bool {
        match (self, held) {
            (Self::Entry(excluded), Self::Constant(text)) => !excluded.has(text),
            (Self::Entry(excluded), Self::Empty) => !excluded.has(""),
            (Self::Constant(_) | Self::Empty, _) => {
                let text = if let Self::Constant(text) = self { text } else { "" };
                Question::Equals(text.into()).answer(held, |_| false) != Some(false)
            }
            (Self::Other(_), Self::Empty) => false,
            _ => true,
        }
    }

    /// What the slot holds at the caller where the callee left what it found, and `self` says what it found.
    pub fn found(&self, held: &Self) -> Option<Self> {
        let Self::Entry(excluded) = self else { return Some(self.clone()) };
        match held {
            Self::Constant(text) => (!excluded.has(text)).then(|| held.clone()),
            Self::Empty => (!excluded.has("")).then(|| held.clone()),
            _ => Some(excluded.0.iter().fold(held.clone(), |held, text| held.narrowed(text, false))),
        }
    }
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
            (Self::Equals(text), Outcome::Failure(excluded)) => {
                (&**text == "0" || text.parse::<u8>().is_err() || excluded.has(text)).then_some(false)
            }
            (Self::Equals(text), Outcome::Positive) => (!is_positive(text)).then_some(false),
            (Self::Equals(text), Outcome::Other(_)) if text.is_empty() => Some(false),
            (Self::Equals(text), Outcome::Other(excluded) | Outcome::Entry(excluded) | Outcome::Any(excluded))
                if excluded.has(text) =>
            {
                Some(false)
            }
            // A text that the script itself puts there on some path is taken to come from there only.
            (Self::Equals(text), Outcome::Other(_) | Outcome::Entry(_)) => named(text).then_some(false),
            (Self::Equals(_), Outcome::Any(_)) => None,
            (Self::Matches(pattern), Outcome::Constant(held)) => Some(super::glob::matches(pattern, held)),
            (Self::Matches(pattern), Outcome::Empty) => Some(super::glob::matches(pattern, "")),
            (Self::Matches(pattern), Outcome::Failure(_)) => {
                let matches = |status: u8| super::glob::matches(pattern, &status.to_string());
                let first = matches(1);
                (2..=u8::MAX).all(|status| matches(status) == first).then_some(first)
            }
            (Self::Matches(_), _) => None,
            (Self::NonEmpty, Outcome::Constant(held)) => Some(!held.is_empty()),
            (Self::NonEmpty, Outcome::Empty) => Some(false),
            (Self::NonEmpty, Outcome::Failure(_) | Outcome::Positive | Outcome::Other(_)) => Some(true),
            (Self::NonEmpty, Outcome::Entry(excluded) | Outcome::Any(excluded)) => excluded.has("").then_some(true),
            (Self::Number(relation, than), Outcome::Constant(held)) => {
                held.trim().parse::<i64>().ok().map(|held| relation.holds(held, *than))
            }
            // 1 to 255.
            (Self::Number(Relation::Equal, than), Outcome::Failure(excluded)) => {
                (!(1..=255).contains(than) || excluded.has(&than.to_string())).then_some(false)
            }
            (Self::Number(Relation::Less, than), Outcome::Failure(_)) => {
                if *than <= 1 {
                    Some(false)
                } else {
                    (*than > 255).then_some(true)
                }
            }
            (Self::Number(Relation::Greater, than), Outcome::Failure(_)) => {
                if *than < 1 {
                    Some(true)
                } else {
                    (*than >= 255).then_some(false)
                }
            }
            (Self::Number(Relation::Greater, than), Outcome::Positive) => (*than < 1).then_some(true),
            (Self::Number(_, than), Outcome::Positive) => {
                let is_less = matches!(self, Self::Number(Relation::Less, 1));
                (*than < 1 || is_less).then_some(false)
            }
            // An operand that is no number makes `test` fail.
            (Self::Number(..), Outcome::Empty) => Some(false),
            (Self::Number(..), Outcome::Entry(_) | Outcome::Other(_) | Outcome::Any(_)) => None,
            (Self::Succeeds, Outcome::Constant(held)) => match &**held {
                "true" | ":" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            (Self::Succeeds, _) => None,
        }
    }
}

/// Whether a text is a number above 0.
fn is_positive(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte != b'0')
}

impl Relation {
    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::Greater => left > right,
        }
    }
}
