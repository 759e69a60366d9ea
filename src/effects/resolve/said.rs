//! Checks whose output is asked for what they print only where they succeed.
//!
//! ```sh
//! nginx -t 2>&1 | grep -q "test is successful" || exit 1
//! case "$(nginx -t 2>&1)" in *successful*) systemctl reload nginx ;; esac
//! ```
//! What is not found proves nothing: a program may be asked for its output where that goes elsewhere.

use super::super::step::Step;
use super::super::thing::Fact;
use super::Resolver;
use crate::flow::forest::piped;
use crate::flow::graph::NodeId;
use crate::flow::state::State;
use crate::knowledge::Argument;
use crate::syntax::tree::{Command, CommandKind, Word};
use thin_vec::ThinVec;

impl Resolver<'_, '_> {
    /// What holds where the output of the command that a word is holds a text.
    pub fn said(&mut self, id: NodeId, word: &Word, text: &str, state: &State) -> ThinVec<Fact> {
        match piped(word) {
            Some([command]) => self.said_by(id, command, text, state),
            _ => ThinVec::new(),
        }
    }

    /// What holds where a command prints a text.
    pub(super) fn said_by(&mut self, id: NodeId, command: &Command, text: &str, state: &State) -> ThinVec<Fact> {
        let CommandKind::Simple(simple) = &command.kind else { return ThinVec::new() };
        let mut state = state.clone();
        let words = self.evaluated_all(id, simple, &mut state);
        let (words, root, _) = self.unwrapped(words, &state, &mut Step::default());
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let knowledge = self.knowledge;
        if let Some(answers) = self.answers(words.clone(), &state) {
            let text = text.trim_start_matches('^').trim_end_matches('$').trim();
            let said = answers.into_iter().find(|(answer, _)| **answer == *text);
            return said.map(|(_, facts)| facts).unwrap_or_default();
        }
        let says = knowledge.command(&arguments).map_or("", |found| &found.form.says);
        if !tells(text, says) {
            return ThinVec::new();
        }
        self.laid_over(id, &words, root, &state).map(|step| step.ok).unwrap_or_default()
    }
}

/// Whether what holds a text holds what is only printed on success: of several texts one may be another.
fn tells(text: &str, says: &str) -> bool {
    !says.is_empty() && !text.contains(['|', '[', '(']) && text.to_lowercase().contains(&says.to_lowercase())
}
