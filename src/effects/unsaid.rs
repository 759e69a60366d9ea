//! Commands whose errors are thrown away.
//!
//! ```sh
//! repmgr standby promote >/dev/null 2>&1     # if it fails, nobody will know why
//! ```

use super::step::Occurrence;
use crate::finding::Edit;
use crate::flow::forest::constant;
use crate::flow::graph::{Graph, Kind};
use crate::span::Span;
use crate::syntax::tree::{Redirect, RedirectKind};

/// The mark of their effects.
const UNSAID: &str = "errors-thrown-away";

/// Marks the effects of commands whose errors go nowhere.
pub fn mark(graph: &Graph<'_>, source: &[u8], occurrences: &mut [Occurrence]) {
    for occurrence in occurrences {
        let Kind::Simple(simple) = &graph.node(occurrence.node).kind else { continue };
        if throws_errors_away(&simple.command.redirects) {
            occurrence.marks.push(UNSAID.into());
            occurrence.edits.extend(said(&simple.command.redirects, source));
        }
    }
}

/// The edit after which the errors are printed: the one redirection that takes them goes.
fn said(redirects: &[Redirect], source: &[u8]) -> Option<Edit> {
    let mut taking = redirects.iter().filter(|redirect| {
        redirect.kind == RedirectKind::Both
            || redirect.descriptor == Some(2)
            || redirect.kind == RedirectKind::BothAppend
    });
    let (only, None) = (taking.next()?, taking.next()) else { return None };
    if only.kind == RedirectKind::Both {
        let operator = Span::new(only.span.start, only.span.start + 2);
        let is_operator = matches!(source.get(operator.range()), Some(b"&>" | b">&"));
        return is_operator.then(|| Edit { span: operator, text: ">".to_owned() });
    }
    let before = source.get(..only.span.start as usize)?;
    let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count() as u32;
    // The word in front of it and the word behind it stay apart by what stands behind it.
    Some(Edit { span: Span::new(only.span.start - blanks, only.span.end), text: String::new() })
}

/// Whether what is written on standard error is gone. The order counts: in `2>&1 >/dev/null` the errors are printed.
fn throws_errors_away(redirects: &[Redirect]) -> bool {
    let (mut output_gone, mut errors_gone) = (false, false);
    for redirect in redirects {
        let target = constant(&redirect.target);
        let gone = target.as_deref() == Some("/dev/null");
        match (redirect.kind, redirect.descriptor) {
            (RedirectKind::Both, _) => (output_gone, errors_gone) = (gone, gone),
            (RedirectKind::DuplicateOutput, Some(2)) => errors_gone = target.as_deref() == Some("1") && output_gone,
            (RedirectKind::DuplicateOutput, None | Some(1)) => {
                output_gone = target.as_deref() == Some("2") && errors_gone;
            }
            (_, Some(2)) => errors_gone = gone,
            (RedirectKind::Output | RedirectKind::Append | RedirectKind::Clobber, None | Some(1)) => output_gone = gone,
            _ => {}
        }
    }
    errors_gone
}
