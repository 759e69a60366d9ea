//! The last part of `asked && restart || reload`, which is also come to where the restart has failed.
//!
//! ```sh
//! [ "$changed" = yes ] && service web restart || service web reload     # a restart that fails leaves nothing to reload
//! ```

use super::Survey;
use crate::effects::step::Occurrence;
use crate::effects::thing::ThingId;
use crate::flow::graph::{Edge, NodeId};
use crate::knowledge::{EffectKind, How};
use hashbrown::{HashMap, HashSet};

impl Survey<'_, '_, '_> {
    /// The nodes that have a service take up its configuration right where starting it anew has failed.
    pub(super) fn behind_failed_restarts(&self, occurrences: &[Occurrence]) -> HashSet<NodeId> {
        let mut restarts: HashMap<NodeId, ThingId> = HashMap::new();
        for one in occurrences.iter().filter(|one| is_service(one, &[How::Restart, How::Start])) {
            restarts.insert(one.node, one.target);
        }
        if restarts.is_empty() {
            return HashSet::new();
        }
        let is_behind = |reload: &&Occurrence| {
            let mut deciders = self.deciders(reload.node).into_iter();
            deciders.any(|(node, edge)| edge == Edge::Fail && restarts.get(&node) == Some(&reload.target))
        };
        occurrences.iter().filter(|one| is_service(one, &[How::Reload])).filter(is_behind).map(|one| one.node).collect()
    }
}

fn is_service(occurrence: &Occurrence, manners: &[How]) -> bool {
    occurrence.effect == EffectKind::Service && manners.contains(&occurrence.how)
}
