//! What a run has open at a place: what it closes itself further down, and what an end that a fix puts there would leave.
//!
//! ```sh
//! mount /dev/vg0/snap /mnt/snap
//! tar -czf "$OUT" -C /mnt/snap .     # `|| exit 1` here would leave it mounted
//! umount /mnt/snap
//! ```
//! Something mounted, a volume, a lock, a service that is stopped, a safety that is off. What an EXIT trap closes is closed
//! at every end.

use super::bits::{Bits, Few};
use super::facts::Facts;
use super::opposites;
use super::payments::movable;
use super::step::{Occurrence, Step};
use super::thing::{Fact, Thing, Things};
use super::universe::Universe;
use crate::flow::Flow;
use crate::flow::graph::{Kind, NodeId, TrapSignal, UnitId};
use crate::flow::solve::Inputs;
use crate::flow::value::Values;
use crate::knowledge::{EffectKind, FactKind, How, Knowledge, PathClass, ThingKind};
use crate::span::Span;
use hashbrown::{HashMap, HashSet};
use std::rc::Rc;

/// The mark of what takes a lock.
const HOLDS_LOCK: &str = "holds-lock";
/// The mark of what puts on hold what watches.
const SUSPENDS: &str = "suspends";
/// The mark of what takes a machine out of the traffic.
const DRAINS: &str = "drains";
/// So many things are followed.
const MOST_THINGS: usize = 32;

/// All that a script opens and closes.
#[derive(Debug, Default)]
pub struct Opened {
    all: Vec<Pair>,
}

/// A thing that is opened and closed.
#[derive(Debug)]
struct Pair {
    /// Holds where it is not open.
    settled: Fact,
    /// Holds where it was tried to open it, and not to close it since.
    tried: Fact,
    /// The units in which it is opened.
    opened_in: HashSet<UnitId>,
    closers: HashSet<NodeId>,
    /// By the unit: where it is closed last.
    closed_at: HashMap<UnitId, u32>,
    /// How the script closes it, where that can be written at another place and loses nothing.
    closing: Option<Box<str>>,
}

/// What is open at a place, and how it is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Some of it is closed further down in the same function, or script outside of functions.
    pub is_closed_here: bool,
    /// The commands that close all of it, what was opened last first; none where that cannot be written.
    pub closing: Option<Vec<Box<str>>>,
}

/// What is open around a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// In front of it.
    pub before: Option<Open>,
    /// Behind it: what it opens itself is in doubt where its failure is asked about.
    pub behind: Option<Open>,
}

/// For the places at which something is open.
pub type Places = HashMap<Span, Around>;

