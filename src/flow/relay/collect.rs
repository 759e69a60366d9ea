//! Functions that remember a failure of the command in front of their call, and go on.
//!
//! ```sh
//! check() { if [ $? -ne 0 ]; then failed="$failed $1"; fi; }
//! pg_dump app > app.sql
//! check app
//! [ -z "$failed" ] || exit 1
//! ```
//! A call of one is what stands in it: the variable is told apart by the status, at each call for itself.

use super::body::{is_question, only_prints};
use super::{Relays, is_one};
use crate::syntax::tree::{
    AndOr, AssignmentValue, Command, CommandKind, Parameter, ParameterOperator, PartKind, Simple, Statement, Word,
};

/// How many bytes of such a function may stand at each of its calls too.
const LONGEST: u32 = 400;

/// Such a function.
pub(super) struct Collector<'s> {
    body: &'s Command,
    /// The number of the parameter that it takes for the status; none where it reads `$?`.
    given: Option<usize>,
}

impl<'s> Relays<'s> {
    /// What a function is, where it asks for a status and sets variables where that is no success, or tells of it, and
    /// does nothing else.
    pub(super) fn collector(&self, body: &'s Command) -> Option<Collector<'s>> {
        let CommandKind::Brace { body: list, .. } = &body.kind else { return None };
        let [Statement { command, ampersand: None, .. }] = &list.statements[..] else { return None };
        if body.span.len() > LONGEST || !command.redirects.is_empty() {
            return None;
        }
        let (test, does) = match &command.kind {
            CommandKind::If { branches, otherwise, .. } => {
                let [branch] = &branches[..] else { return None };
                let others = otherwise.iter().flat_map(|(_, body)| &body.statements);
                let does: Vec<&Command> =
                    branch.body.statements.iter().chain(others).map(|statement| &statement.command).collect();
                (branch.condition.only_command()?, does)
            }
            CommandKind::AndOr { left, right, operator: AndOr::And | AndOr::Or, .. } => {
                let does = match &right.kind {
                    CommandKind::Brace { body, .. } => body.statements.iter().map(|inner| &inner.command).collect(),
                    _ => vec![&**right],
                };
                (&**left, does)
            }
            _ => return None,
        };
        let sets = does.iter().filter(|command| sets_only(command)).count();
        let tells = does.iter().filter(|command| self.is_talk(command)).count();
        if !is_question(test) || sets == 0 || sets + tells < does.len() {
            return None;
        }
        let CommandKind::Simple(simple) = &test.kind else { return None };
        let mut asked = simple.words.iter().filter_map(parameter);
        let (first, None) = (asked.next()?, asked.next()) else { return None };
        let given = if &*first.name == "?" { None } else { Some(first.name.parse().ok()?) };
        Some(Collector { body: command, given })
    }
}

impl Collector<'_> {
    /// What a call of it is.
    pub(super) fn called(&self, call: &Command, simple: &Simple) -> Option<Command> {
        let status = match self.given {
            None => None,
            Some(number) => {
                let words = simple.words.get(1..=number)?;
                Some(
                    words
                        .last()
                        .filter(|word| words.iter().all(|word| is_one(word) || is_status(word)) && is_status(word))?,
                )
            }
        };
        let mut body = self.body.clone();
        if let Some(status) = status {
            let test = match &mut body.kind {
                CommandKind::If { branches, .. } => &mut branches[0].condition.statements[0].command,
                CommandKind::AndOr { left, .. } => left,
                _ => return None,
            };
            let CommandKind::Simple(test) = &mut test.kind else { return None };
            for word in test.words.iter_mut().filter(|word| parameter(word).is_some()) {
                word.parts.clone_from(&status.parts);
            }
        }
        body.redirects.extend(call.redirects.iter().cloned());
        Some(body)
    }
}

/// The parameter that a word is, and nothing else.
fn parameter(word: &Word) -> Option<&Parameter> {
    match &word.only_part()?.kind {
        PartKind::Parameter(parameter) if matches!(parameter.operator, ParameterOperator::None) => Some(parameter),
        _ => None,
    }
}

/// Whether a word is `$?`.
fn is_status(word: &Word) -> bool {
    parameter(word).is_some_and(|parameter| &*parameter.name == "?")
}

/// Whether a command sets variables and runs nothing.
fn sets_only(command: &Command) -> bool {
    let is_plain = |value: &AssignmentValue| matches!(value, AssignmentValue::Scalar(word) if only_prints(&word.parts));
    matches!(&command.kind, CommandKind::Simple(simple)
        if simple.words.is_empty()
            && !simple.assignments.is_empty()
            && simple.assignments.iter().all(|assignment| is_plain(&assignment.value)))
}
