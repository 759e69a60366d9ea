//! Values: what a word stands for, as expressions that are equal exactly if their ids are.
//!
//! ```sh
//! conf=/etc/app/$name.conf      # Concat["/etc/app/", Variable(name), ".conf"]
//! tmp=$(mktemp "$conf.XXXX")    # Output(site)
//! ```
//! Values are immutable and hash-consed: two words name the same thing if their ids are equal. Reassigning a
//! variable changes which value it points at and nothing else. Knows nothing of commands or of files.

use super::state::Printed;
use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashSet, HashTable};
use smallvec::SmallVec;
use std::hash::BuildHasher;

/// An interned [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub(crate) u32);

/// A place in the graph that makes a new value each time it runs (the number of its node or of its first byte).
pub type Site = u32;

/// What a word stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A known text.
    Constant(Box<str>),
    /// The value that a variable has when the script starts, or after the site where something not read may have set it.
    Environment(Site, Box<str>),
    /// A positional parameter of the unit (0 is the script's name).
    Positional(u32, u32),
    /// All positional parameters.
    AllPositional(u32),
    /// Pieces one after the other; no two constants touch.
    Concat(Box<[ValueId]>),
    /// `${x:-word}`: the value where it is set, else the word.
    Default(ValueId, ValueId),
    /// `${x:?}`: the value, known to be set.
    Required(ValueId),
    /// `${x%p}` and other cuts: the value, the operator with its pattern as written.
    Derived(ValueId, Box<str>),
    /// What a command printed.
    Output(Site),
    /// A name that is new with each run: `mktemp`.
    Fresh(Site),
    /// The turn's item of a loop.
    Item(Site),
    /// Where paths meet with different values: the node and the variable.
    Phi(Site, u32),
    /// An unquoted glob or brace expansion, as written.
    Pattern(Box<str>),
    /// The process number, the time or a random number: unique to this run.
    Unique(Site),
    /// Nothing is known.
    Unknown(Site),
}

/// All values of one analysis.
#[derive(Debug, Default)]
pub struct Values {
    table: Vec<Value>,
    ids: HashTable<ValueId>,
    hasher: DefaultHashBuilder,
    /// The values that met at a [`Value::Phi`], as far as they were seen (at most [`MOST_ALTERNATIVES`]).
    alternatives: HashMap<ValueId, SmallVec<[ValueId; MOST_ALTERNATIVES]>>,
    /// By the first byte of a literal: the constant that it was the last time, counted from 1.
    literals: Vec<u32>,
    /// How often a value that may be another one was taken to be the likely one.
    guesses: usize,
    /// Some list has more words than are told apart.
    lists_overrun: bool,
    /// The items that a [`Value::Item`] takes, where the list is known.
    items: HashMap<ValueId, Vec<ValueId>>,
    /// The last of them, by the [`Value::Item`], where that one is known.
    last_items: HashMap<ValueId, Box<str>>,
    /// What a variable that grows is set to, by the value that stands for it, in terms of what it held before.
    grown: HashMap<ValueId, ValueId>,
    /// What variables hold at the start to which the script adds words.
    beginnings: HashSet<ValueId>,
    /// What arrays hold, by the value that stands for one; nothing where it is not always the same.
    elements: HashMap<ValueId, Option<Vec<ValueId>>>,
    /// What substitutions print, by the byte they start at: where they end in success, and where they do not.
    printed: HashMap<Site, [Option<Printed>; 2]>,
    /// What variables hold that a library of functions sets, by their name.
    constants: HashMap<Box<str>, ValueId>,
}

/// Tells the hash of a constant from that of a variable; no site is as large.
const CONSTANT: Site = Site::MAX;

/// Texts are hashed alike whether they are in a value yet or not: looking one up must not copy it.
fn hash(hasher: &DefaultHashBuilder, value: &Value) -> u64 {
    match value {
        Value::Constant(text) => hasher.hash_one((CONSTANT, &**text)),
        Value::Environment(site, name) => hasher.hash_one((*site, &**name)),
        other => hasher.hash_one(other),
    }
}

