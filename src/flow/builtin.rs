//! The shell's own builtins: what they do to the exact state.
//!
//! `set`, `shopt`, `cd`, declarations, `read`, `shift`, `unset`, `trap`, `.` and their kin. What other commands
//! mean is no business of this module.

use super::directory;
use super::exact::set_site;
use super::expand::Expander;
use super::forest::constant;
use super::state::{Flag, State};
use super::value::{Site, Value, ValueId};
use crate::syntax::arithmetic;
use crate::syntax::tree::{ArithmeticExpression, Assignment, AssignmentValue, Part, PartKind, Simple, Word};
use std::borrow::Cow;

/// So far `shift` is followed.
const MOST_SHIFTED: u32 = 64;

/// Runs assignments and, if the command is a builtin, the builtin. `temporary` assignments (before a command
/// that is no declaration) end with the command.
pub fn run(simple: &Simple, site: Site, expander: &mut Expander<'_>) {
    if simple.words.is_empty() {
        for assignment in &simple.assignments {
            assign(assignment, site, expander);
        }
        return;
    }
    let Some(name) = simple.words.first().and_then(constant) else {
        // A command from a variable may be `eval` or `set`, but hardly ever is.
        expand_all(&simple.words, expander);
        return;
    };
    let arguments = &simple.words[1..];
    match &*name {
        "export" | "readonly" | "local" | "declare" | "typeset" => {
            for word in arguments {
                if let Some(assignment) = simple.declared.iter().find(|declared| declared.span == word.span) {
                    assign(assignment, site, expander);
                } else if &*name != "export"
                    && &*name != "readonly"
                    && let Some(variable) = constant(word)
                    && !variable.starts_with('-')
                {
                    let empty = expander.values.constant("");
                    expander.assign(&variable, empty);
                }
            }
        }
        "read" | "mapfile" | "readarray" => {
            // `-t` takes a time in `read` and nothing in `mapfile`.
            let variables = operands(arguments, if &*name == "read" { "adinNptu" } else { "cCdnOsu" });
            for variable in &variables {
                set_unknown(variable, site, expander);
            }
            if variables.is_empty() {
                set_unknown(if &*name == "read" { "REPLY" } else { "MAPFILE" }, site, expander);
            }
        }
        "getopts" => {
            if let Some(variable) = arguments.get(1).and_then(constant) {
                set_unknown(&variable, site, expander);
            }
            set_unknown("OPTARG", site, expander);
            set_unknown("OPTIND", site, expander);
        }
        "printf" => {
            if let [option, variable, ..] = arguments
                && constant(option).as_deref() == Some("-v")
                && let Some(variable) = constant(variable)
            {
                set_unknown(&variable, site, expander);
            } else {
                expand_all(arguments, expander);
            }
        }
        "let" => {
            expand_all(arguments, expander);
            for word in arguments {
                expander.computed(computed_by_let(word).as_ref(), site);
            }
        }
        "unset" if arguments.first().and_then(constant).as_deref() == Some("-f") => {}
        "unset" => {
            for variable in operands(arguments, "") {
                if variable.contains('[') {
                    set_unknown(&variable, site, expander);
                } else {
                    let empty = expander.values.constant("");
                    expander.assign(&variable, empty);
                }
            }
        }
        "set" => set(arguments, site, expander),
        "shopt" => shopt(arguments, expander.state),
        "shift" => {
            let by = arguments.first().map_or(Some(1), |word| constant(word).and_then(|text| text.parse::<u32>().ok()));
            match by.and_then(|by| expander.state.row.shifted.checked_add(by)) {
                Some(shifted) if shifted < MOST_SHIFTED => expander.state.row.shifted = shifted,
                _ => expander.state.new_row(site),
            }
        }
        "cd" => directory::change(arguments, site, expander),
        "pushd" => directory::push(arguments, site, expander),
        "popd" => directory::pop(arguments, site, expander),
        "." | "source" => {
            expand_all(arguments, expander);
            let library = arguments.first().is_some_and(|path| {
                let value = expander.word(path).value;
                is_library(&expander.values.render(value).0)
            });
            if !library {
                overridden(site, expander);
                expander.state.foreign |= !arguments.first().is_some_and(|path| holds_settings(path, expander));
            }
        }
        // `eval set -- "$parsed"` sets what the script was given, and no variable.
        "eval" if arguments.iter().map(constant).take(2).eq(["set", "--"].map(|word| Some(word.into()))) => {
            expand_all(arguments, expander);
        }
        "eval" => {
            expand_all(arguments, expander);
            // What the text sets is not known.
            overridden(site, expander);
        }
        _ => expand_all(arguments, expander),
    }
}

