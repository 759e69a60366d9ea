//! Functions that try what they are given until it succeeds, or so often.
//!
//! ```sh
//! retry() {
//!     local tries=$1; shift
//!     for try in $(seq "$tries"); do "$@" && return 0; sleep 1; done
//!     return 1
//! }
//! until_done() { until "$@"; do n=$((n + 1)); [ "$n" -lt 5 ] || exit 1; sleep 1; done; }
//! ```
//! A call of one is the command: it has succeeded where the call has, and has failed where the call gives up. Tests that decide
//! how often it is tried are not asked.

use super::body::{Handled, Returns, asks_nothing_else, is_question, only_prints, returns};
use super::{Failure, Relay, Relays};
use crate::flow::forest::constant;
use crate::flow::sourced::each_command;
use crate::syntax::tree::{AndOr, AssignmentValue, Command, CommandKind, List, PartKind, Redirect, Statement, Word};
use hashbrown::HashMap;

/// What stands in front of `"$@"`, and its redirects.
type Given<'s> = (&'s [Word], &'s [Redirect]);

/// How a loop is left where the command has succeeded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// The function returns.
    Returned,
    /// The loop ends.
    Ended,
}

/// The turns of a loop in which the command is tried.
struct Turns<'s> {
    given: Given<'s>,
    left: Left,
    /// Nothing stands behind it in a turn.
    is_last: bool,
    /// What else a turn does.
    pace: Pace<'s>,
}

/// What a turn does beside trying: it may give up.
#[derive(Clone, Copy, Default)]
struct Pace<'s> {
    /// By leaving the function so.
    by: Option<Handled<'s>>,
    /// By leaving the loop.
    ends: bool,
}

/// A function that may be such a one.
pub(super) struct Tries<'r, 's> {
    pub relays: &'r Relays<'s>,
    /// Its body: the variables that only this sets are its own.
    pub body: &'s List,
}

