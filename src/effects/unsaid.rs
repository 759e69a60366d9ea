//! Commands whose errors are thrown away.
//!
//! ```sh
//! repmgr standby promote >/dev/null 2>&1     # if it fails, nobody will know why
//! ```

use super::step::Occurrence;
use crate::flow::forest::constant;
use crate::flow::graph::{Graph, Kind};
use crate::syntax::tree::{Redirect, RedirectKind};

/// The mark of their effects.
const UNSAID: &str = "errors-thrown-away";

/// Marks the effects of commands whose errors go nowhere.
pub fn mark(graph: &Graph<'_>, occurrences: &mut [Occurrence]) {
    for occurrence in occurrences {
        let Kind::Simple(simple) = &graph.node(occurrence.node).kind else { continue };
        if throws_errors_away(&simple.command.redirects) {
            occurrence.marks.push(UNSAID.into());
        }
    }
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
