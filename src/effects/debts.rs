//! Debts: what an effect owes must be paid on every way from it to the end of the script.
//!
//! ```sh
//! systemctl stop app
//! tar xf "$release" || exit 1     # this way ends with the service stopped
//! systemctl start app
//! ```
//! Or it must be paid on every way to an end that reports success, such as to ask whether a promotion was one.
//!
//! A debt of the first kind that no way pays is no debt: stopping may be all that the script is for. Nor is it one where only the next
//! turn of a loop pays, which starts what it stops itself: what was not running is left so.

use super::bits::{Bits, Few};
use super::facts::Facts;
use super::step::{Occurrence, Step};
use super::thing::{Fact, Thing, ThingId, Things};
use super::universe::Universe;
use super::ways::{Walks, Ways};
use crate::flow::Flow;
use crate::flow::graph::{Edge, Graph, Kind, NodeId, UnitId};
use crate::flow::solve::Inputs;
use crate::flow::value::Values;
use crate::knowledge::{FactKind, ThingKind};
use hashbrown::{HashMap, HashSet};
use std::rc::Rc;
use thin_vec::ThinVec;

/// What an effect owes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owed {
    /// What must be made: any one of these.
    pub facts: Vec<Fact>,
    /// Whether it is owed before every success, and not only on the ways that forget what others do.
    pub always: bool,
}

/// A debt that some way leaves unpaid, and whether one does that comes to the last line.
type Left<'d> = (&'d Debt, bool);

/// What is owed and not paid: the step, and what it owes.
pub type Unpaid = HashSet<(ThingId, Rc<Owed>)>;

/// One thing owed by one step.
#[derive(Clone, Debug)]
pub struct Debt {
    /// Who owes.
    node: NodeId,
    pub step: ThingId,
    unit: UnitId,
    /// Where it stands.
    start: u32,
    /// Holds where nothing is owed.
    pub settled: Fact,
    /// What must be made.
    owed: Rc<Owed>,
}

impl Debt {
    /// Who owes.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The unit that it stands in.
    pub fn unit(&self) -> UnitId {
        self.unit
    }

    /// What must be made.
    pub fn owed(&self) -> &Rc<Owed> {
        &self.owed
    }
}

/// All debts of a script.
#[derive(Debug, Default)]
pub struct Debts {
    /// In order of the steps that owe.
    pub all: Vec<Debt>,
    /// For each thing that is owed, the steps that pay: trying to is enough, their own failure is another matter. Who only asks
    /// whether it is there settles it, and does not show that somebody means to pay.
    payers: HashMap<Rc<Owed>, Vec<NodeId>>,
}

impl Debts {
    /// The steps that pay what is owed, in order; none for what is owed before every success.
    pub fn payers(&self, owed: &Owed) -> &[NodeId] {
        self.payers.get(owed).map_or(&[], Vec::as_slice)
    }

    /// Has all that is owed before every success settled by whatever proves it, an answer as well.
    pub fn settle_by_proof(&self, universe: &mut Universe) {
        for debt in self.all.iter().filter(|debt| debt.owed.always) {
            if let Some(settled) = universe.bit(debt.settled) {
                debt.owed.facts.iter().for_each(|&fact| universe.bring(fact, settled));
            }
        }
    }

    /// The debts that paying a fact settles: often many, so that all who pay it share them.
    pub fn settled(&self, universe: &Universe) -> HashMap<Fact, Rc<Few>> {
        let mut settled: HashMap<Fact, Vec<usize>> = HashMap::new();
        for debt in &self.all {
            for &fact in debt.owed.facts.iter().filter(|_| !debt.owed.always) {
                settled.entry(fact).or_default().extend(universe.bit(debt.settled));
            }
        }
        settled.into_iter().map(|(owed, bits)| (owed, Rc::new(Few::of(bits)))).collect()
    }
}

