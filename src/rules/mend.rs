//! From a rule's fixes to edits at one effect: which fit, and where they go. How they are written is not known here.

use super::edits::{
    after, after_message, append, aside, before, beside, bound, guard, or_else, pipefail, replace, top, trap,
};
use super::file::{Condition, FixKind, FixTemplate, Rule, Text};
use super::polls::{before_all, instead, poll};
use super::say::Teller;
use super::stop::in_own_words;
use super::template::Placeholder;
use crate::effects::{Fact, Occurrence, RewriteText};
use crate::finding::{Applicability, Edit, Fix};
use crate::knowledge::{FactKind, How, Safety};
use crate::span::Span;

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
    if !is_for || !is_marked {
        return None;
    }
    let habits = &teller.case.analysis.habits;
    let runs = |program: &Text| habits.programs.contains(&**program);
    if !template.needs.as_ref().is_none_or(runs) || template.without.as_ref().is_some_and(runs) {
        return None;
    }
    let text = template.text.render(|placeholder| teller.write(placeholder));
    let mut applicability = template.applicability;
    let here = match template.at {
        None => &occurrence.spot,
        Some(kind) => {
            let thing = teller.event.filter(|event| event.kind == kind)?.thing;
            let spot = teller.case.analysis.ended_at(teller.at, Fact { kind, thing })?;
            // Another file is mended where it is checked.
            Some(spot).filter(|spot| teller.case.analysis.is_own(spot.span))?
        }
    };
    // A text for another host or container is not mended here: its quoting is not this shell's.
    // Within quotes a message would end them.
    let is_quoted = teller.case.analysis.is_in_text(here.span);
    let own_words = |text: String| if is_quoted { text } else { in_own_words(text, here, template.kind, habits) };
    let text = text.map(own_words);
    let edits = match template.kind {
        FixKind::None => Vec::new(),
        _ if occurrence.elsewhere => return None,
        // What the script removed itself cannot be kept any more: a line before this command comes too late.
        FixKind::Before if removed(rule, teller) => return None,
        // What it stopped would stay stopped.
        FixKind::Before if stopped(rule, teller) => return None,
        FixKind::Before => before(&text?, here)?,
        FixKind::Guard => guard(&text?, here),
        FixKind::GuardBoth => {
            let event = teller.event?;
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
            let stop = own_words(teller.tell(Placeholder::Stop)?);
            pipefail(&stop, here, habits)?
        }
        FixKind::Trap if occurrence.foreign => return None,
        // The second trap would take the place of the first.
        FixKind::Trap if is_one_of_many(teller) => return None,
        FixKind::Trap => trap(&text?, here, habits, teller.case.analysis.payment(teller.at))?,
        FixKind::Top => top(&text?, habits)?,
        FixKind::Append => append(occurrence)?,
        FixKind::Beside => beside(&teller.tell(Placeholder::Stop)?, occurrence)?,
        FixKind::Aside => aside(&teller.tell(Placeholder::Stop)?, occurrence)?,
        FixKind::AfterMessage => after_message(&text?, occurrence.message.as_ref()?)?,
        FixKind::Bound => bound(&text?, here)?,
        FixKind::PollBefore => before_all(&poll(&text?, habits.counter?)?, here)?,
        FixKind::Poll => instead(&poll(&text?, habits.counter?)?, here)?,
        FixKind::PollAfter => after(&poll(&text?, habits.counter?)?, here)?,
        FixKind::Replace => replace(&text?, occurrence)?,
        FixKind::Own if occurrence.edits.is_empty() => return None,
        FixKind::Own => occurrence.edits.clone(),
        FixKind::Rewrite => vec![Edit { span: here.span, text: text? }],
        // Where the script acts on the failure of a `mkdir`, that it fails may be what it is for: two runs exclude each other.
        FixKind::Repeatable if occurrence.how == How::Directory && !here.last => return None,
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
    let fits = |edit: &Edit| !teller.case.analysis.is_in_text(edit.span) || is_plain(&edit.text);
    edits.iter().all(fits).then_some(Fix { title, applicability, edits })
}

/// Whether the script removed the target on some way here, for a rule that cares.
fn removed(rule: &Rule, teller: &Teller<'_>) -> bool {
    let kind = FactKind::NotRemovedHere;
    let asks = rule.unless.iter().any(|condition| condition.with.contains(&kind));
    asks && !teller.case.analysis.holds(teller.at, Fact { kind, thing: teller.occurrence().target })
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
