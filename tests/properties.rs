//! What must be true of every fix, whatever the rule: shown over all fixtures and all examples of the rules.
//!
//! A fix is guilty until proven. After mending, the script reads whole, the mended findings are gone and no new
//! ones are there, a second round changes nothing, what no edit touched is as it was, and the shell accepts what
//! it accepted before.

mod support;

use noharm::config::Settings;
use noharm::discover;
use noharm::finding::{Applicability, Finding};
use noharm::fix::{self, Outcome};
use noharm::rules::{self, ExampleKind};
use noharm::source::{MemoryLoader, Source};
use noharm::syntax;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use support::{files, root};

/// A script under test.
struct Case {
    /// Where it comes from, for people.
    place: String,
    /// The name it is read under.
    file: String,
    text: String,
}

/// Every fixture and every example of every rule, as it is and with the line ends of another system.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for folder in ["hazard", "careful"] {
        for path in files(&root().join("fixtures").join(folder)) {
            let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("fixtures are text");
            cases.push(Case { place: name.clone(), file: name, text });
        }
    }
    for rule in rules::all() {
        for example in rule.examples() {
            let text: String = example.text.lines().flat_map(|line| [rules::marker(line).0, "\n"]).collect();
            let kind = if example.kind == ExampleKind::Bad { "bad" } else { "good" };
            let place = format!("rules/{}/{}.md:{} ({kind})", rule.family, rule.name, example.line);
            let file = example.file.as_deref().unwrap_or("example.sh").to_owned();
            cases.push(Case { place, file, text });
        }
    }
    cases
}

fn source(file: &str, bytes: &[u8]) -> Source {
    Source::new(file, bytes.to_vec()).expect("small")
}

fn findings(source: &Source) -> Vec<Finding> {
    noharm::check(source, &Settings::default(), &MemoryLoader::default()).findings
}

fn mend(source: &Source, allowed: Applicability) -> Outcome {
    noharm::mend(source, &Settings::default(), &MemoryLoader::default(), allowed)
}

