//! From a rule's fixes to edits at one effect.

use super::file::{Condition, FixKind, FixTemplate, Rule};
use super::say::Teller;
use crate::effects::{Fact, RewriteText, Spot};
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
    let edits = match template.kind {
        FixKind::None => Vec::new(),
        _ if occurrence.elsewhere => return None,
        // What the script removed itself cannot be kept any more: a line before this command comes too late.
        FixKind::Before if removed(rule, teller) => return None,
        // What it stopped would stay stopped.
        FixKind::Before if stopped(rule, teller) => return None,
        FixKind::Before => before(&text?, here)?,
        FixKind::Guard => guard(&text?, here),
        FixKind::OrElse => or_else(&text?, here)?,
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
    Some(Fix { title, applicability, edits })
}

/// Whether the script removed the target on some way here, for a rule that cares.
fn removed(rule: &Rule, teller: &Teller<'_>) -> bool {
    let kind = FactKind::NotRemovedHere;
    let asks = rule.unless.iter().any(|condition| condition.with.contains(&kind));
    asks && !teller.case.analysis.holds(teller.at, Fact { kind, thing: teller.occurrence().target })
}

/// Whether it is a hazard because the script stopped the service before.
fn stopped(rule: &Rule, teller: &Teller<'_>) -> bool {
    let is_asked = |asked: &Condition| asked.fact == FactKind::NotStoppedHere && !asked.how.is_empty();
    rule.after.iter().any(|asked| is_asked(asked) && asked.is_asked_of(teller.occurrence().how))
}

/// A line of its own before the statement; in a list, in front of the command itself.
fn before(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    if spot.piped {
        return None;
    }
    Some(match &spot.indent {
        Some(indent) if spot.alone => {
            vec![Edit { span: Span::at(spot.statement.start), text: format!("{text}\n{indent}") }]
        }
        _ if spot.alone => vec![Edit { span: Span::at(spot.span.start), text: format!("{text}; ") }],
        _ => vec![Edit { span: Span::at(spot.span.start), text: format!("{{ {text}; }} && ") }],
    })
}

/// `text || command`; in braces where the command is a part of a list.
fn guard(text: &str, spot: &Spot) -> Vec<Edit> {
    if spot.alone {
        return vec![Edit { span: Span::at(spot.span.start), text: format!("{text} || ") }];
    }
    vec![
        Edit { span: Span::at(spot.span.start), text: format!("{{ {text} || ") },
        Edit { span: Span::at(spot.span.end), text: "; }".to_owned() },
    ]
}

/// `command || text`, in place of a `|| true`.
fn or_else(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    if spot.piped || !spot.last {
        return None;
    }
    match spot.swallowed {
        Some(span) => Some(vec![Edit { span, text: format!(" || {text}") }]),
        None if spot.alone => Some(vec![Edit { span: Span::at(spot.span.end), text: format!(" || {text}") }]),
        None => None,
    }
}
