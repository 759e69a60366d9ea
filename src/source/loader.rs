//! The one door through which texts come in, so that the analysis never touches a disk.

use super::Source;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Brings the text of a file: from the disk, from an editor's buffers, from a test.
pub trait Loader: Sync {
    /// The text at a path.
    ///
    /// # Errors
    /// There is no such text, or it cannot be read.
    fn load(&self, path: &Path) -> Result<Source, LoadError>;

    /// The text of a regular file of at most so many bytes: for what nobody named, which must not block or fill memory.
    ///
    /// # Errors
    /// There is no such file, it is larger, or it cannot be read.
    fn load_file(&self, path: &Path, most: u64) -> Result<Source, LoadError> {
        self.load(path)
            .and_then(|source| if source.bytes().len() as u64 > most { Err(LoadError::TooLarge) } else { Ok(source) })
    }
}

/// Why a text could not be brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// Nothing is there.
    Missing,
    /// It is a directory, a socket, a device …
    NotAFile,
    /// It is a pipe with a name on the disk, which nobody may ever write to.
    NamedPipe,
    /// It is 4 GiB or larger.
    TooLarge,
    /// The system said no; its words.
    Unreadable(String),
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => formatter.write_str("no such file or directory"),
            Self::NotAFile => formatter.write_str("not a regular file"),
            Self::NamedPipe => {
                formatter.write_str("a named pipe, which may have no writer: give it as `-` on standard input")
            }
            Self::TooLarge => super::TooLarge.fmt(formatter),
            Self::Unreadable(why) => formatter.write_str(why),
        }
    }
}

impl std::error::Error for LoadError {}

/// Reads from the disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskLoader;

impl Loader for DiskLoader {
    fn load(&self, path: &Path) -> Result<Source, LoadError> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => LoadError::Missing,
            _ => LoadError::Unreadable(words(&error)),
        };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        // `noharm check <(generate)` and `/dev/stdin` are pipes that somebody holds open; one that lies on the disk hangs
        // whoever opens it until somebody writes. A directory or a device cannot sensibly be read.
        if is_pipe(&metadata) {
            if !["/dev", "/proc"].iter().any(|own| path.starts_with(own)) {
                return Err(LoadError::NamedPipe);
            }
        } else if !metadata.is_file() {
            return Err(LoadError::NotAFile);
        }
        if metadata.len() >= u64::from(u32::MAX) {
            return Err(LoadError::TooLarge);
        }
        let bytes = std::fs::read(path).map_err(failed)?;
        Source::new(path, bytes).map_err(|_| LoadError::TooLarge)
    }

    fn load_file(&self, path: &Path, most: u64) -> Result<Source, LoadError> {
        match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => Err(LoadError::NotAFile),
            Ok(metadata) if metadata.len() > most => Err(LoadError::TooLarge),
            _ => self.load(path),
        }
    }
}

#[cfg(unix)]
fn is_pipe(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &std::fs::Metadata) -> bool {
    false
}

/// The system's words without the "(os error 13)" behind them.
fn words(error: &std::io::Error) -> String {
    let text = error.to_string();
    let cut = text.find(" (os error").unwrap_or(text.len());
    text[..cut].to_lowercase()
}

/// Texts held in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryLoader {
    texts: HashMap<PathBuf, Vec<u8>>,
}

impl MemoryLoader {
    /// Adds a text.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        self.texts.insert(path.into(), bytes.into());
        self
    }
}

impl Loader for MemoryLoader {
    fn load(&self, path: &Path) -> Result<Source, LoadError> {
        let bytes = self.texts.get(path).ok_or(LoadError::Missing)?;
        Source::new(path, bytes.clone()).map_err(|_| LoadError::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_answers_like_a_disk() {
        let loader = MemoryLoader::default().with("lib.sh", b"ls".to_vec());
        assert_eq!(loader.load(Path::new("lib.sh")).map(|source| source.bytes().to_vec()), Ok(b"ls".to_vec()));
        assert_eq!(loader.load(Path::new("other.sh")).err(), Some(LoadError::Missing));
    }

    #[test]
    fn a_disk_says_what_is_wrong() {
        assert_eq!(DiskLoader.load(Path::new("/no/such/file")).err(), Some(LoadError::Missing));
        assert_eq!(DiskLoader.load(Path::new("/")).err(), Some(LoadError::NotAFile));
    }
}
