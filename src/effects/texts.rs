//! Texts in files: a pattern that was asked for speaks of the texts that it matches.
//!
//! ```sh
//! grep -q '^vm.swappiness' /etc/sysctl.conf || echo 'vm.swappiness=1' >> /etc/sysctl.conf
//! ```
//! asks for one text and adds another; where the pattern matches a line of what is added, the answer holds for it.

use super::added::Added;
use super::listings;
use super::mounts::part_of;
use super::step::{Occurrence, Prints, Step};
use super::thing::{Fact, Thing, ThingId, Things};
use crate::flow::value::Values;
use crate::knowledge::{FactKind, How, ThingKind};
use hashbrown::{HashMap, HashSet};
use thin_vec::ThinVec;

/// How many times a pattern is tried on a text, and facts are added, before it is given up.
const MOST_TRIALS: usize = 1_000_000;

/// Adds, to every step that proves something of a pattern, the same of what the script adds and the pattern speaks of.
/// Says whether all was related.
pub fn relate(steps: &mut [Option<Box<Step>>], occurrences: &[Occurrence], things: &Things, values: &Values) -> bool {
    let added = Added::of(occurrences, things, values);
    if added.is_empty() {
        return true;
    }
    let mut spoken: HashMap<ThingId, Vec<(ThingId, Spoken)>> = HashMap::new();
    let mut trials = MOST_TRIALS + 2 * steps.len();
    let mut extend = |facts: &mut ThinVec<Fact>| {
        for fact in facts.clone() {
            let asked = things.get(fact.thing);
            if asked.kind != ThingKind::Text
                || !matches!(
                    fact.kind,
                    FactKind::Contains | FactKind::ContainsNot | FactKind::Exists | FactKind::Absent
                )
            {
                continue;
            }
            let found = spoken
                .entry(fact.thing)
                .or_insert_with(|| speaks(asked, fact.thing, &added, things, values, &mut trials));
            trials = trials.saturating_sub(found.len());
            if trials == 0 {
                return;
            }
            let there = matches!(fact.kind, FactKind::Contains | FactKind::Exists);
            for &(thing, how) in found.iter() {
                let kind = match how {
                    Spoken::Text => fact.kind,
                    Spoken::Thing if there => FactKind::Exists,
                    Spoken::Thing | Spoken::Whole if !there => FactKind::Absent,
                    // The file was looked at for what is added to it: the answer covers all that is added there.
                    Spoken::File if !there => FactKind::Asked,
                    _ => continue,
                };
                facts.push(Fact { kind, thing });
            }
        }
    };
    for step in steps.iter_mut().flatten() {
        for facts in [&mut step.ok, &mut step.fail, &mut step.ok_ends, &mut step.fail_ends] {
            extend(facts);
        }
        if let Some(condition) = &mut step.condition {
            condition.change_answers(&mut extend);
        }
        if let Prints::Answer { found, missing, .. } = &mut step.prints {
            extend(found);
            extend(missing);
        }
    }
    trials > 0
}

/// How a pattern speaks of something.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Spoken {
    /// Of a text that is added to a file.
    Text,
    /// Of a thing in a listing.
    Thing,
    /// Of what a thing in a listing is a part of, such as the interface of a route: where nothing is shown of that, the
    /// part is not there.
    Whole,
    /// Of the file that is added to.
    File,
}

/// The things that a pattern speaks of, and how.
fn speaks(
    asked: &Thing,
    pattern: ThingId,
    added: &Added<'_>,
    things: &Things,
    values: &Values,
    trials: &mut usize,
) -> Vec<(ThingId, Spoken)> {
    let path = asked.key[0];
    let wanted = values.render(asked.key[1]).0;
    let matcher = Matcher::of(&wanted);
    let mut found: Vec<(ThingId, Spoken)> = Vec::new();
    let listing = values.text(path).unwrap_or_default();
    if let Some(kind) = listings::kind_in(listing) {
        for &at in added.listed(kind, asked.root) {
            if *trials == 0 {
                return found;
            }
            *trials -= 1;
            let (occurrence, words) = added.get(at);
            let key = things.get(occurrence.target).key[0];
            let name = values.render(key).0;
            if !listings::shows(listing, &name) {
                continue;
            }
            let whole = matcher.speaks_of(words) || wanted.contains(name.as_str());
            let is_of_whole = |whole| names_a_word(&wanted, &values.render(things.get(whole).key[0]).0);
            if key == asked.key[1] || whole || names_a_word(&wanted, &name) {
                found.push((occurrence.target, Spoken::Thing));
            } else if part_of(occurrence, things).is_some_and(is_of_whole) {
                found.push((occurrence.target, Spoken::Whole));
            }
        }
    }
    if *trials == 0 {
        return found;
    }
    for at in added.to((asked.root, path), pattern, matcher.plain()) {
        *trials = trials.saturating_sub(1);
        let (occurrence, words) = added.get(at);
        match occurrence.text {
            _ if *trials == 0 => {}
            Some(text) if text == pattern => found.push((occurrence.target, Spoken::File)),
            Some(text) if matcher.speaks_of(words) => {
                found.push((text, Spoken::Text));
                found.push((occurrence.target, Spoken::File));
            }
            Some(_) => {}
            // What is added is not known: whoever asks for something there asks for that.
            None if occurrence.how == How::Append => found.push((occurrence.target, Spoken::File)),
            None => {}
        }
    }
    let mut seen = HashSet::new();
    found.retain(|one| seen.insert(*one));
    found
}

