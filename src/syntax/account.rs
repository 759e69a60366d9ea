//! Accounting: which bytes of a text no token has claimed.
//!
//! A reader that silently drops bytes is worse than one that refuses. What lies between tokens must be blanks,
//! line ends, continuations or comments; anything else was lost on the way. It knows nothing of trees.

use crate::span::Span;

/// The stretches of `masked` inside `within` that no span of `claimed` covers and that are more than blanks,
/// line ends and continuations.
///
/// `claimed` must be sorted by start; spans may overlap or nest. Comments count as claimed only where the caller
/// lists them.
pub(super) fn unclaimed(masked: &[u8], within: Span, claimed: &[Span]) -> Vec<Span> {
    let mut lost = Vec::new();
    let mut from = within.start;
    for span in claimed {
        if span.start > from {
            lost.extend(trimmed(masked, Span::new(from, span.start.min(within.end))));
        }
        from = from.max(span.end);
        if from >= within.end {
            return lost;
        }
    }
    lost.extend(trimmed(masked, Span::new(from, within.end)));
    lost
}

/// `gap` without the blanks at both ends; none where nothing is left.
fn trimmed(masked: &[u8], gap: Span) -> Option<Span> {
    let mut first = None;
    let mut last = gap.start;
    let mut at = gap.start;
    while at < gap.end {
        match masked.get(at as usize) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'\\') if matches!(masked.get(at as usize + 1), Some(b'\n')) => at += 2,
            _ => {
                first.get_or_insert(at);
                at += 1;
                last = at;
            }
        }
    }
    first.map(|start| Span::new(start, last))
}

#[cfg(test)]
mod tests {
    use super::unclaimed;
    use crate::span::Span;

    #[test]
    fn blanks_and_continuations_are_nothing_lost() {
        let text = b"ab \\\n cd\n";
        assert!(unclaimed(text, Span::new(0, 9), &[Span::new(0, 2), Span::new(6, 8)]).is_empty());
    }

    #[test]
    fn what_nobody_claims_is_named() {
        let text = b"ab ) cd ;";
        let lost = unclaimed(text, Span::new(0, 9), &[Span::new(0, 2), Span::new(5, 7)]);
        assert_eq!(lost, [Span::new(3, 4), Span::new(8, 9)]);
    }

    #[test]
    fn nested_claims_do_not_uncover_what_the_outer_one_holds() {
        let text = b"abcdef";
        assert!(unclaimed(text, Span::new(0, 6), &[Span::new(0, 6), Span::new(1, 2)]).is_empty());
    }
}
