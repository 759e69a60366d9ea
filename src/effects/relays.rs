//! Facts that hold here if others held where the unit was entered.
//!
//! ```sh
//! put() { mv "$1" /etc/haproxy/haproxy.cfg; }
//! haproxy -c -f new.cfg || exit 1
//! put new.cfg
//! ```
//! Inside, nothing is known of what is moved; whether the configuration is valid behind the `mv` is for the caller
//! to say. The two views of a [`Set`](super::set::Set) tell of a fact only whether it holds if it held itself.

use super::bits::{Bits, Few};
use smallvec::SmallVec;
use std::rc::Rc;

/// How many are remembered at a time.
const MOST_RELAYS: usize = 192;

/// How many facts one may need.
const MOST_NEEDS: usize = 16;

/// The bits of facts at the entry that a fact needs.
pub type Needs = SmallVec<[usize; 2]>;

/// Facts that hold if others held at the entry, in order. Most states have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relays {
    all: Option<Rc<Vec<(usize, Needs)>>>,
    /// On some path one was not remembered.
    pub overrun: bool,
}

impl Relays {
    /// Each fact with what it needs.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Needs)> {
        self.all.iter().flat_map(|all| all.iter()).map(|(made, needs)| (*made, needs))
    }

    /// What a fact needs, where it is one of them.
    pub fn needs(&self, bit: usize) -> Option<&Needs> {
        self.iter().find(|(made, _)| *made == bit).map(|(_, needs)| needs)
    }

    /// Adds one; too many, or one that needs too many, is not remembered.
    pub fn add(&mut self, made: usize, mut needs: Needs) {
        needs.sort_unstable();
        needs.dedup();
        if needs.len() > MOST_NEEDS {
            self.overrun = true;
            return;
        }
        let all = self.all.get_or_insert_default();
        let added = (made, needs);
        match all.binary_search(&added) {
            Ok(_) => {}
            Err(at) if all.len() < MOST_RELAYS => Rc::make_mut(all).insert(at, added),
            Err(_) => self.overrun = true,
        }
    }

    fn has(&self, made: usize, needs: &Needs) -> bool {
        let is_it = |(known, need): &(usize, Needs)| (known, need).cmp(&(&made, needs));
        self.all.as_ref().is_some_and(|all| all.binary_search_by(is_it).is_ok())
    }

    /// Keeps those of which `keeps` says so.
    pub fn retain(&mut self, keeps: impl Fn(usize, &Needs) -> bool) {
        let Some(all) = &mut self.all else { return };
        if all.iter().any(|(made, needs)| !keeps(*made, needs)) {
            Rc::make_mut(all).retain(|(made, needs)| keeps(*made, needs));
        }
        if all.is_empty() {
            self.all = None;
        }
    }

    /// What some step ends.
    pub fn kill(&mut self, few: &Few) {
        if self.all.is_some() {
            self.retain(|made, _| !few.iter().any(|bit| bit == made));
        }
    }

    /// Keeps what holds on both ways, where `mine` and `theirs` say what holds there whatever held at the entry. Says
    /// whether that changed anything.
    pub fn merge(&mut self, other: &Self, mine: impl Fn(usize) -> bool, theirs: impl Fn(usize) -> bool) -> bool {
        if self.all.is_none() && other.all.is_none() && self.overrun == other.overrun {
            return false;
        }
        let before = self.clone();
        self.overrun |= other.overrun;
        self.retain(|made, needs| theirs(made) || other.has(made, needs));
        for (made, needs) in other.iter().filter(|(made, _)| mine(*made)) {
            self.add(made, needs.clone());
        }
        *self != before
    }

    /// What holds if `entry` held at the entry.
    pub fn given<'a>(&'a self, entry: &'a Bits) -> impl Iterator<Item = usize> + 'a {
        self.iter().filter(|(_, needs)| needs.iter().all(|&bit| entry.has(bit))).map(|(made, _)| made)
    }
}
