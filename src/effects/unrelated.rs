//! Searches of a file for something else than what the script adds to it.
//!
//! ```sh
//! grep -qx br_netfilter /etc/modules || echo overlay >> /etc/modules
//! ```
//! The next run finds as little and adds the line again. Many questions ask for another form of a line or for a part of
//! it, so only a pattern that shares no word with anything that is added there is no look at what is added.

use super::added::Added;
use super::step::{Occurrence, Prints, Step};
use super::thing::{Fact, Thing, Things};
use crate::flow::value::{ValueId, Values};
use crate::knowledge::{FactKind, HOLE, How, ThingKind};
use hashbrown::HashSet;
use thin_vec::ThinVec;

/// A file, by its root and path.
type File = (Option<ValueId>, ValueId);

/// Takes from every answer of such a search that the file was looked at for what is added.
pub fn dismiss(steps: &mut [Option<Box<Step>>], occurrences: &[Occurrence], things: &Things, values: &Values) {
    let added = Added::of(occurrences, things, values);
    if added.is_empty() {
        return;
    }
    // What is written in another way may be what was looked for.
    let others = occurrences.iter().filter(|occurrence| occurrence.how != How::Append);
    let others: HashSet<File> = others.map(|occurrence| file(things.get(occurrence.target))).collect();
    let mut dismiss = |facts: &mut ThinVec<Fact>| {
        let searched = |fact: &Fact| {
            let asked = things.get(fact.thing);
            let counts = fact.kind == FactKind::ContainsNot && asked.kind == ThingKind::Text;
            (counts && !others.contains(&file(asked)) && is_unrelated(asked, &added, values)).then(|| file(asked))
        };
        let unrelated: Vec<File> = facts.iter().filter_map(searched).collect();
        if !unrelated.is_empty() {
            facts.retain(|fact| {
                let thing = things.get(fact.thing);
                fact.kind != FactKind::Asked || thing.kind != ThingKind::Path || !unrelated.contains(&file(thing))
            });
        }
    };
    for step in steps.iter_mut().flatten() {
        dismiss(&mut step.fail);
        if let Some(condition) = &mut step.condition {
            condition.change_answers(&mut dismiss);
        }
        if let Prints::Answer { missing, .. } = &mut step.prints {
            dismiss(missing);
        }
    }
}

fn file(thing: &Thing) -> File {
    (thing.root, thing.key[0])
}

/// Whether all that is added to a file is known, and shares no word with what was looked for there.
fn is_unrelated(asked: &Thing, added: &Added<'_>, values: &Values) -> bool {
    let Some(all) = added.few(file(asked)).filter(|all| !all.is_empty()) else { return false };
    let wanted = values.render(asked.key[1]).0;
    all.iter().all(|&at| {
        let (occurrence, text) = added.get(at);
        occurrence.text.is_some() && !shares_a_word(&wanted, text)
    })
}

/// Whether some word of a pattern occurs in a text, or the other way round, or one of them is not known.
fn shares_a_word(pattern: &str, text: &str) -> bool {
    let (plain, text) = (without_escapes(pattern), text.to_lowercase());
    // What `printf` puts in, and options, are not known.
    if plain.contains(HOLE) || text.contains([HOLE, '%']) || text.starts_with('-') {
        return true;
    }
    let (asked, added) = (words(&plain), words(&text));
    asked.is_empty()
        || added.is_empty()
        || asked.iter().any(|word| text.contains(word))
        || added.iter().any(|word| plain.contains(word))
}

/// A pattern in small letters; `\s` and its kin are no letters.
fn without_escapes(pattern: &str) -> String {
    let mut plain = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next().map(|next| if next.is_alphanumeric() { ' ' } else { next })),
            other => plain.extend(other.to_lowercase()),
        }
    }
    plain
}

/// The words of a text that are long enough to say something.
fn words(text: &str) -> Vec<&str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 2).collect()
}
