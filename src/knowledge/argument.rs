//! The words of a command as knowledge sees them, and what look-up answers.
//!
//! It knows nothing of shell syntax: the caller removed the quotes and put a hole for what is not known.

use super::schema::model::{Environment, Form, Role, RootKind, Shell, Text};

/// Stands in a word for a piece that is not known before the script runs.
pub const HOLE: char = '\u{FFFC}';

/// One word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argument {
    /// Its text without quotes; every piece that is not known is one [`HOLE`].
    pub text: String,
    /// Whether it holds an unquoted expansion, or is all of an array, so that it may become several words or none.
    pub splits: bool,
    /// Whether it is a path below which the script names another: a directory.
    pub holds_more: bool,
}

impl Argument {
    /// A word that is exactly this text.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { text: text.into(), splits: false, holds_more: false }
    }

    /// Whether it is nothing but an expansion that may be several words or none.
    pub(super) fn may_be_none(&self) -> bool {
        self.splits && self.text.chars().eq([HOLE])
    }
}

/// A form that fits a command, with its roles filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'k> {
    /// The form.
    pub form: &'k Form,
    /// One for each operand of a role that takes many, else one.
    pub instances: Vec<Bindings>,
    /// Whether the words were surely read right: false if an option is not known to the grammar, or if an unquoted
    /// expansion may be an option.
    pub exact: bool,
    /// How many words lead (`ip addr add` has 3): the place for an option.
    pub leading: usize,
}

/// What the roles of a form stand for in one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    pub(super) roles: Vec<Option<Operand>>,
}

impl Bindings {
    /// What is bound to a role, if it was given.
    pub fn get(&self, role: Role) -> Option<&Operand> {
        self.roles.get(usize::from(role.0)).and_then(Option::as_ref)
    }
}

/// What is bound to a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A word, or its tail.
    Word {
        /// Index of the argument; the command's name is 0.
        argument: usize,
        /// Byte offset in its text, for an argument that is attached to its option.
        offset: usize,
    },
    /// Several words as one text, joined by blanks: their indexes.
    Rest(Vec<usize>),
    /// A text that was read out of a word.
    Text(String),
    /// What comes in on standard input, as far as its text is known.
    Input(String),
}

/// A command that runs something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapper {
    /// The row's key, such as `sudo` or `ssh`.
    pub id: Text,
    /// What it runs.
    pub inner: Inner,
    /// Where.
    pub root: Root,
    /// What the inner command sees of the variables.
    pub environment: Environment,
    /// `NAME=value` words that it sets for the inner command: their indexes.
    pub assignments: Vec<usize>,
    /// Whether its status is the inner command's.
    pub passes_status: bool,
    /// The argument that names a lock which is held meanwhile.
    pub lock: Option<usize>,
    /// Whether errexit (`-e`) is given to the inner shell.
    pub errexit: bool,
    /// Whether the words were surely read right.
    pub exact: bool,
}

/// What a wrapper runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inner {
    /// A command whose words are the arguments from this one on.
    Command(usize),
    /// A command whose first words are the arguments from this one on, and whose last ones come from input (`xargs`).
    Partial {
        /// Index of the first word.
        first: usize,
        /// The word that stands for what comes from input (`-I {}`): index of the argument and byte offset.
        replaced: Option<(usize, usize)>,
    },
    /// A script in one argument, from this byte on.
    Text {
        /// Index of the argument.
        argument: usize,
        /// Byte offset in its text.
        offset: usize,
        /// Which shell reads it.
        shell: Shell,
        /// The first of the arguments that are `$0`, `$1` ... in it, if there are any.
        parameters: Option<usize>,
    },
    /// A script that is the arguments from this one on, joined by blanks.
    Joined {
        /// Index of the first argument.
        first: usize,
        /// Which shell reads it.
        shell: Shell,
    },
    /// A script file: the index of its path; what follows are its arguments.
    File {
        /// Index of the argument.
        argument: usize,
        /// Which shell reads it.
        shell: Shell,
    },
    /// A script on standard input.
    Stdin {
        /// Which shell reads it.
        shell: Shell,
        /// The first of the arguments that are `$1`, `$2` ... in it, if there are any.
        parameters: Option<usize>,
    },
}

/// Where an inner command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// What kind of place.
    pub kind: RootKind,
    /// The word that names it: index of the argument and byte offset.
    pub name: Option<(usize, usize)>,
}
