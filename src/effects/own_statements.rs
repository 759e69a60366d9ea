//! Lists of statements that the script itself has written, where that says what a client does with them.
//!
//! ```sh
//! { echo '\set ON_ERROR_STOP on'; echo "$statements"; } > "$file"
//! psql -f "$file"          # as if the text came in on standard input
//! ```
//! The file must be emptied in one place only, and every way to the client must come from there.

use super::asked_before::bare;
use super::dominators::Dominators;
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use crate::flow::graph::{Kind, NodeId};
use crate::flow::state::State;
use crate::knowledge::{Argument, EffectKind, How, Input};
use crate::syntax::tree::{Redirect, RedirectKind, Word};
use hashbrown::HashMap;

/// The mark that such a text may take away.
const GOES_ON: &str = "goes-on-after-error";

/// So many clients are looked at: each is held against all that the script does.
const MOST_CLIENTS: usize = 64;

/// So many commands that print into a file are read.
const MOST_PRINTERS: u32 = 64;

/// Takes the mark from the clients that are told something else by what they read.
pub fn mark(resolver: &mut Resolver<'_, '_>, dominators: &Dominators, occurrences: &mut [Occurrence]) {
    let goes_on = |occurrence: &Occurrence| occurrence.marks.iter().any(|mark| **mark == *GOES_ON);
    let clients: Vec<usize> =
        (0..occurrences.len()).filter(|&at| goes_on(&occurrences[at])).take(MOST_CLIENTS).collect();
    if clients.is_empty() {
        return;
    }
    let emptied = emptied(resolver);
    for at in clients {
        let node = occurrences[at].node;
        if stops(resolver, dominators, &emptied, (node, occurrences)) {
            occurrences[at].marks.retain(|mark| **mark != *GOES_ON);
        }
    }
}

/// The files that redirections empty in one place only, as they are written, with that place.
type Emptied<'t> = HashMap<String, Option<(NodeId, &'t Word)>>;

fn emptied<'t>(resolver: &Resolver<'_, 't>) -> Emptied<'t> {
    let mut found = Emptied::new();
    for (at, node) in resolver.flow.graph.nodes.iter().enumerate() {
        let redirects: &'t [Redirect] = match &node.kind {
            Kind::Simple(simple) => &simple.command.redirects,
            Kind::Redirects { redirects, .. } => redirects,
            _ => continue,
        };
        let empties = |redirect: &&Redirect| matches!(redirect.kind, RedirectKind::Output | RedirectKind::Clobber);
        for redirect in redirects.iter().filter(empties) {
            let name = bare(&resolver.written(redirect.target.span));
            found.entry(name).and_modify(|place| *place = None).or_insert(Some((NodeId(at as u32), &redirect.target)));
        }
    }
    found
}

/// Whether a client is another kind of command by what the script has written for it.
fn stops(
    resolver: &mut Resolver<'_, '_>,
    dominators: &Dominators,
    emptied: &Emptied<'_>,
    (client, occurrences): (NodeId, &[Occurrence]),
) -> bool {
    let Kind::Simple(node) = resolver.flow.graph.node(client).kind.clone() else { return false };
    let read = node.command.redirects.iter().filter(|redirect| redirect.kind == RedirectKind::Input);
    let operands = node.simple.words.iter().skip(1).chain(read.map(|redirect| &redirect.target));
    let written = operands.map(|word| (word, bare(&resolver.written(word.span))));
    let mut found = written.filter_map(|(word, name)| Some((word, (*emptied.get(&name)?)?)));
    let Some((file, (writer, target))) = found.find(|&(_, (writer, _))| dominators.dominates(writer, client)) else {
        return false;
    };
    if !is_as_written(resolver, (writer, target), (client, file), occurrences) {
        return false;
    }
    let Some(mut state) = resolver.flow.inputs.get(client).map(|state| State::clone(state)) else { return false };
    let Some(text) = printed(resolver, writer, |node| dominators.dominates(node, client)) else { return false };
    let name = resolver.evaluated(client, file, &mut state).argument.text;
    let words = resolver.evaluated_all(client, node.simple, &mut state);
    let (words, ..) = resolver.unwrapped(words, &state, &mut Step::default());
    let as_input = |word: Argument| if word.text == name { Argument::literal("-") } else { word };
    let arguments: Vec<Argument> = words.into_iter().map(|word| as_input(word.argument)).collect();
    let found = resolver.knowledge.fed(&arguments, Input { text: &text, source: "" });
    found.is_some_and(|found| !found.form.marks.iter().any(|mark| **mark == *GOES_ON))
}

/// Whether what is read is the file that was written, and nothing else puts another one in its place.
fn is_as_written(
    resolver: &mut Resolver<'_, '_>,
    (writer, target): (NodeId, &Word),
    (client, file): (NodeId, &Word),
    occurrences: &[Occurrence],
) -> bool {
    let mut path = |node: NodeId, word: &Word| {
        let mut state = resolver.flow.inputs.get(node).map(|state| State::clone(state))?;
        let value = resolver.word(node, word, &mut state).value;
        Some(resolver.path(value, None, &state))
    };
    let (written, read) = (path(writer, target), path(client, file));
    let replaces = |one: &Occurrence| {
        one.effect == EffectKind::Write
            && !matches!(one.how, How::Append | How::Other)
            && Some(one.target) == read
            && one.node != writer
    };
    written.is_some() && written == read && !occurrences.iter().any(replaces)
}

/// What a place prints into a file: a command, or the first commands of a group, as far as they are passed in any case.
fn printed(resolver: &mut Resolver<'_, '_>, writer: NodeId, is_passed: impl Fn(NodeId) -> bool) -> Option<String> {
    let mut text = String::new();
    let (end, nodes) = match &resolver.flow.graph.node(writer).kind {
        Kind::Redirects { redirects, .. } => (redirects.first()?.span.start, writer.0 + 1..writer.0 + MOST_PRINTERS),
        _ => (u32::MAX, writer.0..writer.0 + 1),
    };
    for at in nodes.map(NodeId) {
        let Some(node) = resolver.flow.graph.nodes.get(at.0 as usize) else { break };
        match node.kind.clone() {
            Kind::Join | Kind::Enter(_) | Kind::Errexit | Kind::Status(_) => {}
            Kind::Simple(simple) if node.span.end <= end && is_passed(at) => {
                let Some(state) = resolver.flow.inputs.get(at).map(|state| State::clone(state)) else { break };
                resolver.printed_by(at, &simple, &state, &mut text);
            }
            _ => break,
        }
    }
    Some(text)
}
