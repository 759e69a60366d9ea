//! From a node to its step: words are evaluated, wrappers are taken off, knowledge is asked.

use super::conditions::Conditions;
use super::spot::Spot;
use super::step::{Assigned, Occurrence, Prints, RewriteText, Step};
use super::thing::{Fact, Thing, ThingId, Things, above};
use crate::flow::exact::site;
use crate::flow::expand::{Expanded, Expander};
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode, Slot};
use crate::flow::state::{Flag, State};
use crate::flow::value::{Value, ValueId, Values};
use crate::flow::{Flow, only_substitution};
use crate::knowledge::{
    Argument, Bindings, EffectKind, FactKind, FactRow, Form, HOLE, How, Inner, Knowledge, Match, Operand, PathClass,
    Piece, RewriteAction, RootKind, SecondRun, ThingKind, When,
};
use crate::span::Span;
use crate::syntax::tree::{
    Assignment, AssignmentValue, Command, CommandKind, Part, PartKind, Redirect, RedirectKind, Word,
};
use hashbrown::HashSet;

/// How many wrappers around each other are taken off.
const MOST_WRAPPERS: usize = 8;

/// A word of a command, evaluated.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// What it stands for.
    pub value: ValueId,
    /// What knowledge sees of it.
    pub argument: Argument,
    /// Where it stands.
    pub span: Span,
}

/// Turns nodes into steps.
pub struct Resolver<'a, 't> {
    /// Flow, for values and states.
    pub flow: &'a mut Flow<'t>,
    /// Things.
    pub things: &'a mut Things,
    /// What commands mean.
    pub knowledge: &'a Knowledge,
    /// The text of the script.
    pub source: &'a [u8],
    /// Effects found so far.
    pub occurrences: Vec<Occurrence>,
    /// Directories that are the root of another system: the script installs one there, or changes root into it.
    pub trees: HashSet<ValueId>,
}

