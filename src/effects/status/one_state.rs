//! Removals that one answer keeps from happening, of a question that has more of them.
//!
//! ```sh
//! virsh domstate "$1" | grep -q running && exit 1     # paused, blocked, in shutdown: goes on
//! virsh undefine "$1"; rm -rf "/srv/images/$1"
//! ```
//! An answer that nobody thought of, or none at all, lets the removal pass.

use super::{Found, Survey};
use crate::effects::question::{Question, Relation};
use crate::effects::step::Condition;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, SimpleNode, Slot};
use crate::knowledge::{EffectKind, How, Knowledge, PathClass, WordKind};
use crate::span::Span;
use hashbrown::{HashMap, HashSet};

/// It prints in which of several states something is, by rows.
const TELLS_STATE: &str = "tells-state";
/// All but one state let what removes pass.
const ONE_STATE: &str = "one-state";

/// Where a question leads that found what it looked for, and where it did not.
struct Ways {
    found: HashSet<NodeId>,
    other: HashSet<NodeId>,
}

impl<'t> Survey<'_, '_, 't> {
    /// The searches for one state that decide whether something is removed.
    pub(super) fn one_state(&self) -> Vec<Found<'t>> {
        let probes: Vec<Span> =
            self.nodes().filter(|&node| self.has_mark(node, TELLS_STATE)).map(|node| self.span(node)).collect();
        if probes.is_empty() {
            return Vec::new();
        }
        let removals = self.removals();
        let mut found = Vec::new();
        for node in self.nodes() {
            let Kind::Simple(simple) = self.kind(node) else { continue };
            let reads = |probe: &&Span| {
                simple.before.iter().any(|stage| stage.span.start <= probe.start && probe.end <= stage.span.end)
            };
            let Some(probe) = probes.iter().find(reads).filter(|_| looks_for_life(self.resolver.knowledge, simple))
            else {
                continue;
            };
            if let Some(&named) = self.removed_otherwise(node, &removals) {
                let span = Span::new(probe.start, self.span(node).end);
                found.push(Found { node, from: None, how: How::OneState, span, named, mark: ONE_STATE, word: None });
            }
        }
        found
    }

    /// The nodes that remove what is not easily made again, with the text of the command.
    fn removals(&self) -> HashMap<NodeId, Span> {
        let is_lasting = |class: PathClass| {
            !matches!(
                class,
                PathClass::Scratch | PathClass::Cache | PathClass::Lock | PathClass::Log | PathClass::Stream
            )
        };
        let all = self.resolver.occurrences.iter();
        all.filter(|one| one.effect == EffectKind::Delete && one.how != How::Entry && is_lasting(one.class))
            .map(|one| (one.node, self.span(one.node)))
            .collect()
    }

    /// What is removed where a search finds nothing, if it gives up where it finds something.
    fn removed_otherwise<'r>(&self, search: NodeId, removals: &'r HashMap<NodeId, Span>) -> Option<&'r Span> {
        let Ways { found, other } = self.decided_by(search)?;
        let goes_on = self.all_behind(&other);
        let given_up = self.all_behind(&found).into_iter().any(|node| !goes_on.contains(&node) && self.gives_up(node));
        let mut removed: Vec<NodeId> = goes_on.into_iter().filter(|node| removals.contains_key(node)).collect();
        removed.sort_unstable();
        removed.first().filter(|_| given_up).and_then(|node| removals.get(node))
    }

    /// Where the two outcomes of a search lead, at once or by the next question for its status.
    fn decided_by(&self, search: NodeId) -> Option<Ways> {
        let [found, other] = [Edge::Ok, Edge::Fail].map(|edge| self.next_commands(search, edge));
        if found != other {
            return Some(Ways { found, other });
        }
        let mut next = found.into_iter();
        let (asker, None) = (next.next()?, next.next()) else { return None };
        let mut condition = self.steps[asker.0 as usize].as_ref()?.condition.as_deref()?;
        let mut edges = [Edge::Ok, Edge::Fail];
        while let Condition::Not(inner) = condition {
            condition = inner;
            edges.reverse();
        }
        let Condition::Slot { slot: Slot::Status, question, .. } = condition else { return None };
        match question {
            Question::Equals(text) if &**text == "0" => {}
            Question::Number(Relation::Equal, 0) => {}
            Question::Number(Relation::Greater, 0) => edges.reverse(),
            _ => return None,
        }
        let [found, other] = edges.map(|edge| self.next_commands(asker, edge));
        Some(Ways { found, other })
    }

    /// The first commands behind an outcome.
    fn next_commands(&self, node: NodeId, edge: Edge) -> HashSet<NodeId> {
        let mut found = HashSet::new();
        let mut seen = HashSet::new();
        let mut waiting = self.targets(node, Some(edge));
        while let Some(next) = waiting.pop() {
            match self.kind(next) {
                Kind::Simple(_)
                | Kind::Test(_)
                | Kind::Match { .. }
                | Kind::Arithmetic(_)
                | Kind::Code(_)
                | Kind::End(_) => {
                    found.insert(next);
                }
                _ => waiting.extend(self.targets(next, None).into_iter().filter(|&to| seen.insert(to))),
            }
        }
        found
    }

    /// All that can be come to from some nodes on, in their unit, past no further question for a state.
    fn all_behind(&self, from: &HashSet<NodeId>) -> HashSet<NodeId> {
        let mut seen = from.clone();
        let mut waiting: Vec<NodeId> = from.iter().copied().collect();
        while let Some(next) = waiting.pop() {
            if !self.has_mark(next, TELLS_STATE) {
                waiting.extend(self.targets(next, None).into_iter().filter(|&to| seen.insert(to)));
            }
        }
        seen
    }

    /// Whether a node ends the script or its function.
    fn gives_up(&self, node: NodeId) -> bool {
        let mut edges = self.resolver.flow.graph.node(node).edges.iter().filter(|(edge, _)| self.is_live(node, *edge));
        match self.kind(node) {
            Kind::Code(_) => true,
            Kind::Simple(_) => edges.all(|(edge, _)| matches!(edge, Edge::ExitOk | Edge::ExitFail)),
            _ => false,
        }
    }

    fn targets(&self, from: NodeId, only: Option<Edge>) -> Vec<NodeId> {
        let edges = self.resolver.flow.graph.node(from).edges.iter();
        let live = edges.filter(|(edge, _)| self.is_live(from, *edge) && only.is_none_or(|only| only == *edge));
        live.map(|(_, to)| to).collect()
    }
}

/// Whether a command looks for a word that says that something is in use.
fn looks_for_life(knowledge: &Knowledge, simple: &SimpleNode<'_>) -> bool {
    let mut words = simple.simple.words.iter().filter_map(constant);
    let is_search = words.next().is_some_and(|name| matches!(&*name, "grep" | "egrep" | "fgrep"));
    let (options, patterns): (Vec<_>, Vec<_>) = words.partition(|word| word.starts_with('-'));
    let is_live = |pattern: &str| {
        let word = pattern.trim_matches(|letter: char| !letter.is_ascii_alphabetic()).to_ascii_lowercase();
        knowledge.is(&word, WordKind::LiveState)
    };
    is_search && !options.iter().any(|option| option.contains('v')) && matches!(&patterns[..], [only] if is_live(only))
}
