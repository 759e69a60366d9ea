//! The plan: every effect with what is known where it happens, as rows.

use super::Analysis;
use crate::knowledge::{PathClass, SecondRun, ThingKind};
use crate::plan::PlanRow;

/// The rows of a script, in order of position.
pub fn plan(analysis: &Analysis) -> Vec<PlanRow> {
    analysis
        .occurrences
        .iter()
        .enumerate()
        .filter(|(_, occurrence)| occurrence.class != PathClass::Stream)
        .map(|(at, occurrence)| {
            let kind = analysis.thing(occurrence.target).kind;
            let class = match kind {
                ThingKind::Path | ThingKind::Text => word(&occurrence.class),
                _ => word(&kind),
            };
            let mut facts: Vec<String> = analysis.known(at, occurrence.target).map(|fact| word(&fact)).collect();
            for &service in occurrence.services.iter().filter(|&&service| service != occurrence.target) {
                facts.extend(analysis.known(at, service).map(|fact| format!("{} (service)", word(&fact))));
            }
            PlanRow {
                span: occurrence.span,
                effect: word(&occurrence.effect),
                how: Some(word(&occurrence.how)),
                target: occurrence.name.clone(),
                class,
                second_run: (occurrence.second_run != SecondRun::Ok).then(|| word(&occurrence.second_run)),
                facts,
                function: analysis.functions[at].as_ref().map(ToString::to_string),
            }
        })
        .collect()
}

/// The kebab-case word of a closed enum.
fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}
