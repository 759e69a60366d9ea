//! The files that a script sources, as far as they can be found: their texts behind its own, and their trees.
//!
//! ```sh
//! . "$(dirname "$0")/common.sh"      # defines `die`
//! nginx -t || die "nginx: broken"    # and so this is a guard
//! ```
//! Spans of a sourced file lie behind the end of the script, so that nothing downstream need know of several texts; what
//! happens there is known, and is not told as the script's own. Functions that the script does not name are left out.
//! It knows nothing of what commands do.

mod place;

use crate::dialect::Dialect;
use crate::source::{LoadError, Loader, Source};
use crate::span::Span;
use crate::syntax::tree::{AssignmentValue, Command, CommandKind, List, Name, Script, Simple};
use hashbrown::{HashMap, HashSet};
use place::{Assigned, Place};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

pub use place::is_of_settings;

/// How many files are followed.
const MOST_FILES: usize = 16;

/// How many commands that source something are looked at.
const MOST_WANTED: usize = 256;

/// How many bytes they may have together.
const MOST_BYTES: usize = 256 << 10;

/// How many bytes of them a script may come to: a library is looked at anew for every script that sources it.
const MOST_NEEDED: usize = 48 << 10;

/// A script with what it sources.
#[derive(Debug)]
pub struct Sourced<'s> {
    /// The script's text, and behind it those of the files.
    pub text: Cow<'s, [u8]>,
    /// Where the script ends in it.
    pub end: u32,
    files: Vec<Script>,
    /// Which file is sourced, by the first byte of the word that names it.
    places: HashMap<u32, usize>,
    /// The functions of the files that can be called.
    needed: HashSet<Box<str>>,
}

impl<'s> Sourced<'s> {
    /// A script of which nothing is followed.
    pub fn alone(text: Cow<'s, [u8]>) -> Self {
        let end = text.len() as u32;
        Self { text, end, files: Vec::new(), places: HashMap::new(), needed: HashSet::new() }
    }

    /// Finds what a script sources.
    pub fn gather(script: &Script, text: Cow<'s, [u8]>, path: &Path, dialect: Dialect, loader: &dyn Loader) -> Self {
        let mut found = Self::alone(text);
        let mut search = Search { script: path, assigned: HashMap::new(), waiting: Vec::new(), known: HashMap::new() };
        search.look(&script.body, path);
        let mut next = 0;
        while let Some(Wanted { word, names, by }) = search.waiting.get(next).filter(|_| next < MOST_WANTED).cloned() {
            next += 1;
            let file = found.first_of(&names, dialect, loader, &mut search);
            if let Some(file) = file.filter(|_| names.iter().all(|name| *name != by)) {
                found.places.insert(word, file);
            }
        }
        if found.need() > MOST_NEEDED {
            // Whoever sources so much is taken to have found nothing of it.
            found.places.clear();
        }
        found
    }

    /// The first of these files that is there, if it could be read.
    fn first_of(
        &mut self,
        names: &[PathBuf],
        dialect: Dialect,
        loader: &dyn Loader,
        search: &mut Search<'_>,
    ) -> Option<usize> {
        for name in names {
            let known = match search.known.get(name) {
                Some(known) => *known,
                None => {
                    let known = self.load(name, dialect, loader, search);
                    search.known.insert(name.clone(), known);
                    known
                }
            };
            match known {
                Known::Read(file) => return Some(file),
                Known::Refused => return None,
                Known::Missing => {}
            }
        }
        None
    }

    fn load(&mut self, name: &Path, dialect: Dialect, loader: &dyn Loader, search: &mut Search<'_>) -> Known {
        match loader.load_file(name, MOST_BYTES as u64) {
            Ok(source) => match self.read(&source, dialect) {
                Some(script) => {
                    search.look(&script.body, name);
                    self.files.push(script);
                    Known::Read(self.files.len() - 1)
                }
                None => Known::Refused,
            },
            Err(LoadError::Missing) => Known::Missing,
            Err(LoadError::NotAFile | LoadError::NamedPipe | LoadError::TooLarge | LoadError::Unreadable(_)) => {
                Known::Refused
            }
        }
    }

    /// Reads a file, with its text behind those that are there; not one that is read in part only.
    fn read(&mut self, source: &Source, dialect: Dialect) -> Option<Script> {
        let bytes = source.readable();
        let begin = self.text.len() + 1;
        let all = begin + bytes.len();
        if self.files.len() >= MOST_FILES
            || all - self.end as usize > MOST_BYTES
            || u32::try_from(all).is_err()
            || bytes.contains(&0)
        {
            return None;
        }
        let mut script = crate::syntax::read(&bytes, dialect);
        if !script.unread.is_empty() {
            return None;
        }
        crate::syntax::remap(&mut script, |at| begin as u32 + at);
        let text = self.text.to_mut();
        text.push(b'\n');
        text.extend_from_slice(&bytes);
        Some(script)
    }

