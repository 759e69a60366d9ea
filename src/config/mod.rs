//! What a user asked for: `noharm.toml`, bettered by the command line.
//!
//! A leaf: it holds answers, and knows neither rules nor files beyond its own.

mod extend;
mod file;
mod find;
mod suggest;

pub use extend::Extension;
pub use file::{ConfigError, TABLES, parse};
pub use find::{FILE_NAME, Finder};
pub use suggest::{closest, did_you_mean};

use crate::finding::{Catalogue, Confidence, Pack, Severity};
use crate::role::Role;
use globset::GlobMatcher;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Everything that decides how a file is judged and what is shown.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The least severity that is shown.
    pub min_severity: Severity,
    /// The least confidence that is shown.
    pub min_confidence: Confidence,
    /// The least severity that makes the exit code 1.
    pub fail_on: Severity,
    /// Whether comments may hide findings.
    pub ignores: bool,
    /// The packs whose rules are asked, as written; all rules where there is none.
    pub packs: Vec<String>,
    /// The codes of their rules, once somebody who knows the packs has put them in.
    pub only: Option<BTreeSet<String>>,
    /// Severities of rules, by code or name as written; those of packs until somebody has put their rules in.
    pub severity: BTreeMap<String, Severity>,
    /// Roles of paths; the last match wins.
    pub roles: Vec<(PathPattern, Role)>,
    /// What is different for some paths; later ones win.
    pub overrides: Vec<Override>,
    /// The directory that patterns are relative to.
    pub root: PathBuf,
    /// The file that this came from.
    pub file: Option<PathBuf>,
    /// What it adds to what is known.
    pub extension: Extension,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_severity: Severity::Note,
            min_confidence: Confidence::Medium,
            fail_on: Severity::Warning,
            ignores: true,
            packs: Vec::new(),
            only: None,
            severity: BTreeMap::new(),
            roles: Vec::new(),
            overrides: Vec::new(),
            root: PathBuf::new(),
            file: None,
            extension: Extension::default(),
        }
    }
}

/// What is different for some paths.
#[derive(Clone, Debug)]
pub struct Override {
    /// Which paths.
    pub paths: Vec<PathPattern>,
    /// Their role.
    pub role: Option<Role>,
    /// The least severity that is shown there.
    pub min_severity: Option<Severity>,
    /// The least confidence that is shown there.
    pub min_confidence: Option<Confidence>,
    /// Severities of rules there.
    pub severity: BTreeMap<String, Severity>,
}

/// A glob over paths relative to the configuration file; one without `/` matches at any depth.
#[derive(Clone, Debug)]
pub struct PathPattern(GlobMatcher);

impl PathPattern {
    /// Reads a glob.
    ///
    /// # Errors
    /// It is no glob; why, in words.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let trimmed = pattern.trim_start_matches("./");
        let anchored = match trimmed.strip_prefix('/') {
            Some(rest) => rest.to_owned(),
            None if trimmed.trim_end_matches('/').contains('/') => trimmed.to_owned(),
            None => format!("**/{trimmed}"),
        };
        // A directory means everything below it.
        let glob = if anchored.ends_with('/') { format!("{anchored}**") } else { anchored };
        let built = globset::GlobBuilder::new(&glob).literal_separator(true).build();
        built.map(|glob| Self(glob.compile_matcher())).map_err(|error| error.kind().to_string())
    }

    /// Whether it fits a path.
    pub fn matches(&self, path: &Path) -> bool {
        self.0.is_match(path)
    }
}

impl Settings {
    /// The role that the user gave to a path.
    pub fn role_of(&self, path: &Path) -> Option<Role> {
        let path = self.relative(path);
        let by_override = self.overrides_of(&path).filter_map(|rule| rule.role).last();
        by_override.or_else(|| self.roles.iter().rev().find(|(glob, _)| glob.matches(&path)).map(|(_, role)| *role))
    }

    /// The severity that the user gave to a rule at a path.
    pub fn severity_of(&self, path: &Path, code: &str, name: &str) -> Option<Severity> {
        let path = self.relative(path);
        let asked = |table: &BTreeMap<String, Severity>| {
            let hit = table.iter().find(|(key, _)| key.eq_ignore_ascii_case(code) || key.as_str() == name);
            hit.map(|(_, severity)| *severity)
        };
        let by_override = self.overrides_of(&path).filter_map(|rule| asked(&rule.severity)).last();
        by_override.or_else(|| asked(&self.severity))
    }

