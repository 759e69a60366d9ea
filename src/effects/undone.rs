//! What a run takes back itself: lines that it appends and deletes again, files that it writes and removes again,
//! mounts, and what they make under a name for a while only (`ln -s X N.new; mv N.new N`).
//!
//! ```sh
//! echo 'HOOK=1' >> /etc/app/app.conf
//! app build
//! sed -i '/^HOOK=/d' /etc/app/app.conf
//! ```
//! A line goes with all that is in the file too, where another content is written over it. Taken back is what is gone
//! wherever the script comes to its end, or ends with success; a run that dies half way leaves it, and the next one that
//! does not die takes that away too.

use super::bits::Bits;
use super::facts::Facts;
use super::step::{Occurrence, Step};
use super::texts;
use super::thing::{Fact, Thing, ThingId, Things};
use super::universe::Universe;
use crate::flow::Flow;
use crate::flow::graph::{NodeId, UnitId};
use crate::flow::solve::Inputs;
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::{EffectKind, FactKind, HOLE, How, ThingKind, Touch};
use hashbrown::HashMap;

/// How many lines of one text are followed one by one.
const MOST_LINES: usize = 16;

/// What may be taken back.
#[derive(Debug, Default)]
pub struct Undone {
    marks: Vec<Mark>,
    /// Some effect is taken back in more places than are followed.
    pub overrun: bool,
}

/// One line, one file, or one mount.
#[derive(Debug)]
struct Mark {
    step: ThingId,
    target: ThingId,
    unit: UnitId,
    /// The next run does not take away what one that dies half way leaves: it adds one more, or dies of it.
    piles_up: bool,
    /// The line; none where the whole goes.
    line: Option<Box<str>>,
    /// Holds where there is nothing of it; none where nothing takes it back.
    gone: Option<Fact>,
    /// What a mount is called: that nothing is mounted there is as good as taking it away.
    names: Vec<ThingId>,
}

/// For an effect, by its step and its target: the lines that stay.
pub type Remains = HashMap<(ThingId, ThingId), Vec<Box<str>>>;

/// A file: where it is, and its path.
type File = (Option<ValueId>, ValueId);

/// How many steps that take it away are followed of one effect.
const MOST_TAKERS: usize = 32;

/// How many things that are taken away are compared with one that is made for an item of a list.
const MOST_REMOVALS: usize = 256;

/// The steps that take things away.
#[derive(Default)]
struct Takers {
    removals: HashMap<ThingId, Vec<NodeId>>,
    /// By the file: the patterns of lines that are deleted.
    deletions: HashMap<File, Vec<(NodeId, String)>>,
    /// Files whose whole content is replaced by another one.
    emptied: HashMap<ThingId, Vec<NodeId>>,
}

impl Takers {
    fn find(occurrences: &[Occurrence], steps: &[Option<Box<Step>>], things: &Things, values: &Values) -> Self {
        let mut takers = Self::default();
        // What is moved there may have been made from what was there, by a command that is not known.
        let empties = |occurrence: &&Occurrence| {
            (occurrence.effect, occurrence.how) == (EffectKind::Write, How::Truncate) && !occurrence.reads_target
        };
        for occurrence in occurrences.iter().filter(empties) {
            takers.emptied.entry(occurrence.target).or_default().push(occurrence.node);
        }
        for (at, step) in steps.iter().enumerate() {
            let Some(step) = step.as_deref().filter(|step| !step.touches.is_empty()) else { continue };
            let node = NodeId(at as u32);
            for fact in &step.ok {
                let thing = things.get(fact.thing);
                match (fact.kind, thing.kind) {
                    (FactKind::Absent, ThingKind::Path | ThingKind::Mount)
                        if step.touches.contains(&(fact.thing, Touch::Removed)) =>
                    {
                        takers.removals.entry(fact.thing).or_default().push(node);
                    }
                    (FactKind::ContainsNot | FactKind::Absent, ThingKind::Text) => {
                        let pattern = values.render(thing.key[1]).0;
                        let changed = step.touches.iter().any(|&(touched, _)| touched == fact.thing);
                        if changed && !pattern.contains(HOLE) {
                            let file = (thing.root, thing.key[0]);
                            takers.deletions.entry(file).or_default().push((node, pattern));
                        }
                    }
                    _ => {}
                }
            }
        }
        takers
    }

