//! Text from bytes: what backslashes leave, by the quoting around them.

/// Which backslashes quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// Every one.
    None,
    /// Those before `$`, a backquote, `"`, `\` and a line end.
    Double,
    /// As in double quotes save for `"`; leading tabs of lines are dropped where true.
    Heredoc(bool),
    /// None: they belong to the text.
    AsWritten,
}

/// Bytes as text; what is no UTF-8 is replaced.
pub(super) fn lossy(bytes: &[u8]) -> Box<str> {
    String::from_utf8_lossy(bytes).into_owned().into_boxed_str()
}

/// The text that the shell makes of `bytes`.
pub(super) fn decode(bytes: &[u8], quoting: Quoting) -> Box<str> {
    let tabs = quoting == Quoting::Heredoc(true);
    if quoting == Quoting::AsWritten || !(bytes.contains(&b'\\') || tabs) {
        return lossy(bytes);
    }
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    let mut line_start = tabs;
    while let Some(byte) = rest.next() {
        if line_start && byte == b'\t' {
            continue;
        }
        line_start = tabs && byte == b'\n';
        if byte != b'\\' {
            text.push(byte);
            continue;
        }
        let next = rest.peek().copied();
        let quotes = match next {
            None => false,
            Some(b'\n' | b'$' | b'`' | b'\\') => true,
            Some(b'"') => !matches!(quoting, Quoting::Heredoc(_)),
            Some(_) => quoting == Quoting::None,
        };
        if quotes {
            rest.next();
            text.extend(next.filter(|&next| next != b'\n'));
        } else {
            text.push(b'\\');
        }
    }
    lossy(&text)
}

/// The text of `$'…'`.
pub(super) fn ansi(bytes: &[u8]) -> Box<str> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte != b'\\' {
            text.push(byte);
            continue;
        }
        let Some(&escape) = bytes.get(at) else {
            text.push(b'\\');
            break;
        };
        at += 1;
        match escape {
            b'a' => text.push(7),
            b'b' => text.push(8),
            b'e' | b'E' => text.push(27),
            b'f' => text.push(12),
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'v' => text.push(11),
            b'0'..=b'7' => {
                let (value, length) = number(&bytes[at - 1..], 8, 3);
                at += length - 1;
                text.push(value as u8);
            }
            b'x' | b'u' | b'U' => {
                let digits = if escape == b'x' {
                    2
                } else if escape == b'u' {
                    4
                } else {
                    8
                };
                let (value, length) = number(&bytes[at..], 16, digits);
                at += length;
                if escape == b'x' && length > 0 {
                    text.push(value as u8);
                } else if let (Some(character), true) = (char::from_u32(value), length > 0) {
                    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                } else {
                    text.extend([b'\\', escape]);
                }
            }
            b'c' => {
                if let Some(&control) = bytes.get(at) {
                    at += 1;
                    text.push(control & 0x1f);
                }
            }
            b'\\' | b'\'' | b'"' | b'?' => text.push(escape),
            other => text.extend([b'\\', other]),
        }
    }
    lossy(&text)
}

/// The number that `bytes` start with, of at most `most` digits, and how many it has.
fn number(bytes: &[u8], radix: u32, most: usize) -> (u32, usize) {
    let mut value = 0_u32;
    let mut length = 0;
    for digit in bytes.iter().take(most).map_while(|&byte| char::from(byte).to_digit(radix)) {
        value = value.wrapping_mul(radix).wrapping_add(digit);
        length += 1;
    }
    (value, length)
}

#[cfg(test)]
mod tests {
    use super::{Quoting, ansi, decode};

    #[test]
    fn backslashes_quote_by_context() {
        assert_eq!(&*decode(br"a\ b\$c\x", Quoting::None), "a b$cx");
        assert_eq!(&*decode(br#"a\ b\$c\"\x"#, Quoting::Double), r#"a\ b$c"\x"#);
        assert_eq!(&*decode(br#"\"\$"#, Quoting::Heredoc(false)), r#"\"$"#);
        assert_eq!(&*decode(b"\tx\n\t\ty\t", Quoting::Heredoc(true)), "x\ny\t");
        assert_eq!(&*decode(b"a\\\nb", Quoting::None), "ab");
        assert_eq!(&*decode(b"caf\xc3\xa9\xff\\", Quoting::None), "caf\u{e9}\u{fffd}\\");
    }

    #[test]
    fn ansi_escapes_are_resolved() {
        assert_eq!(&*ansi(br"a\tb\n\x41\101\u00e9\'\q\cA"), "a\tb\nAA\u{e9}'\\q\u{1}");
        assert_eq!(&*ansi(b"\\"), "\\");
    }
}
