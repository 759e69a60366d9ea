//! The rows of knowledge in their final form: what is derived and compiled in, and what look-up hands out.
//!
//! Plain data, the same types for built-in rows (statics written by the build script) and for a user's rows at run
//! time. It knows nothing of TOML, of the derivation or of scripts.

use super::super::vocabulary::{EffectKind, FactKind, How, PathClass, Remedy, SecondRun, ThingKind, WordKind};
use std::borrow::Cow;

pub use super::headers::Headers;
pub use super::pattern::{Class, Grammar, Need, Pattern, Reader, Slot, Spelling, Style, Takes};
pub use crate::role::Role as ScriptRole;

/// A text that is compiled in or owned.
pub type Text = Cow<'static, str>;
/// A list that is compiled in or owned.
pub type List<T> = Cow<'static, [T]>;

/// One way to call a command, and all that is known of it.
#[allow(clippy::struct_excessive_bools, reason = "a row is a list of independent properties")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Stable key, such as `mkdir-p`.
    pub id: Text,
    /// The names of the roles that words play; a [`Role`] is an index into it.
    pub roles: List<Text>,
    /// The things that the form speaks of; every `thing` below is an index into it.
    pub things: List<ThingTemplate>,
    /// What it does to the world when it succeeds.
    pub effects: List<EffectRow>,
    /// What is known after it succeeded.
    pub ok: List<FactRow>,
    /// What is known after it failed, if that is an answer.
    pub fail: List<FactRow>,
    /// What a non-empty output says, where the output is the answer.
    pub prints: List<FactRow>,
    /// What an empty output says, if the command succeeded.
    pub prints_nothing: List<FactRow>,
    /// What it prints only where it succeeds; empty where nothing is known of that.
    pub says: Text,
    /// Whether failing is an answer: its codes are closed, or *could not ask* has a code of its own.
    pub fail_is_answer: bool,
    /// The codes that say that it could not ask, and are no answer: what failing proves is not proved by these.
    pub unasked: List<u8>,
    /// What may have changed whatever the outcome.
    pub touches: List<TouchRow>,
    /// Content that it carries from one thing to another.
    pub transfers: List<Transfer>,
    /// What a second run does in the plainest world in which the first one succeeds.
    pub second_run: SecondRun,
    /// What it does in other worlds, where that differs.
    pub second_run_elsewhere: List<SecondRun>,
    /// Facts each of which, holding before, makes a second run harmless.
    pub excuses: List<FactRow>,
    /// Whether it is a check: the outcome answers a question and nothing changes.
    pub asks: bool,
    /// Whether it prints nothing on standard output.
    pub quiet: bool,
    /// Whether it prints nothing on standard output where it fails.
    pub fails_silently: bool,
    /// Whether it leaves what was there as it was where it fails.
    pub atomic: bool,
    /// Where a path lies of which an operand says so (`NAME:PATH`).
    pub elsewhere: RootKind,
    /// How to make it repeatable.
    pub idempotent: Option<Rewrite>,
    /// What other commands do for it, the first that can be written.
    pub remedies: List<RemedyRow>,
    /// The kinds of commands that it is one of.
    pub marks: List<Text>,
    /// Marks that its success stands for.
    pub told_ok: List<Text>,
    /// Marks that its failure stands for.
    pub told_fail: List<Text>,
    /// Texts that it prints, and the marks that each stands for.
    pub answers: List<(Text, List<Text>)>,
    /// Where the row comes from: a manual page, documentation, or an experiment.
    pub source: Text,
    /// How its words are read.
    pub pattern: Pattern,
}

/// The index of a role in [`Form::roles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(pub u8);

/// A thing, with the parts of its key still to be filled from a command's words.
///
/// A thing that has a piece whose role is not bound (an optional operand that was not given) does not exist in
/// that call, and rows about it say nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThingTemplate {
    /// Its name in the row, such as `D`.
    pub name: Text,
    /// What kind of thing it is.
    pub kind: ThingKind,
    /// The pieces whose concatenation is its key.
    pub pieces: List<Piece>,
}

