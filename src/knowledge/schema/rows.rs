//! Turns files of rows into tables that can be looked up.
//!
//! It knows what belongs into which table, and nothing of how a single form is read or derived.

use super::super::vocabulary::{ThingKind, WordKind};
use super::cases::Names;
use super::derive::derive_test;
use super::form::{leading, lower, owned, word, words};
use super::grammar::{grammar, spellings};
use super::mistake::{Mistake, Wrong, explain, unknown};
use super::model::{
    ActionRow, Environment, Form, Grammar, Headers, InnerKind, List, MarkedName, Marker, Moments, NameRow, PathRow,
    RootFrom, RootKind, Service, Shell, Style, Tables, TestRow, Text, WrapperRow,
};
use super::raw::{RawFile, RawForm, RawMakes, RawService, RawTells, RawTest, RawTool, RawValidator, RawWrapper};
use super::world::Things;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

/// Tables that are being filled.
#[derive(Default)]
struct Filling {
    grammars: Vec<Grammar>,
    /// Grammars of tools, by name: index and what was written.
    tools: BTreeMap<String, (usize, RawTool)>,
    forms: Vec<Form>,
    names: BTreeMap<String, Vec<usize>>,
    wrappers: Vec<WrapperRow>,
    wrapper_names: BTreeMap<String, Vec<usize>>,
    services: Vec<Service>,
    units: BTreeMap<String, usize>,
    paths: Vec<PathRow>,
    variables: Vec<NameRow>,
    markers: Vec<Marker>,
    actions: BTreeMap<String, ActionRow>,
    named: Vec<MarkedName>,
    tests: Vec<TestRow>,
    never_returns: BTreeSet<String>,
    named_to_end: BTreeSet<String>,
    always_succeeds: BTreeSet<String>,
    answers_by_status: BTreeSet<String>,
    needs_server: BTreeSet<String>,
    runs_statements: BTreeSet<String>,
    read_whole: BTreeSet<String>,
    headers: Headers,
    constants: BTreeMap<String, String>,
    words: BTreeSet<(WordKind, String)>,
    ids: BTreeSet<String>,
}

/// Reads files, given as name and text, into tables. Top-level keys of the names in `others` are somebody else's.
///
/// # Errors
///
/// The first mistake, with its place.
pub fn tables(files: &[(String, String)], others: &[&str]) -> Result<Tables, Mistake> {
    let mut filling = Filling::default();
    let mut parsed = Vec::new();
    for (name, text) in files {
        let raw = file(text, others).map_err(|wrong| wrong.in_file(name, text))?;
        filling.tools(&raw).map_err(|wrong| wrong.in_file(name, text))?;
        parsed.push((name, text, raw));
    }
    for (name, text, raw) in &parsed {
        filling.add(raw).map_err(|wrong| wrong.in_file(name, text))?;
    }
    Ok(filling.tables())
}

/// Parses one file.
///
/// # Errors
///
/// What is wrong with its TOML.
pub fn file(text: &str, others: &[&str]) -> Result<RawFile, Wrong> {
    let wrong = |error: toml::de::Error| Wrong::new(error.span().unwrap_or(0..0), explain(error.message()));
    let mut table = DeTable::parse(text).map_err(wrong)?;
    for other in others {
        table.get_mut().remove(*other);
    }
    RawFile::deserialize(Deserializer::from(table)).map_err(wrong)
}

impl Filling {
    fn tools(&mut self, raw: &RawFile) -> Result<(), Wrong> {
        for (names, tool) in &raw.tool {
            let index = self.grammar(grammar(tool)?);
            for name in names.split('|') {
                self.tools.insert(name.to_owned(), (index, tool.clone()));
            }
        }
        Ok(())
    }

    fn grammar(&mut self, grammar: Grammar) -> usize {
        self.grammars.iter().position(|known| *known == grammar).unwrap_or_else(|| {
            self.grammars.push(grammar);
            self.grammars.len() - 1
        })
    }

