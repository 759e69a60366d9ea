//! From a node to its step: words are evaluated, wrappers are taken off, knowledge is asked.

mod afar;
mod asked;
mod assigned;
mod class;
mod clients;
mod counts;
mod deletions;
mod folders;
mod forms;
mod found;
mod given;
mod globs;
mod handed_on;
mod input;
mod kept;
mod last_name;
mod marks;
mod names;
mod parents;
mod places;
mod processes;
mod prompts;
mod redirects;
mod remedies;
mod rewrite;
mod said;
mod same;
mod searches;
mod split;
mod things;
mod variables;
mod wrappers;
mod xargs;

pub(super) use asked::is_search;
pub(super) use class::gravest;
pub(super) use redirects::unquoted_parts;
pub(super) use wrappers::shell_text;

use super::conditions::Conditions;
use super::question::{Question, Relation};
use super::spot::Spot;
use super::step::{Assigned, Condition, Marks, Occurrence, Prints, Step};
use super::thing::{Fact, ThingId, Things};
use crate::flow::Flow;
use crate::flow::braces;
use crate::flow::exact::{is_silent, reads_file, site};
use crate::flow::expand::{Expanded, Expander};
use crate::flow::forest::constant;
use crate::flow::graph::{JobStep, Kind, NodeId, SimpleNode, Slot};
use crate::flow::only_substitution;
use crate::flow::state::{POSITIONAL, State};
use crate::flow::value::{Site, Value, ValueId, Values};
use crate::knowledge::{Argument, FactKind, HOLE, How, Input, Knowledge, PathClass, SecondRun, WordKind};
use crate::span::Span;
use crate::syntax::tree::{Part, PartKind, Simple, Word};
use hashbrown::{HashMap, HashSet};

pub use assigned::AssignedAnywhere;
use folders::Folders;
use forms::Place;
use found::Innermost;
pub use names::base_of_name;
pub(super) use parents::spare_made;
pub use prompts::ASKS_PERSON;
use prompts::is_prompted;
use redirects::Around;

/// Failing is one of its answers.
pub const ANSWERS_BY_STATUS: &str = "answers-by-status";

/// It prints the copy that it makes.
const PRINTS_COPY: &str = "prints-copy";
/// It does nothing without a server that answers.
pub const NEEDS_SERVER: &str = "needs-server";

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
    /// What files are by what the script does with them beside another one.
    pub beside: HashMap<ValueId, PathClass>,
    /// What was looked for, by the output of the search.
    pub searches: HashMap<ValueId, ThingId>,
    /// Substitutions by their first byte that show a file or its sum, and were kept in a variable.
    pub shown: HashMap<Site, ThingId>,
    /// Substitutions by their first byte that show a part of a file, and were kept in a variable.
    pub excerpts: HashMap<Site, ThingId>,
    /// Where that is found which a variable holds all of, by its value: files and listings.
    pub kept: HashMap<ValueId, ValueId>,
    /// The marks that are asked about.
    pub marks: Marks,
    /// The marks that names of functions and commands give, as far as they were asked for.
    pub marks_by_name: HashMap<Box<str>, std::rc::Rc<[Box<str>]>>,
    /// Substitutions by their first byte that print the process numbers of a service.
    pub processes: HashMap<Site, ThingId>,
    /// Substitutions by their first byte in which something runs that may be a function of a file that was not read.
    pub unread: HashSet<Site>,
    /// What the script assigns anywhere.
    pub assigned_anywhere: AssignedAnywhere,
    /// The directories below which the script names something.
    pub folders: Folders,
    /// A limit on the work was met.
    pub overrun: bool,
}

