//! Simple commands: the run of assignments, words and redirects.

use super::{Fit, Mismatch, Walker};
use crate::span::Span;
use crate::syntax::strict::lexer::TokenKind;
use crate::syntax::strict::room_for_one;
use crate::syntax::tree::{Command, CommandKind, Simple, UnreadReason};
use smallvec::SmallVec;

impl Walker<'_, '_> {
    pub(super) fn simple(&mut self) -> Fit<Command> {
        let mut simple = Simple::default();
        let mut redirects = Vec::new();
        let mut spans: SmallVec<[Span; 16]> = SmallVec::new();
        let mut whole: Option<Span> = None;
        while let Some(token) = self.tokens.get(self.at) {
            match &token.kind {
                TokenKind::Assignment => {
                    room_for_one(&mut simple.assignments);
                    simple.assignments.push(self.reading.assignment(token.span)?);
                }
                TokenKind::Word => spans.push(token.span),
                TokenKind::Redirect(redirect) => {
                    room_for_one(&mut redirects);
                    redirects.push(self.reading.redirect(token.span, redirect)?);
                }
                _ => break,
            }
            whole = Some(whole.map_or(token.span, |span| span.to(token.span)));
            self.at += 1;
        }
        let declaration = spans.first().is_some_and(|&name| is_declaration(self.text(name)));
        let takes_arrays =
            declaration || spans.first().is_some_and(|&name| matches!(self.text(name), b"eval" | b"let"));
        simple.words.reserve_exact(spans.len());
        for (index, span) in spans.into_iter().enumerate() {
            if index > 0 && !takes_arrays && self.reading.is_array(span) {
                return Err(Mismatch(UnreadReason::Malformed));
            }
            if declaration && index > 0 && self.reading.is_assignment(span) {
                simple.words.push(self.reading.declared_word(span)?);
                simple.declared.push(self.reading.assignment(span)?);
            } else {
                simple.words.push(self.reading.word(span)?);
            }
        }
        let span = whole.ok_or(Mismatch(UnreadReason::Unaccounted))?;
        Ok(Command { span, kind: CommandKind::Simple(simple), redirects })
    }
}

fn is_declaration(name: &[u8]) -> bool {
    matches!(name, b"export" | b"local" | b"readonly" | b"declare" | b"typeset")
}
