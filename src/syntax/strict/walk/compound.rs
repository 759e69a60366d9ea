//! Compound commands and functions.

use super::{Fit, Mismatch, Walker};
use crate::span::Span;
use crate::syntax::strict::lexer::{Token, TokenKind};
use crate::syntax::tree::{Branch, CaseArm, CaseEnd, CommandKind, For, List, Name, UnreadReason, Word};
use shuck_ast::{CaseCommand, CompoundCommand, CoprocCommand, FunctionDef, IfCommand, StmtSeq};

impl Walker<'_, '_> {
    pub(super) fn compound(&mut self, node: &CompoundCommand) -> Fit<CommandKind> {
        match self.peek().map(|token| &token.kind) {
            Some(TokenKind::Conditional) => return self.test(),
            Some(TokenKind::Arithmetic) => return self.arithmetic(),
            _ => {}
        }
        match node {
            CompoundCommand::If(node) => self.if_command(node),
            CompoundCommand::For(node) => self.for_command(&node.body),
            CompoundCommand::Select(node) => self.for_command(&node.body),
            CompoundCommand::While(node) => self.loop_command(&node.condition, &node.body, false),
            CompoundCommand::Until(node) => self.loop_command(&node.condition, &node.body, true),
            CompoundCommand::Case(node) => self.case_command(node),
            CompoundCommand::Subshell(body) => {
                let open = self.take_operator(b"(")?;
                let body = self.body(body)?;
                Ok(CommandKind::Subshell { open, body, close: self.take_operator(b")")? })
            }
            CompoundCommand::BraceGroup(body) => {
                let open = self.take_reserved(b"{")?;
                let body = self.body(body)?;
                Ok(CommandKind::Brace { open, body, close: self.take_reserved(b"}")? })
            }
            CompoundCommand::Coproc(node) => self.coproc(node),
            CompoundCommand::Time(_) | CompoundCommand::Arithmetic(_) | CompoundCommand::Conditional(_) => {
                Err(Mismatch(UnreadReason::Unaccounted))
            }
            CompoundCommand::Repeat(_)
            | CompoundCommand::Foreach(_)
            | CompoundCommand::ArithmeticFor(_)
            | CompoundCommand::Always(_) => Err(Mismatch(UnreadReason::Foreign)),
        }
    }

    fn test(&mut self) -> Fit<CommandKind> {
        let span = self.take()?;
        let inner = Span::new(span.start + 2, span.end - 2);
        let expression = self.reading.test(inner)?.map(Box::new);
        let open = Span::new(span.start, inner.start);
        Ok(CommandKind::Test { open, expression, close: Span::new(inner.end, span.end) })
    }

    fn arithmetic(&mut self) -> Fit<CommandKind> {
        let span = self.take()?;
        let inner = Span::new(span.start + 2, span.end - 2);
        let expression = Box::new(self.reading.arithmetic(inner)?);
        let open = Span::new(span.start, inner.start);
        Ok(CommandKind::Arithmetic { open, expression, close: Span::new(inner.end, span.end) })
    }

    fn if_command(&mut self, node: &IfCommand) -> Fit<CommandKind> {
        let keyword = self.take_reserved(b"if")?;
        let mut branches = vec![self.branch(keyword, &node.condition, &node.then_branch)?];
        for (condition, body) in &node.elif_branches {
            let keyword = self.take_reserved(b"elif")?;
            branches.push(self.branch(keyword, condition, body)?);
        }
        let otherwise = match &node.else_branch {
            Some(body) => Some((self.take_reserved(b"else")?, self.body(body)?)),
            None => None,
        };
        Ok(CommandKind::If { branches, otherwise, fi: self.take_reserved(b"fi")? })
    }

    fn branch(&mut self, keyword: Span, condition: &StmtSeq, body: &StmtSeq) -> Fit<Branch> {
        let condition = self.body(condition)?;
        let then = self.take_reserved(b"then")?;
        Ok(Branch { keyword, condition, then, body: self.body(body)? })
    }

    fn loop_command(&mut self, condition: &StmtSeq, body: &StmtSeq, until: bool) -> Fit<CommandKind> {
        let keyword = self.take_reserved(if until { b"until" } else { b"while" })?;
        let condition = self.body(condition)?;
        let (open, body, close) = self.do_body(body)?;
        Ok(CommandKind::Loop { keyword, until, condition, open, body, close })
    }

