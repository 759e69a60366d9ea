//! Functions that run the command that they are given: a call of one is that command, with what the function makes of
//! its outcome.
//!
//! ```sh
//! run() { echo "+ $*" >&2; "$@" || exit 1; }
//! as_root() { sudo "$@"; }
//! try() { if [ -n "$DRY_RUN" ]; then echo "$*"; else "$@"; fi; }
//! step() { echo "== $1"; shift; "$@"; }
//! ```
//! `run nginx -t` is `nginx -t || exit 1`. What such a function says on the way is left out.

mod again;
mod body;
mod collect;
mod told;

use self::collect::Collector;
use self::told::Teller;
use super::exact::Commands;
use super::forest::constant;
use super::sourced::each_command;
use crate::span::Span;
use crate::syntax::tree::{
    AndOr, Command, CommandKind, List, Part, PartKind, Redirect, Script, Simple, Statement, Word,
};
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

/// How many relays in one call are followed: `run as_root useradd app` has two.
const DEEPEST: usize = 3;

/// How deep functions that say something by others that do are followed.
const DEEPEST_TALK: usize = 2;

/// A function that runs the command that it is given.
struct Relay<'s> {
    /// What runs the command: `sudo -n`.
    before: &'s [Word],
    /// What is done with what it prints: `> /dev/null`.
    redirects: &'s [Redirect],
    /// How many of the words that it is given do not belong to the command: `shift`.
    dropped: usize,
    /// Where this succeeds, nothing is run.
    unless: Option<Skip<'s>>,
    /// What becomes of a failure.
    failure: Failure<'s>,
}

/// A test, and whether the command is skipped where it fails.
#[derive(Clone, Copy)]
struct Skip<'s> {
    test: &'s Command,
    negated: bool,
}

/// What a function makes of the failure of the command that it was given.
#[derive(Clone, Copy)]
enum Failure<'s> {
    /// It is the function's own.
    Passed,
    /// It is lost.
    Lost,
    /// It is lost where errexit does not end the script.
    Followed,
    /// This runs.
    Handled(&'s Command),
}

/// The relays of a script by name.
pub struct Relays<'s> {
    commands: &'s dyn Commands,
    /// All bodies of each function.
    functions: HashMap<&'s str, Vec<&'s Command>>,
    /// Functions that only tell what goes on.
    talk: HashSet<&'s str>,
    /// How often each variable is set.
    assigned: HashMap<Box<str>, usize>,
    named: HashMap<&'s str, Relay<'s>>,
    /// The functions that remember a failure.
    collectors: HashMap<&'s str, Collector<'s>>,
    /// Those that give a client what they are given.
    tellers: HashMap<&'s str, Teller<'s>>,
}

impl<'s> Failure<'s> {
    /// The name of the command that runs after it.
    fn handler(&self) -> Option<Cow<'s, str>> {
        match self {
            Self::Handled(Command { kind: CommandKind::Simple(simple), .. }) => simple.words.first().and_then(constant),
            _ => None,
        }
    }
}

impl<'s> Relays<'s> {
    /// Finds them.
    pub fn find(scripts: impl Iterator<Item = &'s Script> + Clone, commands: &'s dyn Commands) -> Self {
        let mut found = Self {
            commands,
            functions: HashMap::new(),
            talk: HashSet::new(),
            assigned: again::assigned(scripts.clone().map(|script| &script.body)),
            named: HashMap::new(),
            collectors: HashMap::new(),
            tellers: HashMap::new(),
        };
        for script in scripts {
            each_command(&script.body, &mut |command| {
                if let CommandKind::Function { name, body } = &command.kind {
                    found.functions.entry(&*name.text).or_default().push(body);
                }
            });
        }
        for _ in 0..DEEPEST_TALK {
            let talks = |bodies: &[&Command]| bodies.iter().all(|body| found.is_talking(body));
            let more: Vec<&str> =
                found.functions.iter().filter(|(_, bodies)| talks(bodies)).map(|(name, _)| *name).collect();
            found.talk.extend(more);
        }
        let mut relays = HashMap::new();
        for (&name, bodies) in &found.functions {
            // One for root and one for others is one: what runs the command is all that differs.
            let mut all = bodies.iter().map(|body| found.relay(body));
            if let Some(Some(first)) = all.next()
                && all.all(|other| other.is_some_and(|other| is_same(&first, &other)))
            {
                relays.insert(name, first);
            }
        }
        // What runs after a failure must be no such function itself: it would be expanded inside of itself.
        let named: HashSet<&str> = relays.keys().copied().collect();
        relays.retain(|_, relay| !relay.failure.handler().is_some_and(|name| named.contains(name.as_ref())));
        found.named = relays;
        let only = found.functions.iter().filter_map(|(&name, bodies)| match bodies[..] {
            [body] => Some((name, found.collector(body)?)),
            _ => None,
        });
        found.collectors = only.collect();
        let only = found.functions.iter().filter_map(|(&name, bodies)| match bodies[..] {
            [body] => Some((name, found.teller(body)?)),
            _ => None,
        });
        let mut tellers: HashMap<&str, Teller<'_>> = only.collect();
        // One that runs its arguments as they are is known as that.
        tellers.retain(|name, _| !found.named.contains_key(name));
        let names: HashSet<&str> = tellers.keys().chain(found.named.keys()).copied().collect();
        tellers.retain(|_, teller| !teller.handler().is_some_and(|name| names.contains(name.as_ref())));
        found.tellers = tellers;
        found
    }

