//! Exit statuses as effects: where one ends the script that is only an answer, is that of another command than the one
//! that is meant, or is the same whatever is asked.
//!
//! ```sh
//! set -e
//! pid=$(pgrep -x appd)      # that none runs is an answer, and it ends the script
//! [ -z "$pid" ] || kill "$pid"
//! ```
//! In which way is a mark of the effect: rules say which of them are a hazard.

mod and_or;
mod another;
mod asked_next;
mod constant;
mod ending;
mod fallback;
mod falls_back;
mod in_front;
mod keeps;
mod leaving;
mod left_of_and;
mod listed;
mod mends;
mod one_state;
mod own_job;
mod part;
mod places;
mod process;
mod told_only;
mod told_twice;
mod used_up;
mod words;

use self::asked_next::ASKED_NEXT;
use self::constant::UNQUOTED;
use self::told_only::TOLD_ONLY;
use super::resolve::Resolver;
use super::spot::Spot;
use super::step::{Occurrence, Step};
use super::ways::{Budget, Ways};
use crate::finding::Edit;
use crate::flow::graph::{Edge, Kind, NodeId, Slot};
use crate::knowledge::{EffectKind, How};
use crate::span::Span;
use crate::syntax::tree::Word;
use hashbrown::{HashMap, HashSet};
use std::cell::OnceCell;
use std::collections::VecDeque;

/// Errexit ends the whole script there, and with a failure, not a part of it.
const FAILS_SCRIPT: &str = "fails-script";

/// A failure of the command leads to a message, and to nothing else: `cmd || echo "failed"`.
const FAILURE_TOLD: &str = "failure-told";

/// Of a reload: it is come to right where a restart of the same service has failed.
const BEHIND_FAILED_RESTART: &str = "behind-failed-restart";
/// A failure of the command leads to something else that acts: `cmd || other`.
const FALLS_BACK: &str = "falls-back";

/// A status that something is amiss with.
struct Found<'t> {
    /// Where it matters.
    node: NodeId,
    /// The command whose status it is, where it matters only if that is come to.
    from: Option<NodeId>,
    how: How,
    /// What is told of.
    span: Span,
    /// The command whose status it is.
    named: Span,
    /// In which way.
    mark: &'static str,
    /// The word in which a text is asked about that may be empty.
    word: Option<&'t Word>,
}

/// A script whose statuses are looked at.
struct Survey<'a, 'r, 't> {
    resolver: &'a Resolver<'r, 't>,
    steps: &'a [Option<Box<Step>>],
    live: &'a [u8],
    ways: &'a Ways,
    /// The nodes at which a stage of a pipeline, or a turn of a loop, has failed.
    failed_stages: HashMap<Slot, Vec<NodeId>>,
    /// The nodes that have an effect.
    acting: HashSet<NodeId>,
    /// The nodes that do more than to remove things.
    does_more: HashSet<NodeId>,
    /// The loops over lists, by where they take an item.
    lists: HashMap<NodeId, usize>,
    places: OnceCell<places::Places<'a>>,
    budget: Budget,
}

