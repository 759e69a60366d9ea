//! Arrays whose elements are known.
//!
//! ```sh
//! run=(sudo -n)
//! "${run[@]}" nginx -t || exit 1      # sudo -n nginx -t
//! rm -rf "${dirs[0]}"/*
//! ```
//! A variable that is an array points at a value which its assignment makes, and what the array holds is remembered
//! beside that value. An assignment to one element makes an array of which nothing is known.

use super::exact::set_site;
use super::expand::Expander;
use super::forest::constant;
use super::value::{Site, Value, ValueId};
use crate::syntax::tree::{Assignment, ParameterOperator, PartKind, Word};

/// How many elements of an array are followed: each assignment that adds one copies those before it.
const MOST_ELEMENTS: usize = 64;

impl Expander<'_> {
    /// The words that a word stands for which is all of an array, where they are known: `"${run[@]}"`.
    pub fn elements(&mut self, word: &Word) -> Option<Vec<ValueId>> {
        let part = word.only_part()?;
        let PartKind::Parameter(parameter) = &part.kind else { return None };
        let is_all = constant(parameter.subscript.as_ref()?)? == "@";
        if !is_all || !matches!(parameter.operator, ParameterOperator::None) {
            return None;
        }
        let array = self.bare(&parameter.name, part.span.start);
        self.values.elements(array)
    }

    /// One element of an array, where it is known: `${dirs[0]}`.
    pub(super) fn element(&mut self, name: &str, subscript: &Word, site: Site) -> Option<ValueId> {
        let number = subscript.number()? as usize;
        let array = self.bare(name, site);
        self.values.elements(array)?.get(number).copied()
    }

    /// What a variable points at that is given these elements. One word alone is what the variable itself stands for.
    pub(super) fn array(&mut self, assignment: &Assignment, words: &[(Option<Word>, Word)], site: Site) -> ValueId {
        let name = &*assignment.name.text;
        if let ([(None, only)], false) = (words, assignment.append) {
            return self.word(only).value;
        }
        let mut held = if assignment.append {
            let before = self.bare(name, site);
            self.values.elements(before)
        } else {
            Some(Vec::new())
        };
        for (key, word) in words {
            let more = if key.is_none() { self.elements_of(word) } else { None };
            held = held.zip(more).map(|(held, more)| held.into_iter().chain(more).collect());
        }
        let array = self.values.intern(Value::Environment(set_site(site), name.into()));
        self.values.set_elements(array, held.filter(|held: &Vec<ValueId>| held.len() <= MOST_ELEMENTS));
        array
    }

    fn elements_of(&mut self, word: &Word) -> Option<Vec<ValueId>> {
        if let Some(all) = self.elements(word) {
            return Some(all);
        }
        let expanded = self.word(word);
        let is_row = |piece: &Value| matches!(piece, Value::AllPositional(_));
        let is_one = !expanded.splits || is_option_with_glob(word);
        (is_one && !self.values.any(expanded.value, &is_row)).then(|| vec![expanded.value])
    }
}

/// Whether a word is an option with a glob in it, `--disablerepo=*`: hardly ever is there a file of such a name, and where
/// there is none the word is what is written.
fn is_option_with_glob(word: &Word) -> bool {
    let is_plain = |part: &PartKind| matches!(part, PartKind::Literal(_) | PartKind::SingleQuoted(_));
    let begins =
        matches!(word.parts.first().map(|part| &part.kind), Some(PartKind::Literal(text)) if text.starts_with('-'));
    begins && word.parts.iter().all(|part| is_plain(&part.kind) || matches!(part.kind, PartKind::Glob(_)))
}
