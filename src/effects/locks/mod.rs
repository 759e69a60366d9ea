//! Locks that are none, and numbers that need one.
//!
//! ```sh
//! [ -e "$lock" ] && exit 0
//! echo $$ > "$lock"              # asked-then-made: two runs can both have found none
//! [ "$old" = "$(pgrep app)" ]    # holder-by-name: another process of the name, and the answer is no
//! flock -u "$fd"                 # never-opened: no line of the script sets it
//! id=$(list | sort -n | tail -1) # next-number: two runs can both find the same one
//! ```
//! In which way is a mark of the effect: rules say which of them are a hazard.

pub mod again;
pub mod directories;
mod holders;
pub mod made;
mod numbers;
mod unlocks;

use super::resolve::Resolver;
use super::spot::Spot;
use super::step::Step;
use super::ways::Budget;
use crate::finding::Edit;
use crate::flow::graph::{Kind, NodeId, SimpleNode};
use crate::knowledge::{EffectKind, How};
use crate::span::Span;
use crate::syntax::tree::Assignment;

/// The mark of what takes a lock.
const HOLDS_LOCK: &str = "holds-lock";

/// Something about a lock that is not as it seems.
struct Found {
    /// Where.
    node: NodeId,
    /// What is told of.
    span: Span,
    mark: &'static str,
    /// How to mend it, where what stands around it is of a plain form.
    edits: Vec<Edit>,
}

/// A script whose locks are looked at.
struct Survey<'a, 'r, 't> {
    resolver: &'a Resolver<'r, 't>,
    steps: &'a [Option<Box<Step>>],
    live: &'a [u8],
    budget: Budget,
}

/// Adds an effect for every lock that is none, and for every number that needs one. Says whether all was looked at.
pub fn occur(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>], live: &[u8]) -> bool {
    let survey = Survey { resolver, steps, live, budget: Budget::over(steps.len()) };
    let mut found = survey.holders();
    found.extend(survey.unlocks());
    found.extend(survey.numbers());
    let enough = survey.budget.enough();
    for one in found {
        let spot = match &resolver.flow.graph.node(one.node).kind {
            Kind::Simple(simple) => Spot::around(resolver.source, simple),
            _ => Spot::of(resolver.source, one.span, one.span, true, false),
        };
        let kind = (EffectKind::Lock, How::Other);
        resolver.occur_as_step(one.node, kind, one.span, spot, vec![one.mark.into()], |occurrence| {
            occurrence.edits = one.edits;
        });
    }
    enough
}

impl<'a, 't> Survey<'a, '_, 't> {
    /// The nodes that can be reached.
    fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let count = self.resolver.flow.graph.nodes.len() as u32;
        (0..count).map(NodeId).filter(|&node| self.resolver.flow.inputs.get(node).is_some())
    }

    fn kind(&self, node: NodeId) -> &Kind<'t> {
        &self.resolver.flow.graph.node(node).kind
    }

    fn simple(&self, node: NodeId) -> Option<&SimpleNode<'t>> {
        match self.kind(node) {
            Kind::Simple(simple) => Some(simple),
            _ => None,
        }
    }

    fn span(&self, node: NodeId) -> Span {
        self.resolver.flow.graph.node(node).span
    }

    fn text(&self, span: Span) -> &'a str {
        let source: &'a [u8] = self.resolver.source;
        std::str::from_utf8(source.get(span.range()).unwrap_or_default()).unwrap_or_default()
    }

    /// What the script gives variables, with the node that does so.
    fn assignments(&self) -> impl Iterator<Item = (NodeId, &'t Assignment)> + '_ {
        self.nodes().filter_map(|node| Some((node, self.simple(node)?))).flat_map(|(node, simple)| {
            let all = simple.simple.assignments.iter().chain(&simple.simple.declared);
            all.map(move |assignment| (node, assignment)).collect::<Vec<_>>()
        })
    }

    /// The text that an assignment gives its variable, as it is written.
    fn given(&self, assignment: &Assignment) -> &'a str {
        self.text(assignment.span).split_once('=').map_or("", |(_, given)| given)
    }
}

/// The name of the variable that a word is, in quotes or not.
fn named(word: &str) -> Option<&str> {
    let bare = word.trim_matches('"').strip_prefix('$')?;
    let bare = bare.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(bare);
    let is_name = bare.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    (is_name && bare.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')).then_some(bare)
}
