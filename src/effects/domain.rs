//! Facts as they flow: steps applied to states, with calls through summaries.

use super::bits::Few;
use super::codes;
use super::compile::Compiled;
use super::facts::{Cases, Facts, certain};
use super::outputs;
use super::predicates::Predicate;
use super::question::{Excluded, Outcome, Question, Relation};
use super::set::Extra;
use super::step::{Assigned, Condition, Prints, Step};
use super::thing::{Fact, Things};
use super::through::Whose;
use super::universe::{Universe, is_negative};
use crate::flow::graph::{Edge, Graph, JobStep, Kind, NodeId, Scope, SimpleNode, Slot, UnitId};
use crate::flow::solve::{Domain, Inputs, Merging};
use crate::knowledge::{FactKind, ThingKind};
use crate::syntax::tree::ArithmeticExpression;
use hashbrown::HashMap;
use std::rc::Rc;

/// What a unit leaves behind at each of its four ends.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The facts at each end that can be reached.
    pub ends: [Option<Facts>; 4],
}

/// One call: the facts of the callee that are other facts at the caller.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// Bit at the callee, bit at the caller: about the same thing, named by a parameter there.
    pub pairs: Vec<(usize, usize)>,
    /// What the callee may do to things that it knows by a parameter ends these.
    pub ends: Option<Few>,
}

/// How a command ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It succeeds.
    Ok,
    /// It fails.
    Failed,
    /// It fails with a code that says that it could not ask.
    Unasked,
}

/// The domain of facts.
pub struct Solving<'a, 't> {
    /// The graph.
    pub graph: &'a Graph<'t>,
    /// What each node does.
    pub steps: &'a [Option<Box<Step>>],
    /// The same as bits.
    pub compiled: &'a [Option<Box<Compiled>>],
    /// Which outcomes each node can have by the exact state.
    pub live: &'a [u8],
    /// Callees of each call.
    pub callees: &'a dyn Fn(NodeId) -> &'a [UnitId],
    /// Summaries, as far as they are known.
    pub summaries: &'a [Option<Summary>],
    /// What parameters are at each call.
    pub links: &'a HashMap<(NodeId, UnitId), Link>,
    /// The followed facts.
    pub universe: &'a Universe,
    /// What they are about.
    pub things: &'a Things,
    /// The variables that are followed, in order.
    pub tracked: &'a [Slot],
    /// For each substitution whose output is asked for, by its first byte: the last node that asks.
    pub asked_last: &'a HashMap<u32, NodeId>,
    /// Success and failure, as what `$?` holds.
    pub statuses: [Rc<Cases>; 2],
    /// The variables that each unit declares as its own.
    pub locals: &'a [Vec<u32>],
    /// The facts of the shell itself, which a copy of the shell takes along.
    pub local: &'a Few,
    /// Which variables differ between an `Enter` and its `Leave`.
    pub assigned_inside: &'a dyn Fn(NodeId, NodeId, u32) -> bool,
    /// What is known of things that are one of several.
    pub merged: &'a super::merged::Merged,
    /// The questions that are asked more than once.
    pub answers: &'a super::twins::Answers,
    /// What the functions ask that do nothing else.
    pub predicates: &'a [Option<Predicate>],
    /// Whether pipefail may be on at a node, and may be off.
    pub pipefail: &'a dyn Fn(NodeId) -> (bool, bool),
}

impl Solving<'_, '_> {
    /// Whether facts hold for certain here, all of them, and are all followed.
    fn all_hold(&self, facts: &[Fact], state: &Facts) -> bool {
        !facts.is_empty()
            && facts.iter().all(|&fact| {
                is_negative(fact.kind) || self.universe.bit(fact).is_some_and(|bit| state.must.has_low(bit))
            })
            && facts.iter().any(|fact| !is_negative(fact.kind))
    }

    /// Whether one answer says a fact of another thing than was asked for, of which the other answer says nothing: that a
    /// directory is there does not mean that something is mounted below it, nor an interface that it has an address.
    fn only_follows(&self, fact: Fact, other: &[Fact]) -> bool {
        matches!(self.things.get(fact.thing).kind, ThingKind::Mount | ThingKind::Network)
            && !other.iter().any(|said| said.thing == fact.thing)
    }

