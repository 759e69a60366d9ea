//! What a script puts in at one place and something else for it at another: what was put in last decides.
//!
//! ```sh
//! case "$1" in
//! open) iptables -I INPUT -p tcp --dport 3306 -j ACCEPT ;;
//! *) iptables -I INPUT -p tcp --dport 3306 -j REJECT ;;
//! esac
//! ```

use super::step::Occurrence;
use super::thing::ThingId;
use crate::knowledge::{EffectKind, How};
use hashbrown::HashMap;

/// The script puts in something else elsewhere that this takes the place of.
const ONE_OF_A_SWITCH: &str = "one-of-a-switch";

/// What two of a switch have in common: the packets of a rule, or a file and a key in it.
type Key = (Option<ThingId>, Vec<String>);

/// Marks rules that send the same packets elsewhere, and lines that give the same key another value.
pub fn mark(occurrences: &mut [Occurrence]) {
    let mut switches: HashMap<Key, Vec<(usize, String)>> = HashMap::new();
    for (at, occurrence) in occurrences.iter().enumerate() {
        if let Some((key, value)) = key(occurrence) {
            switches.entry(key).or_default().push((at, value));
        }
    }
    let differ = |sides: &[(usize, String)]| sides.iter().any(|(_, value)| *value != sides[0].1);
    for (at, _) in switches.into_values().filter(|sides| differ(sides)).flatten() {
        occurrences[at].marks.push(ONE_OF_A_SWITCH.into());
    }
}

/// What an occurrence has in common with the others of a switch, and all that it puts in.
fn key(occurrence: &Occurrence) -> Option<(Key, String)> {
    match (occurrence.effect, occurrence.how) {
        (EffectKind::Create, How::Rule) => Some(((None, packets(&occurrence.name)), occurrence.name.clone())),
        (EffectKind::Write, How::Append) => {
            let text = occurrence.text_written.as_deref()?;
            let key = text[..text.find(['=', ':'])?].trim();
            (!key.is_empty()).then(|| ((Some(occurrence.target), vec![key.to_owned()]), text.to_owned()))
        }
        _ => None,
    }
}

/// The words of a rule without where it sends its packets, and without where it is put in.
fn packets(rule: &str) -> Vec<String> {
    let mut words = rule.split_whitespace();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "-j" | "--jump" => drop(words.next()),
            number if number.bytes().all(|byte| byte.is_ascii_digit()) && kept.len() <= 2 => {}
            other => kept.push(other.to_owned()),
        }
    }
    kept
}
