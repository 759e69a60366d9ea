//! All texts of one analysis: the script, and the shell texts inside its words.
//!
//! ```sh
//! trap 'rm -rf "$work"' EXIT
//! bash -c 'nginx -t && systemctl reload nginx'
//! ```
//! are a script with two fragments. A fragment's tree carries spans of the host file, so nothing downstream
//! knows that it was a text of its own. Only texts that are written out whole are read; a text with pieces
//! that the outer shell puts in is left alone.

use super::exact::Commands;
use super::value::HOLE;
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
    /// Errexit is given to the shell that runs it.
    pub errexit: bool,
    /// That shell gets the exported variables.
    pub exported: bool,
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
    pub fn grow(script: &'s Script, source: &[u8], dialect: Dialect, commands: &dyn Commands) -> Self {
        let mut fragments = HashMap::new();
        let mut finder = Finder { commands, found: Vec::new() };
        finder.list(&script.body);
        for _ in 0..DEEPEST {
            for Found { kind, start, text_start, text, errexit, exported } in std::mem::take(&mut finder.found) {
                if fragments.contains_key(&start) {
                    continue;
                }
                debug_assert!((text_start as usize) <= source.len());
                let mut inner = crate::syntax::read(text.as_bytes(), dialect);
                crate::syntax::remap(&mut inner, |at| text_start + at);
                finder.list(&inner.body);
                fragments.insert(start, Fragment { kind, script: inner, errexit, exported });
            }
        }
        Self { script, fragments }
    }
}

/// A text that is to be read.
struct Found {
    kind: FragmentKind,
    /// The first byte of its word.
    start: u32,
    /// Its own first byte.
    text_start: u32,
    text: Box<str>,
    errexit: bool,
    exported: bool,
}

/// Looks for texts in a tree.
struct Finder<'c> {
    commands: &'c dyn Commands,
    found: Vec<Found>,
}

impl Finder<'_> {
    fn list(&mut self, body: &List) {
        for statement in &body.statements {
            self.command(&statement.command);
        }
    }

    fn command(&mut self, node: &Command) {
        node.redirects.iter().for_each(|redirect| self.word(&redirect.target));
        match &node.kind {
            CommandKind::Simple(inner) => self.simple(inner),
            CommandKind::AndOr { left, right, .. } => {
                self.command(left);
                self.command(right);
            }
            CommandKind::Pipeline { stages, .. } => stages.iter().for_each(|stage| self.command(stage)),
            CommandKind::Not { command: inner, .. } | CommandKind::Coproc { command: inner, .. } => self.command(inner),
            CommandKind::Time { command: inner, .. } => inner.iter().for_each(|inner| self.command(inner)),
            CommandKind::Brace { body, .. }
            | CommandKind::Subshell { body, .. }
            | CommandKind::ArithmeticFor { body, .. } => self.list(body),
            CommandKind::If { branches, otherwise, .. } => {
                for branch in branches {
                    self.list(&branch.condition);
                    self.list(&branch.body);
                }
                if let Some((_, body)) = otherwise {
                    self.list(body);
                }
            }
            CommandKind::Loop { condition, body, .. } => {
                self.list(condition);
                self.list(body);
            }
            CommandKind::For(inner) => {
                inner.items.iter().flat_map(|(_, words)| words).for_each(|item| self.word(item));
                self.list(&inner.body);
            }
            CommandKind::Case { arms, .. } => arms.iter().for_each(|arm| self.list(&arm.body)),
            CommandKind::Function { body, .. } => self.command(body),
            CommandKind::Test { .. } | CommandKind::Arithmetic { .. } | CommandKind::Unread(_) => {}
        }
    }

    fn simple(&mut self, node: &Simple) {
        for assignment in &node.assignments {
            if let AssignmentValue::Scalar(value) = &assignment.value {
                self.word(value);
            }
        }
        for inner in &node.words {
            self.word(inner);
        }
        let Some(name) = node.words.first().and_then(constant) else { return };
        match &*name {
            "trap" => {
                if let Some(action) = node.words.iter().skip(1).find(|w| constant(w).as_deref() != Some("--"))
                    && node.words.len() > 2
                {
                    self.take(FragmentKind::Trap, action, false, true);
                }
            }
            "eval" => {
                if let [_, text] = &node.words[..] {
                    self.take(FragmentKind::Eval, text, false, true);
                }
            }
            "ssh" | "/usr/bin/ssh" => {
                if let Some((_, [text])) = remote(&node.words) {
                    self.take(FragmentKind::Remote, text, false, false);
                }
            }
            _ => self.shell_text(&node.words),
        }
    }

    /// The text of `sh -c TEXT`, `su -c TEXT`, `sudo timeout 5 sh -ec TEXT`.
    fn shell_text(&mut self, words: &[Word]) {
        let is_option = |word: &Word| constant(word).is_some_and(|text| text.starts_with('-') && text.contains('c'));
        if !words.iter().skip(1).any(is_option) {
            return;
        }
        let hole = || Cow::Owned(HOLE.to_string());
        let texts: Vec<Cow<'_, str>> = words.iter().map(|word| constant(word).unwrap_or_else(hole)).collect();
        if let Some(text) = self.commands.shell_text(&texts) {
            self.take(FragmentKind::Shell, &words[text.word], text.errexit, text.exported);
        }
    }

    /// A word that is one piece of text as it is written: its bytes are the fragment's bytes.
    fn take(&mut self, kind: FragmentKind, text: &Word, errexit: bool, exported: bool) {
        let [part] = &text.parts[..] else { return };
        let start = text.span.start;
        let mut found = |text_start, text| self.found.push(Found { kind, start, text_start, text, errexit, exported });
        match &part.kind {
            PartKind::SingleQuoted(inner) => found(part.span.start + 1, inner.clone()),
            PartKind::Literal(inner) if inner.len() == part.span.len() as usize && !inner.starts_with('-') => {
                found(part.span.start, inner.clone());
            }
            PartKind::DoubleQuoted(parts) => {
                // A trap's variables are expanded where it is set; that they are what they are when it runs is taken as given.
                let with_variables = kind == FragmentKind::Trap;
                let pieces: Option<String> = parts.iter().map(|part| as_written(part, with_variables)).collect();
                if let (Some(pieces), Some(first)) = (pieces, parts.first()) {
                    found(first.span.start, pieces.into());
                }
            }
            _ => {}
        }
    }

    fn word(&mut self, node: &Word) {
        self.parts(&node.parts);
    }

    fn parts(&mut self, nodes: &[Part]) {
        for part in nodes {
            match &part.kind {
                PartKind::DoubleQuoted(inner) => self.parts(inner),
                PartKind::Command(substitution) => self.list(&substitution.body),
                PartKind::Process { body, .. } => self.list(body),
                _ => {}
            }
        }
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

/// The name of the program that a command runs, without the directories that it lies in, where that is written out.
pub fn program(simple: &Simple) -> Option<Cow<'_, str>> {
    match constant(simple.words.first()?)? {
        Cow::Borrowed(path) => path.rsplit('/').next().map(Cow::Borrowed),
        Cow::Owned(path) => path.rsplit('/').next().map(|name| Cow::Owned(name.to_owned())),
    }
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
