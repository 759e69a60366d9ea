//! Other names for the same things.

use super::edits::Edits;
use super::subject::Subject;
use super::tree::constant;
use noharm::knowledge::Knowledge;
use noharm::span::Span;
use noharm::syntax::tree::{ParameterOperator, PartKind};
use std::collections::{BTreeMap, BTreeSet};

/// Variables that the shell or the programs of a system give a meaning.
const WELL_KNOWN: &[&str] = &[
    "CDPATH",
    "DEBIAN_FRONTEND",
    "ENV",
    "EUID",
    "FUNCNAME",
    "HOME",
    "HOST",
    "HOSTNAME",
    "IFS",
    "LANG",
    "LINENO",
    "LOGNAME",
    "OLDPWD",
    "OPTARG",
    "OPTIND",
    "PATH",
    "PIPESTATUS",
    "PPID",
    "PWD",
    "RANDOM",
    "REPLY",
    "RET",
    "SECONDS",
    "SHELL",
    "TMPDIR",
    "UID",
    "USER",
];

/// Beginnings of the names of such variables.
const WELL_KNOWN_BEGINNINGS: &[&str] =
    &["BASH", "COMP_", "GITHUB_", "LC_", "MYSQL_", "OCF_", "PG", "SSH_", "XDG_", "DPKG_"];

/// Builtins whose operands are names of variables.
const NAMING: &[&str] = &["read", "export", "local", "readonly", "unset", "declare", "typeset"];

/// A variable is a place for a value: what it is called changes nothing, if it is called so everywhere and the name
/// tells as little or as much of what lies at a path.
pub fn variables(subject: &Subject) -> Option<Edits> {
    if subject.has_call(&["eval"]) {
        return None;
    }
    let knowledge = Knowledge::builtin();
    let mut edits = Edits::default();
    for (name, mentions) in variable_mentions(subject) {
        let new = format!("our_{name}");
        let is_known = WELL_KNOWN.contains(&name) || WELL_KNOWN_BEGINNINGS.iter().any(|start| name.starts_with(start));
        if is_known || knowledge.name_class(name) != knowledge.name_class(&new) {
            continue;
        }
        rename(subject, name, &new, &mentions, &mut edits);
    }
    edits.made()
}

/// Every variable with the places of its name that the tree knows.
fn variable_mentions<'t>(subject: &Subject<'t>) -> BTreeMap<&'t str, BTreeSet<Span>> {
    let tree = &subject.tree;
    let mut spans: Vec<Span> = tree.assignments.iter().map(|assignment| assignment.name.span).collect();
    spans.extend(tree.turns.iter().map(|name| name.span));
    for part in &tree.parts {
        if let PartKind::Parameter(parameter) = &part.kind
            && !matches!(parameter.operator, ParameterOperator::Indirect | ParameterOperator::Names)
        {
            spans.push(parameter.name_span);
        }
    }
    for (simple, _) in &tree.simples {
        if simple.words.first().and_then(constant).is_some_and(|name| NAMING.contains(&name)) {
            spans.extend(simple.words.iter().skip(1).filter(|word| constant(word).is_some()).map(|word| word.span));
        }
    }
    for arithmetic in &tree.arithmetic {
        let start = arithmetic.span.start;
        let within = identifiers(subject.slice(arithmetic.span)).into_iter();
        spans.extend(within.map(|span| Span::new(start + span.start, start + span.end)));
    }
    let mut mentions: BTreeMap<&str, BTreeSet<Span>> = BTreeMap::new();
    for span in spans {
        let name = subject.slice(span);
        if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            mentions.entry(name).or_default().insert(span);
        }
    }
    mentions
}

/// A function is called what its author likes, if all its calls say so.
pub fn functions(subject: &Subject) -> Option<Edits> {
    let mut edits = Edits::default();
    let names: BTreeSet<&str> = subject.tree.functions.iter().map(|name| subject.slice(name.span)).collect();
    for name in names {
        let definitions = subject.tree.functions.iter().map(|name| name.span);
        let calls = subject.tree.simples.iter().filter_map(|(simple, _)| simple.words.first()).map(|word| word.span);
        let mentions = definitions.chain(calls).filter(|span| subject.slice(*span) == name).collect();
        rename(subject, name, &format!("our_{name}"), &mentions, &mut edits);
    }
    edits.made()
}

/// Renames where the places are all that there are: a name in a text that is run later is one that the tree has not.
fn rename(subject: &Subject, name: &str, new: &str, mentions: &BTreeSet<Span>, edits: &mut Edits) {
    let all: BTreeSet<Span> =
        identifiers(subject.text).into_iter().filter(|span| subject.slice(*span) == name).collect();
    if all == *mentions {
        for span in mentions {
            edits.replace(*span, new);
        }
    }
}

/// The names in a text, whatever they name.
fn identifiers(text: &str) -> Vec<Span> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    let mut at = 0;
    for piece in text.split(|letter: char| !is_part(letter)) {
        if piece.starts_with(|first: char| !first.is_ascii_digit()) {
            found.push(Span::new(at as u32, (at + piece.len()) as u32));
        }
        // What parts the names may be longer than a byte.
        at += piece.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    found
}
