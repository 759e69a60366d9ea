//! Where paths meet: what holds under a condition in two states that become one.

use super::facts::{Cases, MOST_OUTCOMES};
use super::set::{Extra, Set};
use crate::flow::graph::Slot;
use std::rc::Rc;

/// Two states that meet.
pub struct Meeting<'a> {
    /// What holds in the first.
    pub first: &'a Set,
    /// What holds in the second.
    pub second: &'a Set,
    /// What holds in both.
    pub both: &'a Set,
    /// What only the first has.
    pub mine: &'a Extra,
    /// What only the second has.
    pub theirs: &'a Extra,
}

/// What came of the cases of a slot, seen from the first state.
pub enum Met {
    /// What the first has.
    Same,
    /// These.
    Other(Rc<Cases>),
    /// More than are followed.
    TooMany,
}

impl Meeting<'_> {
    /// The slots that both follow, where that is not what the first has.
    pub fn slots(&self, mine: &[(Slot, Rc<Cases>)], theirs: &[(Slot, Rc<Cases>)]) -> Option<Vec<(Slot, Rc<Cases>)>> {
        let mut changed: Option<Vec<(Slot, Rc<Cases>)>> = None;
        let mut others = theirs.iter().peekable();
        for (at, (slot, known)) in mine.iter().enumerate() {
            while others.next_if(|other| other.0 < *slot).is_some() {}
            let met = others
                .peek()
                .filter(|other| other.0 == *slot)
                .map_or(Met::TooMany, |other| self.cases(known, &other.1));
            match met {
                Met::Same => {
                    if let Some(changed) = &mut changed {
                        changed.push((*slot, Rc::clone(known)));
                    }
                }
                Met::Other(cases) => changed.get_or_insert_with(|| mine[..at].to_vec()).push((*slot, cases)),
                Met::TooMany => {
                    changed.get_or_insert_with(|| mine[..at].to_vec());
                }
            }
        }
        changed
    }

    /// What comes of the cases of a slot.
    pub fn cases(&self, mine: &Rc<Cases>, theirs: &Rc<Cases>) -> Met {
        if Rc::ptr_eq(mine, theirs) && mine.iter().all(|(_, extra)| extra.is_empty()) {
            return Met::Same;
        }
        let mut met: Cases = Vec::with_capacity(mine.len());
        let (mut a, mut b) = (mine.iter().peekable(), theirs.iter().peekable());
        loop {
            let first = match (a.peek(), b.peek()) {
                (Some(a), Some(b)) => a.0.order(&b.0),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => break,
            };
            let own = if first.is_le() { a.next() } else { None };
            let other = if first.is_ge() { b.next() } else { None };
            match (own, other) {
                (Some((outcome, own)), Some((second, other))) => {
                    met.push((outcome.either(second), own.met(other, self.first, self.second, self.both)));
                }
                (Some((outcome, own)), None) => met.push((outcome.clone(), own.alone(self.mine, self.both))),
                (None, Some((outcome, other))) => met.push((outcome.clone(), other.alone(self.theirs, self.both))),
                (None, None) => {}
            }
        }
        if met.len() > MOST_OUTCOMES {
            Met::TooMany
        } else if met == **mine {
            Met::Same
        } else {
            Met::Other(Rc::new(met))
        }
    }
}