/// A piece of a key or of a rewrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Literal(Text),
    /// What is bound to a role.
    Role(Role),
    /// The last component of the path that is bound to a role; an empty one for `DIR/.`.
    Base(Role),
    /// The path that is bound to a role without its last component.
    Above(Role),
    /// The last component of the path or address that is bound to a role, without this end.
    Stem(Role, Text),
    /// What is bound to a role, without this end.
    Without(Role, Text),
    /// In a key of kind [`ThingKind::Text`]: ends the path, and begins the text in it.
    Within,
}

/// What a command does to one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectRow {
    /// The kind of effect.
    pub kind: EffectKind,
    /// In which manner.
    pub how: How,
    /// The thing it happens to.
    pub target: usize,
    /// Where the content comes from.
    pub source: Option<usize>,
}

/// Something known of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactRow {
    /// What is known.
    pub fact: FactKind,
    /// Of which thing.
    pub thing: usize,
    /// The other thing of a fact about two (the same content; the copy that is the backup).
    pub other: Option<usize>,
    /// When the row speaks.
    pub when: When,
}

/// When a [`FactRow`] speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// In every call.
    Always,
    /// If the path is not given in this call, or is configuration of the service.
    Covered {
        /// A thing of kind path.
        path: usize,
        /// A thing of kind service.
        service: usize,
    },
}

/// A thing that a command may change, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TouchRow {
    /// Which thing.
    pub thing: usize,
    /// In which manner.
    pub touch: Touch,
}

/// How a thing may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// Its content or state becomes another one.
    Written,
    /// It, and what lies below, goes away; one of several of the same counts.
    Removed,
    /// It comes into being, if it was not there.
    Made,
    /// There is one more of it.
    Added,
}

/// Content goes from one thing to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Transfer {
    /// The thing that is read.
    pub from: usize,
    /// The thing that has the content afterwards.
    pub to: usize,
}

/// How to make a command repeatable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// What to do to its text.
    pub action: RewriteAction,
    /// How far that can be trusted.
    pub safety: Safety,
    /// Whether the new text needs a shell beyond POSIX `sh`.
    pub needs_bash: bool,
}

/// What to do to a command's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RewriteAction {
    /// Insert this option after the words that lead (`mkdir` → `mkdir -p`).
    AddOption(Text),
    /// Replace the one word that is this text by that one (`add` → `replace`).
    ReplaceWord {
        /// The word that is there.
        from: Text,
        /// The word to put.
        to: Text,
    },
    /// Put this before the command, with a blank between.
    Prefix(List<Piece>),
}

/// A command that does something for another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemedyRow {
    /// What it does.
    pub remedy: Remedy,
    /// How it is written.
    pub pieces: List<RemedyPiece>,
}

/// A piece of a text for the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemedyPiece {
    /// Text as it stands.
    Literal(Text),
    /// The word that is bound to a role.
    Word(Role),
    /// What the command is run by, and a blank: `sudo -u app`.
    By,
    /// The same for what only asks, which needs no rights of its own: nothing where that is `sudo`.
    As,
    /// The program and what stands in front of the second word that leads, and a blank: `git -C /srv/app`.
    Front,
    /// The whole command, with this word in place of what is bound to a role.
    With(Role, Text),
    /// The whole command, with a word in place of the one that is one of these.
    Instead(List<Text>, Text),
    /// The whole command, with these options behind the words that lead.
    Adding(Text),
    /// The address that is bound to a role, without the length of its network.
    Address(Role),
    /// What stands in front of the only such mark in the word of a role.
    InFront(Role, Text),
    /// What stands behind it.
    Behind(Role, Text),
    /// The word of a role, where it is known that the mark is not in it.
    Unmarked(Role, Text),
    /// Nothing; there is no such text where the command is run by another one.
    Alone,
}

/// How far a rewrite can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// Cannot change what a first, successful run does.
    Safe,
    /// Changes behaviour as intended.
    Unsafe,
}

