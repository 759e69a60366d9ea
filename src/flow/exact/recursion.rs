//! What a function that calls itself may change, by the time that the inner call returns.
//!
//! Nothing at first, and then what was found at its ends, until no more is found. It must not know what it changes
//! things to: the inner call is another call with other arguments, so that a value of its own is all that is left.

use super::super::graph::Names;
use super::super::map::Map;
use super::super::state::{Flag, Printed, State};
use super::super::value::{Site, Value, Values};
use super::Returned;
use std::collections::BTreeSet;

/// What the members of a group of functions that call each other may change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recursion {
    /// Which of the four ends are reached.
    pub ends: [bool; 4],
    /// Numbers of the names of variables.
    variables: BTreeSet<u32>,
    /// Any variable at all: a text or a file that nobody read may set it.
    any_variable: bool,
    directory: bool,
    errexit: bool,
    pipefail: bool,
    nounset: bool,
    noclobber: bool,
    errtrace: bool,
    inherit: bool,
    foreign: bool,
    /// It prints something.
    prints: bool,
    traps: u64,
}

impl Recursion {
    /// What may change where the search was given up.
    #[must_use]
    pub fn anything(&self) -> Self {
        Self {
            ends: [true; 4],
            variables: BTreeSet::new(),
            any_variable: true,
            directory: true,
            errexit: true,
            pipefail: true,
            nounset: true,
            noclobber: true,
            errtrace: true,
            inherit: true,
            foreign: true,
            prints: true,
            traps: self.traps,
        }
    }

    /// Adds what one of the functions was found to leave behind. `entry` is the site of its entry, and
    /// `entered` errexit there.
    pub fn add(&mut self, returned: &Returned, entry: Site, entered: Flag, values: &Values) {
        for (known, reached) in self.ends.iter_mut().zip(returned.ends) {
            *known |= reached;
        }
        for exit in returned.exits.iter().flatten() {
            self.traps |= exit.traps_may;
            self.prints |= exit.printed != Printed::Nothing;
        }
        let Some(end) = &returned.state else { return };
        Map::default().differences(&end.variables, &mut |number, _, _| {
            self.variables.insert(number);
        });
        self.any_variable |= end.epoch != entry;
        self.directory |= !matches!(values.get(end.directory), Value::Environment(at, _) if *at == entry);
        self.errexit |= end.errexit != entered;
        self.pipefail |= end.pipefail != Flag::Entry;
        self.nounset |= end.nounset != Flag::Entry;
        self.noclobber |= end.noclobber != Flag::Entry;
        self.errtrace |= end.errtrace != Flag::Entry;
        self.inherit |= end.inherit != Flag::Entry;
        self.foreign |= end.foreign;
        self.prints |= end.printed != Printed::Nothing;
        self.traps |= end.traps_may;
    }

    /// The state behind an inner call at `site`.
    pub fn after(&self, before: &State, site: Site, names: &Names, values: &mut Values) -> State {
        let mut after = before.clone();
        if self.any_variable {
            after.epoch = site;
            after.variables = Map::default();
        } else {
            for &number in &self.variables {
                let value = values.environment(site, names.text(number));
                after.variables.set(number, Some(value));
            }
        }
        if self.directory {
            after.directory = values.intern(Value::Unknown(site));
        }
        for (changed, flag) in [
            (self.errexit, &mut after.errexit),
            (self.pipefail, &mut after.pipefail),
            (self.nounset, &mut after.nounset),
            (self.noclobber, &mut after.noclobber),
            (self.errtrace, &mut after.errtrace),
            (self.inherit, &mut after.inherit),
        ] {
            if changed {
                *flag = Flag::Either;
            }
        }
        after.foreign |= self.foreign;
        if self.prints {
            after.printed = Printed::Unknown;
        }
        after.traps_may |= self.traps;
        if self.traps != 0 {
            after.traps_must = 0;
        }
        after
    }
}
