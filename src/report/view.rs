//! The lines around a finding, made fit to be shown.
//!
//! A script may hold tabs, CRLF, bytes that are no UTF-8, escape sequences and lines of a megabyte. A view is a
//! clean text of the lines that matter, long ones cut to what is near a label, with every label's place in it and
//! the true line and column of the first.

use crate::source::Source;
use crate::span::Span;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// A longer line is cut.
const LONG: usize = 160;
/// What is kept on each side of a label in a cut line.
const NEAR: usize = 50;
/// Lines shown before and behind a label.
pub const CONTEXT: u32 = 1;

/// A clean text with the places of some labels.
#[derive(Debug)]
pub struct View {
    name: String,
    text: String,
    /// 0-based number of the first line of the text.
    first_line: usize,
    /// For each label in the order given: where it is in the text.
    pub labels: Vec<SourceSpan>,
    /// For each label: its true 0-based column.
    columns: Vec<usize>,
}

impl View {
    /// The view of a file for some spans; each is cut to its first line.
    pub fn of(source: &Source, name: String, spans: &[Span]) -> Self {
        let lines = source.lines();
        let spans: Vec<Span> = spans.iter().map(|span| first_line_of(source, *span)).collect();
        let line_of = |span: &Span| lines.line_of(span.start);
        let first = spans.iter().map(line_of).min().unwrap_or(1).saturating_sub(CONTEXT).max(1);
        let last = (spans.iter().map(line_of).max().unwrap_or(1) + CONTEXT).min(lines.count());
        let mut view = Self {
            name,
            text: String::new(),
            first_line: first as usize - 1,
            labels: vec![SourceSpan::from(0..0); spans.len()],
            columns: spans.iter().map(|span| source.position(span.start).column as usize - 1).collect(),
        };
        for line in first..=last {
            let span = lines.span(source.bytes(), line);
            let here: Vec<usize> = (0..spans.len()).filter(|at| line_of(&spans[*at]) == line).collect();
            // Nothing is shown of the empty text behind the last line end.
            if line == last && span.is_empty() && here.is_empty() {
                break;
            }
            view.push_line(source, span, &spans, &here);
        }
        view
    }

    fn push_line(&mut self, source: &Source, line: Span, spans: &[Span], here: &[usize]) {
        let (text, places) = clean(source.slice(line));
        let place = |byte: u32| places[(byte.saturating_sub(line.start) as usize).min(places.len() - 1)];
        let marks: Vec<(usize, usize)> =
            here.iter().map(|at| (place(spans[*at].start), place(spans[*at].end))).collect();
        let kept = keep(&text, &marks);
        let start_of_line = self.text.len();
        let mut shift: Vec<(usize, usize)> = Vec::new();
        for (index, &(from, to)) in kept.iter().enumerate() {
            if from > 0 && index == 0 || index > 0 {
                self.text.push('…');
            }
            shift.push((from, self.text.len()));
            self.text.push_str(&text[from..to]);
        }
        if kept.last().is_some_and(|(_, to)| *to < text.len()) {
            self.text.push('…');
        }
        let moved = |at: usize| {
            let piece = kept.iter().rposition(|(from, _)| *from <= at).unwrap_or(0);
            let (from, to) = kept[piece];
            shift[piece].1 + (at.min(to).saturating_sub(from))
        };
        for (label, &(start, end)) in here.iter().zip(&marks) {
            let (start, end) = (moved(start), moved(end));
            debug_assert!(start >= start_of_line);
            self.labels[*label] = SourceSpan::from(start..end.max(start));
        }
        self.text.push('\n');
    }
}

/// A span that ends with the line that it starts on.
fn first_line_of(source: &Source, span: Span) -> Span {
    let start = span.start.min(source.bytes().len() as u32);
    let line = source.line_span(start);
    let start = start.min(line.end);
    Span::new(start, span.end.clamp(start, line.end.max(start)))
}

/// A line as text without control characters, and for each of its bytes (and its end) the place in that text.
fn clean(bytes: &[u8]) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(bytes.len());
    let mut places = Vec::with_capacity(bytes.len() + 1);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            places.extend(std::iter::repeat_n(text.len(), character.len_utf8()));
            text.push(match character {
                '\t' => '\t',
                '\u{feff}' => ' ',
                _ if character.is_control() => '\u{fffd}',
                _ => character,
            });
        }
        for _ in chunk.invalid() {
            places.push(text.len());
            text.push('\u{fffd}');
        }
    }
    places.push(text.len());
    (text, places)
}

