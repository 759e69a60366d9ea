//! The exact state as it flows: options, directory, variables and traps through every node.

mod handed;
mod printed;
mod recursion;
mod returned;
mod traps;

pub use handed::{Given, OtherPlace, ShellText};
pub use printed::{is_silent, reads_file};
pub use recursion::Recursion;
pub use traps::{exiting, of_failures};

use super::anew::Meeting;
use super::arguments::Arguments;
use super::builtin;
use super::calls::Calls;
use super::directory;
use super::expand::Expander;
use super::forest::{constant, piped};
use super::graph::{Edge, Graph, JobStep, Kind, Names, NodeId, Scope, SimpleNode, Slot, UnitId};
use super::map::Map;
use super::solve::{Domain, Inputs};
use super::state::{Flag, Printed, Row, State};
use super::value::{HOLE, Site, Value, Values};
use crate::dialect::Dialect;
use crate::syntax::tree::{Command, CommandKind, Part, PartKind, Redirect, RedirectKind, Word};
use hashbrown::HashSet;
use std::borrow::Cow;
use std::rc::Rc;

/// What a function leaves behind in the exact state, seen from its entry.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// Whether each of its four ends can be reached.
    pub ends: [bool; 4],
    /// The state where it returns; absent where it never does.
    pub state: Option<State>,
    /// What it has printed where it returns in success, and where it does not.
    pub printed: [Printed; 2],
    /// The states where it ends the shell, well and failing: what traps that it has set will see.
    pub exits: [Option<State>; 2],
}

