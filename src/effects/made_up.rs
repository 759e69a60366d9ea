//! Where a value goes that the run has made up: into variables, through pipes and functions, into files, and from file to
//! file.
//!
//! ```sh
//! token=$(openssl rand -hex 16)
//! printf 'token = %s\n' "$token" > "$tmp"      # carries it
//! mv "$tmp" /etc/app/token                      # so does this
//! cp ca.crt /etc/app/ca.crt                     # and this does not
//! ```
//! Variables are followed by their names, wherever they are set: what may carry the value is taken to. What is asked of
//! the files is whether one that is written gets it, as a mark of the effect.

use super::carried::{names, names_in};
use super::placed::Placed;
use super::resolve::Resolver;
use super::step::{Handed, Occurrence, Step};
use super::thing::{Thing, ThingId, above};
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode, UnitId};
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{EffectKind, ThingKind, Touch};
use crate::span::Span;
use crate::syntax::tree::{AssignmentValue, PartKind, RedirectKind, Word};
use hashbrown::{HashMap, HashSet};

/// Commands that make one up.
const MAKES_SECRET: &str = "makes-secret";
/// Writes of one that this run has made up.
const NEW_SECRET: &str = "new-secret";

/// How often what carries it may grow.
const MOST_ROUNDS: usize = 8;

/// Marks the writes that get a value which the run has made up. Says whether all ways of the value were followed.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>], occurrences: &mut [Occurrence]) -> bool {
    let makes = |step: &Step| step.marks.iter().chain(&step.around).any(|mark| **mark == *MAKES_SECRET);
    if !steps.iter().flatten().any(|step| makes(step)) {
        return true;
    }
    let mut flowing = Flowing::default();
    for (at, step) in steps.iter().enumerate() {
        if step.as_deref().is_some_and(makes) {
            flowing.carrying.insert(NodeId(at as u32));
        }
    }
    // What is made at a place that nobody names may be copied from anywhere.
    let is_path = |thing: ThingId, resolver: &Resolver<'_, '_>| resolver.things.get(thing).kind == ThingKind::Path;
    flowing.anywhere = occurrences.iter().any(|occurrence| {
        occurrence.effect == EffectKind::Create
            && flowing.carrying.contains(&occurrence.node)
            && !is_path(occurrence.target, resolver)
    });
    let mut settled = false;
    for _ in 0..MOST_ROUNDS {
        let before = flowing.size();
        flowing.flow(resolver, steps, occurrences);
        settled = flowing.size() == before;
        if settled {
            break;
        }
    }
    for occurrence in occurrences.iter_mut().filter(|occurrence| occurrence.effect == EffectKind::Write) {
        let copied = occurrence.source.is_some_and(|source| flowing.anywhere || flowing.holds(source, resolver));
        if copied || flowing.carrying.contains(&occurrence.node) {
            occurrence.marks.push(NEW_SECRET.into());
            occurrence.handed = flowing.handed(occurrence.unit, resolver);
        }
    }
    settled
}

/// What carries the value.
#[derive(Default)]
struct Flowing {
    /// Commands that get it, print it or write it.
    carrying: HashSet<NodeId>,
    /// Variables.
    variables: HashSet<Box<str>>,
    /// Functions that are given it, each with the calls that do so.
    given: HashMap<UnitId, HashSet<NodeId>>,
    /// Files.
    files: HashSet<ThingId>,
    /// Directories that such a file lies in, and those right above one.
    directories: HashSet<(Option<ValueId>, ValueId)>,
    right_above: HashSet<(Option<ValueId>, ValueId)>,
    /// It was put where nobody knows.
    anywhere: bool,
}

impl Flowing {
    fn size(&self) -> [usize; 4] {
        let given = self.given.values().map(HashSet::len).sum();
        [self.carrying.len(), self.variables.len(), given, self.files.len()]
    }

