//! What the callers of a function say to a command that is handed all they give.
//!
//! ```sh
//! on() { host=$1; shift; ssh -n "$host" "$@"; }
//! on db1 -o ConnectTimeout=5 uptime           # it has a limit wherever all callers set one
//! ```

use super::{Evaluated, Resolver};
use crate::flow::graph::{Kind, NodeId};
use crate::flow::state::State;
use crate::flow::value::Value;
use crate::knowledge::{Argument, Form};

/// Of a function that is called more often nothing is said.
const MOST_CALLS: usize = 128;

impl Resolver<'_, '_> {
    /// Marks the effects of a command from this one on with what all callers of the function around it make of it.
    pub(super) fn mark_as_called(&mut self, id: NodeId, form: &Form, words: &[Evaluated], state: &State, first: usize) {
        let brought = self.marks_of_callers(id, form, words, state);
        for occurrence in &mut self.occurrences[first..] {
            occurrence.marks.extend(brought.iter().cloned());
        }
    }

    /// The marks that a command has with the words of every call in place of `"$@"`, beside those that it has as it stands.
    fn marks_of_callers(&mut self, id: NodeId, form: &Form, words: &[Evaluated], state: &State) -> Vec<Box<str>> {
        let own = &form.marks;
        let unit = self.flow.graph.node(id).unit;
        let all = Value::AllPositional(unit.0);
        let at = words.iter().position(|word| *self.flow.values.get(word.value) == all);
        let Some(at) = at.filter(|_| unit.0 != 0 && !own.is_empty() && state.row.since == 0) else { return Vec::new() };
        let calls = self.flow.calls.of(unit).to_vec();
        if calls.len() > MOST_CALLS {
            self.overrun = true;
            return Vec::new();
        }
        let mut common: Option<Vec<Box<str>>> = None;
        for call in calls {
            let Kind::Simple(node) = &self.flow.graph.node(call.node).kind else { return Vec::new() };
            let simple = node.simple;
            // What nothing leads to calls nothing.
            let Some(outer) = self.flow.inputs.get(call.node) else { continue };
            let mut outer = State::clone(outer);
            let mut given = Vec::new();
            for word in &simple.words {
                let word = self.evaluated(call.node, word, &mut outer);
                self.fall_apart(word, &mut given);
            }
            let handed = given.iter().skip(1 + state.row.shifted as usize);
            let spelled = words[..at].iter().chain(handed).chain(&words[at + 1..]);
            let arguments: Vec<Argument> = spelled.map(|word| word.argument.clone()).collect();
            let Some(found) = self.knowledge.command(&arguments) else { return Vec::new() };
            let marks = &found.form.marks;
            // Another form that says less is another command.
            if !own.iter().all(|mark| marks.iter().any(|other| **other == **mark)) {
                return Vec::new();
            }
            let is_there = |mark: &str| marks.iter().any(|other| **other == *mark);
            common = Some(match common {
                Some(known) => known.into_iter().filter(|mark| is_there(mark)).collect(),
                None => marks.iter().map(|mark| Box::from(&**mark)).collect(),
            });
        }
        let is_new = |mark: &str| own.iter().all(|known| **known != *mark);
        common.unwrap_or_default().into_iter().filter(|mark| is_new(mark)).collect()
    }
}
