//! How a command is made repeatable, as text for its place.

use super::super::step::{RewriteText, Step};
use crate::flow::graph::{Kind, NodeId};
use crate::knowledge::{Bindings, HOLE, Match, Operand, Piece, RewriteAction};
use crate::span::Span;
use crate::syntax::tree::Redirect;

use super::forms::is_written;
use super::{Evaluated, Resolver};

/// Where the letters of an option can be put behind those of the first word of options, as people write them: `-s` becomes
/// `-sfn`. That word has none but letters that the form is known by, of which none takes a value.
fn joined<'o>(option: &'o str, found: &Match<'_>, words: &[Evaluated]) -> Option<(u32, &'o str)> {
    let letters = |word: &'o str| word.strip_prefix('-').filter(|rest| rest.bytes().all(|b| b.is_ascii_alphabetic()));
    let added = letters(option)?;
    let at = found.leading;
    let first = words.get(at).filter(|_| is_written(words, at))?;
    let plain = found.form.pattern.need.iter().filter(|need| need.role.is_none()).flat_map(|need| need.options.iter());
    let plain: Vec<char> = plain.filter(|known| known.len() == 1).flat_map(|known| known.chars()).collect();
    let written = first.argument.text.strip_prefix('-').filter(|rest| !rest.is_empty())?;
    written.chars().all(|letter| plain.contains(&letter)).then_some((first.span.end, added))
}

/// Whether options stand between a program and its verb: `kubectl -n prod create …`.
fn is_led_by_options(found: &Match<'_>, words: &[Evaluated]) -> bool {
    let verb = found.form.pattern.leading.iter().any(|names| names.len() > 1);
    verb && words.iter().take(found.leading).skip(1).any(|word| word.argument.text.starts_with('-'))
}

impl Resolver<'_, '_> {
    pub(super) fn rewrite(
        &mut self,
        id: NodeId,
        found: &Match<'_>,
        bindings: &Bindings,
        words: &[Evaluated],
    ) -> Option<(RewriteText, crate::knowledge::Safety)> {
        let rewrite = found.form.idempotent.as_ref()?;
        if rewrite.needs_bash && !self.flow.dialect.is_bash() {
            return None;
        }
        let text = match &rewrite.action {
            RewriteAction::AddOption(option) => match joined(option, found, words) {
                Some((at, letters)) => RewriteText::Insert(at, letters.to_owned()),
                None => RewriteText::Insert(words.get(found.leading.checked_sub(1)?)?.span.end, format!(" {option}")),
            },
            RewriteAction::ReplaceWord { from, to } => {
                let at = words.iter().take(found.leading.max(4)).position(|word| word.argument.text == **from)?;
                RewriteText::Replace(is_written(words, at).then_some(words[at].span)?, to.to_string())
            }
            // What stands in front of the verb says where it is done, and would have to stand in the question as well.
            RewriteAction::Prefix(_) if is_led_by_options(found, words) => return None,
            RewriteAction::Prefix(pieces) => {
                let mut text = String::new();
                for piece in pieces.iter() {
                    match piece {
                        Piece::Literal(literal) => text.push_str(literal),
                        // The very program that the script runs, which a variable may name.
                        Piece::Role(role) if found.form.pattern.name_role == Some(*role) => {
                            let program = words.first().filter(|_| is_written(words, 0))?;
                            text.push_str(&self.written(program.span));
                        }
                        Piece::Role(role) => match bindings.get(*role)? {
                            Operand::Word { argument, offset: 0 } if is_written(words, *argument) => {
                                text.push_str(&self.written(words.get(*argument)?.span));
                            }
                            Operand::Rest(all) => {
                                let all: Vec<String> = all
                                    .iter()
                                    .filter_map(|&at| words.get(at))
                                    .map(|word| self.written(word.span))
                                    .collect();
                                text.push_str(&all.join(" "));
                            }
                            // A default that knowledge put there.
                            Operand::Text(known) if !known.contains(HOLE) => text.push_str(known),
                            _ => return None,
                        },
                        Piece::Base(_) | Piece::Above(_) | Piece::Stem(..) | Piece::Without(..) | Piece::Within => {
                            return None;
                        }
                    }
                }
                // The question needs the same rights as the command: `sudo` goes in front of it too.
                let wrapper = self.in_front(id, words);
                let (negation, question) = text.strip_prefix("! ").map_or(("", text.as_str()), |rest| ("! ", rest));
                let asks_shell = question.starts_with('[');
                RewriteText::Prefix(if asks_shell { text } else { format!("{negation}{wrapper}{question}") })
            }
        };
        Some((text, rewrite.safety))
    }
    /// What stands in front of the words of a command.
    fn in_front(&self, id: NodeId, words: &[Evaluated]) -> String {
        let start = self.flow.graph.node(id).span.start;
        words.first().map_or_else(String::new, |first| self.written(Span::new(start, first.span.start.max(start))))
    }

    /// The same, where it says only whose rights the command has.
    pub(super) fn wrapper(&self, id: NodeId, words: &[Evaluated], step: &Step) -> Box<str> {
        let text = if step.wrapped_in_rights == Some(true) { self.in_front(id, words) } else { String::new() };
        text.into_boxed_str()
    }

    /// The words of a command, where nothing stands between them and what runs it says only whose rights it has.
    pub(super) fn inner(&self, id: NodeId, words: &[Evaluated], step: &Step) -> Option<Span> {
        let Kind::Simple(simple) = &self.flow.graph.node(id).kind else { return None };
        let span = Span::new(words.first()?.span.start, words.last()?.span.end);
        let is_apart = |redirect: &Redirect| redirect.span.end <= span.start || span.end <= redirect.span.start;
        let is_whole = (0..words.len()).all(|at| is_written(words, at));
        (is_whole && step.wrapped_in_rights != Some(false) && simple.command.redirects.iter().all(is_apart))
            .then_some(span)
    }
}
