//! What scripts do to this host, effect by effect: a plan, as infrastructure tools print one.

use super::{Run, one_line};
use crate::plan::{PlanCondition, PlanRow};
use crate::rules::short;
use crate::source::Source;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

#[derive(Serialize)]
struct Row<'a> {
    line: u32,
    column: u32,
    start: u32,
    end: u32,
    #[serde(flatten)]
    effect: &'a PlanRow,
}

/// The plan as one object.
pub fn json(run: &Run) -> Value {
    let files = run.files.iter().map(|file| {
        let report = &file.report;
        let rows: Vec<Row> = report.plan.iter().map(|row| placed(row, &file.source)).collect();
        json!({
            "path": report.path.to_string_lossy(),
            "role": report.role.as_str(),
            "dialect": report.dialect.as_str(),
            "complete": report.complete,
            "effects": rows,
        })
    });
    let errors = run.failures.iter().map(|failure| {
        let path = failure.path.as_ref().map(|path| path.to_string_lossy());
        json!({ "path": path, "message": failure.message })
    });
    json!({
        "schema_version": super::json::SCHEMA_VERSION,
        "tool": { "name": "noharm", "version": env!("CARGO_PKG_VERSION") },
        "files": files.collect::<Vec<_>>(),
        "errors": errors.collect::<Vec<_>>(),
    })
}

fn placed<'a>(row: &'a PlanRow, source: &Source) -> Row<'a> {
    let at = source.position(row.span.start);
    Row { line: at.line, column: at.column, start: row.span.start, end: row.span.end, effect: row }
}

/// How many conditions a row of a table shows.
const MOST_CONDITIONS: usize = 2;

const HEAD: [&str; 7] = ["line", "effect", "target", "class", "second run", "known here", "only if"];

/// The nearest conditions; all of them would be too wide for a table.
fn conditions(row: &PlanRow) -> String {
    let first = row.only_if.len().saturating_sub(MOST_CONDITIONS);
    let more = (first > 0).then(|| "…".to_owned());
    more.into_iter().chain(row.only_if[first..].iter().map(condition)).collect::<Vec<_>>().join(", ")
}

/// A question with its answer.
fn condition(condition: &PlanCondition) -> String {
    let question = short(&condition.question);
    if condition.yes { format!("`{question}`") } else { format!("not `{question}`") }
}

/// The cells of a row.
fn cells(row: &PlanRow, source: &Source) -> [String; 7] {
    let effect = row.how.as_ref().map_or_else(|| row.effect.clone(), |how| format!("{} {how}", row.effect));
    let target = match &row.function {
        Some(function) => format!("{} (in {function})", row.target),
        None => row.target.clone(),
    };
    let effect = if row.action.is_empty() { effect } else { format!("{}: {effect}", row.action.join("|")) };
    [
        source.position(row.span.start).line.to_string(),
        effect,
        one_line(&target),
        row.class.clone(),
        row.second_run.clone().unwrap_or_default(),
        one_line(&row.facts.join(", ")),
        one_line(&conditions(row)),
    ]
}

/// The plan as aligned columns, one table a file.
///
/// # Errors
/// The writer's.
pub fn table(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for (index, file) in run.files.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let report = &file.report;
        write!(out, "{} ({}, {}", report.path.display(), report.role.as_str(), report.dialect.as_str())?;
        writeln!(out, "{})", if report.complete { "" } else { ", not wholly understood" })?;
        if report.plan.is_empty() {
            writeln!(out, "  no effects found")?;
            continue;
        }
        let rows: Vec<[String; 7]> = report.plan.iter().map(|row| cells(row, &file.source)).collect();
        let head = HEAD.map(str::to_owned);
        let width = |column: usize| {
            rows.iter().chain(std::iter::once(&head)).map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
        for row in std::iter::once(&head).chain(&rows) {
            let mut line = String::from(" ");
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(line, " {cell:<width$} ");
            }
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

/// The plan as Markdown, for tickets and run books.
///
/// # Errors
/// The writer's.
pub fn markdown(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for (index, file) in run.files.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "## {}\n", file.report.path.display())?;
        if file.report.plan.is_empty() {
            writeln!(out, "No effects found.")?;
            continue;
        }
        writeln!(out, "| {} |", HEAD.join(" | "))?;
        writeln!(out, "|{}", " --- |".repeat(HEAD.len()))?;
        for row in &file.report.plan {
            let cells = cells(row, &file.source).map(|cell| cell.replace('|', "\\|"));
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
    }
    Ok(())
}
