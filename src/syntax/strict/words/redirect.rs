//! Redirections and heredoc bodies.

use super::Context;
use crate::span::Span;
use crate::syntax::strict::Reading;
use crate::syntax::strict::lexer::{RedirectToken, Step};
use crate::syntax::strict::words::literal::{Quoting, decode};
use crate::syntax::tree::{Heredoc, Part, PartKind, Redirect, RedirectKind, Unread};

impl Reading<'_> {
    /// The redirection of `token`, which stands at `span`.
    pub(in crate::syntax::strict) fn redirect(&mut self, span: Span, token: &RedirectToken) -> Step<Redirect> {
        let target = self.word(token.target)?;
        let heredoc = match token.heredoc {
            Some(heredoc) => {
                let tabs = token.kind == RedirectKind::Heredoc(true);
                let parts = if heredoc.quoted {
                    self.literal_body(heredoc.body, tabs)
                } else {
                    // The shell finds out only when it expands the body, so the command around it stands.
                    self.parts(heredoc.body, Context::Heredoc(tabs)).unwrap_or_else(|refusal| {
                        self.unread.push(Unread { span: heredoc.body, reason: refusal.reason });
                        self.literal_body(heredoc.body, tabs)
                    })
                };
                Some(Heredoc { body: heredoc.body, quoted: heredoc.quoted, parts })
            }
            None => None,
        };
        Ok(Redirect { span, descriptor: token.descriptor, kind: token.kind, target, heredoc })
    }

    fn literal_body(&self, body: Span, tabs: bool) -> Vec<Part> {
        if body.is_empty() {
            return Vec::new();
        }
        let bytes = &self.original[body.range()];
        let text = if tabs {
            let lines = bytes.split_inclusive(|&byte| byte == b'\n');
            let stripped: Vec<u8> =
                lines.flat_map(|line| line.iter().copied().skip_while(|&byte| byte == b'\t')).collect();
            decode(&stripped, Quoting::AsWritten)
        } else {
            decode(bytes, Quoting::AsWritten)
        };
        vec![Part { span: body, kind: PartKind::Literal(text) }]
    }
}
