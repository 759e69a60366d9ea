//! The next free number, found by a look at those that are taken.
//!
//! ```sh
//! last=$(list_ids | sort -n | tail -n 1)
//! id=$((last + 1))
//! create --id "$id"        # another run can have taken it since
//! ```

use super::{Found, Survey};
use crate::flow::graph::{Kind, NodeId};
use hashbrown::HashSet;

/// Another run can find the same number.
const NEXT_NUMBER: &str = "next-number";
/// What takes the last of a list that is in order.
const LAST: [&str; 6] = ["tail-n1", "tail-1", "tail-n-1", "head-n1", "head-1", "sed-n'$p'"];

impl Survey<'_, '_, '_> {
    /// Where the largest of a list is found, and one more than that is used by something that acts.
    pub(super) fn numbers(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for (node, assignment) in self.assignments() {
            let name = &*assignment.name.text;
            if takes_largest(self.given(assignment)) && self.is_stepped_and_used(node, name) {
                found.push(Found { node, span: self.span(node), mark: NEXT_NUMBER, edits: Vec::new() });
            }
        }
        found
    }

    /// Whether ahead of a node one is added to a variable, and a command is given what comes of it.
    fn is_stepped_and_used(&self, from: NodeId, name: &str) -> bool {
        let mut stepped: Option<String> = None;
        let mut seen: HashSet<NodeId> = HashSet::from([from]);
        let mut waiting = std::collections::VecDeque::from([from]);
        while let Some(node) = waiting.pop_front().filter(|_| self.budget.take_step()) {
            let edges = self.resolver.flow.graph.node(node).edges.iter();
            let live = self.live[node.0 as usize];
            waiting.extend(
                edges.filter(|(edge, _)| live & edge.bit() != 0).map(|(_, to)| to).filter(|&to| seen.insert(to)),
            );
            if node == from {
                continue;
            }
            match &stepped {
                None => stepped = self.step(node, name),
                Some(next) => {
                    let words = self.simple(node).map_or(&[][..], |simple| &simple.simple.words[..]);
                    let is_given = words.iter().skip(1).any(|word| mentions(self.text(word.span), next));
                    let step = self.steps[node.0 as usize].as_deref();
                    let acts = step.is_some_and(|step| step.unknown || !step.touches.is_empty());
                    if is_given && acts && !self.prints(node) {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// The variable that holds one more than another behind a node.
    fn step(&self, node: NodeId, name: &str) -> Option<String> {
        if let Kind::Arithmetic(_) = self.kind(node) {
            let bare = without_blanks(self.text(self.span(node)));
            return (bare.contains(&format!("{name}++"))
                || bare.contains(&format!("++{name}"))
                || bare.contains(&format!("{name}+=1")))
            .then(|| name.to_owned());
        }
        let simple = self.simple(node)?;
        let set = simple.simple.assignments.iter().chain(&simple.simple.declared).find(|set| {
            let bare = without_blanks(self.given(set)).replace(['$', '{', '}', '"'], "");
            let computes = bare.starts_with("((") || bare.contains("expr");
            let adds = [format!("{name}+1"), format!("++{name}"), format!("1+{name}"), format!("{name}++")];
            computes && adds.iter().any(|step| bare.contains(&**step))
        })?;
        Some(set.name.text.to_string())
    }

    fn prints(&self, node: NodeId) -> bool {
        let name = self.text(self.span(node)).split_whitespace().next().unwrap_or_default();
        matches!(name, "echo" | "printf" | "logger" | "test" | "[" | "seq")
    }
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// Whether a text is the output of a list that is put in order, and the last of it.
fn takes_largest(given: &str) -> bool {
    let bare = without_blanks(given);
    let runs = given.trim_matches('"').starts_with("$(") || given.trim_matches('"').starts_with('`');
    let sorted = ["|sort-n", "|sort-rn", "|sort-nr", "|sort-V", "|sort-g"].iter().find_map(|sort| bare.find(sort));
    runs && sorted.is_some_and(|at| LAST.iter().any(|last| bare[at..].contains(last)))
}

/// Whether a word has the value of a variable in it.
fn mentions(word: &str, name: &str) -> bool {
    word.contains(&format!("${{{name}}}"))
        || word.match_indices(&format!("${name}")).any(|(at, found)| {
            !word[at + found.len()..].starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
        })
}
