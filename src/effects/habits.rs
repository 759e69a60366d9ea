//! What a script has of its own that a fix can use, and what a fix must not get in the way of.
//!
//! ```sh
//! die() { echo "$*" >&2; exit 1; }     # a fix that stops the script says so in the script's own way
//! exec 3>&1                            # 9 is free, 3 is not
//! ```

use super::Occurrence;
use super::loops::free_name;
use super::stoppers::{self, Stopper};
use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Graph, Kind, SimpleNode, TrapSignal};
use crate::knowledge::{EffectKind, How};
use crate::span::Span;
use hashbrown::HashSet;

/// The descriptor that a lock is held on.
const LOCK_DESCRIPTOR: &str = "9";
/// What has another process start the service: that does not inherit what this one has open.
const MANAGERS: [&str; 5] = ["systemctl", "service", "rcctl", "pcs", "crm"];
/// So many words of a command may name a program: `timeout 5 sudo arping`.
const MOST_NAMING: usize = 6;
/// What only prints or takes apart the name of the script.
const NAMES_SCRIPT: [&str; 7] = ["basename", "dirname", "readlink", "realpath", "echo", "printf", "logger"];

/// What a script has of its own.
#[derive(Debug, Default)]
pub struct Habits {
    /// The functions that tell of a failure and end the script.
    stoppers: Vec<Stopper>,
    /// The functions that only tell something, by which the script tells of failures.
    tellers: Vec<Stopper>,
    /// Errexit is switched on somewhere: a function that fails ends the script, unless somebody asks for it.
    pub has_errexit: bool,
    /// It sets an EXIT trap.
    pub traps_exit: bool,
    /// It has an ERR trap.
    pub traps_errors: bool,
    /// Where a line can be put that runs before anything else does.
    pub top: Option<u32>,
    /// What a lock of the script is called.
    lock: Option<Box<str>>,
    /// The text, where something is put together from it.
    text: String,
    /// How many pipelines there are.
    pub pipelines: usize,
    /// `set -o pipefail` is understood, and nothing in the script sets it.
    pub lacks_pipefail: bool,
    /// It is understood.
    pub is_bash: bool,
    /// A name for a count that the script does not have.
    pub counter: Option<&'static str>,
    /// The programs that it runs itself, without the directories that they lie in; and with their first word, `git init`.
    pub programs: HashSet<Box<str>>,
}

impl Habits {
    /// Looks at a script, which ends at this byte of the text.
    pub(super) fn of(flow: &Flow<'_>, source: &[u8], occurrences: &[Occurrence], (script, end): (&str, u32)) -> Self {
        let graph = &flow.graph;
        let own = source.get(..end as usize).unwrap_or(source);
        let text = with_offsets(own);
        let traps_exit = graph.traps.iter().any(|trap| trap.signal == TrapSignal::Exit);
        let pipelines: HashSet<Span> = simple_nodes(graph).filter_map(|node| node.pipeline).collect();
        Self {
            stoppers: stoppers::find(flow, source, end),
            tellers: stoppers::tellers(flow, source, end),
            has_errexit: has_errexit(&text),
            traps_exit,
            traps_errors: graph.traps.iter().any(|trap| trap.signal == TrapSignal::Failure),
            top: top(&text),
            lock: lock_name(script).filter(|_| can_hold_lock(graph, occurrences, &text)),
            pipelines: pipelines.len(),
            lacks_pipefail: flow.dialect.is_bash() && !text.contains("pipefail"),
            is_bash: flow.dialect.is_bash(),
            counter: free_name(source),
            programs: programs(graph),
            text,
        }
    }

    /// The function with which the script ends at a place when it has something to tell of a failure.
    pub fn stopper(&self, at: u32) -> Option<&str> {
        self.stoppers.iter().rfind(|stopper| stopper.from <= at).map(|stopper| &*stopper.name)
    }

    /// The function with which the script tells of a failure at a place before it ends.
    pub fn teller(&self, at: u32) -> Option<&str> {
        self.tellers.iter().rfind(|teller| teller.from <= at).map(|teller| &*teller.name)
    }

    /// A descriptor on which a lock can be held until the script ends: nothing else uses it, and nothing that the script
    /// leaves behind would keep it open.
    pub fn lock_descriptor(&self) -> Option<&'static str> {
        self.lock.is_some().then_some(LOCK_DESCRIPTOR)
    }

    /// What a lock of the script is called.
    pub fn lock_name(&self) -> Option<&str> {
        self.lock.as_deref()
    }

    /// Whether the value of a variable is asked for somewhere.
    pub fn asks_for(&self, variable: &str) -> bool {
        self.text.match_indices(variable).any(|(at, _)| {
            let before = self.text[..at].trim_end_matches('{');
            let goes_on = |next: char| next.is_ascii_alphanumeric() || next == '_';
            before.ends_with('$') && !self.text[at + variable.len()..].starts_with(goes_on)
        })
    }

    /// Whether nothing but blanks follows on a place.
    pub fn is_end(&self, at: u32) -> bool {
        self.text.get(at as usize..).is_some_and(|rest| rest.trim_start().is_empty())
    }

    /// What stands at a place.
    pub fn written(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

/// Whether some line switches errexit on, the first one included.
fn has_errexit(text: &str) -> bool {
    let sets = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next();
        let has_letter = |word: &str| word.strip_prefix('-').is_some_and(|letters| letters.contains('e'));
        (name == Some("set") || line.starts_with("#!")) && words.any(|word| has_letter(word) || word == "errexit")
    };
    text.lines().any(sets)
}

