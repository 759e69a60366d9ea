//! Checks the spans of a tree: in bounds, statements in order, children inside parents.

use noharm::span::Span;
use noharm::syntax::tree::{
    Arithmetic, Assignment, AssignmentValue, Command, CommandKind, List, ParameterOperator, Part, PartKind, Redirect,
    Script, TestExpression, TestKind, Word,
};

/// Whether all spans of `script`, read from `text`, make sense; if not, what is wrong first.
pub fn check(script: &Script, text: &[u8]) -> Result<(), String> {
    let whole = Span::new(0, text.len() as u32);
    list(&script.body, whole, "script")?;
    for (name, spans) in
        [("comment", script.comments.clone()), ("unread", script.unread.iter().map(|unread| unread.span).collect())]
    {
        ordered(spans, whole, name, name == "unread")?;
    }
    Ok(())
}

fn within(inner: Span, outer: Span, what: &str) -> Result<(), String> {
    if inner.start > inner.end {
        return Err(format!("{what} {inner:?} ends before it starts"));
    }
    if outer.contains(inner) { Ok(()) } else { Err(format!("{what} {inner:?} is not inside {outer:?}")) }
}

/// Each inside `outer` and after the one before; where they may `overlap`, starting no earlier than it.
fn ordered(spans: impl IntoIterator<Item = Span>, outer: Span, what: &str, overlap: bool) -> Result<(), String> {
    let mut last = outer.start;
    for span in spans {
        within(span, outer, what)?;
        if span.start < last {
            return Err(format!("{what} {span:?} comes before {last}"));
        }
        last = if overlap { span.start } else { span.end };
    }
    Ok(())
}

/// A list; heredocs may lie after the command that holds the list, so bounds are those of the text they are read from.
fn list(node: &List, bounds: Span, what: &str) -> Result<(), String> {
    within(node.span, bounds, what)?;
    if node.statements.is_empty() {
        return Ok(());
    }
    ordered(node.statements.iter().map(|statement| statement.span), node.span, "statement", false)?;
    for statement in &node.statements {
        within(statement.command.span, statement.span, "command of a statement")?;
        command(&statement.command, statement.span)?;
        if let Some(ampersand) = statement.ampersand {
            within(ampersand, Span::new(statement.span.end, u32::MAX), "ampersand")?;
        }
    }
    Ok(())
}

fn command(node: &Command, bounds: Span) -> Result<(), String> {
    within(node.span, bounds, "command")?;
    let bounds = node.span;
    for redirect in &node.redirects {
        self::redirect(redirect, bounds)?;
    }
    let spans = |spans: &[Span]| ordered(spans.iter().copied(), bounds, "keyword", false);
    match &node.kind {
        CommandKind::Simple(simple) => {
            ordered(simple.assignments.iter().map(|it| it.span), bounds, "assignment", false)?;
            ordered(simple.words.iter().map(|it| it.span), bounds, "word", false)?;
            for it in simple.assignments.iter().chain(&simple.declared) {
                assignment(it, bounds)?;
            }
            simple.words.iter().try_for_each(|it| word(it, bounds))
        }
        CommandKind::AndOr { left, operator_span, right, .. } => {
            spans(&[left.span, *operator_span, right.span])?;
            command(left, bounds)?;
            command(right, bounds)
        }
        CommandKind::Pipeline { stages, pipes } => {
            if pipes.len() + 1 != stages.len() {
                return Err(format!("{} pipes between {} stages", pipes.len(), stages.len()));
            }
            for (stage, (pipe, _)) in stages.iter().zip(pipes) {
                spans(&[stage.span, *pipe])?;
            }
            ordered(stages.iter().map(|stage| stage.span), bounds, "stage", false)?;
            stages.iter().try_for_each(|stage| command(stage, bounds))
        }
        CommandKind::Not { bang, command: inner } => {
            spans(&[*bang, inner.span])?;
            command(inner, bounds)
        }
        CommandKind::Time { time, command: inner } => {
            spans(&[*time])?;
            inner.iter().try_for_each(|inner| command(inner, bounds))
        }
        CommandKind::Coproc { coproc, name, command: inner } => {
            spans(&[*coproc, inner.span])?;
            name.iter().try_for_each(|name| word(name, bounds))?;
            command(inner, bounds)
        }
        CommandKind::Brace { open, body, close } | CommandKind::Subshell { open, body, close } => {
            spans(&[*open, body.span, *close])?;
            list(body, bounds, "body")
        }
        CommandKind::If { branches, otherwise, fi } => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend([branch.keyword, branch.condition.span, branch.then, branch.body.span]);
                list(&branch.condition, bounds, "condition")?;
                list(&branch.body, bounds, "branch")?;
            }
            if let Some((keyword, body)) = otherwise {
                all.extend([*keyword, body.span]);
                list(body, bounds, "else branch")?;
            }
            all.push(*fi);
            spans(&all)
        }
        CommandKind::Loop { keyword, condition, open, body, close, .. } => {
            spans(&[*keyword, condition.span, *open, body.span, *close])?;
            list(condition, bounds, "condition")?;
            list(body, bounds, "loop body")
        }
        CommandKind::For(each) => {
            spans(&[each.keyword, each.name.span, each.open, each.body.span, each.close])?;
            if let Some((keyword, items)) = &each.items {
                spans(&[each.name.span, *keyword])?;
                ordered(items.iter().map(|item| item.span), bounds, "item", false)?;
                items.iter().try_for_each(|item| word(item, bounds))?;
            }
            list(&each.body, bounds, "loop body")
        }
        CommandKind::ArithmeticFor { keyword, parts: three, open, body, close } => {
            spans(&[*keyword, *open, body.span, *close])?;
            three.iter().flatten().try_for_each(|it| arithmetic(it, bounds))?;
            list(body, bounds, "loop body")
        }
        CommandKind::Case { keyword, subject, in_keyword, arms, esac } => {
            let mut all = vec![*keyword, subject.span, *in_keyword];
            word(subject, bounds)?;
            for arm in arms {
                all.extend(arm.patterns.iter().map(|pattern| pattern.span));
                all.push(arm.body.span);
                arm.patterns.iter().try_for_each(|pattern| word(pattern, bounds))?;
                list(&arm.body, bounds, "arm")?;
            }
            all.push(*esac);
            spans(&all)
        }
        CommandKind::Function { name, body } => {
            spans(&[name.span, body.span])?;
            command(body, bounds)
        }
        CommandKind::Test { open, expression, close } => {
            spans(&[*open, *close])?;
            expression.iter().try_for_each(|it| test(it, bounds))
        }
        CommandKind::Arithmetic { open, expression, close } => {
            spans(&[*open, expression.span, *close])?;
            arithmetic(expression, bounds)
        }
        CommandKind::Unread(_) => Ok(()),
    }
}

