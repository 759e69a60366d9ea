//! Puts a new text in the place of a file, wholly or not at all.
//!
//! The text goes to a new file beside the old one, is flushed to the disk, gets the old one's owner, mode and extended
//! attributes, and takes its name in one step: whoever looks, and whatever stops this, sees the old text or the new
//! one. A link is followed, so that its target is what changes. A file that is read-only, or whose text is no longer
//! the one that was analysed, is left alone.

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
    /// An extended attribute, such as a label or an access list, cannot be put on the new file.
    Attribute(String, io::Error),
    /// Anything else that the system says.
    System(io::Error),
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ChangedUnderneath => formatter.write_str("not written: the file changed while it was analysed"),
            Self::ReadOnly => formatter.write_str("not written: the file is read-only"),
            Self::Owner(error) => write!(formatter, "not written: its owner could not be kept: {error}"),
            Self::Attribute(name, error) => {
                write!(formatter, "not written: its attribute {name} could not be kept: {error}")
            }
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

/// What has just been done on the way to a new text, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The file may be written, and has the text that was analysed.
    Looked,
    /// There is an empty file beside it.
    Opened,
    /// That one holds a part of the new text.
    HalfWritten,
    /// It holds all of it.
    Filled,
    /// It has the owner, the attributes and the mode.
    Dressed,
    /// It is on the disk.
    Flushed,
    /// It has the name.
    Renamed,
}

/// Replaces a file's text.
///
/// # Errors
/// The file is left as it was; why.
pub fn replace(path: &Path, before: &[u8], after: &[u8]) -> Result<Written, WriteError> {
    replace_watched(path, before, after, &mut |_| Ok(()))
}

/// Replaces a file's text, and tells `watch` of every step. Whatever that one does, an error, a panic or the end of the
/// process, the file has the old text or the new one.
///
/// # Errors
/// The file is left as it was, unless the error came after [`Step::Renamed`]; why.
pub fn replace_watched(
    path: &Path,
    before: &[u8],
    after: &[u8],
    watch: &mut dyn FnMut(Step) -> io::Result<()>,
) -> Result<Written, WriteError> {
    let target = path.canonicalize()?;
    let metadata = fs::metadata(&target)?;
    if metadata.permissions().readonly() {
        return Err(WriteError::ReadOnly);
    }
    if fs::read(&target)? != before {
        return Err(WriteError::ChangedUnderneath);
    }
    watch(Step::Looked)?;
    let directory: PathBuf = target.parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
    let mut new = tempfile::Builder::new().prefix(".noharm-").tempfile_in(&directory)?;
    watch(Step::Opened)?;
    let (half, rest) = after.split_at(after.len() / 2);
    new.write_all(half)?;
    watch(Step::HalfWritten)?;
    new.write_all(rest)?;
    watch(Step::Filled)?;
    keep_owner(new.as_file(), &metadata)?;
    keep_attributes(&target, new.as_file())?;
    // After the owner: changing it clears set-user-ID bits.
    new.as_file().set_permissions(metadata.permissions())?;
    watch(Step::Dressed)?;
    new.as_file().sync_all()?;
    watch(Step::Flushed)?;
    // As late as can be: what somebody saved meanwhile is worth more than the fix.
    if fs::read(&target)? != before {
        return Err(WriteError::ChangedUnderneath);
    }
    new.persist(&target).map_err(|error| WriteError::System(error.error))?;
    watch(Step::Renamed)?;
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

/// Makes the extended attributes of the new file those of the old one: access lists, labels, capabilities, and what
/// people keep there.
#[cfg(unix)]
fn keep_attributes(old: &Path, new: &File) -> Result<(), WriteError> {
    use xattr::FileExt;
    // A file system that has none has none to lose.
    let Ok(names) = xattr::list(old) else { return Ok(()) };
    for name in names {
        let failed = |error| WriteError::Attribute(name.to_string_lossy().into_owned(), error);
        // Some are listed and not shown to everybody; those that the system gives to every file are there already.
        let Some(value) = xattr::get(old, &name).map_err(failed)? else { continue };
        if new.get_xattr(&name).ok().flatten().as_ref() != Some(&value) {
            new.set_xattr(&name, &value).map_err(failed)?;
        }
    }
    // What the directory gives to new files, such as its default access list, the old one may not have had.
    for name in new.list_xattr().into_iter().flatten() {
        if xattr::get(old, &name).ok().flatten().is_none() {
            new.remove_xattr(&name)
                .map_err(|error| WriteError::Attribute(name.to_string_lossy().into_owned(), error))?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_attributes(_old: &Path, _new: &File) -> Result<(), WriteError> {
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