/// The text in which every byte has its place: in one that is not UTF-8, a sign stands for each byte that is no letter of ASCII.
fn with_offsets(source: &[u8]) -> String {
    match std::str::from_utf8(source) {
        Ok(text) => text.to_owned(),
        Err(_) => source.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '?' }).collect(),
    }
}

fn simple_nodes<'g, 't: 'g>(graph: &'g Graph<'t>) -> impl Iterator<Item = &'g SimpleNode<'t>> + use<'g, 't> {
    graph.nodes.iter().filter_map(|node| match &node.kind {
        Kind::Simple(simple) => Some(&**simple),
        _ => None,
    })
}

/// What the script runs, by the first words of its commands: some may be what a wrapper is given.
fn programs(graph: &Graph<'_>) -> HashSet<Box<str>> {
    let mut programs: HashSet<Box<str>> = HashSet::new();
    for node in simple_nodes(graph) {
        let words: Vec<_> = node.simple.words.iter().take(MOST_NAMING).filter_map(constant).collect();
        let names = words.iter().map(|word| word.rsplit('/').next().unwrap_or_default());
        programs.extend(names.clone().map(Into::into));
        programs.extend(names.zip(words.iter().skip(1)).map(|(name, word)| format!("{name} {word}").into()));
    }
    programs
}

/// Where the first line begins that is none of the head: no comment, and no option of the shell. What is said right in front
/// of it stays with it.
fn top(text: &str) -> Option<u32> {
    if !text.starts_with("#!") {
        return None;
    }
    let (mut at, mut block) = (0, None);
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let is_option = bare.starts_with("set -") && !bare.ends_with('\\') && !bare.contains([';', '&', '|']);
        match bare {
            "" => block = None,
            _ if at == 0 || is_option => block = None,
            // A comment behind a line that is no blank one belongs to the head.
            _ if bare.starts_with('#') => {
                let behind_blank = text[..at].ends_with("\n\n") || text[..at].ends_with("\n\r\n");
                block = block.or(behind_blank.then_some(at));
            }
            _ => return u32::try_from(block.unwrap_or(at)).ok(),
        }
        at += line.len();
    }
    None
}

/// The name of a script without what its ending says, where that can stand in a path as it is.
fn lock_name(script: &str) -> Option<Box<str>> {
    let name = script.split('.').next().unwrap_or_default();
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    (!name.is_empty() && is_plain).then(|| name.into())
}

/// Whether a lock can be held over the run: what goes on behind its end would keep it, and what starts the script again
/// would wait for itself.
fn can_hold_lock(graph: &Graph<'_>, occurrences: &[Occurrence], text: &str) -> bool {
    let uses = ["9>", "9<", "&9", "flock"].iter().any(|used| text.contains(used));
    let leaves_behind = graph.nodes.iter().any(|node| matches!(node.kind, Kind::Fork));
    let starts = occurrences.iter().any(|occurrence| {
        occurrence.effect == EffectKind::Service
            && matches!(occurrence.how, How::Start | How::Restart)
            && !occurrence.elsewhere
            && !MANAGERS.contains(&&*occurrence.command)
    });
    let runs_itself = text.lines().any(|line| {
        (line.contains("\"$0\"") || line.contains(" $0 ") || line.contains("${0}"))
            && !NAMES_SCRIPT.iter().any(|name| line.contains(name))
    });
    !uses && !leaves_behind && !starts && !runs_itself
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_behind_the_head() {
        let at = |text: &str| top(text).map(|at| text[at as usize..].lines().next().unwrap_or_default().to_owned());
        assert_eq!(at("#!/bin/sh\n# Copies.\nset -e\n\n# the place\ndir=/srv\n").as_deref(), Some("# the place"));
        assert_eq!(at("#!/bin/sh\n# Copies.\ndir=/srv\n").as_deref(), Some("dir=/srv"));
        assert_eq!(at("dir=/srv\n"), None);
    }

    #[test]
    fn places_are_those_of_the_bytes() {
        let text = with_offsets(b"#!/bin/sh\n# J\xf6rg\nset -e\nrun\n");
        assert_eq!(top(&text).map(|at| &text[at as usize..]), Some("run\n"));
        assert_eq!(text.find("run"), Some(24));
    }

    #[test]
    fn a_lock_is_called_like_the_script() {
        assert_eq!(lock_name("app-backup.sh").as_deref(), Some("app-backup"));
        assert_eq!(lock_name("a b"), None);
    }
}
