//! Facts as they flow: steps applied to states, with calls through summaries.

use super::bits::Bits;
use super::facts::{Cases, Facts, Outcome, Question, Relation, Set};
use super::step::{Assigned, Condition, Prints, Step};
use super::thing::{Fact, ThingId, Things};
use super::universe::{Universe, is_negative};
use crate::flow::graph::{Edge, Graph, Kind, NodeId, Scope, Slot, UnitId};
use crate::flow::solve::{Domain, Inputs};
use crate::knowledge::{FactKind, ThingKind, Touch};
use crate::span::Span;
use std::collections::HashSet;

/// A step with its facts as bits.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Ends whatever the outcome, before content is carried.
    ends: Bits,
    /// Ends whatever the outcome, after content was carried (the source of a move).
    late_ends: Bits,
    /// Pairs of bits: the second holds where the first does.
    carries: Vec<(usize, usize)>,
    /// Hold of values that are made anew: nothing was done to what they name.
    reborn: Bits,
    ok: Bits,
    fail: Bits,
    ok_ends: Bits,
    fail_ends: Bits,
}

/// What a unit leaves behind at each of its four ends, and what it may touch.
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
    pub ends: Option<Bits>,
}

/// The domain of facts.
pub struct Solving<'a, 't> {
    /// The graph.
    pub graph: &'a Graph<'t>,
    /// What each node does.
    pub steps: &'a [Option<Step>],
    /// The same as bits.
    pub compiled: &'a [Option<Compiled>],
    /// Which outcomes each node can have by the exact state.
    pub live: &'a [u8],
    /// Callees of each call.
    pub callees: &'a dyn Fn(NodeId) -> Vec<UnitId>,
    /// Summaries, as far as they are known.
    pub summaries: &'a [Option<Summary>],
    /// What parameters are at each call.
    pub links: &'a std::collections::HashMap<(NodeId, UnitId), Link>,
    /// The followed facts.
    pub universe: &'a Universe,
    /// What they are about.
    pub things: &'a Things,
    /// The slots that are followed.
    pub tracked: &'a HashSet<Slot>,
    /// The facts of the shell itself, which a copy of the shell takes along.
    pub local: &'a Bits,
    /// Which variables differ between an `Enter` and its `Leave`.
    pub assigned_inside: &'a dyn Fn(NodeId, NodeId, u32) -> bool,
    /// Whether pipefail may be on at a node, and may be off.
    pub pipefail: &'a dyn Fn(NodeId) -> (bool, bool),
}

/// The bit of an edge in [`Solving::live`].
pub fn edge_bit(edge: Edge) -> u8 {
    match edge {
        Edge::Ok => 1,
        Edge::Fail => 2,
        Edge::ExitOk => 4,
        Edge::ExitFail => 8,
    }
}

