//! What a script adds to files and lists, kept so that a pattern finds what it may speak of.
//!
//! A script that hardens a host asks thousands of times for a line in one file and adds it where it is missing. To
//! try every pattern on every line would be quadratic; a line that a pattern matches holds what the pattern has in
//! plain letters, so only the lines that share four of these in a row are tried.

use super::listings;
use super::step::Occurrence;
use super::thing::{ThingId, Things};
use crate::flow::value::{ValueId, Values};
use crate::knowledge::{How, ThingKind};
use hashbrown::{HashMap, HashSet};

/// So few texts are tried one by one.
const FEW: usize = 64;

/// How many letters in a row must be shared.
const ROW: usize = 4;

/// What is added, and what is listed somewhere.
pub struct Added<'o> {
    list: Vec<(&'o Occurrence, String)>,
    by_path: HashMap<(Option<ValueId>, ValueId), Group>,
    by_kind: HashMap<(ThingKind, Option<ValueId>), Vec<u32>>,
}

/// What is added to one file.
#[derive(Default)]
struct Group {
    all: Vec<u32>,
    /// Texts that are not known.
    unknown: Vec<u32>,
    by_text: HashMap<ThingId, Vec<u32>>,
    rows: HashMap<[u8; ROW], Vec<u32>>,
}

impl<'o> Added<'o> {
    /// Collects it.
    pub fn of(occurrences: &'o [Occurrence], things: &Things, values: &Values) -> Self {
        let mut added = Self { list: Vec::new(), by_path: HashMap::new(), by_kind: HashMap::new() };
        let mut seen = HashSet::new();
        for occurrence in occurrences {
            let target = things.get(occurrence.target);
            let is_listed = listings::is_listed(target.kind);
            let appends = occurrence.how == How::Append;
            let counts = occurrence.text.is_some() || appends || is_listed;
            if !counts || !seen.insert((occurrence.target, occurrence.text, appends)) {
                continue;
            }
            let at = added.list.len() as u32;
            let named =
                if is_listed { Some(target.key[0]) } else { occurrence.text.map(|text| things.get(text).key[1]) };
            added.list.push((occurrence, named.map_or_else(String::new, |name| written_out(&values.render(name).0))));
            if is_listed {
                added.by_kind.entry((target.kind, target.root)).or_default().push(at);
            } else if target.kind == ThingKind::Path {
                let group = added.by_path.entry((target.root, target.key[0])).or_default();
                group.all.push(at);
                match occurrence.text {
                    Some(text) => group.by_text.entry(text).or_default().push(at),
                    None => group.unknown.push(at),
                }
            }
        }
        for group in added.by_path.values_mut().filter(|group| group.all.len() > FEW) {
            for &at in &group.all {
                for row in added.list[at as usize].1.as_bytes().windows(ROW) {
                    let row: [u8; ROW] = [row[0], row[1], row[2], row[3]];
                    let found = group.rows.entry(row).or_default();
                    if found.last() != Some(&at) {
                        found.push(at);
                    }
                }
            }
        }
        added
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// One of them, and its text or name as it stands there.
    pub fn get(&self, at: u32) -> (&'o Occurrence, &str) {
        let (occurrence, text) = &self.list[at as usize];
        (occurrence, text)
    }

    /// The things of a kind that some list shows.
    pub fn listed(&self, kind: ThingKind, root: Option<ValueId>) -> &[u32] {
        self.by_kind.get(&(kind, root)).map_or(&[], Vec::as_slice)
    }

    /// All that is added to a file, if that is little.
    pub fn few(&self, path: (Option<ValueId>, ValueId)) -> Option<&[u32]> {
        let all = self.by_path.get(&path).map_or(&[][..], |group| &group.all);
        (all.len() <= FEW).then_some(all)
    }

    /// What is added to a file and may be what a pattern asks for; `plain` is what the pattern has in plain letters.
    pub fn to(&self, path: (Option<ValueId>, ValueId), pattern: ThingId, plain: Option<&str>) -> Vec<u32> {
        let Some(group) = self.by_path.get(&path) else { return Vec::new() };
        let rows = plain.unwrap_or_default().as_bytes().windows(ROW);
        let rarest = rows
            .map(|row| group.rows.get(&[row[0], row[1], row[2], row[3]]).map_or(&[][..], Vec::as_slice))
            .min_by_key(|found| found.len());
        let Some(rarest) = rarest.filter(|_| group.all.len() > FEW) else { return group.all.clone() };
        let plain = plain.unwrap_or_default();
        let mut found: Vec<u32> =
            rarest.iter().copied().filter(|&at| self.list[at as usize].1.contains(plain)).collect();
        found.extend(group.unknown.iter().chain(group.by_text.get(&pattern).into_iter().flatten()));
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// A text with the line ends and tabs that `echo -e` and `printf` make of it.
fn written_out(text: &str) -> String {
    if text.contains('\\') { text.replace("\\n", "\n").replace("\\t", "\t") } else { text.to_owned() }
}
