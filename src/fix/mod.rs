//! Applies the edits of findings until nothing is left to mend, and proves every step by reading again.
//!
//! A fix is guilty until proven: a file that was not read whole is left alone, and a text that reads no better
//! than before is given back. It knows bytes and edits, and neither rules nor the terminal.

mod apply;
mod diff;
mod write;

pub use apply::{Conflict, apply};
pub use diff::unified as unified_diff;
pub use write::{WriteError, Written, replace as replace_file};

use crate::finding::{Applicability, Finding, Fix};
use crate::source::Source;

/// What a reading of a text says, as far as mending goes.
pub struct Reading {
    /// Whether every region was understood.
    pub complete: bool,
    /// What is shown.
    pub findings: Vec<Finding>,
}

/// What came of mending.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The text in the end; the original one where nothing was changed.
    pub source: Source,
    /// The codes of the findings that were mended, in order of mending.
    pub mended: Vec<Box<str>>,
    /// Why less was done than could have been.
    pub held_back: Option<HeldBack>,
}

/// Why less was done than could have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// The file has regions that were not understood.
    NotReadWhole,
    /// With these findings' fixes the text would have read no better than before: a fault of noharm.
    NoBetter(Vec<Box<str>>),
}

impl std::fmt::Display for HeldBack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotReadWhole => formatter.write_str("not fixed, because parts of the file were not understood"),
            Self::NoBetter(codes) => {
                write!(formatter, "fixes of {} were not applied: the script would be no better", codes.join(", "))
            }
        }
    }
}

/// The fix of a finding that may be applied: the first that is trusted enough and changes something.
pub fn applicable(finding: &Finding, allowed: Applicability) -> Option<&Fix> {
    finding
        .fixes
        .iter()
        .find(|fix| fix.applicability <= allowed && fix.applicability != Applicability::Manual && !fix.edits.is_empty())
}

/// Whether a reading has something to mend.
pub fn has_work(findings: &[Finding], allowed: Applicability) -> bool {
    findings.iter().any(|finding| applicable(finding, allowed).is_some())
}

/// Applies fixes and reads again, round after round, until nothing changes.
///
/// Every step leaves fewer findings than it found, so this ends.
pub fn until_stable(source: &Source, allowed: Applicability, read: &dyn Fn(&Source) -> Reading) -> Outcome {
    let mut now = Step { source: source.clone(), reading: read(source) };
    if !now.reading.complete {
        let held_back = has_work(&now.reading.findings, allowed).then_some(HeldBack::NotReadWhole);
        return Outcome { source: source.clone(), mended: Vec::new(), held_back };
    }
    let mut mended = Vec::new();
    // The code and the subject of a finding stay the same when lines move.
    let mut useless: Vec<(Box<str>, String)> = Vec::new();
    loop {
        let fixes: Vec<(&Finding, &Fix)> = now
            .reading
            .findings
            .iter()
            .filter(|finding| !useless.iter().any(|(code, subject)| *code == finding.code && *subject == finding.subject))
            .filter_map(|finding| Some((finding, applicable(finding, allowed)?)))
            .collect();
        // All at once; where that is no better by as many, those that are proven one by one.
        let (next, fixes) = match now.with(&fixes, fixes.len(), read) {
            Some(next) => (Some(next), fixes),
            None => {
                let (good, bad): (Vec<_>, Vec<_>) =
                    fixes.into_iter().partition(|&fix| now.with(&[fix], 1, read).is_some());
                useless.extend(bad.into_iter().map(|(finding, _)| (finding.code.clone(), finding.subject.clone())));
                let together = now.with(&good, 1, read);
                let next = together.or_else(|| now.with(good.get(..1).unwrap_or_default(), 1, read));
                (next, good)
            }
        };
        match next {
            Some((next, applied)) => {
                mended.extend(applied.into_iter().map(|at| fixes[at].0.code.clone()));
                now = next;
            }
            None if useless.is_empty() => return Outcome { source: now.source, mended, held_back: None },
            None => {
                let mut codes: Vec<Box<str>> = useless.into_iter().map(|(code, _)| code).collect();
                codes.sort();
                codes.dedup();
                return Outcome { source: now.source, mended, held_back: Some(HeldBack::NoBetter(codes)) };
            }
        }
    }
}

/// A text and how it reads.
struct Step {
    source: Source,
    reading: Reading,
}

impl Step {
    /// The text with some fixes and which of them were applied; none unless it then reads whole, without a new
    /// finding, and with fewer of those that were mended: by all that were applied, or by `at_least`.
    fn with(
        &self,
        fixes: &[(&Finding, &Fix)],
        at_least: usize,
        read: &dyn Fn(&Source) -> Reading,
    ) -> Option<(Self, Vec<usize>)> {
        let (bytes, applied) = apply(self.source.bytes(), &fixes.iter().map(|&(_, fix)| fix).collect::<Vec<_>>());
        if applied.is_empty() {
            return None;
        }
        let source = Source::new(self.source.path(), bytes).ok()?;
        let reading = read(&source);
        let (before, after) = (&self.reading.findings, &reading.findings);
        let worse = after.iter().any(|finding| count(after, &finding.code) > count(before, &finding.code));
        let gone = |code: &str| count(before, code).saturating_sub(count(after, code));
        let helped = applied.iter().all(|&at| {
            let code = &fixes[at].0.code;
            gone(code) >= applied.iter().filter(|&&other| fixes[other].0.code == *code).count().min(at_least)
        });
        (reading.complete && !worse && helped).then_some((Self { source, reading }, applied))
    }
}

fn count(findings: &[Finding], code: &str) -> usize {
    findings.iter().filter(|finding| &*finding.code == code).count()
}
