//! Files that a comparison found to be the same.
//!
//! ```sh
//! grep -v "^host $name " hosts.conf > "$new"
//! cmp -s "$new" hosts.conf || cp "$new" hosts.conf     # either way hosts.conf holds what this run has made
//! ```

use super::Resolver;
use super::forms::Placed;
use crate::effects::step::Step;
use crate::knowledge::{FactKind, Form};

impl Resolver<'_, '_> {
    /// What is the same as a file that this run has made anew is as new.
    pub(super) fn same_as_new(&self, form: &Form, placed: &[Option<Placed>], step: &mut Step) {
        if !form.asks {
            return;
        }
        for row in form.ok.iter().filter(|row| row.fact == FactKind::SameContent) {
            let other = row.other.and_then(|other| placed.get(other)?.as_ref());
            let Some((one, other)) = placed.get(row.thing).and_then(Option::as_ref).zip(other) else { continue };
            for (held, at) in [(one, other), (other, one)] {
                let place = self.things.get(at.thing);
                step.rare_mut().shows.push((held.thing, place.root, place.key[0]));
            }
        }
    }
}
