//! From masked bytes to tokens: where words, operators, redirects, comments and heredoc bodies stand.
//!
//! It follows quoting, expansions and substitutions exactly, and keeps just enough of the grammar (is a command
//! awaited here, a pattern, a list item?) to tell a reserved word from an argument and a `)` that ends a pattern
//! from one that ends a substitution. Whether the tokens make a script is for others to say.
//!
//! Every substitution is lexed once and remembered, all loops burn the same fuel and all recursion counts the same
//! depth, so time is linear in the text, and the stack is bounded, whatever the text.

mod heredoc;
mod position;
mod redirect;
mod skip;
mod token;
mod word;

pub(super) use token::{HeredocToken, Lexed, RedirectToken, Token, TokenKind};

use self::heredoc::Pending;
use self::position::{Awaited, Positions};
use crate::span::Span;
use crate::syntax::tree::UnreadReason;
use std::collections::HashMap;

/// How deep quotes, expansions, substitutions and parentheses may nest.
pub(super) const DEPTH: usize = 40;

/// Why and where a text could not be lexed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    /// Where.
    pub at: usize,
    /// Why.
    pub reason: UnreadReason,
}

/// The outcome of a step.
pub(super) type Step<T> = Result<T, Refusal>;

/// A lexer over one text.
pub(super) struct Lexer<'a> {
    original: &'a [u8],
    text: &'a [u8],
    depth: usize,
    fuel: usize,
    nested: HashMap<usize, Lexed>,
    arithmetic: HashMap<usize, Option<usize>>,
    comments: Vec<Span>,
}

impl<'a> Lexer<'a> {
    /// A lexer over `text`, the masked copy of `original`, `depth` levels inside another text.
    pub(super) fn new(original: &'a [u8], text: &'a [u8], depth: usize) -> Self {
        Self {
            original,
            text,
            depth,
            fuel: text.len() * 24 + 4096,
            nested: HashMap::new(),
            arithmetic: HashMap::new(),
            comments: Vec::new(),
        }
    }

    /// Lexes the whole text.
    pub(super) fn whole(&mut self) -> Step<Lexed> {
        self.list(0, false)
    }

    /// The commands of the substitution whose first command byte is at `start`.
    pub(super) fn substitution(&mut self, start: usize) -> Step<Lexed> {
        if !self.nested.contains_key(&start) {
            let lexed = self.deeper(start, |lexer| lexer.list(start, true))?;
            self.nested.insert(start, lexed);
        }
        self.nested.remove(&start).ok_or(Refusal { at: start, reason: UnreadReason::Malformed })
    }

    /// The comments seen so far, in order.
    pub(super) fn take_comments(&mut self) -> Vec<Span> {
        let mut comments = std::mem::take(&mut self.comments);
        comments.sort_unstable();
        comments.dedup();
        comments
    }

