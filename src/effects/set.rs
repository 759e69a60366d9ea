//! Sets of facts seen from the entry of a unit, made to be copied at every step.
//!
//! Every set is kept twice: what holds whatever held when the unit was entered (`low`), and what holds if
//! everything did (`high`). A fact that held at the entry holds here exactly if it is in `high`. So one pass over
//! a function serves as its summary and as its inside.
//!
//! A script has as many states as steps and thousands of facts, but from one step to the next hardly anything
//! changes: a [`Set`] is shared in pieces until written, an [`Extra`] lists only the words that are not empty.

use super::bits::{Bits, Few};
use smallvec::SmallVec;
use std::ops::{BitAnd, BitOr, Not};
use std::rc::Rc;

/// Both views of 64 facts; `low` is a part of `high`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    low: u64,
    high: u64,
}

impl Pair {
    fn both(word: u64) -> Self {
        Self { low: word, high: word }
    }

    fn is_empty(self) -> bool {
        self.low | self.high == 0
    }

    /// Whether a fact of these holds, where the unit was entered with `entry`.
    fn holds(self, bit: usize, entry: &Bits) -> bool {
        let mask = 1 << (bit % 64);
        self.low & mask != 0 || self.high & mask != 0 && entry.has(bit)
    }

    /// What holds at the caller where this holds at an end of the callee and `before` held at the call.
    fn applied_to(self, before: Self) -> Self {
        Self { low: self.high & before.low | self.low, high: self.high & before.high | self.low }
    }
}

impl BitAnd for Pair {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self { low: self.low & other.low, high: self.high & other.high }
    }
}

impl BitOr for Pair {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self { low: self.low | other.low, high: self.high | other.high }
    }
}

impl Not for Pair {
    type Output = Self;

    fn not(self) -> Self {
        Self { low: !self.low, high: !self.high }
    }
}

const CHUNK: usize = 8;

type Chunk = [Pair; CHUNK];

/// What holds on every path.
#[derive(Clone, Debug)]
pub struct Set(Rc<[Rc<Chunk>]>);

impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0.iter().zip(other.0.iter()).all(|(a, b)| Rc::ptr_eq(a, b) || a == b)
    }
}

impl Eq for Set {}

impl Set {
    /// What holds where a unit is entered: exactly this, or else nobody knows what.
    pub fn entry(size: usize, known: Option<&Bits>) -> Self {
        let untouched = Pair { low: 0, high: if known.is_some() { 0 } else { u64::MAX } };
        let untouched = Rc::new([untouched; CHUNK]);
        let mut set = Self(vec![untouched; size.div_ceil(64 * CHUNK)].into());
        for (at, &word) in known.iter().flat_map(|known| known.words().iter().enumerate()) {
            set.put(at as u32, Pair::both(word));
        }
        set
    }

    fn word(&self, at: u32) -> Pair {
        self.0[at as usize / CHUNK][at as usize % CHUNK]
    }

    fn word_mut(&mut self, at: u32) -> &mut Pair {
        let chunks = Rc::make_mut(&mut self.0);
        &mut Rc::make_mut(&mut chunks[at as usize / CHUNK])[at as usize % CHUNK]
    }

    fn put(&mut self, at: u32, pair: Pair) {
        if self.word(at) != pair {
            *self.word_mut(at) = pair;
        }
    }

    /// Whether a fact holds, where `entry` held at the unit's entry.
    pub fn has(&self, bit: usize, entry: &Bits) -> bool {
        self.word((bit / 64) as u32).holds(bit, entry)
    }

    /// Whether a fact holds whatever held at the entry.
    pub fn has_low(&self, bit: usize) -> bool {
        self.word((bit / 64) as u32).low & (1 << (bit % 64)) != 0
    }

    /// Whether a fact holds if everything held at the entry.
    pub fn has_high(&self, bit: usize) -> bool {
        self.word((bit / 64) as u32).high & (1 << (bit % 64)) != 0
    }

