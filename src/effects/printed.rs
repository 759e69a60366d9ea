//! What it says that a command printed nothing, or how many lines it printed.
//!
//! ```sh
//! [ -z "$(ls -A /srv/app)" ] || exit 1
//! [ "$(ls | wc -l)" -eq 0 ] || exit 1
//! ```
//! Behind these lines nothing is below the directory, and what is there later was made by this run.

use super::conditions::Conditions;
use super::listings::{self, Entries};
use super::thing::Fact;
use crate::flow::forest::{constant, piped};
use crate::flow::value::ValueId;
use crate::knowledge::FactKind;
use crate::syntax::tree::{Command, CommandKind, Simple, Word};
use std::borrow::Cow;
use thin_vec::ThinVec;

impl Conditions<'_, '_, '_> {
    /// What holds where nothing was printed.
    pub(super) fn printed_nothing(&mut self, word: &Word) -> ThinVec<Fact> {
        match stages(word)[..] {
            [listing, ref filters @ ..] if filters.iter().all(|filter| keeps_some(filter)) => self.emptied(listing, 0),
            _ => ThinVec::new(),
        }
    }

    /// What holds where the number that was printed is this one: `$(ls | wc -l)`.
    pub(super) fn printed_number(&mut self, word: &Word, number: i64) -> ThinVec<Fact> {
        match stages(word)[..] {
            [listing, ref filters @ .., count]
                if filters.iter().all(|filter| keeps_all(filter))
                    && words(count).as_deref() == Some(&["wc".into(), "-l".into()]) =>
            {
                self.emptied(listing, number)
            }
            _ => ThinVec::new(),
        }
    }

    /// What holds where `ls` prints so many lines, if it prints as many of an empty directory.
    fn emptied(&mut self, listing: &Simple, lines: i64) -> ThinVec<Fact> {
        let words: Vec<ValueId> = listing.words.iter().map(|word| self.value(word)).collect();
        let texts: Vec<String> = words.iter().map(|&word| self.resolver.flow.values.render(word).0).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let Some(Entries { directory, hidden, lines: least }) = listings::entries(&texts) else {
            return ThinVec::new();
        };
        if lines != least {
            return ThinVec::new();
        }
        let directory = directory.map_or(self.state.directory, |at| words[at]);
        let thing = self.resolver.path(directory, None, self.state);
        // That it could not be listed, because it is not there, says the same.
        let kinds: &[FactKind] = if hidden {
            &[FactKind::NothingBelow, FactKind::NothingToLose, FactKind::RenewedHere]
        } else {
            &[FactKind::NothingShown]
        };
        kinds.iter().map(|&kind| Fact { kind, thing }).collect()
    }
}

/// The commands of a word that is a substitution of one pipeline and nothing else.
fn stages(word: &Word) -> Vec<&Simple> {
    let all: Option<Vec<&Simple>> = piped(word).and_then(|stages| stages.iter().map(simple).collect());
    all.unwrap_or_default()
}

/// A simple command whose output goes nowhere else.
fn simple(command: &Command) -> Option<&Simple> {
    match &command.kind {
        CommandKind::Simple(simple) => {
            command.redirects.iter().all(|redirect| redirect.descriptor == Some(2)).then_some(simple)
        }
        _ => None,
    }
}

/// The words of a command, where all of them are known.
fn words(simple: &Simple) -> Option<Vec<Cow<'_, str>>> {
    simple.words.iter().map(constant).collect()
}

/// Whether a filter prints every line that it reads.
fn keeps_all(filter: &Simple) -> bool {
    matches!(words(filter).as_deref(), Some([name]) if matches!(&**name, "cat" | "sort"))
}

/// Whether a filter prints something if it reads something.
fn keeps_some(filter: &Simple) -> bool {
    keeps_all(filter)
        || words(filter).is_some_and(|words| match &words[..] {
            [name, options @ ..] if matches!(&**name, "head" | "tail") => match options {
                [] => true,
                [only] => only.strip_prefix("-n").or(only.strip_prefix('-')).is_some_and(is_number),
                [option, number] => &**option == "-n" && is_number(number),
                _ => false,
            },
            _ => false,
        })
}

fn is_number(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number > 0)
}
