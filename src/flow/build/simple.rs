//! Simple commands, and the builtins that move control.

use super::{Builder, Context, Ends, Open};
use crate::flow::forest::{FragmentKind, constant, remote};
use crate::flow::graph::{Edge, Kind, NodeId, Scope, SimpleNode, Trap, TrapSignal};
use crate::syntax::tree::{Command, CommandKind, List, Redirect, RedirectKind, Simple};
use std::rc::Rc;

impl<'t> Builder<'t> {
    pub(super) fn simple(
        &mut self,
        command: &'t Command,
        simple: &'t Simple,
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Ends {
        if let Some((name, relayed)) = simple.words.first().and_then(|first| self.forest.relayed.get(&first.span.start))
            && constant(&simple.words[0]).is_some_and(|first| *first == **name)
        {
            return self.command(relayed, entry, context);
        }
        let mut open = entry;
        let inside = Context { alone: false, ..context.clone() };
        for word in &simple.words {
            // The operands of a declaration that are assignments are words too, and run once.
            if let Some(declared) = simple.declared.iter().find(|declared| declared.span == word.span) {
                open = self.assignment(declared, open, &inside);
            } else {
                open = self.word(word, open, &inside);
            }
        }
        for assignment in &simple.assignments {
            open = self.assignment(assignment, open, &inside);
        }
        for redirect in &command.redirects {
            open = self.redirect_words(redirect, open, &inside);
        }
        let name = simple.words.first().and_then(constant);
        match name.as_deref() {
            Some("exit") => return self.leave(simple, open, context.exits, command),
            Some("return") => return self.leave(simple, open, context.returns, command),
            Some(word @ ("break" | "continue")) if !context.loops.is_empty() => {
                let level = simple
                    .words
                    .get(1)
                    .and_then(constant)
                    .and_then(|text| text.parse::<usize>().ok())
                    .unwrap_or(1)
                    .max(1);
                let at = context.loops.len().saturating_sub(level);
                let target = context.loops[at][usize::from(word == "continue")];
                let open = self.status(true, command.span, open);
                self.connect(open, target);
                return Ends::default();
            }
            Some("eval") => {
                if let [_, text] = &simple.words[..]
                    && let Some(fragment) = self.forest.fragments.get(&text.span.start)
                    && fragment.kind == FragmentKind::Eval
                {
                    return self.unscoped(&fragment.script.body, open, context);
                }
            }
            _ => {}
        }
        // A text of one word starts where that word does: it is not within itself.
        let text = simple.words.iter().skip(1).find_map(|word| self.forest.fragments.get(&word.span.start));
        if let Some(fragment) = text
            && matches!(fragment.kind, FragmentKind::Shell | FragmentKind::Remote)
        {
            // A text of its own has no name for what runs around it, and errexit there is its own.
            let host = if fragment.kind == FragmentKind::Remote {
                remote(&simple.words).map(|(host, _)| host)
            } else {
                context.host
            };
            let scope = Scope::Fragment {
                errexit: fragment.errexit,
                elsewhere: fragment.kind == FragmentKind::Remote,
                exported: fragment.exported,
            };
            let inside = Context { ignored: false, host, ..context.clone() };
            let ends = self.scoped(scope, command.span, open, &inside, |builder, open, inside| {
                builder.list(&fragment.script.body, open, inside)
            });
            return self.errexit(ends, command.span, context);
        }
        let captured = !command.redirects.iter().any(takes_output);
        let takes_status = simple.words.is_empty()
            && simple.assignments.iter().any(|assignment| match &assignment.value {
                crate::syntax::tree::AssignmentValue::Scalar(word) => super::word::runs_something(&word.parts),
                crate::syntax::tree::AssignmentValue::Array(_) => false,
            });
        let node = SimpleNode {
            command,
            simple,
            capture: context.capture.filter(|_| captured),
            ignored: context.ignored,
            takes_status,
            statement: context.statement,
            alone: context.alone,
            pipeline: context.pipeline,
            stage: context.stage,
            before: context.before,
            behind: context.behind,
            host: context.host,
        };
        let id = self.node(Kind::Simple(Rc::new(node)), command.span, open);
        if name.as_deref() == Some("trap") {
            self.trap(simple, id, command);
        }
        let ends = Ends { ok: vec![(id, Edge::Ok)], fail: vec![(id, Edge::Fail)] };
        if name.as_deref() == Some("exec") && simple.words.len() > 1 {
            self.connect(ends.ok, context.exits[0]);
            self.connect(ends.fail, context.exits[1]);
            return Ends::default();
        }
        self.connect(vec![(id, Edge::ExitOk)], context.exits[0]);
        self.connect(vec![(id, Edge::ExitFail)], context.exits[1]);
        self.errexit(ends, command.span, context)
    }

    /// `exit` and `return`.
    fn leave(&mut self, simple: &'t Simple, open: Vec<Open>, targets: [NodeId; 2], command: &'t Command) -> Ends {
        let ends = self.step(Kind::Code(simple.words.get(1)), command.span, open);
        self.connect(ends.ok, targets[0]);
        self.connect(ends.fail, targets[1]);
        Ends::default()
    }

    /// Remembers the action of an EXIT or ERR trap; its body is built at the end of the script.
    fn trap(&mut self, simple: &'t Simple, node: NodeId, command: &'t Command) {
        let mut words = simple.words.iter().skip(1).filter(|word| constant(word).as_deref() != Some("--"));
        let Some(action) = words.next() else { return };
        let Some(fragment) = self.forest.fragments.get(&action.span.start) else { return };
        if fragment.kind != FragmentKind::Trap {
            return;
        }
        let body = &fragment.script.body;
        for signal in words.filter_map(constant).filter_map(|signal| TrapSignal::of(&signal)) {
            let commands = names(body);
            self.graph.traps.push(Trap { signal, commands, set_at: command.span, node: Some(node) });
            self.trap_bodies.push(body);
        }
    }
}

/// The names of the simple commands that are statements of a list.
fn names(list: &List) -> Vec<String> {
    let commands = list.statements.iter().filter(|statement| statement.ampersand.is_none());
    let simple = commands.filter_map(|statement| match &statement.command.kind {
        CommandKind::Simple(simple) => simple.words.first().and_then(constant),
        _ => None,
    });
    simple.map(Into::into).collect()
}

/// Whether a redirect takes away standard output.
pub(super) fn takes_output(redirect: &Redirect) -> bool {
    match redirect.kind {
        RedirectKind::Output | RedirectKind::Clobber | RedirectKind::Append | RedirectKind::DuplicateOutput => {
            redirect.descriptor.unwrap_or(1) == 1
        }
        RedirectKind::Both | RedirectKind::BothAppend => true,
        _ => false,
    }
}
