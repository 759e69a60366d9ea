//! Which lines of a broken stretch to look at first, and what to try on each.
//!
//! Lines are ranked by what a person would see: a quote that hangs, a parenthesis too many, a block whose end does not
//! come at its indentation, and how near the parser stumbled. It knows nothing of the parser.

use super::canvas::{Canvas, Patch};
use super::shape::{Block, Shape, first_word};
use super::variants::{inner_variants, variants};
use std::ops::Range;

/// One attempt: patches that are painted together.
pub(super) type Attempt = Vec<Patch>;

/// How many attempts on single lines are made.
const ATTEMPTS: usize = 400;

/// What to try, the likeliest first.
pub(super) struct Attempts {
    /// Patches on one line, or that put in what is missing.
    pub(super) lines: Vec<Attempt>,
    /// Patches on several lines.
    pub(super) stretches: Vec<Attempt>,
}

/// Attempts on lines `from..to`, the likeliest first. `stumble` is the line where the parser stopped.
pub(super) fn attempts(canvas: &Canvas, from: usize, to: usize, stumble: usize) -> Attempts {
    let shapes: Vec<Shape> = (from..to).map(|line| canvas.shape(line)).collect();
    let unmatched = unmatched(&shapes);
    let mut ranked: Vec<(i32, usize, Range<usize>)> = Vec::new();
    let mut line = 0;
    while line < shapes.len() {
        let end = logical_end(&shapes, line);
        if shapes[line..end].iter().any(|shape| !shape.empty) {
            let score = score(&shapes, line..end, from, stumble, &unmatched);
            ranked.push((score, stumble.abs_diff(from + line), line..end));
        }
        line = end;
    }
    ranked.sort_by_key(|(score, distance, range)| (-score, *distance, range.start));
    let mut out = Vec::new();
    // Nothing is lost where an end is put in, so that comes first, the innermost block before the others.
    out.extend(unmatched.iter().rev().take(8).map(|block| vec![closed(canvas, from, block.end, block.kind)]));
    for (rank, (_, _, range)) in ranked.iter().enumerate() {
        if let Some(block) = unmatched.iter().find(|block| block.opener == range.start) {
            out.push(dissolved(canvas, from, block));
        }
        out.extend(header_completions(canvas, &shapes, from, range));
        if range.len() > 1 {
            for line in range.clone() {
                let patches = inner_variants(canvas.text(), &canvas.line(from + line));
                out.extend(patches.into_iter().map(|patch| vec![patch]));
            }
        }
        let bytes = canvas.lines(from + range.start, from + range.end);
        let heredoc = canvas.heredoc_after(from + range.end);
        let with_heredoc = |patch| std::iter::once(patch).chain(heredoc.clone().map(Patch::blank)).collect();
        out.extend(variants(canvas.text(), &bytes).into_iter().map(with_heredoc));
        if rank < 3 && range.len() == 1 {
            let line = canvas.line(from + range.start);
            let kinds = [Block::If, Block::Loop, Block::Brace, Block::Case].map(end_word);
            for word in kinds {
                let mut patch = Patch::command(line.clone());
                patch.inserted.push((line.end, word));
                out.push(vec![patch]);
            }
        }
        if rank == 0 {
            for end in [stumble - from, shapes.len()] {
                let kinds = [Block::If, Block::Loop, Block::Brace, Block::Case];
                out.extend(kinds.into_iter().map(|kind| vec![closed(canvas, from, end, kind)]));
            }
        }
    }
    out.truncate(ATTEMPTS);
    let stretches = ranked.iter().take(6).flat_map(|(_, _, range)| stretches(canvas, &shapes, from, range.start));
    Attempts { lines: out, stretches: stretches.collect() }
}

/// One past the last line of the logical line that starts at `line`.
fn logical_end(shapes: &[Shape], line: usize) -> usize {
    let continued = shapes[line..].iter().take_while(|shape| shape.continued).count();
    (line + continued + 1).min(shapes.len())
}

/// How suspicious the lines `range` are.
fn score(shapes: &[Shape], range: Range<usize>, from: usize, stumble: usize, unmatched: &[Unmatched]) -> i32 {
    let lines = from + range.start..from + range.end;
    let mut score = 0;
    if lines.contains(&stumble) {
        score += 100;
    }
    let quotes = shapes[range.clone()].iter().filter(|shape| shape.open_quote).count();
    if quotes % 2 == 1 {
        score += 80;
    }
    if shapes[range.clone()].iter().map(|shape| shape.parentheses).sum::<i32>() != 0 {
        score += 60;
    }
    if unmatched.iter().any(|block| range.contains(&block.opener)) {
        score += 70;
    }
    score
}

