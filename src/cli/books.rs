//! Which settings and which book hold for a file: the nearest configuration says, and is read once.

use super::files::failure;
use crate::Book;
use crate::config::{self, ConfigError, Finder, Settings, did_you_mean};
use crate::finding::Catalogue;
use crate::report::Failure;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What holds for a file.
#[derive(Clone)]
pub struct Terms {
    /// How it is judged and what is shown.
    pub settings: Arc<Settings>,
    /// What it is judged by.
    pub book: Arc<Book>,
}

/// Terms by path; each configuration is read, adjusted and complained about once.
pub struct Books<'a> {
    finder: Finder,
    fixed: Option<Result<Arc<Settings>, ConfigError>>,
    adjust: &'a dyn Fn(&mut Settings),
    /// Configurations seen, and what they became; none where they have a mistake.
    known: Vec<(Option<PathBuf>, Option<Terms>)>,
}

impl<'a> Books<'a> {
    /// Terms under one configuration, under none, or under the nearest one of each file.
    pub fn new(config: Option<&Path>, no_config: bool, adjust: &'a dyn Fn(&mut Settings)) -> Self {
        let fixed = match config {
            Some(path) => Some(Finder::read(path).map(Arc::new)),
            None if no_config => Some(Ok(Arc::new(Settings::default()))),
            None => None,
        };
        Self { finder: Finder::default(), fixed, adjust, known: Vec::new() }
    }

    /// The terms for a file; none where its configuration has a mistake, which is told once.
    pub fn of(&mut self, path: &Path, failures: &mut Vec<Failure>) -> Option<Terms> {
        let settings = match &self.fixed {
            Some(settings) => settings.clone(),
            None => self.finder.settings_for(path),
        };
        let key = match &settings {
            Ok(settings) => settings.file.clone(),
            Err(error) => Some(error.path.clone()),
        };
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == key) {
            return known.clone();
        }
        let terms = self.terms(settings, failures);
        self.known.push((key, terms.clone()));
        terms
    }

    fn terms(&self, settings: Result<Arc<Settings>, ConfigError>, failures: &mut Vec<Failure>) -> Option<Terms> {
        let settings = match settings {
            Ok(settings) => settings,
            Err(ConfigError { path, place, message }) => {
                failures.push(Failure { path: Some(path), place, message });
                return None;
            }
        };
        let book = match Book::with(&settings.extension, &config::TABLES) {
            Ok(book) => book,
            Err(mistakes) => {
                failures.extend(mistakes.into_iter().map(|wrong| Failure {
                    path: Some(PathBuf::from(wrong.path)),
                    place: Some(wrong.place),
                    message: wrong.message,
                }));
                return None;
            }
        };
        let unknown = unknown_rules(&settings, &book);
        let good = unknown.is_empty();
        failures.extend(unknown);
        let mut settings = (*settings).clone();
        (self.adjust)(&mut settings);
        let unknown = unknown_packs(&settings, &book);
        let good = good && unknown.is_empty();
        failures.extend(unknown);
        settings.unpack(&book);
        good.then(|| Terms { settings: Arc::new(settings), book: Arc::new(book) })
    }
}

/// The book of the current directory: for what is said without reading a script.
pub fn here() -> Result<Arc<Book>, Vec<Failure>> {
    let mut failures = Vec::new();
    let terms = Books::new(None, false, &|_| {}).of(Path::new(config::FILE_NAME), &mut failures);
    terms.map(|terms| terms.book).ok_or(failures)
}

/// Rules that a configuration speaks of and that do not exist.
fn unknown_rules(settings: &Settings, book: &Book) -> Vec<Failure> {
    let packs: Vec<&str> = book.packs().iter().map(|pack| pack.name).collect();
    let unknown = settings.rules_named().filter(|rule| book.resolve(rule).is_none() && !packs.contains(rule));
    let complaint = |rule: &str| {
        let cards = book.cards();
        let words = cards.iter().flat_map(|card| [card.code.as_str(), card.name.as_str()]).chain(packs.iter().copied());
        let message = format!("no rule is called `{rule}`{}", did_you_mean(rule, words));
        failure(settings.file.clone(), message)
    };
    unknown.map(complaint).collect()
}

/// Packs that are asked for and that do not exist.
fn unknown_packs(settings: &Settings, book: &Book) -> Vec<Failure> {
    let known = |name: &str| book.packs().iter().any(|pack| pack.name == name);
    let unknown = settings.packs.iter().filter(|name| !known(name));
    unknown.map(|name| failure(settings.file.clone(), no_pack(name, book))).collect()
}

/// What is said where a pack does not exist.
pub fn no_pack(name: &str, book: &Book) -> String {
    let words = book.packs().iter().map(|pack| pack.name);
    let known: Vec<&str> = words.clone().collect();
    let hint = did_you_mean(name, words);
    let hint = if hint.is_empty() { format!("; there are {}", known.join(", ")) } else { hint };
    format!("no pack is called `{name}`{hint}")
}
