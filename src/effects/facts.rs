//! What holds at a point: facts on every path, and facts that hold if a variable has a given value.
//!
//! ```sh
//! ok=no
//! nginx -t && ok=yes
//! [ "$ok" = yes ] || exit 1
//! ```
//! Behind the second line the configuration may be valid or not, but it is valid *if* `ok` is `yes`: the third
//! line turns that into a fact. The same mechanism serves `$?`, saved statuses, flags and captured outputs.

use super::bits::{Bits, Few};
use super::held::Held;
use super::meeting::{Meeting, Met};
use super::merged::Merged;
use super::question::{Excluded, Outcome, Question, Relation};
use super::relays::{Needs, Relays};
use super::set::{Extra, Set};
use super::through::{Through, Whose};
use crate::flow::graph::Slot;
use std::rc::Rc;

/// How many outcomes a slot may have before it is no longer followed.
pub const MOST_OUTCOMES: usize = 8;

/// The outcomes that a slot can have, each with the facts that hold beyond those of the state if it has it; sorted.
pub type Cases = Vec<(Outcome, Extra)>;

/// What holds at a point. Cheap to copy: what did not change since the state before is shared with it.
#[derive(Clone, Debug)]
pub struct Facts {
    /// On every path.
    pub must: Set,
    /// Variables, traps and answers.
    variables: Held,
    /// `$?`, which every command sets anew.
    status: Option<Rc<Cases>>,
    /// What substitutions and pipelines under way have come to, sorted.
    passing: Vec<(Slot, Rc<Cases>)>,
    /// What holds if something else held where the unit was entered.
    pub relays: Relays,
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        self.must == other.must
            && self.relays == other.relays
            && same_cases(self.status.as_ref(), other.status.as_ref())
            && self.variables == other.variables
            && same_slots(&self.passing, &other.passing)
    }
}

impl Eq for Facts {}

fn same_cases(a: Option<&Rc<Cases>>, b: Option<&Rc<Cases>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b) || a == b,
        (None, None) => true,
        _ => false,
    }
}

fn same_slots(a: &[(Slot, Rc<Cases>)], b: &[(Slot, Rc<Cases>)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && same_cases(Some(&a.1), Some(&b.1)))
}

/// Whether a slot keeps what it holds until it is set anew.
fn is_kept(slot: Slot) -> bool {
    slot.variable().is_some() || matches!(slot, Slot::Trap(_) | Slot::Value(_) | Slot::Answer(_))
}

/// The cases of a slot that has one outcome, whatever it was before.
pub fn certain(outcome: Outcome) -> Rc<Cases> {
    Rc::new(vec![(outcome, Extra::default())])
}

impl Facts {
    /// What holds where a unit is entered: `negative` facts do, whatever the caller did not do yet.
    pub fn entry(size: usize, negative: Option<&Bits>, tracked: &Rc<[Slot]>, is_function: bool) -> Self {
        let variables = Held::all(tracked, &certain(Outcome::Entry(Excluded::default())));
        // What a function prints is asked by the substitutions that call it.
        let passing = if is_function { vec![(Slot::Printed, certain(Outcome::Empty))] } else { Vec::new() };
        Self { must: Set::entry(size, negative), variables, status: None, passing, relays: Relays::default() }
    }

    fn passing(&self, slot: Slot) -> Result<usize, usize> {
        self.passing.binary_search_by(|(known, _)| known.cmp(&slot))
    }

    /// The cases of a slot.
    pub fn cases(&self, slot: Slot) -> Option<&Rc<Cases>> {
        match slot {
            Slot::Status => self.status.as_ref(),
            _ if is_kept(slot) => self.variables.get(slot),
            _ => self.passing(slot).ok().map(|at| &self.passing[at].1),
        }
    }

    /// Sets or forgets the cases of a slot.
    pub fn set_cases(&mut self, slot: Slot, cases: Option<Rc<Cases>>) {
        let cases = cases.filter(|cases| cases.len() <= MOST_OUTCOMES);
        match slot {
            Slot::Status => self.status = cases,
            _ if is_kept(slot) => self.variables.set(slot, cases),
            _ => match (self.passing(slot), cases) {
                (Ok(at), Some(cases)) => self.passing[at].1 = cases,
                (Err(at), Some(cases)) => self.passing.insert(at, (slot, cases)),
                (Ok(at), None) => {
                    self.passing.remove(at);
                }
                (Err(_), None) => {}
            },
        }
    }

    /// Forgets what variables, traps and answers hold, where nobody asks any more.
    pub fn forget_variables(&mut self) {
        self.variables.forget();
    }

    /// Sets a slot to one outcome.
    pub fn set_outcome(&mut self, slot: Slot, outcome: Outcome) {
        self.set_cases(slot, Some(certain(outcome)));
    }

