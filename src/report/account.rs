//! Why lines are or are not findings: for people and for programs.

use super::one_line;
use crate::account::{Account, Asked, AskedRole, Decision, Fate, Guard, Leave, Loss, Trace, Verdict};
use crate::rules::short;
use crate::source::Source;
use crate::span::Span;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// The accounts of some lines of a file, as text.
pub fn text(source: &Source, lines: &RangeInclusive<u32>, accounts: &[Account]) -> String {
    let mut out = String::new();
    let path = source.path().display();
    if accounts.is_empty() {
        let asked = match (lines.start(), lines.end()) {
            (one, other) if one == other => format!("line {one}"),
            (first, last) => format!("lines {first} to {last}"),
        };
        let _ = writeln!(out, "{path}: no effect begins in {asked}, or no path leads there");
    }
    for account in accounts {
        let place = source.position(account.span.start);
        let function = account.function.as_ref().map(|name| format!(" (in {name})")).unwrap_or_default();
        let _ = writeln!(out, "{path}:{}:{}: {}", place.line, place.column, quoted(source, account.span));
        let _ = writeln!(out, "  {}: {}{function}", account.effect, one_line(&account.target));
        if account.verdicts.is_empty() {
            out.push_str("    no rule asks about such an effect\n");
        }
        for verdict in &account.verdicts {
            let _ = writeln!(out, "    {} {}: {}", verdict.code, verdict.name, decision(&verdict.decision));
            let (never, others): (Vec<&Asked>, Vec<&Asked>) = told(verdict).partition(|asked| is_never(asked));
            for asked in others {
                tell(source, asked, &mut out);
            }
            let done = |asked: &&Asked| if asked.fact == "done" { mark(asked) } else { None };
            let marks: Vec<String> = never.iter().filter_map(|asked| Some(format!("`{}`", done(asked)?))).collect();
            let facts: Vec<String> = never.iter().filter(|asked| done(asked).is_none()).map(|one| fact(one)).collect();
            if !marks.is_empty() {
                let _ = writeln!(out, "      no step in front of it is {}", marks.join(", "));
            }
            if !facts.is_empty() {
                let _ = writeln!(out, "      nothing makes {}", facts.join(", "));
            }
        }
    }
    out
}

/// What is worth telling of what a rule asked: of an excuse that holds, that one alone.
fn told(verdict: &Verdict) -> impl Iterator<Item = &Asked> {
    let excused = verdict.decision == Decision::Excused;
    let harmless = matches!(verdict.decision, Decision::Harmless(_));
    verdict.asked.iter().filter(move |asked| match asked.role {
        AskedRole::Excuse | AskedRole::Repeatable if excused => asked.holds,
        AskedRole::NotYet => !excused,
        AskedRole::Excuse | AskedRole::Repeatable => !harmless,
    })
}

fn decision(decision: &Decision) -> String {
    match decision {
        Decision::Found(severity, confidence, fate) => {
            let shown = match fate {
                Fate::Shown => "shown",
                Fate::Off => "not shown: the rule is off",
                Fate::BelowSeverity => "not shown: below --min-severity",
                Fate::BelowConfidence => "not shown: below --min-confidence",
                Fate::Covered => "not shown: another finding with the same cause speaks for it",
                Fate::Ignored => "not shown: a comment ignores it",
            };
            format!("{} of {} confidence, {shown}", severity.as_str(), confidence.as_str())
        }
        Decision::Excused => "excused".to_owned(),
        Decision::Harmless(why) => format!("no finding: {why}"),
        Decision::NotMeant(why) => format!("not asked: {why}"),
    }
}

fn tell(source: &Source, asked: &Asked, out: &mut String) {
    let fact = fact(asked);
    let head = match (asked.role, asked.holds) {
        (AskedRole::NotYet, true) => format!("{fact}: so on every path"),
        (AskedRole::NotYet, false) => format!("{fact}: no longer"),
        (_, true) => format!("{fact}: on every path"),
        (_, false) => format!("{fact}: not on every path"),
    };
    let _ = writeln!(out, "      {head}");
    match &asked.trace {
        Some(Trace::Held { guards, .. }) => {
            for guard in guards {
                let _ = writeln!(out, "        {}", guarded(source, guard));
            }
        }
        Some(Trace::Missing(losses)) => {
            for loss in losses {
                let _ = writeln!(out, "        {}", lost(source, loss));
            }
        }
        None => {}
    }
}

/// Whether nothing that the script does has to do with an excuse.
fn is_never(asked: &Asked) -> bool {
    let Some(Trace::Missing(losses)) = &asked.trace else { return false };
    let nowhere = losses.iter().all(|loss| matches!(loss, Loss::Never | Loss::Call(_)));
    asked.role != AskedRole::NotYet && nowhere && losses.contains(&Loss::Never)
}

/// A fact and its thing; of what is asked of the script as a whole, the mark.
fn fact(asked: &Asked) -> String {
    match mark(asked) {
        Some(mark) if asked.fact == "done" => format!("a step that is `{mark}` has succeeded"),
        Some(mark) => format!("{} of what is `{mark}`", asked.fact),
        None => format!("{} of {}", asked.fact, one_line(&asked.of)),
    }
}

/// The mark of steps that a fact is about, as docs/knowledge.md lists it.
fn mark(asked: &Asked) -> Option<String> {
    asked.of.strip_prefix("what ").filter(|words| *words != "it stands in").map(|words| words.replace(' ', "-"))
}

