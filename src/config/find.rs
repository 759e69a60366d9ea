//! Which `noharm.toml` speaks for a file: the nearest one, in its directory or above.

use super::{ConfigError, Settings, parse};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the configuration file.
pub const FILE_NAME: &str = "noharm.toml";

/// Finds and remembers configurations by directory.
#[derive(Debug, Default)]
pub struct Finder {
    by_directory: HashMap<PathBuf, Arc<Settings>>,
}

impl Finder {
    /// The settings for a file: of the nearest configuration file, or the built-in ones.
    ///
    /// # Errors
    /// The nearest configuration file cannot be read or has a mistake.
    pub fn settings_for(&mut self, path: &Path) -> Result<Arc<Settings>, ConfigError> {
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let directory = full.parent().unwrap_or(&full);
        self.of_directory(directory)
    }

    /// The settings of one configuration file, and the texts of the files that it adds.
    ///
    /// # Errors
    /// It or one of those cannot be read, or it has a mistake.
    pub fn read(path: &Path) -> Result<Settings, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError {
            path: path.to_path_buf(),
            place: None,
            message: match error.kind() {
                std::io::ErrorKind::NotFound => "no such file".to_owned(),
                _ => error.to_string(),
            },
        })?;
        let mut settings = parse(&text, path)?;
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        settings.root = full.parent().map(Path::to_path_buf).unwrap_or_default();
        settings.extension.load(path)?;
        Ok(settings)
    }

    fn of_directory(&mut self, directory: &Path) -> Result<Arc<Settings>, ConfigError> {
        if let Some(known) = self.by_directory.get(directory) {
            return Ok(Arc::clone(known));
        }
        let candidate = directory.join(FILE_NAME);
        let settings = if candidate.is_file() {
            Arc::new(Self::read(&candidate)?)
        } else if let Some(parent) = directory.parent() {
            self.of_directory(parent)?
        } else {
            Arc::new(Settings::default())
        };
        self.by_directory.insert(directory.to_path_buf(), Arc::clone(&settings));
        Ok(settings)
    }
}
