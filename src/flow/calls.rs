//! Who calls whom, and in which order to look at them.
//!
//! No callee is analysed per call: a unit is looked at once on the way up (what does it leave behind) and once
//! on the way down (what holds at every call).

use super::graph::{Graph, Kind, NodeId, UnitId, UnitKind};
use super::state::Flag;
use hashbrown::HashMap;

/// Of a function with more definitions a call is followed to those in front of it, and then to those behind it, that are
/// nearest.
const MOST_DEFINITIONS: usize = 16;

/// One call of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The command that calls.
    pub node: NodeId,
    /// The unit it stands in.
    pub caller: UnitId,
    /// What it calls. A function that is defined several times gives a call for each.
    pub callee: UnitId,
    /// Errexit is ignored around the call.
    pub ignored: bool,
}

/// All calls of a script.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// In order of position.
    pub all: Vec<Call>,
    /// Units with callees before callers; a recursive group in any order.
    pub bottom_up: Vec<UnitId>,
    /// For each unit: whether errexit is ignored throughout (on), nowhere (off), or at some calls (either).
    pub ignored: Vec<Flag>,
    /// Where the calls of each node begin in the list of callees, and behind the last node its end; empty without calls.
    starts: Vec<u32>,
    /// The callees of all calls, in order.
    callees: Vec<UnitId>,
    /// By the unit: the calls of it, in order of position.
    called: Vec<Vec<Call>>,
    recursive: hashbrown::HashSet<UnitId>,
    /// Some call is not followed to all definitions of what it calls.
    pub overrun: bool,
}

impl Calls {
    /// The units that a command calls; empty where it calls no function of the script.
    pub fn callees(&self, node: NodeId) -> &[UnitId] {
        let at = node.0 as usize;
        match self.starts.get(at..at + 2) {
            Some(&[start, end]) => &self.callees[start as usize..end as usize],
            _ => &[],
        }
    }

    /// Tables the calls, which are in order of their nodes, by node and by callee.
    fn index(&mut self, graph: &Graph<'_>) {
        let (nodes, units) = (graph.nodes.len(), graph.units.len());
        self.called = vec![Vec::new(); units];
        if self.all.is_empty() {
            return;
        }
        for call in &self.all {
            self.called[call.callee.0 as usize].push(*call);
        }
        self.callees = self.all.iter().map(|call| call.callee).collect();
        self.starts = vec![0; nodes + 1];
        for call in &self.all {
            self.starts[call.node.0 as usize + 1] += 1;
        }
        for at in 0..nodes {
            self.starts[at + 1] += self.starts[at];
        }
    }

    /// Whether a unit can call itself.
    pub fn is_recursive(&self, unit: UnitId) -> bool {
        self.recursive.contains(&unit)
    }

    /// The calls of a unit.
    pub fn of(&self, callee: UnitId) -> &[Call] {
        &self.called[callee.0 as usize]
    }
}

/// Finds all calls and orders the units.
pub fn find(graph: &Graph<'_>) -> Calls {
    let mut calls = Calls::default();
    let many = graph.functions.iter().filter(|(_, units)| units.len() > MOST_DEFINITIONS);
    let many: HashMap<u32, Vec<(u32, UnitId)>> = many.map(|(&name, units)| (name, placed(graph, units))).collect();
    for (at, node) in graph.nodes.iter().enumerate() {
        let Kind::Simple(simple) = &node.kind else { continue };
        let Some(name) = &simple.name else { continue };
        let Some(number) = graph.names.find(name) else { continue };
        let Some(callees) = graph.functions.get(&number) else { continue };
        let id = NodeId(at as u32);
        let call = |callee: UnitId| Call { node: id, caller: node.unit, callee, ignored: simple.ignored };
        match many.get(&number) {
            Some(placed) => {
                let behind = placed.partition_point(|(start, _)| *start < node.span.start);
                let first = behind.saturating_sub(MOST_DEFINITIONS);
                calls.all.extend(placed[first..].iter().take(MOST_DEFINITIONS).map(|&(_, unit)| call(unit)));
                calls.overrun = true;
            }
            None => calls.all.extend(callees.iter().map(|&unit| call(unit))),
        }
    }
    calls.index(graph);
    order(graph, &mut calls);
    modes(graph, &mut calls);
    calls
}

/// Units in order of the places where their functions are defined.
fn placed(graph: &Graph<'_>, units: &[UnitId]) -> Vec<(u32, UnitId)> {
    let start = |unit: UnitId| match &graph.units[unit.0 as usize].kind {
        UnitKind::Function(name) => name.span.start,
        UnitKind::Script => 0,
    };
    let mut placed: Vec<(u32, UnitId)> = units.iter().map(|&unit| (start(unit), unit)).collect();
    placed.sort_unstable();
    placed
}

/// Strongly connected components by Tarjan's algorithm, without recursion.
fn order(graph: &Graph<'_>, calls: &mut Calls) {
    let count = graph.units.len();
    let mut callees: Vec<Vec<usize>> = vec![Vec::new(); count];
    for call in &calls.all {
        callees[call.caller.0 as usize].push(call.callee.0 as usize);
    }
    let (mut index, mut low, mut on_stack) = (vec![usize::MAX; count], vec![0; count], vec![false; count]);
    let (mut stack, mut next) = (Vec::new(), 0);
    for root in 0..count {
        if index[root] != usize::MAX {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some(&mut (unit, ref mut at)) = work.last_mut() {
            if *at == 0 && index[unit] == usize::MAX {
                index[unit] = next;
                low[unit] = next;
                next += 1;
                stack.push(unit);
                on_stack[unit] = true;
            }
            if let Some(&callee) = callees[unit].get(*at) {
                *at += 1;
                if index[callee] == usize::MAX {
                    work.push((callee, 0));
                } else if on_stack[callee] {
                    low[unit] = low[unit].min(index[callee]);
                }
                continue;
            }
            work.pop();
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[unit]);
            }
            if low[unit] == index[unit] {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    group.push(member);
                    if member == unit {
                        break;
                    }
                }
                let recursive = group.len() > 1 || callees[unit].contains(&unit);
                for member in group {
                    let id = UnitId(member as u32);
                    if recursive {
                        calls.recursive.insert(id);
                    }
                    calls.bottom_up.push(id);
                }
            }
        }
    }
}

/// Whether errexit is ignored in a unit: a call in a condition ignores it in the callee and all that it calls.
fn modes(graph: &Graph<'_>, calls: &mut Calls) {
    let mut modes: Vec<Option<Flag>> = vec![None; graph.units.len()];
    let mut of_caller: Vec<Vec<Call>> = vec![Vec::new(); graph.units.len()];
    for call in &calls.all {
        of_caller[call.caller.0 as usize].push(*call);
    }
    // The script first; then units that nobody calls: they are entered by somebody outside, and what they call through them.
    for start in 0..modes.len() {
        if modes[start].is_some() {
            continue;
        }
        modes[start] = Some(Flag::Off);
        let mut waiting = vec![start];
        while let Some(caller) = waiting.pop() {
            let Some(around) = modes[caller] else { continue };
            for call in &of_caller[caller] {
                let mode = if call.ignored { Flag::On } else { around };
                let callee = call.callee.0 as usize;
                let merged = match modes[callee] {
                    None => mode,
                    Some(known) if known == mode => known,
                    Some(_) => Flag::Either,
                };
                if modes[callee] != Some(merged) {
                    modes[callee] = Some(merged);
                    waiting.push(callee);
                }
            }
        }
    }
    calls.ignored = modes.into_iter().map(|mode| mode.unwrap_or(Flag::Off)).collect();
}
