//! Finds the broken stretches of a text and paints over as little as makes the rest whole.
//!
//! The text is cut at statement borders around the place where the strict parser stumbles; what lies before and after
//! must be whole, so the fault is in between. In between, the likeliest lines are painted over one after the other
//! until the parser reads the stretch. A long block is opened up first, so that the search stays near the fault. What
//! no small patch mends is given up as a stretch of its own. It knows nothing of trees.

use super::canvas::{Canvas, Patch};
use super::outline::outline;
use super::probe::{Probe, Reading};
use super::shape::{Block, Shape, first_word};
use super::suspects::{Attempt, attempts};
use crate::syntax::tree::UnreadReason;
use std::ops::Range;

/// Stretches of more lines are opened up before lines are tried one by one.
const SHORT: usize = 40;
/// How deep blocks are opened up.
const DEEPEST: usize = 12;
/// How many lines after the fault are tried as the start of the rest.
const RESUMPTIONS: usize = 24;
/// How often the whole is gone over.
const PASSES: usize = 3;
/// How many lines in a row are tried as the start of the broken statement.
const FAULTS: usize = 24;
/// How many lines after the middle one are tried as a border between statements.
const NEIGHBOURS: usize = 24;
/// How many patches one stretch may need.
const ROUNDS: usize = 5;
/// How many pieces of a stretch that was given up are kept at most.
const PIECES: usize = 4_000;

/// The search, its text and its budget.
pub(super) struct Search {
    canvas: Canvas,
    probe: Probe,
    given_up: Vec<(Range<usize>, UnreadReason)>,
}

/// A stretch that stays readable inside one that was given up.
struct Kept {
    range: Range<usize>,
    /// A word or bracket of a block, not a statement.
    frame: bool,
}

/// What the search leaves behind.
pub(super) struct Mended {
    /// The painted text.
    pub(super) canvas: Canvas,
    /// Stretches that no small patch mended, and why; in no order.
    pub(super) given_up: Vec<(Range<usize>, UnreadReason)>,
}

/// Paints over `masked` until what is left reads whole.
pub(super) fn mend(masked: &str) -> Mended {
    let canvas = Canvas::new(masked);
    let lines = canvas.line_count();
    let mut search = Search { canvas, probe: Probe::new(masked.len()), given_up: Vec::new() };
    for _ in 0..PASSES {
        search.region(0, lines, 0);
        match search.read(0, lines) {
            Reading::Whole | Reading::Spent => break,
            // The pieces are whole and their sum is not.
            Reading::Stops { .. } => {}
        }
    }
    Mended { canvas: search.canvas, given_up: search.given_up }
}

/// Keeps of `masked` only the statements that stand whole in tree-sitter's outline of it: the last resort.
pub(super) fn outlined(masked: &str, reason: UnreadReason) -> Mended {
    let canvas = Canvas::new(masked);
    let lines = canvas.line_count();
    let mut search = Search { canvas, probe: Probe::new(masked.len()), given_up: Vec::new() };
    search.give_up(0, lines, reason);
    Mended { canvas: search.canvas, given_up: search.given_up }
}

impl Search {
    /// Mends lines `from..to`, which hold a list of statements.
    fn region(&mut self, from: usize, to: usize, depth: usize) {
        let mut start = from;
        loop {
            while start < to && self.shape(start).empty {
                start += 1;
            }
            if start >= to {
                return;
            }
            let (at, reason) = match self.read(start, to) {
                Reading::Whole => return,
                Reading::Spent => return self.give_up(start, to, UnreadReason::Deadline),
                Reading::Stops { at, reason } => (at, reason),
            };
            let stumble = self.canvas.line_of(self.canvas.line(start).start + at).min(to - 1);
            let fault = self.first_fault(start, stumble);
            if let Some(resume) = self.near_resumption(fault, to) {
                start = resume;
                continue;
            }
            let resume = self.resumption(fault, to);
            if !self.stretch(fault, resume, depth) {
                self.give_up(fault, resume, reason);
            }
            start = resume;
        }
    }

