//! What other commands do for one, as text for its place: in the words of the script, and by whom the command itself is run.

use crate::flow::graph::{Kind, NodeId};
use crate::knowledge::{Bindings, HOLE, Match, Operand, Remedy, RemedyPiece, RemedyRow, Role};
use crate::span::Span;
use thin_vec::ThinVec;

use super::forms::is_written;
use super::{Evaluated, Resolver};

/// What takes the place of the shell has nothing behind it, and what is timed is not what is asked.
const TAKES_PLACE: [&str; 2] = ["exec ", "time "];

impl Resolver<'_, '_> {
    /// The remedies of a command that can be written; of one kind the first.
    pub(super) fn remedies(
        &self,
        id: NodeId,
        found: &Match<'_>,
        bindings: &Bindings,
        words: &[Evaluated],
    ) -> ThinVec<(Remedy, Box<str>)> {
        let mut made: ThinVec<(Remedy, Box<str>)> = ThinVec::new();
        for row in found.form.remedies.iter() {
            if made.iter().any(|(remedy, _)| *remedy == row.remedy) {
                continue;
            }
            if let Some(text) = self.written_remedy(row, id, found, bindings, words) {
                made.push((row.remedy, text.into()));
            }
        }
        made
    }

    /// The text of one. Within `sh -c '…'` the words of the script mean what they mean here only where they are plain.
    fn written_remedy(
        &self,
        row: &RemedyRow,
        id: NodeId,
        found: &Match<'_>,
        bindings: &Bindings,
        words: &[Evaluated],
    ) -> Option<String> {
        let (mut text, mut quoted) = (String::new(), false);
        for piece in row.pieces.iter() {
            let part = self.piece(id, piece, found, bindings, words)?;
            if let RemedyPiece::Literal(_) = piece {
                quoted ^= part.matches('\'').count() % 2 == 1;
            } else if quoted && part.contains(['\'', '"', '$', '`', '\\']) {
                return None;
            }
            text.push_str(&part);
        }
        Some(text)
    }

    fn piece(
        &self,
        id: NodeId,
        piece: &RemedyPiece,
        found: &Match<'_>,
        bindings: &Bindings,
        words: &[Evaluated],
    ) -> Option<String> {
        let first = words.first()?.span;
        match piece {
            RemedyPiece::Literal(text) => Some(text.to_string()),
            RemedyPiece::Word(role) => self.role_text(*role, bindings, words),
            RemedyPiece::By => self.run_by(id, first),
            RemedyPiece::As => {
                let by = self.run_by(id, first)?;
                Some(if ["sudo ", "sudo -n "].contains(&&*by) { String::new() } else { by })
            }
            RemedyPiece::Front => {
                let seconds: Vec<&str> = found
                    .form
                    .pattern
                    .leading
                    .iter()
                    .filter_map(|all| all.get(1))
                    .flat_map(|all| all.split('|'))
                    .collect();
                let mut leading = words.iter().enumerate().take(found.leading).skip(1);
                let second = leading.find(|(_, word)| seconds.contains(&&*word.argument.text));
                match second {
                    Some((at, word)) if is_written(words, at) => {
                        Some(self.written(Span::new(first.start, word.span.start)))
                            .filter(|front| !front.contains('\n'))
                    }
                    Some(_) => None,
                    None => is_written(words, 0).then(|| format!("{} ", self.written(first))),
                }
            }
            RemedyPiece::With(role, word) => {
                let Operand::Word { argument, offset } = bindings.get(*role)? else { return None };
                let span = words.get(*argument).filter(|_| is_written(words, *argument) && *offset == 0)?.span;
                self.changed(id, first, span, word)
            }
            RemedyPiece::Instead(old, new) => {
                let mut places =
                    words.iter().enumerate().filter(|(_, word)| old.iter().any(|old| **old == *word.argument.text));
                let (at, word) = places.next().filter(|_| places.next().is_none())?;
                self.changed(id, first, word.span, new).filter(|_| is_written(words, at))
            }
            RemedyPiece::Adding(options) => {
                let last = words.get(found.leading.checked_sub(1)?)?.span;
                self.changed(id, first, Span::at(last.end), &format!(" {options}"))
            }
            RemedyPiece::Alone => self.run_by(id, first).filter(String::is_empty),
            RemedyPiece::InFront(role, mark) => Some(split(&self.role_text(*role, bindings, words)?, mark)?.0),
            RemedyPiece::Behind(role, mark) => Some(split(&self.role_text(*role, bindings, words)?, mark)?.1),
            RemedyPiece::Unmarked(role, mark) => self
                .role_text(*role, bindings, words)
                .filter(|word| !word.contains(['$', '`']) && !word.contains(&**mark)),
            RemedyPiece::Address(role) => address(&self.role_text(*role, bindings, words)?),
        }
    }

