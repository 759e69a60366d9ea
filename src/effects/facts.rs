//! What holds at a point: facts on every path, and facts that hold if a variable has a given value.
//!
//! ```sh
//! ok=no
//! nginx -t && ok=yes
//! [ "$ok" = yes ] || exit 1
//! ```
//! Behind the second line the configuration may be valid or not, but it is valid *if* `ok` is `yes`: the third
//! line turns that into a fact. The same mechanism serves `$?`, saved statuses, flags and captured outputs.
//!
//! Every set is kept twice: what holds whatever held when the unit was entered (`low`), and what holds if
//! everything did (`high`). A fact that held at the entry holds here exactly if it is in `high`. So one pass over
//! a function serves as its summary and as its inside.

use super::bits::Bits;
use crate::flow::graph::Slot;

/// A set of facts seen from the unit's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Holds whatever held at the entry.
    pub low: Bits,
    /// Holds if everything held at the entry; `low` is a part of it.
    pub high: Bits,
}

impl Set {
    fn intersect(&mut self, other: &Self) {
        self.low.intersect(&other.low);
        self.high.intersect(&other.high);
    }

    fn unite(&mut self, other: &Self) {
        self.low.unite(&other.low);
        self.high.unite(&other.high);
    }

    fn subtract(&mut self, other: &Self) {
        self.low.subtract(&other.low);
        self.high.subtract(&other.high);
    }

    fn kill(&mut self, bits: &Bits) {
        self.low.subtract(bits);
        self.high.subtract(bits);
    }

    /// The set at the caller, where `before` held at the call.
    pub fn applied_to(&self, before: &Self) -> Self {
        let through = |before: &Bits| {
            let mut kept = self.high.clone();
            kept.intersect(before);
            kept.unite(&self.low);
            kept
        };
        Self { low: through(&before.low), high: through(&before.high) }
    }

    fn is_empty(&self) -> bool {
        self.low.is_empty() && self.high.is_empty()
    }
}