    /// The states in which a condition is true, and in which it is false. Slots that are `alike` have the same answers.
    fn branch(&self, condition: &Condition, alike: &[(Slot, Slot)], state: &Facts) -> (Option<Facts>, Option<Facts>) {
        let with = |mut state: Facts, makes: &[Fact], ends: &[Fact]| {
            // The other answer ends what this one would prove; it is no event that a negative fact waits for, and
            // what one question said of the run is not taken back by another.
            let ended = ends
                .iter()
                .filter(|fact| !is_negative(fact.kind) && fact.kind != FactKind::FirstRun)
                .filter(|fact| !self.only_follows(**fact, makes) && !stays(**fact, makes));
            state.kill(&Few::of(ended.filter_map(|&fact| self.universe.bit(fact)).collect()));
            let made = self.universe.closed(makes, self.things);
            state.make(&made);
            state.complete(&self.merged.with_any(made.iter()), self.merged);
            state
        };
        match condition {
            // What was asked before, with nothing between that could change it, has the same answer.
            Condition::Facts { yes, operator: Some(_), .. } if self.all_hold(yes, state) => (Some(state.clone()), None),
            Condition::Facts { no, operator: Some(_), .. } if self.all_hold(no, state) => (None, Some(state.clone())),
            Condition::Facts { yes, no, .. } => {
                (Some(with(state.clone(), yes, no)), Some(with(state.clone(), no, yes)))
            }
            Condition::Slot { slot: Slot::Answer(_), yes, .. } if self.all_hold(yes, state) => {
                (Some(state.clone()), None)
            }
            Condition::Slot { slot: Slot::Answer(_), no, .. } if self.all_hold(no, state) => {
                (None, Some(state.clone()))
            }
            Condition::Slot { slot, question, yes, no } => {
                let others = || alike.iter().filter(|(asked, _)| asked == slot).map(|(_, other)| *other);
                let if_so = |answer| {
                    std::iter::once(*slot)
                        .chain(others())
                        .try_fold(state.clone(), |state, slot| state.assume(slot, question, answer))
                };
                (if_so(true).map(|state| with(state, yes, no)), if_so(false).map(|state| with(state, no, yes)))
            }
            Condition::Known(answer) => {
                if *answer {
                    (Some(state.clone()), None)
                } else {
                    (None, Some(state.clone()))
                }
            }
            Condition::Not(inner) => {
                let (yes, no) = self.branch(inner, alike, state);
                (no, yes)
            }
            Condition::And(left, right) => {
                let (yes, no) = self.branch(left, alike, state);
                match yes {
                    None => (None, no),
                    Some(yes) => {
                        let (both, second) = self.branch(right, alike, &yes);
                        (both, joined(no, second))
                    }
                }
            }
            Condition::Or(left, right) => {
                let (yes, no) = self.branch(left, alike, state);
                match no {
                    None => (yes, None),
                    Some(no) => {
                        let (second, neither) = self.branch(right, alike, &no);
                        (joined(yes, second), neither)
                    }
                }
            }
            Condition::Unknown => (Some(state.clone()), Some(state.clone())),
        }
    }