fn guarded(source: &Source, guard: &Guard) -> String {
    let outcome = if guard.succeeds { "succeeded" } else { "failed" };
    let mut text = format!("{} {outcome}", placed(source, guard.command));
    if let Some(asked_by) = guard.asked_by {
        let _ = write!(text, ", as {} asks", placed(source, asked_by));
    }
    let leaves: Vec<String> = guard
        .leaves
        .iter()
        .map(|leave| match leave {
            Leave::Command(span) => placed(source, *span),
            Leave::Errexit => "errexit".to_owned(),
        })
        .collect();
    if !leaves.is_empty() {
        let _ = write!(text, "; else the way ends: {}", leaves.join(", "));
    }
    text
}

fn lost(source: &Source, loss: &Loss) -> String {
    match loss {
        Loss::Ended(span) => format!("{} ends it", placed(source, *span)),
        Loss::Unheeded(span) => {
            format!("{} asks, and with the other answer the way leads here too", placed(source, *span))
        }
        Loss::Call(span) => format!("{} calls without it", placed(source, *span)),
        Loss::Elsewhere(span) => format!("{} makes it, and a way past that leads here, too", placed(source, *span)),
        Loss::Never => "on a way from the start nothing makes it".to_owned(),
    }
}

fn placed(source: &Source, span: Span) -> String {
    if span.start as usize >= source.bytes().len() {
        return "a command of a sourced file".to_owned();
    }
    format!("line {} {}", source.position(span.start).line, quoted(source, span))
}

fn quoted(source: &Source, span: Span) -> String {
    format!("`{}`", one_line(&short(&String::from_utf8_lossy(source.slice(span)))))
}

/// The same as one object.
pub fn json(source: &Source, accounts: &[Account]) -> Value {
    let effects = accounts.iter().map(|account| {
        let verdicts = account.verdicts.iter().map(|verdict| verdict_json(source, verdict));
        json!({
            "span": super::json::span(source, account.span),
            "effect": account.effect,
            "target": account.target,
            "function": account.function,
            "verdicts": verdicts.collect::<Vec<_>>(),
        })
    });
    json!({
        "schema_version": super::json::SCHEMA_VERSION,
        "tool": { "name": "noharm", "version": env!("CARGO_PKG_VERSION") },
        "path": source.path().to_string_lossy(),
        "effects": effects.collect::<Vec<_>>(),
    })
}

fn verdict_json(source: &Source, verdict: &Verdict) -> Value {
    let asked = verdict.asked.iter().map(|asked| {
        let (guards, losses) = match &asked.trace {
            Some(Trace::Held { guards, .. }) => {
                (guards.iter().map(|guard| guard_json(source, guard)).collect(), Vec::new())
            }
            Some(Trace::Missing(losses)) => (Vec::new(), losses.iter().map(|loss| loss_json(source, loss)).collect()),
            None => (Vec::<Value>::new(), Vec::<Value>::new()),
        };
        let from_start = matches!(&asked.trace, Some(Trace::Held { from_start: true, .. }));
        let role = match asked.role {
            AskedRole::Excuse => "excuse",
            AskedRole::Repeatable => "repeatable",
            AskedRole::NotYet => "not-yet",
        };
        json!({
            "fact": asked.fact, "of": asked.of, "role": role, "holds": asked.holds,
            "from_start": from_start, "guards": guards, "losses": losses,
        })
    });
    let (word, detail) = match &verdict.decision {
        Decision::Found(severity, confidence, fate) => {
            let fate = match fate {
                Fate::Shown => "shown",
                Fate::Off => "off",
                Fate::BelowSeverity => "below-severity",
                Fate::BelowConfidence => "below-confidence",
                Fate::Covered => "covered",
                Fate::Ignored => "ignored",
            };
            let detail = json!({ "severity": severity.as_str(), "confidence": confidence.as_str(), "fate": fate });
            ("found", detail)
        }
        Decision::Excused => ("excused", Value::Null),
        Decision::Harmless(why) => ("harmless", json!(why)),
        Decision::NotMeant(why) => ("not-meant", json!(why)),
    };
    json!({
        "code": verdict.code, "name": verdict.name, "decision": word, "detail": detail,
        "asked": asked.collect::<Vec<_>>(),
    })
}

fn guard_json(source: &Source, guard: &Guard) -> Value {
    let leaves = guard.leaves.iter().filter_map(|leave| match leave {
        Leave::Command(span) => Some(own_span(source, *span)),
        Leave::Errexit => None,
    });
    json!({
        "command": own_span(source, guard.command),
        "succeeds": guard.succeeds,
        "asked_by": guard.asked_by.map(|span| own_span(source, span)),
        "leaves": leaves.collect::<Vec<_>>(),
        "errexit": guard.leaves.contains(&Leave::Errexit),
    })
}

fn loss_json(source: &Source, loss: &Loss) -> Value {
    let (kind, span) = match loss {
        Loss::Ended(span) => ("ended", Some(*span)),
        Loss::Unheeded(span) => ("unheeded", Some(*span)),
        Loss::Call(span) => ("call", Some(*span)),
        Loss::Elsewhere(span) => ("elsewhere", Some(*span)),
        Loss::Never => ("never", None),
    };
    json!({ "kind": kind, "span": span.map(|span| own_span(source, span)) })
}

/// A span of the script; null for a place in a file that it sources.
fn own_span(source: &Source, span: Span) -> Value {
    if span.start as usize >= source.bytes().len() {
        return Value::Null;
    }
    json!(super::json::span(source, span))
}
