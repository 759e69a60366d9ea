//! Knowledge as flow asks it: flow stands to the left, and knows only that there are commands which never return.

use super::{reads, resolve};
use crate::flow::exact;
use crate::knowledge::{Argument, Knowledge, ThingKind};
use std::borrow::Cow;

/// Knowledge as flow asks it.
pub struct Returns<'a>(pub &'a Knowledge);

impl exact::Commands for Returns<'_> {
    fn never_returns(&self, name: &str) -> bool {
        self.0.never_returns(name)
    }

    fn is_named_to_end(&self, name: &str) -> bool {
        self.0.is_named_to_end(name)
    }

    fn always_succeeds(&self, name: &str) -> bool {
        self.0.always_succeeds(name)
    }

    fn runs_statements(&self, name: &str) -> bool {
        self.0.runs_statements(name)
    }

    fn lists_rules(&self, words: &[Cow<'_, str>]) -> bool {
        let words: Vec<Argument> = words.iter().map(|word| Argument::literal(&**word)).collect();
        self.0.command(&words).is_some_and(|found| {
            found.form.prints.first().is_some_and(|row| found.form.things[row.thing].kind == ThingKind::Rule)
        })
    }

    fn is_wrapper(&self, name: &str) -> bool {
        self.0.is_wrapper(name)
    }

    fn shell_text(&self, words: &[Cow<'_, str>]) -> Option<exact::ShellText> {
        let words: Vec<Argument> = words.iter().map(|word| Argument::literal(&**word)).collect();
        resolve::shell_text(&words, self.0)
    }

    fn is_quiet(&self, words: &[Cow<'_, str>]) -> bool {
        let words: Vec<Argument> = words.iter().map(|word| Argument::literal(&**word)).collect();
        resolve::is_quiet(&words, self.0)
    }

    fn constants(&self) -> Vec<(&str, &str)> {
        self.0.constants().collect()
    }

    fn only_filters(&self, words: &[Cow<'_, str>]) -> bool {
        reads::only_filters(words)
    }
}