/// Whether a pattern that is understood matches a line.
pub fn surely_matches(pattern: &str, line: &str) -> bool {
    matches!(Matcher::of(pattern), matcher @ Matcher::Lines(_) if matcher.speaks_of(line))
}

/// Whether a pattern holds a word of a name: `^kv/` speaks of `secrets engine kv`, `inet 10.0.0.9/` of an address with
/// its prefix length.
fn names_a_word(wanted: &str, name: &str) -> bool {
    let plain = wanted.replace('\\', "");
    let parts = name.split_whitespace().skip(1).map(|word| word.split_once('/').map_or(word, |(first, _)| first));
    parts.into_iter().any(|part| part.len() > 1 && plain.contains(part))
}

/// Whether a pattern surely speaks of a text, surely does not, or is not understood.
pub fn speaks_of(pattern: &str, text: &str) -> Option<bool> {
    match Matcher::of(pattern) {
        Matcher::All => None,
        matcher => Some(matcher.speaks_of(text)),
    }
}

/// A basic regular expression, as far as it is understood: anchors, `.`, `.*`, `[…]` and `\` before a character; a
/// hole equals a hole.
enum Matcher {
    /// A pattern that is not understood is taken to ask for what is added: doubt is no hazard.
    All,
    /// Nothing is asked.
    Nothing,
    /// A shell pattern over whole lines.
    Lines(String),
}

impl Matcher {
    fn of(pattern: &str) -> Self {
        let (pattern, at_start) = pattern.strip_prefix('^').map_or((pattern, false), |rest| (rest, true));
        let (pattern, at_end) = pattern
            .strip_suffix('$')
            .filter(|rest| !rest.ends_with('\\'))
            .map_or((pattern, false), |rest| (rest, true));
        let Some(glob) = as_glob(pattern) else { return Self::All };
        if glob.trim_matches('*').is_empty() {
            return Self::Nothing;
        }
        Self::Lines(format!("{}{glob}{}", if at_start { "" } else { "*" }, if at_end { "" } else { "*" }))
    }

    /// Whether it matches some line of a text.
    fn speaks_of(&self, text: &str) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Lines(glob) => text.lines().any(|line| super::glob::matches(glob, line.trim_end())),
        }
    }

    /// The longest run of plain letters that every match holds.
    fn plain(&self) -> Option<&str> {
        let Self::Lines(glob) = self else { return None };
        let mut longest = "";
        let mut start = 0;
        let mut characters = glob.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            if !matches!(character, '*' | '?' | '[') {
                continue;
            }
            longest = if at - start > longest.len() { &glob[start..at] } else { longest };
            if character == '[' {
                // The first character of a bracket expression never ends it.
                characters.next();
                while characters.next_if(|(_, inner)| *inner != ']').is_some() {}
                characters.next();
            }
            start = characters.peek().map_or(glob.len(), |(next, _)| *next);
        }
        let rest = &glob[start..];
        Some(if rest.len() > longest.len() { rest } else { longest })
    }
}

/// A regular expression as a shell pattern, if it is a simple one.
fn as_glob(pattern: &str) -> Option<String> {
    let mut glob = String::new();
    let mut characters = pattern.chars().peekable();
    let mut last_start = 0;
    while let Some(character) = characters.next() {
        match character {
            '*' | '+' if glob.len() > last_start => {
                glob.truncate(last_start);
                glob.push('*');
                last_start = glob.len();
            }
            '*' | '?' => {
                last_start = glob.len();
                glob.push('?');
            }
            '.' => {
                last_start = glob.len();
                glob.push('?');
            }
            '[' => {
                last_start = glob.len();
                glob.push('[');
                let mut first = true;
                loop {
                    match characters.next()? {
                        ']' if !first => break,
                        '[' if characters.peek() == Some(&':') => return None,
                        other => glob.push(other),
                    }
                    first = false;
                }
                glob.push(']');
            }
            '\\' => {
                last_start = glob.len();
                match characters.next()? {
                    '<' | '>' | 'b' => {}
                    '(' | ')' | '{' | '}' | '|' => return None,
                    's' | 't' => glob.push_str("[ \t]"),
                    other => literal(other, &mut glob),
                }
            }
            other => {
                last_start = glob.len();
                literal(other, &mut glob);
            }
        }
    }
    Some(glob)
}

fn literal(character: char, glob: &mut String) {
    if matches!(character, '*' | '?' | '[') {
        glob.push('[');
        glob.push(character);
        glob.push(']');
    } else {
        glob.push(character);
    }
}
