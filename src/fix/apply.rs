//! One round of edits: which go together, and the text that they make.

use crate::finding::{Edit, Fix};
use crate::span::Span;

/// Two fixes that cannot be applied in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict;

/// Applies the fixes that do not get in each other's way: of two that touch, the first in the text wins, and the
/// other waits for the next round. Gives the new text and the indices of what was applied.
pub fn apply(bytes: &[u8], fixes: &[&Fix]) -> (Vec<u8>, Vec<usize>) {
    let mut order: Vec<usize> = (0..fixes.len()).collect();
    order.sort_by_key(|&at| fixes[at].edits.iter().map(|edit| edit.span).min());
    let mut edits: Vec<&Edit> = Vec::new();
    let mut applied = Vec::new();
    for at in order {
        if join(&mut edits, &fixes[at].edits, bytes.len()).is_ok() {
            applied.push(at);
        }
    }
    edits.sort_by_key(|edit| edit.span);
    let crlf = ends_lines_with_crlf(bytes);
    let mut text = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    for edit in edits {
        let Span { start, end } = edit.span;
        text.extend_from_slice(&bytes[copied..start as usize]);
        if crlf {
            text.extend_from_slice(edit.text.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes());
        } else {
            text.extend_from_slice(edit.text.as_bytes());
        }
        copied = end as usize;
    }
    text.extend_from_slice(&bytes[copied..]);
    (text, applied)
}

/// Adds the edits of one fix, all or none.
fn join<'fix>(edits: &mut Vec<&'fix Edit>, new: &'fix [Edit], length: usize) -> Result<(), Conflict> {
    let fits = |edit: &Edit| edit.span.start <= edit.span.end && edit.span.end as usize <= length;
    let collide = |edit: &Edit| edits.iter().any(|other| edit.touches(other));
    let among_themselves = new.iter().enumerate().any(|(at, edit)| new[..at].iter().any(|other| edit.touches(other)));
    if new.is_empty() || among_themselves || !new.iter().all(fits) || new.iter().any(collide) {
        return Err(Conflict);
    }
    edits.extend(new);
    Ok(())
}

fn ends_lines_with_crlf(bytes: &[u8]) -> bool {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let crlf = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
    crlf * 2 > lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Applicability;

    fn fix(edits: &[(u32, u32, &str)]) -> Fix {
        let edits =
            edits.iter().map(|&(start, end, text)| Edit { span: Span::new(start, end), text: text.into() }).collect();
        Fix { title: String::new(), applicability: Applicability::Safe, edits }
    }

    fn applied(text: &str, fixes: &[Fix]) -> (String, Vec<usize>) {
        let (bytes, applied) = apply(text.as_bytes(), &fixes.iter().collect::<Vec<_>>());
        (String::from_utf8_lossy(&bytes).into_owned(), applied)
    }

    #[test]
    fn edits_keep_their_places() {
        let fixes = [fix(&[(6, 9, "-p c")]), fix(&[(0, 0, "set -e\n"), (3, 3, "X")])];
        assert_eq!(applied("abcdefghij", &fixes), ("set -e\nabcXdef-p cj".into(), vec![1, 0]));
    }

    #[test]
    fn of_two_that_touch_the_first_wins() {
        let fixes = [fix(&[(2, 5, "two")]), fix(&[(0, 3, "one")])];
        assert_eq!(applied("abcdef", &fixes), ("onedef".into(), vec![1]));
        let fixes = [fix(&[(2, 2, "x")]), fix(&[(2, 2, "x")])];
        assert_eq!(applied("abcdef", &fixes), ("abxcdef".into(), vec![0]));
        let fixes = [fix(&[(0, 2, "x")]), fix(&[(2, 4, "y")])];
        assert_eq!(applied("abcdef", &fixes), ("xyef".into(), vec![0, 1]));
    }

    #[test]
    fn a_fix_is_applied_whole_or_not() {
        let fixes = [fix(&[(0, 1, "A")]), fix(&[(0, 1, "B"), (5, 6, "F")]), fix(&[(3, 99, "")]), fix(&[])];
        assert_eq!(applied("abcdef", &fixes), ("Abcdef".into(), vec![0]));
    }

    #[test]
    fn new_lines_are_those_of_the_file() {
        assert_eq!(applied("a\r\nb\r\n", &[fix(&[(3, 3, "x\n")])]).0, "a\r\nx\r\nb\r\n");
        assert_eq!(applied("a\nb\n", &[fix(&[(2, 2, "x\n")])]).0, "a\nx\nb\n");
    }
}
