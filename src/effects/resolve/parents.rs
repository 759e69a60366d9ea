//! Removals of the directory around a file of which only a setting says where it is.
//!
//! ```sh
//! rm -rf "$(dirname "$LOGFILE")"     # /var/log, where somebody has set /var/log/app.log
//! ```

use super::super::step::Occurrence;
use crate::flow::value::{Value, ValueId, Values};
use crate::knowledge::{EffectKind, How};
use hashbrown::HashSet;

/// It removes the directory of a file of which only a setting says where it is.
pub(super) const PARENT_OF_SETTING: &str = "parent-of-setting";

/// The setting in whose directory, or further up, a path is: the variable that comes from outside of which
/// `$(dirname "$LOGFILE")` is made.
pub(super) fn setting_below(value: ValueId, values: &Values) -> Option<&str> {
    let mut value = value;
    while let Value::Derived(inner, cut) = values.get(value)
        && &**cut == "%/*"
    {
        if let Some(name) = setting(*inner, values) {
            return Some(name);
        }
        value = *inner;
    }
    None
}

/// The word of the file, in whose directory a path is, where the word of the path is made of it and of nothing else.
pub(super) fn file_below(written: &str, value: ValueId, values: &Values) -> Option<String> {
    let Value::Derived(inner, _) = values.get(value) else { return None };
    let name = setting(*inner, values)?;
    let words = [
        format!("\"$(dirname \"${name}\")\""),
        format!("\"$(dirname \"${{{name}}}\")\""),
        format!("\"$(dirname ${name})\""),
        format!("$(dirname ${name})"),
        format!("$(dirname \"${name}\")"),
        format!("\"${{{name}%/*}}\""),
    ];
    words.iter().any(|word| *word == *written).then(|| format!("\"${name}\""))
}

fn setting(value: ValueId, values: &Values) -> Option<&str> {
    match values.get(value) {
        Value::Environment(_, name) => {
            let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic());
            (is_plain && !matches!(&**name, "HOME" | "PWD" | "OLDPWD" | "BASH_SOURCE")).then_some(&**name)
        }
        Value::Default(inner, _) | Value::Required(inner) => setting(*inner, values),
        _ => None,
    }
}

/// What the script makes itself, wherever it does, is a directory that it has for itself.
pub(in crate::effects) fn spare_made(occurrences: &mut [Occurrence], values: &Values) {
    let below = |one: &Occurrence| setting_below(one.target_value, values);
    let makes = |one: &&Occurrence| (one.effect, one.how) == (EffectKind::Create, How::Directory);
    let made: HashSet<&str> = occurrences.iter().filter(makes).filter_map(below).collect();
    for occurrence in occurrences.iter_mut().filter(|one| below(one).is_some_and(|setting| made.contains(setting))) {
        occurrence.marks.retain(|mark| **mark != *PARENT_OF_SETTING);
    }
}
