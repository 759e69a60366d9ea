//! Whether a fix fits: whether it is meant for an effect, and whether it would do harm there. It writes nothing.

use super::file::{Condition, FixKind, FixTemplate, Rule, Text};
use super::left_open::ends;
use super::place::Place;
use super::say::Teller;
use super::select::holds;
use super::template::Placeholder;
use crate::effects::{Fact, Occurrence, Open, Spot};
use crate::knowledge::{EffectKind, FactKind, How, PathClass, SecondRun, is_like};
use crate::role::Role;

/// It fails where all is done and something is worth a word.
const WARNS_BY_STATUS: &str = "warns-by-status";

/// The script puts in something else elsewhere that this takes the place of.
const ONE_OF_A_SWITCH: &str = "one-of-a-switch";

/// A server is made the one that is written to.
const TAKES_OVER: [&str; 2] = ["promotes", "promotes-by-force"];

/// Whether a rule means a fix for an effect, and for the script that it stands in.
pub fn is_meant(template: &FixTemplate, teller: &Teller<'_>) -> bool {
    let occurrence = teller.occurrence();
    if template.unmarked.iter().any(|mark| occurrence.marks.iter().any(|has| **has == **mark)) {
        return false;
    }
    let is_for = template.commands.is_empty() || template.commands.iter().any(|name| **name == *occurrence.command);
    let is_marked = template.marks.is_empty()
        || template.marks.iter().any(|mark| occurrence.marks.iter().any(|has| **has == **mark));
    let is_named = template.names.is_empty() || template.names.iter().any(|glob| is_like(glob, &occurrence.name));
    if !is_for || !is_marked || !is_named || template.except.contains(&occurrence.class) {
        return false;
    }
    let habits = &teller.case.analysis.habits;
    let runs = |program: &Text| match program.strip_prefix('$') {
        Some(variable) => habits.asks_for(variable),
        None => habits.programs.contains(&**program),
    };
    if !template.needs.as_ref().is_none_or(runs) || template.without.as_ref().is_some_and(runs) {
        return false;
    }
    let is_of_role = |role: &Role| *role == teller.case.role || teller.case.analysis.roles.contains(role);
    if template.not_for.iter().any(is_of_role)
        || template.heard && !is_heard(&occurrence.spot) && !habits.is_end(occurrence.spot.next)
        || template.last_of_kind && others_follow(teller)
    {
        return false;
    }
    let said = occurrence.message.as_ref().map(|message| habits.written(message.span).to_lowercase());
    if said.is_some_and(|said| template.not_saying.iter().any(|glob| is_like(glob, &said))) {
        return false;
    }
    // In a function it would be asked of what the function was given, and not of what the script was.
    if teller.case.analysis.functions[teller.at].is_some() && template.text.texts().any(|text| text.contains("\"$1\""))
    {
        return false;
    }
    if template.unless.iter().any(|condition| holds(teller.case, teller.at, condition)) {
        return false;
    }
    true
}

/// Whether a fix would do harm where it is put.
pub fn does_harm(
    rule: &Rule,
    template: &FixTemplate,
    place: &Place<'_>,
    open: Option<&Open>,
    teller: &Teller<'_>,
) -> bool {
    let (occurrence, here, habits) = (teller.occurrence(), place.spot, &teller.case.analysis.habits);
    match template.kind {
        _ if occurrence.elsewhere => true,
        // Somebody takes over behind it, whatever the script is called: a broken configuration must not keep the service from all.
        FixKind::Before | FixKind::OrElse | FixKind::Beside | FixKind::Aside
            if matches!(occurrence.effect, EffectKind::Service | EffectKind::Write) && takes_over_behind(teller) =>
        {
            true
        }
        // A list that ends in `exit` calls no ERR trap, which may be what puts things right.
        FixKind::Before | FixKind::OrElse | FixKind::Beside | FixKind::Aside | FixKind::AfterMessage
            if habits.traps_errors =>
        {
            true
        }
        _ if template.text.placeholders().any(|placeholder| placeholder == Placeholder::Target)
            && !place.is_one_word() =>
        {
            true
        }
        // What the script removed itself cannot be kept any more: a line before this command comes too late.
        FixKind::Before if removed(rule, teller) => true,
        // What it stopped would stay stopped.
        FixKind::Before if stopped(rule, teller) => true,
        // Whoever passes a failure over would go on without what was to be brought back.
        FixKind::Before
            if occurrence.effect == EffectKind::Restore && (here.swallowed.is_some() || !here.alone && !here.stops) =>
        {
            true
        }
        // Whoever asks how a restart has ended puts back what was there, and would not be come to any more.
        FixKind::Before if occurrence.effect == EffectKind::Service && here.asked_next => true,
        // What it is asked through is another host or another root, or gives it a time.
        FixKind::Before
            if occurrence.effect == EffectKind::Service
                && occurrence.words.is_none()
                && template.text.placeholders().any(|placeholder| placeholder == Placeholder::Wrapper) =>
        {
            true
        }
        // Whoever passes over the failure of what fails for a trifle has thought of that.
        FixKind::OrElse
            if here.swallowed.is_some() && occurrence.marks.iter().any(|mark| **mark == *WARNS_BY_STATUS) =>
        {
            true
        }
        // Under errexit a failure that was none ends what has something open.
        FixKind::Option | FixKind::Pipefail
            if here.options.errexit == Some(true)
                && (template.heard || template.kind == FixKind::Pipefail)
                && open.is_some() =>
        {
            true
        }
        // Where it is there already it fails in each run but the first.
        FixKind::OrElse | FixKind::AfterMessage
            if occurrence.effect == EffectKind::Create
                && occurrence.second_run == SecondRun::Fails
                && ends_anew(teller) =>
        {
            true
        }
        FixKind::Trap if occurrence.foreign => true,
        // The second trap would take the place of the first.
        FixKind::Trap if is_one_of_many(teller) => true,
        // What starts again on half of its data may make more of it.
        FixKind::Trap if takes_data_away(teller) => true,
        FixKind::Own if occurrence.edits.is_empty() => true,
        FixKind::Own if open.is_some() && occurrence.edits.iter().any(|edit| ends(&edit.text, open, habits)) => true,
        // What was put in last decides: it has to go in again.
        FixKind::Repeatable | FixKind::Append | FixKind::Guard
            if occurrence.marks.iter().any(|mark| **mark == *ONE_OF_A_SWITCH) =>
        {
            true
        }
        // Another effect of the command would go with it.
        FixKind::Reword if !teller.case.analysis.is_alone(teller.at) => true,
        // Where the script acts on the failure, that it fails may be what it is for: two runs exclude each other, a name is taken.
        FixKind::Repeatable
            if occurrence.effect == EffectKind::Create
                && !here.last
                && (occurrence.how == How::Directory || !here.stops) =>
        {
            true
        }
        _ => false,
    }
}

