//! Which findings of one rule have one cause.
//!
//! ```sh
//! cd "$dir"           # one event …
//! rm -rf old          # … behind this finding of NH502
//! tar xf new.tar      # … and this one
//! ```
//! Nothing is merged here: what is shown is for policy to choose. A key says what two findings have in common, and
//! means nothing beyond the one script.

use super::file::{Of, Rule, Trigger};
use super::select::{Case, things};
use crate::effects::{Fact, Occurrence};
use crate::finding::Cause;
use crate::knowledge::{EffectKind, How, SecondRun};

/// How many steps are named at which a second run ends.
const MOST_FRONTS: usize = 8;

/// The cause of a rule's finding at an effect, with the events of `after` behind it.
pub fn cause(rule: &Rule, at: usize, events: &[Fact], case: &Case<'_>) -> Cause {
    let occurrence = &case.analysis.occurrences[at];
    let is_repeat = matches!(&rule.trigger, Trigger::Effect(pattern) if !pattern.second_run.is_empty());
    let is_silent = is_repeat && occurrence.second_run != SecondRun::Fails;
    let fronts = std::iter::successors(case.analysis.blocked[at], |&front| case.analysis.blocked[front]);
    let fronts = fronts.filter(|_| is_silent).take(MOST_FRONTS);
    let behind = fronts.map(|front| case.analysis.occurrences[front].span).collect();
    Cause { event: event(rule, at, events, case), thing: rule.once.and_then(|of| thing(at, of, case)), behind }
}

/// The unit that the effect stands in, the facts that were lost and where: none if some place is not known.
///
/// With the unit, since two functions behind one event are two ways through the script, each with a guard of its own;
/// without it where the event itself is mended, which is mended once for all that follows it.
fn event(rule: &Rule, at: usize, events: &[Fact], case: &Case<'_>) -> Option<Box<str>> {
    // What must have happened for some manners only says nothing of what has to be mended.
    let is_of_all = |event: &&Fact| rule.after.iter().any(|asked| asked.fact == event.kind && asked.how.is_empty());
    let events: Vec<Fact> = events.iter().filter(is_of_all).copied().collect();
    if events.is_empty() {
        return None;
    }
    let one = |&event: &Fact| case.analysis.ended_at(at, event).map(|spot| (event, spot.span));
    let places: Option<Vec<_>> = events.iter().map(one).collect();
    let is_mended = |event: &Fact| rule.fixes.iter().any(|fix| fix.at == Some(event.kind));
    let unit = case.analysis.functions[at].as_deref().filter(|_| !events.iter().all(is_mended));
    Some(format!("{unit:?} {:?}", places?).into())
}

/// The unit that the effect stands in, and what the rule says is reported once there: rules of a packet filter by chain.
fn thing(at: usize, of: Of, case: &Case<'_>) -> Option<Box<str>> {
    let occurrence = &case.analysis.occurrences[at];
    let things = things(occurrence, of, &[]);
    if things.is_empty() {
        return None;
    }
    let unit = case.analysis.functions[at].as_deref();
    if of == Of::Target && is_rule(occurrence) {
        let root = case.analysis.thing(occurrence.target).root;
        return Some(format!("{unit:?} {root:?} {}", chain(&occurrence.begins, &occurrence.name)).into());
    }
    Some(format!("{unit:?} {things:?}").into())
}

fn is_rule(occurrence: &Occurrence) -> bool {
    occurrence.effect == EffectKind::Create && occurrence.how == How::Rule
}

/// The chain of a packet filter's rule: by the words that its name is known to begin with, program, table and chain;
/// where the chain is a variable, as it is written.
fn chain(begins: &str, written: &str) -> String {
    match begins.match_indices(' ').nth(2) {
        Some((end, _)) => begins[..end].to_owned(),
        None => format!("{begins}{written}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_one_chain_are_one_thing() {
        let rule = |begins| chain(begins, "INPUT");
        assert_eq!(rule("iptables filter INPUT -p tcp -j ACCEPT"), rule("iptables filter INPUT -s "));
        assert_ne!(rule("iptables filter INPUT -i lo"), rule("iptables nat INPUT -i lo"));
        assert_ne!(chain("iptables filter ", "$FROM"), chain("iptables filter ", "$TO"));
    }
}
