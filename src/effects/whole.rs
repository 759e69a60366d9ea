//! The whole script: units up the calls as summaries, then down the calls as what holds at every call.

use super::bits::{Bits, Few};
use super::compile::Compiled;
use super::domain::{Solving, Summary};
use super::facts::Facts;
use super::predicates::Predicate;
use super::question::Question;
use super::step::Step;
use super::thing::Things;
use super::universe::Universe;
use super::variants::Variants;
use crate::flow::Flow;
use crate::flow::calls::Call;
use crate::flow::graph::{Edge, Kind, NodeId, Slot, UnitId};
use crate::flow::solve::{Inputs, solve};
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// How often a recursive group is gone through before its summaries are taken as they are.
const MOST_ROUNDS: usize = 8;

/// Which calls of a unit are meant.
pub enum Which<'q> {
    /// All of them.
    All,
    /// All, and what holds there if a slot has an answer.
    Under(Slot, &'q Question),
    /// These.
    Among(&'q [NodeId]),
}

/// The whole script: units up the calls, then down.
pub struct Whole<'a, 't> {
    pub flow: &'a Flow<'t>,
    pub steps: &'a [Option<Box<Step>>],
    pub compiled: &'a [Option<Box<Compiled>>],
    pub live: Vec<u8>,
    pub links: &'a HashMap<(NodeId, UnitId), super::domain::Link>,
    pub universe: &'a Universe,
    pub things: &'a Things,
    pub tracked: &'a std::rc::Rc<[Slot]>,
    pub asked_last: &'a HashMap<u32, NodeId>,
    pub merged: &'a super::merged::Merged,
    pub answers: &'a super::twins::Answers,
    pub printing: &'a [bool],
    pub predicates: &'a [Option<Predicate>],
    pub statuses: [std::rc::Rc<super::facts::Cases>; 2],
    /// What holds where the script begins.
    pub at_start: Bits,
    pub local: &'a Few,
    pub inputs: Inputs<Facts>,
    pub summaries: Vec<Option<Summary>>,
    pub complete: bool,
}

impl Whole<'_, '_> {
    fn unit(&mut self, unit: UnitId) {
        let is_script = unit.0 == 0;
        let entry = Facts::entry(
            self.universe.len(),
            is_script.then_some(&self.at_start),
            self.tracked,
            self.printing[unit.0 as usize],
        );
        let node = self.flow.graph.units[unit.0 as usize].entry;
        if self.flow.inputs.get(node).is_none() {
            return;
        }
        self.inputs.set(node, entry);
        let flow = self.flow;
        let callees = |node: NodeId| flow.calls.callees(node);
        let assigned_inside = |enter: NodeId, leave: NodeId, number: u32| {
            // Another shell has variables of its own from its first command on: what counts is what it does to them.
            let node = flow.graph.node(enter);
            let first = node.edges.iter().next().filter(|_| matches!(node.kind, Kind::Enter(_)));
            let (before, after) = (flow.inputs.get(first.map_or(enter, |(_, to)| to)), flow.inputs.get(leave));
            match (before, after) {
                (Some(before), Some(after)) => {
                    before.variables.get(number) != after.variables.get(number) || before.epoch != after.epoch
                }
                _ => true,
            }
        };
        let pipefail = |node: NodeId| {
            flow.inputs
                .get(node)
                .map_or((true, true), |state| (state.pipefail.may_be_on(), state.pipefail.may_be_off()))
        };
        let mut domain = Solving {
            graph: &flow.graph,
            steps: self.steps,
            compiled: self.compiled,
            live: &self.live,
            callees: &callees,
            summaries: &self.summaries,
            links: self.links,
            universe: self.universe,
            things: self.things,
            tracked: self.tracked,
            asked_last: self.asked_last,
            merged: self.merged,
            answers: self.answers,
            statuses: self.statuses.clone(),
            local: self.local,
            locals: &self.flow.locals,
            assigned_inside: &assigned_inside,
            predicates: self.predicates,
            pipefail: &pipefail,
        };
        let enough = solve(&flow.graph, &flow.orders, unit, &mut domain, &mut self.inputs);
        self.complete &= enough;
        let ends = flow.graph.units[unit.0 as usize].ends.map(|end| self.inputs.get(end).cloned());
        self.summaries[unit.0 as usize] = Some(Summary { ends });
    }

    /// Up the calls. A recursive group starts from "never comes back" and is gone through until it settles.
    pub fn up(&mut self) {
        let order = self.flow.calls.bottom_up.clone();
        let mut at = 0;
        while at < order.len() {
            let unit = order[at];
            if !self.flow.calls.is_recursive(unit) {
                self.unit(unit);
                at += 1;
                continue;
            }
            let group: Vec<UnitId> =
                order[at..].iter().copied().take_while(|&unit| self.flow.calls.is_recursive(unit)).collect();
            at += group.len();
            for round in 0..MOST_ROUNDS {
                let before: Vec<Option<Summary>> =
                    group.iter().map(|unit| self.summaries[unit.0 as usize].clone()).collect();
                for &unit in &group {
                    // What an inner call leaves behind was another thing the last time.
                    for &node in &self.flow.orders.unit(unit).nodes {
                        self.inputs.clear(node);
                    }
                    self.unit(unit);
                }
                let settled =
                    group.iter().zip(&before).all(|(unit, before)| match (&self.summaries[unit.0 as usize], before) {
                        (Some(after), Some(before)) => after.ends == before.ends,
                        _ => false,
                    });
                if settled {
                    break;
                }
                if round + 1 == MOST_ROUNDS {
                    self.complete = false;
                }
            }
        }
    }

    /// Rules out the failures inside of functions that are impossible by what holds at every call, and solves anew where
    /// there are any. Says whether there are.
    pub fn rule_out(&mut self, entries: &[Bits]) -> bool {
        let mut any = false;
        for (at, step) in self.steps.iter().enumerate() {
            let Some(fact) = step.as_ref().and_then(|step| step.sure_if) else { continue };
            let id = NodeId(at as u32);
            let entry = &entries[self.flow.graph.node(id).unit.0 as usize];
            if let Some(bit) = self.universe.bit(fact)
                && let Some(state) = self.inputs.get(id)
                && self.flow.calls.callees(id).is_empty()
                && !state.must.has_low(bit)
                && state.must.has(bit, entry)
            {
                self.live[at] &= !Edge::Fail.bit();
                any = true;
            }
        }
        if any {
            self.inputs = Inputs::new(self.steps.len());
            self.summaries.fill(None);
            self.up();
        }
        any
    }

    /// Down the calls: the facts at the entry of each unit that hold at every call. What holds there of all that a thing
    /// may be holds of the thing that the unit makes of them.
    pub fn entries(&self, variants: &Variants) -> Vec<Bits> {
        let made = variants.by_unit(&self.flow.graph, self.universe);
        let size = self.universe.len();
        let count = self.flow.graph.units.len();
        let at_start = &self.at_start;
        let mut entries: Vec<Option<Bits>> = vec![None; count];
        entries[0] = Some(at_start.clone());
        // Callers come first, so that each unit is looked at once where nobody calls itself.
        let order: Vec<UnitId> = self.flow.calls.bottom_up.iter().rev().copied().filter(|unit| unit.0 != 0).collect();
        let mut places = vec![0; count];
        let mut called_by: Vec<Vec<UnitId>> = vec![Vec::new(); count];
        for (at, &unit) in order.iter().enumerate() {
            places[unit.0 as usize] = at;
            for call in self.flow.calls.of(unit) {
                let callees = &mut called_by[call.caller.0 as usize];
                if callees.last() != Some(&unit) {
                    callees.push(unit);
                }
            }
        }
        // A caller of which nothing is known yet says nothing: what holds at an entry only ever gets less, down to what is
        // true of all callers, and whoever calls from an entry that has got less is asked again.
        let mut waiting: BTreeSet<usize> = (0..order.len()).collect();
        let mut from = 0;
        while let Some(at) = waiting.range(from..).next().or_else(|| waiting.first()).copied() {
            waiting.remove(&at);
            from = at + 1;
            let unit = order[at];
            let meet = self.at_calls(unit, &|caller| entries[caller.0 as usize].as_ref(), &Which::All);
            // Nobody in the script calls it: whoever does has done nothing that is known.
            let mut entry = meet
                .unwrap_or_else(|| if self.flow.called[unit.0 as usize] { Bits::all(size) } else { at_start.clone() });
            for (all, bit) in made.get(&unit).into_iter().flatten() {
                if all.iter().all(|&one| entry.has(one)) {
                    entry.add(*bit);
                }
            }
            let known = &mut entries[unit.0 as usize];
            if let Some(known) = known {
                entry.intersect(known);
            }
            if known.as_ref() != Some(&entry) {
                *known = Some(entry);
                waiting.extend(called_by[unit.0 as usize].iter().map(|callee| places[callee.0 as usize]));
            }
        }
        entries.into_iter().map(|entry| entry.unwrap_or_else(|| at_start.clone())).collect()
    }

    /// What holds at the calls of a unit that are meant, by the names that it has for things; none where there are none.
    pub fn at_calls<'e>(
        &self,
        unit: UnitId,
        entry: &dyn Fn(UnitId) -> Option<&'e Bits>,
        which: &Which<'_>,
    ) -> Option<Bits> {
        let size = self.universe.len();
        let (mut holds, mut inside) = (Bits::none(size), Bits::none(size));
        let mut meet: Option<Bits> = None;
        for &Call { node, caller, .. } in self.flow.calls.of(unit) {
            let (Some(state), Some(entry)) = (self.inputs.get(node), entry(caller)) else { continue };
            match *which {
                Which::All => state.within(entry, &mut holds),
                Which::Under(slot, question) => match state.clone().assume(slot, question, true) {
                    Some(state) => state.within(entry, &mut holds),
                    // The flag is not set so at this call.
                    None => continue,
                },
                Which::Among(calls) if calls.contains(&node) => state.within(entry, &mut holds),
                Which::Among(_) => continue,
            }
            // What the words of the call are is known once they are expanded.
            for &(file, text) in self.compiled[node.0 as usize].iter().flat_map(|step| &step.copies) {
                if holds.has(file) {
                    holds.add(text);
                }
            }
            inside.set_words(holds.words().iter().copied());
            for &(inner, outer) in self.links.get(&(node, unit)).iter().flat_map(|link| &link.pairs) {
                if holds.has(outer) {
                    inside.add(inner);
                } else {
                    inside.remove(inner);
                }
            }
            match &mut meet {
                Some(known) => known.intersect(&inside),
                None => meet = Some(inside.clone()),
            }
        }
        meet
    }
}
