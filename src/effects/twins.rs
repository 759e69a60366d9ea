//! Tests that stand in the script more than once: the second answer follows from the first.
//!
//! ```sh
//! if [ -x /etc/init.d/app ]; then /etc/init.d/app stop; fi
//! rotate
//! if [ -x /etc/init.d/app ]; then /etc/init.d/app start; fi
//! ```
//! No way through this stops the service and does not start it again. Two questions that are asked together,
//! `A && B`, are one more question, so that what holds where both said yes does so where both are asked again.

use super::bits::Few;
use super::facts::Facts;
use super::question::{Excluded, Outcome, Question};
use super::step::{Condition, Step};
use super::thing::{Fact, Things};
use super::universe::Universe;
use crate::flow::graph::{Edge, Graph, NodeId, Slot};
use crate::knowledge::ThingKind;
use hashbrown::HashMap;
use thin_vec::ThinVec;

/// How many questions are followed that are asked more than once.
const MOST_ANSWERS: usize = 128;

/// What a question is known by: its operator (none for a command), and all that yes and that no proves.
type Key = (Option<char>, ThinVec<Fact>, ThinVec<Fact>);

/// The questions about the world that a script asks more than once.
#[derive(Debug, Default)]
pub struct Answers {
    /// What each proves, in order of number.
    proved: Vec<Vec<Fact>>,
    /// By the bit of a fact: the questions that are about it.
    by_bit: HashMap<usize, Vec<u32>>,
    /// By the node that asks: the pairs of questions that it belongs to.
    pairs: HashMap<NodeId, Vec<Pair>>,
    /// There are more than are followed.
    pub overrun: bool,
}

/// What the answer of a node is to a pair of questions.
#[derive(Clone, Copy, Debug)]
struct Pair {
    /// The number of the pair. A no to one of them is a no to both.
    number: u32,
    /// The other one has just been asked, and said yes: a yes to this one is a yes to both.
    is_second: bool,
}

/// Finds the questions that are asked more than once, and gives each of them a slot in which its answer is kept.
pub fn find(graph: &Graph<'_>, steps: &mut [Option<Box<Step>>], things: &Things) -> Answers {
    let mut times: HashMap<Key, usize> = HashMap::new();
    for step in steps.iter().flatten() {
        if let Some(condition) = &step.condition {
            condition.each(&mut |question| {
                if let Some(key) = key(question) {
                    *times.entry(key).or_default() += 1;
                }
            });
        } else if let Some(key) = command_key(step, things) {
            *times.entry(key).or_default() += 1;
        }
    }
    times.retain(|_, times| *times > 1);
    let mut answers = Answers::default();
    if times.is_empty() {
        return answers;
    }
    let mut numbers: HashMap<Key, u32> = HashMap::new();
    for step in steps.iter_mut().flatten() {
        if let Some(condition) = &mut step.condition {
            condition.each_mut(&mut |question| {
                let number = key(question).filter(|key| times.contains_key(key));
                let Some(number) = number.and_then(|key| answers.number_of(key, &mut numbers)) else { return };
                let Condition::Facts { yes, no, .. } = question else { return };
                *question = kept(number, std::mem::take(yes), std::mem::take(no));
            });
        } else if let Some(key) = command_key(step, things).filter(|key| times.contains_key(key)) {
            // What a command proves stays with its outcomes.
            let number = answers.number_of(key, &mut numbers);
            step.condition = number.map(|number| Box::new(kept(number, ThinVec::new(), ThinVec::new())));
        }
    }
    answers.find_pairs(graph, steps);
    answers
}

/// The number of the question that a step asks, where it asks nothing else.
fn only_question(step: Option<&Step>) -> Option<u32> {
    match **step?.condition.as_ref()? {
        Condition::Slot { slot: Slot::Answer(number), .. } => Some(number),
        _ => None,
    }
}

fn kept(number: u32, yes: ThinVec<Fact>, no: ThinVec<Fact>) -> Condition {
    Condition::Slot { slot: Slot::Answer(number), question: is_yes(), yes, no }
}

/// Whether the answer that is kept in a slot is yes.
fn is_yes() -> Question {
    Question::Equals("yes".into())
}

fn key(question: &Condition) -> Option<Key> {
    let Condition::Facts { yes, no, operator: operator @ Some(_) } = question else { return None };
    (!yes.is_empty() || !no.is_empty()).then(|| (*operator, yes.clone(), no.clone()))
}