/// What a slot can hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// What it held when the unit was entered; not one of the texts that the script assigns.
    Entry,
    /// Exactly this text; statuses are texts too (`0`).
    Constant(Box<str>),
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
    fn answer(&self, outcome: &Outcome, named: impl Fn(&str) -> bool) -> Option<bool> {
        match (self, outcome) {
            (Self::Equals(text), Outcome::Constant(held)) => Some(text == held),
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

/// How many outcomes a slot may have before it is no longer followed.
const MOST_OUTCOMES: usize = 8;

/// The outcomes that a slot can have, each with the facts that hold beyond those of the state if it has it.
pub type Cases = Vec<(Outcome, Set)>;

/// What holds at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// On every path.
    pub must: Set,
    /// By slot, sorted; a slot that is not listed can hold anything.
    slots: Vec<(Slot, Cases)>,
}

impl Facts {
    /// What holds where a unit is entered: `negative` facts do, whatever the caller did not do yet.
    pub fn entry(size: usize, negative: Option<&Bits>, tracked: &[Slot]) -> Self {
        let mut low = Bits::none(size);
        if let Some(negative) = negative {
            low.unite(negative);
        }
        let must = Set { low, high: Bits::all(size) };
        let none = Set { low: Bits::none(size), high: Bits::none(size) };
        let slots = tracked.iter().map(|&slot| (slot, vec![(Outcome::Entry, none.clone())])).collect();
        Self { must, slots }
    }

    fn nothing(&self) -> Set {
        let mut low = self.must.low.clone();
        let copy = low.clone();
        low.subtract(&copy);
        Set { high: low.clone(), low }
    }

    /// The cases of a slot.
    pub fn cases(&self, slot: Slot) -> Option<&Cases> {
        self.slots.binary_search_by(|(known, _)| known.cmp(&slot)).ok().map(|at| &self.slots[at].1)
    }

    /// Sets or forgets the cases of a slot.
    pub fn set_cases(&mut self, slot: Slot, cases: Option<Cases>) {
        let at = self.slots.binary_search_by(|(known, _)| known.cmp(&slot));
        match (at, cases.filter(|cases| cases.len() <= MOST_OUTCOMES)) {
            (Ok(at), Some(cases)) => self.slots[at].1 = cases,
            (Err(at), Some(cases)) => self.slots.insert(at, (slot, cases)),
            (Ok(at), None) => {
                self.slots.remove(at);
            }
            (Err(_), None) => {}
        }
    }

    /// Sets a slot to one outcome.
    pub fn set_outcome(&mut self, slot: Slot, outcome: Outcome) {
        let nothing = self.nothing();
        self.set_cases(slot, Some(vec![(outcome, nothing)]));
    }

    /// The slots that are followed.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, &Cases)> {
        self.slots.iter().map(|(slot, cases)| (*slot, cases))
    }

    /// What some step ends.
    pub fn kill(&mut self, bits: &Bits) {
        self.must.kill(bits);
        for (_, cases) in &mut self.slots {
            for (_, set) in cases {
                set.kill(bits);
            }
        }
    }

    /// What some step makes.
    pub fn make(&mut self, bits: &Bits) {
        self.must.low.unite(bits);
        self.must.high.unite(bits);
    }

    /// `to` holds from now on where `from` does.
    pub fn carry(&mut self, from: usize, to: usize) {
        let copy = |set: &mut Set, must: Option<&Set>| {
            if set.low.has(from) || must.is_some_and(|must| must.low.has(from)) {
                set.low.add(to);
            }
            if set.high.has(from) || must.is_some_and(|must| must.high.has(from)) {
                set.high.add(to);
            }
        };
        for (_, cases) in &mut self.slots {
            for (_, set) in cases {
                copy(set, Some(&self.must));
            }
        }
        copy(&mut self.must, None);
    }

    /// The state if the answer to a question about a slot is yes (or no); `None` if it cannot be.
    #[must_use]
    pub fn assume(mut self, slot: Slot, question: &Question, yes: bool) -> Option<Self> {
        let Some(cases) = self.cases(slot) else { return Some(self) };
        let named =
            |text: &str| cases.iter().any(|(outcome, _)| matches!(outcome, Outcome::Constant(held) if &**held == text));
        let mut left: Cases = Vec::new();
        for (outcome, set) in cases {
            match question.answer(outcome, named) {
                Some(answer) if answer != yes => {}
                Some(_) => left.push((outcome.clone(), set.clone())),
                None => {
                    let outcome = match question {
                        Question::Equals(text) if yes => {
                            if text.is_empty() {
                                Outcome::Empty
                            } else {
                                Outcome::Constant(text.clone())
                            }
                        }
                        Question::NonEmpty if *outcome == Outcome::Entry => {
                            if yes {
                                Outcome::Other
                            } else {
                                Outcome::Empty
                            }
                        }
                        _ => outcome.clone(),
                    };
                    match left.iter_mut().find(|(known, _)| *known == outcome) {
                        Some((_, known)) => known.intersect(set),
                        None => left.push((outcome, set.clone())),
                    }
                }
            }
        }
        let (_, first) = left.first()?;
        let mut shared = first.clone();
        for (_, set) in &left[1..] {
            shared.intersect(set);
        }
        if !shared.is_empty() {
            self.must.unite(&shared);
            for (_, set) in &mut left {
                set.subtract(&shared);
            }
        }
        left.sort_by(|a, b| a.0.cmp(&b.0));
        self.set_cases(slot, Some(left));
        Some(self)
    }

    /// Keeps what both states share; says whether that changed this one.
    pub fn merge(&mut self, other: &Self) -> bool {
        if self == other {
            return false;
        }
        let before = self.clone();
        let mut must = self.must.clone();
        must.intersect(&other.must);
        let mut slots = Vec::new();
        for (slot, mine) in &self.slots {
            let Some(theirs) = other.cases(*slot) else { continue };
            let full = |cases: &Cases, outcome: &Outcome, state: &Set| {
                cases.iter().find(|(known, _)| known == outcome).map(|(_, set)| {
                    let mut all = set.clone();
                    all.unite(state);
                    all
                })
            };
            let mut outcomes: Vec<&Outcome> = mine.iter().chain(theirs).map(|(outcome, _)| outcome).collect();
            outcomes.sort();
            outcomes.dedup();
            if outcomes.len() > MOST_OUTCOMES {
                continue;
            }
            let cases = outcomes
                .into_iter()
                .filter_map(|outcome| {
                    let mut set = match (full(mine, outcome, &self.must), full(theirs, outcome, &other.must)) {
                        (Some(mut mine), Some(theirs)) => {
                            mine.intersect(&theirs);
                            mine
                        }
                        (Some(only), None) | (None, Some(only)) => only,
                        (None, None) => return None,
                    };
                    set.subtract(&must);
                    Some((outcome.clone(), set))
                })
                .collect();
            slots.push((*slot, cases));
        }
        self.must = must;
        self.slots = slots;
        *self != before
    }

    /// All that holds if a slot has an outcome.
    pub fn full(&self, set: &Set) -> Set {
        let mut all = self.must.clone();
        all.unite(set);
        all
    }
}
