//! `grep` and its kin: what finding and not finding proves of the file or listing that is searched.

use super::super::listings::{self, Listed};
use super::super::spot::Spot;
use super::super::step::Step;
use super::super::thing::{Fact, Thing, ThingId};
use crate::flow::exact::site;
use crate::flow::forest::{constant, piped, program};
use crate::flow::graph::{NodeId, SimpleNode};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{Argument, FactKind, Piece, ThingKind};
use crate::span::Span;
use crate::syntax::tree::{Command, CommandKind, RedirectKind, Word};
use thin_vec::ThinVec;

use super::asked::{counts, has_option, is_search};
use super::forms::Place;
use super::kept::unless_it_fails;
use super::{Evaluated, Resolver};

impl Resolver<'_, '_> {
    /// What the success and the failure of a search by itself would prove: for `$(grep -c PATTERN FILE)`.
    pub fn search(&mut self, id: NodeId, simple: &crate::syntax::tree::Simple, state: &State) -> Option<Step> {
        let name = program(simple)?;
        if !is_search(&name) && &*name != "pgrep" {
            return None;
        }
        let mut state = state.clone();
        let words = self.evaluated_all(id, simple, &mut state);
        self.laid_over(id, &words, None, &state)
    }

    /// What knowledge says of a command that is only looked at.
    pub(super) fn laid_over(
        &mut self,
        id: NodeId,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
    ) -> Option<Step> {
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let found = self.knowledge.command(&arguments)?;
        let mut step = Step::default();
        let before = self.occurrences.len();
        let place =
            Place { spot: Spot::of(self.source, Span::default(), Span::default(), false, false), elsewhere: false };
        self.matched(id, &found, words, root, state, &mut step, &place);
        self.occurrences.truncate(before);
        Some(step)
    }

    /// What is looked for by `$(LISTING | grep PATTERN | FILTER…)`, where the filters let a line through for each that
    /// they get: the output is empty where it was not found, and another one where it was found otherwise.
    pub fn sought(&mut self, id: NodeId, word: &Word, state: &State) -> Option<ThingId> {
        let mut state = state.clone();
        let Some([_, search, filters @ ..]) = piped(word) else {
            let value = self.word(id, word, &mut state).value;
            return self.searches.get(&value).copied();
        };
        let CommandKind::Simple(simple) = &search.kind else { return None };
        let words = self.evaluated_all(id, simple, &mut state);
        let name = words.first()?.argument.text.as_str();
        let inverts = |word: &Evaluated| word.argument.text.starts_with('-') && word.argument.text.contains(['v', 'c']);
        if !is_search(name) || words.iter().any(inverts) || !filters.iter().all(keeps_lines) {
            return None;
        }
        let mut step = Step::default();
        self.searched(id, &piped(word)?[..1], &words, None, &state, &mut step);
        step.ok.first().map(|found| found.thing)
    }

    /// Remembers what a variable is set to where that is the output of a search.
    pub(super) fn remember_search(&mut self, id: NodeId, word: &Word, state: &State) {
        if let Some(thing) = self.sought(id, word, state) {
            let value = self.word(id, word, &mut state.clone()).value;
            self.searches.insert(value, thing);
        }
    }

    /// `for m in $(awk '{ print $2 }' /proc/mounts)`: the mount that the item of this turn is.
    pub(super) fn mounted(&mut self, id: NodeId, items: &[Word], state: &State) -> Option<ThingId> {
        let [items] = items else { return None };
        let [listing, ..] = piped(items)? else { return None };
        let path = self.listed(id, listing, &mut state.clone())?;
        let is_mounts = self.flow.values.text(path).and_then(listings::kind_in) == Some(ThingKind::Mount);
        let item = self.flow.values.intern(Value::Item(site(id)));
        let key = smallvec::smallvec![super::super::thing::normal(item, state.directory, &mut self.flow.values)];
        is_mounts.then(|| self.things.intern(Thing { kind: ThingKind::Mount, root: None, key }))
    }

    /// `$(readlink -f "$m")`: the mount that may be at `$m`, and the same by the name that is printed.
    pub(super) fn renamed_mount(&mut self, id: NodeId, word: &Word, state: &State) -> Option<(ThingId, ThingId)> {
        let [command] = piped(word)? else { return None };
        // What comes after a failure prints nothing.
        let command = unless_it_fails(command);
        let CommandKind::Simple(simple) = &command.kind else { return None };
        let [name, options @ .., path] = &simple.words[..] else { return None };
        let options: Option<Vec<_>> = options.iter().map(constant).collect();
        let resolves = match &*constant(name)? {
            "readlink" => options?.iter().any(|option| matches!(&**option, "-f" | "-e" | "-m")),
            "realpath" => options?.iter().all(|option| matches!(&**option, "-e" | "-m" | "-q")),
            _ => false,
        };
        let [told, found] = [path, word].map(|word| {
            let value = self.word(id, word, &mut state.clone()).value;
            let key = smallvec::smallvec![super::super::thing::normal(value, state.directory, &mut self.flow.values)];
            self.things.intern(Thing { kind: ThingKind::Mount, root: None, key })
        });
        resolves.then_some((told, found))
    }

