//! The text that an inner shell reads, put together from words of the outer one.
//!
//! ```sh
//! ssh "$host" "cd $releases && rm -rf \"$old\""
//! ```
//! hands `cd … && rm -rf "…"` on. What the outer shell expands is a *hole* in it: it is left there as a plain variable,
//! so that the text reads as shell, and its place is remembered, so that nobody looks that variable up inside. Every
//! other byte is led back to where it stands in the script.

use crate::source::{FragmentBuilder, FragmentMap};
use crate::span::Span;
use crate::syntax::tree::{Heredoc, ParameterOperator, Part, PartKind, RedirectKind, Word};

/// A text for another shell.
pub struct InnerText {
    /// What that shell reads.
    pub text: Vec<u8>,
    /// Where its bytes stand in the script.
    pub map: FragmentMap,
    /// Where its holes are, in order.
    pub holes: Vec<Span>,
    /// What the outer shell expands for them.
    pub expansions: Vec<Part>,
}

/// What a stretch of literal text stands in, which decides what a backslash quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    None,
    Double,
    /// A heredoc's body; true where tabs in front of its lines are taken away.
    Heredoc(bool),
    /// Nothing is quoted; true where tabs are taken away.
    Verbatim(bool),
}

/// Stands for what is expanded, where that is no plain variable.
const PLACEHOLDER: &str = "$_";

/// The name of that variable.
pub const PLACEHOLDER_NAME: &str = "_";

/// The text of words, with blanks between them.
pub fn of_words(words: &[Word], source: &[u8]) -> Option<InnerText> {
    of_lines(words, b" ", source)
}

/// The text of words, with something between them.
pub fn of_lines(words: &[Word], between: &[u8], source: &[u8]) -> Option<InnerText> {
    let mut writer = Writer::new(source);
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            writer.between = Some(between);
        }
        writer.parts(&word.parts, Quoting::None)?;
    }
    writer.finish()
}

/// The text of a heredoc.
pub fn of_heredoc(heredoc: &Heredoc, kind: RedirectKind, source: &[u8]) -> Option<InnerText> {
    let tabs = matches!(kind, RedirectKind::Heredoc(true));
    let mut writer = Writer::new(source);
    writer.parts(&heredoc.parts, if heredoc.quoted { Quoting::Verbatim(tabs) } else { Quoting::Heredoc(tabs) })?;
    writer.finish()
}

/// Writes a text from left to right.
struct Writer<'s> {
    source: &'s [u8],
    builder: FragmentBuilder<'s>,
    /// Where the piece in front ends in the script.
    end: u32,
    /// What comes in front of the next piece.
    between: Option<&'s [u8]>,
    holes: Vec<Span>,
    expansions: Vec<Part>,
}

impl<'s> Writer<'s> {
    fn new(source: &'s [u8]) -> Self {
        Self {
            source,
            builder: FragmentBuilder::new(source),
            end: 0,
            between: None,
            holes: Vec::new(),
            expansions: Vec::new(),
        }
    }

    /// The text, unless nothing of it is known.
    fn finish(mut self) -> Option<InnerText> {
        let known = self.builder.len() > self.holes.iter().map(|hole| hole.len()).sum();
        let fragment = self.builder.finish();
        known.then_some(InnerText {
            text: fragment.text,
            map: fragment.map,
            holes: self.holes,
            expansions: self.expansions,
        })
    }

    fn copy(&mut self, span: Span) {
        self.builder.copy(span);
        self.end = span.end;
    }

    fn replace(&mut self, span: Span, text: &[u8]) {
        self.builder.replace(span, text);
        self.end = span.end;
    }

    fn parts(&mut self, parts: &[Part], quoting: Quoting) -> Option<()> {
        for part in parts {
            if let Some(between) = self.between.take() {
                self.replace(Span::new(self.end, part.span.start.max(self.end)), between);
            }
            match &part.kind {
                PartKind::Literal(text) => self.literal(part.span, quoting, text)?,
                PartKind::SingleQuoted(text) => {
                    let inner = Span::new(part.span.start + 1, part.span.end.checked_sub(1)?.max(part.span.start + 1));
                    self.literal(inner, Quoting::Verbatim(false), text)?;
                }
                PartKind::DoubleQuoted(inner) => self.parts(inner, Quoting::Double)?,
                PartKind::Glob(text) | PartKind::Brace(text) => {
                    self.literal(part.span, Quoting::Verbatim(false), text)?;
                }
                PartKind::Parameter(parameter) => {
                    let plain = matches!(parameter.operator, ParameterOperator::None) && parameter.subscript.is_none();
                    let written = self.source.get(part.span.range())?;
                    let name = parameter.name.as_bytes();
                    let is_name = written.strip_prefix(b"$").is_some_and(|rest| {
                        rest == name || rest.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")) == Some(name)
                    });
                    self.hole(part, plain && is_name);
                }
                PartKind::Command(_) | PartKind::Arithmetic(_) => self.hole(part, false),
                PartKind::Tilde(_) => self.copy(part.span),
                PartKind::AnsiQuoted(_) | PartKind::Process { .. } => return None,
            }
        }
        Some(())
    }

    fn hole(&mut self, part: &Part, as_written: bool) {
        let start = self.builder.len();
        if as_written {
            self.copy(part.span);
        } else {
            self.replace(part.span, PLACEHOLDER.as_bytes());
        }
        self.holes.push(Span::new(start, self.builder.len()));
        self.expansions.push(part.clone());
    }

    /// Adds what the outer shell makes of a literal; none where it comes to another text than it was read as.
    fn literal(&mut self, span: Span, quoting: Quoting, text: &str) -> Option<()> {
        let source = self.source.get(span.range())?;
        let (mut at, mut from) = (0, 0);
        let mut made = Vec::with_capacity(text.len());
        let strips = matches!(quoting, Quoting::Heredoc(true) | Quoting::Verbatim(true));
        let is_line =
            |at: usize| span.start as usize + at == 0 || self.source.get(span.start as usize + at - 1) == Some(&b'\n');
        let mut kept: Vec<Span> = Vec::new();
        while at < source.len() {
            let next = source.get(at + 1).copied();
            let dropped = match (source[at], quoting) {
                (b'\\', Quoting::None) => 1 + usize::from(next == Some(b'\n')),
                (b'\\', Quoting::Double | Quoting::Heredoc(_)) => match next {
                    Some(b'\n') => 2,
                    Some(b'$' | b'`' | b'\\') => 1,
                    Some(b'"') if quoting == Quoting::Double => 1,
                    _ => 0,
                },
                (b'\t', _) if strips && (is_line(at) || at > 0 && from == at) => 1,
                _ => 0,
            };
            if dropped > 0 {
                kept.push(Span::new(from as u32, at as u32));
                made.extend_from_slice(&source[from..at]);
                at = (at + dropped).min(source.len());
                from = at;
                // What a backslash quotes is kept, whatever it is.
                if dropped == 1 && source[at - 1] == b'\\' && at < source.len() {
                    at += 1;
                }
            } else {
                at += 1;
            }
        }
        kept.push(Span::new(from as u32, source.len() as u32));
        made.extend_from_slice(&source[from..]);
        if String::from_utf8_lossy(&made) != text {
            return None;
        }
        for piece in kept.into_iter().filter(|piece| !piece.is_empty()) {
            self.copy(Span::new(span.start + piece.start, span.start + piece.end));
        }
        Some(())
    }
}
