//! A working copy of the text, on which broken stretches are painted over, byte for byte, and missing words put in.
//!
//! Painting never moves a byte and never touches a line end. Words put in are kept apart until the text is
//! [composed](Canvas::compose), which also says where every byte of the composed text came from. So every span can be
//! led back to the original. It knows nothing of parsers.

use super::shape::{Shape, shape};
use crate::span::Span;
use std::ops::Range;

/// What a patch puts in the place of the text that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filler {
    /// Blanks only.
    None,
    /// The command `:` at this offset; it stands for what could not be read.
    Command(usize),
    /// The word `x` at this offset; its value stands for one that could not be read.
    Word(usize),
}

/// A stretch to paint over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    /// The bytes that become blanks.
    pub(super) range: Range<usize>,
    /// What is written into them.
    pub(super) filler: Filler,
    /// Further text that the grammar needs there, each with its offset: `;`, `while`, `)`.
    pub(super) written: Vec<(usize, &'static str)>,
    /// Text put in before the byte at an offset: a `fi` that is missing.
    pub(super) inserted: Vec<(usize, &'static str)>,
}

impl Patch {
    /// Nothing but blanks.
    pub(super) fn blank(range: Range<usize>) -> Self {
        Self { range, filler: Filler::None, written: Vec::new(), inserted: Vec::new() }
    }

    /// Blanks, and the command that stands for what was there.
    pub(super) fn command(range: Range<usize>) -> Self {
        Self { filler: Filler::Command(range.start), ..Self::blank(range) }
    }

    /// Nothing painted over, `text` put in at `at`.
    pub(super) fn insertion(at: usize, text: &'static str) -> Self {
        Self { inserted: vec![(at, text)], ..Self::blank(at..at) }
    }
}

/// A composed text and where its bytes came from.
pub(super) struct Composed {
    /// The text.
    pub(super) text: Vec<u8>,
    /// The first byte of the original that it shows.
    start: usize,
    /// Where something was put in, by offset in `text`, with its length.
    inserted: Vec<(usize, usize)>,
}

impl Composed {
    /// The offset in the original of the byte at `at`; for a byte that was put in, of the byte before which it was.
    pub(super) fn original(&self, at: usize) -> usize {
        let mut before = 0;
        for &(start, length) in &self.inserted {
            if start >= at {
                break;
            }
            before += length.min(at - start);
        }
        self.start + at - before
    }
}

/// The painted text and its lines.
pub(super) struct Canvas {
    text: Vec<u8>,
    original: Vec<u8>,
    lines: Vec<Range<usize>>,
    /// By line: whether it lies in a heredoc, as far as a look at single lines can tell.
    in_heredoc: Vec<bool>,
    patches: Vec<Patch>,
    /// By patch: the later patch that covers it whole, so that it shows no more.
    covered_by: Vec<Option<usize>>,
}

impl Canvas {
    /// An unpainted copy of `masked`.
    pub(super) fn new(masked: &str) -> Self {
        let text = masked.as_bytes().to_vec();
        let mut lines = Vec::new();
        let mut start = 0;
        for (at, _) in text.iter().enumerate().filter(|&(_, &byte)| byte == b'\n') {
            lines.push(start..at);
            start = at + 1;
        }
        if start < text.len() {
            lines.push(start..text.len());
        }
        let in_heredoc = heredoc_lines(&text, &lines);
        Self { original: text.clone(), text, lines, in_heredoc, patches: Vec::new(), covered_by: Vec::new() }
    }

    /// What a line looks like as painted so far; one inside a heredoc looks empty.
    pub(super) fn shape(&self, line: usize) -> Shape {
        if self.in_heredoc.get(line) == Some(&true) {
            return Shape { empty: true, ..Shape::default() };
        }
        shape(self.line_text(line))
    }

    /// The text as painted so far.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Number of lines.
    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The bytes of the heredocs that start at line `line`, their delimiters included.
    pub(super) fn heredoc_after(&self, line: usize) -> Option<Range<usize>> {
        let length = self.in_heredoc.get(line..)?.iter().take_while(|&&inside| inside).count();
        (length > 0).then(|| self.lines(line, line + length))
    }

    /// The bytes of line `line` (0-based), line end excluded.
    pub(super) fn line(&self, line: usize) -> Range<usize> {
        self.lines.get(line).cloned().unwrap_or(self.text.len()..self.text.len())
    }

    /// The text of a line as painted so far.
    pub(super) fn line_text(&self, line: usize) -> &[u8] {
        &self.text[self.line(line)]
    }

    /// The bytes of lines `from..to`, the last line's end included.
    pub(super) fn lines(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.line(from).start;
        start..self.line(to).start.max(start)
    }

    /// The line that holds the byte `at`.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|line| line.start <= at).saturating_sub(1)
    }

    /// Paints `patch`.
    pub(super) fn paint(&mut self, patch: Patch) {
        show(&mut self.text, &patch);
        for (earlier, covered_by) in self.patches.iter().zip(&mut self.covered_by) {
            let inserted = earlier.inserted.iter().map(|&(at, _)| at).max().unwrap_or(earlier.range.end);
            let inside = patch.range.start <= earlier.range.start && earlier.range.end.max(inserted) <= patch.range.end;
            if covered_by.is_none() && inside && !patch.range.is_empty() {
                *covered_by = Some(self.patches.len());
            }
        }
        self.patches.push(patch);
        self.covered_by.push(None);
    }

    /// The patches that show.
    fn showing(&self) -> impl Iterator<Item = &Patch> {
        self.patches.iter().zip(&self.covered_by).filter(|(_, covered_by)| covered_by.is_none()).map(|(patch, _)| patch)
    }

    /// The bytes `range` as painted, with what was put in between `range.start` and `range.end`, both included.
    pub(super) fn compose(&self, range: &Range<usize>) -> Composed {
        self.compose_from(&self.text, range)
    }

    /// The whole text as painted, and the same with the bytes of `source` wherever nothing was painted.
    pub(super) fn compose_with(&self, source: &[u8]) -> (Composed, Vec<u8>) {
        let painted = self.text.iter().zip(&self.original).zip(source);
        let painted: Vec<u8> =
            painted.map(|((text, original), source)| if text == original { *source } else { *text }).collect();
        let whole = 0..self.text.len();
        (self.compose_from(&self.text, &whole), self.compose_from(&painted, &whole).text)
    }

    fn compose_from(&self, text: &[u8], range: &Range<usize>) -> Composed {
        let mut insertions: Vec<(usize, &str)> =
            self.showing().flat_map(|patch| patch.inserted.iter().copied()).collect();
        insertions.retain(|(at, _)| range.start <= *at && *at <= range.end);
        // The inner block's end comes first where two end at the same place: it was found first or stands deeper.
        insertions.sort_by_key(|(at, _)| *at);
        let mut composed =
            Composed { text: Vec::with_capacity(range.len() + 16), start: range.start, inserted: Vec::new() };
        let mut from = range.start;
        for (at, inserted) in insertions {
            composed.text.extend_from_slice(&text[from..at]);
            composed.inserted.push((composed.text.len(), inserted.len()));
            composed.text.extend_from_slice(inserted.as_bytes());
            from = at;
        }
        composed.text.extend_from_slice(&text[from..range.end]);
        composed
    }

    /// How many patches there are: a mark to return to with [`Canvas::undo_to`].
    pub(super) fn mark(&self) -> usize {
        self.patches.len()
    }

    /// Takes away every patch painted since `mark`.
    pub(super) fn undo_to(&mut self, mark: usize) {
        let gone = self.patches.split_off(mark.min(self.patches.len()));
        self.covered_by.truncate(self.patches.len());
        for covered_by in &mut self.covered_by {
            *covered_by = covered_by.filter(|&by| by < mark);
        }
        for patch in &gone {
            self.text[patch.range.clone()].copy_from_slice(&self.original[patch.range.clone()]);
        }
        // A patch that is gone may have overlapped one that stays.
        let overlapped = |patch: &Patch| {
            gone.iter().any(|other| other.range.start < patch.range.end && patch.range.start < other.range.end)
        };
        for index in 0..self.patches.len() {
            if overlapped(&self.patches[index]) {
                show(&mut self.text, &self.patches[index]);
            }
        }
    }

    /// The patches that show, in order of position, none reaching into another.
    pub(super) fn patches(&self) -> Vec<Patch> {
        let mut patches: Vec<Patch> = self.showing().cloned().collect();
        patches.sort_by_key(|patch| (patch.range.start, patch.range.end));
        for index in 1..patches.len() {
            let (before, after) = patches.split_at_mut(index);
            if let (Some(last), Some(next)) = (before.last_mut(), after.first()) {
                last.range.end = last.range.end.min(next.range.start.max(last.range.start));
            }
        }
        patches
    }

    /// `range` without the blanks at both ends, by the original text.
    pub(super) fn trimmed(&self, range: &Range<usize>) -> Span {
        let text = &self.original[range.clone()];
        let blank = |byte: &u8| byte.is_ascii_whitespace();
        let before = text.iter().take_while(|byte| blank(byte)).count();
        if before == text.len() {
            return Span::new(range.start as u32, range.start as u32);
        }
        let after = text.iter().rev().take_while(|byte| blank(byte)).count();
        Span::new((range.start + before) as u32, (range.end - after) as u32)
    }
}

