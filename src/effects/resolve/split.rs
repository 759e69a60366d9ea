//! The words that an expansion without quotes falls into.
//!
//! ```sh
//! options="-d --name=$name"
//! [ -z "$more" ] || options="$options $more"
//! docker run $options image         # docker run -d --name=$name … image
//! ```
//! What stands between blanks of the script's own text is a word; what else may be in it is one word that may be none or
//! several. Only what begins with an option is taken apart so: other texts are seldom meant as words.

use super::{Evaluated, Resolver};
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{Argument, HOLE};

/// Through how many meetings a text is followed that grows from one to the next.
const DEEPEST: u32 = 8;

impl Resolver<'_, '_> {
    /// A first word from a variable that holds several words (`SUDO="sudo -n"`, `client="psql -h $host"`), or none.
    pub(super) fn split_prefix(&mut self, words: Vec<Evaluated>) -> Vec<Evaluated> {
        let Some(first) = words.first().filter(|first| first.argument.splits) else { return words };
        let (value, span) = (first.value, first.span);
        let text = &first.argument.text;
        let mut split: Vec<Evaluated> = Vec::new();
        if text.is_empty() || !text.contains(HOLE) && text.contains([' ', '\t']) {
            let pieces: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            split.extend(pieces.iter().map(|piece| Evaluated {
                value: self.flow.values.constant(piece),
                argument: Argument::literal(piece),
                span,
            }));
        } else if text.contains(HOLE) {
            let mut found = Vec::new();
            self.split_up(value, DEEPEST, &mut found);
            split.extend(found.iter().map(|&(value, splits)| self.seen(value, splits, span)));
            let is_program = |word: &Evaluated| !word.argument.text.contains(HOLE);
            if split.len() < 2 || !split.first().is_some_and(is_program) {
                return words;
            }
        } else {
            return words;
        }
        split.extend(words.into_iter().skip(1));
        split
    }

    /// Adds a word of a command: an expansion without quotes is as many words as its text has, as far as that is known.
    pub(super) fn fall_apart(&mut self, word: Evaluated, words: &mut Vec<Evaluated>) {
        if !word.argument.splits || words.is_empty() {
            words.push(word);
            return;
        }
        if let Some(text) = self.flow.values.text(word.value).map(str::to_owned) {
            for piece in text.split_whitespace() {
                let value = self.flow.values.constant(piece);
                words.push(Evaluated { value, argument: Argument::literal(piece), span: word.span });
            }
            return;
        }
        let mut found = Vec::new();
        self.split_up(word.value, DEEPEST, &mut found);
        let is_option = |value: &ValueId| self.flow.values.begins(*value).starts_with('-');
        if found.len() < 2 || !found.first().is_some_and(|(value, _)| is_option(value)) {
            words.push(word);
            return;
        }
        for (value, splits) in found {
            let seen = self.seen(value, splits, word.span);
            words.push(seen);
        }
    }

    /// The words of a value, each with whether it may be several or none.
    fn split_up(&mut self, value: ValueId, deep: u32, found: &mut Vec<(ValueId, bool)>) {
        let value = self.flow.values.grown(value).filter(|_| deep > 0).unwrap_or(value);
        let common = if deep == 0 { None } else { self.in_all(value) };
        if let Some(common) = common {
            self.split_up(common, deep - 1, found);
            found.push((value, true));
            return;
        }
        let mut pieces: Vec<ValueId> = Vec::new();
        for piece in self.flow.values.pieces(&value).to_vec() {
            let Value::Constant(text) = self.flow.values.get(piece) else {
                pieces.push(piece);
                continue;
            };
            let text = text.clone();
            let mut parts = text.split([' ', '\t', '\n']);
            pieces.extend(parts.next().filter(|part| !part.is_empty()).map(|part| self.flow.values.constant(part)));
            for part in parts {
                self.end_word(&mut pieces, deep, found);
                if !part.is_empty() {
                    pieces.push(self.flow.values.constant(part));
                }
            }
        }
        self.end_word(&mut pieces, deep, found);
    }

    fn end_word(&mut self, pieces: &mut Vec<ValueId>, deep: u32, found: &mut Vec<(ValueId, bool)>) {
        match pieces[..] {
            [] => {}
            [only] if self.flow.values.text(only).is_some() => found.push((only, false)),
            [only] if deep > 0 && (self.in_all(only).is_some() || self.flow.values.grown(only).is_some()) => {
                self.split_up(only, deep - 1, found);
            }
            [only] => found.push((only, true)),
            _ => {
                let word = self.flow.values.concat(pieces.iter().copied());
                found.push((word, false));
            }
        }
        pieces.clear();
    }

    /// The one of the values that meet in this one that all others begin with.
    fn in_all(&self, value: ValueId) -> Option<ValueId> {
        let values = &self.flow.values;
        let Value::Phi(..) = values.get(value) else { return None };
        let whole = |value: &ValueId| values.grown(*value).unwrap_or(*value);
        let met: Vec<ValueId> = values.alternatives(value).iter().map(whole).collect();
        // What something not read may have set is met on the way to a solution, too.
        let is_open = |value: ValueId| matches!(values.get(value), Value::Environment(since, _) if *since != 0);
        let begins = |longer: &ValueId, short: ValueId| {
            let (longer, short) = (values.pieces(longer), values.pieces(&short));
            let is_same = |(one, other): (&ValueId, &ValueId)| {
                one == other
                    || is_open(*one)
                    || is_open(*other)
                    || values.text(*one).zip(values.text(*other)).is_some_and(|(one, other)| {
                        one.strip_prefix(other).is_some_and(|rest| rest.starts_with([' ', '\t']))
                    })
            };
            longer.len() >= short.len() && longer.iter().zip(short).all(is_same)
        };
        let mut found =
            met.iter().copied().filter(|&short| short != value && met.iter().all(|longer| begins(longer, short)));
        let first = found.clone().next();
        found.find(|short| !values.pieces(short).iter().any(|&piece| is_open(piece))).or(first)
    }
}
