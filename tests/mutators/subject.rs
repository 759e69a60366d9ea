//! The script that is changed, with what mutators ask about it.

use super::tree::{Tree, called, constant};
use crate::support::pages::Block;
use noharm::config::Settings;
use noharm::plan::PlanRow;
use noharm::source::{MemoryLoader, Source};
use noharm::span::Span;
use noharm::syntax::tree::{Script, Simple};
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Names that are not those of programs, in one shell or another.
const BUILTINS: &[&str] = &[
    ".",
    ":",
    "[",
    "alias",
    "bg",
    "break",
    "builtin",
    "cd",
    "command",
    "continue",
    "declare",
    "echo",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fg",
    "getopts",
    "hash",
    "jobs",
    "kill",
    "let",
    "local",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "test",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// A script of a page as mutators see it.
pub struct Subject<'t> {
    /// The name of its file.
    pub file: &'t str,
    /// The page says that it is a script of bash.
    pub is_bash: bool,
    pub text: &'t str,
    pub script: &'t Script,
    pub tree: Tree<'t>,
    /// What is found, with its line, from 1.
    pub found: &'t [(u32, String)],
    /// The twin in which something is found, where this is the silent one of a pair.
    pub twin: Option<Twin>,
    plan: OnceCell<Vec<PlanRow>>,
}

/// What a silent twin and its partner tell about each other.
pub struct Twin {
    /// The lines of the silent twin that the partner has not.
    pub changed: BTreeSet<u32>,
    /// What is found in the partner, and the line of the silent twin that reads the same, where there is one.
    pub found: Vec<(Option<u32>, String)>,
}

impl Twin {
    /// Holds a silent text against its partner and what is found there.
    pub fn new(silent: &str, partner: &str, found: &[(u32, String)]) -> Self {
        let mut changed = BTreeSet::new();
        let mut same = Vec::new();
        for change in similar::TextDiff::from_lines(silent, partner).iter_all_changes() {
            match (change.old_index(), change.new_index()) {
                (Some(old), Some(new)) => same.push((old as u32 + 1, new as u32 + 1)),
                (Some(old), None) => drop(changed.insert(old as u32 + 1)),
                _ => {}
            }
        }
        let counterpart = |line: u32| same.iter().find(|(_, new)| *new == line).map(|(old, _)| *old);
        let found = found.iter().map(|(line, code)| (counterpart(*line), code.clone())).collect();
        Self { changed, found }
    }
}

impl<'t> Subject<'t> {
    pub fn new(
        block: &'t Block,
        text: &'t str,
        script: &'t Script,
        found: &'t [(u32, String)],
        twin: Option<Twin>,
    ) -> Self {
        let (file, is_bash) = (block.file(), block.shell == "bash");
        Self { file, is_bash, text, script, tree: Tree::of(script), found, twin, plan: OnceCell::new() }
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &'t str {
        &self.text[span.range()]
    }

    /// The line of a byte, from 1.
    pub fn line(&self, at: u32) -> u32 {
        self.text[..at as usize].matches('\n').count() as u32 + 1
    }

    /// Where the line of a byte starts.
    pub fn line_start(&self, at: u32) -> u32 {
        self.text[..at as usize].rfind('\n').map_or(0, |newline| newline as u32 + 1)
    }

    /// Whether only blanks stand in front of a byte on its line.
    pub fn begins_line(&self, at: u32) -> bool {
        self.slice(Span::new(self.line_start(at), at)).trim().is_empty()
    }

    /// Where the next line starts, where only blanks stand behind a byte on its line.
    pub fn ends_line(&self, at: u32) -> Option<u32> {
        let (rest, _) = self.text[at as usize..].split_once('\n')?;
        rest.trim().is_empty().then_some(at + rest.len() as u32 + 1)
    }

    /// The line in front of that of a byte.
    pub fn line_before(&self, at: u32) -> &'t str {
        self.text[..self.line_start(at) as usize].lines().next_back().unwrap_or_default()
    }

    /// Whether what is within a span asks for the status of what ran before, or hands it on by a bare `exit`.
    pub fn asks_status(&self, span: Span) -> bool {
        let text = self.slice(span);
        let hands_on = |name| self.tree.calls(span, name).any(|simple| simple.words.len() == 1);
        text.contains("$?")
            || text.contains("${?")
            || text.contains("PIPESTATUS")
            || hands_on("exit")
            || hands_on("return")
    }

    /// The whole text.
    pub fn whole(&self) -> Span {
        Span::new(0, self.text.len() as u32)
    }

    /// Whether errexit is on from the first statement to the last.
    pub fn exits_on_failure(&self) -> bool {
        let first = self.script.body.statements.first();
        let is_set =
            first.is_some_and(|first| matches!(self.slice(first.span), "set -e" | "set -eu" | "set -o errexit"));
        is_set && self.tree.calls(self.whole(), "set").count() == 1 && !self.has_call(&[".", "source", "eval"])
    }

    /// Whether errexit may be on somewhere.
    pub fn may_exit_on_failure(&self) -> bool {
        let sets = |simple: &Simple| {
            simple.words.iter().skip(1).filter_map(constant).any(|option| {
                option == "errexit" || option.starts_with('-') && !option.starts_with("--") && option.contains('e')
            })
        };
        self.text.starts_with("#!") && self.text.lines().next().is_some_and(|line| line.contains(" -"))
            || self.tree.calls(self.whole(), "set").any(sets)
    }

    /// Whether a command that is called so stands anywhere.
    pub fn has_call(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.tree.calls(self.whole(), name).next().is_some())
    }

    /// The first statement's line: what stands in front of it are comments.
    pub fn body_start(&self) -> Option<u32> {
        let first = self.script.body.statements.first()?.span.start;
        self.begins_line(first).then(|| self.line_start(first))
    }

    /// Whether nothing within a span has an effect, as far as noharm knows.
    pub fn only_asks(&self, span: Span) -> bool {
        let plan = self.plan.get_or_init(|| {
            let source = Source::new(self.file, self.text.as_bytes().to_vec()).expect("small");
            noharm::check(&source, &Settings::default(), &MemoryLoader::default()).plan
        });
        !plan.iter().any(|row| span.contains(row.span))
    }

    /// Whether a command runs a program of the system: no builtin and no function.
    pub fn is_program(&self, simple: &Simple) -> bool {
        let is_function = |name: &str| self.tree.functions.iter().any(|function| &*function.text == name);
        called(simple).is_some_and(|name| !BUILTINS.contains(&name) && !is_function(name))
    }
}