impl<'a, 't> Resolver<'a, 't> {
    /// One that has seen nothing yet.
    pub fn over(flow: &'a mut Flow<'t>, things: &'a mut Things, knowledge: &'a Knowledge, source: &'a [u8]) -> Self {
        Self {
            folders: Folders::of(flow),
            flow,
            things,
            knowledge,
            source,
            occurrences: Vec::new(),
            trees: HashSet::new(),
            beside: HashMap::new(),
            searches: HashMap::new(),
            shown: HashMap::new(),
            excerpts: HashMap::new(),
            kept: HashMap::new(),
            marks: Marks::default(),
            marks_by_name: HashMap::new(),
            processes: HashMap::new(),
            unread: HashSet::new(),
            assigned_anywhere: AssignedAnywhere::default(),
            overrun: false,
        }
    }

    /// The step of a node that can be reached.
    pub fn resolve(&mut self, id: NodeId) -> Option<Step> {
        let state = std::rc::Rc::clone(self.flow.inputs.get(id)?);
        let mut step = self.step(id, &state)?;
        if let Some(condition) = &step.condition {
            let alike = self.alike(id, condition, &state);
            if !alike.is_empty() {
                step.rare_mut().alike = alike;
            }
        }
        Some(step)
    }

    fn step(&mut self, id: NodeId, state: &State) -> Option<Step> {
        let node = self.flow.graph.node(id);
        if !acts(&node.kind) {
            return None;
        }
        let (mut state, kind, span) = (State::clone(state), node.kind.clone(), node.span);
        match &kind {
            Kind::Simple(simple) => Some(self.simple(id, simple, &mut state)),
            Kind::Around(simple) => {
                let mut step = Step::default();
                let words = self.evaluated_all(id, simple.simple, &mut state);
                let root = simple.place.map(|place| self.place(id, place, &mut state));
                self.around(id, simple, &words, (root, &state), &mut step);
                Some(step)
            }
            Kind::Redirects { redirects, statement } => {
                let mut step = Step::default();
                for redirect in *redirects {
                    self.redirect(
                        id,
                        redirect,
                        Around { span, statement: *statement, alone: false, root: None },
                        &state,
                        &mut step,
                        &[],
                    );
                }
                Some(step)
            }
            Kind::Test(expression) => {
                let condition = Conditions { resolver: self, id, state: &mut state }.expression(expression);
                Some(Step { condition: Some(Box::new(condition)), ..Step::default() })
            }
            Kind::Arithmetic(arithmetic) => {
                let condition =
                    Conditions { resolver: self, id, state: &mut state }.arithmetic(arithmetic.expression.as_ref());
                let assigns = arithmetic.expression.iter().flat_map(|expression| self.computed(expression)).collect();
                Some(Step { condition: Some(Box::new(condition)), assigns, ..Step::default() })
            }
            Kind::Match { subject, patterns } => {
                let condition = Conditions { resolver: self, id, state: &mut state }.matching(subject, patterns);
                Some(Step { condition: Some(Box::new(condition)), ..Step::default() })
            }
            Kind::Code(words) => {
                let mut asked = Conditions { resolver: self, id, state: &mut state };
                let (condition, leaves) = (asked.code(words.first()), asked.status_left(words.first()));
                Some(Step { condition: Some(Box::new(condition)), leaves, ..Step::default() })
            }
            // The status of a job is set where it ends; that it is set at all is what is said here.
            Kind::Job(slot, JobStep::Started) => {
                Some(Step { assigns: thin_vec::thin_vec![(*slot, Assigned::Unknown)], ..Step::default() })
            }
            Kind::Item(looped) => {
                let number = self.flow.names.intern(&looped.name.text);
                let mounted = looped.items.as_ref().and_then(|(_, items)| self.mounted(id, items, &state));
                let ok = mounted.map(|thing| Fact { kind: FactKind::Exists, thing }).into_iter().collect();
                let item = self.flow.values.intern(Value::Item(site(id)));
                let assigned = match self.flow.values.last_item(item).filter(|last| !last.is_empty()) {
                    Some(last) => Assigned::Perhaps(last.into()),
                    None => Assigned::Unknown,
                };
                Some(Step { assigns: thin_vec::thin_vec![(Slot::Variable(number), assigned)], ok, ..Step::default() })
            }
            _ => None,
        }
    }

