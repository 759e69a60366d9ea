//! Debts: what an effect owes must be paid on every way from it to the end of the script.
//!
//! ```sh
//! systemctl stop app
//! tar xf "$release" || exit 1     # this way ends with the service stopped
//! systemctl start app
//! ```
//! A debt that no way pays is no debt: stopping may be all that the script is for.

use super::bits::Bits;
use super::domain::edge_bit;
use super::facts::Facts;
use super::step::{Occurrence, Step};
use super::thing::{Fact, ThingId};
use super::universe::Universe;
use crate::flow::Flow;
use crate::flow::graph::{NodeId, UnitId};
use crate::flow::solve::Inputs;
use crate::knowledge::FactKind;
use std::collections::{HashMap, HashSet};

/// One thing owed by one step.
#[derive(Clone, Debug)]
pub struct Debt {
    /// Who owes.
    node: NodeId,
    step: ThingId,
    unit: UnitId,
    /// Holds where nothing is owed.
    pub settled: Fact,
    /// What must be made.
    owed: Fact,
    /// The steps that pay: trying to is enough, their own failure is another matter.
    payers: Vec<NodeId>,
}

/// Enters debts into the steps: the effect ends "settled", a step that pays makes it again.
pub fn enter(
    occurrences: &[Occurrence],
    steps: &mut [Option<Step>],
    owed: &dyn Fn(&Occurrence) -> Vec<Fact>,
) -> Vec<Debt> {
    let mut debts: Vec<Debt> = Vec::new();
    for occurrence in occurrences {
        for fact in owed(occurrence) {
            let settled = Fact { kind: FactKind::Settled, thing: occurrence.step };
            debts.push(Debt {
                node: occurrence.node,
                step: occurrence.step,
                unit: occurrence.unit,
                settled,
                owed: fact,
                payers: Vec::new(),
            });
        }
    }
    if debts.is_empty() {
        return debts;
    }
    let mut makers: HashMap<Fact, Vec<NodeId>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        for &fact in step.iter().flat_map(|step| &step.ok) {
            makers.entry(fact).or_default().push(NodeId(at as u32));
        }
    }
    for debt in &mut debts {
        debt.payers = makers.get(&debt.owed).cloned().unwrap_or_default();
        if let Some(step) = &mut steps[debt.node.0 as usize] {
            step.ok_ends.push(debt.settled);
        }
        for payer in &debt.payers {
            if let Some(step) = &mut steps[payer.0 as usize] {
                step.ok.push(debt.settled);
                step.fail.push(debt.settled);
            }
        }
    }
    debts
}

/// The debts that some way to the end leaves unpaid, although another way pays.
pub fn unpaid(
    debts: &[Debt],
    flow: &Flow<'_>,
    live: &[u8],
    universe: &Universe,
    inputs: &Inputs<Facts>,
    entries: &[Bits],
) -> HashSet<(ThingId, Fact)> {
    debts
        .iter()
        .filter(|debt| {
            // The end of the script settles for the functions that it calls; a function that nobody calls settles by itself.
            let unit = if flow.called[debt.unit.0 as usize] { UnitId(0) } else { debt.unit };
            let left = flow.graph.units[unit.0 as usize].ends.iter().filter_map(|&end| inputs.get(end)).any(|state| {
                universe.bit(debt.settled).is_some_and(|bit| {
                    !(state.must.low.has(bit) || state.must.high.has(bit) && entries[unit.0 as usize].has(bit))
                })
            });
            left && pays(debt, flow, live)
        })
        .map(|debt| (debt.step, debt.owed))
        .collect()
}

/// Whether a way from the effect leads to a step that pays.
fn pays(debt: &Debt, flow: &Flow<'_>, live: &[u8]) -> bool {
    let payers: HashSet<NodeId> = debt.payers.iter().copied().collect();
    let mut seen = HashSet::new();
    let mut waiting = vec![debt.node];
    while let Some(node) = waiting.pop() {
        for &(edge, next) in &flow.graph.node(node).edges {
            if live[node.0 as usize] & edge_bit(edge) != 0 && seen.insert(next) {
                if payers.contains(&next) {
                    return true;
                }
                waiting.push(next);
            }
        }
    }
    false
}
