//! What a failure leads to that `$?` is asked for next, had errexit not ended the script in front of that.
//!
//! ```sh
//! set -e
//! /opt/app/export > key           # where it fails, the script is over
//! rc=$?
//! if [ "$rc" -ne 0 ]; then        # which it would be here as well: what is lost is the message
//!     die "cannot export: $rc"
//! fi
//! ```

use super::Survey;
use super::another::answer;
use super::words::{self, is_status};
use crate::effects::question::{Excluded, Outcome};
use crate::effects::resolve::is_search;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, SimpleNode, Slot, UnitId};
use crate::knowledge::WordKind;
use crate::syntax::tree::{AssignmentValue, ParameterOperator, Part, PartKind, RedirectKind, Word};
use hashbrown::HashSet;
use std::collections::VecDeque;

/// `$?` is asked for next.
pub(super) const ASKED_NEXT: &str = "asked-next";
/// So it is, only to tell of a failure.
pub(super) const TOLD_NEXT: &str = "told-next";

/// Through how many functions is followed who asks for a status that they hand on.
const MOST_HANDED_ON: u32 = 3;

/// What is lost where errexit ends the script in front of a question for `$?`.
#[derive(Clone, Copy)]
pub(super) struct Lost {
    /// In which way it was asked.
    pub mark: &'static str,
    /// The first step that a failure leads to and that does more than to tell it, where that is known.
    pub step: Option<NodeId>,
    /// Of what would have been told something stays: a line in a log, an answer to who called.
    pub recorded: bool,
}

impl Lost {
    /// Something, nobody knows what.
    const SOMETHING: Self = Self { mark: ASKED_NEXT, step: None, recorded: true };

    /// A message.
    const fn message(recorded: bool) -> Self {
        Self { mark: TOLD_NEXT, step: None, recorded }
    }
}

/// What an outcome leads to.
enum LeadsTo {
    /// Messages and the end of the script; whether one of them is recorded.
    End(bool),
    /// More than that, which begins here if it is known.
    More(Option<NodeId>),
}

