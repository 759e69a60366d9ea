//! One text to be read: its bytes, its lines, and the one door through which other texts come in.
//!
//! It knows bytes and positions, and nothing of shell, rules or terminals.

pub mod fragment;
mod lines;
mod loader;

pub use fragment::{Fragment, FragmentBuilder, FragmentMap};
pub use lines::{Lines, Position};
pub use loader::{DiskLoader, LoadError, Loader, MemoryLoader};

use crate::span::Span;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The UTF-8 byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One text under the name that people know it by.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    bytes: Vec<u8>,
    lines: Lines,
}

/// A text of 4 GiB or more: byte offsets are 32 bits wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the file is 4 GiB or larger, which is more than noharm reads")
    }
}

impl std::error::Error for TooLarge {}

impl Source {
    /// A text under a display path.
    ///
    /// # Errors
    /// The text is 4 GiB or larger.
    pub fn new(path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Result<Self, TooLarge> {
        let bytes = bytes.into();
        if u32::try_from(bytes.len()).is_err() {
            return Err(TooLarge);
        }
        Ok(Self { path: path.into(), lines: Lines::of(&bytes), bytes })
    }

    /// The path as it is shown: as the user named it, or as the walk found it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes as they are on disk.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as a shell reader should see them: the same length, with a byte order mark blanked out.
    ///
    /// A shell would take the mark as part of the first word; no reader finds anything to learn in that.
    pub fn readable(&self) -> Cow<'_, [u8]> {
        if self.bytes.starts_with(BYTE_ORDER_MARK) {
            let mut bytes = self.bytes.clone();
            bytes[..BYTE_ORDER_MARK.len()].fill(b' ');
            Cow::Owned(bytes)
        } else {
            Cow::Borrowed(&self.bytes)
        }
    }

    /// The line index.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Where a byte stands; a byte past the end is the end.
    pub fn position(&self, byte: u32) -> Position {
        self.lines.position(&self.bytes, byte)
    }

    /// The bytes of a span, cut to what is there.
    pub fn slice(&self, span: Span) -> &[u8] {
        let end = (span.end as usize).min(self.bytes.len());
        &self.bytes[(span.start as usize).min(end)..end]
    }

    /// The line a byte stands in, as a span without its line end.
    pub fn line_span(&self, byte: u32) -> Span {
        self.lines.span(&self.bytes, self.lines.line_of(byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_blanked_and_moves_nothing() {
        let source = Source::new("a.sh", b"\xEF\xBB\xBFls\n".to_vec()).expect("small");
        assert_eq!(&*source.readable(), b"   ls\n");
        assert_eq!(source.bytes().len(), source.readable().len());
    }

    #[test]
    fn a_span_past_the_end_is_cut() {
        let source = Source::new("a.sh", b"ls".to_vec()).expect("small");
        assert_eq!(source.slice(Span::new(1, 9)), b"s");
        assert_eq!(source.slice(Span::new(7, 9)), b"");
    }
}
