//! Commands that take each other back as their words say: the same program with the same words, but for one that has another
//! for its opposite.
//!
//! ```sh
//! kill -STOP "$pid"
//! tar -czf "$OUT" /srv/app
//! kill -CONT "$pid"
//! ```
//! Commands that are known by name are read from knowledge (`opened`). This is for all others: what it finds is no fact about
//! the world, and only says that the script means to come to the second command behind the first.

use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId};
use crate::knowledge::{Knowledge, WordKind};
use hashbrown::HashMap;

/// A command of more words is not looked at.
const MOST_WORDS: usize = 16;

/// Commands of the shell whose words are numbers, options and texts.
const OF_THE_SHELL: [&str; 10] = ["exit", "return", "[", "test", "set", "shopt", "break", "continue", "shift", "let"];

/// Stands for the word that has an opposite.
const PLACE: &str = "\u{0}";

/// The commands that open something, and those that close it.
type Sides = (Vec<NodeId>, Vec<NodeId>);

/// The commands that open something, and those behind them in the same function that close it, in order of position.
pub fn find(flow: &Flow<'_>, source: &[u8], knowledge: &Knowledge) -> Vec<Sides> {
    let rows: Vec<(&str, &str)> = knowledge.words(WordKind::UndoneBy).filter_map(|row| row.split_once(' ')).collect();
    let mut opening: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut closing: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (opens, closes)) in rows.iter().enumerate() {
        opening.entry(opens).or_default().push(at);
        closing.entry(closes).or_default().push(at);
    }
    let mut sides: HashMap<(u32, usize, String), Sides> = HashMap::new();
    for (at, node) in flow.graph.nodes.iter().enumerate() {
        let Kind::Simple(simple) = &node.kind else { continue };
        // The shell's own commands change the shell and nothing else: `exit 1`, `[ "$x" = 1 ]`.
        let name = simple.simple.words.first().and_then(constant);
        if name.as_deref().is_some_and(|name| OF_THE_SHELL.contains(&name) || knowledge.always_succeeds(name)) {
            continue;
        }
        let written =
            |span: crate::span::Span| source.get(span.range()).and_then(|text| std::str::from_utf8(text).ok());
        let redirected = simple.command.redirects.iter().map(|redirect| redirect.target.span);
        let spans = simple.simple.words.iter().map(|word| word.span).chain(redirected);
        let words: Option<Vec<&str>> = spans.take(MOST_WORDS + 1).map(written).collect();
        let Some(words) = words.filter(|words| (2..=MOST_WORDS).contains(&words.len())) else { continue };
        for (number, word) in words.iter().enumerate() {
            for (at_byte, piece) in pieces(word) {
                let key = |row: &usize| {
                    let changed = format!("{}{PLACE}{}", &word[..at_byte], &word[at_byte + piece.len()..]);
                    let others = words.iter().enumerate();
                    let words: Vec<&str> =
                        others.map(|(other, text)| if other == number { &*changed } else { *text }).collect();
                    (node.unit.0, *row, words.join(" "))
                };
                for row in opening.get(piece).into_iter().flatten() {
                    sides.entry(key(row)).or_default().0.push(NodeId(at as u32));
                }
                for row in closing.get(piece).into_iter().flatten() {
                    sides.entry(key(row)).or_default().1.push(NodeId(at as u32));
                }
            }
        }
    }
    let start = |node: &NodeId| flow.graph.node(*node).span.start;
    let is_pair = |(opens, closes): &Sides| {
        opens.iter().map(start).min().is_some_and(|first| closes.iter().any(|close| start(close) > first))
    };
    let mut pairs: Vec<_> = sides.into_values().filter(is_pair).collect();
    // In one order, whatever that of the map is.
    pairs.sort_unstable_by(|one, other| {
        one.0.iter().map(start).cmp(other.0.iter().map(start)).then_with(|| one.cmp(other))
    });
    pairs.dedup();
    pairs
}

/// A word, and what stands between its signs, each with the byte it begins at: `lockfile-create`, `read_only=1`. What follows
/// a hyphen and is a number is an option: `kill -1`.
fn pieces(word: &str) -> Vec<(usize, &str)> {
    let mut found = vec![(0, word)];
    let mut begins = 0;
    for part in word.split(['-', '_', '=', '"', '\'', '/', '.']) {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        let is_option = begins > 0 && word.as_bytes()[begins - 1] == b'-' && is_number;
        if !part.is_empty() && part.len() < word.len() && !is_option && found.iter().all(|(_, known)| *known != part) {
            found.push((begins, part));
        }
        begins += part.len() + 1;
    }
    found
}