fn assignment(node: &Assignment, bounds: Span) -> Result<(), String> {
    within(node.span, bounds, "assignment")?;
    within(node.name.span, node.span, "assigned name")?;
    node.subscript.iter().try_for_each(|it| word(it, node.span))?;
    match &node.value {
        AssignmentValue::Scalar(value) => word(value, node.span),
        AssignmentValue::Array(elements) => elements.iter().try_for_each(|(subscript, value)| {
            subscript.iter().try_for_each(|it| word(it, node.span))?;
            word(value, node.span)
        }),
    }
}

fn redirect(node: &Redirect, bounds: Span) -> Result<(), String> {
    within(node.span, bounds, "redirect")?;
    word(&node.target, node.span)?;
    let Some(heredoc) = &node.heredoc else { return Ok(()) };
    within(heredoc.body, Span::new(node.span.end, u32::MAX), "heredoc")?;
    parts(&heredoc.parts, heredoc.body)
}

fn test(node: &TestExpression, bounds: Span) -> Result<(), String> {
    within(node.span, bounds, "test")?;
    match &node.kind {
        TestKind::Word(it) | TestKind::Unary(_, it) => word(it, node.span),
        TestKind::Binary(left, _, right) => {
            ordered([left.span, right.span], node.span, "operand", false)?;
            word(left, node.span)?;
            word(right, node.span)
        }
        TestKind::Not(inner) => test(inner, node.span),
        TestKind::And(left, right) | TestKind::Or(left, right) => {
            ordered([left.span, right.span], node.span, "operand", false)?;
            test(left, node.span)?;
            test(right, node.span)
        }
    }
}

fn arithmetic(node: &Arithmetic, bounds: Span) -> Result<(), String> {
    within(node.span, bounds, "arithmetic")?;
    parts(&node.parts, node.span)
}

fn word(node: &Word, bounds: Span) -> Result<(), String> {
    within(node.span, bounds, "word")?;
    parts(&node.parts, node.span)
}

fn parts(nodes: &[Part], bounds: Span) -> Result<(), String> {
    ordered(nodes.iter().map(|part| part.span), bounds, "part", false)?;
    for node in nodes {
        match &node.kind {
            PartKind::Literal(_)
            | PartKind::SingleQuoted(_)
            | PartKind::AnsiQuoted(_)
            | PartKind::Glob(_)
            | PartKind::Tilde(_)
            | PartKind::Brace(_) => {}
            PartKind::DoubleQuoted(inner) => parts(inner, node.span)?,
            PartKind::Parameter(it) => {
                within(it.name_span, node.span, "parameter name")?;
                it.subscript.iter().try_for_each(|it| word(it, node.span))?;
                operator(&it.operator, node.span)?;
            }
            PartKind::Command(it) => substituted(&it.body, node.span)?,
            PartKind::Process { body, .. } => substituted(body, node.span)?,
            PartKind::Arithmetic(it) => arithmetic(it, node.span)?,
        }
    }
    Ok(())
}

/// A list inside a word; an empty one stands nowhere.
fn substituted(node: &List, bounds: Span) -> Result<(), String> {
    if node.statements.is_empty() { Ok(()) } else { list(node, bounds, "substitution") }
}

fn operator(node: &ParameterOperator, bounds: Span) -> Result<(), String> {
    match node {
        ParameterOperator::Default { word: it, .. }
        | ParameterOperator::Assign { word: it, .. }
        | ParameterOperator::Require { word: it, .. }
        | ParameterOperator::Alternative { word: it, .. }
        | ParameterOperator::Trim { pattern: it, .. } => word(it, bounds),
        ParameterOperator::Replace { pattern, replacement, .. } => {
            word(pattern, bounds)?;
            word(replacement, bounds)
        }
        ParameterOperator::Slice { offset, length } => {
            arithmetic(offset, bounds)?;
            length.iter().try_for_each(|it| arithmetic(it, bounds))
        }
        ParameterOperator::None
        | ParameterOperator::Length
        | ParameterOperator::Case(_)
        | ParameterOperator::Transform(_)
        | ParameterOperator::Indirect
        | ParameterOperator::Names
        | ParameterOperator::Other(_) => Ok(()),
    }
}
