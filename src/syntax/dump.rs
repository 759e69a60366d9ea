//! A tree as indented text: how a script was read, for people and bug reports. Not a contract for programs.

use super::tree::{
    Arithmetic, Assignment, AssignmentValue, Command, CommandKind, List, Parameter, ParameterOperator, Part, PartKind,
    Reader, Redirect, Script, TestExpression, TestKind, Word,
};
use crate::span::Span;
use std::fmt::Write as _;

/// The dump of `script`: the reader, the regions that were not read, the tree, one node a line.
pub fn dump(script: &Script) -> String {
    let mut out = Dump { text: String::new(), depth: 0 };
    let reader = match script.reader {
        Reader::Strict => "strict",
        Reader::Recovering => "recovering",
    };
    out.line(format_args!("read by the {reader} reader"));
    for region in &script.unread {
        out.line(format_args!("unread {:?} {:?}", region.span, region.reason));
    }
    out.statements(&script.body);
    for comment in &script.comments {
        out.line(format_args!("comment {comment:?}"));
    }
    out.text
}

struct Dump {
    text: String,
    depth: usize,
}

impl Dump {
    fn line(&mut self, what: std::fmt::Arguments<'_>) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(what);
        self.text.push('\n');
    }

    fn within(&mut self, step: impl FnOnce(&mut Self)) {
        self.depth += 1;
        step(self);
        self.depth -= 1;
    }

    fn list(&mut self, label: &str, list: &List) {
        self.line(format_args!("{label} {:?}", list.span));
        self.within(|dump| dump.statements(list));
    }

    fn statements(&mut self, list: &List) {
        for statement in &list.statements {
            self.command(&statement.command);
            if let Some(ampersand) = statement.ampersand {
                self.line(format_args!("& {ampersand:?}"));
            }
        }
    }

    fn command(&mut self, command: &Command) {
        let span = command.span;
        let name = kind_name(&command.kind);
        match &command.kind {
            CommandKind::Unread(reason) => self.line(format_args!("unread {span:?} {reason:?}")),
            CommandKind::Function { name, .. } => self.line(format_args!("function {span:?} {:?}", name.text)),
            CommandKind::For(node) => self.line(format_args!("{name} {span:?} {:?}", node.name.text)),
            _ => self.line(format_args!("{name} {span:?}")),
        }
        self.within(|dump| {
            dump.children(&command.kind);
            for redirect in &command.redirects {
                dump.redirect(redirect);
            }
        });
    }

    fn children(&mut self, kind: &CommandKind) {
        match kind {
            CommandKind::Simple(simple) => {
                for assignment in &simple.assignments {
                    self.assignment("assign", assignment);
                }
                for word in &simple.words {
                    self.word("word", word);
                }
                for assignment in &simple.declared {
                    self.assignment("declares", assignment);
                }
            }
            CommandKind::AndOr { left, operator_span, right, .. } => {
                self.command(left);
                self.line(format_args!("operator {operator_span:?}"));
                self.command(right);
            }
            CommandKind::Pipeline { stages, .. } => {
                for stage in stages {
                    self.command(stage);
                }
            }
            CommandKind::Not { command, .. } => self.command(command),
            CommandKind::Time { command, .. } => {
                if let Some(command) = command {
                    self.command(command);
                }
            }
            CommandKind::Coproc { name, command, .. } => {
                if let Some(name) = name {
                    self.word("name", name);
                }
                self.command(command);
            }
            CommandKind::Brace { body, .. } | CommandKind::Subshell { body, .. } => self.statements(body),
            CommandKind::If { branches, otherwise, .. } => {
                for branch in branches {
                    self.list("if", &branch.condition);
                    self.list("then", &branch.body);
                }
                if let Some((_, body)) = otherwise {
                    self.list("else", body);
                }
            }
            CommandKind::Loop { condition, body, .. } => {
                self.list("condition", condition);
                self.list("do", body);
            }
            CommandKind::For(node) => {
                if let Some((_, items)) = &node.items {
                    for item in items {
                        self.word("item", item);
                    }
                }
                self.list("do", &node.body);
            }
            CommandKind::ArithmeticFor { parts, body, .. } => {
                for part in parts.iter().flatten() {
                    self.arithmetic(part);
                }
                self.list("do", body);
            }
            CommandKind::Case { subject, arms, .. } => {
                self.word("subject", subject);
                for arm in arms {
                    for pattern in &arm.patterns {
                        self.word("pattern", pattern);
                    }
                    self.list("arm", &arm.body);
                }
            }
            CommandKind::Function { body, .. } => self.command(body),
            CommandKind::Test { expression, .. } => {
                if let Some(expression) = expression {
                    self.test(expression);
                }
            }
            CommandKind::Arithmetic { expression, .. } => self.arithmetic(expression),
            CommandKind::Unread(_) => {}
        }
    }

