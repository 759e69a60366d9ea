//! Secrets of which the script asks somewhere whether they are there: it makes them anew on purpose.
//!
//! ```sh
//! if [ "$1" != --force ] && [ -f "$key" ]; then exit 0; fi
//! openssl genrsa -out "$key" 2048
//! ```
//! No fact about the key holds behind this: on one way it is missing, on the other somebody has asked for a new one.

use super::step::{Condition, Occurrence, Step};
use super::thing::{Fact, ThingId};
use crate::knowledge::FactKind;
use hashbrown::HashSet;

/// The mark of what makes a secret.
const MAKES_SECRET: &str = "makes-secret";
/// The mark of one that is asked for somewhere.
const ASKED_SOMEWHERE: &str = "asked-somewhere";

/// Marks the effects that make a secret of which some test of the script asks.
pub fn mark(steps: &[Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let makes = |occurrence: &Occurrence| occurrence.marks.iter().any(|mark| &**mark == MAKES_SECRET);
    if !occurrences.iter().any(makes) {
        return;
    }
    let mut asked: HashSet<ThingId> = HashSet::new();
    for condition in steps.iter().flatten().filter_map(|step| step.condition.as_deref()) {
        condition.each(&mut |question| {
            if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = question {
                let answers = |fact: &&Fact| {
                    matches!(fact.kind, FactKind::Exists | FactKind::IsFile | FactKind::NonEmptyFile | FactKind::Asked)
                };
                asked.extend(yes.iter().chain(no).filter(answers).map(|fact| fact.thing));
            }
        });
    }
    for occurrence in occurrences.iter_mut().filter(|occurrence| makes(occurrence)) {
        if asked.contains(&occurrence.target) {
            occurrence.marks.push(ASKED_SOMEWHERE.into());
        }
    }
}
