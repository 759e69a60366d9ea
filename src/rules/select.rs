//! Rules applied to effects and facts: which effects match, what excuses them, what becomes a finding.

use super::file::{Condition, Deadline, Debt, EffectPattern, Of, Rule, Text, Trait, Trigger, When};
use super::group;
use super::mend;
use super::registry::Rules;
use super::say::Teller;
use crate::effects::{Analysis, Fact, Occurrence, Owed, ThingId, is_negative};
use crate::finding::{Cause, Confidence, Finding, Label, Severity};
use crate::knowledge::{EffectKind, FactKind, HOLE, How, Knowledge, PathClass, SecondRun, Service};
use crate::role::Role;
use crate::span::Span;
use hashbrown::HashMap;

/// The mark of an effect whose failure leads to something else that acts: found only where it is asked for.
const FALLS_BACK: &str = "falls-back";

/// What rules are told of a script beside its effects.
pub struct Case<'a> {
    /// The effects and what is known where they happen.
    pub analysis: &'a Analysis,
    /// Why the script runs.
    pub role: Role,
    /// Regions that were not read, each with whether a shell would refuse it too.
    pub unread: &'a [(Span, bool)],
    /// What services are.
    pub knowledge: &'a Knowledge,
    /// The rules to judge by.
    pub rules: &'a Rules,
    /// Whether the user wants a rule by its code or its name, even where it is off for the role.
    pub switched_on: &'a dyn Fn(&str, &str) -> bool,
}

impl Case<'_> {
    /// How bad a finding of a rule is in a role. What the user has switched on is a note at least: how bad it is to them
    /// is decided behind this stage.
    fn severity(&self, rule: &Rule, role: Role) -> Severity {
        match rule.severity(role) {
            Severity::Off if (self.switched_on)(&rule.code, &rule.name) => Severity::Note,
            severity => severity,
        }
    }

    /// Why the script runs where an effect happens: what it is told to do may say what nothing else does.
    pub fn role_at(&self, at: usize) -> Role {
        let told = self.analysis.actions[at].as_ref().and_then(|action| action.role);
        told.filter(|_| self.role == Role::Unknown).unwrap_or(self.role)
    }
}

/// The facts that the rules will ask at an effect: they must be followed.
pub fn asked(rules: &Rules, occurrence: &Occurrence) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (rule, pattern) in rules.about(occurrence.effect) {
        if !may_match(pattern, occurrence) {
            continue;
        }
        let given = rule.given.iter().filter_map(|given| match &given.when {
            When::Fact(condition) => Some(condition),
            When::Is(_) => None,
        });
        let fixes = rule.fixes.iter().flat_map(|fix| fix.unless.iter());
        for condition in rule.after.iter().chain(rule.unless.iter()).chain(given).chain(fixes) {
            for thing in things(occurrence, condition.of, &condition.mark) {
                facts.push(Fact { kind: condition.fact, thing });
                facts.extend(condition.with.iter().map(|&kind| Fact { kind, thing }));
            }
        }
    }
    facts
}

