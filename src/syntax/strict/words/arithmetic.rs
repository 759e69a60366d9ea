//! Arithmetic texts: the expansions in them, and the expression where it can be read.

use super::{Context, expression};
use crate::span::Span;
use crate::syntax::strict::Reading;
use crate::syntax::strict::lexer::Step;
use crate::syntax::tree::{Arithmetic, Part, PartKind};

impl Reading<'_> {
    /// The arithmetic at `span`, delimiters excluded.
    pub(in crate::syntax::strict) fn arithmetic(&mut self, span: Span) -> Step<Arithmetic> {
        let parts: Vec<Part> = self
            .parts(span, Context::Quoted)?
            .into_iter()
            .filter(|part| !matches!(part.kind, PartKind::Literal(_)))
            .collect();
        let text = self.written(span);
        // Where bytes were replaced, the places of expansions are not those in the text.
        let same = text.len() == span.len() as usize;
        let expression = if same { expression::read(&text, span.start, &parts) } else { None };
        Ok(Arithmetic { span, text, parts, expression })
    }

    /// The three expressions of an arithmetic `for`.
    pub(in crate::syntax::strict) fn arithmetic_for(&mut self, span: Span) -> Step<[Option<Arithmetic>; 3]> {
        let mut cuts = vec![span.start];
        let mut at = span.start as usize;
        while at < span.end as usize {
            at = match self.byte(at) {
                b';' => {
                    cuts.push(at as u32 + 1);
                    at + 1
                }
                b'\\' => at + 2,
                b'\'' => self.lexer.single_quoted(at)?,
                b'"' => self.lexer.double_quoted(at)?,
                b'`' => self.lexer.backquoted(at)?,
                b'$' => self.lexer.dollar(at, false)?,
                _ => at + 1,
            };
        }
        let mut parts = [None, None, None];
        for (index, part) in parts.iter_mut().enumerate() {
            let Some(&start) = cuts.get(index) else { break };
            let end = if index < 2 { cuts.get(index + 1).map_or(span.end, |cut| cut - 1) } else { span.end };
            let inner = Span::new(start, end.max(start));
            if !self.masked[inner.range()].iter().all(u8::is_ascii_whitespace) {
                *part = Some(self.arithmetic(inner)?);
            }
        }
        Ok(parts)
    }
}
