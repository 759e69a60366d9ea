//! What an answer says of the service: that it is there, or is not.

use super::{Survey, duty};
use crate::effects::question::{Question, Relation};
use crate::effects::resolve::Resolver;
use crate::effects::step::{Assigned, Condition, Step};
use crate::effects::thing::{Fact, ThingId};
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, Slot};
use crate::knowledge::{FactKind, HOLE, PathClass, ThingKind};
use crate::syntax::tree::{Command, CommandKind, PartKind, Simple, Word};
use hashbrown::HashSet;

/// It asks whether the service, or what it consists of, is there.
const ASKS_STATE: &str = "asks-state";
/// It lists what runs, or is set, on this host.
const LISTS_RUNNING: &str = "lists-running";

/// What `$OCF_NOT_RUNNING` is: OCF resource agent API.
pub(super) const NOT_RUNNING: &str = "7";

/// An answer about the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// It is there.
    pub present: bool,
    /// Only a file was looked at, which a process that is gone may have left.
    pub bare: bool,
}

/// Whether a question tells the code of what does not run from others.
pub(super) fn is_about_absence(question: &Question) -> bool {
    match question {
        Question::Equals(text) => &**text == NOT_RUNNING,
        Question::Number(Relation::Equal, code) => *code == 7,
        _ => false,
    }
}