/// How many values are remembered at a place where paths meet.
pub const MOST_ALTERNATIVES: usize = 4;

/// How many guesses are granted in one script. What comes after them is not known, and that is said.
const MOST_GUESSES: usize = 1 << 18;

/// Stands for a piece of text that is not known.
pub const HOLE: char = '\u{FFFC}';

impl Values {
    /// The id of a value.
    pub fn intern(&mut self, value: Value) -> ValueId {
        let hash = hash(&self.hasher, &value);
        let known = self.ids.find(hash, |id| self.table[id.0 as usize] == value).copied();
        known.unwrap_or_else(|| self.add(hash, value))
    }

    fn add(&mut self, hashed: u64, value: Value) -> ValueId {
        let id = ValueId(self.table.len() as u32);
        self.table.push(value);
        let (table, hasher) = (&self.table, &self.hasher);
        self.ids.insert_unique(hashed, id, |id| hash(hasher, &table[id.0 as usize]));
        id
    }

    /// The value behind an id.
    pub fn get(&self, id: ValueId) -> &Value {
        &self.table[id.0 as usize]
    }

    /// A constant.
    pub fn constant(&mut self, text: &str) -> ValueId {
        let hash = self.hasher.hash_one((CONSTANT, text));
        let known = self
            .ids
            .find(hash, |id| matches!(&self.table[id.0 as usize], Value::Constant(known) if **known == *text))
            .copied();
        known.unwrap_or_else(|| self.add(hash, Value::Constant(text.into())))
    }

    /// A constant that stands at a byte of the script.
    ///
    /// Every stage asks for the words of a command anew. Where they stand next to each other in the text they do
    /// so here, which the table of all constants cannot say: it is asked once for each.
    pub fn literal(&mut self, at: u32, text: &str) -> ValueId {
        let at = at as usize;
        if let Some(id) = self.literals.get(at).and_then(|known| known.checked_sub(1))
            && matches!(&self.table[id as usize], Value::Constant(known) if **known == *text)
        {
            return ValueId(id);
        }
        let id = self.constant(text);
        if self.literals.len() <= at {
            self.literals.resize(at + 1, 0);
        }
        self.literals[at] = id.0 + 1;
        id
    }

    /// Has a variable that the script does not set hold a text.
    pub fn set_constant(&mut self, name: &str, text: &str) {
        let value = self.constant(text);
        self.constants.insert(name.into(), value);
    }

    /// The value of a variable since a site.
    pub fn environment(&mut self, site: Site, name: &str) -> ValueId {
        if !self.constants.is_empty()
            && let Some(&value) = self.constants.get(name)
        {
            return value;
        }
        let hash = self.hasher.hash_one((site, name));
        let same = |id: &ValueId| matches!(&self.table[id.0 as usize], Value::Environment(since, known) if *since == site && **known == *name);
        let known = self.ids.find(hash, same).copied();
        known.unwrap_or_else(|| self.add(hash, Value::Environment(site, name.into())))
    }

    /// Joins pieces: flattens, joins constants that touch, and is the piece itself where there is one.
    pub fn concat(&mut self, pieces: impl IntoIterator<Item = ValueId>) -> ValueId {
        let mut pieces = pieces.into_iter();
        let (first, second) = (pieces.next(), pieces.next());
        if let (Some(only), None) = (first, second) {
            return only;
        }
        let mut flat: SmallVec<[ValueId; 8]> = SmallVec::new();
        let mut text = String::new();
        for piece in first.into_iter().chain(second).chain(pieces) {
            let parts: SmallVec<[ValueId; 8]> = match self.get(piece) {
                Value::Concat(inner) => inner.iter().copied().collect(),
                _ => std::iter::once(piece).collect(),
            };
            for part in parts {
                if let Value::Constant(constant) = self.get(part) {
                    text.push_str(constant);
                } else {
                    if !text.is_empty() {
                        let id = self.constant(&std::mem::take(&mut text));
                        flat.push(id);
                    }
                    flat.push(part);
                }
            }
        }
        if !text.is_empty() || flat.is_empty() {
            let id = self.constant(&text);
            flat.push(id);
        }
        if let [only] = flat[..] {
            return only;
        }
        self.intern(Value::Concat(flat.into_vec().into()))
    }

