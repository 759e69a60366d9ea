//! The text of `noharm.toml` to settings; mistakes are refused with their place and a suggestion.

use super::{Override, PathPattern, Settings, suggest};
use crate::finding::{Confidence, Severity};
use crate::role::Role;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

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
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Check {
    min_severity: Option<Severity>,
    min_confidence: Option<Confidence>,
    fail_on: Option<Severity>,
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
    let file: File = toml::from_str(text)
        .map_err(|error| wrong(error.span().map(|span| span.start), with_suggestion(error.message())))?;
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
        severity: file.severity,
        roles,
        overrides: overrides.collect::<Result<_, ConfigError>>()?,
        file: Some(path.to_path_buf()),
        ..default
    })
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
