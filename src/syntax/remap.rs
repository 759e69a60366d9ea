//! Leads every span of a tree through a map: for text that was read on its own but stands inside another text
//! (a backquoted command, the script of `sh -c '…'`).

use super::tree::{
    Arithmetic, ArithmeticExpression, Assignment, AssignmentValue, Command, CommandKind, List, Parameter,
    ParameterOperator, Part, PartKind, Redirect, Script, Simple, Statement, TestExpression, TestKind, Word,
};
use crate::span::Span;

/// Rewrites all spans of `script`. `offset` takes an offset of the text that was read to one of the host; it must never
/// fall.
pub fn remap(script: &mut Script, offset: impl Fn(u32) -> u32) {
    remap_filled(script, offset, &[]);
}

/// Rewrites all spans of a script into which another shell puts something: `holes` are plain variables that stand for
/// it, in order. Single quotes around one hold it as double quotes do.
pub fn remap_filled(script: &mut Script, offset: impl Fn(u32) -> u32, holes: &[Span]) {
    let map = Map { offset: &offset, holes };
    remap_list(&mut script.body, map);
    for comment in &mut script.comments {
        span(comment, map);
    }
    for region in &mut script.unread {
        span(&mut region.span, map);
    }
}

/// How a tree is led back.
#[derive(Clone, Copy)]
pub(super) struct Map<'m> {
    offset: &'m dyn Fn(u32) -> u32,
    holes: &'m [Span],
}

impl<'m> Map<'m> {
    /// One of a text that no other shell puts anything into.
    pub(super) fn whole(offset: &'m dyn Fn(u32) -> u32) -> Self {
        Self { offset, holes: &[] }
    }
}

fn span(span: &mut Span, map: Map<'_>) {
    *span = Span::new((map.offset)(span.start), (map.offset)(span.end));
}

/// The parts of a text in single quotes at `quoted`, where another shell puts something into it.
fn filled(text: &str, quoted: Span, holes: &[Span]) -> Option<Vec<Part>> {
    let first = holes.partition_point(|hole| hole.start <= quoted.start);
    let inside = holes[first..].iter().take_while(|hole| hole.end <= quoted.end);
    let start = quoted.start + 1;
    let literal = |from: u32, to: u32| {
        let text = text.get((from - start) as usize..(to - start) as usize)?;
        Some(Part { span: Span::new(from, to), kind: PartKind::Literal(text.into()) })
    };
    let (mut parts, mut at) = (Vec::new(), start);
    for hole in inside {
        if hole.start > at {
            parts.push(literal(at, hole.start)?);
        }
        let written = text.get((hole.start - start) as usize..(hole.end - start) as usize)?;
        let name = written.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
        let parameter =
            Parameter { name: name.into(), name_span: *hole, subscript: None, operator: ParameterOperator::None };
        parts.push(Part { span: *hole, kind: PartKind::Parameter(Box::new(parameter)) });
        at = hole.end;
    }
    if parts.is_empty() {
        return None;
    }
    let end = start + text.len() as u32;
    if at < end {
        parts.push(literal(at, end)?);
    }
    Some(parts)
}

/// Rewrites all spans of a list.
pub(super) fn remap_list(list: &mut List, map: Map<'_>) {
    span(&mut list.span, map);
    for statement in &mut list.statements {
        remap_statement(statement, map);
    }
}

fn remap_statement(statement: &mut Statement, map: Map<'_>) {
    span(&mut statement.span, map);
    command(&mut statement.command, map);
    if let Some(ampersand) = &mut statement.ampersand {
        span(ampersand, map);
    }
}

fn command(node: &mut Command, map: Map<'_>) {
    span(&mut node.span, map);
    for redirect in &mut node.redirects {
        remap_redirect(redirect, map);
    }
    match &mut node.kind {
        CommandKind::Simple(node) => simple(node, map),
        CommandKind::AndOr { left, operator_span, right, .. } => {
            command(left, map);
            span(operator_span, map);
            command(right, map);
        }
        CommandKind::Pipeline { stages, pipes } => {
            for stage in stages {
                command(stage, map);
            }
            for pipe in pipes {
                span(&mut pipe.0, map);
            }
        }
        CommandKind::Not { bang, command: inner } => {
            span(bang, map);
            command(inner, map);
        }
        CommandKind::Time { time, command: inner } => {
            span(time, map);
            if let Some(inner) = inner {
                command(inner, map);
            }
        }
        CommandKind::Coproc { coproc, name, command: inner } => {
            span(coproc, map);
            if let Some(name) = name {
                word(name, map);
            }
            command(inner, map);
        }
        CommandKind::Brace { open, body, close } | CommandKind::Subshell { open, body, close } => {
            span(open, map);
            remap_list(body, map);
            span(close, map);
        }
        CommandKind::If { branches, otherwise, fi } => {
            for branch in branches {
                span(&mut branch.keyword, map);
                remap_list(&mut branch.condition, map);
                span(&mut branch.then, map);
                remap_list(&mut branch.body, map);
            }
            if let Some((keyword, body)) = otherwise {
                span(keyword, map);
                remap_list(body, map);
            }
            span(fi, map);
        }
        CommandKind::Loop { keyword, condition, open, body, close, .. } => {
            span(keyword, map);
            remap_list(condition, map);
            span(open, map);
            remap_list(body, map);
            span(close, map);
        }
        CommandKind::For(node) => {
            span(&mut node.keyword, map);
            span(&mut node.name.span, map);
            if let Some((keyword, items)) = &mut node.items {
                span(keyword, map);
                for item in items {
                    word(item, map);
                }
            }
            span(&mut node.open, map);
            remap_list(&mut node.body, map);
            span(&mut node.close, map);
        }
        CommandKind::ArithmeticFor { keyword, parts, open, body, close } => {
            span(keyword, map);
            for part in parts.iter_mut().flatten() {
                arithmetic(part, map);
            }
            span(open, map);
            remap_list(body, map);
            span(close, map);
        }
        CommandKind::Case { keyword, subject, in_keyword, arms, esac } => {
            span(keyword, map);
            word(subject, map);
            span(in_keyword, map);
            for arm in arms {
                for pattern in &mut arm.patterns {
                    word(pattern, map);
                }
                remap_list(&mut arm.body, map);
            }
            span(esac, map);
        }
        CommandKind::Function { name, body } => {
            span(&mut name.span, map);
            command(body, map);
        }
        CommandKind::Test { open, expression, close } => {
            span(open, map);
            if let Some(expression) = expression {
                test(expression, map);
            }
            span(close, map);
        }
        CommandKind::Arithmetic { open, expression, close } => {
            span(open, map);
            arithmetic(expression, map);
            span(close, map);
        }
        CommandKind::Unread(_) => {}
    }
}