    fn assign(&self, step: &Step, before: &Facts, state: &mut Facts) {
        for &(slot, fact) in &step.filled {
            let is_filled = state.cases(slot).is_some_and(|cases| cases.iter().all(|(held, _)| held.is_filled()));
            if let Some(bit) = self.universe.bit(fact).filter(|_| is_filled) {
                state.make(&Few::of(vec![bit]));
            }
        }
        let held = |from, state: &Facts| {
            if from == Slot::Status { before.cases(from) } else { state.cases(from) }.map(Rc::clone)
        };
        for (slot, assigned) in &step.assigns {
            if let Slot::Variable(number) = slot {
                // What is set here too may be computed from what it was.
                let is_set = |other: &Slot| step.assigns.iter().any(|(set, _)| set == other);
                let is_of = |other: &&Slot| {
                    matches!(other, Slot::Element(list, _) | Slot::Count(list) if list == number) && !is_set(other)
                };
                for &of_list in self.tracked.iter().filter(is_of) {
                    state.set_cases(of_list, None);
                }
            }
            if self.tracked.binary_search(slot).is_err() {
                continue;
            }
            match assigned {
                Assigned::Constant(text) if text.is_empty() => state.set_outcome(*slot, Outcome::Empty),
                Assigned::Constant(text) => state.set_outcome(*slot, Outcome::Constant((**text).into())),
                Assigned::Copy(from) => state.set_cases(*slot, held(*from, state)),
                Assigned::Computed(computed) => {
                    let cases = computed.cases(&|from| held(from, state));
                    state.set_cases(*slot, Some(cases));
                }
                Assigned::Perhaps(text) => {
                    let of_text = |held: Outcome| (held, Extra::default());
                    let other = Outcome::Any(Excluded::of([&**text]));
                    let cases = vec![of_text(Outcome::Constant((**text).into())), of_text(other)];
                    state.set_cases(*slot, Some(Rc::new(cases)));
                }
                Assigned::Filled => state.set_outcome(*slot, Outcome::Any(Excluded::empty())),
                Assigned::Unknown => state.set_outcome(*slot, Outcome::Any(Excluded::default())),
            }
        }
    }

    /// Adds what a command prints to a capture.
    fn print(&self, prints: &Prints, capture: Option<Slot>, state: &mut Facts) {
        if let Some(slot) = capture {
            let bits = |facts: &[Fact]| self.universe.closed(facts, self.things);
            outputs::add(prints, slot, &bits, state);
        }
    }

    /// Sets `$?`.
    fn set_status(&self, state: &mut Facts, ok: bool) {
        state.set_cases(Slot::Status, Some(self.status(ok)));
    }

    fn status(&self, ok: bool) -> Rc<Cases> {
        Rc::clone(&self.statuses[usize::from(!ok)])
    }

    /// A command that is no pipeline has ended with a status, and is the only stage that can be asked for.
    fn end(&self, state: &mut Facts, status: Rc<Cases>) {
        if self.graph.asks_stages {
            state.set_stages([Some(Rc::clone(&status))]);
        }
        state.set_cases(Slot::Status, Some(status));
    }

    fn simple(&self, id: NodeId, state: &Facts, emit: &mut Vec<(Edge, Facts)>) {
        let graph = self.graph;
        let Kind::Simple(node) = &graph.node(id).kind else { return };
        let Some(step) = &self.steps[id.0 as usize] else { return };
        let callees = (self.callees)(id);
        let mut before = state.clone();
        self.apply(id, &mut before, None);
        if callees.is_empty() {
            let succeeded = Question::Number(Relation::Equal, 0);
            let (mut ok, mut fail) = match &step.condition {
                Some(condition) => self.branch(condition, &step.alike, &before),
                None if node.takes_status => (
                    before.clone().assume(Slot::Status, &succeeded, true),
                    before.clone().assume(Slot::Status, &succeeded, false),
                ),
                None => match step.runs {
                    Some(slot) => (
                        before.clone().assume(slot, &Question::Succeeds, true),
                        before.clone().assume(slot, &Question::Succeeds, false),
                    ),
                    None => (Some(before.clone()), Some(before.clone())),
                },
            };
            ok = self.answers.paired(id, true, ok);
            fail = self.answers.paired(id, false, fail);
            if self.is_unheard(id, node, step) {
                ok = ok.filter(|state| !self.contradicts(&step.ok_ends, state));
                fail = fail.filter(|state| !self.contradicts(&step.fail_ends, state));
            }
            let ended = |mut state: Facts, ending: Ending, status: Rc<Cases>| {
                self.apply(id, &mut state, Some(ending));
                self.assign(step, &before, &mut state);
                let prints = match (&step.prints, ending) {
                    (prints, Ending::Ok) => prints,
                    (Prints::OnSuccess | Prints::UnlessFailed, _) => &Prints::Nothing,
                    (prints, _) => prints,
                };
                self.print(prints, node.capture, &mut state);
                self.end(&mut state, status);
                state
            };
            let sure =
                step.sure_if.and_then(|fact| self.universe.bit(fact)).is_some_and(|bit| before.must.has_low(bit));
            if let Some(fail) = fail.filter(|_| !sure) {
                for &code in &step.unasked {
                    emit.push((Edge::Fail, ended(fail.clone(), Ending::Unasked, codes::exactly(code))));
                }
                let status = match &step.unasked[..] {
                    [] if node.takes_status => codes::failed(fail.cases(Slot::Status), &Extra::clone),
                    [] => self.status(false),
                    unasked => codes::other_than(unasked),
                };
                emit.push((Edge::Fail, ended(fail, Ending::Failed, status)));
            }
            if let Some(ok) = ok {
                emit.push((Edge::Ok, ended(ok, Ending::Ok, self.status(true))));
            }
            return;
        }
        for &callee in callees {
            self.call(id, callee, &before, node, emit);
        }
    }

