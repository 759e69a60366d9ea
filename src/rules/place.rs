//! Where a fix goes: to the effect, or to the event behind a fact.

use super::file::{FixKind, FixTemplate};
use super::say::Teller;
use super::template::Placeholder;
use crate::effects::{Fact, Occurrence, Spot};
use crate::knowledge::{EffectKind, FactKind, How, SecondRun};

/// Where an edit goes: to the effect, or to the event behind a fact.
pub struct Place<'a> {
    /// What stands there.
    pub spot: &'a Spot,
    /// The effect there.
    occurrence: Option<&'a Occurrence>,
    /// The words of the effect mean the same there.
    is_alike: bool,
}

impl<'a> Place<'a> {
    /// The place of a fix; none where it cannot be put there.
    pub fn of(template: &FixTemplate, teller: &'a Teller<'_>) -> Option<Self> {
        let (analysis, occurrence) = (teller.case.analysis, teller.occurrence());
        let Some(kind) = template.at else {
            return Some(Self { spot: &occurrence.spot, occurrence: Some(occurrence), is_alike: true });
        };
        let thing = teller.events.iter().find(|event| event.kind == kind)?.thing;
        let fact = Fact { kind, thing };
        // Another file is mended where it is checked.
        let spot = analysis.ended_at(teller.at, fact).filter(|spot| analysis.is_own(spot.span))?;
        let there = analysis.ended_by(teller.at, fact).or_else(|| analysis.only_effect(teller.at, fact));
        let is_so = |other: &Occurrence| template.at_how.contains(&other.how);
        if !template.at_how.is_empty() && !there.is_some_and(is_so) {
            return None;
        }
        let is_alike = analysis.is_alike_there(teller.at, fact);
        let asks_only = |placeholder: Placeholder| placeholder == Placeholder::Precondition;
        let is_question = template.kind == FixKind::Before && template.text.placeholders().any(asks_only);
        let stop = if is_question && is_alike { stop_in_front(teller, spot) } else { None };
        Some(Self { spot: stop.unwrap_or(spot), occurrence: there, is_alike })
    }

    /// The value of a placeholder in a text that is put there.
    pub fn write(&self, placeholder: Placeholder, teller: &Teller<'_>) -> Option<String> {
        match placeholder {
            Placeholder::Target => self.occurrence?.target_written.clone(),
            Placeholder::Wrapper => Some(self.occurrence?.wrapper.to_string()),
            Placeholder::Precondition | Placeholder::Rescue if !self.is_alike => None,
            other => teller.write(other),
        }
    }

    /// Whether the target is written as one word that is one.
    pub fn is_one_word(&self) -> bool {
        let written = self.occurrence.and_then(|occurrence| occurrence.target_written.as_deref()).unwrap_or_default();
        !written.contains(['*', '?', '[', '{']) || written.contains("${") && !written.contains(['*', '?', '['])
    }
}

/// The first stop of a service in front of a place, where a question is better asked: one that is answered with no behind it
/// leaves the service down.
fn stop_in_front<'a>(teller: &'a Teller<'_>, place: &Spot) -> Option<&'a Spot> {
    let (analysis, here) = (teller.case.analysis, teller.occurrence());
    let stops = analysis.occurrences.iter().filter(|other| {
        other.effect == EffectKind::Service
            && other.how == How::Stop
            && other.unit == here.unit
            && other.spot.span.end <= place.span.start
            && other.spot.indent == place.indent
    });
    let alike = stops.filter(|other| analysis.is_own(other.spot.span) && analysis.is_alike_at(teller.at, other.node));
    alike.map(|other| &other.spot).min_by_key(|spot| spot.span)
}

/// The step behind an event that a fix takes away, where what follows does both.
pub fn replaced<'a>(kind: FactKind, template: &FixTemplate, teller: &'a Teller<'_>) -> Option<&'a Spot> {
    let (analysis, here) = (teller.case.analysis, teller.occurrence());
    let thing = teller.events.iter().find(|event| event.kind == kind)?.thing;
    let fact = Fact { kind, thing };
    let there = analysis.ended_by(teller.at, fact)?;
    // A command that takes the place of a file takes the place of no directory.
    let does_both = template.kind == FixKind::Beside || there.how == How::Entry;
    let is_same_word = there.target_written.is_some() && there.target_written == here.target_written;
    let spot = analysis.ended_at(teller.at, fact).filter(|spot| analysis.is_own(spot.span))?;
    // `rm X && ln -s Y X` makes no link where there was none.
    let is_sure = spot.statement != here.spot.statement || there.second_run != SecondRun::Fails;
    (does_both && is_sure && is_same_word && analysis.only_effect(teller.at, fact).is_some()).then_some(spot)
}
