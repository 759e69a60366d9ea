//! Where quotes, expansions and substitutions end.

use super::{Lexer, Step};

impl Lexer<'_> {
    /// Past the `'…'` at `at`.
    pub(in crate::syntax::strict) fn single_quoted(&mut self, at: usize) -> Step<usize> {
        match self.text[at + 1..].iter().position(|&byte| byte == b'\'') {
            Some(length) => Ok(at + length + 2),
            None => Self::malformed(at),
        }
    }

    /// Past the `$'…'` whose quote is at `at`.
    fn ansi_quoted(&mut self, at: usize) -> Step<usize> {
        let mut end = at + 1;
        while end < self.text.len() {
            self.burn(end)?;
            match self.text[end] {
                b'\\' => end += 2,
                b'\'' => return Ok(end + 1),
                _ => end += 1,
            }
        }
        Self::malformed(at)
    }

    /// Past the `"…"` at `at`.
    pub(in crate::syntax::strict) fn double_quoted(&mut self, at: usize) -> Step<usize> {
        self.deeper(at, |lexer| {
            let mut end = at + 1;
            while end < lexer.text.len() {
                lexer.burn(end)?;
                end = match lexer.text[end] {
                    b'"' => return Ok(end + 1),
                    b'\\' => end + 2,
                    b'`' => lexer.backquoted(end)?,
                    b'$' => lexer.dollar(end, true)?,
                    _ => end + 1,
                };
            }
            Self::malformed(at)
        })
    }

    /// Past the backquotes at `at`.
    pub(in crate::syntax::strict) fn backquoted(&mut self, at: usize) -> Step<usize> {
        let mut end = at + 1;
        while end < self.text.len() {
            self.burn(end)?;
            match self.text[end] {
                b'\\' => end += 2,
                b'`' => return Ok(end + 1),
                _ => end += 1,
            }
        }
        Self::malformed(at)
    }

    /// Past the expansion at `at`; past the `$` alone where none starts there.
    pub(in crate::syntax::strict) fn dollar(&mut self, at: usize, quoted: bool) -> Step<usize> {
        match self.peek(at + 1) {
            b'(' => {
                if self.peek(at + 2) == b'('
                    && let Some(end) = self.double_parentheses(at + 3)?
                {
                    return Ok(end);
                }
                self.substitution_end(at + 2)
            }
            b'{' if self.opens_function_substitution(at + 2) => {
                // bash 5.3's `${ …; }` is rare enough to be left to the other reader.
                Self::malformed(at)
            }
            b'{' => self.deeper(at, |lexer| lexer.braces(at + 2, quoted)),
            b'[' => {
                let end = self.deeper(at, |lexer| Ok(lexer.subscript(at + 1)))?;
                Ok(end.unwrap_or(at + 1))
            }
            b'\'' if !quoted => self.ansi_quoted(at + 1),
            b'"' if !quoted => self.double_quoted(at + 1),
            b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-' => Ok(at + 2),
            _ => Ok(self.name(at + 1).unwrap_or(at + 1)),
        }
    }

    /// Whether what follows `${` is a command list.
    fn opens_function_substitution(&self, at: usize) -> bool {
        matches!(self.peek(at), b' ' | b'\t' | b'\n' | b'|')
    }

    /// Past the `)` of the commands that start at `start`.
    pub(in crate::syntax::strict) fn substitution_end(&mut self, start: usize) -> Step<usize> {
        if !self.nested.contains_key(&start) {
            let lexed = self.deeper(start, |lexer| lexer.list(start, true))?;
            self.nested.insert(start, lexed);
        }
        Ok(self.nested.get(&start).map_or(start, |lexed| lexed.end as usize + 1))
    }

    /// Past the `))` of the arithmetic that starts at `start`; none where it is no arithmetic.
    pub(in crate::syntax::strict) fn double_parentheses(&mut self, start: usize) -> Step<Option<usize>> {
        if let Some(known) = self.arithmetic.get(&start) {
            return Ok(*known);
        }
        let found = self.deeper(start, |lexer| Ok(lexer.arithmetic_end(start)))?;
        self.arithmetic.insert(start, found);
        Ok(found)
    }

    /// Scans for the `))`: a parenthesis that closes alone means commands.
    fn arithmetic_end(&mut self, start: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut at = start;
        loop {
            self.burn(at).ok()?;
            at = match self.peek(at) {
                b'(' => {
                    depth += 1;
                    at + 1
                }
                b')' if depth > 0 => {
                    depth -= 1;
                    at + 1
                }
                b')' if self.peek(at + 1) == b')' => return Some(at + 2),
                b')' => return None,
                0 if at >= self.text.len() => return None,
                b'\\' => at + 2,
                b'\'' => self.single_quoted(at).ok()?,
                b'"' => self.double_quoted(at).ok()?,
                b'`' => self.backquoted(at).ok()?,
                b'$' => self.dollar(at, false).ok()?,
                _ => at + 1,
            };
        }
    }

    /// Past the `}` of a `${`, from past the brace on.
    fn braces(&mut self, start: usize, quoted: bool) -> Step<usize> {
        let literal_quotes = quoted && !self.operand_is_pattern(start);
        let mut at = start;
        while at < self.text.len() {
            self.burn(at)?;
            at = match self.text[at] {
                b'}' => return Ok(at + 1),
                b'\\' => at + 2,
                b'\'' if !literal_quotes => self.single_quoted(at)?,
                b'"' => self.double_quoted(at)?,
                b'`' => self.backquoted(at)?,
                // `${$}`, `${#$}`, `${$-x}`: the parameter itself.
                b'$' if at == start || (at == start + 1 && self.text[start] == b'#') => at + 1,
                b'$' => self.dollar(at, quoted)?,
                _ => at + 1,
            };
        }
        Self::malformed(start)
    }

    /// Whether the operator of a `${…}` takes a pattern: there quotes quote, even inside double quotes.
    fn operand_is_pattern(&self, start: usize) -> bool {
        let mut at = start;
        if matches!(self.peek(at), b'!' | b'#') && self.name(at + 1).is_some() {
            at += 1;
        }
        at = self.name(at).unwrap_or(at + 1);
        while self.peek(at).is_ascii_digit() {
            at += 1;
        }
        if self.peek(at) == b'[' {
            let rest = &self.text[at..];
            at += rest.iter().position(|&byte| matches!(byte, b']' | b'}' | b'\n')).map_or(0, |found| found + 1);
        }
        matches!(self.peek(at), b'#' | b'%' | b'/' | b'^' | b',')
    }
}
