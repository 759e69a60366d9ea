//! How a result looks: for people, for programs.
//!
//! Every format takes the same [`Run`] and writes text; what is in it was decided before. It knows nothing of
//! analysis, and nothing of exit codes.

pub mod account;
pub mod concise;
pub mod explain;
pub mod human;
pub mod json;
pub mod plan;
pub mod schema;
mod view;

use crate::finding::Severity;
use crate::policy::{Hidden, Report};
use crate::source::Source;
use std::path::PathBuf;

/// A text as a cell or a line can hold it.
fn one_line(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect()
}

/// A text of a script, or the name of one, as a terminal may be given it: what would steer that is spelled out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        if one.is_control() { out.extend(one.escape_default()) } else { out.push(one) }
    }
    out
}

/// One file that was checked, with the text that its spans index.
#[derive(Debug)]
pub struct Checked {
    /// The text.
    pub source: Source,
    /// What there is to say.
    pub report: Report,
}

/// Something that noharm could not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file that it is about, if it is about one.
    pub path: Option<PathBuf>,
    /// 1-based line and column, where there is a place.
    pub place: Option<(u32, u32)>,
    /// What went wrong.
    pub message: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(path) = &self.path {
            write!(formatter, "{}:", path.display())?;
            if let Some((line, column)) = self.place {
                write!(formatter, "{line}:{column}:")?;
            }
            formatter.write_str(" ")?;
        }
        formatter.write_str(&self.message)
    }
}

/// Everything that one run of the program has to say.
#[derive(Debug, Default)]
pub struct Run {
    /// The files that were checked, in order of path.
    pub files: Vec<Checked>,
    /// What could not be done.
    pub failures: Vec<Failure>,
    /// How many findings were mended.
    pub mended: usize,
}

/// Counts over a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files checked.
    pub files: usize,
    /// Of them, how many were not understood wholly.
    pub incomplete: usize,
    /// Shown errors.
    pub errors: usize,
    /// Shown warnings.
    pub warnings: usize,
    /// Shown notes.
    pub notes: usize,
    /// Not shown, by reason.
    pub hidden: Hidden,
}

impl Run {
    /// The counts.
    pub fn summary(&self) -> Summary {
        let reports = || self.files.iter().map(|file| &file.report);
        let count = |severity| reports().map(|report| report.count(severity)).sum();
        Summary {
            files: self.files.len(),
            incomplete: reports().filter(|report| !report.complete).count(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            hidden: reports().fold(Hidden::default(), |sum, report| sum.plus(report.hidden)),
        }
    }

    /// Whether something shown is severe enough, by each file's own settings.
    pub fn reaches(&self, fail_on: impl Fn(&Report) -> Severity) -> bool {
        self.files.iter().any(|file| file.report.reaches(fail_on(&file.report)))
    }
}