    /// The pieces of a value, one after the other; a value that is not put together is one piece.
    pub fn pieces<'v>(&'v self, id: &'v ValueId) -> &'v [ValueId] {
        match self.get(*id) {
            Value::Concat(parts) => parts,
            _ => std::slice::from_ref(id),
        }
    }

    /// A value without its first bytes.
    pub fn tail(&mut self, value: ValueId, offset: usize) -> ValueId {
        if offset == 0 {
            return value;
        }
        match self.get(value).clone() {
            Value::Constant(text) if text.is_char_boundary(offset) => self.constant(&text[offset..]),
            Value::Concat(parts) => match self.get(parts[0]).clone() {
                Value::Constant(text) if text.is_char_boundary(offset) && offset <= text.len() => {
                    let first = self.constant(&text[offset..]);
                    self.concat(std::iter::once(first).chain(parts[1..].iter().copied()))
                }
                _ => value,
            },
            _ => value,
        }
    }

    /// The text, where all of it is known.
    pub fn text(&self, id: ValueId) -> Option<&str> {
        match self.get(id) {
            Value::Constant(text) => Some(text),
            _ => None,
        }
    }

    /// The text that a value is known to begin with.
    pub fn begins(&self, id: ValueId) -> &str {
        match self.get(id) {
            Value::Concat(parts) => parts.first().and_then(|&part| self.text(part)).unwrap_or_default(),
            _ => self.text(id).unwrap_or_default(),
        }
    }

    /// The likely text with [`HOLE`] for every piece that is not known; a default stands for the variable it
    /// belongs to. The flag says whether a default was believed.
    pub fn render(&self, id: ValueId) -> (String, bool) {
        let mut text = String::new();
        let mut believed = false;
        self.render_into(id, &mut text, &mut believed, 8);
        (text, believed)
    }

    fn render_into(&self, id: ValueId, text: &mut String, believed: &mut bool, depth: u32) {
        match self.get(id) {
            Value::Constant(constant) => text.push_str(constant),
            Value::Pattern(pattern) => text.push_str(pattern),
            Value::Concat(parts) if depth > 0 => {
                for &part in parts {
                    self.render_into(part, text, believed, depth - 1);
                }
            }
            Value::Default(_, word) if depth > 0 => {
                *believed = true;
                self.render_into(*word, text, believed, depth - 1);
            }
            Value::Required(inner) if depth > 0 => self.render_into(*inner, text, believed, depth - 1),
            Value::Derived(inner, operator) if depth > 0 => match (operator.as_ref(), self.get(*inner)) {
                ("%/*", _) => {
                    let mut whole = String::new();
                    self.render_into(*inner, &mut whole, believed, depth - 1);
                    match whole.rfind('/') {
                        Some(at) => text.push_str(&whole[..at]),
                        None => text.push_str(&whole),
                    }
                }
                _ => text.push(HOLE),
            },
            _ => text.push(HOLE),
        }
    }

    /// The value as a person reads it: known text as it is, variables by their names.
    pub fn display(&self, id: ValueId, names: &super::graph::Names) -> String {
        let mut text = String::new();
        self.display_into(id, names, &mut text, 8);
        text
    }

    fn display_into(&self, id: ValueId, names: &super::graph::Names, text: &mut String, depth: u32) {
        match self.get(id) {
            Value::Constant(constant) => text.push_str(constant),
            Value::Pattern(pattern) => text.push_str(pattern),
            Value::Concat(parts) if depth > 0 => {
                for &part in parts {
                    self.display_into(part, names, text, depth - 1);
                }
            }
            Value::Default(_, word) if depth > 0 => self.display_into(*word, names, text, depth - 1),
            Value::Derived(inner, operator) if depth > 0 && &**operator == "%/*" => {
                text.push_str("$(dirname ");
                self.display_into(*inner, names, text, depth - 1);
                text.push(')');
            }
            Value::Required(inner) | Value::Derived(inner, _) if depth > 0 => {
                self.display_into(*inner, names, text, depth - 1);
            }
            Value::Environment(_, name) if name.starts_with(['$', '~']) => text.push_str(name),
            Value::Environment(_, name) => {
                text.push('$');
                text.push_str(name);
            }
            Value::Phi(_, number) if *number < super::state::POSITIONAL => {
                text.push('$');
                text.push_str(names.text(*number));
            }
            Value::Positional(_, number) => {
                text.push('$');
                text.push_str(&number.to_string());
            }
            Value::AllPositional(_) => text.push_str("$@"),
            _ => text.push('…'),
        }
    }

