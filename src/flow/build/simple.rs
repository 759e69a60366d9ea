//! Simple commands, and the builtins that move control.

use super::{Builder, Context, Ends, Open};
use crate::flow::exact::{Given, ShellText};
use crate::flow::forest::{Fragment, FragmentKind, constant};
use crate::flow::graph::{
    Edge, Elsewhere, Filling, Handed, Kind, NodeId, Parameters, Scope, SimpleNode, Trap, TrapSignal,
};
use crate::syntax::tree::{
    AssignmentValue, Command, CommandKind, List, Part, PartKind, Redirect, RedirectKind, Simple, Word,
};
use std::rc::Rc;

/// How often files are sourced that are followed: each is built where it is read.
const MOST_SOURCED: usize = 64;

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
            Some("return") => {
                let Some(returns) = context.returns else {
                    let fail = self.status(false, command.span, open);
                    return self.errexit(Ends { ok: Vec::new(), fail }, command.span, context);
                };
                return self.leave(simple, open, returns, command);
            }
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
            Some("." | "source") => {
                if let Some(file) = self.sourced(simple) {
                    return self.source(file, command, open, context);
                }
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
        let in_words = || simple.words.iter().skip(1).find_map(|word| self.forest.fragments.get(&word.span.start));
        let on_input = simple.words.first().and_then(|first| self.forest.inputs.get(&first.span.start));
        if let Some(fragment) = on_input.or_else(in_words)
            && let FragmentKind::Shell(text) = fragment.kind
        {
            return self.shell(command, simple, fragment, text, open, context);
        }
        self.sets_errtrace |= name.as_deref() == Some("set") && simple.words.iter().skip(1).any(is_errtrace);
        if name.as_deref() == Some("trap")
            && let Some(fragment) = self.action(simple)
        {
            open = self.fill(Filling { holes: &fragment.holes, words: Vec::new() }, open);
        }
        let node = simple_node(command, simple, context);
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

    /// A text that another shell runs. It has no name for what runs around it, and errexit there is its own.
    fn shell(
        &mut self,
        command: &'t Command,
        simple: &'t Simple,
        fragment: &'t Fragment,
        text: ShellText,
        open: Vec<Open>,
        context: &Context<'t>,
    ) -> Ends {
        let place = text
            .place
            .map(|place| Elsewhere { label: place.label, name: place.name.and_then(|name| simple.words.get(name)) });
        let given = text.parameters.and_then(|first| simple.words.get(first..)).unwrap_or_default();
        let mut words: Vec<Handed<'_>> =
            given.iter().map(|word| Handed { word, holder: self.graph.names.hidden(""), begin: 0 }).collect();
        let parameters = Parameters {
            first: words.first().map_or(0, |handed| handed.holder),
            count: given.len() as u32,
            // Nothing in front of a text on standard input is `$0`.
            begin_at: u32::from(text.given == Given::Input),
        };
        let (set, taken) = self.handed_on(simple, text);
        words.extend(set);
        let host = Filling { holes: place.and_then(|place| place.name).map_or(&[], expansions), words: Vec::new() };
        let filling = Filling { holes: &fragment.holes, words };
        let writes = command.redirects.iter().any(takes_output);
        let scope =
            Scope::Fragment { errexit: text.errexit, elsewhere: place.is_some(), exported: text.exported, parameters };
        let inside = Context {
            ignored: false,
            place: place.or(context.place),
            capture: context.capture.filter(|_| !writes),
            ..context.clone()
        };
        let mut open = open;
        let node = simple_node(command, simple, context);
        open = vec![(self.node(Kind::Around(Rc::new(node)), command.span, open), Edge::Ok)];
        if writes {
            let redirects = Kind::Redirects { redirects: &command.redirects, statement: context.statement };
            open = vec![(self.node(redirects, command.span, open), Edge::Ok)];
        }
        let run = |builder: &mut Self, open: Vec<Open>, inside: &Context<'t>| {
            builder.scoped(scope, command.span, open, inside, |builder, mut open, inside| {
                if !taken.is_empty() {
                    open = vec![(builder.node(Kind::Take(taken.into()), command.span, open), Edge::Ok)];
                }
                builder.list(&fragment.script.body, open, inside)
            })
        };
        // What is handed on is gone behind the text: a script with many of them would carry all of it to its end.
        let mut ends = if host.is_empty() && filling.is_empty() {
            run(self, open, &inside)
        } else {
            self.scoped(Scope::Subshell, command.span, open, &inside, |builder, open, inside| {
                let open = builder.fill(host, open);
                let open = builder.fill(filling, open);
                run(builder, open, inside)
            })
        };
        if !text.passes_status {
            ends.ok.append(&mut ends.fail);
        }
        self.errexit(ends, command.span, context)
    }

    /// The variables that are set for a text alone (`X=1 sh -c`, `sudo X=1 sh -c`): what is expanded for them, and which
    /// variable of the inner shell takes what of it.
    fn handed_on(&mut self, simple: &'t Simple, text: ShellText) -> (Vec<Handed<'t>>, Vec<(u32, u32)>) {
        let (mut words, mut taken) = (Vec::new(), Vec::new());
        for assignment in &simple.assignments {
            if let AssignmentValue::Scalar(value) = &assignment.value
                && text.exported
                && !assignment.append
            {
                let holder = self.graph.names.hidden("");
                taken.push((self.graph.names.intern(&assignment.name.text), holder));
                words.push(Handed { word: value, holder, begin: 0 });
            }
        }
        let (first, count) = text.assigned;
        for word in simple.words.iter().skip(first).take(count) {
            if let Some(Part { kind: PartKind::Literal(begin), .. }) = word.parts.first()
                && let Some((name, _)) = begin.split_once('=')
            {
                let holder = self.graph.names.hidden("");
                taken.push((self.graph.names.intern(name), holder));
                words.push(Handed { word, holder, begin: name.len() + 1 });
            }
        }
        (words, taken)
    }

    /// What this shell puts into a text, and hands on.
    fn fill(&mut self, filling: Filling<'t>, open: Vec<Open>) -> Vec<Open> {
        let first = filling.holes.first().map(|hole| hole.span);
        let Some(span) = first.or_else(|| filling.words.first().map(|handed| handed.word.span)) else { return open };
        for hole in filling.holes {
            self.graph.names.add_hole(hole.span.start, shown(hole));
        }
        vec![(self.node(Kind::Fill(Box::new(filling)), span, open), Edge::Ok)]
    }

    /// The file that `.` reads, if it was found and is not being read already.
    fn sourced(&self, simple: &Simple) -> Option<usize> {
        let [_, operand] = &simple.words[..] else { return None };
        let file = self.forest.sourced.file(operand.span.start)?;
        (!self.sourcing.contains(&file) && self.times_sourced < MOST_SOURCED).then_some(file)
    }

    /// `.`: the file runs in this shell, and `return` leaves it.
    fn source(&mut self, file: usize, command: &'t Command, open: Vec<Open>, context: &Context<'t>) -> Ends {
        let returns = [self.join(command.span), self.join(command.span)];
        let inside = Context { returns: Some(returns), ..context.clone() };
        self.sourcing.push(file);
        self.times_sourced += 1;
        let sourced = self.forest.sourced;
        let ends = self.list(&sourced.files()[file].body, open, &inside);
        self.sourcing.pop();
        self.connect(ends.ok, returns[0]);
        self.connect(ends.fail, returns[1]);
        let ends = returns.map(|end| vec![(end, Edge::Ok)]);
        let [ok, fail] = ends;
        self.errexit(Ends { ok, fail }, command.span, context)
    }

    /// `exit` and `return`.
    fn leave(&mut self, simple: &'t Simple, open: Vec<Open>, targets: [NodeId; 2], command: &'t Command) -> Ends {
        let ends = self.step(Kind::Code(simple.words.get(1..).unwrap_or_default()), command.span, open);
        self.connect(ends.ok, targets[0]);
        self.connect(ends.fail, targets[1]);
        Ends::default()
    }

    /// The action of a `trap`.
    fn action(&self, simple: &'t Simple) -> Option<&'t Fragment> {
        let fragment = self.forest.fragments.get(&trap_words(simple).next()?.span.start)?;
        (fragment.kind == FragmentKind::Trap).then_some(fragment)
    }

    /// Remembers the action of an EXIT or ERR trap; its body is built at the end of the shell that sets it.
    fn trap(&mut self, simple: &'t Simple, node: NodeId, command: &'t Command) {
        let Some(fragment) = self.action(simple) else { return };
        let body = &fragment.script.body;
        let mut conditions = trap_words(simple).skip(1).filter_map(constant);
        if conditions.any(|name| !matches!(&*name, "EXIT" | "0" | "ERR" | "DEBUG" | "RETURN")) {
            self.signal_actions.push(body);
        }
        let named = trap_words(simple).skip(1).filter_map(constant).filter_map(|signal| TrapSignal::of(&signal));
        let mut signals: Vec<TrapSignal> = Vec::new();
        for signal in named {
            if !signals.contains(&signal) {
                signals.push(signal);
            }
        }
        for signal in signals {
            let commands = names(body);
            self.trap_bodies.push((self.graph.traps.len() as u32, body));
            self.graph.traps.push(Trap { signal, commands, set_at: command.span, node: Some(node) });
        }
    }
}

