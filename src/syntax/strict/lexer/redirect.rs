//! Redirections: descriptor, operator, target.

use super::{HeredocToken, Lexer, RedirectToken, Step};
use crate::span::Span;
use crate::syntax::tree::RedirectKind;

impl Lexer<'_> {
    /// The redirection that starts at `at`, and where it ends; none where none does.
    pub(super) fn redirect(&mut self, at: usize) -> Step<Option<(RedirectToken, usize)>> {
        let digits = self.text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut operator = at + digits;
        if digits == 0 && self.peek(at) == b'{' {
            let name =
                self.text[at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            let after = at + 1 + name;
            if name > 0 && self.peek(after) == b'}' && matches!(self.peek(after + 1), b'<' | b'>') {
                operator = after + 1;
            }
        }
        let Some((kind, length)) = self.redirect_operator(operator, operator > at) else { return Ok(None) };
        let start = self.skip_blanks(operator + length);
        let end = self.word(start)?;
        if end == start {
            return Self::malformed(start);
        }
        let descriptor =
            std::str::from_utf8(&self.text[at..at + digits]).ok().and_then(|written| written.parse::<u32>().ok());
        let target = Span::new(start as u32, end as u32);
        let kind = match kind {
            RedirectKind::DuplicateOutput if descriptor.is_none() && names_a_file(&self.text[start..end]) => {
                RedirectKind::Both
            }
            other => other,
        };
        let heredoc = matches!(kind, RedirectKind::Heredoc(_)).then(|| HeredocToken {
            body: Span::at(end as u32),
            end: end as u32,
            quoted: false,
        });
        Ok(Some((RedirectToken { descriptor, kind, target, heredoc }, end)))
    }

    fn redirect_operator(&self, at: usize, described: bool) -> Option<(RedirectKind, usize)> {
        use RedirectKind as Kind;
        let found = match (self.peek(at), self.peek(at + 1), self.peek(at + 2)) {
            (b'&', b'>', b'>') if !described => (Kind::BothAppend, 3),
            (b'&', b'>', _) if !described => (Kind::Both, 2),
            (b'<', b'<', b'<') => (Kind::HereString, 3),
            (b'<', b'<', b'-') => (Kind::Heredoc(true), 3),
            (b'<', b'<', _) => (Kind::Heredoc(false), 2),
            (b'<', b'&', _) => (Kind::DuplicateInput, 2),
            (b'<', b'>', _) => (Kind::ReadWrite, 2),
            (b'>', b'>', _) => (Kind::Append, 2),
            (b'>', b'|', _) => (Kind::Clobber, 2),
            (b'>', b'&', _) => (Kind::DuplicateOutput, 2),
            // `<(` and `>(` are words.
            (b'<' | b'>', b'(', _) => return None,
            (b'<', _, _) => (Kind::Input, 1),
            (b'>', _, _) => (Kind::Output, 1),
            _ => return None,
        };
        Some(found)
    }
}

/// Whether the target of a `>&` without descriptor is a file: neither digits nor `-` nor one expansion, which
/// nearly always holds a descriptor.
fn names_a_file(target: &[u8]) -> bool {
    let bare: Vec<u8> = target.iter().copied().filter(|byte| *byte != b'"').collect();
    let descriptor = bare.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    let expansion = bare.first() == Some(&b'$') && !bare.iter().any(|byte| matches!(byte, b'/' | b'.' | b' '));
    !descriptor && !expansion
}
