//! Look-up: what is known of a command, a service, a path, a name.
//!
//! It reads tables and knows nothing of how they were made.

use super::argument::{Argument, Match, Wrapper};
use super::schema::model::{Service, Tables, TestRow};
use super::vocabulary::PathClass;
use std::sync::LazyLock;

/// All that is known, built in and the user's.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    tables: Tables,
}

impl Knowledge {
    /// What is built in.
    pub fn builtin() -> &'static Knowledge {
        static BUILTIN: LazyLock<Knowledge> = LazyLock::new(Knowledge::default);
        &BUILTIN
    }

    /// The form that a command is of, if any is known. `arguments[0]` is the command's name and may be a path;
    /// a redirection is asked as the name `>`, `>>`, `>C` (`>` under `set -C`) or `<` with its target.
    pub fn command(&self, arguments: &[Argument]) -> Option<Match<'_>> {
        let _ = arguments;
        None
    }

    /// What a command that runs another command or a script text runs.
    pub fn wrapper(&self, arguments: &[Argument]) -> Option<Wrapper> {
        let _ = arguments;
        None
    }

    /// Whether a function of a well-known library ends the script.
    pub fn never_returns(&self, name: &str) -> bool {
        self.tables.never_returns.binary_search_by(|row| (**row).cmp(name)).is_ok()
    }

    /// Whether a command or a function of a well-known library succeeds whatever happens.
    pub fn always_succeeds(&self, name: &str) -> bool {
        self.tables.always_succeeds.binary_search_by(|row| (**row).cmp(name)).is_ok()
    }

    /// A service by its name, a unit (with or without `.service`), an alias, or an instance (`x@y`).
    pub fn service(&self, unit: &str) -> Option<&Service> {
        let _ = unit;
        None
    }

    /// Services whose configuration covers this path, which may hold holes.
    pub fn services_covering<'a>(&'a self, path: &str) -> impl Iterator<Item = &'a Service> {
        let _ = path;
        self.tables.services.iter().filter(|_| false)
    }

    /// What a path, which may hold holes, is.
    pub fn path_class(&self, path: &str) -> PathClass {
        let _ = path;
        PathClass::Unknown
    }

    /// What the path in a variable of this name is.
    pub fn name_class(&self, variable: &str) -> Option<PathClass> {
        let _ = variable;
        None
    }

    /// What a test operator proves.
    pub fn test_operator(&self, operator: &str) -> Option<&TestRow> {
        let _ = operator;
        None
    }
}
