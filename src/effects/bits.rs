//! Sets of facts as bits: whole sets, and the few members of sets that are nearly empty.

use smallvec::{SmallVec, smallvec};

/// A set of small numbers; all sets of one analysis have the same length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits(SmallVec<[u64; 4]>);

impl Bits {
    /// No member; room for `size` numbers.
    pub fn none(size: usize) -> Self {
        Self(smallvec![0; size.div_ceil(64)])
    }

    /// Every number.
    pub fn all(size: usize) -> Self {
        Self(smallvec![u64::MAX; size.div_ceil(64)])
    }

    /// Whether `at` is a member.
    pub fn has(&self, at: usize) -> bool {
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    /// Adds `at`.
    pub fn add(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Takes `at` away.
    pub fn remove(&mut self, at: usize) {
        self.0[at / 64] &= !(1 << (at % 64));
    }

    /// Keeps what `other` has too.
    pub fn intersect(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= theirs);
    }

    /// The members, 64 to a word.
    pub fn words(&self) -> &[u64] {
        &self.0
    }

    /// Becomes the set with these words, one for each that it has.
    pub fn set_words(&mut self, words: impl Iterator<Item = u64>) {
        self.0.iter_mut().zip(words).for_each(|(mine, word)| *mine = word);
    }
}

/// A set with few members: its words that are not empty, in order.
///
/// What one step makes or ends is a handful among thousands of facts, and a script has as many steps as lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Few(SmallVec<[(u32, u64); 1]>);

impl Few {
    /// The set of these numbers, in any order.
    pub fn of(mut members: Vec<usize>) -> Self {
        // They mostly come in order: from the lists of the universe.
        if !members.is_sorted() {
            members.sort_unstable();
        }
        let mut few = Self::default();
        for at in members {
            few.add(at);
        }
        few
    }

    fn add(&mut self, at: usize) {
        let (word, mask) = ((at / 64) as u32, 1 << (at % 64));
        match self.0.last_mut() {
            Some((last, known)) if *last == word => *known |= mask,
            _ => self.0.push((word, mask)),
        }
    }

    /// The members of this set and of another one.
    pub fn joined(&self, other: &Self) -> Self {
        let (mut mine, mut theirs) = (self.0.iter().copied().peekable(), other.0.iter().copied().peekable());
        let next = || {
            let (left, right) = (mine.peek().copied(), theirs.peek().copied());
            let from_mine = left.is_some_and(|(at, _)| right.is_none_or(|(other, _)| at <= other));
            let from_theirs = right.is_some_and(|(at, _)| left.is_none_or(|(other, _)| at <= other));
            let word = [mine.next_if(|_| from_mine), theirs.next_if(|_| from_theirs)];
            word.into_iter().flatten().reduce(|(at, left), (_, right)| (at, left | right))
        };
        Self(std::iter::from_fn(next).collect())
    }

    /// The words that are not empty, with their places.
    pub fn words(&self) -> &[(u32, u64)] {
        &self.0
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().flat_map(|&(at, word)| members(at as usize, word))
    }
}

/// The members in a word.
fn members(at: usize, mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        (word != 0).then(|| {
            word &= word - 1;
            at * 64 + bit
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn joined_sets_have_the_members_of_both() {
        let numbers = |step: usize, seed: usize| -> Vec<usize> { (0..40).map(|n| (n * step + seed) % 700).collect() };
        let sets = [
            Vec::new(),
            vec![0],
            vec![63, 64, 127, 128],
            numbers(1, 60),
            numbers(37, 5),
            numbers(64, 0),
            numbers(131, 9),
        ];
        for (left, right) in sets.iter().flat_map(|left| sets.iter().map(move |right| (left, right))) {
            let joined = Few::of(left.clone()).joined(&Few::of(right.clone()));
            let wanted: BTreeSet<usize> = left.iter().chain(right).copied().collect();
            assert_eq!(joined.iter().collect::<Vec<_>>(), wanted.iter().copied().collect::<Vec<_>>());
            // There is one way to say each set.
            assert_eq!(joined, Few::of(wanted.into_iter().collect()));
        }
    }
}