    /// The command that a call of a relay is, or of a function that remembers a failure.
    pub fn expanded(&self, command: &Command, simple: &Simple) -> Option<Command> {
        let name = constant(simple.words.first()?)?;
        if let Some(collector) = self.collectors.get(name.as_ref()).filter(|_| simple.assignments.is_empty()) {
            return collector.called(command, simple);
        }
        if let Some(teller) = self.tellers.get(name.as_ref()) {
            return teller.called(command, simple);
        }
        let relay = |words: &[Word]| self.named.get(constant(words.first()?)?.as_ref());
        relay(&simple.words)?;
        let mut words = simple.words.clone();
        let mut around: Vec<&Relay<'_>> = Vec::new();
        while words.len() > 1
            && let Some(relay) = relay(&words)
        {
            if around.len() == DEEPEST {
                return None;
            }
            // What is dropped must be so many words, whatever they hold.
            if words.len() < relay.dropped + 2 || !words[1..=relay.dropped].iter().all(is_one) {
                return None;
            }
            let at = words[0].span;
            words.drain(..=relay.dropped);
            // They stand in the function: here is the call.
            words.splice(0..0, relay.before.iter().map(|word| Word { span: at, parts: word.parts.clone() }));
            around.push(relay);
        }
        if around.is_empty() {
            return None;
        }
        let inner = Simple { words, assignments: simple.assignments.clone(), declared: Vec::new() };
        let mut innermost = Command { kind: CommandKind::Simple(inner), ..command.clone() };
        innermost.redirects.extend(around.iter().flat_map(|relay| relay.redirects).cloned());
        Some(around.iter().rev().fold(innermost, |inner, relay| relay.around(inner)))
    }
}

impl Relay<'_> {
    /// The command with what the function makes of its outcome.
    fn around(&self, command: Command) -> Command {
        let span = command.span;
        let or = |left: Command, right: Command| Command {
            span,
            kind: CommandKind::AndOr {
                left: Box::new(left),
                operator: AndOr::Or,
                operator_span: span,
                right: Box::new(right),
            },
            redirects: Vec::new(),
        };
        let handled = match self.failure {
            Failure::Passed => command,
            Failure::Handled(handler) => or(command, handler.clone()),
            Failure::Lost => or(command, nothing(span)),
            Failure::Followed => {
                let statement = |command| Statement { span, command, ampersand: None };
                let body = List { span, statements: vec![statement(command), statement(nothing(span))] };
                Command { span, kind: CommandKind::Brace { open: span, body, close: span }, redirects: Vec::new() }
            }
        };
        match self.unless {
            None => handled,
            Some(Skip { test, negated: false }) => or(test.clone(), handled),
            Some(Skip { test, negated: true }) => {
                let not = CommandKind::Not { bang: test.span, command: Box::new(test.clone()) };
                or(Command { span: test.span, kind: not, redirects: Vec::new() }, handled)
            }
        }
    }
}

/// `:`.
fn nothing(span: Span) -> Command {
    let part = Part { span, kind: PartKind::Literal(":".into()) };
    let simple = Simple { words: vec![Word { span, parts: vec![part] }], ..Simple::default() };
    Command { span, kind: CommandKind::Simple(simple), redirects: Vec::new() }
}

/// Whether two relays make the same of a command.
fn is_same(one: &Relay<'_>, other: &Relay<'_>) -> bool {
    let alike = match (one.failure, other.failure) {
        (Failure::Passed, Failure::Passed)
        | (Failure::Lost, Failure::Lost)
        | (Failure::Followed, Failure::Followed) => true,
        (Failure::Handled(one), Failure::Handled(other)) => std::ptr::eq(one, other),
        _ => false,
    };
    alike && one.dropped == other.dropped && one.unless.is_none() && other.unless.is_none()
}

/// Whether a word is one argument, whatever its expansions hold.
fn is_one(word: &Word) -> bool {
    let is_row = |part: &Part| matches!(&part.kind, PartKind::Parameter(parameter) if &*parameter.name == "@" || parameter.subscript.is_some());
    word.parts.iter().all(|part| match &part.kind {
        PartKind::Literal(_) | PartKind::SingleQuoted(_) | PartKind::AnsiQuoted(_) => true,
        PartKind::DoubleQuoted(inner) => !inner.iter().any(is_row),
        _ => false,
    })
}