    fn add(&mut self, raw: &RawFile) -> Result<(), Wrong> {
        for form in &raw.form {
            self.form(form)?;
        }
        for service in &raw.service {
            self.service(service)?;
        }
        for wrapper in &raw.wrapper {
            self.wrapper(wrapper)?;
        }
        for row in &raw.paths {
            for glob in row.globs.iter().flat_map(|glob| braces(glob)) {
                self.paths.push(PathRow { glob: Cow::Owned(glob), class: row.class });
            }
        }
        for row in &raw.variables {
            for glob in row.globs.iter().flat_map(|glob| braces(glob)) {
                self.variables.push(NameRow { glob: Cow::Owned(glob.to_lowercase()), class: row.class });
            }
        }
        for row in &raw.marker {
            let renews: Vec<Text> = row.renews.iter().flat_map(|path| braces(path)).map(Cow::Owned).collect();
            for glob in row.found.iter().flat_map(|glob| braces(glob)) {
                self.markers.push(Marker { found: Cow::Owned(glob), renews: Cow::Owned(renews.clone()) });
            }
        }
        for row in &raw.action {
            for word in &row.words {
                let action = ActionRow { word: Cow::Owned(word.clone()), role: row.role };
                self.actions.insert(word.clone(), action);
            }
        }
        for row in &raw.named {
            let marks: List<Text> = row.marks.iter().map(|mark| owned(mark)).collect();
            for glob in row.globs.iter().flat_map(|glob| braces(glob)) {
                let glob = Cow::Owned(glob.to_lowercase());
                self.named.push(MarkedName { glob, marks: marks.clone(), of_script: row.scripts, effect: row.effect });
            }
        }
        for row in &raw.test {
            self.tests.extend(test(row)?);
        }
        self.never_returns.extend(raw.functions.never_returns.iter().cloned());
        self.named_to_end.extend(raw.functions.named_to_end.iter().cloned());
        self.always_succeeds.extend(raw.functions.always_succeeds.iter().cloned());
        self.answers_by_status.extend(raw.functions.answers_by_status.iter().cloned());
        self.needs_server.extend(raw.functions.needs_server.iter().cloned());
        for row in &raw.words {
            self.words.extend(row.words.iter().map(|word| (row.kind, word.clone())));
        }
        self.runs_statements.extend(raw.functions.runs_statements.iter().cloned());
        self.read_whole.extend(raw.directories.read_whole.iter().cloned());
        self.headers.add(&raw.headers);
        self.constants.extend(raw.constants.iter().map(|(name, text)| (name.clone(), text.clone())));
        Ok(())
    }

    fn form(&mut self, raw: &RawForm) -> Result<(), Wrong> {
        if !self.ids.insert(raw.id.get_ref().clone()) {
            return Err(Wrong::new(raw.id.span(), format!("there is a form `{}` already", raw.id.get_ref())));
        }
        let names: Vec<String> = raw
            .on
            .all()
            .iter()
            .filter_map(|alternative| alternative.get_ref().split_whitespace().next())
            .flat_map(|names| names.split('|').map(str::to_owned))
            .collect();
        let mut grammars = Vec::new();
        for alternative in raw.on.all() {
            grammars.push(self.form_grammar(raw, alternative.get_ref())?);
        }
        self.known_options(raw, &grammars)?;
        let form = lower(raw, grammars)?;
        for name in names {
            let rows = self.names.entry(name).or_default();
            if !rows.contains(&self.forms.len()) {
                rows.push(self.forms.len());
            }
        }
        self.forms.push(form);
        Ok(())
    }

    /// The grammar of the tool that leads, with the form's own options if it lists some.
    fn form_grammar(&mut self, raw: &RawForm, leading: &str) -> Result<usize, Wrong> {
        let name = leading.split([' ', '|']).next().unwrap_or_default();
        let tool = self.tools.get(name).cloned();
        match (&raw.options, tool) {
            (None, Some((index, _))) => Ok(index),
            (options, tool) => {
                let mut base = tool.map(|(_, tool)| tool).unwrap_or_default();
                if let Some(options) = options {
                    base.global = Some(base.global.unwrap_or(std::mem::take(&mut base.options)));
                    base.options.clone_from(options);
                }
                if raw.style.is_some() {
                    base.style.clone_from(&raw.style);
                }
                Ok(self.grammar(grammar(&base)?))
            }
        }
    }

