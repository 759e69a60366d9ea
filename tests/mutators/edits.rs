//! Changes of a text, made all at once, and where its lines are afterwards.

use noharm::span::Span;

/// Replacements of parts of a text that do not overlap; of insertions at one place the one that was made first stands
/// first.
#[derive(Clone, Debug, Default)]
pub struct Edits(Vec<(Span, String)>);

impl Edits {
    /// Puts a text in the place of another.
    pub fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.0.push((span, text.into()));
    }

    /// Puts a text in front of the byte at `at`.
    pub fn insert(&mut self, at: u32, text: impl Into<String>) {
        self.replace(Span::at(at), text);
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These, where something is changed.
    pub fn made(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }

    /// The changed text.
    pub fn apply(&self, text: &str) -> String {
        let mut changed = String::new();
        let mut done = 0;
        for (span, new) in self.sorted() {
            let range = span.range();
            assert!(done <= range.start, "two changes of one place: {self:?}");
            changed.push_str(&text[done..range.start]);
            changed.push_str(new);
            done = range.end;
        }
        changed + &text[done..]
    }

    /// Where the end of a line of the text, counted from 1, stands in the changed text: as a line, too.
    pub fn line(&self, text: &str, line: u32) -> u32 {
        let end: usize = text.split_inclusive('\n').take(line as usize).map(str::len).sum();
        let end = end.saturating_sub(1);
        let before = self.sorted().into_iter().filter(|(span, _)| span.range().start <= end);
        let lines = |text: &str| text.matches('\n').count();
        let (mut gained, mut lost) = (0, 0);
        for (span, new) in before {
            gained += lines(new);
            lost += lines(&text[span.range()]);
        }
        line + gained as u32 - lost as u32
    }

    fn sorted(&self) -> Vec<&(Span, String)> {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(span, _)| span.start);
        sorted
    }
}
