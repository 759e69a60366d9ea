//! What the followed slots hold, in pieces that states share until one of them is written.
//!
//! Along a path a state differs from the one before in a slot or two, and there may be hundreds of slots: copying all
//! of them at each step takes most of the memory of a long script. It knows nothing of what the facts mean.

use super::facts::Cases;
use super::meeting::Met;
use super::set::Extra;
use crate::flow::graph::Slot;
use std::rc::Rc;

/// How many slots are copied together. A state copies one piece and the list of pieces where it sets a slot.
const PIECE: usize = 16;

/// What every followed slot holds; of one that is not listed, or that nothing is known of, anything.
#[derive(Clone, Debug)]
pub struct Held {
    /// The followed slots, sorted: one list for all states of a script.
    slots: Rc<[Slot]>,
    /// None at all where everything is forgotten.
    pieces: Rc<[Rc<Piece>]>,
}

#[derive(Clone, Debug)]
struct Piece {
    cases: [Option<Rc<Cases>>; PIECE],
    /// Surely nothing holds under any of them, so that what ends facts need not look.
    plain: bool,
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        self.cases == other.cases
    }
}

impl Eq for Piece {}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.pieces, &other.pieces) || self.pieces == other.pieces
    }
}

impl Eq for Held {}

fn is_plain(cases: &Cases) -> bool {
    cases.iter().all(|(_, extra)| extra.is_empty())
}

impl Held {
    /// Every slot of a list holds this.
    pub fn all(slots: &Rc<[Slot]>, cases: &Rc<Cases>) -> Self {
        let piece = Piece {
            cases: [const { None }; PIECE].map(|_: Option<()>| Some(Rc::clone(cases))),
            plain: is_plain(cases),
        };
        let piece = Rc::new(piece);
        let mut pieces = vec![Rc::clone(&piece); slots.len() / PIECE];
        let rest = slots.len() % PIECE;
        if rest > 0 {
            let mut last = (*piece).clone();
            last.cases[rest..].fill(None);
            pieces.push(Rc::new(last));
        }
        Self { slots: Rc::clone(slots), pieces: pieces.into() }
    }

    /// What a slot holds.
    pub fn get(&self, slot: Slot) -> Option<&Rc<Cases>> {
        let at = self.slots.binary_search(&slot).ok()?;
        self.pieces.get(at / PIECE)?.cases[at % PIECE].as_ref()
    }

    /// Makes a slot hold this, if it is followed.
    pub fn set(&mut self, slot: Slot, cases: Option<Rc<Cases>>) {
        let Some(at) = self.slots.binary_search(&slot).ok().filter(|_| !self.pieces.is_empty()) else { return };
        let is_held = match (&cases, &self.pieces[at / PIECE].cases[at % PIECE]) {
            (Some(new), Some(old)) => Rc::ptr_eq(new, old),
            (None, None) => true,
            _ => false,
        };
        if !is_held {
            let piece = Rc::make_mut(&mut Rc::make_mut(&mut self.pieces)[at / PIECE]);
            piece.plain &= cases.as_ref().is_none_or(|cases| is_plain(cases));
            piece.cases[at % PIECE] = cases;
        }
    }

    /// Forgets what all of them hold, for good.
    pub fn forget(&mut self) {
        if !self.pieces.is_empty() {
            self.pieces = Rc::default();
        }
    }

    /// Everything that is held.
    pub fn each(&self) -> impl Iterator<Item = &Rc<Cases>> {
        self.pieces.iter().flat_map(|piece| piece.cases.iter().flatten())
    }

    /// Gives all cases what `change` makes of them; it makes nothing of those under which nothing holds.
    pub fn change(&mut self, is_changed: &dyn Fn(&Extra) -> bool, change: &dyn Fn(&mut Rc<Cases>)) {
        let mut at = 0;
        while let Some(piece) = self.pieces.get(at) {
            let touched = |cases: &Rc<Cases>| cases.iter().any(|(_, extra)| is_changed(extra));
            if !piece.plain && piece.cases.iter().flatten().any(touched) {
                let piece = Rc::make_mut(&mut Rc::make_mut(&mut self.pieces)[at]);
                piece.cases.iter_mut().flatten().for_each(change);
                piece.plain = piece.cases.iter().flatten().all(|cases| is_plain(cases));
            }
            at += 1;
        }
    }

    /// Keeps of this what is held in another state as well, as `meet` says of what both have; says whether that changed
    /// anything. If it is `settled` that both states have the same facts, what they share needs no look.
    pub fn meet(&mut self, other: &Self, settled: bool, meet: &dyn Fn(&Rc<Cases>, &Rc<Cases>) -> Met) -> bool {
        if settled && Rc::ptr_eq(&self.pieces, &other.pieces) {
            return false;
        }
        let mut changed = false;
        if self.pieces.len() > other.pieces.len() {
            self.forget();
            return true;
        }
        for at in 0..self.pieces.len() {
            let (mine, theirs) = (&self.pieces[at], &other.pieces[at]);
            if !(Rc::ptr_eq(mine, theirs) && (settled || mine.plain))
                && let Some(met) = mine.meet(theirs, meet)
            {
                Rc::make_mut(&mut self.pieces)[at] = Rc::new(met);
                changed = true;
            }
        }
        changed
    }
}

impl Piece {
    /// What is in both, where that is not what is in this one.
    fn meet(&self, other: &Self, meet: &dyn Fn(&Rc<Cases>, &Rc<Cases>) -> Met) -> Option<Self> {
        let mut changed: Option<Self> = None;
        for (at, mine) in self.cases.iter().enumerate() {
            let Some(mine) = mine else { continue };
            let met = match other.cases[at].as_ref().map_or(Met::TooMany, |theirs| meet(mine, theirs)) {
                Met::Same => continue,
                Met::Other(cases) => Some(cases),
                Met::TooMany => None,
            };
            changed.get_or_insert_with(|| self.clone()).cases[at] = met;
        }
        if let Some(changed) = &mut changed {
            changed.plain = changed.cases.iter().flatten().all(|cases| is_plain(cases));
        }
        changed
    }
}
