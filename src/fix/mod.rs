//! Applies the edits of findings until nothing is left to mend, and proves every step by reading again.
//!
//! A fix is guilty until proven: a file that was not read whole is left alone, and a text that reads worse than
//! before is given back. It knows bytes and edits, and neither rules nor the terminal.

mod apply;
mod diff;
mod write;

pub use apply::{Conflict, apply};
pub use diff::unified as unified_diff;
pub use write::{WriteError, Written, replace as replace_file};

use crate::finding::{Applicability, Finding, Fix};
use crate::source::Source;

/// After so many rounds a text that still changes is taken to go in circles.
const ROUNDS: usize = 20;

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
    /// With these findings' fixes the text would have read worse than before: a fault of noharm.
    WouldBeWorse(Vec<Box<str>>),
    /// The fixes went in circles: a fault of noharm. The original text was kept.
    NotStable,
}

impl std::fmt::Display for HeldBack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotReadWhole => formatter.write_str("not fixed, because parts of the file were not understood"),
            Self::WouldBeWorse(codes) => {
                write!(formatter, "fixes of {} were not applied: the script would have read worse", codes.join(", "))
            }
            Self::NotStable => formatter.write_str("not fixed: the fixes undo each other"),
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
pub fn until_stable(source: &Source, allowed: Applicability, read: &dyn Fn(&Source) -> Reading) -> Outcome {
    let mut now = Step { source: source.clone(), reading: read(source) };
    let kept = |held_back| Outcome { source: source.clone(), mended: Vec::new(), held_back };
    if !now.reading.complete {
        return kept(has_work(&now.reading.findings, allowed).then_some(HeldBack::NotReadWhole));
    }
    let mut mended = Vec::new();
    let mut worse = Vec::new();
    for _ in 0..ROUNDS {
        let fixes: Vec<(Box<str>, Fix)> = now
            .reading
            .findings
            .iter()
            .filter(|finding| !worse.contains(&finding.code))
            .filter_map(|finding| Some((finding.code.clone(), applicable(finding, allowed)?.clone())))
            .collect();
        if fixes.is_empty() {
            let held_back = (!worse.is_empty()).then_some(HeldBack::WouldBeWorse(worse));
            return Outcome { source: now.source, mended, held_back };
        }
        // All at once; if that reads worse, one after the other, to find the one that does it.
        let all: Vec<&Fix> = fixes.iter().map(|(_, fix)| fix).collect();
        if let Some((next, applied)) = now.with(&all, read) {
            mended.extend(applied.into_iter().map(|at| fixes[at].0.clone()));
            now = next;
            continue;
        }
        match fixes.iter().find_map(|(code, fix)| Some((code, now.with(&[fix], read)?))) {
            Some((code, (next, _))) => {
                mended.push(code.clone());
                now = next;
            }
            None => worse.extend(fixes.into_iter().map(|(code, _)| code)),
        }
        worse.sort();
        worse.dedup();
    }
    kept(Some(HeldBack::NotStable))
}

/// A text and how it reads.
struct Step {
    source: Source,
    reading: Reading,
}

impl Step {
    /// The text with some fixes and which of them were applied; none if it then reads worse or does not change.
    fn with(&self, fixes: &[&Fix], read: &dyn Fn(&Source) -> Reading) -> Option<(Self, Vec<usize>)> {
        let (bytes, applied) = apply(self.source.bytes(), fixes);
        if bytes == self.source.bytes() {
            return None;
        }
        let source = Source::new(self.source.path(), bytes).ok()?;
        let reading = read(&source);
        let better = reading.complete && !has_new(&self.reading.findings, &reading.findings);
        better.then_some((Self { source, reading }, applied))
    }
}

/// Whether a finding is there that was not there before: a code has more of them than it had.
fn has_new(before: &[Finding], after: &[Finding]) -> bool {
    let count = |findings: &[Finding], code: &str| findings.iter().filter(|finding| &*finding.code == code).count();
    after.iter().any(|finding| count(after, &finding.code) > count(before, &finding.code))
}
