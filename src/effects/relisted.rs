//! A listing that is added to and written back: an append to what was listed.
//!
//! ```sh
//! (crontab -l; echo '0 3 * * * /usr/local/bin/copy') | crontab -
//! ```
//! What the listing shows is read back as it is, and the line stands there once more each time. A filter between the
//! two may take the line out again, and nothing is said of it.

use super::listings::CRONTAB;
use super::resolve::Resolver;
use super::step::{Occurrence, Step};
use crate::flow::forest::{constant, program};
use crate::flow::graph::Kind;
use crate::knowledge::{How, PathClass, SecondRun, Touch};
use crate::syntax::tree::{Command, CommandKind, List, Simple};

/// Turns writes of a crontab that was listed and added to into appends.
pub fn mark(resolver: &mut Resolver<'_, '_>, steps: &mut [Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    for occurrence in occurrences.iter_mut().filter(|occurrence| &*occurrence.command == "crontab") {
        let Kind::Simple(node) = &resolver.flow.graph.node(occurrence.node).kind else { continue };
        let Some(step) = &mut steps[occurrence.node.0 as usize] else { continue };
        let before = if node.stage == Some(node.command.span) { node.before } else { &[] };
        // What searches of the listing look in.
        let lines = resolver.flow.values.constant(CRONTAB);
        let root = resolver.things.get(occurrence.target).root;
        let lines = resolver.things.path(lines, lines, root, &mut resolver.flow.values);
        let printed = piped(before);
        if before.is_empty() {
            step.rare_mut().renews.push(lines);
        } else if printed.listing && printed.more {
            step.touches.push((lines, Touch::Added));
            occurrence.target = lines;
            "the crontab".clone_into(&mut occurrence.name);
            occurrence.how = How::Append;
            occurrence.second_run = SecondRun::Duplicates;
            (occurrence.class, occurrence.class_guessed) = (PathClass::Config, false);
        }
    }
}

/// What a command prints.
#[derive(Clone, Copy, Debug, Default)]
struct Printed {
    /// All that the crontab holds.
    listing: bool,
    /// Text of its own.
    more: bool,
    /// What it reads.
    input: bool,
}

impl Printed {
    fn and(self, other: Self) -> Self {
        Self { listing: self.listing || other.listing, more: self.more || other.more, input: self.input || other.input }
    }
}

/// What comes out of a pipeline.
fn piped(stages: &[Command]) -> Printed {
    let Some((last, before)) = stages.split_last() else { return Printed::default() };
    let printed = of_command(last);
    if printed.input { Printed { input: false, ..printed }.and(piped(before)) } else { printed }
}

fn of_command(command: &Command) -> Printed {
    match &command.kind {
        CommandKind::Simple(simple) => of_simple(simple, command),
        CommandKind::Brace { body, .. } | CommandKind::Subshell { body, .. } => of_list(body),
        CommandKind::AndOr { left, right, .. } => of_command(left).and(of_command(right)),
        CommandKind::Pipeline { stages, .. } => piped(stages),
        _ => Printed::default(),
    }
}

fn of_list(list: &List) -> Printed {
    list.statements.iter().fold(Printed::default(), |printed, one| printed.and(of_command(&one.command)))
}

fn of_simple(simple: &Simple, command: &Command) -> Printed {
    let operands = simple.words.get(1..).unwrap_or_default();
    let is_fed = command.redirects.iter().any(|redirect| redirect.heredoc.is_some());
    match program(simple).as_deref() {
        Some("crontab") => {
            let lists = operands.iter().any(|word| constant(word).as_deref() == Some("-l"));
            Printed { listing: lists, ..Printed::default() }
        }
        Some("echo" | "printf") => Printed { more: !operands.is_empty(), ..Printed::default() },
        Some("cat") => {
            let is_own = is_fed || !operands.is_empty();
            Printed { more: is_own, input: !is_own, ..Printed::default() }
        }
        _ => Printed::default(),
    }
}
