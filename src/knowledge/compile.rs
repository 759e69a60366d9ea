//! The build script's half of knowledge: reads `rules/knowledge/**/*.toml` and writes the tables as statics.
//!
//! It knows where the files are and how a value is written in Rust; what rows mean is the schema's affair.

use crate::schema::model::{
    ActionRow, Class, EffectRow, Environment, FactRow, Form, Grammar, Headers, InnerKind, List, MarkedName, Marker,
    Moments, NameRow, Need, PathRow, Pattern, Piece, Reader, RemedyPiece, RemedyRow, Rewrite, RewriteAction, Role,
    RootFrom, RootKind, Safety, ScriptRole, Service, Shell, Slot, Spelling, Style, Tables, Takes, TestRow, Text,
    ThingTemplate, Touch, TouchRow, Transfer, When, WrapperRow,
};
use crate::schema::rows::tables;
use crate::vocabulary::{EffectKind, FactKind, How, PathClass, Remedy, SecondRun, ThingKind, WordKind};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Reads the rows below `rules/knowledge` and writes `knowledge.rs` into `out`.
///
/// # Errors
///
/// The first mistake in a row, with its file, line and column, or what the disk says.
pub fn compile(root: &Path, out: &Path) -> Result<(), String> {
    let folder = root.join("rules/knowledge");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths = Vec::new();
    collect(&folder, &mut paths)?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        files.push((name, text));
    }
    let tables = tables(&files, &[]).map_err(|mistake| mistake.to_string())?;
    let mut text = String::new();
    let parts = Parts {
        forms: consts("FORM", "Form", &tables.forms, &mut text),
        services: consts("SERVICE", "Service", &tables.services, &mut text),
        wrappers: consts("WRAPPER", "WrapperRow", &tables.wrappers, &mut text),
        grammars: consts("GRAMMAR", "Grammar", &tables.grammars, &mut text),
    };
    text.push_str("pub(super) static TABLES: Tables = ");
    parts.table(&tables, &mut text);
    text.push_str(";\n");
    fs::write(out.join("knowledge.rs"), text).map_err(|error| error.to_string())
}

/// The folder of the manifest, and where built files go.
///
/// # Errors
///
/// If not run by cargo.
pub fn folders() -> Result<(PathBuf, PathBuf), String> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).ok_or_else(|| format!("{name} is not set"));
    Ok((folder("CARGO_MANIFEST_DIR")?, folder("OUT_DIR")?))
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    Ok(())
}

/// The lists of large rows, each as an expression of constants: a table that is one expression takes the compiler
/// minutes and most of the memory of a small machine.
struct Parts {
    forms: String,
    services: String,
    wrappers: String,
    grammars: String,
}

/// Writes a constant for each of these rows, and gives back the list of them.
fn consts<T: Emit + Clone>(name: &str, of: &str, rows: &List<T>, out: &mut String) -> String {
    let mut list = String::from("Cow::Borrowed(&[");
    for (at, row) in rows.iter().enumerate() {
        let _ = write!(out, "const {name}_{at}: {of} = ");
        row.emit(out);
        out.push_str(";\n");
        let _ = write!(list, "{name}_{at}, ");
    }
    list + "])"
}

/// Writes a value as a Rust expression.
trait Emit {
    fn emit(&self, out: &mut String);
}

impl Emit for Text {
    fn emit(&self, out: &mut String) {
        let _ = write!(out, "Cow::Borrowed({:?})", self.as_ref());
    }
}

impl<T: Emit + Clone> Emit for List<T> {
    fn emit(&self, out: &mut String) {
        out.push_str("Cow::Borrowed(&[");
        for item in self.iter() {
            item.emit(out);
            out.push_str(", ");
        }
        out.push_str("])");
    }
}

impl<T: Emit> Emit for Option<T> {
    fn emit(&self, out: &mut String) {
        match self {
            None => out.push_str("None"),
            Some(value) => {
                out.push_str("Some(");
                value.emit(out);
                out.push(')');
            }
        }
    }
}

impl<A: Emit, B: Emit> Emit for (A, B) {
    fn emit(&self, out: &mut String) {
        out.push('(');
        self.0.emit(out);
        out.push_str(", ");
        self.1.emit(out);
        out.push(')');
    }
}

/// Values that are written as their debug form, after the name of their type.
macro_rules! emit_as_debug {
    ($($type:ident),* $(,)?) => {
        $(impl Emit for $type {
            fn emit(&self, out: &mut String) {
                let _ = write!(out, concat!(stringify!($type), "::{:?}"), self);
            }
        })*
    };
}

emit_as_debug!(
    EffectKind,
    Environment,
    FactKind,
    How,
    InnerKind,
    PathClass,
    WordKind,
    Reader,
    Remedy,
    RootKind,
    Safety,
    ScriptRole,
    SecondRun,
    Shell,
    Style,
    Takes,
    ThingKind,
    Touch,
    When,
);

macro_rules! emit_plain {
    ($($type:ty),* $(,)?) => {
        $(impl Emit for $type {
            fn emit(&self, out: &mut String) {
                let _ = write!(out, "{self:?}");
            }
        })*
    };
}

emit_plain!(bool, u8, usize, Role, Moments);

macro_rules! emit_struct {
    ($($type:ident { $($field:ident),* $(,)? })*) => {
        $(impl Emit for $type {
            fn emit(&self, out: &mut String) {
                out.push_str(concat!(stringify!($type), " { "));
                $(
                    out.push_str(concat!(stringify!($field), ": "));
                    self.$field.emit(out);
                    out.push_str(", ");
                )*
                out.push_str("}\n");
            }
        })*
    };
}

