//! All texts of one analysis: the script, and the shell texts inside its words.
//!
//! ```sh
//! trap 'rm -rf "$work"' EXIT
//! bash -c 'nginx -t && systemctl reload nginx'
//! ```
//! are a script with two fragments. A fragment's tree carries spans of the host file, so nothing downstream
//! knows that it was a text of its own. Only texts that are written out whole are read; a text with pieces
//! that the outer shell puts in is left alone.

use crate::dialect::Dialect;
use crate::syntax::tree::{
    AssignmentValue, Command, CommandKind, List, ParameterOperator, Part, PartKind, Script, Simple, Word,
};
use hashbrown::HashMap;
use std::borrow::Cow;

/// How deep fragments inside fragments are followed.
const DEEPEST: u32 = 3;

/// Why a word is a shell text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FragmentKind {
    /// The action of a `trap`: runs in this shell, later.
    Trap,
    /// `eval`: runs in this shell, now.
    Eval,
    /// `sh -c`: runs in a shell of its own.
    Shell,
    /// `ssh host`: runs in a shell of its own on another host.
    Remote,
}

/// A shell text inside a word.
#[derive(Debug)]
pub struct Fragment {
    /// Why it is one.
    pub kind: FragmentKind,
    /// What it says.
    pub script: Script,
}

/// The script and its fragments.
#[derive(Debug)]
pub struct Forest<'s> {
    /// The host text.
    pub script: &'s Script,
    /// By the first byte of the word that holds them.
    pub fragments: HashMap<u32, Fragment>,
}

impl<'s> Forest<'s> {
    /// Reads the fragments of a script.
    pub fn grow(script: &'s Script, source: &[u8], dialect: Dialect) -> Self {
        let mut fragments = HashMap::new();
        let mut found = Vec::new();
        list(&script.body, &mut found);
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for (kind, start, text_start, text) in found.drain(..) {
                if fragments.contains_key(&start) {
                    continue;
                }
                debug_assert!((text_start as usize) <= source.len());
                let mut inner = crate::syntax::read(text.as_bytes(), dialect);
                crate::syntax::remap(&mut inner, |at| text_start + at);
                list(&inner.body, &mut next);
                fragments.insert(start, Fragment { kind, script: inner });
            }
            found = next;
        }
        Self { script, fragments }
    }
}

type Found = (FragmentKind, u32, u32, Box<str>);

fn list(body: &List, found: &mut Vec<Found>) {
    for statement in &body.statements {
        command(&statement.command, found);
    }
}

fn command(node: &Command, found: &mut Vec<Found>) {
    node.redirects.iter().for_each(|redirect| word(&redirect.target, found));
    match &node.kind {
        CommandKind::Simple(inner) => simple(inner, found),
        CommandKind::AndOr { left, right, .. } => {
            command(left, found);
            command(right, found);
        }
        CommandKind::Pipeline { stages, .. } => stages.iter().for_each(|stage| command(stage, found)),
        CommandKind::Not { command: inner, .. } | CommandKind::Coproc { command: inner, .. } => command(inner, found),
        CommandKind::Time { command: inner, .. } => inner.iter().for_each(|inner| command(inner, found)),
        CommandKind::Brace { body, .. }
        | CommandKind::Subshell { body, .. }
        | CommandKind::ArithmeticFor { body, .. } => list(body, found),
        CommandKind::If { branches, otherwise, .. } => {
            for branch in branches {
                list(&branch.condition, found);
                list(&branch.body, found);
            }
            if let Some((_, body)) = otherwise {
                list(body, found);
            }
        }
        CommandKind::Loop { condition, body, .. } => {
            list(condition, found);
            list(body, found);
        }
        CommandKind::For(inner) => {
            inner.items.iter().flat_map(|(_, words)| words).for_each(|item| word(item, found));
            list(&inner.body, found);
        }
        CommandKind::Case { arms, .. } => arms.iter().for_each(|arm| list(&arm.body, found)),
        CommandKind::Function { body, .. } => command(body, found),
        CommandKind::Test { .. } | CommandKind::Arithmetic { .. } | CommandKind::Unread(_) => {}
    }
}

fn simple(node: &Simple, found: &mut Vec<Found>) {
    for assignment in &node.assignments {
        if let AssignmentValue::Scalar(value) = &assignment.value {
            word(value, found);
        }
    }
    node.words.iter().for_each(|inner| word(inner, found));
    let Some(name) = node.words.first().and_then(constant) else { return };
    match &*name {
        "trap" => {
            if let Some(action) = node.words.iter().skip(1).find(|w| constant(w).as_deref() != Some("--"))
                && node.words.len() > 2
            {
                take(FragmentKind::Trap, action, found);
            }
        }
        "eval" => {
            if let [_, text] = &node.words[..] {
                take(FragmentKind::Eval, text, found);
            }
        }
        "sh" | "bash" | "dash" | "/bin/sh" | "/bin/bash" => {
            let mut words = node.words.iter().skip(1);
            while let Some(option) = words.next().and_then(constant) {
                if option.starts_with('-') && option.ends_with('c') && !option.starts_with("--") {
                    if let Some(text) = words.next() {
                        take(FragmentKind::Shell, text, found);
                    }
                    return;
                }
                if !option.starts_with('-') {
                    return;
                }
            }
        }
        "ssh" | "/usr/bin/ssh" => {
            if let Some((_, [text])) = remote(&node.words) {
                take(FragmentKind::Remote, text, found);
            }
        }
        _ => {}
    }
}

