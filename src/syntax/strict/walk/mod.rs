//! From tokens and the parser's nodes to the tree.
//!
//! The parser's nodes say what nests in what; every span comes from a token. Tokens are taken strictly in order, so
//! none can be lost or used twice: where the node at hand does not fit the next token, the statement is unread.

mod compound;
mod simple;

use super::Reading;
use super::lexer::{Token, TokenKind};
use crate::span::Span;
use crate::syntax::tree::{AndOr, Command, CommandKind, List, Redirect, Statement, UnreadReason};
use shuck_ast::{BinaryOp, CompoundCommand, Stmt, StmtSeq};

/// How many `&&`, `||` may stand in one list: each nests the tree one deeper.
const LINKS: usize = 400;

/// The parser's node does not fit the tokens.
struct Mismatch(UnreadReason);

impl From<super::Refusal> for Mismatch {
    fn from(refusal: super::Refusal) -> Self {
        Self(refusal.reason)
    }
}

type Fit<T> = Result<T, Mismatch>;

/// A list of commands that is built piece by piece.
pub(super) struct Walk<'w, 'a> {
    walker: Walker<'w, 'a>,
    all: &'w [Token],
    statements: Vec<Statement>,
}

impl<'w, 'a> Walk<'w, 'a> {
    /// A list over `tokens`; `starts` is where in the skeleton each of them starts.
    pub(super) fn of(reading: &'w mut Reading<'a>, tokens: &'w [Token], starts: &'w [u32]) -> Self {
        let walker = Walker { reading, tokens, starts, origin: 0, at: 0 };
        Self { walker, all: tokens, statements: Vec::new() }
    }

    /// Adds the statements of `sequence`, which are the tokens up to `end`; its text starts at `origin` of the skeleton.
    pub(super) fn piece(&mut self, end: usize, origin: u32, sequence: &StmtSeq) {
        let walker = &mut self.walker;
        (walker.tokens, walker.origin) = (&self.all[..end], origin);
        self.statements.reserve_exact(if end == self.all.len() { sequence.len() } else { 0 });
        walker.statements(sequence, &mut self.statements);
        // Whatever the nodes left over is not dropped in silence.
        if let (Some(first), Some(last)) = (walker.tokens.get(walker.at), walker.tokens.last()) {
            let region = first.span.to(last.span);
            walker.at = end;
            self.statements.push(walker.reading.unread(region, UnreadReason::Unaccounted));
        }
    }

    /// The whole list.
    pub(super) fn list(self) -> List {
        self.walker.enclosing(self.statements)
    }
}

/// A place among the tokens.
struct Walker<'w, 'a> {
    reading: &'w mut Reading<'a>,
    tokens: &'w [Token],
    starts: &'w [u32],
    /// Where in the skeleton the text starts in which the nodes have their places.
    origin: u32,
    at: usize,
}

