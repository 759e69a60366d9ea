//! Globs, braces and tildes: unquoted characters that stand for other text.

use crate::span::Span;
use crate::syntax::strict::Reading;
use crate::syntax::tree::PartKind;

/// How long a bracket expression may be, and how deep braces may nest: without an end in sight, searching for one
/// from every opening bracket would take quadratic time.
const BRACKET_LENGTH: usize = 256;
const BRACE_DEPTH: usize = 16;

/// Bytes that make a stretch more than plain text: it is then read part by part.
const SPECIAL: &[u8] = b"$`'\"\\";

impl Reading<'_> {
    /// The end of the `~` or `~user` at `start`.
    pub(super) fn tilde(&self, start: usize, end: usize) -> Option<usize> {
        if start >= end || self.byte(start) != b'~' {
            return None;
        }
        let name = self.masked[start + 1..end]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'-' | b'.' | b'+'))
            .count();
        let stop = start + 1 + name;
        (stop == end || matches!(self.byte(stop), b'/' | b':')).then_some(stop)
    }

    /// The glob at `at`.
    pub(super) fn glob(&self, at: usize, end: usize) -> Option<(PartKind, usize)> {
        let close = match self.byte(at) {
            b'*' | b'?' | b'@' | b'!' | b'+' if self.byte(at + 1) == b'(' && at + 1 < end => {
                self.group_end(at + 2, end)?
            }
            b'*' | b'?' => at + 1,
            b'[' => self.bracket_end(at, end)?,
            _ => return None,
        };
        let written = self.written(Span::new(at as u32, close as u32));
        Some((PartKind::Glob(written), close))
    }

    /// Past the `)` of an extended glob of plain text.
    fn group_end(&self, mut at: usize, end: usize) -> Option<usize> {
        let mut depth = 0_usize;
        while at < end {
            match self.byte(at) {
                b'(' => depth += 1,
                b')' if depth == 0 => return Some(at + 1),
                b')' => depth -= 1,
                byte if SPECIAL.contains(&byte) => return None,
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Past the `]` of a bracket expression of plain text.
    fn bracket_end(&self, at: usize, end: usize) -> Option<usize> {
        let end = end.min(at + BRACKET_LENGTH);
        let mut stop = at + 1;
        if matches!(self.byte(stop), b'!' | b'^') {
            stop += 1;
        }
        // A `]` that comes first stands for itself.
        if self.byte(stop) == b']' {
            stop += 1;
        }
        while stop < end {
            match self.byte(stop) {
                b'[' if matches!(self.byte(stop + 1), b':' | b'.' | b'=') => {
                    let kind = self.byte(stop + 1);
                    let rest = self.masked.get(stop + 2..end)?;
                    let length = rest.windows(2).position(|pair| pair == [kind, b']'])?;
                    stop += length + 4;
                }
                b']' => return Some(stop + 1),
                b'/' => return None,
                byte if SPECIAL.contains(&byte) => return None,
                _ => stop += 1,
            }
        }
        None
    }

    /// The brace expansion of plain text at `at`.
    pub(super) fn brace(&self, at: usize, end: usize) -> Option<(PartKind, usize)> {
        let mut depth = 0_usize;
        let mut expands = false;
        let mut stop = at;
        while stop < end {
            match self.byte(stop) {
                b'{' if depth == BRACE_DEPTH => return None,
                b'{' => depth += 1,
                b'}' if depth == 1 => {
                    let written = self.written(Span::new(at as u32, stop as u32 + 1));
                    return expands.then_some((PartKind::Brace(written), stop + 1));
                }
                b'}' => depth -= 1,
                b',' => expands |= depth == 1,
                b'.' if depth == 1 && self.byte(stop + 1) == b'.' => expands = true,
                byte if SPECIAL.contains(&byte) || byte == b'*' || byte == b'?' || byte == b'[' => return None,
                _ => {}
            }
            stop += 1;
        }
        None
    }
}
