//! The text of `noharm.toml` to settings; mistakes are refused with their place and a suggestion.

use super::extend::{Extension, Named};
use super::{Override, PathPattern, Settings, suggest};
use crate::finding::{Confidence, Severity};
use crate::knowledge;
use crate::role::Role;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

/// A mistake in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// 1-based line and column, where there is a place.
    pub place: Option<(u32, u32)>,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.path.display())?;
        if let Some((line, column)) = self.place {
            write!(formatter, ":{line}:{column}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

impl std::error::Error for ConfigError {}

/// The tables of a configuration that are its own; all others are rows of knowledge.
pub const TABLES: [&str; 5] = ["check", "severity", "role", "override", "extend"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    check: Check,
    #[serde(default)]
    severity: BTreeMap<String, Severity>,
    #[serde(default)]
    role: BTreeMap<Spanned<String>, Role>,
    #[serde(default, rename = "override")]
    overrides: Vec<PathOverride>,
    #[serde(default)]
    extend: Extend,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Extend {
    knowledge: Vec<Spanned<PathBuf>>,
    rules: Vec<Spanned<PathBuf>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Check {
    min_severity: Option<Severity>,
    min_confidence: Option<Confidence>,
    fail_on: Option<Severity>,
    packs: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PathOverride {
    paths: Vec<Spanned<String>>,
    role: Option<Role>,
    min_severity: Option<Severity>,
    min_confidence: Option<Confidence>,
    #[serde(default)]
    severity: BTreeMap<String, Severity>,
}

/// Reads the text of a configuration file. Patterns are relative to nothing until a root is set.
///
/// # Errors
/// A mistake, with its place.
pub fn parse(text: &str, path: &Path) -> Result<Settings, ConfigError> {
    let wrong = |byte: Option<usize>, message: String| ConfigError {
        path: path.to_path_buf(),
        place: byte.map(|byte| place(text, byte)),
        message,
    };
    let refused = |error: toml::de::Error| wrong(error.span().map(|span| span.start), with_suggestion(error.message()));
    let mut table = DeTable::parse(text).map_err(refused)?;
    let foreign: Vec<_> =
        table.get_ref().keys().filter(|key| !TABLES.contains(&key.get_ref().as_ref())).cloned().collect();
    for key in &foreign {
        let name = key.get_ref();
        if !knowledge::TABLES.contains(&name.as_ref()) {
            let hint = suggest::did_you_mean(name, TABLES.into_iter().chain(knowledge::TABLES));
            return Err(wrong(Some(key.span().start), format!("unknown table `{name}`{hint}")));
        }
        table.get_mut().remove(name.as_ref());
    }
    let file = File::deserialize(Deserializer::from(table)).map_err(refused)?;
    let pattern = |glob: &Spanned<String>| {
        PathPattern::new(glob.get_ref()).map_err(|why| wrong(Some(glob.span().start), format!("not a glob: {why}")))
    };
    // Sorted by place, not by spelling: the last pattern in the file wins.
    let mut roles: Vec<_> = file.role.iter().collect();
    roles.sort_by_key(|(glob, _)| glob.span().start);
    let roles = roles.into_iter().map(|(glob, role)| Ok((pattern(glob)?, *role))).collect::<Result<_, _>>()?;
    let overrides = file.overrides.into_iter().map(|rule| {
        Ok(Override {
            paths: rule.paths.iter().map(pattern).collect::<Result<_, _>>()?,
            role: rule.role,
            min_severity: rule.min_severity,
            min_confidence: rule.min_confidence,
            severity: rule.severity,
        })
    });
    let default = Settings::default();
    Ok(Settings {
        min_severity: file.check.min_severity.unwrap_or(default.min_severity),
        min_confidence: file.check.min_confidence.unwrap_or(default.min_confidence),
        fail_on: file.check.fail_on.unwrap_or(default.fail_on),
        packs: file.check.packs,
        severity: file.severity,
        roles,
        overrides: overrides.collect::<Result<_, ConfigError>>()?,
        extension: Extension {
            rows: if foreign.is_empty() { Vec::new() } else { vec![(path.display().to_string(), text.to_owned())] },
            rules: Vec::new(),
            knowledge_files: named(&file.extend.knowledge, text),
            rule_folders: named(&file.extend.rules, text),
        },
        file: Some(path.to_path_buf()),
        ..default
    })
}

fn named(paths: &[Spanned<PathBuf>], text: &str) -> Vec<Named> {
    paths.iter().map(|path| Named { path: path.get_ref().clone(), place: place(text, path.span().start) }).collect()
}

fn place(text: &str, byte: usize) -> (u32, u32) {
    let before = &text.as_bytes()[..byte.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    (line, String::from_utf8_lossy(&before[line_start..]).chars().count() as u32 + 1)
}

/// Adds the nearest right word to serde's "unknown field `x`, expected one of `a`, `b`".
fn with_suggestion(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    match words.next() {
        Some(wrong) if message.starts_with("unknown ") => {
            format!("{}{}", message.trim_end(), suggest::did_you_mean(wrong, words))
        }
        _ => message.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse(text, Path::new("noharm.toml")).expect_err("a mistake").to_string()
    }

    #[test]
    fn an_unknown_key_is_refused_with_place_and_suggestion() {
        let message = refused("[check]\nmin_confidence = \"low\"\n");
        assert!(message.starts_with("noharm.toml:2:1: unknown field `min_confidence`"), "{message}");
        assert!(message.ends_with("did you mean `min-confidence`?"), "{message}");
    }

    #[test]
    fn an_unknown_word_is_refused_with_a_suggestion() {
        let message = refused("[role]\n\"ha/*\" = \"failovr\"\n");
        assert!(message.contains("noharm.toml:2:"), "{message}");
        assert!(message.ends_with("did you mean `failover`?"), "{message}");
        assert!(refused("[severity]\nNH301 = \"warn\"\n").ends_with("did you mean `warning`?"));
    }

    #[test]
    fn an_unknown_table_is_refused_and_a_table_of_rows_is_not() {
        assert!(refused("[servic]\n").ends_with("unknown table `servic`; did you mean `service`?"));
        assert!(
            refused("\n[serverity]\n")
                .ends_with("noharm.toml:2:2: unknown table `serverity`; did you mean `severity`?")
        );
        let settings = parse("[[service]]\nname = \"x\"\n[check]\n", Path::new("noharm.toml")).expect("good");
        assert_eq!(settings.extension.rows.len(), 1);
    }

    #[test]
    fn a_bad_glob_and_bad_toml_have_a_place() {
        assert!(refused("[role]\n\"a[\" = \"failover\"\n").starts_with("noharm.toml:2:1: not a glob"));
        assert!(refused("[check\n").starts_with("noharm.toml:1:"));
    }

    #[test]
    fn nothing_is_needed() {
        let settings = parse("", Path::new("noharm.toml")).expect("good");
        assert_eq!(settings.fail_on, Severity::Warning);
        assert_eq!(settings.min_confidence, Confidence::Medium);
    }
}
