//! Compiles `rules/packs.toml` into a static table: runs in the build script only.
//!
//! It knows the codes and names of the rules and nothing else of them. A code that no rule has, or a name that a rule
//! has, is a build error with its place.

use super::file::Rule;
use super::parse_table::{Problem, Source};
use super::parse_words::nearest;
use crate::role::Role;
use serde::Deserialize;
use std::fmt::Write as _;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pack: Vec<Pack>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    name: Spanned<String>,
    summary: String,
    roles: Vec<Role>,
    source: String,
    clause: Vec<Clause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    says: String,
    rules: Vec<Spanned<String>>,
}

/// The table as Rust source.
///
/// # Errors
///
/// Every mistake found, or the first where the file is no table of packs.
pub fn compile(source: Source, rules: &[Rule]) -> Result<String, Vec<Problem>> {
    let file: File = toml::from_str(source.text)
        .map_err(|error| vec![source.problem(error.span().unwrap_or_default(), error.message())])?;
    let mut problems = Vec::new();
    let codes: Vec<&str> = rules.iter().map(|rule| rule.code.as_ref()).collect();
    for (at, pack) in file.pack.iter().enumerate() {
        let name = pack.name.get_ref();
        let taken = file.pack[..at].iter().any(|other| other.name.get_ref() == name);
        if taken || rules.iter().any(|rule| rule.name == *name) {
            problems.push(source.problem(pack.name.span(), &format!("`{name}` is the name of something else already")));
        }
        for code in pack.clause.iter().flat_map(|clause| &clause.rules) {
            if !codes.contains(&code.get_ref().as_str()) {
                let hint = nearest(code.get_ref(), &codes).map(|code| format!("; did you mean `{code}`?"));
                let message = format!("no rule has the code `{}`{}", code.get_ref(), hint.unwrap_or_default());
                problems.push(source.problem(code.span(), &message));
            }
        }
    }
    if problems.is_empty() { Ok(table(&file.pack)) } else { Err(problems) }
}

fn table(packs: &[Pack]) -> String {
    let mut text = "static PACKS: &[Pack] = &[\n".to_owned();
    for pack in packs {
        let roles: Vec<String> = pack.roles.iter().map(|role| format!("Role::{role:?}")).collect();
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "Pack {{ name: {:?}, summary: {:?}, roles: &[{}], source: {:?}, clauses: &[",
            pack.name.get_ref(),
            pack.summary,
            roles.join(", "),
            pack.source
        );
        for clause in &pack.clause {
            let rules: Vec<&String> = clause.rules.iter().map(Spanned::get_ref).collect();
            let _ = write!(text, "Clause {{ says: {:?}, rules: &{rules:?} }}, ", clause.says);
        }
        text.push_str("] },\n");
    }
    text.push_str("];\n");
    text
}
