//! `grep` and its kin: what finding and not finding proves of the file or listing that is searched.

use super::super::spot::Spot;
use super::super::step::Step;
use super::super::thing::{Fact, Thing};
use crate::flow::forest::constant;
use crate::flow::graph::NodeId;
use crate::flow::state::State;
use crate::flow::value::ValueId;
use crate::knowledge::{Argument, FactKind, ThingKind};
use crate::span::Span;
use crate::syntax::tree::{Command, CommandKind};

use super::forms::Place;
use super::{Evaluated, Resolver};

impl Resolver<'_, '_> {
    /// What the success and the failure of a search by itself would prove: for `$(grep -c PATTERN FILE)`.
    pub fn search(&mut self, id: NodeId, simple: &crate::syntax::tree::Simple, state: &State) -> Option<Step> {
        let name = simple.words.first().and_then(constant)?;
        if !matches!(&*name, "grep" | "egrep" | "fgrep" | "pgrep") {
            return None;
        }
        let mut state = state.clone();
        let words: Vec<Evaluated> = simple.words.iter().map(|word| self.evaluated(id, word, &mut state)).collect();
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let found = self.knowledge.command(&arguments)?;
        let mut step = Step::default();
        let before = self.occurrences.len();
        let place =
            Place { spot: Spot::of(self.source, Span::default(), Span::default(), false, false), elsewhere: false };
        self.matched(id, &found, &words, None, &state, &mut step, &place);
        self.occurrences.truncate(before);
        Some(step)
    }

    /// `LISTING | grep PATTERN`: what the pattern says of what is listed.
    pub(super) fn searched(
        &mut self,
        id: NodeId,
        previous: &Command,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
        step: &mut Step,
    ) {
        let CommandKind::Simple(listing) = &previous.kind else { return };
        let mut state = state.clone();
        let listed: Vec<Evaluated> = listing.words.iter().map(|word| self.evaluated(id, word, &mut state)).collect();
        let texts: Vec<&str> = listed.iter().map(|word| word.argument.text.as_str()).collect();
        let path = match super::super::listings::lists(&texts) {
            Some(super::super::listings::Listed::Operand(at)) => listed[at].value,
            Some(super::super::listings::Listed::Known(path)) => self.flow.values.constant(path),
            None => {
                // A row of knowledge may say what the command lists.
                let arguments: Vec<Argument> = listed.iter().map(|word| word.argument.clone()).collect();
                let Some(found) = self.knowledge.command(&arguments) else { return };
                let Some(row) = found.form.prints.first() else { return };
                let Some(path) = super::super::listings::of(found.form.things[row.thing].kind) else { return };
                self.flow.values.constant(path)
            }
        };
        let Some(pattern) = words[1..].iter().find(|word| !word.argument.text.starts_with('-')).map(|word| word.value)
        else {
            return;
        };
        let file = self.path(path, root, &state);
        let key = smallvec::smallvec![self.things.get(file).key[0], pattern];
        let thing = self.things.intern(Thing { kind: ThingKind::Text, root, key });
        step.ok.push(Fact { kind: FactKind::Contains, thing });
        step.fail.push(Fact { kind: FactKind::ContainsNot, thing });
        step.ok_ends.push(Fact { kind: FactKind::ContainsNot, thing });
        step.fail_ends.push(Fact { kind: FactKind::Contains, thing });
    }
}
