//! Functions that nothing can run: the script works with its functions, and what it runs names this one nowhere.
//!
//! ```sh
//! old_way() { echo "packages: []" > /etc/app/main.conf; }
//! new_way() { …; }
//! new_way
//! ```
//! Where some call is not read off the text (`"$1"`, `eval`), every function may be meant, unless all that call the function
//! around it write out what it is to run (`retry systemctl start app`), and where it is the value of a variable, one whose
//! name stands in what is run; and a script that calls none of its own functions and does nothing itself is a library,
//! whose functions others call. Code that nothing reaches runs nothing: who is called only there is called by nobody. A file
//! that is sourced behind a function may call it back; one that was sourced before seldom does, and what a program has
//! stored, or a person has set, is values and calls nothing.

use super::command_words::Open;
use crate::flow::Flow;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, Node, NodeId, UnitId, UnitKind};
use crate::flow::sourced::is_of_settings;
use crate::flow::value::Value;
use crate::knowledge::{Knowledge, PathClass, WordKind};
use crate::syntax::tree::{ParameterOperator, PartKind, Word};
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

/// Through how many functions a command is followed that one hands on to the next.
const MOST_HANDED_ON: u32 = 32;

/// For each unit: whether it is a function that nothing can run, or that runs at its calls only as what these come to.
pub fn find(flow: &Flow<'_>, knowledge: &Knowledge, source: &[u8]) -> Vec<bool> {
    let mut found = never_run(flow, knowledge, source);
    for (at, unit) in flow.graph.units.iter().enumerate().filter(|(at, _)| !flow.called[*at]) {
        found[at] |= matches!(&unit.kind, UnitKind::Function(name) if flow.graph.relays.contains(&*name.text));
    }
    found
}

