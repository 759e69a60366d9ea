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
use super::thing::{Fact, Things};
use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode};
use crate::flow::state::State;
use crate::knowledge::{FactKind, Knowledge};
use std::path::{Path, PathBuf};

/// How the file ends that a script sources to speak with debconf.
const MODULE: &str = "/debconf/confmodule";

/// The `config` that belongs to a `postinst`: `postinst`, `app.postinst`, `postinst.in`.
pub fn config_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let is_postinst = name.split('.').any(|part| part == "postinst");
    is_postinst.then(|| path.with_file_name(name.replace("postinst", "config")))
}

/// The files that a `config` reads and may make answers of.
pub fn looked_at(mut flow: Flow<'_>, knowledge: &Knowledge, source: &[u8]) -> Vec<Box<str>> {
    let mut things = Things::default();
    let mut resolver = Resolver::over(&mut flow, &mut things, knowledge, source);
    let mut files = Vec::new();
    let mut answers = false;
    for at in 0..resolver.flow.graph.nodes.len() {
        let id = NodeId(at as u32);
        let mut read: Vec<_> = resolver.resolve(id).map(|step| step.reads.to_vec()).unwrap_or_default();
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
        let paths = read.into_iter().filter_map(|thing| resolver.flow.values.text(resolver.things.get(thing).key[0]));
        files.extend(paths.filter(|path| path.starts_with('/')).map(Box::from));
    }
    files.retain(|_| answers);
    files
}

/// Lets what `config` has looked at be known behind the line that had it run, where the script asks for answers.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], files: &[Box<str>]) {
    let simple = |node: &Kind<'_>, is: &dyn Fn(&SimpleNode<'_>) -> bool| matches!(node, Kind::Simple(node) if is(node));
    let nodes = &resolver.flow.graph.nodes;
    if files.is_empty() || !nodes.iter().any(|node| simple(&node.kind, &|node| calls(node, "db_get"))) {
        return;
    }
    let runs = |node: &SimpleNode<'_>| {
        calls(node, ".") && node.simple.words.get(1).and_then(constant).is_some_and(|operand| operand.ends_with(MODULE))
    };
    let places: Vec<usize> = (0..nodes.len()).filter(|&at| simple(&nodes[at].kind, &runs)).collect();
    for at in places {
        let Some(state) = resolver.flow.inputs.get(NodeId(at as u32)).map(|state| State::clone(state)) else {
            continue;
        };
        for file in files {
            let value = resolver.flow.values.constant(file);
            let thing = resolver.path(value, None, &state);
            if let Some(step) = &mut steps[at] {
                step.ok.push(Fact { kind: FactKind::Differs, thing });
            }
        }
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