    /// Remembers that `value` is one of those that meet at `phi`.
    pub fn add_alternative(&mut self, phi: ValueId, value: ValueId) {
        let known = self.alternatives.entry(phi).or_default();
        if value != phi && known.len() < MOST_ALTERNATIVES && !known.contains(&value) {
            known.push(value);
        }
    }

    /// The values that meet at a phi, or the items of a literal list; empty for other values.
    pub fn alternatives(&self, id: ValueId) -> &[ValueId] {
        let met = self.alternatives.get(&id).map_or(&[][..], SmallVec::as_slice);
        if met.is_empty() { self.items.get(&id).map_or(&[], Vec::as_slice) } else { met }
    }

    /// Asks for so many guesses at what variables hold after unknown hands may have set them; says whether they are
    /// granted. A script with thousands of variables and of such places would have millions.
    pub fn guess(&mut self, count: usize) -> bool {
        self.guesses += count;
        self.guesses <= MOST_GUESSES
    }

    /// Says that the words of some list are not told apart because they are too many.
    pub fn give_up_list(&mut self) {
        self.lists_overrun = true;
    }

    /// Whether more guesses were asked for than are granted, or lists are too long: some variables are not known that
    /// could be.
    pub fn overrun(&self) -> bool {
        self.guesses > MOST_GUESSES || self.lists_overrun
    }

    /// Remembers the literal items of a loop.
    pub fn set_items(&mut self, item: ValueId, items: Vec<ValueId>) {
        self.items.insert(item, items);
    }

    /// Remembers the last item of a loop.
    pub fn set_last_item(&mut self, item: ValueId, last: Option<Box<str>>) {
        if let Some(last) = last {
            self.last_items.insert(item, last);
        }
    }

    /// The item of a loop's last turn, where it is known.
    pub fn last_item(&self, item: ValueId) -> Option<&str> {
        self.last_items.get(&item).map(|last| &**last)
    }

    /// Remembers what an array holds.
    pub fn set_elements(&mut self, array: ValueId, held: Option<Vec<ValueId>>) {
        match self.elements.entry(array) {
            Entry::Occupied(mut known) if *known.get() != held => drop(known.insert(None)),
            Entry::Occupied(_) => {}
            Entry::Vacant(free) => {
                free.insert(held);
            }
        }
    }

    /// What an array holds, where that is known; a text that is no array is its only element.
    pub fn elements(&self, array: ValueId) -> Option<Vec<ValueId>> {
        if let Some(held) = self.elements.get(&array) {
            return held.clone();
        }
        let is_text = match self.get(array) {
            Value::Constant(_) => true,
            Value::Concat(_) => !self.any(array, &|piece| matches!(piece, Value::AllPositional(_))),
            _ => false,
        };
        is_text.then(|| vec![array])
    }

    /// Remembers that `grown` stands for a text that holds what the variable held before, and more.
    pub fn set_grown(&mut self, grown: ValueId, text: ValueId) {
        self.grown.insert(grown, text);
    }

    /// Remembers that the script puts a list together behind what a variable of its holds at the start.
    pub fn set_begins_list(&mut self, value: ValueId) {
        self.beginnings.insert(value);
    }

    /// Whether a value is what such a variable holds at the start.
    pub fn begins_list(&self, value: ValueId) -> bool {
        self.beginnings.contains(&value)
    }

    /// The text that a value stands for, if it is that of a variable that grows.
    pub fn grown(&self, id: ValueId) -> Option<ValueId> {
        self.grown.get(&id).copied()
    }

