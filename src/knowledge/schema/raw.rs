//! The TOML of rows, as written. Unknown keys are refused.
//!
//! It knows the shape of the files and nothing of what their words mean.

use super::super::vocabulary::{EffectKind, PathClass, Remedy, WordKind};
use crate::role::Role;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// One string, or several, each with its place.
#[derive(Clone, Debug)]
pub struct OneOrMany(Vec<Spanned<String>>);

impl OneOrMany {
    /// All of them.
    pub fn all(&self) -> &[Spanned<String>] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Spanned::<Written>::deserialize(deserializer)?;
        let at = written.span();
        Ok(Self(match written.into_inner() {
            Written::One(one) => vec![Spanned::new(at, one)],
            Written::Many(many) => many,
        }))
    }
}

/// An untagged enum would lose the places of the strings in it, so this is told apart by hand.
enum Written {
    One(String),
    Many(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor)
    }
}

struct WrittenVisitor;

impl<'de> Visitor<'de> for WrittenVisitor {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E>(self, text: &str) -> Result<Written, E> {
        Ok(Written::One(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Written, A::Error> {
        let mut many = Vec::new();
        while let Some(item) = items.next_element()? {
            many.push(item);
        }
        Ok(Written::Many(many))
    }
}

/// The tables of a file of rows.
pub const TABLES: [&str; 15] = [
    "tool",
    "form",
    "service",
    "wrapper",
    "paths",
    "variables",
    "marker",
    "words",
    "action",
    "test",
    "named",
    "functions",
    "headers",
    "constants",
    "directories",
];

/// A file of rows. Any file may hold any kind of row; their names are listed above.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFile {
    /// How the options of commands are read, by command name (several joined by `|`).
    #[serde(default)]
    pub tool: BTreeMap<String, RawTool>,
    /// Command forms.
    #[serde(default)]
    pub form: Vec<RawForm>,
    /// Services.
    #[serde(default)]
    pub service: Vec<RawService>,
    /// Commands that run commands.
    #[serde(default)]
    pub wrapper: Vec<RawWrapper>,
    /// Path classes, first match wins.
    #[serde(default)]
    pub paths: Vec<RawClass>,
    /// Classes by the name of a variable, first match wins.
    #[serde(default)]
    pub variables: Vec<RawClass>,
    /// Files that are only in systems which are new at each start.
    #[serde(default)]
    pub marker: Vec<RawMarker>,
    /// What scripts are called with to tell them what to do.
    #[serde(default)]
    pub action: Vec<RawAction>,
    /// Test operators.
    #[serde(default)]
    pub test: Vec<RawTest>,
    /// What names say of commands and functions that are not known otherwise.
    #[serde(default)]
    pub named: Vec<RawNamed>,
    /// Well-known functions.
    #[serde(default)]
    pub functions: RawFunctions,
    /// What kinds of things words are.
    #[serde(default)]
    pub words: Vec<RawWords>,
    /// Directories that somebody reads.
    #[serde(default)]
    pub directories: RawDirectories,
    /// What files say of themselves.
    #[serde(default)]
    pub headers: RawHeaders,
    /// Variables that libraries of functions set, and to what.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
}

/// Files that are only in systems which are new at each start, and what is new there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMarker {
    /// The files, as globs.
    pub found: Vec<String>,
    /// The directories.
    pub renews: Vec<String>,
}

/// How a tool's options are read: the grammar alone, or with how it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTool {
    /// `f/force o=/output= i?`: spellings of one option joined by `/`; `=` takes an argument, `?` an attached one.
    #[serde(default)]
    pub options: String,
    /// Options before the second leading word; the same as `options` if not given.
    pub global: Option<String>,
    /// How options are written.
    pub style: Option<Spanned<String>>,
    /// Whether the first operand ends the options.
    #[serde(default)]
    pub posix_order: bool,
    /// Whether leading words may be abbreviated.
    #[serde(default)]
    pub abbreviates: bool,
    /// Whether unlisted options are no surprise.
    #[serde(default)]
    pub open: bool,
}

