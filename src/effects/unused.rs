//! Functions that nothing can run: the script works with its functions, and what it runs names this one nowhere.
//!
//! ```sh
//! old_way() { echo "packages: []" > /etc/app/main.conf; }
//! new_way() { …; }
//! new_way
//! ```
//! Where some call is not read off the text (`"$1"`, `eval`), every function may be meant, and where it is the value of a
//! variable, one whose name stands in what is run; and a script that calls none of its own functions and does nothing itself
//! is a library, whose functions others call. Code that nothing reaches runs nothing. A file that is sourced behind a
//! function may call it back; one that was sourced before seldom does.

use super::command_words::Open;
use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, UnitId, UnitKind};
use crate::flow::value::Value;
use crate::syntax::tree::{PartKind, Word};
use hashbrown::HashMap;

/// For each unit: whether it is a function that nothing can run.
pub fn find(flow: &Flow<'_>, source: &[u8]) -> Vec<bool> {
    let count = flow.graph.units.len();
    if !flow.calls.all.iter().any(|call| call.caller == UnitId(0)) && !acts_itself(flow, source) {
        return vec![false; count];
    }
    let mut functions: HashMap<&[u8], Vec<usize>> = HashMap::new();
    let mut live: Vec<bool> = flow.called.clone();
    let last_sourced = last_sourced(flow);
    for (at, unit) in flow.graph.units.iter().enumerate() {
        let UnitKind::Function(name) = &unit.kind else { continue };
        let (defined, name) = (name.span.start, name.text.as_bytes());
        functions.entry(name).or_default().push(at);
        // Commands are searched for names by their letters: another name is taken to stand somewhere.
        live[at] |= !name.iter().copied().all(is_of_name);
        live[at] |= last_sourced.is_some_and(|start| start > defined);
    }
    let is_function = |name: &str| functions.contains_key(name.as_bytes());
    let open = Open::find(flow, &is_function);
    // What each unit names: a call, a word of a trap, an operand of something that calls it.
    let mut named: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, node) in flow.graph.nodes.iter().enumerate() {
        if flow.inputs.get(NodeId(at as u32)).is_none() {
            continue;
        }
        let spans = match &node.kind {
            Kind::Simple(simple) => {
                if let Some(first) = simple.simple.words.first()
                    && constant(first).map_or_else(
                        || open.may_be_any(first) && !goes_over_paths(flow, at, first),
                        |name| name == "eval",
                    )
                {
                    return vec![false; count];
                }
                vec![simple.command.span]
            }
            Kind::Item(head) => head.items.iter().flat_map(|(_, items)| items).map(|item| item.span).collect(),
            Kind::Unread => return vec![false; count],
            _ => continue,
        };
        for span in spans {
            let words = source.get(span.range()).unwrap_or_default().split(|&byte| !is_of_name(byte));
            named[node.unit.0 as usize].extend(words.filter_map(|word| functions.get(word)).flatten());
        }
    }
    let mut waiting: Vec<usize> = (0..count).filter(|&at| live[at]).collect();
    while let Some(unit) = waiting.pop() {
        for &other in &named[unit] {
            if !std::mem::replace(&mut live[other], true) {
                waiting.push(other);
            }
        }
    }
    live.into_iter().map(|live| !live).collect()
}

/// Whether a script says that a shell is to run it, and does something outside of its functions: more than to set up what its
/// functions need.
fn acts_itself(flow: &Flow<'_>, source: &[u8]) -> bool {
    let acts = |name: &str| {
        let sets_up = [
            ".", "source", "set", "shopt", "export", "readonly", "declare", "typeset", "local", "unset", "alias",
            "return", "[", "test", ":", "true", "false", "trap", "umask", "command", "type", "which", "dirname",
            "basename", "cd", "pwd", "complete", "hash", "readlink", "realpath", "uname", "hostname", "date", "tput",
            "id", "whoami", "mktemp",
        ];
        !sets_up.contains(&name)
    };
    source.starts_with(b"#!")
        && flow.graph.nodes.iter().any(|node| match &node.kind {
            Kind::Simple(simple) if node.unit == UnitId(0) && simple.capture.is_none() => {
                simple.simple.words.first().is_some_and(|word| constant(word).is_none_or(|name| acts(&name)))
            }
            _ => false,
        })
}

/// Whether a command word is the variable of a loop over paths, at this place, whatever it holds elsewhere.
fn goes_over_paths(flow: &Flow<'_>, at: usize, word: &Word) -> bool {
    let Some(PartKind::Parameter(parameter)) = word.only_part().map(|part| &part.kind) else { return false };
    let held = flow.names.find(&parameter.name).zip(flow.inputs.get(NodeId(at as u32)));
    let Some(value) = held.and_then(|(number, state)| state.variables.get(number)) else { return false };
    let items = flow.values.alternatives(value);
    matches!(flow.values.get(value), Value::Item(_))
        && !items.is_empty()
        && items.iter().all(|&item| flow.values.render(item).0.contains('/'))
}

/// Where the last file is sourced.
fn last_sourced(flow: &Flow<'_>) -> Option<u32> {
    let sources = flow.graph.nodes.iter().filter(|node| match &node.kind {
        Kind::Simple(simple) => {
            simple.simple.words.first().and_then(constant).is_some_and(|name| matches!(&*name, "." | "source"))
        }
        _ => false,
    });
    sources.map(|node| node.span.start).max()
}

/// Whether a byte can stand in a plain name.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