    /// An option that a form speaks of must be in the grammar, or the form could never fit.
    fn known_options(&self, raw: &RawForm, grammars: &[usize]) -> Result<(), Wrong> {
        let grammars: Vec<&Grammar> = grammars.iter().map(|index| &self.grammars[*index]).collect();
        if grammars.iter().any(|grammar| matches!(grammar.style, Style::Verb | Style::Assign)) {
            return Ok(());
        }
        let known: Vec<&str> = grammars
            .iter()
            .flat_map(|grammar| grammar.options.iter().chain(grammar.global.iter()))
            .map(|option| &*option.canonical)
            .collect();
        for written in [&raw.need, &raw.may, &raw.without].into_iter().flatten() {
            for option in written.get_ref().split_whitespace() {
                for name in option.split('=').next().unwrap_or_default().split('|') {
                    if !known.contains(&name) {
                        return Err(Wrong::new(written.span(), unknown("option", name, known.iter().copied())));
                    }
                }
            }
        }
        Ok(())
    }

    fn service(&mut self, raw: &RawService) -> Result<(), Wrong> {
        let name = raw.name.get_ref();
        let index = self.services.len();
        for unit in raw.units.iter().chain([name]) {
            if self.units.insert(unit.clone(), index).is_some_and(|other| other != index) {
                return Err(Wrong::new(raw.name.span(), format!("another service has the unit `{unit}` already")));
            }
        }
        let mut moments = Moments::default();
        for moment in &raw.validates_on {
            match moment.get_ref().as_str() {
                "start" => moments.start = true,
                "restart" => moments.restart = true,
                "reload" => moments.reload = true,
                other => {
                    return Err(Wrong::new(moment.span(), unknown("moment", other, ["start", "restart", "reload"])));
                }
            }
        }
        for (number, validator) in raw.validator.iter().enumerate() {
            self.form(&validator_form(raw, validator, number))?;
        }
        self.services.push(Service {
            name: owned(name),
            units: raw.units.iter().map(|unit| owned(unit)).collect(),
            elsewhere: raw.elsewhere.iter().map(|other| owned(other)).collect(),
            paths: raw.paths.iter().flat_map(|path| braces(path)).map(Cow::Owned).collect(),
            validators: raw.validator.iter().filter_map(|validator| validator.run.as_deref()).map(owned).collect(),
            validates_on: moments,
            reload: raw.reload,
            stop_harmless: raw.stop_harmless,
            health: raw.health.iter().map(|line| owned(line)).collect(),
            clients: raw.clients.iter().map(|line| owned(line)).collect(),
            source: owned(&raw.source),
        });
        Ok(())
    }

    fn wrapper(&mut self, raw: &RawWrapper) -> Result<(), Wrong> {
        let options = spellings(&raw.options);
        let grammar = self.grammar(Grammar {
            global: options.clone(),
            options,
            style: Style::Getopt,
            posix_order: !raw.permutes,
            abbreviates: false,
            open: false,
        });
        for name in raw.on.all().iter().filter_map(|on| on.get_ref().split_whitespace().next()) {
            for name in name.split('|') {
                let rows = self.wrapper_names.entry(name.to_owned()).or_default();
                if rows.last() != Some(&self.wrappers.len()) {
                    rows.push(self.wrappers.len());
                }
            }
        }
        let root_from = match &raw.root_from {
            None => RootFrom::Nothing,
            Some(text) => match text.get_ref().parse() {
                Ok(operand) => RootFrom::Operand(operand),
                Err(_) => RootFrom::Option(owned(text.get_ref())),
            },
        };
        self.wrappers.push(WrapperRow {
            id: owned(raw.id.get_ref()),
            leading: leading(&raw.on),
            need: words(raw.need.as_ref()).into_iter().map(owned).collect(),
            without: words(raw.without.as_ref()).into_iter().map(owned).collect(),
            skip: raw.skip,
            then: raw.then.as_deref().map(owned),
            assignments: raw.assignments,
            inner: one_of("kind of inner command", &raw.inner, &INNERS)?,
            text_option: raw.text_option.as_deref().map(owned),
            shell: optional("shell", raw.shell.as_ref(), &SHELLS, Shell::Posix)?,
            root: optional("root", raw.root.as_ref(), &ROOTS, RootKind::Same)?,
            root_from,
            environment: optional("environment", raw.environment.as_ref(), &ENVIRONMENTS, Environment::Exported)?,
            passes_status: !raw.hides_status,
            locks: raw.locks,
            grammar,
        });
        Ok(())
    }

