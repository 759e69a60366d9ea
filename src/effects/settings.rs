//! What a variable says of the settings that the script has read in.
//!
//! ```sh
//! [ -e /etc/app.conf ] && . /etc/app.conf
//! [ -n "$KEY" ] || echo "KEY=$1" >> /etc/app.conf      # only where no line sets it
//! ```
//! A variable that nothing else sets and that is empty behind the file is set in no line of it, or the file is not there.

use super::dominators::Dominators;
use super::first_run::likely;
use super::question::Question;
use super::resolve::Resolver;
use super::step::{Condition, Step};
use super::thing::{Fact, Thing, ThingId};
use crate::flow::exact::site;
use crate::flow::graph::{Kind, NodeId, Slot};
use crate::flow::state::State;
use crate::flow::value::Value;
use crate::knowledge::{FactKind, ThingKind};
use crate::syntax::tree::Word;

/// So many files of settings are followed.
const MOST_FILES: usize = 16;

/// A file that is read in.
struct File<'t> {
    /// Where.
    node: NodeId,
    /// Whoever comes past here has read it, or has found that it is not there.
    known_from: NodeId,
    thing: ThingId,
    /// The word that names it.
    word: &'t Word,
}

/// Adds to the questions whether a variable is empty what that says of the files.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], dominators: &Dominators) {
    let mut files = Vec::new();
    for at in (0..steps.len()).filter(|&at| steps[at].as_ref().is_some_and(|step| step.overrides)).take(MOST_FILES) {
        files.extend(file(NodeId(at as u32), resolver, steps, dominators));
    }
    if files.is_empty() {
        return;
    }
    for (at, step) in steps.iter_mut().enumerate() {
        let Some(condition) = step.as_mut().and_then(|step| step.condition.as_mut()) else { continue };
        condition.each_mut(&mut |asked| {
            let Condition::Slot { slot: Slot::Variable(number), question, yes, no } = asked else { return };
            let empty = match question {
                Question::NonEmpty => no,
                Question::Equals(text) if text.is_empty() => yes,
                _ => return,
            };
            empty.extend(unset(NodeId(at as u32), *number, &files, resolver, dominators).into_iter().flatten());
        });
    }
}

/// The file that a command reads in.
fn file<'t>(
    node: NodeId,
    resolver: &mut Resolver<'_, 't>,
    steps: &[Option<Box<Step>>],
    dominators: &Dominators,
) -> Option<File<'t>> {
    let Kind::Simple(simple) = resolver.flow.graph.node(node).kind.clone() else { return None };
    let mut state = State::clone(resolver.flow.inputs.get(node)?);
    let word = simple.simple.words.get(1)?;
    let value = resolver.word(node, word, &mut state).value;
    let thing = resolver.path(value, None, &state);
    // `[ -e F ] && . F`: past the question it is not read only where it is not there.
    let mut above = dominators.above(node);
    while let Some(join) = above.filter(|&one| matches!(resolver.flow.graph.node(one).kind, Kind::Join)) {
        above = dominators.above(join);
    }
    let asks = |step: &Step| step.condition.as_deref().is_some_and(|condition| asks_for(condition, thing));
    let question = above.filter(|one| steps[one.0 as usize].as_deref().is_some_and(asks));
    Some(File { node, known_from: question.unwrap_or(node), thing, word })
}

/// Whether a condition asks only whether a file is there.
fn asks_for(condition: &Condition, file: ThingId) -> bool {
    matches!(condition, Condition::Facts { .. })
        && condition.asks_for(true).iter().any(|fact| fact.thing == file && fact.kind == FactKind::Exists)
}

/// What holds where a variable is empty that a file may set.
fn unset(
    node: NodeId,
    number: u32,
    files: &[File<'_>],
    resolver: &mut Resolver<'_, '_>,
    dominators: &Dominators,
) -> Option<[Fact; 2]> {
    let mut state = State::clone(resolver.flow.inputs.get(node)?);
    let name = resolver.flow.names.text(number).to_owned();
    let held = state.variable(number, &name, &mut resolver.flow.values);
    let Value::Environment(since, _) = *resolver.flow.values.get(held) else { return None };
    let unit = resolver.flow.graph.node(node).unit;
    let file = files.iter().rev().find(|file| {
        let is_here = resolver.flow.graph.node(file.node).unit == unit;
        is_here && since >= site(file.node) && dominators.dominates(file.known_from, node)
    })?;
    let pattern = resolver.flow.values.constant(&format!("^{name}="));
    // What it has set may be the name of the file, too, which is called otherwise from then on.
    let called = resolver.word(node, file.word, &mut state).value;
    let called = resolver.path(called, None, &state);
    let [first, now] =
        [file.thing, called].map(|thing| likely(resolver.things.get(thing).key[0], &mut resolver.flow.values));
    let files = [file.thing, if first == now { called } else { file.thing }];
    Some(files.map(|file| {
        let Thing { root, key, .. } = resolver.things.get(file).clone();
        let key = smallvec::smallvec![key[0], pattern];
        let thing = resolver.things.intern(Thing { kind: ThingKind::Text, root, key });
        Fact { kind: FactKind::ContainsNot, thing }
    }))
}
