//! The guard that a pair of twins is about.
//!
//! It is what stands on the line that only the silent twin has, and without which the other one is told something: so that
//! line must be one statement, and what it guards is known from the line on which the other twin is told.

use super::subject::{Subject, Twin};
use super::tree::{Place, called};
use noharm::span::Span;
use noharm::syntax::tree::{AndOr, Command, CommandKind};

/// A guard that leaves in front of a change: `A || exit 1`, `A && exit 0`.
pub struct Leaving<'t> {
    pub place: Place<'t>,
    /// One command, with or without a `!`.
    pub question: &'t Command,
    pub operator: AndOr,
    pub leave: &'t Command,
}

impl Leaving<'_> {
    /// From the end of the question to the end of the exit.
    pub fn rest(&self) -> Span {
        Span::new(self.question.span.end, self.leave.span.end)
    }

    /// Whether a failure of the question leads to the exit.
    pub fn needs_success(&self) -> bool {
        self.operator == AndOr::Or
    }

    /// Whether the function that it ends returns what the question said, with and without the exit.
    pub fn returns_the_status(&self) -> bool {
        self.place.next().is_none() && ends_with(self.leave, &["return"])
    }
}

/// A question with the change that depends on it: `A || B`, `A && B`.
pub struct Deciding<'t> {
    pub place: Place<'t>,
    pub question: &'t Command,
    pub operator: Span,
    pub change: &'t Command,
}

/// The statement that only the silent twin has, where that is all of a line.
pub fn named<'t>(subject: &Subject<'t>) -> Option<Place<'t>> {
    let Twin { changed, .. } = subject.twin.as_ref()?;
    let line = *changed.first().filter(|_| changed.len() == 1)?;
    let on_line = |place: &&Place| {
        let span = place.statement.span;
        subject.line(span.start) == line && subject.line(span.end) == line
    };
    let statements: Vec<&Place> = subject.tree.statements.iter().filter(on_line).collect();
    let (first, others) = statements.split_first()?;
    let is_whole = others.iter().all(|other| first.statement.span.contains(other.statement.span));
    (is_whole && subject.begins_line(first.statement.span.start)).then_some(**first)
}

/// The guard that leaves, and behind which something is found where it is not.
pub fn leaving<'t>(subject: &Subject<'t>) -> Option<Leaving<'t>> {
    let place = named(subject)?;
    let CommandKind::AndOr { left, operator, right, .. } = &place.statement.command.kind else { return None };
    // A list has several answers, and each may be a guard.
    let is_one = !matches!(left.kind, CommandKind::AndOr { .. });
    let is_guard = is_one
        && ends_with(right, &["exit", "return", "continue", "break"])
        && is_before_what_is_found(subject, &place);
    is_guard.then_some(Leaving { place, question: left, operator: *operator, leave: right })
}

/// The guard that leaves after a question that changes nothing, and of which one answer is no excuse.
pub fn asking<'t>(subject: &Subject<'t>) -> Option<Leaving<'t>> {
    leaving(subject).filter(|guard| is_question(subject, guard.question))
}

/// The guard that leaves, and without whose question there is something to be told: a check whose result is ignored is
/// told of by itself, but where there is no check, something must have been changed.
pub fn needed<'t>(subject: &Subject<'t>) -> Option<Leaving<'t>> {
    let is_of_itself = subject.twin.iter().flat_map(|twin| &twin.found).all(|(_, code)| code == "NH302");
    let before = |guard: &Leaving| Span::new(0, guard.place.statement.span.start);
    asking(subject).filter(|guard| !is_of_itself || !subject.only_asks(before(guard)))
}

/// The question that decides whether what is found in the other twin is done.
pub fn deciding<'t>(subject: &Subject<'t>) -> Option<Deciding<'t>> {
    let place = named(subject)?;
    let CommandKind::AndOr { left, operator_span, right, .. } = &place.statement.command.kind else { return None };
    let is_found_here = subject.twin.iter().flat_map(|twin| &twin.found).all(|(line, _)| line.is_none());
    let is_decision = is_found_here && !subject.only_asks(right.span) && is_question(subject, left);
    is_decision.then_some(Deciding { place, question: left, operator: *operator_span, change: right })
}

/// Whether all that the other twin is told stands on later lines, which read the same.
pub fn is_before_what_is_found(subject: &Subject, place: &Place) -> bool {
    let line = subject.line(place.statement.span.end);
    subject.twin.iter().flat_map(|twin| &twin.found).all(|(found, _)| found.is_some_and(|found| found > line))
}

/// The question without the `!` in front of it.
pub fn asked(command: &Command) -> &Command {
    match &command.kind {
        CommandKind::Not { command, .. } => command,
        _ => command,
    }
}

/// Whether a command is one program, or `[`, that changes nothing, and of which not both answers are an excuse.
pub fn is_question(subject: &Subject, command: &Command) -> bool {
    let CommandKind::Simple(simple) = &asked(command).kind else { return false };
    let is_asked = is_test(command) || subject.is_program(simple);
    is_asked && !compares(command) && subject.only_asks(command.span)
}

/// Whether it matters to what follows that a command succeeded: of questions, and of copies. What else is done may be done
/// as well by a command that fails.
pub fn is_excuse(subject: &Subject, command: &Command) -> bool {
    let copies = matches!(&command.kind, CommandKind::Simple(simple) if called(simple) == Some("cp"));
    copies || !compares(command) && subject.only_asks(command.span)
}

/// Whether two files are compared: who writes the one over the other may do so if they are the same.
fn compares(command: &Command) -> bool {
    matches!(&asked(command).kind, CommandKind::Simple(simple) if matches!(called(simple), Some("cmp" | "diff")))
}

/// Whether a command is `[` or `test`.
pub fn is_test(command: &Command) -> bool {
    matches!(&asked(command).kind, CommandKind::Simple(simple) if matches!(called(simple), Some("[" | "test")))
}

/// Whether a command, or the last of several in braces, is called so.
fn ends_with(command: &Command, names: &[&str]) -> bool {
    match &command.kind {
        CommandKind::Simple(simple) => called(simple).is_some_and(|name| names.contains(&name)),
        CommandKind::Brace { body, .. } => body.statements.last().is_some_and(|last| ends_with(&last.command, names)),
        _ => false,
    }
}
