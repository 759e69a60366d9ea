//! Small changes of a script of which one knows what they do to its verdict.

pub mod edits;
mod exits;
mod flips;
mod guards;
mod lines;
mod lists;
mod names;
mod parts;
mod questions;
pub mod subject;
mod tree;
mod words;
mod wraps;

use edits::Edits;
use subject::Subject;

/// What a change does to what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same is found on the same lines, wherever these are now.
    Stays,
    /// Something is found in a script that was silent.
    Flips,
}

/// A change that can be made to many scripts.
pub struct Mutator {
    /// What it does, for people.
    pub name: &'static str,
    pub verdict: Verdict,
    /// It only spells things otherwise, and can be made together with others that do.
    pub spells: bool,
    /// How many scripts of the pages it can be made to, at least: fewer, and it has stopped working.
    pub least: usize,
    /// What is changed; nothing where it cannot be made.
    mutate: Mutate,
}

type Mutate = fn(&Subject) -> Option<Edits>;

impl Mutator {
    /// The change of a script, where it can be made.
    pub fn edits(&self, subject: &Subject) -> Option<Edits> {
        (self.mutate)(subject)
    }
}

const fn spells(name: &'static str, least: usize, mutate: Mutate) -> Mutator {
    Mutator { name, verdict: Verdict::Stays, spells: true, least, mutate }
}

const fn stays(name: &'static str, least: usize, mutate: Mutate) -> Mutator {
    Mutator { name, verdict: Verdict::Stays, spells: false, least, mutate }
}

const fn flips(name: &'static str, least: usize, mutate: Mutate) -> Mutator {
    Mutator { name, verdict: Verdict::Flips, spells: false, least, mutate }
}

/// All of them. Those that spell are made in this order, one on top of the other: what is in quotes is no option any more.
pub const MUTATORS: &[Mutator] = &[
    spells("the other shell", 450, wraps::shell),
    spells("variables renamed", 200, names::variables),
    spells("functions renamed", 50, names::functions),
    spells("constants later", 6, lines::constants_later),
    spells("one command a line", 60, lines::one_a_line),
    spells("negation outside of `[`", 16, questions::negation_outside),
    spells("compared with nothing", 40, questions::compared_with_nothing),
    spells("`[` as `test`", 150, questions::named_test),
    spells("`while` as `until`", 18, questions::loops),
    spells("options by another name", 300, words::options),
    spells("options of `set` by name", 150, exits::named_option),
    spells("exit with a message", 250, exits::with_a_message),
    spells("redirections first", 150, words::redirections_first),
    spells("programs by their path", 600, words::programs_by_path),
    spells("backquotes", 70, words::backquoted),
    spells("words in quotes", 600, words::quoted),
    spells("names in braces", 350, words::braced),
    spells("remarks", 600, lines::remarks),
    spells("unrelated commands", 600, lines::unrelated),
    spells("body in braces", 600, wraps::braces),
    spells("body under `if true`", 600, wraps::condition),
    stays("body in a function", 600, wraps::main),
    stays("body in a subshell", 600, wraps::subshell),
    stays("`||` as `if !`", 350, lists::or_to_if),
    stays("`&&` as `if`", 40, lists::and_to_if),
    stays("`if !` as `||`", 8, lists::if_to_or),
    stays("`if` as `&&`", 50, lists::if_to_and),
    stays("exit written out", 100, exits::written_out),
    stays("path in a variable", 450, parts::path_in_a_variable),
    stays("question in a function", 250, parts::question_in_a_function),
    stays("exit in a function", 200, parts::exit_in_a_function),
    flips("exit dropped", 50, flips::without_exit),
    flips("`|| :` instead of the exit", 50, flips::colon_for_exit),
    flips("`|| true` behind the check", 6, flips::passed_over),
    flips("another question before leaving", 30, flips::another_question),
    flips("another question before the change", 30, flips::another_decision),
    flips("check before the write", 14, flips::too_early),
    flips("guard deleted", 30, flips::deleted),
    flips("question deleted", 30, flips::undecided),
    flips("answer turned round", 30, flips::answer_turned_round),
    flips("decision turned round", 30, flips::decision_turned_round),
    flips("guard in a subshell", 30, flips::in_a_subshell),
    flips("guard in the background", 30, flips::in_the_background),
    flips("check in a pipeline", 30, flips::in_a_pipeline),
    flips("question on another host", 40, flips::on_another_host),
    flips("check only printed", 30, flips::only_printed),
];