    /// The steps that take away a line of a file.
    fn of_line(&self, file: ThingId, line: &str, things: &Things) -> Vec<NodeId> {
        let thing = things.get(file);
        let deletions = self.deletions.get(&(thing.root, thing.key[0])).map_or(&[][..], Vec::as_slice);
        let matching = deletions.iter().filter(|(_, pattern)| texts::surely_matches(pattern, line));
        matching.map(|&(node, _)| node).chain(self.of_content(file)).collect()
    }

    /// The steps that take away all that is in a file.
    fn of_content(&self, file: ThingId) -> impl Iterator<Item = NodeId> + '_ {
        self.of(file).iter().chain(self.emptied.get(&file).into_iter().flatten()).copied()
    }

    /// A mount as those call it that take it away: where it is made for each item of a list, in a loop over the same items.
    fn names_of_mount(&self, mount: ThingId, things: &Things, values: &mut Values) -> Vec<ThingId> {
        let Thing { root, key, .. } = things.get(mount).clone();
        let mut found = vec![mount];
        let Some((item, items)) = item(key[0], values) else { return found };
        // Where there are too many, it is always the same ones.
        let mut others: Vec<ThingId> = self.removals.keys().copied().filter(|&other| other != mount).collect();
        others.sort_unstable();
        for other in others.into_iter().take(MOST_REMOVALS) {
            let thing = things.get(other).clone();
            let Some((its_item, among)) = self::item(thing.key[0], values) else { continue };
            let renamed = values.rebuilt(thing.key[0], &mut |_, piece| (piece == its_item).then_some(item));
            let is_same = thing.kind == ThingKind::Mount && thing.root == root && renamed == key[0];
            if is_same && items.iter().all(|item| among.contains(item)) {
                found.push(other);
            }
        }
        found
    }

    /// The steps that take away a file, or a mount.
    fn of(&self, thing: ThingId) -> &[NodeId] {
        self.removals.get(&thing).map_or(&[], Vec::as_slice)
    }
}

/// The item of a loop that a path is made of, and the items of its list.
fn item(path: ValueId, values: &Values) -> Option<(ValueId, Vec<ValueId>)> {
    let item = *values.pieces(&path).iter().find(|&&piece| matches!(values.get(piece), Value::Item(_)))?;
    let items = values.alternatives(item);
    (!items.is_empty()).then(|| (item, items.to_vec()))
}

/// Enters into the steps what makes things and what takes them away again.
pub fn enter(
    occurrences: &[Occurrence],
    steps: &mut [Option<Box<Step>>],
    things: &mut Things,
    values: &mut Values,
) -> Undone {
    let takers = Takers::find(occurrences, steps, things, values);
    let mut undone = Undone::default();
    if takers.removals.is_empty() && takers.deletions.is_empty() && takers.emptied.is_empty() {
        return undone;
    }
    for occurrence in occurrences.iter().filter(|occurrence| may_be_undone(occurrence)) {
        let mut names = Vec::new();
        let lines: Vec<(Option<Box<str>>, Vec<NodeId>)> = match (occurrence.how, occurrence.text) {
            (How::Append, Some(text)) => {
                let lines = lines(&values.render(things.get(text).key[1]).0);
                // Many lines are one text, which goes with all that is in the file; and so does an empty one.
                if lines.is_empty() || lines.len() > MOST_LINES {
                    vec![(None, takers.of_content(occurrence.target).collect())]
                } else {
                    let of_line = |line: &String| takers.of_line(occurrence.target, line, things);
                    lines.iter().map(|line| (Some(line.as_str().into()), of_line(line))).collect()
                }
            }
            // What others read too was there before: taking it away again does not bring it back.
            (How::Truncate | How::Replace, _) if occurrence.is_own() => {
                vec![(None, takers.of(occurrence.target).to_vec())]
            }
            (How::Mount, _) if occurrence.effect == EffectKind::Create => {
                names = takers.names_of_mount(occurrence.target, things, values);
                vec![(None, names.iter().flat_map(|&name| takers.of(name)).copied().collect())]
            }
            (How::Link | How::Directory | How::File, _) if occurrence.effect == EffectKind::Create => {
                vec![(None, takers.of(occurrence.target).to_vec())]
            }
            _ => continue,
        };
        if lines.iter().all(|(_, takers)| takers.is_empty()) {
            continue;
        }
        // What is made and taken away everywhere is not one thing that is made for a while.
        if lines.iter().map(|(_, takers)| takers.len()).sum::<usize>() > MOST_TAKERS {
            undone.overrun = true;
            continue;
        }
        for (line, takers) in lines {
            let gone = (!takers.is_empty()).then(|| {
                let key = smallvec::smallvec![values.constant(&format!("gone {}", undone.marks.len()))];
                let thing = things.intern(Thing { kind: ThingKind::Step, root: None, key });
                Fact { kind: FactKind::Settled, thing }
            });
            for taker in takers {
                if let (Some(step), Some(gone)) = (&mut steps[taker.0 as usize], gone) {
                    step.rare_mut().pays.push(gone);
                }
            }
            if let Some(step) = &mut steps[occurrence.node.0 as usize] {
                step.ok_ends.extend(gone);
            }
            let (step, target, unit) = (occurrence.step, occurrence.target, occurrence.unit);
            let piles_up = occurrence.effect == EffectKind::Create;
            undone.marks.push(Mark { step, target, unit, piles_up, line, gone, names: names.clone() });
        }
    }
    undone
}

