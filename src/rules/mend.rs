//! From a rule's fixes to edits at one effect: which fit, and where they go. How they are written is not known here.

use super::edits::{
    after, after_message, append, aside, before, beside, bound, guard, in_one, or_else, pipefail, replace, top, trap,
};
use super::file::{Condition, FixKind, FixTemplate, Rule, Text};
use super::left_open::{ends, open_at};
use super::polls::{before_all, instead, poll};
use super::say::Teller;
use super::select::holds;
use super::stop::in_own_words;
use super::template::Placeholder;
use crate::effects::{Fact, Occurrence, RewriteText, Spot};
use crate::finding::{Applicability, Edit, Fix};
use crate::knowledge::{EffectKind, FactKind, How, PathClass, Safety, SecondRun, is_like};
use crate::role::Role;
use crate::span::Span;

/// It fails where all is done and something is worth a word.
const WARNS_BY_STATUS: &str = "warns-by-status";

/// The fixes that a rule offers for one effect, best first. One that does not fit the place is not offered.
pub fn fixes(rule: &Rule, teller: &Teller<'_>) -> Vec<Fix> {
    rule.fixes.iter().filter_map(|template| fix(rule, template, teller)).collect()
}

fn fix(rule: &Rule, template: &FixTemplate, teller: &Teller<'_>) -> Option<Fix> {
    let occurrence = teller.occurrence();
    if template.unmarked.iter().any(|mark| occurrence.marks.iter().any(|has| **has == **mark)) {
        return None;
    }
    let title = template.title.render(|placeholder| teller.tell(placeholder))?;
    let is_for = template.commands.is_empty() || template.commands.iter().any(|name| **name == *occurrence.command);
    let is_marked = template.marks.is_empty()
        || template.marks.iter().any(|mark| occurrence.marks.iter().any(|has| **has == **mark));
    let is_named = template.names.is_empty() || template.names.iter().any(|glob| is_like(glob, &occurrence.name));
    if !is_for || !is_marked || !is_named || template.except.contains(&occurrence.class) {
        return None;
    }
    let habits = &teller.case.analysis.habits;
    let runs = |program: &Text| match program.strip_prefix('$') {
        Some(variable) => habits.asks_for(variable),
        None => habits.programs.contains(&**program),
    };
    if !template.needs.as_ref().is_none_or(runs) || template.without.as_ref().is_some_and(runs) {
        return None;
    }
    let is_of_role = |role: &Role| *role == teller.case.role || teller.case.analysis.roles.contains(role);
    if template.not_for.iter().any(is_of_role)
        || template.heard && !is_heard(&occurrence.spot) && !habits.is_end(occurrence.spot.next)
        || template.last_of_kind && others_follow(teller)
    {
        return None;
    }
    let said = occurrence.message.as_ref().map(|message| habits.written(message.span).to_lowercase());
    if said.is_some_and(|said| template.not_saying.iter().any(|glob| is_like(glob, &said))) {
        return None;
    }
    // In a function it would be asked of what the function was given, and not of what the script was.
    if teller.case.analysis.functions[teller.at].is_some() && template.text.texts().any(|text| text.contains("\"$1\""))
    {
        return None;
    }
    if template.unless.iter().any(|condition| holds(teller.case, teller.at, condition)) {
        return None;
    }
    let place = Place::of(template, teller)?;
    let text = template.text.render(|placeholder| place.write(placeholder, teller));
    // Whoever does not hear of it would go on as if the address were taken, or the service promoted.
    let is_question = template.kind == FixKind::Before && occurrence.effect == EffectKind::Traffic;
    let returns = || text.as_ref().is_some_and(|text| text.ends_with("return 1"));
    if is_question && returns() && !teller.case.analysis.heard[teller.at] {
        return None;
    }
    let mut applicability = template.applicability;
    let here = place.spot;
    // A line that a variable is a part of is another one in each run, or more than one.
    if template.text.placeholders().any(|placeholder| placeholder == Placeholder::Text)
        && occurrence.text_written.as_ref().is_some_and(|written| written.contains(['$', '`']))
    {
        applicability = applicability.max(Applicability::Unsafe);
    }
    // A text for another host or container is not mended here: its quoting is not this shell's.
    // Within quotes a message would end them.
    let is_quoted = teller.case.analysis.is_in_text(here.span);
    let open = open_at(template.kind, occurrence, here, teller);
    let own_words = |text: String| {
        if is_quoted {
            return open.is_none_or(|_| !text.contains("exit") && !text.contains("return")).then_some(text);
        }
        in_own_words(text, here, template.kind, habits, open)
    };
    let text = match text {
        Some(text) => Some(own_words(with_rights(text, &occurrence.wrapper))?),
        None => None,
    };
    let edits = match template.kind {
        FixKind::None => Vec::new(),
        _ if occurrence.elsewhere => return None,
        _ if template.text.placeholders().any(|placeholder| placeholder == Placeholder::Target)
            && !place.is_one_word() =>
        {
            return None;
        }
        // What the script removed itself cannot be kept any more: a line before this command comes too late.
        FixKind::Before if removed(rule, teller) => return None,
        // What it stopped would stay stopped.
        FixKind::Before if stopped(rule, teller) => return None,
        // Whoever passes a failure over would go on without what was to be brought back.
        FixKind::Before
            if occurrence.effect == EffectKind::Restore && (here.swallowed.is_some() || !here.alone && !here.stops) =>
        {
            return None;
        }
        // Whoever asks how a restart has ended puts back what was there, and would not be come to any more.
        FixKind::Before if occurrence.effect == EffectKind::Service && here.asked_next => return None,
        // What it is asked through is another host or another root, or gives it a time.
        FixKind::Before
            if occurrence.effect == EffectKind::Service
                && occurrence.words.is_none()
                && template.text.placeholders().any(|placeholder| placeholder == Placeholder::Wrapper) =>
        {
            return None;
        }
        // Whoever passes over the failure of what fails for a trifle has thought of that.
        FixKind::OrElse
            if here.swallowed.is_some() && occurrence.marks.iter().any(|mark| **mark == *WARNS_BY_STATUS) =>
        {
            return None;
        }
        // Under errexit a failure that was none ends what has something open.
        FixKind::Option | FixKind::Pipefail
            if here.options.errexit == Some(true)
                && (template.heard || template.kind == FixKind::Pipefail)
                && open.is_some() =>
        {
            return None;
        }
        // Where it is there already it fails in each run but the first.
        FixKind::OrElse | FixKind::AfterMessage
            if occurrence.effect == EffectKind::Create
                && occurrence.second_run == SecondRun::Fails
                && ends_anew(teller) =>
        {
            return None;
        }
        FixKind::Before => before(&text?, here)?,
        FixKind::Guard => guard(&text?, here),
        FixKind::GuardBoth => {
            let event = teller.event()?;
            let spot = teller.case.analysis.ended_at(teller.at, event)?;
            if !teller.case.analysis.is_own(spot.span) || spot.span == here.span {
                return None;
            }
            let text = text?;
            guard(&text, spot).into_iter().chain(guard(&text, here)).collect()
        }
        FixKind::OrElse => or_else(&text?, here)?,
        FixKind::After => after(&text?, here)?,
        FixKind::Option => vec![Edit { span: Span::at(occurrence.option_at?), text: format!(" {}", text?) }],
        FixKind::Pipefail => {
            let stop = own_words(teller.tell(Placeholder::Stop)?)?;
            pipefail(&stop, here, habits)?
        }
        FixKind::Trap if occurrence.foreign => return None,
        // The second trap would take the place of the first.
        FixKind::Trap if is_one_of_many(teller) => return None,
        // What starts again on half of its data may make more of it.
        FixKind::Trap if takes_data_away(teller) => return None,
        FixKind::Trap => trap(&text?, here, habits, teller.case.analysis.payment(teller.at))?,
        FixKind::Top => top(&text?, habits)?,
        FixKind::Append => append(occurrence)?,
        FixKind::Beside => beside(&own_words(teller.tell(Placeholder::Stop)?)?, occurrence)?,
        FixKind::Aside => aside(&own_words(teller.tell(Placeholder::Stop)?)?, occurrence)?,
        FixKind::AfterMessage => after_message(&text?, occurrence.message.as_ref()?)?,
        FixKind::Bound => {
            // Who calls the function and does not ask how it ended would go on as if the waiting were over.
            let is_heard = habits.has_errexit || teller.case.analysis.uncalled[teller.at];
            let text = text?;
            let ends = text.strip_suffix("return 1").filter(|_| !is_heard);
            let text = match ends {
                Some(front) => own_words(format!("{front}exit 1"))?,
                None => text,
            };
            bound(&text, here)?
        }
        FixKind::PollBefore => before_all(&poll(&text?, habits.counter?)?, here)?,
        FixKind::Poll => instead(&poll(&text?, habits.counter?)?, here)?,
        FixKind::PollAfter => after(&poll(&text?, habits.counter?)?, here)?,
        FixKind::Replace => replace(&text?, occurrence)?,
        FixKind::Own if occurrence.edits.is_empty() => return None,
        FixKind::Own if open.is_some() && occurrence.edits.iter().any(|edit| ends(&edit.text, open, habits)) => {
            return None;
        }
        FixKind::Own => occurrence.edits.clone(),
        FixKind::Rewrite => vec![Edit { span: here.span, text: text? }],
        // Another effect of the command would go with it.
        FixKind::Reword if !teller.case.analysis.is_alone(teller.at) => return None,
        FixKind::Reword => vec![Edit { span: occurrence.words?, text: text? }],
        // Where the script acts on the failure, that it fails may be what it is for: two runs exclude each other, a name is taken.
        FixKind::Repeatable
            if occurrence.effect == EffectKind::Create
                && !here.last
                && (occurrence.how == How::Directory || !here.stops) =>
        {
            return None;
        }
        FixKind::Repeatable => {
            let (rewrite, safety) = occurrence.rewrite.as_ref()?;
            if *safety == Safety::Unsafe {
                applicability = applicability.max(Applicability::Unsafe);
            }
            match rewrite {
                RewriteText::Insert(at, text) => vec![Edit { span: Span::at(*at), text: text.clone() }],
                RewriteText::Replace(span, text) => vec![Edit { span: *span, text: text.clone() }],
                // What the script removed itself is not there to be kept: the guard would always let the command through.
                RewriteText::Prefix(_) if removed(rule, teller) => return None,
                RewriteText::Prefix(text) => guard(text.strip_suffix("||").unwrap_or(text).trim_end(), here),
            }
        }
        FixKind::Word => {
            let (span, _) = occurrence.variable.as_ref()?;
            vec![Edit { span: *span, text: text? }]
        }
        FixKind::RemoveIgnore => return None,
    };
    let edits = match template.absorbs {
        Some(kind) => in_one(edits, here, replaced(kind, template, teller)?)?,
        None => edits,
    };
    // Another file that the script reads is mended where it is checked.
    let fits = |edit: &Edit| {
        teller.case.analysis.is_own(edit.span) && (!teller.case.analysis.is_in_text(edit.span) || is_plain(&edit.text))
    };
    edits.iter().all(fits).then_some(Fix { title, applicability, edits })
}