/// Enters into the steps what opens things, and what closes them.
pub fn enter(
    flow: &mut Flow<'_>,
    (source, knowledge): (&[u8], &Knowledge),
    occurrences: &[Occurrence],
    steps: &mut [Option<Box<Step>>],
    things: &mut Things,
) -> Opened {
    let mut openers: Vec<(Fact, Vec<NodeId>, bool)> = Vec::new();
    let mut numbers: HashMap<Fact, usize> = HashMap::new();
    for occurrence in occurrences {
        let Some(closed) = closed(occurrence) else { continue };
        let loses_nothing = occurrence.effect != EffectKind::Service;
        match numbers.get(&closed) {
            Some(&at) => openers[at].1.push(occurrence.node),
            None if openers.len() < MOST_THINGS => {
                numbers.insert(closed, openers.len());
                openers.push((closed, vec![occurrence.node], loses_nothing));
            }
            None => {}
        }
    }
    openers.sort_by_key(|(_, nodes, _)| flow.graph.node(nodes[0]).span.start);
    numbers = openers.iter().enumerate().map(|(at, (closed, ..))| (*closed, at)).collect();
    let mut closers: Vec<Vec<NodeId>> = vec![Vec::new(); openers.len()];
    for (at, step) in steps.iter().enumerate() {
        let Some(step) = step.as_deref().filter(|step| !step.asks && !step.touches.is_empty()) else { continue };
        for number in step.ok.iter().filter_map(|fact| numbers.get(fact)) {
            closers[*number].push(NodeId(at as u32));
        }
    }
    let known: HashSet<NodeId> = openers.iter().flat_map(|(_, nodes, _)| nodes).copied().collect();
    let by_effect = openers.into_iter().zip(closers).map(|((_, openers, moves), closers)| (openers, closers, moves));
    // What a command does that is only known by its words is not put at another place.
    let by_words = opposites::find(flow, source, knowledge)
        .into_iter()
        .filter(|(openers, _)| !openers.iter().any(|node| known.contains(node)));
    let by_words = by_words.map(|(openers, closers)| (openers, closers, false)).take(MOST_THINGS);
    let mut opened = Opened::default();
    let is_trapped = trapped(flow, u32::MAX);
    for (openers, closers, loses_nothing) in by_effect.chain(by_words).collect::<Vec<_>>() {
        if closers.is_empty() || closers.iter().any(|&node| is_trapped(flow, node)) {
            continue;
        }
        let (settled, tried) = facts(opened.all.len(), things, &mut flow.values);
        for node in &openers {
            let step = steps[node.0 as usize].get_or_insert_default();
            step.ok_ends.push(settled);
            step.ok.push(tried);
            step.fail.push(tried);
        }
        for node in &closers {
            let step = steps[node.0 as usize].get_or_insert_default();
            step.rare_mut().pays.push(settled);
            step.ok_ends.push(tried);
            step.fail_ends.push(tried);
        }
        let closing = if loses_nothing { closing(&closers, flow, source) } else { None };
        let opened_in = openers.iter().map(|&node| flow.graph.node(node).unit).collect();
        let mut closed_at: HashMap<UnitId, u32> = HashMap::new();
        for node in closers.iter().map(|&node| flow.graph.node(node)) {
            let last = closed_at.entry(node.unit).or_default();
            *last = node.span.start.max(*last);
        }
        let closers = closers.into_iter().collect();
        opened.all.push(Pair { settled, tried, opened_in, closers, closed_at, closing });
    }
    opened
}

/// That a thing is not open, and that it was tried to open it.
fn facts(number: usize, things: &mut Things, values: &mut Values) -> (Fact, Fact) {
    let key = smallvec::smallvec![values.constant(&format!("opened {number}"))];
    let thing = things.intern(Thing { kind: ThingKind::Step, root: None, key });
    (Fact { kind: FactKind::Settled, thing }, Fact { kind: FactKind::Succeeded, thing })
}

/// What is so once that is closed which an effect opens.
fn closed(occurrence: &Occurrence) -> Option<Fact> {
    let is_marked = |name: &str| occurrence.marks.iter().any(|mark| **mark == *name);
    let kind = match (occurrence.effect, occurrence.how) {
        (EffectKind::Service, How::Stop) => FactKind::Active,
        (EffectKind::Create, How::Mount | How::Volume) => FactKind::Absent,
        (EffectKind::Create | EffectKind::Write, _) if occurrence.class == PathClass::Lock || is_marked(HOLDS_LOCK) => {
            FactKind::Absent
        }
        // An empty file says something to somebody: maintenance is on.
        (EffectKind::Create, How::File) if occurrence.class != PathClass::Scratch => FactKind::Absent,
        _ if is_marked(SUSPENDS) => FactKind::Absent,
        _ if is_marked(DRAINS) => FactKind::Exists,
        _ => return None,
    };
    Some(Fact { kind, thing: occurrence.target })
}

/// Whether a node runs where an EXIT trap does that is set in front of a place.
pub(super) fn trapped(flow: &Flow<'_>, set_before: u32) -> impl Fn(&Flow<'_>, NodeId) -> bool + use<> {
    let exits = flow.graph.traps.iter().filter(|trap| trap.signal == TrapSignal::Exit);
    let actions: Vec<Span> = exits.map(|trap| trap.set_at).filter(|set| set.start < set_before).collect();
    let mut units: HashSet<UnitId> = HashSet::new();
    if !actions.is_empty() {
        let is_in_action =
            |span: Span| actions.iter().any(|action| action.start <= span.start && span.end <= action.end);
        let mut changed = true;
        while changed {
            changed = false;
            for at in 0..flow.graph.units.len() {
                let unit = UnitId(at as u32);
                let is_called = flow.calls.of(unit).iter().any(|call| {
                    let node = flow.graph.node(call.node);
                    is_in_action(node.span) || units.contains(&node.unit)
                });
                changed |= is_called && units.insert(unit);
            }
        }
    }
    move |flow, node| {
        let node = flow.graph.node(node);
        units.contains(&node.unit)
            || actions.iter().any(|action| action.start <= node.span.start && node.span.end <= action.end)
    }
}

