//! What an end that a fix puts in would leave open.

use super::file::FixKind;
use super::say::Teller;
use crate::effects::{Habits, Occurrence, Open, Spot};

/// What the run has open where a text of this kind stands.
pub fn open_at<'a>(kind: FixKind, occurrence: &Occurrence, spot: &Spot, teller: &Teller<'a>) -> Option<&'a Open> {
    let around = |spot: &Spot| teller.case.analysis.open_around(spot.span);
    match kind {
        // Somebody else acts on the failure of the check then, or nobody does: nothing ends.
        FixKind::Before if !spot.last || spot.swallowed.is_some() => None,
        FixKind::AfterMessage => around(occurrence.message.as_ref()?)?.before.as_ref(),
        FixKind::After
        | FixKind::PollAfter
        | FixKind::OrElse
        | FixKind::Pipefail
        | FixKind::Option
        | FixKind::Beside
        | FixKind::Aside
        | FixKind::Own => around(spot)?.behind.as_ref(),
        _ => around(spot)?.before.as_ref(),
    }
}

/// Whether a text that the engine has written ends what has something open.
pub fn ends(text: &str, open: Option<&Open>, habits: &Habits) -> bool {
    let returns = text.contains("return") && open.is_some_and(|open| open.is_closed_here || habits.has_errexit);
    returns || text.contains("exit")
}
