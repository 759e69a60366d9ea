//! A copy of a text that parsers can take: same length, every byte a character.
//!
//! Parsers want UTF-8 and stumble over NULs; spans must index the original. So bytes that could trip them are
//! replaced one for one, and nobody reads *text* from the copy: literals are decoded from the original bytes.
//! It knows nothing of shell beyond line ends.

/// What stands for a byte that is no ASCII character: a letter, so that words stay words.
const LETTER: u8 = b'x';

/// Masks `source`: bytes at or above 0x80 and NULs become a letter, and a carriage return before a line end
/// becomes a blank.
///
/// bash would take that carriage return as part of the word before it, and the script would fail at once; what
/// its author meant is the line without it, and that is what is worth judging.
pub(super) fn mask(source: &[u8]) -> String {
    let mut masked = String::with_capacity(source.len());
    for (at, &byte) in source.iter().enumerate() {
        let shown = match byte {
            0 | 0x80.. => LETTER,
            b'\r' if source.get(at + 1).is_none_or(|&next| next == b'\n') => b' ',
            other => other,
        };
        masked.push(char::from(shown));
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn keeps_the_length_and_every_ascii_byte() {
        assert_eq!(mask(b"echo \xc3\xa9\0 done"), "echo xxx done");
        assert_eq!(mask(&[0xff, b'{', 0xf3, 0xbb, 0x98, 0x88]), "x{xxxx");
    }

    #[test]
    fn a_carriage_return_is_a_blank_only_at_a_line_end() {
        assert_eq!(mask(b"a\r\nb\rc\r"), "a \nb\rc ");
    }
}
