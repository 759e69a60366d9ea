//! The same words, written otherwise.

use super::edits::Edits;
use super::subject::Subject;
use super::tree::constant;
use noharm::span::Span;
use noharm::syntax::tree::{CommandKind, ParameterOperator, PartKind};

/// `$name` is `${name}`.
pub fn braced(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for part in &subject.tree.parts {
        let PartKind::Parameter(parameter) = &part.kind else { continue };
        let is_bare = matches!(parameter.operator, ParameterOperator::None) && !subject.slice(part.span).contains('{');
        if is_bare {
            edits.replace(part.span, format!("${{{}}}", parameter.name));
        }
    }
    edits.made()
}

/// A word without special characters is the same in quotes, options and paths alike.
pub fn quoted(subject: &Subject) -> Option<Edits> {
    // Their operands are read like assignments, or as the shell's own words.
    let declarations = ["export", "local", "readonly", "declare", "typeset", "alias"];
    let mut edits = Edits::default();
    for (simple, _) in &subject.tree.simples {
        let Some(name) = simple.words.first().and_then(constant) else { continue };
        if declarations.contains(&name) {
            continue;
        }
        for word in &simple.words[1..] {
            let text = subject.slice(word.span);
            let is_plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_./:=-%+,@".contains(letter));
            if constant(word) == Some(text) && is_plain {
                edits.replace(word.span, format!("'{text}'"));
            }
        }
    }
    edits.made()
}

/// A command, an option of it, and the same option by its other name.
const OPTIONS: &[(&str, &str, &str)] = &[
    ("cmp", "-s", "--quiet"),
    ("grep", "-q", "--quiet"),
    ("groupadd", "-r", "--system"),
    ("install", "-m", "--mode"),
    ("ln", "-s", "--symbolic"),
    ("ln", "-sfn", "-s -f -n"),
    ("mkdir", "-p", "--parents"),
    ("mktemp", "-d", "--directory"),
    ("mountpoint", "-q", "--quiet"),
    ("mv", "-f", "--force"),
    ("rm", "-f", "--force"),
    ("rm", "-r", "--recursive"),
    ("rm", "-rf", "-r -f"),
    ("sed", "-i", "--in-place"),
    ("systemctl", "--quiet", "-q"),
    ("useradd", "-r", "--system"),
    ("useradd", "-m", "--create-home"),
];

/// An option has a short and a long name, and letters can stand together or apart.
pub fn options(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for (simple, _) in &subject.tree.simples {
        let Some(name) = simple.words.first().and_then(constant) else { continue };
        if subject.tree.functions.iter().any(|function| &*function.text == name) {
            continue;
        }
        for word in &simple.words[1..] {
            let text = subject.slice(word.span);
            let Some((.., other)) = OPTIONS.iter().find(|(command, option, _)| *command == name && *option == text)
            else {
                continue;
            };
            edits.replace(word.span, *other);
        }
    }
    edits.made()
}

/// `$(…)` can be written in backquotes, where nothing in it would be read otherwise there.
pub fn backquoted(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for part in &subject.tree.parts {
        let PartKind::Command(_) = &part.kind else { continue };
        let span = part.span;
        let inner = subject.slice(span).strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
        if let Some(inner) = inner.filter(|inner| !inner.contains(['`', '\\', '"']) && !inner.contains("$(")) {
            edits.replace(Span::new(span.start, span.start + 2), "`");
            edits.replace(Span::new(span.start + 2 + inner.len() as u32, span.end), "`");
        }
    }
    edits.made()
}

/// A program is the same by the path that it lies at.
pub fn programs_by_path(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for (simple, _) in &subject.tree.simples {
        let Some(word) = simple.words.first() else { continue };
        if subject.is_program(simple) && !subject.slice(word.span).contains(['/', '\'', '"']) {
            edits.insert(word.span.start, "/usr/bin/");
        }
    }
    edits.made()
}

/// Where a redirection stands among the words does not matter.
pub fn redirections_first(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    for (command, simple) in subject.tree.commands.iter().filter_map(|command| match &command.kind {
        CommandKind::Simple(simple) => Some((command, simple)),
        _ => None,
    }) {
        let (Some(first), Some(last), [redirect]) = (simple.words.first(), simple.words.last(), &command.redirects[..])
        else {
            continue;
        };
        if redirect.heredoc.is_none() && redirect.span.start >= last.span.end {
            edits.insert(first.span.start, format!("{} ", subject.slice(redirect.span)));
            edits.replace(Span::new(last.span.end, redirect.span.end), "");
        }
    }
    edits.made()
}