    /// Finds the functions that the script names, and those that they name. Gives how many bytes of the files that is,
    /// with what stands outside of functions.
    fn need(&mut self) -> usize {
        let mut bodies: HashMap<&str, Vec<Span>> = HashMap::new();
        for file in &self.files {
            each_command(&file.body, &mut |command| {
                if let CommandKind::Function { name, body } = &command.kind {
                    bodies.entry(&name.text).or_default().push(body.span);
                }
            });
        }
        // What stands outside of functions can call them, too.
        let mut waiting = vec![Span::new(0, self.text.len() as u32)];
        let mut apart: Vec<Span> = bodies.values().flatten().copied().collect();
        apart.sort_unstable();
        if let Some(first) = waiting.pop() {
            let mut at = first.start;
            for body in &apart {
                waiting.push(Span::new(at, body.start.max(at)));
                at = at.max(body.end);
            }
            waiting.push(Span::new(at, first.end.max(at)));
        }
        let mut needed: HashSet<Box<str>> = HashSet::new();
        let mut bytes = 0;
        while let Some(span) = waiting.pop() {
            bytes += span.end.saturating_sub(span.start.max(self.end)) as usize;
            let text = self.text.get(span.range()).unwrap_or_default();
            for word in text.split(|byte| !is_of_name(*byte)).filter_map(|word| std::str::from_utf8(word).ok()) {
                if let Some(spans) = bodies.get(word)
                    && !needed.contains(word)
                {
                    needed.insert(word.into());
                    waiting.extend(spans);
                }
            }
        }
        self.needed = needed;
        bytes
    }

    /// The trees of the files.
    pub fn files(&self) -> &[Script] {
        &self.files
    }

    /// The file that the word at this byte names.
    pub fn file(&self, word: u32) -> Option<usize> {
        self.places.get(&word).copied()
    }

    /// Whether a function is the script's own, or one that it can call.
    pub fn is_needed(&self, name: &Name) -> bool {
        name.span.start < self.end || self.needed.contains(&*name.text)
    }
}

/// Whether a byte can stand in the name of a function.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte >= 0x80
}

/// A file that is sourced somewhere.
#[derive(Clone)]
struct Wanted {
    /// The first byte of the word that names it.
    word: u32,
    /// Where it may be, the likeliest first.
    names: Vec<PathBuf>,
    /// The file that sources it.
    by: PathBuf,
}

/// What came of a file that may be sourced.
#[derive(Clone, Copy)]
enum Known {
    Read(usize),
    Missing,
    /// It is there, and cannot be read, or not whole.
    Refused,
}

/// Looks for sourced files in trees.
struct Search<'p> {
    /// The script that runs.
    script: &'p Path,
    /// What variables were given as paths; nothing where they have several.
    assigned: Assigned,
    waiting: Vec<Wanted>,
    known: HashMap<PathBuf, Known>,
}

impl Search<'_> {
    /// Finds what a file at this path sources.
    fn look(&mut self, body: &List, path: &Path) {
        let mut simple: Vec<&Simple> = Vec::new();
        each_command(body, &mut |command| {
            if let CommandKind::Simple(inner) = &command.kind {
                simple.push(inner);
            }
        });
        for assignment in simple.iter().flat_map(|simple| simple.assignments.iter().chain(&simple.declared)) {
            let place = match &assignment.value {
                AssignmentValue::Scalar(word) if !assignment.append && assignment.subscript.is_none() => {
                    Place::of(word, self.script, path, &self.assigned)
                }
                _ => None,
            };
            let name = &assignment.name.text;
            match self.assigned.get_mut(name) {
                Some(known) if *known != place => *known = None,
                Some(_) => {}
                None => {
                    self.assigned.insert(name.clone(), place);
                }
            }
        }
        for simple in simple {
            let [name, operand] = &simple.words[..] else { continue };
            let sources = super::forest::constant(name).is_some_and(|name| matches!(&*name, "." | "source"));
            if sources && let Some(place) = Place::of(operand, self.script, path, &self.assigned) {
                let names = place.candidates(path);
                self.waiting.push(Wanted { word: operand.span.start, names, by: path.to_path_buf() });
            }
        }
    }
}

/// Calls `visit` with every command of a list that is no part of a word, from the outside in.
pub(super) fn each_command<'t>(list: &'t List, visit: &mut dyn FnMut(&'t Command)) {
    for statement in &list.statements {
        one_command(&statement.command, visit);
    }
}

fn one_command<'t>(command: &'t Command, visit: &mut dyn FnMut(&'t Command)) {
    visit(command);
    match &command.kind {
        CommandKind::AndOr { left, right, .. } => {
            one_command(left, visit);
            one_command(right, visit);
        }
        CommandKind::Pipeline { stages, .. } => stages.iter().for_each(|stage| one_command(stage, visit)),
        CommandKind::Not { command, .. } | CommandKind::Coproc { command, .. } => one_command(command, visit),
        CommandKind::Time { command, .. } => command.iter().for_each(|command| one_command(command, visit)),
        CommandKind::Brace { body, .. }
        | CommandKind::Subshell { body, .. }
        | CommandKind::ArithmeticFor { body, .. } => each_command(body, visit),
        CommandKind::If { branches, otherwise, .. } => {
            for branch in branches {
                each_command(&branch.condition, visit);
                each_command(&branch.body, visit);
            }
            if let Some((_, body)) = otherwise {
                each_command(body, visit);
            }
        }
        CommandKind::Loop { condition, body, .. } => {
            each_command(condition, visit);
            each_command(body, visit);
        }
        CommandKind::For(inner) => each_command(&inner.body, visit),
        CommandKind::Case { arms, .. } => arms.iter().for_each(|arm| each_command(&arm.body, visit)),
        CommandKind::Function { body, .. } => one_command(body, visit),
        CommandKind::Simple(_) | CommandKind::Test { .. } | CommandKind::Arithmetic { .. } | CommandKind::Unread(_) => {
        }
    }
}
