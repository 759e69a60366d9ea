//! Which commands there are, and what may change that.
//!
//! ```sh
//! if command -v systemctl >/dev/null; then systemctl stop app; fi
//! tar xf "$release" -C /srv/app
//! if command -v systemctl >/dev/null; then systemctl start app; fi
//! ```
//! The second answer is that of the first: nothing between brought a command, or took one.

use super::step::Step;
use super::thing::{ThingId, Things};
use super::universe::Universe;
use crate::flow::graph::{Names, Slot};
use crate::flow::value::Values;
use crate::knowledge::ThingKind;

/// Marks the steps behind which other commands may be found: a package came or went, a file was put where they are looked
/// for, they are looked for elsewhere, or nobody knows what the step did.
pub fn mark(steps: &mut [Option<Box<Step>>], things: &Things, values: &Values, names: &Names) {
    let places = names.find("PATH").map(Slot::Variable);
    let brings_commands = |thing: ThingId| {
        let thing = things.get(thing);
        let name = thing.key.first().map(|&key| values.render(key).0).unwrap_or_default();
        match thing.kind {
            ThingKind::Path => name.contains("bin/"),
            ThingKind::Object => name.starts_with("package "),
            _ => false,
        }
    };
    for step in steps.iter_mut().flatten() {
        step.installs = step.unknown
            || step.sets_anything
            || step.touches.iter().any(|&(thing, _)| brings_commands(thing))
            || step.assigns.iter().any(|(slot, _)| Some(*slot) == places);
    }
}

/// The facts about which commands there are.
pub fn facts(universe: &Universe, things: &Things) -> Vec<usize> {
    (0..universe.len()).filter(|&bit| things.get(universe.fact(bit).thing).kind == ThingKind::Command).collect()
}
