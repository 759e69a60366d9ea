//! Questions, asked in other words.

use super::edits::Edits;
use super::guards::{asked, is_test};
use super::subject::Subject;
use super::tree::constant;
use noharm::span::Span;
use noharm::syntax::tree::{Command, CommandKind, Simple, Word};

/// `[ … ]` is `test …`.
pub fn named_test(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for words in bracketed(subject) {
        let [open, .., last, close] = words else { continue };
        edits.replace(open.span, "test");
        edits.replace(Span::new(last.span.end, close.span.end), "");
    }
    edits.made()
}

/// `[ ! -e F ]` is `! [ -e F ]` where the status is asked for: errexit would pass the second one over.
pub fn negation_outside(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for command in asked_for(subject) {
        let CommandKind::Simple(Simple { words, .. }) = &command.kind else { continue };
        if let [open, bang, first, _, _] = &words[..]
            && is_test(command)
            && constant(bang) == Some("!")
        {
            edits.insert(open.span.start, "! ");
            edits.replace(Span::new(bang.span.start, first.span.start), "");
        }
    }
    edits.made()
}

/// `[ -n W ]` and `[ -z W ]` compare a text with the empty one.
pub fn compared_with_nothing(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for words in bracketed(subject) {
        let [_, operator, text, _] = words else { continue };
        let comparison = match constant(operator) {
            Some("-n") => "!=",
            Some("-z") => "=",
            _ => continue,
        };
        // Without quotes an empty text is no word, and there is nothing to compare.
        if subject.slice(text.span).starts_with('"') {
            edits.replace(Span::new(operator.span.start, text.span.start), "");
            edits.insert(text.span.end, format!(" {comparison} \"\""));
        }
    }
    edits.made()
}

/// `until A` is `while ! A`.
pub fn loops(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for command in &subject.tree.commands {
        let CommandKind::Loop { keyword, until, condition, .. } = &command.kind else { continue };
        let [question] = &condition.statements[..] else { continue };
        let question = &question.command;
        if matches!(question.kind, CommandKind::AndOr { .. }) || subject.asks_status(command.span) {
            continue;
        }
        edits.replace(*keyword, if *until { "while" } else { "until" });
        match asked(question).span {
            same if same == question.span => edits.insert(same.start, "! "),
            inner => edits.replace(Span::new(question.span.start, inner.start), ""),
        }
    }
    edits.made()
}

/// The words of every `[ … ]`.
fn bracketed<'t>(subject: &Subject<'t>) -> impl Iterator<Item = &'t [Word]> {
    let words = subject.tree.simples.iter().map(|(simple, _)| &simple.words[..]);
    words.filter(|words| words.len() > 2 && constant(&words[0]) == Some("["))
}

/// Commands whose failure is asked for: in front of `&&` and `||`, and as a whole condition.
fn asked_for<'t>(subject: &Subject<'t>) -> impl Iterator<Item = &'t Command> {
    subject.tree.commands.iter().flat_map(|command| match &command.kind {
        CommandKind::AndOr { left, .. } => vec![&**left],
        CommandKind::If { branches, .. } => {
            let conditions = branches.iter().filter_map(|branch| branch.condition.statements.first());
            conditions.map(|condition| &condition.command).collect()
        }
        _ => Vec::new(),
    })
}