/// A command and what stands around it.
fn simple_node<'t>(command: &'t Command, simple: &'t Simple, context: &Context<'t>) -> SimpleNode<'t> {
    let captured = !command.redirects.iter().any(takes_output);
    let takes_status = simple.words.is_empty()
        && simple.assignments.iter().any(|assignment| super::value_runs_something(&assignment.value));
    SimpleNode {
        command,
        simple,
        name: simple.words.first().and_then(constant),
        capture: context.capture.filter(|_| captured),
        captures_errors: joins_errors(&command.redirects).unwrap_or(context.captures_errors),
        ignored: context.ignored,
        takes_status,
        statement: context.statement,
        alone: context.alone,
        in_condition: context.in_condition,
        pipeline: context.pipeline,
        stage: context.stage,
        before: context.before,
        behind: context.behind,
        place: context.place,
    }
}

/// What a `trap` is given: its action, and the signals.
fn trap_words(simple: &Simple) -> impl Iterator<Item = &Word> {
    simple.words.iter().skip(1).filter(|word| constant(word).as_deref() != Some("--"))
}

/// Whether a word of `set` names errtrace, by its letter or its name.
fn is_errtrace(word: &Word) -> bool {
    constant(word).is_some_and(|option| option == "errtrace" || option.starts_with('-') && option.contains('E'))
}