    /// Forgets what met where, what loops go over, how lists grow, and what substitutions print: all of it is found anew.
    pub fn forget_meetings(&mut self) {
        self.alternatives.clear();
        self.items.clear();
        self.printed.clear();
        self.grown.clear();
        self.elements.clear();
        self.beginnings.clear();
    }

    /// Remembers what the substitution that starts at this byte prints where it ends in success, or does not.
    pub fn set_printed(&mut self, start: Site, success: bool, printed: Printed) {
        self.printed.entry(start).or_default()[usize::from(!success)] = Some(printed);
    }

    /// What the substitution that starts at this byte prints, where that is known and the same however it ends.
    pub fn printed(&mut self, start: Site) -> Option<ValueId> {
        let mut ends = self.printed.get(&start).copied().unwrap_or_default().into_iter().flatten();
        let first = ends.next()?;
        if ends.all(|other| other == first) { self.printed_text(first) } else { None }
    }

    /// What the substitution that starts at this byte prints where it ends in success, and where it does not, if these are
    /// two texts.
    pub fn printed_apart(&mut self, start: Site) -> Option<[ValueId; 2]> {
        let [Some(success), Some(failure)] = self.printed.get(&start).copied().unwrap_or_default() else { return None };
        let texts = [self.printed_text(success)?, self.printed_text(failure)?];
        (texts[0] != texts[1]).then_some(texts)
    }

    fn printed_text(&mut self, printed: Printed) -> Option<ValueId> {
        match printed {
            Printed::Nothing => Some(self.constant("")),
            Printed::Text(text) => Some(text),
            Printed::Unknown => None,
        }
    }

    /// The path that a value names: that its beginning is known to be set makes it no other one.
    pub fn unrequired(&mut self, id: ValueId) -> ValueId {
        match self.get(id).clone() {
            Value::Required(inner) => inner,
            Value::Concat(parts) => match self.get(parts[0]) {
                Value::Required(inner) => {
                    let inner = *inner;
                    self.concat(std::iter::once(inner).chain(parts[1..].iter().copied()))
                }
                _ => id,
            },
            _ => id,
        }
    }

    /// Calls `visit` with every site whose running again makes this value another one.
    pub fn sites(&self, id: ValueId, visit: &mut dyn FnMut(Site)) {
        match self.get(id) {
            Value::Output(site)
            | Value::Fresh(site)
            | Value::Item(site)
            | Value::Unique(site)
            | Value::Unknown(site) => visit(*site),
            Value::Phi(node, _) if *node < 0x1000_0000 => visit(super::exact::site(super::graph::NodeId(*node))),
            Value::Environment(site, _) if *site != 0 => visit(*site),
            Value::Concat(parts) => parts.iter().for_each(|&part| self.sites(part, visit)),
            Value::Default(a, b) => {
                self.sites(*a, visit);
                self.sites(*b, visit);
            }
            Value::Required(inner) | Value::Derived(inner, _) => self.sites(*inner, visit),
            _ => {}
        }
    }

    /// Whether any piece satisfies the question.
    pub fn any(&self, id: ValueId, question: &dyn Fn(&Value) -> bool) -> bool {
        let value = self.get(id);
        question(value)
            || match value {
                Value::Concat(parts) => parts.iter().any(|&part| self.any(part, question)),
                Value::Default(a, b) => self.any(*a, question) || self.any(*b, question),
                Value::Required(inner) | Value::Derived(inner, _) => self.any(*inner, question),
                _ => false,
            }
    }

