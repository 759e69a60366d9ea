//! Scratch files in a directory that everybody shares, under a name that every run uses.
//!
//! ```sh
//! df -P > /tmp/df.txt             # so does the other run, and whoever has put a link there chooses the file
//! mail -s disk root < /tmp/df.txt
//! rm /tmp/df.txt
//! ```

use super::resolve::Resolver;
use super::step::Occurrence;
use crate::flow::value::Value;
use crate::knowledge::{EffectKind, How, PathClass};
use hashbrown::HashSet;

/// The mark of such a write.
const SHARED_NAME: &str = "shared-name";
/// Where everybody can make files.
const SHARED: [&str; 3] = ["/tmp/", "/var/tmp/", "/dev/shm/"];
/// What is another one for each resource of an agent, or for each run.
const OWN: [&str; 4] = ["OCF_RESOURCE_INSTANCE", "RANDOM", "PPID", "BASHPID"];

/// Marks them.
pub fn mark(resolver: &Resolver<'_, '_>, occurrences: &mut [Occurrence]) {
    let removed: HashSet<_> =
        occurrences.iter().filter(|other| other.effect == EffectKind::Delete).map(|other| other.target).collect();
    for occurrence in occurrences.iter_mut() {
        let is_written = occurrence.effect == EffectKind::Write && occurrence.how == How::Truncate;
        let is_scratch = occurrence.class == PathClass::Scratch && removed.contains(&occurrence.target);
        let is_shared = SHARED.iter().any(|place| occurrence.begins.starts_with(place));
        if is_written && is_scratch && is_shared && !occurrence.fresh && is_known(resolver, occurrence) {
            occurrence.marks.push(SHARED_NAME.into());
        }
    }
}

/// Whether nothing in a name is another one in each run: all of it is written out, or set from outside.
fn is_known(resolver: &Resolver<'_, '_>, occurrence: &Occurrence) -> bool {
    let values = &resolver.flow.values;
    let mut pieces = values.pieces(&occurrence.target_value).iter().skip(1);
    pieces.all(|&piece| match values.get(piece) {
        Value::Environment(_, name) => !OWN.contains(&&**name) && !name.contains("PID"),
        Value::Positional(..) => false,
        _ => !resolver.is_new_each_run(piece),
    })
}