    fn simple(&mut self, id: NodeId, node: &SimpleNode<'t>, state: &mut State) -> Step {
        let mut step = Step::default();
        let before = state.clone();
        self.assigns(id, node, state, &mut step);
        let mut words: Vec<Evaluated> = Vec::with_capacity(node.simple.words.len());
        for word in &node.simple.words {
            for word in braces::expanded(word, self.flow.dialect).iter() {
                if let Some(elements) = self.elements(id, word, state) {
                    words.extend(elements.into_iter().map(|value| self.seen(value, false, word.span)));
                    continue;
                }
                let evaluated = self.evaluated(id, word, state);
                self.fall_apart(evaluated, &mut words);
            }
        }
        // What `${x:=…}` in a word sets.
        before.variables.differences(&state.variables, &mut |number, _, _| {
            let slot = Slot::Variable(number);
            if !step.assigns.iter().any(|&(known, _)| known == slot) {
                step.assigns.push((slot, Assigned::Unknown));
            }
        });
        let mut state = before;
        if let Some(first) = node.simple.words.first()
            && let Some(flag @ Slot::Variable(_)) = self.slot(first)
        {
            step.rare_mut().runs = Some(flag);
        }
        if let [only] = &node.simple.words[..]
            && let Some(start) = only_substitution(only)
        {
            step.condition = Some(Box::new(status_of_substitution(start)));
        }
        let gives = self.gives(id, node);
        if !gives.is_empty() {
            step.rare_mut().gives = gives;
        }
        let words = self.split_prefix(words);
        if !self.flow.calls.callees(id).is_empty() {
            self.mark_by_name(&words, &mut step);
            self.tried_by_function(&words, &mut step);
        } else if !words.is_empty() {
            let before = self.occurrences.len();
            self.command(id, node, words.clone(), &mut state, &mut step);
            if step.loses_status {
                step.lose_status();
                step.prints = Prints::Something;
                let stopped = |occurrence: &&mut Occurrence| occurrence.second_run == SecondRun::Fails;
                self.occurrences[before..].iter_mut().filter(stopped).for_each(|occurrence| {
                    occurrence.second_run = SecondRun::Ok;
                });
            }
            if step.around.iter().any(|mark| **mark == *xargs::SPLITS_NAMES) {
                let edits = self.whole_names(node);
                self.occurrences[before..].iter_mut().for_each(|occurrence| occurrence.edits.clone_from(&edits));
            }
            if let Some(Slot::Capture(start)) = node.capture.filter(|_| state.foreign && step.unknown) {
                self.unread.insert(start);
            }
            if let Some(prints) = self.asked(id, node, &words, &state) {
                step.prints = prints;
            }
        }
        if reads_file(node) {
            step.prints = Prints::Something;
        }
        let root = node.place.map(|place| self.place(id, place, &mut state));
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
        self.remember_process(node, &step);
        let mut copies = self.copied(id, node.simple, &state).into_iter().peekable();
        if copies.peek().is_some() {
            step.rare_mut().copies.extend(copies);
        }
        step
    }

    /// Evaluates a word.
    pub fn word(&mut self, id: NodeId, word: &Word, state: &mut State) -> Expanded {
        let unit = self.flow.graph.node(id).unit.0;
        Expander { values: &mut self.flow.values, names: &mut self.flow.names, state, unit }.word(word)
    }

    /// A word as knowledge sees it.
    pub fn evaluated(&mut self, id: NodeId, word: &Word, state: &mut State) -> Evaluated {
        let Expanded { value, splits } = self.word(id, word, state);
        // An unquoted glob alone is one word for most purposes.
        let splits = splits
            && !word.parts.iter().all(|part| !matches!(part.kind, PartKind::Parameter(_) | PartKind::Command(_)));
        self.seen(value, splits || is_row(word), word.span)
    }

