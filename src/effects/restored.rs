//! Rolling back: a configuration that is put back as this run found it is unwritten again.
//!
//! ```sh
//! cp -p /etc/nginx/nginx.conf /srv/keep/nginx.conf || exit 1
//! sed -i "s/worker_processes .*/worker_processes $1;/" /etc/nginx/nginx.conf
//! nginx -t || cp -p /srv/keep/nginx.conf /etc/nginx/nginx.conf || exit 1
//! systemctl reload nginx
//! ```
//! The test that failed was one of another content. Where the script writes to other files of the same configuration,
//! too, one file that is put back says nothing of the whole.

use super::step::Step;
use super::thing::{Fact, ThingId, Things};
use super::universe::Universe;
use crate::flow::value::Values;
use crate::knowledge::FactKind;
use hashbrown::HashMap;

/// The files that are copied away and put back, and the services whose whole configuration that is, as far as the script
/// writes it.
#[derive(Default)]
pub struct Restored {
    services: HashMap<(ThingId, ThingId), Vec<ThingId>>,
}

impl Restored {
    /// Looks for copies in both directions.
    pub fn find(
        steps: &[Option<Box<Step>>],
        written: &HashMap<ThingId, Vec<ThingId>>,
        things: &Things,
        values: &mut Values,
    ) -> Self {
        let mut transfers: Vec<(ThingId, ThingId)> =
            steps.iter().flatten().flat_map(|step| step.transfers.iter().copied()).collect();
        transfers.sort_unstable();
        transfers.dedup();
        // A copy may go inside what it names, as far as the script knows.
        let mut inside = |file: ThingId, copy: ThingId| {
            let [slash, base] = [values.constant("/"), values.derived(things.get(copy).key[0], "##*/")];
            values.concat([things.get(file).key[0], slash, base])
        };
        let mut is_alone = |file: ThingId, copy: ThingId, service: &ThingId| {
            let inside = inside(file, copy);
            written.iter().all(|(&other, services)| {
                other == file || things.get(other).key[0] == inside || !services.contains(service)
            })
        };
        let services = transfers
            .iter()
            .filter(|&&(file, copy)| file != copy && transfers.binary_search(&(copy, file)).is_ok())
            .filter_map(|&(file, copy)| {
                let services = written.get(&file).filter(|services| !services.is_empty())?;
                services.iter().all(|service| is_alone(file, copy, service)).then(|| ((file, copy), services.clone()))
            })
            .collect();
        Self { services }
    }

    /// What must be followed of the copies, in order.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.services.keys().map(|&(_, copy)| as_found(copy)).collect();
        facts.sort_unstable();
        facts.dedup();
        facts
    }

    /// What a copy away needs to be one of what was found, and the fact that it is.
    pub fn kept(&self, from: ThingId, to: ThingId, universe: &Universe) -> Option<(Vec<usize>, usize)> {
        let services = self.services.get(&(from, to))?;
        let needs = [FactKind::Unwritten, FactKind::NoFailedValidation];
        Some((about(services, &needs, universe), universe.bit(as_found(to))?))
    }

    /// The fact that a copy is one of what was found, and all that holds again where it is put back.
    pub fn put_back(&self, from: ThingId, to: ThingId, universe: &Universe) -> Option<(usize, Vec<usize>)> {
        let services = self.services.get(&(to, from))?;
        let again = [FactKind::Unwritten, FactKind::NothingUnchecked, FactKind::NoFailedValidation];
        Some((universe.bit(as_found(from))?, about(services, &again, universe)))
    }
}

fn as_found(thing: ThingId) -> Fact {
    Fact { kind: FactKind::AsFound, thing }
}

fn about(services: &[ThingId], kinds: &[FactKind], universe: &Universe) -> Vec<usize> {
    let facts = services.iter().flat_map(|&thing| kinds.iter().map(move |&kind| Fact { kind, thing }));
    facts.filter_map(|fact| universe.bit(fact)).collect()
}
