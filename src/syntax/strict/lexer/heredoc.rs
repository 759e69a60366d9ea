//! Heredoc bodies: they start at the line end after the operator and end at the line that is the delimiter.

use super::{HeredocToken, Lexer, RedirectToken, Step, Token, TokenKind};
use crate::span::Span;
use crate::syntax::tree::RedirectKind;

/// A heredoc whose body is yet to come.
pub(super) struct Pending {
    /// The index of its token.
    token: usize,
    /// The line that ends it, quotes removed.
    delimiter: Vec<u8>,
    /// Some of the delimiter was quoted.
    quoted: bool,
    /// Leading tabs do not count.
    tabs: bool,
}

impl Lexer<'_> {
    /// What ends the heredoc of `redirect`, which will be token `token`.
    pub(super) fn pending(&self, redirect: &RedirectToken, token: usize) -> Pending {
        let (delimiter, quoted) = unquote(&self.text[redirect.target.range()]);
        Pending { token, delimiter, quoted, tabs: redirect.kind == RedirectKind::Heredoc(true) }
    }

    /// Reads the bodies of `pending` from the line start `at`; says where the text goes on.
    ///
    /// A body that nothing ends reaches to the end of the text, as in every shell, but not out of a substitution.
    pub(super) fn heredoc_bodies(
        &mut self,
        mut at: usize,
        pending: &mut Vec<Pending>,
        tokens: &mut [Token],
        nested: bool,
    ) -> Step<usize> {
        for heredoc in pending.drain(..) {
            let start = at.min(self.text.len());
            let mut joined = false;
            let (end, next) = loop {
                if at >= self.text.len() {
                    if nested {
                        return Self::malformed(start);
                    }
                    break (self.text.len(), self.text.len());
                }
                let rest = &self.text[at..];
                let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                if !joined && self.is_delimiter(at, at + length, &heredoc) {
                    break (at, at + length + 1);
                }
                let slashes = rest[..length].iter().rev().take_while(|&&byte| byte == b'\\').count();
                joined = !heredoc.quoted && slashes % 2 == 1;
                at += length + 1;
            };
            at = next.min(self.text.len());
            let body = Span::new(start as u32, end as u32);
            if let Some(Token { kind: TokenKind::Redirect(redirect), .. }) = tokens.get_mut(heredoc.token) {
                redirect.heredoc = Some(HeredocToken { body, end: at as u32, quoted: heredoc.quoted });
            }
        }
        Ok(at)
    }

    fn is_delimiter(&self, start: usize, end: usize, heredoc: &Pending) -> bool {
        let mut line = &self.text[start..end];
        if self.original.get(end.wrapping_sub(1)) == Some(&b'\r') {
            line = &line[..line.len().saturating_sub(1)];
        }
        if heredoc.tabs {
            let tabs = line.iter().take_while(|&&byte| byte == b'\t').count();
            line = &line[tabs..];
        }
        line == heredoc.delimiter
    }
}

/// A delimiter word without its quotes, and whether it had any.
fn unquote(word: &[u8]) -> (Vec<u8>, bool) {
    let mut text = Vec::with_capacity(word.len());
    let mut quoted = false;
    let mut within = None;
    let mut bytes = word.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, within) {
            (b'\'' | b'"', None) => {
                quoted = true;
                within = Some(byte);
            }
            (quote, Some(open)) if quote == open => within = None,
            (b'\\', None | Some(b'"')) => {
                quoted |= within.is_none();
                match bytes.next() {
                    Some(b'\n') | None => {}
                    Some(next) => {
                        if within.is_some() && !matches!(next, b'"' | b'\\' | b'$' | b'`') {
                            text.push(b'\\');
                        }
                        text.push(next);
                    }
                }
            }
            (b'$', None) if matches!(bytes.peek(), Some(b'\'' | b'"')) => {}
            (other, _) => text.push(other),
        }
    }
    (text, quoted)
}
