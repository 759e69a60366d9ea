//! The shape of the house: who may import whom, and what nobody may write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The stages from left to right. A stage imports only stages to its left, and leaves.
const STAGES: [&str; 10] =
    ["discover", "source", "syntax", "flow", "effects", "rules", "policy", "fix", "report", "cli"];

/// What all may use. A leaf imports only leaves.
const LEAVES: [&str; 10] =
    ["span", "account", "finding", "knowledge", "role", "dialect", "plan", "config", "class", "directive"];

/// The road itself, and the seam on it: they name the stages in order.
const ROAD: [&str; 5] = ["lib", "main", "analysis", "book", "trial"];

/// What rules may not see: a rule is a filter over effects and facts.
const HIDDEN_FROM_RULES: [&str; 3] = ["syntax", "flow::graph", "source"];

/// Crates that only some stages may use, by the start of their names.
const CRATES: [(&str, &[&str]); 5] = [
    ("miette", &["report", "cli", "main"]),
    ("clap", &["cli", "main"]),
    ("shuck_", &["syntax"]),
    ("tree_sitter", &["syntax"]),
    ("rayon", &["cli"]),
];

/// Ways to panic, outside tests.
const PANICS: [&str; 6] = [".unwrap()", "panic!(", "todo!(", "unimplemented!(", "unreachable!(", ".expect("];

/// Files that may use `.expect(`, and how often: each for something that cannot fail.
const EXPECTED: [(&str, usize); 0] = [];

/// One source file without its tests.
struct File {
    /// Such as `policy/ignore.rs`.
    path: String,
    /// Lines of code: comments and tests taken away, strings emptied.
    lines: Vec<(usize, String)>,
    /// All lines.
    length: usize,
}

impl File {
    /// The stage, leaf or part of the road that it belongs to.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or(&self.path).trim_end_matches(".rs")
    }
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let files = paths.into_iter().filter(|path| !is_test_module(path) && !is_build_script(path)).map(|path| {
        let text = fs::read_to_string(&path).expect("a source file");
        let path = path.strip_prefix(&root).expect("is below").to_string_lossy().replace('\\', "/");
        File { path, lines: code(&text), length: text.lines().count() }
    });
    files.collect()
}

fn collect(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// `tests.rs` and what lies in `tests/`.
fn is_test_module(path: &Path) -> bool {
    let stem = |part: &std::ffi::OsStr| part.to_string_lossy().trim_end_matches(".rs").to_owned();
    path.components().any(|part| matches!(stem(part.as_os_str()).as_str(), "tests" | "test_support"))
        && !path.ends_with("syntax/tree/test.rs")
}

/// A part of the build script, which sees the crate's leaves under other paths.
fn is_build_script(path: &Path) -> bool {
    path.ends_with("knowledge/compile.rs") || path.ends_with("rules/compile.rs")
}

/// The lines that are compiled into the program.
fn code(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        // Tests stand at the end of a file.
        if line.trim_start() == "#[cfg(test)]" && !line.starts_with(' ') {
            let next = text.lines().nth(number + 1).unwrap_or_default();
            if next.starts_with("mod ") && next.ends_with('{') {
                break;
            }
        }
        let line = line.trim_start();
        if !line.starts_with("//") {
            lines.push((number + 1, without_strings(line)));
        }
    }
    lines
}

/// A line with its string literals emptied and its comment cut off.
fn without_strings(line: &str) -> String {
    let mut kept = String::new();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                while let Some(inner) = characters.next() {
                    match inner {
                        '\\' => drop(characters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                kept.push_str("\"\"");
            }
            '\'' if characters.peek() == Some(&'"') => {
                characters.nth(1);
            }
            '/' if characters.peek() == Some(&'/') => break,
            _ => kept.push(character),
        }
    }
    kept
}

