//! Whole files and listings that the script has as a text, and what a search in such a text says of the file.
//!
//! ```sh
//! hosts=$(cat /etc/hosts)
//! echo "$hosts" | grep -q db-primary || …
//! case "$(mount)" in *" /srv/app "*) … ;; esac
//! ```

use super::super::thing::{Fact, Thing, ThingId};
use crate::flow::forest::{constant, piped};
use crate::flow::graph::NodeId;
use crate::flow::state::State;
use crate::flow::value::ValueId;
use crate::knowledge::{FactKind, HOLE, ThingKind};
use crate::syntax::tree::{AndOr, AssignmentValue, Command, CommandKind, Redirect, RedirectKind, Simple, Word};

use super::Resolver;
use super::searches::is_silent;

impl Resolver<'_, '_> {
    /// Where that is found which a word holds all of: the path of a file, or of what a command lists.
    pub fn kept(&mut self, id: NodeId, word: &Word, state: &State) -> Option<ValueId> {
        let mut state = state.clone();
        if let Some(stages) = piped(word) {
            let path = match stages {
                [only] => self.listed(id, unless_it_fails(only), &mut state),
                stages => self.listed_by(id, stages, &mut state).map(|(_, path)| path),
            };
            if path.is_some() {
                return path;
            }
        }
        let value = self.word(id, word, &mut state).value;
        self.kept.get(&value).copied()
    }

    /// Remembers what a variable is set to where that is a whole file or listing.
    pub(super) fn remember_kept(&mut self, id: NodeId, word: &Word, state: &State) {
        if let Some(path) = self.kept(id, word, state) {
            let value = self.word(id, word, &mut state.clone()).value;
            self.kept.insert(value, path);
        }
    }

    /// What the words of a command hold of files: what is printed of one that is not empty is not empty.
    pub(super) fn copied(&mut self, id: NodeId, simple: &Simple, state: &State) -> Vec<(Fact, Fact)> {
        let set = simple.assignments.iter().chain(&simple.declared).filter_map(|assignment| match &assignment.value {
            AssignmentValue::Scalar(word) => Some(word),
            AssignmentValue::Array(_) => None,
        });
        let words: Vec<&Word> = simple.words.iter().skip(1).chain(set).filter(|word| piped(word).is_some()).collect();
        let mut found = Vec::new();
        for word in words {
            let Some(path) = self.kept(id, word, state) else { continue };
            let file = self.path(path, None, state);
            let value = self.word(id, word, &mut state.clone()).value;
            let text = self.value_thing(value);
            let not_empty = Fact { kind: FactKind::NonEmpty, thing: text };
            found.push((Fact { kind: FactKind::NonEmptyFile, thing: file }, not_empty));
        }
        found
    }

    /// The text that a pattern of the shell looks for in what a word holds: `*TEXT*`.
    pub fn kept_text(&mut self, id: NodeId, word: &Word, pattern: &str, state: &State) -> Option<ThingId> {
        let text = pattern.strip_prefix('*')?.strip_suffix('*')?;
        // Between two texts there may be ends of lines: the whole pattern is found in no line then.
        if text.is_empty() || text.contains(['*', '?', '[', '\n', HOLE]) {
            return None;
        }
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            if matches!(character, '.' | '^' | '$' | '\\') {
                escaped.push('\\');
            }
            escaped.push(character);
        }
        self.kept_match(id, word, &escaped, state)
    }

    /// What `=~` looks for in what a word holds.
    pub fn kept_match(&mut self, id: NodeId, word: &Word, pattern: &str, state: &State) -> Option<ThingId> {
        if pattern.is_empty() || pattern.contains(HOLE) {
            return None;
        }
        let path = self.kept(id, word, state)?;
        let file = self.path(path, None, state);
        let pattern = self.flow.values.constant(pattern);
        let key = smallvec::smallvec![self.things.get(file).key[0], pattern];
        Some(self.things.intern(Thing { kind: ThingKind::Text, root: None, key }))
    }

    /// Where that is found which a here-string gives to a command: `<<< "$kept"`.
    pub(super) fn kept_input(&mut self, id: NodeId, redirects: &[Redirect], state: &State) -> Option<ValueId> {
        let mut given = redirects.iter().filter(|redirect| redirect.kind == RedirectKind::HereString);
        let (given, None) = (given.next()?, given.next()) else { return None };
        self.kept(id, &given.target, state)
    }

    /// Where that is found which `echo "$kept"`, `cat < FILE` and `$(< FILE)` print.
    pub(super) fn printed_again(&mut self, id: NodeId, command: &Command, state: &State) -> Option<ValueId> {
        let CommandKind::Simple(simple) = &command.kind else { return None };
        let name = simple.words.first().map(constant);
        match (name.as_ref().map(|name| name.as_deref()), &simple.words[..]) {
            (None | Some(Some("cat")), [] | [_]) => {
                let mut inputs = command.redirects.iter().filter(|redirect| redirect.kind == RedirectKind::Input);
                let (input, None) = (inputs.next()?, inputs.next()) else { return None };
                Some(self.word(id, &input.target, &mut state.clone()).value)
            }
            _ => self.kept(id, printed_word(simple)?, state),
        }
    }
}

/// The word that `echo` or `printf` prints, and nothing else.
pub(super) fn printed_word(simple: &Simple) -> Option<&Word> {
    let [name, before @ .., word] = &simple.words[..] else { return None };
    let is_form = |word: &Word| constant(word).is_some_and(|text| text.starts_with('-') || text.contains('%'));
    (matches!(constant(name)?.as_ref(), "echo" | "printf") && before.iter().all(is_form)).then_some(word)
}

/// The command in front of `|| true`.
pub(super) fn unless_it_fails(command: &Command) -> &Command {
    match &command.kind {
        CommandKind::AndOr { left, operator: AndOr::Or, right, .. } if is_silent(right) => left,
        _ => command,
    }
}