/// The command with which the script closes a thing, where it has one for it that means the same elsewhere.
fn closing(closers: &[NodeId], flow: &Flow<'_>, source: &[u8]) -> Option<Box<str>> {
    let mut texts = closers.iter().map(|&node| match &flow.graph.node(node).kind {
        Kind::Simple(simple) => movable(simple, flow.graph.node(node).unit, flow, source),
        _ => None,
    });
    let first = texts.next()??;
    texts.all(|text| text == Some(first)).then(|| first.into())
}

impl Opened {
    /// The facts that are followed for it.
    pub fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        self.all.iter().flat_map(|pair| [pair.settled, pair.tried])
    }

    /// What closing each thing settles.
    pub fn settled(&self, universe: &Universe) -> impl Iterator<Item = (Fact, Rc<Few>)> {
        let bits = self.all.iter().filter_map(|pair| Some((pair.settled, universe.bit(pair.settled)?)));
        bits.map(|(fact, bit)| (fact, Rc::new(Few::of(vec![bit]))))
    }

    /// What is open around each command, and around what has effects.
    pub fn places(
        &self,
        occurrences: &[Occurrence],
        flow: &Flow<'_>,
        universe: &Universe,
        inputs: &Inputs<Facts>,
        entries: &[Bits],
    ) -> Places {
        let mut places = Places::new();
        if self.all.is_empty() {
            return places;
        }
        let simple = flow.graph.nodes.iter().enumerate().filter_map(|(at, node)| match &node.kind {
            Kind::Simple(simple) => Some((NodeId(at as u32), simple.command.span)),
            _ => None,
        });
        let others = occurrences.iter().map(|occurrence| (occurrence.node, occurrence.spot.span));
        for (node, span) in simple.chain(others) {
            let Some(state) = inputs.get(node) else { continue };
            let unit = flow.graph.node(node).unit;
            let holds = |fact| universe.bit(fact).is_none_or(|bit| state.must.has(bit, &entries[unit.0 as usize]));
            let open: Vec<(&Pair, bool)> = self
                .all
                .iter()
                .filter(|pair| !holds(pair.settled) && pair.is_closed_behind(span, unit))
                .map(|pair| (pair, holds(pair.tried)))
                .collect();
            let left: Vec<(&Pair, bool)> =
                open.iter().filter(|(pair, _)| !pair.closers.contains(&node)).copied().collect();
            let told = |pairs: &[(&Pair, bool)]| Open::of(pairs, unit);
            let around = Around { before: told(&open), behind: told(&left) };
            if around != Around::default() {
                places.insert(span, around);
            }
        }
        places
    }
}

impl Pair {
    /// Whether the script means to close it behind a place: not where closing it is all that the function around is for.
    fn is_closed_behind(&self, place: Span, unit: UnitId) -> bool {
        let is_only_here = self.closed_at.len() == 1 && self.closed_at.contains_key(&unit);
        let is_for_that = unit.0 != 0 && is_only_here && !self.opened_in.contains(&unit);
        let is_behind = |(other, last): (&UnitId, &u32)| *other != unit || *last >= place.start;
        !is_for_that && self.closed_at.iter().any(is_behind)
    }
}

impl Open {
    fn of(pairs: &[(&Pair, bool)], unit: UnitId) -> Option<Self> {
        let is_here = |pair: &Pair| pair.closed_at.contains_key(&unit);
        let last_first = pairs.iter().rev();
        let closing = last_first.map(|(pair, is_sure)| pair.closing.clone().filter(|_| *is_sure)).collect();
        (!pairs.is_empty()).then(|| Self { is_closed_here: pairs.iter().any(|(pair, _)| is_here(pair)), closing })
    }
}