/// A command form.
#[allow(clippy::struct_excessive_bools, reason = "a row is a list of independent properties")]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawForm {
    /// Stable key.
    pub id: Spanned<String>,
    /// Leading words.
    pub on: OneOrMany,
    /// Options that must be there.
    pub need: Option<Spanned<String>>,
    /// Options that may be there and give a role.
    pub may: Option<Spanned<String>>,
    /// Options that must not be there.
    pub without: Option<Spanned<String>>,
    /// Options of this form, instead of the tool's.
    pub options: Option<String>,
    /// How those are written.
    pub style: Option<Spanned<String>>,
    /// Operands.
    pub args: Option<Spanned<String>>,
    /// Values of roles that were not given.
    #[serde(default)]
    pub default: BTreeMap<String, Spanned<String>>,
    /// Things that follow from others.
    #[serde(default)]
    pub also: BTreeMap<String, Spanned<String>>,
    /// Globs that roles must match.
    #[serde(default)]
    pub r#where: BTreeMap<String, Spanned<String>>,
    /// Classes that roles must be of.
    #[serde(default)]
    pub classify: BTreeMap<String, Spanned<String>>,
    /// The cases, or a shape that stands for some.
    pub cases: Option<OneOrMany>,
    /// What may be taken for granted where facts are derived.
    pub assume: Option<Spanned<String>>,
    /// A server without which it cannot ask, and the code for that.
    pub server: Option<Spanned<String>>,
    /// What a non-empty output says.
    pub lists: Option<Spanned<String>>,
    /// What it prints only where it succeeds.
    pub says: Option<String>,
    /// What it does: `create directory D`, `write replace B from A`.
    #[serde(default)]
    pub effects: Vec<Spanned<String>>,
    /// Facts that cases cannot say.
    #[serde(default)]
    pub makes: RawMakes,
    /// What kinds of commands it is one of, in words that rules ask for.
    #[serde(default)]
    pub marks: Vec<String>,
    /// The marks that its outcome stands for: that of others that need not be run any more.
    #[serde(default)]
    pub tells: RawTells,
    /// Whether its codes are closed, so that failing is an answer.
    #[serde(default)]
    pub closed: bool,
    /// Whether it is a check although its cases do not show that.
    #[serde(default)]
    pub asks: bool,
    /// Whether it prints nothing.
    #[serde(default)]
    pub quiet: bool,
    /// Whether it prints nothing on standard output where it fails.
    #[serde(default)]
    pub fails_silently: bool,
    /// Whether it leaves what was there as it was where it fails.
    #[serde(default)]
    pub atomic: bool,
    /// Where a path lies of which an operand says so (`NAME:PATH`): host, container.
    pub elsewhere: Option<Spanned<String>>,
    /// How to make it repeatable.
    pub idempotent: Option<RawRewrite>,
    /// What other commands do for it.
    #[serde(default)]
    pub remedies: BTreeMap<Remedy, OneOrMany>,
    /// Where it comes from.
    pub source: Option<String>,
}

/// Facts that cases cannot say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMakes {
    /// After success.
    #[serde(default)]
    pub ok: Vec<Spanned<String>>,
    /// After failure.
    #[serde(default)]
    pub fail: Vec<Spanned<String>>,
}

/// The marks that an outcome stands for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTells {
    /// Success.
    #[serde(default)]
    pub ok: Vec<String>,
    /// Failure.
    #[serde(default)]
    pub fail: Vec<String>,
    /// Exactly this output, whatever the status.
    #[serde(default)]
    pub says: BTreeMap<String, Vec<String>>,
}

/// How to make a form repeatable.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRewrite {
    /// An option to add.
    pub add: Option<String>,
    /// Words to replace: `add => replace`.
    pub replace: Option<Spanned<String>>,
    /// Text to put before, with roles in braces.
    pub prefix: Option<Spanned<String>>,
    /// Whether it cannot change a first, successful run.
    #[serde(default)]
    pub safe: bool,
    /// Whether it needs bash.
    #[serde(default)]
    pub bash: bool,
}

/// A service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawService {
    /// Canonical name.
    pub name: Spanned<String>,
    /// Units and aliases; the name itself counts too.
    #[serde(default)]
    pub units: Vec<String>,
    /// Services of other systems that are the same one.
    #[serde(default)]
    pub elsewhere: Vec<String>,
    /// Configuration paths, as globs.
    #[serde(default)]
    pub paths: Vec<String>,
    /// What validates its configuration.
    #[serde(default)]
    pub validator: Vec<RawValidator>,
    /// Of start, restart and reload, those at which the unit validates by itself and refuses.
    #[serde(default)]
    pub validates_on: Vec<Spanned<String>>,
    /// Whether it can reload.
    #[serde(default)]
    pub reload: bool,
    /// Whether stopping it interrupts nobody.
    #[serde(default)]
    pub stop_harmless: bool,
    /// Command lines that ask whether it serves.
    #[serde(default)]
    pub health: Vec<String>,
    /// Commands that fail where it does not answer: a name, and the words that may follow it.
    #[serde(default)]
    pub clients: Vec<String>,
    /// Where it comes from.
    pub source: String,
}

/// A command that validates a service's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawValidator {
    /// The command line to suggest; none if it is not one to suggest.
    pub run: Option<String>,
    /// What it prints only where the configuration is valid.
    pub says: Option<String>,
    /// Leading words.
    pub on: OneOrMany,
    /// Options that must be there.
    pub need: Option<Spanned<String>>,
    /// Options that may be there; `F` is the file that is validated.
    pub may: Option<Spanned<String>>,
    /// Options that must not be there.
    pub without: Option<Spanned<String>>,
    /// The options that it knows.
    pub options: Option<String>,
    /// How they are written.
    pub style: Option<Spanned<String>>,
    /// Operands; `F` is the file that is validated.
    pub args: Option<Spanned<String>>,
    /// Whether it prints nothing on standard output where it fails.
    #[serde(default)]
    pub fails_silently: bool,
    /// Globs that roles must match.
    #[serde(default)]
    pub r#where: BTreeMap<String, Spanned<String>>,
}

