//! Scripts that give no account of themselves: they say nothing of what they do, cannot be tried, and name nobody.
//!
//! ```sh
//! #!/bin/sh
//! repmgr standby promote || exit 1           # who promoted this node at three in the morning, and why?
//! ip addr add 192.0.2.10/24 dev eth0
//! ```
//! Asked of the script as a whole; what is dangerous enough to ask it for is said by the rules.

use super::step::Occurrence;
use crate::flow::graph::{Graph, Kind, SimpleNode};
use crate::knowledge::{Knowledge, WordKind};

/// No command of the script tells anybody anything.
const SAYS_NOTHING: &str = "says-nothing";
/// The script knows no way to be run without doing it.
const CANNOT_BE_TRIED: &str = "cannot-be-tried";
/// No comment says whose the script is, or where to read on.
const NAMES_NOBODY: &str = "names-nobody";

/// Marks the effects that have marks by their commands: others are nothing to account for. `end` is where the script ends
/// in the text, behind which stands what it sources.
pub fn mark(graph: &Graph<'_>, source: &[u8], end: u32, knowledge: &Knowledge, occurrences: &mut [Occurrence]) {
    let is_asked = |occurrence: &Occurrence| !occurrence.marks.is_empty();
    if !occurrences.iter().any(is_asked) {
        return;
    }
    let text = String::from_utf8_lossy(&source[..source.len().min(end as usize)]);
    let says_nothing = !graph.nodes.iter().any(|node| match &node.kind {
        Kind::Simple(simple) => may_tell(simple, knowledge),
        _ => false,
    });
    let marks: Vec<&str> = [
        (says_nothing, SAYS_NOTHING),
        (!mentions(&text, knowledge, WordKind::OnlyShows), CANNOT_BE_TRIED),
        (!names_somebody(&text, knowledge), NAMES_NOBODY),
    ]
    .into_iter()
    .filter_map(|(holds, mark)| holds.then_some(mark))
    .collect();
    for occurrence in occurrences.iter_mut().filter(|occurrence| is_asked(occurrence)) {
        occurrence.marks.extend(marks.iter().map(|&mark| mark.into()));
    }
}

/// Whether a command tells somebody something, as far as its name and its words go. What a file of functions does cannot
/// be known where it was not read, and a redirection of the whole script goes to a log.
fn may_tell(simple: &SimpleNode<'_>, knowledge: &Knowledge) -> bool {
    let mut words = simple.simple.words.iter().filter_map(crate::flow::forest::constant);
    match simple.name.as_deref() {
        // A name that is computed may be anything.
        None => !simple.simple.words.is_empty(),
        Some("." | "source") => true,
        Some("exec") => !simple.command.redirects.is_empty(),
        Some("set") => words
            .any(|word| word == "xtrace" || word.strip_prefix('-').is_some_and(|letters| letters.contains(['x', 'v']))),
        Some(name) => knowledge.is_message(name) || words.any(|word| knowledge.is_message(&word)),
    }
}

/// Whether one of the words of a kind stands in a text, in letters of any case.
fn mentions(text: &str, knowledge: &Knowledge, kind: WordKind) -> bool {
    let text = text.to_ascii_lowercase();
    knowledge.words(kind).any(|word| {
        text.match_indices(word).any(|(at, _)| {
            let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphabetic());
            !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next())
        })
    })
}

/// Whether a comment has the name of a role (`Owner: storage team`), an address or a page.
fn names_somebody(text: &str, knowledge: &Knowledge) -> bool {
    let comments = text.lines().skip_while(|line| line.starts_with("#!")).filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix('#')
    });
    comments.into_iter().any(|comment| {
        comment.contains("://")
            || comment.split_whitespace().any(|word| {
                word.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.trim_matches('.').contains('.'))
            })
            || mentions(comment, knowledge, WordKind::NamesOwner)
    })
}
