//! What every rule made of an effect, and by which facts: for `--explain`.

use super::file::{Condition, EffectPattern, Of, Rule, Trigger};
use super::select::{Case, Silence, holds, judge_one, things, weigh};
use crate::account::{Account, Asked, AskedRole, Decision, Fate, Verdict};
use crate::effects::{Fact, Occurrence, ThingId, word};
use crate::span::Span;

/// The accounts of all effects that begin in a part of the script; every finding counts as shown.
pub fn accounts(case: &Case<'_>, within: Span) -> Vec<Account> {
    let occurrences = case.analysis.occurrences.iter().enumerate();
    occurrences
        .filter(|(_, occurrence)| within.range().contains(&(occurrence.span.start as usize)))
        .map(|(at, occurrence)| Account {
            span: occurrence.span,
            effect: format!("{} {}", word(&occurrence.effect), word(&occurrence.how)),
            target: occurrence.name.clone(),
            function: case.analysis.functions[at].as_ref().map(ToString::to_string),
            verdicts: case.rules.all().filter_map(|rule| verdict(rule, at, case)).collect(),
        })
        .collect()
}

/// What a rule says of an effect; nothing where it does not look at effects of its kind.
fn verdict(rule: &Rule, at: usize, case: &Case<'_>) -> Option<Verdict> {
    let Trigger::Effect(pattern) = &rule.trigger else { return None };
    let occurrence = &case.analysis.occurrences[at];
    let is_such =
        pattern.kind.contains(&occurrence.effect) && (pattern.how.is_empty() || pattern.how.contains(&occurrence.how));
    if !is_such {
        return None;
    }
    let weighed = weigh(rule, pattern, at, case).map(|_| ());
    // What is about another kind of command is no answer to why.
    let is_of_others =
        weighed == Err(Silence::NotMeant) && (!pattern.marks.is_empty() || !pattern.with_marks.is_empty());
    let never_ran = |condition: &Condition| condition.of == Of::Mark && holds(case, at, condition);
    if is_of_others || weighed.is_err() && rule.after.iter().any(never_ran) {
        return None;
    }
    let decision = match weighed {
        Ok(()) => {
            let finding = judge_one(rule, pattern, at, case)?;
            Decision::Found(finding.severity, finding.confidence, Fate::Shown)
        }
        Err(Silence::Excused) => Decision::Excused,
        Err(Silence::Harmless(why)) => Decision::Harmless(why),
        Err(Silence::NotMeant) => Decision::NotMeant(not_meant(pattern, occurrence)),
    };
    let asked = if weighed == Err(Silence::NotMeant) { Vec::new() } else { asked(rule, pattern, at, case) };
    Some(Verdict { code: rule.code.to_string(), name: rule.name.to_string(), decision, asked })
}

/// What of an effect a rule does not look at.
fn not_meant(pattern: &EffectPattern, occurrence: &Occurrence) -> String {
    let class = word(&occurrence.class);
    if pattern.except.contains(&occurrence.class)
        || !pattern.class.is_empty() && !pattern.class.contains(&occurrence.class)
    {
        return format!("it does not look at what is `{class}`");
    }
    if !pattern.second_run.is_empty() {
        return match word(&occurrence.second_run).as_str() {
            "ok" => "a second run changes nothing".to_owned(),
            second => format!("it does not look at what a second run does so: {second}"),
        };
    }
    if pattern.replaces && !occurrence.replaces() {
        return "it takes the place of nothing".to_owned();
    }
    if pattern.relative && !occurrence.relative {
        return "the path does not depend on a `cd`".to_owned();
    }
    if pattern.variable_path {
        return "no variable that could be empty begins the path".to_owned();
    }
    "it does not look at such an effect".to_owned()
}

/// The facts that a rule asks for at an effect.
fn asked(rule: &Rule, pattern: &EffectPattern, at: usize, case: &Case<'_>) -> Vec<Asked> {
    let occurrence = &case.analysis.occurrences[at];
    let mut all = Vec::new();
    if !pattern.second_run.is_empty() {
        let excuses = occurrence.excuses.iter();
        all.extend(excuses.map(|&fact| one(fact, named(Of::Target, fact, at, case), AskedRole::Repeatable, at, case)));
    }
    for (conditions, role) in [(&rule.unless, AskedRole::Excuse), (&rule.after, AskedRole::NotYet)] {
        for condition in conditions.iter().filter(|condition| condition.is_asked_of(occurrence.how)) {
            all.extend(told(condition, role, at, case));
        }
    }
    // What excuses a rule may also be what makes a second run harmless.
    let mut seen = Vec::new();
    all.retain(|asked| {
        let is_new = !seen.contains(&(asked.fact.clone(), asked.of.clone()));
        seen.push((asked.fact.clone(), asked.of.clone()));
        is_new
    });
    all
}

fn told(condition: &Condition, role: AskedRole, at: usize, case: &Case<'_>) -> Vec<Asked> {
    let things = things(&case.analysis.occurrences[at], condition.of, &condition.mark);
    let facts = things.into_iter().map(|thing| Fact { kind: condition.fact, thing });
    let mut told: Vec<Asked> =
        facts.map(|fact| one(fact, named(condition.of, fact, at, case), role, at, case)).collect();
    // An excuse must hold of all that it is asked of, and together with what is asked beside it.
    if role == AskedRole::Excuse {
        let excused = holds(case, at, condition);
        for asked in &mut told {
            asked.holds &= excused;
        }
    }
    told
}

fn one(fact: Fact, of: String, role: AskedRole, at: usize, case: &Case<'_>) -> Asked {
    let holds = case.analysis.holds(at, fact);
    Asked { fact: word(&fact.kind), of, role, holds, trace: case.analysis.trace(at, fact).cloned() }
}

/// The thing of a fact, as a person names it.
fn named(of: Of, fact: Fact, at: usize, case: &Case<'_>) -> String {
    let occurrence = &case.analysis.occurrences[at];
    let or = |name: Option<String>, other: &str| name.unwrap_or_else(|| other.to_owned());
    match of {
        // What makes a second run harmless may be about another thing than the target.
        Of::Target if fact.thing != occurrence.target => "what it stands in".to_owned(),
        Of::Target | Of::Entry => occurrence.name.clone(),
        Of::Source => or(occurrence.source_name.clone(), "its source"),
        Of::Service => or(case.analysis.name(fact.thing).map(str::to_owned), &occurrence.name),
        Of::Parent => format!("the directory of {}", occurrence.name),
        Of::Text => or(occurrence.text_written.clone(), "the text"),
        Of::Value => {
            let written = occurrence.variable.as_ref().map(|(_, name)| format!("${name}"));
            or(written.or_else(|| case.analysis.variable(fact.thing).map(|name| format!("${name}"))), "the variable")
        }
        Of::Step => "the step that changed the directory".to_owned(),
        Of::Directory => or(occurrence.directory.clone(), "the working directory"),
        Of::Run => "this run".to_owned(),
        Of::Mark => mark_of(fact.thing, occurrence),
    }
}

/// The mark that a thing is, in words.
fn mark_of(thing: ThingId, occurrence: &Occurrence) -> String {
    let mark = occurrence.asked_marks.iter().find(|(_, known)| **known == thing);
    mark.map_or_else(String::new, |(mark, _)| format!("what {}", mark.replace('-', " ")))
}
