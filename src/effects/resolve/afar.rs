//! What a command says by where it runs: on another host it asks that host, and what it stops there has stopped.
//!
//! ```sh
//! ssh -o ConnectTimeout=5 "$old" systemctl stop postgresql || exit 1
//! pg_ctl promote -D "$PGDATA"                   # who took the writes takes none now
//! ```

use super::Resolver;
use super::wrappers::is_host;
use crate::effects::step::{Occurrence, Step};
use crate::effects::thing::Fact;
use crate::flow::value::ValueId;
use crate::knowledge::{EffectKind, FactKind, HOLE, How};

/// It stops a server of data, or the whole node, on another host.
pub(super) const STOPS_THERE: &str = "stops-there";
/// It asks another host for the state of something; either answer will do.
const ASKS_THERE: &str = "asks-there";

impl Resolver<'_, '_> {
    /// The marks that a command has for running on the host of this root: `first` of its effects and all behind; and
    /// whether what it says is an answer.
    pub(super) fn done_there(&self, first: usize, answers: bool, root: Option<ValueId>, step: &mut Step) {
        if !root.is_some_and(|root| is_host(root, &self.flow.values)) {
            return;
        }
        if self.occurrences[first..].iter().any(|occurrence| self.ends_writes(occurrence)) {
            self.mark(std::iter::once(STOPS_THERE), step);
        }
        if answers || step.asks {
            self.asks_there(step);
        }
    }

    /// A file that bash opens by a connection: `< /dev/tcp/db2/5432`.
    pub(super) fn connects(&self, file: ValueId, step: &mut Step) {
        let begin = self.flow.values.begins(file);
        if let Some(host) = begin.strip_prefix("/dev/tcp/")
            && !["localhost/", "127.0.0.1/", "::1/"].iter().any(|here| host.starts_with(here))
        {
            self.asks_there(step);
        }
    }

    fn asks_there(&self, step: &mut Step) {
        step.marks.push(ASKS_THERE.into());
        if let Some(&thing) = self.marks.get(ASKS_THERE) {
            let done = Fact { kind: FactKind::Done, thing };
            step.ok.push(done);
            step.fail.push(done);
        }
    }

    /// Whether nothing takes statements behind an effect that did before.
    fn ends_writes(&self, occurrence: &Occurrence) -> bool {
        match (occurrence.effect, occurrence.how) {
            (EffectKind::Node, How::PowerOff) => true,
            (EffectKind::Service, How::Stop) => {
                let Some(&name) = self.things.get(occurrence.target).key.first() else { return false };
                let (name, _) = self.flow.values.render(name);
                // A name that nobody sees here is taken for the right one.
                name.contains(HOLE)
                    || self.knowledge.service(&name).is_some_and(|service| {
                        service.clients.iter().any(|client| self.knowledge.runs_statements(client))
                    })
            }
            _ => false,
        }
    }
}
