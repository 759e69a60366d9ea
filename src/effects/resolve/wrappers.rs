//! `sudo`, `env`, `ssh host` and their kin: taken off, so that the command inside is what is looked at.

use super::super::conditions::Conditions;
use super::super::step::{Condition, Step};
use super::super::thing::{Fact, Thing};
use crate::flow::exact::{Given, OtherPlace, ShellText};
use crate::flow::graph::{Elsewhere, NodeId, SimpleNode};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::{Argument, Environment, FactKind, Inner, Knowledge, RootKind, Shell, ThingKind};

use super::super::spot::Spot;
use super::forms::Place;
use super::{Evaluated, Resolver};

/// How many wrappers around each other are taken off.
const MOST_WRAPPERS: usize = 8;

/// The text that a command has another shell run, behind whatever runs that shell.
pub(in crate::effects) fn shell_text(words: &[Argument], knowledge: &Knowledge) -> Option<ShellText> {
    let (mut first, mut exported, mut assigned, mut place) = (0, true, (0, 0), None);
    let mut passes_status = true;
    for _ in 0..MOST_WRAPPERS {
        let wrapper = knowledge.wrapper(&words[first..])?;
        passes_status &= wrapper.passes_status;
        exported &= wrapper.environment != Environment::Clean;
        if wrapper.root.kind != RootKind::Same {
            let name = match wrapper.root.name {
                Some((name, 0)) => Some(first + name),
                Some(_) => return None,
                None => None,
            };
            place = Some(OtherPlace { label: label(wrapper.root.kind), name });
        }
        if let [at, ..] = wrapper.assignments[..] {
            assigned = (first + at, wrapper.assignments.len());
        }
        let text = |given, parameters: Option<usize>| {
            let parameters = parameters.map(|at| first + at);
            Some(ShellText { given, errexit: wrapper.errexit, exported, parameters, assigned, place, passes_status })
        };
        match wrapper.inner {
            Inner::Command(at) if at > 0 && first + at < words.len() => first += at,
            Inner::Text { argument, offset: 0, parameters, .. } => {
                return text(Given::Word(first + argument), parameters);
            }
            Inner::Stdin { parameters, .. } => return text(Given::Input, parameters),
            Inner::Joined { first: at, shell } if at > 0 && shell != Shell::Same => {
                let given = words.get(first + at..).filter(|given| !given.is_empty())?;
                let read_again: Vec<Argument> =
                    given.iter().flat_map(|word| word.text.split(' ')).map(Argument::literal).collect();
                // Several words that nothing takes apart are a command as they stand.
                if given.len() == 1 || !read_again.iter().all(plain) {
                    let inner = shell_text(&read_again, knowledge).filter(|_| read_again.iter().all(plain));
                    return match inner {
                        Some(inner) if inner.is_input() => Some(ShellText { exported: false, place, ..inner }),
                        _ => text(Given::Words(first + at), None),
                    };
                }
                first += at;
            }
            _ => return None,
        }
    }
    None
}

/// What the root of things in another place begins with.
pub(super) fn label(kind: RootKind) -> &'static str {
    match kind {
        RootKind::Host => HOST,
        RootKind::Container => "container:",
        RootKind::Chroot => "chroot:",
        RootKind::Namespace | RootKind::Same => "namespace:",
    }
}

/// What the root of things on another host begins with.
const HOST: &str = "host:";

/// Whether a root is another host, and no container or tree of this one.
pub(super) fn is_host(root: ValueId, values: &Values) -> bool {
    values.begins(root).starts_with(HOST)
}

impl Resolver<'_, '_> {
    /// Takes off `sudo`, `env`, `ssh host` and their kin. Words are empty where what runs is not known.
    pub fn unwrapped(
        &mut self,
        words: Vec<Evaluated>,
        state: &State,
        step: &mut Step,
    ) -> (Vec<Evaluated>, Option<ValueId>, bool) {
        self.unwrapped_on(None, words, None, state, step)
    }