fn never_run(flow: &Flow<'_>, knowledge: &Knowledge, source: &[u8]) -> Vec<bool> {
    let count = flow.graph.units.len();
    if !flow.calls.all.iter().any(|call| call.caller == UnitId(0)) && !acts_itself(flow, knowledge, source) {
        return named_in_vain(flow, &functions_by_name(flow), source);
    }
    let functions = functions_by_name(flow);
    let in_vain = named_in_vain(flow, &functions, source);
    let mut live: Vec<bool> = flow.called.clone();
    let last_sourced = last_sourced(flow, knowledge);
    for (at, unit) in flow.graph.units.iter().enumerate() {
        let UnitKind::Function(name) = &unit.kind else { continue };
        // Commands are searched for names by their letters: another name is taken to stand somewhere.
        live[at] |= !name.text.bytes().all(is_of_name);
        live[at] |= last_sourced.is_some_and(|start| start > name.span.start) && !in_vain[at];
    }
    let is_function = |name: &str| functions.contains_key(name.as_bytes());
    let open = Open::find(flow, &is_function);
    let mut given = Given { flow, open: &open, moving: moving(flow), known: HashMap::new() };
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
                        || !given.is_named(first, node.unit, MOST_HANDED_ON) && !goes_over_paths(flow, at, first),
                        |name| name == "eval",
                    )
                {
                    // What was put out of use is not what it is meant to run.
                    return in_vain;
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

/// What functions are given to run: `retry systemctl start app`.
struct Given<'a, 't> {
    flow: &'a Flow<'t>,
    open: &'a Open<'a, 't>,
    /// The functions that move their parameters, or set them anew.
    moving: HashSet<UnitId>,
    /// By the function and the number of the parameter: whether all who call it name what it is.
    known: HashMap<(UnitId, usize), bool>,
}

impl Given<'_, '_> {
    /// Whether a word can be no function but one that the text names: in the word itself, or where the function around it
    /// is called.
    fn is_named(&mut self, word: &Word, unit: UnitId, deep: u32) -> bool {
        if constant(word).is_some() || !self.open.may_be_any(word) {
            return true;
        }
        let parameter = match word.only_part().map(|part| &part.kind) {
            Some(PartKind::Parameter(parameter)) if matches!(parameter.operator, ParameterOperator::None) => parameter,
            _ => return false,
        };
        let number = match &*parameter.name {
            "@" | "*" => 1,
            name => name.parse::<usize>().unwrap_or_default(),
        };
        let flow = self.flow;
        let calls = flow.calls.of(unit);
        if number == 0 || unit == UnitId(0) || calls.is_empty() || deep == 0 {
            return false;
        }
        if let Some(&known) = self.known.get(&(unit, number)) {
            return known;
        }
        // Who hands it on to itself is not followed.
        self.known.insert((unit, number), false);
        let is_named = calls.iter().all(|call| {
            let Kind::Simple(simple) = &flow.graph.node(call.node).kind else { return false };
            let words = &simple.simple.words;
            // What stands in front of it may be no word, or several; where they move, it may be any of those behind it.
            let unclear = words.iter().take(number).skip(1).position(|word| constant(word).is_none());
            let from = unclear.map_or(number, |at| at + 1);
            let is_one = from == number && !self.moving.contains(&unit);
            let count = if is_one { 1 } else { words.len() };
            words.iter().skip(from).take(count).all(|word| self.is_named(word, call.caller, deep - 1))
        });
        self.known.insert((unit, number), is_named);
        is_named
    }
}

/// The functions that move their parameters, or set them anew.
fn moving(flow: &Flow<'_>) -> HashSet<UnitId> {
    let moves = |name: &str| matches!(name, "shift" | "set" | "eval" | "." | "source");
    let nodes = flow.graph.nodes.iter().filter(|node| match &node.kind {
        Kind::Simple(simple) => simple.name.as_deref().is_some_and(moves),
        _ => false,
    });
    nodes.map(|node| node.unit).collect()
}

/// Whether a script says that a shell is to run it, and does something outside of its functions: more than to set up what its
/// functions need.
fn acts_itself(flow: &Flow<'_>, knowledge: &Knowledge, source: &[u8]) -> bool {
    // By its name: `ocf_is_true`.
    let asks = |name: &str| name.split(['_', '-']).any(|word| matches!(word, "is" | "has" | "have"));
    let acts = |name: &str| !knowledge.is(name, WordKind::SetsUp) && !asks(name);
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

/// The functions of each name.
fn functions_by_name<'a>(flow: &'a Flow<'_>) -> HashMap<&'a [u8], Vec<usize>> {
    let mut functions: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (at, unit) in flow.graph.units.iter().enumerate() {
        if let UnitKind::Function(name) = &unit.kind {
            functions.entry(name.text.as_bytes()).or_default().push(at);
        }
    }
    functions
}

/// The functions that the script names, but only where nothing comes to, such as behind a `return` that was put in front of
/// all that a function does: nobody else is meant to call them.
fn named_in_vain(flow: &Flow<'_>, functions: &HashMap<&[u8], Vec<usize>>, source: &[u8]) -> Vec<bool> {
    let count = flow.graph.units.len();
    let (mut vain, mut reached) = (vec![false; count], vec![false; count]);
    for (at, node) in flow.graph.nodes.iter().enumerate() {
        let Kind::Simple(simple) = &node.kind else { continue };
        let is_reached = flow.inputs.get(NodeId(at as u32)).is_some();
        let words = source.get(simple.command.span.range()).unwrap_or_default().split(|&byte| !is_of_name(byte));
        let into = if is_reached { &mut reached } else { &mut vain };
        words.filter_map(|word| functions.get(word)).flatten().for_each(|&unit| into[unit] = true);
    }
    vain.into_iter().zip(reached).map(|(vain, reached)| vain && !reached).collect()
}

/// Where the last file is sourced that may call a function.
fn last_sourced(flow: &Flow<'_>, knowledge: &Knowledge) -> Option<u32> {
    let holds_values = |path: &str| is_of_settings(path) || knowledge.path_class(path) == PathClass::State;
    let may_call = |(at, node): &(usize, &Node<'_>)| match &node.kind {
        Kind::Simple(simple) if matches!(simple.name.as_deref(), Some("." | "source")) => {
            let path = simple.simple.words.get(1).and_then(|word| named(flow, *at, word));
            !path.is_some_and(|path| holds_values(&path))
        }
        _ => false,
    };
    let sources = flow.graph.nodes.iter().enumerate().filter(may_call);
    sources.map(|(_, node)| node.span.start).max()
}

/// The text of a word that is written out, or is a variable that holds one at this place.
fn named<'a>(flow: &'a Flow<'_>, at: usize, word: &'a Word) -> Option<Cow<'a, str>> {
    constant(word).or_else(|| {
        let PartKind::Parameter(parameter) = &word.only_part()?.kind else { return None };
        let number = flow.names.find(&parameter.name)?;
        let value = flow.inputs.get(NodeId(at as u32))?.variables.get(number)?;
        flow.values.text(value).filter(|_| matches!(parameter.operator, ParameterOperator::None)).map(Cow::Borrowed)
    })
}

/// Whether a byte can stand in a plain name.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
