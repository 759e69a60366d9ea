//! One cause gives one finding: several findings of one rule become the one that speaks for them.
//!
//! Two steps. What has one place or one event behind it is one hazard, so an ignore of the one that is shown is an
//! ignore of all. What is only about the same thing are hazards of their own that are told together: an ignore takes
//! one of them out, and the others still speak.

use super::Fate;
use crate::finding::{Finding, Fix, Label};
use crate::span::Span;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hash;

/// Merges findings at one place, then those with one event behind them.
pub fn by_event(findings: &mut [Finding], fates: &mut [Fate]) {
    for group in groups(findings, fates, |finding| Some(finding.span)) {
        let (speaker, others) = split(findings, fates, &group);
        let more = others.iter().filter(|&&at| findings[at].message != findings[speaker].message).count();
        speak(findings, speaker, &others);
        add_count(&mut findings[speaker].message, more, "here");
    }
    for group in groups(findings, fates, |finding| finding.cause.event.clone()) {
        // No fixes are taken over: the first one may mend the cause for all.
        split(findings, fates, &group);
    }
}

/// What a second run would do behind a step at which it ends is told at that step.
pub fn behind(findings: &mut [Finding], fates: &mut [Fate]) {
    let shown: Vec<usize> = (0..findings.len()).filter(|&at| fates[at] == Fate::Shown).collect();
    let places: HashMap<Span, usize> = shown.iter().map(|&at| (findings[at].span, at)).collect();
    for at in shown {
        let Some(&front) = findings[at].cause.behind.iter().find_map(|span| places.get(span)) else { continue };
        fates[at] = Fate::Covered;
        findings[front].labels.push(Label {
            span: findings[at].span,
            text: "once that is mended, a second run repeats this".to_owned(),
            speaks_for: Some(findings[at].code.clone()),
        });
    }
}

/// Merges findings about one thing in one unit.
pub fn by_thing(findings: &mut [Finding], fates: &mut [Fate]) {
    for group in groups(findings, fates, |finding| finding.cause.thing.clone()) {
        let (speaker, others) = split(findings, fates, &group);
        let below = others.iter().all(|&at| at > speaker);
        speak(findings, speaker, &others);
        add_count(&mut findings[speaker].message, others.len(), if below { "below" } else { "of it" });
    }
}

/// The shown findings that have the code and the key in common, two and more, in order of position.
fn groups<K: Eq + Hash>(findings: &[Finding], fates: &[Fate], key: impl Fn(&Finding) -> Option<K>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut places: HashMap<(&str, K), usize> = HashMap::new();
    for (at, finding) in findings.iter().enumerate().filter(|(at, _)| fates[*at] == Fate::Shown) {
        let Some(key) = key(finding) else { continue };
        let place = *places.entry((&finding.code, key)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(at);
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// The one that speaks, the surest and worst of them and of these the first, and those that fall silent.
fn split(findings: &[Finding], fates: &mut [Fate], group: &[usize]) -> (usize, Vec<usize>) {
    let rank = |at: usize| (findings[at].confidence, findings[at].severity);
    let speaker =
        group.iter().copied().reduce(|best, at| if rank(at) > rank(best) { at } else { best }).unwrap_or_default();
    let others: Vec<usize> = group.iter().copied().filter(|&at| at != speaker).collect();
    for &at in &others {
        fates[at] = Fate::Covered;
    }
    (speaker, others)
}

/// Gives the fixes of the others to the one that speaks.
fn speak(findings: &mut [Finding], speaker: usize, others: &[usize]) {
    let mut fixes = std::mem::take(&mut findings[speaker].fixes);
    for &at in others {
        for fix in &findings[at].fixes {
            add_fix(&mut fixes, fix);
        }
    }
    findings[speaker].fixes = fixes;
}

/// Fixes that say the same become one, if their edits can be made together; others stand behind.
///
/// What cannot be made together is left out: when the first is made, the other is found again.
fn add_fix(fixes: &mut Vec<Fix>, fix: &Fix) {
    let Some(same) =
        fixes.iter_mut().find(|other| other.title == fix.title && other.applicability == fix.applicability)
    else {
        fixes.push(fix.clone());
        return;
    };
    let new: Vec<_> = fix.edits.iter().filter(|edit| !same.edits.contains(edit)).cloned().collect();
    if new.iter().all(|edit| same.edits.iter().all(|other| !edit.touches(other))) {
        same.edits.extend(new);
        same.edits.sort_by_key(|edit| edit.span);
    }
}

fn add_count(message: &mut String, more: usize, place: &str) {
    if more > 0 {
        // Writing to a `String` cannot fail.
        let _ = write!(message, " (and {more} more {place})");
    }
}