/// The host and the command of an `ssh`.
pub fn remote(words: &[Word]) -> Option<(&Word, &[Word])> {
    let mut at = 1;
    while let Some(option) = words.get(at).and_then(constant) {
        let Some(letters) = option.strip_prefix('-') else { break };
        // Letters of ssh(1) that take an argument, which may be attached; others may stand before them (`-qo X=y`).
        let takes = letters.find(|letter| "BbcDEeFIiJLlmOopQRSWw".contains(letter));
        at += if takes.is_some_and(|takes| takes + 1 == letters.len()) { 2 } else { 1 };
    }
    Some((words.get(at)?, words.get(at + 1..)?))
}

/// A word that is one piece of text as it is written: its bytes are the fragment's bytes.
fn take(kind: FragmentKind, text: &Word, found: &mut Vec<Found>) {
    let [part] = &text.parts[..] else { return };
    match &part.kind {
        PartKind::SingleQuoted(inner) => found.push((kind, text.span.start, part.span.start + 1, inner.clone())),
        PartKind::Literal(inner) if inner.len() == part.span.len() as usize && !inner.starts_with('-') => {
            found.push((kind, text.span.start, part.span.start, inner.clone()));
        }
        PartKind::DoubleQuoted(parts) => {
            // A trap's variables are expanded where it is set; that they are what they are when it runs is taken as given.
            let with_variables = kind == FragmentKind::Trap;
            let pieces: Option<String> = parts.iter().map(|part| as_written(part, with_variables)).collect();
            if let (Some(pieces), Some(first)) = (pieces, parts.first()) {
                found.push((kind, text.span.start, first.span.start, pieces.into()));
            }
        }
        _ => {}
    }
}

/// A piece of a quoted text, if it is a plain one, or (with `variables`) a plain expansion.
fn as_written(part: &Part, variables: bool) -> Option<String> {
    match &part.kind {
        PartKind::Literal(text) if text.len() == part.span.len() as usize => Some(text.to_string()),
        PartKind::Parameter(parameter)
            if variables && matches!(parameter.operator, ParameterOperator::None) && parameter.subscript.is_none() =>
        {
            let texts = [format!("${}", parameter.name), format!("${{{}}}", parameter.name)];
            texts.into_iter().find(|text| text.len() == part.span.len() as usize)
        }
        _ => None,
    }
}

fn word(node: &Word, found: &mut Vec<Found>) {
    parts(&node.parts, found);
}

fn parts(nodes: &[Part], found: &mut Vec<Found>) {
    for part in nodes {
        match &part.kind {
            PartKind::DoubleQuoted(inner) => parts(inner, found),
            PartKind::Command(substitution) => list(&substitution.body, found),
            PartKind::Process { body, .. } => list(body, found),
            _ => {}
        }
    }
}

/// The stages of the pipeline whose output a word is, if it is that and nothing else; a command alone is one stage.
pub fn piped(node: &Word) -> Option<&[Command]> {
    let PartKind::Command(substitution) = &node.only_part()?.kind else { return None };
    let [statement] = &substitution.body.statements[..] else { return None };
    match &statement.command.kind {
        CommandKind::Pipeline { stages, .. } => Some(stages),
        _ => Some(std::slice::from_ref(&statement.command)),
    }
}

/// Adds the text of parts that hold no expansion; says whether all of them are such.
fn add_constant(parts: &[Part], text: &mut String) -> bool {
    parts.iter().all(|part| match &part.kind {
        PartKind::Literal(inner) | PartKind::SingleQuoted(inner) | PartKind::AnsiQuoted(inner) => {
            text.push_str(inner);
            true
        }
        PartKind::DoubleQuoted(inner) => add_constant(inner, text),
        _ => false,
    })
}

/// The text of a word without expansions.
pub fn constant(node: &Word) -> Option<Cow<'_, str>> {
    // Nearly every word that is asked for is one piece: it is lent, not copied.
    if let [Part { kind: PartKind::Literal(only) | PartKind::SingleQuoted(only), .. }] = &node.parts[..] {
        return Some(Cow::Borrowed(only));
    }
    let mut text = String::new();
    add_constant(&node.parts, &mut text).then_some(Cow::Owned(text))
}