    /// The last line before which the text from `start` on is whole, as far as a search that halves the way finds it;
    /// the reader stumbled at line `stumble`, so it is no later than that.
    fn first_fault(&mut self, start: usize, stumble: usize) -> usize {
        let indent = self.shape(start).indent;
        let borders: Vec<usize> = (start + 1..=stumble)
            .filter(|&line| {
                let shape = self.shape(line);
                !shape.empty && shape.indent <= indent
            })
            .collect();
        // Most faults are where the reader stumbles.
        if let Some(&last) = borders.last()
            && self.read(start, last) == Reading::Whole
        {
            return last;
        }
        let (mut low, mut high) = (0, borders.len());
        let mut fault = start;
        while low < high {
            let middle = low + (high - low) / 2;
            // Not every line is a border: inside a block or a string none is, so its neighbours are asked too.
            let neighbours = middle..high.min(middle + NEIGHBOURS);
            match neighbours.into_iter().find(|&index| self.read(start, borders[index]) == Reading::Whole) {
                Some(index) => (fault, low) = (borders[index], index + 1),
                None => high = middle,
            }
        }
        let mut tries = 0;
        let after = borders.partition_point(|&line| line <= fault);
        for &line in &borders[after..] {
            if self.read(fault, line) == Reading::Whole {
                fault = line;
                tries = 0;
            }
            tries += 1;
            if tries > FAULTS {
                break;
            }
        }
        fault
    }

    /// A line right after the fault from which the reader gets on, where a patch on the lines before it is enough and
    /// they open no block; mends them. So the next fault is left to itself.
    fn near_resumption(&mut self, fault: usize, to: usize) -> Option<usize> {
        let first = self.shape(fault);
        let mut next = fault + 1;
        while next < to && (self.shape(next).empty || self.shape(next - 1).hangs) {
            next += 1;
        }
        let shape = self.shape(next);
        let block = !first.opens.is_empty() || !first.closes.is_empty() || first.pattern || first.middle;
        if next >= to || block || shape.dependent || shape.open_quote || shape.indent > first.indent {
            return None;
        }
        let Reading::Stops { at, .. } = self.read(next, to) else { return None };
        let reached = self.canvas.line_of(self.canvas.line(next).start + at);
        (reached > next && self.direct(fault, next)).then_some(next)
    }

    /// The line after the fault from which the text reads whole, or else furthest.
    fn resumption(&mut self, fault: usize, to: usize) -> usize {
        let indent = self.shape(fault).indent;
        let mut best = (0, to);
        let mut accident = None;
        let mut tried = 0;
        for line in fault + 1..to {
            let shape = self.shape(line);
            if shape.empty || shape.dependent || shape.indent > indent || self.hangs_before(line, fault) {
                continue;
            }
            match self.read(line, to) {
                // From the middle of a string on, text can be whole by accident.
                Reading::Whole if shape.open_quote => {
                    accident = accident.or(Some(line));
                }
                Reading::Whole => return line,
                Reading::Spent => break,
                Reading::Stops { at, .. } => {
                    let reached = self.canvas.line(line).start + at;
                    if self.canvas.line_of(reached) > line && reached > best.0 {
                        best = (reached, line);
                    }
                }
            }
            tried += 1;
            if tried == RESUMPTIONS {
                break;
            }
        }
        accident.unwrap_or(best.1)
    }

    /// Whether the statement before `line` goes on in it.
    fn hangs_before(&self, line: usize, fault: usize) -> bool {
        (fault..line).rev().map(|before| self.shape(before)).find(|shape| !shape.empty).is_some_and(|shape| shape.hangs)
    }

    /// Mends lines `from..to`, one broken statement or a few; says whether it could.
    fn stretch(&mut self, from: usize, to: usize, depth: usize) -> bool {
        if to - from <= SHORT {
            return self.direct(from, to) || (depth < DEEPEST && self.inside(from, to, depth));
        }
        (depth < DEEPEST && self.inside(from, to, depth)) || self.direct(from, to)
    }

