//! A variable that is the last name of a path of which a tree is deleted, and is empty on some way: then the tree is all that
//! lies in the directory above.
//!
//! ```sh
//! release=
//! [ -f current ] && release=$(cat current)
//! rm -rf "/srv/app/$release"           # without the file: all of /srv/app
//! ```

use super::super::thing::ThingId;
use super::Resolver;
use super::forms::Placed;
use crate::flow::graph::{Kind, NodeId};
use crate::flow::state::{Flag, POSITIONAL, State};
use crate::flow::value::{Value, ValueId};
use crate::knowledge::PathClass;
use crate::span::Span;
use crate::syntax::tree::{ParameterOperator, Part, PartKind};

/// The last name of the path is a variable that is empty on some way.
pub(super) const LAST_MAY_BE_EMPTY: &str = "last-may-be-empty";

/// The last name of the path is an argument that the script may have been called without.
pub(super) const LAST_IS_GIVEN: &str = "last-is-given";

/// How many places where paths meet are looked through for one value.
const MOST_MEETINGS: u32 = 4;

impl Resolver<'_, '_> {
    /// The variable and its name, where a path ends in one that is empty on some way and the directory above is worth keeping.
    pub(super) fn empty_last(
        &mut self,
        target: &Placed,
        state: &State,
    ) -> Option<(ThingId, Option<Box<str>>, &'static str)> {
        let named = target.holder.map_or(target.value, |(directory, _)| directory);
        let pieces = self.flow.values.pieces(&named).to_vec();
        let (above, last) = match pieces[..] {
            [above, last] => (above, last),
            [above, last, slash] if self.flow.values.text(slash) == Some("/") => (above, last),
            _ => return None,
        };
        let above = self.flow.values.text(above)?;
        if !above.starts_with('/') || !above.ends_with('/') || above.trim_matches('/').is_empty() {
            return None;
        }
        if matches!(self.knowledge.path_class(above), PathClass::Scratch | PathClass::Cache | PathClass::Lock) {
            return None;
        }
        let (name, mark) = match self.flow.values.get(last) {
            Value::Phi(_, number) if *number < POSITIONAL && self.meets_empty(last, MOST_MEETINGS) => {
                (Some(self.flow.names.text(*number).into()), LAST_MAY_BE_EMPTY)
            }
            // A name that stands nowhere else is most likely another one, misspelt; what is handed over has capital letters.
            Value::Environment(0, name)
                if !name.chars().any(char::is_uppercase)
                    && name.len() > 2
                    && state.nounset != Flag::On
                    && !state.foreign
                    && self.is_mentioned_once(name) =>
            {
                (Some(name.clone()), LAST_MAY_BE_EMPTY)
            }
            // Under `set -u` the shell stops where there is no such argument; who asks for their number has thought of that.
            Value::Positional(0, 1..) if state.nounset != Flag::On && !self.counts_arguments() => (None, LAST_IS_GIVEN),
            _ => return None,
        };
        Some((self.value_thing(last), name, mark))
    }

    /// The plain expansion of a variable in a word, where it has no other and nothing but a slash stands behind: of the one with
    /// this name, or of any.
    pub(super) fn last_expansion(&self, id: NodeId, span: Span, name: Option<&str>) -> Option<(Span, Box<str>)> {
        let Kind::Simple(node) = &self.flow.graph.node(id).kind else { return None };
        let word = node.simple.words.iter().find(|word| word.span == span)?;
        let inner = |part: &'_ Part| match &part.kind {
            PartKind::DoubleQuoted(inner) => inner.clone(),
            _ => vec![part.clone()],
        };
        let parts: Vec<Part> = word.parts.iter().flat_map(inner).collect();
        let found = parts.iter().find_map(|part| match &part.kind {
            PartKind::Parameter(parameter)
                if name.is_none_or(|name| *parameter.name == *name)
                    && matches!(parameter.operator, ParameterOperator::None) =>
            {
                Some((part.span, parameter.name.clone()))
            }
            _ => None,
        });
        let others = parts.iter().filter(|part| matches!(part.kind, PartKind::Parameter(_) | PartKind::Command(_)));
        found.filter(|_| others.count() == 1)
    }

    /// Whether one of the values that meet in this is the empty text.
    fn meets_empty(&self, met: ValueId, depth: u32) -> bool {
        self.flow.values.alternatives(met).iter().any(|&other| {
            self.flow.values.text(other) == Some("")
                || depth > 0
                    && matches!(self.flow.values.get(other), Value::Phi(..))
                    && self.meets_empty(other, depth - 1)
        })
    }

    /// Whether the script looks at how many arguments it was given.
    fn counts_arguments(&self) -> bool {
        self.source.windows(2).any(|pair| pair == b"$#") || self.source.windows(4).any(|four| four == b"${#}")
    }

    /// Whether the text of the script has a name once and no more: where it is read, and nowhere is it set.
    fn is_mentioned_once(&self, name: &str) -> bool {
        let text = String::from_utf8_lossy(self.source);
        let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        let whole = text.match_indices(name).filter(|&(at, _)| {
            !is_part(text[..at].chars().next_back()) && !is_part(text[at + name.len()..].chars().next())
        });
        whole.count() == 1
    }
}