impl<'t> Resolver<'_, 't> {
    /// The step of a node that can be reached.
    pub fn resolve(&mut self, id: NodeId) -> Option<Step> {
        let mut state = self.flow.inputs.get(id)?.clone();
        let node = self.flow.graph.node(id).clone();
        match &node.kind {
            Kind::Simple(simple) => Some(self.simple(id, simple, &mut state)),
            Kind::Redirects { redirects, statement } => {
                let mut step = Step::default();
                for redirect in *redirects {
                    self.redirect(
                        id,
                        redirect,
                        Around { span: node.span, statement: *statement, alone: false, root: None },
                        &state,
                        &mut step,
                        &[],
                    );
                }
                Some(step)
            }
            Kind::Test(expression) => {
                let condition = Conditions { resolver: self, id, state: &mut state }.expression(expression);
                Some(Step { condition: Some(condition), ..Step::default() })
            }
            Kind::Arithmetic(arithmetic) => {
                let condition =
                    Conditions { resolver: self, id, state: &mut state }.arithmetic(arithmetic.expression.as_ref());
                Some(Step { condition: Some(condition), ..Step::default() })
            }
            Kind::Match { subject, patterns } => {
                let condition = Conditions { resolver: self, id, state: &mut state }.matching(subject, patterns);
                Some(Step { condition: Some(condition), ..Step::default() })
            }
            Kind::Code(word) => {
                let condition = Conditions { resolver: self, id, state: &mut state }.code(*word);
                Some(Step { condition: Some(condition), ..Step::default() })
            }
            Kind::Item(looped) => {
                let number = self.flow.names.intern(&looped.name.text);
                Some(Step { assigns: vec![(Slot::Variable(number), Assigned::Unknown)], ..Step::default() })
            }
            _ => None,
        }
    }

    /// Evaluates a word.
    pub fn word(&mut self, id: NodeId, word: &Word, state: &mut State) -> Expanded {
        let unit = self.flow.graph.node(id).unit.0;
        Expander { values: &mut self.flow.values, names: &mut self.flow.names, state, unit }.word(word)
    }

    /// A word as knowledge sees it.
    pub fn evaluated(&mut self, id: NodeId, word: &Word, state: &mut State) -> Evaluated {
        let Expanded { value, splits } = self.word(id, word, state);
        let (mut text, _) = self.flow.values.render(value);
        // `$action` that is `start` or `restart`: one of them stands for both.
        let alternatives = self.flow.values.alternatives(value);
        if text.contains(HOLE) && !alternatives.is_empty() {
            let known: Option<Vec<&str>> = alternatives.iter().map(|&other| self.flow.values.text(other)).collect();
            if let Some(word) = known.and_then(|known| known.into_iter().max_by_key(|word| word.len())) {
                word.clone_into(&mut text);
            }
        }
        // An unquoted glob alone is one word for most purposes.
        let splits = splits
            && !word.parts.iter().all(|part| !matches!(part.kind, PartKind::Parameter(_) | PartKind::Command(_)));
        Evaluated { value, argument: Argument { text, splits }, span: word.span }
    }

    /// The thing of kind path for a value.
    pub fn path(&mut self, value: ValueId, root: Option<ValueId>, state: &State) -> ThingId {
        self.things.path(value, state.directory, root, &mut self.flow.values)
    }

    /// The thing that stands for what is known of a value.
    pub fn value_thing(&mut self, value: ValueId) -> ThingId {
        self.things.intern(Thing { kind: ThingKind::Value, root: None, key: vec![value] })
    }

    /// The thing that stands for the step which chose the working directory.
    pub fn directory_thing(&mut self) -> ThingId {
        let key = self.flow.values.constant("cd");
        self.things.intern(Thing { kind: ThingKind::Step, root: None, key: vec![key] })
    }

    /// The mounts that a path would lie in.
    pub fn mounts_above(&mut self, path: ValueId, state: &State) -> Vec<ThingId> {
        let path = super::thing::normal(path, state.directory, &mut self.flow.values);
        let directories = above(path, &mut self.flow.values);
        directories
            .into_iter()
            .map(|directory| self.things.intern(Thing { kind: ThingKind::Mount, root: None, key: vec![directory] }))
            .collect()
    }

    /// The network interface that a path below `/sys/class/net` stands for.
    pub fn interface(&mut self, path: ValueId) -> Option<ThingId> {
        const DIRECTORY: &str = "/sys/class/net/";
        if !self.flow.values.begins(path).starts_with(DIRECTORY) {
            return None;
        }
        let name = self.tail(path, DIRECTORY.len());
        let kind = self.flow.values.constant("interface ");
        let key = self.flow.values.concat([kind, name]);
        Some(self.things.intern(Thing { kind: ThingKind::Network, root: None, key: vec![key] }))
    }

    /// The thing that stands for the run of the script.
    pub fn run_thing(&mut self) -> ThingId {
        let key = self.flow.values.constant("run");
        self.things.intern(Thing { kind: ThingKind::Step, root: None, key: vec![key] })
    }

    /// The thing that stands for a node.
    fn step_thing(&mut self, id: NodeId) -> ThingId {
        let key = self.flow.values.constant(&format!("step {}", id.0));
        self.things.intern(Thing { kind: ThingKind::Step, root: None, key: vec![key] })
    }

    /// The thing of a service.
    pub fn service_thing(&mut self, name: &str, root: Option<ValueId>) -> ThingId {
        // By its program or its process-number file: what these are called after.
        let base = name.rsplit('/').next().unwrap_or_default();
        let name = self.knowledge.service(name).map_or_else(
            || base.trim_end_matches(".service").trim_end_matches(".pid").to_owned(),
            |service| service.name.to_string(),
        );
        let key = self.flow.values.constant(&name);
        self.things.intern(Thing { kind: ThingKind::Service, root, key: vec![key] })
    }

    /// The texts that a path may have, with holes.
    pub fn renderings(&self, value: ValueId) -> Vec<String> {
        let mut found = vec![self.flow.values.render(value).0];
        let alternatives = self.flow.values.alternatives(value);
        if !alternatives.is_empty() {
            found = alternatives.iter().map(|&value| self.flow.values.render(value).0).collect();
        } else if let Value::Concat(parts) = self.flow.values.get(value) {
            let Some(at) = parts.iter().position(|&part| !self.flow.values.alternatives(part).is_empty()) else {
                return found;
            };
            let around =
                |parts: &[ValueId]| parts.iter().map(|&part| self.flow.values.render(part).0).collect::<String>();
            let (before, after) = (around(&parts[..at]), around(&parts[at + 1..]));
            found = self
                .flow
                .values
                .alternatives(parts[at])
                .iter()
                .map(|&value| format!("{before}{}{after}", self.flow.values.render(value).0))
                .collect();
        }
        found
    }

    /// What a path is, and whether that was read off a name.
    pub fn class(&self, value: ValueId) -> (PathClass, bool) {
        let fresh = |value: &Value| matches!(value, Value::Fresh(_));
        if self.flow.values.any(value, &fresh) {
            return (PathClass::Scratch, false);
        }
        if self
            .flow
            .values
            .render(value)
            .0
            .split_once(HOLE)
            .is_some_and(|(_, below)| self.knowledge.path_class(below) == PathClass::Stream)
        {
            return (PathClass::Stream, false);
        }
        let begins = match self.flow.values.get(value) {
            Value::Concat(parts) => parts[0],
            _ => value,
        };
        // What the path begins with decides where that is not known but named: `$rootfs/etc/hosts` is no configuration of this host.
        if begins != value
            && self.flow.values.render(value).0.starts_with(HOLE)
            && let Some(class) = self.named_class(begins, 4)
            && !matches!(class, PathClass::Config | PathClass::Unknown)
        {
            return (class, true);
        }
        for text in self.renderings(value) {
            let class = self.knowledge.path_class(&text);
            if class != PathClass::Unknown {
                return (class, text.contains(HOLE));
            }
        }
        self.named_class(value, 4).map_or((PathClass::Unknown, true), |class| (class, true))
    }

    fn named_class(&self, value: ValueId, depth: u32) -> Option<PathClass> {
        if depth == 0 {
            return None;
        }
        match self.flow.values.get(value) {
            Value::Environment(_, name) => self.knowledge.name_class(name),
            Value::Phi(_, number) if *number < crate::flow::state::POSITIONAL => {
                self.knowledge.name_class(self.flow.names.text(*number))
            }
            Value::Concat(parts) => parts.iter().rev().find_map(|&part| self.named_class(part, depth - 1)),
            Value::Default(inner, _) | Value::Required(inner) | Value::Derived(inner, _) => {
                self.named_class(*inner, depth - 1)
            }
            _ => None,
        }
    }

    /// The services whose configuration a path is.
    pub fn services_of(&mut self, value: ValueId, root: Option<ValueId>) -> Vec<ThingId> {
        let mut names: Vec<String> = Vec::new();
        if matches!(self.class(value).0, PathClass::Scratch | PathClass::Backup | PathClass::Stream | PathClass::Lock) {
            return Vec::new();
        }
        for text in self.renderings(value) {
            for service in self.knowledge.services_covering(&text) {
                let name = service.name.to_string();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.iter().map(|name| self.service_thing(name, root)).collect()
    }

    fn simple(&mut self, id: NodeId, node: &SimpleNode<'t>, state: &mut State) -> Step {
        let mut step = Step::default();
        let before = state.clone();
        self.assigns(id, node, state, &mut step);
        let mut words: Vec<Evaluated> = Vec::with_capacity(node.simple.words.len());
        for word in &node.simple.words {
            let evaluated = self.evaluated(id, word, state);
            words.push(evaluated);
        }
        let mut state = before;
        if let [first, ..] = &words[..]
            && first.argument.text.contains(HOLE)
            && let [Part { kind: PartKind::Parameter(parameter), .. }] = &node.simple.words[0].parts[..]
        {
            let number = self.flow.names.intern(&parameter.name);
            step.runs = Some(Slot::Variable(number));
        }
        let words = self.split_prefix(words);
        if !words.is_empty() && self.flow.calls.callees(id).is_empty() {
            self.command(id, node, words.clone(), &mut state, &mut step);
        }
        let root = node.host.map(|host| {
            let value = self.word(id, host, &mut state).value;
            self.host(value)
        });
        for redirect in &node.command.redirects {
            self.redirect(
                id,
                redirect,
                Around { span: node.command.span, statement: node.statement, alone: node.alone, root },
                &state,
                &mut step,
                &words,
            );
        }
        step
    }

    /// A first word from a variable that holds several words (`SUDO="sudo -n"`), or none.
    fn split_prefix(&mut self, words: Vec<Evaluated>) -> Vec<Evaluated> {
        let Some(first) = words.first() else { return words };
        let text = &first.argument.text;
        if text.contains(HOLE) || !(text.is_empty() || text.contains([' ', '\t'])) || !first.argument.splits {
            return words;
        }
        let mut split: Vec<Evaluated> = Vec::new();
        for piece in text.split_whitespace() {
            split.push(Evaluated {
                value: self.flow.values.constant(piece),
                argument: Argument::literal(piece),
                span: first.span,
            });
        }
        split.extend(words.into_iter().skip(1));
        split
    }

    fn assigns(&mut self, id: NodeId, node: &SimpleNode<'t>, state: &mut State, step: &mut Step) {
        let declares = matches!(
            node.simple.words.first().and_then(constant).as_deref(),
            Some("export" | "local" | "readonly" | "declare" | "typeset")
        );
        let assignments: Vec<&Assignment> = if node.simple.words.is_empty() {
            node.simple.assignments.iter().collect()
        } else if declares {
            node.simple.declared.iter().collect()
        } else {
            Vec::new()
        };
        for assignment in assignments {
            let number = self.flow.names.intern(&assignment.name.text);
            let assigned = match &assignment.value {
                AssignmentValue::Scalar(word) if assignment.subscript.is_none() && !assignment.append => {
                    self.assigned(id, word, state)
                }
                _ => Assigned::Unknown,
            };
            step.assigns.push((Slot::Variable(number), assigned));
        }
        match node.simple.words.first().and_then(constant).as_deref() {
            Some("local" | "declare" | "typeset") => {
                for word in &node.simple.words[1..] {
                    if let Some(name) = constant(word)
                        && !name.starts_with('-')
                        && !name.contains('=')
                    {
                        let number = self.flow.names.intern(&name);
                        step.assigns.push((Slot::Variable(number), Assigned::Constant("".into())));
                    }
                }
            }
            Some("trap")
                if node
                    .simple
                    .words
                    .iter()
                    .skip(2)
                    .filter_map(constant)
                    .any(|signal| matches!(&*signal, "EXIT" | "0")) =>
            {
                for (number, trap) in self.flow.graph.traps.iter().enumerate() {
                    let state = if trap.node == Some(id) { "set" } else { "" };
                    step.assigns.push((Slot::Trap(number as u32), Assigned::Constant(state.into())));
                }
            }
            Some("unset") if node.simple.words.get(1).and_then(constant).as_deref() != Some("-f") => {
                for word in &node.simple.words[1..] {
                    if let Some(name) = constant(word) {
                        let number = self.flow.names.intern(&name);
                        step.assigns.push((Slot::Variable(number), Assigned::Constant("".into())));
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

    fn assigned(&mut self, id: NodeId, word: &Word, state: &mut State) -> Assigned {
        if let Some(start) = only_substitution(word) {
            return Assigned::Copy(Slot::Capture(start));
        }
        if let Some(slot) = self.slot(word) {
            return Assigned::Copy(slot);
        }
        let value = self.word(id, word, state).value;
        match self.flow.values.text(value) {
            Some(text) => Assigned::Constant(text.into()),
            None => Assigned::Unknown,
        }
    }

    /// The slot that a word reads, if it is a variable or `$?` and nothing else.
    pub fn slot(&mut self, word: &Word) -> Option<Slot> {
        let part = match &word.parts[..] {
            [Part { kind: PartKind::DoubleQuoted(inner), .. }] => match &inner[..] {
                [only] => only,
                _ => return None,
            },
            [only] => only,
            _ => return None,
        };
        match &part.kind {
            PartKind::Parameter(parameter) if parameter.subscript.is_none() => {
                use crate::syntax::tree::ParameterOperator as O;
                let plain = match &parameter.operator {
                    O::None => true,
                    O::Default { word, .. } => word.parts.is_empty(),
                    _ => false,
                };
                if !plain {
                    return None;
                }
                match &*parameter.name {
                    "?" => Some(Slot::Status),
                    name if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') => {
                        Some(Slot::Variable(self.flow.names.intern(name)))
                    }
                    _ => None,
                }
            }
            PartKind::Command(_) => Some(Slot::Capture(part.span.start)),
            _ => None,
        }
    }

    fn command(
        &mut self,
        id: NodeId,
        node: &SimpleNode<'t>,
        words: Vec<Evaluated>,
        state: &mut State,
        step: &mut Step,
    ) {
        let name = words[0].argument.text.rsplit('/').next().unwrap_or_default().to_owned();
        match name.as_str() {
            "[" | "test" => {
                let inner = &node.simple.words[1..];
                let condition = Conditions { resolver: self, id, state }.bracket(inner, name == "[");
                step.condition = Some(condition);
                return;
            }
            "echo" | "printf" => {
                let texts: Option<Vec<&str>> = words[1..]
                    .iter()
                    .map(|word| (!word.argument.text.contains(HOLE)).then_some(word.argument.text.as_str()))
                    .collect();
                step.prints = match texts.as_deref() {
                    Some([]) => Prints::Nothing,
                    Some([only]) if !only.contains('%') && !only.starts_with('-') => {
                        Prints::Text(only.trim_end_matches("\\n").into())
                    }
                    _ => Prints::Something,
                };
                return;
            }
            "cd" | "pushd" => {
                let thing = self.directory_thing();
                let clean = Fact { kind: FactKind::Clean, thing };
                step.ok.push(clean);
                let target = words
                    .iter()
                    .skip(1)
                    .find(|word| !word.argument.text.starts_with('-') || word.argument.text == "-")
                    .cloned();
                match target {
                    // Back to where the script was, or up: what fails there is no `cd` into something new.
                    None => step.fail.push(clean),
                    Some(target)
                        if matches!(target.argument.text.as_str(), "-" | "/" | "~")
                            || goes_back(&target, &self.flow.values) =>
                    {
                        step.fail.push(clean);
                    }
                    Some(target) => {
                        step.fail_ends.push(clean);
                        let path = self.path(target.value, None, state);
                        let is_directory = Fact { kind: FactKind::IsDir, thing: path };
                        step.ok.push(is_directory);
                        step.ok.push(Fact { kind: FactKind::Exists, thing: path });
                        step.sure_if = Some(is_directory);
                    }
                }
                return;
            }
            "exit" | "return" | ":" | "true" | "false" | "set" | "shift" | "export" | "local" | "readonly"
            | "declare" | "typeset" | "unset" | "read" | "getopts" | "wait" | "umask" | "shopt" => return,
            "trap" => return,
            _ => {}
        }
        step.prints = Prints::Something;
        let (words, mut root, mut elsewhere) = self.unwrapped(words, state, step);
        if let Some(host) = node.host {
            let value = self.word(id, host, state).value;
            elsewhere = true;
            root = root.or(Some(self.host(value)));
        }
        if words.is_empty() {
            return;
        }
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        if super::reads::reads_operands(arguments[0].text.rsplit('/').next().unwrap_or_default()) {
            for word in words[1..].iter().filter(|word| !word.argument.text.starts_with('-')) {
                step.reads.push(self.path(word.value, root, state));
            }
        }
        // `debootstrap SUITE TREE`, `systemd-nspawn -D TREE`: what is below TREE is another system.
        if matches!(arguments[0].text.rsplit('/').next(), Some("debootstrap" | "mmdebstrap" | "cdebootstrap")) {
            let operands: Vec<ValueId> =
                words[1..].iter().filter(|word| !word.argument.text.starts_with('-')).map(|word| word.value).collect();
            if let Some(&tree) = operands.get(1) {
                let tree = super::thing::normal(tree, state.directory, &mut self.flow.values);
                self.trees.insert(tree);
            }
        }
        let searches = matches!(arguments[0].text.as_str(), "grep" | "egrep" | "fgrep" | "pgrep" | "pidof");
        if searches && let Some(previous) = node.previous {
            self.searched(id, previous, &words, root, state, step);
        }
        let Some(found) = self.knowledge.command(&arguments) else {
            if searches {
                step.prints = Prints::OnSuccess;
            } else {
                self.unknown(&words, root, state, step);
            }
            return;
        };
        if found.form.quiet {
            step.prints = Prints::Nothing;
        } else if searches {
            step.prints = Prints::OnSuccess;
        }
        let spot = Spot::of(self.source, node.command.span, node.statement, node.alone, node.pipeline.is_some());
        let place = Place { spot, elsewhere };
        self.matched(id, &found, &words, root, state, step, &place);
    }

    /// Takes off `sudo`, `env`, `ssh host` and their kin. Words are empty where what runs is not known.
    fn unwrapped(
        &mut self,
        mut words: Vec<Evaluated>,
        state: &State,
        step: &mut Step,
    ) -> (Vec<Evaluated>, Option<ValueId>, bool) {
        let mut root = None;
        let mut elsewhere = false;
        for _ in 0..MOST_WRAPPERS {
            let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
            // An init script has the name of its service, which may be that of a wrapper (`ssh`).
            if arguments.first().is_some_and(|first| first.text.contains("/init.d/") || first.text.contains("/rc.d/")) {
                break;
            }
            let Some(wrapper) = self.knowledge.wrapper(&arguments) else { break };
            if let Some(lock) = wrapper.lock.and_then(|at| words.get(at)) {
                let thing = self.path(lock.value, root, state);
                step.ok.push(Fact { kind: FactKind::LockHeld, thing });
            }
            if wrapper.root.kind == RootKind::Chroot
                && let Some((at, offset)) = wrapper.root.name
                && let Some(word) = words.get(at)
            {
                let tree = self.tail(word.value, offset);
                let tree = super::thing::normal(tree, state.directory, &mut self.flow.values);
                self.trees.insert(tree);
            }
            if wrapper.root.kind != RootKind::Same {
                elsewhere |= wrapper.root.kind != RootKind::Namespace;
                let name =
                    wrapper.root.name.and_then(|(at, offset)| words.get(at).map(|word| self.tail(word.value, offset)));
                root = Some(match (wrapper.root.kind, name) {
                    (RootKind::Host, Some(name)) => self.host(name),
                    (kind, name) => {
                        let label = self.flow.values.constant(&format!("{kind:?}:"));
                        self.flow.values.concat(std::iter::once(label).chain(name))
                    }
                });
            }
            match wrapper.inner {
                Inner::Command(at) if at < words.len() => words.drain(..at),
                // The other shell reads the words again: the same words, as long as none holds anything it would take apart.
                Inner::Joined { first, .. }
                    if first < words.len() && words[first..].iter().all(|word| plain(&word.argument)) =>
                {
                    words.drain(..first)
                }
                _ => {
                    words.clear();
                    break;
                }
            };
        }
        (words, root, elsewhere)
    }

    /// The root of a host: `user@` in front of its name says nothing of where.
    fn host(&mut self, name: ValueId) -> ValueId {
        let user = match self.flow.values.get(name) {
            Value::Constant(text) => text.find('@').map(|at| at + 1),
            Value::Concat(parts) => self.flow.values.text(parts[0]).and_then(|text| text.find('@').map(|at| at + 1)),
            _ => None,
        };
        let name = self.tail(name, user.unwrap_or(0));
        let label = self.flow.values.constant("host:");
        self.flow.values.concat([label, name])
    }

    /// A value without its first bytes.
    fn tail(&mut self, value: ValueId, offset: usize) -> ValueId {
        if offset == 0 {
            return value;
        }
        match self.flow.values.get(value).clone() {
            Value::Constant(text) if text.is_char_boundary(offset) => self.flow.values.constant(&text[offset..]),
            Value::Concat(parts) => match self.flow.values.get(parts[0]).clone() {
                Value::Constant(text) if text.is_char_boundary(offset) && offset <= text.len() => {
                    let first = self.flow.values.constant(&text[offset..]);
                    self.flow.values.concat(std::iter::once(first).chain(parts[1..].iter().copied()))
                }
                _ => value,
            },
            _ => value,
        }
    }

    /// What the success and the failure of a search by itself would prove: for `$(grep -c PATTERN FILE)`.
    pub fn search(&mut self, id: NodeId, simple: &crate::syntax::tree::Simple, state: &State) -> Option<Step> {
        let name = simple.words.first().and_then(constant)?;
        if !matches!(&*name, "grep" | "egrep" | "fgrep" | "pgrep") {
            return None;
        }
        let mut state = state.clone();
        let words: Vec<Evaluated> = simple.words.iter().map(|word| self.evaluated(id, word, &mut state)).collect();
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let found = self.knowledge.command(&arguments)?;
        let mut step = Step::default();
        let before = self.occurrences.len();
        let place =
            Place { spot: Spot::of(self.source, Span::default(), Span::default(), false, false), elsewhere: false };
        self.matched(id, &found, &words, None, &state, &mut step, &place);
        self.occurrences.truncate(before);
        Some(step)
    }

    /// `LISTING | grep PATTERN`: what the pattern says of what is listed.
    fn searched(
        &mut self,
        id: NodeId,
        previous: &Command,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
        step: &mut Step,
    ) {
        let CommandKind::Simple(listing) = &previous.kind else { return };
        let mut state = state.clone();
        let listed: Vec<Evaluated> = listing.words.iter().map(|word| self.evaluated(id, word, &mut state)).collect();
        let texts: Vec<&str> = listed.iter().map(|word| word.argument.text.as_str()).collect();
        let path = match super::listings::lists(&texts) {
            Some(super::listings::Listed::Operand(at)) => listed[at].value,
            Some(super::listings::Listed::Known(path)) => self.flow.values.constant(path),
            None => {
                // A row of knowledge may say what the command lists.
                let arguments: Vec<Argument> = listed.iter().map(|word| word.argument.clone()).collect();
                let Some(found) = self.knowledge.command(&arguments) else { return };
                let Some(row) = found.form.prints.first() else { return };
                let Some(path) = super::listings::of(found.form.things[row.thing].kind) else { return };
                self.flow.values.constant(path)
            }
        };
        let Some(pattern) = words[1..].iter().find(|word| !word.argument.text.starts_with('-')).map(|word| word.value)
        else {
            return;
        };
        let file = self.path(path, root, &state);
        let key = vec![self.things.get(file).key[0], pattern];
        let thing = self.things.intern(Thing { kind: ThingKind::Text, root, key });
        step.ok.push(Fact { kind: FactKind::Contains, thing });
        step.fail.push(Fact { kind: FactKind::ContainsNot, thing });
        step.ok_ends.push(Fact { kind: FactKind::ContainsNot, thing });
        step.fail_ends.push(Fact { kind: FactKind::Contains, thing });
    }

    /// An unknown command may change what its words name, and nothing else.
    fn unknown(&mut self, words: &[Evaluated], root: Option<ValueId>, state: &State, step: &mut Step) {
        let name = words[0].argument.text.rsplit('/').next().unwrap_or_default();
        step.unknown = !super::reads::only_reads(name) && !self.knowledge.always_succeeds(name);
        if matches!(name, "." | "source" | "eval")
            || self.knowledge.always_succeeds(name)
            || super::reads::only_reads(name)
        {
            return;
        }
        for word in &words[1..] {
            let text = &word.argument.text;
            if text.starts_with('/')
                || (text.starts_with(HOLE) && !text[HOLE.len_utf8()..].is_empty() && text.contains('/'))
            {
                let thing = self.path(word.value, root, state);
                step.doubtful.push(thing);
            }
        }
    }

    fn operand(&mut self, id: NodeId, operand: &Operand, words: &[Evaluated]) -> (ValueId, Option<Span>) {
        match operand {
            Operand::Word { argument, offset } => match words.get(*argument) {
                Some(word) => (self.tail(word.value, *offset), (*offset == 0).then_some(word.span)),
                None => (self.flow.values.intern(Value::Unknown(site(id))), None),
            },
            Operand::Rest(all) => {
                let mut pieces = Vec::new();
                for (at, &argument) in all.iter().enumerate() {
                    if at > 0 {
                        pieces.push(self.flow.values.constant(" "));
                    }
                    pieces.extend(words.get(argument).map(|word| word.value));
                }
                (self.flow.values.concat(pieces), None)
            }
            Operand::Text(text) => {
                let value = if text.contains(HOLE) {
                    self.flow.values.intern(Value::Unknown(site(id)))
                } else {
                    self.flow.values.constant(text)
                };
                (value, None)
            }
            Operand::Stdin => (self.flow.values.intern(Value::Unknown(site(id))), None),
        }
    }

    /// The thing of a template, if all its roles are bound; with its value and the word it stands in.
    #[allow(clippy::too_many_arguments)]
    fn thing(
        &mut self,
        id: NodeId,
        form: &Form,
        at: usize,
        bindings: &Bindings,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
    ) -> Option<Placed> {
        let template = form.things.get(at)?;
        let mut keys: Vec<Vec<ValueId>> = vec![Vec::new()];
        let mut span = None;
        for piece in template.pieces.iter() {
            match piece {
                Piece::Literal(text) => {
                    let value = self.flow.values.constant(text);
                    keys.last_mut()?.push(value);
                }
                Piece::Role(role) => {
                    let (value, word) = self.operand(id, bindings.get(*role)?, words);
                    span = span.or(word);
                    keys.last_mut()?.push(value);
                }
                Piece::Base(role) => {
                    let (value, _) = self.operand(id, bindings.get(*role)?, words);
                    let base = self.flow.values.derived(value, "##*/");
                    keys.last_mut()?.push(base);
                }
                Piece::Within => keys.push(Vec::new()),
            }
        }
        // A child of what a word names has no word of its own.
        if template.kind == ThingKind::Path && template.pieces.len() != 1 {
            span = None;
        }
        let mut key: Vec<ValueId> = keys.into_iter().map(|pieces| self.flow.values.concat(pieces)).collect();
        let value = key[0];
        let thing = match template.kind {
            ThingKind::Path => self.path(value, root, state),
            ThingKind::Service => {
                let (text, _) = self.flow.values.render(value);
                if text.contains(HOLE) {
                    self.things.intern(Thing { kind: ThingKind::Service, root, key })
                } else {
                    self.service_thing(&text, root)
                }
            }
            ThingKind::Text => {
                key[0] = super::thing::normal(key[0], state.directory, &mut self.flow.values);
                self.things.intern(Thing { kind: ThingKind::Text, root, key })
            }
            ThingKind::Mount | ThingKind::Device => {
                key[0] = super::thing::normal(key[0], state.directory, &mut self.flow.values);
                self.things.intern(Thing { kind: template.kind, root, key })
            }
            kind => self.things.intern(Thing { kind, root, key }),
        };
        Some(Placed { thing, value, span, kind: template.kind })
    }

    #[allow(clippy::too_many_arguments)]
    fn matched(
        &mut self,
        id: NodeId,
        found: &Match<'_>,
        words: &[Evaluated],
        root: Option<ValueId>,
        state: &State,
        step: &mut Step,
        place: &Place,
    ) {
        let form = found.form;
        for bindings in &found.instances {
            let placed: Vec<Option<Placed>> =
                (0..form.things.len()).map(|at| self.thing(id, form, at, bindings, words, root, state)).collect();
            let facts = |rows: &[FactRow], resolver: &mut Self| -> Vec<Fact> {
                rows.iter()
                    .filter_map(|row| {
                        let thing = placed.get(row.thing)?.as_ref()?.thing;
                        resolver.speaks(row.when, &placed, form).then_some(Fact { kind: row.fact, thing })
                    })
                    .collect()
            };
            let mut ok = facts(&form.ok, self);
            let fail = facts(&form.fail, self);
            // That it was asked for excuses only where the answer was not "it is there".
            ok.retain(|fact| fact.kind != FactKind::Asked);
            if form.asks {
                step.ok_ends.extend(fail.iter().copied());
                step.fail_ends.extend(ok.iter().copied());
                for fact in &ok {
                    if fact.kind == FactKind::ConfigValid {
                        let unfailed = Fact { kind: FactKind::NoFailedValidation, thing: fact.thing };
                        step.ok.push(unfailed);
                        step.fail_ends.push(unfailed);
                    }
                }
            }
            step.ok.extend(ok);
            step.fail.extend(fail);
            for row in form.touches.iter() {
                if let Some(Some(placed)) = placed.get(row.thing) {
                    step.touches.push((placed.thing, row.touch));
                }
            }
            for transfer in form.transfers.iter() {
                if let (Some(Some(from)), Some(Some(to))) = (placed.get(transfer.from), placed.get(transfer.to)) {
                    step.transfers.push((from.thing, to.thing));
                    // A copy was meant, whether or not it was made.
                    let (kept, copy) = (self.things.get(from.thing).key[0], self.things.get(to.thing).key[0]);
                    if super::origins::extends(copy, kept, &self.flow.values) || self.class(copy).0 == PathClass::Backup
                    {
                        let tried = Fact { kind: FactKind::CopyTried, thing: from.thing };
                        step.ok.push(tried);
                        step.fail.push(tried);
                    }
                }
            }
            let excuses = facts(&form.excuses, self);
            for row in form.effects.iter() {
                let Some(Some(target)) = placed.get(row.target).cloned() else { continue };
                // `cp A B` is `B/A` only if B is a directory; who knows that says so later.
                let inside = |at: usize| {
                    form.things
                        .get(at)
                        .is_some_and(|thing| thing.pieces.iter().any(|piece| matches!(piece, Piece::Base(_))))
                };
                if inside(row.target)
                    && form.effects.iter().any(|other| other.kind == row.kind && !inside(other.target))
                {
                    continue;
                }
                match (row.kind, row.how) {
                    // Nothing is mounted on a directory that was just made, or below a mount that was just made.
                    (EffectKind::Create, How::Directory | How::Mount) => {
                        let thing = self.things.get(target.thing).clone();
                        // `mkdir -p` succeeds on one that was there.
                        let new = row.how == How::Mount || form.second_run == SecondRun::Fails;
                        if let Some(&directory) = thing.key.first().filter(|_| new) {
                            step.new_directories.push((thing.root, directory, row.how == How::Directory));
                        }
                    }
                    (EffectKind::Delete, _) => {
                        step.removes.push(target.thing);
                        step.renews.push(target.thing);
                        // Whether it went or not: that it might be there was thought of.
                        let asked = Fact { kind: FactKind::Asked, thing: target.thing };
                        step.ok.push(asked);
                        step.fail.push(asked);
                    }
                    (EffectKind::Write, How::Truncate | How::Replace) => step.renews.push(target.thing),
                    _ => {}
                }
                let source = row.source.and_then(|at| placed.get(at).cloned().flatten());
                let rewrite = self.rewrite(id, found, bindings, words);
                let variable = target.span.and_then(|span| self.first_expansion(id, span));
                let variable = variable.filter(|(_, name)| self.is_first(id, name, target.value, state));
                self.occur(id, row.kind, row.how, &target, source.as_ref(), root, state, place, |occurrence| {
                    occurrence.second_run = form.second_run;
                    occurrence.second_elsewhere = form.second_run_elsewhere.to_vec();
                    occurrence.excuses.clone_from(&excuses);
                    occurrence.exact = found.exact;
                    occurrence.rewrite = rewrite;
                    occurrence.variable = variable;
                    occurrence.command = words[0].argument.text.rsplit('/').next().unwrap_or_default().into();
                    occurrence.option_at = words.get(found.leading.saturating_sub(1)).map(|word| word.span.end);
                });
            }
        }
    }

    fn rewrite(
        &mut self,
        id: NodeId,
        found: &Match<'_>,
        bindings: &Bindings,
        words: &[Evaluated],
    ) -> Option<(RewriteText, crate::knowledge::Safety)> {
        let rewrite = found.form.idempotent.as_ref()?;
        if rewrite.needs_bash && !self.flow.dialect.is_bash() {
            return None;
        }
        let text = match &rewrite.action {
            RewriteAction::AddOption(option) => {
                RewriteText::Insert(words.get(found.leading.checked_sub(1)?)?.span.end, format!(" {option}"))
            }
            RewriteAction::ReplaceWord { from, to } => {
                let word = words.iter().take(found.leading.max(4)).find(|word| word.argument.text == **from)?;
                RewriteText::Replace(word.span, to.to_string())
            }
            RewriteAction::Prefix(pieces) => {
                let mut text = String::new();
                for piece in pieces.iter() {
                    match piece {
                        Piece::Literal(literal) => text.push_str(literal),
                        Piece::Role(role) => match bindings.get(*role)? {
                            Operand::Word { argument, offset: 0 } => {
                                text.push_str(&self.written(words.get(*argument)?.span));
                            }
                            Operand::Rest(all) => {
                                let all: Vec<String> = all
                                    .iter()
                                    .filter_map(|&at| words.get(at))
                                    .map(|word| self.written(word.span))
                                    .collect();
                                text.push_str(&all.join(" "));
                            }
                            // A default that knowledge put there.
                            Operand::Text(known) if !known.contains(HOLE) => text.push_str(known),
                            _ => return None,
                        },
                        Piece::Base(_) | Piece::Within => return None,
                    }
                }
                // The question needs the same rights as the command: `sudo` goes in front of it too.
                let command = self.flow.graph.node(id).span;
                let wrapper = self.written(Span::new(command.start, words.first()?.span.start.max(command.start)));
                let (negation, question) = text.strip_prefix("! ").map_or(("", text.as_str()), |rest| ("! ", rest));
                let asks_shell = question.starts_with('[');
                RewriteText::Prefix(if asks_shell { text } else { format!("{negation}{wrapper}{question}") })
            }
        };
        Some((text, rewrite.safety))
    }

    /// The bytes of a span as text.
    pub fn written(&self, span: Span) -> String {
        String::from_utf8_lossy(self.source.get(span.range()).unwrap_or_default()).into_owned()
    }

    fn speaks(&mut self, when: When, placed: &[Option<Placed>], form: &Form) -> bool {
        let (path, service, wanted) = match when {
            When::Always => return true,
            When::Covered { path, service } => (path, service, true),
        };
        let Some(Some(path)) = placed.get(path) else { return wanted };
        let Some(Some(service)) = placed.get(service) else { return !wanted };
        let key = self.things.get(path.thing).key[0];
        let root = self.things.get(path.thing).root;
        let covered = self.services_of(key, root).contains(&service.thing);
        let _ = form;
        covered == wanted
    }

    #[allow(clippy::too_many_arguments)]
    fn occur(
        &mut self,
        id: NodeId,
        effect: EffectKind,
        how: How,
        target: &Placed,
        source: Option<&Placed>,
        root: Option<ValueId>,
        state: &State,
        place: &Place,
        complete: impl FnOnce(&mut Occurrence),
    ) {
        let thing = self.things.get(target.thing).clone();
        let key = thing.key[0];
        if target.kind == ThingKind::Path && self.flow.values.text(target.value) == Some("-") {
            return;
        }
        // The root is always mounted: who mounts it changes its options.
        if target.kind == ThingKind::Mount && self.flow.values.text(key) == Some("/") {
            return;
        }
        let (mut class, mut guessed) = (PathClass::Unknown, true);
        let mut services = Vec::new();
        let mut parent = None;
        match target.kind {
            ThingKind::Path | ThingKind::Text => {
                (class, guessed) = self.class(key);
                services = self.services_of(key, root);
                if let Some(&directory) = above(key, &mut self.flow.values).first() {
                    parent = Some(self.things.intern(Thing { kind: ThingKind::Path, root, key: vec![directory] }));
                }
            }
            ThingKind::Service => services.push(target.thing),
            _ => {}
        }
        let (rendered, _) = self.flow.values.render(target.value);
        let name = self.shown(target);
        let relative = target.kind == ThingKind::Path
            && !rendered.starts_with('/')
            && !rendered.starts_with(HOLE)
            && !rendered.starts_with('~');
        let value =
            if effect == EffectKind::Delete && how == How::Tree { self.risky_value(target.value) } else { None };
        let mut occurrence = Occurrence {
            node: id,
            unit: self.flow.graph.node(id).unit,
            effect,
            how,
            target: target.thing,
            step: self.step_thing(id),
            run: self.run_thing(),
            transient: false,
            foreign: state.foreign,
            source: source.map(|source| source.thing),
            services,
            parent,
            value,
            text: None,
            class,
            class_guessed: guessed,
            target_value: target.value,
            relative,
            reads_target: false,
            fresh: false,
            span: place.spot.span,
            written: self.written(place.spot.span),
            text_written: None,
            source_name: source.map(|source| self.shown(source)),
            variable: None,
            target_written: target.span.map(|span| self.written(span)),
            directory_step: (relative && self.may_differ(state.directory)).then(|| self.directory_thing()),
            directory_path: relative.then(|| self.path(state.directory, root, state)),
            directory: relative.then(|| self.chosen(state.directory)),
            spot: place.spot.clone(),
            operand: target.span,
            option_at: None,
            second_run: SecondRun::Ok,
            second_elsewhere: Vec::new(),
            excuses: Vec::new(),
            rewrite: None,
            exact: true,
            command: "".into(),
            name,
            begins: self.flow.values.begins(self.things.get(target.thing).key[0]).into(),
            elsewhere: place.elsewhere,
        };
        complete(&mut occurrence);
        // A name that is new with each run is not met by the second.
        let new_each_run = |value: &Value| matches!(value, Value::Fresh(_) | Value::Unique(_));
        if thing.key.iter().any(|&key| self.flow.values.any(key, &new_each_run)) {
            occurrence.second_run = SecondRun::Ok;
            occurrence.second_elsewhere.clear();
            occurrence.fresh = true;
        }
        self.occurrences.push(occurrence);
    }

    /// The directory that the script chose, where paths meet with it and another one.
    fn chosen(&self, directory: ValueId) -> String {
        let elsewhere = |&&value: &&ValueId| !matches!(self.flow.values.get(value), Value::Environment(_, name) if &**name == "PWD");
        let value = self.flow.values.alternatives(directory).iter().find(elsewhere).copied().unwrap_or(directory);
        self.flow.values.display(value, &self.flow.names)
    }

    /// Whether paths meet with different working directories here.
    fn may_differ(&self, directory: ValueId) -> bool {
        self.flow.values.any(directory, &|value| matches!(value, Value::Phi(_, u32::MAX)))
    }

    /// The plain expansion that a word begins with.
    fn first_expansion(&self, id: NodeId, span: Span) -> Option<(Span, Box<str>)> {
        let Kind::Simple(node) = &self.flow.graph.node(id).kind else { return None };
        let word = node.simple.words.iter().find(|word| word.span == span)?;
        let part = match word.parts.first()? {
            Part { kind: PartKind::DoubleQuoted(inner), .. } => inner.first()?,
            part => part,
        };
        match &part.kind {
            PartKind::Parameter(parameter)
                if matches!(parameter.operator, crate::syntax::tree::ParameterOperator::None) =>
            {
                Some((part.span, parameter.name.clone()))
            }
            _ => None,
        }
    }

    /// Whether a variable's value is the first piece of a value.
    fn is_first(&mut self, id: NodeId, name: &str, value: ValueId, state: &State) -> bool {
        let mut state = state.clone();
        let unit = self.flow.graph.node(id).unit.0;
        let held = Expander { values: &mut self.flow.values, names: &mut self.flow.names, state: &mut state, unit }
            .bare(name, site(id));
        match self.flow.values.get(value) {
            Value::Concat(parts) => parts[0] == held,
            _ => value == held,
        }
    }

    /// A thing as a person names it: its text, or the word as written where that is not known.
    fn shown(&self, placed: &Placed) -> String {
        let (rendered, _) = self.flow.values.render(placed.value);
        match placed.span.map(|span| self.written(span)) {
            Some(written) if rendered.contains(HOLE) => unquoted(&written),
            _ if rendered.contains(HOLE) => self.flow.values.display(placed.value, &self.flow.names),
            // What is no more than an object is called by the words that follow.
            _ => rendered.strip_prefix("object ").map(str::to_owned).unwrap_or(rendered),
        }
    }

    /// The variable at the front of a path that, being empty, leaves the root or a system directory to be deleted.
    fn risky_value(&mut self, value: ValueId) -> Option<ThingId> {
        let Value::Concat(parts) = self.flow.values.get(value).clone() else { return None };
        let first = parts[0];
        match self.flow.values.get(first) {
            Value::Environment(_, name) if matches!(&**name, "HOME" | "PWD" | "$(pwd)") || name.starts_with('~') => {
                return None;
            }
            Value::Environment(..)
            | Value::Positional(..)
            | Value::Output(_)
            | Value::Phi(..)
            | Value::Derived(..)
            | Value::Unknown(_)
            | Value::Default(..) => {}
            _ => return None,
        }
        let mut dummy = self.flow.inputs.get(self.flow.graph.units[0].entry)?.clone();
        let set = Expander { values: &mut self.flow.values, names: &mut self.flow.names, state: &mut dummy, unit: 0 }
            .is_set(first);
        if set
            || self
                .flow
                .values
                .alternatives(first)
                .iter()
                .any(|&other| self.flow.values.text(other).is_some_and(|text| !text.is_empty()))
        {
            return None;
        }
        let rest: String = parts[1..].iter().map(|&part| self.flow.values.render(part).0).collect();
        let below = rest.strip_prefix('/')?;
        let top = below.trim_start_matches('/').split('/').next().unwrap_or_default();
        // Quoted, a star is a name; and `rm` itself refuses the root.
        let expands = parts[1..].iter().any(|&part| matches!(self.flow.values.get(part), Value::Pattern(_)));
        if top.contains('*') && !expands {
            return None;
        }
        let system = matches!(
            top,
            "*" | ".*"
                | "."
                | "bin"
                | "boot"
                | "data"
                | "dev"
                | "etc"
                | "home"
                | "lib"
                | "lib64"
                | "mnt"
                | "opt"
                | "root"
                | "sbin"
                | "srv"
                | "sys"
                | "usr"
                | "var"
                | "var*"
        );
        let alone = below.trim_start_matches('/').split('/').nth(1).is_none();
        (system && (alone || top.starts_with('*'))).then(|| self.value_thing(first))
    }

    fn redirect(
        &mut self,
        id: NodeId,
        redirect: &Redirect,
        around: Around,
        state: &State,
        step: &mut Step,
        words: &[Evaluated],
    ) {
        if redirect.kind == RedirectKind::Input {
            let mut state = state.clone();
            let value = self.word(id, &redirect.target, &mut state).value;
            step.reads.push(self.path(value, around.root, &state));
            return;
        }
        let operator = match redirect.kind {
            RedirectKind::Output | RedirectKind::Both if state.noclobber == Flag::On => ">C",
            RedirectKind::Output | RedirectKind::Clobber | RedirectKind::Both => ">",
            RedirectKind::Append | RedirectKind::BothAppend => ">>",
            _ => return,
        };
        // Errors that go to a file are a log of the run, not content.
        if redirect.descriptor.is_some_and(|descriptor| descriptor != 1) {
            return;
        }
        let mut state = state.clone();
        let target = self.evaluated(id, &redirect.target, &mut state);
        let first = Evaluated {
            value: self.flow.values.constant(operator),
            argument: Argument::literal(operator),
            span: redirect.span,
        };
        let pair = [first, target.clone()];
        let arguments: Vec<Argument> = pair.iter().map(|word| word.argument.clone()).collect();
        let Some(found) = self.knowledge.command(&arguments) else { return };
        let before = self.occurrences.len();
        let piped = matches!(&self.flow.graph.node(id).kind, Kind::Simple(simple) if simple.pipeline.is_some());
        let place = Place {
            spot: Spot::of(self.source, around.span, around.statement, around.alone, piped),
            elsewhere: around.root.is_some(),
        };
        self.matched(id, &found, &pair, around.root, &state, step, &place);
        let path = self.path(target.value, around.root, &state);
        let name =
            words.first().map_or("", |word| word.argument.text.rsplit('/').next().unwrap_or_default()).to_owned();
        let text = if operator == ">>" { self.appended(id, words, path, &name, &mut state) } else { None };
        for occurrence in &mut self.occurrences[before..] {
            occurrence.command = name.as_str().into();
            if let [Part { kind: PartKind::Parameter(parameter), .. }] = unquoted_parts(&redirect.target)
                && self.knowledge.name_class(&parameter.name) == Some(PathClass::Stream)
            {
                occurrence.class = PathClass::Stream;
            }
            occurrence.operand = Some(redirect.target.span);
            occurrence.target_written = Some(
                String::from_utf8_lossy(self.source.get(redirect.target.span.range()).unwrap_or_default()).into_owned(),
            );
            occurrence.option_at = None;
            occurrence.text = text;
            occurrence.text_written =
                words.get(1).map(|word| word.span).filter(|_| words.len() == 2).map(|span| {
                    String::from_utf8_lossy(self.source.get(span.range()).unwrap_or_default()).into_owned()
                });
        }
    }

    /// The text that `echo`, `printf` or `cat <<EOF` adds to a file.
    fn appended(
        &mut self,
        id: NodeId,
        words: &[Evaluated],
        path: ThingId,
        name: &str,
        state: &mut State,
    ) -> Option<ThingId> {
        let text = match name {
            "echo" | "printf" => words.get(1)?.value,
            "cat" if words.len() == 1 => {
                let Kind::Simple(node) = self.flow.graph.node(id).kind.clone() else { return None };
                let heredoc = node.command.redirects.iter().find_map(|redirect| redirect.heredoc.as_ref())?;
                let unit = self.flow.graph.node(id).unit.0;
                Expander { values: &mut self.flow.values, names: &mut self.flow.names, state, unit }
                    .quoted(&heredoc.parts)
            }
            _ => return None,
        };
        let thing = self.things.get(path).clone();
        Some(self.things.intern(Thing { kind: ThingKind::Text, root: thing.root, key: vec![thing.key[0], text] }))
    }
}

/// What a redirect stands at.
#[derive(Clone, Copy, Debug)]
struct Around {
    span: Span,
    statement: Span,
    alone: bool,
    root: Option<ValueId>,
}

/// Where a command stands.
#[derive(Clone, Debug)]
struct Place {
    spot: Spot,
    elsewhere: bool,
}

/// A thing with the value and the word that name it.
#[derive(Clone, Debug)]
struct Placed {
    thing: ThingId,
    value: ValueId,
    span: Option<Span>,
    kind: ThingKind,
}

/// Whether a `cd` goes up, or to a directory that the script was in.
fn goes_back(target: &Evaluated, values: &Values) -> bool {
    let text = &target.argument.text;
    let was_there = |value: &Value| matches!(value, Value::Environment(_, name) if matches!(&**name, "OLDPWD" | "PWD" | "$(pwd)" | "HOME"));
    (!text.is_empty() && text.split('/').all(|part| part == ".." || part == "." || part.is_empty()))
        || was_there(values.get(target.value))
        || matches!(values.get(target.value), Value::Fresh(_))
}

/// Whether another shell reads this word as one word again.
fn plain(argument: &Argument) -> bool {
    !argument.text.is_empty()
        && argument
            .text
            .chars()
            .all(|character| character.is_alphanumeric() || "/._-+=:@,%\u{FFFC}".contains(character))
}

/// The parts of a word, without the double quotes around all of it.
fn unquoted_parts(word: &Word) -> &[Part] {
    match &word.parts[..] {
        [Part { kind: PartKind::DoubleQuoted(inner), .. }] => inner,
        parts => parts,
    }
}

/// A word as written, without quotes around it.
fn unquoted(written: &str) -> String {
    let trimmed =
        written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|inner| !inner.contains('"'));
    trimmed.unwrap_or(written).to_owned()
}