/// Paints `patch` on `text`.
fn show(text: &mut [u8], patch: &Patch) {
    for byte in &mut text[patch.range.clone()] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
    match patch.filler {
        Filler::None => {}
        Filler::Command(at) => text[at] = b':',
        Filler::Word(at) => text[at] = b'x',
    }
    for &(at, written) in &patch.written {
        text[at..at + written.len()].copy_from_slice(written.as_bytes());
    }
}

/// Which lines lie in a heredoc whose delimiter comes, the delimiter's line included.
fn heredoc_lines(text: &[u8], lines: &[Range<usize>]) -> Vec<bool> {
    let mut inside = vec![false; lines.len()];
    let mut at = 0;
    let mut lookups = 0;
    while at < lines.len() {
        let line = &text[lines[at].clone()];
        at += 1;
        if !line.windows(2).any(|pair| pair == b"<<") {
            continue;
        }
        for delimiter in shape(line).heredocs {
            // A text with thousands of heredocs that never end must not be searched thousands of times.
            lookups += 1;
            if lookups > 1_000 {
                return inside;
            }
            let end = lines[at..].iter().position(|range| text[range.clone()].trim_ascii() == delimiter.as_slice());
            if let Some(length) = end {
                inside[at..=at + length].fill(true);
                at += length + 1;
            }
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::{Canvas, Filler, Patch};

    #[test]
    fn painting_keeps_length_and_line_ends_and_can_be_undone() {
        let mut canvas = Canvas::new("ab\ncd \"e\nf\n");
        let mark = canvas.mark();
        canvas.paint(Patch { range: 3..8, filler: Filler::Command(3), written: vec![(6, "&&")], inserted: Vec::new() });
        assert_eq!(canvas.text(), b"ab\n:  &&\nf\n");
        canvas.undo_to(mark);
        assert_eq!(canvas.text(), b"ab\ncd \"e\nf\n");
    }

    #[test]
    fn what_is_put_in_can_be_led_back() {
        let mut canvas = Canvas::new("ab\ncd\n");
        canvas.paint(Patch::insertion(2, "\nfi"));
        let composed = canvas.compose(&(0..6));
        assert_eq!(composed.text, b"ab\nfi\ncd\n");
        let led: Vec<usize> = (0..=9).map(|at| composed.original(at)).collect();
        assert_eq!(led, [0, 1, 2, 2, 2, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn lines_are_found() {
        let canvas = Canvas::new("ab\ncd\n\nx");
        assert_eq!(canvas.line_count(), 4);
        assert_eq!(canvas.line_of(0), 0);
        assert_eq!(canvas.line_of(3), 1);
        assert_eq!(canvas.line_of(7), 3);
        assert_eq!(canvas.lines(1, 4), 3..8);
    }
}
