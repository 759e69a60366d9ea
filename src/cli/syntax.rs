//! `noharm syntax`: how a script was read.

use super::Answer;
use super::args::Syntax;
use super::files;
use crate::discover;
use crate::syntax::{self, dump, tokens};
use std::fmt::Write as _;

/// Runs the command.
pub fn run(arguments: &Syntax) -> Answer {
    let source = match files::read_one(&arguments.file) {
        Ok(source) => source,
        Err(failure) => return Answer::of_failure(failure),
    };
    let hint = discover::inspect(source.path(), source.bytes());
    let script = syntax::read(&source.readable(), hint.dialect);
    if !arguments.tokens {
        return Answer::of_text(dump::dump(&script));
    }
    let mut out = String::new();
    for token in tokens::tokens(&script, &source.readable()) {
        // Writing into memory cannot fail.
        let _ = writeln!(out, "{token}");
    }
    Answer::of_text(out)
}
