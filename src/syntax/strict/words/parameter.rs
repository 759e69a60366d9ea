//! `$x` and `${…}`.

use super::{Context, literal};
use crate::span::Span;
use crate::syntax::strict::Reading;
use crate::syntax::strict::lexer::Step;
use crate::syntax::tree::{Parameter, ParameterOperator, Word};

impl Reading<'_> {
    /// The parameter at `span`, in `context`.
    pub(super) fn parameter(&mut self, span: Span, context: Context) -> Step<Parameter> {
        if self.byte(span.start as usize + 1) != b'{' {
            let name_span = Span::new(span.start + 1, span.end);
            let name = self.written(name_span);
            return Ok(Parameter { name, name_span, subscript: None, operator: ParameterOperator::None });
        }
        let (start, end) = (span.start as usize + 2, span.end as usize - 1);
        let indirect = self.byte(start) == b'!' && self.is_name_start(start + 1, end);
        let length = self.byte(start) == b'#' && self.is_length(start + 1, end);
        let name_start = if indirect || length { start + 1 } else { start };
        let name_end = self.parameter_name(name_start, end);
        let name_span = Span::new(name_start as u32, name_end as u32);
        let name = self.written(name_span);
        let mut at = name_end;
        let mut subscript = None;
        if self.byte(at) == b'['
            && let Some(close) = self.lexer.subscript(at)
            && close <= end
        {
            let inner = Span::new(at as u32 + 1, close as u32 - 1);
            subscript = Some(Word { span: inner, parts: self.parts(inner, Context::Operand)? });
            at = close;
        }
        let operator = if length && at == end {
            ParameterOperator::Length
        } else if indirect {
            let rest = &self.masked[at..end];
            let all = subscript
                .as_ref()
                .is_some_and(|word| self.masked[word.span.range()] == *b"@" || self.masked[word.span.range()] == *b"*");
            if rest == b"*" || rest == b"@" || (all && rest.is_empty()) {
                ParameterOperator::Names
            } else {
                ParameterOperator::Indirect
            }
        } else {
            self.parameter_operator(Span::new(at as u32, end as u32), context)?
        };
        Ok(Parameter { name, name_span, subscript, operator })
    }

    fn is_name_start(&self, at: usize, end: usize) -> bool {
        at < end && (self.byte(at).is_ascii_alphanumeric() || matches!(self.byte(at), b'_' | b'#' | b'@' | b'*'))
    }

    /// Whether the `#` before `at` asks for a length: a parameter and nothing more follows.
    fn is_length(&self, at: usize, end: usize) -> bool {
        let name = self.parameter_name(at, end);
        name > at && (name == end || self.byte(name) == b'[')
    }

    /// The end of the parameter's name at `at`.
    fn parameter_name(&self, at: usize, end: usize) -> usize {
        if let Some(name) = self.lexer.name(at) {
            return name.min(end);
        }
        let digits = self.masked[at.min(end)..end].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            return at + digits;
        }
        if at < end && matches!(self.byte(at), b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') { at + 1 } else { at }
    }

    fn operand(&mut self, start: u32, end: u32, context: Context) -> Step<Word> {
        let span = Span::new(start, end);
        Ok(Word { span, parts: self.parts(span, context)? })
    }

    fn parameter_operator(&mut self, span: Span, context: Context) -> Step<ParameterOperator> {
        use ParameterOperator as Operator;
        let (start, end) = (span.start, span.end);
        let at = start as usize;
        if span.is_empty() {
            return Ok(Operator::None);
        }
        let colon = self.byte(at) == b':' && matches!(self.byte(at + 1), b'-' | b'=' | b'?' | b'+') && start + 1 < end;
        let from = start + u32::from(colon);
        // Inside an unquoted `${…}` the operand is split and globbed like a word, save for braces and tildes.
        let inner = if context.is_bare() { Context::Operand } else { Context::QuotedOperand };
        let first = self.byte(from as usize);
        let doubled = self.byte(from as usize + 1) == first && from + 1 < end;
        let operator = match first {
            b'-' => Operator::Default { colon, word: self.operand(from + 1, end, inner)? },
            b'=' => Operator::Assign { colon, word: self.operand(from + 1, end, inner)? },
            b'?' => Operator::Require { colon, word: self.operand(from + 1, end, inner)? },
            b'+' => Operator::Alternative { colon, word: self.operand(from + 1, end, inner)? },
            b'#' | b'%' => {
                let pattern = self.operand(start + 1 + u32::from(doubled), end, Context::Operand)?;
                Operator::Trim { suffix: first == b'%', longest: doubled, pattern }
            }
            b'/' => {
                let pattern = start + 1 + u32::from(doubled);
                let slash = self.find(pattern, end, b'/')?;
                let cut = slash.unwrap_or(end);
                let pattern = self.operand(pattern, cut, Context::Operand)?;
                let replacement = self.operand((cut + 1).min(end), end, inner)?;
                Operator::Replace { all: doubled, pattern, replacement }
            }
            b':' => {
                let cut = self.find(start + 1, end, b':')?.unwrap_or(end);
                let offset = self.arithmetic(Span::new(start + 1, cut))?;
                let length = if cut < end { Some(self.arithmetic(Span::new(cut + 1, end))?) } else { None };
                Operator::Slice { offset: Box::new(offset), length: length.map(Box::new) }
            }
            b'^' | b',' => Operator::Case(self.written(span)),
            b'@' if span.len() == 2 => Operator::Transform(char::from(self.byte(at + 1))),
            _ => Operator::Other(literal::lossy(&self.original[span.range()])),
        };
        Ok(operator)
    }

    /// The first `wanted` between `start` and `end` outside quotes, expansions and parentheses.
    fn find(&mut self, start: u32, end: u32, wanted: u8) -> Step<Option<u32>> {
        let mut at = start as usize;
        let mut depth = 0_usize;
        // The colon of `c ? a : b` is none of the slice's.
        let mut choices = 0_usize;
        while at < end as usize {
            at = match self.byte(at) {
                byte if byte == wanted && depth == 0 && choices == 0 && at > start as usize => {
                    return Ok(Some(at as u32));
                }
                b':' if wanted == b':' && choices > 0 => {
                    choices -= 1;
                    at + 1
                }
                b'?' if wanted == b':' => {
                    choices += 1;
                    at + 1
                }
                b'(' if wanted == b':' => {
                    depth += 1;
                    at + 1
                }
                b')' if wanted == b':' => {
                    depth = depth.saturating_sub(1);
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
        Ok(None)
    }
}