    /// The words of a command as knowledge sees them.
    pub fn evaluated_all(&mut self, id: NodeId, simple: &Simple, state: &mut State) -> Vec<Evaluated> {
        simple.words.iter().map(|word| self.evaluated(id, word, state)).collect()
    }

    /// The words that a word stands for which is all of an array, where they are known.
    fn elements(&mut self, id: NodeId, word: &Word, state: &mut State) -> Option<Vec<ValueId>> {
        let unit = self.flow.graph.node(id).unit.0;
        Expander { values: &mut self.flow.values, names: &mut self.flow.names, state, unit }.elements(word)
    }

    fn seen(&self, value: ValueId, splits: bool, span: Span) -> Evaluated {
        let (mut text, _) = self.flow.values.render(value);
        // `$action` that is `start` or `restart`: one of them stands for both.
        let alternatives = self.flow.values.alternatives(value);
        if text.contains(HOLE) && !alternatives.is_empty() {
            let known: Option<Vec<&str>> = alternatives.iter().map(|&other| self.flow.values.text(other)).collect();
            if let Some(word) = known.and_then(|known| known.into_iter().max_by_key(|word| word.len())) {
                word.clone_into(&mut text);
            }
        }
        let holds_more = self.folders.has(&text);
        Evaluated { value, argument: Argument { text, splits, holds_more }, span }
    }

    /// The variable of a word that is one of several plain words, and which of them stands for all.
    fn chosen_text(&self, word: &Evaluated) -> Option<(Slot, Box<str>)> {
        let Value::Phi(_, variable) = *self.flow.values.get(word.value) else { return None };
        let is_plain =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let is_one = || is_plain(&word.argument.text) && !self.flow.values.alternatives(word.value).is_empty();
        (variable < POSITIONAL && is_one()).then(|| (Slot::Variable(variable), word.argument.text.as_str().into()))
    }

    /// The thing of kind path for a value.
    pub fn path(&mut self, value: ValueId, root: Option<ValueId>, state: &State) -> ThingId {
        self.things.path(value, state.directory, root, &mut self.flow.values)
    }

    /// The bytes of a span as text.
    pub fn written(&self, span: Span) -> String {
        String::from_utf8_lossy(self.source.get(span.range()).unwrap_or_default()).into_owned()
    }

