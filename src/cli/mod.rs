//! The command line: arguments become a command, a command becomes text and an exit code.
//!
//! A thin face: it finds files and settings, calls [`crate::Book::check`] or [`crate::Book::mend`], and hands the result to a
//! format. Exit codes are the same in every format: 0 clean, 1 findings that fail the run, 2 something could not
//! be done.

mod args;
mod ask;
mod books;
mod check;
mod effects;
mod files;
mod mending;
mod pages;
mod syntax;
mod terminal;

use crate::report::{Failure, escaped};
use args::{Arguments, Command};
use clap::Parser;
use std::io::{self, Write};
use std::process::ExitCode;

/// Stack of the threads that read scripts: nesting costs stack, and what is not touched costs nothing.
const STACK: usize = 64 << 20;

/// What a command has to say.
#[derive(Default)]
struct Answer {
    /// For standard output.
    out: Vec<u8>,
    /// For standard error, before the failures.
    err: Vec<u8>,
    /// What could not be done.
    failures: Vec<Failure>,
    /// Whether there are findings that fail the run.
    found: bool,
}

impl Answer {
    fn of_text(out: impl Into<Vec<u8>>) -> Self {
        Self { out: out.into(), ..Self::default() }
    }

    fn of_failure(failure: Failure) -> Self {
        Self { failures: vec![failure], ..Self::default() }
    }

    fn of_json(value: &serde_json::Value) -> Self {
        Self::of_text(json_text(value))
    }

    fn code(&self) -> u8 {
        match (self.failures.is_empty(), self.found) {
            (false, _) => 2,
            (true, true) => 1,
            (true, false) => 0,
        }
    }
}

/// A JSON value as text for standard output.
fn json_text(value: &serde_json::Value) -> Vec<u8> {
    let mut text = format!("{value:#}").into_bytes();
    text.push(b'\n');
    text
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help goes to standard output and is no error; a closed pipe behind it is none either.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    // A panic is caught where a file is read and told as that file's failure; the default hook would only add noise.
    std::panic::set_hook(Box::new(|_| {}));
    let answer = match rayon::ThreadPoolBuilder::new().stack_size(STACK).build() {
        Ok(pool) => pool.install(|| run(&arguments)),
        Err(_) => run(&arguments),
    };
    let code = answer.code();
    let written = write_out(&answer);
    match written {
        Ok(()) => ExitCode::from(code),
        // The reader has seen enough, as with `| head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(io::stderr(), "noharm: cannot write: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Answer {
    let color = arguments.color;
    match &arguments.command {
        Command::Check(check) => check::run(check, color),
        Command::Effects(effects) => effects::run(effects),
        Command::Explain(explain) => pages::explain(explain),
        Command::Rules(rules) => pages::rules(rules),
        Command::Syntax(syntax) => syntax::run(syntax),
        Command::Schema => pages::schema(),
        Command::Completions { shell } => pages::completions(*shell),
        Command::Man => pages::man(),
    }
}

fn write_out(answer: &Answer) -> io::Result<()> {
    let mut err = io::stderr().lock();
    // Nobody is left to tell if standard error is closed.
    let _ = err.write_all(&answer.err);
    for failure in &answer.failures {
        let _ = writeln!(err, "noharm: {}", escaped(&failure.to_string()));
    }
    let mut out = io::stdout().lock();
    out.write_all(&answer.out)?;
    out.flush()
}