    /// Whether some case of anything that is followed is such.
    pub fn any_case(&self, is_such: &dyn Fn(&Extra) -> bool) -> bool {
        let passing = self.passing.iter().map(|(_, cases)| cases);
        self.variables
            .each()
            .chain(passing)
            .chain(&self.status)
            .any(|cases| cases.iter().any(|(_, extra)| is_such(extra)))
    }

    /// Makes these the statuses of the stages of the last pipeline.
    pub fn set_stages(&mut self, statuses: impl IntoIterator<Item = Option<Rc<Cases>>>) {
        self.passing.retain(|(slot, _)| !matches!(slot, Slot::Told(_)));
        for (number, cases) in statuses.into_iter().enumerate() {
            self.set_cases(Slot::Told(number as u32), cases);
        }
    }

    /// Gives every case of everything that is followed what `change` makes of its facts, if it makes something; it
    /// makes nothing of none.
    pub fn change_cases(&mut self, change: &dyn Fn(&Extra) -> Option<Extra>) {
        self.variables.change(&|extra| change(extra).is_some(), &|cases| change_each(cases, change));
        self.passing.iter_mut().for_each(|(_, cases)| change_each(cases, change));
        if let Some(cases) = &mut self.status {
            change_each(cases, change);
        }
    }

    /// What some step ends.
    pub fn kill(&mut self, few: &Few) {
        if few.is_empty() {
            return;
        }
        self.must.kill(few);
        self.relays.kill(few);
        self.change_cases(&|extra| extra.touches(few).then(|| extra.killed(few)));
    }

    /// What some step makes.
    pub fn make(&mut self, few: &Few) {
        self.must.make(few);
    }

    /// `to` holds from now on where `from` does.
    pub fn carry(&mut self, from: usize, to: usize) {
        self.gather(&[from], to);
        self.change_cases(&|extra| {
            (!extra.is_empty()).then(|| {
                let mut extra = extra.clone();
                extra.carry(from, to);
                extra
            })
        });
    }

    /// `to` holds from now on where all of `from` do.
    pub fn gather(&mut self, from: &[usize], to: usize) {
        let mut all = Needs::new();
        for &bit in from {
            match self.needs(bit) {
                Some(needs) => all.extend(needs),
                None => return,
            }
        }
        if all.is_empty() {
            self.must.make(&Few::of(vec![to]));
        } else {
            self.relays.add(to, all);
        }
    }

    /// `narrowed` holds from now on only where `by` surely does, too.
    pub fn narrow(&mut self, narrowed: usize, by: usize) {
        if !self.must.has_low(by) {
            self.kill(&Few::of(vec![narrowed]));
        }
    }

    /// These facts about merged things hold from now on where all that each takes does.
    pub fn complete(&mut self, numbers: &[u32], merged: &Merged) {
        for &number in numbers {
            let (all, whole) = merged.whole(number);
            if !self.must.has_low(*whole) {
                self.gather(all, *whole);
            }
        }
    }

    /// What a fact that may hold here needs to have held at the entry.
    fn needs(&self, bit: usize) -> Option<Needs> {
        if self.must.has_low(bit) {
            Some(Needs::new())
        } else if self.must.has_high(bit) {
            Some(smallvec::smallvec![bit])
        } else {
            self.relays.needs(bit).cloned()
        }
    }

    /// The state if the answer to a question about a slot is yes (or no); `None` if it cannot be.
    #[must_use]
    pub fn assume(self, slot: Slot, question: &Question, yes: bool) -> Option<Self> {
        let Some(cases) = self.cases(slot).map(Rc::clone) else { return Some(self) };
        let is_assigned = !matches!(slot, Slot::Value(_) | Slot::Answer(_));
        let named = |text: &str| {
            is_assigned
                && cases.iter().any(|(outcome, _)| matches!(outcome, Outcome::Constant(held) if &**held == text))
        };
        let mut left: Cases = Vec::new();
        for (outcome, extra) in cases.iter() {
            match question.answer(outcome, named) {
                Some(answer) if answer != yes => {}
                Some(_) => left.push((outcome.clone(), extra.clone())),
                None => {
                    let outcome = match question {
                        Question::Equals(text) => outcome.narrowed(text, yes),
                        Question::NonEmpty => outcome.narrowed("", !yes),
                        Question::Number(Relation::Equal, number) => outcome.narrowed(&number.to_string(), yes),
                        // A text that is no number is in no such relation.
                        Question::Number(Relation::Greater, 0..) if yes => Outcome::Positive,
                        // The command that a flag is, or one that nobody knows.
                        Question::Succeeds if !matches!(outcome, Outcome::Constant(_)) => {
                            put(&mut left, &Outcome::Constant(yes.to_string().into()), extra.clone());
                            outcome.narrowed("true", false).narrowed("false", false)
                        }
                        _ => outcome.clone(),
                    };
                    put(&mut left, &outcome, extra.clone());
                }
            }
        }
        self.keep(slot, &cases, left)
    }