    fn command(
        &mut self,
        id: NodeId,
        node: &SimpleNode<'t>,
        words: Vec<Evaluated>,
        state: &mut State,
        step: &mut Step,
    ) {
        if let Some(chosen) = words.iter().skip(1).find_map(|word| self.chosen_text(word)) {
            step.rare_mut().chosen = Some(chosen);
        }
        let name = words[0].argument.text.rsplit('/').next().unwrap_or_default().to_owned();
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let answers = self.knowledge.answers_by_status(&arguments);
        if answers || in_container(&arguments).is_some_and(|inner| self.knowledge.answers_by_status(inner)) {
            step.marks.push(ANSWERS_BY_STATUS.into());
        }
        match name.as_str() {
            "[" | "test" => {
                let inner = &node.simple.words[1..];
                let condition = Conditions { resolver: self, id, state }.bracket(inner, name == "[");
                step.condition = Some(Box::new(condition));
                return;
            }
            // The status of jobs that are named is that of the last one.
            "wait" => {
                let is_option = |word: &Word| constant(word).is_some_and(|text| text.starts_with('-'));
                if let [_, jobs @ ..] = &node.simple.words[..]
                    && let Some(job) = jobs.last().filter(|_| !jobs.iter().any(is_option))
                {
                    step.condition = Some(Box::new(Conditions { resolver: self, id, state }.code(Some(job))));
                }
                return;
            }
            // Behind a line that is left open (`echo -n "Go on? "`), or with one of its own, it is a person who is read.
            "read"
                if is_prompted(words[1..].iter().map(|word| &*word.argument.text)) || self.is_behind_open_line(id) =>
            {
                self.mark(std::iter::once(ASKS_PERSON), step);
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
                    // Back to where the script was, or up: what fails there is no `cd` into something new. Nor is what
                    // leads where the script is.
                    None => step.fail.push(clean),
                    Some(target)
                        if target.value == state.directory
                            || matches!(target.argument.text.as_str(), "-" | "~")
                            || self.knowledge.is(&target.argument.text, WordKind::AlwaysThere)
                            || goes_back(&target, &self.flow.values)
                            || self.written(target.span).trim_matches(['"', '$', '{', '}']) == "OLDPWD"
                            || is_home(&target, state, &self.flow.values) =>
                    {
                        step.fail.push(clean);
                    }
                    Some(target) => {
                        step.fail_ends.push(clean);
                        // The same path on another host is another directory.
                        let root = node.place.map(|place| self.place(id, place, state));
                        let path = self.path(target.value, root, state);
                        let is_directory = Fact { kind: FactKind::IsDir, thing: path };
                        step.ok.push(is_directory);
                        step.ok.push(Fact { kind: FactKind::Exists, thing: path });
                        step.rare_mut().sure_if = Some(is_directory);
                    }
                }
                return;
            }
            "exit" | "return" | ":" | "true" | "false" | "set" | "shift" | "export" | "local" | "readonly"
            | "declare" | "typeset" | "unset" | "read" | "getopts" | "umask" | "shopt" | "trap" => {
                if !is_silent(&name, &node.simple.words[1..]) {
                    step.prints = Prints::Something;
                }
                return;
            }
            _ => {}
        }
        if name == "eval"
            && let [_, text] = &node.simple.words[..]
            && let Some(cleared) = self.cleared(id, text, state)
        {
            step.rare_mut().clears = Some(cleared);
        }
        step.sets_anything = matches!(name.as_str(), "." | "source" | "eval") && step.clears.is_none();
        step.overrides = matches!(name.as_str(), "." | "source")
            && words.get(1).is_some_and(|path| !crate::flow::is_library(&path.argument.text));
        step.prints = Prints::Something;
        let place = node.place.map(|place| self.place(id, place, state));
        self.around(id, node, &words, (place, state), step);
        let handed = self.handed(id, node, &words, state);
        let is_handed = handed.is_some();
        let Innermost { words, root, elsewhere, always } = self.innermost(id, place, (words, handed), state, step);
        if words.is_empty() {
            return;
        }
        if matches!(words[0].argument.text.rsplit('/').next(), Some("[" | "test")) {
            step.prints = Prints::Nothing;
            step.condition = Some(Box::new(self.wrapped_test(id, node, &words, root, state)));
            return;
        }
        let words = self.plain_search(id, node, words, state);
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        if self.knowledge.is(arguments[0].text.rsplit('/').next().unwrap_or_default(), WordKind::ReadsOperands) {
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
        let program = arguments[0].text.rsplit('/').next().unwrap_or_default();
        let searches = matches!(program, "grep" | "egrep" | "fgrep" | "pgrep" | "pidof");
        // What was looked for and found in a file was looked at.
        if searches {
            let looked: Vec<Fact> = step.reads.iter().map(|&thing| Fact { kind: FactKind::Differs, thing }).collect();
            step.ok.extend(looked);
        }
        if searches && !node.before.is_empty() {
            self.searched(id, node.before, &words, root, state, step);
        }
        if searches && let Some(path) = self.kept_input(id, &node.command.redirects, state) {
            self.searched_in(path, &words, root, state, step);
        }
        if root.is_none()
            && let Some((found, missing)) = self.awk_status(&words, state)
        {
            step.ok.extend(found);
            step.fail.extend(missing);
        }
        self.globbed(&words, root, state, step);
        self.has_answer(&words, root, step);
        if self.knowledge.needs_server(&arguments) {
            step.marks.push(NEEDS_SERVER.into());
        }
        let (text, source) = (self.input(id, node, state), self.source_of_input(id, node, state));
        let answers = searches || self.knowledge.answers_by_status(&arguments);
        let Some(found) = self.knowledge.fed(&arguments, Input { text: &text, source: &source }) else {
            self.done_there(self.occurrences.len(), answers, root, step);
            if searches {
                step.prints = printed_by_search(&arguments[1..]);
            } else {
                self.unknown(&words, root, state, step);
                self.mark_by_name(&words, step);
                self.act_by_name(id, &words, Spot::around(self.source, node));
            }
            return;
        };
        // A copy that is printed for the script itself to read is an answer.
        let is_read = node.capture.is_some() || self.is_queried(id);
        if is_read && found.form.marks.iter().any(|mark| **mark == *PRINTS_COPY) {
            return;
        }
        if found.form.quiet || answers_quietly(&arguments, self.knowledge) {
            step.prints = Prints::Nothing;
        } else if searches {
            step.prints = printed_by_search(&arguments[1..]);
        } else if found.form.fails_silently && !node.captures_errors {
            step.prints = Prints::UnlessFailed;
        }
        let place = Place { spot: Spot::around(self.source, node), elsewhere };
        let before = self.occurrences.len();
        self.matched(id, &found, &words, root, state, step, &place);
        self.started_elsewhere(step);
        self.mark_as_called(id, found.form, &words, state, before);
        // What is put there under the names that came in need not meet anything.
        if is_handed {
            for occurrence in self.occurrences[before..].iter_mut().filter(|one| one.how == How::Replace) {
                let named = self.flow.values.any(occurrence.target_value, &|piece| matches!(piece, Value::Pattern(_)));
                occurrence.exact &= !named;
            }
        }
        self.done_there(before, answers, root, step);
        // Where nothing came in, nothing was asked.
        if !always && step.asks {
            step.ok.clear();
            step.fail.clear();
        }
        self.given(node, &words, root, state, step);
    }

