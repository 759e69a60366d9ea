//! From the arguments to texts with their settings.

use super::args::Files;
use crate::config::{ConfigError, Finder, PathPattern, Settings, did_you_mean};
use crate::discover::{self, Options};
use crate::report::Failure;
use crate::source::{DiskLoader, Loader, Source};
use rayon::prelude::*;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of standard input where none is given.
const STDIN_NAME: &str = "<stdin>";

/// One file to work on.
pub struct Job {
    path: PathBuf,
    settings: Arc<Settings>,
    /// The text, where it came by standard input.
    stdin: Option<Source>,
}

/// Everything to work on, in order of path, and what went wrong so far.
pub struct Jobs {
    /// The work.
    pub jobs: Vec<Job>,
    /// What could not be found or understood.
    pub failures: Vec<Failure>,
}

impl Job {
    /// Whether its text came by standard input.
    pub fn is_stdin(&self) -> bool {
        self.stdin.is_some()
    }

    /// The settings for its path.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// Finds what the arguments name; `adjust` puts the command line's wishes over each configuration.
pub fn gather(files: &Files, adjust: &dyn Fn(&mut Settings)) -> Jobs {
    let mut failures = Vec::new();
    let mut options =
        Options { force_exclude: files.force_exclude, search_ignored: files.search_ignored, ..Options::default() };
    for glob in &files.exclude {
        match PathPattern::new(glob) {
            Ok(pattern) => options.exclude.push(pattern),
            Err(why) => failures.push(failure(None, format!("--exclude {glob}: not a glob: {why}"))),
        }
    }
    let (stdin, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = files.paths.iter().partition(|path| is_dash(path));
    let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
    let found = discover::find(&paths, &options);
    failures.extend(found.problems.into_iter().map(|problem| failure(Some(problem.path), problem.message)));
    let mut jobs = Vec::new();
    let mut settings = SettingsFor::new(files, adjust);
    if !stdin.is_empty() {
        let name = files.stdin_filename.clone().unwrap_or_else(|| PathBuf::from(STDIN_NAME));
        match read_stdin(&name) {
            Ok(source) => {
                if let Some(settings) = settings.of(&name, &mut failures) {
                    jobs.push(Job { path: name, settings, stdin: Some(source) });
                }
            }
            Err(why) => failures.push(failure(Some(name), why)),
        }
    }
    for file in found.files {
        if let Some(settings) = settings.of(&file.path, &mut failures) {
            jobs.push(Job { path: file.path, settings, stdin: None });
        }
    }
    Jobs { jobs, failures }
}

impl Jobs {
    /// Does something with every text, on all processors; results are in order.
    ///
    /// A panic is a fault of this program in one file, and no reason to say nothing of the others.
    pub fn each<T: Send>(&mut self, work: &(dyn Fn(&Job, Source) -> T + Sync)) -> Vec<T> {
        let one = |job: &Job| -> Result<T, Failure> {
            let source = match &job.stdin {
                Some(source) => source.clone(),
                None => DiskLoader.load(&job.path).map_err(|why| failure(Some(job.path.clone()), why.to_string()))?,
            };
            catch_unwind(AssertUnwindSafe(|| work(job, source))).map_err(|panic| {
                let why = panic.downcast_ref::<String>().map(String::as_str);
                let why = why.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
                failure(Some(job.path.clone()), format!("a fault of noharm, please report it: {why}"))
            })
        };
        let results: Vec<Result<T, Failure>> = self.jobs.par_iter().map(one).collect();
        let mut done = Vec::new();
        for result in results {
            match result {
                Ok(value) => done.push(value),
                Err(failure) => self.failures.push(failure),
            }
        }
        done
    }
}

/// Settings by path, each configuration file read, adjusted and complained about once.
struct SettingsFor<'a> {
    finder: Finder,
    fixed: Option<Result<Arc<Settings>, ConfigError>>,
    adjust: &'a dyn Fn(&mut Settings),
    /// Configurations seen, and what they became; none where they have a mistake.
    known: Vec<(Option<PathBuf>, Option<Arc<Settings>>)>,
}

impl<'a> SettingsFor<'a> {
    fn new(files: &Files, adjust: &'a dyn Fn(&mut Settings)) -> Self {
        let fixed = match &files.config {
            Some(path) => Some(Finder::read(path).map(Arc::new)),
            None if files.no_config => Some(Ok(Arc::new(Settings::default()))),
            None => None,
        };
        Self { finder: Finder::default(), fixed, adjust, known: Vec::new() }
    }

    fn of(&mut self, path: &Path, failures: &mut Vec<Failure>) -> Option<Arc<Settings>> {
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
        let ready = match settings {
            Ok(settings) => {
                let unknown = unknown_rules(&settings);
                let good = unknown.is_empty();
                failures.extend(unknown);
                good.then(|| {
                    let mut settings = (*settings).clone();
                    (self.adjust)(&mut settings);
                    Arc::new(settings)
                })
            }
            Err(ConfigError { path, place, message }) => {
                failures.push(Failure { path: Some(path), place, message });
                None
            }
        };
        self.known.push((key, ready.clone()));
        ready
    }
}

/// Rules that a configuration speaks of and that do not exist.
fn unknown_rules(settings: &Settings) -> Vec<Failure> {
    let catalogue = crate::catalogue();
    let unknown = settings.rules_named().filter(|rule| catalogue.resolve(rule).is_none());
    let complaint = |rule: &str| {
        let cards = catalogue.cards();
        let words = cards.iter().flat_map(|card| [card.code.as_str(), card.name.as_str()]);
        let message = format!("no rule is called `{rule}`{}", did_you_mean(rule, words));
        failure(settings.file.clone(), message)
    };
    unknown.map(complaint).collect()
}

/// The text of a single file or of standard input.
pub fn read_one(path: &Path) -> Result<Source, Failure> {
    if is_dash(path) {
        let name = PathBuf::from(STDIN_NAME);
        return read_stdin(&name).map_err(|why| failure(Some(name), why));
    }
    DiskLoader.load(path).map_err(|why| failure(Some(path.to_path_buf()), why.to_string()))
}

fn read_stdin(name: &Path) -> Result<Source, String> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Source::new(name, bytes).map_err(|why| why.to_string())
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A failure without a place in a file.
pub fn failure(path: Option<PathBuf>, message: impl Into<String>) -> Failure {
    Failure { path, place: None, message: message.into() }
}
