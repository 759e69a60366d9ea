//! Rules for people and programs: the list, and one rule's page.

use crate::finding::{Applicability, RuleCard};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The list of rules as aligned columns.
///
/// # Errors
/// The writer's.
pub fn list(cards: &[RuleCard], out: &mut dyn Write) -> io::Result<()> {
    let widest = |text: fn(&RuleCard) -> &str| cards.iter().map(|card| text(card).len()).max().unwrap_or(0);
    let (code, width) = (widest(|card| &card.code), widest(|card| &card.name));
    for card in cards {
        let severity = card.severity.as_str();
        writeln!(
            out,
            "{:<code$}  {:<width$}  {severity:<7}  {:<6}  {}",
            card.code,
            card.name,
            fix_word(card),
            card.summary
        )?;
    }
    Ok(())
}

/// The list of rules for programs.
pub fn list_json(cards: &[RuleCard]) -> Value {
    Value::Array(cards.iter().map(card_json).collect())
}

/// One rule's page.
///
/// # Errors
/// The writer's.
pub fn page(card: &RuleCard, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} {}", card.code, card.name)?;
    write!(out, "severity {}", card.severity.as_str())?;
    for (role, severity) in &card.by_role {
        write!(out, ", {} for {}", severity.as_str(), role.as_str())?;
    }
    writeln!(out, "; confidence {}; fix: {}", card.confidence.as_str(), fix_word(card))?;
    if let Some(url) = &card.url {
        writeln!(out, "{url}")?;
    }
    writeln!(out, "\n{}", card.page.trim_end())
}

/// One rule for programs.
pub fn card_json(card: &RuleCard) -> Value {
    let by_role: serde_json::Map<String, Value> =
        card.by_role.iter().map(|(role, severity)| (role.as_str().to_owned(), json!(severity))).collect();
    json!({
        "code": card.code,
        "name": card.name,
        "summary": card.summary,
        "severity": card.severity,
        "severity_by_role": by_role,
        "confidence": card.confidence,
        "fix": card.fix,
        "url": card.url,
        "page": card.page,
    })
}

fn fix_word(card: &RuleCard) -> &'static str {
    match card.fix {
        Some(Applicability::Safe) => "safe",
        Some(Applicability::Unsafe) => "unsafe",
        Some(Applicability::Manual) => "manual",
        None => "none",
    }
}
