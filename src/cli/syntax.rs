//! `noharm syntax`: how a script was read.

use super::Answer;
use super::args::Syntax;
use super::files;
use crate::discover;
use crate::syntax::{self, tree::Script};

/// Runs the command.
pub fn run(arguments: &Syntax) -> Answer {
    let source = match files::read_one(&arguments.file) {
        Ok(source) => source,
        Err(failure) => return Answer::of_failure(failure),
    };
    let hint = discover::inspect(source.path(), source.bytes());
    let script = syntax::read(&source.readable(), hint.dialect);
    Answer::of_text(if arguments.tokens { tokens(&script, source.bytes()) } else { dump(&script, source.bytes()) })
}

/// The tree as text.
fn dump(script: &Script, _bytes: &[u8]) -> String {
    format!("{script:#?}\n")
}

/// One line a token.
fn tokens(script: &Script, _bytes: &[u8]) -> String {
    script.comments.iter().fold(String::new(), |text, span| text + &format!("{} {} comment\n", span.start, span.end))
}
