//! Flow: which steps a script takes, in which order, by which outcome, and what the shell holds at each.
//!
//! ```sh
//! set -e
//! conf=/etc/nginx/nginx.conf
//! nginx -t -c "$conf"
//! systemctl reload nginx
//! ```
//! becomes a graph in which the failure of `nginx -t` leads to the exit, because errexit is on there, and in
//! which `"$conf"` is the text `/etc/nginx/nginx.conf`. This stage knows the grammar and the builtins of the
//! shell; it does not know what `nginx` or `systemctl` do.

pub mod anew;
pub mod arguments;
pub mod arrays;
pub mod braces;
pub mod calls;
pub mod exact;
pub mod expand;
pub mod forest;
pub mod graph;
pub mod inner_text;
pub mod last_item;
pub mod lists;
pub mod map;
pub mod solve;
pub mod sourced;
pub mod state;
pub mod value;

mod build;
mod builtin;
mod directory;
mod programs;
mod relay;

pub use build::{build, only_substitution, value_runs_something};
pub use builtin::{computed_by_let, is_library};

use crate::dialect::Dialect;
use calls::Calls;
use exact::{Commands, Exact, Recursion, Returned};
use graph::{Graph, Names, UnitId};
use hashbrown::HashSet;
use solve::Domain as _;
use solve::{Inputs, Orders};
use state::{Flag, Printed, Row, State};
use std::rc::Rc;
use value::{Value, Values};

/// How often functions that call each other are looked at before they are taken to change anything.
const MOST_ROUNDS: usize = 8;

/// A script's graph with the exact state in front of every node.
pub struct Flow<'t> {
    /// The graph.
    pub graph: Graph<'t>,
    /// Names of variables: those of the graph and any that words brought.
    pub names: Names,
    /// All values.
    pub values: Values,
    /// Who calls whom.
    pub calls: Calls,
    /// The order of each unit's nodes.
    pub orders: Orders,
    /// The exact state in front of each node that can be reached. Most nodes leave it as it is and share it.
    pub inputs: Inputs<Rc<State>>,
    /// For each node: its outcomes that can happen, as bits of [`graph::Edge::bit`].
    pub live: Vec<u8>,
    /// What each function leaves behind.
    pub returned: Vec<Option<Returned>>,
    /// Errexit where each unit is entered, at all of its calls, as far as it is known.
    entered_with: Vec<Flag>,
    /// The ERR traps that are set where each unit is entered, at all of its calls, by number.
    entered_under: Vec<u64>,
    /// The variables that some command exports, by number.
    exported: HashSet<u32>,
    /// For each unit: the numbers of the variables that it declares as its own.
    pub locals: Vec<Vec<u32>>,
    /// Whether each unit is entered by a call, or is the script.
    pub called: Vec<bool>,
    /// The shell.
    pub dialect: Dialect,
    /// The budget was enough everywhere.
    pub complete: bool,
}

/// Solves the exact state of a graph. `errexit` is whether the script is started with `-e`.
pub fn solve<'t>(graph: Graph<'t>, dialect: Dialect, errexit: bool, commands: &dyn Commands) -> Flow<'t> {
    let mut names = graph.names.clone();
    let calls = calls::find(&graph);
    let orders = Orders::of(&graph);
    let mut values = Values::default();
    for (name, text) in commands.constants() {
        values.set_constant(name, text);
    }
    let mut flow = Flow {
        values,
        inputs: Inputs::new(graph.nodes.len()),
        live: vec![0; graph.nodes.len()],
        returned: vec![None; graph.units.len()],
        entered_with: vec![Flag::Entry; graph.units.len()],
        entered_under: vec![0; graph.units.len()],
        locals: locals(&graph, &mut names),
        exported: exported(&graph, &mut names),
        names,
        called: vec![false; graph.units.len()],
        complete: !calls.overrun,
        graph,
        calls,
        orders,
        dialect,
    };
    flow.up(commands);
    flow.down(errexit, commands);
    // Where errexit is on at every call, or an ERR trap is set, a function ends the script with what it cannot do: a second
    // time with that.
    if flow.entered_with.contains(&Flag::On) || flow.entered_under.iter().any(|&traps| traps != 0) {
        for unit in 0..flow.graph.units.len() {
            flow.clear(UnitId(unit as u32));
        }
        flow.values.forget_meetings();
        flow.called.fill(false);
        flow.up(commands);
        flow.down(errexit, commands);
    }
    flow.settle_lists();
    flow
}

