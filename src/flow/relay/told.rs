//! Functions that give a client the statements that they are given: a call of one is the client with that text.
//!
//! ```sh
//! my() { mysql -h "$NEW" -N -e "$1" || exit 1; }
//! ask() { local host=$1 text=$2; psql -h "$host" -Atc "$text" | tail -n 1; }
//! on() { local host=$1; shift; ssh "$host" "$@"; }
//! ```
//! What a client does is said by the text. In the function that is any of those of all calls; at a call it is one. The same
//! is true of a program that is given all that is left of the arguments, as a command of its own or as one text.

use super::body::{Handled, LONGEST, is_all_given, is_builtin, is_constant, shifts};
use super::{Failure, Relay, Relays, is_one};
use crate::flow::forest::constant;
use crate::span::Span;
use crate::syntax::tree::{
    AndOr, Assignment, AssignmentValue, Command, CommandKind, List, Parameter, ParameterOperator, Part, PartKind,
    Redirect, Simple, Statement, Word,
};
use hashbrown::HashMap;
use std::borrow::Cow;

/// Such a function.
pub(super) struct Teller<'s> {
    /// The variables of its own.
    own: HashMap<&'s str, Own<'s>>,
    /// How many of its arguments are gone where the client runs: `shift`.
    shifted: usize,
    /// What runs the client.
    run: &'s Command,
    /// What it makes of a failure.
    failure: Failure<'s>,
}

/// A variable of such a function.
#[derive(Clone, Copy)]
struct Own<'s> {
    /// What it holds: plain text or an argument.
    word: &'s Word,
    /// How many arguments were gone when it was set.
    shifted: usize,
}

/// What a function was given at a call.
struct Given<'c> {
    own: &'c HashMap<&'c str, Own<'c>>,
    arguments: &'c [Word],
    /// So many of the first arguments are one word each, whatever they hold.
    sure: usize,
    /// So many are gone.
    shifted: usize,
    /// The name at the call, where the words of the function stand for who reads.
    at: Span,
}

impl<'s> Relays<'s> {
    /// What a function is, where it runs one client of knowledge with words that it was given, and does nothing else.
    pub(super) fn teller(&self, body: &'s Command) -> Option<Teller<'s>> {
        let CommandKind::Brace { body: List { statements, .. }, .. } = &body.kind else { return None };
        let (Statement { command, ampersand: None, .. }, declared) = statements.split_last()? else { return None };
        if body.span.len() > LONGEST || !command.redirects.is_empty() && !matches!(command.kind, CommandKind::Simple(_))
        {
            return None;
        }
        let mut own = HashMap::new();
        let mut shifted = 0;
        for statement in declared {
            match shifts(&statement.command) {
                Some(more) => shifted += more,
                None => {
                    let words = own_words(&statement.command)?;
                    own.extend(words.into_iter().map(|(name, word)| (name, Own { word, shifted })));
                }
            }
        }
        let (run, failure) = match &command.kind {
            CommandKind::AndOr { left, operator: AndOr::Or, right, .. } => {
                let failure = match self.handler(right)? {
                    Handled::Said | Handled::Returned(true) => Failure::Lost,
                    Handled::Returned(false) => Failure::Passed,
                    // What it is given is that of the function, and not of who calls it.
                    Handled::By(command) if is_constant(command) => Failure::Handled(command),
                    Handled::By(_) => return None,
                };
                (&**left, failure)
            }
            _ => (command, Failure::Passed),
        };
        let stages = match &run.kind {
            CommandKind::Pipeline { stages, .. } if run.redirects.is_empty() => &stages[..],
            _ => std::slice::from_ref(run),
        };
        let simple = |stage: &'s Command| match &stage.kind {
            CommandKind::Simple(simple) => Some(simple),
            _ => None,
        };
        let simple: Vec<&Simple> = stages.iter().map(simple).collect::<Option<_>>()?;
        let words = || simple.iter().flat_map(|simple| &simple.words);
        // Whatever it is, it is given a command of its own.
        let runs_given = |simple: &&Simple| {
            let is_program = |name: &str| !is_builtin(name) && !self.commands.always_succeeds(name);
            simple.words.len() > 1
                && simple.words.first().and_then(constant).is_some_and(|name| is_program(&name))
                && simple.words.last().is_some_and(|last| is_all_given(last) || is_joined(last))
        };
        let is_client = words().filter_map(constant).any(|word| self.commands.runs_statements(&word))
            || shifted > 0 && simple.iter().any(runs_given);
        // A function of the script would be expanded in its turn, and might be this one.
        let runs_function = words().filter_map(constant).any(|word| self.functions.contains_key(word.as_ref()));
        let takes = words().any(|word| takes_given(&word.parts, &own))
            || stages.iter().flat_map(|stage| &stage.redirects).any(|one| takes_given(&one.target.parts, &own));
        (is_client && !runs_function && takes).then_some(Teller { own, shifted, run, failure })
    }
}