    /// Whether a command only asks, and nobody hears by its status what the answer was: it stands in front of a pipe.
    fn is_unheard(&self, id: NodeId, node: &SimpleNode<'_>, step: &Step) -> bool {
        let is_stage = !node.behind.is_empty() && node.stage == Some(node.command.span);
        is_stage && step.only_asks() && !self.graph.asks_stages && !(self.pipefail)(id).0
    }

    /// Whether an answer ends what is known: that something is there, or is not.
    fn contradicts(&self, ended: &[Fact], state: &Facts) -> bool {
        ended
            .iter()
            .filter(|fact| matches!(fact.kind, FactKind::Exists | FactKind::Absent))
            .any(|&fact| self.universe.bit(fact).is_some_and(|bit| state.must.has_low(bit)))
    }

    fn call(&self, id: NodeId, callee: UnitId, before: &Facts, node: &SimpleNode<'_>, emit: &mut Vec<(Edge, Facts)>) {
        let link = self.links.get(&(id, callee));
        let Some(summary) = &self.summaries[callee.0 as usize] else {
            // A recursive group is entered with nothing known of it: then no path leads out yet.
            return;
        };
        // A variable that the function declares is another one than its caller's.
        let locals = &self.locals[callee.0 as usize];
        let unit = &self.graph.units[callee.0 as usize];
        let whose = |end: NodeId, slot: Slot| match slot.variable() {
            Some(number) if locals.contains(&number) => Whose::Own,
            Some(number) if !(self.assigned_inside)(unit.entry, end, number) => Whose::Kept,
            _ => Whose::Shared,
        };
        let [ok, fail] = self.answered(callee, before);
        let starts = [ok, fail, Some(before.clone()), Some(before.clone())];
        let edges = [Edge::Ok, Edge::Fail, Edge::ExitOk, Edge::ExitFail];
        for (((end, start), edge), at) in summary.ends.iter().zip(starts).zip(edges).zip(unit.ends) {
            let (Some(end), Some(start)) = (end, start) else { continue };
            let Some(mut after) = self.given(id, &start, end) else { continue };
            let pairs = link.map_or(&[][..], |link| &link.pairs);
            if let Some(ends) = link.and_then(|link| link.ends.as_ref()) {
                after.kill(ends);
                self.answers.forget(ends, &mut after);
            }
            let at_call = after.clone();
            if !after.call(end, pairs, self.tracked, &|slot| whose(at, slot)) {
                continue;
            }
            for &(inner, outer) in self.gives(id) {
                after.settle([outer, inner], end, &at_call, pairs);
            }
            after.complete(&self.merged.with_any(pairs.iter().map(|&(_, outer)| outer)), self.merged);
            if let Some(capture) = node.capture {
                after.print(capture, end, &before.must, pairs);
                if node.captures_errors {
                    self.print(&Prints::Something, node.capture, &mut after);
                }
            }
            match edge {
                Edge::Ok => self.apply(id, &mut after, Some(Ending::Ok)),
                Edge::Fail => self.apply(id, &mut after, Some(Ending::Failed)),
                _ => {}
            }
            let status = if matches!(edge, Edge::Ok | Edge::ExitOk) {
                self.status(true)
            } else {
                let outside = |extra: &Extra| extra.returned(&before.must, &after.must, pairs);
                codes::failed(end.cases(Slot::Status), &outside)
            };
            self.end(&mut after, status);
            emit.push((edge, after));
        }
    }

