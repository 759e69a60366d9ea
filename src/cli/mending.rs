//! Which fixes a command line asks for, and what there is to say of them afterwards.

use super::args::{Check, FixHow};
use super::ask::Asker;
use super::files::{Job, failure};
use crate::config::did_you_mean;
use crate::finding::{Applicability, Catalogue};
use crate::fix::{self, Outcome, Wanted};
use crate::report::{Checked, Failure, Mending};
use crate::source::{DiskLoader, Source};
use std::io::{BufReader, Stderr, Stdin, stderr, stdin};

/// Whoever sits in front of the terminal.
pub type Person = Asker<BufReader<Stdin>, Stderr>;

/// What is wanted, by the books of these jobs.
///
/// # Errors
/// It cannot be done, or no rule is called so.
pub fn wanted(arguments: &Check, jobs: &[Job]) -> Result<Wanted, Failure> {
    let asks = arguments.fix == Some(FixHow::Ask);
    if asks && arguments.diff {
        return Err(failure(None, "--fix=ask shows each change itself: leave out --diff"));
    }
    if asks && jobs.iter().any(Job::is_stdin) {
        return Err(failure(None, "--fix=ask takes its answers from standard input, which is the script here"));
    }
    let allowed = if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let mut only = Vec::new();
    for name in &arguments.fix_only {
        let mut books = jobs.iter().map(Job::book).chain([crate::Book::builtin()]);
        let Some(code) = books.find_map(|book| book.resolve(name)) else {
            let cards = crate::Book::builtin().cards();
            let hint = did_you_mean(name, cards.iter().flat_map(|card| [card.code.as_str(), card.name.as_str()]));
            return Err(failure(None, format!("--fix-only: no rule is called `{name}`{hint}")));
        };
        only.push(code.into());
    }
    Ok(Wanted { allowed, only })
}

/// Somebody to ask, where that is wanted.
pub fn person(arguments: &Check) -> Option<Person> {
    (arguments.fix == Some(FixHow::Ask)).then(|| Asker::new(BufReader::new(stdin()), stderr()))
}

/// Mends one text; where there is somebody to ask, with what they say yes to.
pub fn outcome(job: &Job, source: &Source, wanted: &Wanted, person: Option<&mut Person>) -> Outcome {
    let (book, settings) = (job.book(), job.settings());
    match person {
        None => book.mend(source, settings, &DiskLoader, wanted),
        Some(person) if person.has_quit() => Outcome { source: source.clone(), mended: Vec::new(), held_back: None },
        Some(person) => book.mend_asking(source, settings, &DiskLoader, wanted, &mut |proposal| person.ask(proposal)),
    }
}

/// What became of the findings: `fixed` is no more, and the rest is in these files.
pub fn summed_up(fixed: Vec<Box<str>>, files: &[Checked], wanted: &Wanted) -> Mending {
    let mut mending = Mending { fixed, ..Mending::default() };
    for finding in files.iter().flat_map(|file| &file.report.findings) {
        let counter = if fix::applicable(finding, Applicability::Unsafe).is_none() {
            &mut mending.by_hand
        } else if fix::applicable(finding, wanted.allowed).is_none() {
            &mut mending.unsafe_only
        } else {
            &mut mending.passed_over
        };
        *counter += 1;
    }
    mending
}