    /// What a command is run by, and a blank.
    fn run_by(&self, id: NodeId, first: Span) -> Option<String> {
        let command = self.flow.graph.node(id).span;
        let by = self.written(Span::new(command.start, first.start.max(command.start)));
        (!by.contains('\n') && !TAKES_PLACE.iter().any(|word| by.starts_with(word))).then_some(by)
    }

    /// The command from its first word on, with another text at a place. Not one that reads what stands behind its line.
    fn changed(&self, id: NodeId, first: Span, place: Span, text: &str) -> Option<String> {
        let command = self.flow.graph.node(id).span;
        let Kind::Simple(simple) = &self.flow.graph.node(id).kind else { return None };
        let written = self.written(Span::new(first.start, command.end));
        let is_plain = simple.before.is_empty() && !written.contains("<<") && !written.contains('\n');
        let before = self.written(Span::new(first.start, place.start.max(first.start)));
        let behind = self.written(Span::new(place.end, command.end.max(place.end)));
        is_plain.then(|| format!("{before}{text}{behind}"))
    }

    /// What is bound to a role, as the script writes it.
    fn role_text(&self, role: Role, bindings: &Bindings, words: &[Evaluated]) -> Option<String> {
        match bindings.get(role)? {
            Operand::Word { argument, offset } if is_written(words, *argument) => {
                let word = words.get(*argument)?;
                let written = self.written(word.span);
                // The argument of `--host=$HOST` begins in its word, where that is written as it is read.
                let is_read = word.argument.text.get(..*offset)? == written.get(..*offset)?;
                // What is read from standard input, or written to it, is not read twice.
                is_read.then(|| written[*offset..].to_owned()).filter(|word| word != "-")
            }
            Operand::Text(known) if !known.contains(HOLE) => Some(known.clone()),
            _ => None,
        }
    }
}

/// A word in two at its only mark, each with the quotes of the whole: `"$U:$G"` is `"$U"` and `"$G"`. None where a part may hold
/// the mark, or is none.
fn split(word: &str, mark: &str) -> Option<(String, String)> {
    let quote = if word.len() > 1 && word.starts_with('"') && word.ends_with('"') { "\"" } else { "" };
    let inner = word.strip_prefix(quote)?.strip_suffix(quote)?;
    let (front, behind) = inner.split_once(mark)?;
    let is_simple = |part: &str| {
        let known = |c: char| c.is_alphanumeric() || "$_-.{}".contains(c);
        !part.is_empty() && part.chars().all(known)
    };
    let quoted = |part: &str| format!("{quote}{part}{quote}");
    (is_simple(front) && is_simple(behind)).then(|| (quoted(front), quoted(behind)))
}

/// `10.0.0.9` of `10.0.0.9/24`, `"${VIP%/*}"` of `"$VIP"`, which may have the length or not. Nothing of an address of six.
fn address(word: &str) -> Option<String> {
    let quote = if word.starts_with('"') { "\"" } else { "" };
    let inner = word.strip_prefix(quote)?.strip_suffix(quote)?;
    if inner.contains(['\'', '`', '(', ':', '%', '"']) {
        return None;
    }
    if let Some((address, _)) = inner.rsplit_once('/') {
        return (!address.contains('/')).then(|| format!("{quote}{address}{quote}"));
    }
    let Some(name) = inner.strip_prefix('$') else { return (!inner.contains('$')).then(|| word.to_owned()) };
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| format!("{quote}${{{name}%/*}}{quote}"))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_written_without_the_length_of_its_network() {
        for (word, written) in [
            ("10.0.0.9/24", Some("10.0.0.9")),
            ("10.0.0.9", Some("10.0.0.9")),
            ("\"$VIP/32\"", Some("\"$VIP\"")),
            ("\"$VIP\"", Some("\"${VIP%/*}\"")),
            ("$VIP", Some("${VIP%/*}")),
            ("\"${VIP}/$LENGTH\"", Some("\"${VIP}\"")),
            ("fe80::1/64", None),
            ("\"$(address)/24\"", None),
        ] {
            assert_eq!(address(word).as_deref(), written, "{word}");
        }
    }
}