    /// The state at a call that leads to this end of the callee, by what that found in what it was given; `None` where
    /// it does not lead there.
    fn given(&self, id: NodeId, before: &Facts, end: &Facts) -> Option<Facts> {
        self.gives(id)
            .iter()
            .filter_map(|&(inner, outer)| Some((outer, end.cases(inner)?)))
            .try_fold(before.clone(), |state, (outer, found)| state.found(outer, found))
    }

    /// What a call gives to what it calls: each slot as it is called inside, and outside.
    fn gives(&self, id: NodeId) -> &[(Slot, Slot)] {
        self.steps[id.0 as usize].as_ref().map_or(&[], |step| &step.gives)
    }

    /// What held at a call with which the callee can return ok, and failing.
    fn answered(&self, callee: UnitId, before: &Facts) -> [Option<Facts>; 2] {
        match self.predicates[callee.0 as usize].and_then(|asked| asked.question(self.steps)) {
            Some((condition, yes_is_ok)) => {
                let (yes, no) = self.branch(condition, &[], before);
                if yes_is_ok { [yes, no] } else { [no, yes] }
            }
            None => [Some(before.clone()), Some(before.clone())],
        }
    }

    /// The status that an `exit` or a `return` leaves with, which is no success.
    fn status_left(&self, leaves: Option<&Assigned>, state: &Facts) -> Rc<Cases> {
        match leaves {
            Some(Assigned::Constant(code)) => {
                codes::failed(Some(&certain(Outcome::Constant((**code).into()))), &Extra::clone)
            }
            Some(Assigned::Copy(slot)) => codes::failed(state.cases(*slot), &Extra::clone),
            _ => self.status(false),
        }
    }

    /// What a step ends in any case (before it ends), and what it makes and ends where it ends so.
    fn apply(&self, id: NodeId, state: &mut Facts, ending: Option<Ending>) {
        let Some(compiled) = &self.compiled[id.0 as usize] else { return };
        match ending {
            None => {
                state.make(&compiled.reborn);
                if compiled.spares.is_empty() {
                    state.kill(&compiled.ends);
                } else {
                    let ended = ended(compiled, state);
                    state.kill(&ended);
                }
                for &(narrowed, by) in &compiled.narrows {
                    state.narrow(narrowed, by);
                }
                for (all, to) in &compiled.gathers {
                    state.gather(all, *to);
                }
                for &(file, text) in &compiled.copies {
                    state.gather(&[file], text);
                }
                super::twins::forget(&compiled.forgets, state);
            }
            Some(Ending::Ok) => {
                state.kill(&compiled.replaces);
                let lost = compiled.limits.iter().filter(|(_, by)| !state.must.has_high(*by));
                let lost = Few::of(lost.map(|&(bit, _)| bit).collect());
                state.kill(&lost);
                for &(from, to) in &compiled.carries {
                    state.carry(from, to);
                }
                for (all, to) in &compiled.keeps {
                    state.gather(all, *to);
                }
                state.kill(&compiled.late_ends);
                state.kill(&compiled.ok_ends);
                state.make(&compiled.ok);
                state.complete(&compiled.completes[0], self.merged);
                compiled.paid.iter().for_each(|few| state.make(few));
            }
            Some(ending) => {
                state.kill(&compiled.late_ends);
                state.kill(&compiled.fail_ends);
                if ending == Ending::Failed {
                    state.make(&compiled.fail);
                    state.complete(&compiled.completes[1], self.merged);
                }
                compiled.paid.iter().for_each(|few| state.make(few));
            }
        }
    }
}

/// What a step ends here. Only what surely holds spares something: not what might hold at the entry.
fn ended(compiled: &Compiled, state: &Facts) -> Few {
    let spared = compiled.spares.iter().filter(|(known, _)| state.must.has_low(*known));
    let spared: Vec<usize> = spared.map(|&(_, kept)| kept).collect();
    Few::of(compiled.ends.iter().filter(|bit| !spared.contains(bit)).collect())
}

