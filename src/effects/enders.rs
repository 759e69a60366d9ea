//! Where in the text negative facts are ended.

use super::compile::Compiled;
use super::facts::Facts;
use super::spot::{Options, Spot};
use super::universe::{Universe, is_negative};
use crate::flow::Flow;
use crate::flow::graph::{Kind, NodeId};
use crate::flow::solve::Inputs;
use hashbrown::HashMap;

/// The places that end negative facts.
#[derive(Debug, Default)]
pub struct Enders {
    /// Every such place once, in order of the nodes.
    places: Vec<(NodeId, Spot)>,
    by_fact: HashMap<usize, Places>,
}

/// The places that end one fact.
#[derive(Debug, Default)]
struct Places {
    /// In order of the nodes.
    all: Vec<u32>,
    /// By the byte at which they end; with each the one that starts last among it and those before it.
    by_end: Vec<(u32, u32)>,
}

impl Enders {
    /// Finds them.
    pub fn find(
        flow: &Flow<'_>,
        source: &[u8],
        compiled: &[Option<Box<Compiled>>],
        universe: &Universe,
        inputs: &Inputs<Facts>,
    ) -> Self {
        let mut enders = Self::default();
        for (at, step) in compiled.iter().enumerate() {
            let id = NodeId(at as u32);
            let Some(step) = step.as_ref().filter(|_| inputs.get(id).is_some()) else { continue };
            let place = enders.places.len() as u32;
            let mut ends = false;
            for bit in step.all_ends().filter(|&bit| is_negative(universe.fact(bit).kind)) {
                let places = enders.by_fact.entry(bit).or_default();
                if places.all.last() != Some(&place) {
                    places.all.push(place);
                }
                ends = true;
            }
            if ends {
                let node = flow.graph.node(id);
                let spot = match &node.kind {
                    Kind::Simple(simple) => {
                        let lost_in_pipe = Spot::around(source, simple).lost_in_pipe;
                        let piped = simple.pipeline.is_some();
                        let spot = Spot::of(source, node.span, simple.statement, simple.alone, piped);
                        Spot { lost_in_pipe, last: spot.last && !simple.in_condition, ..spot }
                    }
                    _ => Spot::of(source, node.span, node.span, false, false),
                };
                let options = flow.inputs.get(id).map_or_else(Options::default, |state| Options::of(state));
                enders.places.push((id, Spot { in_function: node.unit.0 != 0, options, ..spot }));
            }
        }
        // What a file brings along was lost where it was lost of the file.
        let mut limits: Vec<(usize, usize)> =
            compiled.iter().flatten().flat_map(|step| step.limits.iter().copied()).collect();
        limits.sort_unstable();
        limits.dedup();
        for (bit, by) in limits {
            let earlier = enders.by_fact.get(&by).map_or_else(Vec::new, |places| places.all.clone());
            let places = &mut enders.by_fact.entry(bit).or_default().all;
            places.extend(earlier);
            places.sort_unstable();
            places.dedup();
        }
        for places in enders.by_fact.values_mut() {
            places.by_end = places.all.iter().map(|&place| (enders.places[place as usize].1.span.end, place)).collect();
            places.by_end.sort_unstable();
            let mut last: Option<u32> = None;
            for (_, place) in &mut places.by_end {
                let key = |place: u32| (enders.places[place as usize].1.span.start, place);
                last = Some(last.map_or(*place, |last| if key(last) > key(*place) { last } else { *place }));
                *place = last.unwrap_or(*place);
            }
        }
        enders
    }

    /// All of them, in order of the nodes.
    pub fn places(&self) -> &[(NodeId, Spot)] {
        &self.places
    }

    /// The place that ends a fact: the node, if it is one that does, else the last one in front of a byte, else any.
    pub fn of(&self, bit: usize, node: Option<NodeId>, before: u32) -> Option<&(NodeId, Spot)> {
        let places = self.by_fact.get(&bit)?;
        let here = node
            .and_then(|node| places.all.binary_search_by_key(&node, |&place| self.places[place as usize].0).ok())
            .map(|at| places.all[at]);
        let in_front = || {
            places.by_end[..places.by_end.partition_point(|(end, _)| *end <= before)].last().map(|(_, place)| *place)
        };
        let place = here.or_else(in_front).or_else(|| places.all.first().copied())?;
        self.places.get(place as usize)
    }
}