    /// Where what a command lists is found.
    pub(super) fn listed(&mut self, id: NodeId, listing: &Command, state: &mut State) -> Option<ValueId> {
        if let Some(path) = self.printed_again(id, listing, state) {
            return Some(path);
        }
        let CommandKind::Simple(listing) = &listing.kind else { return None };
        let listed = self.evaluated_all(id, listing, state);
        let (listed, ..) = self.unwrapped(listed, state, &mut Step::default());
        let texts: Vec<&str> = listed.iter().map(|word| word.argument.text.as_str()).collect();
        match listings::lists(&texts) {
            Some(Listed::Operand(at)) => Some(listed[at].value),
            Some(Listed::Known(path)) => Some(self.flow.values.constant(path)),
            None => {
                // A row of knowledge may say what the command lists.
                let arguments: Vec<Argument> = listed.iter().map(|word| word.argument.clone()).collect();
                let found = self.knowledge.command(&arguments)?;
                let row = found.form.prints.first()?;
                let listed = &found.form.things[row.thing];
                let begins = match listed.pieces.first() {
                    Some(Piece::Literal(text)) => text,
                    _ => "",
                };
                let path = listings::listing_of(listed.kind, begins)?;
                Some(self.flow.values.constant(path))
            }
        }
    }

    /// `grep PATTERN < FILE` looks where `grep PATTERN FILE` does, and `grep -e A -e B` for `A\|B`.
    pub(super) fn plain_search(
        &mut self,
        id: NodeId,
        node: &SimpleNode<'_>,
        mut words: Vec<Evaluated>,
        state: &State,
    ) -> Vec<Evaluated> {
        let looks_for = |word: &Evaluated| {
            word.argument.text.rsplit('/').next().is_some_and(|name| is_search(name) || name == "zgrep")
        };
        let gives_pattern = |word: &Evaluated| {
            let text = word.argument.text.as_str();
            text == "--regexp" || text.starts_with('-') && !text.starts_with("--") && text.ends_with('e')
        };
        let options: Vec<usize> = (1..words.len() - 1).filter(|&at| gives_pattern(&words[at])).collect();
        if let [first, others @ ..] = &options[..]
            && !others.is_empty()
            && options.windows(2).all(|pair| pair[1] - pair[0] > 1)
            && looks_for(&words[0])
        {
            let or = self.flow.values.constant("\\|");
            let pieces: Vec<ValueId> = options.iter().flat_map(|&at| [or, words[at + 1].value]).skip(1).collect();
            let all = self.flow.values.concat(pieces);
            words[first + 1].value = all;
            words[first + 1].argument.text = self.flow.values.render(all).0;
            for &at in others.iter().rev() {
                words.drain(at..at + 2);
            }
        }
        let operands = words.iter().skip(1).filter(|word| !word.argument.text.starts_with('-')).count();
        let mut inputs = node.command.redirects.iter().filter(|redirect| redirect.kind == RedirectKind::Input);
        if words.first().is_some_and(looks_for)
            && operands == 1
            && let (Some(input), None) = (inputs.next(), inputs.next())
            && input.descriptor.is_none_or(|descriptor| descriptor == 0)
        {
            words.push(self.evaluated(id, &input.target, &mut state.clone()));
        }
        words
    }