/// Whether a fact of a value outlives a question with another answer: a text does not change by being asked about, and
/// that it is not this one says nothing of whether it is empty.
fn stays(fact: Fact, makes: &[Fact]) -> bool {
    let opposite = match fact.kind {
        FactKind::NonEmpty => FactKind::IsEmpty,
        FactKind::IsEmpty => FactKind::NonEmpty,
        FactKind::Bounded => return true,
        _ => return false,
    };
    !makes.contains(&Fact { kind: opposite, thing: fact.thing })
}

fn joined(a: Option<Facts>, b: Option<Facts>) -> Option<Facts> {
    match (a, b) {
        (Some(mut a), Some(b)) => {
            a.merge(&b);
            Some(a)
        }
        (only, None) | (None, only) => only,
    }
}

impl Domain for Solving<'_, '_> {
    type State = Facts;

    fn step(&mut self, id: NodeId, state: &Facts, inputs: &Inputs<Facts>, emit: &mut Vec<(Edge, Facts)>) {
        let graph = self.graph;
        let node = graph.node(id);
        let step = self.steps[id.0 as usize].as_ref();
        let live = self.live[id.0 as usize];
        match &node.kind {
            Kind::Simple(_) => self.simple(id, state, emit),
            Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. } | Kind::Code(_) => {
                // What an expression sets is set by the time its result is asked, save where it is what was there before.
                let is_before = matches!(&node.kind, Kind::Arithmetic(arithmetic)
                    if matches!(arithmetic.expression, Some(ArithmeticExpression::Postfix(..))));
                let set = |before: &Facts| {
                    let mut after = before.clone();
                    if let Some(step) = step {
                        self.assign(step, before, &mut after);
                    }
                    after
                };
                let asked = if is_before { state.clone() } else { set(state) };
                let (mut yes, mut no) = match step.and_then(|step| Some((step.condition.as_ref()?, &step.alike))) {
                    Some((condition, alike)) => self.branch(condition, alike, &asked),
                    None => (Some(asked.clone()), Some(asked)),
                };
                if is_before {
                    (yes, no) = (yes.as_ref().map(set), no.as_ref().map(set));
                }
                let (yes, no) = (self.answers.paired(id, true, yes), self.answers.paired(id, false, no));
                let keeps = matches!(node.kind, Kind::Match { .. });
                // How a function or the script ends is a step of its own; a test makes what its answer proves, and no more.
                let ends = matches!(node.kind, Kind::Code(_));
                if let Some(mut no) = no {
                    if ends {
                        self.apply(id, &mut no, Some(Ending::Failed));
                    }
                    if !keeps {
                        let status = self.status_left(step.and_then(|step| step.leaves.as_ref()), &no);
                        self.end(&mut no, status);
                    }
                    emit.push((Edge::Fail, no));
                }
                if let Some(mut yes) = yes {
                    if ends {
                        self.apply(id, &mut yes, Some(Ending::Ok));
                    }
                    if !keeps {
                        self.end(&mut yes, self.status(true));
                    }
                    emit.push((Edge::Ok, yes));
                }
            }
            Kind::Status(ok) => {
                let mut after = state.clone();
                self.set_status(&mut after, *ok);
                emit.push((Edge::Ok, after));
            }
            Kind::Enter(scope) => {
                let mut after = state.clone();
                if let Scope::Substitution(start) = scope
                    && self.asked_last.contains_key(start)
                {
                    after.set_outcome(Slot::Capture(*start), Outcome::Empty);
                }
                emit.push((Edge::Ok, after));
            }
            Kind::Leave { enter, .. } => {
                let Some(before) = inputs.get(*enter) else { return };
                let is_text = matches!(graph.node(*enter).kind, Kind::Enter(Scope::Fragment { .. }));
                let mut after = state.clone();
                // Facts about the shell itself are those of the shell outside.
                after.kill(self.local);
                after.must.copy(self.local, &before.must);
                for &slot in self.tracked {
                    let inside = match slot {
                        Slot::Variable(number) | Slot::Element(number, _) | Slot::Count(number) => {
                            (self.assigned_inside)(*enter, id, number)
                        }
                        // The world is one, and what the script was given stays.
                        Slot::Answer(_) | Slot::Value(_) => false,
                        _ => true,
                    };
                    // What another shell asks of a variable, it asks of its own.
                    if inside || is_text && !has_same_outcomes(before.cases(slot), after.cases(slot)) {
                        after.set_cases(slot, before.cases(slot).map(without_extra));
                    }
                }
                if graph.asks_stages && !matches!(graph.node(*enter).kind, Kind::Enter(Scope::Stage)) {
                    after.set_stages(None);
                }
                emit.push((Edge::Ok, after));
            }
            Kind::Job(slot, step) => {
                let mut after = state.clone();
                self.apply(id, &mut after, Some(Ending::Ok));
                if self.tracked.binary_search(slot).is_ok() {
                    match step {
                        JobStep::Ended(ok) => {
                            after.set_cases(*slot, Some(Rc::clone(&self.statuses[usize::from(!ok)])));
                        }
                        JobStep::Running => after.set_cases(*slot, Some(Rc::default())),
                        // It never ends: nobody comes to know its status, and what is left is its number.
                        JobStep::Started if after.cases(*slot).is_some_and(|cases| cases.is_empty()) => {
                            after.set_outcome(*slot, Outcome::Positive);
                        }
                        JobStep::Started => {}
                    }
                }
                emit.push((Edge::Ok, after));
            }
            Kind::Fill(_) | Kind::Take(_) => emit.push((Edge::Ok, state.clone())),
            Kind::PipeStart(slot) => {
                let mut after = state.clone();
                after.set_cases(*slot, Some(Rc::clone(&self.statuses[0])));
                emit.push((Edge::Ok, after));
            }
            Kind::PipeFailed(slot) => {
                let mut after = state.clone();
                after.set_cases(*slot, Some(Rc::clone(&self.statuses[1])));
                emit.push((Edge::Ok, after));
            }
            Kind::Stage(slot, ok) | Kind::Turned(slot, ok) => {
                let mut after = state.clone();
                after.set_cases(*slot, Some(Rc::clone(&self.statuses[usize::from(!ok)])));
                emit.push((Edge::Ok, after));
            }
            Kind::Stages(pipeline, count) => {
                let mut after = state.clone();
                let stages = (0..*count).map(|number| Slot::Stage(*pipeline, number));
                after.set_stages(stages.clone().map(|stage| state.cases(stage).map(Rc::clone)));
                stages.for_each(|stage| after.set_cases(stage, None));
                emit.push((Edge::Ok, after));
            }
            Kind::TurnsEnd(slot) => {
                let succeeded = Question::Number(Relation::Equal, 0);
                for (edge, ok) in [(Edge::Fail, false), (Edge::Ok, true)] {
                    if let Some(mut after) = state.clone().assume(*slot, &succeeded, ok) {
                        after.set_cases(*slot, None);
                        self.set_status(&mut after, ok);
                        emit.push((edge, after));
                    }
                }
            }
            Kind::PipeEnd(slot) => {
                let none_failed = Question::Number(Relation::Equal, 0);
                let (on, off) = (self.pipefail)(id);
                if on && let Some(mut fail) = state.clone().assume(*slot, &none_failed, false) {
                    self.apply(id, &mut fail, Some(Ending::Failed));
                    fail.set_cases(*slot, None);
                    self.set_status(&mut fail, false);
                    emit.push((Edge::Fail, fail));
                }
                let ok = if off { Some(state.clone()) } else { state.clone().assume(*slot, &none_failed, true) };
                if let Some(mut ok) = ok {
                    ok.set_cases(*slot, None);
                    emit.push((Edge::Ok, ok));
                }
            }
            Kind::Redirects { .. } | Kind::Around(_) => {
                let mut after = state.clone();
                self.apply(id, &mut after, None);
                self.apply(id, &mut after, Some(Ending::Ok));
                emit.push((Edge::Ok, after));
            }
            Kind::Item(_) => {
                let mut after = state.clone();
                self.apply(id, &mut after, None);
                self.apply(id, &mut after, Some(Ending::Ok));
                if let Some(step) = step {
                    self.assign(step, state, &mut after);
                }
                emit.push((Edge::Ok, after));
            }
            Kind::Unread => {
                // Whatever stands there may have ended anything but what only this script does.
                let mut after = state.clone();
                after.set_cases(Slot::Status, None);
                after.kill(&Few::of(
                    (0..self.universe.len()).filter(|&bit| !is_negative(self.universe.fact(bit).kind)).collect(),
                ));
                for &slot in self.tracked {
                    after.set_cases(slot, None);
                }
                emit.push((Edge::Fail, after.clone()));
                emit.push((Edge::Ok, after));
            }
            Kind::End(_) => {}
            Kind::Trap(number) => {
                let set = Question::Equals("set".into());
                emit.extend(state.clone().assume(Slot::Trap(*number), &set, false).map(|state| (Edge::Fail, state)));
                emit.extend(state.clone().assume(Slot::Trap(*number), &set, true).map(|state| (Edge::Ok, state)));
            }
            Kind::Join => {
                let mut after = state.clone();
                self.apply(id, &mut after, None);
                match step.and_then(|step| step.condition.as_ref()) {
                    Some(known) => emit.extend(self.branch(known, &[], &after).0.map(|after| (Edge::Ok, after))),
                    None => emit.push((Edge::Ok, after)),
                }
            }
            Kind::FirstItem(_) | Kind::Errexit | Kind::Fork => {
                let mut after = state.clone();
                self.apply(id, &mut after, None);
                for edge in [Edge::Fail, Edge::Ok] {
                    if live & edge.bit() != 0 {
                        let mut after = after.clone();
                        self.apply(id, &mut after, Some(if edge == Edge::Ok { Ending::Ok } else { Ending::Failed }));
                        emit.push((edge, after));
                    }
                }
            }
        }
        emit.retain(|(edge, _)| live & edge.bit() != 0);
        // What nobody will ask any more is not carried on to the end of the script.
        for slot in step.iter().flat_map(|step| step.reads_slots()) {
            if let Slot::Capture(start) = slot
                && self.asked_last.get(&start) == Some(&id)
            {
                for (_, state) in emit.iter_mut() {
                    state.set_cases(slot, None);
                }
            }
        }
    }
}

