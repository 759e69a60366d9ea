//! Exit codes: which commands are asked for theirs, and what a failure leaves in `$?`.
//!
//! ```sh
//! cmp -s new.conf /etc/app.conf
//! [ $? -eq 1 ] && cp -p /etc/app.conf /etc/app.conf.bak    # 1: they differ, 2: it could not ask
//! ```
//! Who asks only whether a command failed takes that for its *no*. Where the codes are told apart, those with which it
//! could not ask are outcomes of their own that prove nothing.

use super::facts::{Cases, certain, put};
use super::question::{Excluded, Outcome, Question, Relation};
use super::set::Extra;
use super::step::{Assigned, Condition, Step};
use super::ways::Ways;
use crate::flow::calls::Calls;
use crate::flow::graph::{Edge, Graph, Kind, NodeId, Slot, UnitId};
use hashbrown::{HashMap, HashSet};
use std::rc::Rc;

/// Leaves the codes with which a command fails to ask to those steps whose code somebody asks for.
pub fn mark(graph: &Graph<'_>, calls: &Calls, ways: &Ways, steps: &mut [Option<Box<Step>>]) {
    let told = if steps.iter().flatten().any(|step| !step.unasked.is_empty()) {
        Askers { graph, calls, steps }.told(ways)
    } else {
        HashSet::new()
    };
    for (at, step) in steps.iter_mut().enumerate() {
        if let Some(step) = step.as_mut().filter(|step| !step.unasked.is_empty())
            && !told.contains(&NodeId(at as u32))
        {
            step.rare_mut().unasked.clear();
        }
    }
}

/// What is asked for its code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Asked {
    /// `$?` in front of a node.
    Before(NodeId),
    /// What a slot holds.
    Held(Slot),
}

/// Looks for the commands whose code is asked for.
struct Askers<'a, 't> {
    graph: &'a Graph<'t>,
    calls: &'a Calls,
    steps: &'a [Option<Box<Step>>],
}

impl Askers<'_, '_> {
    /// The nodes from whose failures the codes come that somebody tells apart.
    fn told(&self, ways: &Ways) -> HashSet<NodeId> {
        let asked = |at: usize, slot: Slot| match slot {
            Slot::Status => Asked::Before(NodeId(at as u32)),
            slot => Asked::Held(slot),
        };
        let mut waiting: Vec<Asked> = Vec::new();
        let mut sources: HashMap<Slot, Vec<Asked>> = HashMap::new();
        for (at, step) in self.steps.iter().enumerate().filter_map(|(at, step)| Some((at, step.as_ref()?))) {
            if let Some(condition) = &step.condition {
                condition.each(&mut |single| match single {
                    Condition::Slot { slot, question, .. } if tells_codes(question) => waiting.push(asked(at, *slot)),
                    _ => {}
                });
            }
            for (slot, assigned) in &step.assigns {
                sources.entry(*slot).or_default().extend(assigned.reads().into_iter().map(|from| asked(at, from)));
            }
            for &(inner, outer) in &step.gives {
                sources.entry(inner).or_default().push(asked(at, outer));
            }
        }
        let mut told = HashSet::new();
        if waiting.is_empty() {
            return told;
        }
        let mut seen: HashSet<Asked> = waiting.iter().copied().collect();
        while let Some(next) = waiting.pop() {
            let from = match next {
                Asked::Held(slot) => sources.remove(&slot).unwrap_or_default(),
                Asked::Before(at) => {
                    let ahead = ways.ahead_of(at).iter();
                    ahead.flat_map(|&before| self.came_from(before, at, &mut told)).collect()
                }
            };
            waiting.extend(from.into_iter().filter(|&from| seen.insert(from)));
        }
        told
    }

    /// From where the status comes that a node passes on to the one behind it; a command that failed is told.
    fn came_from(&self, node: NodeId, behind: NodeId, told: &mut HashSet<NodeId>) -> Vec<Asked> {
        match &self.graph.node(node).kind {
            Kind::Simple(simple) if simple.takes_status => vec![Asked::Before(node)],
            Kind::Simple(_) => {
                let callees = self.calls.callees(node);
                if callees.is_empty() && self.graph.successor(node, Edge::Fail) == Some(behind) {
                    told.insert(node);
                }
                callees.iter().flat_map(|&callee| self.failing_ends(callee)).map(Asked::Before).collect()
            }
            Kind::Code(_) => match self.steps[node.0 as usize].as_ref().and_then(|step| step.leaves.as_ref()) {
                Some(Assigned::Copy(Slot::Status)) => vec![Asked::Before(node)],
                Some(Assigned::Copy(slot)) => vec![Asked::Held(*slot)],
                _ => Vec::new(),
            },
            Kind::Test(_) | Kind::Arithmetic(_) | Kind::Status(_) | Kind::Unread => Vec::new(),
            _ => vec![Asked::Before(node)],
        }
    }

    /// The ends at which a function has failed.
    fn failing_ends(&self, unit: UnitId) -> [NodeId; 2] {
        let [_, failed, _, exited] = self.graph.units[unit.0 as usize].ends;
        [failed, exited]
    }
}

/// Whether a question tells one failure from another.
fn tells_codes(question: &Question) -> bool {
    match question {
        Question::Equals(text) => text.parse::<u8>().is_ok_and(|code| code != 0),
        Question::Number(Relation::Equal, code) => *code != 0,
        Question::Number(Relation::Less, code) => *code > 1,
        Question::Number(Relation::Greater, code) => *code > 0,
        Question::Matches(_) => true,
        Question::NonEmpty | Question::Succeeds => false,
    }
}

/// What `$?` holds after a failure with another code than these.
pub fn other_than(codes: &[u8]) -> Rc<Cases> {
    let codes: Vec<String> = codes.iter().map(u8::to_string).collect();
    certain(Outcome::Failure(Excluded::of(codes.iter().map(String::as_str))))
}

/// What `$?` holds after this failure.
pub fn exactly(code: u8) -> Rc<Cases> {
    certain(Outcome::Constant(code.to_string().into()))
}

/// What `$?` holds where something failed with a status of which these are the cases, and `change` says what their facts
/// become.
pub fn failed(cases: Option<&Rc<Cases>>, change: &dyn Fn(&Extra) -> Extra) -> Rc<Cases> {
    let mut failed = Cases::new();
    for (outcome, extra) in cases.into_iter().flat_map(|cases| cases.iter()) {
        let outcome = match outcome {
            Outcome::Constant(text) => match text.trim().parse::<u8>() {
                Ok(0) => continue,
                Ok(_) => outcome.clone(),
                Err(_) => Outcome::Failure(Excluded::default()),
            },
            Outcome::Failure(_) => outcome.clone(),
            _ => Outcome::Failure(Excluded::default()),
        };
        put(&mut failed, &outcome, change(extra));
    }
    if failed.is_empty() {
        return certain(Outcome::Failure(Excluded::default()));
    }
    failed.sort_by(|a, b| a.0.order(&b.0));
    Rc::new(failed)
}
