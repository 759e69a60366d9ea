//! How a status is asked for rightly, as edits of the text: only where what stands around it is of a plain form.
//!
//! ```sh
//! set -e
//! /opt/app/look                 # if ! /opt/app/look; then
//! if [ $? -ne 0 ]; then
//! ```

use super::asked_next::{ASKED_NEXT, TOLD_NEXT};
use super::constant::{EITHER, JOINED, REDIRECTED, UNQUOTED, is_bare};
use super::fallback::KEPT_LOST;
use super::in_front::LAST_AS_CHILD;
use super::leaving::{NOT_A_NUMBER, SEVERAL};
use super::left_of_and::ONLY_TOLD;
use super::own_job::JOB_NUMBER;
use super::part::GOES_ON;
use super::process::ALWAYS_THERE;
use super::told_twice::TOLD_TWICE;
use super::used_up::AS_SUCCESS;
use super::words::{Asked, parameter_in};
use super::{Found, Survey};
use crate::effects::spot::Spot;
use crate::finding::Edit;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::knowledge::How;
use crate::span::Span;
use crate::syntax::tree::{PartKind, RedirectKind, Word};

impl Survey<'_, '_, '_> {
    /// The edits after which it is asked as it was meant; none where that is not known.
    pub(super) fn edits(&self, one: &Found<'_>) -> Vec<Edit> {
        let edits = match one.mark {
            UNQUOTED => Some(self.quoted(one.node)),
            JOINED => self.taken_apart(one.node),
            EITHER => self.both(one.node),
            REDIRECTED => self.compared(one.node),
            ALWAYS_THERE => one.word.and_then(|word| self.filled(word)),
            ONLY_TOLD => self.by_itself(one.node),
            LAST_AS_CHILD => self.in_place_of_the_shell(one.node),
            ASKED_NEXT => self.tested(one.node, false),
            TOLD_NEXT | TOLD_TWICE => self.tested(one.node, true),
            GOES_ON => self.ends_script(one),
            AS_SUCCESS => self.told_apart(one),
            NOT_A_NUMBER | SEVERAL => self.left_with(one.node),
            JOB_NUMBER => self.asks_whether_alive(one.node),
            KEPT_LOST => self.read_into_another(one.node),
            _ if one.how == How::OfAnother => self.kept(one),
            _ => None,
        };
        edits.unwrap_or_default()
    }

    /// `[ -n $x ]` → `[ -n "$x" ]`.
    fn quoted(&self, node: NodeId) -> Vec<Edit> {
        let questions = self.questions(node);
        let bare = questions.iter().filter_map(|asked| match asked {
            Asked::Unary(operator, word) if &**operator == "-n" && is_bare(word) => Some(word.span),
            _ => None,
        });
        bare.flat_map(|span| [insert(span.start, "\""), insert(span.end, "\"")]).collect()
    }

    /// `[ "$x"=a ]` → `[ "$x" = a ]`.
    fn taken_apart(&self, node: NodeId) -> Option<Vec<Edit>> {
        let questions = self.questions(node);
        let [Asked::Word(word)] = questions[..] else { return None };
        let part =
            word.parts.iter().find(|part| matches!(&part.kind, PartKind::Literal(text) if text.contains('=')))?;
        let text = self.text(part.span);
        let at = text.find('=')?;
        let from = if text[..at].ends_with('!') { at - 1 } else { at };
        let to = if text[at + 1..].starts_with('=') { at + 2 } else { at + 1 };
        if text[to..].starts_with('~') {
            return None;
        }
        let operator = Span::new(part.span.start + from as u32, part.span.start + to as u32);
        let mut edits = vec![insert(operator.start, " "), insert(operator.end, " ")];
        // Where nothing is left of what stands in front, `[` takes the operator for it.
        let left = self.text(Span::new(word.span.start, operator.start));
        if left.starts_with('$') && !matches!(self.kind(node), Kind::Test(_)) {
            edits[0].text.insert(0, '"');
            edits.push(insert(word.span.start, "\""));
        }
        Some(edits)
    }

    /// `/proc/$pid` → `/proc/${pid:-none}`.
    fn filled(&self, word: &Word) -> Option<Vec<Edit>> {
        let part = parameter_in(word)?;
        let written = self.text(part.span);
        let name = written.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then(|| vec![replace(part.span, &format!("${{{name}:-none}}"))])
    }

    /// `[ "$x" != a ] || [ "$x" != b ]` → `&&`.
    fn both(&self, node: NodeId) -> Option<Vec<Edit>> {
        let [next] = self.ahead(node, Edge::Fail)[..] else { return None };
        let between = between(self.span(node), self.span(next))?;
        let before = self.resolver.source.get(..self.span(node).start as usize).unwrap_or_default().trim_ascii_end();
        let is_first = !before.ends_with(b"&&") && !before.ends_with(b"|");
        (is_first && self.text(between).trim() == "||").then(|| vec![replace(between, " && ")])
    }

    /// `[ "$x" > 5 ]` → `[ "$x" -gt 5 ]`.
    fn compared(&self, node: NodeId) -> Option<Vec<Edit>> {
        let simple = self.simple(node)?;
        let [redirect] = &simple.command.redirects[..] else { return None };
        let operator = match redirect.kind {
            RedirectKind::Output => " -gt ",
            RedirectKind::Input => " -lt ",
            _ => return None,
        };
        let [.., last] = &simple.simple.words[..] else { return None };
        let words_before = simple.simple.words.iter().filter(|word| word.span.end <= redirect.span.start).count();
        let is_inside = redirect.span.end <= last.span.start && words_before == 2;
        let is_number = self.text(redirect.target.span).bytes().all(|byte| byte.is_ascii_digit());
        let left = simple.simple.words.get(1)?;
        let between = Span::new(left.span.end, redirect.target.span.start);
        (is_inside && is_number).then(|| vec![replace(between, operator)])
    }

    /// `command && echo done` → the message on a line of its own.
    fn by_itself(&self, node: NodeId) -> Option<Vec<Edit>> {
        let simple = self.simple(node)?;
        let [told] = self.ahead(node, Edge::Ok)[..] else { return None };
        let (own, next) = (self.span(node), self.span(told));
        let between = between(own, next)?;
        let is_all = simple.statement == Span::new(own.start, next.end);
        let is_here = simple.pipeline.is_none() && simple.place.is_none() && simple.capture.is_none();
        let spot = Spot::around(self.resolver.source, simple);
        let apart = match &spot.indent {
            Some(indent) if spot.ends_line => format!("\n{indent}"),
            _ => "; ".to_owned(),
        };
        (is_all && is_here && self.text(between).trim() == "&&").then(|| vec![replace(between, &apart)])
    }

    /// `"$@"` → `exec "$@"`.
    fn in_place_of_the_shell(&self, node: NodeId) -> Option<Vec<Edit>> {
        let first = self.simple(node)?.simple.words.first()?;
        Some(vec![insert(first.span.start, "exec ")])
    }

    /// The command itself is tested, in place of `$?` behind it.
    fn tested(&self, gate: NodeId, only_told: bool) -> Option<Vec<Edit>> {
        let [(node, Edge::Fail)] = self.deciders(gate)[..] else { return None };
        let simple = self.simple(node)?;
        let own = simple.statement;
        let text = self.text(own);
        let is_whole = simple.pipeline.map_or(simple.alone, |pipeline| pipeline == own);
        // In a condition, errexit would be off inside a function, whoever calls it. What a here-document is given stands
        // behind the line.
        let has_functions = self.resolver.flow.graph.units.len() > 1;
        let runs_more = simple.name.is_none() && !simple.simple.words.is_empty() || text.contains(['`', '(']);
        let calls = !self.resolver.flow.calls.callees(node).is_empty() || has_functions && runs_more;
        let is_plain = !calls && !text.contains("<<") && !text.starts_with('!');
        if !is_whole || !is_plain || simple.in_condition {
            return None;
        }
        let [next] = self.ahead(gate, Edge::Ok)[..] else { return None };
        let asks = self.span(next);
        let between = between(own, asks)?;
        match self.text(between).trim() {
            "if" => {
                let negated = if asked_of_status(self.text(asks))? { "if " } else { "if ! " };
                let rest = self.resolver.source.get(asks.end as usize..).unwrap_or_default().trim_ascii_start();
                let is_alone = rest.strip_prefix(b";").map_or(rest, <[u8]>::trim_ascii_start).starts_with(b"then");
                is_alone.then(|| vec![insert(own.start, negated), replace(Span::new(own.end, asks.end), "")])
            }
            // What else a kept status leads to was never come to under errexit, and may have faults of its own.
            "" | ";" if only_told => {
                let (name, value) = self.text(asks).split_once('=')?;
                let keeps = value == "$?" && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                let spot = Spot::of(self.resolver.source, own, own, true, false);
                let apart = match &spot.indent {
                    Some(indent) => format!("\n{indent}"),
                    None => "; ".to_owned(),
                };
                let first = format!("{name}=0{apart}");
                keeps.then(|| vec![insert(own.start, &first), replace(between, " || ")])
            }
            _ => None,
        }
    }
}

/// Of a test that is all about `$?`: whether it says yes to a success.
fn asked_of_status(test: &str) -> Option<bool> {
    let inner = test.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
    let inner = inner.or_else(|| test.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')))?;
    let words: Vec<&str> = inner.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    match words[..] {
        ["$?", "-eq" | "=" | "==", "0"] => Some(true),
        ["$?", "-ne" | "!=" | "-gt", "0"] => Some(false),
        _ => None,
    }
}

/// What stands between two places, if the second is behind the first.
fn between(first: Span, second: Span) -> Option<Span> {
    (first.end <= second.start).then(|| Span::new(first.end, second.start))
}

pub(super) fn insert(at: u32, text: &str) -> Edit {
    replace(Span::at(at), text)
}

pub(super) fn replace(span: Span, text: &str) -> Edit {
    Edit { span, text: text.to_owned() }
}