/// Whether an earlier run may have made what an effect makes, as far as is known.
fn ends_anew(teller: &Teller<'_>) -> bool {
    let absent = Fact { kind: FactKind::Absent, thing: teller.occurrence().target };
    !teller.case.analysis.holds(teller.at, absent)
}

/// Whether the script ends, or does something else, where the command fails.
fn is_heard(spot: &Spot) -> bool {
    let is_passed_over = spot.swallowed.is_some();
    let asks = spot.stops || spot.asked_next || !spot.last && !spot.piped;
    !is_passed_over && (asks || spot.options.errexit == Some(true))
}

/// Whether another effect of the kind follows in the same function, at another thing.
fn others_follow(teller: &Teller<'_>) -> bool {
    let occurrence = teller.occurrence();
    let behind = teller.case.analysis.occurrences.iter().skip(teller.at + 1);
    behind.filter(|other| other.unit == occurrence.unit && other.spot.statement != occurrence.spot.statement).any(
        |other| {
            other.effect == occurrence.effect
                && other.target != occurrence.target
                && other.span.start > occurrence.span.end
        },
    )
}

/// Whether the script removed the target on some way here, for a rule that cares.
pub fn removed(rule: &Rule, teller: &Teller<'_>) -> bool {
    let kind = FactKind::NotRemovedHere;
    let asks = rule.unless.iter().any(|condition| condition.with.contains(&kind));
    asks && !teller.case.analysis.holds(teller.at, Fact { kind, thing: teller.occurrence().target })
}

/// Whether data is removed, brought back or copied anew behind the effect, in the same function.
fn takes_data_away(teller: &Teller<'_>) -> bool {
    let occurrence = teller.occurrence();
    let takes = |other: &Occurrence| {
        let is_gone = other.effect == EffectKind::Delete && other.class == PathClass::State;
        is_gone || matches!(other.effect, EffectKind::Restore | EffectKind::Replication)
    };
    let behind = teller.case.analysis.occurrences.iter().skip(teller.at + 1);
    behind.filter(|other| other.unit == occurrence.unit).any(takes)
}

/// Whether a server is promoted, or an address is taken, behind the effect in the same function.
fn takes_over_behind(teller: &Teller<'_>) -> bool {
    let here = teller.occurrence();
    let behind = teller.case.analysis.occurrences.iter().skip(teller.at + 1);
    behind.filter(|other| other.unit == here.unit).any(|other| {
        other.marks.iter().any(|mark| TAKES_OVER.contains(&&**mark)) || other.effect == EffectKind::Traffic
    })
}

/// Whether the script does the same to something else.
fn is_one_of_many(teller: &Teller<'_>) -> bool {
    let occurrence = teller.occurrence();
    let is_same = |other: &Occurrence| other.effect == occurrence.effect && other.how == occurrence.how;
    teller.case.analysis.occurrences.iter().any(|other| is_same(other) && other.target != occurrence.target)
}

/// Whether it is a hazard because the script stopped the service before.
fn stopped(rule: &Rule, teller: &Teller<'_>) -> bool {
    let is_asked = |asked: &Condition| asked.fact == FactKind::NotStoppedHere && !asked.how.is_empty();
    rule.after.iter().any(|asked| is_asked(asked) && asked.is_asked_of(teller.occurrence().how))
}