/// Enters debts into the steps: the effect ends "settled", a step that pays makes it again.
pub fn enter(
    graph: &Graph<'_>,
    occurrences: &[Occurrence],
    steps: &mut [Option<Box<Step>>],
    (things, values): (&mut Things, &mut Values),
    owed: &dyn Fn(&Occurrence) -> Vec<Owed>,
) -> Debts {
    let mut debts = Debts::default();
    for occurrence in occurrences {
        for owed in owed(occurrence) {
            let owed = Rc::new(owed);
            // Each debt of a step is settled by itself.
            let of_step = things.get(occurrence.step).key[0];
            let number = values.constant(&format!("owes {:?}", owed.facts));
            let key = smallvec::smallvec![of_step, number];
            let thing = things.intern(Thing { kind: ThingKind::Step, root: None, key });
            debts.all.push(Debt {
                node: occurrence.node,
                step: occurrence.step,
                unit: occurrence.unit,
                start: occurrence.span.start,
                settled: Fact { kind: FactKind::Settled, thing },
                owed: Rc::clone(&owed),
            });
            debts.payers.entry(owed).or_default();
        }
    }
    if debts.all.is_empty() {
        return debts;
    }
    let mut of_fact: HashMap<Fact, Vec<Rc<Owed>>> = HashMap::new();
    for owed in debts.payers.keys().filter(|owed| !owed.always) {
        owed.facts.iter().for_each(|&fact| of_fact.entry(fact).or_default().push(Rc::clone(owed)));
    }
    for (at, step) in steps.iter_mut().enumerate() {
        let Some(step) = step else { continue };
        let mut pays = ThinVec::new();
        for fact in &step.ok {
            for owed in of_fact.get(fact).into_iter().flatten() {
                if !step.asks
                    && let Some(payers) = debts.payers.get_mut(owed)
                {
                    payers.push(NodeId(at as u32));
                }
                pays.push(*fact);
            }
        }
        if !pays.is_empty() {
            step.rare_mut().pays.extend(pays);
        }
    }
    for (started, first) in jobs(graph) {
        let pays = steps[first.0 as usize].as_ref().map(|step| step.pays.clone()).unwrap_or_default();
        if !pays.is_empty() {
            steps[started.0 as usize].get_or_insert_default().rare_mut().pays.extend(pays);
        }
    }
    for debt in &debts.all {
        if let Some(step) = &mut steps[debt.node.0 as usize] {
            step.ok_ends.push(debt.settled);
        }
    }
    debts
}

/// The jobs in the background: where the shell goes on once one is started, and the command that each begins with. It runs
/// whatever becomes of the shell.
fn jobs(graph: &Graph<'_>) -> Vec<(NodeId, NodeId)> {
    let forks = (0..graph.nodes.len()).map(|at| NodeId(at as u32));
    let job = |fork: NodeId| {
        let started = graph.successor(fork, Edge::Fail)?;
        let mut first = graph.successor(fork, Edge::Ok)?;
        while matches!(graph.node(first).kind, Kind::Enter(_) | Kind::Join) {
            first = graph.successor(first, Edge::Ok)?;
        }
        matches!(graph.node(first).kind, Kind::Simple(_)).then_some((started, first))
    };
    forks.filter(|&at| matches!(graph.node(at).kind, Kind::Fork)).filter_map(job).collect()
}

