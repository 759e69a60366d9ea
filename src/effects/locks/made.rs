//! A lock that is asked for first and made then, by what succeeds where it is there already.

use super::super::asked_before::{AskedBefore, bare};
use super::super::resolve::Resolver;
use super::super::step::Occurrence;
use super::super::ways::{Budget, Ways};
use crate::effects::contract::duty;
use crate::effects::opened::trapped;
use crate::finding::Edit;
use crate::flow::graph::{NodeId, UnitId, UnitKind};
use crate::knowledge::{EffectKind, How};
use hashbrown::HashSet;
use std::ops::Deref;

/// Another run can make it in between.
const ASKED_THEN_MADE: &str = "asked-then-made";
/// What a file is asked for by.
const ASKS: [&str; 8] = ["-e", "-f", "-a", "-s", "-r", "-d", "-L", "-h"];

/// What says that nothing of that name is there.
const WHOLLY: [&str; 2] = ["-e", "-f"];

/// Marks the effects that make it.
pub fn mark<'a, 't: 'a>(
    resolver: &Resolver<'_, '_>,
    ways: &Ways,
    before: &impl Deref<Target = AskedBefore<'a, 't>>,
    occurrences: &mut [Occurrence],
) {
    let found: Vec<usize> = (0..occurrences.len()).filter(|&at| makes_lock(&occurrences[at])).collect();
    for at in found {
        let Some(target) = occurrences[at].target_written.as_deref().map(bare) else { continue };
        let is_asked = before.of(occurrences[at].node).any(|asked| {
            let is_about = asked.words.iter().skip(1).any(|word| *word == target);
            // What asks under a name of its own may be a function of the script.
            let calls = || asked.words.first().is_some_and(|name| is_function(resolver, name));
            if asked.is_test() { asked.says_absent(&ASKS, &target) } else { is_about && calls() }
        });
        if is_asked
            && !reads_back(resolver, &occurrences[at], &target)
            && lasts_for_run(resolver, ways, occurrences, at)
        {
            let by_existence =
                before.of(occurrences[at].node).any(|asked| asked.is_test() && asked.says_absent(&WHOLLY, &target));
            if by_existence {
                let edits = in_one_step(&occurrences[at]).filter(|_| !is_removed_on_exit(resolver, occurrences, at));
                occurrences[at].edits.extend(edits.unwrap_or_default());
            }
            occurrences[at].marks.push(ASKED_THEN_MADE.into());
        }
    }
}

/// `(set -C; echo $$ > lock) || exit 1`: the shell makes the file only where there is none. A function has other callers than
/// those that are meant to end.
fn in_one_step(occurrence: &Occurrence) -> Option<Vec<Edit>> {
    let (spot, written) = (&occurrence.spot, &*occurrence.written);
    let operator = format!("> {}", occurrence.target_written.as_deref()?);
    let close = operator.replace("> ", ">");
    let writes = match &*occurrence.command {
        "touch" => written.split_whitespace().count() == 2,
        _ => written.ends_with(&operator) || written.ends_with(&close),
    };
    let is_plain = writes && !written.contains([';', '|', '&', '`', '\n']) && !written.contains(">>");
    if !is_plain || !spot.alone || !spot.last || spot.piped || occurrence.unit.0 != 0 {
        return None;
    }
    let made = match &*occurrence.command {
        "touch" => format!(": {operator}"),
        _ => written.to_owned(),
    };
    Some(vec![Edit { span: spot.span, text: format!("(set -C; {made}) || exit 1") }])
}

/// Whether an EXIT trap that is set before removes it: at an end for the lock of another run, it would remove that.
fn is_removed_on_exit(resolver: &Resolver<'_, '_>, occurrences: &[Occurrence], at: usize) -> bool {
    let made = &occurrences[at];
    let is_trapped = trapped(resolver.flow, made.span.start);
    let is_removal = |other: &&Occurrence| other.effect == EffectKind::Delete && other.target == made.target;
    occurrences.iter().filter(is_removal).any(|removal| is_trapped(resolver.flow, removal.node))
}

/// Whether an effect makes a file that is called a lock, and would do so where it is there.
fn makes_lock(occurrence: &Occurrence) -> bool {
    let makes = matches!(occurrence.effect, EffectKind::Write | EffectKind::Create)
        && matches!(occurrence.how, How::Truncate | How::File);
    let told = occurrence.target_written.as_deref().unwrap_or_default();
    makes
        && matches!(&*occurrence.command, "echo" | "printf" | "touch" | "date" | ":" | "" | "true")
        && (is_called_lock(told) || is_called_lock(&occurrence.name))
        && !occurrence.marks.iter().any(|mark| &**mark == "holds-lock")
}

/// Whether a name says that it is a lock. What stands in `subsys` says that a service was started.
fn is_called_lock(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_word = |(at, _): (usize, &str)| {
        !name[..at].ends_with(|before: char| before.is_ascii_alphabetic()) || name[..at].ends_with("pid")
    };
    !name.contains("subsys") && (name.match_indices("lock").any(is_word) || name.rsplit('.').next() == Some("lck"))
}

/// Whether a name is that of a function of the script.
fn is_function(resolver: &Resolver<'_, '_>, name: &str) -> bool {
    let graph = &resolver.flow.graph;
    let number = graph.names.find(name);
    number.is_some_and(|name| graph.functions.get(&name).is_some_and(|units| !units.is_empty()))
}

/// Whether the script looks for its own number in the lock behind that: who has lost it sees so.
fn reads_back(resolver: &Resolver<'_, '_>, occurrence: &Occurrence, target: &str) -> bool {
    let whole = std::str::from_utf8(resolver.source).unwrap_or_default();
    let is_question = |line: &&str| ["if ", "while ", "until ", "test ", "[ "].iter().any(|word| line.contains(word));
    let asks = |line: &str| bare(line).contains(target) && line.contains("$$");
    whole.lines().filter(is_question).any(asks) && &*occurrence.command != "touch"
}

/// Whether a lock is one of this run: it holds its number, or a way leads to where the same part of the script removes it. What is
/// left behind says that a service was started, and so does what its stop removes.
fn lasts_for_run(resolver: &Resolver<'_, '_>, ways: &Ways, occurrences: &[Occurrence], at: usize) -> bool {
    let made = &occurrences[at];
    let duty = |unit: UnitId| match &resolver.flow.graph.units[unit.0 as usize].kind {
        UnitKind::Function(name) => duty(&name.text, resolver.knowledge),
        UnitKind::Script => None,
    };
    let removals = || {
        let is_removal = |other: &&Occurrence| other.effect == EffectKind::Delete && other.target == made.target;
        occurrences.iter().filter(is_removal)
    };
    if duty(made.unit) == Some(How::Start) && removals().any(|other| duty(other.unit) == Some(How::Stop)) {
        return false;
    }
    &*made.command != "touch"
        || leads_to(made.node, removals().filter(|other| other.unit == made.unit).map(|other| other.node), ways)
}

/// Whether a way leads from a node to one of these.
fn leads_to(from: NodeId, ends: impl Iterator<Item = NodeId>, ways: &Ways) -> bool {
    let mut waiting: Vec<NodeId> = ends.collect();
    let mut seen: HashSet<NodeId> = HashSet::new();
    let budget = Budget::over(ways.len());
    while let Some(node) = waiting.pop() {
        if node == from || !budget.take_step() {
            return true;
        }
        if seen.insert(node) {
            waiting.extend(ways.ahead_of(node));
        }
    }
    false
}
