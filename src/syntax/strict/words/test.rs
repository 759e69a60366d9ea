//! `[[ … ]]`: the expression between the brackets.

use super::Context;
use crate::span::Span;
use crate::syntax::strict::Reading;
use crate::syntax::strict::lexer::{DEPTH, Refusal, Step};
use crate::syntax::tree::{TestExpression, TestKind, UnreadReason, Word};

impl Reading<'_> {
    /// The test at `span`, brackets excluded.
    pub(in crate::syntax::strict) fn test(&mut self, span: Span) -> Step<Option<TestExpression>> {
        let mut reader = Reader { reading: self, at: span.start as usize, end: span.end as usize, depth: 0 };
        let expression = reader.or()?;
        reader.skip();
        if reader.at < reader.end {
            return reader.refuse();
        }
        Ok(Some(expression))
    }
}

struct Reader<'r, 'a> {
    reading: &'r mut Reading<'a>,
    at: usize,
    end: usize,
    depth: usize,
}

impl Reader<'_, '_> {
    fn refuse<T>(&self) -> Step<T> {
        Err(Refusal { at: self.at, reason: UnreadReason::Unaccounted })
    }

    fn skip(&mut self) {
        self.at = self.reading.lexer.skip_lines(self.at).min(self.end);
    }

    fn take(&mut self, operator: &[u8]) -> bool {
        self.skip();
        let found = self.reading.masked[self.at..self.end].starts_with(operator);
        if found {
            self.at += operator.len();
        }
        found
    }

    fn or(&mut self) -> Step<TestExpression> {
        let mut left = self.and()?;
        let mut links = 0;
        while self.take(b"||") {
            links += 1;
            if links > DEPTH {
                return Err(Refusal { at: self.at, reason: UnreadReason::TooDeep });
            }
            let right = self.and()?;
            left =
                TestExpression { span: left.span.to(right.span), kind: TestKind::Or(Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn and(&mut self) -> Step<TestExpression> {
        let mut left = self.not()?;
        let mut links = 0;
        while self.take(b"&&") {
            links += 1;
            if links > DEPTH {
                return Err(Refusal { at: self.at, reason: UnreadReason::TooDeep });
            }
            let right = self.not()?;
            left =
                TestExpression { span: left.span.to(right.span), kind: TestKind::And(Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn not(&mut self) -> Step<TestExpression> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Refusal { at: self.at, reason: UnreadReason::TooDeep });
        }
        let expression = self.not_within();
        self.depth -= 1;
        expression
    }

    fn not_within(&mut self) -> Step<TestExpression> {
        self.skip();
        let start = self.at as u32;
        if self.reading.byte(self.at) == b'!' && self.word_text_is(b"!") {
            self.at += 1;
            let inner = self.not()?;
            let span = Span::new(start, inner.span.end);
            return Ok(TestExpression { span, kind: TestKind::Not(Box::new(inner)) });
        }
        if self.take(b"(") {
            let inner = self.or()?;
            if !self.take(b")") {
                return self.refuse();
            }
            return Ok(TestExpression { span: Span::new(start, self.at as u32), kind: inner.kind });
        }
        self.primary()
    }

    fn word_text_is(&self, text: &[u8]) -> bool {
        let rest = &self.reading.masked[self.at..self.end];
        rest.starts_with(text) && rest.get(text.len()).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'(')
    }

    fn primary(&mut self) -> Step<TestExpression> {
        let first = self.word_span(false)?;
        let written = self.reading.written(first);
        self.skip();
        if is_unary(&written) && !self.ends() && !self.at_binary() {
            let operand = self.word_span(false)?;
            let operand = self.reading.word(operand)?;
            let span = first.to(operand.span);
            return Ok(TestExpression { span, kind: TestKind::Unary(written, operand) });
        }
        let left = self.reading.word(first)?;
        if self.ends() {
            return Ok(TestExpression { span: first, kind: TestKind::Word(left) });
        }
        let operator = if matches!(self.reading.byte(self.at), b'<' | b'>') {
            let span = Span::new(self.at as u32, self.at as u32 + 1);
            self.at += 1;
            span
        } else {
            self.word_span(false)?
        };
        let operator = self.reading.written(operator);
        self.skip();
        let regular = &*operator == "=~";
        let right = self.word_span(regular)?;
        let context = if regular { Context::Regular } else { Context::Word };
        let right = Word { span: right, parts: self.reading.parts(right, context)? };
        let span = first.to(right.span);
        Ok(TestExpression { span, kind: TestKind::Binary(left, operator, right) })
    }

    /// Whether no further word of this primary can follow.
    fn ends(&self) -> bool {
        let rest = &self.reading.masked[self.at..self.end];
        rest.is_empty() || rest.starts_with(b"&&") || rest.starts_with(b"||") || rest.starts_with(b")")
    }

    /// Whether a binary operator stands here, so that what came before is its left side even if it looks like `-f`.
    fn at_binary(&self) -> bool {
        [&b"=="[..], b"!=", b"=~", b"="].iter().any(|operator| {
            let rest = &self.reading.masked[self.at..self.end];
            rest.starts_with(operator) && rest.get(operator.len()).is_some_and(u8::is_ascii_whitespace)
        })
    }

    fn word_span(&mut self, regular: bool) -> Step<Span> {
        self.skip();
        let start = self.at;
        let lexer = &mut self.reading.lexer;
        let end = if regular { lexer.regular_expression(start)? } else { lexer.test_word(start)? };
        if end == start || end > self.end {
            return self.refuse();
        }
        self.at = end;
        Ok(Span::new(start as u32, end as u32))
    }
}

fn is_unary(word: &str) -> bool {
    matches!(word.as_bytes(), [b'-', letter] if b"abcdefghknoprstuvwxzGLNOSR".contains(letter))
}