    fn assignment(&mut self, label: &str, assignment: &Assignment) {
        let append = if assignment.append { " +=" } else { "" };
        self.line(format_args!("{label} {:?} {:?}{append}", assignment.span, assignment.name.text));
        self.within(|dump| {
            if let Some(subscript) = &assignment.subscript {
                dump.word("subscript", subscript);
            }
            match &assignment.value {
                AssignmentValue::Scalar(value) => dump.parts(&value.parts),
                AssignmentValue::Array(elements) => {
                    for (subscript, value) in elements {
                        if let Some(subscript) = subscript {
                            dump.word("subscript", subscript);
                        }
                        dump.word("element", value);
                    }
                }
            }
        });
    }

    fn redirect(&mut self, redirect: &Redirect) {
        let descriptor = redirect.descriptor.map(|descriptor| format!(" {descriptor}")).unwrap_or_default();
        self.line(format_args!("redirect {:?} {:?}{descriptor}", redirect.span, redirect.kind));
        self.within(|dump| {
            dump.word("target", &redirect.target);
            if let Some(heredoc) = &redirect.heredoc {
                let quoted = if heredoc.quoted { " quoted" } else { "" };
                dump.line(format_args!("body {:?}{quoted}", heredoc.body));
                dump.within(|dump| dump.parts(&heredoc.parts));
            }
        });
    }

    fn word(&mut self, label: &str, word: &Word) {
        if let [Part { kind: PartKind::Literal(text), .. }] = &*word.parts {
            self.line(format_args!("{label} {:?} {text:?}", word.span));
            return;
        }
        self.line(format_args!("{label} {:?}", word.span));
        self.within(|dump| dump.parts(&word.parts));
    }