/// A block whose end does not come where its indentation says, with the `else` and `then` lines that belong to it.
struct Unmatched {
    opener: usize,
    kind: Block,
    middles: Vec<usize>,
    /// The line before which its end should stand.
    end: usize,
}

/// The blocks that are opened and, by indentation, never closed.
fn unmatched(shapes: &[Shape]) -> Vec<Unmatched> {
    let mut out = Vec::new();
    for (opener, line) in shapes.iter().enumerate() {
        let Some(&block) = line.opens.first() else { continue };
        let mut middles = Vec::new();
        let mut closed = false;
        let mut end = shapes.len();
        for (at, other) in shapes.iter().enumerate().skip(opener + 1) {
            if other.empty || other.indent > line.indent {
                continue;
            }
            closed = other.indent == line.indent && other.closes.first() == Some(&block);
            let arm = block == Block::Case && other.indent == line.indent && (other.pattern || other.arm_end);
            if other.indent == line.indent && other.middle || arm {
                middles.push(at);
            } else {
                end = at;
                break;
            }
        }
        if !closed {
            out.push(Unmatched { opener, kind: block, middles, end });
        }
    }
    out
}

/// Puts the end of a `kind` of block in before line `end`, on a line of its own.
fn closed(canvas: &Canvas, from: usize, end: usize, kind: Block) -> Patch {
    let mut last = (from + end).saturating_sub(1);
    while last > from && canvas.line_text(last).trim_ascii().is_empty() {
        last -= 1;
    }
    Patch::insertion(canvas.line(last).end, end_word(kind))
}

/// What ends a block, on a line of its own.
fn end_word(kind: Block) -> &'static str {
    match kind {
        Block::If => "\nfi",
        Block::Loop => "\ndone",
        Block::Case => "\nesac",
        Block::Brace => "\n}",
    }
}

/// Puts in the `then`, `do` or `{` that a header lacks.
fn header_completions(canvas: &Canvas, shapes: &[Shape], from: usize, range: &Range<usize>) -> Vec<Attempt> {
    let bytes = canvas.lines(from + range.start, from + range.end);
    let text = canvas.text()[bytes.clone()].trim_ascii();
    let at = canvas.line(from + range.end - 1).end;
    let word = match first_word(text) {
        b"if" | b"elif" if !text.ends_with(b"then") => "\nthen",
        b"while" | b"until" | b"for" | b"select" if !text.ends_with(b"do") => "\ndo",
        _ if text.ends_with(b"()") || text.starts_with(b"function ") => " {",
        _ => return Vec::new(),
    };
    if shapes[range.end - 1].hangs {
        return Vec::new();
    }
    vec![vec![Patch::insertion(at, word)]]
}

/// Paints over a block's opener and what belongs to it, so that its body stands alone.
fn dissolved(canvas: &Canvas, from: usize, block: &Unmatched) -> Attempt {
    let mut attempt: Attempt = Vec::new();
    for (index, line) in std::iter::once(&block.opener).chain(&block.middles).enumerate() {
        let range = canvas.line(from + line);
        let indent = canvas.text()[range.clone()].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let range = range.start + indent..range.end;
        let first = index == 0 && !range.is_empty();
        attempt.push(if first { Patch::command(range) } else { Patch::blank(range) });
    }
    attempt
}

/// Stretches of several lines that start at `line`: up to each of the next lines that are not indented deeper.
fn stretches(canvas: &Canvas, shapes: &[Shape], from: usize, line: usize) -> Vec<Attempt> {
    let first = &shapes[line];
    let ends =
        (line + 1..shapes.len()).filter(|&other| !shapes[other].empty && shapes[other].indent <= first.indent).take(8);
    let mut out = Vec::new();
    for end in ends {
        // The last line belongs to the stretch where it closes something, and to what follows where it does not.
        for last in [end, end + 1] {
            let bytes = canvas.lines(from + line, from + last);
            let text = &canvas.text()[bytes.clone()];
            let indent = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let range = bytes.start + indent..bytes.start + text.trim_ascii_end().len().max(indent);
            if range.is_empty() || last == line + 1 {
                continue;
            }
            out.push(vec![Patch::command(range.clone())]);
            out.push(vec![Patch::blank(range)]);
        }
    }
    out
}