/// The directories of processes among what is asked for: `/proc/$pid`.
pub(super) fn processes(resolver: &Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> HashSet<ThingId> {
    let is_process = |&thing: &ThingId| {
        let thing = resolver.things.get(thing);
        let begins = || resolver.flow.values.render(thing.key[0]).0.starts_with(&format!("/proc/{HOLE}"));
        thing.kind == ThingKind::Path && begins()
    };
    asked(steps).into_iter().filter(is_process).collect()
}

/// Where the commands begin that list what runs.
pub(super) fn listing(resolver: &Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> HashSet<u32> {
    let lists = |step: &Step| step.marks.iter().any(|mark| **mark == *LISTS_RUNNING);
    let nodes = resolver.flow.graph.nodes.iter().zip(steps);
    nodes.filter(|(_, step)| step.as_deref().is_some_and(lists)).map(|(node, _)| node.span.start).collect()
}

/// The files of process numbers, locks and sockets among what is asked for or read.
pub(super) fn leftovers(resolver: &Resolver<'_, '_>, steps: &[Option<Box<Step>>]) -> HashSet<ThingId> {
    let is_leftover = |&thing: &ThingId| {
        let thing = resolver.things.get(thing);
        thing.kind == ThingKind::Path && resolver.class(thing.key[0]).0 == PathClass::Lock
    };
    asked(steps).into_iter().filter(is_leftover).collect()
}

/// The things that are asked for or read.
fn asked(steps: &[Option<Box<Step>>]) -> HashSet<ThingId> {
    let mut asked = HashSet::new();
    for step in steps.iter().flatten() {
        asked.extend(step.reads.iter().copied());
        if let Some(condition) = &step.condition {
            condition.each(&mut |question| {
                if let Condition::Facts { yes, no, .. } = question {
                    asked.extend(yes.iter().chain(no).map(|fact| fact.thing));
                }
            });
        }
    }
    asked
}

/// Whether a command searches what it reads, and tells by its status whether it found something.
fn is_search(simple: &Simple) -> bool {
    let name = simple.words.first().and_then(constant);
    let searches = |name: &str| matches!(name.rsplit('/').next(), Some("grep" | "egrep" | "fgrep"));
    let turns = |word: &Word| constant(word).is_some_and(|option| option.starts_with('-') && option.contains('v'));
    let is_variable = || matches!(simple.words.first().and_then(|word| word.only_part()).map(|part| &part.kind), Some(PartKind::Parameter(parameter)) if parameter.name.ends_with("GREP"));
    (name.map_or_else(is_variable, |name| searches(&name))) && !simple.words.iter().skip(1).any(turns)
}

impl Survey<'_, '_, '_> {
    /// What an outcome of a node says of the service, if anything.
    pub(super) fn answer(&self, node: NodeId, edge: Edge) -> Option<Answer> {
        let ok = match edge {
            Edge::Ok => true,
            Edge::Fail => false,
            Edge::ExitOk | Edge::ExitFail => return None,
        };
        let step = self.step(node)?;
        if let Some(condition) = &step.condition
            && let Some(answer) = self.said(node, condition, ok)
        {
            return Some(answer);
        }
        self.of_command(node, ok)
    }

    /// What a condition says where it holds, or does not.
    fn said(&self, node: NodeId, condition: &Condition, yes: bool) -> Option<Answer> {
        match condition {
            Condition::Not(inner) => self.said(node, inner, !yes),
            Condition::And(left, right) if yes => self.said(node, left, true).or_else(|| self.said(node, right, true)),
            Condition::Or(left, right) if !yes => {
                self.said(node, left, false).or_else(|| self.said(node, right, false))
            }
            Condition::Facts { yes: there, no, operator: Some(operator) } => {
                let is_of = |things: &HashSet<ThingId>| there.iter().chain(no).any(|fact| things.contains(&fact.thing));
                if is_of(&self.processes) {
                    return Some(Answer { present: yes, bare: false });
                }
                (is_of(&self.leftovers) && "aefhLpsS".contains(*operator))
                    .then_some(Answer { present: yes, bare: true })
            }
            Condition::Slot { slot, question, .. } => self.of_slot(node, *slot, question, yes),
            _ => None,
        }
    }

    /// What it says that a slot holds something, or a status.
    fn of_slot(&self, node: NodeId, slot: Slot, question: &Question, yes: bool) -> Option<Answer> {
        let succeeded = match question {
            Question::NonEmpty => return self.filled(node, slot, yes),
            Question::Equals(text) if text.is_empty() => return self.filled(node, slot, !yes),
            Question::Equals(text) if &**text == "0" => yes,
            Question::Number(Relation::Equal, 0) | Question::Number(Relation::Less, 1) => yes,
            Question::Number(Relation::Greater, 0) => !yes,
            Question::Equals(text) if &**text == NOT_RUNNING && yes => false,
            Question::Number(Relation::Equal, 7) if yes => false,
            _ => return None,
        };
        let asked = match slot {
            Slot::Status => self.set_by(node)?,
            Slot::Variable(_) => self.set_by(self.assigned(node, slot, &|from| *from == Slot::Status)?)?,
            Slot::Capture(start) => *self.captured.get(&start)?.last()?,
            _ => return None,
        };
        self.of_command(asked, succeeded)
    }

    /// What it says that a variable holds something: the number of a process, or what a command printed that looked for one.
    fn filled(&self, node: NodeId, slot: Slot, present: bool) -> Option<Answer> {
        let commands = self.given_by(node, slot)?;
        let asks = commands.iter().any(|&command| self.asks_for_state(command) || self.is_found_in_listing(command));
        let reads = commands.iter().any(|&command| self.reads_leftover(command));
        (asks || reads).then_some(Answer { present, bare: !asks })
    }

    /// The commands whose output a slot holds in front of a node.
    fn given_by(&self, node: NodeId, slot: Slot) -> Option<&[NodeId]> {
        let captured = |start: &u32| self.captured.get(start).map_or(&[][..], Vec::as_slice);
        match slot {
            Slot::Capture(start) => Some(captured(&start)),
            Slot::Variable(_) => {
                let is_capture = |from: &Slot| matches!(from, Slot::Capture(_));
                let taken = self.assigned(node, slot, &is_capture)?;
                let assigns = &self.step(taken)?.assigns;
                let start = assigns.iter().find_map(|(to, assigned)| match assigned {
                    Assigned::Copy(Slot::Capture(start)) if *to == slot => Some(*start),
                    _ => None,
                })?;
                Some(captured(&start))
            }
            _ => None,
        }
    }

    /// For a question whether the number that was read from a file is empty: that these files are there. Then it does not say
    /// that nothing runs, for what starts the service may have made the file and not yet written to it.
    pub(super) fn files_found_empty(&self, question: NodeId) -> Vec<Fact> {
        let mut slots = Vec::new();
        if let Some(condition) = self.step(question).and_then(|step| step.condition.as_ref()) {
            condition.slots(&mut slots);
        }
        let [slot] = slots[..] else { return Vec::new() };
        let commands = self.given_by(question, slot).unwrap_or_default();
        if commands.iter().any(|&command| self.asks_for_state(command) || self.is_found_in_listing(command)) {
            return Vec::new();
        }
        let readers = commands.iter().filter(|&&command| self.reads_leftover(command));
        let files = readers.filter_map(|&command| self.step(command)).flat_map(|step| &step.reads);
        let files = files.filter(|file| self.leftovers.contains(*file));
        files.map(|&thing| Fact { kind: FactKind::Exists, thing }).collect()
    }

    /// What it says of the service that a command succeeded, or did not.
    fn of_command(&self, node: NodeId, ok: bool) -> Option<Answer> {
        let assigned = self.step(node)?.assigns.iter().find_map(|(_, assigned)| match assigned {
            Assigned::Copy(Slot::Capture(start)) => Some(*start),
            _ => None,
        });
        let is_assignment = matches!(self.kind(node), Kind::Simple(simple) if simple.takes_status);
        let asked = match assigned.filter(|_| is_assignment) {
            Some(start) => *self.captured.get(&start)?.last()?,
            None => node,
        };
        if self.asks_for_state(asked) {
            return Some(Answer { present: ok, bare: false });
        }
        self.reads_leftover(asked).then_some(Answer { present: ok, bare: true })
    }

    /// Whether a command asks for a service, or for what it has made, and nothing else.
    pub(super) fn asks_for_state(&self, node: NodeId) -> bool {
        let callees = self.resolver.flow.calls.callees(node);
        // What is told to do something is no question, whatever it is called: `for_each_running stop`.
        if !callees.is_empty() && self.is_told_to_act(node) {
            return false;
        }
        self.asks_itself(node) || !callees.is_empty() && callees.iter().all(|unit| self.only_asking.contains(unit))
    }

    /// Whether a command is given the name of an action as its first operand.
    fn is_told_to_act(&self, node: NodeId) -> bool {
        let Kind::Simple(simple) = self.kind(node) else { return false };
        let first = simple.simple.words.get(1).and_then(constant);
        first.is_some_and(|name| duty(&name, self.resolver.knowledge).is_some())
    }

    /// Whether the state is asked for at a node, among other things perhaps, or an answer is looked at that was remembered.
    pub(super) fn looks_at_state(&self, node: NodeId) -> bool {
        let asks = self.resolver.flow.calls.callees(node).iter().any(|unit| self.asking.contains(unit));
        let remembers = || {
            let condition = self.step(node).and_then(|step| step.condition.as_ref());
            let mut slots = Vec::new();
            if let Some(condition) = condition {
                condition.slots(&mut slots);
            }
            slots.iter().any(|slot| self.answers.contains(slot))
        };
        asks || self.asks_itself(node)
            || remembers()
            || [Edge::Ok, Edge::Fail].into_iter().any(|edge| self.answer(node, edge).is_some_and(|answer| !answer.bare))
    }

    /// Finds the functions that ask for the state, and the variables that hold answers: callees come before their callers.
    pub(super) fn find_askers(&mut self) {
        let flow = &self.resolver.flow;
        for &unit in &flow.calls.bottom_up {
            if unit.0 == 0 {
                continue;
            }
            let nodes = &flow.orders.unit(unit).nodes;
            if nodes.iter().any(|&node| self.looks_at_state(node)) {
                self.asking.insert(unit);
                let does = |&node: &NodeId| {
                    let mut callees = self.resolver.flow.calls.callees(node).iter();
                    let unknown = callees.len() == 0 && self.step(node).is_some_and(|step| step.unknown);
                    let is_question = self.asks_itself(node) || self.only_tells(node);
                    let acts = self.acting.contains(&node) || unknown && !is_question;
                    acts || callees.any(|callee| !self.only_asking.contains(callee))
                };
                if !self.is_action(unit) && !nodes.iter().any(does) {
                    self.only_asking.insert(unit);
                }
            }
        }
        let asks = |node: NodeId| {
            let mut callees = self.resolver.flow.calls.callees(node).iter();
            self.asks_itself(node) || callees.any(|unit| self.asking.contains(unit))
        };
        let mut answers = HashSet::new();
        for (at, step) in self.steps.iter().enumerate() {
            let node = NodeId(at as u32);
            for (to, assigned) in step.iter().flat_map(|step| &step.assigns) {
                let asked = match assigned {
                    Assigned::Copy(Slot::Status) => self.set_by(node).is_some_and(asks),
                    Assigned::Copy(Slot::Capture(start)) => {
                        self.captured.get(start).is_some_and(|commands| commands.iter().copied().any(asks))
                    }
                    _ => false,
                };
                if asked {
                    answers.insert(*to);
                }
            }
        }
        self.answers = answers;
        // Who looks at a remembered answer asks, too.
        let flow = &self.resolver.flow;
        for &unit in flow.calls.bottom_up.iter().filter(|unit| unit.0 != 0) {
            if flow.orders.unit(unit).nodes.iter().any(|&node| self.looks_at_state(node)) {
                self.asking.insert(unit);
            }
        }
    }

    /// Whether the command of a node asks for a service, or for what it has made: a process, a container, a mount.
    fn asks_itself(&self, node: NodeId) -> bool {
        let is_of_state = |fact: &Fact| match self.resolver.things.get(fact.thing).kind {
            ThingKind::Service => true,
            ThingKind::Container | ThingKind::Mount => matches!(fact.kind, FactKind::Exists | FactKind::Absent),
            _ => false,
        };
        let asks = |step: &Step| step.asks && step.ok.iter().chain(&step.fail).any(is_of_state);
        self.has_mark(node, ASKS_STATE) || self.step(node).is_some_and(asks) || self.searches_listing(node)
    }

    /// Whether a command looks for one thing in a listing of what runs: `docker ps | grep -q app`.
    fn searches_listing(&self, node: NodeId) -> bool {
        let Kind::Simple(simple) = self.kind(node) else { return false };
        is_search(simple.simple) && self.reads_listing(simple.before)
    }

    /// Whether what a command prints is what a search in such a listing has found.
    fn is_found_in_listing(&self, node: NodeId) -> bool {
        let Kind::Simple(simple) = self.kind(node) else { return false };
        let searches = |stage: &Command| matches!(&stage.kind, CommandKind::Simple(simple) if is_search(simple));
        let is_searched = simple.before.iter().any(searches) || is_search(simple.simple);
        is_searched && self.reads_listing(simple.before)
    }

    /// Whether one of the stages in front lists what runs.
    fn reads_listing(&self, before: &[Command]) -> bool {
        before.iter().any(|stage| self.listing.iter().any(|&start| stage.span.range().contains(&(start as usize))))
    }

    /// Whether a command shows a file of a process number.
    pub(super) fn reads_leftover(&self, node: NodeId) -> bool {
        let step = self.step(node);
        !self.acting.contains(&node)
            && step.is_some_and(|step| step.reads.iter().any(|file| self.leftovers.contains(file)))
    }

    /// Where a variable was last given what such a slot holds, in front of a node in the text.
    pub(super) fn assigned(&self, node: NodeId, variable: Slot, is_such: &dyn Fn(&Slot) -> bool) -> Option<NodeId> {
        let unit = self.resolver.flow.graph.node(node).unit;
        let gives = |at: &NodeId| {
            let assigns = self.step(*at).map_or(&[][..], |step| &step.assigns);
            assigns
                .iter()
                .any(|(to, assigned)| *to == variable && matches!(assigned, Assigned::Copy(from) if is_such(from)))
        };
        self.places.given_before(unit, variable, self.span(node).start).find(gives)
    }

    /// The command whose status `$?` is in front of a node, where it is one.
    pub(super) fn set_by(&self, node: NodeId) -> Option<NodeId> {
        let mut waiting = vec![node];
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut found = None;
        while let Some(at) = waiting.pop() {
            for &from in self.ways.ahead_of(at) {
                let is_command = matches!(self.kind(from), Kind::Simple(_) | Kind::Test(_));
                if is_command {
                    if found.is_some_and(|found| found != from) {
                        return None;
                    }
                    found = Some(from);
                } else if self.budget.take_step() && seen.insert(from) {
                    waiting.push(from);
                }
            }
        }
        found
    }
}
