//! What is shown, what is not, and what is said of ignores.

mod common;

use common::{Rules, comments, finding, source};
use noharm::config::{self, Settings};
use noharm::finding::{Applicability, Cause, Confidence, Finding, Severity};
use noharm::fix;
use noharm::policy::{Case, Verdict, decide};
use noharm::role::Role;
use noharm::source::{MemoryLoader, Source};
use std::path::Path;

fn judged(text: &str, findings: Vec<Finding>, settings: &Settings) -> Verdict {
    let source = source(text);
    let comments = comments(text);
    let first = text.lines().scan(0, |at, line| {
        let start = *at;
        *at += line.len() as u32 + 1;
        Some((start, line))
    });
    let first = first.into_iter().find(|(_, line)| !line.starts_with('#') && !line.is_empty());
    let case = Case {
        source: &source,
        role: Role::Failover,
        comments: &comments,
        first_statement: first.map_or(u32::MAX, |(start, _)| start),
        complete: true,
    };
    decide(findings, &case, settings, &Rules)
}

fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.findings.iter().map(|finding| &*finding.code).collect()
}

/// The text after every fix that policy itself offers.
fn mended(text: &str, verdict: &Verdict) -> String {
    let fixes: Vec<_> =
        verdict.findings.iter().filter_map(|finding| fix::applicable(finding, Applicability::Safe)).collect();
    String::from_utf8(fix::apply(text.as_bytes(), &fixes).0).expect("text")
}

#[test]
fn findings_come_in_order_of_position() {
    let text = "a\nb\nc\n";
    let verdict = judged(
        text,
        vec![finding(text, "NH301", "c"), finding(text, "NH204", "a"), finding(text, "NH201", "a")],
        &Settings::default(),
    );
    assert_eq!(codes(&verdict), ["NH201", "NH204", "NH301"]);
    assert_eq!(verdict.fingerprints.len(), 3);
}

#[test]
fn thresholds_include_their_level() {
    let text = "a\nb\nc\n";
    let mut low = finding(text, "NH301", "a");
    low.confidence = Confidence::Low;
    let mut note = finding(text, "NH204", "b");
    note.severity = Severity::Note;
    let findings = vec![low, note, finding(text, "NH201", "c")];
    let verdict = judged(text, findings.clone(), &Settings::default());
    assert_eq!(codes(&verdict), ["NH204", "NH201"]);
    assert_eq!(verdict.hidden.confidence, 1);
    let strict = Settings { min_severity: Severity::Warning, min_confidence: Confidence::Low, ..Settings::default() };
    let verdict = judged(text, findings, &strict);
    assert_eq!(codes(&verdict), ["NH301", "NH201"]);
    assert_eq!(verdict.hidden.severity, 1);
}

#[test]
fn the_configuration_changes_severities_and_switches_off() {
    let text = "a\nb\n";
    let toml = "[severity]\nNH301 = \"error\"\nsecond-run-fails = \"off\"\n";
    let settings = config::parse(toml, Path::new("noharm.toml")).expect("good");
    let mut named = finding(text, "NH204", "b");
    named.name = "second-run-fails".into();
    let verdict = judged(text, vec![finding(text, "NH301", "a"), named], &settings);
    assert_eq!(codes(&verdict), ["NH301"]);
    assert_eq!(verdict.findings[0].severity, Severity::Error);
    assert_eq!(verdict.hidden.off, 1);
}

#[test]
fn one_cause_gives_one_finding() {
    let text = "restart nginx\nrestart nginx\n";
    let mut specific = finding(text, "NH301", "restart nginx");
    specific.covers = vec!["NH204".into()];
    let general = finding(text, "NH204", "nginx");
    let mut elsewhere = finding(text, "NH204", "restart");
    elsewhere.span.start += 14;
    elsewhere.span.end += 14;
    let verdict = judged(text, vec![general, specific.clone(), elsewhere.clone()], &Settings::default());
    assert_eq!(codes(&verdict), ["NH301", "NH204"]);
    assert_eq!(verdict.hidden.covered, 1);
    // What is not shown itself covers nothing.
    specific.confidence = Confidence::Low;
    let verdict = judged(text, vec![finding(text, "NH204", "nginx"), specific], &Settings::default());
    assert_eq!(codes(&verdict), ["NH204"]);
}