    /// The same of a command of another host: a container there is none of this host. `handed`: the names that `xargs`
    /// reads, if they are known.
    pub(super) fn unwrapped_on(
        &mut self,
        host: Option<ValueId>,
        mut words: Vec<Evaluated>,
        handed: Option<ValueId>,
        state: &State,
        step: &mut Step,
    ) -> (Vec<Evaluated>, Option<ValueId>, bool) {
        let mut root = host;
        let mut elsewhere = host.is_some();
        for _ in 0..MOST_WRAPPERS {
            let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
            // An init script has the name of its service, which may be that of a wrapper (`ssh`).
            if arguments.first().is_some_and(|first| first.text.contains("/init.d/") || first.text.contains("/rc.d/")) {
                break;
            }
            let Some(wrapper) = self.knowledge.wrapper(&arguments) else { break };
            step.loses_status |= !wrapper.passes_status;
            let is_rights = wrapper.environment == Environment::Clean && wrapper.root.kind == RootKind::Same;
            step.wrapped_in_rights = Some(is_rights && step.wrapped_in_rights != Some(false));
            if let Some(lock) = wrapper.lock.and_then(|at| words.get(at)) {
                let thing = self.path(lock.value, root, state);
                step.ok.push(Fact { kind: FactKind::LockHeld, thing });
            }
            if wrapper.root.kind == RootKind::Chroot
                && let Some((at, offset)) = wrapper.root.name
                && let Some(word) = words.get(at)
            {
                let tree = self.flow.values.tail(word.value, offset);
                let tree = super::super::thing::normal(tree, state.directory, &mut self.flow.values);
                self.trees.insert(tree);
            }
            if wrapper.root.kind != RootKind::Same {
                elsewhere |= wrapper.root.kind != RootKind::Namespace;
                let name = wrapper
                    .root
                    .name
                    .and_then(|(at, offset)| words.get(at).map(|word| self.flow.values.tail(word.value, offset)));
                root = Some(match (wrapper.root.kind, name) {
                    (RootKind::Host, Some(name)) => self.host(name),
                    (kind, name) => {
                        let label = self.flow.values.constant(label(kind));
                        self.flow.values.concat(root.into_iter().chain([label]).chain(name))
                    }
                });
            }
            match (wrapper.inner, handed) {
                (Inner::Command(at), _) if at < words.len() => words.drain(..at),
                // The other shell reads the words again: the same words, as long as none holds anything it would take apart.
                (Inner::Joined { first, .. }, _)
                    if first < words.len() && words[first..].iter().all(|word| plain(&word.argument)) =>
                {
                    words.drain(..first)
                }
                (Inner::Partial { first, replaced }, Some(names)) => {
                    let replaced = replaced.and_then(|(at, offset)| arguments.get(at)?.text.get(offset..));
                    words.drain(..first);
                    if !self.hand(&mut words, names, replaced) {
                        words.clear();
                        break;
                    }
                    continue;
                }
                _ => {
                    words.clear();
                    break;
                }
            };
        }
        (words, root, elsewhere)
    }

    /// What `ssh host …` and `timeout 5 …` do themselves, beside what they run: rows may be about them, too. Their marks are
    /// marks of all that is done within.
    pub(super) fn around(
        &mut self,
        id: NodeId,
        node: &SimpleNode<'_>,
        words: &[Evaluated],
        (root, state): (Option<ValueId>, &State),
        step: &mut Step,
    ) {
        let mut words = words.to_vec();
        for _ in 0..MOST_WRAPPERS {
            let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
            let knowledge = self.knowledge;
            let Some(wrapper) = knowledge.wrapper(&arguments) else { break };
            if let Some(found) = knowledge.command(&arguments) {
                let place = Place { spot: Spot::around(self.source, node), elsewhere: root.is_some() };
                let before = self.occurrences.len();
                self.matched(id, &found, &words, root, state, step, &place);
                self.mark_as_called(id, found.form, &words, state, before);
                step.around.extend(found.form.marks.iter().map(|mark| Box::from(&**mark)));
            }
            match wrapper.inner {
                Inner::Command(at) if at < words.len() => drop(words.drain(..at)),
                _ => break,
            }
        }
    }

    /// What `sudo test -e FILE` and `ssh host [ -e FILE ]` ask: the same as without what stands in front, of the files
    /// that are there.
    pub(super) fn wrapped_test(
        &mut self,
        id: NodeId,
        node: &SimpleNode<'_>,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &mut State,
    ) -> Condition {
        let all = &node.simple.words;
        // Words that were taken apart have no place of their own.
        let Some(at) = all.iter().position(|word| word.span == words[0].span) else { return Condition::Unknown };
        let closed = words[0].argument.text.ends_with('[');
        let mut condition = Conditions { resolver: self, id, state }.bracket(&all[at + 1..], closed);
        if root.is_some() {
            condition.change_answers(&mut |facts| {
                facts.retain(|fact| self.things.get(fact.thing).kind == ThingKind::Path);
                for fact in facts {
                    let there = Thing { root, ..self.things.get(fact.thing).clone() };
                    fact.thing = self.things.intern(there);
                }
            });
        }
        condition
    }

    /// The root of things where a text for another shell runs.
    pub fn place(&mut self, id: NodeId, place: Elsewhere<'_>, state: &mut State) -> ValueId {
        let name = place.name.map(|name| self.word(id, name, state).value);
        match name {
            Some(name) if place.label == HOST => self.host(name),
            name => {
                let label = self.flow.values.constant(place.label);
                self.flow.values.concat(std::iter::once(label).chain(name))
            }
        }
    }

    /// The root of a host: `user@` in front of its name says nothing of where.
    pub(super) fn host(&mut self, name: ValueId) -> ValueId {
        let user = match self.flow.values.get(name) {
            Value::Constant(text) => text.find('@').map(|at| at + 1),
            Value::Concat(parts) => self.flow.values.text(parts[0]).and_then(|text| text.find('@').map(|at| at + 1)),
            _ => None,
        };
        let name = self.flow.values.tail(name, user.unwrap_or(0));
        let label = self.flow.values.constant(HOST);
        self.flow.values.concat([label, name])
    }
}

/// Whether another shell reads this word as one word again.
pub(super) fn plain(argument: &Argument) -> bool {
    !argument.text.is_empty()
        && argument
            .text
            .chars()
            .all(|character| character.is_alphanumeric() || "/._-+=:@,%\u{FFFC}".contains(character))
}
