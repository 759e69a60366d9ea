//! All texts of one analysis: the script, and the shell texts inside its words.
//!
//! ```sh
//! trap 'rm -rf "$work"' EXIT
//! bash -c 'nginx -t && systemctl reload nginx'
//! ssh "$host" sh <<END
//! rm -rf $releases/old
//! END
//! ```
//! are a script with three fragments. A fragment's tree carries spans of the host file, so nothing downstream
//! knows that it was a text of its own. What the outer shell puts into a text is a hole in it (see `inner_text`).

use super::exact::{Commands, Given, ShellText};
use super::graph::STAGES;
use super::inner_text::{self, InnerText};
use super::relay::Relays;
use super::sourced::Sourced;
use super::value::HOLE;
use crate::dialect::Dialect;
use crate::span::Span;
use crate::syntax::tree::{
    AssignmentValue, Command, CommandKind, List, Part, PartKind, Redirect, RedirectKind, Script, Simple, Word,
};
use hashbrown::{HashMap, HashSet};
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
    /// `sh -c`, `ssh host`: runs in a shell of its own.
    Shell(ShellText),
}

/// A shell text inside a word.
#[derive(Debug)]
pub struct Fragment {
    /// Why it is one.
    pub kind: FragmentKind,
    /// What it says.
    pub script: Script,
    /// What the shell around it puts into it.
    pub holes: Vec<Part>,
}

/// The script and its fragments.
#[derive(Debug)]
pub struct Forest<'s> {
    /// The host text.
    pub script: &'s Script,
    /// What it sources.
    pub sourced: &'s Sourced<'s>,
    /// By the first byte of the word that holds them.
    pub fragments: HashMap<u32, Fragment>,
    /// Texts on standard input, by the first byte of the command that has them read.
    pub inputs: HashMap<u32, Fragment>,
    /// Whether the text asks for the statuses of the stages of pipelines.
    pub asks_stages: bool,
    /// Whether the text names `inherit_errexit`.
    pub names_inherit: bool,
    /// Whether the text names `nullglob`.
    pub names_nullglob: bool,
    /// Calls of functions that run the command that they are given, by the first byte of the name: the name, and what
    /// the call is.
    pub relayed: HashMap<u32, (Box<str>, Command)>,
}

impl<'s> Forest<'s> {
    /// Where the fragments stand, from their first statement to the end of their last one.
    pub fn texts(&self) -> impl Iterator<Item = Span> + '_ {
        self.fragments.values().chain(self.inputs.values()).map(|fragment| fragment.script.body.span)
    }

    /// Reads the fragments of a script.
    pub fn grow(script: &'s Script, sourced: &'s Sourced<'s>, dialect: Dialect, commands: &dyn Commands) -> Self {
        let source = &*sourced.text;
        let names = |word: &str| source.windows(word.len()).any(|window| window == word.as_bytes());
        let (asks_stages, names_inherit) = (names(STAGES), names("inherit_errexit"));
        let mut forest = Self {
            script,
            sourced,
            fragments: HashMap::new(),
            inputs: HashMap::new(),
            asks_stages,
            names_inherit,
            names_nullglob: names("nullglob"),
            relayed: HashMap::new(),
        };
        let scripts = || std::iter::once(script).chain(sourced.files());
        let relays = Relays::find(scripts(), commands);
        let mut finder = Finder {
            commands,
            source,
            relays: &relays,
            found: Vec::new(),
            holes: HashSet::new(),
            relayed: HashMap::new(),
        };
        scripts().for_each(|script| finder.list(&script.body));
        for _ in 0..DEEPEST {
            for Found { kind, start, text, holes } in std::mem::take(&mut finder.found) {
                let input = matches!(kind, FragmentKind::Shell(ShellText { given: Given::Input, .. }));
                let fragments = if input { &mut forest.inputs } else { &mut forest.fragments };
                if fragments.contains_key(&start) {
                    continue;
                }
                let mut inner = crate::syntax::read(&text.text, dialect);
                let host = |at| text.map.to_host(Span::at(at)).start;
                crate::syntax::remap_filled(&mut inner, host, &text.holes);
                finder.list(&inner.body);
                fragments.insert(start, Fragment { kind, script: inner, holes });
            }
        }
        forest.relayed = finder.relayed;
        forest
    }
}

/// A text that is to be read.
struct Found {
    kind: FragmentKind,
    /// The first byte of its word, or of the command that reads it.
    start: u32,
    text: InnerText,
    /// What the shell around it puts into it: what one further out has put there is there already.
    holes: Vec<Part>,
}

/// Looks for texts in a tree.
struct Finder<'c> {
    commands: &'c dyn Commands,
    source: &'c [u8],
    relays: &'c Relays<'c>,
    found: Vec<Found>,
    /// Where the holes of all texts are.
    holes: HashSet<u32>,
    relayed: HashMap<u32, (Box<str>, Command)>,
}

