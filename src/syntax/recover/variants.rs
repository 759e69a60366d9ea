//! The ways to paint over a broken line, those that keep most of its structure first.
//!
//! `if [ "$x ]; then` becomes `if :; then`: the block stays a block, and the command that stands for what could not be
//! read is turned into an unread one later. It knows the keywords of shell, and nothing of the lines around.

use super::canvas::{Filler, Patch};
use super::shape::{first_word, pattern_end};
use std::ops::Range;

/// Every way to paint over `range` of `text`.
pub(super) fn variants(text: &[u8], range: &Range<usize>) -> Vec<Patch> {
    let slice = &text[range.clone()];
    let indent = slice.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let start = range.start + indent;
    let end = range.start + slice.trim_ascii_end().len();
    if start >= end {
        return Vec::new();
    }
    let (head, wants_command) = head_end(text, start, end);
    let tail = tail_start(text, head, end);
    let mut out = Vec::new();
    header_variants(text, start, tail, end, &mut out);
    for (from, to) in [(head, tail), (head, end), (start, tail), (start, end)] {
        let command = from == start || wants_command;
        out.extend(patch(text, from, to, end, command));
    }
    if text[start..end].contains(&b')') && end - start > 1 {
        for to in [tail, end] {
            if to >= start + 2 {
                out.push(Patch {
                    range: start..to,
                    filler: Filler::Word(start),
                    written: vec![(start + 1, ")")],
                    inserted: Vec::new(),
                });
            }
        }
    }
    out.push(Patch::blank(start..end));
    out.dedup();
    out
}

/// One patch over `from..to`; a `;` is written where the text that follows needs one.
fn patch(text: &[u8], from: usize, to: usize, end: usize, command: bool) -> Option<Patch> {
    if from >= to {
        return None;
    }
    if !command {
        return Some(Patch::blank(from..to));
    }
    // The command must stand on the line of what follows it, or a `;` would start a line.
    let line = text[from..to].iter().rposition(|&byte| byte == b'\n').map_or(from, |at| from + at + 1);
    let from_line = if to < end && text[to] == b';' { line } else { from };
    let glued = from > 0 && !text[from - 1].is_ascii_whitespace() && !matches!(text[from - 1], b'(' | b';' | b')');
    let at = if from_line > from { from_line } else { from + usize::from(glued) };
    let needs_semicolon = to < end && !matches!(text[to], b';' | b'&' | b'|');
    if at + usize::from(needs_semicolon) >= to {
        return None;
    }
    let written = if needs_semicolon { vec![(at + 1, ";")] } else { Vec::new() };
    Some(Patch { range: from..to, filler: Filler::Command(at), written, inserted: Vec::new() })
}

/// Broken headers of `for` and `case`: the first becomes a loop with an unread condition, the second keeps its arms.
fn header_variants(text: &[u8], start: usize, tail: usize, end: usize, out: &mut Vec<Patch>) {
    match first_word(&text[start..end]) {
        b"for" | b"select" if tail >= start + 8 => {
            let mut written = vec![(start, "while")];
            if tail < end && text[tail] != b';' || tail == end {
                written.push((start + 7, ";"));
            }
            out.push(Patch { range: start..tail, filler: Filler::Command(start + 6), written, inserted: Vec::new() });
        }
        b"case" if text[start..end].ends_with(b"in") && end >= start + 9 => {
            out.push(Patch {
                range: start + 4..end - 2,
                filler: Filler::Word(start + 5),
                written: Vec::new(),
                inserted: Vec::new(),
            });
        }
        b"for" | b"select" | b"case" => {}
        word @ (b"if" | b"elif" | b"while" | b"until") if tail == end => {
            // `while read x; d`: what was to come is put in.
            let missing = if matches!(word, b"if" | b"elif") { "\nthen" } else { "\ndo" };
            let from = start + word.len();
            if from + 1 < end {
                let filler = Filler::Command(from + 1);
                out.push(Patch { range: from..end, filler, written: Vec::new(), inserted: vec![(end, missing)] });
            }
        }
        word if text[start..end].ends_with(b"{") => {
            let length = function_name(&text[start..end], word);
            if let Some(length) = length.filter(|length| start + length + 1 < end) {
                out.push(Patch::blank(start + length..end - 1));
            }
        }
        _ => {}
    }
}