/// The pieces of a line that are shown: all of it, or what is near the labels.
fn keep(text: &str, marks: &[(usize, usize)]) -> Vec<(usize, usize)> {
    if text.len() <= LONG {
        return vec![(0, text.len())];
    }
    if marks.is_empty() {
        return vec![(0, text.floor_char_boundary(LONG))];
    }
    let mut pieces: Vec<(usize, usize)> = marks
        .iter()
        .map(|&(start, end)| {
            let from = text.floor_char_boundary(start.saturating_sub(NEAR));
            // A label of a thousand characters says no more than its first hundred.
            let to = text.floor_char_boundary((end.min(start + LONG - NEAR) + NEAR).min(text.len()));
            (from, to)
        })
        .collect();
    pieces.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for piece in pieces {
        match joined.last_mut() {
            Some(last) if piece.0 <= last.1 => last.1 = last.1.max(piece.1),
            _ => joined.push(piece),
        }
    }
    joined
}

impl SourceCode for View {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.as_bytes().read_span(span, context_lines_before, context_lines_after)?;
        // Without context only the place is asked for: that is where the true column belongs.
        let column = if context_lines_before == 0 && context_lines_after == 0 {
            let label = self.labels.iter().position(|label| label == span);
            label.map_or(contents.column(), |label| self.columns[label])
        } else {
            contents.column()
        };
        let line_count = contents.data().iter().filter(|byte| **byte == b'\n').count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line() + self.first_line,
            column,
            line_count,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(text: &[u8], spans: &[(u32, u32)]) -> View {
        let source = Source::new("a.sh", text.to_vec()).expect("small");
        let spans: Vec<Span> = spans.iter().map(|&(start, end)| Span::new(start, end)).collect();
        View::of(&source, "a.sh".into(), &spans)
    }

    fn shown(view: &View, label: usize) -> &str {
        let span = view.labels[label];
        &view.text[span.offset()..span.offset() + span.len()]
    }

    #[test]
    fn only_the_lines_around_are_taken() {
        let view = view(b"one\ntwo\nthree\nfour\nfive\n", &[(8, 13)]);
        assert_eq!(view.text, "two\nthree\nfour\n");
        assert_eq!(shown(&view, 0), "three");
        assert_eq!(view.first_line, 1);
    }

    #[test]
    fn crlf_and_bytes_that_are_no_text_do_not_move_labels() {
        let view = view(b"a\r\n\xff\x1b[1m rm x\r\n", &[(9, 11)]);
        assert_eq!(shown(&view, 0), "rm");
        assert!(!view.text.contains('\r') && !view.text.contains('\x1b'));
    }

    #[test]
    fn a_huge_line_is_cut_around_its_labels() {
        let mut text = vec![b'x'; 100_000];
        text.extend_from_slice(b" rm -rf /x ");
        text.extend(std::iter::repeat_n(b'y', 100_000));
        let view = view(&text, &[(100_001, 100_010), (3, 5)]);
        assert_eq!(shown(&view, 0), "rm -rf /x");
        assert_eq!(shown(&view, 1), "xx");
        assert!(view.text.len() < 400);
        assert_eq!(view.columns[0], 100_001);
    }

    #[test]
    fn a_span_over_many_lines_is_its_first() {
        let view = view(b"cat <<E\nbody\nE\n", &[(0, 14)]);
        assert_eq!(shown(&view, 0), "cat <<E");
    }

    #[test]
    fn places_at_and_past_the_end_are_shown() {
        for (text, span) in [(&b""[..], (0, 0)), (b"", (7, 9)), (b"ls\n", (3, 3)), (b"ls", (2, 2)), (b"ls\r\n", (3, 9))]
        {
            let view = view(text, &[span]);
            assert!(view.read_span(&view.labels[0], 1, 1).is_ok(), "{text:?}");
            assert!(view.read_span(&view.labels[0], 0, 0).is_ok(), "{text:?}");
        }
    }
}
