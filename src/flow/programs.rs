//! Programs that a script looks up before it runs them.
//!
//! ```sh
//! docker=$(which docker.io || which docker)
//! $docker ps
//! ```
//! What is printed is nothing, or the path of the program: which directory it is in says nothing of what it does. Of
//! several names that are tried one after the other the last stands for all.

use super::forest::constant;
use crate::syntax::tree::{AndOr, Command, CommandKind, List, Word};

/// The name of the program whose path a substitution prints, where it prints nothing else.
pub fn looked_up(body: &List) -> Option<String> {
    of_command(body.only_command()?)
}

fn of_command(command: &Command) -> Option<String> {
    match &command.kind {
        CommandKind::Simple(simple) if simple.assignments.is_empty() => of_words(&simple.words),
        CommandKind::AndOr { left, operator: AndOr::Or, right, .. } => of_command(left).and(of_command(right)),
        _ => None,
    }
}

/// The operand of `which`, `command -v` and `type -P`.
fn of_words(words: &[Word]) -> Option<String> {
    let texts: Vec<_> = words.iter().map(constant).collect::<Option<_>>()?;
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let (["which", name] | ["command", "-v", name] | ["type", "-P" | "-p", name]) = texts[..] else { return None };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-/".contains(&byte);
    (!name.starts_with('-') && name.bytes().all(is_plain)).then(|| name.to_owned())
}
