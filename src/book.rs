//! What scripts are judged by: knowledge and rules, built in and a user's own.
//!
//! One book serves a whole run; [`Book::check`] and [`Book::mend`] go the road for one file.

use crate::config::Extension;
use crate::finding::{Catalogue, Pack, RuleCard};
use crate::knowledge::Knowledge;
use crate::rules::{Rule, Rules};

/// What is known and asked of scripts.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub(crate) knowledge: Knowledge,
    pub(crate) rules: Rules,
}

/// A mistake in what a user adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub path: String,
    /// 1-based line and column.
    pub place: (u32, u32),
    /// What is wrong, and what was probably meant.
    pub message: String,
}

impl Book {
    /// What is built in.
    pub fn builtin() -> &'static Book {
        static BUILTIN: std::sync::LazyLock<Book> = std::sync::LazyLock::new(Book::default);
        &BUILTIN
    }

    /// What is built in, and what a configuration adds. `others` are the tables in files of rows that are no rows.
    ///
    /// # Errors
    ///
    /// Mistakes in what is added: the first in the rows, and the first in each rule file.
    pub fn with(extension: &Extension, others: &[&str]) -> Result<Book, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let knowledge = Knowledge::among(&extension.rows, others).unwrap_or_else(|wrong| {
            let place = (wrong.line as u32, wrong.column as u32);
            mistakes.push(Mistake { path: wrong.file, place, message: wrong.message });
            Knowledge::default()
        });
        let rules = Rules::with(&extension.rules).unwrap_or_else(|problems| {
            mistakes.extend(problems.into_iter().map(|wrong| Mistake {
                path: wrong.path,
                place: (wrong.line as u32, wrong.column as u32),
                message: wrong.message,
            }));
            Rules::default()
        });
        if mistakes.is_empty() { Ok(Self { knowledge, rules }) } else { Err(mistakes) }
    }

    /// The rules that a user adds, each with the path of its file.
    pub fn own_rules(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.rules.own().iter().map(|(path, rule)| (path.as_str(), rule))
    }
}

impl Catalogue for Book {
    fn cards(&self) -> Vec<RuleCard> {
        self.rules.cards()
    }

    fn resolve(&self, code_or_name: &str) -> Option<String> {
        self.rules.resolve(code_or_name)
    }

    fn packs(&self) -> &'static [Pack] {
        self.rules.packs()
    }

    fn url(&self, code: &str) -> Option<String> {
        self.rules.url(code)
    }
}
