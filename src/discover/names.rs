//! What a file's name says: is it a script, of which shell, or surely none.

use super::shebang::dialect_of_program;
use crate::dialect::Dialect;
use std::path::Path;

/// Endings that shell scripts have.
const SHELL_EXTENSIONS: [&str; 9] = ["sh", "bash", "ksh", "mksh", "dash", "ash", "ocf", "openrc", "initd"];

/// Names (or endings, as in `debian/nginx.postinst`) that packaging runs as shell.
const MAINTAINER_NAMES: [&str; 4] = ["postinst", "preinst", "prerm", "postrm"];

/// Files that are shell whatever they start with.
const SHELL_NAMES: [&str; 6] =
    ["APKBUILD", "PKGBUILD", "docker-entrypoint", "rc.local", "docker-entrypoint.sh", "entrypoint.sh"];

/// Files without an ending that look like shell here and there, and are none.
const OTHER_NAMES: [&str; 16] = [
    "Makefile",
    "GNUmakefile",
    "makefile",
    "Dockerfile",
    "Containerfile",
    "Jenkinsfile",
    "Vagrantfile",
    "Justfile",
    "justfile",
    "README",
    "LICENSE",
    "COPYING",
    "CHANGELOG",
    "NEWS",
    "INSTALL",
    "TODO",
];

/// What a name says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByName {
    /// A shell script, unless its first line names another program.
    Shell,
    /// Perhaps: its content decides.
    Perhaps,
    /// Only if its first line names a shell.
    Unlikely,
}

/// What the name of a file says.
pub fn judge(path: &Path) -> ByName {
    let name = file_name(path);
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if SHELL_NAMES.contains(&name) || is_maintainer_name(path) || SHELL_EXTENSIONS.contains(&extension) {
        ByName::Shell
    } else if extension.is_empty() && !name.starts_with('.') && !OTHER_NAMES.contains(&name) {
        ByName::Perhaps
    } else {
        ByName::Unlikely
    }
}

/// Whether packaging runs a file of this name.
pub fn is_maintainer_name(path: &Path) -> bool {
    let name = file_name(path);
    MAINTAINER_NAMES.iter().any(|word| {
        name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('.'))
            || name.strip_prefix(word).is_some_and(|after| after == ".sh" || after == ".in")
    })
}

/// The dialect that an ending names; `.sh` names none.
pub fn dialect_of(path: &Path) -> Option<Dialect> {
    let extension = path.extension().and_then(|extension| extension.to_str())?;
    (extension != "sh").then(|| dialect_of_program(extension)).flatten()
}

/// The file's name, or nothing.
pub fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_or_leave_it_to_the_content() {
        for name in ["a.sh", "x/postinst", "debian/nginx.postinst", "postrm.in", "a.bash", "dummy.ocf", "rc.local"] {
            assert_eq!(judge(Path::new(name)), ByName::Shell, "{name}");
        }
        for name in ["galera", "init.d/foo", "user-data"] {
            assert_eq!(judge(Path::new(name)), ByName::Perhaps, "{name}");
        }
        for name in ["a.py", "Makefile", ".bashrc", "a.txt", "a.zsh", "xpostinst"] {
            assert_ne!(judge(Path::new(name)), ByName::Shell, "{name}");
        }
        assert_eq!(judge(Path::new("Makefile")), ByName::Unlikely);
    }

    #[test]
    fn an_ending_may_name_the_shell() {
        assert_eq!(dialect_of(Path::new("a.bash")), Some(Dialect::Bash));
        assert_eq!(dialect_of(Path::new("a.mksh")), Some(Dialect::Ksh));
        assert_eq!(dialect_of(Path::new("a.sh")), None);
        assert_eq!(dialect_of(Path::new("postinst")), None);
    }
}