impl Walker<'_, '_> {
    fn text(&self, span: Span) -> &[u8] {
        &self.reading.masked[span.range()]
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_operator(&self, written: &[u8]) -> bool {
        self.peek().is_some_and(|token| matches!(token.kind, TokenKind::Operator) && self.text(token.span) == written)
    }

    fn is_reserved(&self, written: &[u8]) -> bool {
        self.peek().is_some_and(|token| matches!(token.kind, TokenKind::Reserved) && self.text(token.span) == written)
    }

    fn take(&mut self) -> Fit<Span> {
        let span = self.peek().ok_or(Mismatch(UnreadReason::Unaccounted))?.span;
        self.at += 1;
        Ok(span)
    }

    fn take_operator(&mut self, written: &[u8]) -> Fit<Span> {
        if self.is_operator(written) { self.take() } else { Err(Mismatch(UnreadReason::Unaccounted)) }
    }

    fn take_reserved(&mut self, written: &[u8]) -> Fit<Span> {
        if self.is_reserved(written) { self.take() } else { Err(Mismatch(UnreadReason::Unaccounted)) }
    }

    fn take_word(&mut self) -> Fit<Span> {
        match self.peek() {
            Some(Token { kind: TokenKind::Word, .. }) => self.take(),
            _ => Err(Mismatch(UnreadReason::Unaccounted)),
        }
    }

    fn skip_newlines(&mut self) {
        while matches!(self.peek(), Some(Token { kind: TokenKind::Newline, .. })) {
            self.at += 1;
        }
    }

    /// Past the `;` and line ends that part statements; false where there are none.
    ///
    /// The parser takes commands that nothing parts, and a `;` that ends nothing; no shell does.
    fn skip_separators(&mut self) -> bool {
        let first = self.at;
        if self.is_operator(b";") {
            self.at += 1;
        }
        self.skip_newlines();
        self.at > first
    }

    /// The list of a compound command, which no shell lets be empty.
    fn body(&mut self, sequence: &StmtSeq) -> Fit<List> {
        if sequence.is_empty() {
            return Err(Mismatch(UnreadReason::Malformed));
        }
        Ok(self.list(sequence))
    }

    fn list(&mut self, sequence: &StmtSeq) -> List {
        let mut statements: Vec<Statement> = Vec::with_capacity(sequence.len());
        self.statements(sequence, &mut statements);
        self.enclosing(statements)
    }

    fn statements(&mut self, sequence: &StmtSeq, statements: &mut Vec<Statement>) {
        self.skip_newlines();
        let mut parted = true;
        for stmt in sequence.iter() {
            let first = self.at;
            let outcome = if parted { self.statement(stmt) } else { Err(Mismatch(UnreadReason::Malformed)) };
            match outcome {
                Ok(statement) => {
                    parted = statement.ampersand.is_some();
                    statements.push(statement);
                }
                Err(Mismatch(reason)) => {
                    let end = self.origin + stmt.span.end.offset() as u32;
                    self.at = self.starts.partition_point(|&start| start < end).max(first);
                    parted = false;
                    if let Some(lost) = self.span_since(first) {
                        statements.push(self.reading.unread(lost, reason));
                    }
                    if self.is_operator(b"&") {
                        self.at += 1;
                        parted = true;
                    }
                }
            }
            // Behind `&` there may be line ends, but no `;`.
            if parted {
                self.skip_newlines();
            } else {
                parted = self.skip_separators();
            }
        }
    }

    /// The list of these statements, of which the last one was just taken.
    fn enclosing(&self, statements: Vec<Statement>) -> List {
        let span = match (statements.first(), statements.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::at(self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |token| token.span.start)),
        };
        List { span, statements }
    }

    /// From token `first` to the last one taken.
    fn span_since(&self, first: usize) -> Option<Span> {
        let taken = self.tokens.get(first..self.at)?;
        Some(taken.first()?.span.to(taken.last()?.span))
    }

    fn statement(&mut self, stmt: &Stmt) -> Fit<Statement> {
        let command = self.and_or(stmt)?;
        let ampersand = if self.is_operator(b"&") { Some(self.take()?) } else { None };
        Ok(Statement { span: command.span, command, ampersand })
    }

    fn and_or(&mut self, stmt: &Stmt) -> Fit<Command> {
        let mut rights: Vec<&Stmt> = Vec::new();
        let mut left = stmt;
        while let Some((next, op, right)) = binary(left)
            && matches!(op, BinaryOp::And | BinaryOp::Or)
        {
            rights.push(right);
            left = next;
        }
        if rights.len() > LINKS {
            return Err(Mismatch(UnreadReason::TooDeep));
        }
        let mut command = self.pipeline(left)?;
        for right in rights.into_iter().rev() {
            let operator = if self.is_operator(b"&&") { AndOr::And } else { AndOr::Or };
            let operator_span = self.take_operator(if operator == AndOr::And { b"&&" } else { b"||" })?;
            self.skip_newlines();
            let right = self.pipeline(right)?;
            command = Command {
                span: command.span.to(right.span),
                kind: CommandKind::AndOr { left: Box::new(command), operator, operator_span, right: Box::new(right) },
                redirects: Vec::new(),
            };
        }
        Ok(command)
    }