/// A command that runs a command.
#[allow(clippy::struct_excessive_bools, reason = "a row is a list of independent properties")]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWrapper {
    /// Stable key.
    pub id: Spanned<String>,
    /// Leading words.
    pub on: OneOrMany,
    /// Options that must be there.
    pub need: Option<Spanned<String>>,
    /// Options that must not be there.
    pub without: Option<Spanned<String>>,
    /// Its options.
    #[serde(default)]
    pub options: String,
    /// How many operands stand before the command.
    #[serde(default)]
    pub skip: usize,
    /// A word that must follow them, of several joined by `|`.
    pub then: Option<String>,
    /// Whether `NAME=value` words before the command are assignments.
    #[serde(default)]
    pub assignments: bool,
    /// What the rest is: command, partial, text, joined, file, stdin.
    pub inner: Spanned<String>,
    /// The option whose argument is the script.
    pub text_option: Option<String>,
    /// Which shell reads it: same, sh, dash, bash, ksh, zsh; that of its own name if not given.
    pub shell: Option<Spanned<String>>,
    /// Where it runs: same, host, container, chroot, namespace.
    pub root: Option<Spanned<String>>,
    /// The word that names the root: an operand's number, or an option.
    pub root_from: Option<Spanned<String>>,
    /// What it sees of variables: shell, exported, clean.
    pub environment: Option<Spanned<String>>,
    /// Whether its status is not the inner command's.
    #[serde(default)]
    pub hides_status: bool,
    /// Whether its first operand is a lock that is held meanwhile.
    #[serde(default)]
    pub locks: bool,
    /// Whether the operands may be read wherever options stand among them.
    #[serde(default)]
    pub permutes: bool,
}

/// Globs and a class.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawClass {
    /// The class.
    pub class: PathClass,
    /// The globs.
    pub globs: Vec<String>,
}

/// Words that a caller tells a script what to do with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAction {
    /// Why a script runs that is told one of them; absent where they do not say.
    #[serde(default)]
    pub role: Option<Role>,
    /// The words.
    pub words: Vec<String>,
}

/// Names of commands and functions, and the marks that they have by it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNamed {
    /// The names, as globs; letters in any case.
    pub globs: Vec<String>,
    /// The marks.
    pub marks: Vec<String>,
    /// They are names of scripts.
    #[serde(default)]
    pub scripts: bool,
    /// What a command does of which nothing but the name is known.
    #[serde(default)]
    pub effect: Option<EffectKind>,
}

/// A test operator.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTest {
    /// As written; alternatives joined by a blank.
    pub operator: Spanned<String>,
    /// When the answer is yes: a precondition over `F` (and `G`, the second operand); the rest follows from it.
    pub yes: Spanned<String>,
    /// What kind of thing the operand is: path or value.
    pub of: Option<Spanned<String>>,
    /// Whether it has two operands.
    #[serde(default)]
    pub binary: bool,
    /// Whether it asks for more than `yes` says, so that the answer no says nothing.
    #[serde(default)]
    pub asks_more: bool,
}

/// Directories that somebody reads.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDirectories {
    /// Globs of files that are read whatever their names end in: a copy beside one is read, too.
    #[serde(default)]
    pub read_whole: Vec<String>,
}

/// Well-known functions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFunctions {
    /// They end the script.
    #[serde(default)]
    pub never_returns: Vec<String>,
    /// Their names say that they end the script, where a file that was not read may define them.
    #[serde(default)]
    pub named_to_end: Vec<String>,
    /// They succeed whatever happens.
    #[serde(default)]
    pub always_succeeds: Vec<String>,
    /// Failing is one of their answers: a name, and words that must be among the others.
    #[serde(default)]
    pub answers_by_status: Vec<String>,
    /// They do nothing without a server that answers: a name, and globs that others of the words must match.
    #[serde(default)]
    pub needs_server: Vec<String>,
    /// What they do is said by statements that they are given.
    #[serde(default)]
    pub runs_statements: Vec<String>,
}

/// Words of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWords {
    /// The kind.
    pub kind: WordKind,
    /// The words.
    pub words: Vec<String>,
}

/// Phrases in the comments of a file's first lines; `*` is any text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHeaders {
    /// What begins a comment.
    #[serde(default)]
    pub markers: Vec<String>,
    /// An edit is forbidden or will not last.
    #[serde(default)]
    pub forbids: Vec<String>,
    /// A program writes the file.
    #[serde(default)]
    pub tells: Vec<String>,
    /// The reader may edit it all the same.
    #[serde(default)]
    pub invites: Vec<String>,
}
