//! `&&` and `||` as `if`, and the other way round.

use super::edits::Edits;
use super::subject::Subject;
use super::tree::Place;
use noharm::span::Span;
use noharm::syntax::tree::{AndOr, Branch, Command, CommandKind};

/// `A || B` is `if ! A; then B; fi`: it has the status of B where B runs, and else 0. Only `$?` is another one in B.
pub fn or_to_if(subject: &Subject) -> Option<Edits> {
    outermost(subject, |place, edits| {
        let CommandKind::AndOr { left, operator: AndOr::Or, operator_span, right } = &place.statement.command.kind
        else {
            return false;
        };
        if subject.asks_status(right.span) || matches!(left.kind, CommandKind::Not { .. } | CommandKind::Time { .. }) {
            return false;
        }
        let is_list = matches!(left.kind, CommandKind::AndOr { .. });
        edits.insert(left.span.start, if is_list { "if ! { " } else { "if ! " });
        edits.replace(*operator_span, if is_list { "; }; then" } else { "; then" });
        edits.insert(right.span.end, "; fi");
        true
    })
}

/// `A && B` is `if A; then B; fi` where nobody asks for the status: where A fails, the list has failed and the `if` has not.
pub fn and_to_if(subject: &Subject) -> Option<Edits> {
    outermost(subject, |place, edits| {
        let CommandKind::AndOr { left, operator: AndOr::And, operator_span, right } = &place.statement.command.kind
        else {
            return false;
        };
        if !has_unused_status(subject, place) {
            return false;
        }
        edits.insert(left.span.start, "if ");
        edits.replace(*operator_span, "; then");
        edits.insert(right.span.end, "; fi");
        true
    })
}

/// `if ! A; then B; fi` is `A || { B; }`, for the same reason as the other way round.
pub fn if_to_or(subject: &Subject) -> Option<Edits> {
    outermost(subject, |place, edits| {
        let Some((branch, keyword, fi)) = only_branch(&place.statement.command) else { return false };
        let [condition] = &branch.condition.statements[..] else { return false };
        let CommandKind::Not { command, .. } = &condition.command.kind else { return false };
        if subject.asks_status(branch.body.span) {
            return false;
        }
        edits.replace(Span::new(keyword.start, command.span.start), "");
        edits.replace(Span::new(command.span.end, branch.then.end), " || {");
        edits.replace(fi, "}");
        true
    })
}

/// `if A; then B; fi` is `A && { B; }` where nobody asks for the status.
pub fn if_to_and(subject: &Subject) -> Option<Edits> {
    outermost(subject, |place, edits| {
        let Some((branch, keyword, fi)) = only_branch(&place.statement.command) else { return false };
        let [condition] = &branch.condition.statements[..] else { return false };
        if !has_unused_status(subject, place) || condition.ampersand.is_some() {
            return false;
        }
        edits.replace(Span::new(keyword.start, condition.span.start), "");
        edits.replace(Span::new(condition.span.end, branch.then.end), " && {");
        edits.replace(fi, "}");
        true
    })
}

/// Changes statements that stand in no other one that was changed, and in no condition.
fn outermost(subject: &Subject, change: impl Fn(&Place, &mut Edits) -> bool) -> Option<Edits> {
    let mut edits = Edits::default();
    let mut done = 0;
    for place in &subject.tree.statements {
        let Command { redirects, .. } = &place.statement.command;
        let span = place.statement.span;
        let has_heredoc =
            subject.tree.redirects.iter().any(|redirect| redirect.heredoc.is_some() && span.contains(redirect.span));
        let is_free = span.start >= done && !place.standing.asked && place.statement.ampersand.is_none();
        if is_free && redirects.is_empty() && !has_heredoc && change(place, &mut edits) {
            done = span.end;
        }
    }
    edits.made()
}

/// Whether the status of a statement goes nowhere: it is not that of a body, and nothing asks for `$?`.
fn has_unused_status(subject: &Subject, place: &Place) -> bool {
    let is_passed_on = place.next().is_none() && place.standing.nested;
    !is_passed_on && !subject.asks_status(subject.whole())
}

/// The branch of an `if` that has no other.
fn only_branch(command: &Command) -> Option<(&Branch, Span, Span)> {
    match &command.kind {
        CommandKind::If { branches, otherwise: None, fi } => match &branches[..] {
            [branch] => Some((branch, branch.keyword, *fi)),
            _ => None,
        },
        _ => None,
    }
}
