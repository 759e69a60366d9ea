//! The command that `find` runs for what it finds.
//!
//! ```sh
//! find /etc/nginx -name '*.conf' -exec sed -i s/80/8080/ {} +     # sed -i s/80/8080/ /etc/nginx/*
//! ```
//! As for `xargs`, a name stands for all that may be there. What removes what was found has forms of its own.

use super::super::step::Step;
use super::{Evaluated, Resolver};
use crate::flow::graph::NodeId;
use crate::flow::state::State;
use crate::flow::value::ValueId;
use crate::knowledge::Argument;

/// A command without what stands in front of it.
pub(super) struct Innermost {
    /// Its words; none where what runs is not known.
    pub(super) words: Vec<Evaluated>,
    /// The root that it runs on.
    pub(super) root: Option<ValueId>,
    /// Whether that is another place.
    pub(super) elsewhere: bool,
    /// Whether it runs whatever there is.
    pub(super) always: bool,
}

impl Resolver<'_, '_> {
    /// Takes off all that stands in front of a command, `find` with its tests included.
    pub(super) fn innermost(
        &mut self,
        id: NodeId,
        place: Option<ValueId>,
        (words, handed): (Vec<Evaluated>, Option<ValueId>),
        state: &State,
        step: &mut Step,
    ) -> Innermost {
        let (words, root, elsewhere) = self.unwrapped_on(place, words, handed, state, step);
        if let Some((inner, is_told)) = self.run_by_find(id, &words) {
            let (inner, inner_root, _) = self.unwrapped_on(root, inner, None, state, step);
            if !inner.is_empty() {
                step.loses_status |= !is_told;
                let elsewhere = elsewhere || inner_root != root;
                return Innermost { words: inner, root: inner_root, elsewhere, always: false };
            }
        }
        Innermost { words, root, elsewhere, always: handed.is_none() }
    }

    /// The words of the command that `find` runs, if it runs one that does or checks something and is no removal; and
    /// whether a failure of it is one of `find`.
    fn run_by_find(&mut self, id: NodeId, words: &[Evaluated]) -> Option<(Vec<Evaluated>, bool)> {
        let (name, operands) = words.split_first()?;
        if name.argument.text.rsplit('/').next() != Some("find") {
            return None;
        }
        let runs = |word: &Evaluated| matches!(&*word.argument.text, "-exec" | "-execdir" | "-ok" | "-okdir");
        let first = operands.iter().position(runs)?;
        let behind = &operands[first + 1..];
        let end = behind.iter().position(|word| matches!(&*word.argument.text, ";" | "+"))?;
        let mut inner = behind[..end].to_vec();
        let program = inner.first()?.argument.text.clone();
        let removes = matches!(program.rsplit('/').next(), Some("rm" | "rmdir" | "unlink" | "shred"));
        if removes || behind[end..].iter().any(runs) {
            return None;
        }
        let standing = inner.iter().filter(|word| word.argument.text.contains("{}")).count();
        if standing > 0 {
            let names = self.names_found(id, operands)?;
            if standing > 1 || !self.hand(&mut inner, names, Some("{}")) {
                return None;
            }
        }
        let known: Vec<Argument> = inner.iter().map(|word| word.argument.clone()).collect();
        let acts =
            self.knowledge.command(&known).is_some_and(|found| found.form.asks || !found.form.effects.is_empty());
        (acts || self.knowledge.wrapper(&known).is_some()).then(|| (inner, behind[end].argument.text == "+"))
    }
}
