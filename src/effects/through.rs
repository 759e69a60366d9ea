//! What a call leaves of the caller's slots: what the callee has found in one, it was called with.
//!
//! ```sh
//! finish() { if [ "$stopped" = yes ]; then systemctl start app; fi; }
//! ```
//! Behind the call the service runs where the flag is set, and where it is not the caller knows what holds: a callee that leaves a
//! variable as it is tells the cases of the caller apart.

use super::facts::{Cases, put};
use super::question::Outcome;
use super::set::Set;

/// What a variable of the caller is to a function that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The function has one of its own by this name.
    Own,
    /// The function leaves it as it is.
    Kept,
    /// The function may set it.
    Shared,
}

/// An end of a callee, seen by a caller.
pub struct Through<'a> {
    /// What holds at the end.
    pub end: &'a Set,
    /// What held at the call.
    pub before: &'a Set,
    /// What holds behind the call in any case.
    pub must: &'a Set,
    /// Facts that the two name differently.
    pub pairs: &'a [(usize, usize)],
}

impl Through<'_> {
    /// The cases behind the call of a slot that the callee leaves as it is: those that it `held` at the call, as far as
    /// the callee has `found` it so.
    pub fn cases(&self, found: &Cases, held: &Cases) -> Cases {
        let mut seen = Cases::new();
        for (at_call, extra) in held {
            for (outcome, inner) in found.iter().filter(|(outcome, _)| outcome.allows(at_call)) {
                let outcome = match at_call {
                    Outcome::Constant(_) | Outcome::Empty => Some(at_call.clone()),
                    _ => outcome.found(at_call),
                };
                let Some(outcome) = outcome else { continue };
                let made = inner.returned(self.before, self.must, self.pairs);
                put(&mut seen, &outcome, made.and(&inner.through(extra, self.end, self.before, self.must)));
            }
        }
        seen
    }
}