    fn tables(self) -> Tables {
        let mut tests = self.tests;
        tests.sort_by(|a, b| a.operator.cmp(&b.operator));
        Tables {
            forms: Cow::Owned(self.forms),
            grammars: Cow::Owned(self.grammars),
            names: index(self.names),
            wrappers: Cow::Owned(self.wrappers),
            wrapper_names: index(self.wrapper_names),
            services: Cow::Owned(self.services),
            units: self.units.into_iter().map(|(unit, service)| (Cow::Owned(unit), service)).collect(),
            paths: Cow::Owned(self.paths),
            variables: Cow::Owned(self.variables),
            markers: Cow::Owned(self.markers),
            actions: self.actions.into_values().collect(),
            named: Cow::Owned(self.named),
            tests: Cow::Owned(tests),
            never_returns: self.never_returns.into_iter().map(Cow::Owned).collect(),
            named_to_end: self.named_to_end.into_iter().map(Cow::Owned).collect(),
            always_succeeds: self.always_succeeds.into_iter().map(Cow::Owned).collect(),
            answers_by_status: self.answers_by_status.into_iter().map(Cow::Owned).collect(),
            needs_server: self.needs_server.into_iter().map(Cow::Owned).collect(),
            words: self.words.into_iter().map(|(kind, word)| (kind, Cow::Owned(word))).collect(),
            runs_statements: self.runs_statements.into_iter().map(Cow::Owned).collect(),
            read_whole: self.read_whole.into_iter().map(Cow::Owned).collect(),
            headers: self.headers,
            constants: self.constants.into_iter().map(|(name, text)| (Cow::Owned(name), Cow::Owned(text))).collect(),
        }
    }
}

const INNERS: [(&str, InnerKind); 6] = [
    ("command", InnerKind::Command),
    ("partial", InnerKind::Partial),
    ("text", InnerKind::Text),
    ("joined", InnerKind::Joined),
    ("file", InnerKind::File),
    ("stdin", InnerKind::Input),
];
const SHELLS: [(&str, Shell); 6] = [
    ("same", Shell::Same),
    ("sh", Shell::Posix),
    ("dash", Shell::Dash),
    ("bash", Shell::Bash),
    ("ksh", Shell::Ksh),
    ("zsh", Shell::Zsh),
];
pub(super) const ROOTS: [(&str, RootKind); 5] = [
    ("same", RootKind::Same),
    ("host", RootKind::Host),
    ("container", RootKind::Container),
    ("chroot", RootKind::Chroot),
    ("namespace", RootKind::Namespace),
];
const ENVIRONMENTS: [(&str, Environment); 3] =
    [("shell", Environment::Shell), ("exported", Environment::Exported), ("clean", Environment::Clean)];

fn one_of<T: Copy>(what: &str, text: &Spanned<String>, known: &[(&str, T)]) -> Result<T, Wrong> {
    known
        .iter()
        .find(|(name, _)| name == text.get_ref())
        .map(|(_, value)| *value)
        .ok_or_else(|| Wrong::new(text.span(), unknown(what, text.get_ref(), known.iter().map(|(name, _)| *name))))
}