    /// An unknown command may change what its words name, and nothing else.
    fn unknown(&mut self, words: &[Evaluated], root: Option<ValueId>, state: &State, step: &mut Step) {
        let name = words[0].argument.text.rsplit('/').next().unwrap_or_default();
        // `$SETCOLOR_FAILURE`: how a message looks.
        let written = self.written(words[0].span);
        let is_of_message = written.starts_with('$') && words.len() == 1 && self.knowledge.is_message(&written);
        step.unknown =
            !is_of_message && !super::reads::only_reads(self.knowledge, name) && !self.knowledge.always_succeeds(name);
        if matches!(name, "." | "source" | "eval")
            || self.knowledge.always_succeeds(name)
            || super::reads::only_reads(self.knowledge, name)
        {
            return;
        }
        for word in &words[1..] {
            let text = &word.argument.text;
            if text.starts_with('/')
                || (text.starts_with(HOLE) && !text[HOLE.len_utf8()..].is_empty() && text.contains('/'))
            {
                let thing = self.path(word.value, root, state);
                step.rare_mut().doubtful.push(thing);
            }
        }
    }
}

/// Where a command is `$( … )` that printed nothing, its status is that of the substitution; else what was printed runs.
fn status_of_substitution(start: u32) -> Condition {
    let asked = |slot, question| Condition::Slot {
        slot,
        question,
        yes: thin_vec::ThinVec::new(),
        no: thin_vec::ThinVec::new(),
    };
    let printed = || Box::new(asked(Slot::Capture(start), Question::NonEmpty));
    let succeeded = Box::new(asked(Slot::Status, Question::Number(Relation::Equal, 0)));
    let nothing = Condition::And(Box::new(Condition::Not(printed())), succeeded);
    Condition::Or(Box::new(nothing), Box::new(Condition::And(printed(), Box::new(Condition::Unknown))))
}

