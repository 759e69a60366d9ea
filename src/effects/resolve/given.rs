//! What functions are given: arguments that a slot holds, and the status in front of the call.
//!
//! ```sh
//! stop_if() { [ "$1" -eq 0 ] || exit "$1"; }
//! nginx -t
//! stop_if $?                    # goes on only where the check has succeeded
//! ```

use super::Resolver;
use crate::effects::step::Condition;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId, SimpleNode, Slot};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::syntax::tree::{AssignmentValue, ParameterOperator, PartKind, Word};
use thin_vec::ThinVec;

/// Stands for `$?` among the numbers of what a function is given.
const STATUS: u32 = u32::MAX;

impl<'t> Resolver<'_, 't> {
    /// What the functions that a command calls are given.
    pub(super) fn gives(&mut self, id: NodeId, node: &SimpleNode<'t>) -> ThinVec<(Slot, Slot)> {
        let mut gives = ThinVec::new();
        for callee in self.flow.calls.callees(id).to_vec() {
            let outer = self.status(id);
            gives.push((self.inside(callee.0, STATUS), outer));
            let arguments = node.simple.words.iter().skip(1);
            let count = arguments.clone().take_while(|word| is_one(word) || self.is_status(id, word)).count();
            for (number, word) in (1..).zip(arguments.take(count)) {
                let outer = match self.slot(word) {
                    Some(Slot::Status) => self.status(id),
                    Some(slot) => slot,
                    None => continue,
                };
                gives.push((self.inside(callee.0, number), outer));
            }
        }
        gives
    }

    /// Whether a word is a variable that holds a status, and so one argument without quotes too.
    fn is_status(&self, id: NodeId, word: &Word) -> bool {
        let Some(PartKind::Parameter(parameter)) = word.only_part().map(|part| &part.kind) else { return false };
        let is_plain = matches!(parameter.operator, ParameterOperator::None) && parameter.subscript.is_none();
        let number = self.flow.names.find(&parameter.name).filter(|_| is_plain);
        let held = number.zip(self.flow.inputs.get(id)).and_then(|(number, state)| state.variables.get(number));
        let is_number = |value: ValueId| match self.flow.values.get(value) {
            Value::Constant(text) => text.parse::<u8>().is_ok(),
            Value::Output(site) => self.source.get(*site as usize..).is_some_and(|text| text.starts_with(b"$?")),
            _ => false,
        };
        held.is_some_and(|value| {
            let met = self.flow.values.alternatives(value);
            is_number(value) || !met.is_empty() && met.iter().all(|&value| is_number(value))
        })
    }

    /// The slot of `$?`: in the first command of a function it is what the function was given.
    pub fn status(&mut self, id: NodeId) -> Slot {
        let graph = &self.flow.graph;
        let unit = graph.node(id).unit;
        // Loops begin with a node of their own, so that nothing else leads here.
        let is_first = graph.successor(graph.units[unit.0 as usize].entry, Edge::Ok) == Some(id);
        if unit.0 != 0 && is_first { self.inside(unit.0, STATUS) } else { Slot::Status }
    }

    /// The slot of an argument that a function was given, where a word is that and its text is not known.
    pub fn argument(&mut self, id: NodeId, word: &Word, state: &mut State) -> Option<Slot> {
        let unit = self.flow.graph.node(id).unit;
        let PartKind::Parameter(parameter) = &word.only_part()?.kind else { return None };
        let number = parameter.name.parse::<u32>().ok().filter(|&number| number > 0 && unit.0 != 0)?;
        // Behind `set --` they are others.
        let at = number.checked_add(state.row.shifted).filter(|_| state.row.since == 0)?;
        let given = self.flow.inputs.get(self.flow.graph.units[unit.0 as usize].entry)?.positional.get(at);
        if !matches!(parameter.operator, ParameterOperator::None) || state.positional.get(at) != given {
            return None;
        }
        let value = self.word(id, word, state).value;
        self.flow.values.text(value).is_none().then(|| self.inside(unit.0, at))
    }

    /// The slots that a condition asks, each with that of what the function was given, where its variable holds that still.
    pub(super) fn alike(&mut self, id: NodeId, condition: &Condition, state: &State) -> ThinVec<(Slot, Slot)> {
        let mut asked = Vec::new();
        condition.slots(&mut asked);
        let held = |slot: Slot| match slot {
            Slot::Variable(number) => state.variables.get(number),
            _ => None,
        };
        let alike = asked.into_iter().filter_map(|slot| Some((slot, self.handed_as(id, held(slot)?)?)));
        alike.collect()
    }

    /// The slot of what a function was given whose value this is: its text is not known.
    fn handed_as(&mut self, id: NodeId, value: ValueId) -> Option<Slot> {
        let unit = self.flow.graph.node(id).unit.0;
        if unit == 0 || self.flow.values.text(value).is_some() {
            return None;
        }
        let entry = self.flow.graph.units[unit as usize].entry;
        let is_status = self.kept_status(entry).is_some_and(|kept| *self.flow.values.get(value) == Value::Output(kept));
        if is_status {
            return Some(self.inside(unit, STATUS));
        }
        let positional = &self.flow.inputs.get(entry)?.positional;
        let number = positional.entries().into_iter().find_map(|(number, given)| (given == value).then_some(number))?;
        Some(self.inside(unit, number))
    }

    /// Where `$?` stands that the first command of a function keeps: `rc=$?`, `local rc=$?`.
    fn kept_status(&self, entry: NodeId) -> Option<u32> {
        let first = self.flow.graph.successor(entry, Edge::Ok)?;
        let Kind::Simple(node) = &self.flow.graph.node(first).kind else { return None };
        let assignments = if node.simple.words.is_empty() { &node.simple.assignments } else { &node.simple.declared };
        let [assignment] = &assignments[..] else { return None };
        let AssignmentValue::Scalar(word) = &assignment.value else { return None };
        let part = word.only_part()?;
        matches!(&part.kind, PartKind::Parameter(parameter) if &*parameter.name == "?").then_some(part.span.start)
    }

    /// The slot of what a function is given, as it is called inside.
    fn inside(&mut self, unit: u32, number: u32) -> Slot {
        Slot::Value(self.flow.values.intern(Value::Positional(unit, number)).0)
    }
}

/// Whether a word is one argument whatever it holds.
fn is_one(word: &Word) -> bool {
    let is_quoted = matches!(&word.parts[..], [part] if matches!(part.kind, PartKind::DoubleQuoted(_)));
    let is_all = |name: &str| matches!(name, "@" | "*");
    match word.only_part().map(|part| &part.kind) {
        Some(PartKind::Parameter(parameter)) => {
            &*parameter.name == "?" || is_quoted && !is_all(&parameter.name) && parameter.subscript.is_none()
        }
        _ => constant(word).is_some(),
    }
}