/// The marks that some rule asks about.
pub fn marks(rules: &Rules) -> Vec<&str> {
    let conditions = rules.all().flat_map(|rule| {
        let given = rule.given.iter().filter_map(|given| match &given.when {
            When::Fact(condition) => Some(condition),
            When::Is(_) => None,
        });
        let fixes = rule.fixes.iter().flat_map(|fix| fix.unless.iter());
        rule.after.iter().chain(rule.unless.iter()).chain(given).chain(fixes).map(|condition| &condition.mark)
    });
    let owed = rules.all().flat_map(|rule| rule.owes.iter().map(|debt| &debt.mark));
    let mut marks: Vec<&str> = conditions.chain(owed).flat_map(|marks| marks.iter().map(|mark| &**mark)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// The facts that the rules say an effect owes.
pub fn owed(rules: &Rules, occurrence: &Occurrence) -> Vec<Owed> {
    let mut facts = Vec::new();
    for (rule, pattern) in rules.about(occurrence.effect) {
        if may_match(pattern, occurrence) {
            facts.extend(rule.owes.iter().filter_map(|debt| debts(occurrence, debt)));
        }
    }
    facts
}

/// Whether some rule asks of an effect what becomes of its failure.
pub fn asks_of_failure(rules: &Rules, occurrence: &Occurrence) -> bool {
    let patterns = rules.about(occurrence.effect).map(|(_, pattern)| pattern);
    patterns
        .filter(|pattern| {
            let falls_back = pattern.unmarked.iter().any(|mark| &**mark == FALLS_BACK);
            pattern.failure_lost || pattern.failure_told || falls_back
        })
        .any(|pattern| may_match(pattern, occurrence))
}

fn debts(occurrence: &Occurrence, debt: &Debt) -> Option<Owed> {
    let always = debt.by == Deadline::Success;
    let things = things(occurrence, debt.of, &debt.mark).into_iter();
    let facts: Vec<Fact> = things.map(|thing| Fact { kind: debt.fact, thing }).collect();
    (!facts.is_empty()).then_some(Owed { facts, always })
}

/// All findings of all rules, whatever will be shown of them.
pub fn judge(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Most rules ask for one kind of effect, and a long script has effects by the hundred thousand.
    let mut of_kind: HashMap<EffectKind, Vec<usize>> = HashMap::new();
    for (at, occurrence) in case.analysis.occurrences.iter().enumerate() {
        of_kind.entry(occurrence.effect).or_default().push(at);
    }
    for rule in case.rules.all() {
        match &rule.trigger {
            Trigger::Effect(pattern) => {
                let mut places: Vec<usize> = match &pattern.kind[..] {
                    [] => (0..case.analysis.occurrences.len()).collect(),
                    kinds => kinds.iter().filter_map(|kind| of_kind.get(kind)).flatten().copied().collect(),
                };
                places.sort_unstable();
                places.dedup();
                findings.extend(places.into_iter().filter_map(|at| judge_one(rule, pattern, at, case)));
            }
            Trigger::Detector(name) if name == "unread-region" => findings.extend(unread(rule, case)),
            // Ignores are policy's own; it makes their findings.
            Trigger::Detector(_) => {}
        }
    }
    findings
}

/// Whether an effect can match a pattern, by what is known of it without facts.
fn may_match(pattern: &EffectPattern, occurrence: &Occurrence) -> bool {
    let second = |run: SecondRun| pattern.second_run.contains(&run);
    let elsewhere = || occurrence.second_elsewhere.iter().any(|&run| second(run));
    let has = |mark: &str| occurrence.marks.iter().any(|known| **known == *mark);
    (pattern.kind.is_empty() || pattern.kind.contains(&occurrence.effect))
        && (pattern.how.is_empty() || pattern.how.contains(&occurrence.how))
        && (pattern.class.is_empty() || pattern.class.contains(&occurrence.class))
        && !pattern.except.contains(&occurrence.class)
        && (pattern.second_run.is_empty() || second(occurrence.second_run) || elsewhere())
        && (!pattern.reads_target || occurrence.reads_target)
        && (!pattern.replaces || occurrence.replaces())
        && !(occurrence.fresh && (occurrence.effect == EffectKind::Create || pattern.replaces))
        && (!pattern.relative || occurrence.relative)
        && (pattern.marks.is_empty() || pattern.marks.iter().any(|mark| has(mark)))
        && pattern.with_marks.iter().all(|mark| has(mark))
        && !pattern.unmarked.iter().any(|mark| has(mark))
        && (!pattern.variable_path || occurrence.value.is_some())
}

/// The things that a condition speaks of.
pub(super) fn things(occurrence: &Occurrence, of: Of, marks: &[Text]) -> Vec<ThingId> {
    match of {
        Of::Target => vec![occurrence.target],
        Of::Entry => occurrence.entry.into_iter().collect(),
        Of::Source => occurrence.source.into_iter().collect(),
        Of::Service => occurrence.services.clone(),
        Of::Parent => occurrence.parent.into_iter().collect(),
        Of::Text => occurrence.text.into_iter().collect(),
        Of::Value => occurrence.value.into_iter().collect(),
        Of::Step => occurrence.directory_step.into_iter().collect(),
        Of::Directory => occurrence.directory_path.into_iter().collect(),
        Of::Run => vec![occurrence.run],
        Of::Mark => marks.iter().filter_map(|mark| occurrence.asked_marks.get(&**mark)).copied().collect(),
    }
}

/// Whether a condition holds of every thing it speaks of (and there is one).
pub(super) fn holds(case: &Case<'_>, at: usize, condition: &Condition) -> bool {
    holds_by(case, at, condition, &|fact| case.analysis.holds(at, fact))
}

fn holds_by(case: &Case<'_>, at: usize, condition: &Condition, holds: &dyn Fn(Fact) -> bool) -> bool {
    let occurrence = &case.analysis.occurrences[at];
    let things = things(occurrence, condition.of, &condition.mark);
    let of_all = |is_so: &dyn Fn(&ThingId) -> bool| match condition.of {
        // What one kind of command did, another need not.
        Of::Mark => things.iter().any(is_so),
        _ => !things.is_empty() && things.iter().all(is_so),
    };
    condition.is_asked_of(occurrence.how)
        && of_all(&|&thing| {
            std::iter::once(condition.fact)
                .chain(condition.with.iter().copied())
                .all(|kind| holds(Fact { kind, thing }))
        })
}

/// Whether the event behind a negative fact happened on some path, for some thing.
fn happened(case: &Case<'_>, at: usize, condition: &Condition) -> Option<Fact> {
    debug_assert!(is_negative(condition.fact));
    things(&case.analysis.occurrences[at], condition.of, &condition.mark)
        .into_iter()
        .map(|thing| Fact { kind: condition.fact, thing })
        .find(|&fact| !case.analysis.holds(at, fact))
}

/// Whether an effect happens only where the script is told to do one of these.
fn is_told_only(case: &Case<'_>, at: usize, actions: &[Text]) -> bool {
    let told = case.analysis.actions[at].as_ref();
    told.is_some_and(|told| told.words.iter().all(|word| actions.iter().any(|action| **action == **word)))
}

/// What makes an effect a hazard by a rule.
pub(super) struct Hazard<'a> {
    /// The negative facts that were ended on some path.
    events: Vec<Fact>,
    severity: Severity,
    /// The service concerned.
    service: Option<&'a Service>,
}

/// Why an effect is none by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// The rule does not look at such an effect.
    NotMeant,
    /// A fact excuses it.
    Excused,
    /// What would make it a hazard is not so, in words.
    Harmless(&'static str),
}

/// Weighs an effect by a rule.
pub(super) fn weigh<'a>(
    rule: &Rule,
    pattern: &EffectPattern,
    at: usize,
    case: &Case<'a>,
) -> Result<Hazard<'a>, Silence> {
    let occurrence = &case.analysis.occurrences[at];
    if !may_match(pattern, occurrence) {
        return Err(Silence::NotMeant);
    }
    if !pattern.actions.is_empty() && !is_told_only(case, at, &pattern.actions) {
        return Err(Silence::NotMeant);
    }
    if occurrence.effect == EffectKind::Status && is_dead(case, at) {
        return Err(Silence::Harmless("nothing in the script comes to it"));
    }
    if !pattern.second_run.is_empty() && !pattern.second_run.contains(&occurrence.second_run) {
        return Err(Silence::Harmless("a second run does no harm here"));
    }
    let service = occurrence
        .services
        .first()
        .and_then(|&thing| case.analysis.name(thing))
        .and_then(|name| case.knowledge.service(name));
    if pattern.needs_validator && service.is_none_or(|service| service.validators.is_empty()) {
        return Err(Silence::Harmless("no command is known that could check it"));
    }
    let loud = occurrence.second_run == SecondRun::Fails;
    if pattern.skips && (loud || occurrence.effect == EffectKind::Status) && case.analysis.skipped[at].is_none() {
        return Err(Silence::Harmless("nothing is skipped where it fails here"));
    }
    if !pattern.second_run.is_empty() && occurrence.excuses.iter().any(|&fact| case.analysis.holds(at, fact)) {
        return Err(Silence::Excused);
    }
    let as_handed = |fact: Fact| case.analysis.holds_as_handed(at, fact);
    let is_handed = handed_at(pattern, occurrence).is_some();
    let excuses =
        |condition: &Condition| holds(case, at, condition) || is_handed && holds_by(case, at, condition, &as_handed);
    if rule.unless.iter().any(excuses) {
        return Err(Silence::Excused);
    }
    if pattern.failure_lost && !case.analysis.loses_failure(at) {
        return Err(Silence::Harmless("its failure is told by the status of the script"));
    }
    if pattern.failure_told && !case.analysis.tells_failure(at) {
        return Err(Silence::Harmless("its failure is passed over"));
    }
    let mut events = Vec::new();
    for condition in rule.after.iter().filter(|condition| condition.is_asked_of(occurrence.how)) {
        events.push(
            happened(case, at, condition).ok_or(Silence::Harmless("what would make it a hazard has not happened"))?,
        );
    }
    for debt in rule.owes.iter() {
        if !debts(occurrence, debt).is_some_and(|owed| case.analysis.is_unpaid(at, owed)) {
            return Err(Silence::Harmless("every way to the end does what must follow it, or none does"));
        }
    }
    let mut severity = case.severity(rule, case.role_at(at));
    for given in rule.given.iter() {
        let is = match &given.when {
            When::Fact(condition) => holds(case, at, condition),
            When::Is(Trait::Loud) => loud,
            When::Is(Trait::Silent) => !loud && occurrence.second_run != SecondRun::Ok,
            When::Is(Trait::Many) => takes_many(occurrence),
            When::Is(Trait::Claimed) => occurrence.claimed && occurrence.is_own(),
            When::Is(Trait::TakenOver) => occurrence.claimed && !occurrence.is_own(),
            When::Is(Trait::Kept) => occurrence.keeps_old,
            When::Is(Trait::Undone) => is_undone(case, at),
            When::Is(Trait::Passing) => is_undone(case, at) && occurrence.is_own(),
            When::Is(Trait::Questioned) => case.analysis.is_questioned(at),
            When::Is(Trait::ValidatesItself) => service.is_some_and(|service| match occurrence.how {
                How::Reload => service.validates_on.reload,
                How::Restart => service.validates_on.restart,
                How::Start => service.validates_on.start,
                _ => false,
            }),
        };
        if is != given.absent {
            severity = given.severity.apply(severity);
        }
    }
    if severity == Severity::Off {
        return Err(Silence::Harmless("the rule is off for a script of this role, or for such a thing"));
    }
    Ok(Hazard { events, severity, service })
}

