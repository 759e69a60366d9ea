//! A form of knowledge laid over a command: its things, facts and effects.

use super::super::spot::{Options, Spot};
use super::super::step::{NewDirectory, Occurrence, Step};
use super::super::thing::{Fact, Thing, ThingId, above};
use crate::finding::Edit;
use crate::flow::exact::site;
use crate::flow::forest::{constant, program};
use crate::flow::graph::{Kind, NodeId};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{
    Bindings, EffectKind, EffectRow, FactKind, FactRow, Form, HOLE, How, Knowledge, Match, Operand, PathClass, Piece,
    SecondRun, ThingKind, Touch, TouchRow, When, WordKind,
};
use crate::span::Span;
use crate::syntax::tree::{CommandKind, Simple};
use smallvec::{SmallVec, smallvec};
use std::rc::Rc;
use thin_vec::ThinVec;

use super::asked::is_search;
use super::{Evaluated, Resolver};

/// It brings along what is mounted in the tree.
const MOUNTS_TREE: &str = "mounts-tree";

/// Whatever lies beside it is read, too.
const READ_WHOLE: &str = "read-whole";

impl Resolver<'_, '_> {
    pub(super) fn operand(&mut self, id: NodeId, operand: &Operand, words: &[Evaluated]) -> (ValueId, Option<Span>) {
        match operand {
            Operand::Word { argument, offset } => match words.get(*argument) {
                Some(word) => {
                    let is_whole = *offset == 0 && is_written(words, *argument);
                    (self.flow.values.tail(word.value, *offset), is_whole.then_some(word.span))
                }
                None => (self.flow.values.intern(Value::Unknown(site(id))), None),
            },
            Operand::Rest(all) => {
                let mut pieces = Vec::new();
                for (at, &argument) in all.iter().enumerate() {
                    if at > 0 {
                        pieces.push(self.flow.values.constant(" "));
                    }
                    pieces.extend(words.get(argument).map(|word| word.value));
                }
                (self.flow.values.concat(pieces), None)
            }
            Operand::Text(text) => {
                let value = if text.contains(HOLE) {
                    self.flow.values.intern(Value::Unknown(site(id)))
                } else {
                    self.flow.values.constant(text)
                };
                (value, None)
            }
            Operand::Input(_) => (self.flow.values.intern(Value::Unknown(site(id))), None),
        }
    }

    /// Whether some word is a variable that holds options by its name, `$SSH_OPTS`, and nobody knows all that it holds.
    fn has_options_elsewhere(&self, words: &[Evaluated]) -> bool {
        words.iter().skip(1).any(|word| {
            let is_unknown = || word.argument.text.contains(HOLE);
            let written = || self.written(word.span);
            is_unknown() && {
                let written = written();
                written.starts_with('$') && holds_options(self.knowledge, &written)
            }
        })
    }

    /// Whether what a command prints is searched by the next stage of its pipeline: then it is asked for something, and
    /// nobody means its status. Where its errors go there too, what is searched is what the check says, but where only a
    /// part of the lines found is taken: that is a setting.
    pub(super) fn is_queried(&self, id: NodeId) -> bool {
        let Kind::Simple(simple) = &self.flow.graph.node(id).kind else { return false };
        let mut behind = simple.behind.iter().map(|next| match &next.kind {
            CommandKind::Simple(next) => Some(next),
            _ => None,
        });
        let Some(Some(next)) = behind.next() else { return false };
        let searches = program(next).is_some_and(|name| is_search(&name));
        if simple.command.redirects.iter().any(|redirect| redirect.descriptor == Some(2)) {
            return searches && behind.flatten().any(takes_part);
        }
        searches || program(next).is_some_and(|name| matches!(&*name, "awk" | "gawk" | "mawk" | "sed" | "cut"))
    }

