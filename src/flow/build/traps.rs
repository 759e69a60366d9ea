//! Where the actions of traps run: behind the ends of the shell that sets them, each if it is set by then.

use super::{Builder, Context, Open};
use crate::flow::graph::{Edge, Kind, NodeId, TrapSignal, UnitId};
use crate::span::Span;

/// How many bytes the actions of ERR traps may have that stand in every function: the graph is to grow with the script.
const MOST_INHERITED: u32 = 1024;

/// A shorter action counts as so long: it has nodes, too.
const LEAST_ACTION: u32 = 32;

impl<'t> Builder<'t> {
    /// The bodies of the script's traps: of ERR traps between failures and the ends of the script, of EXIT traps between
    /// these and the end of the process.
    pub(super) fn traps(&mut self, context: &Context<'t>) {
        self.unit = UnitId(0);
        let [_, _, ok, fail] = self.graph.units[0].ends;
        self.traps_of_failures(context);
        let open = context.exits.iter().map(|&node| (node, Edge::Ok)).collect();
        let returns = context.returns.map(|_| [ok, fail]);
        let inside = Context { exits: [ok, fail], failed: fail, returns, ..context.clone() };
        let open = self.bodies(TrapSignal::Exit, open, &inside);
        self.connect(open, ok);
    }

    /// The bodies of the ERR traps that functions inherit from the script with `set -E`.
    pub(super) fn traps_of_functions(&mut self) {
        let count = self.trap_bodies.len();
        let failures = self.trap_bodies.iter().filter(|(number, _)| {
            let trap = &self.graph.traps[*number as usize];
            trap.signal == TrapSignal::Failure
        });
        let size: u32 = failures.map(|(_, action)| (action.span.end - action.span.start).max(LEAST_ACTION)).sum();
        let inherits = self.sets_errtrace && size <= MOST_INHERITED;
        // What would run in functions is not known then.
        self.graph.unread |= self.sets_errtrace && !inherits;
        for (unit, context) in std::mem::take(&mut self.functions) {
            self.unit = unit;
            if inherits {
                self.traps_of_failures(&context);
                // What an action has set ends with the shell.
                self.trap_bodies.truncate(count);
            } else {
                self.connect(vec![(context.failed, Edge::Ok)], context.exits[1]);
            }
        }
    }

    fn traps_of_failures(&mut self, context: &Context<'t>) {
        let inside = Context { failed: context.exits[1], ..context.clone() };
        let open = self.bodies(TrapSignal::Failure, vec![(context.failed, Edge::Ok)], &inside);
        self.connect(open, context.exits[1]);
    }

    /// The bodies of traps on a signal, each behind the question whether it is set.
    fn bodies(&mut self, signal: TrapSignal, mut open: Vec<Open>, context: &Context<'t>) -> Vec<Open> {
        let mut at = 0;
        while let Some(&(number, action)) = self.trap_bodies.get(at) {
            if self.graph.traps[number as usize].signal == signal {
                let gate = self.step(Kind::Trap(number), action.span, open);
                open = self.list(action, gate.ok, context).both();
                open.extend(gate.fail);
            }
            at += 1;
        }
        open
    }

    /// The bodies of the traps of a copy of the shell: what an EXIT trap does behind either of its ends keeps its status.
    /// Gives back where it ends then.
    pub(super) fn traps_of_copy(&mut self, span: Span, context: &Context<'t>) -> [NodeId; 2] {
        if !self.sets_traps {
            return context.exits;
        }
        self.traps_of_failures(context);
        if self.trap_bodies.is_empty() {
            return context.exits;
        }
        let after @ [_, fail] = [self.join(span), self.join(span)];
        let returns = context.returns.map(|_| after);
        let inside = Context { exits: after, failed: fail, returns, ..context.clone() };
        let count = self.trap_bodies.len();
        for (end, after) in context.exits.into_iter().zip(after) {
            let open = self.bodies(TrapSignal::Exit, vec![(end, Edge::Ok)], &inside);
            self.connect(open, after);
            // What an action has set at one end is not set at the other.
            self.trap_bodies.truncate(count);
        }
        after
    }
}
