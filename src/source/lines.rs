//! Byte offsets to lines and columns, and back.
//!
//! Lines end at `\n`; the `\r` of a CRLF belongs to its line, as it does for the shell. Columns count
//! Unicode scalar values, and each byte that is no UTF-8 counts as one.

use crate::span::Span;

/// Where each line starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The first byte of each line; never empty, ascending.
    starts: Vec<u32>,
}

/// One place in a text, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 0-based.
    pub byte: u32,
    /// 1-based.
    pub line: u32,
    /// 1-based, in Unicode scalar values.
    pub column: u32,
}

impl Lines {
    /// The index of a text.
    pub fn of(bytes: &[u8]) -> Self {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        Self { starts: std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect() }
    }

    /// How many lines there are; the empty text behind a last `\n` is one.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The 1-based line that a byte stands in.
    pub fn line_of(&self, byte: u32) -> u32 {
        self.starts.partition_point(|start| *start <= byte) as u32
    }

    /// A 1-based line without its line end (`\n` or `\r\n`); empty past the last line.
    pub fn span(&self, bytes: &[u8], line: u32) -> Span {
        let end_of_text = bytes.len() as u32;
        let index = (line.max(1) - 1) as usize;
        let Some(&start) = self.starts.get(index) else { return Span::at(end_of_text) };
        let mut end = self.starts.get(index + 1).map_or(end_of_text, |next| next - 1);
        if end > start && end < end_of_text && bytes[end as usize - 1] == b'\r' {
            end -= 1;
        }
        Span::new(start, end)
    }

    /// The first byte of a 1-based line; the end of the text past the last line.
    pub fn start(&self, bytes: &[u8], line: u32) -> u32 {
        self.starts.get((line.max(1) - 1) as usize).copied().unwrap_or(bytes.len() as u32)
    }

    /// Where a byte stands. A byte inside a character is at that character, one past the end at the end.
    pub fn position(&self, bytes: &[u8], byte: u32) -> Position {
        let byte = byte.min(bytes.len() as u32);
        let line = self.line_of(byte);
        let before = &bytes[self.start(bytes, line) as usize..character_start(bytes, byte as usize)];
        let column = 1 + scalars(before).count() as u32;
        Position { byte, line, column }
    }

    /// The byte at a 1-based line and column; past the end of a line it is the line's end.
    pub fn byte(&self, bytes: &[u8], line: u32, column: u32) -> u32 {
        let span = self.span(bytes, line);
        let skip = column.max(1) as usize - 1;
        let before: usize = scalars(&bytes[span.range()]).take(skip).map(|(length, _)| length).sum();
        span.start + before as u32
    }

    /// The 0-based line and the 0-based column in UTF-16 units, as editors count.
    pub fn utf16(&self, bytes: &[u8], byte: u32) -> (u32, u32) {
        let byte = byte.min(bytes.len() as u32);
        let line = self.line_of(byte);
        let before = &bytes[self.start(bytes, line) as usize..character_start(bytes, byte as usize)];
        (line - 1, scalars(before).map(|(_, units)| units).sum::<usize>() as u32)
    }

    /// The byte at a 0-based line and a 0-based column in UTF-16 units; past the end of a line it is the line's
    /// end, and inside a surrogate pair it is the pair's start.
    pub fn byte_of_utf16(&self, bytes: &[u8], line: u32, column: u32) -> u32 {
        let span = self.span(bytes, line.saturating_add(1));
        let mut byte = span.start;
        let mut seen = 0;
        for (length, units) in scalars(&bytes[span.range()]) {
            if seen + units > column as usize {
                break;
            }
            seen += units;
            byte += length as u32;
        }
        byte
    }
}

/// Each character as (bytes, UTF-16 units); a byte that is no UTF-8 is one of each.
fn scalars(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(|character| (character.len_utf8(), character.len_utf16()));
        valid.chain(chunk.invalid().iter().map(|_| (1, 1)))
    })
}

/// The first byte of the character that `byte` is inside of, or `byte` itself.
fn character_start(bytes: &[u8], byte: usize) -> usize {
    if bytes.get(byte).is_none_or(|value| value & 0xC0 != 0x80) {
        return byte;
    }
    (byte.saturating_sub(3)..byte)
        .rev()
        .find(|&start| {
            let end = (start + 4).min(bytes.len());
            let first = bytes[start..end].utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
            first.is_some_and(|character| start + character.len_utf8() > byte)
        })
        .unwrap_or(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &[u8], byte: u32) -> (u32, u32) {
        let position = Lines::of(text).position(text, byte);
        (position.line, position.column)
    }

    #[test]
    fn columns_count_characters() {
        let text = "a\nzwölf 🦀 x\n".as_bytes();
        assert_eq!(at(text, 0), (1, 1));
        assert_eq!(at(text, 1), (1, 2));
        assert_eq!(at(text, 2), (2, 1));
        let x = text.iter().position(|byte| *byte == b'x').expect("is there") as u32;
        assert_eq!(at(text, x), (2, 9));
        assert_eq!(Lines::of(text).utf16(text, x), (1, 9));
        assert_eq!(Lines::of(text).byte(text, 2, 9), x);
        assert_eq!(Lines::of(text).byte_of_utf16(text, 1, 9), x);
    }

    #[test]
    fn a_byte_inside_a_character_is_at_the_character() {
        let text = "🦀x".as_bytes();
        for byte in 0..4 {
            assert_eq!(at(text, byte), (1, 1));
        }
        assert_eq!(at(text, 4), (1, 2));
        assert_eq!(Lines::of(text).byte_of_utf16(text, 0, 1), 0);
    }

    #[test]
    fn bytes_that_are_no_utf8_count_one_each() {
        let text = b"\xff\xfe\xe2\x82x";
        assert_eq!(at(text, 4), (1, 5));
        assert_eq!(Lines::of(text).byte(text, 1, 5), 4);
    }

    #[test]
    fn the_end_of_the_text_and_beyond() {
        assert_eq!(at(b"", 0), (1, 1));
        assert_eq!(at(b"a\n", 2), (2, 1));
        assert_eq!(at(b"a\n", 99), (2, 1));
        assert_eq!(Lines::of(b"a\nb").byte(b"a\nb", 9, 1), 3);
        assert_eq!(Lines::of(b"a\nb").byte(b"a\nb", 1, 99), 1);
    }

    #[test]
    fn a_line_span_has_no_line_end() {
        let text = b"a\r\nb\r\nc\r";
        let lines = Lines::of(text);
        assert_eq!(lines.span(text, 1), Span::new(0, 1));
        assert_eq!(lines.span(text, 2), Span::new(3, 4));
        assert_eq!(lines.span(text, 3), Span::new(6, 8));
        assert_eq!(lines.span(text, 4), Span::at(8));
    }
}
