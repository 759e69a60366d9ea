//! From the tree to the graph.
//!
//! Each function here takes the open edges that lead to a construct, adds its nodes and gives back the open
//! edges of its two outcomes; who calls decides where these lead. That is the whole of it: `&&`, `if`, `!` and
//! errexit differ only in what they do with the two outcomes of what stands inside.

mod compound;
mod signals;
mod simple;
mod traps;
mod word;

pub(super) use word::runs_something;
pub use word::{only_substitution, value_runs_something};

use super::forest::{Forest, FragmentKind};
use super::graph::{Edge, Edges, Elsewhere, Graph, JobStep, Kind, Node, NodeId, Scope, Slot, Unit, UnitId, UnitKind};
use crate::span::Span;
use crate::syntax::tree::{AndOr, Command, CommandKind, List, Name, Statement};
use hashbrown::HashSet;

/// An edge that leads nowhere yet.
pub(super) type Open = (NodeId, Edge);

/// The open edges of both outcomes.
#[derive(Default)]
pub(super) struct Ends {
    pub ok: Vec<Open>,
    pub fail: Vec<Open>,
}

impl Ends {
    /// All edges, whatever the outcome.
    fn both(self) -> Vec<Open> {
        let mut all = self.ok;
        all.extend(self.fail);
        all
    }
}

/// What surrounds a construct.
#[derive(Clone, Debug)]
struct Context<'t> {
    /// A failure here does not end the script, whatever errexit says.
    ignored: bool,
    /// Another command follows, and nobody hears the status of this one but by `$?`.
    unheard: bool,
    /// Where `exit` leads with 0 and with another status.
    exits: [NodeId; 2],
    /// Where a failure that is not handled leads.
    failed: NodeId,
    /// Where `return` leads; nowhere, and it fails, in a script that bash runs.
    returns: Option<[NodeId; 2]>,
    /// Where `break` and `continue` lead, innermost last.
    loops: Vec<[NodeId; 2]>,
    /// The substitution that output goes into.
    capture: Option<Slot>,
    /// Errors go there, too.
    captures_errors: bool,
    /// The pipeline around.
    pipeline: Option<Span>,
    /// The stage of it that is being built.
    stage: Option<Span>,
    /// The stages in front of this one.
    before: &'t [Command],
    /// The stages of the pipeline behind this one.
    behind: &'t [Command],
    /// Where a text runs that does not run here.
    place: Option<Elsewhere<'t>>,
    /// The statement around.
    statement: Span,
    /// The command is the whole statement.
    alone: bool,
    /// It stands in the condition of an `if` or a loop.
    in_condition: bool,
}

/// A function body that is still to be built.
struct Waiting<'t> {
    name: Name,
    body: &'t Command,
}

/// Builds the graph of a script. `ends_by_return` is whether `return` outside of functions ends it.
pub fn build<'t>(forest: &'t Forest<'t>, ends_by_return: bool) -> Graph<'t> {
    let mut builder = Builder {
        forest,
        graph: Graph {
            unread: !forest.script.unread.is_empty(),
            loops: Vec::new(),
            list_loops: Vec::new(),
            asks_stages: forest.asks_stages,
            relays: forest.relayed.values().map(|(name, _)| &**name).collect(),
            names_inherit: forest.names_inherit,
            names_nullglob: forest.names_nullglob,
            ..Graph::default()
        },
        waiting: Vec::new(),
        replaced: HashSet::new(),
        functions: Vec::new(),
        sets_errtrace: false,
        sets_traps: forest.fragments.values().any(|fragment| fragment.kind == FragmentKind::Trap),
        trap_bodies: Vec::new(),
        signal_actions: Vec::new(),
        sourcing: Vec::new(),
        times_sourced: 0,
        unit: UnitId(0),
        depth: 0,
    };
    let context = builder.script(&forest.script.body, ends_by_return);
    while let Some(waiting) = builder.waiting.pop() {
        builder.function(&waiting);
    }
    builder.traps(&context);
    // A trap's action may define functions.
    while let Some(waiting) = builder.waiting.pop() {
        builder.function(&waiting);
    }
    builder.traps_of_functions();
    builder.waiting.clear();
    builder.signals();
    builder.graph
}