/// The finding of a rule at an effect, if it is one.
pub(super) fn judge_one(rule: &Rule, pattern: &EffectPattern, at: usize, case: &Case<'_>) -> Option<Finding> {
    let Hazard { events, severity, service } = weigh(rule, pattern, at, case).ok()?;
    let occurrence = &case.analysis.occurrences[at];
    // What a sourced file does is told where it is checked; but if this script made it a hazard, at its call.
    let span = if case.analysis.is_own(occurrence.span) {
        handed_at(pattern, occurrence).unwrap_or_else(|| told_at(occurrence))
    } else {
        let made_here =
            |&event: &Fact| case.analysis.ended_at(at, event).is_some_and(|spot| case.analysis.is_own(spot.span));
        let event = *events.first().filter(|_| events.iter().all(made_here))?;
        case.analysis.own_call(at, event)?
    };
    let teller = Teller { case, at, service, events: &events };
    let message = rule.message.render(|placeholder| teller.tell(placeholder))?;
    let mut labels = Vec::new();
    for &event in &events {
        let text = rule
            .labels
            .iter()
            .find(|(kind, _)| *kind == event.kind)
            .and_then(|(_, template)| template.render(|placeholder| teller.tell(placeholder)));
        let spot = case.analysis.ended_at(at, event).filter(|spot| case.analysis.is_own(spot.span));
        if let (Some(text), Some(spot)) = (text, spot) {
            labels.push(Label { span: spot.span, text, speaks_for: None });
        }
    }
    let function = case.analysis.functions[at].as_deref().unwrap_or_default();
    Some(Finding {
        code: (&*rule.code).into(),
        name: (&*rule.name).into(),
        severity,
        confidence: confidence(rule, pattern, at, case),
        message,
        help: rule.help.as_ref().and_then(|help| help.render(|placeholder| teller.tell(placeholder))),
        span,
        label: rule.label.as_ref().and_then(|label| label.render(|placeholder| teller.tell(placeholder))),
        labels,
        fixes: if case.analysis.is_own(occurrence.span) { mend::fixes(rule, &teller) } else { Vec::new() },
        covers: rule.covers.iter().map(|code| (&**code).into()).collect(),
        cause: group::cause(rule, at, &events, case),
        subject: format!("{} {} {function}", occurrence.command, occurrence.name),
    })
}

