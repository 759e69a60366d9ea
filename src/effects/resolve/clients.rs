//! Services that a command is a client of: what has had its answer has asked them.
//!
//! ```sh
//! systemctl restart postgresql
//! psql -c 'SELECT app.refresh()' || exit 1     # fails where the server does not answer
//! ```

use super::super::step::Step;
use super::super::thing::Fact;
use super::{Evaluated, Resolver};
use crate::flow::value::ValueId;
use crate::knowledge::{Argument, FactKind, HOLE};

impl Resolver<'_, '_> {
    /// A client that succeeds has had an answer of its service.
    pub(super) fn has_answer(&mut self, words: &[Evaluated], root: Option<ValueId>, step: &mut Step) {
        if !words.first().is_some_and(|name| self.knowledge.is_client(&name.argument)) {
            return;
        }
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let mut services = self.knowledge.services_asked(&arguments).peekable();
        if services.peek().is_none() || asks_nobody(&arguments) || asks_another_host(&arguments) {
            return;
        }
        let names: Vec<String> = services.map(|service| service.name.to_string()).collect();
        for name in names {
            let thing = self.service_thing(&name, root);
            step.ok.push(Fact { kind: FactKind::Answers, thing });
        }
    }
}

/// Whether a command only tells of itself.
fn asks_nobody(arguments: &[Argument]) -> bool {
    arguments.iter().skip(1).any(|word| matches!(&*word.text, "--version" | "--help" | "-V" | "version" | "help"))
}

/// Whether a command is told the name of another host. One that is not known may be this one.
fn asks_another_host(arguments: &[Argument]) -> bool {
    let mut words = arguments.iter().skip(1).map(|word| &*word.text);
    while let Some(word) = words.next() {
        let host = match word {
            "-h" | "-H" | "--host" => words.next(),
            _ => word.strip_prefix("--host="),
        };
        if host.is_some_and(|host| !is_local(host)) {
            return true;
        }
    }
    false
}

fn is_local(host: &str) -> bool {
    let host = host.rsplit("://").next().unwrap_or(host);
    host.contains(HOLE)
        || host.starts_with('/')
        || ["localhost", "127.", "::1", "[::1]"].iter().any(|local| host.starts_with(local))
}