/// Constructs inside each other beyond this are taken as not read; the readers stop earlier.
const DEEPEST: u32 = 400;

struct Builder<'t> {
    forest: &'t Forest<'t>,
    graph: Graph<'t>,
    waiting: Vec<Waiting<'t>>,
    /// Functions, by the first byte of their names, that are defined again before anything can call them.
    replaced: HashSet<u32>,
    /// What surrounds the bodies of functions, where these may inherit traps.
    functions: Vec<(UnitId, Context<'t>)>,
    /// Somewhere `set -E` stands.
    sets_errtrace: bool,
    /// Some shell of the script sets a trap.
    sets_traps: bool,
    /// The actions of the traps on signals.
    signal_actions: Vec<&'t List>,
    /// The actions of the traps that the shell being built sets, with their numbers; those of functions are the script's.
    trap_bodies: Vec<(u32, &'t List)>,
    /// The sourced files that are being built, one in another.
    sourcing: Vec<usize>,
    /// How often a file was sourced so far.
    times_sourced: usize,
    unit: UnitId,
    depth: u32,
}

impl<'t> Builder<'t> {
    fn node(&mut self, kind: Kind<'t>, span: Span, entry: Vec<Open>) -> NodeId {
        let id = NodeId(self.graph.nodes.len() as u32);
        self.graph.nodes.push(Node { kind, edges: Edges::default(), span, unit: self.unit });
        self.connect(entry, id);
        id
    }

    fn connect(&mut self, open: Vec<Open>, to: NodeId) {
        for (from, edge) in open {
            self.graph.nodes[from.0 as usize].edges.add(edge, to);
        }
    }

    fn join(&mut self, span: Span) -> NodeId {
        self.node(Kind::Join, span, Vec::new())
    }

    /// A node with both outcomes.
    fn step(&mut self, kind: Kind<'t>, span: Span, entry: Vec<Open>) -> Ends {
        let id = self.node(kind, span, entry);
        Ends { ok: vec![(id, Edge::Ok)], fail: vec![(id, Edge::Fail)] }
    }

    /// Sets `$?` on the way.
    fn status(&mut self, ok: bool, span: Span, entry: Vec<Open>) -> Vec<Open> {
        if entry.is_empty() {
            return entry;
        }
        vec![(self.node(Kind::Status(ok), span, entry), Edge::Ok)]
    }

    fn begin_unit(&mut self, kind: UnitKind) -> Context<'t> {
        self.unit = UnitId(self.graph.units.len() as u32);
        let capture = matches!(kind, UnitKind::Function(_)).then_some(Slot::Printed);
        let entry = self.join(Span::default());
        let ends = [Edge::Ok, Edge::Fail, Edge::ExitOk, Edge::ExitFail]
            .map(|edge| self.node(Kind::End(edge), Span::default(), Vec::new()));
        self.graph.units.push(Unit { kind, entry, ends });
        Context {
            ignored: false,
            unheard: false,
            exits: [ends[2], ends[3]],
            failed: ends[3],
            returns: Some([ends[0], ends[1]]),
            loops: Vec::new(),
            capture,
            captures_errors: false,
            pipeline: None,
            stage: None,
            before: &[],
            behind: &[],
            place: None,
            statement: Span::default(),
            alone: true,
            in_condition: false,
        }
    }

    fn script(&mut self, body: &'t List, ends_by_return: bool) -> Context<'t> {
        let mut context = self.begin_unit(UnitKind::Script);
        // All ends of the script meet before the traps; `return` at the top level ends a sourced script likewise.
        let gathered = [self.join(Span::default()), self.join(Span::default())];
        context.exits = gathered;
        context.returns = ends_by_return.then_some(gathered);
        context.failed = self.join(Span::default());
        let entry = self.graph.units[0].entry;
        let ends = self.list(body, vec![(entry, Edge::Ok)], &context);
        self.connect(ends.ok, gathered[0]);
        let fell = self.join(Span::default());
        self.connect(ends.fail, fell);
        self.connect(vec![(fell, Edge::Ok)], gathered[1]);
        self.graph.finished = vec![gathered[0], fell];
        context
    }

    fn function(&mut self, waiting: &Waiting<'t>) {
        let mut context = self.begin_unit(UnitKind::Function(waiting.name.clone()));
        let unit = self.unit;
        if self.sets_traps {
            context.failed = self.join(Span::default());
            self.functions.push((unit, context.clone()));
        }
        let name = self.graph.names.intern(&waiting.name.text);
        if !self.replaced.contains(&waiting.name.span.start) {
            self.graph.functions.entry(name).or_default().push(unit);
        }
        let entry = self.graph.units[unit.0 as usize].entry;
        let ends = self.command(waiting.body, vec![(entry, Edge::Ok)], &context);
        let [ok, fail, ..] = self.graph.units[unit.0 as usize].ends;
        self.connect(ends.ok, ok);
        self.connect(ends.fail, fail);
    }

    /// A list: failures of all but the last statement go on, as far as errexit lets them.
    fn list(&mut self, list: &'t List, entry: Vec<Open>, context: &Context<'t>) -> Ends {
        let mut open = entry;
        self.replaced.extend(replaced(list));
        let Some((last, before)) = list.statements.split_last() else {
            return Ends { ok: open, fail: Vec::new() };
        };
        if !before.is_empty() {
            let unheard = Context { unheard: true, ..context.clone() };
            for statement in before {
                open = self.statement(statement, open, &unheard).both();
            }
        }
        self.statement(last, open, context)
    }

    fn statement(&mut self, statement: &'t Statement, entry: Vec<Open>, context: &Context<'t>) -> Ends {
        let context = Context { statement: statement.span, alone: true, ..context.clone() };
        let Some(ampersand) = statement.ampersand else {
            return self.command(&statement.command, entry, &context);
        };
        let fork = self.step(Kind::Fork, ampersand, entry);
        // Text behind it would end the job only.
        let inside = Context { capture: None, alone: false, ..context };
        let open = self.scoped(Scope::Background, statement.span, fork.ok, &inside, |builder, open, inside| {
            builder.command(&statement.command, open, inside)
        });
        let slot = Slot::Variable(self.graph.names.intern("!"));
        let mut ends = Vec::new();
        for (step, entry) in
            [(JobStep::Ended(true), open.ok), (JobStep::Ended(false), open.fail), (JobStep::Running, fork.fail)]
        {
            ends.push((self.node(Kind::Job(slot, step), ampersand, entry), Edge::Ok));
        }
        let started = vec![(self.node(Kind::Job(slot, JobStep::Started), ampersand, ends), Edge::Ok)];
        Ends { ok: self.status(true, ampersand, started), fail: Vec::new() }
    }

    /// A copy of the shell around what `inside` builds; `exit` in it leads to its end, and so do traps of its own.
    fn scoped(
        &mut self,
        scope: Scope,
        span: Span,
        entry: Vec<Open>,
        context: &Context<'t>,
        inside: impl FnOnce(&mut Self, Vec<Open>, &Context<'t>) -> Ends,
    ) -> Ends {
        let enter = self.node(Kind::Enter(scope), span, entry);
        let exits = [self.join(span), self.join(span)];
        let failed = if self.sets_traps { self.join(span) } else { exits[1] };
        let returns = context.returns.map(|_| exits);
        let context = Context { unheard: false, exits, failed, returns, loops: Vec::new(), ..context.clone() };
        let outside = std::mem::take(&mut self.trap_bodies);
        let ends = inside(self, vec![(enter, Edge::Ok)], &context);
        self.connect(ends.ok, exits[0]);
        self.connect(ends.fail, exits[1]);
        let exits = self.traps_of_copy(span, &context);
        self.trap_bodies = outside;
        let ok = self.node(Kind::Leave { enter, ok: true }, span, vec![(exits[0], Edge::Ok)]);
        let fail = self.node(Kind::Leave { enter, ok: false }, span, vec![(exits[1], Edge::Ok)]);
        Ends { ok: vec![(ok, Edge::Ok)], fail: vec![(fail, Edge::Ok)] }
    }

    /// Sends the failure of a command through errexit.
    fn errexit(&mut self, ends: Ends, span: Span, context: &Context<'t>) -> Ends {
        if context.ignored || ends.fail.is_empty() {
            return ends;
        }
        let node = self.node(Kind::Errexit, span, ends.fail);
        self.connect(vec![(node, Edge::Fail)], context.failed);
        Ends { ok: ends.ok, fail: vec![(node, Edge::Ok)] }
    }

    fn command(&mut self, command: &'t Command, entry: Vec<Open>, context: &Context<'t>) -> Ends {
        if self.depth >= DEEPEST {
            self.graph.unread = true;
            let open = vec![(self.node(Kind::Unread, command.span, entry), Edge::Ok)];
            return Ends { ok: open.clone(), fail: open };
        }
        self.depth += 1;
        let ends = self.command_inside(command, entry, context);
        self.depth -= 1;
        ends
    }

    fn command_inside(&mut self, command: &'t Command, mut entry: Vec<Open>, context: &Context<'t>) -> Ends {
        let mut inner = context.clone();
        // A simple command has its redirects in its own node, a function applies them when it is called.
        if !command.redirects.is_empty()
            && !matches!(command.kind, CommandKind::Function { .. } | CommandKind::Simple(_))
        {
            for redirect in &command.redirects {
                entry = self.redirect_words(redirect, entry, context);
            }
            entry = vec![(
                self.node(
                    Kind::Redirects { redirects: &command.redirects, statement: context.statement },
                    command.span,
                    entry,
                ),
                Edge::Ok,
            )];
            if command.redirects.iter().any(simple::takes_output) {
                inner.capture = None;
            }
            inner.captures_errors = simple::joins_errors(&command.redirects).unwrap_or(inner.captures_errors);
        }
        let context = &inner;
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(command, simple, entry, context),
            CommandKind::AndOr { left, operator, right, .. } => {
                let before = Context { ignored: true, unheard: false, alone: false, ..context.clone() };
                let ends = self.command(left, entry, &before);
                let after = Context { alone: false, ..context.clone() };
                match operator {
                    AndOr::And => {
                        let mut right = self.command(right, ends.ok, &after);
                        right.fail.extend(ends.fail);
                        right
                    }
                    AndOr::Or => {
                        let mut right = self.command(right, ends.fail, &after);
                        right.ok.extend(ends.ok);
                        right
                    }
                }
            }
            CommandKind::Pipeline { stages, .. } => self.pipeline(command.span, stages, entry, context),
            CommandKind::Not { command: inner, bang } => {
                let inside = Context { ignored: true, unheard: false, alone: false, ..context.clone() };
                let ends = self.command(inner, entry, &inside);
                let ok = self.status(true, *bang, ends.fail);
                let fail = self.status(false, *bang, ends.ok);
                Ends { ok, fail }
            }
            CommandKind::Time { command: inner, time } => match inner {
                Some(inner) => self.command(inner, entry, context),
                None => Ends { ok: self.status(true, *time, entry), fail: Vec::new() },
            },
            CommandKind::Coproc { command: inner, coproc, .. } => {
                let fork = self.step(Kind::Fork, *coproc, entry);
                let mut ends =
                    self.scoped(Scope::Background, command.span, fork.ok, context, |builder, open, inside| {
                        builder.command(inner, open, inside)
                    });
                ends.ok.extend(ends.fail);
                ends.ok.extend(fork.fail);
                Ends { ok: self.status(true, *coproc, ends.ok), fail: Vec::new() }
            }
            CommandKind::Brace { body, .. } => self.list(body, entry, context),
            CommandKind::Subshell { body, .. } => {
                let ends = self.scoped(Scope::Subshell, command.span, entry, context, |builder, open, inside| {
                    builder.list(body, open, inside)
                });
                self.errexit(ends, command.span, context)
            }
            CommandKind::If { branches, otherwise, .. } => {
                self.conditional(command.span, branches, otherwise.as_ref(), entry, context)
            }
            CommandKind::Loop { until, condition, body, close, .. } => {
                self.repeat((command.span, *close), *until, [condition, body], entry, context)
            }
            CommandKind::For(inner) => self.over_items(inner, command.span, entry, context),
            CommandKind::ArithmeticFor { parts, body, close, .. } => {
                self.arithmetic_for((command.span, *close), parts, body, entry, context)
            }
            CommandKind::Case { subject, arms, .. } => self.case(command.span, subject, arms, entry, context),
            CommandKind::Function { name, body } => {
                if self.forest.sourced.is_needed(name) {
                    self.graph.names.intern(&name.text);
                    self.waiting.push(Waiting { name: name.clone(), body });
                }
                Ends { ok: self.status(true, name.span, entry), fail: Vec::new() }
            }
            CommandKind::Test { expression, .. } => match expression {
                Some(expression) => {
                    let entry = self.test_words(expression, entry, context);
                    let ends = self.step(Kind::Test(expression), command.span, entry);
                    self.errexit(ends, command.span, context)
                }
                None => {
                    let ends = self.step(Kind::Unread, command.span, entry);
                    self.errexit(ends, command.span, context)
                }
            },
            CommandKind::Arithmetic { expression, .. } => {
                let entry = self.parts(&expression.parts, entry, context);
                let ends = self.step(Kind::Arithmetic(expression), command.span, entry);
                self.errexit(ends, command.span, context)
            }
            CommandKind::Unread(_) => {
                self.graph.unread = true;
                self.step(Kind::Unread, command.span, entry)
            }
        }
    }

    fn pipeline(&mut self, span: Span, stages: &'t [Command], entry: Vec<Open>, context: &Context<'t>) -> Ends {
        let slot = Slot::Pipe(span.start);
        let mut open = vec![(self.node(Kind::PipeStart(slot), span, entry), Edge::Ok)];
        let Some((last, before)) = stages.split_last() else { return Ends { ok: open, fail: Vec::new() } };
        let context = &Context { alone: false, pipeline: Some(span), ..context.clone() };
        for (at, stage) in before.iter().enumerate() {
            let inside = Context {
                capture: None,
                before: &before[..at],
                behind: &stages[at + 1..],
                stage: Some(stage.span),
                ..context.clone()
            };
            let ends = self.scoped(Scope::Stage, stage.span, open, &inside, |builder, open, inside| {
                builder.command(stage, open, inside)
            });
            let ends = self.stage_ended(Slot::Stage(span.start, at as u32), stage.span, ends);
            open = ends.ok;
            if !ends.fail.is_empty() {
                open.push((self.node(Kind::PipeFailed(slot), stage.span, ends.fail), Edge::Ok));
            }
        }
        let context = &Context { before, stage: Some(last.span), ..context.clone() };
        let ends = self.scoped(Scope::Stage, last.span, open, context, |builder, open, inside| {
            builder.command(last, open, inside)
        });
        let ends = self.pipeline_ended(span, before.len() as u32, ends);
        let mut result = self.step(Kind::PipeEnd(slot), span, ends.ok);
        result.fail.extend(ends.fail);
        self.errexit(result, span, context)
    }

    /// Remembers with which status a stage has ended, where that is asked.
    fn stage_ended(&mut self, slot: Slot, span: Span, ends: Ends) -> Ends {
        if !self.graph.asks_stages {
            return ends;
        }
        let ok = self.node(Kind::Stage(slot, true), span, ends.ok);
        let fail = self.node(Kind::Stage(slot, false), span, ends.fail);
        Ends { ok: vec![(ok, Edge::Ok)], fail: vec![(fail, Edge::Ok)] }
    }

    /// The same for the last stage, behind which those of all can be asked.
    fn pipeline_ended(&mut self, span: Span, last: u32, ends: Ends) -> Ends {
        let ends = self.stage_ended(Slot::Stage(span.start, last), span, ends);
        if !self.graph.asks_stages {
            return ends;
        }
        let told =
            |builder: &mut Self, open| vec![(builder.node(Kind::Stages(span.start, last + 1), span, open), Edge::Ok)];
        Ends { ok: told(self, ends.ok), fail: told(self, ends.fail) }
    }
}

/// Where the names of functions begin that a list defines again before it does anything else.
fn replaced(list: &List) -> Vec<u32> {
    let mut replaced = Vec::new();
    let mut later: HashSet<&str> = HashSet::new();
    for statement in list.statements.iter().rev() {
        match &statement.command.kind {
            CommandKind::Function { name, .. } => {
                if !later.insert(&name.text) {
                    replaced.push(name.span.start);
                }
            }
            _ => later.clear(),
        }
    }
    replaced
}
