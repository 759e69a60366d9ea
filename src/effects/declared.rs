//! What tells others that something is whole: the mark of being unfinished goes, or the link to the latest one is moved.
//!
//! ```sh
//! touch "$new/incomplete"
//! pg_dump app > "$new/app.sql"
//! rm "$new/incomplete"              # from here on it is a good one
//! ln -sfn "$new" "$store/latest"    # and the one that is taken first
//! ```

use super::step::Occurrence;
use crate::knowledge::{EffectKind, How};

/// The mark of such an effect.
const DECLARES_WHOLE: &str = "declares-whole";

/// What files are called that say that something is not done.
const UNFINISHED: [&str; 7] =
    ["incomplete", "in-progress", "inprogress", "in_progress", "unfinished", "partial", "not-complete"];

/// What links are called that lead to the last one.
const LATEST: [&str; 5] = ["latest", "current", "last", "newest", "most-recent"];

/// Marks the effects whose target is called so.
pub fn mark(occurrences: &mut [Occurrence]) {
    for occurrence in occurrences {
        let name = occurrence.name.trim_matches(['"', '\'', '}', '/']).rsplit('/').next().unwrap_or_default();
        let name = name.trim_matches(['"', '\'', '.']).to_ascii_lowercase();
        let declares = match (occurrence.effect, occurrence.how) {
            (EffectKind::Delete, How::Entry) => {
                UNFINISHED.iter().any(|word| name == *word || name.ends_with(&format!(".{word}")))
            }
            (EffectKind::Create, How::Link) => LATEST.contains(&name.as_str()),
            _ => false,
        };
        if declares {
            occurrence.marks.push(DECLARES_WHOLE.into());
        }
    }
}