/// Compiles a step.
pub fn compile(
    step: &Step,
    universe: &Universe,
    things: &Things,
    written: &dyn Fn(ThingId) -> Vec<ThingId>,
    node: u32,
    span: Span,
) -> Compiled {
    let size = universe.len();
    let mut ends = Bits::none(size);
    let mut late_ends = Bits::none(size);
    let mut reborn = Bits::none(size);
    for bit in universe.remade(node, span) {
        if is_negative(universe.fact(bit).kind) {
            reborn.add(bit);
        } else {
            ends.add(bit);
        }
    }
    let sources: HashSet<ThingId> = step.transfers.iter().map(|&(from, _)| from).collect();
    for &(thing, touch) in &step.touches {
        let target = if sources.contains(&thing) { &mut late_ends } else { &mut ends };
        universe.ended(thing, touch, things, target);
        // A change of its configuration ends what was known of a service.
        if things.get(thing).kind == ThingKind::Path {
            for service in written(thing) {
                for kind in [FactKind::ConfigValid, FactKind::Unwritten] {
                    if let Some(bit) = universe.bit(Fact { kind, thing: service }) {
                        target.add(bit);
                    }
                }
            }
        }
    }
    for &thing in &step.doubtful {
        let mut doubted = Bits::none(size);
        universe.ended(thing, Touch::Written, things, &mut doubted);
        for service in written(thing) {
            if let Some(bit) = universe.bit(Fact { kind: FactKind::ConfigValid, thing: service }) {
                doubted.add(bit);
            }
        }
        doubted.subtract(&universe.negative());
        ends.unite(&doubted);
    }
    for &thing in &step.removes {
        if let Some(bit) = universe.bit(Fact { kind: FactKind::NotRemovedHere, thing }) {
            ends.add(bit);
        }
    }
    let renewed: Vec<Fact> = step.renews.iter().map(|&thing| Fact { kind: FactKind::RenewedHere, thing }).collect();
    let closed = |facts: &[Fact]| {
        let mut bits = Bits::none(size);
        for &fact in facts.iter().chain(&renewed) {
            universe.close(fact, things, &mut bits);
        }
        bits
    };
    let exact = |facts: &[Fact]| {
        let mut bits = Bits::none(size);
        for &fact in facts {
            if let Some(bit) = universe.bit(fact) {
                bits.add(bit);
            }
        }
        bits
    };
    let mut carries = Vec::new();
    for &(from, to) in &step.transfers {
        for kind in [FactKind::ContentValidated, FactKind::ContentComplete] {
            let Some(bit) = universe.bit(Fact { kind, thing: from }) else { continue };
            if let Some(copy) = universe.bit(Fact { kind, thing: to }) {
                carries.push((bit, copy));
            }
            if kind == FactKind::ContentValidated {
                for service in written(to) {
                    if let Some(valid) = universe.bit(Fact { kind: FactKind::ConfigValid, thing: service }) {
                        carries.push((bit, valid));
                    }
                }
            }
        }
    }
    Compiled {
        ends,
        late_ends,
        carries,
        reborn,
        ok: closed(&step.ok),
        fail: closed(&step.fail),
        ok_ends: exact(&step.ok_ends),
        fail_ends: exact(&step.fail_ends),
    }
}

impl Solving<'_, '_> {
    fn closed(&self, facts: &[Fact]) -> Bits {
        let mut bits = Bits::none(self.universe.len());
        for &fact in facts {
            self.universe.close(fact, self.things, &mut bits);
        }
        bits
    }

    /// The states in which a condition is true, and in which it is false.
    fn branch(&self, condition: &Condition, state: &Facts) -> (Option<Facts>, Option<Facts>) {
        let with = |mut state: Facts, makes: &[Fact], ends: &[Fact]| {
            let mut bits = Bits::none(self.universe.len());
            for &fact in ends {
                if let Some(bit) = self.universe.bit(fact) {
                    bits.add(bit);
                }
            }
            state.kill(&bits);
            state.make(&self.closed(makes));
            state
        };
        match condition {
            Condition::Facts { yes, no } => (Some(with(state.clone(), yes, no)), Some(with(state.clone(), no, yes))),
            Condition::Slot { slot, question, yes, no } => {
                let on = state.clone().assume(*slot, question, true).map(|state| with(state, yes, no));
                let off = state.clone().assume(*slot, question, false).map(|state| with(state, no, yes));
                (on, off)
            }
            Condition::Known(answer) => {
                if *answer {
                    (Some(state.clone()), None)
                } else {
                    (None, Some(state.clone()))
                }
            }
            Condition::Not(inner) => {
                let (yes, no) = self.branch(inner, state);
                (no, yes)
            }
            Condition::And(left, right) => {
                let (yes, no) = self.branch(left, state);
                match yes {
                    None => (None, no),
                    Some(yes) => {
                        let (both, second) = self.branch(right, &yes);
                        (both, joined(no, second))
                    }
                }
            }
            Condition::Or(left, right) => {
                let (yes, no) = self.branch(left, state);
                match no {
                    None => (yes, None),
                    Some(no) => {
                        let (second, neither) = self.branch(right, &no);
                        (joined(yes, second), neither)
                    }
                }
            }
            Condition::Unknown => (Some(state.clone()), Some(state.clone())),
        }
    }

