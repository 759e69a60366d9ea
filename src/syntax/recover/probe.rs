//! Asks the strict reader one question about a piece of text: do you read all of it, and if not, where do you stop?
//!
//! Built for being asked often: it keeps nothing, and stops answering once its budget is spent.
//! It knows nothing of lines, patches or trees.

use super::place::first_fault;
use crate::syntax::strict;
use crate::syntax::tree::UnreadReason;
use std::time::{Duration, Instant};

/// What follows every probed text: a command that must come out as a statement of its own. A heredoc, an array or a
/// continued line that is still open at the end swallows it.
const SENTINEL: &str = "\n:\n";

/// The answer to a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Every byte is shell, and nothing is left open at the end.
    Whole,
    /// The reader stumbled at the byte `at` of the probed text.
    Stops {
        /// Offset into the probed text.
        at: usize,
        /// What it says of it.
        reason: UnreadReason,
    },
    /// The budget is spent: nothing is known.
    Spent,
}

/// A parser with a budget of bytes: what is read must not depend on what else the machine does. A deadline stands far behind it,
/// for texts on which the reader takes much longer than their length says.
pub(super) struct Probe {
    bytes: usize,
    deadline: Instant,
}

impl Probe {
    /// A budget that suits a file of `length` bytes: dozens of readings of a large one, and thousands of a small one.
    pub(super) fn new(length: usize) -> Self {
        let seconds = 6 + (length as u64 / 1_000_000);
        Self { bytes: 8_000_000 + 24 * length, deadline: Instant::now() + Duration::from_secs(seconds) }
    }

    /// Whether there is anything left to spend on probes of `length` bytes.
    pub(super) fn affords(&self, length: usize) -> bool {
        self.bytes >= length && Instant::now() < self.deadline
    }

    /// Reads `text`, which must be ASCII.
    pub(super) fn read(&mut self, text: &[u8]) -> Reading {
        if !self.affords(text.len()) {
            return Reading::Spent;
        }
        self.bytes -= text.len();
        let probed = with_sentinel(text);
        match strict::try_read(probed.as_bytes(), &probed) {
            Ok(mut script) => match first_fault(&mut script, text) {
                Some(unread) => {
                    Reading::Stops { at: (unread.span.start as usize).min(text.len()), reason: unread.reason }
                }
                None => match script.body.statements.last() {
                    Some(last) if last.span.start as usize == text.len() + 1 => Reading::Whole,
                    _ => Reading::Stops { at: text.len(), reason: UnreadReason::Malformed },
                },
            },
            Err((at, reason)) => Reading::Stops { at: at.min(text.len()), reason },
        }
    }
}

/// `text` and the sentinel.
fn with_sentinel(text: &[u8]) -> String {
    let mut probed = String::with_capacity(text.len() + SENTINEL.len());
    probed.extend(text.iter().map(|&byte| char::from(byte)));
    probed.push_str(SENTINEL);
    probed
}

#[cfg(test)]
mod tests {
    use super::{Probe, Reading};
    use crate::syntax::tree::UnreadReason;

    fn read(text: &str) -> Reading {
        Probe::new(text.len()).read(text.as_bytes())
    }

    #[test]
    fn whole_text_is_whole() {
        assert_eq!(read("a && b\ncat <<E\nx\nE\n"), Reading::Whole);
        assert_eq!(read(""), Reading::Whole);
        assert_eq!(read("# only a comment\n"), Reading::Whole);
    }

    #[test]
    fn what_is_open_at_the_end_is_not_whole() {
        for text in ["cat <<E\nx\n", "x=(a\nb\n", "a \\", "a &&\n", "if a; then b\n", "echo \"x\n"] {
            assert_ne!(read(text), Reading::Whole, "{text:?}");
        }
    }

    #[test]
    fn a_stop_says_where() {
        assert_eq!(read("a\nb\n)\nc\n"), Reading::Stops { at: 4, reason: UnreadReason::Malformed });
    }
}