/// A service: what it is called, what configures it, what checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Canonical name.
    pub name: Text,
    /// Units and init scripts, without `.service`; aliases too.
    pub units: List<Text>,
    /// Services of other systems that are the same one: whichever of them starts, it runs.
    pub elsewhere: List<Text>,
    /// Configuration files and directories, as globs.
    pub paths: List<Text>,
    /// Command lines that validate the configuration in use, best first.
    pub validators: List<Text>,
    /// Where the unit validates by itself.
    pub validates_on: Moments,
    /// Whether it can reload.
    pub reload: bool,
    /// Whether stopping it interrupts nobody (a one-shot unit, a timer).
    pub stop_harmless: bool,
    /// Command lines that ask whether it serves.
    pub health: List<Text>,
    /// Commands that fail where it does not answer: a name, and the words one of which must follow it, if any must.
    pub clients: List<Text>,
    /// Where the row comes from.
    pub source: Text,
}

/// When a unit validates its configuration by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// Before it starts.
    pub start: bool,
    /// Before the old process is stopped for a restart.
    pub restart: bool,
    /// Before it reloads.
    pub reload: bool,
}

/// A path glob and what such a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRow {
    /// The glob.
    pub glob: Text,
    /// The class.
    pub class: PathClass,
}

/// A glob over names of variables, in lower case, and what the path in such a variable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRow {
    /// The glob.
    pub glob: Text,
    /// The class.
    pub class: PathClass,
}

/// A word by which a caller tells a script what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRow {
    /// The word.
    pub word: Text,
    /// Why a script runs that is told so, where the word says it.
    pub role: Option<ScriptRole>,
}

/// A glob over names of commands and functions, or of scripts, in lower case, and the marks that they have by their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedName {
    /// The glob.
    pub glob: Text,
    /// The marks.
    pub marks: List<Text>,
    /// It is the script itself that is called so.
    pub of_script: bool,
    /// What a command does of which nothing but the name is known.
    pub effect: Option<EffectKind>,
}

/// A file that is only in systems which are new at each start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The glob over its path.
    pub found: Text,
    /// The directories that are new there.
    pub renews: List<Text>,
}

/// A unary or binary operator of `test`, `[` and `[[`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestRow {
    /// As written, with its dash.
    pub operator: Text,
    /// What is known of the operand if the answer is yes.
    pub yes: List<FactKind>,
    /// What is known of it if the answer is no.
    pub no: List<FactKind>,
    /// Whether it compares two operands; the facts are then about the first, with the second as the other thing.
    pub binary: bool,
}

/// A command that runs another command or a script text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapperRow {
    /// Stable key.
    pub id: Text,
    /// The words that lead, as in [`Pattern::leading`].
    pub leading: List<List<Text>>,
    /// Options that must be there, by canonical name.
    pub need: List<Text>,
    /// Options that must not be there.
    pub without: List<Text>,
    /// How many operands stand before the command.
    pub skip: usize,
    /// A word that must follow them, of several joined by `|`.
    pub then: Option<Text>,
    /// Whether words of the form `NAME=value` before the command are assignments.
    pub assignments: bool,
    /// What the rest is.
    pub inner: InnerKind,
    /// The option whose argument is the script text (`c`), if it is not an operand.
    pub text_option: Option<Text>,
    /// Which shell reads a script.
    pub shell: Shell,
    /// Where it runs.
    pub root: RootKind,
    /// The word that names the root.
    pub root_from: RootFrom,
    /// What it does with the environment.
    pub environment: Environment,
    /// Whether its status is the inner command's.
    pub passes_status: bool,
    /// Whether a lock is held while the inner command runs: the operand that names it.
    pub locks: bool,
    /// The grammar of its options: an index into the grammars.
    pub grammar: usize,
}

/// What a wrapper runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InnerKind {
    /// The words that follow are a command.
    Command,
    /// One word is a script.
    Text,
    /// The words that follow, joined by blanks, are a script.
    Joined,
    /// One word is the path of a script, and the rest its arguments.
    File,
    /// Standard input is a script.
    Input,
    /// The words that follow are a command that gets further words (`xargs`).
    Partial,
}

/// Which shell reads an inner script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shell {
    /// The one that is running.
    Same,
    /// `sh`, or a login shell that is not known.
    Posix,
    /// `dash`.
    Dash,
    /// `bash`.
    Bash,
    /// `ksh` or a relative of it.
    Ksh,
    /// `zsh`.
    Zsh,
}

