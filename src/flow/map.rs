//! A map from small numbers to values that is cheap to copy and to compare: chunks are shared until written.
//!
//! States are kept at every place where paths meet; along a straight line they differ in one variable, so
//! copying whole maps would make the analysis quadratic.

use std::rc::Rc;

const CHUNK: usize = 16;

type Chunk<T> = Rc<[Option<T>; CHUNK]>;

/// A persistent map; absent entries are `None`.
#[derive(Clone, Debug)]
pub struct Map<T: Copy + PartialEq> {
    chunks: Rc<Vec<Option<Chunk<T>>>>,
}

impl<T: Copy + PartialEq> Default for Map<T> {
    fn default() -> Self {
        Self { chunks: Rc::new(Vec::new()) }
    }
}

impl<T: Copy + PartialEq> PartialEq for Map<T> {
    fn eq(&self, other: &Self) -> bool {
        if Rc::ptr_eq(&self.chunks, &other.chunks) {
            return true;
        }
        let length = self.chunks.len().max(other.chunks.len());
        (0..length).all(|at| match (self.chunk(at), other.chunk(at)) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b) || a == b,
            (None, None) => true,
            (Some(only), None) | (None, Some(only)) => only.iter().all(Option::is_none),
        })
    }
}

impl<T: Copy + PartialEq> Map<T> {
    fn chunk(&self, at: usize) -> Option<&Chunk<T>> {
        self.chunks.get(at).and_then(Option::as_ref)
    }

    /// The entry for `key`.
    pub fn get(&self, key: u32) -> Option<T> {
        self.chunk(key as usize / CHUNK)?[key as usize % CHUNK]
    }

    /// All entries, by key.
    pub fn entries(&self) -> Vec<(u32, T)> {
        let mut found = Vec::new();
        for (at, chunk) in self.chunks.iter().enumerate() {
            for (slot, value) in chunk.iter().flat_map(|chunk| chunk.iter().enumerate()) {
                found.extend(value.map(|value| ((at * CHUNK + slot) as u32, value)));
            }
        }
        found
    }

    /// Sets or clears the entry for `key`.
    pub fn set(&mut self, key: u32, value: Option<T>) {
        if self.get(key) == value {
            return;
        }
        let at = key as usize / CHUNK;
        let chunks = Rc::make_mut(&mut self.chunks);
        if chunks.len() <= at {
            chunks.resize(at + 1, None);
        }
        let chunk = chunks[at].get_or_insert_with(|| Rc::new([None; CHUNK]));
        Rc::make_mut(chunk)[key as usize % CHUNK] = value;
    }

    /// Merges `other` into this map: where the two differ, `merge` decides. Says whether anything changed.
    pub fn merge(&mut self, other: &Self, mut merge: impl FnMut(u32, Option<T>, Option<T>) -> Option<T>) -> bool {
        if Rc::ptr_eq(&self.chunks, &other.chunks) {
            return false;
        }
        let mut changes = Vec::new();
        for at in 0..self.chunks.len().max(other.chunks.len()) {
            let (mine, theirs) = (self.chunk(at), other.chunk(at));
            if let (Some(a), Some(b)) = (mine, theirs)
                && Rc::ptr_eq(a, b)
            {
                continue;
            }
            for slot in 0..CHUNK {
                let (a, b) = (mine.and_then(|c| c[slot]), theirs.and_then(|c| c[slot]));
                if a != b {
                    let key = (at * CHUNK + slot) as u32;
                    let merged = merge(key, a, b);
                    if merged != a {
                        changes.push((key, merged));
                    }
                }
            }
        }
        let changed = !changes.is_empty();
        for (key, value) in changes {
            self.set(key, value);
        }
        changed
    }
}