    /// Whether a rule is among those that the user wants asked.
    pub fn wants(&self, code: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(code))
    }

    /// Puts the rules of packs where a pack is named: among the severities, where what is said of a rule itself goes
    /// before and the worst of several packs counts; and in the list of those that are asked.
    pub fn unpack(&mut self, catalogue: &dyn Catalogue) {
        let overridden = self.overrides.iter_mut().map(|rule| &mut rule.severity);
        for table in overridden.chain([&mut self.severity]) {
            unpack(table, catalogue);
        }
        if !self.packs.is_empty() {
            let wanted = catalogue.packs().iter().filter(|pack| self.packs.iter().any(|name| name == pack.name));
            self.only = Some(wanted.flat_map(Pack::codes).map(str::to_owned).collect());
        }
    }

    /// The least severity and the least confidence that are shown at a path.
    pub fn thresholds(&self, path: &Path) -> (Severity, Confidence) {
        let path = self.relative(path);
        let severity = self.overrides_of(&path).filter_map(|rule| rule.min_severity).last();
        let confidence = self.overrides_of(&path).filter_map(|rule| rule.min_confidence).last();
        (severity.unwrap_or(self.min_severity), confidence.unwrap_or(self.min_confidence))
    }

    /// The rules that the configuration speaks of, as written.
    pub fn rules_named(&self) -> impl Iterator<Item = &str> {
        let overridden = self.overrides.iter().flat_map(|rule| rule.severity.keys());
        self.severity.keys().chain(overridden).map(String::as_str)
    }

    fn overrides_of<'a>(&'a self, relative: &'a Path) -> impl Iterator<Item = &'a Override> {
        self.overrides.iter().filter(|rule| rule.paths.iter().any(|glob| glob.matches(relative)))
    }

    /// A path as patterns see it: seen from the configuration file where it lies below.
    fn relative(&self, path: &Path) -> PathBuf {
        let path = path.strip_prefix("./").unwrap_or(path);
        if self.root.as_os_str().is_empty() {
            return path.to_path_buf();
        }
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        full.strip_prefix(&self.root).map_or_else(|_| path.to_path_buf(), Path::to_path_buf)
    }
}

/// The rules of packs in place of the packs, in one table of severities.
fn unpack(table: &mut BTreeMap<String, Severity>, catalogue: &dyn Catalogue) {
    let mut of_packs: BTreeMap<&str, Severity> = BTreeMap::new();
    // A user's own rule may have the name of a pack.
    for pack in catalogue.packs().iter().filter(|pack| catalogue.resolve(pack.name).is_none()) {
        let Some(severity) = table.remove(pack.name) else { continue };
        for code in pack.codes() {
            let worst = of_packs.entry(code).or_insert(severity);
            *worst = severity.max(*worst);
        }
    }
    if !of_packs.is_empty() {
        let named: BTreeSet<String> = table.keys().filter_map(|rule| catalogue.resolve(rule)).collect();
        of_packs.retain(|code, _| !named.contains(*code));
        table.extend(of_packs.into_iter().map(|(code, severity)| (code.to_owned(), severity)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        PathPattern::new(pattern).expect("a glob").matches(Path::new(path))
    }

    #[test]
    fn a_pattern_without_a_slash_matches_at_any_depth() {
        assert!(matches("notify.sh", "notify.sh"));
        assert!(matches("notify.sh", "ha/notify.sh"));
        assert!(matches("*.sh", "a/b/c.sh"));
        assert!(matches("hooks/", "a/hooks/x.sh"));
    }

    #[test]
    fn a_pattern_with_a_slash_is_anchored() {
        assert!(matches("ha/*.sh", "ha/notify.sh"));
        assert!(!matches("ha/*.sh", "x/ha/notify.sh"));
        assert!(!matches("ha/*.sh", "ha/x/notify.sh"));
        assert!(matches("ha/**", "ha/x/notify.sh"));
        assert!(matches("/notify.sh", "notify.sh"));
        assert!(!matches("/notify.sh", "ha/notify.sh"));
    }

    #[test]
    fn later_overrides_win() {
        let settings = parse(
            r#"
            [severity]
            NH301 = "note"
            [role]
            "ha/**" = "failover"
            [[override]]
            paths = ["ha/**"]
            severity = { NH301 = "error" }
            [[override]]
            paths = ["ha/x.sh"]
            role = "scheduled"
            min-confidence = "high"
            severity = { nh301 = "off" }
            "#,
            Path::new("noharm.toml"),
        )
        .expect("good");
        assert_eq!(settings.severity_of(Path::new("a.sh"), "NH301", "x"), Some(Severity::Note));
        assert_eq!(settings.severity_of(Path::new("./ha/a.sh"), "NH301", "x"), Some(Severity::Error));
        assert_eq!(settings.severity_of(Path::new("ha/x.sh"), "NH301", "x"), Some(Severity::Off));
        assert_eq!(settings.severity_of(Path::new("ha/x.sh"), "NH302", "x"), None);
        assert_eq!(settings.role_of(Path::new("ha/a.sh")), Some(Role::Failover));
        assert_eq!(settings.role_of(Path::new("ha/x.sh")), Some(Role::Scheduled));
        assert_eq!(settings.thresholds(Path::new("ha/x.sh")), (Severity::Note, Confidence::High));
    }
}
