//! Tests that stand in the script more than once: the second answer follows from the first.
//!
//! ```sh
//! if [ -x /etc/init.d/app ]; then /etc/init.d/app stop; fi
//! rotate
//! if [ -x /etc/init.d/app ]; then /etc/init.d/app start; fi
//! ```
//! No way through this stops the service and does not start it again.

use super::bits::Few;
use super::facts::Facts;
use super::question::{Excluded, Outcome, Question};
use super::step::{Condition, Step};
use super::thing::Fact;
use super::universe::Universe;
use crate::flow::graph::Slot;
use hashbrown::HashMap;

/// How many questions are followed that are asked more than once.
const MOST_ANSWERS: usize = 32;

/// What a question is known by: its operator, and the first thing that yes and that no proves.
type Key = (char, Option<Fact>, Option<Fact>);

/// The questions about the world that a script asks more than once.
#[derive(Debug, Default)]
pub struct Answers {
    /// What each proves, in order of number.
    proved: Vec<Vec<Fact>>,
    /// By the bit of a fact: the questions that are about it.
    by_bit: HashMap<usize, Vec<u32>>,
}

/// Finds the questions that are asked more than once, and gives each of them a slot in which its answer is kept.
pub fn find(steps: &mut [Option<Box<Step>>]) -> Answers {
    let mut times: HashMap<Key, usize> = HashMap::new();
    for condition in steps.iter().flatten().filter_map(|step| step.condition.as_ref()) {
        condition.each(&mut |question| {
            if let Some(key) = key(question) {
                *times.entry(key).or_default() += 1;
            }
        });
    }
    let mut answers = Answers::default();
    let mut numbers: HashMap<Key, u32> = HashMap::new();
    for condition in steps.iter_mut().flatten().filter_map(|step| step.condition.as_mut()) {
        condition.each_mut(&mut |question| {
            let Some(key) = key(question).filter(|key| times.get(key).is_some_and(|&times| times > 1)) else { return };
            let Condition::Facts { yes, no, .. } = question else { return };
            if !numbers.contains_key(&key) {
                if answers.proved.len() == MOST_ANSWERS {
                    return;
                }
                numbers.insert(key, answers.proved.len() as u32);
                answers.proved.push(Vec::new());
            }
            let number = numbers[&key];
            let proved = &mut answers.proved[number as usize];
            proved.extend(yes.iter().chain(no.iter()));
            *question = Condition::Slot {
                slot: Slot::Answer(number),
                question: Question::Equals("yes".into()),
                yes: std::mem::take(yes),
                no: std::mem::take(no),
            };
        });
    }
    answers
}

fn key(question: &Condition) -> Option<Key> {
    let Condition::Facts { yes, no, operator: Some(operator) } = question else { return None };
    let (yes, no) = (yes.first().copied(), no.first().copied());
    (yes.is_some() || no.is_some()).then_some((*operator, yes, no))
}

impl Answers {
    /// How many they are.
    pub fn len(&self) -> usize {
        self.proved.len()
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
        if !self.by_bit.is_empty() {
            forget(&self.about(ended.iter()), state);
        }
    }
}

/// Forgets answers.
pub fn forget(slots: &[Slot], state: &mut Facts) {
    for &slot in slots {
        state.set_outcome(slot, Outcome::Any(Excluded::default()));
    }
}
