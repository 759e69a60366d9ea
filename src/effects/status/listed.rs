//! Items of a list that are never empty: the shell leaves no word of an expansion without quotes of which nothing is left.
//!
//! ```sh
//! for group in $GROUPS; do
//!     test -n $group          # as good as with quotes
//! done
//! ```

use crate::effects::resolve::Resolver;
use crate::flow::exact::node_of;
use crate::flow::graph::{Kind, NodeId};
use crate::flow::state::State;
use crate::flow::value::Value;
use crate::syntax::tree::{ParameterOperator, PartKind, Word};

/// Whether a word is the item of such a list, as the loop found it.
pub(super) fn is_left(resolver: &mut Resolver<'_, '_>, node: NodeId, word: &Word) -> bool {
    // Between two signs that are no blanks there is an empty word.
    if resolver.flow.names.find("IFS").is_some() {
        return false;
    }
    let Some(state) = resolver.flow.inputs.get(node) else { return false };
    let mut state = State::clone(state);
    let value = resolver.word(node, word, &mut state).value;
    let Value::Item(made) = *resolver.flow.values.get(value) else { return false };
    let found = node_of(made).and_then(|at| resolver.flow.graph.nodes.get(at as usize));
    match found.map(|node| &node.kind) {
        Some(Kind::Item(looped)) => looped.items.as_ref().is_some_and(|(_, items)| items.iter().all(is_never_empty)),
        _ => false,
    }
}

/// Whether a word of a list leaves none that is empty.
fn is_never_empty(word: &Word) -> bool {
    let is_text = |kind: &PartKind| matches!(kind, PartKind::Literal(text) if !text.is_empty());
    let is_split = |kind: &PartKind| match kind {
        PartKind::Command(_) => true,
        // In `${x:-""}` the quotes leave an empty word.
        PartKind::Parameter(parameter) => matches!(parameter.operator, ParameterOperator::None),
        _ => false,
    };
    word.parts.iter().any(|part| is_text(&part.kind)) || word.parts.iter().all(|part| is_split(&part.kind))
}
