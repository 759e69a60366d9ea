//! The plan: every effect with what is known where it happens, as rows.

use super::Analysis;
use super::thing::ThingId;
use crate::knowledge::{FactKind, PathClass, SecondRun, ThingKind};
use crate::plan::{PlanCondition, PlanRow};

/// The rows of a script, in order of position.
pub fn plan(analysis: &Analysis) -> Vec<PlanRow> {
    analysis
        .occurrences
        .iter()
        .enumerate()
        .filter(|(_, occurrence)| occurrence.class != PathClass::Stream && analysis.is_own(occurrence.span))
        // What is in a loop, or behind a status, is told by itself.
        .filter(|(_, occurrence)| !occurrence.is_of_flow())
        .map(|(at, occurrence)| {
            let kind = analysis.thing(occurrence.target).kind;
            let (class, class_guessed) = match kind {
                ThingKind::Path | ThingKind::Text => (word(&occurrence.class), occurrence.class_guessed),
                _ => (word(&kind), false),
            };
            let mut facts: Vec<String> = told(analysis, at, occurrence.target).iter().map(word).collect();
            for &service in occurrence.services.iter().filter(|&&service| service != occurrence.target) {
                facts.extend(told(analysis, at, service).iter().map(|fact| format!("{} (service)", word(fact))));
            }
            let mut only_if: Vec<PlanCondition> = analysis.conditions.of(at).cloned().collect();
            only_if.reverse();
            PlanRow {
                span: occurrence.span,
                effect: word(&occurrence.effect),
                how: Some(word(&occurrence.how)),
                target: occurrence.name.clone(),
                class,
                class_guessed,
                second_run: (occurrence.second_run != SecondRun::Ok).then(|| word(&occurrence.second_run)),
                facts,
                action: analysis.actions[at].iter().flat_map(|action| &action.words).map(ToString::to_string).collect(),
                action_role: analysis.actions[at].as_ref().and_then(|action| action.role),
                only_if,
                function: analysis.functions[at].as_ref().map(ToString::to_string),
            }
        })
        .collect()
}

/// What is known of a thing, without what goes without saying.
fn told(analysis: &Analysis, at: usize, thing: ThingId) -> Vec<FactKind> {
    let mut facts: Vec<FactKind> = analysis.known(at, thing).collect();
    if facts.contains(&FactKind::ConfigValid) || facts.contains(&FactKind::Unwritten) {
        facts.retain(|&fact| fact != FactKind::NothingUnchecked);
    }
    facts
}

/// The kebab-case word of a closed enum.
pub fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}
