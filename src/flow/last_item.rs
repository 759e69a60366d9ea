//! The last item of a list that a loop goes through, where it is known whatever the others are.
//!
//! ```sh
//! for try in 1 2 3; do sshd -t && break; [ "$try" -lt 3 ] || exit 1; done
//! ```
//! Who comes to the end of the list has had `3` in the last turn. Rows of numbers (`{1..30}`, `$(seq 30)`) end in a known
//! number however long they are, and hold one at least.

use super::braces;
use super::expand::Expander;
use crate::dialect::Dialect;
use crate::flow::forest::constant;
use crate::syntax::tree::{CommandKind, PartKind, Simple, Word};

impl Expander<'_> {
    /// The last of the words that the last word of a list stands for.
    pub fn last_item(&mut self, word: &Word, dialect: Dialect) -> Option<Box<str>> {
        if let Some(last) = self.row_end(word, dialect) {
            return Some(last.to_string().into());
        }
        if let Some(elements) = self.elements(word) {
            // Unquoted, an element with a blank or a pattern in it would be other words.
            let is_one = |text: &&str| !text.contains([' ', '\t', '\n', '*', '?', '[']);
            return self.values.text(*elements.last()?).filter(is_one).map(Box::from);
        }
        let words = braces::expanded(word, dialect);
        let expanded = self.word(words.last()?);
        let text = self.values.text(expanded.value)?;
        if expanded.splits {
            // Whatever `IFS` is, digits are taken to be none of it.
            let last = text.rsplit([' ', '\t', '\n']).find(|word| !word.is_empty())?;
            return last.bytes().all(|byte| byte.is_ascii_digit()).then(|| last.into());
        }
        Some(text.into())
    }

    /// The number that a row of numbers ends with, where it is not empty.
    pub fn row_end(&mut self, word: &Word, dialect: Dialect) -> Option<i64> {
        let [part] = &word.parts[..] else { return None };
        match &part.kind {
            PartKind::Brace(text) if dialect.expands_braces() => {
                let (_, last) = braces::row(text.strip_prefix('{')?.strip_suffix('}')?)?;
                last.try_into().ok()
            }
            PartKind::Command(substitution) => {
                let command = substitution.body.only_command().filter(|command| command.redirects.is_empty())?;
                match &command.kind {
                    CommandKind::Simple(simple) => self.counted_to(simple),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `seq LAST` and `seq FIRST LAST`, which count by ones.
    fn counted_to(&mut self, simple: &Simple) -> Option<i64> {
        let (name, operands) = simple.words.split_first()?;
        if constant(name)? != "seq" {
            return None;
        }
        let mut number = |word: &Word| {
            let value = self.word(word).value;
            self.values.text(value)?.parse::<i64>().ok()
        };
        let (first, last) = match operands {
            [last] => (1, number(last)?),
            [first, last] => (number(first)?, number(last)?),
            _ => return None,
        };
        (first <= last).then_some(last)
    }
}
