//! Traps as the shell holds them: which are set on the end of the shell and, in bash, on a failure.
//!
//! ```bash
//! trap 'logger "line $LINENO failed"; exit 1' ERR
//! nginx -t                      # its failure ends the script, as with errexit
//! ```
//! An ERR trap runs where errexit would end the script. Functions and subshells inherit it only with `set -E`.

use super::super::forest::constant;
use super::super::graph::{Graph, Names, NodeId, SimpleNode, TrapSignal};
use super::super::state::{Flag, State};
use super::{Exact, Returned};

/// The ERR traps that end the shell, by number: their actions come to an `exit`, or to a function that never returns.
pub fn exiting(graph: &Graph<'_>, names: &Names, returned: &[Option<Returned>]) -> u64 {
    let never_returns = |name: &str| {
        let units = names.find(name).and_then(|number| graph.functions.get(&number));
        units.is_some_and(|units| {
            units.iter().all(|unit| {
                returned[unit.0 as usize].as_ref().is_some_and(|returned| !returned.ends[0] && !returned.ends[1])
            })
        })
    };
    let numbered = graph.traps.iter().take(64).enumerate();
    let exits = numbered.filter(|(_, trap)| {
        trap.signal == TrapSignal::Failure && trap.commands.iter().any(|name| name == "exit" || never_returns(name))
    });
    exits.fold(0, |exits, (number, _)| exits | 1 << number)
}

/// Errexit together with ERR traps that end the shell.
pub fn with_traps(errexit: Flag, state: &State, exiting: u64) -> Flag {
    if state.traps_must & exiting != 0 {
        Flag::On
    } else if state.traps_may & exiting != 0 && errexit == Flag::Off {
        Flag::Either
    } else {
        errexit
    }
}

/// The ERR traps, by number.
pub fn of_failures(graph: &Graph<'_>) -> u64 {
    let numbered = graph.traps.iter().take(64).enumerate();
    let failures = numbered.filter(|(_, trap)| trap.signal == TrapSignal::Failure);
    failures.fold(0, |all, (number, _)| all | 1 << number)
}

impl Exact<'_, '_> {
    /// Leaves a function or a subshell those traps that it inherits.
    pub(super) fn inherit_traps(&self, state: &mut State) {
        if state.traps_may == 0 {
            return;
        }
        let failures = of_failures(self.graph);
        state.traps_may &= if state.errtrace.may_be_on() { failures } else { 0 };
        state.traps_must &= if state.errtrace == Flag::On { failures } else { 0 };
    }

    pub(super) fn set_trap(&mut self, id: NodeId, node: &SimpleNode<'_>, state: &mut State) {
        if node.name.as_deref() != Some("trap") {
            return;
        }
        for signal in node.simple.words.iter().skip(2).filter_map(constant) {
            let Some(signal) = TrapSignal::of(&signal) else { continue };
            for (number, trap) in self.graph.traps.iter().take(64).enumerate().filter(|(_, trap)| trap.signal == signal)
            {
                let bit = 1 << number;
                state.traps_may &= !bit;
                state.traps_must &= !bit;
                if trap.node == Some(id) {
                    state.traps_may |= bit;
                    state.traps_must |= bit;
                }
            }
        }
    }
}