/// The ways to paint over one line of a statement that goes on over several: its operator in front and its backslash
/// at the end stay.
pub(super) fn inner_variants(text: &[u8], range: &Range<usize>) -> Vec<Patch> {
    let slice = &text[range.clone()];
    let indent = slice.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let start = range.start + indent;
    let trimmed = range.start + slice.trim_ascii_end().len();
    let end = if trimmed > start && text[trimmed - 1] == b'\\' { trimmed - 1 } else { trimmed };
    if start >= end {
        return Vec::new();
    }
    let operator = [&b"&&"[..], b"||", b"|"].into_iter().find(|operator| text[start..end].starts_with(operator));
    let head = start + operator.map_or(0, <[u8]>::len);
    let tail = tail_start(text, head, end);
    let mut out = Vec::new();
    for to in [tail, end] {
        out.extend(patch(text, head, to, end, true));
    }
    // A line of arguments only.
    out.push(Patch::blank(start..end));
    out
}

/// Where the structure that a line starts with ends, and whether a command must follow it.
fn head_end(text: &[u8], start: usize, end: usize) -> (usize, bool) {
    let mut at = start;
    let mut wants_command = true;
    loop {
        let rest = &text[at..end];
        let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let rest = &rest[blanks..];
        let word = first_word(rest);
        let length = match word {
            b"if" | b"elif" | b"while" | b"until" | b"then" | b"do" | b"else" | b"{" | b"!" => word.len(),
            b"fi" | b"done" | b"esac" | b"}" => return (at + blanks + word.len(), false),
            _ if rest.starts_with(b";;") => return (at + blanks + 2, false),
            _ => match function_head(rest).or_else(|| if at == start { pattern_end(rest) } else { None }) {
                Some(length) => length,
                None => return (at, wants_command),
            },
        };
        at += blanks + length;
        wants_command = true;
    }
}

/// The length of `name()` or `function name` at the start of `line`, whose first word is `word`.
fn function_name(line: &[u8], word: &[u8]) -> Option<usize> {
    let rest = &line[word.len()..];
    let blanks = rest.len() - rest.trim_ascii_start().len();
    let rest = &rest[blanks..];
    if word == b"function" {
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(byte)).count();
        return (name > 0).then_some(word.len() + blanks + name);
    }
    (!word.is_empty() && rest.starts_with(b"()")).then_some(word.len() + blanks + 2)
}

/// The length of `name() {` or `function name {` at the start of `rest`.
fn function_head(rest: &[u8]) -> Option<usize> {
    let brace = rest.iter().position(|&byte| byte == b'{')?;
    let before = rest[..brace].trim_ascii_end();
    let name = match before.strip_suffix(b")").map(<[u8]>::trim_ascii_end) {
        Some(opened) => opened.strip_suffix(b"(")?.trim_ascii_end(),
        None => before.strip_prefix(b"function")?,
    };
    let name = name.trim_ascii();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-:. ".contains(byte);
    (!name.is_empty() && name.iter().all(plain)).then_some(brace + 1)
}

/// Where the structure that a line ends with starts; `end` where there is none.
fn tail_start(text: &[u8], from: usize, end: usize) -> usize {
    let mut tail = end;
    loop {
        let rest = text[from..tail].trim_ascii_end();
        let operator = [&b";;&"[..], b";;", b";&", b"&&", b"||", b"|&", b"|", b"&", b";"]
            .into_iter()
            .find(|operator| rest.ends_with(operator));
        if let Some(operator) = operator {
            // A single `;` ends nothing that matters unless something is kept behind it.
            if operator == b";" && tail == end {
                return tail;
            }
            tail = from + rest.len() - operator.len();
            continue;
        }
        let word = rest.iter().rev().take_while(|byte| byte.is_ascii_lowercase() || b"{}".contains(byte)).count();
        let before = rest.len() - word;
        let alone = before > 0 && (rest[before - 1].is_ascii_whitespace() || rest[before - 1] == b';');
        if !alone || !matches!(&rest[before..], b"then" | b"do" | b"else" | b"{" | b"fi" | b"done" | b"esac" | b"}") {
            return tail;
        }
        tail = from + before;
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::recover::canvas::Canvas;

    fn first(text: &str) -> String {
        let mut canvas = Canvas::new(text);
        let patch = super::variants(text.as_bytes(), &(0..text.len())).swap_remove(0);
        canvas.paint(patch);
        String::from_utf8_lossy(canvas.text()).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn structure_is_kept_where_it_can_be() {
        assert_eq!(first("if [ \"$x ]; then"), "if : ; then");
        assert_eq!(first("  elif \"$x then"), "elif :; then");
        assert_eq!(first("a) rm \"x ;;"), "a): ;;");
        assert_eq!(first("f() { echo \"x"), "f() { :");
        assert_eq!(first("done < \"x"), "done");
        assert_eq!(first("grep \"x |"), ": |");
        assert_eq!(first("for x in \"a b; do"), "while : ; do");
        assert_eq!(first("case \"$x in"), "case x in");
        assert_eq!(first("rm -rf \"$x"), ":");
    }
}
