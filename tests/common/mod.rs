//! What several test files need: one door to the library, and files that can be rewritten.

#![allow(dead_code, reason = "each test file is a crate of its own and uses a part of this")]

use std::path::{Path, PathBuf};

/// One finding, as far as tests of rules look at it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// 1-based.
    pub line: usize,
    /// Such as `NH301`.
    pub code: String,
    /// The line as the concise format prints it, without the path.
    pub concise: String,
}

/// What noharm says about a text under a file name, in order of place.
pub fn check(_file: &str, _text: &str) -> Vec<Found> {
    unimplemented!("joined to `noharm::check` when the engine is there")
}

/// The text after every fix, safe and unsafe, is applied until nothing changes.
pub fn fix(_file: &str, _text: &str) -> String {
    unimplemented!("joined to `noharm::fix` when the engine is there")
}

/// The top of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a generated text with the file that holds it; with `NOHARM_UPDATE=1` it writes the file instead.
///
/// Returns what is wrong, or nothing.
pub fn same_or_update(path: &Path, generated: &str) -> Option<String> {
    let held = std::fs::read_to_string(path).unwrap_or_default();
    if held == generated {
        return None;
    }
    if std::env::var_os("NOHARM_UPDATE").is_some_and(|value| value == "1") {
        return match std::fs::write(path, generated) {
            Ok(()) => None,
            Err(error) => Some(format!("{}: {error}", path.display())),
        };
    }
    Some(format!(
        "{} is not what the sources say (run the tests with NOHARM_UPDATE=1 to rewrite it)\n--- held\n{held}\n--- generated\n{generated}",
        path.display()
    ))
}

/// The text between two marker lines is replaced; everything else stays.
pub fn between(text: &str, name: &str, inside: &str) -> Option<String> {
    let (start, end) = (format!("<!-- {name}:start -->\n"), format!("<!-- {name}:end -->"));
    let from = text.find(&start)? + start.len();
    let to = from + text[from..].find(&end)?;
    Some(format!("{}{inside}{}", &text[..from], &text[to..]))
}

/// The files under a directory, at any depth, in a fixed order.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
