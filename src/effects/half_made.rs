//! What comes over time is written straight to the path whose bare existence says that it is there.
//!
//! ```sh
//! [ -f keys ] || fetch_keys > keys      # where it fails half way, the file is there, and no later run fetches anything
//! ```

use super::asked_before::{AskedBefore, bare};
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::ThingId;
use crate::flow::graph::{NodeId, UnitId};
use crate::knowledge::{EffectKind, How};
use std::ops::Deref;

/// The mark of such a write.
const PASSES_FOR_WHOLE: &str = "passes-for-whole";
/// What comes from elsewhere, and may end before it is all there.
const COMES: [&str; 3] = ["fetches", "downloads", "calls-remote"];
/// What asks whether a path is there, and nothing else.
const ASKS: [&str; 4] = ["-e", "-f", "-a", "-r"];

/// Marks them.
pub fn mark<'a, 't: 'a>(
    resolver: &Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    before: &impl Deref<Target = AskedBefore<'a, 't>>,
    occurrences: &mut [Occurrence],
) {
    let comes = |occurrence: &Occurrence| comes_over_time(resolver, steps, occurrence);
    let found: Vec<usize> = (0..occurrences.len()).filter(|&at| comes(&occurrences[at])).collect();
    if found.is_empty() {
        return;
    }
    let removals: Vec<(ThingId, Option<String>)> = occurrences
        .iter()
        .filter(|other| other.effect == EffectKind::Delete)
        .map(|other| (other.target, (other.how == How::Tree).then(|| other.name.clone())))
        .collect();
    for at in found {
        let made = &occurrences[at];
        let Some(target) = made.target_written.as_deref().map(bare) else { continue };
        let is_asked = before.of(made.node).any(|asked| {
            let is_single = !asked.words.iter().any(|word| matches!(&**word, "-o" | "-s" | "-x" | "||"));
            asked.is_test() && is_single && asked.says_absent(&ASKS, &target)
        });
        // Whatever takes it away again may do so where it is not whole.
        let is_taken_away = removals.iter().any(|(removed, tree)| {
            *removed == made.target || tree.as_deref().is_some_and(|tree| made.name.starts_with(tree))
        });
        if is_asked && !is_taken_away {
            occurrences[at].marks.push(PASSES_FOR_WHOLE.into());
        }
    }
}

/// Whether an effect is that something from elsewhere is written into a file.
fn comes_over_time(resolver: &Resolver<'_, '_>, steps: &[Option<Box<Step>>], occurrence: &Occurrence) -> bool {
    let is_such = |mark: &str| COMES.contains(&mark);
    let has_mark = |node: NodeId| {
        let step = steps[node.0 as usize].as_deref();
        step.is_some_and(|step| step.marks.iter().chain(&step.around).any(|mark| is_such(mark)))
    };
    let within = |unit: &UnitId| resolver.flow.orders.unit(*unit).nodes.iter().any(|&node| has_mark(node));
    occurrence.effect == EffectKind::Write
        && occurrence.how == How::Truncate
        && (occurrence.marks.iter().any(|mark| is_such(mark))
            || has_mark(occurrence.node)
            || resolver.flow.calls.callees(occurrence.node).iter().any(within))
}
