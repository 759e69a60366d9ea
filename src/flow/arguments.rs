//! What a call gives to a function: its words, with `"$@"` as the parameters that it hands on.

use super::expand::Expander;
use super::value::{Site, Value, ValueId};
use crate::syntax::tree::Word;

/// So many parameters are followed through `"$@"`.
const MOST_HANDED_ON: u32 = 9;

/// The words of a call, evaluated.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// By number; 0 is the name of the function.
    each: Vec<ValueId>,
    /// The one argument there is, as written: `"$@"` stays what it is.
    only: Option<ValueId>,
    /// Every word is one argument, or is `"$@"` in the last place.
    pub exact: bool,
    /// How many there are is known: those behind the last one are empty.
    counted: bool,
}

impl Arguments {
    /// Evaluates the words of a call.
    pub fn of(words: &[Word], expander: &mut Expander<'_>, site: Site) -> Self {
        let mut arguments = Self { each: Vec::with_capacity(words.len()), only: None, exact: true, counted: true };
        for (at, word) in words.iter().enumerate() {
            let expanded = expander.word(word);
            arguments.counted &= !expanded.splits;
            arguments.only = (words.len() == 2).then_some(expanded.value);
            if at > 0 && matches!(expander.values.get(expanded.value), Value::AllPositional(_)) {
                arguments.exact &= !expanded.splits;
                arguments.counted = false;
                arguments.each.extend((1..=MOST_HANDED_ON).map(|given| expander.bare(&given.to_string(), site)));
                // What stands behind it has no number that is known.
                break;
            }
            arguments.each.push(expanded.value);
        }
        arguments
    }

    /// The argument of this number.
    pub fn get(&self, number: u32) -> Option<ValueId> {
        self.each.get(number as usize).copied()
    }

    /// Whether there is surely no argument of this number.
    pub fn ends_before(&self, number: u32) -> bool {
        self.counted && number as usize >= self.each.len()
    }

    /// All arguments, where that is one value.
    pub fn all(&self) -> Option<ValueId> {
        self.only
    }

    /// The arguments with their numbers, from 1.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, ValueId)> + '_ {
        (1..).zip(self.each.iter().skip(1).copied())
    }
}
