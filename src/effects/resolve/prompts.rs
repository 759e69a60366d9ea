//! Whether `read` reads what a person types: it prompts, or a line that was left open in front of it does.
//!
//! ```sh
//! printf 'Install it now? '
//! read answer
//! ```

use super::Resolver;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode};

/// The mark of a command that asks a person.
pub const ASKS_PERSON: &str = "asks-person";

/// Through how many nodes the command in front is looked for: those of errexit and of redirections stand between.
const MOST_BETWEEN: u32 = 4;

impl Resolver<'_, '_> {
    /// Whether a person is read at a node.
    pub fn reads_person(&self, id: NodeId) -> bool {
        let Kind::Simple(simple) = &self.flow.graph.node(id).kind else { return false };
        let words: Vec<_> = simple.simple.words.iter().skip(1).filter_map(constant).collect();
        let is_prompted = || is_prompted(words.iter().map(|word| &**word));
        simple.name.as_deref() == Some("read") && (is_prompted() || self.is_behind_open_line(id))
    }

    /// Whether the command in front of a node leaves its line open.
    pub(super) fn is_behind_open_line(&self, id: NodeId) -> bool {
        let before = (1..=MOST_BETWEEN).map_while(|back| id.0.checked_sub(back)).find_map(|at| {
            match &self.flow.graph.node(NodeId(at)).kind {
                Kind::Simple(simple) => Some(simple),
                _ => None,
            }
        });
        before.is_some_and(|simple| leaves_line_open(simple))
    }
}

/// `read -p PROMPT`, `read -t 30 -rp PROMPT`: of bash and ksh.
pub(super) fn is_prompted<'w>(words: impl Iterator<Item = &'w str>) -> bool {
    let is_option = |letters: &&str| letters.bytes().all(|letter| letter.is_ascii_alphabetic());
    words.filter_map(|word| word.strip_prefix('-')).filter(is_option).any(|letters| letters.contains('p'))
}

/// `echo -n text`, `printf 'text: '`.
fn leaves_line_open(simple: &SimpleNode<'_>) -> bool {
    let mut words = simple.simple.words.iter().skip(1).map(constant);
    match simple.name.as_deref() {
        Some("echo") => words.next().flatten().is_some_and(|word| matches!(&*word, "-n" | "-en" | "-ne")),
        Some("printf") => {
            let format = words.next().flatten();
            simple.capture.is_none() && format.is_some_and(|format| !format.trim_end().ends_with("\\n"))
        }
        _ => false,
    }
}
