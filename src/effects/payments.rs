//! How the script itself pays what an effect owes: the command that a trap can run at every end.
//!
//! ```sh
//! fsfreeze -f /srv/data
//! rsync -a /srv/data/ "$COPY" || exit 1      # ends without paying
//! fsfreeze -u /srv/data                      # the payment
//! ```

use super::debts::{Debts, Unpaid};
use super::spot::Spot;
use super::step::Occurrence;
use super::thing::ThingId;
use crate::flow::Flow;
use crate::flow::graph::{Kind, NodeId, SimpleNode, Slot, UnitId};
use hashbrown::{HashMap, HashSet};
use std::cell::LazyCell;

/// A payment that can be written at another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The command.
    pub text: Box<str>,
    /// The places at which the script pays: from there on nothing is owed.
    pub places: Vec<Spot>,
}

/// What is paid at more places than these is paid in more ways than a trap would know.
const MOST_PAYERS: usize = 16;

/// For each step that leaves something unpaid: how the script pays it elsewhere, if the same text pays at its end as well.
pub fn find(
    (debts, unpaid): (&Debts, &Unpaid),
    occurrences: &[Occurrence],
    flow: &Flow<'_>,
    source: &[u8],
) -> HashMap<ThingId, Payment> {
    let mut found = HashMap::new();
    // An answer that it is so pays as well, and makes nothing so.
    let acting: HashSet<NodeId> =
        occurrences.iter().filter(|occurrence| !occurrence.is_of_flow()).map(|occurrence| occurrence.node).collect();
    let runs_elsewhere = LazyCell::new(|| runs_elsewhere(flow));
    for debt in debts.all.iter().filter(|debt| unpaid.contains(&(debt.step, debt.owed().clone()))) {
        if runs_elsewhere[debt.node().0 as usize] {
            continue;
        }
        let payers = debts.payers(debt.owed());
        if payers.len() > MOST_PAYERS {
            continue;
        }
        let payers = payers.iter().copied().filter(|node| acting.contains(node));
        let own = payers.filter_map(|node| match &flow.graph.node(node).kind {
            Kind::Simple(simple) if node != debt.node() && flow.graph.node(node).unit == debt.unit() => Some(&**simple),
            _ => None,
        });
        let mut behind: Vec<&SimpleNode<'_>> =
            own.filter(|simple| simple.command.span.start > flow.graph.node(debt.node()).span.start).collect();
        behind.sort_by_key(|simple| simple.command.span.start);
        let Some(text) = behind.first().and_then(|first| movable(first, debt.unit(), flow, source)) else { continue };
        let places = behind.iter().map(|simple| Spot::around(source, simple)).collect();
        found.insert(debt.step, Payment { text: text.into(), places });
    }
    found
}

/// The text of a command that means the same at the end of the script, within quotes that keep all as it is.
pub(super) fn movable<'s>(simple: &SimpleNode<'_>, unit: UnitId, flow: &Flow<'_>, source: &'s [u8]) -> Option<&'s str> {
    let text = std::str::from_utf8(source.get(simple.command.span.range())?).ok()?;
    let is_here =
        simple.place.is_none() && simple.pipeline.is_none() && !matches!(simple.capture, Some(Slot::Capture(_)));
    let is_quotable = !text.contains(['\'', '\n', '`']) && !text.contains("$(") && !text.starts_with("exec ");
    let locals = &flow.locals[unit.0 as usize];
    let lasts = text.split('$').skip(1).all(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let length = rest.find(|next: char| !(next.is_ascii_alphanumeric() || next == '_')).unwrap_or(rest.len());
        let name = &rest[..length];
        let is_parameter = name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit());
        !is_parameter && flow.names.find(name).is_none_or(|number| !locals.contains(&number))
    });
    (is_here && is_quotable && lasts).then_some(text)
}

/// For each node: whether it stands in a copy of the shell, at whose end a trap would run, or in a loop: at the end of the
/// script, only what the last turn left would be paid.
fn runs_elsewhere(flow: &Flow<'_>) -> Vec<bool> {
    let mut depth: HashMap<UnitId, i32> = HashMap::new();
    let mut found: Vec<bool> = Vec::with_capacity(flow.graph.nodes.len());
    for node in &flow.graph.nodes {
        let depth = depth.entry(node.unit).or_default();
        found.push(*depth > 0);
        match node.kind {
            Kind::Enter(_) => *depth += 1,
            Kind::Leave { .. } => *depth -= 1,
            _ => {}
        }
    }
    for body in &flow.graph.loops {
        found[body.head.0 as usize..body.end.0 as usize].fill(true);
    }
    found
}
