//! The rule files are their own tests: every fenced example is run.
//!
//! *bad* is flagged exactly on its marked lines with exactly those codes, *good* is silent under all rules, and
//! *fixed* is what the bad example before it becomes when every fix is applied. Beside that: what a rule file
//! must have, and that the README's table is the one that the files give.

mod support;

use noharm::Book;
use noharm::finding::{Applicability, Severity};
use noharm::role::Role;
use noharm::rules::{self, Example, ExampleKind, Rule};
use std::fmt::Write as _;
use support::{between, files, root, same_or_update};

fn place(rule: &Rule, example: &Example) -> String {
    format!("rules/{}/{}.md:{}", rule.family, rule.name, example.line)
}

#[test]
fn every_example_shows_what_is_true() {
    let mut wrong = String::new();
    for rule in rules::all() {
        for miss in Book::builtin().try_examples(rule) {
            let _ = writeln!(wrong, "rules/{}/{}.md:{}: {}", rule.family, rule.name, miss.line, miss.message);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_has_examples_that_name_it() {
    for rule in rules::all() {
        let count = |kind| rule.examples().iter().filter(|example| example.kind == kind).count();
        assert!(count(ExampleKind::Bad) >= 2, "{} has fewer than two bad examples", rule.name);
        assert!(count(ExampleKind::Good) >= 4, "{} has fewer than four good examples", rule.name);
        for example in rule.examples() {
            let (_, marks) = noharm::trial::script(example);
            if example.kind == ExampleKind::Bad {
                assert!(marks.iter().any(|(_, code)| *code == rule.code), "{} marks nothing", place(rule, example));
            } else {
                assert!(marks.is_empty(), "{} is not bad, and marks a line", place(rule, example));
            }
            for (_, code) in marks {
                assert!(rules::find(&code).is_some(), "{} marks {code}, which is no rule", place(rule, example));
            }
        }
    }
}

#[test]
fn every_page_says_what_to_do() {
    for rule in rules::all() {
        for heading in ["\n## How to make it safe\n", "\n## When to ignore it\n"] {
            assert!(rule.page().contains(heading), "{} has no section {}", rule.name, heading.trim());
        }
        assert!(!rule.summary.ends_with('.'), "the summary of {} is a line in lists, without a full stop", rule.name);
    }
}

#[test]
fn codes_belong_to_their_family() {
    let families =
        ["linter", "overwrite", "idempotency", "restart", "failover", "data", "load", "partial", "operability"];
    for rule in rules::all() {
        let digit = rule.code.trim_start_matches("NH").chars().next().and_then(|digit| digit.to_digit(10));
        let family = digit.and_then(|digit| families.get(digit as usize));
        assert_eq!(family.copied(), Some(rule.family.as_ref()), "{} stands in the wrong folder", rule.code);
    }
}

#[test]
fn a_rule_is_found_by_code_and_by_name() {
    for rule in rules::all() {
        assert_eq!(rules::find(&rule.code.to_lowercase()).map(|found| &found.code), Some(&rule.code));
        assert_eq!(rules::find(&rule.name).map(|found| &found.code), Some(&rule.code));
    }
    assert!(rules::find("NH999").is_none());
}

#[test]
fn an_unknown_role_is_judged_like_config() {
    for rule in rules::all() {
        assert_eq!(rule.severity(Role::Unknown), rule.severity(Role::Config), "{}", rule.code);
    }
}

#[test]
fn adding_a_rule_touches_one_file() {
    let count = files(&root().join("rules"))
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .filter(|path| path.parent().and_then(|family| family.parent()) == Some(&root().join("rules")))
        .count();
    assert_eq!(rules::all().len(), count, "every rule file is a rule");
    for path in files(&root().join("src/rules")) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for rule in rules::all().iter().filter(|rule| rule.detector().is_none()) {
            assert!(!text.contains(&format!("\"{}\"", rule.name)), "{} names {}", path.display(), rule.name);
        }
    }
}

/// The rules as the README lists them.
fn table() -> String {
    let mut table = String::from("| Code | Name | What it finds | Severity | Fix |\n| --- | --- | --- | --- | --- |\n");
    for rule in rules::all() {
        let fix = match rule.fixable() {
            Some(Applicability::Safe) => "safe",
            Some(_) => "unsafe",
            None => "advice",
        };
        let (code, name, family) = (&rule.code, &rule.name, &rule.family);
        let summary = rule.summary.replace('|', "\\|");
        let severity = severity(rule);
        let _ = writeln!(table, "| {code} | [{name}](rules/{family}/{name}.md) | {summary} | {severity} | {fix} |");
    }
    table
}

/// The default severity, then the roles in which it is another one.
fn severity(rule: &Rule) -> String {
    let mut text = rule.severity.default.as_str().to_owned();
    for severity in [Severity::Error, Severity::Warning, Severity::Note, Severity::Off] {
        let roles: Vec<_> =
            rule.severity.roles.iter().filter(|(_, other)| *other == severity).map(|(role, _)| role.as_str()).collect();
        if !roles.is_empty() && severity != rule.severity.default {
            let _ = write!(text, "; {} in {}", severity.as_str(), roles.join(", "));
        }
    }
    text
}

#[test]
fn the_table_in_the_readme_is_the_one_of_the_rule_files() {
    let path = root().join("README.md");
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    let Some(generated) = between(&held, "rules", &table()) else { panic!("README.md has no place for the table") };
    if let Some(problem) = same_or_update(&path, &generated) {
        panic!("{problem}");
    }
}
