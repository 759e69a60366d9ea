//! Functions that give a client the statements that they are given: a call of one is the client with that text.
//!
//! ```sh
//! my() { mysql -h "$NEW" -N -e "$1" || exit 1; }
//! ask() { local host=$1 text=$2; psql -h "$host" -Atc "$text" | tail -n 1; }
//! ```
//! What a client does is said by the text. In the function that is any of those of all calls; at a call it is one.

use super::body::{Handled, LONGEST, is_constant};
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
    /// The variables of its own, and what they hold.
    own: HashMap<&'s str, &'s Word>,
    /// What runs the client.
    run: &'s Command,
    /// What it makes of a failure.
    failure: Failure<'s>,
}

/// What a function was given at a call.
struct Given<'c> {
    own: &'c HashMap<&'c str, &'c Word>,
    arguments: &'c [Word],
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
        for statement in declared {
            own.extend(own_words(&statement.command)?);
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
        let is_client = words().filter_map(constant).any(|word| self.commands.runs_statements(&word));
        // A function of the script would be expanded in its turn, and might be this one.
        let runs_function = words().filter_map(constant).any(|word| self.functions.contains_key(word.as_ref()));
        let takes = words().any(|word| takes_given(&word.parts, &own))
            || stages.iter().flat_map(|stage| &stage.redirects).any(|one| takes_given(&one.target.parts, &own));
        (is_client && !runs_function && takes).then_some(Teller { own, run, failure })
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
        if !simple.assignments.is_empty() || !arguments.iter().all(is_one) {
            return None;
        }
        let given = Given { own: &self.own, arguments, at: name.span };
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
            words: simple.words.iter().map(|word| self.word(word)).collect::<Option<_>>()?,
            declared: Vec::new(),
        })
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
                let value = self.value(parameter)?;
                for part in &value.parts {
                    match &part.kind {
                        PartKind::DoubleQuoted(inner) => into.extend(inner.iter().cloned()),
                        PartKind::SingleQuoted(text) | PartKind::AnsiQuoted(text) => {
                            into.push(Part { span: part.span, kind: PartKind::Literal(text.clone()) });
                        }
                        _ => into.push(part.clone()),
                    }
                }
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
        if let Some(&word) = self.own.get(&*parameter.name) {
            return match word.only_part().map(|part| &part.kind) {
                _ if !matches!(parameter.operator, ParameterOperator::None) => None,
                Some(PartKind::Parameter(inner)) if is_number(&inner.name) => self.value(inner),
                _ => Some(word),
            };
        }
        let number: usize = parameter.name.parse().ok().filter(|_| is_number(&parameter.name))?;
        let argument = self.arguments.get(number.checked_sub(1)?);
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
fn takes_given(parts: &[Part], own: &HashMap<&str, &Word>) -> bool {
    parts.iter().any(|part| match &part.kind {
        PartKind::DoubleQuoted(inner) => takes_given(inner, own),
        PartKind::Parameter(parameter) => is_number(&parameter.name) || own.contains_key(&*parameter.name),
        _ => false,
    })
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