/// The parts of a word that holds an expansion.
fn expansions(word: &Word) -> &[Part] {
    let parts = match &word.parts[..] {
        [Part { kind: PartKind::DoubleQuoted(inner), .. }] => inner,
        parts => parts,
    };
    let is_literal = |part: &Part| matches!(part.kind, PartKind::Literal(_) | PartKind::SingleQuoted(_));
    if parts.iter().all(is_literal) { &[] } else { parts }
}

/// How a hole is shown: by the name of its variable.
fn shown(hole: &Part) -> &str {
    match &hole.kind {
        PartKind::Parameter(parameter) => &parameter.name,
        _ => "",
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

/// Whether redirects send errors where standard output goes; none if they say nothing of errors.
pub(super) fn joins_errors(redirects: &[Redirect]) -> Option<bool> {
    let mut joins = None;
    for (at, redirect) in redirects.iter().enumerate() {
        match redirect.kind {
            RedirectKind::Both | RedirectKind::BothAppend => joins = Some(false),
            RedirectKind::Output | RedirectKind::Clobber | RedirectKind::Append if redirect.descriptor == Some(2) => {
                let target = constant(&redirect.target);
                joins = Some(target.is_none_or(|target| target.starts_with("/dev/") && &*target != "/dev/null"));
            }
            // Another descriptor may be a copy of the one for output.
            RedirectKind::DuplicateOutput if redirect.descriptor == Some(2) => {
                joins = Some(!redirects[..at].iter().any(takes_output));
            }
            _ => {}
        }
    }
    joins
}
