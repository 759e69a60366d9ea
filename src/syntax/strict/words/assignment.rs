//! Assignments, scalar and array.

use super::Context;
use crate::span::Span;
use crate::syntax::strict::Reading;
use crate::syntax::strict::lexer::{Refusal, Step};
use crate::syntax::tree::{Assignment, AssignmentValue, Name, Part, PartKind, UnreadReason, Word};

impl Reading<'_> {
    /// Whether the word at `span` has the form of an assignment.
    pub(in crate::syntax::strict) fn is_assignment(&mut self, span: Span) -> bool {
        self.lexer.assignment_operator(span.start as usize).is_some_and(|value| value <= span.end as usize)
    }

    /// Whether the word at `span` assigns an array: grammar only before a command and behind declarations.
    pub(in crate::syntax::strict) fn is_array(&mut self, span: Span) -> bool {
        // Of ordinary words only these end in a parenthesis, save for substitutions and extended globs.
        self.byte(span.end as usize - 1) == b')'
            && self.lexer.assignment_operator(span.start as usize).is_some_and(|value| {
                let open = self.lexer.skip_continuations(value);
                self.byte(open) == b'(' && open < span.end as usize
            })
    }

    /// The assignment at `span`.
    pub(in crate::syntax::strict) fn assignment(&mut self, span: Span) -> Step<Assignment> {
        let start = span.start as usize;
        let refusal = Refusal { at: start, reason: UnreadReason::Unaccounted };
        let value = self.lexer.assignment_operator(start).ok_or(refusal)?;
        let name_end = self.lexer.name(start).ok_or(refusal)?;
        let name_span = Span::new(span.start, name_end as u32);
        let name = Name { span: name_span, text: self.written(name_span) };
        let append = self.byte(value.wrapping_sub(2)) == b'+';
        let subscript = if self.byte(name_end) == b'[' {
            let close = value - 1 - usize::from(append);
            let inner = Span::new(name_end as u32 + 1, close as u32 - 1);
            Some(Word { span: inner, parts: self.parts(inner, Context::Operand)? })
        } else {
            None
        };
        let open = self.lexer.skip_continuations(value);
        let value = if self.byte(open) == b'(' && open < span.end as usize {
            AssignmentValue::Array(self.elements(open + 1)?)
        } else {
            let inner = Span::new(value as u32, span.end.max(value as u32));
            AssignmentValue::Scalar(Word { span: inner, parts: self.parts(inner, Context::Value)? })
        };
        Ok(Assignment { span, name, subscript, append, value })
    }

    /// The elements of an array, from past its parenthesis.
    fn elements(&mut self, mut at: usize) -> Step<Vec<(Option<Word>, Word)>> {
        let mut elements = Vec::new();
        loop {
            at = self.lexer.skip_lines(at);
            if self.byte(at) == b')' {
                return Ok(elements);
            }
            let end = self.lexer.element(at)?;
            if end == at {
                return Err(Refusal { at, reason: UnreadReason::Unaccounted });
            }
            let (subscript, start) = match self.lexer.element_operator(at) {
                Some(value) if value <= end => {
                    let close = value - 1 - usize::from(self.byte(value - 2) == b'+');
                    let inner = Span::new(at as u32 + 1, close as u32 - 1);
                    (Some(Word { span: inner, parts: self.parts(inner, Context::Operand)? }), value)
                }
                _ => (None, at),
            };
            elements.push((subscript, self.word(Span::new(start as u32, end as u32))?));
            at = end;
        }
    }

    /// The operand of a declaration at `span`, an assignment, as a word.
    pub(in crate::syntax::strict) fn declared_word(&mut self, span: Span) -> Step<Word> {
        let value = self.lexer.assignment_operator(span.start as usize).unwrap_or(span.end as usize) as u32;
        let open = self.lexer.skip_continuations(value as usize);
        if self.byte(open) == b'(' && open < span.end as usize {
            let kind = PartKind::Literal(self.written(span));
            return Ok(Word { span, parts: vec![Part { span, kind }] });
        }
        let value = value.min(span.end);
        let head = Span::new(span.start, value);
        let mut parts = vec![Part { span: head, kind: PartKind::Literal(self.written(head)) }];
        parts.extend(self.parts(Span::new(value, span.end), Context::Value)?);
        Ok(Word { span, parts })
    }
}
