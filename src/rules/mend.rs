//! From a rule's fixes to edits at one effect: which fit, and where they go. How they are written is not known here.

use super::edits::{
    after, after_message, append, aside, before, beside, bound, guard, in_one, or_else, pipefail, replace, top, trap,
};
use super::file::{FixKind, FixTemplate, Rule};
use super::fits::{does_harm, is_meant, removed};
use super::left_open::open_at;
use super::place::{Place, replaced};
use super::polls::{before_all, instead, poll};
use super::say::Teller;
use super::stop::in_own_words;
use super::template::Placeholder;
use crate::effects::RewriteText;
use crate::finding::{Applicability, Edit, Fix};
use crate::knowledge::{EffectKind, How, Safety, WordKind};
use crate::span::Span;

/// The fixes that a rule offers for one effect, best first. One that does not fit the place is not offered.
pub fn fixes(rule: &Rule, teller: &Teller<'_>) -> Vec<Fix> {
    rule.fixes.iter().filter_map(|template| fix(rule, template, teller)).collect()
}

fn fix(rule: &Rule, template: &FixTemplate, teller: &Teller<'_>) -> Option<Fix> {
    let occurrence = teller.occurrence();
    if !is_meant(template, teller) {
        return None;
    }
    let title = template.title.render(|placeholder| teller.tell(placeholder))?;
    let habits = &teller.case.analysis.habits;
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
    if template.kind != FixKind::None && does_harm(rule, template, &place, open, teller) {
        return None;
    }
    let edits = match template.kind {
        FixKind::None => Vec::new(),
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
        FixKind::Own => occurrence.edits.clone(),
        FixKind::Rewrite => vec![Edit { span: here.span, text: text? }],
        FixKind::Reword => vec![Edit { span: occurrence.words?, text: text? }],
        FixKind::Repeatable => {
            let (rewrite, safety) = occurrence.rewrite.as_ref()?;
            if *safety == Safety::Unsafe || may_make_more(teller) {
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

/// Whether a form that can run twice makes the directories above as well: on a file system that is not mounted, say.
fn may_make_more(teller: &Teller<'_>) -> bool {
    let here = teller.occurrence();
    let above =
        here.name.trim_end_matches('/').rsplit_once('/').map(|(above, _)| if above.is_empty() { "/" } else { above });
    let is_there = |above: &str| teller.case.knowledge.is(above, WordKind::AlwaysThere);
    let is_known = above.map_or(!here.name.starts_with('$'), is_there);
    here.effect == EffectKind::Create && here.how == How::Directory && !is_known
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

/// Whether a text means the same within quotes: what a `sh -c`, an `eval` or a trap is given stands in some.
fn is_plain(text: &str) -> bool {
    !text.contains(['"', '\'', '$', '`', '\\'])
}
