//! Tries that are used up and end like one that succeeded.
//!
//! ```sh
//! wait_for() {
//!     n=0
//!     while [ $n -lt 30 ]; do
//!         pg_isready -q && break
//!         n=$((n + 1)); sleep 1
//!     done                       # 0 is returned either way
//! }
//! wait_for && systemctl start app
//! ```

use super::mends::{insert, replace};
use super::words::Asked;
use super::{Found, Survey};
use crate::effects::spot::Spot;
use crate::finding::Edit;
use crate::flow::graph::{Edge, Kind, ListLoop, Loop, NodeId, Slot, UnitId};
use crate::knowledge::How;
use crate::span::Span;
use hashbrown::HashSet;

/// Whoever asks takes both for a success.
pub(super) const AS_SUCCESS: &str = "ends-as-success";

/// A command that waits before the next try.
const SLEEPS: &str = "sleeps";

impl<'t> Survey<'_, '_, 't> {
    /// Loops at the end of functions whose status is asked for.
    pub(super) fn used_up(&self) -> Vec<Found<'t>> {
        let tries = self.resolver.flow.graph.loops.iter().filter(|tries| self.is_used_up(tries));
        let found = |tries: &Loop| {
            let (span, named) = (tries.close, tries.asked);
            Found { node: tries.out, from: None, how: How::UsedUp, span, named, mark: AS_SUCCESS, word: None }
        };
        tries.map(found).collect()
    }

    fn is_used_up(&self, tries: &Loop) -> bool {
        let graph = &self.resolver.flow.graph;
        let unit = graph.node(tries.head).unit;
        unit.0 != 0
            && self.is_reached(tries.out)
            && self.returns_success(tries.out)
            && self.is_asked(unit)
            && self.counts(tries)
            && self.breaks(tries)
            && self.turns_end_well(tries)
            && nodes_of(tries).any(|node| self.sleeps(node))
    }

    /// `return 0` where a turn leaves the loop, and `return 1` behind it: where all that ends it otherwise is that the tries are
    /// used up.
    pub(super) fn told_apart(&self, one: &Found<'_>) -> Option<Vec<Edit>> {
        let tries =
            self.resolver.flow.graph.loops.iter().find(|tries| tries.out == one.node && tries.close == one.span)?;
        let inside =
            |node: &NodeId| tries.asked.start <= self.span(*node).start && self.span(*node).end <= tries.asked.end;
        let is_count = |node: NodeId| match self.kind(node) {
            Kind::Simple(_) => self.is_test(node) && self.compares(node),
            Kind::Test(_) => self.compares(node),
            _ => true,
        };
        let only_counts = tries.over_items || nodes_of(tries).filter(inside).all(is_count);
        let body = Span::new(tries.asked.end, tries.close.start);
        let text = self.text(body);
        let is_word = |at: usize| {
            let is_part = |next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '-' | '$' | '"' | '\'');
            !text[..at].ends_with(is_part) && !text[at + 5..].trim_start_matches(' ').starts_with(is_part)
        };
        let breaks: Vec<usize> = text.match_indices("break").map(|(at, _)| at).collect();
        let has_one_loop =
            !text.split_whitespace().skip(2).any(|word| matches!(word, "do" | "done" | "while" | "until" | "for"));
        let is_plain =
            has_one_loop && !text.contains(['#', '(']) || has_one_loop && !text.contains('#') && !text.contains(" (");
        // Who looks at the count within a turn may leave because the tries are used up.
        let by_count = nodes_of(tries).any(|node| !inside(&node) && self.compares(node));
        if !only_counts || by_count || !is_plain || breaks.is_empty() || !breaks.iter().all(|&at| is_word(at)) {
            return None;
        }
        let spot = Spot::of(self.resolver.source, tries.span, tries.span, true, false);
        let apart =
            spot.indent.filter(|_| spot.ends_line).map_or_else(|| "; ".to_owned(), |indent| format!("\n{indent}"));
        let leave = |at: usize| {
            let start = body.start + at as u32;
            replace(Span::new(start, start + 5), "return 0")
        };
        let mut edits: Vec<Edit> = breaks.into_iter().map(leave).collect();
        edits.push(insert(tries.span.end, &format!("{apart}return 1")));
        Some(edits)
    }

    fn is_reached(&self, node: NodeId) -> bool {
        self.resolver.flow.inputs.get(node).is_some()
    }

    /// Whether nothing stands between a node and the end of its function in success.
    fn returns_success(&self, from: NodeId) -> bool {
        let mut node = from;
        while self.budget.take_step() {
            match self.kind(node) {
                Kind::End(edge) => return *edge == Edge::Ok,
                Kind::Join => match self.resolver.flow.graph.successor(node, Edge::Ok) {
                    Some(next) => node = next,
                    None => return false,
                },
                _ => return false,
            }
        }
        false
    }

    /// Whether some call of a function asks how it ended.
    fn is_asked(&self, unit: UnitId) -> bool {
        let mut calls = self.resolver.flow.calls.of(unit).iter();
        calls.any(|call| self.simple(call.node).is_some_and(|simple| simple.ignored && simple.behind.is_empty()))
    }

    /// Whether a loop goes over a list, or as long as a number is below another.
    fn counts(&self, tries: &Loop) -> bool {
        let is_inside = |node: &NodeId| {
            let span = self.span(*node);
            tries.asked.start <= span.start && span.end <= tries.asked.end
        };
        tries.over_items || nodes_of(tries).filter(is_inside).any(|node| self.compares(node))
    }

    /// Whether a node compares numbers.
    fn compares(&self, node: NodeId) -> bool {
        let is_order = |asked: &Asked<'_>| {
            let Asked::Binary(_, operator, _) = asked else { return false };
            matches!(&**operator, "-lt" | "-le" | "-gt" | "-ge" | "-ne")
        };
        match self.kind(node) {
            Kind::Arithmetic(_) => true,
            _ => self.is_test(node) && self.questions(node).iter().any(is_order),
        }
    }

    /// Whether a turn can leave the loop for what stands behind it.
    fn breaks(&self, tries: &Loop) -> bool {
        let over = self.list(tries).map(|list| list.over);
        let inside = |node: &NodeId| (tries.head.0..tries.end.0).contains(&node.0);
        let is_break = |node: &NodeId| inside(node) && over.is_none_or(|over| !over.contains(node));
        self.ways.ahead_of(tries.out).iter().any(is_break)
    }

    fn list(&self, tries: &Loop) -> Option<&ListLoop> {
        self.lists.get(&tries.head).map(|&at| &self.resolver.flow.graph.list_loops[at])
    }

    /// Whether the last turn can end with 0 although it was none that leaves.
    fn turns_end_well(&self, tries: &Loop) -> bool {
        match self.list(tries) {
            Some(list) => self.is_reached(list.turned[0]),
            None if tries.over_items => false,
            None => nodes_of(tries).any(|node| {
                matches!(self.kind(node), Kind::Turned(Slot::Turn(_), true))
                    && self.is_reached(node)
                    && self.resolver.flow.graph.successor(node, Edge::Ok) == Some(tries.head)
            }),
        }
    }

    /// Whether a command waits for a while, or a function that it calls does.
    fn sleeps(&self, node: NodeId) -> bool {
        let mut seen: HashSet<UnitId> = HashSet::new();
        let mut waiting = self.resolver.flow.calls.callees(node).to_vec();
        if self.has_mark(node, SLEEPS) {
            return true;
        }
        while let Some(unit) = waiting.pop().filter(|_| self.budget.take_step()) {
            if seen.insert(unit) {
                for &inner in &self.resolver.flow.orders.unit(unit).nodes {
                    if self.has_mark(inner, SLEEPS) {
                        return true;
                    }
                    waiting.extend(self.resolver.flow.calls.callees(inner));
                }
            }
        }
        false
    }
}

fn nodes_of(tries: &Loop) -> impl Iterator<Item = NodeId> + use<> {
    (tries.head.0..tries.end.0).map(NodeId)
}