/// Where an edit goes: to the effect, or to the event behind a fact.
struct Place<'a> {
    spot: &'a Spot,
    /// The effect there.
    occurrence: Option<&'a Occurrence>,
    /// The words of the effect mean the same there.
    is_alike: bool,
}

impl<'a> Place<'a> {
    fn of(template: &FixTemplate, teller: &'a Teller<'_>) -> Option<Self> {
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
    fn write(&self, placeholder: Placeholder, teller: &Teller<'_>) -> Option<String> {
        match placeholder {
            Placeholder::Target => self.occurrence?.target_written.clone(),
            Placeholder::Wrapper => Some(self.occurrence?.wrapper.to_string()),
            Placeholder::Precondition | Placeholder::Rescue if !self.is_alike => None,
            other => teller.write(other),
        }
    }

    /// Whether the target is written as one word that is one.
    fn is_one_word(&self) -> bool {
        let written = self.occurrence.and_then(|occurrence| occurrence.target_written.as_deref()).unwrap_or_default();
        !written.contains(['*', '?', '[', '{']) || written.contains("${") && !written.contains(['*', '?', '['])
    }
}

/// Whether an earlier run may have made what an effect makes, as far as is known.
fn ends_anew(teller: &Teller<'_>) -> bool {
    let absent = Fact { kind: FactKind::Absent, thing: teller.occurrence().target };
    !teller.case.analysis.holds(teller.at, absent)
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
fn replaced<'a>(kind: FactKind, template: &FixTemplate, teller: &'a Teller<'_>) -> Option<&'a Spot> {
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

/// A test in front of what needs the rights of another user is asked with these rights, which may see more.
fn with_rights(text: String, wrapper: &str) -> String {
    let inner = text.strip_prefix("[ ").and_then(|rest| rest.split_once(" ] "));
    match inner {
        Some((question, rest)) if !wrapper.is_empty() && rest.contains(wrapper) => match question.strip_prefix("! ") {
            Some(question) => format!("! {wrapper}test {question} {rest}"),
            None => format!("{wrapper}test {question} {rest}"),
        },
        _ => text,
    }
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
fn removed(rule: &Rule, teller: &Teller<'_>) -> bool {
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

/// Whether a text means the same within quotes: what a `sh -c`, an `eval` or a trap is given stands in some.
fn is_plain(text: &str) -> bool {
    !text.contains(['"', '\'', '$', '`', '\\'])
}
