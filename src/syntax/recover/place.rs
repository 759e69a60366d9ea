//! Turns the tree of the painted text into the tree of the original: what stands for unread text becomes unread, and
//! every painted stretch gets its place.
//!
//! It knows the tree and the patches, and nothing of how they were found.

use super::canvas::{Filler, Patch};
use super::walk::{self, Visitor};
use crate::span::Span;
use crate::syntax::tree::{
    Command, CommandKind, List, Parameter, ParameterOperator, Part, PartKind, Script, Statement, Unread, UnreadReason,
    Word,
};

/// A patch as it shows in the tree.
pub(super) struct Placed<'a> {
    /// What was painted.
    pub(super) patch: &'a Patch,
    /// Its bytes in the original, blanks at both ends excluded.
    pub(super) region: Span,
    /// Why it was not read.
    pub(super) reason: UnreadReason,
    /// The text of the region.
    pub(super) text: String,
}

/// Puts every patch into the tree; those that stand nowhere are listed all the same.
pub(super) fn place(script: &mut Script, placed: &[Placed<'_>]) {
    let mut fillers = Fillers { placed, found: vec![false; placed.len()] };
    walk::list(&mut script.body, &mut fillers);
    let found = fillers.found;
    walk::list(&mut script.body, &mut Tightened);
    for (patch, found) in placed.iter().zip(found) {
        if patch.region.is_empty() && patch.patch.inserted.is_empty() {
            continue;
        }
        if !found && !patch.region.is_empty() {
            into_gap(&mut script.body, patch.region, patch.reason);
        }
        let mut spans = vec![patch.region];
        if patch.region.is_empty() {
            spans = patch.patch.inserted.iter().map(|&(at, _)| Span::at(at as u32)).collect();
            for span in &spans {
                into_gap(&mut script.body, *span, patch.reason);
            }
        }
        script.unread.extend(spans.into_iter().map(|span| Unread { span, reason: patch.reason }));
    }
    walk::list(&mut script.body, &mut Tightened);
    let mut collected = Collected(Vec::new());
    walk::list(&mut script.body, &mut collected);
    let mut unread = collected.0;
    // What has no place in the tree is listed all the same, unless it lies in something that has.
    let placed = unread.clone();
    let covered = |region: &Unread| placed.iter().any(|other| other.span.contains(region.span));
    unread.extend(script.unread.drain(..).filter(|region| !covered(region)));
    unread.sort_by_key(|unread| unread.span);
    unread.dedup();
    script.unread = unread;
}

/// The first statement of `script`, read from `text`, for which the shell would refuse the script, and that may hide
/// more than itself. One inside a word and on one line hides nothing: the strict reader knows where the word ends.
/// What that reader leaves over without blaming the script is no fault, nor is what is nested too deep, nor text that
/// the shell looks at only when it runs.
pub(super) fn first_fault(script: &mut Script, text: &[u8]) -> Option<Unread> {
    if script.unread.is_empty() {
        return None;
    }
    let mut faults = Vec::new();
    outside_words(&mut script.body, &mut faults);
    let mut collected = Collected(Vec::new());
    walk::list(&mut script.body, &mut collected);
    let several_lines = |unread: &Unread| text.get(unread.span.range()).is_some_and(|text| text.contains(&b'\n'));
    faults.extend(collected.0.into_iter().filter(several_lines));
    faults.into_iter().filter(|unread| unread.reason == UnreadReason::Malformed).min_by_key(|unread| unread.span)
}

/// Collects the unread statements of `list` that do not stand in words.
fn outside_words(list: &mut List, found: &mut Vec<Unread>) {
    for statement in &mut list.statements {
        if let CommandKind::Unread(reason) = statement.command.kind {
            found.push(Unread { span: statement.span, reason });
        }
        for (_, list) in walk::slots(&mut statement.command) {
            outside_words(list, found);
        }
    }
}

/// The unread statements of a tree.
struct Collected(Vec<Unread>);

impl Visitor for Collected {
    fn command(&mut self, command: &mut Command) {
        if let CommandKind::Unread(reason) = command.kind {
            self.0.push(Unread { span: command.span, reason });
        }
    }
}

/// A statement that stands for `span`.
pub(super) fn unread(span: Span, reason: UnreadReason) -> Statement {
    let command = Command { span, kind: CommandKind::Unread(reason), redirects: Vec::new() };
    Statement { span, command, ampersand: None }
}

/// Finds what patches wrote into the text, and turns it into what it stands for.
struct Fillers<'a> {
    placed: &'a [Placed<'a>],
    found: Vec<bool>,
}