/// The call that has handed a function what makes its effect a hazard, where others hand it something else.
fn handed_at(pattern: &EffectPattern, occurrence: &Occurrence) -> Option<Span> {
    let handed = occurrence.handed.as_ref()?;
    let mut asked = pattern.marks.iter().chain(pattern.with_marks.iter());
    asked.any(|mark| **mark == *handed.mark).then_some(handed.first)
}

/// Where an effect is told of: of a command that goes over several lines, where the redirection leads that has it.
fn told_at(occurrence: &Occurrence) -> Span {
    let redirected = occurrence.operand.filter(|operand| {
        let length = operand.start.saturating_sub(occurrence.span.start) as usize;
        let before = occurrence.written.get(..length).unwrap_or_default();
        let mut lines = before.split('\n').rev().skip(1).peekable();
        lines.peek().is_some() && lines.all(|line| line.ends_with('\\')) && before.trim_end().ends_with('>')
    });
    redirected.unwrap_or(occurrence.span)
}

/// A delete of a tree, or of whatever a pattern matches.
fn takes_many(occurrence: &Occurrence) -> bool {
    occurrence.effect == EffectKind::Delete && (occurrence.how == How::Tree || occurrence.name.contains(['*', '?']))
}

/// Whether the same run takes an effect back wherever it comes to its end.
fn is_undone(case: &Case<'_>, at: usize) -> bool {
    case.analysis.remains(at).is_some_and(<[_]>::is_empty)
}

