//! What one line looks like on its own: its indentation, what it opens and closes, whether a quote hangs.
//!
//! A guess by eye, as a person would make it, used only to decide where to look first; the strict parser has the last
//! word on every guess. It knows nothing of other lines.

/// The blocks of shell, by what closes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// `if … fi`.
    If,
    /// `for`, `while`, `until`, `select … done`.
    Loop,
    /// `case … esac`.
    Case,
    /// `{ … }`.
    Brace,
}

/// No case pattern is longer.
const LONGEST_PATTERN: usize = 400;

/// A line by eye.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // They are independent observations, not a state.
pub(super) struct Shape {
    /// Columns before the first visible byte, a tab counting to the next multiple of 8.
    pub(super) indent: usize,
    /// Nothing visible, or only a comment.
    pub(super) empty: bool,
    /// A quote opens on the line and does not close on it, or the other way round.
    pub(super) open_quote: bool,
    /// `(` minus `)` outside quotes; the `)` of a case pattern is not counted.
    pub(super) parentheses: i32,
    /// Blocks opened here that do not close here, outermost first.
    pub(super) opens: Vec<Block>,
    /// Blocks closed here that did not open here.
    pub(super) closes: Vec<Block>,
    /// Starts with `then`, `do`, `else`, `elif`.
    pub(super) middle: bool,
    /// Starts like a case arm: `pattern)`.
    pub(super) pattern: bool,
    /// Starts with `;;`.
    pub(super) arm_end: bool,
    /// Cannot be the first line of a statement: starts with what continues or ends one.
    pub(super) dependent: bool,
    /// The next line belongs to the same statement: ends in a backslash or an operator.
    pub(super) hangs: bool,
    /// Ends in a backslash.
    pub(super) continued: bool,
    /// The delimiters of the heredocs that open here, without quotes.
    pub(super) heredocs: Vec<Vec<u8>>,
}

/// Looks at `line`.
pub(super) fn shape(line: &[u8]) -> Shape {
    let mut shape = Shape::default();
    let mut start = 0;
    while let Some(byte @ (b' ' | b'\t')) = line.get(start) {
        shape.indent = if *byte == b'\t' { shape.indent / 8 * 8 + 8 } else { shape.indent + 1 };
        start += 1;
    }
    let visible = line[start..].trim_ascii_end();
    shape.empty = visible.is_empty() || visible[0] == b'#';
    if shape.empty {
        return shape;
    }
    let pattern = pattern_end(visible);
    shape.pattern = pattern.is_some();
    shape.arm_end = visible.starts_with(b";;") || visible.starts_with(b";&");
    let trailing = visible.iter().rev().take_while(|&&byte| byte == b'\\').count();
    shape.continued = trailing % 2 == 1;
    scan(visible, pattern.unwrap_or(0), &mut shape);
    let first = first_word(visible);
    shape.middle = matches!(first, b"then" | b"do" | b"else" | b"elif");
    shape.dependent = shape.middle
        || matches!(first, b"fi" | b"done" | b"esac" | b"}" | b"{" | b"in")
        || matches!(visible[0], b')' | b'|' | b'&' | b';');
    shape.hangs = shape.continued || (!shape.open_quote && (visible.ends_with(b"&&") || visible.ends_with(b"|")));
    shape
}

/// The bytes up to the first blank or operator.
pub(super) fn first_word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| b" \t\n;&|()<>".contains(byte)).unwrap_or(text.len());
    &text[..end]
}

/// Where the `)` of a leading case pattern ends, if the line starts like one.
pub(super) fn pattern_end(visible: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, &byte) in visible.iter().enumerate().take(LONGEST_PATTERN) {
        match (quote, byte) {
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b')') => return (at > 0).then_some(at + 1),
            (None, b'(' | b'=' | b'`' | b';' | b'&' | b'<' | b'>') if at > 0 => return None,
            (None, b' ' | b'\t') => {
                // Only `a | b)` has blanks in a pattern.
                let rest = visible[at..].trim_ascii_start();
                let before = visible[..at].trim_ascii_end();
                if !(rest.starts_with(b"|") || rest.starts_with(b")") || before.ends_with(b"|")) {
                    return None;
                }
            }
            _ => {}
        }
    }
    None
}

