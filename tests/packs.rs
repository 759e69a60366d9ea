//! Packs: the page about them, and choosing rules by them.

mod common;
mod support;

use common::{err, noharm, out};
use noharm::Book;
use noharm::finding::{Catalogue, Pack};
use std::fmt::Write as _;
use std::fs;
use support::{between, root, same_or_update};

/// A script with a finding of a rule that is in the pack `backup` and in no other, and one of a rule that is in none.
const SCRIPT: &str = "#!/bin/sh\nrm -rf \"$DIR\"/*\ncurl https://example.org/x | sh\n";

fn codes(arguments: &[&str], config: &str) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("a.sh"), SCRIPT).expect("written");
    fs::write(directory.path().join("noharm.toml"), config).expect("written");
    let output = noharm(directory.path(), &[&["check", "--format", "concise"], arguments].concat());
    assert!(err(&output).is_empty(), "{}", err(&output));
    let text = out(&output);
    let code = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    text.lines().filter_map(code).collect()
}

fn refused(config: &str) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("a.sh"), SCRIPT).expect("written");
    fs::write(directory.path().join("noharm.toml"), config).expect("written");
    let output = noharm(directory.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    err(&output)
}

#[test]
fn a_pack_is_asked_alone() {
    assert_eq!(codes(&[], ""), ["NH501", "NH712"]);
    assert_eq!(codes(&["--pack", "backup"], ""), ["NH501"]);
    assert_eq!(codes(&[], "[check]\npacks = [\"backup\"]"), ["NH501"]);
    assert_eq!(codes(&["--pack", "backup"], "[check]\npacks = [\"ocf\"]"), ["NH501"], "the command line goes before");
    assert!(codes(&["--pack", "ocf", "--pack", "notify"], "").is_empty());
}

#[test]
fn a_pack_has_a_severity() {
    assert_eq!(codes(&[], "[severity]\nbackup = \"off\""), ["NH712"]);
    assert_eq!(codes(&[], "[severity]\nbackup = \"off\"\nNH501 = \"note\""), ["NH501", "NH712"], "a code goes before");
    let named = "[severity]\nbackup = \"off\"\nrm-rf-variable = \"note\"";
    assert_eq!(codes(&[], named), ["NH501", "NH712"], "so does a name");
    let here = "[[override]]\npaths = [\"a.sh\"]\nseverity = { backup = \"off\" }";
    assert_eq!(codes(&[], here), ["NH712"]);
    assert_eq!(codes(&[], &here.replace("a.sh", "b.sh")), ["NH501", "NH712"]);
}

#[test]
fn a_severity_switches_on_what_is_off_for_the_role() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("a.sh"), "#!/bin/sh\npcs stonith fence \"$1\" || exit 1\n").expect("written");
    let found = |config: &str| {
        fs::write(directory.path().join("noharm.toml"), config).expect("written");
        out(&noharm(directory.path(), &["check", "--format", "concise"]))
    };
    assert!(!found("").contains("NH80"), "matters of taste are nobody's by default");
    let one = found("[severity]\nNH802 = \"warning\"");
    assert!(one.contains("warning[NH802]") && !one.contains("NH801"), "{one}");
    let all = found("[severity]\noperability = \"error\"");
    assert!(["NH801", "NH802", "NH803"].iter().all(|code| all.contains(&format!("error[{code}]"))), "{all}");
    assert!(!found("[severity]\nNH802 = \"off\"").contains("NH802"));
}

#[test]
fn an_unknown_pack_is_refused() {
    let message = refused("[check]\npacks = [\"entripoint\"]");
    assert!(message.contains("no pack is called `entripoint`; did you mean `entrypoint`?"), "{message}");
    let message = refused("[severity]\nmaintainers = \"off\"");
    assert!(message.contains("no rule is called `maintainers`; did you mean `maintainer`?"), "{message}");
    let output = noharm(root(), &["rules", "--pack", "zzz"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("no pack is called `zzz`; there are ocf, "), "{}", err(&output));
}

#[test]
fn packs_are_listed_and_shown() {
    let listed = out(&noharm(root(), &["rules", "--packs"]));
    let first: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let names: Vec<&str> = Book::builtin().packs().iter().map(|pack| pack.name).collect();
    assert_eq!(first, names);
    let shown = out(&noharm(root(), &["rules", "--pack", "ocf"]));
    assert!(shown.contains("\nstop needs no valid configuration\n    NH222  stop-validates-first: "), "{shown}");
}

#[test]
fn the_page_says_what_the_packs_say() {
    let book = Book::builtin();
    let text: String = book.packs().iter().map(|pack| section(pack, book)).collect();
    let path = root().join("docs/packs.md");
    let held = fs::read_to_string(&path).unwrap_or_default();
    let Some(page) = between(&held, "packs", &text) else { panic!("docs/packs.md has no place for the packs") };
    if let Some(problem) = same_or_update(&path, &page) {
        panic!("{problem}");
    }
}

fn section(pack: &Pack, book: &Book) -> String {
    let roles: Vec<String> = pack.roles.iter().map(|role| format!("`{}`", role.as_str())).collect();
    let mut text = format!("\n## {}\n\nFor {}. ", pack.name, pack.summary);
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "Roles: {}. After: {}.\n", roles.join(", "), pack.source);
    text.push_str("| what holds | which rules ask |\n| --- | --- |\n");
    let cards = book.cards();
    for clause in pack.clauses {
        let rules = clause.rules.iter().filter_map(|code| {
            let card = cards.iter().find(|card| card.code == *code)?;
            Some(format!("{code} {}", card.name))
        });
        let rules: Vec<String> = rules.collect();
        let rules = if rules.is_empty() { "*none*".to_owned() } else { rules.join(", ") };
        let _ = writeln!(text, "| {} | {rules} |", clause.says);
    }
    text
}