    /// What the last of these stages prints a part of each line of, and where that is found.
    pub(super) fn listed_by<'c>(
        &mut self,
        id: NodeId,
        stages: &'c [Command],
        state: &mut State,
    ) -> Option<(&'c Command, ValueId)> {
        for stage in stages.iter().rev() {
            if let Some(path) = self.listed(id, stage, state) {
                return Some((stage, path));
            }
            if !shows_parts(stage) {
                return None;
            }
        }
        None
    }

    /// What a search proves of the file or listing that it reads.
    pub(super) fn searched_in(
        &mut self,
        path: ValueId,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
        step: &mut Step,
    ) {
        let Some(pattern) = pattern_of(words) else { return };
        let file = self.path(path, root, state);
        let key = smallvec::smallvec![self.things.get(file).key[0], pattern];
        let thing = self.things.intern(Thing { kind: ThingKind::Text, root, key });
        step.ok.push(Fact { kind: FactKind::Contains, thing });
        step.fail.push(Fact { kind: FactKind::ContainsNot, thing });
        step.ok_ends.push(Fact { kind: FactKind::ContainsNot, thing });
        step.fail_ends.push(Fact { kind: FactKind::Contains, thing });
    }

    /// `LISTING | FILTER… | grep PATTERN`: what the pattern says of what is listed.
    pub(super) fn searched(
        &mut self,
        id: NodeId,
        before: &[Command],
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
        step: &mut Step,
    ) {
        let Some((last, earlier)) = before.split_last() else { return };
        let mut state = state.clone();
        if let Some(pattern) = pattern_of(words) {
            let pattern = self.flow.values.render(pattern).0;
            step.ok.extend(self.said_by(id, last, &pattern, &state));
        }
        if let CommandKind::Simple(simple) = &last.kind
            && simple.words.first().and_then(constant).is_some_and(|name| is_search(&name))
        {
            let first = self.evaluated_all(id, simple, &mut state);
            let answer = match earlier {
                _ if counts(&first) => None,
                [] => self.question(id, &first, &state),
                _ => {
                    let mut inner = Step::default();
                    self.searched_listing(id, earlier, &first, root, &state, &mut inner);
                    Some((inner.ok, inner.fail))
                }
            };
            self.answered(words, &first, answer, step);
            return;
        }
        self.searched_listing(id, before, words, root, &state, step);
    }

    fn searched_listing(
        &mut self,
        id: NodeId,
        before: &[Command],
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
        step: &mut Step,
    ) {
        let mut state = state.clone();
        let Some((previous, path)) = self.listed_by(id, before, &mut state) else { return };
        self.searched_in(path, words, root, &state, step);
        // `getent passwd app | grep -q nologin`: what prints a line that holds anything has found what it was asked for.
        if let CommandKind::Simple(listing) = &previous.kind {
            let listed: Vec<Evaluated> = self.evaluated_all(id, listing, &mut state);
            let (listed, ..) = self.unwrapped(listed, &state, &mut Step::default());
            let answer = self.question(id, &listed, &state);
            self.answered(words, &listed, answer, step);
        }
    }

    /// What a search in the answer to a question says of the question.
    fn answered(
        &self,
        search: &[Evaluated],
        question: &[Evaluated],
        answer: Option<(ThinVec<Fact>, ThinVec<Fact>)>,
        step: &mut Step,
    ) {
        let (Some((found, missing)), Some(pattern)) = (answer, pattern_of(search)) else { return };
        step.ok.extend(found);
        if is_in_any_answer(&self.flow.values.render(pattern).0, &question[1..]) {
            step.fail.extend(missing);
        }
    }
}

/// What a search looks for in the lines that it reads, where it is these that it wants.
fn pattern_of(search: &[Evaluated]) -> Option<ValueId> {
    let operands = search.get(1..)?;
    let inverts = has_option(operands.iter().map(|word| &word.argument), &['v'], &["--invert-match"]);
    operands.iter().find(|word| !word.argument.text.starts_with('-') && !inverts).map(|word| word.value)
}

/// Whether each answer to a question matches a pattern: `.`, or what the question names, or has printed
/// (`select 1 from …`). A search that does not find that had no answer to look at.
fn is_in_any_answer(pattern: &str, question: &[Evaluated]) -> bool {
    let wanted = pattern.trim_start_matches('^').trim_end_matches('$');
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    wanted == "."
        || question.iter().any(|word| word.argument.text.split(|letter| !is_part(letter)).any(|part| part == wanted))
}

/// Whether a command does nothing and prints nothing.
pub(super) fn is_silent(command: &Command) -> bool {
    matches!(&command.kind, CommandKind::Simple(simple)
        if matches!(program(simple).as_deref(), Some("true" | ":")))
}

/// Whether a filter prints, for each line that it reads, that line or a part of it.
fn shows_parts(filter: &Command) -> bool {
    let CommandKind::Simple(simple) = &filter.kind else { return false };
    match program(simple).as_deref() {
        Some("cut" | "sort" | "uniq" | "tr") => true,
        Some("awk") => simple.words.iter().filter_map(constant).any(|word| word.trim_start().starts_with('{')),
        _ => false,
    }
}

/// Whether a filter prints something for what it reads, if that is anything.
fn keeps_lines(filter: &Command) -> bool {
    let CommandKind::Simple(simple) = &filter.kind else { return false };
    let mut operands = simple.words.iter().skip(1).map(constant).map(Option::unwrap_or_default);
    match program(simple).as_deref() {
        Some("head" | "tail" | "sort" | "uniq" | "cut" | "tr" | "xargs") => true,
        Some("sed") => !operands.any(|word| word.starts_with('-') && word.contains('n')),
        Some("awk") => operands.any(|word| word.trim_start().starts_with('{')),
        _ => false,
    }
}