fn simple(node: &mut Simple, map: Map<'_>) {
    for node in &mut node.assignments {
        assignment(node, map);
    }
    for node in &mut node.words {
        word(node, map);
    }
    for node in &mut node.declared {
        assignment(node, map);
    }
}

fn assignment(node: &mut Assignment, map: Map<'_>) {
    span(&mut node.span, map);
    span(&mut node.name.span, map);
    if let Some(subscript) = &mut node.subscript {
        word(subscript, map);
    }
    match &mut node.value {
        AssignmentValue::Scalar(value) => word(value, map),
        AssignmentValue::Array(elements) => {
            for (subscript, value) in elements {
                if let Some(subscript) = subscript {
                    word(subscript, map);
                }
                word(value, map);
            }
        }
    }
}

fn remap_redirect(node: &mut Redirect, map: Map<'_>) {
    span(&mut node.span, map);
    word(&mut node.target, map);
    if let Some(heredoc) = &mut node.heredoc {
        span(&mut heredoc.body, map);
        parts(&mut heredoc.parts, map);
    }
}

fn word(node: &mut Word, map: Map<'_>) {
    span(&mut node.span, map);
    parts(&mut node.parts, map);
}

fn parts(nodes: &mut [Part], map: Map<'_>) {
    for part in nodes {
        if let PartKind::SingleQuoted(text) = &part.kind
            && let Some(inner) = filled(text, part.span, map.holes)
        {
            part.kind = PartKind::DoubleQuoted(inner);
        }
        span(&mut part.span, map);
        match &mut part.kind {
            PartKind::DoubleQuoted(inner) => parts(inner, map),
            PartKind::Parameter(node) => parameter(node, map),
            PartKind::Command(node) => remap_list(&mut node.body, map),
            PartKind::Process { body, .. } => remap_list(body, map),
            PartKind::Arithmetic(node) => arithmetic(node, map),
            PartKind::Literal(_)
            | PartKind::SingleQuoted(_)
            | PartKind::AnsiQuoted(_)
            | PartKind::Glob(_)
            | PartKind::Tilde(_)
            | PartKind::Brace(_) => {}
        }
    }
}

fn parameter(node: &mut Parameter, map: Map<'_>) {
    span(&mut node.name_span, map);
    if let Some(subscript) = &mut node.subscript {
        word(subscript, map);
    }
    match &mut node.operator {
        ParameterOperator::Default { word: operand, .. }
        | ParameterOperator::Assign { word: operand, .. }
        | ParameterOperator::Require { word: operand, .. }
        | ParameterOperator::Alternative { word: operand, .. }
        | ParameterOperator::Trim { pattern: operand, .. } => word(operand, map),
        ParameterOperator::Replace { pattern, replacement, .. } => {
            word(pattern, map);
            word(replacement, map);
        }
        ParameterOperator::Slice { offset, length } => {
            arithmetic(offset, map);
            if let Some(length) = length {
                arithmetic(length, map);
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

/// Expressions hold no spans of their own.
fn arithmetic(node: &mut Arithmetic, map: Map<'_>) {
    span(&mut node.span, map);
    parts(&mut node.parts, map);
    let _: &Option<ArithmeticExpression> = &node.expression;
}

fn test(node: &mut TestExpression, map: Map<'_>) {
    span(&mut node.span, map);
    match &mut node.kind {
        TestKind::Word(operand) | TestKind::Unary(_, operand) => word(operand, map),
        TestKind::Binary(left, _, right) => {
            word(left, map);
            word(right, map);
        }
        TestKind::Not(inner) => test(inner, map),
        TestKind::And(left, right) | TestKind::Or(left, right) => {
            test(left, map);
            test(right, map);
        }
    }
}