/// Walks the line from `from`, keeping an eye on quotes, parentheses and block words.
fn scan(visible: &[u8], from: usize, shape: &mut Shape) {
    let mut quote = None;
    let mut at = from;
    let mut command_next = true;
    while let Some(&byte) = visible.get(at) {
        match (quote, byte) {
            (Some(b'\''), b'\'') | (Some(b'"'), b'"') | (Some(b'`'), b'`') => quote = None,
            (Some(b'"') | None, b'\\') => at += 1,
            (Some(_), _) | (None, b' ' | b'\t') => {}
            (None, b'\'' | b'"' | b'`') => {
                quote = Some(byte);
                command_next = false;
            }
            (None, b'#') if at == 0 || matches!(visible[at - 1], b' ' | b'\t' | b';') => break,
            (None, b'(' | b')') => {
                shape.parentheses += if byte == b'(' { 1 } else { -1 };
                command_next = true;
            }
            (None, b';' | b'&' | b'|') => command_next = true,
            (None, b'<') if visible[at..].starts_with(b"<<") => {
                at = match heredoc(visible, at) {
                    Some((delimiter, end)) => {
                        shape.heredocs.push(delimiter);
                        end
                    }
                    None => at + 3,
                };
                continue;
            }
            (None, _) => {
                let ends = |byte: &u8| b" \t\n;&|()<>'\"`\\".contains(byte);
                let length = visible[at..].iter().position(ends).unwrap_or(visible.len() - at).max(1);
                command_next = block_word(&visible[at..at + length], command_next, shape);
                at += length;
                continue;
            }
        }
        at += 1;
    }
    shape.open_quote = quote.is_some();
    if shape.open_quote {
        // Where a quote hangs, what looks quoted may not be.
        shape.heredocs =
            (0..visible.len()).filter_map(|at| heredoc(visible, at)).map(|(delimiter, _)| delimiter).collect();
    }
}

/// The delimiter of the heredoc whose operator stands at `at`, and where the operator and blanks after it end.
fn heredoc(visible: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let rest = visible[at..].strip_prefix(b"<<")?;
    if rest.starts_with(b"<") || (at > 0 && visible[at - 1] == b'<') {
        return None;
    }
    let word = rest.strip_prefix(b"-").unwrap_or(rest).trim_ascii_start();
    let delimiter: Vec<u8> = first_word(word).iter().copied().filter(|byte| !b"'\"\\".contains(byte)).collect();
    (!delimiter.is_empty()).then(|| (delimiter, visible.len() - word.len()))
}

/// Notes what `word` opens or closes; says whether a command may follow it.
fn block_word(word: &[u8], command_here: bool, shape: &mut Shape) -> bool {
    if !command_here {
        return false;
    }
    let close = |block: Block, shape: &mut Shape| {
        if shape.opens.last() == Some(&block) {
            shape.opens.pop();
        } else {
            shape.closes.push(block);
        }
    };
    match word {
        b"if" => shape.opens.push(Block::If),
        b"while" | b"until" => shape.opens.push(Block::Loop),
        b"for" | b"select" => {
            shape.opens.push(Block::Loop);
            return false;
        }
        b"case" => {
            shape.opens.push(Block::Case);
            return false;
        }
        b"{" => shape.opens.push(Block::Brace),
        b"fi" => close(Block::If, shape),
        b"done" => close(Block::Loop, shape),
        b"esac" => close(Block::Case, shape),
        b"}" => close(Block::Brace, shape),
        b"then" | b"do" | b"else" | b"elif" | b"!" | b"time" => {}
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Block, pattern_end, shape};

    #[test]
    fn a_line_that_closes_what_it_opens_is_even() {
        let line = shape(b"  if a; then b \"x\"; fi");
        assert_eq!((line.indent, line.opens.len(), line.closes.len(), line.open_quote), (2, 0, 0, false));
    }

    #[test]
    fn openers_and_closers_are_seen() {
        assert_eq!(shape(b"while read x; do").opens, [Block::Loop]);
        assert_eq!(shape(b"\tf() {").opens, [Block::Brace]);
        assert_eq!(shape(b"done < f").closes, [Block::Loop]);
        assert!(shape(b"echo if").opens.is_empty());
    }

    #[test]
    fn hanging_quotes_and_parentheses_are_seen() {
        assert!(shape(b"echo \"a").open_quote);
        assert!(!shape(b"echo \\\"a '\"'").open_quote);
        assert_eq!(shape(b"x=$(a").parentheses, 1);
        assert_eq!(shape(b"start|stop) a").parentheses, 0);
    }

    #[test]
    fn patterns_end_at_their_parenthesis() {
        assert_eq!(pattern_end(b"a | b) c"), Some(6));
        assert_eq!(pattern_end(b"\"x y\") c"), Some(6));
        assert_eq!(pattern_end(b"echo x)"), None);
        assert_eq!(pattern_end(b"f() {"), None);
    }
}
