//! A lock that is asked for first and made then, by what succeeds where it is there already.

use super::super::dominators::Dominators;
use super::super::paths::Conditions;
use super::super::resolve::Resolver;
use super::super::step::Occurrence;
use super::super::ways::Ways;
use crate::knowledge::{EffectKind, How};

/// Another run can make it in between.
const ASKED_THEN_MADE: &str = "asked-then-made";
/// What a file is asked for by.
const ASKS: [&str; 8] = ["-e", "-f", "-a", "-s", "-r", "-d", "-L", "-h"];

pub(super) fn mark(
    resolver: &Resolver<'_, '_>,
    (live, ways, dominators): (&[u8], &Ways, &Dominators),
    occurrences: &mut [Occurrence],
) {
    let found: Vec<usize> = (0..occurrences.len()).filter(|&at| makes_lock(&occurrences[at])).collect();
    if found.is_empty() {
        return;
    }
    let conditions = Conditions::find(resolver.flow, live, ways, dominators);
    for at in found {
        let Some(target) = occurrences[at].target_written.as_deref().map(bare) else { continue };
        let asked = conditions.of(occurrences[at].node, resolver.source);
        let is_asked = asked.iter().any(|condition| {
            let words: Vec<String> = condition.question.split_whitespace().map(bare).collect();
            let is_test = words.first().is_some_and(|word| matches!(&**word, "[" | "[[" | "test"));
            let is_about = words.iter().skip(1).any(|word| *word == target);
            let asks_file = words.windows(2).any(|pair| ASKS.contains(&&*pair[0]) && pair[1] == target);
            let says_absent = condition.yes == words.iter().any(|word| word == "!");
            // What asks under a name of its own may be a function of the script.
            let calls = || words.first().is_some_and(|name| is_function(resolver, name));
            if is_test { asks_file && says_absent } else { is_about && calls() }
        });
        if is_asked && !reads_back(resolver, &occurrences[at], &target) && lasts_for_run(occurrences, at) {
            occurrences[at].marks.push(ASKED_THEN_MADE.into());
        }
    }
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

/// A word without quotes and braces.
fn bare(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '"' | '\'' | '{' | '}' | ';')).collect()
}

/// Whether the script looks for its own number in the lock behind that: who has lost it sees so.
fn reads_back(resolver: &Resolver<'_, '_>, occurrence: &Occurrence, target: &str) -> bool {
    let whole = std::str::from_utf8(resolver.source).unwrap_or_default();
    let is_question = |line: &&str| ["if ", "while ", "until ", "test ", "[ "].iter().any(|word| line.contains(word));
    let asks = |line: &str| bare(line).contains(target) && line.contains("$$");
    whole.lines().filter(is_question).any(asks) && &*occurrence.command != "touch"
}

/// Whether a lock is one of this run: it holds its number, or the same part of the script removes it. What is left behind says that
/// a service was started.
fn lasts_for_run(occurrences: &[Occurrence], at: usize) -> bool {
    let made = &occurrences[at];
    let removes = |other: &Occurrence| {
        other.effect == EffectKind::Delete && other.target == made.target && other.unit == made.unit
    };
    &*made.command != "touch" || occurrences.iter().any(removes)
}