    /// Makes `all` what holds, where `entry` held at the unit's entry. All are of one length.
    pub fn within(&self, entry: &Bits, all: &mut Bits) {
        let pairs = self.0.iter().flat_map(|chunk| chunk.iter());
        let words = entry.words().iter().zip(pairs);
        all.set_words(words.map(|(entry, pair)| pair.high & entry | pair.low));
    }

    /// Takes facts away.
    pub fn kill(&mut self, few: &Few) {
        for &(at, word) in few.words() {
            let pair = self.word(at);
            self.put(at, pair & !Pair::both(word));
        }
    }

    /// Adds facts.
    pub fn make(&mut self, few: &Few) {
        for &(at, word) in few.words() {
            let pair = self.word(at);
            self.put(at, pair | Pair::both(word));
        }
    }

    /// Takes a part from another set.
    pub fn copy(&mut self, few: &Few, from: &Self) {
        for &(at, word) in few.words() {
            let mask = Pair::both(word);
            let pair = self.word(at) & !mask | from.word(at) & mask;
            self.put(at, pair);
        }
    }

    /// Adds what holds beyond.
    pub fn unite(&mut self, extra: &Extra) {
        for &(at, word) in &extra.0 {
            let pair = self.word(at);
            self.put(at, pair | word);
        }
    }

    /// Keeps what `other` has too. Gives what only this one had, and what only the other has.
    pub fn meet(&mut self, other: &Self) -> (Extra, Extra) {
        let (mut mine, mut theirs) = (Extra::default(), Extra::default());
        if Rc::ptr_eq(&self.0, &other.0) {
            return (mine, theirs);
        }
        for at in 0..self.0.len() {
            if Rc::ptr_eq(&self.0[at], &other.0[at]) {
                continue;
            }
            for slot in 0..CHUNK {
                let (a, b) = (self.0[at][slot], other.0[at][slot]);
                if a != b {
                    let place = (at * CHUNK + slot) as u32;
                    mine.push(place, a & !b);
                    theirs.push(place, b & !a);
                }
            }
        }
        for &(at, word) in &mine.0 {
            let pair = self.word(at);
            *self.word_mut(at) = pair & !word;
        }
        (mine, theirs)
    }

    /// The set at the caller, where `before` held at the call and this one at an end of the callee.
    pub fn applied_to(&self, before: &Self) -> Self {
        let untouched = |chunk: &Chunk| chunk.iter().all(|pair| pair.low == 0 && pair.high == u64::MAX);
        let chunks = self.0.iter().zip(before.0.iter()).map(|(end, before)| {
            if untouched(end) {
                return Rc::clone(before);
            }
            let mut applied = **before;
            applied.iter_mut().zip(end.iter()).for_each(|(pair, end)| *pair = end.applied_to(*pair));
            Rc::new(applied)
        });
        Self(chunks.collect())
    }
}

/// The view of `to` alone that `from` has in its word. That `from` holds if it held at the entry says nothing of `to`,
/// whose own view from there is another one.
fn carried(pair: Pair, from: usize, to: usize) -> Pair {
    Pair::both((pair.low >> (from % 64) & 1) << (to % 64))
}

/// What holds beyond a [`Set`] under some condition: the words that are not empty, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra(SmallVec<[(u32, Pair); 1]>);