impl Flow<'_> {
    fn entry_state(&mut self, unit: UnitId) -> State {
        let epoch = exact::site(self.graph.units[unit.0 as usize].entry);
        State {
            errexit: self.entered_with[unit.0 as usize],
            pipefail: Flag::Entry,
            nounset: Flag::Entry,
            noclobber: Flag::Entry,
            errtrace: Flag::Entry,
            inherit: if self.graph.names_inherit { Flag::Entry } else { Flag::Off },
            directory: self.values.intern(Value::Environment(epoch, "PWD".into())),
            variables: map::Map::default(),
            epoch,
            positional: map::Map::default(),
            row: Row::default(),
            foreign: false,
            printed: Printed::Nothing,
            traps_may: self.entered_under[unit.0 as usize],
            traps_must: self.entered_under[unit.0 as usize],
        }
    }

    /// Whether a script does hardly anything by itself but define functions, none of which it calls: others source it.
    /// What stands behind `end` is not its own.
    pub fn only_defines(&self, end: u32) -> bool {
        let (mut within, mut outside) = (0, 0);
        for node in self.graph.nodes.iter().filter(|node| node.span.start < end) {
            let graph::Kind::Simple(simple) = &node.kind else { continue };
            let Some(first) = simple.simple.words.first() else { continue };
            if node.unit.0 != 0 {
                within += 1;
                continue;
            }
            outside += 1;
            // It works by itself, or its words say what it does.
            if forest::constant(first).is_none_or(|name| matches!(&*name, "exit" | "exec" | "eval" | "trap")) {
                return false;
            }
        }
        within > outside && !self.calls.all.iter().any(|call| call.caller.0 == 0)
    }

    fn run_unit(
        &mut self,
        unit: UnitId,
        entry: State,
        recursion: &Recursion,
        commands: &dyn Commands,
    ) -> Vec<(UnitId, State)> {
        self.inputs.set(self.graph.units[unit.0 as usize].entry, Rc::new(entry));
        let exiting = if self.dialect.is_bash() { exact::exiting(&self.graph, &self.names, &self.returned) } else { 0 };
        let mut domain = Exact {
            graph: &self.graph,
            names: &mut self.names,
            values: &mut self.values,
            calls: &self.calls,
            returned: &self.returned,
            recursion,
            exported: &self.exported,
            dialect: self.dialect,
            exiting,
            commands,
            entries: Vec::new(),
            live: &mut self.live,
        };
        let enough = anew::solve(&self.graph, &self.orders, unit, &mut domain, &mut self.inputs);
        let entries = std::mem::take(&mut domain.entries);
        if !enough {
            // Nodes that were left alone have not run from their last state.
            let mut emitted = Vec::new();
            for &node in &self.orders.unit(unit).nodes {
                if let Some(state) = self.inputs.get(node) {
                    emitted.clear();
                    domain.step(node, state, &self.inputs, &mut emitted);
                }
            }
        }
        self.complete &= enough;
        entries
    }

    fn clear(&mut self, unit: UnitId) {
        for &node in &self.orders.unit(unit).nodes {
            self.inputs.clear(node);
            self.live[node.0 as usize] = 0;
        }
    }

    /// Up the calls: what does each function leave behind, seen from its entry.
    fn up(&mut self, commands: &dyn Commands) {
        let order = self.calls.bottom_up.clone();
        let mut at = 0;
        while let Some(&unit) = order.get(at) {
            let recursive = order[at..].iter().take_while(|&&unit| self.calls.is_recursive(unit)).count();
            let group = &order[at..at + recursive.max(1)];
            at += group.len();
            if recursive > 0 {
                self.recursive(group, commands);
            } else if unit.0 != 0 {
                let returned = self.leaves(unit, &Recursion::default(), commands);
                self.returned[unit.0 as usize] = Some(returned);
            }
        }
    }

    /// Functions that call each other: what the inner calls change is looked for until no more is found.
    fn recursive(&mut self, group: &[UnitId], commands: &dyn Commands) {
        let mut known = Recursion::default();
        for round in 0..=MOST_ROUNDS {
            let mut found = known.clone();
            let mut all = Vec::with_capacity(group.len());
            for &unit in group {
                let returned = self.leaves(unit, &known, commands);
                let entry = exact::site(self.graph.units[unit.0 as usize].entry);
                found.add(&returned, entry, self.entered_with[unit.0 as usize], &self.values);
                all.push(returned);
            }
            if found == known || round == MOST_ROUNDS {
                for (&unit, returned) in group.iter().zip(all) {
                    self.returned[unit.0 as usize] = Some(returned);
                }
                return;
            }
            known = if round + 1 == MOST_ROUNDS { found.anything() } else { found };
        }
    }

    /// What one function leaves behind.
    fn leaves(&mut self, unit: UnitId, recursion: &Recursion, commands: &dyn Commands) -> Returned {
        let entry = self.entry_state(unit);
        self.run_unit(unit, entry, recursion, commands);
        let ends = self.graph.units[unit.0 as usize].ends;
        let mut returned = Returned { ends: ends.map(|end| self.inputs.get(end).is_some()), ..Returned::default() };
        for (at, &end) in ends[..2].iter().enumerate() {
            let Some(state) = self.inputs.get(end).cloned() else { continue };
            returned.printed[at] = state.printed;
            match &mut returned.state {
                Some(known) => {
                    known.merge(&state, None, end, &self.names, &mut self.values);
                }
                empty => *empty = Some(State::clone(&state)),
            }
        }
        returned.exits = [ends[2], ends[3]].map(|end| self.inputs.get(end).map(|state| State::clone(state)));
        // bash has taken its own variables away by the time that a failure under errexit comes to a trap.
        for state in returned.state.iter_mut().chain(returned.exits.iter_mut().flatten()) {
            for &number in &self.locals[unit.0 as usize] {
                state.variables.set(number, None);
            }
        }
        self.clear(unit);
        returned
    }

    /// The state at the entry of a function that nobody here calls. Who sources the file has the options that it
    /// sets, on its way to the functions: `set -e`, and then nothing but functions.
    fn outside_entry(&mut self, unit: UnitId) -> State {
        let mut entry = self.entry_state(unit);
        let ends = self.graph.units[0].ends;
        let ended = || ends.iter().filter_map(|&end| self.inputs.get(end));
        let left = |flag: &dyn Fn(&State) -> Flag| ended().map(|state| flag(state)).reduce(Flag::merge);
        if left(&|state| state.errexit) == Some(Flag::On) {
            entry.errexit = Flag::On;
            // Who cares for one option has thought of the other.
            entry.pipefail = left(&|state| state.pipefail).unwrap_or(Flag::Entry);
        }
        entry
    }

    /// Down the calls: the state at the entry of a function is what all calls share.
    fn down(&mut self, errexit: bool, commands: &dyn Commands) {
        let count = self.graph.units.len();
        let mut entries: Vec<Option<State>> = vec![None; count];
        let mut last: Vec<Option<State>> = vec![None; count];
        let mut script = self.entry_state(UnitId(0));
        script.errexit = if errexit { Flag::On } else { Flag::Off };
        script.pipefail = Flag::Off;
        script.nounset = Flag::Off;
        script.noclobber = Flag::Off;
        script.errtrace = Flag::Off;
        script.inherit = Flag::Off;
        script.epoch = 0;
        script.directory = self.values.intern(Value::Environment(0, "PWD".into()));
        entries[0] = Some(script);
        self.called[0] = true;
        // What every function leaves behind is known here.
        let nothing = Recursion::default();
        let others = self.calls.bottom_up.iter().rev().copied().filter(|unit| unit.0 != 0);
        // The script first: nobody calls it, and what it leaves on is on for those who call the rest.
        let order: Vec<UnitId> = std::iter::once(UnitId(0)).chain(others).collect();
        let mut from_outside: Vec<(UnitId, Flag)> = Vec::new();
        // A recursive group may be entered anew by its own members: one more round settles what they share.
        let rounds = if order.iter().any(|&unit| self.calls.is_recursive(unit)) { 2 } else { 1 };
        for round in 0..rounds {
            for &unit in &order {
                if round > 0 && !self.calls.is_recursive(unit) {
                    continue;
                }
                let entry = match entries[unit.0 as usize].clone() {
                    Some(entry) => entry,
                    None => {
                        let entry = self.outside_entry(unit);
                        from_outside.push((unit, entry.errexit));
                        entry
                    }
                };
                if round > 0 {
                    self.clear(unit);
                }
                let calls = self.run_unit(unit, entry, &nothing, commands);
                let from_known = self.called[unit.0 as usize];
                for (callee, state) in calls {
                    let at = self.graph.units[callee.0 as usize].entry;
                    self.called[callee.0 as usize] |= from_known;
                    match &mut entries[callee.0 as usize] {
                        Some(known) => {
                            let before = last[callee.0 as usize].as_ref();
                            known.merge(&state, before, at, &self.names, &mut self.values);
                        }
                        empty => *empty = Some(state.clone()),
                    }
                    last[callee.0 as usize] = Some(state);
                }
            }
        }
        for (flag, entry) in self.entered_with.iter_mut().zip(&entries).skip(1) {
            if entry.as_ref().is_some_and(|entry| entry.errexit == Flag::On) {
                *flag = Flag::On;
            }
        }
        for (unit, errexit) in from_outside {
            self.entered_with[unit.0 as usize] = errexit;
        }
        let failures = exact::of_failures(&self.graph);
        for (under, entry) in self.entered_under.iter_mut().zip(&entries).skip(1) {
            *under = entry.as_ref().map_or(0, |entry| entry.traps_must & failures);
        }
    }
}

