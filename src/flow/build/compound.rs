//! Branches and loops.

use super::{Builder, Context, Ends, Open};
use crate::flow::graph::{Edge, Kind, ListLoop, Loop, NodeId, Slot};
use crate::span::Span;
use crate::syntax::tree::{Arithmetic, Branch, CaseArm, CaseEnd, For, List, ParameterOperator, Part, PartKind, Word};

impl<'t> Builder<'t> {
    pub(super) fn conditional(
        &mut self,
        span: Span,
        branches: &'t [Branch],
        otherwise: Option<&'t (Span, List)>,
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Ends {
        let mut result = Ends::default();
        let mut open = entry;
        let asked = Context { ignored: true, unheard: false, alone: false, in_condition: true, ..context.clone() };
        for branch in branches {
            let ends = self.list(&branch.condition, open, &asked);
            let body = self.list(&branch.body, ends.ok, context);
            result.ok.extend(body.ok);
            result.fail.extend(body.fail);
            open = ends.fail;
        }
        match otherwise {
            Some((_, body)) => {
                let body = self.list(body, open, context);
                result.ok.extend(body.ok);
                result.fail.extend(body.fail);
            }
            None => {
                let open = self.status(true, span, open);
                result.ok.extend(open);
            }
        }
        result
    }

    /// A `while` or `until`. Its status is that of the last command of its last turn, and 0 without a turn or behind `break`.
    pub(super) fn repeat(
        &mut self,
        (span, close): (Span, Span),
        until: bool,
        [condition, body]: [&'t List; 2],
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Ends {
        let slot = (!context.unheard).then_some(Slot::Turn(span.start));
        let entry = self.turned(slot, true, span, entry);
        let front = self.front(span, entry);
        let head = self.join(span);
        self.connect(vec![(front, Edge::Ok)], head);
        let out = self.join(span);
        let again = if slot.is_some() { self.join(span) } else { head };
        let asked = Context { ignored: true, unheard: false, alone: false, in_condition: true, ..context.clone() };
        let ends = self.list(condition, vec![(head, Edge::Ok)], &asked);
        let (on, done) = if until { (ends.fail, ends.ok) } else { (ends.ok, ends.fail) };
        let mut inside = context.clone();
        inside.loops.push([out, again]);
        let mut ends = self.list(body, on, &inside);
        if slot.is_some() {
            ends.ok.push((again, Edge::Ok));
        }
        for (ok, ended) in [(true, ends.ok), (false, ends.fail)] {
            let turned = self.turned(slot, ok, span, ended);
            self.connect(turned, head);
        }
        let asked = condition.statements.iter().map(|statement| statement.span).reduce(Span::to).unwrap_or(span);
        self.looped(Loop { front, close, ..Loop::of(head, out, span, asked) });
        let (done, fail) = match slot {
            Some(slot) => {
                let ends = self.step(Kind::TurnsEnd(slot), span, done);
                (ends.ok, ends.fail)
            }
            None => (done, Vec::new()),
        };
        let done = self.status(true, span, done);
        self.connect(done, out);
        Ends { ok: vec![(out, Edge::Ok)], fail }
    }

    /// Remembers how a turn has ended, where that is heard.
    fn turned(&mut self, slot: Option<Slot>, ok: bool, span: Span, ended: Vec<Open>) -> Vec<Open> {
        match slot {
            Some(slot) if !ended.is_empty() => vec![(self.node(Kind::Turned(slot, ok), span, ended), Edge::Ok)],
            _ => ended,
        }
    }

    /// Remembers a loop whose last node was just made.
    fn looped(&mut self, begun: Loop) {
        let end = NodeId(self.graph.nodes.len() as u32);
        self.graph.loops.push(Loop { end, ..begun });
    }

    /// What stands in front of a loop, and no turn comes to again.
    fn front(&mut self, span: Span, entry: Vec<Open>) -> NodeId {
        let front = self.join(span);
        self.connect(entry, front);
        front
    }

    /// A `for` over words. Its status is that of the last command of its last turn, and 0 without a turn or behind `break`.
    pub(super) fn over_items(&mut self, node: &'t For, span: Span, entry: Vec<Open>, context: &Context<'t>) -> Ends {
        let mut entry = entry;
        for item in node.items.iter().flat_map(|(_, words)| words) {
            entry = self.word(item, entry, context);
        }
        let first = self.step(Kind::FirstItem(node), span, entry);
        let begin = first.ok.first().map(|&(begin, _)| begin);
        let head = self.node(Kind::Item(node), span, first.ok);
        let turned = [self.join(span), self.join(span)];
        let out = self.join(span);
        let mut inside = context.clone();
        inside.loops.push([out, turned[0]]);
        let ends = self.list(&node.body, vec![(head, Edge::Ok)], &inside);
        // From the end of a turn there is a next item or none; a list that is not empty cannot be left before.
        let goes_on = !has_one_item(node);
        for (ended, turned) in [ends.ok, ends.fail].into_iter().zip(turned) {
            self.connect(ended, turned);
            if goes_on {
                self.connect(vec![(turned, Edge::Ok)], head);
            }
        }
        let over =
            if goes_on { turned.map(|turned| self.node(Kind::Join, span, vec![(turned, Edge::Ok)])) } else { turned };
        if let Some(first) = begin.filter(|_| goes_on) {
            self.graph.list_loops.push(ListLoop { first, item: head, turned, over });
        }
        self.connect(vec![(over[0], Edge::Ok)], out);
        let items = node.items.iter().flat_map(|(_, words)| words).map(|word| word.span).reduce(Span::to);
        let asked = items.unwrap_or(node.name.span);
        self.looped(Loop { close: node.close, over_items: true, ..Loop::of(head, out, span, asked) });
        let done = self.status(true, span, first.fail);
        self.connect(done, out);
        Ends { ok: vec![(out, Edge::Ok)], fail: vec![(over[1], Edge::Ok)] }
    }

    pub(super) fn arithmetic_for(
        &mut self,
        (span, close): (Span, Span),
        parts: &'t [Option<Arithmetic>; 3],
        body: &'t List,
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Ends {
        let [init, condition, step] = parts;
        let mut open = entry;
        if let Some(init) = init {
            open = self.parts(&init.parts, open, context);
            open = self.step(Kind::Arithmetic(init), init.span, open).both();
        }
        let front = self.front(span, open);
        let head = self.join(span);
        self.connect(vec![(front, Edge::Ok)], head);
        let out = self.join(span);
        let again = self.join(span);
        let mut inside = context.clone();
        inside.loops.push([out, again]);
        let asked = match condition {
            Some(condition) => {
                let open = self.parts(&condition.parts, vec![(head, Edge::Ok)], context);
                self.step(Kind::Arithmetic(condition), condition.span, open)
            }
            None => Ends { ok: vec![(head, Edge::Ok)], fail: Vec::new() },
        };
        let ends = self.list(body, asked.ok, &inside);
        self.connect(ends.both(), again);
        let mut back = vec![(again, Edge::Ok)];
        if let Some(step) = step {
            back = self.parts(&step.parts, back, context);
            back = self.step(Kind::Arithmetic(step), step.span, back).both();
        }
        self.connect(back, head);
        let question = condition.as_ref().map_or(span, |condition| condition.span);
        self.looped(Loop { front, close, ..Loop::of(head, out, span, question) });
        let done = self.status(true, span, asked.fail);
        self.connect(done, out);
        Ends { ok: vec![(out, Edge::Ok)], fail: Vec::new() }
    }

    pub(super) fn case(
        &mut self,
        span: Span,
        subject: &'t Word,
        arms: &'t [CaseArm],
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Ends {
        let mut open = self.word(subject, entry, context);
        let mut result = Ends::default();
        let mut fallen: Vec<Open> = Vec::new();
        for arm in arms {
            let mut matched = std::mem::take(&mut fallen);
            let ends = self.step(Kind::Match { subject, patterns: &arm.patterns }, span, std::mem::take(&mut open));
            matched.extend(ends.ok);
            open = ends.fail;
            let body = if arm.body.statements.is_empty() {
                Ends { ok: self.status(true, span, matched), fail: Vec::new() }
            } else {
                self.list(&arm.body, matched, context)
            };
            match arm.end {
                CaseEnd::Break => {
                    result.ok.extend(body.ok);
                    result.fail.extend(body.fail);
                }
                CaseEnd::FallThrough => fallen = body.both(),
                CaseEnd::Continue => open.extend(body.both()),
            }
        }
        result.ok.extend(fallen);
        let open = self.status(true, span, open);
        result.ok.extend(open);
        result
    }
}

/// Whether a loop turns exactly once: its list is one word that is one item whatever it holds.
fn has_one_item(node: &For) -> bool {
    fn is_one(part: &Part) -> bool {
        match &part.kind {
            PartKind::Literal(_)
            | PartKind::SingleQuoted(_)
            | PartKind::AnsiQuoted(_)
            | PartKind::Command(_)
            | PartKind::Arithmetic(_) => true,
            // `"$@"` and `"${list[@]}"` are as many words as there are.
            PartKind::Parameter(parameter) => {
                &*parameter.name != "@"
                    && parameter.subscript.is_none()
                    && matches!(parameter.operator, ParameterOperator::None)
            }
            _ => false,
        }
    }
    let is_quoted = |part: &Part| match &part.kind {
        PartKind::DoubleQuoted(inner) => inner.iter().all(is_one),
        PartKind::Parameter(_) | PartKind::Command(_) | PartKind::Arithmetic(_) => false,
        _ => is_one(part),
    };
    matches!(&node.items, Some((_, words)) if matches!(&words[..], [only] if only.parts.iter().all(is_quoted)))
}
