//! Where waiting can be put, and what it has to ask.
//!
//! ```sh
//! appd --daemonize
//!                                   # here, until `redis-cli ping` says yes
//! if ! redis-cli ping; then
//! ```

use super::pauses::THEN_JUDGED;
use super::stops::THEN_STARTED;
use super::{Found, Survey};
use crate::effects::spot::Spot;
use crate::flow::graph::{Edge, Kind, NodeId, Slot};
use crate::knowledge::{Argument, How, Remedy};
use crate::span::Span;
use thin_vec::ThinVec;

/// The place of what is not waited for.
pub(super) struct Place {
    pub spot: Spot,
    /// A command that succeeds once the answer is yes.
    pub question: Option<Box<str>>,
    /// What knowledge has for what relies on it, or for what ends later.
    pub remedies: ThinVec<(Remedy, Box<str>)>,
}

impl Place {
    /// One of which nothing more is known.
    pub fn bare(source: &[u8], span: Span) -> Self {
        Self { spot: Spot::of(source, span, span, true, false), question: None, remedies: ThinVec::new() }
    }
}

impl Survey<'_, '_, '_> {
    /// The place of one.
    pub(super) fn place(&self, one: &Found) -> Place {
        let span = self.resolver.flow.graph.node(one.node).span;
        let bare = Place::bare(self.resolver.source, span);
        let around = |node: NodeId| match self.kind(node) {
            Kind::Simple(simple) => Some(Spot::around(self.resolver.source, simple)),
            _ => None,
        };
        let told = if one.mark == THEN_STARTED { one.node } else { one.next };
        let mut remedies = self.step(told).map(|step| step.remedies.clone()).unwrap_or_default();
        remedies.extend(self.health(told).map(|health| (Remedy::Readiness, health)));
        let (spot, question) = match one.how {
            How::Pause if one.mark == THEN_JUDGED => (around(one.node), self.question(one.next)),
            How::Pause | How::Stop => (around(one.node), None),
            How::Start if one.mark == THEN_JUDGED => {
                let front = self.front(one.node);
                (front.clone(), front.and_then(|_| self.question(one.node)))
            }
            How::Start => (self.job(one.node), None),
            _ => (around(one.node), None),
        };
        let spot = spot.unwrap_or(Spot { last: false, ..bare.spot });
        Place { spot, question: question.map(Into::into), remedies }
    }

    /// What succeeds once the service answers that a command is a client of, on this host and where it always listens.
    fn health(&self, client: NodeId) -> Option<Box<str>> {
        let Kind::Simple(simple) = self.kind(client) else { return None };
        let words = simple.simple.words.iter().map(|word| self.text(word.span));
        let arguments: Vec<Argument> = words.map(Argument::literal).collect();
        let elsewhere = |word: &Argument| {
            ["-h", "-p", "-H", "-P", "-S", "--host", "--port", "--socket", "--url", "-d"]
                .iter()
                .any(|option| word.text.starts_with(option))
        };
        let mut services = self.resolver.knowledge.services_asked(&arguments);
        let service = services.next().filter(|_| services.next().is_none())?;
        // The client that the script has is asked; another one may not be there.
        let asked = service.health.iter().find(|line| line.split(' ').next() == simple.program());
        let health = asked.or_else(|| service.health.first())?;
        let is_here =
            simple.place.is_none() && simple.simple.assignments.is_empty() && !arguments.iter().any(elsewhere);
        is_here.then(|| format!("{health} >/dev/null 2>&1").into())
    }

    /// What succeeds once the answer to a question no longer leads to a failure.
    fn question(&self, asked: NodeId) -> Option<String> {
        let Kind::Simple(simple) = self.kind(asked) else { return None };
        let is_here =
            simple.pipeline.is_none() && !matches!(simple.capture, Some(Slot::Capture(_))) && simple.place.is_none();
        let written = self.written(asked);
        let is_plain = !written.is_empty() && !written.contains(['\n', '`']) && !simple.simple.words.is_empty();
        if !is_here || !is_plain || !simple.simple.assignments.is_empty() {
            return None;
        }
        let quiet =
            if simple.program() == Some("[") || !simple.command.redirects.is_empty() { "" } else { " >/dev/null 2>&1" };
        let (ok, fail) = (self.fails_over(asked, Edge::Ok), self.fails_over(asked, Edge::Fail));
        match (ok, fail) {
            (true, false) if written.starts_with("[ ! ") => Some(format!("[ {}", written.strip_prefix("[ ! ")?)),
            (true, false) => Some(format!("! {written}{quiet}")),
            (false, true) => Some(format!("{written}{quiet}")),
            // Its status is kept, and judged later.
            (true, true) if !simple.in_condition => Some(format!("{written}{quiet}")),
            _ => None,
        }
    }

    /// The place in front of the statement that a question decides, where the line begins with that.
    fn front(&self, asked: NodeId) -> Option<Spot> {
        let span = self.resolver.flow.graph.node(asked).span;
        let before = std::str::from_utf8(self.resolver.source.get(..span.start as usize)?).ok()?;
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let (earlier, front) = (before[..line].trim_end(), &before[line..]);
        let begins = matches!(front.trim(), "" | "!" | "if" | "if !");
        let goes_on = earlier.ends_with(['\\', '|']) || earlier.ends_with("&&");
        let start = line + (front.len() - front.trim_start().len());
        let statement = Span::new(start as u32, span.end);
        (begins && !goes_on).then(|| Spot::of(self.resolver.source, statement, statement, true, false))
    }

    /// The place of a command that is sent to the background, with the `&` behind it.
    fn job(&self, first: NodeId) -> Option<Spot> {
        let span = self.resolver.flow.graph.node(first).span;
        let behind = self.resolver.source.get(span.end as usize..)?;
        let blanks = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let is_job = behind.get(blanks) == Some(&b'&') && behind.get(blanks + 1) != Some(&b'&');
        let whole = Span::new(span.start, span.end + blanks as u32 + 1);
        let spot = Spot::of(self.resolver.source, whole, whole, true, false);
        (is_job && spot.ends_line && spot.indent.is_some()).then_some(spot)
    }
}