    /// A pipeline, with the `!` and `time` in front.
    fn pipeline(&mut self, stmt: &Stmt) -> Fit<Command> {
        let mut prefixes: Vec<(Span, bool)> = Vec::new();
        while self.is_reserved(b"!") || self.is_reserved(b"time") {
            let bang = self.is_reserved(b"!");
            prefixes.push((self.take()?, bang));
            while !bang && (self.is_reserved(b"-p") || self.is_reserved(b"--")) {
                let option = self.take()?;
                if let Some(prefix) = prefixes.last_mut() {
                    prefix.0 = prefix.0.to(option);
                }
            }
        }
        if prefixes.len() > super::COMPOUND_DEPTH {
            return Err(Mismatch(UnreadReason::TooDeep));
        }
        let mut command = match timed(stmt) {
            Some(stmt) => Some(self.stages(stmt)?),
            None => None,
        };
        for (span, bang) in prefixes.into_iter().rev() {
            let whole = command.as_ref().map_or(span, |command| span.to(command.span));
            let kind = match (bang, command.take()) {
                (true, Some(command)) => CommandKind::Not { bang: span, command: Box::new(command) },
                (true, None) => return Err(Mismatch(UnreadReason::Unaccounted)),
                (false, command) => {
                    CommandKind::Time { time: Span::new(span.start, span.start + 4), command: command.map(Box::new) }
                }
            };
            command = Some(Command { span: whole, kind, redirects: Vec::new() });
        }
        command.ok_or(Mismatch(UnreadReason::Unaccounted))
    }

    fn stages(&mut self, stmt: &Stmt) -> Fit<Command> {
        let mut rights: Vec<&Stmt> = Vec::new();
        let mut left = stmt;
        while let Some((next, op, right)) = binary(left) {
            if !matches!(op, BinaryOp::Pipe | BinaryOp::PipeAll) {
                return Err(Mismatch(UnreadReason::Unaccounted));
            }
            rights.push(right);
            left = next;
        }
        let first = self.command(left)?;
        if rights.is_empty() {
            return Ok(first);
        }
        let mut stages = vec![first];
        let mut pipes = Vec::with_capacity(rights.len());
        for right in rights.into_iter().rev() {
            let both = self.is_operator(b"|&");
            pipes.push((self.take_operator(if both { b"|&" } else { b"|" })?, both));
            self.skip_newlines();
            stages.push(self.pipeline(right)?);
        }
        let span = stages.iter().fold(stages[0].span, |span, stage| span.to(stage.span));
        Ok(Command { span, kind: CommandKind::Pipeline { stages, pipes }, redirects: Vec::new() })
    }

    /// One command with its redirects.
    fn command(&mut self, stmt: &Stmt) -> Fit<Command> {
        if self.reading.depth >= super::COMMAND_DEPTH {
            return Err(Mismatch(UnreadReason::TooDeep));
        }
        self.reading.depth += 1;
        let command = self.command_within(stmt);
        self.reading.depth -= 1;
        command
    }

    fn command_within(&mut self, stmt: &Stmt) -> Fit<Command> {
        use shuck_ast::Command as Node;
        let first = self.at;
        let kind = match &stmt.command {
            Node::Simple(_) | Node::Builtin(_) | Node::Decl(_) => return self.simple(),
            Node::Compound(compound) => self.compound(compound)?,
            Node::Function(function) => self.function(function)?,
            Node::Binary(_) | Node::AnonymousFunction(_) => return Err(Mismatch(UnreadReason::Foreign)),
        };
        let redirects = self.redirects()?;
        let span = self.span_since(first).ok_or(Mismatch(UnreadReason::Unaccounted))?;
        Ok(Command { span, kind, redirects })
    }

    fn redirects(&mut self) -> Fit<Vec<Redirect>> {
        let mut redirects = Vec::new();
        while let Some(Token { span, kind: TokenKind::Redirect(token) }) = self.tokens.get(self.at) {
            redirects.push(self.reading.redirect(*span, token)?);
            self.at += 1;
        }
        Ok(redirects)
    }
}

/// The sides of a binary node.
fn binary(stmt: &Stmt) -> Option<(&Stmt, BinaryOp, &Stmt)> {
    match &stmt.command {
        shuck_ast::Command::Binary(node) => Some((&node.left, node.op, &node.right)),
        _ => None,
    }
}

/// What stands behind any number of `time`; none where nothing does.
fn timed(mut stmt: &Stmt) -> Option<&Stmt> {
    while let shuck_ast::Command::Compound(CompoundCommand::Time(node)) = &stmt.command {
        stmt = node.command.as_deref()?;
    }
    Some(stmt)
}