emit_struct! {
    Form {
        id, roles, things, effects, ok, fail, prints, prints_nothing, says, fail_is_answer, unasked, touches, transfers, second_run,
        second_run_elsewhere, excuses, asks, quiet, fails_silently, atomic, elsewhere,
        idempotent, remedies, marks, told_ok, told_fail, answers, source, pattern,
    }
    ThingTemplate { name, kind, pieces }
    EffectRow { kind, how, target, source }
    FactRow { fact, thing, other, when }
    TouchRow { thing, touch }
    Transfer { from, to }
    Rewrite { action, safety, needs_bash }
    RemedyRow { remedy, pieces }
    Pattern {
        leading, need, may, without, operands, globs, classes, defaults, name_role, input_roles, source_role, grammars,
    }
    Need { options, role }
    Class { role, reader, wanted, fills }
    Grammar { options, global, style, posix_order, abbreviates, open }
    Spelling { name, canonical, takes }
    Service {
        name, units, elsewhere, paths, validators, validates_on, reload, stop_harmless, health, clients, source,
    }
    PathRow { glob, class }
    NameRow { glob, class }
    Marker { found, renews }
    ActionRow { word, role }
    MarkedName { glob, marks, of_script, effect }
    TestRow { operator, yes, no, binary }
    WrapperRow {
        id, leading, need, without, skip, then, assignments, inner, text_option, shell, root, root_from, environment,
        passes_status, locks, grammar,
    }
    Headers { markers, forbids, tells, invites }
}

macro_rules! emit_tables {
    ({ $($part:ident),* $(,)? } { $($field:ident),* $(,)? }) => {
        impl Parts {
            fn table(&self, tables: &Tables, out: &mut String) {
                // A table that is new is named here, or the compiler says so.
                let Tables { $($part: _,)* $($field,)* } = tables;
                out.push_str("Tables { ");
                $(
                    out.push_str(concat!(stringify!($part), ": "));
                    out.push_str(&self.$part);
                    out.push_str(", ");
                )*
                $(
                    out.push_str(concat!(stringify!($field), ": "));
                    $field.emit(out);
                    out.push_str(", ");
                )*
                out.push_str("}\n");
            }
        }
    };
}

emit_tables! {
    { forms, grammars, wrappers, services }
    {
        names, wrapper_names, units, paths, variables, markers, actions, named, tests, never_returns, named_to_end,
        always_succeeds, answers_by_status, headers, constants, needs_server, runs_statements, words, read_whole,
    }
}

impl Emit for Piece {
    fn emit(&self, out: &mut String) {
        out.push_str("Piece::");
        match self {
            Self::Literal(text) => call("Literal", &[text], out),
            Self::Role(role) => call("Role", &[role], out),
            Self::Base(role) => call("Base", &[role], out),
            Self::Above(role) => call("Above", &[role], out),
            Self::Stem(role, end) => call("Stem", &[role, end], out),
            Self::Without(role, end) => call("Without", &[role, end], out),
            Self::Within => out.push_str("Within"),
        }
    }
}

impl Emit for RemedyPiece {
    fn emit(&self, out: &mut String) {
        out.push_str("RemedyPiece::");
        match self {
            Self::Literal(text) => call("Literal", &[text], out),
            Self::Word(role) => call("Word", &[role], out),
            Self::By => out.push_str("By"),
            Self::As => out.push_str("As"),
            Self::Instead(old, new) => call("Instead", &[old, new], out),
            Self::Front => out.push_str("Front"),
            Self::With(role, word) => call("With", &[role, word], out),
            Self::Adding(options) => call("Adding", &[options], out),
            Self::InFront(role, mark) => call("InFront", &[role, mark], out),
            Self::Behind(role, mark) => call("Behind", &[role, mark], out),
            Self::Unmarked(role, mark) => call("Unmarked", &[role, mark], out),
            Self::Alone => out.push_str("Alone"),
            Self::Address(role) => call("Address", &[role], out),
        }
    }
}

impl Emit for Slot {
    fn emit(&self, out: &mut String) {
        out.push_str("Slot::");
        match self {
            Self::One(role) => call("One", &[role], out),
            Self::Unless(role, option) => call("Unless", &[role, option], out),
            Self::Maybe(role) => call("Maybe", &[role], out),
            Self::MaybeNumber(role) => call("MaybeNumber", &[role], out),
            Self::Many(role) => call("Many", &[role], out),
            Self::Rest(role) => call("Rest", &[role], out),
            Self::Word(word) => call("Word", &[word], out),
            Self::MaybeWord(word) => call("MaybeWord", &[word], out),
        }
    }
}

impl Emit for RootFrom {
    fn emit(&self, out: &mut String) {
        out.push_str("RootFrom::");
        match self {
            Self::Nothing => out.push_str("Nothing"),
            Self::Operand(operand) => call("Operand", &[operand], out),
            Self::Option(option) => call("Option", &[option], out),
        }
    }
}

impl Emit for RewriteAction {
    fn emit(&self, out: &mut String) {
        out.push_str("RewriteAction::");
        match self {
            Self::AddOption(option) => call("AddOption", &[option], out),
            Self::Prefix(pieces) => call("Prefix", &[pieces], out),
            Self::ReplaceWord { from, to } => {
                out.push_str("ReplaceWord { from: ");
                from.emit(out);
                out.push_str(", to: ");
                to.emit(out);
                out.push_str(" }");
            }
        }
    }
}

fn call(name: &str, arguments: &[&dyn Emit], out: &mut String) {
    out.push_str(name);
    out.push('(');
    for argument in arguments {
        argument.emit(out);
        out.push_str(", ");
    }
    out.push(')');
}