/// The key of a command that asks something of what changes only where somebody changes it: a file, a user.
fn command_key(step: &Step, things: &Things) -> Option<Key> {
    let lasts = |fact: &Fact| {
        use ThingKind as K;
        matches!(things.get(fact.thing).kind, K::Path | K::Text | K::User | K::Group | K::Command)
    };
    let asks = step.only_asks() && !step.ok.is_empty() && !step.fail.is_empty();
    (asks && step.ok.iter().chain(&step.fail).all(lasts)).then(|| (None, step.ok.clone(), step.fail.clone()))
}

impl Answers {
    /// How many they are.
    pub fn len(&self) -> usize {
        self.proved.len()
    }

    /// Finds the pairs of questions that are asked more than once, the second right where the first said yes.
    fn find_pairs(&mut self, graph: &Graph<'_>, steps: &[Option<Box<Step>>]) {
        let asks = |node: NodeId| only_question(steps[node.0 as usize].as_deref());
        let mut ways = vec![0u32; graph.nodes.len()];
        for (_, to) in graph.nodes.iter().flat_map(|node| node.edges.iter()) {
            ways[to.0 as usize] += 1;
        }
        let is_only_way = |node: &NodeId| ways[node.0 as usize] == 1;
        let mut asked: HashMap<(u32, u32), Vec<NodeId>> = HashMap::new();
        for at in (0..graph.nodes.len()).map(|at| NodeId(at as u32)) {
            let Some(first) = asks(at) else { continue };
            let yes = graph.node(at).edges.iter().find(|(edge, _)| *edge == Edge::Ok).map(|(_, next)| next);
            let Some(next) = yes.filter(is_only_way) else { continue };
            if let Some(second) = asks(next).filter(|&second| second != first) {
                asked.entry((first, second)).or_default().push(next);
            }
        }
        let mut asked: Vec<_> = asked.into_iter().filter(|(_, nodes)| nodes.len() > 1).collect();
        asked.sort_unstable();
        for ((first, second), nodes) in asked {
            if self.proved.len() == MOST_ANSWERS {
                self.overrun = true;
                return;
            }
            let number = self.proved.len() as u32;
            let both = [first, second].map(|one| self.proved[one as usize].clone());
            self.proved.push(both.concat());
            for at in (0..graph.nodes.len()).map(|at| NodeId(at as u32)) {
                if asks(at).is_some_and(|one| one == first || one == second) {
                    let is_second = nodes.contains(&at);
                    self.pairs.entry(at).or_default().push(Pair { number, is_second });
                }
            }
        }
    }

    /// What holds behind the answer of a node, with what that answer is to the pairs that it belongs to; none if it
    /// cannot be.
    pub fn paired(&self, node: NodeId, yes: bool, state: Option<Facts>) -> Option<Facts> {
        let pairs = self.pairs.get(&node).into_iter().flatten().filter(|pair| pair.is_second || !yes);
        pairs.fold(state, |state, pair| state?.assume(Slot::Answer(pair.number), &is_yes(), yes))
    }

    /// The number of a question; none if there are too many.
    fn number_of(&mut self, key: Key, numbers: &mut HashMap<Key, u32>) -> Option<u32> {
        if let Some(&number) = numbers.get(&key) {
            return Some(number);
        }
        if self.proved.len() == MOST_ANSWERS {
            self.overrun = true;
            return None;
        }
        let number = self.proved.len() as u32;
        self.proved.push(key.1.iter().chain(&key.2).copied().collect());
        numbers.insert(key, number);
        Some(number)
    }

    /// What they prove.
    pub fn proved(&self) -> impl Iterator<Item = Fact> + '_ {
        self.proved.iter().flatten().copied()
    }

    /// Learns the bits of what they prove.
    pub fn number(&mut self, universe: &Universe) {
        for (number, facts) in self.proved.iter().enumerate() {
            for bit in facts.iter().filter_map(|&fact| universe.bit(fact)) {
                let about = self.by_bit.entry(bit).or_default();
                if about.last() != Some(&(number as u32)) {
                    about.push(number as u32);
                }
            }
        }
    }

    /// The answers that may be others where something happens to these facts.
    pub fn about<'a>(&'a self, bits: impl IntoIterator<Item = usize> + 'a) -> Vec<Slot> {
        if self.by_bit.is_empty() {
            return Vec::new();
        }
        let mut slots: Vec<Slot> = bits
            .into_iter()
            .filter_map(|bit| self.by_bit.get(&bit))
            .flatten()
            .map(|&number| Slot::Answer(number))
            .collect();
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// Forgets the answers that may be others where these facts end.
    pub fn forget(&self, ended: &Few, state: &mut Facts) {
        forget(&self.about(ended.iter()), state);
    }
}

/// Forgets answers.
pub fn forget(slots: &[Slot], state: &mut Facts) {
    for &slot in slots {
        state.set_outcome(slot, Outcome::Any(Excluded::default()));
    }
}