impl Teller<'_> {
    /// The name of the command that runs after a failure.
    pub(super) fn handler(&self) -> Option<Cow<'_, str>> {
        self.failure.handler()
    }

    /// What a call of it is.
    pub(super) fn called(&self, call: &Command, simple: &Simple) -> Option<Command> {
        let (name, arguments) = simple.words.split_first()?;
        let sure = arguments.iter().take_while(|word| is_one(word)).count();
        if !simple.assignments.is_empty() || sure < self.shifted {
            return None;
        }
        let given = Given { own: &self.own, arguments, sure, shifted: self.shifted, at: name.span };
        let stage = |command: &Command| -> Option<Command> {
            let CommandKind::Simple(simple) = &command.kind else { return None };
            let redirects = command.redirects.iter().map(|redirect| given.redirect(redirect)).collect::<Option<_>>()?;
            Some(Command { span: call.span, kind: CommandKind::Simple(given.simple(simple)?), redirects })
        };
        let mut run = match &self.run.kind {
            CommandKind::Pipeline { stages, pipes } => {
                let stages = stages.iter().map(stage).collect::<Option<_>>()?;
                let kind = CommandKind::Pipeline { stages, pipes: pipes.clone() };
                Command { span: call.span, kind, redirects: Vec::new() }
            }
            _ => stage(self.run)?,
        };
        if let CommandKind::Simple(_) = run.kind {
            run.redirects.extend(call.redirects.iter().cloned());
        } else if !call.redirects.is_empty() {
            let statement = Statement { span: call.span, command: run, ampersand: None };
            let body = List { span: call.span, statements: vec![statement] };
            let kind = CommandKind::Brace { open: call.span, body, close: call.span };
            run = Command { span: call.span, kind, redirects: call.redirects.clone() };
        }
        let around = Relay { before: &[], redirects: &[], dropped: 0, unless: None, failure: self.failure };
        Some(around.around(run))
    }
}

impl Given<'_> {
    fn simple(&self, simple: &Simple) -> Option<Simple> {
        let assignment = |one: &Assignment| match &one.value {
            AssignmentValue::Scalar(word) => {
                Some(Assignment { value: AssignmentValue::Scalar(self.word(word)?), ..one.clone() })
            }
            AssignmentValue::Array(_) => None,
        };
        Some(Simple {
            assignments: simple.assignments.iter().map(assignment).collect::<Option<_>>()?,
            words: simple.words.iter().map(|word| self.words(word)).collect::<Option<Vec<_>>>()?.concat(),
            declared: Vec::new(),
        })
    }

    /// What a word of the function comes to: all that is left of the arguments may be several words.
    fn words(&self, word: &Word) -> Option<Vec<Word>> {
        let rest = &self.arguments[self.shifted..];
        if is_all_given(word) {
            return Some(rest.to_vec());
        }
        if !is_joined(word) {
            return self.word(word).map(|word| vec![word]);
        }
        if let [only] = rest {
            return (self.sure == self.arguments.len()).then(|| vec![only.clone()]);
        }
        let mut quoted = Vec::new();
        for (at, word) in rest.iter().enumerate() {
            if at > 0 {
                quoted.push(Part { span: self.at, kind: PartKind::Literal(" ".into()) });
            }
            quoted.extend(in_quotes(word));
        }
        let part = Part { span: self.at, kind: PartKind::DoubleQuoted(quoted) };
        (self.sure == self.arguments.len()).then(|| vec![Word { span: self.at, parts: vec![part] }])
    }

    fn redirect(&self, redirect: &Redirect) -> Option<Redirect> {
        let is_plain = redirect.heredoc.as_ref().is_none_or(|heredoc| !takes_given(&heredoc.parts, self.own));
        is_plain.then_some(())?;
        Some(Redirect { target: self.word(&redirect.target)?, ..redirect.clone() })
    }

    /// A word of the function with what it was given; none where one cannot be said by the other.
    fn word(&self, word: &Word) -> Option<Word> {
        let mut parts = Vec::with_capacity(word.parts.len());
        for part in &word.parts {
            match &part.kind {
                PartKind::DoubleQuoted(inner) => {
                    let mut quoted = Vec::with_capacity(inner.len());
                    for part in inner {
                        self.part(part, &mut quoted)?;
                    }
                    parts.push(Part { span: part.span, kind: PartKind::DoubleQuoted(quoted) });
                }
                // Without quotes it is as many words as it has: only one is sure to be one.
                PartKind::Parameter(parameter) if self.value(parameter).is_some() => {
                    let text = constant(self.value(parameter)?)?;
                    let is_one = !text.is_empty() && !text.contains([' ', '\t', '\n', '*', '?', '[']);
                    is_one.then(|| parts.push(Part { span: part.span, kind: PartKind::Literal(text.into()) }))?;
                }
                _ => self.part(part, &mut parts)?,
            }
        }
        Some(Word { span: self.at, parts })
    }

    /// A part that is not to be split, as it is at the call.
    fn part(&self, part: &Part, into: &mut Vec<Part>) -> Option<()> {
        match &part.kind {
            PartKind::Parameter(parameter) if is_number(&parameter.name) || self.own.contains_key(&*parameter.name) => {
                into.extend(in_quotes(self.value(parameter)?));
                Some(())
            }
            PartKind::Parameter(parameter) if !is_of_shell(parameter) => None,
            PartKind::Command(_) | PartKind::Process { .. } | PartKind::Arithmetic(_) => None,
            _ => {
                into.push(part.clone());
                Some(())
            }
        }
    }

    /// The word that a parameter of the function is at the call.
    fn value<'w>(&'w self, parameter: &'w Parameter) -> Option<&'w Word> {
        if parameter.subscript.is_some() {
            return None;
        }
        if let Some(own) = self.own.get(&*parameter.name) {
            return match own.word.only_part().map(|part| &part.kind) {
                _ if !matches!(parameter.operator, ParameterOperator::None) => None,
                Some(PartKind::Parameter(inner)) if is_number(&inner.name) => self.argument(inner, own.shifted),
                _ => Some(own.word),
            };
        }
        self.argument(parameter, self.shifted)
    }

    /// The argument that a parameter is where so many are gone.
    fn argument<'w>(&'w self, parameter: &'w Parameter, shifted: usize) -> Option<&'w Word> {
        let number: usize = parameter.name.parse().ok().filter(|_| is_number(&parameter.name))?;
        let at = number.checked_sub(1)? + shifted;
        // Behind one that may be several words nobody knows which is which.
        if at >= self.sure && self.sure < self.arguments.len() {
            return None;
        }
        let argument = self.arguments.get(at);
        match (&parameter.operator, argument) {
            (ParameterOperator::None, Some(word)) => Some(word),
            (ParameterOperator::Default { word, .. }, None) => Some(word),
            (ParameterOperator::Default { .. } | ParameterOperator::Require { .. }, Some(word)) => {
                constant(word).is_some_and(|text| !text.is_empty()).then_some(word)
            }
            _ => None,
        }
    }
}

