//! What files say of themselves: phrases in the comments of their first lines.

use super::model::{List, Text};
use super::raw::RawHeaders;
use super::rows::braces;
use std::borrow::Cow;

/// The phrases, as globs over the whole header in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// What begins a comment.
    pub markers: List<Text>,
    /// An edit is forbidden or will not last.
    pub forbids: List<Text>,
    /// A program writes the file.
    pub tells: List<Text>,
    /// The reader may edit it all the same.
    pub invites: List<Text>,
}

impl Headers {
    /// No phrases.
    pub const EMPTY: Self = Self {
        markers: Cow::Borrowed(&[]),
        forbids: Cow::Borrowed(&[]),
        tells: Cow::Borrowed(&[]),
        invites: Cow::Borrowed(&[]),
    };

    /// Adds rows as written.
    pub fn add(&mut self, raw: &RawHeaders) {
        self.markers.to_mut().extend(raw.markers.iter().cloned().map(Cow::Owned));
        let lists =
            [(&mut self.forbids, &raw.forbids), (&mut self.tells, &raw.tells), (&mut self.invites, &raw.invites)];
        for (globs, phrases) in lists {
            let phrases = phrases.iter().flat_map(|phrase| braces(&phrase.to_lowercase()));
            globs.to_mut().extend(phrases.map(|phrase| Cow::Owned(format!("*{phrase}*"))));
        }
    }
}
