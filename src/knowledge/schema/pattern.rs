//! The rows' half that says how words are read: patterns of forms, and grammars of options.
//!
//! Plain data; it knows nothing of what a command does.

use super::model::{List, Role, Text};

/// Which words a form fits, and what they are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The words that lead, one entry for each alternative; a word may be several, joined by `|`.
    pub leading: List<List<Text>>,
    /// Options that must be there.
    pub need: List<Need>,
    /// Options that may be there and then fill a role.
    pub may: List<Need>,
    /// Options that must not be there, by canonical name.
    pub without: List<Text>,
    /// What the operands are.
    pub operands: List<Slot>,
    /// Roles whose text must match one of some globs.
    pub globs: List<(Role, List<Text>)>,
    /// Roles whose text must be of some class, and which give further roles.
    pub classes: List<Class>,
    /// What roles stand for that were not given.
    pub defaults: List<(Role, Text)>,
    /// The role of the command's own name.
    pub name_role: Option<Role>,
    /// Roles that stand for what comes in on standard input, where nothing else is given for them.
    pub input_roles: List<Role>,
    /// The role of what comes in by where it comes from.
    pub source_role: Option<Role>,
    /// The grammars of the options, one for each of `leading`: indexes into the grammars.
    pub grammars: List<usize>,
}

/// An option that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Canonical names, any of which will do.
    pub options: List<Text>,
    /// The role that the option's argument plays; it must have one then.
    pub role: Option<Role>,
}

/// A place for operands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Exactly one operand.
    One(Role),
    /// One operand, unless this option gave it.
    Unless(Role, Text),
    /// One operand or none.
    Maybe(Role),
    /// One operand that is a number, or none.
    MaybeNumber(Role),
    /// One or more: one instance of the form for each.
    Many(Role),
    /// All that are left, as one text.
    Rest(Role),
    /// This word.
    Word(Text),
    /// This word or none.
    MaybeWord(Text),
}

/// A role whose text is itself a small script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The role that is read.
    pub role: Role,
    /// By which reader.
    pub reader: Reader,
    /// The classes that fit.
    pub wanted: List<Text>,
    /// The roles that the reader fills: its name for it, and the role.
    pub fills: List<(Text, Role)>,
}

/// A reader of small scripts in operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A sed script.
    Sed,
    /// SQL.
    Sql,
}

/// How the options of a tool are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grammar {
    /// Options after the words that lead, sorted by spelling.
    pub options: List<Spelling>,
    /// Options before the second leading word, sorted by spelling.
    pub global: List<Spelling>,
    /// In which style they are written.
    pub style: Style,
    /// Whether the first operand ends the options.
    pub posix_order: bool,
    /// Whether leading words may be abbreviated (`ip a` for `ip addr`).
    pub abbreviates: bool,
    /// Whether an option that is not listed is no surprise: it takes no argument.
    pub open: bool,
}

/// One spelling of an option, without its dashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// As written.
    pub name: Text,
    /// The name by which rows call it.
    pub canonical: Text,
    /// Whether it has an argument.
    pub takes: Takes,
}

/// Whether an option has an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// It has none.
    Nothing,
    /// Attached, after `=`, or the next word.
    Argument,
    /// Attached or after `=`, never the next word.
    Attached,
}

/// How a tool's options are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `-rf`, `-o FILE`, `--output=FILE`.
    Getopt,
    /// `-out FILE`: one dash, long names.
    Dashword,
    /// `dev I`: keywords without dashes.
    Keyword,
    /// `if=FILE`.
    Assign,
    /// `-A CHAIN RULE`: one capital letter is the verb.
    Verb,
    /// `xzf FILE`: the first word is a bundle of options.
    Bundle,
}
