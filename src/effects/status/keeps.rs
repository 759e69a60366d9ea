//! A status that is kept right behind its command, as edits: it is asked for where something else has set `$?` since.
//!
//! ```sh
//! tar xf app.tar
//!                                # rc=$?
//! if [ $? -ne 0 ]; then          # if [ "$rc" -ne 0 ]; then
//!     exit $?                    #     exit "$rc"
//! fi
//! ```

use super::another::{ASSIGNED, DECLARED, NEGATED, PRINTED, TESTED, TIDIED, TOLD};
use super::mends::{insert, replace};
use super::words::only_sets;
use super::{Found, Survey};
use crate::effects::spot::Spot;
use crate::finding::Edit;
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::span::Span;

/// What a kept status is called, the first that the script does not use.
const NAMES: [&str; 3] = ["rc", "status", "ended"];
/// So many messages may stand between a command and where its status is asked for.
const MOST_BETWEEN: usize = 8;

impl Survey<'_, '_, '_> {
    /// The edits after which the status is that of the command that is meant.
    pub(super) fn kept(&self, one: &Found<'_>) -> Option<Vec<Edit>> {
        let node = one.node;
        match one.mark {
            NEGATED => {
                let at = self.text(self.span(node)).find("$?")?;
                let is_all = self.text(self.span(node)).split_whitespace().count() == 2;
                let start = self.span(node).start + at as u32;
                let quoted = self.text(self.span(node)).contains("\"$?\"");
                let span = if quoted { Span::new(start - 1, start + 3) } else { Span::new(start, start + 2) };
                is_all.then(|| vec![replace(span, "1")])
            }
            DECLARED => self.declared_first(node),
            TIDIED => self.joined(node),
            PRINTED | ASSIGNED if !self.is_test(node) => self.taken_up_at_once(node),
            PRINTED | ASSIGNED => self.kept_in_variable(node),
            TESTED | TOLD => {
                let [(test, _)] = self.deciders(node)[..] else { return None };
                self.kept_in_variable(test)
            }
            _ => None,
        }
    }

    /// The command whose status is meant: the one in front of what only prints or sets variables.
    fn meant(&self, taker: NodeId) -> Option<NodeId> {
        let mut node = taker;
        for _ in 0..MOST_BETWEEN {
            let before = self.deciders(node);
            let &(first, _) = before.first()?;
            let simple = self.simple(first)?;
            if before.iter().any(|&(other, _)| other != first) {
                return None;
            }
            if !(self.prints_only(first) || only_sets(simple) && !self.takes_status_up(first)) {
                let is_whole = simple.alone && !simple.ignored && simple.pipeline.is_none() && simple.place.is_none();
                return (is_whole && simple.statement.end <= self.span(taker).start).then_some(first);
            }
            node = first;
        }
        None
    }

    /// Where a line can be put behind a command: what stands in front of a line there.
    fn behind_line(&self, node: NodeId) -> Option<(u32, String)> {
        let simple = self.simple(node)?;
        let spot = Spot::around(self.resolver.source, simple);
        // What a here-document is given stands behind the line.
        let is_plain = spot.ends_line && spot.last && !self.text(simple.statement).contains("<<");
        Some((simple.statement.end, spot.indent.filter(|_| is_plain)?))
    }

    /// `rc=$?` behind the command, and what is kept in place of `$?` in the test and behind it.
    fn kept_in_variable(&self, test: NodeId) -> Option<Vec<Edit>> {
        let (name, mut edits) = match self.kept_already(test) {
            Some(name) => (name, Vec::new()),
            None => {
                let (at, indent) = self.behind_line(self.meant(test)?)?;
                let names = &self.resolver.flow.names;
                let name = *NAMES.iter().find(|name| names.find(name).is_none())?;
                (name, vec![insert(at, &format!("\n{indent}{name}=$?"))])
            }
        };
        let later = self.right_behind(test)?;
        let later = later.into_iter().filter(|&node| self.is_of_test(node, test, MOST_BETWEEN));
        for node in std::iter::once(test).chain(later) {
            self.told_by(node, name, &mut edits)?;
        }
        edits.sort_by_key(|edit| edit.span);
        edits.dedup();
        Some(edits)
    }

    /// The variable in which the status is kept right in front of a test.
    fn kept_already(&self, test: NodeId) -> Option<&str> {
        let [(taker, _)] = self.deciders(test)[..] else { return None };
        let simple = self.simple(taker).filter(|simple| simple.simple.words.is_empty())?;
        let (name, value) = self.text(simple.statement).split_once('=')?;
        (value == "$?").then_some(name)
    }

    /// Whether a node names `$?` as the test has set it, or what was printed behind that.
    fn is_of_test(&self, node: NodeId, test: NodeId, deepest: usize) -> bool {
        let before = self.deciders(node);
        let is_from = |&(other, edge): &(NodeId, Edge)| {
            other == test && edge == Edge::Ok
                || deepest > 0 && self.prints_only(other) && self.leads_from(other, test, deepest - 1)
        };
        self.mentions_status(node) && !before.is_empty() && before.iter().all(is_from)
    }

    /// Whether a message is come to from the test only.
    fn leads_from(&self, node: NodeId, test: NodeId, deepest: usize) -> bool {
        let before = self.deciders(node);
        let is_from = |&(other, _): &(NodeId, Edge)| {
            other == test || deepest > 0 && self.prints_only(other) && self.leads_from(other, test, deepest - 1)
        };
        !before.is_empty() && before.iter().all(is_from)
    }

    /// The variable in place of every `$?` of a node.
    fn told_by(&self, node: NodeId, name: &str, edits: &mut Vec<Edit>) -> Option<()> {
        let (span, written) = (self.span(node), self.text(self.span(node)));
        if written.contains(['\'', '`', '\\', '\n']) || written.contains("$(") && !written.contains("$((") {
            return None;
        }
        for (at, _) in written.match_indices("$?") {
            let start = span.start + at as u32;
            let within = written[..at].matches('"').count() % 2 == 1;
            let goes_on = written[at + 2..].starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
            let is_number = matches!(self.kind(node), Kind::Arithmetic(_) | Kind::Test(_));
            let text = match (goes_on, within || is_number) {
                (true, _) => format!("${{{name}}}"),
                (false, true) => format!("${name}"),
                (false, false) => format!("\"${name}\""),
            };
            edits.push(replace(Span::new(start, start + 2), &text));
        }
        Some(())
    }

    /// `rc=$?` stands right behind the command, and not where it stood.
    fn taken_up_at_once(&self, taker: NodeId) -> Option<Vec<Edit>> {
        let (at, indent) = self.behind_line(self.meant(taker)?)?;
        let (old, _) = self.behind_line(taker)?;
        let simple = self.simple(taker)?;
        let statement = self.text(simple.statement);
        let (name, value) = statement.split_once('=')?;
        let between = self.text(Span::new(at, simple.statement.start));
        let is_free = !between.contains(&format!("{name}=")) && !between.contains(&format!("${name}"));
        if value != "$?" || !is_free || name.contains(char::is_whitespace) {
            return None;
        }
        let spot = Spot::around(self.resolver.source, simple);
        let line = simple.statement.start - spot.indent.as_deref().map_or(0, str::len) as u32;
        // The line break in front of it goes with it, a carriage return included.
        let front = self.resolver.source.get(..line as usize)?;
        let breaks = if front.ends_with(b"\r\n") { 2 } else { 1 };
        Some(vec![insert(at, &format!("\n{indent}{statement}")), replace(Span::new(line - breaks, old), "")])
    }

    /// `local x=$(cmd)` → `local x`, `x=$(cmd)`.
    fn declared_first(&self, taker: NodeId) -> Option<Vec<Edit>> {
        let [(setter, _), ref rest @ ..] = self.deciders(taker)[..] else { return None };
        let simple = self.simple(setter).filter(|_| rest.iter().all(|&(other, _)| other == setter))?;
        let ([keyword, _], [declared]) = (&simple.simple.words[..], &simple.simple.declared[..]) else { return None };
        let (_, indent) = self.behind_line(setter)?;
        let keyword = constant(keyword).filter(|word| matches!(&**word, "local" | "declare" | "typeset" | "export"))?;
        let front = Span::new(simple.statement.start, declared.span.start);
        let is_plain = simple.alone && declared.span.end == simple.statement.end && !declared.append;
        is_plain.then(|| vec![replace(front, &format!("{keyword} {}\n{indent}", declared.name.text))])
    }

    /// What only tidies up is done where the command has succeeded: `cmd &&`.
    fn joined(&self, taker: NodeId) -> Option<Vec<Edit>> {
        let [(tidy, _), ref rest @ ..] = self.deciders(taker)[..] else { return None };
        let [(meant, _), ref others @ ..] = self.deciders(tidy)[..] else { return None };
        let is_one = rest.iter().all(|&(other, _)| other == tidy) && others.iter().all(|&(other, _)| other == meant);
        let (at, _) = self.behind_line(meant).filter(|_| is_one)?;
        let simple = self.simple(tidy).filter(|simple| simple.alone)?;
        let between = self.text(Span::new(at, simple.statement.start));
        let is_off = self.resolver.flow.inputs.get(meant)?.errexit == crate::flow::state::Flag::Off;
        (is_off && between.trim().is_empty()).then(|| vec![insert(at, " &&")])
    }
}
