//! Shell text inside another text, and the way back.
//!
//! ```sh
//! ssh db1 'systemctl stop '\''postgresql'\'''
//! ```
//! runs `systemctl stop 'postgresql'` on another host: the fragment's bytes are not the host's bytes, but each
//! of them has a place there. A [`FragmentMap`] knows it; nothing else in this program ever adds offsets.

use crate::span::Span;

/// A text taken out of a host text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// What the inner shell reads.
    pub text: Vec<u8>,
    /// Where each byte of it came from.
    pub map: FragmentMap,
}

/// Takes spans of a fragment to spans of its host.
///
/// Pieces follow each other without gaps in the fragment, and in order in the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FragmentMap {
    pieces: Vec<Piece>,
}

/// A stretch of the fragment that came from one stretch of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    fragment: Span,
    host: Span,
    /// Byte for byte; otherwise the fragment's bytes stand for the host's as a whole.
    copied: bool,
}

/// Builds a fragment from left to right.
#[derive(Debug)]
pub struct FragmentBuilder<'host> {
    host: &'host [u8],
    fragment: Fragment,
}

impl<'host> FragmentBuilder<'host> {
    /// An empty fragment of a host.
    pub fn new(host: &'host [u8]) -> Self {
        Self { host, fragment: Fragment::default() }
    }

    /// Takes the host's bytes as they are. A span outside the host is cut.
    pub fn copy(&mut self, span: Span) -> &mut Self {
        let end = span.end.min(self.host.len() as u32);
        let span = Span::new(span.start.min(end), end);
        self.fragment.map.push(span.len(), span, true);
        self.fragment.text.extend_from_slice(&self.host[span.range()]);
        self
    }

    /// Puts other bytes in the place of the host's, such as `'` for `'\''`.
    pub fn replace(&mut self, span: Span, text: &[u8]) -> &mut Self {
        self.fragment.map.push(text.len() as u32, span, false);
        self.fragment.text.extend_from_slice(text);
        self
    }

    /// How long the fragment is so far.
    pub fn len(&self) -> u32 {
        self.fragment.map.len()
    }

    /// Whether nothing was added yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The fragment, which is taken away.
    pub fn finish(&mut self) -> Fragment {
        std::mem::take(&mut self.fragment)
    }
}

impl FragmentMap {
    /// The map of a fragment that is one stretch of its host, byte for byte.
    pub fn shifted(host: Span) -> Self {
        let mut map = Self::default();
        map.push(host.len(), host, true);
        map
    }

    /// How long the fragment is.
    pub fn len(&self) -> u32 {
        self.pieces.last().map_or(0, |piece| piece.fragment.end)
    }

    /// Whether the fragment has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The host's bytes that a span of the fragment came from.
    pub fn to_host(&self, span: Span) -> Span {
        let start = self.host_start(span.start);
        if span.is_empty() { Span::at(start) } else { Span::new(start, self.host_end(span.end).max(start)) }
    }

    /// The same fragment seen from the host of its host.
    #[must_use]
    pub fn within(&self, outer: &Self) -> Self {
        let mut map = Self::default();
        for piece in &self.pieces {
            if !piece.copied {
                map.push(piece.fragment.len(), outer.to_host(piece.host), false);
                continue;
            }
            for step in outer.pieces.iter().filter(|step| overlaps(step.fragment, piece.host)) {
                let part = Span::new(step.fragment.start.max(piece.host.start), step.fragment.end.min(piece.host.end));
                map.push(part.len(), outer.to_host(part), step.copied);
            }
        }
        map
    }

    fn push(&mut self, length: u32, host: Span, copied: bool) {
        let start = self.len();
        if length == 0 {
            return;
        }
        if let Some(last) = self.pieces.last_mut()
            && last.copied
            && copied
            && last.host.end == host.start
        {
            last.host.end = host.end;
            last.fragment.end += length;
            return;
        }
        self.pieces.push(Piece { fragment: Span::new(start, start + length), host, copied });
    }

    fn host_start(&self, byte: u32) -> u32 {
        match self.piece_at(byte) {
            Some(piece) if piece.copied => piece.host.start + (byte - piece.fragment.start),
            Some(piece) => piece.host.start,
            None => self.pieces.last().map_or(0, |piece| piece.host.end),
        }
    }

    fn host_end(&self, byte: u32) -> u32 {
        match self.piece_at(byte.saturating_sub(1)) {
            Some(piece) if piece.copied => piece.host.start + (byte - piece.fragment.start),
            Some(piece) => piece.host.end,
            None => self.pieces.last().map_or(0, |piece| piece.host.end),
        }
    }

    fn piece_at(&self, byte: u32) -> Option<&Piece> {
        self.pieces.get(self.pieces.partition_point(|piece| piece.fragment.end <= byte))
    }
}

fn overlaps(one: Span, other: Span) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a '\''b'\'' c` inside single quotes, at byte 5 of the host.
    fn quoted() -> (Vec<u8>, Fragment) {
        let host = br"ssh 'a '\''b'\'' c'".to_vec();
        let fragment = FragmentBuilder::new(&host)
            .copy(Span::new(5, 7))
            .replace(Span::new(7, 11), b"'")
            .copy(Span::new(11, 12))
            .replace(Span::new(12, 16), b"'")
            .copy(Span::new(16, 18))
            .finish();
        (host, fragment)
    }

    #[test]
    fn every_span_finds_its_way_back() {
        let (host, fragment) = quoted();
        assert_eq!(fragment.text, b"a 'b' c");
        let back = |start, end| {
            let span = fragment.map.to_host(Span::new(start, end));
            String::from_utf8_lossy(&host[span.range()]).into_owned()
        };
        assert_eq!(back(0, 1), "a");
        assert_eq!(back(2, 5), r"'\''b'\''");
        assert_eq!(back(3, 4), "b");
        assert_eq!(back(6, 7), "c");
        assert_eq!(back(0, 7), r"a '\''b'\'' c");
    }

    #[test]
    fn an_empty_span_stays_empty_and_the_end_is_the_end() {
        let (_, fragment) = quoted();
        assert_eq!(fragment.map.to_host(Span::at(3)), Span::at(11));
        assert_eq!(fragment.map.to_host(Span::at(7)), Span::at(18));
        assert_eq!(FragmentMap::default().to_host(Span::at(0)), Span::at(0));
    }

    #[test]
    fn a_fragment_of_a_fragment() {
        let (host, outer) = quoted();
        let inner = FragmentBuilder::new(&outer.text).copy(Span::new(1, 6)).finish();
        let map = inner.map.within(&outer.map);
        assert_eq!(map.len(), 5);
        for start in 0..5 {
            for end in start..=5 {
                let direct = map.to_host(Span::new(start, end));
                assert_eq!(direct, outer.map.to_host(inner.map.to_host(Span::new(start, end))));
                assert!(direct.end as usize <= host.len());
            }
        }
    }

    #[test]
    fn copies_that_touch_are_one_piece() {
        let fragment = FragmentBuilder::new(b"abcd").copy(Span::new(0, 2)).copy(Span::new(2, 99)).finish();
        assert_eq!(fragment.map, FragmentMap::shifted(Span::new(0, 4)));
    }
}
