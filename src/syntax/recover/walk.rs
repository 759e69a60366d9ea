//! Visits the commands and lists of a tree, those inside words too: to find what stands for unread text, and to make outer spans hold
//! inner ones again.
//!
//! It knows the tree's types and nothing of why they are visited.

use crate::span::Span;
use crate::syntax::tree::{
    Assignment, AssignmentValue, CaseArm, Command, CommandKind, Heredoc, List, ParameterOperator, Part, PartKind,
    Redirect, Simple, Statement, TestExpression, TestKind, Word,
};

/// What is done on the way. Every method is called after the children were visited.
pub(super) trait Visitor {
    /// A command.
    fn command(&mut self, _command: &mut Command) {}
    /// A statement.
    fn statement(&mut self, _statement: &mut Statement) {}
    /// A list.
    fn list(&mut self, _list: &mut List) {}
}

/// Visits `list` and all in it.
pub(super) fn list(list: &mut List, visitor: &mut dyn Visitor) {
    for statement in &mut list.statements {
        command(&mut statement.command, visitor);
        visitor.statement(statement);
    }
    visitor.list(list);
}

/// The lists right inside `command`, those in words left out, each with the bytes in which its statements may stand.
pub(super) fn slots(command: &mut Command) -> Vec<(Span, &mut List)> {
    let between = |open: Span, close: Span| Span::new(open.end, close.start.max(open.end));
    match &mut command.kind {
        CommandKind::AndOr { left, right, .. } => {
            let mut all = slots(left);
            all.extend(slots(right));
            all
        }
        CommandKind::Pipeline { stages, .. } => stages.iter_mut().flat_map(slots).collect(),
        CommandKind::Not { command, .. }
        | CommandKind::Time { command: Some(command), .. }
        | CommandKind::Coproc { command, .. }
        | CommandKind::Function { body: command, .. } => slots(command),
        CommandKind::Brace { open, body, close }
        | CommandKind::Subshell { open, body, close }
        | CommandKind::ArithmeticFor { open, body, close, .. } => vec![(between(*open, *close), body)],
        CommandKind::If { branches, otherwise, fi } => {
            let last = otherwise.as_ref().map_or(*fi, |(keyword, _)| *keyword);
            let mut ends: Vec<Span> = branches.iter().skip(1).map(|branch| branch.keyword).collect();
            ends.push(last);
            let mut all = Vec::new();
            for (branch, end) in branches.iter_mut().zip(ends) {
                all.push((between(branch.keyword, branch.then), &mut branch.condition));
                all.push((between(branch.then, end), &mut branch.body));
            }
            all.extend(otherwise.as_mut().map(|(keyword, body)| (between(*keyword, *fi), body)));
            all
        }
        CommandKind::Loop { keyword, condition, open, body, close, .. } => {
            vec![(between(*keyword, *open), condition), (between(*open, *close), body)]
        }
        CommandKind::For(each) => vec![(between(each.open, each.close), &mut each.body)],
        CommandKind::Case { arms, esac, .. } => {
            let first = |arm: &CaseArm| arm.patterns.first().map(|pattern| pattern.span);
            let mut ends: Vec<Span> = arms.iter().skip(1).map(|arm| first(arm).unwrap_or(*esac)).collect();
            ends.push(*esac);
            let arms = arms.iter_mut().zip(ends);
            arms.filter_map(|(arm, end)| Some((between(arm.patterns.last()?.span, end), &mut arm.body))).collect()
        }
        CommandKind::Simple(_)
        | CommandKind::Time { command: None, .. }
        | CommandKind::Test { .. }
        | CommandKind::Arithmetic { .. }
        | CommandKind::Unread(_) => Vec::new(),
    }
}

