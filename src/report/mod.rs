//! How a result looks: for people, for programs.
//!
//! Every format takes the same [`Run`] and writes text; what is in it was decided before. It knows nothing of
//! analysis, and nothing of exit codes.

pub mod account;
pub mod concise;
pub mod explain;
pub mod human;
pub mod json;
pub mod packs;
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
    /// What was mended, where that was asked for.
    pub mending: Option<Mending>,
}

/// What became of the findings where mending was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mending {
    /// The codes of the findings that were mended, one for each.
    pub fixed: Vec<Box<str>>,
    /// Shown still, with a fix that only `--unsafe-fixes` applies.
    pub unsafe_only: usize,
    /// Shown still, with no fix that could be applied.
    pub by_hand: usize,
    /// Shown still, with a fix that nobody wanted, or that would have made it no better.
    pub passed_over: usize,
}

impl Mending {
    /// How many of each code were mended: "NH201 2, NH301".
    pub fn codes(&self) -> String {
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        for code in &self.fixed {
            *counts.entry(code).or_default() += 1;
        }
        let one = |(code, count): (&str, usize)| if count == 1 { code.to_owned() } else { format!("{code} {count}") };
        counts.into_iter().map(one).collect::<Vec<_>>().join(", ")
    }
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
    /// How many findings were mended.
    pub fn fixed(&self) -> usize {
        self.mending.as_ref().map_or(0, |mending| mending.fixed.len())
    }

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
