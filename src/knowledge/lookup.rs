//! Look-up: what is known of a command, a service, a path, a name.
//!
//! It reads tables and knows nothing of how they were made. A user's rows are asked before the built-in ones.

use super::argument::{Argument, HOLE, Match, Wrapper};
use super::builtin::TABLES;
use super::glob::{matches_path, matches_text, normal};
use super::matching::Input;
use super::schema::mistake::Mistake;
use super::schema::model::{ActionRow, MarkedName, Service, Tables, TestRow, Text};
use super::schema::rows::tables;
use super::vocabulary::{EffectKind, PathClass, WordKind};
use super::{matching, places, wrapping};
use hashbrown::HashSet;
use std::sync::LazyLock;

/// All that is known, built in and the user's.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    user: Tables,
}

static BUILTIN: Knowledge = Knowledge { user: Tables::EMPTY };

impl Knowledge {
    /// What is built in.
    pub fn builtin() -> &'static Knowledge {
        &BUILTIN
    }

    /// What is built in, and the rows of these files (name and text), which come first.
    ///
    /// # Errors
    ///
    /// The first mistake in them, with its place.
    pub fn with(files: &[(String, String)]) -> Result<Knowledge, Mistake> {
        Self::among(files, &[])
    }

    /// The same, for files in which other tables stand besides, of these names.
    ///
    /// # Errors
    ///
    /// The first mistake in them, with its place.
    pub fn among(files: &[(String, String)], others: &[&str]) -> Result<Knowledge, Mistake> {
        Ok(Self { user: tables(files, others)? })
    }

    fn all(&self) -> impl Iterator<Item = &Tables> {
        [&self.user, &TABLES].into_iter()
    }

    /// The form that a command is of, if any is known. `arguments[0]` is the command's name and may be a path;
    /// a redirection is asked as the name `>`, `>>`, `>C` (`>` under `set -C`) or `<` with its target.
    pub fn command(&self, arguments: &[Argument]) -> Option<Match<'_>> {
        let mut unknown = [0; 4];
        self.fed(arguments, Input { text: HOLE.encode_utf8(&mut unknown), source: "" })
    }

    /// The same of a command that something comes in to.
    pub fn fed(&self, arguments: &[Argument], input: Input<'_>) -> Option<Match<'_>> {
        self.all().find_map(|tables| matching::find(tables, arguments, input))
    }

    /// What a command that runs another command or a script text runs.
    pub fn wrapper(&self, arguments: &[Argument]) -> Option<Wrapper> {
        self.all().find_map(|tables| wrapping::find(tables, arguments))
    }

    /// Whether a command of this name may be one that runs another, or a text.
    pub fn is_wrapper(&self, name: &str) -> bool {
        self.all().any(|tables| wrapping::is_wrapper(tables, name))
    }

    /// Whether a function of a well-known library ends the script.
    pub fn never_returns(&self, name: &str) -> bool {
        self.all().any(|tables| tables.never_returns.binary_search_by(|row| (**row).cmp(name)).is_ok())
    }

    /// Whether the name of a function says that it ends the script.
    pub fn is_named_to_end(&self, name: &str) -> bool {
        self.all().any(|tables| tables.named_to_end.binary_search_by(|row| (**row).cmp(name)).is_ok())
    }

    /// Whether a command or a function of a well-known library succeeds whatever happens.
    pub fn always_succeeds(&self, name: &str) -> bool {
        self.all().any(|tables| tables.always_succeeds.binary_search_by(|row| (**row).cmp(name)).is_ok())
    }

    /// Whether a word is of a kind.
    pub fn is(&self, word: &str, kind: WordKind) -> bool {
        let find = |(known, text): &(WordKind, Text)| known.cmp(&kind).then_with(|| (**text).cmp(word));
        self.all().any(|tables| tables.words.binary_search_by(find).is_ok())
    }

    /// The words of a kind.
    pub fn words(&self, kind: WordKind) -> impl Iterator<Item = &str> {
        let of_kind = move |(known, _): &&(WordKind, Text)| *known == kind;
        self.all().flat_map(|tables| tables.words.iter()).filter(of_kind).map(|(_, text)| &**text)
    }

    /// Whether a command of this name only tells somebody: one of the words of its last part says so. A word within a
    /// longer one says nothing (`logrotate`, `terraform`).
    pub fn is_message(&self, name: &str) -> bool {
        let name = name.trim_matches(['"', '\'']);
        let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        base.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| self.is(word, WordKind::Tells))
    }

    /// Whether failing is one of the answers of a command.
    pub fn answers_by_status(&self, arguments: &[Argument]) -> bool {
        self.all().any(|tables| is_listed(&tables.answers_by_status, arguments))
    }

    /// Whether a command does nothing without a server that answers.
    pub fn needs_server(&self, arguments: &[Argument]) -> bool {
        self.all().any(|tables| is_listed(&tables.needs_server, arguments))
    }

    /// Whether a file is read whatever its name ends in, so that a copy beside it is read, too.
    pub fn is_read_whole(&self, path: &str) -> bool {
        let path = normal(path);
        let parts: Vec<&str> = path.split('/').collect();
        self.all().any(|tables| tables.read_whole.iter().any(|glob| matches_path(glob, &parts)))
    }

    /// Whether what a command of this name does is said by statements that it is given.
    pub fn runs_statements(&self, name: &str) -> bool {
        self.all().any(|tables| tables.runs_statements.binary_search_by(|row| (**row).cmp(name)).is_ok())
    }

    /// A service by its name, a unit (with or without `.service`), an alias, an instance (`x@y`), the path of its
    /// program or of its pid file.
    pub fn service(&self, unit: &str) -> Option<&Service> {
        let unit = if unit.starts_with('/') { unit.rsplit('/').next().unwrap_or(unit) } else { unit };
        let unit = [".service", ".pid"].iter().find_map(|ending| unit.strip_suffix(ending)).unwrap_or(unit);
        let template = unit.split_once('@').map(|(template, _)| template);
        self.all().find_map(|tables| {
            [Some(unit), template].into_iter().flatten().find_map(|name| {
                let row = tables.units.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
                tables.units.get(row).and_then(|(_, service)| tables.services.get(*service))
            })
        })
    }

    /// Every service that is known.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.all().flat_map(|tables| tables.services.iter())
    }

    /// Whether a command of this name may be a client of some service.
    pub fn is_client(&self, name: &Argument) -> bool {
        static BUILTIN_CLIENTS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| clients(&TABLES).collect());
        let name = name.text.rsplit('/').next().unwrap_or_default();
        BUILTIN_CLIENTS.contains(name) || clients(&self.user).any(|client| client == name)
    }

    /// Services of which a command is a client that needs an answer.
    pub fn services_asked(&self, arguments: &[Argument]) -> impl Iterator<Item = &Service> {
        let name = matching::name_of(arguments).unwrap_or_default();
        let is_client = move |client: &Text| {
            let (client, words) = client.split_once(' ').unwrap_or((client, ""));
            let follows = || words.split('|').any(|word| arguments.get(1).is_some_and(|next| next.text == *word));
            client == name && (words.is_empty() || follows())
        };
        self.services().filter(move |service| service.clients.iter().any(is_client))
    }

    /// Services whose configuration covers this path, which may hold holes.
    pub fn services_covering(&self, path: &str) -> impl Iterator<Item = &Service> {
        let path = normal(path);
        let parts: Vec<&str> = path.split('/').collect();
        let own = |service: &&Service| service.paths.iter().any(|glob| matches_path(glob, &parts));
        let mut found: Vec<&Service> = self.user.services.iter().filter(own).collect();
        let (globs, of_glob) = places::services();
        let mut covering: Vec<usize> = globs.matching(&parts).filter_map(|glob| of_glob.get(glob)).copied().collect();
        covering.dedup();
        found.extend(covering.into_iter().filter_map(|service| TABLES.services.get(service)));
        found.into_iter()
    }

    /// What a path, which may hold holes, is.
    pub fn path_class(&self, path: &str) -> PathClass {
        let path = normal(path);
        let parts: Vec<&str> = path.split('/').collect();
        let own = self.user.paths.iter().find(|row| matches_path(&row.glob, &parts));
        let row = own.or_else(|| places::classes().matching(&parts).next().and_then(|row| TABLES.paths.get(row)));
        row.map_or(PathClass::Unknown, |row| row.class)
    }

    /// What the path in a variable of this name is.
    pub fn name_class(&self, variable: &str) -> Option<PathClass> {
        let name = variable.to_lowercase();
        self.all()
            .flat_map(|tables| tables.variables.iter())
            .find(|row| matches_text(&row.glob, &name))
            .map(|row| row.class)
    }

    /// The directories that are new at each start of a system in which this file is.
    pub fn renewed_where(&self, found: &str) -> impl Iterator<Item = &str> {
        let path = normal(found);
        let markers = self.all().flat_map(|tables| tables.markers.iter());
        let own = markers.filter(move |row| matches_path(&row.found, &path.split('/').collect::<Vec<_>>()));
        own.flat_map(|row| row.renews.iter().map(|directory| &**directory))
    }

    /// Whether a text says in its first lines that the program that writes it owns it.
    pub fn claims(&self, text: &str) -> bool {
        self.all().any(|tables| super::header::claims(&tables.headers, text))
    }

    /// What a variable holds that a well-known library of functions sets.
    pub fn constant(&self, name: &str) -> Option<&str> {
        self.all().find_map(|tables| {
            let at = tables.constants.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
            tables.constants.get(at).map(|(_, text)| &**text)
        })
    }

    /// All such variables, and what they hold.
    pub fn constants(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all().flat_map(|tables| tables.constants.iter()).map(|(name, text)| (&**name, &**text))
    }

    /// What a script is told to do by this word, if that is what it says.
    pub fn action(&self, word: &str) -> Option<&ActionRow> {
        self.all().find_map(|tables| {
            let row = tables.actions.binary_search_by(|row| (*row.word).cmp(word)).ok()?;
            tables.actions.get(row)
        })
    }

    /// The marks that a command or a function has by its name.
    pub fn marks_of_name(&self, name: &str) -> impl Iterator<Item = &str> {
        self.named(name, false)
    }

    /// What a command does by its name, where no row tells more of it.
    pub fn effect_of_name(&self, name: &str) -> Option<EffectKind> {
        self.rows_of_name(name, false).find_map(|row| row.effect)
    }

    /// The marks that a script has by its name.
    pub fn marks_of_script(&self, name: &str) -> impl Iterator<Item = &str> {
        self.named(name, true)
    }

    fn named(&self, name: &str, of_script: bool) -> impl Iterator<Item = &str> {
        self.rows_of_name(name, of_script).flat_map(|row| row.marks.iter().map(|mark| &**mark))
    }

    fn rows_of_name(&self, name: &str, of_script: bool) -> impl Iterator<Item = &MarkedName> {
        let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        let rows = self.all().flat_map(|tables| tables.named.iter());
        rows.filter(move |row| row.of_script == of_script && matches_text(&row.glob, &name))
    }

    /// What a test operator proves.
    pub fn test_operator(&self, operator: &str) -> Option<&TestRow> {
        self.all().find_map(|tables| {
            let row = tables.tests.binary_search_by(|row| (*row.operator).cmp(operator)).ok()?;
            tables.tests.get(row)
        })
    }
}

/// Whether a command is in a sorted list of names, each with globs that others of its words must match.
fn is_listed(rows: &[Text], arguments: &[Argument]) -> bool {
    let Some(name) = matching::name_of(arguments) else { return false };
    let has = |glob: &str| arguments.iter().skip(1).any(|argument| matches_text(glob, &argument.text));
    let first = rows.partition_point(|row| row.split(' ').next().is_some_and(|known| known < name));
    let of_name = rows[first..].iter().map(|row| row.split(' ')).take_while(|row| row.clone().next() == Some(name));
    of_name.into_iter().any(|row| row.skip(1).all(has))
}

/// The names of the commands that are clients of services.
fn clients(tables: &Tables) -> impl Iterator<Item = &str> {
    let clients = tables.services.iter().flat_map(|service| service.clients.iter());
    clients.map(|client| client.split_once(' ').map_or(&**client, |(name, _)| name))
}