    /// The same expression over other pieces: `leaf` says what becomes of a piece, or nothing where it is built of others.
    pub fn rebuilt(&mut self, id: ValueId, leaf: &mut dyn FnMut(&mut Self, ValueId) -> Option<ValueId>) -> ValueId {
        if let Some(other) = leaf(self, id) {
            return other;
        }
        match self.get(id).clone() {
            Value::Concat(parts) => {
                let parts: Vec<ValueId> = parts.iter().map(|&part| self.rebuilt(part, leaf)).collect();
                self.concat(parts)
            }
            Value::Default(value, word) => {
                let value = self.rebuilt(value, leaf);
                let word = self.rebuilt(word, leaf);
                self.default_of(value, word)
            }
            Value::Required(inner) => {
                let inner = self.rebuilt(inner, leaf);
                self.intern(Value::Required(inner))
            }
            Value::Derived(inner, operator) => {
                let inner = self.rebuilt(inner, leaf);
                self.derived(inner, &operator)
            }
            _ => id,
        }
    }

    /// `${x:-word}`: the value itself where it is known not to be empty, or where nothing would stand in for it.
    pub fn default_of(&mut self, value: ValueId, word: ValueId) -> ValueId {
        if self.text(word).is_some_and(str::is_empty) {
            return value;
        }
        match self.get(value) {
            Value::Constant(text) if text.is_empty() => word,
            Value::Constant(_) | Value::Fresh(_) | Value::Unique(_) => value,
            Value::Concat(parts) if parts.iter().any(|&part| self.text(part).is_some_and(|t| !t.is_empty())) => value,
            _ => self.intern(Value::Default(value, word)),
        }
    }

    /// `${x%p}` and its kin: computed where the text is known and the pattern is one of the common ones.
    pub fn derived(&mut self, value: ValueId, operator: &str) -> ValueId {
        if let Some(text) = self.text(value).map(str::to_owned) {
            let cut = match operator {
                "%/*" => Some(text.rfind('/').map_or(text.as_str(), |at| &text[..at])),
                "##*/" => Some(text.rfind('/').map_or(text.as_str(), |at| &text[at + 1..])),
                "%%/*" => Some(text.find('/').map_or(text.as_str(), |at| &text[..at])),
                "#*/" => Some(text.find('/').map_or(text.as_str(), |at| &text[at + 1..])),
                _ if !operator.contains(['*', '?', '[', '$']) => operator
                    .strip_prefix('%')
                    .map(|suffix| text.strip_suffix(suffix.trim_start_matches('%')).unwrap_or(&text))
                    .or_else(|| {
                        operator
                            .strip_prefix('#')
                            .map(|prefix| text.strip_prefix(prefix.trim_start_matches('#')).unwrap_or(&text))
                    }),
                _ => None,
            };
            if let Some(cut) = cut.map(str::to_owned) {
                return self.constant(&cut);
            }
        }
        // No name that a pattern without a slash finds has one.
        if matches!(operator, "##*/" | "%/*")
            && matches!(self.get(value), Value::Pattern(pattern) if !pattern.contains('/'))
        {
            return value;
        }
        if let Value::Concat(parts) = self.get(value).clone()
            && matches!(operator, "##*/" | "%/*")
            && let Some((at, cut)) = parts
                .iter()
                .enumerate()
                .rev()
                .find_map(|(at, &part)| self.text(part).and_then(|text| text.rfind('/')).map(|cut| (at, cut)))
        {
            // The last slash that is known; what is not known is taken to hold none.
            let text = self.text(parts[at]).unwrap_or_default().to_owned();
            let pieces: Vec<ValueId> = if operator == "##*/" {
                std::iter::once(self.constant(&text[cut + 1..])).chain(parts[at + 1..].iter().copied()).collect()
            } else {
                let last = self.constant(&text[..cut]);
                parts[..at].iter().copied().chain(std::iter::once(last)).collect()
            };
            return self.concat(pieces);
        }
        // `${x%.git}` where the end is known.
        if let Value::Concat(parts) = self.get(value).clone()
            && let Some(suffix) =
                operator.strip_prefix('%').filter(|end| !end.contains(['%', '*', '?', '[', '$', '\\']))
            && let Some((&last, before)) = parts.split_last()
            && let Some(text) = self.text(last).filter(|text| text.len() >= suffix.len())
        {
            let text = text.strip_suffix(suffix).unwrap_or(text).to_owned();
            let last = self.constant(&text);
            return self.concat(before.iter().copied().chain([last]));
        }
        self.intern(Value::Derived(value, operator.into()))
    }
}