    /// The state where a function that was given what a slot holds found this in it; `None` if it cannot be.
    #[must_use]
    pub fn found(self, slot: Slot, found: &Cases) -> Option<Self> {
        let Some(cases) = self.cases(slot).map(Rc::clone) else { return Some(self) };
        let allowed = |held: &Outcome| found.iter().any(|(outcome, _)| outcome.allows(held));
        let left = cases.iter().filter(|(held, _)| allowed(held)).cloned().collect();
        self.keep(slot, &cases, left)
    }

    /// The state in which only some of the cases of a slot are left; `None` where there is none.
    fn keep(mut self, slot: Slot, cases: &Rc<Cases>, mut left: Cases) -> Option<Self> {
        if left.is_empty() {
            return None;
        }
        let shared = shared(&left);
        if !shared.is_empty() {
            self.must.unite(&shared);
            for (_, extra) in &mut left {
                *extra = extra.without(&shared);
            }
        }
        left.sort_by(|a, b| a.0.order(&b.0));
        if left != **cases {
            self.set_cases(slot, Some(Rc::new(left)));
        }
        Some(self)
    }

    /// Makes `holds` what holds, where `entry` held at the unit's entry.
    pub fn within(&self, entry: &Bits, holds: &mut Bits) {
        self.must.within(entry, holds);
        self.relays.given(entry).for_each(|bit| holds.add(bit));
    }

    /// Keeps what both states share; says whether that changed this one.
    pub fn merge(&mut self, other: &Self) -> bool {
        let first = self.must.clone();
        let (mine, theirs) = self.must.meet(&other.must);
        let meeting = Meeting { first: &first, second: &other.must, both: &self.must, mine: &mine, theirs: &theirs };
        let mut changed = !mine.is_empty();
        changed |=
            self.relays.merge(&other.relays, |bit| meeting.first.has_low(bit), |bit| meeting.second.has_low(bit));
        // Where nothing differs but by what is shared, nothing is to be done.
        let settled = mine.is_empty() && theirs.is_empty();
        changed |= self.variables.meet(&other.variables, settled, &|mine, theirs| meeting.cases(mine, theirs));
        if let Some(met) = meeting.slots(&self.passing, &other.passing) {
            self.passing = met;
            changed = true;
        }
        if let Some(known) = &self.status {
            match other.status.as_ref().map(|cases| meeting.cases(known, cases)) {
                Some(Met::Same) => {}
                Some(Met::Other(cases)) => {
                    self.status = Some(cases);
                    changed = true;
                }
                Some(Met::TooMany) | None => {
                    self.status = None;
                    changed = true;
                }
            }
        }
        changed
    }