    /// Tries patches: on one line or two, else on a stretch, else on several lines.
    fn direct(&mut self, from: usize, to: usize) -> bool {
        self.line_by_line(from, to, 2) || self.stretches(from, to) || self.line_by_line(from, to, ROUNDS)
    }

    /// Tries patches on single lines, `rounds` of them at most, each of which lets the reader get further.
    fn line_by_line(&mut self, from: usize, to: usize, rounds: usize) -> bool {
        let mark = self.canvas.mark();
        for _ in 0..rounds {
            let Reading::Stops { at, .. } = self.read(from, to) else { break };
            let base = self.canvas.line(from).start;
            let stumble = self.canvas.line_of(base + at).min(to - 1);
            let mut best = (stumble, None);
            for attempt in attempts(&self.canvas, from, to, stumble).lines {
                match self.attempt(from, to, &attempt) {
                    Reading::Whole => return true,
                    Reading::Spent => {
                        self.canvas.undo_to(mark);
                        return false;
                    }
                    Reading::Stops { at, .. } => {
                        let reached = self.canvas.line_of(base + at);
                        if reached > best.0 {
                            best = (reached, Some(attempt));
                        }
                    }
                }
            }
            let Some(attempt) = best.1 else { break };
            for patch in attempt {
                self.canvas.paint(patch);
            }
        }
        self.canvas.undo_to(mark);
        false
    }

    /// Tries patches on several lines at once.
    fn stretches(&mut self, from: usize, to: usize) -> bool {
        let Reading::Stops { at, .. } = self.read(from, to) else { return false };
        let stumble = self.canvas.line_of(self.canvas.line(from).start + at).min(to - 1);
        let attempts = attempts(&self.canvas, from, to, stumble).stretches;
        attempts.iter().any(|attempt| self.attempt(from, to, attempt) == Reading::Whole)
    }

    /// Paints `attempt` and keeps it where it makes lines `from..to` whole.
    fn attempt(&mut self, from: usize, to: usize, attempt: &Attempt) -> Reading {
        let mark = self.canvas.mark();
        for patch in attempt {
            self.canvas.paint(patch.clone());
        }
        let reading = self.read(from, to);
        if reading != Reading::Whole {
            self.canvas.undo_to(mark);
        }
        reading
    }

    /// Opens the block that lines `from..to` are, and mends the lists in it.
    fn inside(&mut self, from: usize, to: usize, depth: usize) -> bool {
        let mark = self.canvas.mark();
        let given_up = self.given_up.len();
        let segments = self.segments(from, to);
        if segments.iter().all(|segment| segment.end - segment.start >= to - from) {
            return false;
        }
        for segment in segments {
            if !segment.is_empty() {
                self.region(segment.start, segment.end, depth + 1);
            }
        }
        if self.read(from, to) == Reading::Whole {
            return true;
        }
        self.canvas.undo_to(mark);
        self.given_up.truncate(given_up);
        false
    }

    /// The lists inside the block of lines `from..to`, cut at the lines that belong to the block itself.
    fn segments(&self, from: usize, to: usize) -> Vec<Range<usize>> {
        let indent = self.shape(from).indent;
        let text = self.canvas.line_text(from).trim_ascii_start();
        let in_case = first_word(text) == b"case" && self.shape(from).opens == [Block::Case];
        let arms =
            (from + 1..to).map(|line| self.shape(line)).find(|shape| !shape.empty).map_or(0, |shape| shape.indent);
        let cuts = |shape: &Shape| {
            if in_case {
                shape.dependent && shape.indent <= indent || shape.arm_end || (shape.pattern && shape.indent <= arms)
            } else {
                shape.dependent && shape.indent <= indent
            }
        };
        let mut segments = Vec::new();
        let mut start = from + 1;
        while start < to && self.shape(start - 1).hangs {
            start += 1;
        }
        let after_header = start;
        for line in after_header..to {
            let shape = self.shape(line);
            if !shape.empty && cuts(&shape) {
                segments.push(start..line);
                start = line + 1;
            }
        }
        segments.push(start..to);
        segments
    }