/// What flow asks of knowledge: nothing else of what commands mean is needed here.
pub trait Commands {
    /// Whether a command of this name never comes back.
    fn never_returns(&self, name: &str) -> bool;
    /// Whether the name of a function that was not read says that it never comes back.
    fn is_named_to_end(&self, name: &str) -> bool;
    /// Whether a command of this name always succeeds.
    fn always_succeeds(&self, name: &str) -> bool;
    /// Whether what a command of this name does is said by statements that it is given.
    fn runs_statements(&self, name: &str) -> bool;
    /// Whether a command of these words, as far as they are known, lists the rules of a packet filter.
    fn lists_rules(&self, words: &[Cow<'_, str>]) -> bool;
    /// Whether a command of this name may run another, or a text.
    fn is_wrapper(&self, name: &str) -> bool;
    /// The shell text that a command runs, behind whatever runs it (`sudo sh -ec TEXT`, `ssh HOST TEXT`).
    fn shell_text(&self, words: &[Cow<'_, str>]) -> Option<ShellText>;
    /// Whether a command of these words, as far as they are known, prints nothing.
    fn is_quiet(&self, words: &[Cow<'_, str>]) -> bool;
    /// The variables that well-known libraries of functions set, and what they hold.
    fn constants(&self) -> Vec<(&str, &str)>;
    /// Whether a command of these words reads its input and nothing else, and succeeds whatever that is.
    fn only_filters(&self, words: &[Cow<'_, str>]) -> bool;
}

/// The domain of exact states.
pub struct Exact<'a, 't> {
    /// The graph.
    pub graph: &'a Graph<'t>,
    /// Names: those of the graph and any that words bring.
    pub names: &'a mut Names,
    /// Values.
    pub values: &'a mut Values,
    /// Calls.
    pub calls: &'a Calls,
    /// What the functions leave behind, as far as it is known.
    pub returned: &'a [Option<Returned>],
    /// What those do that are being looked at and call themselves.
    pub recursion: &'a Recursion,
    /// The variables that some command exports, by number.
    pub exported: &'a HashSet<u32>,
    /// The shell.
    pub dialect: Dialect,
    /// ERR traps that end the shell where they are set.
    pub exiting: u64,
    /// Knowledge.
    pub commands: &'a dyn Commands,
    /// The states at the calls, for the way down.
    pub entries: Vec<(UnitId, State)>,
    /// For each node that was run: its outcomes that can happen, as bits of [`Edge::bit`].
    pub live: &'a mut [u8],
}

/// What comes of a node.
type Emitted = Vec<(Edge, Rc<State>)>;

/// From how many differing variables on a merged state is worth to be remembered.
const MANY_DIFFER: usize = 8;

/// The site of a node: never 0, which is the start of the script, and apart from the bytes at which words make values.
pub const fn site(node: NodeId) -> Site {
    NODE | node.0
}

/// What a node sets by its own hand (`read x`), apart from what it leaves unknown (`. file`).
pub fn set_site(site: Site) -> Site {
    site | SET
}

/// A value made at `made` inside a function, seen from the call at `at`: apart from all bytes and nodes.
fn per_call(made: Site, at: Site) -> Site {
    let mixed = (made ^ at.rotate_left(13)).wrapping_mul(0x9E37_79B1);
    PER_CALL | (mixed & 0x1FFF_FFFF)
}

/// Whether a value was made inside a function, and is seen from a call of it.
pub fn is_per_call(made: Site) -> bool {
    made & PER_CALL != 0 && made & NODE == 0
}

/// The node of a site; absent for bytes.
pub fn node_of(site: Site) -> Option<u32> {
    (site & NODE != 0).then_some(site & !(NODE | SET))
}

const NODE: Site = 0x4000_0000;
const PER_CALL: Site = 0x2000_0000;
const SET: Site = 0x1000_0000;

/// Whether a command is an `exec` of redirections alone. Where one cannot be opened, POSIX ends the shell; bash goes on.
fn only_redirects_the_shell(node: &SimpleNode<'_>) -> bool {
    matches!(&node.simple.words[..], [only] if constant(only).as_deref() == Some("exec"))
}

/// Which outcomes a simple command can have; `foreign`: a file that was not read may define its name.
fn outcomes(node: &SimpleNode<'_>, foreign: bool, commands: &dyn Commands) -> (bool, bool) {
    if node.takes_status {
        return (true, true);
    }
    if !node.command.redirects.is_empty() && node.simple.words.is_empty() {
        return (true, true);
    }
    let Some(first) = node.simple.words.first() else { return (true, false) };
    let Some(name) = constant(first) else { return (true, true) };
    match &*name {
        "false" => (false, true),
        ":" | "true" | "echo" | "printf" | "export" | "local" | "readonly" | "declare" | "typeset" | "set"
        | "shift" | "trap" | "umask" | "unset" | "wait" | "shopt" | "alias" | "hash" | "eval" => {
            (true, &*name == "eval" || &*name == "wait" || opens_what_may_not(node))
        }
        other => {
            if commands.never_returns(other) || foreign && commands.is_named_to_end(other) {
                (false, false)
            } else {
                let succeeds = commands.always_succeeds(other) || succeeds_so(node, commands);
                (true, !succeeds && !filters_stage(node, commands))
            }
        }
    }
}

/// Whether a command succeeds with its one argument: `log_end_msg 0`.
fn succeeds_so(node: &SimpleNode<'_>, commands: &dyn Commands) -> bool {
    let [name, argument] = &node.simple.words[..] else { return false };
    let (Some(name), Some(argument)) = (constant(name), constant(argument)) else { return false };
    commands.always_succeeds(&format!("{name} {argument}"))
}

/// Whether a command writes to what may not be there to be opened, and somebody asks: `if echo > /dev/tcp/db2/5432`.
fn opens_what_may_not(node: &SimpleNode<'_>) -> bool {
    let opens = |redirect: &Redirect| {
        let target = constant(&redirect.target);
        !matches!(redirect.kind, RedirectKind::DuplicateOutput | RedirectKind::DuplicateInput)
            && redirect.heredoc.is_none()
            && redirect.kind != RedirectKind::HereString
            && !target
                .is_some_and(|target| matches!(&*target, "/dev/null" | "/dev/stderr" | "/dev/stdout" | "/dev/tty"))
    };
    node.ignored && node.command.redirects.iter().any(opens)
}

/// Whether a command is a stage that shortens what the one in front of it prints: `… | head -n 1`.
fn filters_stage(node: &SimpleNode<'_>, commands: &dyn Commands) -> bool {
    if node.before.is_empty() || node.stage != Some(node.command.span) || !node.command.redirects.is_empty() {
        return false;
    }
    let words: Option<Vec<Cow<'_, str>>> = node.simple.words.iter().map(constant).collect();
    words.is_some_and(|words| commands.only_filters(&words))
}

/// Where errexit leads after a failure: on, and out.
pub fn errexit(flag: Flag, ignored: Flag) -> (bool, bool) {
    match ignored {
        Flag::On => (true, false),
        Flag::Off => (flag.may_be_off(), flag.may_be_on()),
        _ => (true, flag.may_be_on()),
    }
}

/// Whether a loop over these words turns at least once: the list is literal and not empty.
pub fn turns(node: &crate::syntax::tree::For) -> bool {
    node.items.as_ref().is_some_and(|(_, items)| items.iter().any(|item| constant(item).is_some()))
}

impl Exact<'_, '_> {
    /// Whether a word of the list of a `for` surely gives an item: it holds a text that is known. A pattern that matches
    /// nothing stays as it is; where `nullglob` may be set it goes away.
    fn has_item(&mut self, looped: &crate::syntax::tree::For, unit: u32, state: &State) -> bool {
        let mut state = State::clone(state);
        looped.items.iter().flat_map(|(_, items)| items).any(|word| {
            let expander = &mut Expander { values: self.values, names: self.names, state: &mut state, unit };
            if let Some(all) = expander.elements(word) {
                return !all.is_empty();
            }
            if expander.row_end(word, self.dialect).is_some() {
                return true;
            }
            let value = expander.word(word).value;
            let is_pattern = |piece: &Value| match piece {
                Value::Pattern(_) => true,
                Value::Constant(text) => text.contains(['*', '?', '[']),
                _ => false,
            };
            let is_text = |piece| {
                let is_written = self.values.text(piece).is_some_and(|text| !text.trim().is_empty());
                is_written || matches!(self.values.get(piece), Value::Pattern(_))
            };
            self.values.pieces(&value).iter().any(|&piece| is_text(piece))
                && (!self.graph.names_nullglob || !self.values.any(value, &is_pattern))
        })
    }

    /// Runs assignments, expansions and builtins of a command.
    pub fn run(&mut self, node: NodeId, simple: &crate::syntax::tree::Simple, state: &mut State) {
        let unit = self.graph.node(node).unit.0;
        let evaluates_rules = self.evaluates_rules(simple);
        let mut expander = Expander { values: self.values, names: self.names, state, unit };
        if evaluates_rules {
            for word in &simple.words {
                expander.word(word);
            }
        } else {
            builtin::run(simple, site(node), &mut expander);
        }
    }

    /// Whether a command is an `eval` of the rules of a packet filter, made into commands: they set no variable.
    fn evaluates_rules(&self, simple: &crate::syntax::tree::Simple) -> bool {
        let [name, text] = &simple.words[..] else { return false };
        if constant(name).as_deref() != Some("eval") {
            return false;
        }
        let Some([Command { kind: CommandKind::Simple(listing), .. }, ..]) = piped(text) else { return false };
        let words: Vec<Cow<'_, str>> =
            listing.words.iter().map(|word| constant(word).unwrap_or(Cow::Owned(HOLE.to_string()))).collect();
        self.commands.lists_rules(&words)
    }

    fn simple(&mut self, id: NodeId, node: &SimpleNode<'_>, state: &Rc<State>, emit: &mut Emitted) {
        let mut after = State::clone(state);
        self.run(id, node.simple, &mut after);
        let callees = self.calls.callees(id);
        if callees.is_empty() {
            self.set_trap(id, node, &mut after);
            self.print(id, node, &mut after);
            let (ok, mut fail) = outcomes(node, state.foreign, self.commands);
            fail &= self.dialect.is_bash() || !only_redirects_the_shell(node);
            let apart = self.told_apart(node);
            // Most commands change nothing of the shell.
            let after = if after.is(state) { Rc::clone(state) } else { Rc::new(after) };
            if fail {
                let mut failed = Rc::clone(&after);
                // A `cd` that failed leaves the shell where it was.
                if after.directory != state.directory {
                    directory::stay(Rc::make_mut(&mut failed), state, self.names);
                }
                if let Some((variable, [_, printed])) = apart {
                    Rc::make_mut(&mut failed).variables.set(variable, Some(printed));
                }
                emit.push((Edge::Fail, failed));
            }
            if ok {
                let mut after = after;
                if let Some((variable, [printed, _])) = apart {
                    Rc::make_mut(&mut after).variables.set(variable, Some(printed));
                }
                emit.push((Edge::Ok, after));
            }
            return;
        }
        let unit = self.graph.node(id).unit.0;
        let mut expander = Expander { values: self.values, names: self.names, state: &mut after, unit };
        let arguments = Arguments::of(&node.simple.words, &mut expander, site(id));
        for &callee in callees {
            let mut entry = after.clone();
            entry.positional = Map::default();
            entry.row = Row::default();
            entry.printed = Printed::Nothing;
            self.inherit_traps(&mut entry);
            for (number, value) in arguments.numbered().filter(|_| arguments.exact) {
                entry.positional.set(number, Some(value));
            }
            self.entries.push((callee, entry));
            let returned = self.returned;
            match &returned[callee.0 as usize] {
                Some(returned) => self.after_call(id, callee, returned, &after, &arguments, emit),
                None => {
                    let inner = Rc::new(self.recursion.after(&after, site(id), self.names, self.values));
                    let edges = [Edge::Ok, Edge::Fail, Edge::ExitOk, Edge::ExitFail];
                    for (edge, _) in edges.into_iter().zip(self.recursion.ends).filter(|(_, reached)| *reached) {
                        emit.push((edge, Rc::clone(&inner)));
                    }
                }
            }
        }
    }
}

impl Domain for Exact<'_, '_> {
    type State = Rc<State>;

    fn step(&mut self, id: NodeId, state: &Rc<State>, inputs: &Inputs<Rc<State>>, emit: &mut Emitted) {
        self.run_node(id, state, inputs, emit);
        self.live[id.0 as usize] = emit.iter().fold(0, |live, (edge, _)| live | edge.bit());
    }
}

impl Meeting for Exact<'_, '_> {
    fn meet(&mut self, at: NodeId, arrived: &[Option<Rc<State>>]) -> Option<Rc<State>> {
        let mut arrived = arrived.iter().flatten();
        let mut met = Rc::clone(arrived.next()?);
        let mut before: Option<&State> = None;
        for from in arrived {
            if met.is(from) {
                continue;
            }
            if (met.traps_may == 0) != (from.traps_may == 0) && (self.leads_to_traps(at) || self.ends_the_shell(at)) {
                only_trapped(&mut met, from);
                continue;
            }
            let differ = Rc::make_mut(&mut met).merge(from, before, at, self.names, self.values);
            if differ >= MANY_DIFFER || before.is_some() {
                before = Some(from);
            }
        }
        Some(met)
    }

    fn is_same(first: &Rc<State>, second: &Rc<State>) -> bool {
        first.is(second) || first == second
    }
}

/// Where the script ends, on the way to the bodies of its traps, what it held on paths on which none is set is of no
/// interest any more: no body sees it.
fn only_trapped(into: &mut Rc<State>, from: &Rc<State>) {
    let foreign = into.foreign || from.foreign;
    let printed = if into.printed == from.printed { into.printed } else { Printed::Unknown };
    if into.traps_may == 0 {
        *into = Rc::clone(from);
    }
    let state = Rc::make_mut(into);
    state.traps_must = 0;
    state.foreign = foreign;
    state.printed = printed;
}

impl Exact<'_, '_> {
    /// Whether a node stands where the ends of the script meet in front of its traps, or asks for one of them.
    fn leads_to_traps(&self, at: NodeId) -> bool {
        let is_trap = |at: NodeId| matches!(self.graph.node(at).kind, Kind::Trap(_));
        let is_join = |at: NodeId| matches!(self.graph.node(at).kind, Kind::Join);
        let behind = |at: NodeId| self.graph.node(at).edges.iter().map(|(_, to)| to);
        // Failures meet in front of the other ends.
        let meets = |at: NodeId| is_join(at) && behind(at).any(is_trap);
        is_trap(at) || meets(at) || is_join(at) && behind(at).any(meets)
    }

    /// Whether a node is where a function ends the shell.
    fn ends_the_shell(&self, at: NodeId) -> bool {
        self.graph.units[self.graph.node(at).unit.0 as usize].ends[2..].contains(&at)
    }

    fn run_node(&mut self, id: NodeId, state: &Rc<State>, inputs: &Inputs<Rc<State>>, emit: &mut Emitted) {
        let graph = self.graph;
        let node = graph.node(id);
        match &node.kind {
            Kind::Simple(simple) => self.simple(id, simple, state, emit),
            Kind::Code(words) => {
                let mut after = State::clone(state);
                let code = words.first().map(|word| {
                    let unit = node.unit.0;
                    let value =
                        Expander { values: self.values, names: self.names, state: &mut after, unit }.word(word).value;
                    self.values.text(value).and_then(|text| text.trim().parse::<i64>().ok())
                });
                let after = Rc::new(after);
                if code.flatten() != Some(0) {
                    emit.push((Edge::Fail, Rc::clone(&after)));
                }
                if !matches!(code.flatten(), Some(code) if code != 0) {
                    emit.push((Edge::Ok, after));
                }
            }
            Kind::Errexit => {
                let flag = traps::with_traps(state.errexit, state, self.exiting);
                let (on, out) = errexit(flag, self.calls.ignored[node.unit.0 as usize]);
                if on {
                    emit.push((Edge::Ok, Rc::clone(state)));
                }
                if out {
                    emit.push((Edge::Fail, Rc::clone(state)));
                }
            }
            Kind::Around(_) => emit.push((Edge::Ok, Rc::clone(state))),
            Kind::Fill(filling) => emit.push((Edge::Ok, Rc::new(self.filled(filling, node.unit.0, state)))),
            Kind::Take(variables) => {
                let mut after = State::clone(state);
                for &(name, holder) in &**variables {
                    after.variables.set(name, state.variables.get(holder));
                }
                emit.push((Edge::Ok, Rc::new(after)));
            }
            Kind::Enter(scope) => {
                let mut after = State::clone(state);
                match scope {
                    Scope::Fragment { .. } => (after.traps_may, after.traps_must) = (0, 0),
                    _ => self.inherit_traps(&mut after),
                }
                if let Scope::Substitution(_) = scope {
                    after.printed = Printed::Nothing;
                }
                match scope {
                    Scope::Fragment { errexit, elsewhere, exported, parameters } => {
                        if *elsewhere {
                            after.directory = self.values.intern(Value::Unknown(site(id)));
                        }
                        after.errexit = if *errexit { Flag::On } else { Flag::Off };
                        after.pipefail = Flag::Off;
                        after.nounset = Flag::Off;
                        after.noclobber = Flag::Off;
                        after.errtrace = Flag::Off;
                        after.inherit = Flag::Off;
                        // The inner shell has variables and parameters of its own, and may get some of these.
                        if *exported {
                            for (number, _) in state.variables.entries() {
                                if !self.exported.contains(&number) && !self.names.is_hidden(number) {
                                    let value = self.values.environment(site(id), self.names.text(number));
                                    after.variables.set(number, Some(value));
                                }
                            }
                        } else {
                            after.epoch = site(id);
                            after.variables = Map::default();
                            for (number, value) in state.variables.entries() {
                                if self.names.is_hidden(number) {
                                    after.variables.set(number, Some(value));
                                }
                            }
                        }
                        after.new_row(site(id));
                        after.row.of_text = true;
                        if parameters.count > 0 {
                            self.parameters(id, *parameters, state, &mut after);
                        }
                    }
                    Scope::Substitution(_) if self.dialect.is_bash() => {
                        after.errexit = match state.inherit {
                            Flag::On => state.errexit,
                            Flag::Off => Flag::Off,
                            Flag::Either | Flag::Entry => state.errexit.merge(Flag::Off),
                        };
                    }
                    _ => {}
                }
                emit.push((Edge::Ok, if after.is(state) { Rc::clone(state) } else { Rc::new(after) }));
            }
            Kind::Leave { enter, ok } => {
                if let Some(before) = inputs.get(*enter) {
                    let mut after = Rc::clone(before);
                    match graph.node(*enter).kind {
                        Kind::Enter(Scope::Substitution(start)) => {
                            self.values.set_printed(start, *ok, state.printed);
                        }
                        // What a subshell prints goes where its shell prints.
                        _ if before.printed != state.printed => Rc::make_mut(&mut after).printed = state.printed,
                        _ => {}
                    }
                    emit.push((Edge::Ok, after));
                }
            }
            Kind::Item(looped) => {
                let mut after = State::clone(state);
                let item = self.values.intern(Value::Item(site(id)));
                if let Some((_, items)) = &looped.items {
                    let mut known = Vec::new();
                    for word in items {
                        let unit = node.unit.0;
                        let mut expander = Expander { values: self.values, names: self.names, state: &mut after, unit };
                        if let Some(all) = expander.elements(word) {
                            known.extend(all);
                            continue;
                        }
                        let expanded = expander.word(word);
                        match self.values.text(expanded.value).filter(|_| expanded.splits).map(str::to_owned) {
                            Some(text) => known.extend(text.split_whitespace().map(|word| self.values.constant(word))),
                            None => known.push(expanded.value),
                        }
                    }
                    let value = if let [only] = known[..]
                        && matches!(self.values.get(only), Value::Constant(_))
                    {
                        only
                    } else {
                        item
                    };
                    self.values.set_items(item, known);
                    let number = self.names.intern(&looped.name.text);
                    after.variables.set(number, Some(value));
                } else {
                    let number = self.names.intern(&looped.name.text);
                    after.variables.set(number, Some(item));
                }
                emit.push((Edge::Ok, Rc::new(after)));
            }
            Kind::FirstItem(looped) => {
                emit.push((Edge::Ok, Rc::clone(state)));
                if !turns(looped) && !self.has_item(looped, node.unit.0, state) {
                    emit.push((Edge::Fail, Rc::clone(state)));
                }
            }
            Kind::TurnsEnd(_) => {
                emit.push((Edge::Ok, Rc::clone(state)));
                emit.push((Edge::Fail, Rc::clone(state)));
            }
            Kind::PipeEnd(_) => {
                emit.push((Edge::Ok, Rc::clone(state)));
                if state.pipefail.may_be_on() {
                    emit.push((Edge::Fail, Rc::clone(state)));
                }
            }
            Kind::Trap(number) => {
                let bit = if *number < 64 { 1u64 << number } else { 0 };
                if state.traps_may & bit != 0 {
                    emit.push((Edge::Ok, Rc::clone(state)));
                }
                if state.traps_must & bit == 0 {
                    emit.push((Edge::Fail, Rc::clone(state)));
                }
            }
            Kind::Unread => {
                let mut after = State::clone(state);
                after.epoch = site(id);
                after.variables = Map::default();
                let after = Rc::new(after);
                emit.push((Edge::Fail, Rc::clone(&after)));
                emit.push((Edge::Ok, after));
            }
            Kind::Arithmetic(arithmetic) => {
                let mut after = State::clone(state);
                let unit = node.unit.0;
                Expander { values: self.values, names: self.names, state: &mut after, unit }
                    .computed(arithmetic.expression.as_ref(), site(id));
                let after = Rc::new(after);
                emit.push((Edge::Fail, Rc::clone(&after)));
                emit.push((Edge::Ok, after));
            }
            // Nothing comes behind `*)`.
            Kind::Match { patterns, .. } if patterns.iter().any(matches_all) => {
                emit.push((Edge::Ok, Rc::clone(state)));
            }
            Kind::Test(_) | Kind::Match { .. } | Kind::Fork => {
                emit.push((Edge::Fail, Rc::clone(state)));
                emit.push((Edge::Ok, Rc::clone(state)));
            }
            Kind::Job(Slot::Variable(number), JobStep::Started) => {
                let mut after = State::clone(state);
                let process = self.values.intern(Value::Output(site(id)));
                after.variables.set(*number, Some(process));
                emit.push((Edge::Ok, Rc::new(after)));
            }
            Kind::Join
            | Kind::Job(..)
            | Kind::Redirects { .. }
            | Kind::Status(_)
            | Kind::PipeStart(_)
            | Kind::PipeFailed(_)
            | Kind::Turned(..)
            | Kind::Stage(..)
            | Kind::Stages(..) => {
                emit.push((Edge::Ok, Rc::clone(state)));
            }
            Kind::End(_) => {}
        }
    }
}

/// Whether a pattern of a `case` matches whatever there is.
fn matches_all(pattern: &Word) -> bool {
    matches!(&pattern.parts[..], [Part { kind: PartKind::Glob(text), .. }] if &**text == "*")
}
