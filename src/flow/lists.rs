//! The words of a list that a variable holds, where that is one of a few texts or a text that grows.
//!
//! ```sh
//! case $1 in dev) list=/dev ;; *) list="/dev /proc" ;; esac
//! for directory in $list; do umount "/srv/root$directory"; done      # /dev or /proc
//! ```
//! A list that a loop puts together holds what it held before and what a turn adds. The words of all the texts that a
//! variable may hold are words that it may hold.

use super::Flow;
use super::braces;
use super::exact::site;
use super::expand::Expander;
use super::graph::{Edge, Kind, NodeId};
use super::state::State;
use super::value::{MOST_ALTERNATIVES, Value, ValueId, Values};
use crate::syntax::tree::Word;
use smallvec::SmallVec;
use std::borrow::Cow;

/// How many words of one list are told apart.
const MOST_WORDS: usize = 64;

/// What an unquoted value falls into.
#[derive(Debug, Default)]
pub struct Words {
    /// Each of the words is one of these.
    pub all: Vec<ValueId>,
    /// There is one at least.
    pub some: bool,
    /// How many values have been looked into.
    looked_into: usize,
}

/// How many values are looked into for the words of one: where two variables take each other's values again and again
/// there are more ways to one than a list has words.
const MOST_VALUES: usize = 512;

impl Words {
    /// The words of a value, if they are known.
    pub fn of(value: ValueId, values: &mut Values) -> Option<Self> {
        let mut words = Self::default();
        words.some = words.add(value, values, &mut Vec::new())?;
        Some(words)
    }

    /// Adds the words of a value; whether there is one at least. `within` are the values whose words are being looked
    /// for: they have no others than those that are found.
    fn add(&mut self, value: ValueId, values: &mut Values, within: &mut Vec<ValueId>) -> Option<bool> {
        if within.contains(&value) {
            return Some(true);
        }
        self.looked_into += 1;
        if self.looked_into > MOST_VALUES {
            values.give_up_list();
            return None;
        }
        match values.get(value) {
            Value::Constant(_) | Value::Concat(_) => self.add_text(value, values, within),
            Value::Phi(..) => {
                let met = values.alternatives(value).to_vec();
                // Where as many have met as are remembered there may be others.
                if met.is_empty() || met.len() == MOST_ALTERNATIVES {
                    return None;
                }
                within.push(value);
                let mut some = true;
                for one in met {
                    some &= self.add(one, values, within)?;
                }
                within.pop();
                Some(some)
            }
            Value::Item(_) => {
                let items = values.alternatives(value).to_vec();
                for item in &items {
                    self.add(*item, values, within)?;
                }
                (!items.is_empty()).then_some(true)
            }
            // Nothing, whatever the environment could hold.
            Value::Environment(..) if values.begins_list(value) => Some(false),
            _ => {
                let text = values.grown(value)?;
                within.push(value);
                let some = self.add(text, values, within)?;
                within.pop();
                Some(some)
            }
        }
    }

    /// Adds the words of a text: blanks that are known stand between them. A piece between two blanks may be several
    /// words; one that touches a text is taken to hold no blank, as in a path.
    fn add_text(&mut self, value: ValueId, values: &mut Values, within: &mut Vec<ValueId>) -> Option<bool> {
        let mut some = false;
        let mut word: SmallVec<[ValueId; 4]> = SmallVec::new();
        for piece in values.pieces(&value).to_vec() {
            let Some(text) = values.text(piece).map(str::to_owned) else {
                word.push(piece);
                continue;
            };
            for (at, part) in text.split([' ', '\t', '\n']).enumerate() {
                if at > 0 {
                    some |= self.end_word(&std::mem::take(&mut word), values, within)?;
                }
                if !part.is_empty() {
                    word.push(values.constant(part));
                }
            }
        }
        Some(self.end_word(&word, values, within)? || some)
    }

    fn end_word(&mut self, pieces: &[ValueId], values: &mut Values, within: &mut Vec<ValueId>) -> Option<bool> {
        match pieces {
            [] => return Some(false),
            [only] if values.text(*only).is_none() => return self.add(*only, values, within),
            // Pieces that are all unknown may be nothing, or several words.
            _ if pieces.iter().all(|&piece| values.text(piece).is_none()) => return None,
            _ => {}
        }
        let word = values.concat(pieces.iter().copied());
        for word in each(word, values) {
            let is_one = |piece: &Value| match piece {
                Value::Constant(text) => !text.contains([' ', '\t', '\n', '*', '?', '[']),
                Value::Pattern(_) => false,
                _ => true,
            };
            if !values.pieces(&word).iter().all(|&piece| is_one(values.get(piece))) {
                return None;
            }
            if !self.all.contains(&word) {
                self.all.push(word);
            }
        }
        if self.all.len() > MOST_WORDS {
            values.give_up_list();
            return None;
        }
        Some(true)
    }
}

/// A word with each of the items of a loop in its place.
fn each(word: ValueId, values: &mut Values) -> Vec<ValueId> {
    let pieces = values.pieces(&word).to_vec();
    let item = pieces.into_iter().find(|&piece| matches!(values.get(piece), Value::Item(_)));
    let items = item.map(|item| values.alternatives(item).to_vec()).unwrap_or_default();
    let Some(item) = item.filter(|_| !items.is_empty()) else { return vec![word] };
    items.into_iter().map(|one| values.rebuilt(word, &mut |_, piece| (piece == item).then_some(one))).collect()
}

impl Flow<'_> {
    /// Finds the items of all loops, where everything that meets in a variable is known; and where a list surely holds
    /// one, there is no way past its loop.
    pub(super) fn settle_lists(&mut self) {
        for at in 0..self.graph.nodes.len() {
            let node = &self.graph.nodes[at];
            let (Kind::Item(looped) | Kind::FirstItem(looped)) = node.kind else { continue };
            let (Some((_, list)), Some(state)) = (&looped.items, self.inputs.get(NodeId(at as u32))) else { continue };
            let (unit, mut state) = (node.unit.0, State::clone(state));
            let mut items = Vec::new();
            let mut some = false;
            let words: Vec<Cow<'_, [Word]>> = list.iter().map(|word| braces::expanded(word, self.dialect)).collect();
            for word in words.iter().flat_map(|words| words.iter()) {
                let (values, names) = (&mut self.values, &mut self.names);
                let mut expander = Expander { values, names, state: &mut state, unit };
                if let Some(all) = expander.elements(word) {
                    some |= !all.is_empty();
                    items.extend(all);
                    continue;
                }
                let expanded = expander.word(word);
                match Words::of(expanded.value, &mut self.values).filter(|_| expanded.splits) {
                    Some(words) => {
                        some |= words.some;
                        items.extend(words.all);
                    }
                    None => items.push(expanded.value),
                }
            }
            let (values, names) = (&mut self.values, &mut self.names);
            let mut expander = Expander { values, names, state: &mut state, unit };
            let last = list.last().and_then(|word| expander.last_item(word, self.dialect));
            match self.graph.nodes[at].kind {
                Kind::Item(_) => {
                    let item = self.values.intern(Value::Item(site(NodeId(at as u32))));
                    self.values.set_items(item, items);
                    self.values.set_last_item(item, last);
                }
                _ if some => self.live[at] &= !Edge::Fail.bit(),
                _ => {}
            }
        }
    }
}