impl Finder<'_> {
    fn list(&mut self, body: &List) {
        for statement in &body.statements {
            self.command(&statement.command);
        }
    }

    fn command(&mut self, node: &Command) {
        self.stage(node, None);
    }

    /// A command, and the one in front of it in a pipeline.
    fn stage(&mut self, node: &Command, before: Option<&Command>) {
        node.redirects.iter().for_each(|redirect| self.word(&redirect.target));
        match &node.kind {
            CommandKind::Simple(inner) => {
                if let Some(name) = inner.words.first()
                    && let Some(expanded) = self.relays.expanded(node, inner)
                {
                    self.stage(&expanded, before);
                    let text = constant(name).unwrap_or_default().into();
                    self.relayed.insert(name.span.start, (text, expanded));
                } else {
                    self.simple(inner, &node.redirects, before);
                }
            }
            CommandKind::AndOr { left, right, .. } => {
                self.command(left);
                self.command(right);
            }
            CommandKind::Pipeline { stages, .. } => {
                for (at, stage) in stages.iter().enumerate() {
                    self.stage(stage, at.checked_sub(1).map(|before| &stages[before]));
                }
            }
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

    fn simple(&mut self, node: &Simple, redirects: &[Redirect], before: Option<&Command>) {
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
                    && constant(action).is_none_or(|text| !text.starts_with('-'))
                {
                    self.take(FragmentKind::Trap, std::slice::from_ref(action));
                }
            }
            "eval" => {
                if let [_, text] = &node.words[..]
                    && constant(text).is_some()
                {
                    self.take(FragmentKind::Eval, std::slice::from_ref(text));
                }
            }
            name if self.commands.is_wrapper(name) => self.shell_text(&node.words, redirects, before),
            _ => {}
        }
    }

    /// The text of `sh -c TEXT`, `su -c TEXT`, `sudo timeout 5 sh -ec TEXT`, `ssh HOST TEXT`, `ssh HOST sh <<END`.
    fn shell_text(&mut self, words: &[Word], redirects: &[Redirect], before: Option<&Command>) {
        let hole = || Cow::Owned(HOLE.to_string());
        let texts: Vec<Cow<'_, str>> =
            words.iter().map(|word| known_text(word).map_or_else(hole, Cow::Owned)).collect();
        let Some(text) = self.commands.shell_text(&texts) else { return };
        let kind = FragmentKind::Shell(text);
        match text.given {
            Given::Word(at) => self.take(kind, &words[at..=at]),
            Given::Words(first) => self.take(kind, &words[first..]),
            Given::Input => {
                if let (Some(input), Some(first)) = (self.input(redirects, before), words.first()) {
                    self.add(kind, first.span.start, input);
                }
            }
        }
    }

    /// The text that comes in on standard input.
    fn input(&self, redirects: &[Redirect], before: Option<&Command>) -> Option<InnerText> {
        let reads = |redirect: &&Redirect| redirect.kind.is_input() && redirect.descriptor.unwrap_or(0) == 0;
        if let Some(redirect) = redirects.iter().rev().find(reads) {
            return match (&redirect.heredoc, redirect.kind) {
                (Some(heredoc), kind) => inner_text::of_heredoc(heredoc, kind, self.source),
                (None, RedirectKind::HereString) => {
                    inner_text::of_words(std::slice::from_ref(&redirect.target), self.source)
                }
                _ => None,
            };
        }
        let before = before.filter(|before| before.redirects.is_empty())?;
        let CommandKind::Simple(printer) = &before.kind else { return None };
        let [name, operands @ ..] = &printer.words[..] else { return None };
        match (constant(name).as_deref()?, operands) {
            ("echo", [first, ..]) => {
                // An option or a backslash has it print another text.
                let changed = |word: &Word| known_text(word).is_none_or(|text| text.contains('\\'));
                let is_option = known_text(first).is_some_and(|text| text.starts_with('-'));
                if is_option || operands.iter().any(changed) {
                    return None;
                }
                inner_text::of_words(operands, self.source)
            }
            ("printf", [format, operands @ ..]) if !operands.is_empty() => {
                let between: &[u8] = match constant(format)?.as_ref() {
                    "%s" => b"",
                    "%s\\n" => b"\n",
                    _ => return None,
                };
                inner_text::of_lines(operands, between, self.source)
            }
            _ => None,
        }
    }

    fn take(&mut self, kind: FragmentKind, words: &[Word]) {
        if let (Some(text), Some(first)) = (inner_text::of_words(words, self.source), words.first()) {
            self.add(kind, first.span.start, text);
        }
    }

    fn add(&mut self, kind: FragmentKind, start: u32, text: InnerText) {
        let mut holes = text.expansions.clone();
        holes.retain(|hole| self.holes.insert(hole.span.start));
        self.found.push(Found { kind, start, text, holes });
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

/// The text of a word with a hole for each expansion.
fn known_text(node: &Word) -> Option<String> {
    let mut text = String::new();
    add_known(&node.parts, &mut text).then_some(text)
}

fn add_known(parts: &[Part], text: &mut String) -> bool {
    parts.iter().all(|part| match &part.kind {
        PartKind::Literal(inner) | PartKind::SingleQuoted(inner) | PartKind::AnsiQuoted(inner) => {
            text.push_str(inner);
            true
        }
        PartKind::Glob(inner) | PartKind::Brace(inner) => {
            text.push_str(inner);
            true
        }
        PartKind::DoubleQuoted(inner) => add_known(inner, text),
        PartKind::Parameter(_) | PartKind::Command(_) | PartKind::Arithmetic(_) | PartKind::Tilde(_) => {
            text.push(HOLE);
            true
        }
        PartKind::Process { .. } => false,
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
