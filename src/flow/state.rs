//! The small exact state at a point: options, directory, variables, traps.
//!
//! Two states meet by keeping what they share; a variable that differs points at a value of its own for that
//! place. Facts about the world are not here: they live in the effects stage.

use super::graph::NodeId;
use super::map::{Map, Merged};
use super::value::{Site, Value, ValueId, Values};

/// Whether an option is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Off on every path.
    Off,
    /// On on every path.
    On,
    /// On on some paths.
    Either,
    /// As it was when the unit was entered.
    Entry,
}

impl Flag {
    /// What is known where paths meet.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if self == other { self } else { Self::Either }
    }

    /// Whether it can be on.
    pub fn may_be_on(self) -> bool {
        self != Self::Off
    }

    /// Whether it can be off.
    pub fn may_be_off(self) -> bool {
        self != Self::On
    }

    /// The caller's view of a callee's flag.
    #[must_use]
    pub fn after_call(self, before: Self) -> Self {
        if self == Self::Entry { before } else { self }
    }
}

/// What was printed so far, since the substitution or the function began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Printed {
    /// Nothing.
    #[default]
    Nothing,
    /// This text and a newline.
    Text(ValueId),
    /// Nobody knows.
    Unknown,
}

impl Printed {
    /// What was printed, and then more.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        match (self, more) {
            (known, Self::Nothing) | (Self::Nothing, known) => known,
            _ => Self::Unknown,
        }
    }

    /// What was printed where paths meet.
    fn merge(self, other: Self, at: NodeId, values: &mut Values) -> Self {
        let mut text = |printed| match printed {
            Self::Nothing => Some(values.constant("")),
            Self::Text(text) => Some(text),
            Self::Unknown => None,
        };
        match (text(self), text(other)) {
            _ if self == other => self,
            (Some(mine), Some(theirs)) => {
                let phi = values.intern(Value::Phi(at.0, PRINTED));
                values.add_alternative(phi, mine);
                values.add_alternative(phi, theirs);
                Self::Text(phi)
            }
            _ => Self::Unknown,
        }
    }
}

/// The row that the positional parameters stand in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The site since which they are others than the unit was given, and not known (0: those that it was given).
    pub since: Site,
    /// How far `shift` has moved in it.
    pub shifted: u32,
    /// They are what a program gives to the text that it has a shell run.
    pub of_text: bool,
}

/// What the shell holds at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// `set -e`.
    pub errexit: Flag,
    /// `set -o pipefail`.
    pub pipefail: Flag,
    /// `set -u`.
    pub nounset: Flag,
    /// `set -C`.
    pub noclobber: Flag,
    /// `set -E`.
    pub errtrace: Flag,
    /// `shopt -s inherit_errexit`.
    pub inherit: Flag,
    /// The working directory; absent entry: where the script was started.
    pub directory: ValueId,
    /// Variables by the number of their name; absent: as at [`State::epoch`].
    pub variables: Map<ValueId>,
    /// The site since which unknown hands may have set any variable (0: the start of the script).
    pub epoch: Site,
    /// Positional parameters by the number that they had in the row.
    pub positional: Map<ValueId>,
    /// Which row of positional parameters there is, and where `$1` stands in it.
    pub row: Row,
    /// A file of functions that was not read was sourced on some path: guards may stand in it.
    pub foreign: bool,
    /// What was printed into the substitution that this stands in, or by the function.
    pub printed: Printed,
    /// Traps that may be set, by number.
    pub traps_may: u64,
    /// Traps that are set for certain.
    pub traps_must: u64,
}

impl State {
    /// Whether two states are one for certain; quick, and in doubt they are not.
    pub fn is(&self, other: &Self) -> bool {
        let options = |state: &Self| {
            let flags = [state.errexit, state.pipefail, state.nounset, state.noclobber, state.errtrace, state.inherit];
            (flags, state.foreign)
        };
        let rest = |state: &Self| (state.directory, state.epoch, state.row, state.traps_may, state.traps_must);
        options(self) == options(other)
            && rest(self) == rest(other)
            && self.printed == other.printed
            && self.variables.is(&other.variables)
            && self.positional.is(&other.positional)
    }

    /// The value of a variable.
    pub fn variable(&self, number: u32, name: &str, values: &mut Values) -> ValueId {
        self.variables.get(number).unwrap_or_else(|| values.environment(self.epoch, name))
    }

    /// Other positional parameters from here on, of which nothing is known.
    pub fn new_row(&mut self, since: Site) {
        self.row = Row { since, ..Row::default() };
        self.positional = Map::default();
    }

    /// Merges another state in at a node. Says how many variables differed.
    ///
    /// `before` is a state that was merged in before, if one is at hand: what is the same there is merged already. To
    /// the end of a script lead many paths, each with all that was set on its way, so that it matters.
    pub fn merge(
        &mut self,
        other: &Self,
        before: Option<&Self>,
        at: NodeId,
        names: &super::graph::Names,
        values: &mut Values,
    ) -> usize {
        let flag = |mine: &mut Flag, theirs: Flag| *mine = mine.merge(theirs);
        flag(&mut self.errexit, other.errexit);
        flag(&mut self.pipefail, other.pipefail);
        flag(&mut self.nounset, other.nounset);
        flag(&mut self.noclobber, other.noclobber);
        flag(&mut self.errtrace, other.errtrace);
        flag(&mut self.inherit, other.inherit);
        self.foreign |= other.foreign;
        if self.row != other.row {
            // In a loop with `shift`: one row for each turn.
            self.new_row(super::exact::site(at));
        }
        let same_row = self.row == other.row;
        self.traps_may |= other.traps_may;
        self.traps_must &= other.traps_must;
        if self.directory != other.directory {
            let phi = values.intern(Value::Phi(at.0, u32::MAX));
            values.add_alternative(phi, self.directory);
            values.add_alternative(phi, other.directory);
            self.directory = phi;
        }
        self.printed = self.printed.merge(other.printed, at, values);
        let (mine, theirs) = (self.epoch, other.epoch);
        if mine != theirs {
            // Variables that were not set since differ from now on, as if set here.
            self.epoch = mine.max(theirs).max(at.0 + 1);
        }
        let mut meet = |key: u32, a: Option<ValueId>, b: Option<ValueId>, base: u32| {
            let here = Value::Phi(at.0, base + key);
            let phi = match a {
                Some(a) if *values.get(a) == here => a,
                _ => values.intern(here),
            };
            let mut known = |value: Option<ValueId>, epoch: Site| {
                value.unwrap_or_else(|| values.environment(epoch, if base == 0 { names.text(key) } else { "" }))
            };
            let (a, b) = (known(a, mine), known(b, theirs));
            values.add_alternative(phi, a);
            values.add_alternative(phi, b);
            Some(phi)
        };
        let before = before.filter(|before| before.epoch == other.epoch);
        let variables = self
            .variables
            .merge(&other.variables, before.map(|before| &before.variables), |key, a, b| meet(key, a, b, 0));
        let before = before.filter(|before| before.row == other.row);
        let positional = if same_row {
            self.positional.merge(&other.positional, before.map(|before| &before.positional), |key, a, b| {
                meet(key, a, b, POSITIONAL)
            })
        } else {
            Merged::default()
        };
        variables.met + positional.met
    }
}

/// Positional parameters are numbered behind all variables in a [`Value::Phi`].
pub const POSITIONAL: u32 = 0x8000_0000;

/// The number of what was printed in a [`Value::Phi`]; the last one is the directory.
const PRINTED: u32 = u32::MAX - 1;
