//! What a Debian package's `config` has looked at when `postinst` writes.
//!
//! ```sh
//! # config                                       # postinst
//! . /usr/share/debconf/confmodule                . /usr/share/debconf/confmodule
//! name=$(head -n 1 /etc/app/name)                db_get app/name
//! db_set app/name "$name"                        echo "$RET" > /etc/app/name
//! ```
//! debconf has `config` run before `postinst` goes on behind the first line. What `config` reads and makes answers
//! of, `postinst` writes again.

use super::resolve::Resolver;
use super::step::Step;
use super::thing::{Fact, Thing, ThingId, Things};
use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode};
use crate::flow::state::State;
use crate::knowledge::{FactKind, HOLE, Knowledge, ThingKind, Touch};
use std::path::{Path, PathBuf};

/// How the file ends that a script sources to speak with debconf.
const MODULE: &str = "/debconf/confmodule";

/// The `config` that belongs to a `postinst`: `postinst`, `app.postinst`, `postinst.in`.
pub fn config_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let is_postinst = name.split('.').any(|part| part == "postinst");
    is_postinst.then(|| path.with_file_name(name.replace("postinst", "config")))
}

/// What a `config` has done before `postinst` writes.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// Files that it reads and may make answers of.
    looked_at: Vec<Box<str>>,
    /// Files that it makes.
    made: Vec<Box<str>>,
    /// There is none at hand, and what it would do is not known.
    is_unread: bool,
}

/// What a `config` does for its `postinst`.
pub fn prepared(mut flow: Flow<'_>, knowledge: &Knowledge, source: &[u8]) -> Prepared {
    let mut things = Things::default();
    let mut resolver = Resolver::over(&mut flow, &mut things, knowledge, source);
    let mut prepared = Prepared::default();
    let mut answers = false;
    for at in 0..resolver.flow.graph.nodes.len() {
        let id = NodeId(at as u32);
        let step = resolver.resolve(id).unwrap_or_default();
        let made = step.touches.iter().filter(|(_, touch)| *touch != Touch::Removed).map(|&(thing, _)| thing);
        prepared.made.extend(made.flat_map(|thing| named(thing, &resolver)));
        let mut read = step.reads.to_vec();
        if let Kind::Simple(node) = resolver.flow.graph.node(id).kind.clone()
            && let Some(state) = resolver.flow.inputs.get(id)
        {
            let mut state = State::clone(state);
            answers |= calls(&node, "db_set");
            if let (true, Some(operand)) = (calls(&node, ".") || calls(&node, "source"), node.simple.words.get(1)) {
                let value = resolver.word(id, operand, &mut state).value;
                read.push(resolver.path(value, None, &state));
            }
        }
        prepared.looked_at.extend(read.into_iter().flat_map(|thing| named(thing, &resolver)));
    }
    prepared.looked_at.retain(|_| answers);
    prepared
}

/// What a path is called: in a function by what its calls hand it.
fn named(thing: ThingId, resolver: &Resolver<'_, '_>) -> Vec<Box<str>> {
    let thing = resolver.things.get(thing);
    let texts = if thing.kind == ThingKind::Path { resolver.renderings(thing.key[0]) } else { Vec::new() };
    texts.into_iter().filter(|text| text.starts_with('/') && !text.contains(HOLE)).map(String::into).collect()
}

/// Lets what `config` has looked at be known behind the line that had it run, where the script asks for answers.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], prepared: &Prepared) {
    let simple = |node: &Kind<'_>, is: &dyn Fn(&SimpleNode<'_>) -> bool| matches!(node, Kind::Simple(node) if is(node));
    let nodes = &resolver.flow.graph.nodes;
    if prepared.is_empty() || !nodes.iter().any(|node| simple(&node.kind, &|node| calls(node, "db_get"))) {
        return;
    }
    for occurrence in resolver.occurrences.iter_mut().filter(|occurrence| occurrence.replaces()) {
        occurrence.foreign |= prepared.is_unread;
    }
    let runs = |node: &SimpleNode<'_>| {
        calls(node, ".") && node.simple.words.get(1).and_then(constant).is_some_and(|operand| operand.ends_with(MODULE))
    };
    let places: Vec<usize> = (0..nodes.len()).filter(|&at| simple(&nodes[at].kind, &runs)).collect();
    for at in places {
        let Some(state) = resolver.flow.inputs.get(NodeId(at as u32)).map(|state| State::clone(state)) else {
            continue;
        };
        for file in &prepared.looked_at {
            let value = resolver.flow.values.constant(file);
            let thing = resolver.path(value, None, &state);
            if let Some(step) = &mut steps[at] {
                step.ok.push(Fact { kind: FactKind::Differs, thing });
            }
        }
    }
    request(resolver, steps, &prepared.made);
}

/// Lets the file be looked at for which `config` has left a request beside it, where the script asks for that:
/// `[ -e /etc/app/name.update ]`.
fn request(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], made: &[Box<str>]) {
    for condition in steps.iter_mut().flatten().filter_map(|step| step.condition.as_mut()) {
        condition.change_answers(&mut |facts| {
            let exists = facts.iter().filter(|fact| fact.kind == FactKind::Exists);
            let asked: Vec<ThingId> = exists.map(|fact| fact.thing).collect();
            for thing in asked {
                let Thing { kind, root, key } = resolver.things.get(thing).clone();
                let text = resolver.flow.values.text(key[0]).filter(|_| kind == ThingKind::Path);
                let request = text.filter(|text| made.iter().any(|made| **made == **text));
                let Some((file, end)) = request.and_then(|text| text.rsplit_once('.')) else { continue };
                if end.contains('/') {
                    continue;
                }
                let file = file.to_owned();
                let file = resolver.flow.values.constant(&file);
                let thing = resolver.things.path(file, file, root, &mut resolver.flow.values);
                facts.push(Fact { kind: FactKind::Differs, thing });
            }
        });
    }
}

impl Prepared {
    /// What a `config` has done that cannot be read.
    pub fn unread() -> Self {
        Self { is_unread: true, ..Self::default() }
    }

    fn is_empty(&self) -> bool {
        self.looked_at.is_empty() && self.made.is_empty() && !self.is_unread
    }
}

/// Whether a command is the one of this name.
fn calls(node: &SimpleNode<'_>, name: &str) -> bool {
    node.name.as_deref() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_stands_beside_postinst() {
        for (postinst, config) in [
            ("DEBIAN/postinst", Some("DEBIAN/config")),
            ("debian/app.postinst", Some("debian/app.config")),
            ("debian/postinst.in", Some("debian/config.in")),
            ("debian/app.prerm", None),
            ("run-postinst.sh", None),
        ] {
            assert_eq!(config_beside(Path::new(postinst)), config.map(PathBuf::from), "{postinst}");
        }
    }
}