/// Whether it is looked for whether an effect is taken back.
fn may_be_undone(occurrence: &Occurrence) -> bool {
    match occurrence.effect {
        EffectKind::Write => true,
        EffectKind::Create => matches!(occurrence.how, How::Mount | How::Link | How::Directory | How::File),
        _ => false,
    }
}

/// The lines that a text adds.
fn lines(text: &str) -> Vec<String> {
    text.replace("\\n", "\n").lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

impl Undone {
    /// Has an answer that nothing is mounted settle what a step would that takes the mount away.
    pub fn settle_by_proof(&self, universe: &mut Universe) {
        for mark in &self.marks {
            if let Some(gone) = mark.gone.and_then(|gone| universe.bit(gone)) {
                let absent = mark.names.iter().map(|&thing| Fact { kind: FactKind::Absent, thing });
                absent.for_each(|fact| universe.bring(fact, gone));
            }
        }
    }

    /// The facts that are followed for it.
    pub fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        self.marks.iter().filter_map(|mark| mark.gone)
    }

    /// For each effect that is taken back somewhere, wholly or in part: what stays.
    pub fn remains(&self, flow: &Flow<'_>, universe: &Universe, inputs: &Inputs<Facts>, entries: &[Bits]) -> Remains {
        let mut remains = Remains::new();
        let mut some: HashMap<(ThingId, ThingId), bool> = HashMap::new();
        for mark in &self.marks {
            let is_gone = mark
                .gone
                .and_then(|gone| universe.bit(gone))
                .is_some_and(|bit| gone_at_the_end(bit, mark, flow, inputs, entries));
            let key = (mark.step, mark.target);
            *some.entry(key).or_default() |= is_gone;
            let stays = remains.entry(key).or_default();
            if !is_gone {
                stays.push(mark.line.clone().unwrap_or_default());
            }
        }
        remains.retain(|key, _| some[key]);
        remains
    }
}

/// Whether what a mark stands for is gone wherever the script comes to an end, if only to one that is no failure of its
/// own.
fn gone_at_the_end(bit: usize, mark: &Mark, flow: &Flow<'_>, inputs: &Inputs<Facts>, entries: &[Bits]) -> bool {
    let unit = if flow.called[mark.unit.0 as usize] { UnitId(0) } else { mark.unit };
    let holds = |nodes: &[NodeId]| {
        let mut states = nodes.iter().filter_map(|&node| inputs.get(node)).peekable();
        states.peek().is_some() && states.all(|state| state.must.has(bit, &entries[unit.0 as usize]))
    };
    let ends = flow.graph.units[unit.0 as usize].ends;
    // EXIT traps run behind the ends of the script.
    holds(&ends) || !mark.piles_up && if unit.0 == 0 { holds(&flow.graph.finished) } else { holds(&ends[..2]) }
}