fn command(node: &mut Command, visitor: &mut dyn Visitor) {
    match &mut node.kind {
        CommandKind::Simple(it) => simple(it, visitor),
        CommandKind::AndOr { left, right, .. } => {
            command(left, visitor);
            command(right, visitor);
        }
        CommandKind::Pipeline { stages, .. } => {
            for stage in stages {
                command(stage, visitor);
            }
        }
        CommandKind::Not { command: inner, .. }
        | CommandKind::Time { command: Some(inner), .. }
        | CommandKind::Function { body: inner, .. } => command(inner, visitor),
        CommandKind::Coproc { name, command: inner, .. } => {
            if let Some(name) = name {
                word(name, visitor);
            }
            command(inner, visitor);
        }
        CommandKind::Brace { body, .. } | CommandKind::Subshell { body, .. } => list(body, visitor),
        CommandKind::If { branches, otherwise, .. } => {
            for branch in branches {
                list(&mut branch.condition, visitor);
                list(&mut branch.body, visitor);
            }
            if let Some((_, body)) = otherwise {
                list(body, visitor);
            }
        }
        CommandKind::Loop { condition, body, .. } => {
            list(condition, visitor);
            list(body, visitor);
        }
        CommandKind::For(each) => {
            let items = each.items.iter_mut().flat_map(|(_, items)| items);
            items.for_each(|item| word(item, visitor));
            list(&mut each.body, visitor);
        }
        CommandKind::ArithmeticFor { parts: three, body, .. } => {
            three.iter_mut().flatten().for_each(|it| parts(&mut it.parts, visitor));
            list(body, visitor);
        }
        CommandKind::Case { subject, arms, .. } => {
            word(subject, visitor);
            for arm in arms {
                arm.patterns.iter_mut().for_each(|pattern| word(pattern, visitor));
                list(&mut arm.body, visitor);
            }
        }
        CommandKind::Test { expression, .. } => expression.iter_mut().for_each(|it| test(it, visitor)),
        CommandKind::Arithmetic { expression, .. } => parts(&mut expression.parts, visitor),
        CommandKind::Time { command: None, .. } | CommandKind::Unread(_) => {}
    }
    node.redirects.iter_mut().for_each(|it| redirect(it, visitor));
    visitor.command(node);
}

fn simple(node: &mut Simple, visitor: &mut dyn Visitor) {
    node.assignments.iter_mut().for_each(|it| assignment(it, visitor));
    node.words.iter_mut().for_each(|it| word(it, visitor));
    node.declared.iter_mut().for_each(|it| assignment(it, visitor));
}

fn assignment(node: &mut Assignment, visitor: &mut dyn Visitor) {
    if let Some(subscript) = &mut node.subscript {
        word(subscript, visitor);
    }
    match &mut node.value {
        AssignmentValue::Scalar(value) => word(value, visitor),
        AssignmentValue::Array(elements) => {
            for (subscript, value) in elements {
                if let Some(subscript) = subscript {
                    word(subscript, visitor);
                }
                word(value, visitor);
            }
        }
    }
}

fn redirect(node: &mut Redirect, visitor: &mut dyn Visitor) {
    word(&mut node.target, visitor);
    if let Some(Heredoc { parts: inner, .. }) = &mut node.heredoc {
        parts(inner, visitor);
    }
}

fn test(node: &mut TestExpression, visitor: &mut dyn Visitor) {
    match &mut node.kind {
        TestKind::Word(it) | TestKind::Unary(_, it) => word(it, visitor),
        TestKind::Binary(left, _, right) => {
            word(left, visitor);
            word(right, visitor);
        }
        TestKind::Not(inner) => test(inner, visitor),
        TestKind::And(left, right) | TestKind::Or(left, right) => {
            test(left, visitor);
            test(right, visitor);
        }
    }
}

fn word(node: &mut Word, visitor: &mut dyn Visitor) {
    parts(&mut node.parts, visitor);
}

fn parts(nodes: &mut [Part], visitor: &mut dyn Visitor) {
    for node in nodes {
        match &mut node.kind {
            PartKind::Literal(_)
            | PartKind::SingleQuoted(_)
            | PartKind::AnsiQuoted(_)
            | PartKind::Glob(_)
            | PartKind::Tilde(_)
            | PartKind::Brace(_) => {}
            PartKind::DoubleQuoted(inner) => parts(inner, visitor),
            PartKind::Parameter(it) => {
                if let Some(subscript) = &mut it.subscript {
                    word(subscript, visitor);
                }
                operator(&mut it.operator, visitor);
            }
            PartKind::Command(it) => list(&mut it.body, visitor),
            PartKind::Process { body, .. } => list(body, visitor),
            PartKind::Arithmetic(it) => parts(&mut it.parts, visitor),
        }
    }
}

fn operator(node: &mut ParameterOperator, visitor: &mut dyn Visitor) {
    match node {
        ParameterOperator::Default { word: it, .. }
        | ParameterOperator::Assign { word: it, .. }
        | ParameterOperator::Require { word: it, .. }
        | ParameterOperator::Alternative { word: it, .. }
        | ParameterOperator::Trim { pattern: it, .. } => word(it, visitor),
        ParameterOperator::Replace { pattern, replacement, .. } => {
            word(pattern, visitor);
            word(replacement, visitor);
        }
        ParameterOperator::Slice { offset, length } => {
            parts(&mut offset.parts, visitor);
            if let Some(length) = length {
                parts(&mut length.parts, visitor);
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