/// The variables of its own that a command gives a function, and what they hold: plain text or one that it was given.
fn own_words(command: &Command) -> Option<Vec<(&str, &Word)>> {
    let CommandKind::Simple(simple) = &command.kind else { return None };
    let name = constant(simple.words.first()?)?;
    let is_plain = command.redirects.is_empty() && simple.assignments.is_empty();
    if !is_plain || name != "local" || simple.declared.len() + 1 != simple.words.len() {
        return None;
    }
    simple.declared.iter().map(held).collect()
}

/// The variable that an assignment sets, and to what, where that is plain text or a parameter.
fn held(one: &Assignment) -> Option<(&str, &Word)> {
    let Assignment { name, append: false, value: AssignmentValue::Scalar(word), .. } = one else { return None };
    let given = matches!(word.only_part().map(|part| &part.kind),
        Some(PartKind::Parameter(parameter)) if is_number(&parameter.name) && parameter.subscript.is_none());
    (given || constant(word).is_some()).then_some((&*name.text, word))
}

/// Whether parts hold something that the function was given.
fn takes_given(parts: &[Part], own: &HashMap<&str, Own<'_>>) -> bool {
    parts.iter().any(|part| match &part.kind {
        PartKind::DoubleQuoted(inner) => takes_given(inner, own),
        PartKind::Parameter(parameter) => {
            is_number(&parameter.name) || matches!(&*parameter.name, "@" | "*") || own.contains_key(&*parameter.name)
        }
        _ => false,
    })
}

/// Whether a word is `"$*"`.
fn is_joined(word: &Word) -> bool {
    let [Part { kind: PartKind::DoubleQuoted(inner), .. }] = &word.parts[..] else { return false };
    matches!(&inner[..], [Part { kind: PartKind::Parameter(parameter), .. }]
        if &*parameter.name == "*" && matches!(parameter.operator, ParameterOperator::None))
}

/// The parts of a word as they stand within double quotes.
fn in_quotes(word: &Word) -> Vec<Part> {
    let mut quoted = Vec::with_capacity(word.parts.len());
    for part in &word.parts {
        match &part.kind {
            PartKind::DoubleQuoted(inner) => quoted.extend(inner.iter().cloned()),
            PartKind::SingleQuoted(text) | PartKind::AnsiQuoted(text) => {
                quoted.push(Part { span: part.span, kind: PartKind::Literal(text.clone()) });
            }
            _ => quoted.push(part.clone()),
        }
    }
    quoted
}

/// Whether a parameter is one of the function: `$1`, and not `$0`.
fn is_number(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_digit() && first != '0')
}

/// Whether a parameter is the same in a function and where it is called.
fn is_of_shell(parameter: &Parameter) -> bool {
    parameter.name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && matches!(parameter.operator, ParameterOperator::None)
        && parameter.subscript.is_none()
}
