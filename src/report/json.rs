//! The contract with editors and CI: one JSON object a run, whatever happened.

use super::{Checked, Failure, Run};
use crate::finding::{Catalogue, Edit, Finding, Fix, Label};
use crate::policy::Fingerprint;
use crate::source::{Position, Source};
use crate::span::Span;
use serde::Serialize;

/// Raised when a field goes or changes its meaning; new fields do not raise it.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    summary: Summary,
    files: Vec<File<'a>>,
    errors: Vec<Error<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    incomplete: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    ignored: usize,
    covered: usize,
    below_severity: usize,
    below_confidence: usize,
    off: usize,
    fixed: usize,
}

#[derive(Serialize)]
struct File<'a> {
    path: String,
    role: &'static str,
    dialect: &'static str,
    complete: bool,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'static str,
    confidence: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    url: Option<String>,
    span: SpanJson,
    label: Option<&'a str>,
    labels: Vec<LabelJson<'a>>,
    fixes: Vec<FixJson<'a>>,
    fingerprint: String,
}

/// A span with its lines and columns.
#[derive(Serialize)]
pub(super) struct SpanJson {
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    byte: u32,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct LabelJson<'a> {
    span: SpanJson,
    text: &'a str,
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct FixJson<'a> {
    applicability: crate::finding::Applicability,
    title: &'a str,
    edits: Vec<EditJson<'a>>,
}

#[derive(Serialize)]
struct EditJson<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct Error<'a> {
    path: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    message: &'a str,
}

/// The run as one object.
pub fn render(run: &Run, catalogue: &dyn Catalogue) -> serde_json::Value {
    let counts = run.summary();
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "noharm", version: env!("CARGO_PKG_VERSION") },
        summary: Summary {
            files: counts.files,
            incomplete: counts.incomplete,
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            ignored: counts.hidden.ignored,
            covered: counts.hidden.covered,
            below_severity: counts.hidden.severity,
            below_confidence: counts.hidden.confidence,
            off: counts.hidden.off,
            fixed: run.fixed(),
        },
        files: run.files.iter().map(|checked| file(checked, catalogue)).collect(),
        errors: run.failures.iter().map(error).collect(),
    };
    // Strings, numbers and lists: nothing that could fail to become JSON.
    serde_json::to_value(document).unwrap_or_default()
}

fn file<'a>(checked: &'a Checked, catalogue: &dyn Catalogue) -> File<'a> {
    let report = &checked.report;
    let findings = report.findings.iter().zip(&report.fingerprints);
    File {
        path: report.path.to_string_lossy().into_owned(),
        role: report.role.as_str(),
        dialect: report.dialect.as_str(),
        complete: report.complete,
        diagnostics: findings.map(|(one, print)| diagnostic(one, *print, &checked.source, catalogue)).collect(),
    }
}

fn diagnostic<'a>(
    finding: &'a Finding,
    fingerprint: Fingerprint,
    source: &Source,
    catalogue: &dyn Catalogue,
) -> Diagnostic<'a> {
    Diagnostic {
        code: &finding.code,
        name: &finding.name,
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        message: &finding.message,
        help: finding.help.as_deref(),
        url: catalogue.url(&finding.code),
        span: span(source, finding.span),
        label: finding.label.as_deref(),
        labels: finding
            .labels
            .iter()
            .map(|Label { span: at, text, speaks_for }| LabelJson {
                span: span(source, *at),
                text,
                code: speaks_for.as_deref(),
            })
            .collect(),
        fixes: finding.fixes.iter().map(fix).collect(),
        fingerprint: fingerprint.to_string(),
    }
}

fn fix(fix: &Fix) -> FixJson<'_> {
    let edits = fix.edits.iter().map(|Edit { span, text }| EditJson { start: span.start, end: span.end, text });
    FixJson { applicability: fix.applicability, title: &fix.title, edits: edits.collect() }
}

/// A span as every format of JSON has it.
pub(super) fn span(source: &Source, span: Span) -> SpanJson {
    let place = |byte| {
        let Position { byte, line, column } = source.position(byte);
        Place { byte, line, column }
    };
    SpanJson { start: place(span.start), end: place(span.end) }
}

fn error(failure: &Failure) -> Error<'_> {
    Error {
        path: failure.path.as_ref().map(|path| path.to_string_lossy().into_owned()),
        line: failure.place.map(|(line, _)| line),
        column: failure.place.map(|(_, column)| column),
        message: &failure.message,
    }
}
