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

use noharm::source::{MemoryLoader, Source};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use support::pages::{Block, Claim, pages, twins};

/// What is wrong with a block; nothing where all its claims are true.
fn judge(block: &Block) -> Option<String> {
    let (text, claims) = block.script();
    let source = Source::new(block.file(), text.as_bytes().to_vec()).expect("small");
    let report = noharm::check(&source, &support::core_settings(), &MemoryLoader::default());
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
    let wrong: Vec<String> = pages().iter().filter(|block| block.has_verdict()).filter_map(judge).collect();
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
    let mut wrong = Vec::new();
    for pair in twins(&pages()) {
        let [first, second] = pair[..] else {
            wrong.push(format!("{}: a twin alone", pair[0].place));
            continue;
        };
        let verdict = |block: &Block| block.script().1.iter().any(|(_, claim)| matches!(claim, Claim::Found(_)));
        if verdict(first) == verdict(second) {
            wrong.push(format!("{}: both twins have the same verdict", first.place));
        }
        let changes = similar::TextDiff::from_lines(&first.script().0, &second.script().0)
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
        let shells = match block.shell.as_str() {
            "sh" => vec!["bash", "dash"],
            only => vec![only],
        };
        for shell in shells {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let Some((output, status)) = run(shell, &block.text, directory.path()) else {
                skipped.insert(shell.to_owned());
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
