//! From the bytes of a word token to its parts.
//!
//! Where quotes, expansions and substitutions end is the lexer's knowledge; literal text is always decoded from the
//! original bytes. It knows nothing of how commands nest, save that a substitution holds some.

mod arithmetic;
mod assignment;
pub(in crate::syntax::strict) mod expression;
mod glob;
mod literal;
mod parameter;
mod redirect;
mod substitution;
mod test;

use self::literal::Quoting;
use super::lexer::{Refusal, Step};
use super::{Reading, room_for_one};
use crate::span::Span;
use crate::syntax::tree::{Part, PartKind, UnreadReason, Word};

/// What a stretch of word stands in: it decides which characters are special.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// A word of its own.
    Word,
    /// The value of an assignment.
    Value,
    /// A subscript, a pattern, or an operand inside an unquoted `${…}`.
    Operand,
    /// Double quotes.
    Quoted,
    /// An operand inside a quoted `${…}`: double quotes may stand in it all the same.
    QuotedOperand,
    /// A heredoc's body; true where leading tabs are stripped.
    Heredoc(bool),
    /// The right side of `=~`.
    Regular,
}

impl Context {
    fn quoting(self) -> Quoting {
        match self {
            Self::Word | Self::Value | Self::Operand => Quoting::None,
            Self::Quoted | Self::QuotedOperand => Quoting::Double,
            Self::Heredoc(tabs) => Quoting::Heredoc(tabs),
            Self::Regular => Quoting::AsWritten,
        }
    }

    /// Whether `'` and `"` are quotes and globs are globs.
    fn is_bare(self) -> bool {
        matches!(self, Self::Word | Self::Value | Self::Operand | Self::Regular)
    }
}

impl Reading<'_> {
    /// The word at `span`.
    pub(super) fn word(&mut self, span: Span) -> Step<Word> {
        Ok(Word { span, parts: self.parts(span, Context::Word)? })
    }

    /// The text at `span` as written.
    pub(super) fn written(&self, span: Span) -> Box<str> {
        literal::lossy(&self.original[span.range()])
    }

    fn byte(&self, at: usize) -> u8 {
        self.masked.get(at).copied().unwrap_or(0)
    }

    /// The parts of the stretch at `span`.
    pub(super) fn parts(&mut self, span: Span, context: Context) -> Step<Vec<Part>> {
        let (start, end) = (span.start as usize, span.end as usize);
        let mut parts = Vec::new();
        let mut literal = start;
        let mut at = start;
        if context.is_bare()
            && context != Context::Regular
            && let Some(tilde) = self.tilde(start, end)
        {
            let name = self.written(Span::new(start as u32 + 1, tilde as u32));
            parts.push(Part { span: Span::new(start as u32, tilde as u32), kind: PartKind::Tilde(name) });
            at = tilde;
            literal = tilde;
        }
        while at < end {
            let found = match self.byte(at) {
                b'\\' => {
                    at += 2;
                    continue;
                }
                b'\'' if context.is_bare() => {
                    let close = self.lexer.single_quoted(at)?;
                    let text = self.written(Span::new(at as u32 + 1, close as u32 - 1));
                    Some((PartKind::SingleQuoted(text), close))
                }
                b'"' if context.is_bare() || context == Context::QuotedOperand => {
                    let close = self.lexer.double_quoted(at)?;
                    let inner = Span::new(at as u32 + 1, close as u32 - 1);
                    Some((PartKind::DoubleQuoted(self.parts(inner, Context::Quoted)?), close))
                }
                b'`' => Some(self.backquotes(at, context)?),
                b'$' => self.expansion(at, end, context)?,
                b'<' | b'>' if matches!(context, Context::Word | Context::Value) && self.byte(at + 1) == b'(' => {
                    Some(self.process(at)?)
                }
                b'*' | b'?' | b'[' | b'@' | b'!' | b'+' if context.is_bare() && context != Context::Regular => {
                    self.glob(at, end)
                }
                b'{' if context == Context::Word => self.brace(at, end),
                _ => None,
            };
            let Some((kind, close)) = found else {
                at += 1;
                continue;
            };
            if close > end {
                // The lexer looks for the end in the whole text; a heredoc's body ends before.
                return Err(Refusal { at, reason: UnreadReason::Malformed });
            }
            self.flush(&mut parts, literal, at, context);
            room_for_one(&mut parts);
            parts.push(Part { span: Span::new(at as u32, close as u32), kind });
            at = close;
            literal = close;
        }
        self.flush(&mut parts, literal, end, context);
        Ok(parts)
    }

    /// Adds the literal between `from` and `to`.
    fn flush(&self, parts: &mut Vec<Part>, from: usize, to: usize, context: Context) {
        if from < to {
            let text = literal::decode(&self.original[from..to], context.quoting());
            room_for_one(parts);
            parts.push(Part { span: Span::new(from as u32, to as u32), kind: PartKind::Literal(text) });
        }
    }

    /// What starts at the `$` at `at`; none where it stands for itself.
    fn expansion(&mut self, at: usize, end: usize, context: Context) -> Step<Option<(PartKind, usize)>> {
        let bare = context.is_bare();
        let close = self.lexer.dollar(at, !bare)?;
        if close > end || close == at + 1 {
            return Ok(None);
        }
        let span = Span::new(at as u32, close as u32);
        let kind = match self.byte(at + 1) {
            b'\'' => {
                let inner = &self.original[at + 2..close - 1];
                PartKind::AnsiQuoted(literal::ansi(inner))
            }
            b'"' => {
                let inner = Span::new(at as u32 + 2, close as u32 - 1);
                PartKind::DoubleQuoted(self.parts(inner, Context::Quoted)?)
            }
            b'(' if self.byte(at + 2) == b'(' && self.lexer.double_parentheses(at + 3)? == Some(close) => {
                let inner = Span::new(at as u32 + 3, close as u32 - 2);
                PartKind::Arithmetic(Box::new(self.arithmetic(inner)?))
            }
            b'[' => {
                let inner = Span::new(at as u32 + 2, close as u32 - 1);
                PartKind::Arithmetic(Box::new(self.arithmetic(inner)?))
            }
            b'(' => self.substitution(at, close)?,
            _ => PartKind::Parameter(Box::new(self.parameter(span, context)?)),
        };
        Ok(Some((kind, close)))
    }
}
