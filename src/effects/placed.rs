//! What stands in the script, by where: for questions about all that is within a group, a loop or a substitution.

use crate::span::Span;

/// Things with their places, in order.
pub struct Placed<T>(Vec<(Span, T)>);

impl<T: Copy> Placed<T> {
    /// Those that stand within a span, in order.
    pub fn within(&self, span: Span) -> impl Iterator<Item = T> + '_ {
        let first = self.0.partition_point(|(place, _)| place.start < span.start);
        let near = self.0[first..].iter().take_while(move |(place, _)| place.start <= span.end);
        near.filter(move |(place, _)| span.contains(*place)).map(|&(_, thing)| thing)
    }

    /// All of them, in order.
    pub fn all(&self) -> impl Iterator<Item = T> + '_ {
        self.0.iter().map(|&(_, thing)| thing)
    }
}

impl<T> FromIterator<(Span, T)> for Placed<T> {
    fn from_iter<I: IntoIterator<Item = (Span, T)>>(things: I) -> Self {
        let mut placed: Vec<(Span, T)> = things.into_iter().collect();
        placed.sort_by_key(|(place, _)| place.start);
        Self(placed)
    }
}
