//! A script's tokens as one flat list: what two readers can be compared by.
//!
//! Only what the grammar decides is listed: which words, assignments, redirection targets, patterns and list items
//! there are, to which command they belong, and where keywords and operators stand.
//!
//! Where two right readings differ only by convention the list follows shfmt, so that the two can be compared; the
//! tree does not. A word whose bare last piece a continuation follows holds that continuation; inside backquotes a word starts behind
//! the backslash that shields its first character; the words of `let` are arithmetic, not words.

use super::tree::{
    AndOr, Arithmetic, Assignment, AssignmentValue, Command, CommandKind, List, Parameter, ParameterOperator, Part,
    PartKind, Redirect, Script, Simple, SubstitutionStyle, TestExpression, TestKind, Word,
};
use crate::span::Span;
use std::collections::BTreeSet;
use std::fmt;

/// One token: `START END ROLE COMMAND` in text, the command -1 where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// Its bytes.
    pub span: Span,
    /// `word`, `assign`, `redirect`, `pattern`, `item`, `function-name`, or the keyword or operator itself.
    pub role: &'static str,
    /// For words and assignments: where the command's first word or assignment starts.
    pub command: Option<u32>,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { start, end } = self.span;
        match self.command {
            Some(command) => write!(f, "{start} {end} {} {command}", self.role),
            None => write!(f, "{start} {end} {} -1", self.role),
        }
    }
}

/// The tokens of `script`, sorted by place; `source` is the text that it was read from.
pub fn tokens(script: &Script, source: &[u8]) -> Vec<Token> {
    let mut collector = Collector { source, found: BTreeSet::new(), backquoted: None, quoted: false };
    collector.list(&script.body);
    collector.found.into_iter().collect()
}

struct Collector<'a> {
    source: &'a [u8],
    found: BTreeSet<Token>,
    /// Inside backquotes, and whether those stand in double quotes.
    backquoted: Option<bool>,
    /// Inside double quotes.
    quoted: bool,
}

