//! For people: each finding with its lines, what else lies on the path, and what to do.

use super::view::{CONTEXT, View};
use super::{Checked, Mending, Run, Summary};
use crate::config::Settings;
use crate::finding::{Applicability, Catalogue, Finding, Severity};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// How the terminal wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Escape sequences for colours.
    pub color: bool,
    /// Characters beyond ASCII for lines and signs.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, unicode: true, width: 100 }
    }
}

/// Writes every finding and, where some file was checked, the summary line.
///
/// # Errors
/// The writer's.
pub fn render(
    run: &Run,
    catalogue: &dyn Catalogue,
    settings: &Settings,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for file in &run.files {
        for finding in &file.report.findings {
            writeln!(out, "{}", finding_text(file, finding, catalogue, style))?;
        }
    }
    // Why there is none was said already.
    if run.files.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", summary_line(&run.summary(), run.mending.as_ref(), settings))
}

/// One finding.
pub fn finding_text(file: &Checked, finding: &Finding, catalogue: &dyn Catalogue, style: Style) -> String {
    let mut spans = vec![finding.span];
    spans.extend(finding.labels.iter().map(|label| label.span));
    let name = printable(&file.report.path.to_string_lossy());
    let shown = Shown {
        finding,
        view: View::of(&file.source, name.clone(), &spans),
        url: catalogue.url(&finding.code),
        help: help(finding),
    };
    let theme = GraphicalTheme {
        characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_urls(true)
        .with_width(style.width.max(40))
        .with_context_lines(CONTEXT as usize)
        .tab_width(4)
        .without_syntax_highlighting();
    let mut text = String::new();
    if handler.render_report(&mut text, &shown).is_err() {
        // Better a plain line than none: the finding matters, its picture does not.
        text.clear();
        let at = file.source.position(finding.span.start);
        let _ = write!(text, "{}:{}:{}: {finding}", name, at.line, at.column, finding = finding.message);
    }
    // The drawing pads lines; nobody wants blanks at their ends.
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned() + "\n"
}

/// "3 errors, 1 warning in 12 files (2 ignored, 4 hidden below confidence medium)".
pub fn summary_line(summary: &Summary, mending: Option<&Mending>, settings: &Settings) -> String {
    let shown: Vec<String> = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word))
        .collect();
    let mut line = if shown.is_empty() { "No findings".to_owned() } else { shown.join(", ") };
    let _ = write!(line, " in {}", counted(summary.files, "file"));
    let hidden = summary.hidden;
    let less: Vec<String> = [
        (hidden.ignored, "ignored".to_owned()),
        (hidden.confidence, format!("hidden below confidence {}", settings.min_confidence.as_str())),
        (hidden.severity, format!("hidden below severity {}", settings.min_severity.as_str())),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    if !less.is_empty() {
        let _ = write!(line, " ({})", less.join(", "));
    }
    if let Some(mending) = mending {
        line.push_str(&mended(mending));
    }
    if summary.incomplete > 0 {
        let _ = write!(line, "; {} not wholly understood", counted(summary.incomplete, "file"));
    }
    line
}

/// "; 3 fixed (NH201 2, NH301); left: 1 that --unsafe-fixes would fix, 2 to mend by hand".
fn mended(mending: &Mending) -> String {
    let mut text = String::new();
    if !mending.fixed.is_empty() {
        let _ = write!(text, "; {} fixed ({})", mending.fixed.len(), mending.codes());
    }
    let left: Vec<String> = [
        (mending.unsafe_only, "that --unsafe-fixes would fix"),
        (mending.by_hand, "to mend by hand"),
        (mending.passed_over, "not fixed"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, how)| format!("{count} {how}"))
    .collect();
    if !left.is_empty() {
        let _ = write!(text, "; left: {}", left.join(", "));
    }
    text
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// The advice, and whether `--fix` would do it.
fn help(finding: &Finding) -> Option<String> {
    // Advice that has no edit is what the help says already.
    let said =
        finding.help.is_some() && finding.fixes.first().is_some_and(|fix| fix.applicability == Applicability::Manual);
    let fix = finding.fixes.first().map(|fix| match fix.applicability {
        Applicability::Safe => format!("--fix: {}", fix.title),
        Applicability::Unsafe => format!("--fix --unsafe-fixes: {}", fix.title),
        Applicability::Manual => fix.title.clone(),
    });
    let parts: Vec<String> = [finding.help.clone(), fix.filter(|_| !said)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| printable(&parts.join("\n")))
}

/// A text that cannot steer the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|one| if one.is_control() && one != '\n' { '\u{fffd}' } else { one }).collect()
}

/// A finding as miette asks for it.
struct Shown<'a> {
    finding: &'a Finding,
    view: View,
    url: Option<String>,
    help: Option<String>,
}

impl Shown<'_> {
    fn label(&self, index: usize, text: Option<&str>) -> LabeledSpan {
        let text = text.map(printable);
        let place = self.view.labels[index];
        if index == 0 {
            LabeledSpan::new_primary_with_span(text, place)
        } else {
            LabeledSpan::new_with_span(text, place)
        }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.finding.fmt(formatter)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&printable(&self.finding.message))
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let Finding { severity, code, name, .. } = self.finding;
        Some(Box::new(format!("{}[{code}] {name}", severity.as_str())))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note | Severity::Off => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.url.as_ref().map(|url| Box::new(url) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.view)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let primary = self.label(0, self.finding.label.as_deref());
        let others = self.finding.labels.iter().enumerate();
        let others = others.map(|(at, label)| self.label(at + 1, Some(&label.text)));
        Some(Box::new(std::iter::once(primary).chain(others)))
    }
}
