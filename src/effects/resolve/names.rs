//! How a person names a thing: by its text where that is known, else by the words that the script writes.

use super::super::thing::tidy;
use crate::knowledge::{Bindings, HOLE, Operand, Piece, Role, ThingKind, ThingTemplate};

use super::forms::{Placed, is_written};
use super::{Evaluated, Resolver};

impl Resolver<'_, '_> {
    /// A thing as a person names it: its text, or the words as written where that is not known.
    pub(super) fn shown(&self, placed: &Placed) -> String {
        let (rendered, _) = self.flow.values.render(placed.value);
        // By its program, its process-number file or its process numbers: what these are called after.
        if placed.kind == ThingKind::Service && rendered.contains(['/', HOLE]) {
            let service = self.things.get(placed.thing).key[0];
            if let Some(service) = self.flow.values.text(service) {
                return service.to_owned();
            }
        }
        let name = match (rendered.contains(HOLE), &placed.name, placed.span) {
            (false, ..) => rendered,
            (true, Some(name), _) => name.clone(),
            (true, None, Some(span)) => return unquoted(&self.written(span)),
            (true, None, None) => self.flow.values.display(placed.value, &self.flow.names),
        };
        match placed.kind {
            // A name put behind that of a directory, which may have had its slash.
            ThingKind::Path if placed.span.is_none() => tidy(&name, true),
            // What is no more than an object is called by the words that follow.
            _ => name.strip_prefix("object ").map(str::to_owned).unwrap_or(name),
        }
    }

    /// A thing that is put together from several words, as the script writes them; none where one word is all of it.
    pub(super) fn put_together(
        &self,
        template: &ThingTemplate,
        bindings: &Bindings,
        words: &[Evaluated],
    ) -> Option<String> {
        let whole = template.pieces.split(|piece| *piece == Piece::Within).next()?;
        if let [Piece::Role(_)] = whole {
            return None;
        }
        let mut name = String::new();
        for piece in whole {
            let role = |role: &Role| bindings.get(*role).map(|operand| self.operand_name(operand, words));
            match piece {
                Piece::Literal(text) => name.push_str(text),
                Piece::Role(of) => name.push_str(&role(of)?),
                Piece::Base(of) => name.push_str(base_of_name(&role(of)?)?),
                Piece::Above(of) => {
                    let of = role(of)?;
                    let base = base_of_name(&of)?;
                    name.push_str(of.strip_suffix(base)?.strip_suffix('/')?);
                }
                Piece::Stem(of, end) => {
                    let of = role(of)?;
                    let base = base_of_name(&of)?;
                    name.push_str(base.strip_suffix(&**end).unwrap_or(base));
                }
                Piece::Without(of, end) => name.push_str(&without(&role(of)?, end)),
                Piece::Within => {}
            }
        }
        Some(name)
    }

    fn operand_name(&self, operand: &Operand, words: &[Evaluated]) -> String {
        let word = |at: usize| match words.get(at) {
            // What `xargs` hands to it has no word of its own.
            Some(word) if !is_written(words, at) => self.flow.values.display(word.value, &self.flow.names),
            Some(word) => self.word_name(word),
            None => unknown(),
        };
        match operand {
            Operand::Word { argument, offset } => {
                let name = word(*argument);
                name.get(*offset..).map(str::to_owned).unwrap_or(name)
            }
            Operand::Rest(all) => all.iter().map(|&at| word(at)).collect::<Vec<_>>().join(" "),
            Operand::Text(text) if !text.contains(HOLE) => text.clone(),
            Operand::Text(_) | Operand::Input(_) => unknown(),
        }
    }

    fn word_name(&self, word: &Evaluated) -> String {
        let (text, _) = self.flow.values.render(word.value);
        if !text.contains(HOLE) {
            return text;
        }
        let written = self.written(word.span);
        // Quotes that only keep the word together.
        let is_plain = !written.contains(['\\', '\'', '(', '`']);
        if is_plain { written.replace('"', "") } else { unquoted(&written) }
    }
}

/// What is not known and has no word.
fn unknown() -> String {
    "…".to_owned()
}

/// A name without this end; of a variable, the expansion that takes it off.
fn without(name: &str, end: &str) -> String {
    let variable = name
        .strip_prefix('$')
        .filter(|variable| variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !variable.is_empty());
    match variable {
        Some(variable) => format!("${{{variable}%{end}}}"),
        None => name.strip_suffix(end).unwrap_or(name).to_owned(),
    }
}

/// The last component of a path as written, unless its slash stands within an expansion.
pub fn base_of_name(name: &str) -> Option<&str> {
    let name = name.trim_end_matches('/');
    let base = name.rsplit('/').next()?;
    let count = |letter: char| base.matches(letter).count();
    let is_whole = count('{') == count('}') && count('(') == count(')') && count('`') % 2 == 0 && count('"') % 2 == 0;
    is_whole.then_some(base)
}

/// A word as written, without quotes around it.
fn unquoted(written: &str) -> String {
    let trimmed =
        written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|inner| !inner.contains('"'));
    trimmed.unwrap_or(written).to_owned()
}
