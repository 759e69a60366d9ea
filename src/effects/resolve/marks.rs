//! Marks: what kinds of commands a command is one of, by its row or by its name, and what its run makes of that.

use super::super::spot::Spot;
use super::super::step::Step;
use super::super::thing::Fact;
use super::afar::STOPS_THERE;
use super::{Evaluated, Resolver};
use crate::flow::graph::NodeId;
use crate::knowledge::{Argument, FactKind, Form, How};
use std::rc::Rc;

/// Of so many words of a call each is tried as the begin of a command.
const MOST_WORDS: usize = 16;

/// It cuts a node off.
const FENCES: &str = "fences";

impl Resolver<'_, '_> {
    /// A command with these marks runs.
    pub(in crate::effects) fn mark<'m>(&self, marks: impl Iterator<Item = &'m str>, step: &mut Step) {
        // What cuts a node off has stopped what runs there: where the two meet as ways to the same, one fact holds.
        let implied = |mark| (mark == FENCES).then_some(STOPS_THERE);
        for mark in marks.flat_map(|mark| std::iter::once(mark).chain(implied(mark))) {
            step.marks.push(mark.into());
            let Some(&thing) = self.marks.get(mark) else { continue };
            let fact = |kind| Fact { kind, thing };
            step.ok.extend([fact(FactKind::Done), fact(FactKind::Tried), fact(FactKind::NotFailed)]);
            step.fail.push(fact(FactKind::Tried));
            step.ok_ends.push(fact(FactKind::NotYet));
            step.fail_ends.extend([fact(FactKind::NotYet), fact(FactKind::NotFailed)]);
        }
    }

    /// The marks that the outcome of a command stands for.
    pub(super) fn told(&self, form: &Form, step: &mut Step) {
        for (marks, facts) in [(&form.told_ok, &mut step.ok), (&form.told_fail, &mut step.fail)] {
            step.marks.extend(marks.iter().map(|mark| Box::from(&**mark)));
            let told = marks.iter().filter_map(|mark| self.marks.get(&**mark));
            facts.extend(told.map(|&thing| Fact { kind: FactKind::Done, thing }));
        }
    }

    /// What a command does of which nothing but the name is known.
    pub(super) fn act_by_name(&mut self, id: NodeId, words: &[Evaluated], spot: Spot) {
        let Some(name) = words.first().map(|name| &*name.argument.text) else { return };
        let Some(effect) = self.knowledge.effect_of_name(name) else { return };
        let marks = self.knowledge.marks_of_name(name).map(Box::from).collect();
        self.occur_as_step(id, (effect, How::Other), spot.span, spot, marks, |_| ());
    }

    /// A function that is given a command may run it, whatever else it does: that was tried.
    pub(super) fn tried_by_function(&self, words: &[Evaluated], step: &mut Step) {
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let is_name =
            |argument: &Argument| argument.text.starts_with(|first: char| first.is_alphabetic() || first == '/');
        let begins = (1..arguments.len().min(MOST_WORDS)).filter(|&at| is_name(&arguments[at]));
        let found = begins.filter_map(|at| self.knowledge.command(&arguments[at..]));
        for thing in found.flat_map(|found| found.form.marks.iter()).filter_map(|mark| self.marks.get(&**mark)) {
            let tried = Fact { kind: FactKind::Tried, thing: *thing };
            step.ok.push(tried);
            step.fail.push(tried);
        }
    }

    /// The marks that a function, or a command of which no row tells, has by its name.
    pub(super) fn mark_by_name(&mut self, words: &[Evaluated], step: &mut Step) {
        let Some(name) = words.first().map(|name| &*name.argument.text) else { return };
        // Scripts call few names often, and there are many globs.
        let known = self.marks_by_name.get(name).cloned();
        let marks = known.unwrap_or_else(|| {
            let marks: Rc<[Box<str>]> = self.knowledge.marks_of_name(name).map(Box::from).collect();
            self.marks_by_name.insert(name.into(), Rc::clone(&marks));
            marks
        });
        self.mark(marks.iter().map(|mark| &**mark), step);
    }

    /// The marks that the script itself has by its name: they are done from the start.
    pub fn done_by_name(&self, script: &str) -> Vec<Fact> {
        // Without a first line it is a part of another script, which may hold the lock.
        if !self.source.starts_with(b"#!") {
            return Vec::new();
        }
        let done = self.knowledge.marks_of_script(script).filter_map(|mark| self.marks.get(mark));
        done.map(|&thing| Fact { kind: FactKind::Done, thing }).collect()
    }
}