/// Where an inner command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RootKind {
    /// On this host, in this tree.
    Same,
    /// On another host.
    Host,
    /// In a container.
    Container,
    /// In another tree of this host.
    Chroot,
    /// In another namespace of this host with the same files (a network namespace).
    Namespace,
}

/// Which word names the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootFrom {
    /// None does.
    Nothing,
    /// An operand before the command, counted from 0.
    Operand(usize),
    /// The argument of an option, by canonical name.
    Option(Text),
}

/// What an inner command sees of the outer variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// It runs in this very shell (`eval`, `command`).
    Shell,
    /// Exported variables.
    Exported,
    /// None of them.
    Clean,
}

/// All rows of one origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// Command forms, those of a file in its order: the first that fits is the one.
    pub forms: List<Form>,
    /// Option grammars.
    pub grammars: List<Grammar>,
    /// Command names, sorted, with the forms that may fit.
    pub names: List<(Text, List<usize>)>,
    /// Wrapper rows.
    pub wrappers: List<WrapperRow>,
    /// Wrapper names, sorted, with the rows that may fit.
    pub wrapper_names: List<(Text, List<usize>)>,
    /// Services.
    pub services: List<Service>,
    /// Names and units of services, sorted, with the service.
    pub units: List<(Text, usize)>,
    /// Path classes; the first glob that matches decides.
    pub paths: List<PathRow>,
    /// Name classes; the first glob that matches decides.
    pub variables: List<NameRow>,
    /// Files that are only in systems which are new at each start.
    pub markers: List<Marker>,
    /// What scripts are told to do, sorted by word.
    pub actions: List<ActionRow>,
    /// What names say of commands and functions.
    pub named: List<MarkedName>,
    /// Test operators, sorted.
    pub tests: List<TestRow>,
    /// Functions of well-known libraries that end the script, sorted.
    pub never_returns: List<Text>,
    /// Functions whose name says that they end the script, sorted.
    pub named_to_end: List<Text>,
    /// Commands and functions that succeed whatever happens, sorted.
    pub always_succeeds: List<Text>,
    /// Commands of which failing is one of the answers, sorted: a name, and words that must be among the others.
    pub answers_by_status: List<Text>,
    /// Commands that do nothing without a server that answers, sorted: a name, and globs that others must match.
    pub needs_server: List<Text>,
    /// Commands that do what statements say that they are given, sorted.
    pub runs_statements: List<Text>,
    /// Globs of files that are read whatever their names end in.
    pub read_whole: List<Text>,
    /// What files say of themselves.
    pub headers: Headers,
    /// Words of each kind, sorted.
    pub words: List<(WordKind, Text)>,
    /// Variables that libraries of functions set, sorted, and to what.
    pub constants: List<(Text, Text)>,
}

impl Tables {
    /// No rows at all.
    pub const EMPTY: Self = Self {
        forms: Cow::Borrowed(&[]),
        grammars: Cow::Borrowed(&[]),
        names: Cow::Borrowed(&[]),
        wrappers: Cow::Borrowed(&[]),
        wrapper_names: Cow::Borrowed(&[]),
        services: Cow::Borrowed(&[]),
        units: Cow::Borrowed(&[]),
        paths: Cow::Borrowed(&[]),
        variables: Cow::Borrowed(&[]),
        markers: Cow::Borrowed(&[]),
        actions: Cow::Borrowed(&[]),
        named: Cow::Borrowed(&[]),
        tests: Cow::Borrowed(&[]),
        never_returns: Cow::Borrowed(&[]),
        named_to_end: Cow::Borrowed(&[]),
        always_succeeds: Cow::Borrowed(&[]),
        answers_by_status: Cow::Borrowed(&[]),
        needs_server: Cow::Borrowed(&[]),
        words: Cow::Borrowed(&[]),
        runs_statements: Cow::Borrowed(&[]),
        read_whole: Cow::Borrowed(&[]),
        headers: Headers::EMPTY,
        constants: Cow::Borrowed(&[]),
    };
}