impl Collector<'_> {
    fn mark(&mut self, span: Span, role: &'static str) {
        self.found.insert(Token { span, role, command: None });
    }

    /// A word's span by the conventions of this list.
    fn shown(&self, span: Span, parts: &[Part]) -> Span {
        let end = if parts.last().is_none_or(|part| self.is_bare(part)) { self.shown_end(span.end) } else { span.end };
        Span::new(self.shown_start(span.start), end)
    }

    /// Whether a part has no closing delimiter.
    fn is_bare(&self, part: &Part) -> bool {
        match part.kind {
            PartKind::Literal(_) | PartKind::Glob(_) | PartKind::Tilde(_) | PartKind::Brace(_) => true,
            PartKind::Parameter(_) => self.source.get(part.span.start as usize + 1) != Some(&b'{'),
            _ => false,
        }
    }

    fn shown_start(&self, start: u32) -> u32 {
        let shields = match (self.backquoted, self.source.get(start as usize..start as usize + 2)) {
            (Some(_), Some(b"\\$" | b"\\`" | b"\\\\")) | (Some(true), Some(b"\\\"")) => 1,
            _ => 0,
        };
        start + shields
    }

    fn shown_end(&self, mut end: u32) -> u32 {
        while self.source.get(end as usize..).is_some_and(|rest| rest.starts_with(b"\\\n")) {
            end += 2;
        }
        end
    }

    /// Marks a bracket: `{` or `do`, `}` or `done`.
    fn bracket(&mut self, span: Span, brace: &'static str, word: &'static str) {
        let role = if self.source.get(span.range()) == Some(brace.as_bytes()) { brace } else { word };
        self.mark(span, role);
    }

    fn list(&mut self, list: &List) {
        for statement in &list.statements {
            self.command(&statement.command);
            if let Some(ampersand) = statement.ampersand {
                self.mark(ampersand, "&");
            }
        }
    }

    fn command(&mut self, command: &Command) {
        for redirect in &command.redirects {
            self.redirect(redirect);
        }
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(simple),
            CommandKind::AndOr { left, operator, operator_span, right } => {
                self.command(left);
                self.mark(*operator_span, if *operator == AndOr::And { "&&" } else { "||" });
                self.command(right);
            }
            CommandKind::Pipeline { stages, pipes } => {
                for stage in stages {
                    self.command(stage);
                }
                for (span, both) in pipes {
                    self.mark(*span, if *both { "|&" } else { "|" });
                }
            }
            CommandKind::Not { bang, command } => {
                self.mark(*bang, "!");
                self.command(command);
            }
            CommandKind::Time { command, .. } => {
                if let Some(command) = command {
                    self.command(command);
                }
            }
            CommandKind::Coproc { command, .. } => self.command(command),
            CommandKind::Brace { open, body, close } => {
                self.mark(*open, "{");
                self.list(body);
                self.mark(*close, "}");
            }
            CommandKind::Subshell { open, body, close } => {
                self.mark(*open, "(");
                self.list(body);
                self.mark(*close, ")");
            }
            CommandKind::If { branches, otherwise, fi } => {
                for (index, branch) in branches.iter().enumerate() {
                    self.mark(branch.keyword, if index == 0 { "if" } else { "elif" });
                    self.list(&branch.condition);
                    self.mark(branch.then, "then");
                    self.list(&branch.body);
                }
                if let Some((keyword, body)) = otherwise {
                    self.mark(*keyword, "else");
                    self.list(body);
                }
                self.mark(*fi, "fi");
            }
            CommandKind::Loop { keyword, until, condition, open, body, close } => {
                self.mark(*keyword, if *until { "until" } else { "while" });
                self.list(condition);
                self.mark(*open, "do");
                self.list(body);
                self.mark(*close, "done");
            }
            CommandKind::For(node) => {
                self.mark(node.keyword, if node.select { "select" } else { "for" });
                if let Some((keyword, items)) = &node.items {
                    self.mark(*keyword, "in");
                    for item in items {
                        self.word(item, "item", None);
                    }
                }
                self.bracket(node.open, "{", "do");
                self.list(&node.body);
                self.bracket(node.close, "}", "done");
            }
            CommandKind::ArithmeticFor { keyword, parts, open, body, close } => {
                self.mark(*keyword, "for");
                for part in parts.iter().flatten() {
                    self.arithmetic(part);
                }
                self.bracket(*open, "{", "do");
                self.list(body);
                self.bracket(*close, "}", "done");
            }
            CommandKind::Case { keyword, subject, in_keyword, arms, esac } => {
                self.mark(*keyword, "case");
                self.parts(&subject.parts);
                self.mark(*in_keyword, "in");
                for arm in arms {
                    for pattern in &arm.patterns {
                        self.word(pattern, "pattern", None);
                    }
                    self.list(&arm.body);
                }
                self.mark(*esac, "esac");
            }
            CommandKind::Function { name, body } => {
                self.mark(name.span, "function-name");
                self.command(body);
            }
            CommandKind::Test { open, expression, close } => {
                self.mark(*open, "[[");
                if let Some(expression) = expression {
                    self.test(expression);
                }
                self.mark(*close, "]]");
            }
            CommandKind::Arithmetic { open, expression, close } => {
                self.mark(*open, "((");
                self.arithmetic(expression);
                self.mark(*close, "))");
            }
            CommandKind::Unread(_) => {}
        }
    }

    fn simple(&mut self, simple: &Simple) {
        let assignments = simple.assignments.iter().map(|assignment| assignment.span.start);
        let Some(command) = assignments.chain(simple.words.iter().map(|word| word.span.start)).min() else { return };
        let command = self.shown_start(command);
        if let Some(Word { span, .. }) = simple.words.first()
            && self.source.get(span.range()) == Some(b"let")
        {
            for word in &simple.words {
                self.parts(&word.parts);
            }
            return;
        }
        for assignment in &simple.assignments {
            let span = match &assignment.value {
                AssignmentValue::Scalar(value) => self.shown(assignment.span, &value.parts),
                AssignmentValue::Array(_) => assignment.span,
            };
            self.found.insert(Token { span, role: "assign", command: Some(command) });
            self.assignment(assignment);
        }
        for word in &simple.words {
            self.word(word, "word", Some(command));
        }
        for assignment in &simple.declared {
            self.assignment(assignment);
        }
    }

    /// What an assignment holds.
    fn assignment(&mut self, assignment: &Assignment) {
        if let Some(subscript) = &assignment.subscript {
            self.parts(&subscript.parts);
        }
        match &assignment.value {
            AssignmentValue::Scalar(value) => self.parts(&value.parts),
            AssignmentValue::Array(elements) => {
                for (subscript, value) in elements {
                    if let Some(subscript) = subscript {
                        self.parts(&subscript.parts);
                    }
                    self.parts(&value.parts);
                }
            }
        }
    }

    fn redirect(&mut self, redirect: &Redirect) {
        self.word(&redirect.target, "redirect", None);
        if let Some(heredoc) = &redirect.heredoc {
            self.parts(&heredoc.parts);
        }
    }

    fn word(&mut self, word: &Word, role: &'static str, command: Option<u32>) {
        self.found.insert(Token { span: self.shown(word.span, &word.parts), role, command });
        self.parts(&word.parts);
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match &part.kind {
                PartKind::DoubleQuoted(inner) => {
                    let outside = std::mem::replace(&mut self.quoted, true);
                    self.parts(inner);
                    self.quoted = outside;
                }
                PartKind::Parameter(parameter) => self.parameter(parameter),
                PartKind::Command(substitution) => {
                    let outside = (self.backquoted, self.quoted);
                    if substitution.style == SubstitutionStyle::Backquote {
                        self.backquoted = Some(self.quoted);
                    }
                    self.quoted = false;
                    self.list(&substitution.body);
                    (self.backquoted, self.quoted) = outside;
                }
                PartKind::Process { body, .. } => self.list(body),
                PartKind::Arithmetic(arithmetic) => self.arithmetic(arithmetic),
                PartKind::Literal(_)
                | PartKind::SingleQuoted(_)
                | PartKind::AnsiQuoted(_)
                | PartKind::Glob(_)
                | PartKind::Tilde(_)
                | PartKind::Brace(_) => {}
            }
        }
    }

    fn parameter(&mut self, parameter: &Parameter) {
        if let Some(subscript) = &parameter.subscript {
            self.parts(&subscript.parts);
        }
        match &parameter.operator {
            ParameterOperator::Default { word, .. }
            | ParameterOperator::Assign { word, .. }
            | ParameterOperator::Require { word, .. }
            | ParameterOperator::Alternative { word, .. }
            | ParameterOperator::Trim { pattern: word, .. } => self.parts(&word.parts),
            ParameterOperator::Replace { pattern, replacement, .. } => {
                self.parts(&pattern.parts);
                self.parts(&replacement.parts);
            }
            ParameterOperator::Slice { offset, length } => {
                self.arithmetic(offset);
                if let Some(length) = length {
                    self.arithmetic(length);
                }
            }
            ParameterOperator::None
            | ParameterOperator::Length
            | ParameterOperator::Case(_)
            | ParameterOperator::Transform(_)
            | ParameterOperator::Indirect
            | ParameterOperator::Names
            | ParameterOperator::Other(_) => {}
        }
    }

    fn arithmetic(&mut self, arithmetic: &Arithmetic) {
        self.parts(&arithmetic.parts);
    }

    fn test(&mut self, test: &TestExpression) {
        match &test.kind {
            TestKind::Word(word) | TestKind::Unary(_, word) => self.parts(&word.parts),
            TestKind::Binary(left, _, right) => {
                self.parts(&left.parts);
                self.parts(&right.parts);
            }
            TestKind::Not(inner) => self.test(inner),
            TestKind::And(left, right) | TestKind::Or(left, right) => {
                self.test(left);
                self.test(right);
            }
        }
    }
}