/// The paths behind `crate::`, one a use; a braced list counts each of its first words.
fn imports(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in &file.lines {
        for (at, _) in line.match_indices("crate::") {
            // `$crate` and `shuck_crate::` are something else.
            if at > 0 && line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
                continue;
            }
            let rest = &line[at + "crate::".len()..];
            match rest.strip_prefix('{') {
                Some(list) => {
                    let list = list.split('}').next().unwrap_or(list);
                    found.extend(list.split(',').map(|path| (*number, word(path.trim()))));
                }
                None => found.push((*number, word(rest))),
            }
        }
    }
    found
}

fn word(path: &str) -> String {
    path.chars().take_while(|one| one.is_alphanumeric() || *one == '_' || *one == ':').collect()
}

fn assert_none(trouble: &[String]) {
    assert!(trouble.is_empty(), "\n{}\n", trouble.join("\n"));
}

#[test]
fn imports_run_one_way() {
    let place = |module: &str| STAGES.iter().position(|stage| *stage == module);
    let mut trouble = Vec::new();
    for file in files() {
        let module = file.module().to_owned();
        if ROAD.contains(&module.as_str()) {
            continue;
        }
        let here = place(&module);
        if here.is_none() && !LEAVES.contains(&module.as_str()) {
            trouble.push(format!("src/{}: `{module}` is neither a stage nor a leaf", file.path));
            continue;
        }
        for (number, path) in imports(&file) {
            let target = path.split("::").next().unwrap_or_default();
            let fine = match (here, place(target)) {
                _ if target == module || LEAVES.contains(&target) => true,
                (Some(here), Some(there)) => there < here,
                // Only the faces may call the road.
                (Some(_), None) => module == "cli",
                (None, _) => false,
            };
            if !fine {
                trouble.push(format!("src/{}:{number}: {module} may not import {path}", file.path));
            }
        }
    }
    assert_none(&trouble);
}

#[test]
fn rules_see_effects_and_facts_only() {
    let mut trouble = Vec::new();
    for file in files().iter().filter(|file| file.module() == "rules") {
        for (number, path) in imports(file) {
            if HIDDEN_FROM_RULES.iter().any(|hidden| path == *hidden || path.starts_with(&format!("{hidden}::"))) {
                trouble.push(format!("src/{}:{number}: a rule may not see {path}", file.path));
            }
        }
    }
    assert_none(&trouble);
}

#[test]
fn crates_stay_in_their_stage() {
    let mut trouble = Vec::new();
    for file in files() {
        for (name, allowed) in CRATES {
            if allowed.contains(&file.module()) {
                continue;
            }
            for (number, line) in &file.lines {
                let named = line.match_indices(name).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    let is_start = before.is_none_or(|one| !one.is_alphanumeric() && one != '_' && one != ':');
                    is_start && line[at..].contains("::")
                });
                if named {
                    trouble.push(format!("src/{}:{number}: only {allowed:?} may use {name}", file.path));
                }
            }
        }
    }
    assert_none(&trouble);
}

#[test]
fn nothing_panics_on_purpose() {
    let mut trouble = Vec::new();
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for file in files() {
        for (number, line) in &file.lines {
            for panic in PANICS.iter().filter(|panic| line.contains(*panic)) {
                if *panic == ".expect(" && EXPECTED.iter().any(|(path, _)| *path == file.path) {
                    *expected.entry(file.path.clone()).or_default() += 1;
                } else {
                    trouble.push(format!("src/{}:{number}: {panic}", file.path));
                }
            }
        }
    }
    for (path, count) in EXPECTED {
        let found = expected.get(path).copied().unwrap_or(0);
        if found != count {
            trouble.push(format!("src/{path}: {count} .expect( are listed, there are {found}"));
        }
    }
    assert_none(&trouble);
}

#[test]
fn files_are_small_enough_to_read() {
    // A wish, not a law: what is one table or one thought stays one file.
    for file in files().iter().filter(|file| file.length > 400) {
        println!("src/{} has {} lines", file.path, file.length);
    }
}
