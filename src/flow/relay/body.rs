//! What the body of a function makes of the command that it is given, and what it says meanwhile.

use super::again::Tries;
use super::{Failure, Relay, Relays, Skip, is_same};
use crate::flow::build::runs_something;
use crate::flow::exact::Given;
use crate::flow::forest::constant;
use crate::span::Span;
use crate::syntax::tree::{
    AndOr, AssignmentValue, Command, CommandKind, List, ParameterOperator, Part, PartKind, Redirect, RedirectKind,
    Statement, Word,
};
use std::borrow::Cow;

/// How many bytes of a function may stand at each of its calls too: what is copied is short.
pub(super) const LONGEST: u32 = 400;

impl<'s> Relays<'s> {
    /// What a function is, where it runs what it is given and nothing else.
    pub(super) fn relay(&self, body: &'s Command) -> Option<Relay<'s>> {
        let CommandKind::Brace { body, .. } = &body.kind else { return None };
        let relay = self.list(&body.statements, body).or_else(|| self.client(&body.statements))?;
        let runs_function =
            relay.before.iter().filter_map(constant).any(|word| self.functions.contains_key(word.as_ref()));
        let handler = if let Failure::Handled(handler) = relay.failure { Some(handler.span) } else { None };
        let copied = relay.before.iter().map(|word| word.span).chain(relay.redirects.iter().map(|one| one.span));
        let copied = copied.chain(relay.unless.map(|skip| skip.test.span)).chain(handler);
        let is_short = copied.map(Span::len).fold(0, u32::saturating_add) <= LONGEST;
        // A test that is asked at the call sees the variables of the call.
        let acts = relay.unless.is_some() || matches!(relay.failure, Failure::Handled(by) if !is_constant(by));
        let has_own = acts && body.statements.iter().any(|statement| declares(&statement.command));
        (is_short && !runs_function && !has_own).then_some(relay)
    }

    /// What a function is that gives one program options of its own, and does nothing else: `mysql -uroot "$@"`, perhaps
    /// with `return $?` behind it.
    fn client(&self, statements: &'s [Statement]) -> Option<Relay<'s>> {
        let (Statement { command, ampersand: None, .. }, rest) = statements.split_first()? else { return None };
        if rest.len() > 1 || !rest.iter().all(|statement| hands_on_status(&statement.command)) {
            return None;
        }
        let CommandKind::Simple(simple) = &command.kind else { return None };
        let (last, before) = simple.words.split_last()?;
        let first = before.first()?;
        let is_program = constant(first).is_none_or(|name| !is_builtin(&name) && !self.commands.always_succeeds(&name));
        let is_plain = before.iter().all(|word| is_of_script(&word.parts));
        let is_quiet = command.redirects.iter().all(is_quiet) && simple.assignments.is_empty();
        (is_all_given(last) && is_program && is_plain && is_quiet).then_some(Relay {
            before,
            redirects: &command.redirects,
            dropped: 0,
            unless: None,
            failure: Failure::Passed,
        })
    }

    /// What statements are that stand in the body of a function.
    fn list(&self, statements: &'s [Statement], within: &'s List) -> Option<Relay<'s>> {
        if statements.iter().any(|statement| statement.ampersand.is_some()) {
            return None;
        }
        let tries = Tries { relays: self, body: within };
        let mut dropped = 0;
        let mut behind = statements;
        while let [first, rest @ ..] = behind {
            match shifts(&first.command) {
                Some(more) => dropped += more,
                None if tries.prepares(&first.command) => {}
                None => break,
            }
            behind = rest;
        }
        let (first, rest) = behind.split_first()?;
        let relay = self.acts(&first.command, rest, within).or_else(|| tries.relay(&first.command, rest))?;
        Some(Relay { dropped: relay.dropped + dropped, ..relay })
    }

    /// What is left of a body once it has said something.
    fn acts(&self, first: &'s Command, rest: &'s [Statement], within: &'s List) -> Option<Relay<'s>> {
        match &first.kind {
            // `if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi`: what runs the command is all that differs.
            CommandKind::If { branches, otherwise: Some((_, otherwise)), .. }
                if rest.is_empty()
                    && let [branch] = &branches[..]
                    && branch.condition.only_command().is_some_and(is_question)
                    && let Some(one) = self.list(&branch.body.statements, within)
                    && let Some(other) = self.list(&otherwise.statements, within)
                    && is_same(&one, &other) =>
            {
                return Some(if one.before.len() < other.before.len() { other } else { one });
            }
            // `if TEST; then echo …; else "$@"; fi`, in either order.
            CommandKind::If { branches, otherwise: Some((_, otherwise)), .. } if rest.is_empty() => {
                if let [branch] = &branches[..]
                    && let Some(test) = branch.condition.only_command().filter(|test| is_plain_test(test))
                {
                    let (inner, negated) = match self.says(&branch.body.statements) {
                        true => (self.list(&otherwise.statements, within)?, false),
                        false if self.says(&otherwise.statements) => {
                            (self.list(&branch.body.statements, within)?, true)
                        }
                        false => return None,
                    };
                    return inner.unless.is_none().then_some(Relay { unless: Some(Skip { test, negated }), ..inner });
                }
            }
            // `if TEST; then echo …; return; fi`.
            CommandKind::If { branches, otherwise: None, .. } => {
                if let [branch] = &branches[..]
                    && let Some(test) = branch.condition.only_command().filter(|test| is_plain_test(test))
                    && matches!(self.handled(&branch.body.statements), Some(Handled::Returned(true)))
                {
                    return self.unless(Skip { test, negated: false }, rest, within);
                }
            }
            // `[ TEST ] && { echo …; return; }`.
            CommandKind::AndOr { left, operator: AndOr::And, right, .. } if is_plain_test(left) => {
                return match &right.kind {
                    CommandKind::Brace { body, .. }
                        if matches!(self.handled(&body.statements), Some(Handled::Returned(true))) =>
                    {
                        self.unless(Skip { test: left, negated: false }, rest, within)
                    }
                    _ => None,
                };
            }
            _ => {}
        }
        self.run(first, rest)
    }

    fn unless(&self, skip: Skip<'s>, rest: &'s [Statement], within: &'s List) -> Option<Relay<'s>> {
        let inner = self.list(rest, within)?;
        inner.unless.is_none().then_some(Relay { unless: Some(skip), ..inner })
    }

    /// The statement that runs the command, and those behind it.
    fn run(&self, command: &'s Command, rest: &'s [Statement]) -> Option<Relay<'s>> {
        if let Some((before, redirects)) = self.given(command) {
            let failure = match rest {
                [] => Failure::Passed,
                [kept, said @ .., last]
                    if keeps_status(&kept.command)
                        && returns(&last.command) == Some(Returns::Kept)
                        && said.iter().all(|statement| self.is_talk(&statement.command)) =>
                {
                    Failure::Passed
                }
                _ => Failure::Followed,
            };
            return self.says_all(rest, failure).then_some(Relay {
                before,
                redirects,
                dropped: 0,
                unless: None,
                failure,
            });
        }
        let (run, handler) = match &command.kind {
            CommandKind::AndOr { left, operator: AndOr::And, right, .. } if self.is_talk(right) => {
                let failure = if rest.is_empty() { Failure::Passed } else { Failure::Lost };
                let (before, redirects) = self.given(left)?;
                return self.says_all(rest, failure).then_some(Relay {
                    before,
                    redirects,
                    dropped: 0,
                    unless: None,
                    failure,
                });
            }
            CommandKind::AndOr { left, operator: AndOr::Or, right, .. } => (&**left, self.handler(right)?),
            CommandKind::If { branches, otherwise, .. } => {
                let [branch] = &branches[..] else { return None };
                match (&branch.condition.only_command()?.kind, otherwise) {
                    (CommandKind::Not { command, .. }, None) => (&**command, self.handled(&branch.body.statements)?),
                    (_, Some((_, otherwise))) if self.says(&branch.body.statements) => {
                        (branch.condition.only_command()?, self.handled(&otherwise.statements)?)
                    }
                    (_, None) if self.says(&branch.body.statements) => {
                        (branch.condition.only_command()?, Handled::Said)
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        let run = match &run.kind {
            CommandKind::AndOr { left, operator: AndOr::And, right, .. } if self.is_talk(right) => left,
            _ => run,
        };
        let failure = match handler {
            Handled::Said | Handled::Returned(true) => Failure::Lost,
            Handled::Returned(false) => Failure::Passed,
            Handled::By(command) => Failure::Handled(command),
        };
        let (before, redirects) = self.given(run)?;
        self.says(rest).then_some(Relay { before, redirects, dropped: 0, unless: None, failure })
    }

    /// Whether nothing behind the command but what gives its status back does anything.
    fn says_all(&self, rest: &[Statement], failure: Failure<'_>) -> bool {
        matches!(failure, Failure::Passed) || self.says(rest)
    }

    /// What stands in front of `"$@"`, where a command is that, perhaps behind what runs it; and its redirects.
    pub(super) fn given(&self, command: &'s Command) -> Option<(&'s [Word], &'s [Redirect])> {
        let CommandKind::Simple(simple) = &command.kind else { return None };
        let quiet = command.redirects.iter().all(is_quiet);
        let (last, before) = simple.words.split_last()?;
        if !quiet || !is_all_given(last) || !simple.assignments.is_empty() {
            return None;
        }
        if before.is_empty() {
            return Some((before, &command.redirects));
        }
        let mut words: Vec<Cow<'_, str>> = before.iter().map(constant).collect::<Option<_>>()?;
        words.extend(["sh", "-c", ":"].map(Cow::Borrowed));
        let text = Given::Word(before.len() + 2);
        let runs_it =
            self.commands.shell_text(&words).is_some_and(|shell| shell.given == text && shell.place.is_none());
        runs_it.then_some((before, &command.redirects))
    }

    /// Whether a command only tells what goes on.
    pub(super) fn is_talk(&self, command: &Command) -> bool {
        let simple = match &command.kind {
            CommandKind::Simple(simple) => simple,
            // `if [ "$rc" -ne 0 ]; then echo "failed"; else echo "done"; fi`.
            CommandKind::If { branches, otherwise, .. } => {
                let only_says = |list: &List| self.all_talk(&list.statements);
                return command.redirects.iter().all(is_quiet)
                    && branches.iter().all(|branch| {
                        branch.condition.only_command().is_some_and(asks_nothing_else) && only_says(&branch.body)
                    })
                    && otherwise.iter().all(|(_, body)| only_says(body));
            }
            // `{ echo "$*"; date; } >> "$log"`.
            CommandKind::Brace { body, .. } => {
                return command.redirects.iter().all(|redirect| is_quiet(redirect) || is_log(redirect))
                    && self.all_talk(&body.statements);
            }
            _ => return false,
        };
        let Some(name) = simple.words.first().and_then(constant) else { return false };
        let runs = |word: &Word| !only_prints(&word.parts);
        let writes = |redirect: &Redirect| !is_quiet(redirect) && !is_log(redirect);
        if simple.words.iter().any(runs) || !simple.assignments.is_empty() || command.redirects.iter().any(writes) {
            return false;
        }
        if self.functions.contains_key(&*name) {
            return self.talk.contains(&*name);
        }
        matches!(&*name, "logger" | "local")
            || self.commands.always_succeeds(&name) && !matches!(&*name, "set" | "trap" | "export")
    }

    /// Whether a body only tells what goes on.
    pub(super) fn is_talking(&self, body: &Command) -> bool {
        matches!(&body.kind, CommandKind::Brace { body, .. } if self.says(&body.statements))
    }

    fn all_talk(&self, statements: &[Statement]) -> bool {
        statements.iter().all(|statement| self.is_talk(&statement.command))
    }

    /// Whether statements only tell what goes on, and succeed.
    pub(super) fn says(&self, statements: &[Statement]) -> bool {
        let said = match statements.split_last() {
            Some((last, before)) if returns(&last.command) == Some(Returns::Success) => before,
            _ => statements,
        };
        self.all_talk(said)
    }

    pub(super) fn handler(&self, command: &'s Command) -> Option<Handled<'s>> {
        match &command.kind {
            CommandKind::Brace { body, .. } => self.handled(&body.statements),
            // With nothing in between, a bare `return` gives the failure on.
            _ if matches!(returns(command), Some(Returns::Last)) => Some(Handled::Returned(false)),
            _ => self.last(command, false),
        }
    }

    /// What the statements do that run after a failure.
    pub(super) fn handled(&self, statements: &'s [Statement]) -> Option<Handled<'s>> {
        let (last, before) = statements.split_last()?;
        let kept = before.first().is_some_and(|first| keeps_status(&first.command));
        let said = before.iter().skip(usize::from(kept)).all(|statement| self.is_talk(&statement.command));
        said.then(|| self.last(&last.command, kept)).flatten()
    }

    /// What the last command of a handler does; `kept`: the status of the command was kept in a variable.
    fn last(&self, command: &'s Command, kept: bool) -> Option<Handled<'s>> {
        if let Some(returned) = returns(command) {
            return match returned {
                Returns::Success | Returns::Last => Some(Handled::Returned(true)),
                Returns::Failure => Some(Handled::Returned(false)),
                Returns::Kept => kept.then_some(Handled::Returned(false)),
            };
        }
        if self.is_talk(command) {
            return Some(Handled::Said);
        }
        let CommandKind::Simple(simple) = &command.kind else { return None };
        let name = simple.words.first().and_then(constant)?;
        // What the command gave is not what `$1` is where the call stands.
        let known = simple.words[1..].iter().all(|word| name != "exit" || constant(word).is_some() || kept);
        let ends = self.commands.never_returns(&name) || self.functions.contains_key(&*name);
        (ends && known).then_some(Handled::By(command))
    }
}

/// What a handler comes to.
#[derive(Clone, Copy)]
pub(super) enum Handled<'s> {
    /// It only says something: the failure is lost.
    Said,
    /// The function returns, with success or not.
    Returned(bool),
    /// This command ends the script, or decides.
    By(&'s Command),
}

/// What a `return` gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Returns {
    Success,
    Failure,
    /// The status of the last command.
    Last,
    /// That of a variable, or of `$?`.
    Kept,
}

pub(super) fn returns(command: &Command) -> Option<Returns> {
    let CommandKind::Simple(simple) = &command.kind else { return None };
    let (name, operands) = simple.words.split_first()?;
    if constant(name)? != "return" {
        return None;
    }
    match operands {
        [] => Some(Returns::Last),
        [code] => Some(match constant(code).as_deref() {
            Some("0") => Returns::Success,
            Some(_) => Returns::Failure,
            None => Returns::Kept,
        }),
        _ => None,
    }
}

/// Whether a command is words of a known text.
pub(super) fn is_constant(command: &Command) -> bool {
    matches!(&command.kind, CommandKind::Simple(simple) if simple.words.iter().all(|word| constant(word).is_some()))
}

/// By how much a command moves what the function was given.
pub(super) fn shifts(command: &Command) -> Option<usize> {
    let CommandKind::Simple(simple) = &command.kind else { return None };
    match &simple.words[..] {
        [name] if constant(name)? == "shift" => Some(1),
        [name, by] if constant(name)? == "shift" => constant(by)?.parse().ok(),
        _ => None,
    }
}

/// `return`, `return $?`.
fn hands_on_status(command: &Command) -> bool {
    let CommandKind::Simple(simple) = &command.kind else { return false };
    let is_status = |word: &Word| matches!(word.only_part().map(|part| &part.kind), Some(PartKind::Parameter(parameter)) if &*parameter.name == "?");
    match returns(command) {
        Some(Returns::Last) => true,
        Some(Returns::Kept) => simple.words.last().is_some_and(is_status),
        _ => false,
    }
}

/// `rc=$?`, `local rc=$?`.
fn keeps_status(command: &Command) -> bool {
    let CommandKind::Simple(simple) = &command.kind else { return false };
    let assignments = if simple.words.is_empty() { &simple.assignments } else { &simple.declared };
    let [assignment] = &assignments[..] else { return false };
    let AssignmentValue::Scalar(value) = &assignment.value else { return false };
    matches!(value.only_part().map(|part| &part.kind), Some(PartKind::Parameter(parameter)) if &*parameter.name == "?")
}

/// Whether parts are text and variables of the script: the same at each call of a function.
fn is_of_script(parts: &[Part]) -> bool {
    parts.iter().all(|part| match &part.kind {
        PartKind::Literal(_) | PartKind::SingleQuoted(_) | PartKind::Tilde(_) => true,
        PartKind::DoubleQuoted(inner) => is_of_script(inner),
        PartKind::Parameter(parameter) => {
            parameter.name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && matches!(parameter.operator, ParameterOperator::None)
        }
        _ => false,
    })
}

/// Whether the shell itself does what a command of this name does.
pub(super) fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "." | "source"
            | "eval"
            | "exec"
            | "exit"
            | "return"
            | "set"
            | "shift"
            | "cd"
            | "pushd"
            | "export"
            | "local"
            | "declare"
            | "typeset"
            | "readonly"
            | "unset"
            | "test"
            | "["
            | "read"
            | "trap"
            | "wait"
            | "let"
            | "getopts"
            | "break"
            | "continue"
    )
}

/// Whether a word is `"$@"`.
pub(super) fn is_all_given(word: &Word) -> bool {
    matches!(word.only_part().map(|part| &part.kind), Some(PartKind::Parameter(parameter))
        if &*parameter.name == "@" && matches!(parameter.operator, ParameterOperator::None))
}

/// Whether nothing runs in these parts but commands that tell what is so.
pub(super) fn only_prints(parts: &[Part]) -> bool {
    parts.iter().all(|part| match &part.kind {
        PartKind::DoubleQuoted(inner) => only_prints(inner),
        PartKind::Command(inner) => match &inner.body.statements[..] {
            [
                Statement {
                    command: Command { kind: CommandKind::Simple(simple), redirects, .. },
                    ampersand: None,
                    ..
                },
            ] => {
                let name = simple.words.first().and_then(constant);
                redirects.is_empty()
                    && simple.words.iter().all(|word| only_prints(&word.parts))
                    && name.is_some_and(|name| {
                        matches!(
                            &*name,
                            "date" | "hostname" | "basename" | "dirname" | "whoami" | "id" | "uname" | "pwd"
                        )
                    })
            }
            _ => false,
        },
        PartKind::Process { .. } => false,
        _ => !runs_something(std::slice::from_ref(part)),
    })
}

/// Whether a redirect leaves no trace: to another descriptor, or away.
fn is_quiet(redirect: &Redirect) -> bool {
    redirect.kind == RedirectKind::DuplicateOutput || constant(&redirect.target).as_deref() == Some("/dev/null")
}

/// Whether a redirect adds to what is called a log.
fn is_log(redirect: &Redirect) -> bool {
    let is_named = |part: &Part| match &part.kind {
        PartKind::Literal(text) | PartKind::SingleQuoted(text) => text.to_lowercase().contains("log"),
        PartKind::Parameter(parameter) => parameter.name.to_lowercase().contains("log"),
        _ => false,
    };
    let is_of_log = |part: &Part| match &part.kind {
        PartKind::DoubleQuoted(inner) => inner.iter().any(is_named),
        _ => is_named(part),
    };
    redirect.kind == RedirectKind::Append && redirect.target.parts.iter().any(is_of_log)
}

/// Whether a command declares variables of a function.
fn declares(command: &Command) -> bool {
    match &command.kind {
        CommandKind::Simple(simple) => {
            let name = simple.words.first().and_then(constant);
            name.is_some_and(|name| matches!(&*name, "local" | "declare" | "typeset"))
        }
        _ => false,
    }
}

/// Whether a command is a test, whatever it asks.
pub(super) fn is_question(command: &Command) -> bool {
    match &command.kind {
        CommandKind::Simple(simple) => {
            simple.words.first().and_then(constant).is_some_and(|name| matches!(&*name, "[" | "test"))
        }
        CommandKind::Test { .. } | CommandKind::Arithmetic { .. } => true,
        CommandKind::Not { command, .. } => is_question(command),
        _ => false,
    }
}

/// Whether a command is a test that runs nothing.
pub(super) fn asks_nothing_else(command: &Command) -> bool {
    matches!(&command.kind, CommandKind::Simple(simple)
        if is_question(command) && simple.words.iter().all(|word| only_prints(&word.parts)))
}

/// Whether a command asks something of variables of the script, and nothing of what the function was given.
fn is_plain_test(command: &Command) -> bool {
    let CommandKind::Simple(simple) = &command.kind else { return false };
    let is_plain = |part: &Part| match &part.kind {
        PartKind::Literal(_) | PartKind::SingleQuoted(_) => true,
        PartKind::Parameter(parameter) => {
            parameter.name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        }
        _ => false,
    };
    let is_plain_word = |word: &Word| {
        word.parts.iter().all(|part| match &part.kind {
            PartKind::DoubleQuoted(inner) => inner.iter().all(is_plain),
            _ => is_plain(part),
        })
    };
    matches!(simple.words.first().and_then(constant).as_deref(), Some("[" | "test"))
        && simple.words.iter().all(is_plain_word)
}