/// How many findings there are of each code.
fn counts(findings: &[Finding]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        // What another finding speaks for counts too: it is shown once that one is mended.
        let told = finding.labels.iter().filter_map(|label| label.speaks_for.as_deref());
        for code in std::iter::once(&*finding.code).chain(told) {
            *counts.entry(code.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// Whether a text reads whole.
fn reads(source: &Source) -> bool {
    let dialect = discover::inspect(source.path(), source.bytes()).dialect;
    let script = syntax::read(&source.readable(), dialect);
    script.unread.is_empty() && script.reader == syntax::tree::Reader::Strict
}

/// Runs a check over all cases and lists what it complains about.
fn all(check: impl Fn(&Case) -> Vec<String>) {
    let mut trouble = Vec::new();
    for case in cases() {
        trouble.extend(check(&case).into_iter().map(|problem| format!("{}: {problem}", case.place)));
    }
    assert!(trouble.is_empty(), "\n{}\n", trouble.join("\n"));
}

#[test]
fn something_is_mended() {
    let mended: Vec<_> = cases()
        .iter()
        .flat_map(|case| mend(&source(&case.file, case.text.as_bytes()), Applicability::Unsafe).mended)
        .collect();
    assert!(mended.len() > 50, "only {mended:?}: the other tests would prove nothing");
}

#[test]
fn nothing_is_held_back() {
    all(|case| {
        let outcome = mend(&source(&case.file, case.text.as_bytes()), Applicability::Unsafe);
        outcome.held_back.iter().map(ToString::to_string).collect()
    });
}

#[test]
fn a_mended_script_reads_whole() {
    all(|case| {
        let before = source(&case.file, case.text.as_bytes());
        let after = mend(&before, Applicability::Unsafe).source;
        if reads(&before) && !reads(&after) { vec![text(after.bytes())] } else { Vec::new() }
    });
}

#[test]
fn what_was_mended_is_gone_and_nothing_new_is_there() {
    for allowed in [Applicability::Safe, Applicability::Unsafe] {
        all(|case| {
            let before = source(&case.file, case.text.as_bytes());
            let outcome = mend(&before, allowed);
            let (was, is) = (counts(&findings(&before)), counts(&findings(&outcome.source)));
            let mut expected = was.clone();
            for code in &outcome.mended {
                if let Some(count) = expected.get_mut(&**code) {
                    *count = count.saturating_sub(1);
                }
            }
            // One fix may do for several findings, so fewer than expected is fine.
            let worse = is.iter().filter(|(code, count)| **count > expected.get(*code).copied().unwrap_or(0));
            worse
                .map(|(code, count)| {
                    format!(
                        "{code} {count} times, {:?} before, mended {:?}\n{}",
                        was.get(code),
                        outcome.mended,
                        text(outcome.source.bytes())
                    )
                })
                .collect()
        });
    }
}

#[test]
fn everything_that_has_a_trusted_fix_is_mended() {
    all(|case| {
        let outcome = mend(&source(&case.file, case.text.as_bytes()), Applicability::Unsafe);
        let left = findings(&outcome.source);
        let left: Vec<_> =
            left.iter().filter(|finding| fix::applicable(finding, Applicability::Unsafe).is_some()).collect();
        left.iter().map(|finding| format!("{} {} is left", finding.code, finding.message)).collect()
    });
}

#[test]
fn a_second_round_changes_nothing() {
    all(|case| {
        let once = mend(&source(&case.file, case.text.as_bytes()), Applicability::Unsafe).source;
        let twice = mend(&once, Applicability::Unsafe);
        if once.bytes() == twice.source.bytes() {
            Vec::new()
        } else {
            vec![format!("{:?}\n{}", twice.mended, text(twice.source.bytes()))]
        }
    });
}

#[test]
fn a_safe_fix_is_also_made_with_the_unsafe_ones() {
    all(|case| {
        let before = source(&case.file, case.text.as_bytes());
        let (safe, both) = (mend(&before, Applicability::Safe), mend(&before, Applicability::Unsafe));
        let missing = safe.mended.iter().find(|code| !both.mended.contains(code));
        missing.map(|code| format!("{code} is mended only without the unsafe fixes")).into_iter().collect()
    });
}

#[test]
fn what_no_edit_touches_stays() {
    all(|case| {
        let before = source(&case.file, case.text.as_bytes());
        let mut trouble = Vec::new();
        for finding in findings(&before) {
            for one in &finding.fixes {
                let (after, applied) = fix::apply(before.bytes(), &[one]);
                let mut edits = one.edits.clone();
                edits.sort_by_key(|edit| edit.span);
                if edits.is_empty() {
                    continue;
                }
                if applied.is_empty() {
                    trouble.push(format!("{}: the edits do not fit: {edits:?}", finding.code));
                    continue;
                }
                // What stands between the edits is found again, in order, in what came out.
                let (mut old, mut new) = (0, 0);
                for edit in &edits {
                    let kept = &before.bytes()[old..edit.span.start as usize];
                    let same =
                        after[new..].starts_with(kept) && after[new + kept.len()..].starts_with(edit.text.as_bytes());
                    if !same {
                        trouble.push(format!("{}: {edits:?} makes\n{}", finding.code, text(&after)));
                        break;
                    }
                    old = edit.span.end as usize;
                    new += kept.len() + edit.text.len();
                }
                if after[new.min(after.len())..] != before.bytes()[old..] {
                    trouble.push(format!("{}: the end is another one", finding.code));
                }
            }
        }
        trouble
    });
}

#[test]
fn line_ends_stay_what_they_are() {
    all(|case| {
        let text = case.text.replace('\n', "\r\n");
        let after = mend(&source(&case.file, text.as_bytes()), Applicability::Unsafe).source;
        let bare = after.bytes().windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r');
        let doubled = after.bytes().windows(2).any(|pair| pair == b"\r\r");
        if bare || doubled { vec![format!("{:?}", String::from_utf8_lossy(after.bytes()))] } else { Vec::new() }
    });
}

#[test]
fn each_fix_alone_is_accepted_by_the_shells() {
    for (shell, only_sh) in [("bash", false), ("dash", true)] {
        if !is_there(shell) {
            println!("skipped: there is no {shell} on this machine");
            continue;
        }
        all(|case| {
            let before = source(&case.file, case.text.as_bytes());
            let dialect = discover::inspect(before.path(), before.bytes()).dialect;
            if only_sh && dialect.is_bash() || !accepts(shell, before.bytes()) {
                return Vec::new();
            }
            let mut trouble = Vec::new();
            for finding in findings(&before) {
                for one in finding.fixes.iter().filter(|fix| !fix.edits.is_empty()) {
                    let (after, _) = fix::apply(before.bytes(), &[one]);
                    if !accepts(shell, &after) {
                        trouble.push(format!("{shell} refuses the fix of {}:\n{}", finding.code, text(&after)));
                    }
                }
            }
            let all = mend(&before, Applicability::Unsafe).source;
            if !accepts(shell, all.bytes()) {
                trouble.push(format!("{shell} refuses all fixes together:\n{}", text(all.bytes())));
            }
            trouble
        });
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_there(shell: &str) -> bool {
    Command::new(shell).args(["-c", ":"]).status().is_ok_and(|status| status.success())
}

/// Whether a shell takes a text for a script, without running it.
fn accepts(shell: &str, bytes: &[u8]) -> bool {
    let child = Command::new(shell).arg("-n").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.expect("is there");
    // A shell that refuses early does not read on.
    let _ = child.stdin.take().expect("is piped").write_all(bytes);
    child.wait().is_ok_and(|status| status.success())
}
