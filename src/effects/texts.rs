//! Texts in files: a pattern that was asked for speaks of the texts that it matches.
//!
//! ```sh
//! grep -q '^vm.swappiness' /etc/sysctl.conf || echo 'vm.swappiness=1' >> /etc/sysctl.conf
//! ```
//! asks for one text and adds another; where the pattern matches a line of what is added, the answer holds for it.

use super::listings;
use super::step::{Condition, Occurrence, Step};
use super::thing::{Fact, Thing, ThingId, Things};
use crate::flow::value::Values;
use crate::knowledge::{FactKind, How, ThingKind};
use hashbrown::HashMap;

/// Adds, to every step that proves something of a pattern, the same of what the script adds and the pattern speaks of.
pub fn relate(steps: &mut [Option<Step>], occurrences: &[Occurrence], things: &Things, values: &Values) {
    let targets: Vec<&Occurrence> = occurrences
        .iter()
        .filter(|occurrence| {
            occurrence.text.is_some()
                || occurrence.how == How::Append
                || listings::is_listed(things.get(occurrence.target).kind)
        })
        .collect();
    if targets.is_empty() {
        return;
    }
    let mut spoken: HashMap<ThingId, Vec<(ThingId, bool)>> = HashMap::new();
    let mut extend = |facts: &mut Vec<Fact>| {
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
            let found = spoken.entry(fact.thing).or_insert_with(|| speaks(asked, fact.thing, &targets, things, values));
            let there = matches!(fact.kind, FactKind::Contains | FactKind::Exists);
            for &(thing, whole) in found.iter() {
                if things.get(thing).kind == ThingKind::Text {
                    facts.push(Fact { kind: fact.kind, thing });
                } else if whole && !there {
                    // The file was looked at for what is added to it: the answer covers all that is added there.
                    facts.push(Fact { kind: FactKind::Asked, thing });
                } else if !whole {
                    facts.push(Fact { kind: if there { FactKind::Exists } else { FactKind::Absent }, thing });
                }
            }
        }
    };
    for step in steps.iter_mut().flatten() {
        for facts in [&mut step.ok, &mut step.fail, &mut step.ok_ends, &mut step.fail_ends] {
            extend(facts);
        }
        if let Some(condition) = &mut step.condition {
            inside(condition, &mut extend);
        }
    }
}

/// The things that a pattern speaks of; with each whether it is the file as a whole.
fn speaks(
    asked: &Thing,
    pattern: ThingId,
    targets: &[&Occurrence],
    things: &Things,
    values: &Values,
) -> Vec<(ThingId, bool)> {
    let path = asked.key[0];
    let wanted = values.render(asked.key[1]).0;
    let listed = values.text(path).and_then(listings::kind_in);
    let mut found: Vec<(ThingId, bool)> = Vec::new();
    for occurrence in targets {
        let target = things.get(occurrence.target);
        if listed == Some(target.kind) && target.root == asked.root {
            let name = values.render(target.key[0]).0;
            let whole = speaks_of(&wanted, &name) || wanted.contains(name.as_str());
            if target.key[0] == asked.key[1] || whole || names_a_word(&wanted, &name) {
                found.push((occurrence.target, false));
            }
        } else if target.kind == ThingKind::Path && target.root == asked.root && target.key[0] == path {
            match occurrence.text {
                Some(text) if text == pattern => found.push((occurrence.target, true)),
                Some(text) if speaks_of(&wanted, &values.render(things.get(text).key[1]).0) => {
                    found.push((text, false));
                    found.push((occurrence.target, true));
                }
                Some(_) => {}
                // What is added is not known: whoever asks for something there asks for that.
                None if occurrence.how == How::Append => found.push((occurrence.target, true)),
                None => {}
            }
        }
    }
    found.dedup();
    found
}

/// Whether a pattern holds a word of a name: `^kv/` speaks of `secrets engine kv`, `inet 10.0.0.9/` of an address with
/// its prefix length.
fn names_a_word(wanted: &str, name: &str) -> bool {
    let plain = wanted.replace('\\', "");
    let parts = name.split_whitespace().skip(1).map(|word| word.split_once('/').map_or(word, |(first, _)| first));
    parts.into_iter().any(|part| part.len() > 1 && plain.contains(part))
}

fn inside(condition: &mut Condition, extend: &mut dyn FnMut(&mut Vec<Fact>)) {
    match condition {
        Condition::Facts { yes, no } | Condition::Slot { yes, no, .. } => {
            extend(yes);
            extend(no);
        }
        Condition::Not(inner) => inside(inner, extend),
        Condition::And(left, right) | Condition::Or(left, right) => {
            inside(left, extend);
            inside(right, extend);
        }
        Condition::Known(_) | Condition::Unknown => {}
    }
}

/// Whether a basic regular expression matches some line of a text, as far as both are known: anchors, `.`, `.*`,
/// `[…]` and `\` before a character are understood, a hole equals a hole.
fn speaks_of(pattern: &str, text: &str) -> bool {
    let text = text.replace("\\n", "\n").replace("\\t", "\t");
    let (pattern, at_start) = pattern.strip_prefix('^').map_or((pattern, false), |rest| (rest, true));
    let (pattern, at_end) =
        pattern.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).map_or((pattern, false), |rest| (rest, true));
    // A pattern that is not understood is taken to ask for what is added: doubt is no hazard.
    let Some(glob) = as_glob(pattern) else { return true };
    if glob.trim_matches('*').is_empty() {
        return false;
    }
    text.lines().any(|line| {
        let whole = format!("{}{glob}{}", if at_start { "" } else { "*" }, if at_end { "" } else { "*" });
        super::glob::matches(&whole, line.trim_end())
    })
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
