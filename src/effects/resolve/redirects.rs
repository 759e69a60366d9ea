//! Redirections: writes of the shell itself.

use super::super::spot::Spot;
use super::super::step::Step;
use super::super::thing::{Thing, ThingId};
use crate::flow::expand::Expander;
use crate::flow::graph::{Kind, NodeId};
use crate::flow::state::{Flag, State};
use crate::flow::value::ValueId;
use crate::knowledge::{Argument, PathClass, SecondRun, ThingKind};
use crate::span::Span;
use crate::syntax::tree::{Part, PartKind, Redirect, RedirectKind, Word};

use super::forms::Place;
use super::{Evaluated, Resolver};

impl Resolver<'_, '_> {
    pub(super) fn redirect(
        &mut self,
        id: NodeId,
        redirect: &Redirect,
        around: Around,
        state: &State,
        step: &mut Step,
        words: &[Evaluated],
    ) {
        if redirect.kind == RedirectKind::Input {
            let mut state = state.clone();
            let value = self.word(id, &redirect.target, &mut state).value;
            self.connects(value, step);
            step.reads.push(self.path(value, around.root, &state));
            return;
        }
        let operator = match redirect.kind {
            RedirectKind::Output | RedirectKind::Both if state.noclobber == Flag::On => ">C",
            RedirectKind::Output | RedirectKind::Clobber | RedirectKind::Both => ">",
            RedirectKind::Append | RedirectKind::BothAppend => ">>",
            _ => return,
        };
        // Errors that go to a file are a log of the run, not content.
        if redirect.descriptor.is_some_and(|descriptor| descriptor != 1) {
            return;
        }
        let mut state = state.clone();
        let target = self.evaluated(id, &redirect.target, &mut state);
        self.connects(target.value, step);
        // What goes to a device is gone, and nothing is another: `id app >/dev/null` only asks.
        if self.class(target.value).0 == PathClass::Stream {
            return;
        }
        let first = Evaluated {
            value: self.flow.values.constant(operator),
            argument: Argument::literal(operator),
            span: redirect.span,
        };
        // `: >> F` adds nothing.
        let silent = words.first().is_none_or(|word| matches!(word.argument.text.as_str(), ":" | "true"));
        if operator == ">>" && silent && matches!(self.flow.graph.node(id).kind, Kind::Simple(_)) {
            return;
        }
        let pair = [first, target.clone()];
        let arguments: Vec<Argument> = pair.iter().map(|word| word.argument.clone()).collect();
        let Some(found) = self.knowledge.command(&arguments) else { return };
        let before = self.occurrences.len();
        let spot = match &self.flow.graph.node(id).kind {
            Kind::Simple(simple) => Spot::around(self.source, simple),
            _ => Spot::of(self.source, around.span, around.statement, around.alone, false),
        };
        let place = Place { spot, elsewhere: around.root.is_some() };
        self.matched(id, &found, &pair, around.root, &state, step, &place);
        let path = self.path(target.value, around.root, &state);
        let name =
            words.first().map_or("", |word| word.argument.text.rsplit('/').next().unwrap_or_default()).to_owned();
        let text = if operator == ">>" { self.appended(id, words, path, &name, &mut state) } else { None };
        // What is different with each run is not there twice.
        let is_one_line = |format: &Evaluated| !format.argument.text.trim_end_matches("\\n").contains("\\n");
        let is_new = text.is_some_and(|text| self.is_new_by_line(self.things.get(text).key[1]))
            || name == "printf"
                && words.get(1).is_some_and(is_one_line)
                && words.iter().skip(2).any(|word| self.is_new_each_run(word.value));
        for occurrence in &mut self.occurrences[before..] {
            if is_new && occurrence.second_run == SecondRun::Duplicates {
                occurrence.second_run = SecondRun::Ok;
            }
            occurrence.command = name.as_str().into();
            occurrence.marks.extend(step.marks.iter().cloned());
            if let [Part { kind: PartKind::Parameter(parameter), .. }] = unquoted_parts(&redirect.target)
                && self.knowledge.name_class(&parameter.name) == Some(PathClass::Stream)
            {
                occurrence.class = PathClass::Stream;
            }
            occurrence.operand = Some(redirect.target.span);
            occurrence.target_written = Some(
                String::from_utf8_lossy(self.source.get(redirect.target.span.range()).unwrap_or_default()).into_owned(),
            );
            occurrence.option_at = None;
            occurrence.text = text;
            // Other commands are given names, and not the text.
            let is_text = name == "echo" && words.len() == 2;
            occurrence.text_written =
                words.get(1).map(|word| word.span).filter(|_| is_text).map(|span| {
                    String::from_utf8_lossy(self.source.get(span.range()).unwrap_or_default()).into_owned()
                });
        }
    }

    /// Whether no line of a text is the same in the next run.
    fn is_new_by_line(&self, text: ValueId) -> bool {
        let values = &self.flow.values;
        let (mut is_new, mut is_blank, mut all_new) = (false, true, true);
        for &piece in values.pieces(&text) {
            let Some(known) = values.text(piece) else {
                is_new |= self.is_new_each_run(piece);
                is_blank = false;
                continue;
            };
            for (at, line) in known.replace("\\n", "\n").split('\n').enumerate() {
                if at > 0 {
                    all_new &= is_new || is_blank;
                    (is_new, is_blank) = (false, true);
                }
                is_blank &= line.trim().is_empty();
            }
        }
        all_new && (is_new || is_blank && values.text(text).is_none())
    }

    /// The text that `echo`, `printf` or `cat <<EOF` adds to a file.
    pub(super) fn appended(
        &mut self,
        id: NodeId,
        words: &[Evaluated],
        path: ThingId,
        name: &str,
        state: &mut State,
    ) -> Option<ThingId> {
        let text = match name {
            // The end of a line alone is what `echo` adds.
            "printf" if words.get(1)?.argument.text == "\\n" => self.flow.values.constant(""),
            "printf" => words.get(1)?.value,
            "echo" => {
                let is_option = |word: &&Evaluated| matches!(word.argument.text.as_str(), "-e" | "-n" | "-E");
                let mut pieces = Vec::new();
                for word in words.iter().skip(1).skip_while(is_option) {
                    if !pieces.is_empty() {
                        pieces.push(self.flow.values.constant(" "));
                    }
                    pieces.push(word.value);
                }
                self.flow.values.concat(pieces)
            }
            "cat" if words.len() == 1 => {
                let Kind::Simple(node) = self.flow.graph.node(id).kind.clone() else { return None };
                let heredoc = node.command.redirects.iter().find_map(|redirect| redirect.heredoc.as_ref())?;
                let unit = self.flow.graph.node(id).unit.0;
                Expander { values: &mut self.flow.values, names: &mut self.flow.names, state, unit }
                    .quoted(&heredoc.parts)
            }
            _ => return None,
        };
        let thing = self.things.get(path).clone();
        Some(self.things.intern(Thing {
            kind: ThingKind::Text,
            root: thing.root,
            key: smallvec::smallvec![thing.key[0], text],
        }))
    }
}

/// What a redirect stands at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) span: Span,
    pub(super) statement: Span,
    pub(super) alone: bool,
    pub(super) root: Option<ValueId>,
}

/// The parts of a word, without the double quotes around all of it.
pub(in crate::effects) fn unquoted_parts(word: &Word) -> &[Part] {
    match &word.parts[..] {
        [Part { kind: PartKind::DoubleQuoted(inner), .. }] => inner,
        parts => parts,
    }
}