impl<'s> Tries<'_, 's> {
    /// What the function makes of the command, where a loop and what stands behind it are all of it.
    pub fn relay(&self, command: &'s Command, rest: &'s [Statement]) -> Option<Relay<'s>> {
        if !command.redirects.is_empty() {
            return None;
        }
        let (turns, is_endless) = match &command.kind {
            CommandKind::Loop { until, condition, body, .. } => {
                let condition = condition.only_command()?;
                match self.tried(*until, condition) {
                    Some(given) => {
                        let pace = self.paces(&body.statements)?;
                        (Turns { given, left: Left::Ended, is_last: false, pace }, true)
                    }
                    None => {
                        let is_endless = !until && always(condition);
                        (is_endless || is_question(condition)).then_some(())?;
                        (self.turns(&body.statements)?, is_endless)
                    }
                }
            }
            CommandKind::For(inner) => {
                let words = inner.items.iter().flat_map(|(_, words)| words);
                words.clone().all(only_counts).then_some(())?;
                (self.turns(&inner.body.statements)?, false)
            }
            CommandKind::ArithmeticFor { body, .. } => (self.turns(&body.statements)?, false),
            _ => return None,
        };
        let exhausted = match (is_endless && !turns.pace.ends, turns.left, rest) {
            (true, ..) => None,
            (false, _, []) if turns.is_last && !turns.pace.ends => Some(Handled::Returned(false)),
            (false, _, []) => Some(Handled::Said),
            (false, Left::Returned, rest) => Some(self.relays.handled(rest)?),
            (false, Left::Ended, _) => Some(Handled::Said),
        };
        // What stands behind a loop that ends with success runs then.
        if turns.left == Left::Ended && !self.relays.says(rest) {
            return None;
        }
        let failure = match (turns.pace.by.map(failure), exhausted.map(failure)) {
            (Some(one), None) | (None, Some(one)) => one,
            (Some(Failure::Passed), Some(Failure::Passed)) => Failure::Passed,
            (Some(Failure::Lost), Some(Failure::Lost)) => Failure::Lost,
            _ => return None,
        };
        let (before, redirects) = turns.given;
        Some(Relay { before, redirects, dropped: 0, unless: None, failure })
    }

    /// What a loop tries whose condition it is: `until "$@"`, `while ! "$@"`.
    fn tried(&self, until: bool, condition: &'s Command) -> Option<Given<'s>> {
        match &condition.kind {
            CommandKind::Not { command, .. } if !until => self.relays.given(command),
            _ if until => self.relays.given(condition),
            _ => None,
        }
    }

    /// The turns of a loop in whose body the command is tried once.
    fn turns(&self, statements: &'s [Statement]) -> Option<Turns<'s>> {
        let (at, (given, left, otherwise)) = statements.iter().enumerate().find_map(|(at, statement)| {
            Some((at, self.trying(&statement.command)?)).filter(|_| statement.ampersand.is_none())
        })?;
        let (before, after) = (&statements[..at], &statements[at + 1..]);
        let mut pace = self.paces(before)?;
        for more in [otherwise, after] {
            pace = pace.and(self.paces(more)?)?;
        }
        Some(Turns { given, left, is_last: after.is_empty() && otherwise.is_empty(), pace })
    }

    /// `"$@" && return 0`, `if "$@"; then break; else …; fi`: the command, how the loop is left then, and what is done
    /// where it has failed.
    fn trying(&self, command: &'s Command) -> Option<(Given<'s>, Left, &'s [Statement])> {
        match &command.kind {
            CommandKind::AndOr { left, operator: AndOr::And, right, .. } => {
                Some((self.relays.given(left)?, self.leaves(right)?, &[]))
            }
            CommandKind::AndOr { left, operator: AndOr::Or, right, .. } => {
                let (given, left, _) = self.trying(left)?;
                let CommandKind::Brace { body, .. } = &right.kind else { return None };
                Some((given, left, &body.statements))
            }
            CommandKind::If { branches, otherwise, .. } => {
                let [branch] = &branches[..] else { return None };
                let given = self.relays.given(branch.condition.only_command()?)?;
                let left = self.ends_in_leaving(&branch.body.statements)?;
                Some((given, left, otherwise.as_ref().map_or(&[], |(_, otherwise)| &otherwise.statements)))
            }
            _ => None,
        }
    }

    /// How a loop is left by a command that runs after success.
    fn leaves(&self, command: &Command) -> Option<Left> {
        match &command.kind {
            CommandKind::Brace { body, .. } => self.ends_in_leaving(&body.statements),
            CommandKind::Simple(simple) if simple.words.len() == 1 => {
                let name = constant(&simple.words[0])?;
                match &*name {
                    "break" => Some(Left::Ended),
                    "return" => Some(Left::Returned),
                    _ => None,
                }
            }
            _ => (returns(command)? == Returns::Success).then_some(Left::Returned),
        }
    }

    fn ends_in_leaving(&self, statements: &[Statement]) -> Option<Left> {
        let (last, before) = statements.split_last()?;
        before.iter().all(|statement| self.relays.is_talk(&statement.command)).then_some(())?;
        self.leaves(&last.command)
    }

    /// What statements do, where those that do not give up only say something, count or wait.
    fn paces(&self, statements: &'s [Statement]) -> Option<Pace<'s>> {
        statements.iter().try_fold(Pace::default(), |pace, statement| {
            let command = &statement.command;
            if statement.ampersand.is_some() {
                return None;
            }
            if self.relays.is_talk(command) || self.counts(command) {
                return Some(pace);
            }
            pace.and(self.gives_up(command)?)
        })
    }

    /// `[ "$n" -lt 5 ] || return 1`, `if [ "$n" = 5 ]; then break; fi`, with either branch.
    fn gives_up(&self, command: &'s Command) -> Option<Pace<'s>> {
        match &command.kind {
            CommandKind::AndOr { left, right, .. } if is_question(left) => match &right.kind {
                CommandKind::Brace { body, .. } => self.way(&body.statements),
                _ if self.leaves(right) == Some(Left::Ended) => Some(Pace { ends: true, by: None }),
                _ => self.relays.handler(right).map(|by| Pace { by: Some(by), ends: false }),
            },
            CommandKind::If { branches, otherwise, .. } => {
                let [branch] = &branches[..] else { return None };
                branch.condition.only_command().filter(|condition| is_question(condition))?;
                let otherwise = otherwise.as_ref().map_or(&[][..], |(_, otherwise)| &otherwise.statements);
                self.way(&branch.body.statements)?.and(self.way(otherwise)?)
            }
            _ => None,
        }
    }

    /// What one way of a question does: it goes on, or gives up at its end.
    fn way(&self, statements: &'s [Statement]) -> Option<Pace<'s>> {
        if self.ends_in_leaving(statements) == Some(Left::Ended) {
            return Some(Pace { ends: true, by: None });
        }
        self.paces(statements).or_else(|| Some(Pace { by: Some(self.relays.handled(statements)?), ends: false }))
    }

    /// Whether a command does nothing but say something and set variables that are the function's own.
    pub fn prepares(&self, command: &Command) -> bool {
        let all = |list: &List| list.statements.iter().all(|statement| self.prepares(&statement.command));
        match &command.kind {
            // `if [ "$(id -u)" = 0 ]; then prompt='#'; else prompt='$'; fi`.
            CommandKind::If { branches, otherwise, .. } if command.redirects.is_empty() => {
                branches
                    .iter()
                    .all(|branch| branch.condition.only_command().is_some_and(asks_nothing_else) && all(&branch.body))
                    && otherwise.iter().all(|(_, body)| all(body))
            }
            _ => self.relays.is_talk(command) || self.counts(command),
        }
    }

    /// Whether a command does nothing but set variables that are the function's own.
    pub fn counts(&self, command: &Command) -> bool {
        let mut set = Vec::new();
        sets(command, &mut set) && set.iter().all(|name| self.is_own(name))
    }

    /// Whether only this function sets a variable, or has one of its own by the name.
    fn is_own(&self, name: &str) -> bool {
        let (mut times, mut is_local) = (0, false);
        each_command(self.body, &mut |command| {
            let mut set = Vec::new();
            sets(command, &mut set);
            times += set.iter().filter(|set| **set == name).count();
            if let CommandKind::Simple(simple) = &command.kind
                && simple.words.first().and_then(constant).is_some_and(|word| word == "local")
            {
                is_local |= simple.declared.iter().any(|declared| *declared.name.text == *name);
                is_local |= simple.words.iter().filter_map(constant).any(|word| word == name);
            }
        });
        is_local || self.relays.assigned.get(name).is_none_or(|&all| all == times)
    }
}

/// Whether a word of the list of a `for` runs nothing but what counts up (`$(seq 5)`).
fn only_counts(word: &Word) -> bool {
    word.parts.iter().all(|part| match &part.kind {
        PartKind::Command(inner) => match inner.body.only_command().map(|command| &command.kind) {
            Some(CommandKind::Simple(simple)) => {
                simple.words.first().and_then(constant).is_some_and(|name| name == "seq")
                    && simple.words.iter().all(|word| only_prints(&word.parts))
            }
            _ => false,
        },
        _ => only_prints(std::slice::from_ref(part)),
    })
}

/// How often each variable is set by a command that does nothing else.
pub(super) fn assigned<'s>(lists: impl Iterator<Item = &'s List>) -> HashMap<Box<str>, usize> {
    let mut assigned: HashMap<Box<str>, usize> = HashMap::new();
    for list in lists {
        each_command(list, &mut |command| {
            let mut set = Vec::new();
            sets(command, &mut set);
            for name in set {
                *assigned.entry(name.into()).or_default() += 1;
            }
        });
    }
    assigned
}

/// The variables that a command sets; says whether it does nothing else.
fn sets<'c>(command: &'c Command, found: &mut Vec<&'c str>) -> bool {
    match &command.kind {
        CommandKind::Simple(simple) => {
            found.extend(simple.assignments.iter().map(|assignment| &*assignment.name.text));
            let is_quiet = simple.assignments.iter().all(|assignment| match &assignment.value {
                AssignmentValue::Scalar(word) => only_prints(&word.parts),
                AssignmentValue::Array(_) => false,
            });
            simple.words.is_empty() && is_quiet && command.redirects.is_empty()
        }
        CommandKind::Arithmetic { expression, .. } => {
            expression.expression.iter().for_each(|expression| expression.assigned(found));
            expression.expression.is_some() && only_prints(&expression.parts)
        }
        _ => false,
    }
}

/// Whether a command is `true` or `:`.
fn always(command: &Command) -> bool {
    matches!(&command.kind, CommandKind::Simple(simple)
        if matches!(simple.words.first().and_then(constant).as_deref(), Some("true" | ":")))
}

impl Pace<'_> {
    /// Both, where they give up in the same way.
    fn and(self, other: Self) -> Option<Self> {
        let by = match (self.by, other.by) {
            (None, only) | (only, None) => only,
            (Some(Handled::Returned(one)), Some(Handled::Returned(other))) if one == other => self.by,
            _ => return None,
        };
        Some(Self { by, ends: self.ends || other.ends })
    }
}

/// What a function makes of a failure that it handles so.
fn failure(handled: Handled<'_>) -> Failure<'_> {
    match handled {
        Handled::Said | Handled::Returned(true) => Failure::Lost,
        Handled::Returned(false) => Failure::Passed,
        Handled::By(command) => Failure::Handled(command),
    }
}