    /// The thing of a template, if all its roles are bound; with its value and the word it stands in.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn thing(
        &mut self,
        id: NodeId,
        form: &Form,
        at: usize,
        bindings: &Bindings,
        words: &[Evaluated],
        mut root: Option<ValueId>,
        state: &State,
    ) -> Option<Placed> {
        let template = form.things.get(at)?;
        let mut keys: SmallVec<[SmallVec<[ValueId; 4]>; 2]> = smallvec![SmallVec::new()];
        let mut span = None;
        for piece in template.pieces.iter() {
            match piece {
                Piece::Literal(text) => {
                    let value = self.flow.values.constant(text);
                    keys.last_mut()?.push(value);
                }
                Piece::Role(role) => {
                    let (mut value, mut word) = self.operand(id, bindings.get(*role)?, words);
                    if template.kind == ThingKind::Path
                        && let Some(named) = self.named_elsewhere(form.elsewhere, value)
                    {
                        // The word is no path that a command of this host could be given.
                        (root, value, word) = (Some(named.root), named.path?, None);
                    }
                    span = span.or(word);
                    keys.last_mut()?.push(value);
                }
                Piece::Base(role) => {
                    let (value, _) = self.operand(id, bindings.get(*role)?, words);
                    let base = super::super::thing::base(value, state.directory, &mut self.flow.values);
                    keys.last_mut()?.push(base);
                }
                Piece::Above(role) => {
                    let (value, _) = self.operand(id, bindings.get(*role)?, words);
                    let above = self.flow.values.derived(value, "%/*");
                    keys.last_mut()?.push(above);
                }
                Piece::Stem(role, end) => {
                    let (value, _) = self.operand(id, bindings.get(*role)?, words);
                    let base = super::super::thing::base(value, state.directory, &mut self.flow.values);
                    let stem = self.flow.values.derived(base, &format!("%{end}"));
                    keys.last_mut()?.push(stem);
                }
                Piece::Without(role, end) => {
                    let (mut value, _) = self.operand(id, bindings.get(*role)?, words);
                    if !self.flow.values.begins(value).is_empty() {
                        value = super::super::thing::normal(value, state.directory, &mut self.flow.values);
                    }
                    let shorter = self.flow.values.derived(value, &format!("%{end}"));
                    keys.last_mut()?.push(shorter);
                }
                Piece::Within => keys.push(SmallVec::new()),
            }
        }
        // A child of what a word names has no word of its own.
        if template.kind == ThingKind::Path && template.pieces.len() != 1 {
            span = None;
        }
        let mut key: SmallVec<[ValueId; 2]> = keys.into_iter().map(|pieces| self.flow.values.concat(pieces)).collect();
        let value = key[0];
        let thing = match template.kind {
            ThingKind::Path => self.path(value, root, state),
            ThingKind::Service => {
                let (text, _) = self.flow.values.render(value);
                match self.process(value, root) {
                    Some(service) => service,
                    None if text.contains(HOLE) => self.things.intern(Thing { kind: ThingKind::Service, root, key }),
                    None => self.service_thing(&text, root),
                }
            }
            ThingKind::Text => {
                key[0] = super::super::thing::normal(key[0], state.directory, &mut self.flow.values);
                self.things.intern(Thing { kind: ThingKind::Text, root, key })
            }
            ThingKind::Mount | ThingKind::Device => {
                key[0] = self.volume_name(key[0]);
                key[0] = super::super::thing::normal(key[0], state.directory, &mut self.flow.values);
                self.things.intern(Thing { kind: template.kind, root, key })
            }
            kind => self.things.intern(Thing { kind, root, key }),
        };
        let holder = match &template.pieces[..] {
            [Piece::Role(role), Piece::Literal(all)] if &**all == "/*" => {
                Some(self.operand(id, bindings.get(*role)?, words))
            }
            _ => None,
        };
        Some(Placed { thing, value, span, kind: template.kind, name: None, holder })
    }

    /// The directory that a path lies in: a name without its end where that name does, the item of a loop over what a
    /// pattern matches where all of that does.
    fn lies_in(&mut self, path: ValueId, directory: ValueId) -> Option<ValueId> {
        let mut path = path;
        for _ in 0..3 {
            if let Some(&directory) = above(path, &mut self.flow.values).first() {
                return Some(directory);
            }
            let first = self.flow.values.pieces(&path)[0];
            path = match self.flow.values.get(first) {
                Value::Derived(whole, operator) if operator.starts_with('%') && !operator.contains('/') => *whole,
                Value::Item(_) => match *self.flow.values.alternatives(first) {
                    [pattern] => super::super::thing::normal(pattern, directory, &mut self.flow.values),
                    _ => return None,
                },
                _ => return None,
            };
        }
        None
    }

    /// The set that a rule is put into: its words without those of the rule itself.
    fn rule_set(
        &mut self,
        id: NodeId,
        form: &Form,
        at: usize,
        bindings: &Bindings,
        words: &[Evaluated],
        root: Option<ValueId>,
    ) -> Option<ThingId> {
        let template = form.things.get(at).filter(|template| template.kind == ThingKind::Rule)?;
        let [set @ .., Piece::Literal(space), Piece::Role(_)] = &template.pieces[..] else { return None };
        let mut pieces = Vec::new();
        for piece in set {
            pieces.push(match piece {
                Piece::Literal(text) => self.flow.values.constant(text),
                Piece::Role(role) => self.operand(id, bindings.get(*role)?, words).0,
                Piece::Base(_) | Piece::Above(_) | Piece::Stem(..) | Piece::Without(..) | Piece::Within => {
                    return None;
                }
            });
        }
        let last = self.flow.values.constant(space.trim_end());
        let key = smallvec::smallvec![self.flow.values.concat(pieces.into_iter().chain([last]))];
        Some(self.things.intern(Thing { kind: ThingKind::Rule, root, key }))
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn matched(
        &mut self,
        id: NodeId,
        found: &Match<'_>,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
        step: &mut Step,
        place: &Place,
    ) {
        let form = found.form;
        let queried = form.asks && self.is_queried(id);
        let options_elsewhere = self.has_options_elsewhere(words);
        if !form.unasked.is_empty() {
            step.rare_mut().unasked.extend(form.unasked.iter().copied());
        }
        let mut seen: Vec<(usize, ThingId)> = Vec::new();
        for bindings in &found.instances {
            let placed: Vec<Option<Placed>> =
                (0..form.things.len()).map(|at| self.thing(id, form, at, bindings, words, root, state)).collect();
            let facts = |rows: &[FactRow], resolver: &mut Self| -> Vec<Fact> {
                rows.iter()
                    .filter_map(|row| {
                        let thing = placed.get(row.thing)?.as_ref()?.thing;
                        resolver.speaks(row.when, &placed).then_some(Fact { kind: row.fact, thing })
                    })
                    .collect()
            };
            let mut ok = facts(&form.ok, self);
            let fail = facts(&form.fail, self);
            // That it was asked for excuses only where the answer was not "it is there".
            ok.retain(|fact| fact.kind != FactKind::Asked);
            step.asks = form.asks && form.touches.is_empty();
            if form.asks {
                step.ok_ends.extend(fail.iter().copied());
                step.fail_ends.extend(ok.iter().copied());
                let validates = |kind| matches!(kind, FactKind::ConfigValid | FactKind::ContentValidated);
                for fact in ok.iter().filter(|fact| validates(fact.kind) && !queried) {
                    let unfailed = Fact { kind: FactKind::NoFailedValidation, thing: fact.thing };
                    step.ok.push(unfailed);
                    step.fail_ends.push(unfailed);
                    if fact.kind == FactKind::ConfigValid {
                        step.fail_ends.push(Fact { kind: FactKind::NothingUnchecked, thing: fact.thing });
                    }
                }
            }
            step.ok.extend(ok);
            self.not_empty(form, bindings, words, step);
            step.fail.extend(fail);
            for row in form.touches.iter() {
                if let Some(Some(placed)) = placed.get(row.thing) {
                    step.touches.push((placed.thing, row.touch));
                    if form.atomic {
                        step.rare_mut().atomic.push(placed.thing);
                    }
                }
            }
            self.same_as_new(form, &placed, step);
            for transfer in form.transfers.iter() {
                if let (Some(Some(from)), Some(Some(to))) = (placed.get(transfer.from), placed.get(transfer.to)) {
                    step.rare_mut().transfers.push((from.thing, to.thing));
                    // A copy was meant, whether or not it was made.
                    let (kept, copy) = (self.things.get(from.thing).key[0], self.things.get(to.thing).key[0]);
                    if super::super::origins::extends(copy, kept, &self.flow.values) || self.keeps(copy) {
                        let tried = Fact { kind: FactKind::CopyTried, thing: from.thing };
                        step.ok.push(tried);
                        step.fail.push(tried);
                    }
                }
            }
            let excuses = facts(&form.excuses, self);
            let remedies = self.remedies(id, found, bindings, words);
            if !remedies.is_empty() && step.remedies.is_empty() {
                step.rare_mut().remedies.clone_from(&remedies);
            }
            self.mark(form.marks.iter().map(|mark| &**mark), step);
            self.told(form, step);
            for (at, row) in form.effects.iter().enumerate() {
                let named = |resolver: &Self, at: usize| -> Option<Placed> {
                    let name = resolver.put_together(form.things.get(at)?, bindings, words);
                    Some(Placed { name, ..placed.get(at)?.clone()? })
                };
                let Some(target) = named(self, row.target) else { continue };
                // `-keyout F -out F` are two roles of one file, and one effect.
                let twin = |other: &EffectRow| {
                    (other.kind, other.how) == (row.kind, row.how)
                        && placed
                            .get(other.target)
                            .and_then(Option::as_ref)
                            .is_some_and(|one| one.thing == target.thing)
                };
                if form.effects[..at].iter().any(twin) {
                    continue;
                }
                // Several operands go into one file: that is written once.
                if row.how == How::Truncate && seen.contains(&(at, target.thing)) {
                    continue;
                }
                seen.push((at, target.thing));
                // `cp A B` is `B/A` only if B is a directory; who knows that says so later.
                let inside = |at: usize| {
                    form.things
                        .get(at)
                        .is_some_and(|thing| thing.pieces.iter().any(|piece| matches!(piece, Piece::Base(_))))
                };
                if inside(row.target)
                    && form.effects.iter().any(|other| other.kind == row.kind && !inside(other.target))
                {
                    continue;
                }
                match (row.kind, row.how) {
                    // Nothing is mounted on a directory that was just made, or below a mount that was just made; and what lies in a
                    // checkout that was just made is as in every first run.
                    (EffectKind::Create, How::Directory | How::Mount | How::Checkout) => {
                        let thing = self.things.get(target.thing).clone();
                        // `mkdir -p` succeeds on one that was there.
                        let new = match row.how {
                            How::Mount => !form.marks.iter().any(|mark| **mark == *MOUNTS_TREE),
                            _ => form.second_run == SecondRun::Fails,
                        };
                        if row.how == How::Mount {
                            // Whoever mounts again has not asked since: in a loop, say.
                            step.ok_ends.push(Fact { kind: FactKind::Asked, thing: target.thing });
                        }
                        if let Some(&directory) = thing.key.first().filter(|_| new) {
                            step.rare_mut().new_directories.push(NewDirectory {
                                root: thing.root,
                                path: directory,
                                is_made: row.how != How::Mount,
                                // What fails because it is mounted already says nothing of what lies below.
                                even_failed: row.how == How::Mount && form.second_run != SecondRun::Fails,
                            });
                        }
                    }
                    // Who makes a chain or an interface where it must not be there yet has made it.
                    (EffectKind::Create, How::Rule | How::Network) if form.second_run == SecondRun::Fails => {
                        step.ok.push(Fact { kind: FactKind::MadeHere, thing: target.thing });
                    }
                    // What came up again has taken in what was written before.
                    (EffectKind::Service, How::Restart) => {
                        step.ok.push(Fact { kind: FactKind::NothingUnchecked, thing: target.thing });
                    }
                    (EffectKind::Delete, _) => {
                        // What is moved is still there, under another name.
                        if !form.transfers.iter().any(|transfer| transfer.from == row.target) {
                            step.rare_mut().removes.push(target.thing);
                            if row.how == How::Tree {
                                let emptied = self.emptied_directory(form, &target, (root, state));
                                step.rare_mut().removes.extend(emptied);
                                step.rare_mut().renews.extend(emptied);
                            }
                        }
                        // One rule less leaves the others of a chain.
                        if target.kind != ThingKind::Rule {
                            step.rare_mut().renews.push(target.thing);
                        }
                        // Whether it went or not: that it might be there was thought of.
                        let asked = Fact { kind: FactKind::Asked, thing: target.thing };
                        step.ok.push(asked);
                        step.fail.push(asked);
                    }
                    (EffectKind::Write, How::Truncate | How::Replace) => step.rare_mut().renews.push(target.thing),
                    _ => {}
                }
                let set = self.rule_set(id, form, row.target, bindings, words, root);
                let source = row.source.and_then(|at| named(self, at));
                if row.how == How::Mount
                    && let Some(tree) = &source
                {
                    let place = self.things.get(target.thing);
                    step.rare_mut().shows.push((tree.thing, place.root, place.key[0]));
                }
                let rewrite = self.rewrite(id, found, bindings, words);
                let remedies = remedies.clone();
                let (wrapper, inner) = (self.wrapper(id, words, step), self.inner(id, words, step));
                // What lies in a directory is named by the word of that.
                let word = target.span.or(target.holder.and_then(|(_, word)| word));
                let variable = word.and_then(|word| self.first_expansion(id, word));
                let variable = variable.filter(|(_, name)| self.is_first(id, name, target.value, state));
                let emptied = match &variable {
                    Some((_, name)) if (row.kind, row.how) == (EffectKind::Delete, How::Tree) => {
                        self.emptied_value(id, name, &target, state)
                    }
                    _ => None,
                };
                let deletes_tree = (row.kind, row.how) == (EffectKind::Delete, How::Tree);
                let last = if deletes_tree { self.empty_last(&target, state) } else { None };
                let variable = variable.or_else(|| {
                    let (_, name, _) = last.as_ref()?;
                    self.last_expansion(id, word?, name.as_deref())
                });
                let around = step.around.clone();
                self.occur(id, row.kind, row.how, &target, source.as_ref(), root, state, place, |occurrence| {
                    let replaced = TouchRow { thing: row.target, touch: Touch::Removed };
                    occurrence.entry = form.touches.contains(&replaced).then_some(occurrence.target);
                    occurrence.keeps_old = form.transfers.iter().any(|transfer| transfer.from == row.target);
                    occurrence.second_run = form.second_run;
                    occurrence.second_elsewhere = form.second_run_elsewhere.to_vec();
                    occurrence.excuses.clone_from(&excuses);
                    occurrence.exact = found.exact;
                    occurrence.rewrite = rewrite;
                    occurrence.remedies = remedies;
                    occurrence.wrapper = wrapper;
                    occurrence.words = inner;
                    occurrence.parent = occurrence.parent.or(set);
                    occurrence.variable = variable;
                    occurrence.value = occurrence.value.or(emptied);
                    if let Some((value, _, mark)) = last.filter(|_| occurrence.value.is_none()) {
                        occurrence.value = Some(value);
                        occurrence.marks.push(mark.into());
                    }
                    occurrence.marks.extend(around.iter().cloned());
                    occurrence.marks.extend(form.marks.iter().map(|mark| (**mark).into()));
                    if options_elsewhere {
                        occurrence.marks.push(OPTIONS_ELSEWHERE.into());
                    }
                    occurrence.command = words[0].argument.text.rsplit('/').next().unwrap_or_default().into();
                    // Behind a variable that holds more of the command, it would be an argument of something else.
                    let last = found.leading.saturating_sub(1);
                    let written = words.get(last).filter(|_| is_written(words, last));
                    occurrence.option_at = written.map(|word| word.span.end);
                });
            }
        }
    }

    /// Whether a row about a validator speaks in this call: no path is given, or it is the service's own.
    pub(super) fn speaks(&mut self, when: When, placed: &[Option<Placed>]) -> bool {
        let When::Covered { path, service } = when else { return true };
        let Some(Some(path)) = placed.get(path) else { return true };
        let Some(Some(service)) = placed.get(service) else { return false };
        let key = self.things.get(path.thing).key[0];
        let root = self.things.get(path.thing).root;
        self.services_of(key, root).contains(&service.thing)
    }

    /// An effect that is about a step of the script itself: what it asks stands at `named`.
    pub fn occur_as_step(
        &mut self,
        id: NodeId,
        (effect, how): (EffectKind, How),
        named: Span,
        spot: Spot,
        marks: Vec<Box<str>>,
        complete: impl FnOnce(&mut Occurrence),
    ) {
        let Some(state) = self.flow.inputs.get(id).cloned() else { return };
        let thing = self.step_thing(id);
        let value = self.things.get(thing).key[0];
        // A sentence has one line, whatever it names.
        let name = self.written(named).split_whitespace().collect::<Vec<_>>().join(" ");
        let target = Placed { thing, value, span: None, kind: ThingKind::Step, name: None, holder: None };
        let place = Place { spot, elsewhere: false };
        self.occur(id, effect, how, &target, None, None, &state, &place, |occurrence| {
            occurrence.name = name;
            occurrence.marks = marks.into_iter().collect();
            occurrence.exact = true;
            complete(occurrence);
        });
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn occur(
        &mut self,
        id: NodeId,
        effect: EffectKind,
        how: How,
        target: &Placed,
        source: Option<&Placed>,
        root: Option<ValueId>,
        state: &State,
        place: &Place,
        complete: impl FnOnce(&mut Occurrence),
    ) {
        let thing = self.things.get(target.thing).clone();
        let key = thing.key[0];
        let (elsewhere, root) = match target.kind {
            ThingKind::Path => (place.elsewhere || thing.root != root, thing.root),
            _ => (place.elsewhere, root),
        };
        if target.kind == ThingKind::Path && self.flow.values.text(target.value) == Some("-") {
            return;
        }
        // The root is always mounted: who mounts it changes its options.
        if target.kind == ThingKind::Mount && self.flow.values.text(key) == Some("/") {
            return;
        }
        let (mut class, mut guessed) = (PathClass::Unknown, true);
        let mut services = Vec::new();
        let mut parent = None;
        match target.kind {
            ThingKind::Path | ThingKind::Text => {
                (class, guessed) = self.class(key);
                if class == PathClass::Unknown
                    && let Some(span) = target.span
                    && let Some(named) = self.class_as_written(&self.written(span))
                {
                    class = named;
                }
                services = self.services_of(key, root);
                if let Some(directory) = self.lies_in(key, state.directory) {
                    parent = Some(self.things.intern(Thing { kind: ThingKind::Path, root, key: smallvec![directory] }));
                }
            }
            ThingKind::Service => services.push(target.thing),
            _ => {}
        }
        let (rendered, _) = self.flow.values.render(target.value);
        let is_read_whole = target.kind == ThingKind::Path && self.knowledge.is_read_whole(&rendered);
        let name = self.shown(target);
        let relative = target.kind == ThingKind::Path
            && !rendered.starts_with('/')
            && !rendered.starts_with(HOLE)
            && !rendered.starts_with('~');
        let value = if effect == EffectKind::Delete && how == How::Tree { self.risky_value(target) } else { None };
        let mut occurrence = Occurrence {
            node: id,
            unit: self.flow.graph.node(id).unit,
            only_if: None,
            lost: None,
            not_where: ThinVec::new(),
            effect,
            how,
            target: target.thing,
            entry: None,
            step: self.step_thing(id),
            run: self.run_thing(),
            marks: is_read_whole.then(|| READ_WHOLE.into()).into_iter().collect(),
            asked_marks: Rc::clone(&self.marks),
            keeps_old: false,
            transient: false,
            likely_renewed: false,
            handed: None,
            foreign: state.foreign,
            named_elsewhere: value.is_some_and(|value| self.is_unread(value)),
            source: source.map(|source| source.thing),
            services,
            parent,
            value,
            set_where: None,
            text: None,
            alternatives: Vec::new(),
            class,
            class_guessed: guessed,
            target_value: target.value,
            relative,
            reads_target: false,
            claimed: false,
            fresh: false,
            span: place.spot.span,
            written: self.written(place.spot.span),
            text_written: None,
            source_name: source.map(|source| self.shown(source)),
            source_written: source
                .filter(|source| self.things.get(source.thing).root == root)
                .and_then(|source| source.span)
                .map(|span| self.written(span)),
            variable: None,
            target_written: target.span.map(|span| self.written(span)),
            directory_step: (relative && self.may_differ(state.directory)).then(|| self.directory_thing()),
            directory_path: relative.then(|| self.path(state.directory, root, state)),
            directory: relative.then(|| self.chosen(state.directory)),
            spot: Spot { options: Options::of(state), ..place.spot.clone() },
            operand: target.span,
            option_at: None,
            second_run: SecondRun::Ok,
            second_elsewhere: Vec::new(),
            excuses: Vec::new(),
            message: None,
            edits: Vec::new(),
            words: None,
            wrapper: "".into(),
            rewrite: None,
            remedies: ThinVec::new(),
            question: None,
            exact: true,
            command: "".into(),
            name,
            begins: self.flow.values.begins(self.things.get(target.thing).key[0]).into(),
            elsewhere,
        };
        complete(&mut occurrence);
        if (effect, how) == (EffectKind::Delete, How::Tree)
            && super::parents::setting_below(target.value, &self.flow.values).is_some()
        {
            occurrence.marks.push(super::parents::PARENT_OF_SETTING.into());
            let written = occurrence.target_written.as_deref().unwrap_or_default();
            let file = super::parents::file_below(written, target.value, &self.flow.values);
            occurrence.edits = file.zip(target.span).map(|(text, span)| Edit { span, text }).into_iter().collect();
        }
        // Options are among all that a wrapper is given, and which word is the name is not known either.
        if effect == EffectKind::Create && matches!(self.flow.values.get(target.value), Value::AllPositional(_)) {
            occurrence.second_run = SecondRun::Ok;
        }
        // A name that is new with each run is not met by the second.
        if thing.key.iter().any(|&key| self.is_new_each_run(key)) {
            occurrence.second_run = SecondRun::Ok;
            occurrence.second_elsewhere.clear();
            occurrence.fresh = true;
        }
        self.occurrences.push(occurrence);
    }
}

/// Whether a word is written as a word of its own, and is not one of several that an expansion gave: those stand beside
/// each other.
pub(super) fn is_written(words: &[Evaluated], at: usize) -> bool {
    let span = |at: usize| words.get(at).map(|word| word.span);
    let beside = [at.checked_sub(1).and_then(span), span(at + 1)];
    beside.into_iter().flatten().all(|other| Some(other) != span(at))
}

/// Whether a filter prints a part of a line only: a field, or what `sed -n` picks.
fn takes_part(filter: &Simple) -> bool {
    match program(filter).as_deref() {
        Some("awk" | "gawk" | "mawk" | "cut") => true,
        Some("sed") => filter.words.iter().skip(1).filter_map(constant).any(|word| {
            word.strip_prefix('-')
                .is_some_and(|letters| letters.chars().all(char::is_alphabetic) && letters.contains('n'))
        }),
        _ => false,
    }
}

/// Where a command stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) spot: Spot,
    pub(super) elsewhere: bool,
}

/// A thing with the value and the word that name it.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) thing: ThingId,
    pub(super) value: ValueId,
    pub(super) span: Option<Span>,
    pub(super) kind: ThingKind,
    /// How it is named, where it is put together from several words that are not all known.
    pub(super) name: Option<String>,
    /// The directory of which it is all that lies there, and the word of that.
    pub(super) holder: Option<(ValueId, Option<Span>)>,
}

/// The mark of what is run with options that nobody knows.
const OPTIONS_ELSEWHERE: &str = "options-elsewhere";

/// Whether the name of a variable ends in a word for options: `${CURLOPTS}`, `$rsync_args`.
fn holds_options(knowledge: &Knowledge, written: &str) -> bool {
    let name = written.trim_matches(['$', '{', '}', '[', ']', '@', '*']).to_ascii_lowercase();
    knowledge.words(WordKind::HoldsOptions).any(|word| name.ends_with(word))
}
