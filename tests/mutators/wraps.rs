//! The same script in another frame.

use super::edits::Edits;
use super::subject::Subject;
use super::tree::constant;
use noharm::syntax::tree::{CommandKind, PartKind, RedirectKind};

/// A script whose whole body is a function that its last line calls does what it did before, unless something in it
/// asks whether it is in a function: `return`, declarations, and traps that functions do not inherit.
pub fn main(subject: &Subject) -> Option<Edits> {
    let start = subject.body_start()?;
    let at_top = |names: &[&str]| {
        let outside = subject.tree.simples.iter().filter(|(_, standing)| !standing.function);
        let mut called = outside.filter_map(|(simple, _)| simple.words.first().and_then(constant));
        called.any(|name| names.contains(&name))
    };
    let asks_where = ["ERR", "RETURN", "DEBUG", "FUNCNAME", "BASH_SOURCE", "LINENO"];
    let is_called_so = subject.tree.functions.iter().any(|name| &*name.text == "main");
    if is_called_so
        || at_top(&["return", "declare", "typeset", "local"])
        || asks_where.iter().any(|word| subject.text.contains(word))
    {
        return None;
    }
    let mut edits = Edits::default();
    define(subject, &mut edits);
    edits.insert(start, "main() {\n");
    edits.insert(subject.whole().end, "}\nmain \"$@\"\n");
    edits.made()
}

/// Braces group, and do nothing else.
pub fn braces(subject: &Subject) -> Option<Edits> {
    framed(subject, "{\n", "}\n")
}

/// A subshell does what the script would do, and is all that the script does.
pub fn subshell(subject: &Subject) -> Option<Edits> {
    framed(subject, "(\n", ")\n")
}

/// What is always done may stand under a condition that is always true.
pub fn condition(subject: &Subject) -> Option<Edits> {
    framed(subject, "if true; then\n", "fi\n")
}

fn framed(subject: &Subject, before: &str, behind: &str) -> Option<Edits> {
    let start = subject.body_start()?;
    let mut edits = Edits::default();
    edits.insert(start, before);
    edits.insert(subject.whole().end, behind);
    edits.made()
}

/// Prepares a script for its first function: without a first line, a file with functions looks like a library.
pub fn define(subject: &Subject, edits: &mut Edits) {
    if !has_first_line(subject) && !has_function(subject) {
        edits.insert(0, format!("#!/bin/{}\n", if subject.is_bash { "bash" } else { "sh" }));
    }
}

/// What both shells read alike is the same under `#!/bin/sh` and `#!/bin/bash`. They differ in what errexit does in
/// `$( )`, at which signals an EXIT trap runs, and in failures of special builtins that end the script.
pub fn shell(subject: &Subject) -> Option<Edits> {
    let differs = subject.is_bash
        || !has_first_line(subject) && has_function(subject)
        || subject.has_call(&[".", "trap", "exec", "shift", "eval", "ulimit", "readonly", "unset"])
        || subject.may_exit_on_failure()
            && subject.tree.parts.iter().any(|part| matches!(part.kind, PartKind::Command(_)))
        || subject.text.contains("pipefail")
        || !is_plain(subject);
    if differs {
        return None;
    }
    let mut edits = Edits::default();
    match subject.text.find("/bin/sh") {
        Some(at) if has_first_line(subject) && subject.line(at as u32) == 1 => {
            let end = at as u32 + "/bin/sh".len() as u32;
            edits.replace(noharm::span::Span::new(at as u32, end), "/bin/bash");
        }
        _ if !has_first_line(subject) => edits.insert(0, "#!/bin/bash\n"),
        _ => {}
    }
    edits.made()
}

/// Whether nothing is there that POSIX does not know.
fn is_plain(subject: &Subject) -> bool {
    let tree = &subject.tree;
    let commands = tree.commands.iter().all(|command| match &command.kind {
        CommandKind::Test { .. } | CommandKind::Arithmetic { .. } | CommandKind::ArithmeticFor { .. } => false,
        CommandKind::Coproc { .. } | CommandKind::Time { .. } => false,
        CommandKind::Pipeline { pipes, .. } => pipes.iter().all(|(_, both)| !both),
        CommandKind::For(turns) => !turns.select,
        _ => true,
    });
    let parts = tree
        .parts
        .iter()
        .all(|part| !matches!(part.kind, PartKind::AnsiQuoted(_) | PartKind::Process { .. } | PartKind::Brace(_)));
    let redirects = tree.redirects.iter().all(|redirect| {
        !matches!(redirect.kind, RedirectKind::Both | RedirectKind::BothAppend | RedirectKind::HereString)
    });
    commands && parts && redirects
}

fn has_first_line(subject: &Subject) -> bool {
    subject.text.starts_with("#!")
}

fn has_function(subject: &Subject) -> bool {
    !subject.tree.functions.is_empty()
}
