//! Removals of the directory around a file of which only a setting says where it is.
//!
//! ```sh
//! rm -rf "$(dirname "$LOGFILE")"     # /var/log, where somebody has set /var/log/app.log
//! ```

use crate::flow::value::{Value, ValueId, Values};

/// It removes the directory of a file of which only a setting says where it is.
pub(super) const PARENT_OF_SETTING: &str = "parent-of-setting";

/// Whether a value is the directory of what a variable holds that comes from outside: `$(dirname "$LOGFILE")`.
pub(super) fn is_parent_of_setting(value: ValueId, values: &Values) -> bool {
    let Value::Derived(inner, cut) = values.get(value) else { return false };
    &**cut == "%/*" && (is_setting(*inner, values) || is_parent_of_setting(*inner, values))
}

fn is_setting(value: ValueId, values: &Values) -> bool {
    match values.get(value) {
        Value::Environment(_, name) => {
            name.starts_with(|first: char| first.is_ascii_alphabetic())
                && !matches!(&**name, "HOME" | "PWD" | "OLDPWD" | "BASH_SOURCE")
        }
        Value::Default(inner, _) | Value::Required(inner) => is_setting(*inner, values),
        _ => false,
    }
}