/// Adds an effect for every status with which something is amiss, and marks what a failure leads to, of effects of which that is
/// asked. Says whether all was looked at.
pub fn occur(
    resolver: &mut Resolver<'_, '_>,
    steps: &[Option<Box<Step>>],
    (live, ways): (&[u8], &Ways),
    losable: &dyn Fn(&Occurrence) -> bool,
) -> bool {
    let survey = Survey::of(resolver, steps, (live, ways));
    let mut found = survey.ending();
    found.extend(survey.another());
    found.extend(survey.constant());
    found.extend(survey.part());
    found.extend(survey.leaving());
    found.extend(survey.used_up());
    found.extend(survey.empty_says_yes());
    found.extend(survey.dropped());
    found.extend(survey.one_state());
    found.extend(survey.left_of_and());
    found.extend(survey.own_job());
    found.extend(survey.told_only());
    found.extend(survey.then_serves());
    found.extend(survey.kept_lost());
    found.extend(survey.in_front());
    let told: HashSet<NodeId> = survey.acting.iter().copied().filter(|&node| survey.only_tells_failure(node)).collect();
    let failed_restarts = survey.behind_failed_restarts(&survey.resolver.occurrences);
    let chosen: HashMap<NodeId, Vec<Edit>> =
        failed_restarts.iter().filter_map(|&reload| Some((reload, survey.chosen(reload)?))).collect();
    let losable: HashSet<NodeId> =
        survey.resolver.occurrences.iter().filter(|&one| losable(one)).map(|one| one.node).collect();
    let falling_back = survey.falling_back(losable.iter().copied());
    let in_traps = super::skips::in_traps(survey.resolver.flow);
    let ends_script: Vec<bool> =
        found.iter().map(|one| !in_traps.contains(&one.node) && survey.fails_script(one.node)).collect();
    let edits: Vec<_> = found.iter().map(|one| survey.edits(one)).collect();
    let told_next: Vec<Option<Spot>> =
        found.iter().map(|one| (one.mark == TOLD_ONLY).then(|| survey.last_told(one.node)).flatten()).collect();
    let spots: Vec<Spot> = found.iter().map(|one| survey.spot(one)).collect();
    let telling = found.iter().any(|one| one.mark == ASKED_NEXT).then(|| survey.telling());
    let lost: Vec<Option<NodeId>> = found
        .iter()
        .map(|one| telling.as_ref().filter(|_| one.mark == ASKED_NEXT).and_then(|all| survey.lost_step(one.node, all)))
        .collect();
    let heard = told.iter().chain(&losable).copied();
    let messages: HashMap<NodeId, Spot> = heard.filter_map(|node| Some((node, survey.message(node)?))).collect();
    let enough = survey.budget.enough();
    drop(survey);
    for occurrence in &mut resolver.occurrences {
        if let Some(message) = messages.get(&occurrence.node).filter(|_| !occurrence.is_of_flow()) {
            occurrence.message = Some(Box::new(message.clone()));
        }
        if told.contains(&occurrence.node) && !occurrence.is_of_flow() {
            occurrence.marks.push(FAILURE_TOLD.into());
        }
        if occurrence.effect == EffectKind::Service && failed_restarts.contains(&occurrence.node) {
            occurrence.marks.push(BEHIND_FAILED_RESTART.into());
            occurrence.edits = chosen.get(&occurrence.node).cloned().unwrap_or_default();
        }
        if falling_back.contains(&occurrence.node) && !occurrence.is_of_flow() {
            occurrence.marks.push(FALLS_BACK.into());
        }
    }
    for (((((one, ends_script), edits), spot), lost), message) in
        found.into_iter().zip(ends_script).zip(edits).zip(spots).zip(lost).zip(told_next)
    {
        let mut marks = vec![one.mark.into()];
        if ends_script && one.how == How::EndsScript {
            marks.push(FAILS_SCRIPT.into());
        }
        if one.mark == UNQUOTED && one.word.is_some_and(|word| listed::is_left(resolver, one.node, word)) {
            continue;
        }
        let asked = one.word.filter(|_| one.how == How::EmptySaysYes);
        let held = asked.map(|word| process::held_in(resolver, one.node, word));
        if matches!(held, Some(process::Held::Sure)) {
            continue;
        }
        let before = resolver.occurrences.len();
        resolver.occur_as_step(one.node, (EffectKind::Status, one.how), one.named, spot, marks, |occurrence| {
            occurrence.only_if = one.from;
            occurrence.lost = lost;
            occurrence.edits = edits;
            occurrence.message = message.map(Box::new);
        });
        if let Some(process::Held::Variable(value)) = held {
            resolver.occurrences[before..].iter_mut().for_each(|occurrence| occurrence.value = Some(value));
        }
    }
    enough
}

