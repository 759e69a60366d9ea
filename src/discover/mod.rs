//! Which files are scripts, which shell they are written for, and why they probably run.
//!
//! It goes by names, first lines and telling words, and knows no grammar: what it says of a role is a hint that
//! a reading of the effects may better.

mod names;
mod role_hint;
mod role_table;
mod shebang;
mod sniff;
mod walk;

pub use shebang::{Shebang, ShellOptions};
pub use walk::{Found, Options, Problem, ScriptFile, find};

use crate::dialect::Dialect;
use crate::role::Role;
use std::path::Path;

/// What can be told of a script before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The shell that it is written for.
    pub dialect: Dialect,
    /// The first line names the shell that is to run it.
    pub executed: bool,
    /// Options that the first line sets before the first command runs.
    pub options: ShellOptions,
    /// Why it probably runs.
    pub role: Role,
    /// Where the role comes from.
    pub evidence: Evidence,
}

/// What a role hint rests on, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Nothing: the role is unknown.
    None,
    /// A word of a name.
    Name,
    /// A directory or a file name that something else runs scripts from.
    Place,
    /// A text that only scripts of this role have.
    Content,
    /// The configuration says so.
    Configured,
    /// A directive in the file says so.
    Directive,
}

/// Tells what can be told of a script by its path and a look at its text.
pub fn inspect(path: &Path, bytes: &[u8]) -> Hint {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let shebang = Shebang::of(bytes);
    let dialect = shebang
        .as_ref()
        .and_then(|shebang| shebang.dialect)
        .or_else(|| sniff::declared_dialect(bytes))
        .or_else(|| names::dialect_of(path))
        .unwrap_or_else(|| sniff::dialect_of(bytes));
    let executed = shebang.as_ref().is_some_and(|shebang| shebang.dialect.is_some());
    let options = shebang.as_ref().map(|shebang| shebang.options).unwrap_or_default();
    let (role, evidence) = role_hint::role_of(path, bytes, shebang.as_ref());
    Hint { dialect, executed, options, role, evidence }
}

impl Hint {
    /// Whether `return` outside of functions ends the script. bash refuses it, and goes on, where it runs the script; other
    /// shells end it as by `exit`, and so does each with a file that is sourced.
    pub fn ends_by_return(&self) -> bool {
        !self.dialect.is_bash() || !self.executed || self.role == Role::Library
    }

    /// The configuration gives the script a role; a directive in the file still has the last word.
    pub fn assign(&mut self, role: Role) {
        if self.evidence < Evidence::Directive {
            self.role = role;
            self.evidence = Evidence::Configured;
        }
    }
}