impl Extra {
    /// Whether nothing does.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, at: u32, pair: Pair) {
        if !pair.is_empty() {
            self.0.push((at, pair));
        }
    }

    fn word(&self, at: u32) -> Pair {
        self.0.binary_search_by_key(&at, |&(at, _)| at).map_or(Pair::default(), |found| self.0[found].1)
    }

    fn map(&self, mut each: impl FnMut(u32, Pair) -> Pair) -> Self {
        let mut made = Self::default();
        for &(at, word) in &self.0 {
            made.push(at, each(at, word));
        }
        made
    }

    /// Word by word with another, where either has any.
    fn with(&self, other: &Self, mut each: impl FnMut(u32, Pair, Pair) -> Pair) -> Self {
        let mut made = Self::default();
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        loop {
            let at = match (a.peek(), b.peek()) {
                (Some(a), Some(b)) => a.0.min(b.0),
                (Some(only), None) | (None, Some(only)) => only.0,
                (None, None) => return made,
            };
            let mine = a.next_if(|word| word.0 == at).map_or(Pair::default(), |word| word.1);
            let theirs = b.next_if(|word| word.0 == at).map_or(Pair::default(), |word| word.1);
            made.push(at, each(at, mine, theirs));
        }
    }

    /// Whether a fact is in it, where the unit was entered with `entry`.
    pub fn has(&self, bit: usize, entry: &Bits) -> bool {
        self.word((bit / 64) as u32).holds(bit, entry)
    }

    /// Whether any of these facts is in it.
    pub fn touches(&self, few: &Few) -> bool {
        !self.is_empty() && few.words().iter().any(|&(at, word)| !(self.word(at) & Pair::both(word)).is_empty())
    }

    /// Without these facts.
    #[must_use]
    pub fn killed(&self, few: &Few) -> Self {
        let mut words = few.words().iter().peekable();
        self.map(|at, pair| {
            while words.next_if(|word| word.0 < at).is_some() {}
            words.peek().filter(|word| word.0 == at).map_or(pair, |word| pair & !Pair::both(word.1))
        })
    }

    /// With these facts too, as far as `must` does not hold them anyway.
    #[must_use]
    pub fn made(&self, few: &Few, must: &Set) -> Self {
        let made = few.words().iter().map(|&(at, word)| (at, Pair::both(word) & !must.word(at)));
        self.and(&Self(made.filter(|(_, pair)| !pair.is_empty()).collect()))
    }

    /// What either has.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.with(other, |_, a, b| a | b)
    }

    /// What both have.
    #[must_use]
    pub fn shared(&self, other: &Self) -> Self {
        self.map(|at, pair| pair & other.word(at))
    }

    /// What this one has and the other has not.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.map(|at, pair| pair & !other.word(at))
    }

    /// `to` holds where `from` does.
    pub fn carry(&mut self, from: usize, to: usize) {
        let carried = carried(self.word((from / 64) as u32), from, to);
        if !carried.is_empty() {
            let other = Self(std::iter::once(((to / 64) as u32, carried)).collect());
            *self = self.with(&other, |_, a, b| a | b);
        }
    }

    /// Where two states meet in which the same condition holds: what holds in both beyond `both`, which is what
    /// holds in `first` and in `second`.
    pub fn met(&self, other: &Self, first: &Set, second: &Set, both: &Set) -> Self {
        self.with(other, |at, a, b| (a & b | a & second.word(at) | b & first.word(at)) & !both.word(at))
    }

    /// Where two states meet of which only one allows the condition: `own` is what only its set had.
    pub fn alone(&self, own: &Self, both: &Set) -> Self {
        self.with(own, |at, a, own| a & !both.word(at) | own)
    }

    /// This, at an end of a callee, seen by the caller beyond `must`, where `before` held at the call. Facts that
    /// the two name differently are in `pairs`.
    pub fn returned(&self, before: &Set, must: &Set, pairs: &[(usize, usize)]) -> Self {
        let mut seen = self.map(|at, pair| pair.applied_to(before.word(at)) & !must.word(at));
        for &(inner, outer) in pairs {
            let (at, mask) = ((outer / 64) as u32, 1 << (outer % 64));
            if self.word((inner / 64) as u32).low & (1 << (inner % 64)) != 0 {
                let other = Self(std::iter::once((at, Pair::both(mask) & !must.word(at))).collect());
                seen = seen.with(&other, |_, a, b| a | b);
            }
        }
        seen
    }

    /// What held beyond `before` at a call under a condition that the callee leaves as it was, seen after it: `end`
    /// and this are what holds at the end of the callee, `must` at the caller.
    pub fn through(&self, held: &Self, end: &Set, before: &Set, must: &Set) -> Self {
        self.with(held, |at, inner, held| {
            let end = end.word(at) | inner;
            end.applied_to(before.word(at) | held) & !must.word(at)
        })
    }
}
