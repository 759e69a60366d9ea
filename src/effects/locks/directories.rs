//! Directories that are locks: that one is there already is acted on, and the script takes it away itself.
//!
//! ```sh
//! mkdir /run/app.busy || exit 0          # another run is at it
//! trap 'rmdir /run/app.busy' EXIT
//! ```

use super::super::step::Occurrence;
use super::super::thing::ThingId;
use super::HOLDS_LOCK;
use crate::knowledge::{EffectKind, How, SecondRun};
use hashbrown::HashSet;

/// Marks the effects that make one. One that is not empty cannot be taken away by `rmdir`, which is what a lock is
/// taken away by.
pub fn mark(occurrences: &mut [Occurrence]) {
    let makes = |occurrence: &Occurrence| {
        (occurrence.effect, occurrence.how) == (EffectKind::Create, How::Directory)
            && occurrence.second_run == SecondRun::Fails
            && !occurrence.spot.last
    };
    if !occurrences.iter().any(makes) {
        return;
    }
    let removes = |occurrence: &&Occurrence| occurrence.effect == EffectKind::Delete && &*occurrence.command == "rmdir";
    let removed: HashSet<ThingId> = occurrences.iter().filter(removes).map(|removal| removal.target).collect();
    for occurrence in occurrences.iter_mut().filter(|occurrence| makes(occurrence)) {
        if removed.contains(&occurrence.target) {
            occurrence.marks.push(HOLDS_LOCK.into());
        }
    }
}