    /// What held at a call, seen after it: `end` is an end of the callee, which names some facts in another way.
    /// Says whether that end can be reached from here at all.
    pub fn call(
        &mut self,
        end: &Self,
        pairs: &[(usize, usize)],
        tracked: &[Slot],
        whose: &dyn Fn(Slot) -> Whose,
    ) -> bool {
        let mut must = end.must.applied_to(&self.must);
        let renamed: Vec<usize> =
            pairs.iter().filter(|(inner, _)| end.must.has_low(*inner)).map(|&(_, outer)| outer).collect();
        must.make(&Few::of(renamed));
        let mut relays = self.relays.clone();
        relays.retain(|made, _| end.must.has_high(made));
        for (made, needs) in end.relays.iter() {
            let outside = |bit: usize| pairs.iter().find(|(inner, _)| *inner == bit).map_or(bit, |&(_, outer)| outer);
            let all: Option<Vec<Needs>> = needs.iter().map(|&bit| self.needs(outside(bit))).collect();
            match all.map(|all| all.concat()) {
                Some(needs) if needs.is_empty() => must.make(&Few::of(vec![outside(made)])),
                Some(needs) => relays.add(outside(made), needs.into()),
                None => {}
            }
        }
        self.relays = relays;
        let mut variables = self.variables.clone();
        let nothing = Extra::default();
        let mut sure: Vec<Extra> = Vec::new();
        for &slot in tracked {
            let whose = whose(slot);
            if whose == Whose::Own {
                if let Some(held) = self.cases(slot) {
                    let mut held = Rc::clone(held);
                    let before = &self.must;
                    let kept =
                        |extra: &Extra| (!extra.is_empty()).then(|| nothing.through(extra, &end.must, before, &must));
                    change_each(&mut held, &kept);
                    variables.set(slot, Some(held));
                }
                continue;
            }
            let Some(cases) = end.cases(slot) else {
                variables.set(slot, None);
                continue;
            };
            if let [(Outcome::Entry(excluded), inner)] = &cases[..]
                && *excluded == Excluded::default()
                && inner.is_empty()
                && self.cases(slot).is_none_or(|held| held.iter().all(|(_, extra)| extra.is_empty()))
            {
                continue;
            }
            let mut seen: Cases = Vec::new();
            let mut known = true;
            if let Some(held) = self.cases(slot).filter(|_| whose == Whose::Kept) {
                let through = Through { end: &end.must, before: &self.must, must: &must, pairs };
                seen = through.cases(cases, held);
            } else {
                for (outcome, extra) in cases.iter() {
                    if !matches!(outcome, Outcome::Entry(_)) {
                        put(&mut seen, outcome, extra.returned(&self.must, &must, pairs));
                    } else if let Some(held) = self.cases(slot) {
                        for (at_call, held) in held.iter() {
                            if let Some(outcome) = outcome.found(at_call) {
                                put(&mut seen, &outcome, extra.through(held, &end.must, &self.must, &must));
                            }
                        }
                    } else {
                        known = false;
                    }
                }
            }
            seen.sort_by(|a, b| a.0.order(&b.0));
            if known && seen.is_empty() {
                return false;
            }
            if known {
                sure.push(shared(&seen));
            }
            variables.set(slot, (known && seen.len() <= MOST_OUTCOMES).then(|| Rc::new(seen)));
        }
        // Conditions of the caller's own slots survive as far as the callee lets their facts live.
        let before = std::mem::replace(&mut self.must, must);
        let must = &self.must;
        let kept = |extra: &Extra| (!extra.is_empty()).then(|| nothing.through(extra, &end.must, &before, must));
        self.passing.iter_mut().for_each(|(_, cases)| change_each(cases, &kept));
        if let Some(cases) = &mut self.status {
            change_each(cases, &kept);
        }
        self.variables = variables;
        for extra in &sure {
            self.must.unite(extra);
        }
        true
    }

    /// Adds what holds behind a call, whatever a slot held that the callee was given: what the callee makes by what it finds
    /// there, and what `before` held by it anyway. `end` is an end of the callee, where the slot has another name.
    pub fn settle(&mut self, [outer, inner]: [Slot; 2], end: &Self, before: &Self, pairs: &[(usize, usize)]) {
        let (Some(held), Some(found)) = (before.cases(outer), end.cases(inner)) else { return };
        let through = Through { end: &end.must, before: &before.must, must: &self.must, pairs };
        let seen = shared(&through.cases(found, held));
        self.must.unite(&seen);
    }
}

/// What holds in every case.
pub fn shared(cases: &Cases) -> Extra {
    let Some(((_, first), others)) = cases.split_first() else { return Extra::default() };
    others.iter().fold(first.clone(), |shared, (_, extra)| shared.shared(extra))
}

impl Facts {
    /// Adds to an output what a callee printed on the way to this end of it, of which `before` held at the call.
    pub fn print(&mut self, slot: Slot, end: &Self, before: &Set, pairs: &[(usize, usize)]) {
        let Some(so_far) = self.cases(slot).map(Rc::clone) else { return };
        let other = Outcome::Other(Excluded::default());
        let mut after: Cases = Vec::new();
        let unknown = [(Outcome::Empty, Extra::default()), (other.clone(), Extra::default())];
        let printed = end.cases(Slot::Printed).map_or(&unknown[..], |cases| &cases[..]);
        for (outcome, extra) in so_far.iter() {
            for (more, inner) in printed {
                let extra = extra.and(&inner.returned(before, &self.must, pairs));
                let both = match (outcome, more) {
                    (Outcome::Empty, one) | (one, Outcome::Empty) => one,
                    _ => &other,
                };
                put(&mut after, both, extra);
            }
        }
        after.sort_by(|a, b| a.0.order(&b.0));
        self.set_cases(slot, Some(Rc::new(after)));
    }
}

fn change_each(cases: &mut Rc<Cases>, change: &dyn Fn(&Extra) -> Option<Extra>) {
    for at in 0..cases.len() {
        if let Some(changed) = change(&cases[at].1) {
            Rc::make_mut(cases)[at].1 = changed;
        }
    }
}

/// Adds a case; where there is one for the outcome, what both have holds.
pub fn put(cases: &mut Cases, outcome: &Outcome, extra: Extra) {
    match cases.iter_mut().find(|(known, _)| known.order(outcome).is_eq()) {
        Some((known, had)) => {
            *known = known.either(outcome);
            *had = had.shared(&extra);
        }
        None => cases.push((outcome.clone(), extra)),
    }
}
