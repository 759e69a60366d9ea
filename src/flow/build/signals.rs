//! Variables that the action of a signal sets: a signal comes at any time, so what such a variable holds is not told by
//! what the script did last.
//!
//! ```sh
//! run=1
//! trap 'run=0' TERM
//! while [ "$run" = 1 ]; do work; done    # it ends
//! ```

use super::Builder;
use crate::flow::forest::constant;
use crate::flow::sourced::each_command;
use crate::syntax::tree::{CommandKind, List, Simple};
use hashbrown::{HashMap, HashSet};

impl<'t> Builder<'t> {
    /// Marks the variables that the actions of signals set and behind which the script goes on.
    pub(super) fn signals(&mut self) {
        let actions = std::mem::take(&mut self.signal_actions);
        if actions.is_empty() {
            return;
        }
        let mut functions: HashMap<&'t str, &'t List> = HashMap::new();
        each_command(&self.forest.script.body, &mut |command| {
            if let CommandKind::Function { name, body, .. } = &command.kind
                && let CommandKind::Brace { body, .. } = &body.kind
            {
                functions.insert(&name.text, body);
            }
        });
        let mut set: HashSet<&'t str> = HashSet::new();
        for action in actions {
            let mut seen: HashSet<&str> = HashSet::new();
            let mut all = vec![action];
            let mut at = 0;
            while let Some(&list) = all.get(at) {
                at += 1;
                each_command(list, &mut |command| {
                    let CommandKind::Simple(simple) = &command.kind else { return };
                    if let Some((name, body)) = called(simple).and_then(|name| functions.get_key_value(&*name))
                        && seen.insert(name)
                    {
                        all.push(body);
                    }
                });
            }
            // Where the action ends the shell, nobody sees what it has set.
            if !all.iter().any(|list| ends_shell(list)) {
                for list in all {
                    assigned(list, &mut set);
                }
            }
        }
        for name in set {
            let number = self.graph.names.intern(name);
            self.graph.names.set_volatile(number);
        }
    }
}

fn called(simple: &Simple) -> Option<std::borrow::Cow<'_, str>> {
    simple.words.first().and_then(constant)
}

fn ends_shell(list: &List) -> bool {
    list.statements.iter().any(|statement| match &statement.command.kind {
        CommandKind::Simple(simple) => called(simple).is_some_and(|name| matches!(&*name, "exit" | "exec")),
        _ => false,
    })
}

fn assigned<'t>(list: &'t List, set: &mut HashSet<&'t str>) {
    each_command(list, &mut |command| {
        if let CommandKind::Simple(simple) = &command.kind
            && simple.words.is_empty()
        {
            set.extend(simple.assignments.iter().map(|assignment| &*assignment.name.text));
        }
    });
}
