//! Puts a new text in the place of a file, wholly or not at all.
//!
//! The text goes to a new file beside the old one, is flushed to the disk, gets the old one's mode and owner, and
//! takes its name in one step. A link is followed, so that its target is what changes. A file that is read-only,
//! or whose text is no longer the one that was analysed, is left alone.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a file was left alone.
#[derive(Debug)]
pub enum WriteError {
    /// Somebody changed it since it was read.
    ChangedUnderneath,
    /// Nobody may write it.
    ReadOnly,
    /// The owner of the new file cannot be made the old one's.
    Owner(io::Error),
    /// Anything else that the system says.
    System(io::Error),
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ChangedUnderneath => formatter.write_str("not written: the file changed while it was analysed"),
            Self::ReadOnly => formatter.write_str("not written: the file is read-only"),
            Self::Owner(error) => write!(formatter, "not written: its owner could not be kept: {error}"),
            Self::System(error) => write!(formatter, "not written: {error}"),
        }
    }
}

impl std::error::Error for WriteError {}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Other names that still have the old text.
    pub other_hard_links: u64,
}

/// Replaces a file's text.
///
/// # Errors
/// The file is left as it was; why.
pub fn replace(path: &Path, before: &[u8], after: &[u8]) -> Result<Written, WriteError> {
    let target = path.canonicalize()?;
    let metadata = fs::metadata(&target)?;
    if metadata.permissions().readonly() {
        return Err(WriteError::ReadOnly);
    }
    if fs::read(&target)? != before {
        return Err(WriteError::ChangedUnderneath);
    }
    let directory: PathBuf = target.parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
    let mut new = tempfile::Builder::new().prefix(".noharm-").tempfile_in(&directory)?;
    new.write_all(after)?;
    keep_owner(new.as_file(), &metadata)?;
    // After the owner: changing it clears set-user-ID bits.
    new.as_file().set_permissions(metadata.permissions())?;
    new.as_file().sync_all()?;
    // As late as can be: what somebody saved meanwhile is worth more than the fix.
    if fs::read(&target)? != before {
        return Err(WriteError::ChangedUnderneath);
    }
    new.persist(&target).map_err(|error| WriteError::System(error.error))?;
    sync_directory(&directory);
    Ok(Written { other_hard_links: other_hard_links(&metadata) })
}

#[cfg(unix)]
fn keep_owner(new: &File, old: &Metadata) -> Result<(), WriteError> {
    use std::os::unix::fs::MetadataExt;
    let now = new.metadata()?;
    if (now.uid(), now.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(new, Some(old.uid()), Some(old.gid())).map_err(WriteError::Owner)
}

#[cfg(not(unix))]
fn keep_owner(_new: &File, _old: &Metadata) -> Result<(), WriteError> {
    Ok(())
}

#[cfg(unix)]
fn other_hard_links(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    metadata.nlink().saturating_sub(1)
}

#[cfg(not(unix))]
fn other_hard_links(_metadata: &Metadata) -> u64 {
    0
}

/// Makes the new name last through a power cut, where the system can; the text is whole either way.
fn sync_directory(directory: &Path) {
    if let Ok(opened) = File::open(directory) {
        let _ = opened.sync_all();
    }
}
