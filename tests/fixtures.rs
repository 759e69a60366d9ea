//! Whole scripts: what noharm says about scripts like those that people run.
//!
//! `fixtures/hazard` are scripts with hazards, `fixtures/careful` the same jobs done with care. `judged.tsv` is
//! what a careful reader expects, written by hand; `expected/` holds what noharm prints, rewritten with
//! `NOHARM_UPDATE=1` and reviewed like code.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use support::{check, files, root, same_or_update};

type Place = (String, usize, String);

fn fixtures() -> PathBuf {
    root().join("fixtures")
}

/// Every script under `fixtures/`, as its path from there and its text.
fn scripts() -> BTreeMap<String, String> {
    let mut scripts = BTreeMap::new();
    for folder in ["hazard", "careful"] {
        for path in files(&fixtures().join(folder)) {
            let name = path.strip_prefix(fixtures()).map(|name| name.to_string_lossy().into_owned());
            if let (Ok(name), Ok(text)) = (name, std::fs::read_to_string(&path)) {
                scripts.insert(name, text);
            }
        }
    }
    scripts
}

fn judged() -> BTreeSet<Place> {
    let text = std::fs::read_to_string(fixtures().join("judged.tsv")).unwrap_or_default();
    let mut places = BTreeSet::new();
    for row in text.lines().filter(|row| !row.starts_with('#')) {
        let mut cells = row.split('\t');
        let (Some(file), Some(line), Some(code), None) = (cells.next(), cells.next(), cells.next(), cells.next())
        else {
            panic!("judged.tsv has a row that is not file, line, code: {row}")
        };
        let Ok(line) = line.parse() else { panic!("judged.tsv has a row without a line: {row}") };
        places.insert((file.to_owned(), line, code.to_owned()));
    }
    places
}

#[test]
fn there_is_something_to_read() {
    let scripts = scripts();
    let count = |folder: &str| scripts.keys().filter(|name| name.starts_with(folder)).count();
    assert!(count("hazard/") >= 16 && count("careful/") >= 5, "{:?}", scripts.keys());
}

#[test]
fn what_is_judged_exists() {
    let scripts = scripts();
    for (file, line, code) in judged() {
        let text = scripts.get(&file).map_or("", String::as_str);
        let content = text.lines().nth(line.saturating_sub(1)).unwrap_or("");
        assert!(!content.trim().is_empty(), "judged.tsv speaks of {file}:{line}, where nothing stands");
        assert!(noharm::rules::find(&code).is_some(), "judged.tsv speaks of {code}, which is no rule");
    }
}

#[test]
fn every_hazard_is_found_and_nothing_else() {
    let judged = judged();
    let codes: BTreeSet<&str> = judged.iter().map(|(_, _, code)| code.as_str()).collect();
    let mut found = BTreeSet::new();
    for (name, text) in scripts() {
        for finding in check(&name, &text) {
            if codes.contains(finding.code.as_str()) {
                found.insert((name.clone(), finding.line, finding.code));
            }
        }
    }
    let missed: Vec<_> = judged.difference(&found).collect();
    let extra: Vec<_> = found.difference(&judged).collect();
    assert!(missed.is_empty() && extra.is_empty(), "missed {missed:#?}\nsaid without reason {extra:#?}");
}

#[test]
fn nothing_is_said_about_careful_scripts() {
    let mut said = Vec::new();
    for (name, text) in scripts().into_iter().filter(|(name, _)| name.starts_with("careful/")) {
        said.extend(check(&name, &text).into_iter().map(|found| format!("{name}:{}", found.concise)));
    }
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn the_words_are_those_that_were_reviewed() {
    let mut wrong = Vec::new();
    for (name, text) in scripts() {
        let mut said = String::new();
        for found in check(&name, &text) {
            said.push_str(&found.concise);
            said.push('\n');
        }
        let file = format!("expected/{}.txt", name.replace('/', "-"));
        wrong.extend(same_or_update(&fixtures().join(file), &said));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
