//! The pages of `docs/semantics` are tests: every claim in them is a fenced script that is run.
//!
//! A script says what holds at its lines in comments at their ends:
//!
//! ```sh
//! nginx -t || exit 1
//! systemctl restart nginx # holds: config-valid
//! systemctl restart haproxy # lacks: config-valid
//! cp new /etc/app.conf # NH101
//! ```
//! A code must be found there and nowhere else; a fact must be known, or not be known, of an effect on that line. A
//! block marked `twin` is one of a pair that stand one behind the other: one of them has findings, the other none,
//! and they differ in one or two lines.
//!
//! A block marked `gap` is true and not understood yet: it must fail as it stands, so that one that is mended is moved to
//! its page.
//!
//! A block marked `run` is a claim about the shell itself and is executed: what it writes and its status must be those
//! that the comments at its end tell. Where a shell is not there, that is printed and the block is skipped for it.

mod support;

use noharm::config::Settings;
use noharm::rules;
use noharm::source::{MemoryLoader, Source};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{files, root};

/// A fenced block of a page.
struct Block {
    /// The page and the line of its fence.
    place: String,
    /// `sh` or `bash`.
    shell: String,
    /// The words behind the shell's name.
    words: Vec<String>,
    text: String,
}

impl Block {
    fn is(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }

    /// The name of the file, which may tell what the script is for.
    fn file(&self) -> &str {
        self.words.iter().find_map(|word| word.strip_prefix("file=")).unwrap_or(match self.shell.as_str() {
            "bash" => "example.bash",
            _ => "example.sh",
        })
    }
}

/// What the comment at the end of a line claims.
#[derive(Debug, PartialEq, Eq)]
enum Claim {
    Found(String),
    Holds(String),
    Lacks(String),
}

fn pages() -> Vec<Block> {
    let mut blocks = Vec::new();
    for path in files(&root().join("docs/semantics")) {
        let text = std::fs::read_to_string(&path).expect("a page is text");
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let mut open: Option<Block> = None;
        for (at, line) in text.lines().enumerate() {
            match (&mut open, line.strip_prefix("```")) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(block), None) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, Some(information)) => {
                    let mut words = information.split_whitespace().map(str::to_owned);
                    let shell = words.next().unwrap_or_default();
                    let place = format!("{name}:{}", at + 1);
                    open = Some(Block { place, shell, words: words.collect(), text: String::new() });
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{name}: a block is not closed");
    }
    blocks.retain(|block| matches!(block.shell.as_str(), "sh" | "bash"));
    blocks
}

/// A line without its claims, and what they are.
fn claims(line: &str) -> (&str, Vec<Claim>) {
    let (rest, codes) = rules::marker(line);
    if !codes.is_empty() {
        return (rest, codes.into_iter().map(|code| Claim::Found(code.to_owned())).collect());
    }
    for (sign, claim) in [("# holds: ", Claim::Holds as fn(String) -> Claim), ("# lacks: ", Claim::Lacks)] {
        if let Some((before, list)) = line.rsplit_once(sign) {
            return (before.trim_end(), list.split(',').map(|fact| claim(fact.trim().to_owned())).collect());
        }
    }
    (line, Vec::new())
}

/// The script without claims, and the claims with their lines, from 1.
fn script(block: &Block) -> (String, Vec<(u32, Claim)>) {
    let mut text = String::new();
    let mut all = Vec::new();
    for (at, line) in (1..).zip(block.text.lines()) {
        let (line, found) = claims(line);
        all.extend(found.into_iter().map(|claim| (at, claim)));
        text.push_str(line);
        text.push('\n');
    }
    (text, all)
}