    fn peek(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    fn starts_with(&self, at: usize, prefix: &[u8]) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(prefix))
    }

    fn burn(&mut self, at: usize) -> Step<()> {
        match self.fuel.checked_sub(1) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => Err(Refusal { at, reason: UnreadReason::Deadline }),
        }
    }

    fn deeper<T>(&mut self, at: usize, step: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        if self.depth >= DEPTH {
            return Err(Refusal { at, reason: UnreadReason::TooDeep });
        }
        self.depth += 1;
        let outcome = step(self);
        self.depth -= 1;
        outcome
    }

    fn malformed<T>(at: usize) -> Step<T> {
        Err(Refusal { at, reason: UnreadReason::Malformed })
    }

    /// Past blanks and continuations.
    pub(super) fn skip_blanks(&self, mut at: usize) -> usize {
        loop {
            match self.peek(at) {
                b' ' | b'\t' => at += 1,
                b'\\' if self.peek(at + 1) == b'\n' => at += 2,
                _ => return at,
            }
        }
    }

    /// Past a comment, which is noted.
    fn skip_comment(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let mut end = at + length;
        if self.original.get(end.wrapping_sub(1)) == Some(&b'\r') {
            end -= 1;
        }
        self.comments.push(Span::new(at as u32, end as u32));
        at + length
    }

    /// Past blanks, continuations, line ends and comments.
    pub(super) fn skip_lines(&mut self, mut at: usize) -> usize {
        loop {
            at = self.skip_blanks(at);
            match self.peek(at) {
                b'\n' => at += 1,
                b'#' => at = self.skip_comment(at),
                _ => return at,
            }
        }
    }

    /// Lexes commands from `at` to the end of the text or, where `nested`, to the parenthesis that closes them.
    fn list(&mut self, mut at: usize, nested: bool) -> Step<Lexed> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut positions = Positions::new();
        let mut pending: Vec<Pending> = Vec::new();
        loop {
            self.burn(at)?;
            at = self.skip_blanks(at);
            if at >= self.text.len() {
                if nested {
                    return Self::malformed(at);
                }
                break;
            }
            let start = at;
            let byte = self.text[at];
            let kind = match byte {
                b'\n' => {
                    at += 1;
                    positions.newline();
                    if !pending.is_empty() {
                        tokens.push(Token { span: Span::new(start as u32, at as u32), kind: TokenKind::Newline });
                        at = self.heredoc_bodies(at, &mut pending, &mut tokens, nested)?;
                        continue;
                    }
                    TokenKind::Newline
                }
                b'#' => {
                    at = self.skip_comment(at);
                    continue;
                }
                b')' if nested && positions.closes_all() => {
                    if !pending.is_empty() {
                        return Self::malformed(at);
                    }
                    break;
                }
                _ => {
                    if let Some((redirect, end)) = self.redirect(at)? {
                        if let Some(delimiter) =
                            redirect.heredoc.is_some().then(|| self.pending(&redirect, tokens.len()))
                        {
                            pending.push(delimiter);
                        }
                        at = end;
                        TokenKind::Redirect(Box::new(redirect))
                    } else if byte == b'('
                        && positions.awaited() == Awaited::ForName
                        && self.peek(at + 1) == b'('
                        && let Some(end) = self.double_parentheses(at + 2)?
                    {
                        at = end;
                        positions.arithmetic_for();
                        TokenKind::ArithmeticFor
                    } else if byte == b'('
                        && positions.awaited() == Awaited::Command
                        && self.peek(at + 1) == b'('
                        && let Some(end) = self.double_parentheses(at + 2)?
                    {
                        at = end;
                        TokenKind::Arithmetic
                    } else if let Some(length) = self.operator(at) {
                        at += length;
                        if !positions.operator(&self.text[start..at], DEPTH) {
                            return Err(Refusal { at: start, reason: UnreadReason::TooDeep });
                        }
                        TokenKind::Operator
                    } else {
                        let (kind, end) = self.word_token(at, &mut positions)?;
                        at = end;
                        kind
                    }
                }
            };
            tokens.push(Token { span: Span::new(start as u32, at as u32), kind });
        }
        let end = at as u32;
        if !pending.is_empty() {
            self.heredoc_bodies(at, &mut pending, &mut tokens, nested)?;
        }
        Ok(Lexed { tokens, end })
    }

    /// The length of the operator at `at`.
    fn operator(&self, at: usize) -> Option<usize> {
        let length = match (self.peek(at), self.peek(at + 1), self.peek(at + 2)) {
            (b';', b';', b'&') => 3,
            (b';', b';' | b'&', _) | (b'&', b'&', _) | (b'|', b'|' | b'&', _) => 2,
            (b';' | b'&' | b'|' | b'(' | b')', _, _) => 1,
            _ => return None,
        };
        Some(length)
    }

    /// A word, and what it is where it stands.
    fn word_token(&mut self, at: usize, positions: &mut Positions) -> Step<(TokenKind, usize)> {
        if positions.awaited() == Awaited::Command {
            // A parenthesis ends the word as a blank does: `[[( -n $x )]]`.
            if self.starts_with(at, b"[[") && matches!(self.peek(at + 2), b' ' | b'\t' | b'\n' | b'(') {
                let end = self.conditional(at + 2)?;
                return Ok((TokenKind::Conditional, end));
            }
            if self.peek(at) == b'!' && self.peek(at + 1) == b'(' {
                return Ok((TokenKind::Reserved, at + 1));
            }
        }
        let assignment = self.assignment_operator(at).is_some();
        let end = self.word(at)?;
        if end == at {
            return Self::malformed(at);
        }
        let next = self.skip_blanks(end);
        let rest = self.text.get(next..).unwrap_or_default();
        Ok((positions.word(&self.text[at..end], assignment, rest), end))
    }
}