/// Whether an effect stands where nothing in the script comes to, and nobody else does.
fn is_dead(case: &Case<'_>, at: usize) -> bool {
    case.analysis.unused[at] && case.role_at(at) != Role::Library
}

/// How sure the reading is: a cap, an unread region or a guess costs confidence, never the finding. Each doubt
/// costs a level; what can hide an excuse altogether costs all of them.
fn confidence(rule: &Rule, pattern: &EffectPattern, at: usize, case: &Case<'_>) -> Confidence {
    let occurrence = &case.analysis.occurrences[at];
    let excusable = !rule.unless.is_empty() || !rule.after.is_empty();
    let is_hidden = !case.analysis.complete || occurrence.likely_renewed;
    if is_hidden && excusable || !occurrence.exact || is_dead(case, at) {
        return Confidence::Low;
    }
    let asks_of_again = !pattern.second_run.is_empty();
    let doubts = [
        // Who runs it, and how often?
        case.role_at(at) == Role::Unknown,
        // What is there, and who made it? What the text itself says is as true there as here.
        occurrence.elsewhere && !is_of_text(rule, pattern),
        !pattern.class.is_empty()
            && occurrence.class_guessed
            && !(asks_of_again && is_spelled_out(occurrence) || is_called_after_source(occurrence)),
        case.analysis.uncalled[at] && excusable,
        occurrence.foreign && excusable,
        // That it prints nothing is a guess.
        occurrence.named_elsewhere,
        pattern.doubted.iter().any(|mark| occurrence.marks.iter().any(|has| **has == **mark)),
        // It is made for a while: the second run finds it only if the first one died.
        occurrence.transient && occurrence.effect == EffectKind::Create && !pattern.replaces,
    ];
    let doubts = doubts.iter().filter(|&&doubt| doubt).count();
    let surest = if pattern.replaces { surest_loss(occurrence, case.knowledge) } else { Confidence::High };
    let sure = match (rule.confidence, doubts) {
        (sure, 0) => sure,
        (Confidence::High, 1) => Confidence::Medium,
        // The rule's own doubt and that about the role are of one kind.
        (Confidence::Medium, 1) if case.role_at(at) == Role::Unknown => Confidence::Medium,
        _ => Confidence::Low,
    };
    sure.min(surest)
}

