//! Ways to end a script.

use super::edits::Edits;
use super::subject::Subject;
use super::tree::{Place, called, constant};
use noharm::syntax::tree::{CommandKind, Statement};

/// Somebody is told before the script ends.
pub fn with_a_message(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for command in &subject.tree.commands {
        let CommandKind::AndOr { right, .. } = &command.kind else { continue };
        let CommandKind::Simple(simple) = &right.kind else { continue };
        // A bare `exit` would have the status of the message.
        if called(simple) == Some("exit") && simple.words.len() == 2 && !subject.asks_status(right.span) {
            edits.insert(right.span.start, "{ echo \"failed\" >&2; ");
            edits.insert(right.span.end, "; }");
        }
    }
    edits.made()
}

/// Under errexit, A is `A || exit 1`. Not in a function: a condition that it is called in would pass the failure over.
pub fn written_out(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for statement in with_errexit(subject) {
        let CommandKind::Simple(simple) = &statement.command.kind else { continue };
        let has_heredoc = statement.command.redirects.iter().any(|redirect| redirect.heredoc.is_some());
        if subject.is_program(simple) && !has_heredoc && statement.ampersand.is_none() {
            edits.insert(statement.span.end, " || exit 1");
        }
    }
    edits.made()
}

/// The options of `set` have names.
pub fn named_option(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for simple in subject.tree.calls(subject.whole(), "set") {
        for word in &simple.words[1..] {
            match constant(word) {
                Some("-e") => edits.replace(word.span, "-o errexit"),
                Some("+e") => edits.replace(word.span, "+o errexit"),
                Some("-eu") => edits.replace(word.span, "-o errexit -o nounset"),
                _ => {}
            }
        }
    }
    edits.made()
}

/// The statements whose failure errexit makes an end of, as far as one sees at them: where they stand in a function, the
/// call may pass it over.
fn with_errexit<'t>(subject: &Subject<'t>) -> impl Iterator<Item = &'t Statement> {
    let is_fatal = |place: &&Place<'t>| !(place.standing.function || place.standing.asked || place.standing.apart);
    let statements = subject.tree.statements.iter().filter(is_fatal).map(|place| place.statement);
    statements.filter(|_| subject.exits_on_failure() && !subject.text.contains("$?"))
}
