//! Applies the edits of findings until nothing is left to mend, and proves every step by reading again.
//!
//! A fix is guilty until proven: a file that was not read whole is left alone, and a text that reads no better
//! than before is given back. It knows bytes and edits, and neither rules nor the terminal.

mod apply;
mod diff;
mod singly;
mod write;

pub use apply::{Conflict, apply};
pub use diff::unified as unified_diff;
pub use singly::{Proposal, Reply, asking};
pub use write::{
    Step as WriteStep, WriteError, Written, replace as replace_file, replace_watched as replace_file_watched,
};

use crate::finding::{Applicability, Finding, Fix};
use crate::source::Source;

/// What a reading of a text says, as far as mending goes.
pub struct Reading {
    /// Whether every region was understood.
    pub complete: bool,
    /// What is shown.
    pub findings: Vec<Finding>,
}

/// Which fixes may be applied.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// How far they must be trusted.
    pub allowed: Applicability,
    /// The codes whose findings are mended; all where there is none.
    pub only: Vec<Box<str>>,
}

impl From<Applicability> for Wanted {
    fn from(allowed: Applicability) -> Self {
        Self { allowed, only: Vec::new() }
    }
}

impl Wanted {
    /// The fix of a finding that may be applied.
    pub fn fix<'f>(&self, finding: &'f Finding) -> Option<&'f Fix> {
        let chosen = self.only.is_empty() || self.only.contains(&finding.code);
        applicable(finding, self.allowed).filter(|_| chosen)
    }

    /// Whether a reading has something to mend.
    fn has_work(&self, findings: &[Finding]) -> bool {
        findings.iter().any(|finding| self.fix(finding).is_some())
    }
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
    /// With these fixes the text would have read no better than before: a fault of noharm.
    NoBetter(Vec<GivenBack>),
}

/// A fix that was tried and given back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GivenBack {
    /// The code of the finding that it was to mend.
    pub code: Box<str>,
    /// What is wrong with the text that it makes.
    pub why: Why,
}

/// What is wrong with a mended text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It can no longer be read whole, or the edits get in each other's way.
    Unreadable,
    /// More is found of this code, in this line of the text that it makes.
    Found(Box<str>, u32),
    /// What was to be mended is found still.
    Remains,
}

impl HeldBack {
    /// Of the fixes that were given back.
    fn no_better(mut given_back: Vec<GivenBack>) -> Option<Self> {
        given_back.sort();
        given_back.dedup();
        (!given_back.is_empty()).then_some(Self::NoBetter(given_back))
    }
}

impl std::fmt::Display for HeldBack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotReadWhole => formatter.write_str("not fixed, because parts of the file were not understood"),
            Self::NoBetter(given_back) => {
                let told: Vec<String> = given_back.iter().map(ToString::to_string).collect();
                formatter.write_str(&told.join("; "))
            }
        }
    }
}

impl std::fmt::Display for GivenBack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "a fix of {} was not applied: ", self.code)?;
        match &self.why {
            Why::Unreadable => formatter.write_str("the script could not be read whole with it"),
            Why::Found(code, line) => write!(formatter, "{code} would be found with it, in line {line} of the result"),
            Why::Remains => formatter.write_str("it would not be enough"),
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

/// Applies fixes and reads again, round after round, until nothing changes.
///
/// Every step leaves fewer findings than it found, so this ends.
pub fn until_stable(source: &Source, wanted: &Wanted, read: &dyn Fn(&Source) -> Reading) -> Outcome {
    let mut now = match Step::first(source, wanted, read) {
        Ok(first) => first,
        Err(nothing) => return nothing,
    };
    let mut mended = Vec::new();
    // The code and the subject of a finding stay the same when lines move.
    let mut useless: Vec<(GivenBack, String)> = Vec::new();
    loop {
        let fixes: Vec<(&Finding, &Fix)> = now
            .reading
            .findings
            .iter()
            .filter(|finding| {
                !useless.iter().any(|(given, subject)| given.code == finding.code && *subject == finding.subject)
            })
            .filter_map(|finding| Some((finding, wanted.fix(finding)?)))
            .collect();
        // All at once; where that is no better by as many, those that are proven one by one.
        let (next, fixes) = match now.with(&fixes, fixes.len(), read) {
            Ok(next) => (Some(next), fixes),
            Err(_) => {
                let mut good = Vec::new();
                for fix in fixes {
                    match now.with(&[fix], 1, read) {
                        Ok(_) => good.push(fix),
                        Err(why) => useless.push((GivenBack { code: fix.0.code.clone(), why }, fix.0.subject.clone())),
                    }
                }
                let together = now.with(&good, 1, read);
                let next = together.or_else(|_| now.with(good.get(..1).unwrap_or_default(), 1, read));
                (next.ok(), good)
            }
        };
        match next {
            Some((next, applied)) => {
                mended.extend(applied.into_iter().map(|at| fixes[at].0.code.clone()));
                now = next;
            }
            None => {
                let useless = useless.into_iter().map(|(given_back, _)| given_back).collect();
                return Outcome { source: now.source, mended, held_back: HeldBack::no_better(useless) };
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
    /// The text as it came; where it was not read whole, what there is to say instead of mending it.
    fn first(source: &Source, wanted: &Wanted, read: &dyn Fn(&Source) -> Reading) -> Result<Self, Outcome> {
        let reading = read(source);
        if reading.complete {
            return Ok(Self { source: source.clone(), reading });
        }
        let held_back = wanted.has_work(&reading.findings).then_some(HeldBack::NotReadWhole);
        Err(Outcome { source: source.clone(), mended: Vec::new(), held_back })
    }

    /// The text with some fixes and which of them were applied; what is wrong with it unless it then reads whole, without a
    /// new finding, and with fewer of those that were mended: by all that were applied, or by `at_least`.
    fn with(
        &self,
        fixes: &[(&Finding, &Fix)],
        at_least: usize,
        read: &dyn Fn(&Source) -> Reading,
    ) -> Result<(Self, Vec<usize>), Why> {
        let (bytes, applied) = apply(self.source.bytes(), &fixes.iter().map(|&(_, fix)| fix).collect::<Vec<_>>());
        if applied.is_empty() {
            return Err(Why::Unreadable);
        }
        let source = Source::new(self.source.path(), bytes).map_err(|_| Why::Unreadable)?;
        let reading = read(&source);
        if !reading.complete {
            return Err(Why::Unreadable);
        }
        let (before, after) = (&self.reading.findings, &reading.findings);
        let worse = after.iter().find(|finding| count(after, &finding.code) > count(before, &finding.code));
        if let Some(worse) = worse {
            // The one that is about something that nothing of its code was about before, where that can be told.
            let is_new = |one: &&Finding| {
                one.code == worse.code && !before.iter().any(|old| old.code == one.code && old.subject == one.subject)
            };
            let new = after.iter().find(is_new).unwrap_or(worse);
            return Err(Why::Found(new.code.clone(), source.lines().line_of(new.span.start)));
        }
        let gone = |code: &str| count(before, code).saturating_sub(count(after, code));
        let helped = applied.iter().all(|&at| {
            let code = &fixes[at].0.code;
            gone(code) >= applied.iter().filter(|&&other| fixes[other].0.code == *code).count().min(at_least)
        });
        if helped { Ok((Self { source, reading }, applied)) } else { Err(Why::Remains) }
    }
}

fn count(findings: &[Finding], code: &str) -> usize {
    findings.iter().filter(|finding| &*finding.code == code).count()
}