/// For each unit: the variables that it declares as its own, by number.
fn locals(graph: &Graph<'_>, names: &mut Names) -> Vec<Vec<u32>> {
    let mut found = vec![Vec::new(); graph.units.len()];
    for node in &graph.nodes {
        if let graph::Kind::Simple(simple) = &node.kind
            && let Some(name) = simple.simple.words.first().and_then(forest::constant)
            && matches!(&*name, "local" | "declare" | "typeset")
        {
            let found = &mut found[node.unit.0 as usize];
            found.extend(simple.simple.declared.iter().map(|declared| names.intern(&declared.name.text)));
            let plain = simple.simple.words[1..].iter().filter_map(forest::constant);
            found.extend(plain.filter(|word| !word.starts_with('-')).map(|word| names.intern(&word)));
        }
    }
    found
}

/// The variables that some command exports; with `set -a`, all that are set.
fn exported(graph: &Graph<'_>, names: &mut Names) -> HashSet<u32> {
    let mut found = HashSet::new();
    let mut set = HashSet::new();
    let mut all = false;
    for node in &graph.nodes {
        let graph::Kind::Simple(simple) = &node.kind else { continue };
        let simple = &simple.simple;
        set.extend(simple.assignments.iter().map(|assignment| names.intern(&assignment.name.text)));
        let mut words = simple.words.iter().map(forest::constant);
        let Some(name) = words.next().flatten() else { continue };
        let options = || simple.words[1..].iter().filter_map(forest::constant).filter(|word| word.starts_with('-'));
        match &*name {
            "set" => all |= options().any(|option| option.contains('a')),
            "declare" | "typeset" if !options().any(|option| option.contains('x')) => {}
            "export" | "declare" | "typeset" => {
                found.extend(simple.declared.iter().map(|declared| names.intern(&declared.name.text)));
                found.extend(words.flatten().filter(|word| !word.starts_with('-')).map(|word| names.intern(&word)));
            }
            _ => {}
        }
    }
    if all {
        found.extend(set);
    }
    found
}
