//! From what was named on the command line to the files to read.
//!
//! What is named is read unless it is sure to be something else, which is told; what a walk finds is read if it is a shell script and nothing
//! ignores it (`.gitignore`, `.ignore`, `.noharmignore`). Links to files are followed and each file is given once,
//! links to directories are not: what lies behind them is either in the tree anyway or none of its business.

use super::names::{self, ByName};
use super::{Shebang, sniff};
use crate::config::PathPattern;
use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What to look for, and what to leave out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Paths that a walk leaves out.
    pub exclude: Vec<PathPattern>,
    /// Leave them out also where they are named: for hooks, which name every changed file.
    pub force_exclude: bool,
    /// Walk into what ignore files name.
    pub search_ignored: bool,
}

/// A script to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFile {
    /// As named or as found, for display and for opening.
    pub path: PathBuf,
    /// Whether the user named it.
    pub named: bool,
}

/// A path that could not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path.
    pub path: PathBuf,
    /// Why, in words.
    pub message: String,
}

/// What there is to read, in order of path, and what went wrong on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Scripts, each once.
    pub files: Vec<ScriptFile>,
    /// Trouble.
    pub problems: Vec<Problem>,
    /// What was named and is something else than a shell script, with what it is.
    pub others: Vec<Problem>,
}

/// Finds the scripts at and below some paths.
pub fn find(paths: &[PathBuf], options: &Options) -> Found {
    let mut search = Search { options, found: Found::default(), seen: HashSet::new() };
    for path in paths {
        search.named(path);
    }
    search.found.files.sort_by(|one, other| one.path.cmp(&other.path));
    search.found.problems.sort_by(|one, other| one.path.cmp(&other.path));
    search.found
}

struct Search<'options> {
    options: &'options Options,
    found: Found,
    /// Real paths of the files already given.
    seen: HashSet<PathBuf>,
}

impl Search<'_> {
    fn named(&mut self, path: &Path) {
        match std::fs::metadata(path) {
            Err(error) => self.problem(path, &error),
            Ok(metadata) if metadata.is_dir() => self.walk(path),
            Ok(_) if self.options.force_exclude && self.is_excluded(path) => {}
            // A pipe is read once.
            Ok(metadata) if metadata.is_file() => match other_than_shell(path) {
                Ok(Some(message)) => self.found.others.push(Problem { path: path.to_path_buf(), message }),
                // Whoever reads it tells why it cannot be read.
                Ok(None) | Err(_) => self.give(path, true),
            },
            Ok(_) => self.give(path, true),
        }
    }

    fn walk(&mut self, root: &Path) {
        let mut builder = ignore::WalkBuilder::new(root);
        builder
            .hidden(false)
            .follow_links(false)
            .require_git(false)
            .sort_by_file_path(Path::cmp)
            .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some(".git" | ".hg" | ".svn")));
        if self.options.search_ignored {
            builder.ignore(false).git_ignore(false).git_global(false).git_exclude(false).parents(false);
        } else {
            builder.add_custom_ignore_filename(".noharmignore");
        }
        // Real files first, so that a file and a link to it are given under the file's own name.
        let mut links = Vec::new();
        for entry in builder.build() {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => self.in_tree(entry.path()),
                Ok(entry) if entry.path_is_symlink() => links.push(entry.into_path()),
                Ok(_) => {}
                Err(error) => self.walk_error(root, &error),
            }
        }
        for link in links {
            // A link that leads nowhere, or in a circle, is no script.
            if std::fs::metadata(&link).is_ok_and(|metadata| metadata.is_file()) {
                self.in_tree(&link);
            }
        }
    }

    fn in_tree(&mut self, path: &Path) {
        if self.is_excluded(path) {
            return;
        }
        match is_script(path) {
            Ok(true) => self.give(path, false),
            Ok(false) => {}
            Err(error) => self.problem(path, &error),
        }
    }

    fn give(&mut self, path: &Path, named: bool) {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if self.seen.insert(real) {
            let shown = path.strip_prefix("./").unwrap_or(path).to_path_buf();
            self.found.files.push(ScriptFile { path: shown, named });
        }
    }

    fn is_excluded(&self, path: &Path) -> bool {
        let path = path.strip_prefix("./").unwrap_or(path);
        let above = path.ancestors().filter(|part| !part.as_os_str().is_empty());
        above.into_iter().any(|part| self.options.exclude.iter().any(|pattern| pattern.matches(part)))
    }

    fn problem(&mut self, path: &Path, error: &std::io::Error) {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        self.found.problems.push(Problem { path: path.to_path_buf(), message });
    }

    fn walk_error(&mut self, root: &Path, error: &ignore::Error) {
        let path = path_of(error).unwrap_or(root).to_path_buf();
        match error.io_error() {
            Some(inner) => self.problem(&path, inner),
            None => self.found.problems.push(Problem { path, message: error.to_string() }),
        }
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// What a file is, where it is sure to be no shell script: a binary, or by its first line a script of another language.
fn other_than_shell(path: &Path) -> std::io::Result<Option<String>> {
    let mut start = Vec::new();
    std::fs::File::open(path)?.take(sniff::LOOK as u64).read_to_end(&mut start)?;
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start);
    let shebang = Shebang::of(text);
    Ok(match shebang {
        // What zsh reads is close enough to be read as well as may be.
        Some(shebang) if shebang.is_shell() || shebang.program == "zsh" => {
            sniff::is_other_language_in_disguise(&start).then(|| "no shell script".to_owned())
        }
        Some(shebang) => Some(format!("a script for {}, and no shell script", shebang.program)),
        None => sniff::is_binary(&start).then(|| "a binary file, and no shell script".to_owned()),
    })
}

/// Whether a file of a tree is a shell script, by its name, its first line and its content.
fn is_script(path: &Path) -> std::io::Result<bool> {
    let by_name = names::judge(path);
    let mut start = Vec::new();
    // Of most files of a tree a first line is enough to see that they are something else.
    let look = if by_name == ByName::Unlikely { sniff::FIRST_LINES } else { sniff::LOOK };
    std::fs::File::open(path)?.take(look as u64).read_to_end(&mut start)?;
    if sniff::is_binary(&start) || sniff::is_other_language_in_disguise(&start) {
        return Ok(false);
    }
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start);
    Ok(match Shebang::of(text) {
        Some(shebang) => shebang.is_shell(),
        None => match by_name {
            ByName::Shell => true,
            ByName::Perhaps => sniff::looks_like_shell(text),
            ByName::Unlikely => false,
        },
    })
}
