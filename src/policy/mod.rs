//! What is shown: severities by configuration, thresholds, one finding per cause, ignores.
//!
//! The one place that decides; rules never hide what they find, and faces never choose. It knows nothing of
//! how findings come about or what they look like.

mod fingerprint;
mod ignore;
mod merge;
mod report;

pub use fingerprint::Fingerprint;
pub use report::{Hidden, Report};

use crate::account::Fate;
use crate::config::Settings;
use crate::finding::{Catalogue, Finding, RuleCard, Severity};
use crate::role::Role;
use crate::source::Source;
use crate::span::Span;
use std::cell::LazyCell;

/// The code of findings about ignores.
pub const IGNORE_CODE: &str = "NH002";

/// What policy is told of a file.
pub struct Case<'a> {
    /// The text.
    pub source: &'a Source,
    /// Why it runs.
    pub role: Role,
    /// Its comments, in order.
    pub comments: &'a [Span],
    /// Where its first statement starts; the end of the text where there is none.
    pub first_statement: u32,
    /// Whether the whole file was understood. If not, an ignore that hides nothing may only seem unused.
    pub complete: bool,
}

/// What policy decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What is shown, in order of position.
    pub findings: Vec<Finding>,
    /// One for each of them.
    pub fingerprints: Vec<Fingerprint>,
    /// What is not shown.
    pub hidden: Hidden,
}

/// Chooses among the findings of a file; one speaks for all that have its cause.
pub fn decide(findings: Vec<Finding>, case: &Case, settings: &Settings, catalogue: &dyn Catalogue) -> Verdict {
    choose(findings, case, settings, catalogue, true)
}

/// Chooses among the findings of a file; each speaks for itself, so that what a fix does to each can be seen.
pub fn decide_singly(findings: Vec<Finding>, case: &Case, settings: &Settings, catalogue: &dyn Catalogue) -> Verdict {
    choose(findings, case, settings, catalogue, false)
}

/// What becomes of each finding of a file, and of each about an ignore; in order of position.
pub fn fates(
    mut findings: Vec<Finding>,
    case: &Case,
    settings: &Settings,
    catalogue: &dyn Catalogue,
) -> Vec<(Finding, Fate)> {
    let fates = judge(&mut findings, case, settings, catalogue, true);
    findings.into_iter().zip(fates).collect()
}

fn choose(
    mut findings: Vec<Finding>,
    case: &Case,
    settings: &Settings,
    catalogue: &dyn Catalogue,
    together: bool,
) -> Verdict {
    let fates = judge(&mut findings, case, settings, catalogue, together);
    let fingerprints = fingerprint::of_all(case.source.path(), &findings);
    let mut shown: Vec<(Finding, Fingerprint)> = Vec::new();
    let mut hidden = Hidden::default();
    for ((finding, fingerprint), fate) in findings.into_iter().zip(fingerprints).zip(fates) {
        match fate {
            Fate::Shown => shown.push((finding, fingerprint)),
            Fate::Off => hidden.off += 1,
            Fate::BelowSeverity => hidden.severity += 1,
            Fate::BelowConfidence => hidden.confidence += 1,
            Fate::Covered => hidden.covered += 1,
            Fate::Ignored => hidden.ignored += 1,
        }
    }
    shown.sort_by(|one, other| order(&one.0).cmp(&order(&other.0)));
    let (findings, fingerprints) = shown.into_iter().unzip();
    Verdict { findings, fingerprints, hidden }
}