#[test]
fn an_ignore_behind_the_command_or_above_it_hides() {
    for text in [
        "cp a b  # noharm: ignore[NH101] kept in git\n",
        "# noharm: ignore[NH101] kept in git\ncp a b\n",
        "# noharm: ignore[overwrite] kept in git\n# another comment\ncp a b\n",
        "# noharm: ignore-file[NH101] kept in git\n\nls\ncp a b\n",
        "# noharm: ignore[NH101] kept in git\nsudo \\\n  cp a b\n",
        "sudo \\\n  cp a b  # noharm: ignore[nh101] kept in git\n",
    ] {
        let verdict = judged(text, vec![finding(text, "NH101", "cp a b")], &Settings::default());
        assert_eq!(codes(&verdict), Vec::<&str>::new(), "{text}");
        assert_eq!(verdict.hidden.ignored, 1, "{text}");
    }
}

#[test]
fn an_ignore_speaks_for_its_rule_and_its_line_only() {
    let text = "# noharm: ignore[NH101] kept in git\n\ncp a b\n";
    let verdict = judged(text, vec![finding(text, "NH101", "cp a b")], &Settings::default());
    assert_eq!(codes(&verdict), ["NH002", "NH101"]);
    let text = "cp a b  # noharm: ignore[NH204] kept in git\n";
    let verdict = judged(text, vec![finding(text, "NH101", "cp a b")], &Settings::default());
    assert_eq!(codes(&verdict), ["NH101", "NH002"]);
}

#[test]
fn ignores_can_be_switched_off() {
    let text = "cp a b  # noharm: ignore[NH101] kept in git\n# noharm: ignore[NH204] nothing\n";
    let settings = Settings { ignores: false, ..Settings::default() };
    assert_eq!(codes(&judged(text, vec![finding(text, "NH101", "cp a b")], &settings)), ["NH101"]);
}

#[test]
fn an_ignore_without_a_reason_hides_nothing() {
    let text = "cp a b  # noharm: ignore[NH101]\n";
    let verdict = judged(text, vec![finding(text, "NH101", "cp a b")], &Settings::default());
    assert_eq!(codes(&verdict), ["NH101", "NH002"]);
    assert_eq!(verdict.findings[1].fixes[0].applicability, Applicability::Manual);
}

#[test]
fn an_unused_ignore_is_said_and_taken_away() {
    for (text, after) in [
        ("ls  # noharm: ignore[NH101] kept in git\nls\n", "ls\nls\n"),
        ("ls\n  # noharm: ignore[NH101] kept in git\nls\n", "ls\nls\n"),
        ("ls # shellcheck disable=all # noharm: ignore[NH101] git\n", "ls # shellcheck disable=all\n"),
        ("ls  # noharm: ignore[NH101, NH204] git", "ls"),
        ("ls\r\n# noharm: ignore[NH101] git\r\nls\r\n", "ls\r\nls\r\n"),
    ] {
        let verdict = judged(text, vec![], &Settings::default());
        assert_eq!(codes(&verdict), ["NH002"], "{text}");
        assert_eq!(mended(text, &verdict), after);
    }
}

#[test]
fn of_a_list_only_what_is_unused_or_unknown_goes() {
    let text = "cp a b  # noharm: ignore[NH204, NH101, NH301] kept in git\n";
    let verdict = judged(text, vec![finding(text, "NH101", "cp a b")], &Settings::default());
    assert_eq!(codes(&verdict), ["NH002"]);
    assert_eq!(mended(text, &verdict), "cp a b  # noharm: ignore[NH101] kept in git\n");
    let text = "cp a b  # noharm: ignore[NH101, NH3001] kept in git\n";
    let verdict = judged(text, vec![finding(text, "NH101", "cp a b")], &Settings::default());
    assert_eq!(verdict.findings[0].message, "no rule is called `NH3001`; did you mean `NH301`?");
    assert_eq!(mended(text, &verdict), "cp a b  # noharm: ignore[NH101] kept in git\n");
}