/// Unknown hands may have set any variable: what one held is still the likely value.
fn overridden(site: Site, expander: &mut Expander<'_>) {
    let held = expander.state.variables.entries();
    if !expander.values.guess(held.len()) {
        expander.state.variables = super::map::Map::default();
        expander.state.epoch = site;
        return;
    }
    for (number, value) in held {
        let likely = match expander.values.get(value) {
            // What was likely before is no less so.
            Value::Default(_, word) => *word,
            Value::Environment(..) | Value::Unknown(_) | Value::Output(_) | Value::Positional(..) => {
                expander.state.variables.set(number, None);
                continue;
            }
            _ => value,
        };
        let name = expander.names.text(number).into();
        let set = expander.values.intern(Value::Environment(site, name));
        let value = expander.values.intern(Value::Default(set, likely));
        expander.state.variables.set(number, Some(value));
    }
    expander.state.epoch = site;
}

/// Files that hold settings, by their place or name: nothing in them guards anything.
fn holds_settings(path: &Word, expander: &mut Expander<'_>) -> bool {
    let value = expander.word(path).value;
    let text = expander.values.render(value).0;
    let name = text.rsplit('/').next().unwrap_or_default();
    text.starts_with("/etc/default/")
        || text.starts_with("/etc/sysconfig/")
        || text.starts_with("/etc/conf.d/")
        || text == "/etc/os-release"
        || text == "/usr/lib/os-release"
        || text == "/etc/lsb-release"
        || [".conf", ".cfg", ".env", ".vars", "rc", "config", ".config", ".settings", ".defaults"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// Function libraries that define functions and leave the script's variables alone.
pub fn is_library(path: &str) -> bool {
    [
        "/lsb/init-functions",
        "/ocf-shellfuncs",
        "/ocf-returncodes",
        "/ocf-binaries",
        "/ocf-directories",
        "/init.d/functions",
        "/debconf/confmodule",
        "/init/vars.sh",
        "/rc/sh/functions.sh",
        "/gettext.sh",
        ".ocf-shellfuncs",
    ]
    .iter()
    .any(|end| path.ends_with(end))
}

/// Expands words for their side effects.
fn expand_all(words: &[Word], expander: &mut Expander<'_>) {
    for word in words.iter().filter(|word| !is_literal(&word.parts)) {
        expander.word(word);
    }
}

/// Whether parts are text alone: expanding them leaves no mark.
fn is_literal(parts: &[Part]) -> bool {
    parts.iter().all(|part| match &part.kind {
        PartKind::Literal(_) | PartKind::SingleQuoted(_) | PartKind::AnsiQuoted(_) => true,
        PartKind::DoubleQuoted(inner) => is_literal(inner),
        _ => false,
    })
}

fn assign(assignment: &Assignment, site: Site, expander: &mut Expander<'_>) {
    let name = &*assignment.name.text;
    let value = match &assignment.value {
        AssignmentValue::Scalar(word) if assignment.subscript.is_none() => {
            let value = expander.word(word).value;
            if assignment.append {
                let before = expander.bare(name, site);
                let text = expander.values.concat([before, value]);
                begin_list(before, text, expander);
                // A text that grows in a loop would never settle.
                if expander.values.any(before, &|piece| matches!(piece, Value::Phi(..))) {
                    let grown = expander.values.intern(Value::Unknown(site));
                    expander.values.set_grown(grown, text);
                    grown
                } else {
                    text
                }
            } else {
                grown(name, value, site, expander)
            }
        }
        AssignmentValue::Array(words) if assignment.subscript.is_none() => expander.array(assignment, words, site),
        _ => expander.values.intern(Value::Environment(set_site(site), name.into())),
    };
    expander.assign(name, value);
}

/// `x="$x more"` in a loop: the value would grow with each turn, so it becomes one that is made here.
fn grown(name: &str, value: ValueId, site: Site, expander: &mut Expander<'_>) -> ValueId {
    let before = expander.bare(name, site);
    begin_list(before, value, expander);
    let grows = value != before
        && matches!(
            expander.values.get(before),
            Value::Phi(..) | Value::Concat(_) | Value::Derived(..) | Value::Default(..)
        )
        && contains(value, before, expander);
    if !grows {
        return value;
    }
    let grown = expander.values.intern(Value::Environment(set_site(site), name.into()));
    expander.values.set_grown(grown, value);
    grown
}

/// Remembers what a variable holds that the script never set, where it is given that and more.
fn begin_list(before: ValueId, value: ValueId, expander: &mut Expander<'_>) {
    if matches!(expander.values.get(before), Value::Environment(0, _))
        && value != before
        && expander.values.pieces(&value).contains(&before)
    {
        expander.values.set_begins_list(before);
    }
}

fn contains(value: ValueId, piece: ValueId, expander: &Expander<'_>) -> bool {
    value == piece
        || match expander.values.get(value) {
            Value::Concat(parts) => {
                parts.contains(&piece)
                    || matches!(expander.values.get(piece), Value::Concat(inner) if parts.len() > inner.len() && parts.windows(inner.len()).any(|window| window == &inner[..]))
                    || parts.iter().any(|&part| contains(part, piece, expander))
            }
            Value::Default(a, b) => contains(*a, piece, expander) || contains(*b, piece, expander),
            Value::Required(inner) | Value::Derived(inner, _) => contains(*inner, piece, expander),
            _ => false,
        }
}

fn set_unknown(name: &str, site: Site, expander: &mut Expander<'_>) {
    // Of an array of which one element is another now, nothing is known any more.
    let name = name.split('[').next().unwrap_or(name);
    let value = expander.values.intern(Value::Environment(set_site(site), name.into()));
    expander.assign(name, value);
}

/// What an operand of `let` computes. Of one that is not known the variable that it begins with is set to nobody knows
/// what.
pub fn computed_by_let(word: &Word) -> Option<ArithmeticExpression> {
    if let Some(text) = constant(word) {
        return arithmetic(&text);
    }
    let first = match &word.parts.first()?.kind {
        PartKind::DoubleQuoted(inner) => &inner.first()?.kind,
        kind => kind,
    };
    let PartKind::Literal(text) = first else { return None };
    let name = text.trim_start().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
    Some(ArithmeticExpression::Assign(name.into(), "=".into(), Box::new(ArithmeticExpression::Opaque)))
}

/// The operands of a builtin, constant ones only; letters in `with_argument` take an argument, which for `-a` is a
/// name like the operands.
fn operands<'w>(words: &'w [Word], with_argument: &str) -> Vec<Cow<'w, str>> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(text) = constant(word) else { continue };
        match text.strip_prefix('-') {
            Some(letters) if !letters.is_empty() && found.is_empty() => {
                let Some(last) = letters.chars().last().filter(|&last| with_argument.contains(last)) else { continue };
                let argument = words.next();
                if last == 'a' {
                    found.extend(argument.and_then(constant));
                }
            }
            _ => found.push(text),
        }
    }
    found
}