/// Whether a relative name is all written out: `settings.yml`. Wherever the script runs, it is the same file again.
fn is_spelled_out(occurrence: &Occurrence) -> bool {
    occurrence.relative && !occurrence.name.contains(['$', '`', '*', '?', '['])
}

/// Whether what is copied lends the copy its name: `$file` and `${file}_backup`. That it is one is no guess.
fn is_called_after_source(occurrence: &Occurrence) -> bool {
    let bare = |name: &str| name.replace(['{', '}', '"'], "");
    let name = bare(&occurrence.name);
    let source = occurrence.source_name.as_deref().map(bare).unwrap_or_default();
    occurrence.class == PathClass::Backup
        && !source.is_empty()
        && name.len() > source.len()
        && name.starts_with(&source)
}

/// Whether a rule asks for nothing but what the script says by itself: of values, of its own steps, of one command, of what it
/// tries.
fn is_of_text(rule: &Rule, pattern: &EffectPattern) -> bool {
    let mut conditions = rule.after.iter().chain(rule.unless.iter());
    pattern.class.is_empty()
        && pattern.second_run.is_empty()
        && rule.owes.iter().all(|debt| debt.fact == FactKind::Tried)
        && conditions.all(|condition| matches!(condition.of, Of::Value | Of::Step))
}

/// How sure it is at best that content is lost: what makes way for a link may be one, of an earlier run or of whoever set
/// up the system. Of units, of keys and of what every system has it mostly is, and so it is where only the name says that
/// it is a configuration: outside of the places where these are kept a link leads to the one that is.
fn surest_loss(occurrence: &Occurrence, knowledge: &Knowledge) -> Confidence {
    let is_kept_there = || {
        let (place, _) = occurrence.name.rsplit_once('/').unwrap_or_default();
        knowledge.path_class(&format!("{place}/{HOLE}")) == PathClass::Config
    };
    match (occurrence.effect, occurrence.class) {
        (EffectKind::Create, PathClass::Config) if !occurrence.class_guessed && is_kept_there() => Confidence::Medium,
        (EffectKind::Create, _) => Confidence::Low,
        _ => Confidence::High,
    }
}

/// More regions of a file than this are one finding.
const MOST_UNREAD: usize = 4;

fn unread(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let severity = case.severity(rule, case.role);
    if severity == Severity::Off {
        return Vec::new();
    }
    // A file that is no shell at all is told once.
    let cause = Cause { thing: (case.unread.len() > MOST_UNREAD).then(|| "unread".into()), ..Cause::default() };
    case.unread
        .iter()
        .filter_map(|&(span, is_refused)| {
            // That only this reader does not understand it is no fault of the script.
            let severity = if is_refused { severity } else { severity.min(Severity::Note) };
            let message = rule.message.render(|_| Some("this region".to_owned()))?;
            Some(Finding {
                code: (&*rule.code).into(),
                name: (&*rule.name).into(),
                severity,
                confidence: rule.confidence,
                message,
                help: rule.help.as_ref().and_then(|help| help.render(|_| None)),
                span,
                label: rule.label.as_ref().and_then(|label| label.render(|_| None)),
                labels: Vec::new(),
                fixes: Vec::new(),
                covers: Vec::new(),
                cause: cause.clone(),
                subject: "unread".to_owned(),
            })
        })
        .collect()
}
