//! The text that comes in on a command's standard input, where the script has it.
//!
//! ```sh
//! psql -X app <<SQL
//! \set ON_ERROR_STOP on
//! SQL
//! (echo "set -e"; cat steps) | ssh "$host" sh
//! ```
//! Clients that read statements are told apart by what they read. A piece that is not known is a hole.

use super::Resolver;
use crate::flow::expand::Expander;
use crate::flow::forest::constant;
use crate::flow::graph::{NodeId, SimpleNode};
use crate::flow::state::State;
use crate::knowledge::HOLE;
use crate::syntax::tree::{Command, CommandKind, List, Redirect, RedirectKind, Simple};

/// Of a longer text only so many bytes are looked at: rows match it with globs.
const MOST_BYTES: usize = 4096;

/// How deep groups in front of a pipe are followed.
const DEEPEST: u32 = 4;

impl Resolver<'_, '_> {
    /// What a command reads: a hole where nothing of it is known.
    pub(super) fn input(&mut self, id: NodeId, node: &SimpleNode<'_>, state: &State) -> String {
        let mut text = String::new();
        let printer = node.before.last();
        match input_of(&node.command.redirects) {
            None if printer.is_none() => text.push(HOLE),
            Some(redirect) => self.read(id, redirect, state, &mut text),
            None => printer.iter().for_each(|printer| self.print(id, printer, state, &mut text, DEEPEST)),
        }
        if text.len() > MOST_BYTES {
            let end = (0..=MOST_BYTES).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
            text.truncate(end);
            text.push(HOLE);
        }
        text
    }

    /// Where that comes from, by the word as the script has it and by what it stands for: `zcat "$DUMP" | mysql app`.
    pub(super) fn source_of_input(&mut self, id: NodeId, node: &SimpleNode<'_>, state: &State) -> String {
        let word = match (input_of(&node.command.redirects), node.before.first().map(|first| &first.kind)) {
            (Some(redirect), _) if redirect.heredoc.is_none() && redirect.kind != RedirectKind::HereString => {
                &redirect.target
            }
            (None, Some(CommandKind::Simple(simple))) => match &simple.words[..] {
                [_, .., last] => last,
                _ => return String::new(),
            },
            _ => return String::new(),
        };
        let written = self.written(word.span);
        if written.contains(char::is_whitespace) {
            return String::new();
        }
        let value = self.word(id, word, &mut State::clone(state)).value;
        format!("{written} {}", self.flow.values.render(value).0)
    }

    fn read(&mut self, id: NodeId, redirect: &Redirect, state: &State, text: &mut String) {
        let mut state = State::clone(state);
        let unit = self.flow.graph.node(id).unit.0;
        let flow = &mut *self.flow;
        let mut expander = Expander { values: &mut flow.values, names: &mut flow.names, state: &mut state, unit };
        let value = match (&redirect.heredoc, redirect.kind) {
            (Some(heredoc), _) => Some(expander.quoted(&heredoc.parts)),
            (None, RedirectKind::HereString) => Some(expander.word(&redirect.target).value),
            _ => None,
        };
        match value {
            Some(value) => text.push_str(&self.flow.values.render(value).0),
            None => text.push(HOLE),
        }
    }

    /// Adds what a command in front of the pipe prints.
    fn print(&mut self, id: NodeId, command: &Command, state: &State, text: &mut String, depth: u32) {
        match &command.kind {
            _ if depth == 0 || text.len() > MOST_BYTES => text.push(HOLE),
            CommandKind::Simple(simple) => self.print_simple(id, command, simple, state, text),
            CommandKind::Brace { body, .. } | CommandKind::Subshell { body, .. } => {
                self.print_list(id, body, state, text, depth - 1);
            }
            _ => text.push(HOLE),
        }
    }

    /// Adds what a command prints, to wherever that goes.
    pub fn printed_by(&mut self, id: NodeId, node: &SimpleNode<'_>, state: &State, text: &mut String) {
        let prints = |name| matches!(name, Some("echo" | "printf"));
        match input_of(&node.command.redirects) {
            Some(redirect) if node.name.as_deref() == Some("cat") && node.simple.words.len() == 1 => {
                self.read(id, redirect, state, text);
            }
            None if prints(node.name.as_deref()) => self.print_words(id, node.simple, state, text),
            _ => text.push(HOLE),
        }
        text.push('\n');
    }

    fn print_words(&mut self, id: NodeId, simple: &Simple, state: &State, text: &mut String) {
        let mut state = State::clone(state);
        for word in &simple.words[1..] {
            let value = self.word(id, word, &mut state).value;
            text.push_str(&self.flow.values.render(value).0);
            text.push(' ');
        }
    }

    fn print_list(&mut self, id: NodeId, list: &List, state: &State, text: &mut String, depth: u32) {
        for statement in &list.statements {
            self.print(id, &statement.command, state, text, depth);
        }
    }

    fn print_simple(&mut self, id: NodeId, command: &Command, simple: &Simple, state: &State, text: &mut String) {
        let name = simple.words.first().and_then(constant);
        let is_printer = matches!(name.as_deref(), Some("echo" | "printf"));
        match input_of(&command.redirects) {
            Some(redirect) if name.as_deref() == Some("cat") && simple.words.len() == 1 => {
                self.read(id, redirect, state, text);
            }
            _ if is_printer && command.redirects.is_empty() => self.print_words(id, simple, state, text),
            _ => text.push(HOLE),
        }
        text.push('\n');
    }
}

/// What a command's standard input is.
fn input_of(redirects: &[Redirect]) -> Option<&Redirect> {
    let reads = |redirect: &&Redirect| redirect.kind.is_input() && redirect.descriptor.unwrap_or(0) == 0;
    redirects.iter().rev().find(reads)
}