/// What is wrong with a block; nothing where all its claims are true.
fn judge(block: &Block) -> Option<String> {
    let (text, claims) = script(block);
    let source = Source::new(block.file(), text.as_bytes().to_vec()).expect("small");
    let report = noharm::check(&source, &Settings::default(), &MemoryLoader::default());
    let mut wrong = String::new();
    let told = report.findings.iter().flat_map(|finding| support::spoken_for(&source, finding));
    let told: Vec<(u32, String)> = told.map(|found| (found.line as u32, found.code)).collect();
    let mut found: Vec<(u32, String)> = report
        .findings
        .iter()
        .map(|finding| (source.position(finding.span.start).line, finding.code.to_string()))
        .chain(told)
        .collect();
    let mut marked: Vec<(u32, String)> = claims
        .iter()
        .filter_map(|(line, claim)| match claim {
            Claim::Found(code) => Some((*line, code.clone())),
            _ => None,
        })
        .collect();
    found.sort();
    marked.sort();
    if found != marked {
        let _ = writeln!(wrong, "marked {marked:?}, found {found:?}");
    }
    for (line, claim) in &claims {
        let at = |row: &&noharm::plan::PlanRow| source.position(row.span.start).line == *line;
        let rows: Vec<_> = report.plan.iter().filter(at).collect();
        let known = |fact: &String| rows.iter().any(|row| row.facts.contains(fact));
        match claim {
            Claim::Holds(_) | Claim::Lacks(_) if rows.is_empty() => {
                let _ = writeln!(wrong, "line {line}: there is no effect");
            }
            Claim::Holds(fact) if !known(fact) => {
                let facts: Vec<_> = rows.iter().flat_map(|row| &row.facts).collect();
                let _ = writeln!(wrong, "line {line}: {fact} is not known there, but {facts:?}");
            }
            Claim::Lacks(fact) if known(fact) => {
                let _ = writeln!(wrong, "line {line}: {fact} is known there");
            }
            _ => {}
        }
    }
    (!wrong.is_empty()).then(|| format!("{}\n{wrong}{text}\n", block.place))
}

#[test]
fn every_claim_of_every_page_is_true() {
    let wrong: Vec<String> =
        pages().iter().filter(|block| !block.is("run") && !block.is("gap")).filter_map(judge).collect();
    assert!(wrong.is_empty(), "{} blocks are wrong:\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn gaps_that_are_closed_are_moved_to_their_page() {
    let gaps: Vec<Block> = pages().into_iter().filter(|block| block.is("gap")).collect();
    let closed: Vec<String> =
        gaps.iter().filter(|block| judge(block).is_none()).map(|block| block.place.clone()).collect();
    assert!(closed.is_empty(), "understood by now:\n{}", closed.join("\n"));
}

#[test]
fn twins_differ_in_little_and_in_their_verdict() {
    let pages = pages();
    let twins: Vec<&Block> = pages.iter().filter(|block| block.is("twin")).collect();
    let page = |block: &Block| block.place.split(':').next().unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    for pair in twins.chunk_by(|first, second| page(first) == page(second)).flat_map(|page| page.chunks(2)) {
        let [first, second] = pair else {
            wrong.push(format!("{}: a twin alone", pair[0].place));
            continue;
        };
        let verdict = |block: &Block| script(block).1.iter().any(|(_, claim)| matches!(claim, Claim::Found(_)));
        if verdict(first) == verdict(second) {
            wrong.push(format!("{}: both twins have the same verdict", first.place));
        }
        let changes = similar::TextDiff::from_lines(&script(first).0, &script(second).0)
            .iter_all_changes()
            .filter(|change| change.tag() != similar::ChangeTag::Equal)
            .count();
        if changes > 4 {
            wrong.push(format!("{}: {changes} lines of the twins differ", first.place));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a `run` block says that it writes, and its status.
fn expected(block: &Block) -> (String, i32) {
    let mut output = String::new();
    let mut status = 0;
    for line in block.text.lines() {
        if let Some(text) = line.strip_prefix("# prints: ") {
            output.push_str(text);
            output.push('\n');
        } else if let Some(text) = line.strip_prefix("# status: ") {
            status = text.trim().parse().expect("a status is a number");
        }
    }
    (output, status)
}

#[test]
fn shells_do_what_the_pages_say() {
    let mut wrong = Vec::new();
    let mut skipped = std::collections::BTreeSet::new();
    for block in pages().iter().filter(|block| block.is("run")) {
        let shells: &[&str] = if block.shell == "bash" { &["bash"] } else { &["bash", "dash"] };
        for shell in shells {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let Some((output, status)) = run(shell, &block.text, directory.path()) else {
                skipped.insert(*shell);
                continue;
            };
            if (output.as_str(), status) != (expected(block).0.as_str(), expected(block).1) {
                wrong.push(format!("{} in {shell}: status {status}, printed\n{output}", block.place));
            }
        }
    }
    for shell in skipped {
        println!("skipped: there is no {shell} here");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs a script; nothing where there is no such shell.
fn run(shell: &str, script: &str, directory: &Path) -> Option<(String, i32)> {
    let output = Command::new(shell)
        .args(["-c", script])
        .current_dir(directory)
        .env_remove("BASH_ENV")
        .env_remove("ENV")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Some((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code().unwrap_or(-1)))
}
