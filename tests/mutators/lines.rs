//! Lines that say nothing, and lines whose order says nothing.

use super::edits::Edits;
use super::subject::Subject;
use super::tree::{Place, is_constant};
use noharm::span::Span;
use noharm::syntax::tree::{Assignment, AssignmentValue, CommandKind, Simple, Statement};

/// A remark is no command.
pub fn remarks(subject: &Subject) -> Option<Edits> {
    in_front_of_lines(subject, |_| Some("\n# what comes now\n"))
}

/// `echo` succeeds and leaves what is known, and so does a command whose failure is passed over. Only the status of what
/// ran before is gone.
pub fn unrelated(subject: &Subject) -> Option<Edits> {
    if subject.asks_status(subject.whole()) {
        return None;
    }
    in_front_of_lines(subject, |place| match place.at % 2 {
        _ if place.standing.asked => None,
        0 => Some("date > /dev/null || :\n"),
        _ => Some("echo \"next\" >&2\n"),
    })
}

/// A variable gets its constant before or behind a command that has nothing to do with it.
pub fn constants_later(subject: &Subject) -> Option<Edits> {
    let knows_more = subject.has_call(&["trap", "eval", "."]) || !subject.tree.functions.is_empty();
    if knows_more || subject.asks_status(subject.whole()) {
        return None;
    }
    let mut edits = Edits::default();
    let mut done = 0;
    for place in &subject.tree.statements {
        let (Some(constant), Some(next)) = (constant_of(place.statement), place.next()) else { continue };
        let (own, other) = (place.statement.span, next.span);
        let (Some(own_end), Some(other_end)) = (subject.ends_line(own.end), subject.ends_line(other.end)) else {
            continue;
        };
        let are_lines = subject.begins_line(own.start) && subject.begins_line(other.start);
        let is_mentioned = subject.slice(other).contains(&*constant.name.text);
        let is_command = matches!(&next.command.kind, CommandKind::Simple(simple) if !simple.words.is_empty() || constant_of(next).is_some());
        if own.start < done || !are_lines || is_mentioned || !is_command || next.ampersand.is_some() {
            continue;
        }
        if next.command.redirects.iter().any(|redirect| redirect.heredoc.is_some()) {
            continue;
        }
        done = other_end;
        let line = Span::new(subject.line_start(own.start), own_end);
        edits.replace(line, "");
        edits.insert(other_end, subject.slice(line));
    }
    edits.made()
}

/// `;` parts commands as the end of a line does.
pub fn one_a_line(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for place in &subject.tree.statements {
        let Some(next) = place.next() else { continue };
        let between = Span::new(place.statement.span.end, next.span.start);
        let is_parted = place.statement.ampersand.is_none() && matches!(subject.slice(between), ";" | "; ");
        // Of what is found on the line it would not be known on which of the two it is now.
        let is_told = subject.found.iter().any(|(line, _)| *line == subject.line(between.start));
        if is_parted && !is_told {
            edits.replace(between, "\n");
        }
    }
    edits.made()
}

/// The assignment of a constant that is all of a statement.
fn constant_of(statement: &Statement) -> Option<&Assignment> {
    let CommandKind::Simple(Simple { assignments, words, .. }) = &statement.command.kind else { return None };
    let [assignment] = &assignments[..] else { return None };
    let AssignmentValue::Scalar(value) = &assignment.value else { return None };
    let is_plain = words.is_empty() && statement.command.redirects.is_empty() && !assignment.append;
    (is_plain && assignment.subscript.is_none() && is_constant(value)).then_some(assignment)
}

/// Puts something in front of every statement that begins a line and is not in a substitution.
fn in_front_of_lines(subject: &Subject, what: impl Fn(&Place) -> Option<&'static str>) -> Option<Edits> {
    let mut edits = Edits::default();
    for place in &subject.tree.statements {
        let start = place.statement.span.start;
        // A directive speaks of the line behind it.
        let is_spoken_of = subject.line_before(start).contains("# noharm:");
        if !place.standing.apart
            && subject.begins_line(start)
            && !is_spoken_of
            && let Some(text) = what(place)
        {
            edits.insert(subject.line_start(start), text);
        }
    }
    edits.made()
}