impl Merging for Solving<'_, '_> {
    fn merge(&mut self, node: NodeId, into: &mut Facts, from: &Facts) -> bool {
        if is_over(self.graph, node) {
            into.forget_variables();
        }
        into.merge(from)
    }
}

/// Whether nothing runs any more from a node on, so that nobody asks what a variable holds. All ways out of a script
/// meet there, each with what it knows of every variable.
fn is_over(graph: &Graph<'_>, node: NodeId) -> bool {
    let is_end = |node: NodeId| graph.units[0].ends.contains(&node);
    is_end(node)
        || matches!(graph.node(node).kind, Kind::Join) && {
            let mut behind = graph.node(node).edges.iter().map(|(_, to)| to).peekable();
            behind.peek().is_some() && behind.all(is_end)
        }
}

/// Whether a slot has the same cases, whatever holds in each.
fn has_same_outcomes(one: Option<&Rc<Cases>>, other: Option<&Rc<Cases>>) -> bool {
    let outcomes = |cases: &Rc<Cases>| cases.iter().map(|(outcome, _)| outcome.clone()).collect::<Vec<_>>();
    one.map(outcomes) == other.map(outcomes)
}

/// The same outcomes, of which nothing more is known.
fn without_extra(cases: &Rc<Cases>) -> Rc<Cases> {
    if cases.iter().all(|(_, extra)| extra.is_empty()) {
        return Rc::clone(cases);
    }
    Rc::new(cases.iter().map(|(outcome, _)| (outcome.clone(), Extra::default())).collect())
}

/// What `$?` holds after success, and after failure.
pub fn statuses() -> [Rc<Cases>; 2] {
    [certain(Outcome::Constant("0".into())), certain(Outcome::Failure(Excluded::default()))]
}
