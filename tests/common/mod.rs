//! Hand-made findings, rules and texts.
#![allow(dead_code, reason = "each test file uses some of it")]

use noharm::finding::{Applicability, Catalogue, Cause, Confidence, Edit, Finding, Fix, RuleCard, Severity};
use noharm::source::Source;
use noharm::span::Span;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A text under the name `notify.sh`.
pub fn source(text: &str) -> Source {
    Source::new("notify.sh", text.as_bytes().to_vec()).expect("small")
}

/// The comments of a text in which `#` starts one.
pub fn comments(text: &str) -> Vec<Span> {
    let mut at = 0;
    let mut comments = Vec::new();
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if let Some(hash) = content.find('#') {
            comments.push(Span::new(at + hash as u32, at + content.len() as u32));
        }
        at += line.len() as u32;
    }
    comments
}

/// A warning of a rule at the first place where the text says `what`.
pub fn finding(text: &str, code: &str, what: &str) -> Finding {
    let start = text.find(what).expect("is in the text") as u32;
    Finding {
        code: code.into(),
        name: "some-rule".into(),
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: format!("{what} does harm"),
        help: None,
        span: Span::new(start, start + what.len() as u32),
        label: None,
        labels: Vec::new(),
        fixes: Vec::new(),
        covers: Vec::new(),
        cause: Cause::default(),
        subject: what.into(),
    }
}

/// A fix that replaces a span.
pub fn fix(applicability: Applicability, span: Span, text: &str) -> Fix {
    Fix { title: "do better".into(), applicability, edits: vec![Edit { span, text: text.into() }] }
}

/// A few rules.
pub struct Rules;

impl Catalogue for Rules {
    fn cards(&self) -> Vec<RuleCard> {
        let card = |(code, name): (&str, &str)| RuleCard {
            code: code.into(),
            name: name.into(),
            summary: String::new(),
            severity: Severity::Warning,
            by_role: Vec::new(),
            confidence: Confidence::High,
            fix: None,
            page: String::new(),
            url: Some(format!("https://example.org/{code}")),
        };
        [
            ("NH002", "unused-or-reasonless-ignore"),
            ("NH101", "overwrite"),
            ("NH204", "second-run-fails"),
            ("NH301", "restart"),
        ]
        .map(card)
        .to_vec()
    }
}

/// Runs the program in a directory.
pub fn noharm(directory: &Path, arguments: &[&str]) -> Output {
    noharm_with(directory, arguments, b"")
}

/// Runs the program in a directory with a text on standard input.
pub fn noharm_with(directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_noharm"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("NO_COLOR")
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("is piped").write_all(input).expect("is read");
    child.wait_with_output().expect("ends")
}

/// Standard output as text.
pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
