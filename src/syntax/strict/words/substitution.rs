//! Command and process substitutions: texts of their own inside a word.

use super::Context;
use crate::span::Span;
use crate::syntax::remap::{Map, remap_list};
use crate::syntax::strict::lexer::{DEPTH, Lexed, Refusal, Step};
use crate::syntax::strict::{Reading, read_nested};
use crate::syntax::tree::{CommandSubstitution, List, PartKind, SubstitutionStyle, Unread, UnreadReason};

impl Reading<'_> {
    /// The `$( … )` at `at`, which ends at `close`.
    pub(super) fn substitution(&mut self, at: usize, close: usize) -> Step<PartKind> {
        let lexed = self.lexer.substitution(at + 2)?;
        let body = self.body(&lexed, Span::new(at as u32 + 2, close as u32 - 1));
        Ok(PartKind::Command(Box::new(CommandSubstitution { style: SubstitutionStyle::Dollar, body })))
    }

    /// The `<( … )` or `>( … )` at `at`, and its end.
    pub(super) fn process(&mut self, at: usize) -> Step<(PartKind, usize)> {
        let close = self.lexer.substitution_end(at + 2)?;
        let lexed = self.lexer.substitution(at + 2)?;
        let body = self.body(&lexed, Span::new(at as u32 + 2, close as u32 - 1));
        Ok((PartKind::Process { output: self.byte(at) == b'>', body: Box::new(body) }, close))
    }

    /// The commands of a substitution; one unread region where they are none.
    fn body(&mut self, lexed: &Lexed, inner: Span) -> List {
        self.depth += 1;
        let body = match self.list(lexed) {
            Ok(body) => body,
            Err(refusal) => self.unread_list(inner, refusal.reason),
        };
        self.depth -= 1;
        body
    }

    /// The backquotes at `at`, and their end.
    ///
    /// The shell takes a level of backslashes away before it reads the command, so that text is read, and its spans
    /// are led back to the bytes they came from.
    pub(super) fn backquotes(&mut self, at: usize, context: Context) -> Step<(PartKind, usize)> {
        let close = self.lexer.backquoted(at)?;
        let inner = Span::new(at as u32 + 1, close as u32 - 1);
        let unescaped = Unescaped::new(
            self.original,
            self.masked,
            inner,
            matches!(context, Context::Quoted | Context::QuotedOperand),
        );
        let outcome = if self.depth >= DEPTH {
            Err(Refusal { at, reason: UnreadReason::TooDeep })
        } else {
            read_nested(&unescaped.original, &unescaped.masked, self.depth + 1)
        };
        let body = match outcome {
            Ok(mut script) => {
                remap_list(&mut script.body, Map::whole(&|offset| unescaped.host(offset)));
                let lead = |span: Span| Span::new(unescaped.host(span.start), unescaped.host(span.end));
                self.comments.extend(script.comments.into_iter().map(lead));
                self.unread.extend(
                    script.unread.into_iter().map(|region| Unread { span: lead(region.span), reason: region.reason }),
                );
                script.body
            }
            Err(refusal) => self.unread_list(inner, refusal.reason),
        };
        let substitution = CommandSubstitution { style: SubstitutionStyle::Backquote, body };
        Ok((PartKind::Command(Box::new(substitution)), close))
    }
}

/// A backquoted command as the shell reads it.
struct Unescaped {
    original: Vec<u8>,
    masked: Vec<u8>,
    /// Where each byte stands in the host, its backslash included; one more for the end.
    hosts: Vec<u32>,
}

impl Unescaped {
    fn new(original: &[u8], masked: &[u8], inner: Span, quoted: bool) -> Self {
        let length = inner.len() as usize;
        let mut unescaped = Self {
            original: Vec::with_capacity(length),
            masked: Vec::with_capacity(length),
            hosts: Vec::with_capacity(length + 1),
        };
        let mut at = inner.start as usize;
        let end = inner.end as usize;
        while at < end {
            unescaped.hosts.push(at as u32);
            let escapes = masked[at] == b'\\'
                && at + 1 < end
                && (matches!(masked[at + 1], b'$' | b'`' | b'\\') || (quoted && masked[at + 1] == b'"'));
            at += usize::from(escapes);
            unescaped.original.push(original[at]);
            unescaped.masked.push(masked[at]);
            at += 1;
        }
        unescaped.hosts.push(inner.end);
        unescaped
    }

    fn host(&self, offset: u32) -> u32 {
        let last = self.hosts.len() - 1;
        self.hosts[(offset as usize).min(last)]
    }
}