fn set(arguments: &[Word], site: Site, expander: &mut Expander<'_>) {
    let mut words = arguments.iter().peekable();
    while let Some(word) = words.next() {
        // Other positional parameters, or a word that may be anything.
        let Some(text) = constant(word) else {
            expander.state.new_row(site);
            return;
        };
        let Some(sign) = text.chars().next().filter(|sign| matches!(sign, '-' | '+')) else {
            expander.state.new_row(site);
            return;
        };
        if &*text == "--" || &*text == "-" {
            if &*text == "--" || words.peek().is_some() {
                let mut positional = super::map::Map::default();
                let mut exact = true;
                for (at, word) in words.enumerate() {
                    let expanded = expander.word(word);
                    exact &= !expanded.splits;
                    positional.set(at as u32 + 1, Some(expanded.value));
                }
                expander.state.new_row(site);
                if exact {
                    expander.state.positional = positional;
                }
            }
            return;
        }
        let on = if sign == '-' { Flag::On } else { Flag::Off };
        for letter in text[1..].chars() {
            match letter {
                'e' => expander.state.errexit = on,
                'u' => expander.state.nounset = on,
                'C' => expander.state.noclobber = on,
                'E' => expander.state.errtrace = on,
                'o' => {
                    if let Some(option) = words.next().and_then(constant) {
                        match &*option {
                            "errexit" => expander.state.errexit = on,
                            "pipefail" => expander.state.pipefail = on,
                            "nounset" => expander.state.nounset = on,
                            "noclobber" => expander.state.noclobber = on,
                            "errtrace" => expander.state.errtrace = on,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

fn shopt(arguments: &[Word], state: &mut State) {
    let words: Vec<Cow<'_, str>> = arguments.iter().filter_map(constant).collect();
    if words.iter().any(|word| &**word == "inherit_errexit") {
        match words.first().map(|word| &**word) {
            Some("-s") => state.inherit = Flag::On,
            Some("-u") => state.inherit = Flag::Off,
            _ => {}
        }
    }
    if words.iter().any(|word| &**word == "-o" || &**word == "-so" || &**word == "-uo") {
        let on =
            if words.iter().any(|word| word.starts_with('-') && word.contains('s')) { Flag::On } else { Flag::Off };
        for word in &words {
            match &**word {
                "errexit" => state.errexit = on,
                "pipefail" => state.pipefail = on,
                "nounset" => state.nounset = on,
                "errtrace" => state.errtrace = on,
                _ => {}
            }
        }
    }
}