impl<'a, 'r, 't> Survey<'a, 'r, 't> {
    fn of(resolver: &'a Resolver<'r, 't>, steps: &'a [Option<Box<Step>>], (live, ways): (&'a [u8], &'a Ways)) -> Self {
        let graph = &resolver.flow.graph;
        let mut failed_stages: HashMap<Slot, Vec<NodeId>> = HashMap::new();
        for (at, node) in graph.nodes.iter().enumerate() {
            if let Kind::PipeFailed(slot) | Kind::Turned(slot, false) = node.kind {
                failed_stages.entry(slot).or_default().push(NodeId(at as u32));
            }
        }
        let acting = resolver.occurrences.iter().filter(|occurrence| !occurrence.is_of_flow());
        let acting = acting.map(|occurrence| occurrence.node).collect();
        let more = resolver.occurrences.iter().filter(|occurrence| occurrence.effect != EffectKind::Delete);
        let does_more = more.map(|occurrence| occurrence.node).collect();
        let lists = graph.list_loops.iter().enumerate().map(|(at, list)| (list.item, at)).collect();
        let (places, budget) = (OnceCell::new(), Budget::over(steps.len()));
        Self { resolver, steps, live, ways, failed_stages, acting, does_more, lists, places, budget }
    }

    /// The nodes that can be reached.
    fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let count = self.resolver.flow.graph.nodes.len() as u32;
        (0..count).map(NodeId).filter(|&node| self.resolver.flow.inputs.get(node).is_some())
    }

    fn kind(&self, node: NodeId) -> &Kind<'t> {
        &self.resolver.flow.graph.node(node).kind
    }

    fn span(&self, node: NodeId) -> Span {
        self.resolver.flow.graph.node(node).span
    }

    fn text(&self, span: Span) -> &'a str {
        let source: &'a [u8] = self.resolver.source;
        std::str::from_utf8(source.get(span.range()).unwrap_or_default()).unwrap_or_default()
    }

    /// The place around what is told of.
    fn spot(&self, one: &Found<'_>) -> Spot {
        match self.simple(one.node) {
            Some(simple) if simple.command.span == one.span => Spot::around(self.resolver.source, simple),
            _ => Spot::of(self.resolver.source, one.span, one.span, true, false),
        }
    }

    fn written(&self, node: NodeId) -> &'a str {
        self.text(self.span(node))
    }

    fn is_live(&self, node: NodeId, edge: Edge) -> bool {
        self.live[node.0 as usize] & edge.bit() != 0
    }

    /// The outcomes of a node that lead to another.
    fn edges(&self, from: NodeId, to: NodeId) -> impl Iterator<Item = Edge> + '_ {
        let edges = self.resolver.flow.graph.node(from).edges.iter();
        edges.filter(move |&(edge, next)| next == to && self.is_live(from, edge)).map(|(edge, _)| edge)
    }

    fn has_mark(&self, node: NodeId, mark: &str) -> bool {
        let step = self.steps[node.0 as usize].as_ref();
        step.is_some_and(|step| step.marks.iter().any(|known| **known == *mark))
    }

    /// What decides, by which outcome, that a node is come to: what a status hands on is passed.
    fn deciders(&self, node: NodeId) -> Vec<(NodeId, Edge)> {
        let mut found = Vec::new();
        let mut seen: HashSet<NodeId> = HashSet::from([node]);
        let mut waiting = VecDeque::from([node]);
        while let Some(to) = waiting.pop_front().filter(|_| self.budget.take_step()) {
            for &from in self.ways.ahead_of(to) {
                for edge in self.edges(from, to) {
                    match self.kind(from) {
                        Kind::PipeEnd(slot) | Kind::TurnsEnd(slot) if edge == Edge::Fail => {
                            let failed = self.failed_stages.get(slot).into_iter().flatten();
                            waiting.extend(failed.filter(|&&stage| seen.insert(stage)));
                        }
                        kind if is_joint(kind) => {
                            if seen.insert(from) {
                                waiting.push_back(from);
                            }
                        }
                        _ if found.contains(&(from, edge)) => {}
                        _ => found.push((from, edge)),
                    }
                }
            }
        }
        found
    }

    /// Whether all commands whose failure a gate of errexit hears are such: of a substitution whose status is taken, those that
    /// end it.
    fn all_heard(&self, gate: NodeId, is_such: &dyn Fn(NodeId) -> bool) -> bool {
        let deciders = self.deciders(gate);
        !deciders.is_empty()
            && deciders.into_iter().all(|(node, _)| match self.kind(node) {
                Kind::Simple(simple) if simple.takes_status => {
                    let ends = self.ways.ahead_of(node).iter();
                    let mut ends =
                        ends.filter(|&&end| matches!(self.kind(end), Kind::Leave { ok: false, .. })).peekable();
                    ends.peek().is_some() && ends.flat_map(|&end| self.deciders(end)).all(|(last, _)| is_such(last))
                }
                _ => is_such(node),
            })
    }

    /// Whether the failure of a node leads to the end of the script in failure, past nothing else than what traps do.
    fn fails_script(&self, node: NodeId) -> bool {
        let mut seen = HashSet::new();
        let mut waiting = vec![(node, Some(Edge::Fail))];
        let mut ends = false;
        while let Some((from, only)) = waiting.pop() {
            match self.kind(from) {
                // All ends of the script meet behind where it has ended with success.
                _ if self.resolver.flow.graph.finished.first() == Some(&from) => return false,
                Kind::End(Edge::ExitFail) => ends = true,
                Kind::End(_) if self.resolver.flow.graph.node(from).unit.0 == 0 => ends = true,
                Kind::End(_) | Kind::Leave { .. } => return false,
                _ if !self.budget.take_step() => return false,
                _ => {
                    let edges = self.resolver.flow.graph.node(from).edges.iter();
                    let live =
                        edges.filter(|(edge, _)| self.is_live(from, *edge) && only.is_none_or(|only| only == *edge));
                    waiting.extend(live.map(|(_, to)| (to, None)).filter(|&(to, _)| seen.insert(to)));
                }
            }
        }
        ends
    }

    /// The first nodes behind an outcome that do something.
    fn ahead(&self, node: NodeId, edge: Edge) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let targets = |from: NodeId, only: Option<Edge>| {
            let edges = self.resolver.flow.graph.node(from).edges.iter();
            edges.filter(move |(edge, _)| only.is_none_or(|only| only == *edge)).map(|(_, to)| to)
        };
        let mut waiting: VecDeque<NodeId> = targets(node, Some(edge)).collect();
        while let Some(next) = waiting.pop_front().filter(|_| self.budget.take_step()) {
            match self.kind(next) {
                _ if !seen.insert(next) => {}
                Kind::Join | Kind::Enter(_) | Kind::PipeStart(_) | Kind::FirstItem(_) | Kind::Redirects { .. } => {
                    waiting.extend(targets(next, None));
                }
                _ => found.push(next),
            }
        }
        found
    }

    /// Whether a node asks for something and does nothing else: `[ … ]`, `[[ … ]]`, `(( … ))`, an arm of a `case`.
    fn is_test(&self, node: NodeId) -> bool {
        match self.kind(node) {
            Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. } => true,
            Kind::Simple(simple) => words::is_bracket(simple),
            _ => false,
        }
    }
}

/// Whether a node is no step of the script, but a place where ways or statuses meet.
fn is_joint(kind: &Kind<'_>) -> bool {
    matches!(
        kind,
        Kind::Join
            | Kind::Leave { .. }
            | Kind::Stage(..)
            | Kind::Stages(..)
            | Kind::Errexit
            | Kind::PipeFailed(_)
            | Kind::PipeEnd(_)
            | Kind::Turned(..)
            | Kind::TurnsEnd(_)
    )
}
