//! Names that are looked for among those of a directory.
//!
//! ```sh
//! if ls /etc | grep -q 'app.conf.bak'; then exit 1; fi
//! cp /etc/app.conf "/etc/app.conf.bak.$1"       # no file that is called so was there
//! ```
//! What a listing that was searched does not have says nothing of names that begin with a dot.

use super::listings::{self, Entries};
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use super::thing::{Fact, Thing, ThingId, above};
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode};
use crate::flow::state::State;
use crate::flow::value::ValueId;
use crate::knowledge::{EffectKind, FactKind, ThingKind};
use crate::syntax::tree::{CommandKind, Simple};
use hashbrown::HashSet;
use std::borrow::Cow;

/// How many searches are followed: each is held against all that the script makes.
const MOST_SEARCHES: usize = 64;

/// Lets what the script makes be known to be missing where a search in a listing has not found its name.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &[Occurrence]) {
    let nodes = (0..steps.len() as u32).map(NodeId);
    let searches: Vec<(NodeId, ValueId, Box<str>)> =
        nodes.filter_map(|node| searched(resolver, node)).take(MOST_SEARCHES).collect();
    if searches.is_empty() {
        return;
    }
    let makes = |one: &&Occurrence| matches!(one.effect, EffectKind::Create | EffectKind::Write);
    let made: HashSet<ThingId> = occurrences.iter().filter(makes).map(|one| one.target).collect();
    let made: Vec<(ThingId, ValueId, String)> = made.into_iter().filter_map(|made| entry(resolver, made)).collect();
    for (node, directory, text) in searches {
        let Some(step) = &mut steps[node.0 as usize] else { continue };
        let is_such = |(_, place, name): &&(ThingId, ValueId, String)| *place == directory && name.contains(&*text);
        step.fail.extend(made.iter().filter(is_such).map(|&(thing, ..)| Fact { kind: FactKind::Absent, thing }));
    }
}

/// The directory whose names a node searches, and the text that it searches for.
fn searched(resolver: &mut Resolver<'_, '_>, node: NodeId) -> Option<(NodeId, ValueId, Box<str>)> {
    let Kind::Simple(search) = resolver.flow.graph.node(node).kind.clone() else { return None };
    let text = sought(&search)?;
    let [listing] = search.before else { return None };
    let CommandKind::Simple(listing) = &listing.kind else { return None };
    let mut state = State::clone(resolver.flow.inputs.get(node)?);
    let directory = match entries(listing)?.directory {
        Some(at) => resolver.evaluated(node, &listing.words[at], &mut state).value,
        None => state.directory,
    };
    // As the paths below it are called.
    let thing = resolver.path(directory, None, &state);
    Some((node, resolver.things.get(thing).key[0], text))
}

/// The text of `grep -q TEXT`, where that is searched for as it stands there.
fn sought(search: &SimpleNode<'_>) -> Option<Box<str>> {
    let words: Option<Vec<_>> = search.simple.words.iter().map(constant).collect();
    let words = words?;
    let (name, operands) = words.split_first()?;
    let (options, others): (Vec<_>, Vec<_>) = operands.iter().partition(|word| word.starts_with('-'));
    let [text] = others[..] else { return None };
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let is_quiet = |option: &&Cow<'_, str>| matches!(&***option, "-q" | "-s" | "-F" | "-Fq" | "-qF" | "--quiet");
    (&**name == "grep" && options.iter().all(is_quiet) && !text.is_empty() && text.chars().all(is_plain))
        .then(|| Box::from(&**text))
}

/// What `ls` shows, where that is the content of one directory.
fn entries(listing: &Simple) -> Option<Entries> {
    let unknown = || "$".to_owned();
    let texts: Vec<String> =
        listing.words.iter().map(|word| constant(word).map_or_else(unknown, Cow::into_owned)).collect();
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    (texts.first() == Some(&"ls")).then(|| listings::entries(&texts)).flatten()
}

/// The directory and the name of a path, where its name is shown by `ls`.
fn entry(resolver: &mut Resolver<'_, '_>, made: ThingId) -> Option<(ThingId, ValueId, String)> {
    let Thing { kind, root, key } = resolver.things.get(made).clone();
    let values = &mut resolver.flow.values;
    let directory = above(key[0], values).into_iter().next().filter(|_| kind == ThingKind::Path && root.is_none())?;
    let (whole, place) = (values.render(key[0]).0, values.render(directory).0);
    let name = whole.strip_prefix(&place)?.trim_start_matches('/').to_owned();
    (!name.starts_with('.') && !name.contains('/')).then_some((made, directory, name))
}
