//! Actions that fail because there is nothing left to do.

use super::answers::Answer;
use super::{Breach, Region, Survey};
use crate::effects::step::Assigned;
use crate::finding::Edit;
use crate::flow::graph::{Edge, Kind, NodeId, Slot, UnitKind};
use crate::knowledge::How;
use crate::span::Span;
use hashbrown::HashSet;

/// It fails where the service is stopped already.
pub(super) const ABSENT_FAILS: &str = "absent-fails";
/// It fails where the service runs already.
const RUNNING_FAILS: &str = "running-fails";

/// What ends the script,
const EXIT: &str = "exit";
/// and what ends a function.
const RETURN: &str = "return";

/// What codes of failures are called in agents: OCF resource agent API.
const AGENT_ERRORS: &str = "OCF_ERR_";
/// And that of success.
const AGENT_SUCCESS: &str = "OCF_SUCCESS";

impl Survey<'_, '_, '_> {
    /// The ends of an action in failure that follow from an answer which says that what was asked for is so already.
    pub(super) fn refusals(&self, region: &Region) -> Vec<Breach> {
        let mut found = Vec::new();
        for &node in &region.nodes {
            let asked = self.ends_by_errexit(node).then_some(node).or_else(|| self.hands_on_code(node));
            if let Some(asked) = asked.filter(|_| region.duty != How::Start) {
                let (span, named) = (self.span(node), self.span(asked));
                found.push(Breach {
                    node,
                    duty: region.duty,
                    span,
                    named,
                    mark: ABSENT_FAILS,
                    edits: Vec::new(),
                    not_where: Vec::new(),
                });
            }
            if !self.ends_in_failure(node) {
                continue;
            }
            let governing = self.governing(node);
            let breaches = |&(question, edge): &(NodeId, Edge)| {
                self.answer(question, edge).and_then(|answer| breached(region.duty, answer)).is_some()
            };
            let edits = if governing.iter().all(breaches) { self.succeeding(node, region) } else { None };
            for (question, edge) in governing {
                let answer = self.answer(question, edge).filter(|_| self.is_first(question, region));
                let Some(mark) = answer.and_then(|answer| breached(region.duty, answer)) else { continue };
                let (span, named) = (self.span(node), self.span(question));
                let edits = edits.clone().unwrap_or_default();
                let not_where = self.files_found_empty(question);
                found.push(Breach { node, duty: region.duty, span, named, mark, edits, not_where });
            }
        }
        found
    }

    /// Whether some way from the entry of the action comes to a question before anything was done: what is asked afterwards
    /// is whether that helped.
    pub(super) fn is_first(&self, question: NodeId, region: &Region) -> bool {
        let calls = &self.resolver.flow.calls;
        let orders = &self.resolver.flow.orders;
        let does = |node: NodeId| {
            let mut inside = calls.callees(node).iter().flat_map(|&unit| &orders.unit(unit).nodes);
            self.acting.contains(&node) || inside.any(|inner| self.acting.contains(inner))
        };
        region.first.get_or_init(|| self.reached(region, &|from, _| does(from))).contains(&question)
    }

    /// Whether a node ends the action, and surely in failure.
    pub(super) fn ends_in_failure(&self, node: NodeId) -> bool {
        match self.kind(node) {
            Kind::Code(_) => self.is_live(node, Edge::Fail) && !self.is_live(node, Edge::Ok),
            Kind::Simple(_) => {
                let mut edges = self.edges(node).map(|(edge, _)| edge);
                edges.next() == Some(Edge::ExitFail) && edges.next().is_none()
            }
            _ => false,
        }
    }

    /// `exit 1` → `exit 0`, `return $OCF_ERR_GENERIC` → `return $OCF_SUCCESS`. A restart has more to do where nothing runs: its
    /// own end is no success, and one of a function that it calls as well ends no more than the function.
    fn succeeding(&self, node: NodeId, region: &Region) -> Option<Vec<Edit>> {
        let Kind::Code([word]) = self.kind(node) else { return None };
        let written = self.resolver.written(word.span);
        let is_number = written.bytes().all(|byte| byte.is_ascii_digit());
        let name = written.trim_matches('"').strip_prefix('$').unwrap_or_default();
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let code = match name {
            _ if is_number => "0".to_owned(),
            _ if name.starts_with(AGENT_ERRORS) => written.replace(name, AGENT_SUCCESS),
            _ => return None,
        };
        let unit = &self.resolver.flow.graph.units[region.unit.0 as usize];
        let is_function = matches!(unit.kind, UnitKind::Function(_)) && region.entries[..] == [unit.entry];
        let whole = self.span(node);
        let ends = Span::new(whole.start, whole.start + EXIT.len() as u32);
        let mut edits = vec![Edit { span: word.span, text: code }];
        if is_function && self.resolver.written(ends) == EXIT {
            edits.push(Edit { span: ends, text: RETURN.to_owned() });
        }
        matches!(region.duty, How::Start | How::Stop).then_some(edits)
    }

    /// Whether a command that says that nothing runs ends the action by that (`set -e`).
    fn ends_by_errexit(&self, node: NodeId) -> bool {
        let says_absent = || self.answer(node, Edge::Fail).is_some_and(|answer| !answer.present);
        let ends = |(edge, to): (Edge, NodeId)| {
            edge == Edge::Fail
                && matches!(self.kind(to), Kind::Errexit)
                && self.is_live(to, Edge::Fail)
                && !self.is_live(to, Edge::Ok)
        };
        let is_outermost = matches!(self.kind(node), Kind::Simple(simple) if simple.capture.is_none());
        is_outermost && self.edges(node).any(ends) && says_absent()
    }

    /// The question whether the service runs with whose status a node ends the action: a failure where it does not, and
    /// nobody has told that one from others.
    fn hands_on_code(&self, node: NodeId) -> Option<NodeId> {
        let Kind::Code(_) = self.kind(node) else { return None };
        let Some(Assigned::Copy(slot @ Slot::Variable(_))) = &self.step(node)?.leaves else { return None };
        let set = self.assigned(node, *slot, &|from| *from == Slot::Status)?;
        let asked = self.set_by(set).filter(|&asked| self.asks_for_state(asked))?;
        (!self.is_told_apart(set, node, *slot)).then_some(asked)
    }

    /// Whether a status is asked for the code of what does not run, between two places in the text.
    fn is_told_apart(&self, from: NodeId, to: NodeId, slot: Slot) -> bool {
        let unit = self.resolver.flow.graph.node(to).unit;
        let way = ((self.span(from).start, from), self.span(to).start);
        self.places.is_told_apart(unit, slot, way)
    }

    /// The questions that decide that a node is come to, with their answers: what only tells is passed.
    pub(super) fn governing(&self, node: NodeId) -> Vec<(NodeId, Edge)> {
        let mut found = Vec::new();
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting = vec![node];
        while let Some(to) = waiting.pop() {
            for &from in self.ways.ahead_of(to) {
                let edges: Vec<Edge> =
                    self.edges(from).filter(|&(_, target)| target == to).map(|(edge, _)| edge).collect();
                if let ([edge], true) = (&edges[..], self.splits(from)) {
                    found.push((from, *edge));
                } else if !self.acts(from) && self.budget.take_step() && seen.insert(from) {
                    waiting.push(from);
                }
            }
        }
        found
    }
}

/// How a failure behind an answer breaks a contract.
fn breached(duty: How, answer: Answer) -> Option<&'static str> {
    match (duty, answer) {
        (How::Stop | How::Restart, Answer { present: false, .. }) => Some(ABSENT_FAILS),
        (How::Start, Answer { present: true, bare: false }) => Some(RUNNING_FAILS),
        _ => None,
    }
}