/// What a search prints: nothing where it is asked for its status only.
fn printed_by_search(operands: &[Argument]) -> Prints {
    if asks_for_status(operands) { Prints::Nothing } else { Prints::OnSuccess }
}

/// Whether a command prints nothing, by itself or because it is asked for its status only.
pub(super) fn is_quiet(words: &[Argument], knowledge: &Knowledge) -> bool {
    words.is_empty()
        || answers_quietly(words, knowledge)
        || knowledge.command(words).is_some_and(|found| found.form.quiet)
}

/// Whether a command is told to answer by its status alone. Others print what they are asked for, and only leave out what
/// nobody asked: `psql -q`, `rpm -q`.
fn answers_quietly(words: &[Argument], knowledge: &Knowledge) -> bool {
    let [name, operands @ ..] = words else { return false };
    let name = name.text.rsplit('/').next().unwrap_or_default();
    (asked::is_search(name) || knowledge.is(name, WordKind::QuietAnswers)) && asks_for_status(operands)
}

fn asks_for_status(operands: &[Argument]) -> bool {
    asked::has_option(operands, &['q'], &["--quiet", "--silent"])
}

/// Whether a node of this kind does or proves anything.
fn acts(kind: &Kind<'_>) -> bool {
    matches!(
        kind,
        Kind::Simple(_)
            | Kind::Around(_)
            | Kind::Redirects { .. }
            | Kind::Test(_)
            | Kind::Arithmetic(_)
            | Kind::Match { .. }
            | Kind::Code(_)
            | Kind::Item(_)
            | Kind::Job(_, JobStep::Started)
    )
}

/// Whether a `cd` goes up, or to a directory that the script was in.
fn goes_back(target: &Evaluated, values: &Values) -> bool {
    let text = &target.argument.text;
    let was_there = |value: &Value| matches!(value, Value::Environment(_, name) if matches!(&**name, "PWD" | "HOME"));
    (!text.is_empty() && text.split('/').all(|part| part == ".." || part == "." || part.is_empty()))
        || was_there(values.get(target.value))
        || is_saved(target.value, values)
        || matches!(values.get(target.value), Value::Fresh(_))
}

/// Whether a target is the directory of the script itself, which was there when it was started from there.
fn is_home(target: &Evaluated, state: &State, values: &Values) -> bool {
    let is_script = |value: ValueId| matches!(values.get(value), Value::Positional(_, 0));
    let at_start = matches!(values.get(state.directory), Value::Environment(0, name) if &**name == "PWD");
    at_start
        && !target.argument.splits
        && matches!(values.get(target.value), Value::Derived(path, cut) if &**cut == "%/*" && is_script(*path))
}

/// Whether a value is what `pwd` printed: a directory that the script had chosen.
fn is_saved(value: ValueId, values: &Values) -> bool {
    let Value::Required(directory) = values.get(value) else { return false };
    matches!(values.get(*directory), Value::Constant(_) | Value::Concat(_) | Value::Phi(_, u32::MAX))
}

/// Whether a word is all of an array, or all parameters, and nothing else.
fn is_row(word: &Word) -> bool {
    let [Part { kind: PartKind::Parameter(parameter), .. }] = redirects::unquoted_parts(word) else { return false };
    &*parameter.name == "@" || parameter.subscript.as_ref().is_some_and(Word::is_all)
}

/// The search that a container is run for, where that is what its words say: `docker run --rm IMAGE grep x f`. Its status is that of
/// the search.
fn in_container(arguments: &[Argument]) -> Option<&[Argument]> {
    let [engine, run, rest @ ..] = arguments else { return None };
    let engine = engine.text.rsplit('/').next().unwrap_or_default();
    let is_search = |word: &Argument| matches!(word.text.as_str(), "grep" | "egrep" | "fgrep" | "pgrep");
    let at = rest.iter().position(is_search).filter(|&at| at > 0)?;
    (matches!(engine, "docker" | "podman") && run.text == "run").then(|| &rest[at..])
}
