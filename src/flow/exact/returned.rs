//! What a function leaves behind, as the caller sees it: its values under the caller's names.

use super::super::arguments::Arguments;
use super::super::graph::{Edge, Kind, NodeId, UnitId};
use super::super::map::Map;
use super::super::state::{Printed, State};
use super::super::value::{MOST_ALTERNATIVES, Site, Value, ValueId};
use super::{Emitted, Exact, Returned, per_call, site};
use std::rc::Rc;

/// So many meetings are followed that are parts of each other.
const MOST_WITHIN: usize = 4;

impl Exact<'_, '_> {
    pub(super) fn after_call(
        &mut self,
        id: NodeId,
        callee: UnitId,
        returned: &Returned,
        before: &State,
        arguments: &Arguments,
        emit: &mut Emitted,
    ) {
        let captured = matches!(&self.graph.node(id).kind, Kind::Simple(simple) if simple.capture.is_some());
        if let Some(end) = &returned.state {
            let entry = site(self.graph.units[callee.0 as usize].entry);
            let after = self.left_behind(id, callee, end, before, arguments);
            let after = Rc::new(after);
            for (at, edge) in [(1, Edge::Fail), (0, Edge::Ok)] {
                if !returned.ends[at] {
                    continue;
                }
                let mut after = Rc::clone(&after);
                if captured {
                    let more = match returned.printed[at] {
                        Printed::Text(text) => {
                            Printed::Text(self.rewrite(text, callee, entry, arguments, before, site(id)))
                        }
                        other => other,
                    };
                    Rc::make_mut(&mut after).printed = before.printed.and(more);
                }
                emit.push((edge, after));
            }
        }
        for (end, edge) in returned.exits.iter().zip([Edge::ExitOk, Edge::ExitFail]) {
            let Some(end) = end else { continue };
            // Where the shell ends, only traps see what was left behind.
            let is_seen = end.traps_may != 0 && before.traps_may == 0;
            let mut after = if is_seen { self.left_behind(id, callee, end, before, arguments) } else { before.clone() };
            after.traps_may |= end.traps_may;
            after.traps_must |= end.traps_must;
            if captured && end.printed != Printed::Nothing {
                after.printed = Printed::Unknown;
            }
            emit.push((edge, Rc::new(after)));
        }
    }

    /// The state behind a call that ended so, save what it printed.
    fn left_behind(&mut self, id: NodeId, callee: UnitId, end: &State, before: &State, arguments: &Arguments) -> State {
        let entry = site(self.graph.units[callee.0 as usize].entry);
        let mut after = before.clone();
        after.errexit = end.errexit.after_call(before.errexit);
        after.pipefail = end.pipefail.after_call(before.pipefail);
        after.nounset = end.nounset.after_call(before.nounset);
        after.noclobber = end.noclobber.after_call(before.noclobber);
        after.errtrace = end.errtrace.after_call(before.errtrace);
        after.inherit = end.inherit.after_call(before.inherit);
        after.traps_may |= end.traps_may;
        after.traps_must |= end.traps_must;
        after.foreign |= end.foreign;
        if end.epoch != entry {
            after.epoch = site(id);
            after.variables = Map::default();
        }
        let mut changes = Vec::new();
        Map::default().differences(&end.variables, &mut |key, _, value| changes.push((key, value)));
        for (key, value) in changes {
            let value = value.map(|value| self.rewrite(value, callee, entry, arguments, before, site(id)));
            after.variables.set(key, value);
        }
        if !matches!(self.values.get(end.directory), Value::Environment(at, _) if *at == entry) {
            after.directory = self.rewrite(end.directory, callee, entry, arguments, before, site(id));
        }
        after
    }

    /// A value of the callee as the caller sees it.
    fn rewrite(
        &mut self,
        value: ValueId,
        callee: UnitId,
        entry: Site,
        arguments: &Arguments,
        before: &State,
        at: Site,
    ) -> ValueId {
        self.rewrite_within(value, callee, entry, arguments, before, at, &mut Vec::new())
    }

    /// The same, inside of what these stand for: what a loop puts together of what it had before is one of its own parts.
    #[allow(clippy::too_many_arguments)]
    fn rewrite_within(
        &mut self,
        value: ValueId,
        callee: UnitId,
        entry: Site,
        arguments: &Arguments,
        before: &State,
        at: Site,
        within: &mut Vec<ValueId>,
    ) -> ValueId {
        let (graph, names) = (self.graph, &mut *self.names);
        let callee_entry = graph.units[callee.0 as usize].entry.0;
        let mut met = Vec::new();
        let rewritten = self.values.rebuilt(value, &mut |values, piece| {
            let other = match values.get(piece).clone() {
                Value::Environment(epoch, name) if epoch == entry && &*name == "PWD" => return Some(before.directory),
                Value::Environment(epoch, name) if epoch == entry => {
                    let number = names.intern(&name);
                    return Some(before.variable(number, &name, values));
                }
                Value::Positional(owner, number) if owner == callee.0 => {
                    // What is not given is empty.
                    let missing =
                        if arguments.ends_before(number) { Value::Constant("".into()) } else { Value::Unknown(at) };
                    return arguments.get(number).or_else(|| Some(values.intern(missing)));
                }
                Value::AllPositional(owner) if owner == callee.0 => match arguments.all() {
                    Some(only) => return Some(only),
                    None => Value::Unknown(at),
                },
                // What a function makes is another thing with each call.
                Value::Phi(node, variable)
                    if node != callee_entry
                        && graph.nodes.get(node as usize).is_some_and(|inner| inner.unit == callee) =>
                {
                    let outer = values.intern(Value::Phi(per_call(node, at), variable));
                    met.push((piece, outer));
                    return Some(outer);
                }
                Value::Output(made) => Value::Output(per_call(made, at)),
                Value::Fresh(made) => Value::Fresh(per_call(made, at)),
                Value::Unique(made) if made != 0 => Value::Unique(per_call(made, at)),
                Value::Item(made) => Value::Item(per_call(made, at)),
                _ => return None,
            };
            Some(values.intern(other))
        });
        // What met inside meets outside too, under the caller's names.
        let mut one = Vec::new();
        for (inside, outside) in met {
            if within.contains(&inside) || within.len() >= MOST_WITHIN {
                continue;
            }
            within.push(inside);
            let inner = self.values.alternatives(inside).to_vec();
            // Beyond so many, more of them met than are remembered.
            let mut same = (2..MOST_ALTERNATIVES).contains(&inner.len()).then_some(None);
            for inner in inner {
                if matches!(self.values.get(inner), Value::Phi(..)) {
                    same = None;
                } else {
                    let inner = self.rewrite_within(inner, callee, entry, arguments, before, at, within);
                    self.values.add_alternative(outside, inner);
                    same = same.filter(|known| known.is_none_or(|known| known == inner)).map(|_| Some(inner));
                }
            }
            within.pop();
            one.extend(same.flatten().map(|same| (outside, same)));
        }
        // What may be one of two things inside may be the same one for this caller.
        self.values.rebuilt(rewritten, &mut |_, piece| {
            one.iter().find(|(outside, _)| *outside == piece).map(|(_, same)| *same)
        })
    }
}
