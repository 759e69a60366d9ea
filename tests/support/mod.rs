//! What several test files need: one door to the library, and files that can be rewritten.

#![allow(dead_code, reason = "each test file is a crate of its own and uses a part of this")]

pub mod pages;

use noharm::config::Settings;
use noharm::finding::Finding;
use noharm::source::{MemoryLoader, Source};
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

/// The rules by which the pages of `docs/semantics` make facts visible: they ask for the most, and about everyday things.
const CORE: [&str; 14] = [
    "NH001", "NH002", "NH101", "NH102", "NH201", "NH202", "NH204", "NH208", "NH213", "NH301", "NH302", "NH308",
    "NH501", "NH502",
];

/// Settings under which only the rules speak that the pages about semantics use: what a page says of paths does not depend
/// on how many rules there are.
pub fn core_settings() -> Settings {
    let others = noharm::rules::all().iter().filter(|rule| !CORE.contains(&&*rule.code));
    let severity = others.map(|rule| (rule.code.to_string(), noharm::finding::Severity::Off)).collect();
    Settings { severity, ..Settings::default() }
}

/// What noharm says about a text under a file name, in order of place.
///
/// Everything that is shown by default and notes; nothing but this text can be read.
pub fn check(file: &str, text: &str) -> Vec<Found> {
    check_under(&Settings::default(), file, text)
}

/// The same, by the rules alone that the pages about semantics use.
pub fn check_by_core(file: &str, text: &str) -> Vec<Found> {
    check_under(&core_settings(), file, text)
}

fn check_under(settings: &Settings, file: &str, text: &str) -> Vec<Found> {
    let source = source(file, text);
    let report = noharm::check(&source, settings, &MemoryLoader::default());
    let found = report.findings.iter().flat_map(|finding| {
        let at = source.position(finding.span.start);
        let severity = finding.severity.as_str();
        let concise = format!("{}:{}: {severity}[{}] {}", at.line, at.column, finding.code, finding.message);
        let one = Found { line: at.line as usize, code: finding.code.to_string(), concise };
        std::iter::once(one).chain(spoken_for(&source, finding))
    });
    found.collect()
}

/// The findings for which another one speaks.
pub fn spoken_for<'f>(source: &'f Source, finding: &'f Finding) -> impl Iterator<Item = Found> + 'f {
    finding.labels.iter().filter_map(|label| {
        let at = source.position(label.span.start);
        let code = label.speaks_for.as_deref()?.to_owned();
        let concise = format!("{}:{}: told by {} above: {code}", at.line, at.column, finding.code);
        Some(Found { line: at.line as usize, code, concise })
    })
}

/// What `noharm effects` shows of a text: the line, the effect, its target, what the target is and what is known there.
pub fn effects(file: &str, text: &str) -> Vec<String> {
    let source = source(file, text);
    let report = noharm::check(&source, &Settings::default(), &MemoryLoader::default());
    let shown = report.plan.iter().map(|row| {
        let line = source.position(row.span.start).line;
        let how = row.how.as_deref().unwrap_or_default();
        let second = row.second_run.as_deref().unwrap_or("ok");
        format!("{line} {} {how}: {}, {}, {second}, [{}]", row.effect, row.target, row.class, row.facts.join(" "))
    });
    shown.collect()
}

/// The text after every fix, safe and unsafe, is applied until nothing changes.
pub fn fix(file: &str, text: &str) -> String {
    let source = source(file, text);
    let outcome =
        noharm::mend(&source, &Settings::default(), &MemoryLoader::default(), noharm::finding::Applicability::Unsafe);
    String::from_utf8_lossy(outcome.source.bytes()).into_owned()
}

fn source(file: &str, text: &str) -> Source {
    Source::new(file, text.as_bytes().to_vec()).expect("tests are smaller than 4 GiB")
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
    let mut pairs = held.lines().map(Some).chain(std::iter::repeat(None)).zip(generated.lines().map(Some));
    let first = pairs.position(|(held, generated)| held != generated).unwrap_or(generated.lines().count());
    let line = |text: &str| text.lines().nth(first).unwrap_or("(nothing)").to_owned();
    Some(format!(
        "{}:{}: not what the sources say (rewrite it by running the tests with NOHARM_UPDATE=1)\n  held       {}\n  generated  {}",
        path.display(),
        first + 1,
        line(&held),
        line(generated)
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