    fn text(&mut self, label: &str, span: Span, text: &str) {
        self.line(format_args!("{label} {span:?} {text:?}"));
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            let span = part.span;
            match &part.kind {
                PartKind::Literal(text) => self.text("literal", span, text),
                PartKind::SingleQuoted(text) => self.text("single-quoted", span, text),
                PartKind::AnsiQuoted(text) => self.text("ansi-quoted", span, text),
                PartKind::Glob(text) => self.text("glob", span, text),
                PartKind::Tilde(text) => self.text("tilde", span, text),
                PartKind::Brace(text) => self.text("brace", span, text),
                PartKind::DoubleQuoted(inner) => {
                    self.line(format_args!("double-quoted {span:?}"));
                    self.within(|dump| dump.parts(inner));
                }
                PartKind::Parameter(parameter) => self.parameter(span, parameter),
                PartKind::Command(substitution) => {
                    self.line(format_args!("command substitution {span:?} {:?}", substitution.style));
                    self.within(|dump| dump.statements(&substitution.body));
                }
                PartKind::Process { output, body } => {
                    let sign = if *output { ">" } else { "<" };
                    self.line(format_args!("process substitution {span:?} {sign}"));
                    self.within(|dump| dump.statements(body));
                }
                PartKind::Arithmetic(arithmetic) => self.arithmetic(arithmetic),
            }
        }
    }

    fn parameter(&mut self, span: Span, parameter: &Parameter) {
        let label = format!("parameter {span:?} {:?}", parameter.name);
        let (how, words): (String, Vec<&Word>) = match &parameter.operator {
            ParameterOperator::None => (String::new(), Vec::new()),
            ParameterOperator::Default { colon, word } => (with_colon(*colon, "-"), vec![word]),
            ParameterOperator::Assign { colon, word } => (with_colon(*colon, "="), vec![word]),
            ParameterOperator::Require { colon, word } => (with_colon(*colon, "?"), vec![word]),
            ParameterOperator::Alternative { colon, word } => (with_colon(*colon, "+"), vec![word]),
            ParameterOperator::Length => (" length".into(), Vec::new()),
            ParameterOperator::Trim { suffix, longest, pattern } => {
                let sign = if *suffix { "%" } else { "#" };
                (format!(" {}", sign.repeat(1 + usize::from(*longest))), vec![pattern])
            }
            ParameterOperator::Replace { all, pattern, replacement } => {
                (if *all { " //".into() } else { " /".into() }, vec![pattern, replacement])
            }
            ParameterOperator::Slice { .. } => (" slice".into(), Vec::new()),
            ParameterOperator::Case(text) => (format!(" case {text:?}"), Vec::new()),
            ParameterOperator::Transform(letter) => (format!(" @{letter}"), Vec::new()),
            ParameterOperator::Indirect => (" indirect".into(), Vec::new()),
            ParameterOperator::Names => (" names".into(), Vec::new()),
            ParameterOperator::Other(text) => (format!(" other {text:?}"), Vec::new()),
        };
        self.line(format_args!("{label}{how}"));
        self.within(|dump| {
            if let Some(subscript) = &parameter.subscript {
                dump.word("subscript", subscript);
            }
            for word in words {
                dump.word("operand", word);
            }
            if let ParameterOperator::Slice { offset, length } = &parameter.operator {
                dump.arithmetic(offset);
                if let Some(length) = length {
                    dump.arithmetic(length);
                }
            }
        });
    }

    fn arithmetic(&mut self, arithmetic: &Arithmetic) {
        let known = if arithmetic.expression.is_some() { "" } else { " opaque" };
        self.line(format_args!("arithmetic {:?} {:?}{known}", arithmetic.span, arithmetic.text));
        self.within(|dump| dump.parts(&arithmetic.parts));
    }

    fn test(&mut self, test: &TestExpression) {
        let span = test.span;
        match &test.kind {
            TestKind::Word(word) => self.word("not empty", word),
            TestKind::Unary(operator, word) => self.word(operator, word),
            TestKind::Binary(left, operator, right) => {
                self.line(format_args!("{operator} {span:?}"));
                self.within(|dump| {
                    dump.word("left", left);
                    dump.word("right", right);
                });
            }
            TestKind::Not(inner) => {
                self.line(format_args!("not {span:?}"));
                self.within(|dump| dump.test(inner));
            }
            TestKind::And(left, right) | TestKind::Or(left, right) => {
                let name = if matches!(test.kind, TestKind::And(..)) { "and" } else { "or" };
                self.line(format_args!("{name} {span:?}"));
                self.within(|dump| {
                    dump.test(left);
                    dump.test(right);
                });
            }
        }
    }
}

fn with_colon(colon: bool, operator: &str) -> String {
    format!(" {}{operator}", if colon { ":" } else { "" })
}

fn kind_name(kind: &CommandKind) -> &'static str {
    match kind {
        CommandKind::Simple(_) => "simple",
        CommandKind::AndOr { operator: super::tree::AndOr::And, .. } => "and",
        CommandKind::AndOr { .. } => "or",
        CommandKind::Pipeline { .. } => "pipeline",
        CommandKind::Not { .. } => "not",
        CommandKind::Time { .. } => "time",
        CommandKind::Coproc { .. } => "coproc",
        CommandKind::Brace { .. } => "brace group",
        CommandKind::Subshell { .. } => "subshell",
        CommandKind::If { .. } => "if",
        CommandKind::Loop { until: false, .. } => "while",
        CommandKind::Loop { .. } => "until",
        CommandKind::For(node) if node.select => "select",
        CommandKind::For(_) => "for",
        CommandKind::ArithmeticFor { .. } => "arithmetic for",
        CommandKind::Case { .. } => "case",
        CommandKind::Function { .. } => "function",
        CommandKind::Test { .. } => "test",
        CommandKind::Arithmetic { .. } => "arithmetic command",
        CommandKind::Unread(_) => "unread",
    }
}
