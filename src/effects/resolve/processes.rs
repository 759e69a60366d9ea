//! Whose process numbers a substitution prints.
//!
//! ```sh
//! kill -HUP "$(cat /run/nginx.pid)"      # what the file is called after
//! kill -HUP $(pidof haproxy)             # what was looked for
//! ```

use super::super::step::Step;
use super::super::thing::ThingId;
use crate::flow::graph::{SimpleNode, Slot};
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{HOLE, ThingKind};

use super::Resolver;

impl Resolver<'_, '_> {
    /// Remembers the service whose process numbers a command prints into a substitution, where it is all that runs there.
    pub(super) fn remember_process(&mut self, node: &SimpleNode<'_>, step: &Step) {
        let Some(Slot::Capture(start)) = node.capture else { return };
        let service = match &step.reads[..] {
            [file] => self.service_of_number_file(*file),
            // A search by name that found something.
            [] => {
                let found = step.ok.iter().map(|fact| fact.thing);
                found.into_iter().find(|&thing| self.things.get(thing).kind == ThingKind::Service)
            }
            _ => None,
        };
        if let Some(service) = service {
            self.processes.insert(start, service);
        }
    }

    /// The service that is written out as process numbers which a substitution printed.
    pub(super) fn process(&self, value: ValueId, root: Option<ValueId>) -> Option<ThingId> {
        let Value::Output(start) = self.flow.values.get(value) else { return None };
        let service = self.processes.get(start).copied()?;
        (self.things.get(service).root == root).then_some(service)
    }

    fn service_of_number_file(&mut self, file: ThingId) -> Option<ThingId> {
        let file = self.things.get(file);
        let (root, (path, _)) = (file.root, self.flow.values.render(file.key[0]));
        let name = path.rsplit('/').next()?;
        let service = name.strip_suffix(".pid").filter(|service| !service.contains(HOLE));
        service.is_some().then(|| self.service_thing(&path, root))
    }
}
