//! Where else the words of a command mean the same: a question that is put further up must be the question that was meant.
//!
//! ```sh
//! rm -rf "$data"                      # `tar -tf "$archive"` asks the same here,
//! tar -xf "$archive" -C "$data"       # as nothing sets the variable in between
//! ```

use super::enders::Enders;
use super::step::Occurrence;
use crate::flow::Flow;
use crate::flow::graph::NodeId;
use crate::flow::state::State;
use crate::knowledge::Remedy;
use hashbrown::HashSet;

/// What may stand further up than the command that it is for.
const MOVED: [Remedy; 2] = [Remedy::Precondition, Remedy::Rescue];

/// A question is moved up in scripts with so many places that end a negative fact.
const MOST_PLACES: usize = 64;

/// For effects with texts of knowledge: the places that end a negative fact and where these mean the same.
pub fn find(occurrences: &[Occurrence], enders: &Enders, flow: &Flow<'_>) -> HashSet<(usize, NodeId)> {
    let mut alike = HashSet::new();
    // In a script with more of them, most stand in front of each effect.
    if enders.places().len() > MOST_PLACES {
        return alike;
    }
    for (at, occurrence) in occurrences.iter().enumerate() {
        let texts = MOVED.iter().filter_map(|&remedy| occurrence.remedy(remedy));
        let texts: Vec<&str> = texts.collect();
        if texts.is_empty() {
            continue;
        }
        let (Some(here), Some(names)) = (flow.inputs.get(occurrence.node), names(&texts, flow)) else { continue };
        for (node, spot) in enders.places() {
            let is_in_front = flow.graph.node(*node).unit == occurrence.unit && spot.span.end <= occurrence.span.start;
            if is_in_front && flow.inputs.get(*node).is_some_and(|there| is_same(here, there, &names)) {
                alike.insert((at, *node));
            }
        }
    }
    alike
}

/// What the words name.
struct Named {
    variables: Vec<u32>,
    has_positional: bool,
}

/// What the texts name, where it can be followed: what a substitution prints cannot.
fn names(texts: &[&str], flow: &Flow<'_>) -> Option<Named> {
    let mut named = Named { variables: Vec::new(), has_positional: false };
    for text in texts {
        if text.contains(['`', '~']) {
            return None;
        }
        for part in text.split('$').skip(1) {
            let part = part.strip_prefix('{').unwrap_or(part);
            let length = part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len());
            match &part[..length] {
                name if name.starts_with(|c: char| c.is_ascii_digit()) => named.has_positional = true,
                "" => return None,
                name => named.variables.push(flow.names.find(name)?),
            }
        }
    }
    Some(named)
}

fn is_same(one: &State, other: &State, named: &Named) -> bool {
    let variable = |number: &u32| one.variables.get(*number) == other.variables.get(*number);
    one.directory == other.directory
        && (named.variables.is_empty() || one.epoch == other.epoch)
        && named.variables.iter().all(variable)
        && (!named.has_positional || one.row == other.row && one.positional.is(&other.positional))
}