    /// `do … done` or, after a `for`, `{ … }`.
    fn do_body(&mut self, body: &StmtSeq) -> Fit<(Span, List, Span)> {
        if self.is_reserved(b"{") {
            // The skeleton stood a group into a loop: its list is the body.
            let [stmt] = body.as_slice() else { return Err(Mismatch(UnreadReason::Unaccounted)) };
            let shuck_ast::Command::Compound(CompoundCommand::BraceGroup(inner)) = &stmt.command else {
                return Err(Mismatch(UnreadReason::Unaccounted));
            };
            let open = self.take()?;
            let list = self.body(inner)?;
            return Ok((open, list, self.take_reserved(b"}")?));
        }
        let open = self.take_reserved(b"do")?;
        let list = self.body(body)?;
        Ok((open, list, self.take_reserved(b"done")?))
    }

    fn for_command(&mut self, body: &StmtSeq) -> Fit<CommandKind> {
        let select = self.is_reserved(b"select");
        let keyword = self.take_reserved(if select { b"select" } else { b"for" })?;
        if let Some(Token { span, kind: TokenKind::ArithmeticFor }) = self.peek() {
            let inner = Span::new(span.start + 2, span.end - 2);
            self.at += 1;
            let parts = Box::new(self.reading.arithmetic_for(inner)?);
            self.skip_separators();
            let (open, body, close) = self.do_body(body)?;
            return Ok(CommandKind::ArithmeticFor { keyword, parts, open, body, close });
        }
        let span = self.take_word()?;
        let name = self.name(span);
        self.skip_newlines();
        let items = if self.is_reserved(b"in") { Some((self.take()?, self.items()?)) } else { None };
        self.skip_separators();
        let (open, body, close) = self.do_body(body)?;
        Ok(CommandKind::For(Box::new(For { keyword, select, name, items, open, body, close })))
    }

    fn items(&mut self) -> Fit<Vec<Word>> {
        let mut items = Vec::new();
        while let Some(Token { span, kind: TokenKind::Word }) = self.peek() {
            let span = *span;
            items.push(self.reading.word(span)?);
            self.at += 1;
        }
        Ok(items)
    }

    fn name(&self, span: Span) -> Name {
        Name { span, text: self.reading.written(span) }
    }

    fn case_command(&mut self, node: &CaseCommand) -> Fit<CommandKind> {
        let keyword = self.take_reserved(b"case")?;
        let subject = self.take_word()?;
        let subject = self.reading.word(subject)?;
        self.skip_newlines();
        let in_keyword = self.take_reserved(b"in")?;
        let mut arms = Vec::with_capacity(node.cases.len());
        for case in &node.cases {
            self.skip_newlines();
            if self.is_operator(b"(") {
                self.take()?;
            }
            let mut patterns = Vec::with_capacity(case.patterns.len());
            loop {
                let Some(Token { span, kind: TokenKind::Pattern }) = self.peek() else {
                    return Err(Mismatch(UnreadReason::Unaccounted));
                };
                let span = *span;
                patterns.push(self.reading.word(span)?);
                self.at += 1;
                if !self.is_operator(b"|") {
                    break;
                }
                self.take()?;
            }
            self.take_operator(b")")?;
            let body = self.list(&case.body);
            let end = if self.is_operator(b";&") {
                CaseEnd::FallThrough
            } else if self.is_operator(b";;&") {
                CaseEnd::Continue
            } else {
                CaseEnd::Break
            };
            if self.is_operator(b";;") || end != CaseEnd::Break {
                self.take()?;
            }
            arms.push(CaseArm { patterns, body, end });
        }
        self.skip_newlines();
        Ok(CommandKind::Case { keyword, subject, in_keyword, arms, esac: self.take_reserved(b"esac")? })
    }

    fn coproc(&mut self, node: &CoprocCommand) -> Fit<CommandKind> {
        let coproc = self.take_reserved(b"coproc")?;
        let compound = !matches!(node.body.command, shuck_ast::Command::Simple(_));
        let name = if compound && matches!(self.peek(), Some(Token { kind: TokenKind::Word, .. })) {
            let span = self.take()?;
            Some(self.reading.word(span)?)
        } else {
            None
        };
        Ok(CommandKind::Coproc { coproc, name, command: Box::new(self.pipeline(&node.body)?) })
    }

    pub(super) fn function(&mut self, node: &FunctionDef) -> Fit<CommandKind> {
        if self.is_reserved(b"function") {
            self.take()?;
        }
        let span = self.take_word()?;
        let name = self.name(span);
        if node.header.has_trailing_parens() {
            self.take_operator(b"(")?;
            self.take_operator(b")")?;
        }
        self.skip_newlines();
        Ok(CommandKind::Function { name, body: Box::new(self.command(&node.body)?) })
    }
}