#[test]
fn an_ignore_that_hides_what_is_not_shown_anyway_is_used() {
    let text = "cp a b  # noharm: ignore[NH101] kept in git\n";
    let mut low = finding(text, "NH101", "cp a b");
    low.confidence = Confidence::Low;
    let verdict = judged(text, vec![low], &Settings::default());
    assert_eq!(codes(&verdict), Vec::<&str>::new());
}

#[test]
fn an_ignore_of_the_whole_file_stands_at_the_top() {
    let text = "ls\n# noharm: ignore-file[NH101] kept in git\ncp a b\n";
    let verdict = judged(text, vec![finding(text, "NH101", "cp a b")], &Settings::default());
    assert_eq!(codes(&verdict), ["NH002", "NH101"]);
}

#[test]
fn an_unknown_role_is_said() {
    let text = "# noharm: role=falover\nls\n";
    let verdict = judged(text, vec![], &Settings::default());
    assert_eq!(verdict.findings[0].message, "no role is called `falover`; did you mean `failover`?");
}

#[test]
fn fingerprints_survive_edits_elsewhere() {
    let before = "cp a b\n";
    let after = "#!/bin/sh\n\nls\ncp a b\n";
    let one = judged(before, vec![finding(before, "NH101", "cp a b")], &Settings::default());
    let other = judged(after, vec![finding(after, "NH101", "cp a b")], &Settings::default());
    assert_eq!(one.fingerprints, other.fingerprints);
    // Equal findings are told apart, and an ignore of the first does not rename the second.
    let text = "cp a b\ncp a b\n";
    let mut second = finding(text, "NH101", "cp a b");
    second.span.start += 7;
    second.span.end += 7;
    let both = judged(text, vec![second.clone(), finding(text, "NH101", "cp a b")], &Settings::default());
    assert_ne!(both.fingerprints[0], both.fingerprints[1]);
    let text = "cp a b # noharm: ignore[NH101] x\ncp a b\n";
    let mut third = finding(text, "NH101", "cp a b");
    third.span.start += 33;
    third.span.end += 33;
    let rest = judged(text, vec![finding(text, "NH101", "cp a b"), third], &Settings::default());
    assert_eq!(rest.fingerprints, both.fingerprints[1..]);
}

/// A finding with a key of one kind.
fn caused(text: &str, what: &str, cause: Cause) -> Finding {
    Finding { cause, ..finding(text, "NH204", what) }
}

fn event(key: &str) -> Cause {
    Cause { event: Some(key.into()), ..Cause::default() }
}

fn thing(key: &str) -> Cause {
    Cause { thing: Some(key.into()), ..Cause::default() }
}

fn messages(verdict: &Verdict) -> Vec<&str> {
    verdict.findings.iter().map(|finding| &*finding.message).collect()
}

#[test]
fn findings_of_one_rule_at_one_place_are_one() {
    let text = "a\n";
    let one = finding(text, "NH204", "a");
    let other = Finding { message: "b does harm".into(), ..one.clone() };
    let verdict = judged(text, vec![one.clone(), other.clone(), one.clone()], &Settings::default());
    assert_eq!(messages(&verdict), ["a does harm (and 1 more here)"]);
    assert_eq!(verdict.hidden.covered, 2);
    let verdict = judged(text, vec![one.clone(), one.clone()], &Settings::default());
    assert_eq!(messages(&verdict), ["a does harm"]);
    let another = Finding { code: "NH301".into(), ..other };
    assert_eq!(judged(text, vec![one, another], &Settings::default()).findings.len(), 2);
}

#[test]
fn the_first_speaks_for_what_has_one_event_behind_it() {
    let text = "a\nb # noharm: ignore[NH204] known\nc\n";
    let findings =
        || vec![caused(text, "c", event("cd")), caused(text, "a", event("cd")), caused(text, "b", event("other"))];
    let verdict = judged(text, findings(), &Settings::default());
    assert_eq!(messages(&verdict), ["a does harm"]);
    let mut worse = findings();
    worse[0].severity = Severity::Error;
    assert_eq!(messages(&judged(text, worse, &Settings::default())), ["c does harm"]);
}

