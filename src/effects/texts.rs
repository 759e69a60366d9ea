//! Texts in files: a pattern that was asked for speaks of the texts that it matches.
//!
//! ```sh
//! grep -q '^vm.swappiness' /etc/sysctl.conf || echo 'vm.swappiness=1' >> /etc/sysctl.conf
//! ```
//! asks for one text and adds another; where the pattern matches a line of what is added, the answer holds for it.

use super::step::{Condition, Occurrence, Step};
use super::thing::{Fact, ThingId, Things};
use crate::flow::value::Values;
use crate::knowledge::ThingKind;
use hashbrown::HashMap;

/// Adds, to every step that proves something of a pattern, the same of the texts that the script adds and the pattern matches.
pub fn relate(steps: &mut [Option<Step>], occurrences: &[Occurrence], things: &Things, values: &Values) {
    let added: Vec<ThingId> = occurrences.iter().filter_map(|occurrence| occurrence.text).collect();
    if added.is_empty() {
        return;
    }
    let mut matching: HashMap<ThingId, Vec<ThingId>> = HashMap::new();
    let mut texts_for = |pattern: ThingId| -> Vec<ThingId> {
        matching
            .entry(pattern)
            .or_insert_with(|| {
                let asked = things.get(pattern);
                if asked.kind != ThingKind::Text {
                    return Vec::new();
                }
                added
                    .iter()
                    .copied()
                    .filter(|&text| {
                        let described = things.get(text);
                        text != pattern
                            && (described.root, described.key[0]) == (asked.root, asked.key[0])
                            && speaks_of(&values.render(asked.key[1]).0, &values.render(described.key[1]).0)
                    })
                    .collect()
            })
            .clone()
    };
    let mut extend = |facts: &mut Vec<Fact>| {
        for fact in facts.clone() {
            facts.extend(texts_for(fact.thing).into_iter().map(|thing| Fact { kind: fact.kind, thing }));
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
    let (pattern, at_end) = pattern.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).map_or((pattern, false), |rest| (rest, true));
    let Some(glob) = as_glob(pattern) else { return false };
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
