//! The recovering reader: what can be placed of a text that is not shell through and through.
//!
//! A script is broken in one place, or being typed, and the rest of it is as good as ever. So the rest is left to the
//! strict reader: the [`search`] finds the smallest stretches whose absence makes the text whole, asking the [`probe`]
//! again and again, and paints them over on a [`canvas`] that keeps every byte in its place. The painted text is read
//! strictly, and [`place`] puts what was painted over into the tree as unread. Where no small patch helps, tree-sitter's
//! [`outline`] says which statements of the stretch are whole. No stage after this one can tell how it was done.

mod canvas;
mod outline;
mod place;
mod probe;
mod search;
mod shape;
mod suspects;
mod variants;
mod walk;

use self::canvas::Patch;
use self::place::Placed;
use self::search::Mended;
use super::{remap, strict};
use crate::dialect::Dialect;
use crate::span::Span;
use crate::syntax::tree::{List, Reader, Script, Unread, UnreadReason};
use std::ops::Range;

/// Gives `script`, read from `source`, back where it holds no fault that may hide more than itself.
pub(super) fn sound(mut script: Script, source: &[u8]) -> Option<Script> {
    place::first_fault(&mut script, source).is_none().then_some(script)
}

/// Reads what can be read of `source`; `masked` is its masked copy.
///
/// Every dialect is mended by bash's grammar, as the strict reader reads by it.
pub(super) fn read(source: &[u8], masked: &str, _dialect: Dialect) -> Script {
    let mended = search::mend(masked);
    lowered(source, &mended)
        .or_else(|_| lowered(source, &search::outlined(masked, UnreadReason::Malformed)))
        .unwrap_or_else(|reason| unread(source, reason))
}

/// Reads the painted text and puts into the tree what was painted over.
fn lowered(source: &[u8], mended: &Mended) -> Result<Script, UnreadReason> {
    let (composed, painted) = mended.canvas.compose_with(source);
    // Painting and putting in write ASCII into ASCII.
    let text = String::from_utf8_lossy(&composed.text);
    let mut script = strict::try_read(&painted, &text).map_err(|(_, reason)| reason)?;
    remap(&mut script, |at| composed.original(at as usize) as u32);
    let patches = mended.canvas.patches();
    let placed: Vec<Placed<'_>> = patches
        .iter()
        .map(|patch| {
            let region = mended.canvas.trimmed(&patch.range);
            let text = String::from_utf8_lossy(&source[region.range()]).into_owned();
            Placed { patch, region, reason: reason(patch, &mended.given_up), text }
        })
        .collect();
    place::place(&mut script, &placed);
    script.reader = Reader::Recovering;
    Ok(script)
}

/// Why `patch` was painted.
fn reason(patch: &Patch, given_up: &[(Range<usize>, UnreadReason)]) -> UnreadReason {
    let holds = |range: &Range<usize>| range.start <= patch.range.start && patch.range.end <= range.end;
    given_up.iter().find(|(range, _)| holds(range)).map_or(UnreadReason::Malformed, |(_, reason)| *reason)
}

/// A script of which nothing was read.
fn unread(source: &[u8], reason: UnreadReason) -> Script {
    let span = Span::new(0, source.len() as u32);
    Script {
        body: List { span, statements: vec![place::unread(span, reason)] },
        comments: Vec::new(),
        reader: Reader::Recovering,
        unread: vec![Unread { span, reason }],
    }
}