/// Decides the fate of every finding, and adds those about ignores.
fn judge(
    findings: &mut Vec<Finding>,
    case: &Case,
    settings: &Settings,
    catalogue: &dyn Catalogue,
    together: bool,
) -> Vec<Fate> {
    for finding in findings.iter_mut() {
        finding.severity = severity(finding, case, settings, catalogue);
    }
    sort(findings);
    let (min_severity, min_confidence) = settings.thresholds(case.source.path());
    let by_threshold = |finding: &Finding| match finding.severity {
        Severity::Off => Fate::Off,
        severity if severity < min_severity => Fate::BelowSeverity,
        _ if finding.confidence < min_confidence => Fate::BelowConfidence,
        _ => Fate::Shown,
    };
    let mut fates: Vec<Fate> = findings.iter().map(by_threshold).collect();
    cover(findings, &mut fates);
    if together {
        merge::by_event(findings, &mut fates);
        merge::behind(findings, &mut fates);
    }
    if settings.ignores {
        let ignores = ignore::Ignores::read(case, catalogue);
        // Few scripts have an ignore that hides nothing.
        let cards = LazyCell::new(|| catalogue.cards());
        let applied = ignores.apply(findings, &|code| is_asked(code, case, settings, &cards));
        for (fate, ignored) in fates.iter_mut().zip(applied.hides) {
            // A finding that another one covers stays covered when that one is ignored: one cause, one word.
            if ignored && *fate != Fate::Covered {
                *fate = Fate::Ignored;
            }
        }
        for mut trouble in applied.trouble {
            trouble.severity = severity(&trouble, case, settings, catalogue);
            fates.push(by_threshold(&trouble));
            findings.push(trouble);
        }
    }
    if together {
        merge::by_thing(findings, &mut fates);
    }
    fates
}

fn severity(finding: &Finding, case: &Case, settings: &Settings, catalogue: &dyn Catalogue) -> Severity {
    // What is said of the reading itself, and of ignores, belongs to no pack and to each.
    if !settings.wants(&finding.code) && !finding.code.starts_with("NH0") {
        return Severity::Off;
    }
    settings
        .severity_of(case.source.path(), &finding.code, &finding.name)
        .or_else(|| catalogue.severity(&finding.code, case.role))
        .unwrap_or(finding.severity)
}

/// Whether findings of a rule are shown in a file. An ignore of another one may hide something in another role, or by another
/// configuration.
fn is_asked(code: &str, case: &Case, settings: &Settings, cards: &[RuleCard]) -> bool {
    // What is said of the reading itself belongs to no pack and to each.
    if code.starts_with("NH0") {
        return true;
    }
    let Some(card) = cards.iter().find(|card| card.code == code) else { return true };
    let by_role =
        card.by_role.iter().find(|(role, _)| *role == case.role).map_or(card.severity, |(_, severity)| *severity);
    let severity = settings.severity_of(case.source.path(), code, &card.name).unwrap_or(by_role);
    let (least, _) = settings.thresholds(case.source.path());
    settings.wants(code) && severity != Severity::Off && severity >= least
}

fn order(finding: &Finding) -> (Span, &str, &str) {
    (finding.span, &finding.code, &finding.subject)
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| order(one).cmp(&order(other)));
}

/// One cause gives one finding: where a shown finding names the code of another at the same place, that one goes.
///
/// Findings stand in order of position, so only the neighbours of each are looked at.
fn cover(findings: &[Finding], fates: &mut [Fate]) {
    // How far any finding up to each of them reaches.
    let mut reach: Vec<u32> = findings.iter().map(|finding| finding.span.end).collect();
    for at in 1..reach.len() {
        reach[at] = reach[at].max(reach[at - 1]);
    }
    for (at, finding) in findings.iter().enumerate() {
        if fates[at] != Fate::Shown || finding.covers.is_empty() {
            continue;
        }
        let span = finding.span;
        let first = reach[..at].partition_point(|&end| end < span.start);
        let near = findings[first..].iter().take_while(|other| other.span.start <= span.end);
        for (other, covered) in (first..).zip(near) {
            // Rules may cover each other; the first in order of position and code then stays.
            if other != at
                && fates[other] == Fate::Shown
                && finding.covers.contains(&covered.code)
                && touch(finding, covered)
            {
                fates[other] = Fate::Covered;
            }
        }
    }
}

fn touch(one: &Finding, other: &Finding) -> bool {
    let (one, other) = (one.span, other.span);
    one == other || (one.start < other.end && other.start < one.end)
}
