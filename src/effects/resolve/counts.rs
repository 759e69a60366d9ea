//! How many elements arrays have: lists of what went wrong.
//!
//! ```sh
//! errors=()
//! nginx -t || errors+=(nginx)
//! [ "${#errors[@]}" -eq 0 ] || exit 1    # nothing was added only where the check has succeeded
//! ```

use crate::effects::numbers::Computed;
use crate::effects::step::Assigned;
use crate::flow::forest::constant;
use crate::flow::graph::{Names, Slot};
use crate::syntax::tree::{Assignment, AssignmentValue, Parameter, ParameterOperator, Part, PartKind, Word};

/// The slot of `${#list[@]}`.
pub fn length(parameter: &Parameter, names: &mut Names) -> Option<Slot> {
    let counts = matches!(parameter.operator, ParameterOperator::Length);
    let is_all = parameter.subscript.as_ref().is_some_and(Word::is_all);
    (counts && is_all).then(|| Slot::Count(names.intern(&parameter.name)))
}

/// How many elements a list has behind `list=( … )` or `list+=( … )`.
pub fn counted(assignment: &Assignment, slot: Slot) -> Option<Assigned> {
    let AssignmentValue::Array(elements) = &assignment.value else { return None };
    let each_is_one = elements.iter().all(|(key, word)| key.is_none() && is_one(&word.parts));
    let added = i64::try_from(elements.len()).ok().filter(|_| each_is_one);
    let count = match (added, assignment.append) {
        (None, _) => Computed::Unknown,
        (Some(added), true) => Computed::More(slot, added),
        (Some(added), false) => Computed::Number(added),
    };
    Some(Assigned::Computed(Box::new(count)))
}

/// What a variable and the list of its name hold that have no value.
pub fn nothing(variable: u32) -> [(Slot, Assigned); 2] {
    let none = Assigned::Computed(Box::new(Computed::Number(0)));
    [(Slot::Variable(variable), Assigned::Constant("".into())), (Slot::Count(variable), none)]
}

/// Whether parts are one word, whatever their expansions hold.
fn is_one(parts: &[Part]) -> bool {
    parts.iter().all(|part| match &part.kind {
        PartKind::Literal(_) | PartKind::SingleQuoted(_) | PartKind::AnsiQuoted(_) | PartKind::Tilde(_) => true,
        PartKind::DoubleQuoted(inner) => !inner.iter().any(is_row),
        _ => false,
    })
}

/// Whether an expansion is a word for each of several things, also within quotes.
fn is_row(part: &Part) -> bool {
    let PartKind::Parameter(parameter) = &part.kind else { return false };
    let all = parameter.subscript.as_ref().and_then(constant);
    &*parameter.name == "@"
        || all.as_deref() == Some("@")
        || matches!(parameter.operator, ParameterOperator::Names | ParameterOperator::Other(_))
}
