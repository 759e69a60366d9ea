//! Guards that are none any more.

use super::edits::Edits;
use super::guards::{
    Deciding, Leaving, asked, asking, deciding, is_before_what_is_found, is_excuse, is_test, leaving, named, needed,
};
use super::subject::Subject;
use noharm::span::Span;
use noharm::syntax::tree::{Command, CommandKind};

/// Without the exit a failure leads on, as a success does; with errexit a failure would end the script anyway.
pub fn without_exit(subject: &Subject) -> Option<Edits> {
    let guard = leaving(subject).filter(|guard| !subject.may_exit_on_failure() && !guard.returns_the_status());
    guard.filter(|guard| is_excuse(subject, guard.question)).map(|guard| replaced(guard.rest(), ""))
}

/// `|| :` passes a failure over, whatever the options are.
pub fn colon_for_exit(subject: &Subject) -> Option<Edits> {
    let guard = leaving(subject).filter(|guard| guard.needs_success() && is_excuse(subject, guard.question));
    guard.map(|guard| replaced(guard.leave.span, ":"))
}

/// A check that errexit makes a guard of is one no more where its failure is passed over.
pub fn passed_over(subject: &Subject) -> Option<Edits> {
    let check = named(subject).filter(|place| {
        let command = &place.statement.command;
        let is_check = matches!(&command.kind, CommandKind::Simple(simple) if subject.is_program(simple));
        is_check && subject.may_exit_on_failure() && subject.only_asks(command.span)
    });
    let check = check.filter(|place| is_before_what_is_found(subject, place));
    check.map(|place| replaced(Span::at(place.statement.span.end), " || true"))
}

/// The answer to another question excuses nothing.
pub fn another_question(subject: &Subject) -> Option<Edits> {
    let question = needed(subject).map(|guard| asked(guard.question));
    question.map(|question| replaced(question.span, unrelated(subject, question)))
}

/// Nor does it decide whether a change does harm.
pub fn another_decision(subject: &Subject) -> Option<Edits> {
    let question = deciding(subject).map(|decision| asked(decision.question));
    question.map(|question| replaced(question.span, unrelated(subject, question)))
}

/// A check of what is written next is a check of what is no more.
pub fn too_early(subject: &Subject) -> Option<Edits> {
    let guard = asking(subject).filter(|guard| !is_test(guard.question))?;
    let mut codes = subject.twin.iter().flat_map(|twin| &twin.found).map(|(_, code)| code);
    let is_of_a_service = codes.all(|code| code.starts_with("NH30"));
    let before = guard.place.at.checked_sub(1).map(|at| &guard.place.list.statements[at]);
    let write = before.filter(|before| is_of_a_service && !subject.only_asks(before.span))?;
    let mut edits = Edits::default();
    edits.replace(write.span, subject.slice(guard.place.statement.span));
    edits.replace(guard.place.statement.span, subject.slice(write.span));
    edits.made()
}

/// Without the guard there is none.
pub fn deleted(subject: &Subject) -> Option<Edits> {
    needed(subject).map(|guard| replaced(guard.place.statement.span, ":"))
}

/// Without the question the change is made in any case.
pub fn undecided(subject: &Subject) -> Option<Edits> {
    deciding(subject).map(|Deciding { place, change, .. }| replaced(place.statement.span, subject.slice(change.span)))
}

/// The answer that led to the exit leads on, and the good one leaves.
pub fn answer_turned_round(subject: &Subject) -> Option<Edits> {
    asking(subject).map(|guard| negated(guard.question))
}

/// The change is made where it should not be, and only there.
pub fn decision_turned_round(subject: &Subject) -> Option<Edits> {
    deciding(subject)
        .map(|Deciding { operator, .. }| replaced(operator, if subject.slice(operator) == "||" { "&&" } else { "||" }))
}

/// An exit in parentheses leaves the parentheses; their status would end the script with errexit.
pub fn in_a_subshell(subject: &Subject) -> Option<Edits> {
    let guard = asking(subject).filter(|guard| !subject.may_exit_on_failure() && !guard.returns_the_status());
    guard.map(|guard| surrounded(guard.place.statement.span, "( ", " )"))
}

/// What runs in the background has answered nothing when the script goes on.
pub fn in_the_background(subject: &Subject) -> Option<Edits> {
    asking(subject).map(|guard| surrounded(guard.place.statement.span, "{ ", "; } &"))
}

/// A pipeline has the status of its last stage, unless `pipefail` is set.
pub fn in_a_pipeline(subject: &Subject) -> Option<Edits> {
    let guard = asking(subject).filter(|guard| guard.needs_success() && !subject.text.contains("pipefail"));
    let question =
        guard.map(|guard| guard.question).filter(|question| !matches!(question.kind, CommandKind::Not { .. }));
    question.map(|question| replaced(Span::at(question.span.end), " | cat"))
}

/// Commands that ask elsewhere already.
const OTHER_PLACES: &[&str] = &["ssh ", "kubectl "];

/// Another host's answer says nothing of this one.
pub fn on_another_host(subject: &Subject) -> Option<Edits> {
    let question = needed(subject).map(|guard| guard.question).or(deciding(subject).map(|decision| decision.question));
    let question = question
        .map(asked)
        .filter(|question| !is_test(question) && !OTHER_PLACES.iter().any(|place| subject.text.contains(place)));
    question.map(|question| replaced(Span::at(question.span.start), "ssh other.example.org "))
}

/// A command that is printed is not run, and printing succeeds.
pub fn only_printed(subject: &Subject) -> Option<Edits> {
    let guard = needed(subject).filter(Leaving::needs_success);
    let question =
        guard.map(|guard| guard.question).filter(|question| !matches!(question.kind, CommandKind::Not { .. }));
    question.map(|question| replaced(Span::at(question.span.start), "echo "))
}

fn replaced(span: Span, text: &str) -> Edits {
    let mut edits = Edits::default();
    edits.replace(span, text);
    edits
}

fn surrounded(span: Span, before: &str, behind: &str) -> Edits {
    let mut edits = Edits::default();
    edits.insert(span.start, before);
    edits.insert(span.end, behind);
    edits
}

/// With a `!` in front, or without the one that is there.
fn negated(question: &Command) -> Edits {
    match &question.kind {
        CommandKind::Not { command, .. } => replaced(Span::new(question.span.start, command.span.start), ""),
        _ => replaced(Span::at(question.span.start), "! "),
    }
}

/// A question about something that the script has nothing to do with.
fn unrelated(subject: &Subject, question: &Command) -> &'static str {
    match (is_test(question), subject.text.contains("haproxy")) {
        (true, _) => "[ -d /srv/unrelated ]",
        (false, false) => "haproxy -c -f /etc/haproxy/haproxy.cfg",
        (false, true) => "nginx -t",
    }
}
