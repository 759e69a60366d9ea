//! Where a word ends, and what it is made of on the way: assignments, arrays, extended globs, `[[ … ]]`.

use super::{Lexer, Step};

impl Lexer<'_> {
    /// The end of the word at `at`; `at` itself where no word starts. A trailing continuation is not part of it.
    pub(in crate::syntax::strict) fn word(&mut self, at: usize) -> Step<usize> {
        if let Some(value) = self.assignment_operator(at) {
            let open = self.skip_continuations(value);
            if self.peek(open) == b'(' {
                return self.deeper(open, |lexer| lexer.array(open + 1));
            }
            // What `a[i + 1]=` holds must not end the word.
            return self.word_tail(value, at);
        }
        self.word_tail(at, at)
    }

    /// Past continuations.
    pub(in crate::syntax::strict) fn skip_continuations(&self, mut at: usize) -> usize {
        while self.starts_with(at, b"\\\n") {
            at += 2;
        }
        at
    }

    /// The end of the word at `at` inside `[[ … ]]`, where nothing is assigned.
    pub(in crate::syntax::strict) fn test_word(&mut self, at: usize) -> Step<usize> {
        self.word_tail(at, at)
    }

    /// The end of the word that started at `start`, from `at` on.
    fn word_tail(&mut self, mut at: usize, start: usize) -> Step<usize> {
        let mut end = at;
        while at < self.text.len() {
            self.burn(at)?;
            match self.text[at] {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => break,
                b'(' => {
                    let glob = at > start && matches!(self.text[at - 1], b'@' | b'!' | b'*' | b'?' | b'+');
                    if !glob || end != at || self.escaped(at - 1, start) {
                        break;
                    }
                    at = self.deeper(at, |lexer| lexer.group(at + 1))?;
                }
                b'<' | b'>' => {
                    if self.peek(at + 1) != b'(' {
                        break;
                    }
                    at = self.substitution_end(at + 2)?;
                }
                b'\\' if self.peek(at + 1) == b'\n' => {
                    at += 2;
                    continue;
                }
                b'\\' => at = (at + 2).min(self.text.len()),
                b'\'' => at = self.single_quoted(at)?,
                b'"' => at = self.double_quoted(at)?,
                b'`' => at = self.backquoted(at)?,
                b'$' => at = self.dollar(at, false)?,
                _ => at += 1,
            }
            end = at;
        }
        Ok(end)
    }

    /// Whether the byte at `at` is quoted by a backslash, in a word that starts at `start`.
    fn escaped(&self, at: usize, start: usize) -> bool {
        self.text[start..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
    }

    /// Where the value of the assignment at `at` starts: past `name=`, `name+=`, `name[…]=`; none where the word is no assignment.
    pub(in crate::syntax::strict) fn assignment_operator(&mut self, at: usize) -> Option<usize> {
        let mut end = self.name(at)?;
        if self.peek(end) == b'[' {
            end = self.subscript(end)?;
        }
        match (self.peek(end), self.peek(end + 1)) {
            (b'=', _) => Some(end + 1),
            (b'+', b'=') => Some(end + 2),
            _ => None,
        }
    }

    /// The end of the name at `at`.
    pub(in crate::syntax::strict) fn name(&self, at: usize) -> Option<usize> {
        let first = self.peek(at);
        if !(first.is_ascii_alphabetic() || first == b'_') {
            return None;
        }
        let rest = &self.text[at..];
        Some(at + rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count())
    }

    /// The end of the `[…]` at `at`; none where nothing closes it on the line.
    pub(in crate::syntax::strict) fn subscript(&mut self, at: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut end = at;
        loop {
            self.burn(end).ok()?;
            end = match self.peek(end) {
                b'[' => {
                    depth += 1;
                    end + 1
                }
                b']' if depth == 1 => return Some(end + 1),
                b']' => {
                    depth -= 1;
                    end + 1
                }
                b'\n' | b';' | 0 => return None,
                b'\\' => end + 2,
                b'\'' => self.single_quoted(end).ok()?,
                b'"' => self.double_quoted(end).ok()?,
                b'`' => self.backquoted(end).ok()?,
                b'$' => self.dollar(end, false).ok()?,
                _ => end + 1,
            };
        }
    }

    /// The end of an array's elements, from past the `(` to past the `)`.
    fn array(&mut self, mut at: usize) -> Step<usize> {
        loop {
            self.burn(at)?;
            at = self.skip_lines(at);
            if self.peek(at) == b')' {
                return Ok(at + 1);
            }
            let end = self.element(at)?;
            if end == at {
                return Self::malformed(at);
            }
            at = end;
        }
    }

    /// The end of an array's element.
    pub(in crate::syntax::strict) fn element(&mut self, at: usize) -> Step<usize> {
        match self.element_operator(at) {
            Some(value) => self.word_tail(value, at),
            None => self.word_tail(at, at),
        }
    }

    /// Where the value of the element at `at` starts, if it has the form `[…]=` or `[…]+=`.
    pub(in crate::syntax::strict) fn element_operator(&mut self, at: usize) -> Option<usize> {
        if self.peek(at) != b'[' {
            return None;
        }
        let end = self.subscript(at)?;
        match (self.peek(end), self.peek(end + 1)) {
            (b'=', _) => Some(end + 1),
            (b'+', b'=') => Some(end + 2),
            _ => None,
        }
    }

    /// The end of an extended glob's or a regular expression's group, from past the `(` to past the `)`.
    pub(super) fn group(&mut self, mut at: usize) -> Step<usize> {
        let mut depth = 0_usize;
        loop {
            self.burn(at)?;
            at = match self.peek(at) {
                b'(' => {
                    depth += 1;
                    at + 1
                }
                b')' if depth == 0 => return Ok(at + 1),
                b')' => {
                    depth -= 1;
                    at + 1
                }
                0 => return Self::malformed(at),
                b'\\' => at + 2,
                b'\'' => self.single_quoted(at)?,
                b'"' => self.double_quoted(at)?,
                b'`' => self.backquoted(at)?,
                b'$' => self.dollar(at, false)?,
                _ => at + 1,
            };
        }
    }

    /// The end of a regular expression after `=~`: parentheses and bars belong to it.
    pub(in crate::syntax::strict) fn regular_expression(&mut self, mut at: usize) -> Step<usize> {
        while at < self.text.len() {
            self.burn(at)?;
            at = match self.text[at] {
                b' ' | b'\t' | b'\n' | b';' | b')' => break,
                b'&' if self.peek(at + 1) == b'&' => break,
                b'(' => self.deeper(at, |lexer| lexer.group(at + 1))?,
                b'\\' => at + 2,
                b'\'' => self.single_quoted(at)?,
                b'"' => self.double_quoted(at)?,
                b'`' => self.backquoted(at)?,
                b'$' => self.dollar(at, false)?,
                _ => at + 1,
            };
        }
        Ok(at.min(self.text.len()))
    }

    /// The end of a `[[ … ]]`, from past the `[[` to past the `]]`.
    pub(super) fn conditional(&mut self, mut at: usize) -> Step<usize> {
        let mut regular = false;
        loop {
            self.burn(at)?;
            at = self.skip_lines(at);
            match self.peek(at) {
                0 | b';' => return Self::malformed(at),
                b'(' | b')' | b'&' | b'|' if !regular => {
                    at += 1;
                    continue;
                }
                b'<' | b'>' if self.peek(at + 1) != b'(' => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let end = if regular { self.regular_expression(at)? } else { self.word_tail(at, at)? };
            if end == at {
                return Self::malformed(at);
            }
            match &self.text[at..end] {
                b"]]" => return Ok(end),
                operator => regular = operator == b"=~",
            }
            at = end;
        }
    }
}
