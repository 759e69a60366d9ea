//! Loops as effects: what ends them, whether they wait between two turns, and what they do in each.
//!
//! ```sh
//! n=0
//! until pg_isready -q; do            # bounded: on every way round something that it tests has moved
//!     n=$((n + 1)); [ $n -lt 30 ] || exit 1
//!     sleep 2                        # delayed: on every way round it has slept
//! done
//! ```
//! The properties are marks of the effect, beside those of the commands within: rules say which of them are a hazard.

mod awaits;
mod counted;

use super::resolve::Resolver;
use super::spot::Spot;
use super::step::{Assigned, Condition, Step};
use super::thing::{Fact, ThingId};
use crate::flow::graph::{Edge, Kind, Loop, NodeId, Slot, UnitId};
use crate::knowledge::{EffectKind, How, ThingKind, Touch};
use crate::span::Span;
use hashbrown::{HashMap, HashSet};
use thin_vec::ThinVec;

pub use counted::free_name;

/// Nothing within leads out of it, and no question ends it.
const ENDLESS: &str = "endless";
/// It ends by what the world answers and nothing else, and on some way round nothing has moved that it tests.
const UNBOUNDED: &str = "unbounded";
/// On some way round it has not slept.
const UNDELAYED: &str = "undelayed";
/// It sleeps for longer from turn to turn.
const BACKS_OFF: &str = "backs-off";
/// Something within changes the world, or nobody knows what it does.
const ACTS: &str = "acts";

/// Something within is known to change the world.
const CHANGES: &str = "changes";

/// A command that waits before the next turn.
const SLEEPS: &str = "sleeps";

/// Names by which a script asks for the time.
const CLOCKS: [&str; 6] = ["SECONDS", "EPOCHSECONDS", "EPOCHREALTIME", "date", "uptime", "timeout"];

/// More nodes than this are not looked at for the first question of a loop.
const MOST_STEPS: usize = 8;

/// What is asked of one loop.
struct Turn<'a, 'r, 't> {
    resolver: &'a Resolver<'r, 't>,
    steps: &'a [Option<Box<Step>>],
    live: &'a [u8],
    body: &'a Loop,
}

/// Adds an effect for every loop that is come to.
pub fn occur(resolver: &mut Resolver<'_, '_>, steps: &[Option<Box<Step>>], live: &[u8]) {
    let loops = std::mem::take(&mut resolver.flow.graph.loops);
    let acting: HashMap<NodeId, EffectKind> =
        resolver.occurrences.iter().map(|occurrence| (occurrence.node, occurrence.effect)).collect();
    let texts: Vec<(Span, &[Box<str>])> = texts(resolver, steps);
    let free_name = free_name(resolver.source);
    for body in &loops {
        if resolver.flow.inputs.get(body.front).is_none() {
            continue;
        }
        let turn = Turn { resolver, steps, live, body };
        let mut marks = turn.marks(&acting);
        let never_turns = turn.never_turns();
        // `timeout 60 sh -c 'until …'`
        let around = texts.iter().filter(|(span, _)| span.start <= body.span.start && body.span.end <= span.end);
        marks.extend(around.flat_map(|(_, marks)| marks.iter().cloned()));
        let (span, how) = (header(body), if body.over_items { How::Items } else { How::Repeat });
        let spot = Spot::of(resolver.source, body.span, body.span, true, false);
        let is_paced = !marks.iter().any(|mark| **mark == *UNDELAYED);
        let spot = Spot {
            span,
            turn: counted::turn(resolver.source, body, &spot, (free_name, is_paced)).map(Box::new),
            ..spot
        };
        resolver.occur_as_step(body.front, (EffectKind::Loop, how), body.asked, spot, marks, |occurrence| {
            occurrence.not_where = never_turns;
        });
    }
    resolver.flow.graph.loops = loops;
}

/// The commands that have a shell run a text, and the marks of what they are run by.
fn texts<'s>(resolver: &Resolver<'_, '_>, steps: &'s [Option<Box<Step>>]) -> Vec<(Span, &'s [Box<str>])> {
    let nodes = resolver.flow.graph.nodes.iter().zip(steps);
    let around = nodes.filter(|(node, _)| matches!(node.kind, Kind::Around(_)));
    around.filter_map(|(node, step)| Some((node.span, &step.as_ref()?.around[..]))).collect()
}

/// The first line of a loop: from its word to the end of what it asks.
fn header(body: &Loop) -> Span {
    Span::new(body.span.start, body.asked.end.max(body.span.start))
}