impl Fillers<'_> {
    fn filler(&self, span: Span, wanted: fn(usize) -> Filler) -> Option<usize> {
        if span.len() != 1 {
            return None;
        }
        self.placed.iter().position(|placed| placed.patch.filler == wanted(span.start as usize))
    }

    /// A pattern or the subject of a `case` that was written in stands for one that was not read.
    fn word(&mut self, word: &mut Word) {
        let Some(index) = self.filler(word.span, Filler::Word) else { return };
        let placed = &self.placed[index];
        let parameter = Parameter {
            name: "_".into(),
            name_span: placed.region,
            subscript: None,
            operator: ParameterOperator::Other(placed.text.as_str().into()),
        };
        let part = Part { span: placed.region, kind: PartKind::Parameter(Box::new(parameter)) };
        *word = Word { span: placed.region, parts: vec![part] };
        self.found[index] = true;
    }
}

impl Visitor for Fillers<'_> {
    fn command(&mut self, command: &mut Command) {
        // `for …; do` was read as `while …; do`: its keyword is shorter.
        if let CommandKind::Loop { keyword, .. } = &mut command.kind {
            let rewritten =
                |placed: &&Placed<'_>| placed.patch.written.first() == Some(&(keyword.start as usize, "while"));
            if let Some(placed) = self.placed.iter().find(rewritten) {
                let length = if placed.text.starts_with("for") { 3 } else { 6 };
                *keyword = Span::new(keyword.start, keyword.start + length);
            }
        }
        if let CommandKind::Case { subject, arms, .. } = &mut command.kind {
            self.word(subject);
            arms.iter_mut().flat_map(|arm| &mut arm.patterns).for_each(|pattern| self.word(pattern));
        }
        let CommandKind::Simple(simple) = &command.kind else { return };
        let [word] = simple.words.as_slice() else { return };
        if !simple.assignments.is_empty() || !command.redirects.is_empty() {
            return;
        }
        let Some(index) = self.filler(word.span, Filler::Command) else { return };
        let placed = &self.placed[index];
        // What was written before the filler has its own place in the tree.
        let keyword = placed.patch.written.first().is_some_and(|&(at, _)| at < word.span.start as usize);
        let start = if keyword { word.span.start.min(placed.region.end) } else { placed.region.start };
        command.span = Span::new(start, placed.region.end);
        command.kind = CommandKind::Unread(placed.reason);
        self.found[index] = true;
    }
}

/// Puts an unread statement for `region` where it lies between statements; where it lies inside one and in no list of
/// it, that statement was misread and becomes unread itself.
fn into_gap(list: &mut List, region: Span, reason: UnreadReason) {
    let touches = |span: Span| span.start < region.end.max(region.start + 1) && region.start < span.end;
    let Some(index) = list.statements.iter().position(|statement| touches(statement.span)) else {
        let at = list.statements.partition_point(|statement| statement.span.end <= region.start);
        list.statements.insert(at, unread(region, reason));
        return;
    };
    let statement = &mut list.statements[index];
    if matches!(statement.command.kind, CommandKind::Unread(_)) && statement.span.contains(region) {
        return;
    }
    if inside(&mut statement.command, region, reason) {
        return;
    }
    let mut span = statement.span.to(region);
    // What else the region reaches into goes with it.
    let rest = &list.statements[index + 1..];
    let reached = rest.iter().take_while(|next| next.span.start < span.end).count();
    for next in &rest[..reached] {
        span = span.to(next.span);
    }
    list.statements.splice(index..=index + reached, [unread(span, reason)]);
}

/// Tries to find a place inside `command`; says whether `region` needs no further one.
fn inside(command: &mut Command, region: Span, reason: UnreadReason) -> bool {
    if let CommandKind::Function { name, body } = &command.kind
        && name.span.end <= region.start
        && region.end <= body.span.start
    {
        // Between name and body no statement can stand.
        return true;
    }
    for (slot, list) in walk::slots(command) {
        if slot.contains(region) {
            into_gap(list, region, reason);
            return true;
        }
    }
    false
}

/// Makes every outer span hold the inner ones.
struct Tightened;

impl Visitor for Tightened {
    fn command(&mut self, command: &mut Command) {
        let mut span = command.span;
        match &command.kind {
            CommandKind::AndOr { left, right, .. } => span = span.to(left.span).to(right.span),
            CommandKind::Pipeline { stages, .. } => {
                span = stages.iter().fold(span, |span, stage| span.to(stage.span));
            }
            CommandKind::Not { command, .. }
            | CommandKind::Time { command: Some(command), .. }
            | CommandKind::Coproc { command, .. }
            | CommandKind::Function { body: command, .. } => span = span.to(command.span),
            _ => {}
        }
        command.span = span;
    }

    fn statement(&mut self, statement: &mut Statement) {
        statement.span = statement.span.to(statement.command.span);
        if matches!(statement.command.kind, CommandKind::Unread(_)) {
            statement.span = statement.command.span;
        }
    }

    fn list(&mut self, list: &mut List) {
        if let (Some(first), Some(last)) = (list.statements.first(), list.statements.last()) {
            list.span = Span::new(first.span.start, last.span.end);
        }
    }
}
