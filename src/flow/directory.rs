//! The working directory and the ways back from it: `cd`, `pushd`, `popd`.
//!
//! ```sh
//! cd /etc/bind && cd /var/cache/bind    # OLDPWD=/etc/bind
//! cd -                                  # back in /etc/bind
//! ```
//! Where the shell was before is what the variable `OLDPWD` holds. What `pushd` puts on its stack are variables too, by
//! the names that bash has for them (`~1`, `~2`) and no script can assign: so both come back from a function, stay in a
//! subshell and meet where paths do as variables do.

use super::expand::Expander;
use super::forest::constant;
use super::graph::Names;
use super::state::State;
use super::value::{Site, Value, ValueId};
use crate::syntax::tree::Word;

/// The variable that holds where the shell was before.
const FORMER: &str = "OLDPWD";

/// The directories on the stack that are followed, from the top.
const STACK: [&str; 4] = ["~1", "~2", "~3", "~4"];

/// Runs `cd` with these arguments.
pub fn change(arguments: &[Word], site: Site, expander: &mut Expander<'_>) {
    let target =
        arguments.iter().find(|word| constant(word).is_none_or(|text| !text.starts_with('-') || &*text == "-"));
    let to = match target {
        Some(word) if constant(word).as_deref() == Some("-") => back(FORMER, site, expander),
        Some(word) => {
            let value = expander.word(word).value;
            joined(value, expander)
        }
        None => expander.values.intern(Value::Environment(0, "HOME".into())),
    };
    enter(to, expander);
}

/// Runs `pushd` with these arguments.
pub fn push(arguments: &[Word], site: Site, expander: &mut Expander<'_>) {
    let left = expander.state.directory;
    match arguments {
        // Without a directory the upper two change places.
        [] => {
            let to = back(STACK[0], site, expander);
            if is_empty(to, expander) {
                return;
            }
            put(STACK[0], left, expander);
            enter(to, expander);
        }
        [only] if !is_option(only) => {
            let moved = STACK.map(|name| held(name, expander));
            put(STACK[0], left, expander);
            for (name, below) in STACK[1..].iter().zip(moved) {
                put(name, below, expander);
            }
            change(arguments, site, expander);
        }
        _ => lose(arguments, site, expander),
    }
}

/// Runs `popd` with these arguments.
pub fn pop(arguments: &[Word], site: Site, expander: &mut Expander<'_>) {
    if !arguments.is_empty() {
        lose(arguments, site, expander);
        return;
    }
    let to = back(STACK[0], site, expander);
    if is_empty(to, expander) {
        return;
    }
    for (name, below) in STACK.into_iter().zip(&STACK[1..]) {
        let value = held(below, expander);
        put(name, value, expander);
    }
    // What lay below the last that is followed is not known any more.
    let lost = expander.values.intern(Value::Unknown(site));
    put(STACK[STACK.len() - 1], lost, expander);
    enter(to, expander);
}

/// A change of directory that failed: the shell is where it was, and so are the ways back.
pub fn stay(after: &mut State, before: &State, names: &Names) {
    after.directory = before.directory;
    for name in STACK.into_iter().chain([FORMER]) {
        if let Some(number) = names.find(name) {
            after.variables.set(number, before.variables.get(number));
        }
    }
}

/// What turns the stack, or changes it below its top: nothing is known of it from there on. With `-n` the shell stays.
fn lose(arguments: &[Word], site: Site, expander: &mut Expander<'_>) {
    let unknown = expander.values.intern(Value::Unknown(site));
    for name in STACK {
        put(name, unknown, expander);
    }
    if arguments.first().and_then(constant).as_deref() != Some("-n") {
        enter(unknown, expander);
    }
}

/// Where a way back leads. Where it was chosen on some path only, nobody knows.
fn back(name: &str, site: Site, expander: &mut Expander<'_>) -> ValueId {
    let to = held(name, expander);
    match *expander.values.get(to) {
        Value::Phi(_, number) if expander.names.find(name) == Some(number) => {
            expander.values.intern(Value::Unknown(site))
        }
        _ => to,
    }
}

/// Whether this is what is found on the stack where the script has put nothing on it.
fn is_empty(to: ValueId, expander: &Expander<'_>) -> bool {
    matches!(expander.values.get(to), Value::Environment(0, name) if &**name == STACK[0])
}

/// Goes to a directory.
fn enter(to: ValueId, expander: &mut Expander<'_>) {
    let left = std::mem::replace(&mut expander.state.directory, to);
    put(FORMER, left, expander);
}

fn is_option(word: &Word) -> bool {
    constant(word).is_some_and(|text| text.starts_with(['-', '+']))
}

fn held(name: &str, expander: &mut Expander<'_>) -> ValueId {
    let number = expander.names.intern(name);
    expander.state.variable(number, name, expander.values)
}

/// Points a variable at a value. One that holds what it held at first was not set: then a stack that was left as it was
/// found is the same on all paths.
fn put(name: &str, value: ValueId, expander: &mut Expander<'_>) {
    let number = expander.names.intern(name);
    let first = expander.values.environment(expander.state.epoch, name);
    expander.state.variables.set(number, (value != first).then_some(value));
}

/// A directory relative to the one before.
fn joined(value: ValueId, expander: &mut Expander<'_>) -> ValueId {
    let absolute = match expander.values.get(value) {
        Value::Constant(text) => text.starts_with('/'),
        Value::Concat(parts) => match expander.values.get(parts[0]) {
            Value::Constant(text) => text.starts_with('/'),
            _ => true,
        },
        // What a variable holds is taken as absolute: a directory that a script changes to nearly always is.
        _ => true,
    };
    if absolute {
        // Back in a directory that `pwd` named.
        return match *expander.values.get(value) {
            Value::Required(inner)
                if expander.is_set(inner) || matches!(expander.values.get(inner), Value::Phi(_, u32::MAX)) =>
            {
                inner
            }
            _ => value,
        };
    }
    let before = expander.state.directory;
    let slash = expander.values.constant("/");
    expander.values.concat([before, slash, value])
}
