//! Finds what a command that runs another command runs, and where.
//!
//! It knows wrapper rows and words, and nothing of what the inner command does.

use super::argument::{Argument, Inner, Root, Wrapper};
use super::matching::{is_init_script, is_one_of, lead, name_of};
use super::options::{Read, Until, read};
use super::schema::model::{InnerKind, List, RootFrom, Tables, Text, WrapperRow};

/// Whether a command of this name may be one that runs another.
pub(super) fn is_wrapper(tables: &Tables, name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    known_as(tables, name).is_some()
}

/// The name under which rows know a wrapper, with the rows: `*-ssh` is every name that ends so and has no row of its own.
fn known_as<'t>(tables: &'t Tables, name: &str) -> Option<&'t (Text, List<usize>)> {
    let names = &tables.wrapper_names;
    if let Ok(at) = names.binary_search_by(|(known, _)| (**known).cmp(name)) {
        return names.get(at);
    }
    // A star comes before all letters.
    let mut starred = names.iter().take_while(|(known, _)| **known <= *"*~");
    starred.find(|(known, _)| known.strip_prefix('*').is_some_and(|end| name.ends_with(end) && name.len() > end.len()))
}

/// The first row that fits. An init script runs what it is for, whatever it is called.
pub(super) fn find(tables: &Tables, arguments: &[Argument]) -> Option<Wrapper> {
    if is_init_script(arguments) {
        return None;
    }
    let name = name_of(arguments)?;
    let (name, rows) = known_as(tables, name)?;
    rows.iter().filter_map(|index| tables.wrappers.get(*index)).find_map(|row| fits(tables, row, arguments, name))
}

fn fits(tables: &Tables, row: &WrapperRow, arguments: &[Argument], name: &str) -> Option<Wrapper> {
    let grammar = tables.grammars.get(row.grammar)?;
    let (start, early) = row
        .leading
        .iter()
        .filter(|leading| leading.first().is_some_and(|first| is_one_of(name, first)))
        .find_map(|leading| lead(leading, grammar, arguments))?;
    let until = match (grammar.posix_order, row.inner) {
        (true, _) => Until::Operand,
        (false, InnerKind::Command) => Until::Dashes,
        (false, _) => Until::End,
    };
    let words = read(arguments, start, grammar, false, until);
    let has = |option: &str| words.has(option) || early.has(option);
    if !row.need.iter().all(|option| has(option)) || row.without.iter().any(|option| has(option)) {
        return None;
    }
    let mut operands: Vec<usize> = words.operands.clone();
    if until != Until::End {
        operands.extend(words.next..arguments.len());
    }
    let mut at = row.skip;
    if operands.len() < at {
        return None;
    }
    if let Some(then) = &row.then {
        let word = operands.get(at).and_then(|index| arguments.get(*index))?;
        if !is_one_of(&word.text, then) {
            return None;
        }
        at += 1;
    }
    // Options may be ended after the operands that are skipped: `kubectl exec pod -- command`.
    if operands.get(at).and_then(|index| arguments.get(*index)).is_some_and(|word| word.text == "--") {
        at += 1;
    }
    let mut assignments = Vec::new();
    while row.assignments && operands.get(at).is_some_and(|index| is_assignment(&arguments[*index].text)) {
        assignments.push(operands[at]);
        at += 1;
    }
    let inner = inner(row, &words, operands.get(at).copied(), arguments)?;
    let root_name = match &row.root_from {
        RootFrom::Nothing => None,
        RootFrom::Operand(operand) => operands.get(*operand).map(|argument| (*argument, 0)),
        RootFrom::Option(option) => {
            words.value(option).or_else(|| early.value(option)).map(|place| (place.argument, place.offset))
        }
    };
    Some(Wrapper {
        id: row.id.clone(),
        inner,
        root: Root { kind: row.root, name: root_name },
        environment: row.environment,
        assignments,
        passes_status: row.passes_status,
        lock: if row.locks { operands.first().copied() } else { None },
        errexit: words.has("e") || option_errexit(&words, arguments),
        exact: !words.surprised && !early.surprised,
    })
}

fn inner(row: &WrapperRow, words: &Read, first: Option<usize>, arguments: &[Argument]) -> Option<Inner> {
    let shell = row.shell;
    match row.inner {
        InnerKind::Command => first.map(Inner::Command),
        InnerKind::Partial => first.map(|first| {
            let replaced = words.value("I").map(|place| (place.argument, place.offset));
            Inner::Partial { first, replaced }
        }),
        InnerKind::Joined => first.map(|first| Inner::Joined { first, shell }),
        InnerKind::File => first.map(|argument| Inner::File { argument, shell }),
        // Only `-s` tells the shell that what it is given is no file.
        InnerKind::Input => (first.is_none() || words.has("s")).then_some(Inner::Stdin { shell, parameters: first }),
        InnerKind::Text => match &row.text_option {
            Some(option) => words.value(option).map(|place| Inner::Text {
                argument: place.argument,
                offset: place.offset,
                shell,
                parameters: None,
            }),
            None => first.map(|argument| Inner::Text {
                argument,
                offset: 0,
                shell,
                parameters: (argument + 1 < arguments.len()).then_some(argument + 1),
            }),
        },
    }
}

/// `-o errexit` among a shell's options.
fn option_errexit(words: &Read, arguments: &[Argument]) -> bool {
    words.options.iter().any(|(name, place)| {
        name == "o" && place.and_then(|place| arguments.get(place.argument)).is_some_and(|word| word.text == "errexit")
    })
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