impl Turn<'_, '_, '_> {
    fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        (self.body.head.0..self.body.end.0).map(NodeId)
    }

    fn is_inside(&self, node: NodeId) -> bool {
        (self.body.head.0..self.body.end.0).contains(&node.0) && node != self.body.out
    }

    /// What is known of a path where the first question of the first turn ends the loop: `while [ ! -f X ]`.
    fn never_turns(&self) -> ThinVec<Fact> {
        let Some(first) = self.first_question().filter(|&node| self.decides(node)) else { return ThinVec::new() };
        let condition = self.steps[first.0 as usize].as_ref().and_then(|step| step.condition.as_ref());
        let mut edges = self.resolver.flow.graph.node(first).edges.iter();
        let out = edges.find(|&(edge, to)| matches!(edge, Edge::Ok | Edge::Fail) && self.leads_out(to));
        let (Some(condition), Some((edge, _))) = (condition, out) else { return ThinVec::new() };
        let facts = condition.asks_for(edge == Edge::Ok);
        // What comes with the answer is of other things.
        let is_of_path =
            |fact: &Fact| fact.thing == facts[0].thing && self.resolver.things.get(fact.thing).kind == ThingKind::Path;
        facts.iter().copied().filter(is_of_path).collect()
    }

    /// What is asked first in every turn, where that is one question.
    fn first_question(&self) -> Option<NodeId> {
        let mut at = self.body.head;
        for _ in 0..MOST_STEPS {
            let mut ahead = self.edges(at);
            let (next, None) = (ahead.next()?, ahead.next()) else { return None };
            match self.resolver.flow.graph.node(next).kind {
                Kind::Join | Kind::Status(_) => at = next,
                _ => return Some(next),
            }
        }
        None
    }

    fn edges(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let live = self.live[node.0 as usize];
        let edges = self.resolver.flow.graph.node(node).edges.iter();
        edges.filter(move |(edge, _)| live & edge.bit() != 0).map(|(_, to)| to)
    }

    fn marks(&self, acting: &HashMap<NodeId, EffectKind>) -> Vec<Box<str>> {
        let mut marks: Vec<Box<str>> = Vec::new();
        let mut add = |mark: &str| {
            if !marks.iter().any(|known| **known == *mark) {
                marks.push(mark.into());
            }
        };
        let deciders: Vec<NodeId> = self.nodes().filter(|&node| self.decides(node)).collect();
        let moving = self.moving(&deciders);
        if !self.body.over_items {
            let tested = self.tested(&deciders);
            let asked = self.asked_things(&deciders);
            let moves = |node| {
                moving.get(&node).is_some_and(|moved| moved.iter().any(|name| tested.contains(&**name)))
                    || self.asks_the_time(node)
                    || self.takes_up(node)
                    || self.takes_away(node, &asked)
            };
            if !self.ends() {
                add(ENDLESS);
            } else if self.asks_the_world(&deciders) && self.comes_round(&moves) {
                add(UNBOUNDED);
                self.awaited(&deciders).into_iter().for_each(&mut add);
            }
        }
        if self.comes_round(&|node| self.has_mark(node, SLEEPS)) {
            add(UNDELAYED);
        }
        let moved: HashSet<&str> = moving.values().flatten().map(|name| &**name).collect();
        for node in self.nodes() {
            let step = self.steps[node.0 as usize].as_deref();
            if self.has_own_mark(node, SLEEPS) && names(&self.written(node)).any(|word| moved.contains(word)) {
                add(BACKS_OFF);
            }
            step.iter().flat_map(|step| step.marks.iter().chain(&step.around)).for_each(|mark| add(mark));
            // What is asked only asks, whoever it is.
            let is_asked = self.is_asked(node);
            let calls = !self.resolver.flow.calls.callees(node).is_empty();
            let unknown = calls || step.is_some_and(|step| step.unknown);
            if acting.contains_key(&node) || unknown && !is_asked {
                add(ACTS);
            }
            // A file that is written may be the script's own note.
            let is_note =
                |effect: &EffectKind| matches!(effect, EffectKind::Write | EffectKind::Remote | EffectKind::Directory);
            if acting.get(&node).is_some_and(|effect| !is_note(effect)) {
                add(CHANGES);
            }
        }
        marks
    }

    /// Whether a node stands in what every turn is asked for.
    fn is_asked(&self, node: NodeId) -> bool {
        let (asked, span) = (self.body.asked, self.resolver.flow.graph.node(node).span);
        !self.body.over_items && asked.start <= span.start && span.end <= asked.end
    }

    fn written(&self, node: NodeId) -> String {
        self.resolver.written(self.resolver.flow.graph.node(node).span)
    }

    /// Whether something within leads out of it.
    fn ends(&self) -> bool {
        let leaves = |node: NodeId| {
            let fails = |to: &NodeId| matches!(self.resolver.flow.graph.node(*to).kind, Kind::End(Edge::ExitFail));
            self.edges(node).any(|to| !self.is_inside(to) && !fails(&to))
        };
        // Who goes on until something fails is a service.
        self.nodes().filter(|&node| node != self.body.out && !self.is_failure(node)).any(leaves)
    }

    /// Whether a node ends the script, or a function, with a code that is written out and is no success.
    fn is_failure(&self, node: NodeId) -> bool {
        match &self.resolver.flow.graph.node(node).kind {
            Kind::Code([code, ..]) => self.resolver.written(code.span).parse().is_ok_and(|code: i64| code != 0),
            _ => false,
        }
    }

    /// Whether all that decides about its end is an answer of the world: that of a command, or a test of a file or of what
    /// a command in the loop printed. Where the script's own variables decide, it may have its reasons.
    fn asks_the_world(&self, deciders: &[NodeId]) -> bool {
        let printed = self.printed_within();
        !deciders.is_empty() && deciders.iter().all(|&node| self.is_world(node, &printed))
    }

    /// Whether one outcome of a node leads out of the loop, with nothing that acts between, and another does not.
    fn decides(&self, node: NodeId) -> bool {
        let is_question = matches!(
            self.resolver.flow.graph.node(node).kind,
            Kind::Simple(_) | Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. }
        );
        if !is_question || node == self.body.out || self.has_own_mark(node, SLEEPS) {
            return false;
        }
        let (mut leaves, mut stays) = (false, false);
        for to in self.edges(node) {
            let out = self.leads_out(to);
            leaves |= out;
            stays |= !out;
        }
        leaves && stays
    }

    /// Whether a way leads out from a node, past nodes only that do nothing themselves.
    fn leads_out(&self, from: NodeId) -> bool {
        let mut seen = HashSet::new();
        let mut waiting = vec![from];
        while let Some(node) = waiting.pop() {
            let kind = &self.resolver.flow.graph.node(node).kind;
            if matches!(kind, Kind::End(Edge::ExitFail)) {
                continue;
            }
            if !self.is_inside(node) {
                return true;
            }
            let passes = !matches!(kind, Kind::Simple(_) | Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. });
            if passes && node != self.body.head && seen.insert(node) {
                waiting.extend(self.edges(node));
            }
        }
        false
    }

    fn is_world(&self, node: NodeId, printed: &HashSet<u32>) -> bool {
        let Some(step) = self.steps[node.0 as usize].as_deref() else { return false };
        let kind = &self.resolver.flow.graph.node(node).kind;
        let Some(condition) = &step.condition else { return matches!(kind, Kind::Simple(_)) };
        let mut is_world = true;
        condition.each(&mut |asked| {
            is_world &= match asked {
                Condition::Facts { yes, no, .. } => {
                    let of_world = |fact: &Fact| self.resolver.things.get(fact.thing).kind != ThingKind::Value;
                    yes.iter().chain(no).any(of_world)
                }
                Condition::Slot { slot: Slot::Capture(_) | Slot::Status, .. } => true,
                Condition::Slot { slot: Slot::Variable(number), .. } => printed.contains(number),
                // What a command prints is compared with what a variable holds: `[ "$(redis-cli LASTSAVE)" = "$saved" ]`.
                Condition::Unknown => self.prints_answer(node),
                _ => false,
            };
        });
        is_world
    }

    /// Whether a test has what a command prints in its words. Jobs of the script's own come to an end.
    fn prints_answer(&self, node: NodeId) -> bool {
        let written = self.written(node);
        let is_test = written.starts_with('[') || written.starts_with("test ");
        is_test && (written.contains("$(") || written.contains('`')) && !names(&written).any(|word| word == "jobs")
    }

    /// The variables that take up what a command prints, in the loop.
    fn printed_within(&self) -> HashSet<u32> {
        let steps = self.nodes().filter_map(|node| self.steps[node.0 as usize].as_deref());
        let taken = steps.flat_map(|step| &step.assigns).filter_map(|(slot, assigned)| match (slot, assigned) {
            (Slot::Variable(number), Assigned::Copy(Slot::Capture(_) | Slot::Status)) => Some(*number),
            _ => None,
        });
        taken.collect()
    }

    /// What the questions are about that decide about the end.
    fn asked_things(&self, deciders: &[NodeId]) -> HashSet<ThingId> {
        let mut things = HashSet::new();
        for node in deciders {
            let Some(step) = self.steps[node.0 as usize].as_deref() else { continue };
            things.extend(step.ok.iter().chain(&step.fail).map(|fact| fact.thing));
            if let Some(condition) = &step.condition {
                condition.each(&mut |asked| {
                    if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = asked {
                        things.extend(yes.iter().chain(no).map(|fact| fact.thing));
                    }
                });
            }
        }
        things
    }

    /// Whether a node takes away what is asked for: `while iptables -C RULE; do iptables -D RULE; done`.
    fn takes_away(&self, node: NodeId, asked: &HashSet<ThingId>) -> bool {
        let step = self.steps[node.0 as usize].as_ref();
        let takes = |(thing, touch): &(ThingId, Touch)| *touch == Touch::Removed && asked.contains(thing);
        step.is_some_and(|step| step.touches.iter().any(takes))
    }

    /// Whether a node takes up what is left of something that comes to an end: input, options, the way up.
    fn takes_up(&self, node: NodeId) -> bool {
        let Kind::Simple(simple) = &self.resolver.flow.graph.node(node).kind else { return false };
        let command = simple.simple.words.first().map(|word| self.resolver.written(word.span));
        matches!(command.as_deref(), Some("read" | "getopts" | "mapfile" | "readarray" | "cd" | "popd"))
    }

    /// Whether a turn can come back to its head without passing such a node.
    fn comes_round(&self, is_such: &dyn Fn(NodeId) -> bool) -> bool {
        let mut seen = HashSet::new();
        let mut waiting: Vec<NodeId> = self.edges(self.body.head).collect();
        while let Some(node) = waiting.pop() {
            if node == self.body.head {
                return true;
            }
            if self.is_inside(node) && seen.insert(node) && !is_such(node) {
                waiting.extend(self.edges(node));
            }
        }
        false
    }

    /// The nodes that move variables on, themselves or in functions that they call, and which.
    fn moving(&self, deciders: &[NodeId]) -> HashMap<NodeId, Vec<Box<str>>> {
        let files = self.asked_files(deciders);
        let mut of_units: HashMap<UnitId, Vec<Box<str>>> = HashMap::new();
        let mut moving = HashMap::new();
        for node in self.nodes() {
            let mut moved = self.moved(node, &files);
            for unit in self.called(node) {
                let inner = &self.resolver.flow.orders.unit(unit).nodes;
                let of_unit = of_units
                    .entry(unit)
                    .or_insert_with(|| inner.iter().flat_map(|&at| self.moved(at, &files)).collect());
                moved.extend(of_unit.iter().cloned());
            }
            if !moved.is_empty() {
                moving.insert(node, moved);
            }
        }
        moving
    }

    /// Whether a test has an answer with which the script is over, whatever is told of it.
    fn gives_up(&self, node: NodeId) -> bool {
        let ends = |from: NodeId| {
            let mut seen: HashSet<NodeId> = HashSet::from([from]);
            let mut waiting = vec![from];
            while let Some(at) = waiting.pop() {
                match self.resolver.flow.graph.node(at).kind {
                    Kind::Code(_) if self.is_failure(at) => {}
                    Kind::End(Edge::ExitFail) => {}
                    Kind::Simple(_) | Kind::Join | Kind::Errexit | Kind::Redirects { .. }
                        if seen.len() <= MOST_STEPS =>
                    {
                        waiting.extend(self.edges(at).filter(|&to| seen.insert(to)));
                    }
                    _ => return false,
                }
            }
            true
        };
        self.decides_something(node) && self.edges(node).any(ends)
    }

    /// Whether a node is a test.
    fn decides_something(&self, node: NodeId) -> bool {
        let has_condition = || self.steps[node.0 as usize].as_ref().is_some_and(|step| step.condition.is_some());
        matches!(self.resolver.flow.graph.node(node).kind, Kind::Simple(_) | Kind::Test(_)) && has_condition()
    }

    /// The names in the tests of files that decide about the end, or that have the script end in failure.
    fn asked_files(&self, deciders: &[NodeId]) -> HashSet<String> {
        let is_path = |fact: &Fact| self.resolver.things.get(fact.thing).kind == ThingKind::Path;
        let of_files = |node: &NodeId| {
            let mut asks = false;
            if let Some(condition) = self.steps[node.0 as usize].as_ref().and_then(|step| step.condition.as_ref()) {
                condition.each(&mut |asked| {
                    asks |= matches!(asked, Condition::Facts { yes, no, .. } if yes.iter().chain(no).any(is_path));
                });
            }
            asks
        };
        let giving_up = self.nodes().filter(|&node| self.gives_up(node));
        let asked = deciders.iter().copied().chain(giving_up).filter(of_files);
        asked.flat_map(|node| names(&self.written(node)).map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    fn called(&self, node: NodeId) -> impl Iterator<Item = UnitId> + '_ {
        self.resolver.flow.calls.callees(node).iter().copied()
    }

    /// The variables that a node sets from what they were, or from the clock; those that name `files` which are asked for,
    /// from anything that is not always the same.
    fn moved(&self, node: NodeId, files: &HashSet<String>) -> Vec<Box<str>> {
        match &self.resolver.flow.graph.node(node).kind {
            Kind::Simple(simple) => {
                let words = &simple.simple.words;
                let command = words.first().map(|word| self.resolver.written(word.span));
                let set = simple.simple.assignments.iter().chain(&simple.simple.declared);
                let mut moved: Vec<Box<str>> = set
                    .filter(|assignment| {
                        let written = self.resolver.written(assignment.span);
                        let value = written.split_once('=').map_or("", |(_, value)| value);
                        let other_file = files.contains(&*assignment.name.text) && value.contains('$');
                        let moves = |word: &str| word == &*assignment.name.text || is_clock(word);
                        assignment.append || other_file || names(value).any(moves)
                    })
                    .map(|assignment| assignment.name.text.clone())
                    .collect();
                // `step $((turn++))`
                let written = self.written(node);
                let computes =
                    written.contains("((") && ["++", "--", "+=", "-="].iter().any(|sign| written.contains(sign));
                moved.extend(names(&written).filter(|_| computes).map(Box::from));
                match command.as_deref() {
                    Some("let") => {
                        let written: Vec<String> =
                            words[1..].iter().map(|word| self.resolver.written(word.span)).collect();
                        moved.extend(written.iter().flat_map(|word| names(word)).map(Box::from));
                    }
                    Some("shift") => moved.extend(["#".into(), "1".into()]),
                    _ => {}
                }
                moved
            }
            Kind::Arithmetic(arithmetic) => {
                let mut set = Vec::new();
                arithmetic.expression.iter().for_each(|expression| expression.assigned(&mut set));
                set.into_iter().map(Box::from).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The names in all that is asked within, and in functions that are called there.
    fn tested(&self, deciders: &[NodeId]) -> HashSet<String> {
        let mut tested = HashSet::new();
        for &node in deciders {
            tested.extend(names(&self.written(node)).map(str::to_owned));
        }
        let mut units = HashSet::new();
        for node in self.nodes() {
            self.add_tested(node, &mut tested);
            for unit in self.called(node).filter(|&unit| units.insert(unit)) {
                let inner = &self.resolver.flow.orders.unit(unit).nodes;
                for &inner in inner {
                    self.add_tested(inner, &mut tested);
                }
            }
        }
        tested
    }

    fn add_tested(&self, node: NodeId, tested: &mut HashSet<String>) {
        let is_test = match &self.resolver.flow.graph.node(node).kind {
            Kind::Test(_) | Kind::Arithmetic(_) | Kind::Match { .. } => true,
            Kind::Simple(_) => self.steps[node.0 as usize].as_ref().is_some_and(|step| step.condition.is_some()),
            _ => false,
        };
        if is_test {
            let written = self.written(node);
            tested.extend(names(&written).map(str::to_owned));
            let given = ["#", "1"].into_iter().filter(|special| written.contains(&format!("${special}")));
            tested.extend(given.map(str::to_owned));
        }
    }

    fn asks_the_time(&self, node: NodeId) -> bool {
        let kind = &self.resolver.flow.graph.node(node).kind;
        let asks = matches!(kind, Kind::Test(_) | Kind::Arithmetic(_))
            || self.steps[node.0 as usize].as_ref().is_some_and(|step| step.condition.is_some());
        asks && names(&self.written(node)).any(is_clock)
    }

    fn has_own_mark(&self, node: NodeId, mark: &str) -> bool {
        let step = self.steps[node.0 as usize].as_ref();
        step.is_some_and(|step| step.marks.iter().chain(&step.around).any(|known| **known == *mark))
    }

    /// Whether a node, or a function that it calls, has a mark.
    fn has_mark(&self, node: NodeId, mark: &str) -> bool {
        self.has_own_mark(node, mark)
            || self.called(node).any(|unit| {
                self.resolver.flow.orders.unit(unit).nodes.iter().any(|&inner| self.has_own_mark(inner, mark))
            })
    }
}

fn is_clock(word: &str) -> bool {
    CLOCKS.contains(&word)
}

/// The names in a text of shell: every one that could be a variable or a command.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
}
