//! From the arguments to texts with their settings.

use super::args::Files;
use super::books::{Books, Terms};
use crate::Book;
use crate::config::{PathPattern, Settings};
use crate::discover::{self, Options};
use crate::report::{Failure, escaped};
use crate::source::{DiskLoader, Loader, Source};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The name of standard input where none is given.
const STDIN_NAME: &str = "<stdin>";

/// One file to work on.
pub struct Job {
    path: PathBuf,
    terms: Terms,
    /// The text, where it came by standard input.
    stdin: Option<Source>,
}

/// Everything to work on, in order of path, and what went wrong so far.
#[allow(clippy::struct_field_names, reason = "the work is what it is about, the others are beside it")]
pub struct Jobs {
    /// The work.
    pub jobs: Vec<Job>,
    /// What could not be found or understood.
    pub failures: Vec<Failure>,
    /// What was named and is no shell script, and what it is.
    pub left_out: Vec<Failure>,
}

impl Job {
    /// Whether its text came by standard input.
    pub fn is_stdin(&self) -> bool {
        self.stdin.is_some()
    }

    /// What becomes of its text; or why there is none, or what went wrong.
    fn done<T>(&self, work: impl FnOnce(Source) -> T) -> Result<T, Failure> {
        let source = match &self.stdin {
            Some(source) => source.clone(),
            None => DiskLoader.load(&self.path).map_err(|why| failure(Some(self.path.clone()), why.to_string()))?,
        };
        catch_unwind(AssertUnwindSafe(|| work(source))).map_err(|panic| {
            let why = panic.downcast_ref::<String>().map(String::as_str);
            let why = why.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
            failure(Some(self.path.clone()), format!("a fault of noharm, please report it: {why}"))
        })
    }

    /// The settings for its path.
    pub fn settings(&self) -> &Settings {
        &self.terms.settings
    }

    /// What it is judged by.
    pub fn book(&self) -> &Book {
        &self.terms.book
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
    let mut books = Books::new(files.config.as_deref(), files.no_config, adjust);
    if !stdin.is_empty() {
        let name = files.stdin_filename.clone().unwrap_or_else(|| PathBuf::from(STDIN_NAME));
        match read_stdin(&name) {
            Ok(source) => {
                if let Some(terms) = books.of(&name, &mut failures) {
                    jobs.push(Job { path: name, terms, stdin: Some(source) });
                }
            }
            Err(why) => failures.push(failure(Some(name), why)),
        }
    }
    for file in found.files {
        if let Some(terms) = books.of(&file.path, &mut failures) {
            jobs.push(Job { path: file.path, terms, stdin: None });
        }
    }
    let left_out = found.others.into_iter().map(|other| failure(Some(other.path), other.message)).collect();
    Jobs { jobs, failures, left_out }
}

impl Jobs {
    /// What is said of what was named and is no shell script, for standard error.
    pub fn remarks(&self) -> String {
        let mut out = String::new();
        for one in &self.left_out {
            // Writing into memory cannot fail.
            let _ = writeln!(out, "noharm: {}: left out", escaped(&one.to_string()));
        }
        out
    }

    /// Does something with every text, on all processors; results are in order.
    ///
    /// A panic is a fault of this program in one file, and no reason to say nothing of the others.
    pub fn each<T: Send>(&mut self, work: &(dyn Fn(&Job, Source) -> T + Sync)) -> Vec<T> {
        let results = self.jobs.par_iter().map(|job| job.done(|source| work(job, source))).collect();
        self.sorted_out(results)
    }

    /// The same, one text after the other: somebody is asked in between.
    pub fn one_by_one<T>(&mut self, mut work: impl FnMut(&Job, Source) -> T) -> Vec<T> {
        let results = self.jobs.iter().map(|job| job.done(|source| work(job, source))).collect();
        self.sorted_out(results)
    }

    fn sorted_out<T>(&mut self, results: Vec<Result<T, Failure>>) -> Vec<T> {
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