pub(super) fn optional<T: Copy>(
    what: &str,
    text: Option<&Spanned<String>>,
    known: &[(&str, T)],
    usual: T,
) -> Result<T, Wrong> {
    text.map_or(Ok(usual), |text| one_of(what, text, known))
}

fn index(names: BTreeMap<String, Vec<usize>>) -> List<(Text, List<usize>)> {
    names.into_iter().map(|(name, rows)| (Cow::Owned(name), Cow::Owned(rows))).collect()
}

/// A validator is a form that proves the service's configuration valid if its file is not given or belongs to it.
fn validator_form(service: &RawService, raw: &RawValidator, number: usize) -> RawForm {
    let at = service.name.span();
    let spanned = |text: String| Spanned::new(at.clone(), text);
    let takes_file = [&raw.need, &raw.may, &raw.args]
        .into_iter()
        .flatten()
        .any(|text| text.get_ref().split([' ', '=', '/']).any(|part| part.starts_with("F:path")));
    let ok = if takes_file {
        vec![spanned("config-valid S if F of S".to_owned()), spanned("content-validated F".to_owned())]
    } else {
        vec![spanned("config-valid S".to_owned())]
    };
    RawForm {
        id: spanned(format!("validate-{}-{}", service.name.get_ref(), number + 1)),
        on: raw.on.clone(),
        need: raw.need.clone(),
        may: raw.may.clone(),
        without: raw.without.clone(),
        options: raw.options.clone(),
        style: raw.style.clone(),
        args: raw.args.clone(),
        default: BTreeMap::new(),
        also: BTreeMap::from([("S".to_owned(), spanned(format!("service {}", service.name.get_ref())))]),
        r#where: raw.r#where.clone(),
        classify: BTreeMap::new(),
        cases: None,
        assume: None,
        server: None,
        lists: None,
        says: raw.says.clone(),
        effects: Vec::new(),
        makes: RawMakes { ok, fail: Vec::new() },
        closed: true,
        asks: true,
        quiet: false,
        marks: Vec::new(),
        tells: RawTells::default(),
        fails_silently: raw.fails_silently,
        atomic: true,
        elsewhere: None,
        idempotent: None,
        remedies: BTreeMap::new(),
        source: Some(service.source.clone()),
    }
}

fn test(raw: &RawTest) -> Result<Vec<TestRow>, Wrong> {
    let of: ThingKind = match &raw.of {
        Some(of) => word(of.get_ref(), of.span())?,
        None => ThingKind::Path,
    };
    let (names, keys): (Vec<String>, Vec<String>) = ["F", "G"]
        .iter()
        .take(if raw.binary { 2 } else { 1 })
        .map(|name| ((*name).to_owned(), format!("{}:{name}", if of == ThingKind::Path { "path" } else { "value" })))
        .unzip();
    let kinds = vec![of; names.len()];
    let names = Names { things: &names, roles: &[] };
    let literals = names.precondition(raw.yes.get_ref(), &raw.yes.span())?.unwrap_or_default();
    let (yes, mut no) = derive_test(&literals, &Things::new(keys), &kinds);
    if raw.asks_more {
        no.clear();
    }
    Ok(raw
        .operator
        .get_ref()
        .split_whitespace()
        .map(|operator| TestRow {
            operator: owned(operator),
            yes: Cow::Owned(yes.clone()),
            no: Cow::Owned(no.clone()),
            binary: raw.binary,
        })
        .collect())
}

/// Every text that a glob with `{a,b}` in it stands for.
pub(super) fn braces(glob: &str) -> Vec<String> {
    let Some((before, rest)) = glob.split_once('{') else { return vec![glob.to_owned()] };
    let Some((inside, after)) = rest.split_once('}') else { return vec![glob.to_owned()] };
    inside
        .split(',')
        .flat_map(|choice| braces(after).into_iter().map(move |tail| format!("{before}{choice}{tail}")))
        .collect()
}
