//! What a configuration adds to what noharm knows: rows of knowledge and rules, as texts.
//!
//! It finds and reads the files; what stands in them is read by those who know their form.

use super::ConfigError;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a configuration adds to the knowledge and the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// Files with rows of knowledge, by path and text; that of the configuration itself is one where it holds any.
    pub rows: Vec<(String, String)>,
    /// Rule files, by path and text.
    pub rules: Vec<(String, String)>,
    /// Further files with rows, as the configuration names them.
    pub(super) knowledge_files: Vec<Named>,
    /// Folders with rule files, as the configuration names them.
    pub(super) rule_folders: Vec<Named>,
}

/// A path that stands in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// As written: relative to the configuration.
    pub(super) path: PathBuf,
    /// 1-based line and column.
    pub(super) place: (u32, u32),
}

impl Extension {
    /// Whether it adds nothing.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.rules.is_empty()
    }

    /// Reads the files that the configuration at `config` names.
    ///
    /// # Errors
    /// One of them cannot be read; the place is where it is named.
    pub(super) fn load(&mut self, config: &Path) -> Result<(), ConfigError> {
        let beside = config.parent().unwrap_or(Path::new(""));
        let refused = |named: &Named, path: &Path, why: &io::Error| {
            let why = if why.kind() == io::ErrorKind::NotFound { "no such file".to_owned() } else { why.to_string() };
            let message = format!("{}: {why}", path.display());
            ConfigError { path: config.to_path_buf(), place: Some(named.place), message }
        };
        for named in &self.knowledge_files {
            let path = beside.join(&named.path);
            let text = fs::read_to_string(&path).map_err(|why| refused(named, &path, &why))?;
            self.rows.push((path.display().to_string(), text));
        }
        for named in &self.rule_folders {
            let folder = beside.join(&named.path);
            for path in pages(&folder).map_err(|why| refused(named, &folder, &why))? {
                let text = fs::read_to_string(&path).map_err(|why| refused(named, &path, &why))?;
                self.rules.push((path.display().to_string(), text));
            }
        }
        Ok(())
    }
}

/// The Markdown files in a folder and in its folders, which are families; a `README.md` is about them and is no rule.
fn pages(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            for inner in fs::read_dir(&path)? {
                pages.push(inner?.path());
            }
        } else {
            pages.push(path);
        }
    }
    let is_rule = |path: &PathBuf| {
        path.extension().is_some_and(|end| end == "md") && path.file_name().is_some_and(|name| name != "README.md")
    };
    pages.retain(is_rule);
    pages.sort();
    Ok(pages)
}
