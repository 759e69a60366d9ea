//! What a script adds that can be asked for first: lines that mean the same wherever they stand, and rules that stand once.
//!
//! ```sh
//! echo 'vm.swappiness=1' >> /etc/sysctl.conf          # can
//! echo 'Match User b' >> /etc/ssh/sshd_config         # a part begins: what follows belongs to it
//! echo '    AllowTcpForwarding no' >> /etc/ssh/sshd_config
//! ```

use super::step::Occurrence;
use super::thing::ThingId;
use crate::knowledge::{EffectKind, How, Knowledge, WordKind};
use hashbrown::{HashMap, HashSet};

/// Leaves the words of an appended text to the effects where they can be asked for.
pub fn settle(occurrences: &mut [Occurrence], knowledge: &Knowledge) {
    let opens: Vec<&str> = knowledge.words(WordKind::OpensSection).collect();
    let mut by_target: HashMap<ThingId, Vec<usize>> = HashMap::new();
    for (at, one) in occurrences.iter().enumerate() {
        if one.effect == EffectKind::Write && one.how == How::Append && one.text_written.is_some() {
            by_target.entry(one.target).or_default().push(at);
        }
    }
    for group in by_target.into_values() {
        let texts: Vec<&str> =
            group.iter().map(|&at| bare(occurrences[at].text_written.as_deref().unwrap_or_default())).collect();
        let mut seen = HashSet::new();
        let belong_together = texts.iter().any(|text| is_in_context(text, &opens) || !seen.insert(*text));
        let lines: Vec<bool> = texts.iter().map(|text| !belong_together && is_line(text)).collect();
        drop((texts, seen));
        for (at, _) in group.into_iter().zip(lines).filter(|(_, is_line)| !is_line) {
            occurrences[at].text_written = None;
        }
    }
}

/// Leaves the way to be repeatable to those rules of a packet filter that the script adds once: of one that it adds twice both
/// are meant, as in front of another and behind it.
pub fn spare_twins(occurrences: &mut [Occurrence]) {
    let is_rule = |one: &Occurrence| one.effect == EffectKind::Create && one.how == How::Rule;
    let mut seen: HashSet<ThingId> = HashSet::new();
    let twins: HashSet<ThingId> =
        occurrences.iter().filter(|one| is_rule(one) && !seen.insert(one.target)).map(|one| one.target).collect();
    for occurrence in occurrences.iter_mut().filter(|one| is_rule(one) && twins.contains(&one.target)) {
        occurrence.rewrite = None;
    }
}

/// A word without the quotes around it.
fn bare(word: &str) -> &str {
    let inner = |quote: char| word.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(word)
}

/// Whether a line means something only between those around it.
fn is_in_context(text: &str, opens: &[&str]) -> bool {
    let is_indented = text.trim_start() != text;
    let has_words = text.contains(|character: char| character.is_alphanumeric() || character == '$');
    let is_opened = opens
        .iter()
        .any(|word| text.strip_prefix(word).is_some_and(|rest| word.ends_with('[') || rest.starts_with([' ', '\t'])));
    is_indented || !has_words || is_opened || text.trim_end().ends_with(['{', '\\'])
}

/// Whether it is one line as it stands: no escapes, which shells read differently, and not only what some command or variable
/// holds, which may be many.
fn is_line(text: &str) -> bool {
    let whole = text.strip_prefix('$').is_some_and(|rest| {
        let name = rest.trim_start_matches('{').trim_end_matches('}');
        rest.starts_with('(') && rest.ends_with(')')
            || name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    !whole && !text.starts_with('`') && !text.contains(['\\', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_other_lines_is_told_from_what_stands_alone() {
        let opens = ["Match", "["];
        for text in ["}", "", "  read only = no", "[global]", "Match User a", "upstream app {"] {
            assert!(is_in_context(text, &opens), "{text}");
        }
        for text in ["vm.swappiness=1", "10.0.0.1 db", "Matches=1", "$ADDRESS db"] {
            assert!(!is_in_context(text, &opens), "{text}");
        }
    }

    #[test]
    fn a_value_that_may_be_many_lines_is_none() {
        assert!(is_line("$ADDRESS db") && is_line("127.0.0.1 $(hostname)") && is_line("a=1"));
        assert!(!is_line("$KEYS") && !is_line("${KEYS}") && !is_line("$(cat keys)") && !is_line("a\\tb"));
    }
}