#[test]
fn an_ignored_event_is_ignored_for_all() {
    let text = "a # noharm: ignore[NH204] known\nb\n";
    let verdict =
        judged(text, vec![caused(text, "a", event("cd")), caused(text, "b", event("cd"))], &Settings::default());
    assert_eq!(messages(&verdict), Vec::<&str>::new());
}

#[test]
fn things_are_counted_and_an_ignore_takes_out_one() {
    let text = "a\nb\nc\n";
    let findings = |text: &str| ["a", "b", "c"].map(|what| caused(text, what, thing("INPUT"))).to_vec();
    let verdict = judged(text, findings(text), &Settings::default());
    assert_eq!(messages(&verdict), ["a does harm (and 2 more below)"]);
    assert_eq!(verdict.findings[0].subject, "a");
    let text = "a # noharm: ignore[NH204] known\nb\nc\n";
    assert_eq!(messages(&judged(text, findings(text), &Settings::default())), ["b does harm (and 1 more below)"]);
    let mut unlike = findings(text);
    unlike[2].cause = thing("OUTPUT");
    assert_eq!(judged(text, unlike, &Settings::default()).findings.len(), 2);
}

#[test]
fn the_one_that_speaks_has_the_fixes_of_all() {
    let text = "a\nb\nc\n";
    let with = |what: &str, applicability| {
        let finding = caused(text, what, thing("INPUT"));
        let fixes = vec![common::fix(applicability, finding.span, "x")];
        Finding { fixes, ..finding }
    };
    let all = [Applicability::Safe, Applicability::Unsafe, Applicability::Safe];
    let findings = ["a", "b", "c"].into_iter().zip(all).map(|(what, how)| with(what, how)).collect();
    let verdict = judged(text, findings, &Settings::default());
    assert_eq!(mended(text, &verdict), "x\nb\nx\n");
    assert_eq!(verdict.findings[0].fixes.len(), 2);
}

/// How sure the one finding in a script is.
fn certainty(text: &str) -> Confidence {
    let settings = Settings { min_confidence: Confidence::Low, ..Settings::default() };
    let report = noharm::check(&source(text), &settings, &MemoryLoader::default());
    let [only] = &report.findings[..] else { panic!("{:?}", report.findings) };
    only.confidence
}

#[test]
fn what_a_function_that_was_not_read_prints_is_less_sure() {
    let script = |before: &str, value: &str| {
        certainty(&format!("# noharm: role=deploy\n{before}\ndir=$({value})\nrm -rf \"$dir\"/*\n"))
    };
    assert_eq!(script(":", "stage_dir"), Confidence::High);
    assert_eq!(script(". \"$lib/stage.sh\"", "grep -h '^/' /etc/app.conf"), Confidence::Medium);
    assert_eq!(script(". \"$lib/stage.sh\"", "stage_dir"), Confidence::Low);
}

#[test]
fn what_the_shell_never_reads_is_not_told() {
    let codes = |text: &str| {
        let source = Source::new("run.sh", text.as_bytes().to_vec()).expect("small");
        let report = noharm::check(&source, &Settings::default(), &MemoryLoader::default());
        let codes: Vec<String> = report.findings.iter().map(|finding| finding.code.to_string()).collect();
        (report.complete, codes)
    };
    let perl = "\n#!perl\nmy %seen = (a => [1, 2)};\n";
    let told = |first: &str| codes(&format!("#!/bin/sh\n{first}{perl}"));
    assert_eq!(told("exec perl -x \"$0\" \"$@\""), (true, Vec::new()));
    assert_eq!(told("exit 0"), (true, Vec::new()));
    assert_eq!(told("[ -n \"$1\" ] && exit 0"), (false, vec!["NH001".to_owned()]));
    assert_eq!(told("exec 2>/dev/null"), (false, vec!["NH001".to_owned()]));
}