    /// The calls that hand it to a function to which others hand something else: what is wrong is wrong there.
    fn handed(&self, unit: UnitId, resolver: &Resolver<'_, '_>) -> Option<Handed> {
        let handing = self.given.get(&unit)?;
        let all = resolver.flow.calls.of(unit).iter().map(|call| call.node);
        let (calls, others): (Vec<NodeId>, Vec<NodeId>) = all.partition(|call| handing.contains(call));
        let first = calls.iter().map(|&call| resolver.flow.graph.node(call).span).min_by_key(|span| span.start)?;
        (!others.is_empty()).then(|| Handed { mark: NEW_SECRET.into(), first, calls })
    }

    /// One round: from what carries it to what that leads to.
    fn flow(&mut self, resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>], occurrences: &[Occurrence]) {
        let graph = &resolver.flow.graph;
        let places: Placed<NodeId> = self.carrying.iter().map(|&id| (graph.node(id).span, id)).collect();
        let units: HashSet<UnitId> = self.carrying.iter().map(|&id| graph.node(id).unit).collect();
        for (at, step) in steps.iter().enumerate() {
            let id = NodeId(at as u32);
            let (Some(step), node) = (step.as_deref(), graph.node(id)) else { continue };
            let within = |span: Span| places.within(span).any(|inner| inner != id);
            match &node.kind {
                Kind::Simple(simple) => {
                    let is_filled = simple.before.iter().any(|stage| within(stage.span));
                    let is_filled =
                        is_filled || simple.command.redirects.iter().any(|redirect| within(redirect.target.span));
                    // What it edits in place it does not take out of it.
                    let edits = |thing: &ThingId| step.touches.iter().any(|(touched, _)| touched == thing);
                    let reads = step.reads.iter().any(|thing| self.files.contains(thing) && !edits(thing));
                    let callees = resolver.flow.calls.callees(id);
                    let used = self.is_used(simple, node.unit);
                    // `put key "$(openssl rand -hex 16)"` hands it on as well.
                    let hands_on = used || within(node.span);
                    if hands_on || is_filled || reads || callees.iter().any(|unit| units.contains(unit)) {
                        self.carrying.insert(id);
                    }
                    for &callee in callees.iter().filter(|_| hands_on) {
                        self.given.entry(callee).or_default().insert(id);
                    }
                    self.fill(simple, node.unit, is_filled || reads || used, &within);
                }
                Kind::Redirects { .. } if within(node.span) => drop(self.carrying.insert(id)),
                Kind::Item(looped) => {
                    let items = looped.items.iter().flat_map(|(_, items)| items);
                    if items.into_iter().any(|word| self.is_in(word, node.unit, &within)) {
                        self.variables.insert(looped.name.text.clone());
                    }
                }
                _ => {}
            }
        }
        self.reach_files(resolver, steps, occurrences);
    }

    /// Whether a command is given it: in its words, or by a heredoc.
    fn is_used(&self, simple: &SimpleNode<'_>, unit: UnitId) -> bool {
        // It fills in what it finds in the environment.
        if simple.name.as_deref() == Some("envsubst") {
            return !self.variables.is_empty();
        }
        let mut used = names(&simple.simple.words);
        for redirect in &simple.command.redirects {
            match (&redirect.heredoc, redirect.kind) {
                (Some(heredoc), _) => names_in(&heredoc.parts, &mut used),
                (None, RedirectKind::HereString) => names_in(&redirect.target.parts, &mut used),
                _ => {}
            }
        }
        used.iter().any(|name| self.is_carried_by(name, unit))
    }

    fn is_carried_by(&self, name: &str, unit: UnitId) -> bool {
        let is_parameter = name.bytes().all(|byte| byte.is_ascii_digit()) || matches!(name, "@" | "*");
        self.variables.contains(name) || is_parameter && self.given.contains_key(&unit)
    }

    fn is_in(&self, word: &Word, unit: UnitId, within: &dyn Fn(Span) -> bool) -> bool {
        within(word.span) || names(std::slice::from_ref(word)).iter().any(|name| self.is_carried_by(name, unit))
    }

    /// The variables that a command fills with it; `comes_in`: it is what the command reads.
    fn fill(&mut self, simple: &SimpleNode<'_>, unit: UnitId, comes_in: bool, within: &dyn Fn(Span) -> bool) {
        for assignment in simple.simple.assignments.iter().chain(&simple.simple.declared) {
            let is_in = match &assignment.value {
                AssignmentValue::Scalar(word) => self.is_in(word, unit, within),
                AssignmentValue::Array(words) => words.iter().any(|(_, word)| self.is_in(word, unit, within)),
            };
            if is_in {
                self.variables.insert(assignment.name.text.clone());
            }
        }
        let words = &simple.simple.words;
        match words.first().and_then(constant).as_deref() {
            Some("read" | "mapfile" | "readarray" | "printf") if comes_in => {
                let is_name = |name: &str| name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
                let operands = words[1..].iter().filter_map(constant);
                self.variables.extend(operands.filter(|name| is_name(name)).map(|name| Box::from(&*name)));
            }
            // `: "${key:=$(openssl rand -hex 16)}"`
            _ => {
                for word in words.iter().filter(|word| within(word.span)) {
                    let parts = super::resolve::unquoted_parts(word);
                    self.variables.extend(parts.iter().filter_map(|part| match &part.kind {
                        PartKind::Parameter(parameter) if within(part.span) => Some(parameter.name.clone()),
                        _ => None,
                    }));
                }
            }
        }
    }

    /// The files that get it, and what a variable that names one leads to.
    fn reach_files(
        &mut self,
        resolver: &mut Resolver<'_, '_>,
        steps: &[Option<Box<Step>>],
        occurrences: &[Occurrence],
    ) {
        let mut reached: Vec<ThingId> = Vec::new();
        for occurrence in occurrences {
            let makes = matches!(occurrence.effect, EffectKind::Write | EffectKind::Create | EffectKind::Restore);
            let copied = occurrence.source.is_some_and(|source| self.holds(source, resolver));
            if !makes || !copied && !self.carrying.contains(&occurrence.node) {
                continue;
            }
            reached.push(occurrence.target);
            // A function that is given such a name reads it under its own; what is `$1` here is something else elsewhere.
            let written = occurrence.target_written.as_deref().unwrap_or_default().trim_matches('"');
            let name = written.strip_prefix('$').map(|name| name.trim_matches(['{', '}']));
            self.variables.extend(name.filter(|name| is_plain(name)).map(Box::from));
        }
        // In one order: values get their numbers as they are made.
        let mut carrying: Vec<NodeId> = self.carrying.iter().copied().collect();
        carrying.sort_unstable();
        for node in carrying {
            let touches = steps[node.0 as usize].iter().flat_map(|step| &step.touches);
            reached.extend(touches.filter(|(_, touch)| *touch != Touch::Removed).map(|&(thing, _)| thing));
        }
        for thing in reached {
            let Thing { kind, root, key } = resolver.things.get(thing).clone();
            if kind != ThingKind::Path || !self.files.insert(thing) {
                continue;
            }
            let directories = above(key[0], &mut resolver.flow.values);
            self.right_above.extend(directories.first().map(|&directory| (root, directory)));
            self.directories.extend(directories.into_iter().map(|directory| (root, directory)));
        }
    }

    /// Whether it is in what is copied: in the file itself, in the tree, or in one of the files of a pattern.
    fn holds(&self, source: ThingId, resolver: &mut Resolver<'_, '_>) -> bool {
        let Thing { root, key, .. } = resolver.things.get(source).clone();
        let values = &mut resolver.flow.values;
        let is_pattern = values.any(key[0], &|piece| matches!(piece, Value::Pattern(_)));
        let mut in_pattern = || above(key[0], values).first().is_some_and(|&at| self.right_above.contains(&(root, at)));
        self.files.contains(&source) || self.directories.contains(&(root, key[0])) || is_pattern && in_pattern()
    }
}

fn is_plain(name: &str) -> bool {
    let is_name = |first: u8| first.is_ascii_alphabetic() || first == b'_';
    name.bytes().next().is_some_and(is_name) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