impl Survey<'_, '_, '_> {
    /// Whether a node asks for the status of what stands in front of it: to do more with a failure than to tell it and end
    /// the script, or to tell it.
    pub(super) fn asks_in_vain(&self, node: NodeId, telling: &HashSet<UnitId>) -> Option<Lost> {
        self.asks_within(node, telling, MOST_HANDED_ON)
    }

    /// The same, through so many functions that hand the status on.
    fn asks_within(&self, node: NodeId, telling: &HashSet<UnitId>, calls: u32) -> Option<Lost> {
        match self.kind(node) {
            Kind::Match { .. } => self.mentions_status(node).then_some(Lost::SOMETHING),
            _ if !self.takes_status_up(node) => None,
            Kind::Simple(simple) if !self.is_test(node) => match keeper(simple) {
                Some(name) => self.asked_of_kept(node, name, telling, calls),
                None => Some(Lost::SOMETHING),
            },
            _ if !self.is_test(node) => Some(Lost::SOMETHING),
            _ => self.lost(node, self.said_of(node, &Outcome::Failure(Excluded::default())), None, telling),
        }
    }

    /// The same where a variable keeps the status, of the test that is asked for it next.
    fn asked_of_kept(&self, keeper: NodeId, name: &str, telling: &HashSet<UnitId>, calls: u32) -> Option<Lost> {
        let slot = self.resolver.flow.names.find(name).map(Slot::Variable);
        let mut node = keeper;
        // Whether a message was come to, and whether one is recorded.
        let mut told: Option<bool> = None;
        let mut seen = HashSet::new();
        while seen.insert(node) && self.budget.take_step() {
            let [next] = self.ahead(node, Edge::Ok)[..] else { break };
            match self.kind(next) {
                Kind::Simple(_) if self.tells_only(next, telling) => {
                    told = Some(told == Some(true) || self.is_recorded(next));
                    node = next;
                    continue;
                }
                Kind::Join | Kind::Redirects { .. } | Kind::Status(_) | Kind::Errexit => {
                    node = next;
                    continue;
                }
                Kind::Simple(simple) if matches!(words::name(simple), "return" | "exit") => {
                    node = next;
                    continue;
                }
                // It is handed on, and ends the script at the call as it does here: what is lost is lost there.
                Kind::Code([word]) if is_kept(word, name) => {
                    let lost = calls.checked_sub(1).and_then(|calls| self.asked_by_callers(next, telling, calls));
                    return lost.or_else(|| told.map(Lost::message));
                }
                _ => {}
            }
            let condition = self.steps[next.0 as usize].as_ref().and_then(|step| step.condition.as_ref());
            let Some(condition) = condition.filter(|_| self.is_test(next)) else { break };
            let mut slots = Vec::new();
            condition.slots(&mut slots);
            if slots.is_empty() || slots.iter().any(|&asked| Some(asked) != slot) {
                break;
            }
            return self.lost(next, answer(condition, &Outcome::Failure(Excluded::default())), told, telling);
        }
        Some(Lost::SOMETHING)
    }

    /// The same of those who call the function that hands its status on at a node.
    fn asked_by_callers(&self, node: NodeId, telling: &HashSet<UnitId>, calls: u32) -> Option<Lost> {
        let flow = &self.resolver.flow;
        let behind = flow.calls.of(flow.graph.node(node).unit).iter().flat_map(|call| self.ahead(call.node, Edge::Ok));
        let past_gate = behind.flat_map(|next| match self.kind(next) {
            Kind::Errexit => self.ahead(next, Edge::Ok),
            _ => vec![next],
        });
        let tells_it = |next| matches!(self.kind(next), Kind::Simple(_)) && self.mentions_status(next);
        past_gate.into_iter().find_map(|next| {
            let told =
                || (tells_it(next) && self.tells_only(next, telling)).then(|| Lost::message(self.is_recorded(next)));
            self.asks_within(next, telling, calls).or_else(told)
        })
    }

    /// What is lost where a test of a failure is not come to: a message if it leads to that and the end of the script.
    fn lost(&self, test: NodeId, said: Option<bool>, told: Option<bool>, telling: &HashSet<UnitId>) -> Option<Lost> {
        let may_be = |edge: &Edge| said.is_none_or(|yes| yes == (*edge == Edge::Ok));
        let mut edges = [Edge::Ok, Edge::Fail].into_iter().filter(may_be);
        let mut recorded = told == Some(true);
        for edge in edges.clone() {
            match self.leads_to(test, edge, telling) {
                // Where the status decides that nobody knows, the question itself is what is lost.
                LeadsTo::More(step) => {
                    let step = if said.is_none() { Some(test) } else { step };
                    return Some(Lost { mark: ASKED_NEXT, step, recorded: true });
                }
                LeadsTo::End(records) => recorded |= records,
            }
        }
        let tells = told.is_some() || edges.any(|edge| self.tells_first(test, edge));
        tells.then_some(Lost::message(recorded))
    }

    /// Whether an outcome leads to a message.
    fn tells_first(&self, node: NodeId, edge: Edge) -> bool {
        matches!(self.ahead(node, edge)[..], [next] if matches!(self.kind(next), Kind::Simple(_)))
    }

    /// What an outcome leads to, whatever is asked on the way.
    fn leads_to(&self, node: NodeId, edge: Edge, telling: &HashSet<UnitId>) -> LeadsTo {
        let mut waiting = VecDeque::from([(node, edge)]);
        let mut seen = HashSet::new();
        let mut recorded = false;
        while let Some((node, edge)) = waiting.pop_front() {
            if !self.budget.take_step() {
                return LeadsTo::More(None);
            }
            let ahead = self.ahead(node, edge);
            if ahead.is_empty() {
                return LeadsTo::More(None);
            }
            for next in ahead.into_iter().filter(|&next| seen.insert(next)) {
                match self.kind(next) {
                    // The end of the text is one as well.
                    Kind::Code(_) | Kind::End(_) => {}
                    Kind::Simple(_) if self.ends_for_good(next, telling) => recorded |= self.is_recorded(next),
                    Kind::Simple(_) if self.tells_only(next, telling) => {
                        recorded |= self.is_recorded(next);
                        waiting.push_back((next, Edge::Ok));
                    }
                    _ if self.is_test(next) => waiting.extend([(next, Edge::Ok), (next, Edge::Fail)]),
                    // An `if` whose branch is not taken ends with 0.
                    Kind::Status(_) | Kind::Errexit => waiting.push_back((next, Edge::Ok)),
                    Kind::Simple(_) => return LeadsTo::More(Some(next)),
                    _ => return LeadsTo::More(None),
                }
            }
        }
        LeadsTo::End(recorded)
    }

    /// For a status that is asked for in vain: the step that is lost.
    pub(super) fn lost_step(&self, gate: NodeId, telling: &HashSet<UnitId>) -> Option<NodeId> {
        let mut ahead = self.ahead(gate, Edge::Ok).into_iter();
        let (next, lost) = ahead.find_map(|next| Some((next, self.asks_in_vain(next, telling)?)))?;
        let is_command = matches!(self.kind(next), Kind::Simple(_) | Kind::Test(_));
        lost.step.or_else(|| is_command.then_some(next))
    }

    /// Whether a command never comes back, and does nothing else than to tell something, as far as the script says.
    fn ends_for_good(&self, node: NodeId, telling: &HashSet<UnitId>) -> bool {
        let own = self.resolver.flow.calls.callees(node);
        if own.is_empty() {
            return self.resolver.knowledge.never_returns(self.name(node));
        }
        let comes_back = |unit: &UnitId| {
            let ends = &self.resolver.flow.graph.units[unit.0 as usize].ends;
            ends[..2].iter().any(|&end| self.resolver.flow.inputs.get(end).is_some())
        };
        own.iter().all(|unit| telling.contains(unit) && !comes_back(unit))
    }

    /// Whether a command tells something and does nothing else: by its name, or by that of the variable that it is, as in
    /// `$SETCOLOR_FAILURE`.
    fn tells_only(&self, node: NodeId, telling: &HashSet<UnitId>) -> bool {
        let own = self.resolver.flow.calls.callees(node);
        let variable = || {
            let [only] = &self.simple(node)?.simple.words[..] else { return None };
            match &only.only_part()?.kind {
                PartKind::Parameter(parameter) => Some(&*parameter.name),
                _ => None,
            }
        };
        match own {
            [] => {
                let is_message = |name: &str| self.resolver.knowledge.is_message(name);
                is_message(self.name(node)) || variable().is_some_and(is_message)
            }
            _ => own.iter().all(|unit| telling.contains(unit)),
        }
    }

    /// The functions that do nothing but to tell something: by an end of the script, perhaps.
    pub(super) fn telling(&self) -> HashSet<UnitId> {
        let graph = &self.resolver.flow.graph;
        let mut telling: HashSet<UnitId> = (1..graph.units.len() as u32).map(UnitId).collect();
        for node in self.nodes() {
            let Kind::Simple(simple) = self.kind(node) else { continue };
            let name = words::name(simple);
            let tells = self.resolver.knowledge.is_message(name)
                || self.is_test(node)
                || self.resolver.knowledge.never_returns(name);
            let sets = simple.simple.words.is_empty() || matches!(name, "local" | "shift" | "exit" | "return" | ":");
            // What is written to a file may be more than a message.
            let writes = simple.command.redirects.iter().any(|redirect| {
                let file = constant(&redirect.target);
                redirect.kind == RedirectKind::Output && file.is_none_or(|file| !file.starts_with("/dev/"))
            });
            if writes || !tells && !sets && !matches!(name, "date" | "basename" | "true" | "set" | "tput") {
                telling.remove(&graph.node(node).unit);
            }
        }
        telling
    }

    /// Whether the failure that a gate hears is that of a copy that something leaves of what it hands on, `cmd | tee log`, or
    /// of what only brings it into another form, `cmd | tr -d ' '`. It says nothing of the command that was meant.
    pub(super) fn is_of_a_copy(&self, gate: NodeId) -> bool {
        let copies = |node: NodeId| {
            self.simple(node).is_some_and(|simple| {
                let name = words::name(simple);
                let forms = self.resolver.knowledge.is(name, WordKind::Filter) && !is_search(name);
                !simple.before.is_empty() && (name == "tee" || forms)
            })
        };
        self.all_heard(gate, &copies)
    }
}

/// Whether a word is the value of a variable, and nothing else.
fn is_kept(word: &Word, name: &str) -> bool {
    let parameter = word.only_part().and_then(|part| match &part.kind {
        PartKind::DoubleQuoted(inner) => match &inner[..] {
            [Part { kind: PartKind::Parameter(parameter), .. }] => Some(parameter),
            _ => None,
        },
        PartKind::Parameter(parameter) => Some(parameter),
        _ => None,
    });
    parameter.is_some_and(|parameter| matches!(parameter.operator, ParameterOperator::None) && *parameter.name == *name)
}

/// The variable in which a command keeps `$?`, where it does nothing else.
pub(super) fn keeper<'t>(simple: &SimpleNode<'t>) -> Option<&'t str> {
    let (assigned, declared) = (&simple.simple.assignments, &simple.simple.declared);
    let only = match (&assigned[..], &declared[..]) {
        ([only], []) if simple.simple.words.is_empty() => only,
        ([], [only]) if matches!(words::name(simple), "local" | "declare" | "typeset") => only,
        _ => return None,
    };
    matches!(&only.value, AssignmentValue::Scalar(word) if is_status(word)).then_some(&*only.name.text)
}
