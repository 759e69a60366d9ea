//! What an analysis answers: what holds in front of an effect, what ended it, and what becomes of a failure.

use super::spot::Spot;
use super::step::Occurrence;
use super::thing::{Fact, Thing, ThingId};
use super::{Analysis, Around, Owed, Payment};
use crate::account::Trace;
use crate::flow::graph::NodeId;
use crate::knowledge::{FactKind, Remedy};
use crate::span::Span;
use std::rc::Rc;

impl Analysis {
    /// Whether a place is the script's own, and not that of a file that it sources.
    pub fn is_own(&self, span: Span) -> bool {
        span.start < self.end
    }

    /// Whether a place is in a text that a shell is given in a word, where quotes have been used up already.
    pub fn is_in_text(&self, span: Span) -> bool {
        let behind = self.texts.partition_point(|text| text.start <= span.start);
        behind > 0 && span.end <= self.texts[behind - 1].end
    }

    /// The call in the script's own text that comes to an effect of a sourced function without a negative fact.
    pub fn own_call(&self, occurrence: usize, fact: Fact) -> Option<Span> {
        self.own_calls.get(&(occurrence, self.universe.bit(fact)?)).copied()
    }

    /// The name of a service, where it is known.
    pub fn name(&self, thing: ThingId) -> Option<&str> {
        self.services.get(&thing).map(|name| &**name)
    }

    /// How the script pays itself what an effect owes.
    pub fn payment(&self, occurrence: usize) -> Option<&Payment> {
        self.payments.get(&self.occurrences[occurrence].step)
    }

    /// What another command does for the one that ended a fact on a path to an effect, as text.
    pub fn remedy_of_ender(&self, occurrence: usize, fact: Fact, remedy: Remedy) -> Option<&str> {
        let (node, _) = self.ender(occurrence, fact)?;
        let here = self.by_node.get(node).into_iter().flatten().map(|&at| &self.occurrences[at as usize]);
        here.into_iter().filter(|other| !other.elsewhere).find_map(|other| other.remedy(remedy))
    }

    /// Whether a fact holds in front of an effect on every path.
    pub fn holds(&self, occurrence: usize, fact: Fact) -> bool {
        self.universe.bit(fact).is_some_and(|bit| self.has(occurrence, bit))
    }

    /// Whether a fact holds in front of an effect wherever its function is handed what makes it another one.
    pub fn holds_as_handed(&self, occurrence: usize, fact: Fact) -> bool {
        let entry = self.handed.get(&occurrence).zip(self.universe.bit(fact));
        entry.is_some_and(|(entry, bit)| self.holds[occurrence].has(bit, entry))
    }

    fn has(&self, occurrence: usize, bit: usize) -> bool {
        let holds = &self.holds[occurrence];
        holds.has(bit, &self.entries[self.occurrences[occurrence].unit.0 as usize])
            || self.flags.of(occurrence).any(|entry| holds.has(bit, entry))
    }

    /// Why a fact holds in front of an effect, or does not; nothing where that was not asked, or the fact is not followed.
    pub fn trace(&self, occurrence: usize, fact: Fact) -> Option<&Trace> {
        self.traces.get(&(occurrence, self.universe.bit(fact)?))
    }

    /// Whether some way to the end does not pay what an effect owes.
    pub fn is_unpaid(&self, occurrence: usize, owed: Owed) -> bool {
        self.unpaid.contains(&(self.occurrences[occurrence].step, Rc::new(owed)))
    }

    /// Whether the failure of an effect can end in a success of the script, where that was asked.
    pub fn loses_failure(&self, occurrence: usize) -> bool {
        self.lost.contains(&self.occurrences[occurrence].step)
    }

    /// Whether the failure of an effect is always that of the script, or of a function that nobody in it calls, where that
    /// was asked.
    pub fn tells_failure(&self, occurrence: usize) -> bool {
        self.told.contains(&self.occurrences[occurrence].step)
    }

    /// Whether a question that names the target of an effect is passed on every path to it, whatever is known of what it
    /// asks: `virsh list | grep -q app`.
    pub fn is_questioned(&self, occurrence: usize) -> bool {
        let name = self.occurrences[occurrence].name.split_whitespace().next_back().unwrap_or_default();
        let name = name.trim_matches(['"', '\'']);
        name.len() > 1 && self.conditions.of(occurrence).any(|condition| condition.question.contains(name))
    }

    /// What the run has open around a command, and closes itself further down.
    pub fn open_around(&self, place: Span) -> Option<&Around> {
        self.open.get(&place)
    }

    /// What stays of an effect that the run takes back, wholly or in part: lines that it added.
    pub fn remains(&self, occurrence: usize) -> Option<&[Box<str>]> {
        let occurrence = &self.occurrences[occurrence];
        self.remains.get(&(occurrence.step, occurrence.target)).map(Vec::as_slice)
    }

    /// The thing behind an id.
    pub fn thing(&self, id: ThingId) -> &Thing {
        self.things.get(id)
    }

    /// Where a negative fact is ended: the last such place in front of the effect, else any.
    pub fn ended_at(&self, occurrence: usize, fact: Fact) -> Option<&Spot> {
        self.ender(occurrence, fact).map(|(_, spot)| spot)
    }

    /// The effect on `thing`'s configuration that ends a negative fact, where it is one.
    pub fn ended_by(&self, occurrence: usize, fact: Fact) -> Option<&Occurrence> {
        let (node, _) = self.ender(occurrence, fact)?;
        let here = self.by_node.get(node).into_iter().flatten().map(|&at| &self.occurrences[at as usize]);
        here.into_iter().find(|other| other.services.contains(&fact.thing) || other.target == fact.thing)
    }

    /// Whether a command has one effect alone.
    pub fn is_alone(&self, occurrence: usize) -> bool {
        self.by_node.get(&self.occurrences[occurrence].node).is_some_and(|all| all.len() == 1)
    }

    /// Whether the texts that knowledge has for an effect mean the same where a negative fact is ended.
    pub fn is_alike_there(&self, occurrence: usize, fact: Fact) -> bool {
        self.ender(occurrence, fact).is_some_and(|(node, _)| self.is_alike_at(occurrence, *node))
    }

    /// Whether they do at a place that ends some negative fact.
    pub fn is_alike_at(&self, occurrence: usize, place: NodeId) -> bool {
        self.alike.contains(&(occurrence, place))
    }

    /// The effect of what ends a negative fact, where that has one alone.
    pub fn only_effect(&self, occurrence: usize, fact: Fact) -> Option<&Occurrence> {
        let (node, _) = self.ender(occurrence, fact)?;
        match self.by_node.get(node)?[..] {
            [only] => self.occurrences.get(only as usize),
            _ => None,
        }
    }

    fn ender(&self, occurrence: usize, fact: Fact) -> Option<&(NodeId, Spot)> {
        let bit = self.universe.bit(fact)?;
        // A call on the path that ends it does so somewhere inside: then the places in the text must do.
        let on_path = self.killers.get(&(occurrence, bit)).copied();
        self.enders.of(bit, on_path, self.occurrences[occurrence].span.start)
    }

    /// All facts that hold in front of an effect about a thing.
    pub fn known(&self, occurrence: usize, thing: ThingId) -> impl Iterator<Item = FactKind> + '_ {
        self.universe
            .about(thing)
            .iter()
            .copied()
            .filter(move |&bit| self.has(occurrence, bit))
            .map(|bit| self.universe.fact(bit).kind)
    }

    /// The variable whose value a thing is.
    pub fn variable(&self, thing: ThingId) -> Option<&str> {
        self.names.get(&thing).map(|name| &**name)
    }
}