    /// Paints over lines `from..to`, save for the statements in them that another reader finds whole.
    fn give_up(&mut self, from: usize, to: usize, reason: UnreadReason) {
        let lines = self.canvas.lines(from, to);
        let span = self.canvas.trimmed(&lines).range();
        if span.is_empty() {
            return;
        }
        if !self.probe.affords(span.len()) {
            return self.cover(span, reason);
        }
        let mark = self.canvas.mark();
        match outline(&self.canvas.text()[span.clone()]) {
            None => return self.cover(span, UnreadReason::Deadline),
            Some(outline) if outline.frame.len() + outline.statements.len() > PIECES => {}
            Some(outline) => {
                for frame in [outline.frame.as_slice(), &[]] {
                    let keep = self.kept(&span, frame, &outline.statements);
                    self.paint_around(&span, &keep);
                    if self.read(from, to) == Reading::Whole {
                        self.given_up.push((span, reason));
                        return;
                    }
                    self.canvas.undo_to(mark);
                }
            }
        }
        self.cover(span, reason);
    }

    /// Paints over `span` whole.
    fn cover(&mut self, span: Range<usize>, reason: UnreadReason) {
        self.given_up.push((span.clone(), reason));
        self.canvas.paint(Patch::command(span));
    }

    /// What of an outline is worth keeping: the frame, and every statement that the strict reader reads too.
    fn kept(&mut self, span: &Range<usize>, frame: &[Range<usize>], statements: &[Range<usize>]) -> Vec<Kept> {
        let place = |range: &Range<usize>| span.start + range.start..span.start + range.end;
        let mut kept: Vec<Kept> = frame.iter().map(|range| Kept { range: place(range), frame: true }).collect();
        for range in statements {
            let range = place(range);
            if self.probe.read(&self.canvas.text()[range.clone()]) == Reading::Whole {
                kept.push(Kept { range, frame: false });
            }
        }
        kept.sort_by_key(|kept| kept.range.start);
        kept
    }

    /// Paints over what of `span` is not `keep`, with a command for every stretch that is.
    fn paint_around(&mut self, span: &Range<usize>, keep: &[Kept]) {
        let mut from = span.start;
        let mut before = true;
        for next in keep.iter().map(Some).chain([None]) {
            let (to, frame) = next.map_or((span.end, true), |kept| (kept.range.start, kept.frame));
            if to < from {
                continue;
            }
            let gap = self.canvas.trimmed(&(from..to)).range();
            // Line ends keep statements apart that were kept apart by what is painted over.
            let mut inserted = Vec::new();
            if !before && from > span.start {
                inserted.push((from, "\n"));
            }
            if gap.is_empty() {
                if !frame || !before {
                    self.canvas.paint(Patch { inserted, ..Patch::blank(from..from) });
                }
            } else {
                if to < span.end {
                    inserted.push((to, "\n"));
                }
                self.canvas.paint(Patch { inserted, ..Patch::command(gap) });
            }
            if let Some(kept) = next {
                from = kept.range.end;
                before = kept.frame;
            }
        }
    }

    fn shape(&self, line: usize) -> Shape {
        self.canvas.shape(line)
    }

    fn read(&mut self, from: usize, to: usize) -> Reading {
        let range = self.canvas.lines(from, to);
        if !self.probe.affords(range.len()) {
            return Reading::Spent;
        }
        let composed = self.canvas.compose(&range);
        match self.probe.read(&composed.text) {
            Reading::Stops { at, reason } => Reading::Stops { at: composed.original(at) - range.start, reason },
            other => other,
        }
    }
}