/// The debts that some way to the end leaves unpaid, although another way pays, or that are always owed; and whether the ways were all gone.
pub fn unpaid(
    debts: &Debts,
    flow: &Flow<'_>,
    ways: &Ways,
    universe: &Universe,
    inputs: &Inputs<Facts>,
    entries: &[Bits],
) -> (Unpaid, bool) {
    // What is owed alike has one walk, and the marks of one walk are there at a time: a script has many nodes.
    let mut left: Vec<(&Rc<Owed>, Vec<Left<'_>>)> = Vec::new();
    let mut places: HashMap<&Rc<Owed>, usize> = HashMap::new();
    let mut unpaid = HashSet::new();
    for debt in &debts.all {
        // The end of the script settles for the functions that it calls; a function that nobody calls settles by itself.
        let unit = if flow.called[debt.unit.0 as usize] { UnitId(0) } else { debt.unit };
        let bit = universe.bit(debt.settled);
        let is_left = |end: NodeId| {
            let lacks = |bit| inputs.get(end).is_some_and(|state| !state.must.has(bit, &entries[unit.0 as usize]));
            bit.is_some_and(lacks)
        };
        let ends = &flow.graph.units[unit.0 as usize].ends;
        if debt.owed.always {
            if flow.graph.successes(unit).into_iter().any(is_left) {
                unpaid.insert((debt.step, Rc::clone(&debt.owed)));
            }
            continue;
        }
        if ends.iter().any(|&end| is_left(end)) {
            let place = *places.entry(&debt.owed).or_insert_with(|| {
                left.push((&debt.owed, Vec::new()));
                left.len() - 1
            });
            // Who comes to the last line so means to.
            let finished = if unit.0 == 0 { &flow.graph.finished[..] } else { &ends[..2] };
            left[place].1.push((debt, finished.iter().any(|&end| is_left(end))));
        }
    }
    let mut walks = Walks::over(ways.len());
    for (owed, debts_left) in left {
        let payers = debts.payers.get(owed).map_or(&[][..], Vec::as_slice);
        if payers.is_empty() {
            continue;
        }
        let pays = behind(payers, flow, ways, &mut walks);
        for (debt, is_meant) in debts_left.into_iter().filter(|(debt, _)| pays[debt.node.0 as usize]) {
            let is_next_turn = |&payer: &NodeId| {
                is_meant
                    && flow.graph.node(payer).unit == debt.unit
                    && flow.graph.node(payer).span.start < debt.start
                    && stands_in_front(payer, debt.node, flow, ways, &mut walks)
            };
            let (next, others): (Vec<NodeId>, Vec<NodeId>) = payers.iter().copied().partition(is_next_turn);
            if next.is_empty() || behind(&others, flow, ways, &mut walks)[debt.node.0 as usize] {
                unpaid.insert((debt.step, Rc::clone(owed)));
            }
        }
    }
    (unpaid, walks.enough())
}

/// Whether every way to a node leads through another one. Not, if that would take too long.
fn stands_in_front(first: NodeId, node: NodeId, flow: &Flow<'_>, ways: &Ways, walks: &mut Walks) -> bool {
    let entry = flow.graph.units[flow.graph.node(node).unit.0 as usize].entry;
    walks.begin();
    let mut waiting = vec![node];
    while let Some(at) = waiting.pop() {
        if at == entry || !walks.take_step() {
            return false;
        }
        if at != first && walks.see(at) {
            waiting.extend(ways.ahead_of(at));
        }
    }
    true
}

/// The nodes from which a way leads to one of these, through calls as well. All, if that would take too long: a cap never
/// silences a finding.
///
/// Out of a function a way leads to what stands behind its only call. Where there are several, what is behind one of them
/// pays nothing for another: `stop` and `restart` both stop, and only one of them means to start again.
fn behind(nodes: &[NodeId], flow: &Flow<'_>, ways: &Ways, walks: &mut Walks) -> Vec<bool> {
    let mut leads = vec![false; ways.len()];
    let mut waiting = nodes.to_vec();
    while let Some(node) = waiting.pop() {
        if !walks.take_step() {
            return vec![true; ways.len()];
        }
        let mut lead = |previous: NodeId| {
            if !std::mem::replace(&mut leads[previous.0 as usize], true) {
                waiting.push(previous);
            }
        };
        let unit = flow.graph.node(node).unit;
        if flow.graph.units[unit.0 as usize].entry == node {
            flow.calls.of(unit).iter().for_each(|call| lead(call.node));
        }
        for &previous in ways.ahead_of(node) {
            lead(previous);
            let callees = flow.calls.callees(previous).iter();
            for callee in callees.filter(|callee| flow.calls.of(**callee).len() == 1) {
                flow.graph.units[callee.0 as usize].ends.into_iter().for_each(&mut lead);
            }
        }
    }
    leads
}
