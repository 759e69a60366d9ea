//! Fixes one after the other, each only where somebody says yes to it.
//!
//! What is asked was proven before, so that nobody is shown a fix that would be given back. Who answers, and how the
//! change is shown, is not known here.

use super::{GivenBack, HeldBack, Outcome, Reading, Step, Wanted};
use crate::finding::{Finding, Fix};
use crate::source::Source;

/// A fix that could be applied, and what it would make of the text.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// What it mends.
    pub finding: &'a Finding,
    /// How.
    pub fix: &'a Fix,
    /// The text as it is.
    pub before: &'a Source,
    /// The text as it would be.
    pub after: &'a Source,
}

/// What is said to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Apply it.
    Yes,
    /// Leave it, and go on.
    No,
    /// Leave it, and ask nothing more.
    Quit,
}

/// A finding that was decided: its code, its subject, and how many like it stand before it. The first two stay when
/// lines move, and the last one too, since findings are decided in order.
type Decided = (Box<str>, String, usize);

/// Proposes every fix that holds what it promises, and applies those that are wanted.
///
/// Every answer leaves one finding fewer that is not decided, so this ends.
pub fn asking(
    source: &Source,
    wanted: &Wanted,
    read: &dyn Fn(&Source) -> Reading,
    ask: &mut dyn FnMut(&Proposal<'_>) -> Reply,
) -> Outcome {
    let mut now = match Step::first(source, wanted, read) {
        Ok(first) => first,
        Err(nothing) => return nothing,
    };
    let (mut mended, mut useless) = (Vec::new(), Vec::new());
    let mut decided: Vec<Decided> = Vec::new();
    while let Some((finding, fix, name)) = now.next(wanted, &decided) {
        let next = match now.with(&[(finding, fix)], 1, read) {
            Ok((next, _)) => next,
            Err(why) => {
                useless.push(GivenBack { code: finding.code.clone(), why });
                decided.push(name);
                continue;
            }
        };
        match ask(&Proposal { finding, fix, before: &now.source, after: &next.source }) {
            Reply::Yes => {
                mended.push(finding.code.clone());
                now = next;
            }
            Reply::No => decided.push(name),
            Reply::Quit => break,
        }
    }
    Outcome { source: now.source, mended, held_back: HeldBack::no_better(useless) }
}

impl Step {
    /// The first finding with a fix about which nothing is decided.
    fn next(&self, wanted: &Wanted, decided: &[Decided]) -> Option<(&Finding, &Fix, Decided)> {
        let findings = &self.reading.findings;
        findings.iter().enumerate().find_map(|(at, finding)| {
            let fix = wanted.fix(finding)?;
            let alike = |other: &&Finding| other.code == finding.code && other.subject == finding.subject;
            let before = findings[..at].iter().filter(alike).count();
            let name = (finding.code.clone(), finding.subject.clone(), before);
            (!decided.contains(&name)).then_some((finding, fix, name))
        })
    }
}
