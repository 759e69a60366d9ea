//! Lines that an edit in place deletes by a variable alone.
//!
//! ```sh
//! sed -i "/$address/d" /etc/app/hosts      # 10.0.0.1 takes 10.0.0.10 with it, and nothing takes all
//! ```
//! Nothing in the pattern says where the value begins or ends, so that whatever holds it somewhere goes as well.

use super::resolve::Resolver;
use super::step::Occurrence;
use crate::flow::forest::program;
use crate::flow::graph::Kind;
use crate::flow::state::State;
use crate::knowledge::{EffectKind, HOLE, How};
use crate::syntax::tree::{Part, PartKind};

/// The mark of such an edit.
const BY_BARE_VARIABLE: &str = "by-bare-variable";

/// Marks them.
pub fn mark(resolver: &mut Resolver<'_, '_>, occurrences: &mut [Occurrence]) {
    let is_edit = |occurrence: &&mut Occurrence| {
        occurrence.effect == EffectKind::Write && occurrence.how == How::InPlace && &*occurrence.command == "sed"
    };
    for occurrence in occurrences.iter_mut().filter(is_edit) {
        let Kind::Simple(simple) = resolver.flow.graph.node(occurrence.node).kind.clone() else { continue };
        let Some(state) = resolver.flow.inputs.get(occurrence.node) else { continue };
        let mut state = State::clone(state);
        let words = program(simple.simple).map_or(&[][..], |_| &simple.simple.words[..]);
        if words.iter().any(|word| {
            let value = resolver.word(occurrence.node, word, &mut state).value;
            let values = &resolver.flow.values;
            // One of a few known texts is written by whoever knows them all. Where the script has written around the
            // value before, or calls it a pattern, that is what is meant.
            let is_meant = names(&word.parts)
                .iter()
                .any(|name| resolver.assigned_anywhere.telling.contains(*name) || is_pattern_name(name));
            let is_listed = |piece| {
                let all = values.alternatives(piece);
                !all.is_empty() && all.iter().all(|&one| values.text(one).is_some())
            };
            !is_meant
                && !values.pieces(&value).iter().any(|&piece| is_listed(piece))
                && deletes_by_variable(&values.render(value).0)
        }) {
            occurrence.marks.push(BY_BARE_VARIABLE.into());
        }
    }
}

/// The variables that stand in these parts.
fn names(parts: &[Part]) -> Vec<&str> {
    let mut found = Vec::new();
    for part in parts {
        match &part.kind {
            PartKind::Parameter(parameter) => found.push(&*parameter.name),
            PartKind::DoubleQuoted(inner) => found.extend(names(inner)),
            _ => {}
        }
    }
    found
}

/// Whether a name says that the value is a pattern.
fn is_pattern_name(name: &str) -> bool {
    let name = name.to_lowercase();
    ["regex", "pattern", "expr"].iter().any(|word| name.contains(word))
}

/// Whether some command of an editing script is a deletion of the lines that hold what is not known.
fn deletes_by_variable(script: &str) -> bool {
    script.split([';', '\n']).any(|command| {
        let pattern = command.trim().strip_prefix('/').and_then(|rest| rest.strip_suffix("/d"));
        pattern.is_some_and(|pattern| !pattern.is_empty() && pattern.chars().all(|letter| letter == HOLE))
    })
}
