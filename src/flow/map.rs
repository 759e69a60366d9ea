//! A map from small numbers to values that is cheap to copy and to compare: pieces are shared until written.
//!
//! States are kept at every place where paths meet; along a straight line they differ in one variable, so
//! copying whole maps would make the analysis quadratic. The pieces form a tree, so that two maps of which one
//! was made from the other are compared in about the time of what was changed.

use std::rc::Rc;

const BITS: u32 = 4;
const FANOUT: usize = 1 << BITS;

/// A persistent map; absent entries are `None`.
#[derive(Clone, Debug)]
pub struct Map<T: Copy + PartialEq> {
    root: Option<Rc<Piece<T>>>,
    /// Levels above the leaves.
    height: u32,
}

#[derive(Clone, Debug)]
enum Piece<T: Copy> {
    Leaf([Option<T>; FANOUT]),
    Branch([Option<Rc<Piece<T>>>; FANOUT]),
}

impl<T: Copy> Piece<T> {
    fn empty(height: u32) -> Self {
        if height == 0 { Self::Leaf([None; FANOUT]) } else { Self::Branch([const { None }; FANOUT]) }
    }
}

impl<T: Copy + PartialEq> Default for Map<T> {
    fn default() -> Self {
        Self { root: None, height: 0 }
    }
}

impl<T: Copy + PartialEq> PartialEq for Map<T> {
    fn eq(&self, other: &Self) -> bool {
        let mut same = true;
        self.differences(other, &mut |_, _, _| same = false);
        same
    }
}

impl<T: Copy + PartialEq> Map<T> {
    /// The entry for `key`.
    pub fn get(&self, key: u32) -> Option<T> {
        if !self.reaches(key) {
            return None;
        }
        let mut piece = self.root.as_ref()?;
        let mut height = self.height;
        loop {
            match &**piece {
                Piece::Leaf(entries) => return entries[slot(key, 0)],
                Piece::Branch(below) => piece = below[slot(key, height)].as_ref()?,
            }
            height -= 1;
        }
    }

    /// Whether the tree is high enough for a key.
    fn reaches(&self, key: u32) -> bool {
        key.checked_shr(BITS * (self.height + 1)).unwrap_or(0) == 0
    }

    fn raise(&mut self) {
        if let Some(root) = self.root.take() {
            let mut below = [const { None }; FANOUT];
            below[0] = Some(root);
            self.root = Some(Rc::new(Piece::Branch(below)));
        }
        self.height += 1;
    }

    /// Sets or clears the entry for `key`.
    pub fn set(&mut self, key: u32, value: Option<T>) {
        if self.get(key) == value {
            return;
        }
        while !self.reaches(key) {
            self.raise();
        }
        let mut height = self.height;
        let mut piece = self.root.get_or_insert_with(|| Rc::new(Piece::empty(height)));
        loop {
            match Rc::make_mut(piece) {
                Piece::Leaf(entries) => {
                    entries[slot(key, 0)] = value;
                    return;
                }
                Piece::Branch(below) => {
                    let at = slot(key, height);
                    height -= 1;
                    piece = below[at].get_or_insert_with(|| Rc::new(Piece::empty(height)));
                }
            }
        }
    }

    /// Whether two maps are one for certain, without looking at their entries.
    pub fn is(&self, other: &Self) -> bool {
        match (&self.root, &other.root) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    /// Calls `visit` with the key and both entries wherever two maps differ.
    pub fn differences(&self, other: &Self, visit: &mut dyn FnMut(u32, Option<T>, Option<T>)) {
        if self.is(other) {
            return;
        }
        let (mut a, mut b) = (self.clone(), other.clone());
        while a.height < b.height {
            a.raise();
        }
        while b.height < a.height {
            b.raise();
        }
        differ(a.root.as_ref(), b.root.as_ref(), a.height, 0, visit);
    }

    /// All entries, by key.
    pub fn entries(&self) -> Vec<(u32, T)> {
        let mut found = Vec::new();
        Self::default().differences(self, &mut |key, _, value| found.extend(value.map(|value| (key, value))));
        found
    }

    /// Merges `other` into this map: where the two differ, `merge` decides. Says whether anything changed.
    ///
    /// Where `before` was merged into this map, only what differs between it and `other` is looked at: merging the
    /// same entry once more must change nothing.
    pub fn merge(
        &mut self,
        other: &Self,
        before: Option<&Self>,
        mut merge: impl FnMut(u32, Option<T>, Option<T>) -> Option<T>,
    ) -> Merged {
        let mut changes = Vec::new();
        let mut merged = Merged::default();
        let mut meet = |key, a, b| {
            if a != b {
                merged.met += 1;
                let value = merge(key, a, b);
                if value != a {
                    changes.push((key, value));
                }
            }
        };
        match before {
            Some(before) => before.differences(other, &mut |key, _, b| meet(key, self.get(key), b)),
            None => self.differences(other, &mut meet),
        }
        merged.changed = !changes.is_empty();
        for (key, value) in changes {
            self.set(key, value);
        }
        merged
    }
}

/// What came of merging two maps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Merged {
    /// Anything changed.
    pub changed: bool,
    /// How many entries differed.
    pub met: usize,
}

fn slot(key: u32, height: u32) -> usize {
    (key >> (BITS * height)) as usize % FANOUT
}

fn differ<T: Copy + PartialEq>(
    a: Option<&Rc<Piece<T>>>,
    b: Option<&Rc<Piece<T>>>,
    height: u32,
    first: u32,
    visit: &mut dyn FnMut(u32, Option<T>, Option<T>),
) {
    let same = match (a, b) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    };
    if same {
        return;
    }
    for at in 0..FANOUT {
        let key = first + ((at as u32) << (BITS * height));
        if height == 0 {
            let entry = |piece: Option<&Rc<Piece<T>>>| match piece.map(|piece| &**piece) {
                Some(Piece::Leaf(entries)) => entries[at],
                _ => None,
            };
            let (a, b) = (entry(a), entry(b));
            if a != b {
                visit(key, a, b);
            }
        } else {
            differ(below(a, at), below(b, at), height - 1, key, visit);
        }
    }
}

fn below<T: Copy>(piece: Option<&Rc<Piece<T>>>, at: usize) -> Option<&Rc<Piece<T>>> {
    match piece.map(|piece| &**piece) {
        Some(Piece::Branch(below)) => below[at].as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Map;

    #[test]
    fn entries_come_back_and_differences_are_found() {
        let mut first: Map<u32> = Map::default();
        for key in [0, 15, 16, 255, 256, 70_000] {
            first.set(key, Some(key + 1));
        }
        assert_eq!(first.get(255), Some(256));
        assert_eq!(first.get(17), None);
        assert_eq!(first.get(u32::MAX), None);
        let mut second = first.clone();
        second.set(16, None);
        second.set(u32::MAX, Some(9));
        let mut found = Vec::new();
        first.differences(&second, &mut |key, a, b| found.push((key, a, b)));
        assert_eq!(found, [(16, Some(17), None), (u32::MAX, None, Some(9))]);
        assert!(first != second);
        let merged = first.merge(&second, None, |_, _, _| None);
        assert!(merged.changed && merged.met == 2);
        assert_eq!(first.get(16), None);
    }
}
