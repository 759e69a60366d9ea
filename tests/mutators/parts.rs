//! A part of a script that gets a name of its own, and is used by that name.

use super::edits::Edits;
use super::guards::asked;
use super::subject::Subject;
use super::tree::{called, constant};
use super::wraps::define;
use noharm::span::Span;
use noharm::syntax::tree::{Command, CommandKind};

/// A path that is written out may stand in a variable, if all that is known of it is its text.
pub fn path_in_a_variable(subject: &Subject) -> Option<Edits> {
    let start = subject.body_start()?;
    let words = subject.tree.simples.iter().flat_map(|(simple, _)| simple.words.iter().skip(1));
    let mut paths: Vec<(&str, Span)> = words
        .filter_map(|word| constant(word).map(|text| (text, word.span)))
        .filter(|(text, _)| is_path(text))
        .collect();
    paths.retain(|(text, span)| subject.slice(*span) == *text);
    let &(path, _) = paths.first()?;
    let mut edits = Edits::default();
    edits.insert(start, format!("our_thing='{path}'\n"));
    for (_, span) in paths.iter().filter(|(text, _)| *text == path) {
        edits.replace(*span, "\"$our_thing\"");
    }
    edits.made()
}

/// Whether a text is a path in full, and nothing else.
fn is_path(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    text.starts_with('/') && text.len() > 1 && text.chars().all(is_plain)
}

/// A question that a function asks is the same question: the function has its status.
pub fn question_in_a_function(subject: &Subject) -> Option<Edits> {
    let start = subject.body_start()?;
    let questions = subject.tree.commands.iter().flat_map(|command| match &command.kind {
        CommandKind::AndOr { left, .. } => vec![asked(left)],
        CommandKind::If { branches, .. } => {
            let conditions = branches.iter().filter_map(|branch| branch.condition.statements.first());
            conditions.map(|condition| asked(&condition.command)).collect()
        }
        _ => Vec::new(),
    });
    let question = questions.into_iter().find(|question| is_of_its_own(subject, question))?;
    let mut edits = Edits::default();
    define(subject, &mut edits);
    edits.insert(start, format!("our_question() {{ {}; }}\n", subject.slice(question.span)));
    edits.replace(question.span, "our_question");
    edits.made()
}

/// Whether a command means the same in a function: it runs a program, and reads neither arguments nor a status nor input
/// that the script gives it.
fn is_of_its_own(subject: &Subject, command: &Command) -> bool {
    let CommandKind::Simple(simple) = &command.kind else { return false };
    let text = subject.slice(command.span);
    let arguments = ["$1", "$2", "$3", "$@", "$*", "$#", "${1", "${2", "$?", "$!", "<", "\n"];
    let is_question = subject.is_program(simple) || matches!(called(simple), Some("[" | "test"));
    is_question && subject.only_asks(command.span) && !arguments.iter().any(|argument| text.contains(argument))
}

/// A function that ends the script does so for all that call it.
pub fn exit_in_a_function(subject: &Subject) -> Option<Edits> {
    let start = subject.body_start()?;
    if subject.tree.functions.iter().any(|function| &*function.text == "give_up") {
        return None;
    }
    let mut edits = Edits::default();
    for (simple, _) in &subject.tree.simples {
        let [exit, status] = &simple.words[..] else { continue };
        if constant(exit) == Some("exit") && constant(status) == Some("1") {
            edits.replace(exit.span.to(status.span), "give_up \"failed\"");
        }
    }
    if !edits.is_empty() {
        define(subject, &mut edits);
        edits.insert(start, "give_up() { echo \"$1\" >&2; exit 1; }\n");
    }
    edits.made()
}
