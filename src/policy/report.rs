//! The answer about one file: what every face shows in its own way.

use super::Fingerprint;
use crate::dialect::Dialect;
use crate::finding::{Finding, Severity};
use crate::plan::PlanRow;
use crate::role::Role;
use std::path::PathBuf;

/// What there is to say of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Why it runs.
    pub role: Role,
    /// The shell that it is written for.
    pub dialect: Dialect,
    /// Whether every region was understood and the analysis came to its end.
    pub complete: bool,
    /// What is shown, in order of position.
    pub findings: Vec<Finding>,
    /// One for each finding, in the same order.
    pub fingerprints: Vec<Fingerprint>,
    /// What is not shown, by reason.
    pub hidden: Hidden,
    /// What the script does, row by row, in order of position.
    pub plan: Vec<PlanRow>,
}

/// How many findings are not shown, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// A comment says so.
    pub ignored: usize,
    /// Less severe than asked for.
    pub severity: usize,
    /// Less sure than asked for.
    pub confidence: usize,
    /// Another finding speaks for the same cause.
    pub covered: usize,
    /// The rule is off for this file.
    pub off: usize,
}

impl Hidden {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            ignored: self.ignored + other.ignored,
            severity: self.severity + other.severity,
            confidence: self.confidence + other.confidence,
            covered: self.covered + other.covered,
            off: self.off + other.off,
        }
    }
}

impl Report {
    /// How many shown findings have a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether a shown finding is at least this severe.
    pub fn reaches(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity >= severity)
    }
}
