//! A loop that asks until the answer is yes, for half a minute at most, as text. What then follows judges for itself.

use super::edits::{before, laid_out};
use crate::effects::Spot;
use crate::finding::Edit;
use crate::span::Span;

/// So often it is asked, once a second: longer than a start takes when all is well.
const MOST: u32 = 30;

/// The lines of the loop. Where `|| exit 1` stands behind the question, it is asked once more behind the loop, and the answer
/// counts.
pub fn poll(text: &str, counter: &str) -> Option<String> {
    if text.contains('\n') {
        return None;
    }
    let judged = text.rsplit_once(" || ").filter(|(_, stop)| stop.starts_with("exit ") || stop.starts_with("return "));
    let question = judged.map_or(text, |(question, _)| question);
    let verdict = if judged.is_some() { format!("\n{text}") } else { String::new() };
    Some(format!(
        "{counter}=0\nuntil {question} || [ \"${counter}\" -ge {MOST} ]; do\n    {counter}=$(({counter} + 1))\n    sleep 1\ndone{verdict}"
    ))
}

/// A loop in front of a statement, which the statement is no part of.
pub fn before_all(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    match &spot.indent {
        Some(indent) if spot.span.start == spot.statement.start => {
            let text = format!("{}\n{indent}", laid_out(text, Some(indent)));
            Some(vec![Edit { span: Span::at(spot.lead), text }])
        }
        _ => (spot.alone && spot.last).then(|| before(&laid_out(text, None), spot)).flatten(),
    }
}

/// A loop instead of a command that is a whole statement.
pub fn instead(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    let text = laid_out(text, spot.indent.as_deref());
    (spot.alone && spot.last && !spot.piped).then(|| vec![Edit { span: spot.span, text }])
}
