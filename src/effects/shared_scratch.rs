//! Scratch files in a directory that everybody shares, under a name that every run uses.
//!
//! ```sh
//! df -P > /tmp/df.txt             # so does the other run, and whoever has put a link there chooses the file
//! mail -s disk root < /tmp/df.txt
//! rm /tmp/df.txt
//! ```

use super::resolve::Resolver;
use super::spot::Spot;
use super::step::Occurrence;
use crate::finding::Edit;
use crate::flow::graph::{Kind, NodeId};
use crate::flow::value::Value;
use crate::knowledge::{EffectKind, How, PathClass};
use crate::span::Span;
use crate::syntax::tree::{Assignment, AssignmentValue};
use hashbrown::{HashMap, HashSet};
use std::cell::LazyCell;

/// The mark of such a write.
const SHARED_NAME: &str = "shared-name";
/// Where everybody can make files.
const SHARED: [&str; 3] = ["/tmp/", "/var/tmp/", "/dev/shm/"];
/// What is another one for each resource of an agent, or for each run.
const OWN: [&str; 4] = ["OCF_RESOURCE_INSTANCE", "RANDOM", "PPID", "BASHPID"];

/// For so many of them it is sought in the whole text where else the name stands.
const MOST_MENDED: usize = 16;

/// Marks them.
pub fn mark(resolver: &Resolver<'_, '_>, occurrences: &mut [Occurrence]) {
    let removed: HashSet<_> =
        occurrences.iter().filter(|other| other.effect == EffectKind::Delete).map(|other| other.target).collect();
    // Few scripts share a scratch file.
    let sets = LazyCell::new(|| Sets::of(resolver));
    let mut mended = 0;
    for occurrence in occurrences.iter_mut() {
        let is_written = occurrence.effect == EffectKind::Write && occurrence.how == How::Truncate;
        let is_scratch = occurrence.class == PathClass::Scratch && removed.contains(&occurrence.target);
        let is_shared = SHARED.iter().any(|place| occurrence.begins.starts_with(place));
        if is_written && is_scratch && is_shared && !occurrence.fresh && is_known(resolver, occurrence) {
            occurrence.marks.push(SHARED_NAME.into());
            let edits = (mended < MOST_MENDED).then(|| own_name(resolver, &sets, occurrence)).flatten();
            mended += 1;
            occurrence.edits.extend(edits.unwrap_or_default());
        }
    }
}

/// Where the script gives variables their values, by name.
struct Sets<'t>(HashMap<&'t str, Vec<(NodeId, &'t Assignment)>>);

impl<'t> Sets<'t> {
    fn of(resolver: &Resolver<'_, 't>) -> Self {
        let mut sets: HashMap<&str, Vec<(NodeId, &Assignment)>> = HashMap::new();
        for (at, node) in resolver.flow.graph.nodes.iter().enumerate() {
            let Kind::Simple(simple) = &node.kind else { continue };
            for set in simple.simple.assignments.iter().chain(&simple.simple.declared) {
                sets.entry(&set.name.text).or_default().push((NodeId(at as u32), set));
            }
        }
        Self(sets)
    }
}

/// The edits after which each run has a name of its own: `file=$(mktemp NAME.XXXXXX) || exit 1` where a variable gets the name.
fn own_name(resolver: &Resolver<'_, '_>, sets: &Sets<'_>, occurrence: &Occurrence) -> Option<Vec<Edit>> {
    let written = occurrence.target_written.as_deref()?.trim_matches(['"', '\'']);
    if written.starts_with('/') {
        return named_by_variable(resolver, written);
    }
    let name = written.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let [(node, set)] = sets.0.get(name)?[..] else { return None };
    let Kind::Simple(simple) = &resolver.flow.graph.node(node).kind else { return None };
    let AssignmentValue::Scalar(value) = &set.value else { return None };
    let spot = Spot::around(resolver.source, simple);
    let text = resolver.written(value.span);
    let is_plain = simple.alone && !spot.piped && spot.last && !set.append && simple.simple.words.is_empty();
    let bare = text.trim_matches('"');
    // The name may be known to others, who look for it there.
    let source = std::str::from_utf8(resolver.source).ok()?;
    let is_only = source.matches(bare).count() == 1 && !text.contains(['\'', '(', '`', '~', '\\']);
    let stop = if resolver.flow.graph.node(node).unit.0 == 0 { "exit 1" } else { "return 1" };
    let is_here = resolver.flow.graph.node(node).unit == occurrence.unit;
    let template = match text.strip_suffix('"') {
        Some(front) => format!("{front}.XXXXXX\""),
        None => format!("{text}.XXXXXX"),
    };
    let edits = || vec![Edit { span: value.span, text: format!("$(mktemp {template}) || {stop}") }];
    (is_plain && is_only && is_here && simple.simple.assignments.len() == 1).then(edits)
}

/// The edits after which a path that stands in several lines is what a variable holds. All of them are lines of the script
/// itself: what stands in a function or a branch may run without the first one.
fn named_by_variable(resolver: &Resolver<'_, '_>, path: &str) -> Option<Vec<Edit>> {
    let source = std::str::from_utf8(resolver.source).ok()?;
    let base = path.rsplit('/').next()?;
    let letter = |byte: char| if byte.is_ascii_alphanumeric() { byte } else { '_' };
    let name: String = base.chars().map(letter).collect();
    // Of two directories that have such a file, only one is meant.
    let is_one = source.matches(&format!("/{base}")).count() == source.matches(path).count();
    let is_name = name.starts_with(|first: char| first.is_ascii_lowercase()) && is_one;
    let is_taken = resolver.flow.names.find(&name).is_some() || source.contains("<<") || !is_name;
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    if is_taken || !is_plain {
        return None;
    }
    let mut edits: Vec<Edit> = Vec::new();
    let mut at = 0;
    let mut before = "";
    for line in source.split_inclusive('\n') {
        for (column, _) in line.match_indices(path).filter(|_| !line.starts_with('#')) {
            let (front, behind) = (&line[..column], &line[column + path.len()..]);
            let quote = front.chars().next_back().filter(|last| matches!(last, '"' | '\''));
            let front = quote.map_or(front, |_| &front[..column - 1]);
            let behind = quote.map_or(Some(behind), |quote| behind.strip_prefix(quote))?;
            let is_word =
                front.ends_with([' ', '\t', '>', '<']) && behind.starts_with([' ', '\t', '\r', '\n', ';', ')']);
            let begins = !line.starts_with([' ', '\t', ')', '}']) && !before.trim_end().ends_with(['\\', '|', '&']);
            if !is_word || !begins {
                return None;
            }
            let start = at + front.len();
            let end = start + path.len() + 2 * usize::from(quote.is_some());
            if edits.is_empty() {
                let text = format!("{name}=$(mktemp {path}.XXXXXX) || exit 1\n");
                edits.push(Edit { span: Span::at(at as u32), text });
            }
            edits.push(Edit { span: Span::new(start as u32, end as u32), text: format!("\"${name}\"") });
        }
        at += line.len();
        before = line;
    }
    Some(edits)
}

/// Whether nothing in a name is another one in each run: all of it is written out, or set from outside.
fn is_known(resolver: &Resolver<'_, '_>, occurrence: &Occurrence) -> bool {
    let values = &resolver.flow.values;
    let mut pieces = values.pieces(&occurrence.target_value).iter().skip(1);
    pieces.all(|&piece| match values.get(piece) {
        Value::Environment(_, name) => !OWN.contains(&&**name) && !name.contains("PID"),
        Value::Positional(..) => false,
        _ => !resolver.is_new_each_run(piece),
    })
}
