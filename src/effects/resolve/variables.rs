//! What a command does to variables, and which variable a word reads.

use super::super::conditions::Conditions;
use super::super::step::{Assigned, Step};
use super::super::thing::Fact;
use crate::effects::numbers::{self, Computed};
use crate::effects::slots::MOST_TRAPS;
use crate::flow::exact::site;
use crate::flow::expand::Expander;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, STAGES, SimpleNode, Slot, TrapSignal};
use crate::flow::inner_text;
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::flow::{computed_by_let, only_substitution, value_runs_something};
use crate::knowledge::{Argument, FactKind};
use crate::span::Span;
use crate::syntax::tree::{ArithmeticExpression, Assignment, AssignmentValue, CommandKind, Part, PartKind, Word};

use super::{Evaluated, Resolver, counts};

/// Of so many stages the statuses are followed into an array.
const MOST_STAGES: u32 = 8;

impl<'t> Resolver<'_, 't> {
    /// A path that is there where the command succeeded has a name, and the variable that gave it holds something. Without
    /// quotes an empty one would be no word at all: so only where the command cannot do without it. Some programs take the
    /// empty name to be the working directory (`rsync`): so only those that leave it to the system, which knows no such file.
    pub(super) fn given(
        &mut self,
        node: &SimpleNode<'t>,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
        step: &mut Step,
    ) {
        let program = words[0].argument.text.rsplit('/').next().unwrap_or_default();
        if !matches!(program, "cp" | "mv" | "ln" | "mkdir" | "touch" | "install") {
            return;
        }
        for (at, word) in words.iter().enumerate().skip(1) {
            let Some(whole) = node.simple.words.iter().find(|whole| whole.span == word.span) else { continue };
            let quoted = match &whole.parts[..] {
                [Part { kind: PartKind::Parameter(_), .. }] => false,
                [Part { kind: PartKind::DoubleQuoted(inner), .. }] => {
                    if !matches!(inner[..], [Part { kind: PartKind::Parameter(_), .. }]) {
                        continue;
                    }
                    true
                }
                _ => continue,
            };
            let thing = self.path(word.value, root, state);
            let is_there = step.transfers.iter().any(|&(from, _)| from == thing)
                || step.ok.iter().any(|fact| {
                    fact.thing == thing && matches!(fact.kind, FactKind::Exists | FactKind::IsFile | FactKind::IsDir)
                });
            let others = || words.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
            let is_needed = || {
                let arguments: Vec<Argument> = others().map(|other| other.argument.clone()).collect();
                let is_several = |value: &Value| matches!(value, Value::Pattern(_) | Value::AllPositional(_));
                let one_each = others().all(|other| !self.flow.values.any(other.value, &is_several));
                one_each && self.knowledge.command(&arguments).is_none()
            };
            if is_there && (quoted || is_needed()) {
                let thing = self.value_thing(word.value);
                step.ok.push(Fact { kind: FactKind::NonEmpty, thing });
            }
        }
    }

    pub(super) fn assigns(&mut self, id: NodeId, node: &SimpleNode<'t>, state: &mut State, step: &mut Step) {
        let declares = matches!(node.name.as_deref(), Some("export" | "local" | "readonly" | "declare" | "typeset"));
        let assignments: Vec<&Assignment> = if node.simple.words.is_empty() {
            node.simple.assignments.iter().collect()
        } else if declares {
            node.simple.declared.iter().collect()
        } else {
            Vec::new()
        };
        // The status of an assignment is that of its last substitution.
        let decides = assignments.iter().rposition(|assignment| {
            matches!(&assignment.value, AssignmentValue::Scalar(word) if only_substitution(word).is_some())
        });
        // What `$?` is where an assignment of this command is expanded: bash gives the status of the substitutions in front
        // of it in the command, other shells that of the command before. The state holds that of the last one.
        let last_run = assignments.iter().rposition(|assignment| value_runs_something(&assignment.value));
        let is_bash = self.flow.dialect.is_bash();
        let other_status = |at| last_run.is_some_and(|last| !is_bash || last > at);
        for (at, assignment) in assignments.into_iter().enumerate() {
            let number = self.flow.names.intern(&assignment.name.text);
            let assigned = match &assignment.value {
                AssignmentValue::Scalar(word) if assignment.subscript.is_none() && !assignment.append => {
                    let assigned = self.assigned(id, word, state);
                    if let Some(renamed) = self.renamed_mount(id, word, state) {
                        step.rare_mut().renames.push(renamed);
                    }
                    if node.takes_status && decides == Some(at) {
                        step.ok.extend(self.new_name(id, word, state));
                    }
                    if let Assigned::Copy(from @ Slot::Capture(_)) = assigned {
                        let value = self.word(id, word, state).value;
                        let thing = self.value_thing(value);
                        step.rare_mut().filled.push((from, Fact { kind: FactKind::NonEmpty, thing }));
                    }
                    match assigned {
                        Assigned::Copy(Slot::Status) if other_status(at) => Assigned::Unknown,
                        assigned => assigned,
                    }
                }
                // What had something added to it holds that at least.
                AssignmentValue::Scalar(word) if assignment.subscript.is_none() => {
                    let value = self.word(id, word, state).value;
                    if self.is_filled(id, value, state) { Assigned::Filled } else { Assigned::Unknown }
                }
                _ => Assigned::Unknown,
            };
            let count = Slot::Count(number);
            // `x[1]=…` sets that element, and leaves the others as they are.
            let element = assignment.subscript.as_ref().and_then(Word::number).filter(|_| !assignment.append);
            if let (Some(element), AssignmentValue::Scalar(word)) = (element, &assignment.value) {
                let slot = Slot::element(&assignment.name.text, element, &mut self.flow.names);
                step.assigns.push((slot, self.assigned(id, word, state)));
                step.assigns.push((count, Assigned::Unknown));
                continue;
            }
            step.assigns.push((Slot::Variable(number), assigned));
            step.assigns.extend(counts::counted(assignment, count).map(|counted| (count, counted)));
            if let AssignmentValue::Array(elements) = &assignment.value
                && !assignment.append
                && let [(None, only)] = &elements[..]
                && all_stages(only)
            {
                step.assigns.push((Slot::Variable(number), Assigned::Copy(Slot::Told(0))));
                let others = 1..MOST_STAGES;
                step.assigns.extend(others.map(|at| (Slot::Element(number, at), Assigned::Copy(Slot::Told(at)))));
            }
        }
        match node.name.as_deref() {
            Some("local" | "declare" | "typeset") => {
                for word in &node.simple.words[1..] {
                    if let Some(name) = constant(word)
                        && !name.starts_with('-')
                        && !name.contains('=')
                    {
                        let number = self.flow.names.intern(&name);
                        step.assigns.extend(counts::nothing(number));
                    }
                }
            }
            Some("trap") => {
                let words = node.simple.words.iter().skip(2).filter_map(constant);
                let signals: Vec<TrapSignal> = words.filter_map(|signal| TrapSignal::of(&signal)).collect();
                let traps = self.flow.graph.traps.iter().take(MOST_TRAPS).enumerate();
                for (number, trap) in traps.filter(|(_, trap)| signals.contains(&trap.signal)) {
                    let state = if trap.node == Some(id) { "set" } else { "" };
                    step.assigns.push((Slot::Trap(number as u32), Assigned::Constant(state.into())));
                }
            }
            Some("unset") if node.simple.words.get(1).and_then(constant).as_deref() != Some("-f") => {
                for word in &node.simple.words[1..] {
                    if let Some(name) = constant(word) {
                        let number = self.flow.names.intern(&name);
                        step.assigns.extend(counts::nothing(number));
                    }
                }
            }
            Some("let") => {
                for word in &node.simple.words[1..] {
                    if let Some(expression) = computed_by_let(word) {
                        step.assigns.extend(self.computed(&expression));
                    }
                }
            }
            Some("read" | "getopts" | "mapfile" | "readarray" | "printf") => {
                for word in &node.simple.words[1..] {
                    if let Some(number) = constant(word).and_then(|name| self.flow.names.find(&name)) {
                        step.assigns.push((Slot::Variable(number), Assigned::Unknown));
                    }
                }
            }
            _ => {}
        }
    }

    /// `mktemp` that succeeded has printed a name.
    fn new_name(&mut self, id: NodeId, word: &Word, state: &mut State) -> Option<Fact> {
        let value = self.word(id, word, state).value;
        let is_new = matches!(self.flow.values.get(value), Value::Fresh(_));
        is_new.then(|| Fact { kind: FactKind::NonEmpty, thing: self.value_thing(value) })
    }

    /// What an arithmetic expression does to variables.
    pub(super) fn computed(&mut self, expression: &ArithmeticExpression) -> Vec<(Slot, Assigned)> {
        let mut found = Vec::new();
        numbers::assigned(expression, &mut self.flow.names, &mut found);
        found.into_iter().map(|(slot, computed)| (slot, Assigned::Computed(Box::new(computed)))).collect()
    }

    pub(super) fn assigned(&mut self, id: NodeId, word: &Word, state: &mut State) -> Assigned {
        if let Some(computed) = self.expr(word) {
            return Assigned::Computed(Box::new(computed));
        }
        if let Some(start) = only_substitution(word) {
            self.remember_search(id, word, state);
            self.remember_kept(id, word, state);
            if let Some(file) = (Conditions { resolver: self, id, state }).shown_file(word) {
                self.shown.insert(start, file);
            }
            if let Some(file) = (Conditions { resolver: self, id, state }).excerpt(word) {
                self.excerpts.insert(start, file);
            }
            return Assigned::Copy(Slot::Capture(start));
        }
        if let Some(slot) = self.slot(word) {
            return Assigned::Copy(slot);
        }
        if let Some(Part { kind: PartKind::Arithmetic(arithmetic), .. }) = word.only_part()
            && let Some(expression) = &arithmetic.expression
        {
            let computed = Computed::of(expression, &mut self.flow.names);
            return Assigned::Computed(Box::new(computed));
        }
        let value = self.word(id, word, state).value;
        if let Some(text) = self.flow.values.text(value) {
            return Assigned::Constant(text.into());
        }
        if self.is_filled(id, value, state) { Assigned::Filled } else { Assigned::Unknown }
    }

    /// What `$(expr $n + 1)` comes to.
    fn expr(&mut self, word: &Word) -> Option<Computed> {
        let PartKind::Command(inner) = &word.only_part()?.kind else { return None };
        let CommandKind::Simple(simple) = &inner.body.only_command()?.kind else { return None };
        Computed::of_expr(&simple.words, &mut |word| self.slot(word))
    }

    /// Whether a value is surely not the empty text.
    fn is_filled(&mut self, id: NodeId, value: ValueId, state: &mut State) -> bool {
        let unit = self.flow.graph.node(id).unit.0;
        Expander { values: &mut self.flow.values, names: &mut self.flow.names, state, unit }.is_set(value)
    }

    /// The slot that a word reads, if it is a variable or `$?` and nothing else.
    pub fn slot(&mut self, word: &Word) -> Option<Slot> {
        match &word.only_part()?.kind {
            PartKind::Parameter(parameter) => {
                use crate::syntax::tree::ParameterOperator as O;
                let plain = match &parameter.operator {
                    O::None => true,
                    O::Default { word, .. } => word.parts.is_empty(),
                    _ => false,
                };
                if let Some(count) = counts::length(parameter, &mut self.flow.names) {
                    return Some(count);
                }
                if !plain || self.flow.names.hole(word.only_part()?.span.start).is_some() {
                    return None;
                }
                let number = match &parameter.subscript {
                    Some(subscript) => Some(subscript.number()?),
                    None => (&*parameter.name == STAGES).then_some(0),
                };
                if let Some(number) = number {
                    return Some(Slot::element(&parameter.name, number, &mut self.flow.names));
                }
                match &*parameter.name {
                    "?" => Some(Slot::Status),
                    "!" => Some(Slot::Variable(self.flow.names.intern("!"))),
                    // What it holds is known wherever it stands.
                    name if self.knowledge.constant(name).is_some() => None,
                    name if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') => {
                        Some(Slot::Variable(self.flow.names.intern(name)))
                    }
                    _ => None,
                }
            }
            PartKind::Command(_) => Some(Slot::Capture(word.only_part()?.span.start)),
            _ => None,
        }
    }

    /// The plain expansion that a word begins with.
    pub(super) fn first_expansion(&self, id: NodeId, span: Span) -> Option<(Span, Box<str>)> {
        let Kind::Simple(node) = &self.flow.graph.node(id).kind else { return None };
        let word = node.simple.words.iter().find(|word| word.span == span)?;
        let part = match word.parts.first()? {
            Part { kind: PartKind::DoubleQuoted(inner), .. } => inner.first()?,
            part => part,
        };
        match &part.kind {
            PartKind::Parameter(parameter)
                if matches!(parameter.operator, crate::syntax::tree::ParameterOperator::None)
                    && &*parameter.name != inner_text::PLACEHOLDER_NAME =>
            {
                Some((part.span, parameter.name.clone()))
            }
            _ => None,
        }
    }

    /// What a variable holds.
    pub(super) fn held(&mut self, id: NodeId, name: &str, state: &State) -> ValueId {
        let mut state = state.clone();
        let unit = self.flow.graph.node(id).unit.0;
        Expander { values: &mut self.flow.values, names: &mut self.flow.names, state: &mut state, unit }
            .bare(name, site(id))
    }

    /// Whether a variable's value is the first piece of a value, or nothing at all.
    pub(super) fn is_first(&mut self, id: NodeId, name: &str, value: ValueId, state: &State) -> bool {
        let held = self.held(id, name, state);
        if self.flow.values.text(held) == Some("") {
            return true;
        }
        match self.flow.values.get(value) {
            Value::Concat(parts) => parts[0] == held,
            _ => value == held,
        }
    }
}

/// Whether a word is `"${PIPESTATUS[@]}"`.
fn all_stages(word: &Word) -> bool {
    let Some(Part { kind: PartKind::Parameter(parameter), .. }) = word.only_part() else { return false };
    &*parameter.name == STAGES && parameter.subscript.as_ref().is_some_and(Word::is_all)
}
