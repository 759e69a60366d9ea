//! What is printed into a substitution: the value of `$(f)` where `f` prints one text.
//!
//! ```sh
//! state_of() { echo "/var/lib/app/$1"; }
//! kept=$(state_of main)          # /var/lib/app/main
//! ```
//! One text is followed, up the calls and out of subshells, at each of the two ends: what is printed where the function
//! fails is held where the assignment fails. A second text, or a command of which nobody says that
//! it is quiet, and what is printed is not known. Whether anything was printed, and what that says of the world,
//! is a matter of conditional facts in the effects stage.

use super::super::build::only_substitution;
use super::super::expand::Expander;
use super::super::forest::constant;
use super::super::graph::{NodeId, SimpleNode};
use super::super::state::{Printed, State};
use super::super::value::{HOLE, ValueId};
use super::Exact;
use crate::syntax::tree::{AssignmentValue, RedirectKind, Simple, Word};
use std::borrow::Cow;

impl Exact<'_, '_> {
    /// Adds what a command that is no function prints.
    pub(super) fn print(&mut self, id: NodeId, node: &SimpleNode<'_>, state: &mut State) {
        if node.capture.is_none() || state.printed == Printed::Unknown {
            return;
        }
        let more = match &node.simple.words[..] {
            [] if reads_file(node) => Printed::Unknown,
            [] => Printed::Nothing,
            _ => self.prints(id, node.simple, state),
        };
        state.printed = state.printed.and(more);
    }

    /// The variable that a command sets to what a substitution prints, with what that is after success and after failure,
    /// where these differ: the status of the command is that of the substitution.
    pub(super) fn told_apart(&mut self, node: &SimpleNode<'_>) -> Option<(u32, [ValueId; 2])> {
        let last = node.simple.assignments.last().filter(|_| node.takes_status)?;
        match &last.value {
            AssignmentValue::Scalar(word) if last.subscript.is_none() && !last.append => {
                let texts = self.values.printed_apart(only_substitution(word)?)?;
                Some((self.names.intern(&last.name.text), texts))
            }
            _ => None,
        }
    }

    fn prints(&mut self, id: NodeId, simple: &Simple, state: &mut State) -> Printed {
        let Some(name) = simple.words.first().and_then(constant) else { return Printed::Unknown };
        if is_silent(&name, &simple.words[1..]) {
            return Printed::Nothing;
        }
        let unit = self.graph.node(id).unit.0;
        let mut expander = Expander { values: self.values, names: self.names, state, unit };
        let text = match &*name {
            "echo" => echoed(&simple.words[1..], &mut expander),
            "printf" => formatted(&simple.words[1..], &mut expander),
            _ => expander.printed_by(simple, simple.words[0].span.start),
        };
        if let Some(text) = text {
            return Printed::Text(text);
        }
        let hole = || Cow::Owned(HOLE.to_string());
        let words: Vec<Cow<'_, str>> = simple.words.iter().map(|word| constant(word).unwrap_or_else(hole)).collect();
        if self.commands.is_quiet(&words) { Printed::Nothing } else { Printed::Unknown }
    }
}

/// Whether a redirection without a command is what a substitution prints: `$(< FILE)`.
pub fn reads_file(node: &SimpleNode<'_>) -> bool {
    matches!(&node.command.redirects[..], [only] if only.kind == RedirectKind::Input)
        && node.simple.words.is_empty()
        && node.simple.assignments.is_empty()
}

/// Whether a builtin prints nothing as it is told: those that set something tell what is set where they are told nothing.
pub fn is_silent(name: &str, operands: &[Word]) -> bool {
    let texts = || operands.iter().map(constant);
    let is_option = |text: &str| text.starts_with(['-', '+']);
    let first = operands.first().and_then(constant);
    match name {
        ":" | "true" | "false" | "[" | "test" | "shift" | "unset" | "wait" | "read" | "return" | "exit" | "break"
        | "continue" | "getopts" | "let" => true,
        "export" | "readonly" | "local" | "declare" | "typeset" => {
            let prints = texts().flatten().any(|text| is_option(&text) && text.contains(['p', 'f', 'F']));
            !prints && texts().any(|text| text.is_none_or(|text| !is_option(&text)))
        }
        "set" => operands.len() > 1 || first.is_some_and(|text| !matches!(&*text, "-o" | "+o")),
        "umask" => texts().any(|text| text.is_none_or(|text| !is_option(&text))),
        "trap" => operands.len() > 1 && !first.is_some_and(|text| matches!(&*text, "-p" | "-l" | "-P")),
        "shopt" => first.is_some_and(|text| matches!(&*text, "-s" | "-u" | "-q")) && operands.len() > 1,
        // `cd -` tells where it went.
        "cd" => first.is_none_or(|text| &*text != "-"),
        _ => false,
    }
}

/// What `echo` makes of its words: themselves, unless an option or a backslash has them changed.
fn echoed(words: &[Word], expander: &mut Expander<'_>) -> Option<ValueId> {
    let mut words = words;
    while let [option, rest @ ..] = words
        && let Some(option) = constant(option).filter(|option| option.len() > 1 && option.starts_with('-'))
    {
        if &*option != "-n" {
            return None;
        }
        words = rest;
    }
    let plain = words.iter().all(|word| constant(word).is_none_or(|text| !text.contains('\\')));
    let space = expander.values.constant(" ");
    let mut pieces = Vec::with_capacity(2 * words.len());
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            pieces.push(space);
        }
        let value = expander.word(word).value;
        // What a variable holds may be an option, or have a backslash, as well.
        if expander.values.text(value).is_some_and(|text| at == 0 && text.starts_with('-') || text.contains('\\')) {
            return None;
        }
        pieces.push(value);
    }
    plain.then(|| expander.values.concat(pieces))
}

/// What `printf` makes of a format that holds nothing but text, `%s` and newlines at its end, once.
fn formatted(words: &[Word], expander: &mut Expander<'_>) -> Option<ValueId> {
    let [format, arguments @ ..] = words else { return None };
    let format = constant(format)?;
    if format.starts_with('-') {
        return None;
    }
    // Newlines at the end are not part of what is substituted.
    let format = format.trim_end_matches('\n').trim_end_matches("\\n");
    let texts: Vec<&str> = format.split("%s").collect();
    if texts.len() != arguments.len() + 1 || texts.iter().any(|text| text.contains(['%', '\\'])) {
        return None;
    }
    let mut pieces = Vec::with_capacity(texts.len() + arguments.len());
    for (at, text) in texts.iter().enumerate() {
        pieces.push(expander.values.constant(text));
        if let Some(argument) = arguments.get(at) {
            pieces.push(expander.word(argument).value);
        }
    }
    Some(expander.values.concat(pieces))
}