    fn assign(&self, step: &Step, before: &Facts, state: &mut Facts) {
        for (slot, assigned) in &step.assigns {
            if !self.tracked.contains(slot) {
                continue;
            }
            match assigned {
                Assigned::Constant(text) if text.is_empty() => state.set_outcome(*slot, Outcome::Empty),
                Assigned::Constant(text) => state.set_outcome(*slot, Outcome::Constant(text.clone())),
                Assigned::Copy(from) => {
                    let cases = if *from == Slot::Status { before.cases(*from) } else { state.cases(*from) }.cloned();
                    state.set_cases(*slot, cases);
                }
                Assigned::Unknown => state.set_cases(*slot, None),
            }
        }
    }

    /// Adds what a command prints to a capture.
    fn print(prints: &Prints, capture: Option<u32>, state: &mut Facts) {
        let Some(slot) = capture.map(Slot::Capture) else { return };
        if *prints == Prints::Nothing {
            return;
        }
        let Some(cases) = state.cases(slot).cloned() else { return };
        let mut after: Cases = Vec::new();
        let mut put = |outcome: Outcome, set: &Set| match after.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, known)) => {
                known.low.intersect(&set.low);
                known.high.intersect(&set.high);
            }
            None => after.push((outcome, set.clone())),
        };
        for (outcome, set) in &cases {
            match (outcome, prints) {
                (Outcome::Empty, Prints::Text(text)) if text.is_empty() => put(Outcome::Empty, set),
                (Outcome::Empty, Prints::Text(text)) => put(Outcome::Constant(text.clone()), set),
                (Outcome::Empty, Prints::OnSuccess) => put(Outcome::Other, set),
                (Outcome::Empty, Prints::Something) => {
                    put(Outcome::Empty, set);
                    put(Outcome::Other, set);
                }
                _ => put(Outcome::Other, set),
            }
        }
        after.sort_by(|a, b| a.0.cmp(&b.0));
        state.set_cases(slot, Some(after));
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
                Some(condition) => self.branch(condition, &before),
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
            for (state, edge) in [(&mut ok, Edge::Ok), (&mut fail, Edge::Fail)] {
                if let Some(state) = state {
                    self.apply(id, state, Some(edge));
                    self.assign(step, &before, state);
                    let prints = match (&step.prints, edge) {
                        (Prints::OnSuccess, Edge::Fail) => &Prints::Nothing,
                        (prints, _) => prints,
                    };
                    Self::print(prints, node.capture, state);
                    let status = if edge == Edge::Ok { Outcome::Constant("0".into()) } else { Outcome::Failure };
                    state.set_outcome(Slot::Status, status);
                }
            }
            let sure =
                step.sure_if.and_then(|fact| self.universe.bit(fact)).is_some_and(|bit| before.must.low.has(bit));
            if let Some(fail) = fail.filter(|_| !sure) {
                emit.push((Edge::Fail, fail));
            }
            if let Some(ok) = ok {
                emit.push((Edge::Ok, ok));
            }
            return;
        }
        for callee in callees {
            self.call(id, callee, &before, node.capture, emit);
        }
    }

    fn call(&self, id: NodeId, callee: UnitId, before: &Facts, capture: Option<u32>, emit: &mut Vec<(Edge, Facts)>) {
        let link = self.links.get(&(id, callee));
        let Some(summary) = &self.summaries[callee.0 as usize] else {
            // A recursive group is entered with nothing known of it: then no path leads out yet.
            return;
        };
        for (at, edge) in [Edge::Ok, Edge::Fail, Edge::ExitOk, Edge::ExitFail].into_iter().enumerate() {
            let Some(end) = &summary.ends[at] else { continue };
            let mut after = before.clone();
            if let Some(ends) = link.and_then(|link| link.ends.as_ref()) {
                after.kill(ends);
            }
            let base = after.must.clone();
            let through = |set: &Set| {
                let mut applied = set.applied_to(&base);
                for &(inner, outer) in link.map_or(&[][..], |link| &link.pairs) {
                    if set.low.has(inner) {
                        applied.low.add(outer);
                        applied.high.add(outer);
                    }
                }
                applied
            };
            let must = through(&end.must);
            let mut slots: Vec<(Slot, Option<Cases>)> = Vec::new();
            for slot in self.tracked {
                let cases = end.cases(*slot).and_then(|cases| {
                    let mut seen: Cases = Vec::new();
                    let mut put = |outcome: &Outcome, mut set: Set| {
                        set.low.subtract(&must.low);
                        set.high.subtract(&must.high);
                        match seen.iter_mut().find(|(known, _)| known == outcome) {
                            Some((_, known)) => {
                                known.low.intersect(&set.low);
                                known.high.intersect(&set.high);
                            }
                            None => seen.push((outcome.clone(), set)),
                        }
                    };
                    for (outcome, set) in cases {
                        let full = end.full(set);
                        if *outcome == Outcome::Entry {
                            for (outer, outer_set) in after.cases(*slot)? {
                                let held = after.full(outer_set);
                                put(outer, full.applied_to(&held));
                            }
                        } else {
                            put(outcome, through(&full));
                        }
                    }
                    seen.sort_by(|a, b| a.0.cmp(&b.0));
                    Some(seen)
                });
                slots.push((*slot, cases));
            }
            // Conditions of the caller's own slots survive as far as the callee lets their facts live.
            let kept: Vec<(Slot, Cases)> = after
                .slots()
                .filter(|(slot, _)| !self.tracked.contains(slot))
                .map(|(slot, cases)| {
                    let cases = cases
                        .iter()
                        .map(|(outcome, set)| {
                            let mut full = end.must.applied_to(&after.full(set));
                            full.low.subtract(&must.low);
                            full.high.subtract(&must.high);
                            (outcome.clone(), full)
                        })
                        .collect();
                    (slot, cases)
                })
                .collect();
            after.must = must;
            for (slot, cases) in kept {
                after.set_cases(slot, Some(cases));
            }
            for (slot, cases) in slots {
                after.set_cases(slot, cases);
            }
            Self::print(&Prints::Something, capture, &mut after);
            let status =
                if matches!(edge, Edge::Ok | Edge::ExitOk) { Outcome::Constant("0".into()) } else { Outcome::Failure };
            after.set_outcome(Slot::Status, status);
            emit.push((edge, after));
        }
    }

    /// What a step ends in any case (no edge), and what it makes and ends on an edge.
    fn apply(&self, id: NodeId, state: &mut Facts, edge: Option<Edge>) {
        let Some(compiled) = &self.compiled[id.0 as usize] else { return };
        match edge {
            None => {
                state.make(&compiled.reborn);
                state.kill(&compiled.ends);
            }
            Some(Edge::Ok) => {
                for &(from, to) in &compiled.carries {
                    state.carry(from, to);
                }
                state.kill(&compiled.late_ends);
                state.kill(&compiled.ok_ends);
                state.make(&compiled.ok);
            }
            Some(_) => {
                state.kill(&compiled.late_ends);
                state.kill(&compiled.fail_ends);
                state.make(&compiled.fail);
            }
        }
    }
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
        match &node.kind {
            Kind::Simple(_) => self.simple(id, state, emit),
            Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. } | Kind::Code(_) => {
                let (yes, no) = match step.and_then(|step| step.condition.as_ref()) {
                    Some(condition) => self.branch(condition, state),
                    None => (Some(state.clone()), Some(state.clone())),
                };
                let keeps = matches!(node.kind, Kind::Match { .. });
                if let Some(mut no) = no {
                    if !keeps {
                        no.set_outcome(Slot::Status, Outcome::Failure);
                    }
                    emit.push((Edge::Fail, no));
                }
                if let Some(mut yes) = yes {
                    if !keeps {
                        yes.set_outcome(Slot::Status, Outcome::Constant("0".into()));
                    }
                    emit.push((Edge::Ok, yes));
                }
            }
            Kind::Status(ok) => {
                let mut after = state.clone();
                after.set_outcome(Slot::Status, if *ok { Outcome::Constant("0".into()) } else { Outcome::Failure });
                emit.push((Edge::Ok, after));
            }
            Kind::Enter(scope) => {
                let mut after = state.clone();
                if let Scope::Substitution(start) = scope {
                    after.set_outcome(Slot::Capture(*start), Outcome::Empty);
                }
                emit.push((Edge::Ok, after));
            }
            Kind::Leave(enter) => {
                let Some(before) = inputs.get(*enter) else { return };
                let mut after = state.clone();
                // Facts about the shell itself are those of the shell outside.
                let mut outside = before.must.clone();
                outside.low.intersect(self.local);
                outside.high.intersect(self.local);
                after.kill(self.local);
                after.must.low.unite(&outside.low);
                after.must.high.unite(&outside.high);
                let variables: Vec<(Slot, u32)> = self
                    .tracked
                    .iter()
                    .map(|slot| (*slot, if let Slot::Variable(number) = slot { *number } else { u32::MAX }))
                    .collect();
                for (slot, number) in variables {
                    if number == u32::MAX || (self.assigned_inside)(*enter, id, number) {
                        let none = Set { low: Bits::none(self.universe.len()), high: Bits::none(self.universe.len()) };
                        let cases = before
                            .cases(slot)
                            .map(|cases| cases.iter().map(|(outcome, _)| (outcome.clone(), none.clone())).collect());
                        after.set_cases(slot, cases);
                    }
                }
                emit.push((Edge::Ok, after));
            }
            Kind::PipeStart(slot) => {
                let mut after = state.clone();
                after.set_outcome(*slot, Outcome::Constant("0".into()));
                emit.push((Edge::Ok, after));
            }
            Kind::PipeFailed(slot) => {
                let mut after = state.clone();
                after.set_outcome(*slot, Outcome::Failure);
                emit.push((Edge::Ok, after));
            }
            Kind::PipeEnd(slot) => {
                let none_failed = Question::Number(Relation::Equal, 0);
                let (on, off) = (self.pipefail)(id);
                if on && let Some(mut fail) = state.clone().assume(*slot, &none_failed, false) {
                    fail.set_cases(*slot, None);
                    fail.set_outcome(Slot::Status, Outcome::Failure);
                    emit.push((Edge::Fail, fail));
                }
                let ok = if off { Some(state.clone()) } else { state.clone().assume(*slot, &none_failed, true) };
                if let Some(mut ok) = ok {
                    ok.set_cases(*slot, None);
                    emit.push((Edge::Ok, ok));
                }
            }
            Kind::Redirects { .. } => {
                let mut after = state.clone();
                self.apply(id, &mut after, None);
                self.apply(id, &mut after, Some(Edge::Ok));
                emit.push((Edge::Ok, after));
            }
            Kind::Item(_) => {
                let mut after = state.clone();
                self.apply(id, &mut after, None);
                if let Some(step) = step {
                    self.assign(step, state, &mut after);
                }
                emit.push((Edge::Ok, after));
            }
            Kind::Unread => {
                // Whatever stands there may have ended anything but what only this script does.
                let mut after = state.clone();
                let mut all = Bits::all(self.universe.len());
                all.subtract(&self.universe.negative());
                after.kill(&all);
                let slots: Vec<Slot> = self.tracked.iter().copied().collect();
                for slot in slots {
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
                emit.push((Edge::Ok, after));
            }
            Kind::FirstItem(_) | Kind::Errexit | Kind::Fork => {
                emit.push((Edge::Fail, state.clone()));
                emit.push((Edge::Ok, state.clone()));
            }
        }
        let live = self.live[id.0 as usize];
        emit.retain(|(edge, _)| live & edge_bit(*edge) != 0);
    }

    fn merge(&mut self, _: NodeId, into: &mut Facts, from: &Facts) -> bool {
        into.merge(from)
    }
}

impl Compiled {
    /// All that it can end, on any edge.
    pub fn all_ends(&self) -> Bits {
        let mut all = self.ends.clone();
        for more in [&self.late_ends, &self.ok_ends, &self.fail_ends] {
            all.unite(more);
        }
        all
    }
}
