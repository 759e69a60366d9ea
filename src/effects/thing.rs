//! Things: what facts and effects are about.
//!
//! A thing is a kind, a root (this host, another host, a container) and a key of values. Two things are the
//! same if their ids are, so `"$conf"` and `/etc/x` are one thing exactly where the variable holds that text.

use crate::flow::value::{Site, Value, ValueId, Values};
use crate::knowledge::{FactKind, ThingKind};
use hashbrown::{DefaultHashBuilder, HashTable};
use smallvec::{SmallVec, smallvec};
use std::hash::BuildHasher;

/// An interned [`Thing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThingId(u32);

impl ThingId {
    /// Its place in a table by things.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a fact or an effect is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Thing {
    /// Of which kind.
    pub kind: ThingKind,
    /// Where: absent is this host, else the value that names the host, container or tree.
    pub root: Option<ValueId>,
    /// Its name: one value; for a text in a file the path and the text.
    pub key: SmallVec<[ValueId; 2]>,
}

/// Something known of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// What.
    pub kind: FactKind,
    /// Of which thing.
    pub thing: ThingId,
}

/// All things of one analysis.
#[derive(Debug, Default)]
pub struct Things {
    table: Vec<Thing>,
    ids: HashTable<ThingId>,
    hasher: DefaultHashBuilder,
}

impl Things {
    /// The id of a thing.
    pub fn intern(&mut self, thing: Thing) -> ThingId {
        let hash = self.hasher.hash_one(&thing);
        if let Some(&id) = self.ids.find(hash, |id| self.table[id.index()] == thing) {
            return id;
        }
        let id = ThingId(self.table.len() as u32);
        self.table.push(thing);
        let (table, hasher) = (&self.table, &self.hasher);
        self.ids.insert_unique(hash, id, |id| hasher.hash_one(&table[id.index()]));
        id
    }

    /// The thing behind an id.
    pub fn get(&self, id: ThingId) -> &Thing {
        &self.table[id.0 as usize]
    }

    /// How many there are: the next new one has this index.
    pub fn count(&self) -> usize {
        self.table.len()
    }

    /// A path, made absolute where the directory is known and tidied where its text is.
    pub fn path(&mut self, value: ValueId, directory: ValueId, root: Option<ValueId>, values: &mut Values) -> ThingId {
        let key = normal(value, directory, values);
        self.intern(Thing { kind: ThingKind::Path, root, key: smallvec![key] })
    }

    /// Calls `visit` with every site that makes the thing another one when it runs again.
    pub fn sites(&self, id: ThingId, values: &Values, visit: &mut dyn FnMut(Site)) {
        let thing = self.get(id);
        thing.key.iter().chain(&thing.root).for_each(|&value| values.sites(value, visit));
    }
}

/// A path's value: joined to the directory where it is relative, without `//`, `/./` and a slash at the end.
pub fn normal(value: ValueId, directory: ValueId, values: &mut Values) -> ValueId {
    let relative = match values.get(value) {
        Value::Constant(text) => !text.starts_with('/'),
        Value::Concat(parts) if matches!(values.get(parts[0]), Value::Constant(_)) => {
            !values.begins(value).starts_with('/')
        }
        Value::Pattern(_) => true,
        _ => is_relative_item(value, values),
    };
    let joined = if relative {
        let slash = values.constant("/");
        values.concat([directory, slash, value])
    } else {
        value
    };
    let joined = values.unrequired(joined);
    match values.get(joined).clone() {
        Value::Constant(text) => {
            if is_tidy(&text) && !lies_in_old_run(&text) {
                return joined;
            }
            let tidy = tidy(&text, true);
            values.constant(of_run(&tidy))
        }
        Value::Concat(parts) => {
            let last = parts.len() - 1;
            let parts: Vec<ValueId> = parts
                .iter()
                .enumerate()
                .map(|(at, &part)| match values.get(part).clone() {
                    Value::Constant(text) => {
                        let tidied = tidy(&text, at == last);
                        let tidied = if at == 0 { of_run(&tidied) } else { &tidied };
                        // `$dir/` and `$dir/.` are `$dir`.
                        values.constant(if at == last && tidied == "/" { "" } else { tidied })
                    }
                    _ => part,
                })
                .collect();
            values.concat(parts)
        }
        _ => joined,
    }
}

/// The last name of a path as a word gives it, the same as that of the path made absolute.
pub fn base(value: ValueId, directory: ValueId, values: &mut Values) -> ValueId {
    let path = if is_relative_item(value, values) { normal(value, directory, values) } else { value };
    values.derived(path, "##*/")
}

/// Whether a path begins with the item of a loop over names that all lie in the working directory.
fn is_relative_item(path: ValueId, values: &Values) -> bool {
    let first = values.pieces(&path)[0];
    let items = values.alternatives(first);
    let begins_relative = |&item: &ValueId| {
        let begins = values.begins(item);
        !begins.is_empty() && !begins.starts_with(['/', '-', '~'])
    };
    matches!(values.get(first), Value::Item(_)) && !items.is_empty() && items.iter().all(begins_relative)
}

/// Where `/run` was before, and is a link to it now (FHS 3.0, 5.13).
const OLD_RUN: &str = "/var";

/// Whether a path, or the beginning of one, lies in `/var/run`.
fn lies_in_old_run(text: &str) -> bool {
    of_run(text).len() < text.len()
}

/// The same path by its name below `/run`, where it lies in `/var/run`.
fn of_run(text: &str) -> &str {
    match text.strip_prefix(OLD_RUN) {
        Some(run) if run == "/run" || run.starts_with("/run/") => run,
        _ => text,
    }
}

/// Whether there is nothing to tidy in a whole path.
fn is_tidy(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = |at: usize| bytes[at] == b'/' && matches!(bytes.get(at + 1), None | Some(b'/' | b'.'));
    bytes.len() < 2 || !(0..bytes.len()).any(odd)
}

/// A path or the beginning of one without `//` and `/./`, and where it is the end, without a slash there.
pub(super) fn tidy(text: &str, end: bool) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if tidied.ends_with('/') && (first == '/' || rest.starts_with("./") || (end && rest == ".")) {
            rest = &rest[1..];
        } else {
            tidied.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    if end && tidied.len() > 1 && tidied.ends_with('/') {
        tidied.pop();
    }
    tidied
}

/// The directories above a path, nearest first. What is not known is taken to hold no slash.
pub fn above(path: ValueId, values: &mut Values) -> Vec<ValueId> {
    let mut found = Vec::new();
    let mut parts = values.pieces(&path).to_vec();
    while found.len() < 32 {
        let slash = parts
            .iter()
            .enumerate()
            .rev()
            .find_map(|(at, &part)| values.text(part).and_then(|text| text.rfind('/')).map(|cut| (at, cut)));
        let Some((at, cut)) = slash else { break };
        let text = values.text(parts[at]).unwrap_or_default().to_owned();
        // What lies at the top lies in the root.
        let root = at == 0 && cut == 0;
        if root && parts.len() == 1 && text.len() == 1 {
            break;
        }
        let head = values.constant(if root { "/" } else { &text[..cut] });
        parts.truncate(at);
        if root || cut > 0 {
            parts.push(head);
        }
        if parts.is_empty() {
            break;
        }
        found.push(values.concat(parts.iter().copied()));
        if root {
            break;
        }
    }
    found
}
