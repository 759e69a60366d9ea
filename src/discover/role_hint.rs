//! Why a script probably runs, by where it lies, what it is called and the words that it has.
//!
//! The strongest evidence wins, then the order of the table.

use super::names::{file_name, is_maintainer_name};
use super::role_table::Look::{self, Among, Called, Ends, Mentions, Numbered, Says, Stays, Tests, Under, Word};
use super::role_table::{TABLE, TEST_NAMES};
use super::{Evidence, Shebang};
use crate::directive::{self, Request};
use crate::role::Role;
use crate::span::Span;
use std::path::Path;

/// The role that a script probably has, and what that rests on.
pub fn role_of(path: &Path, bytes: &[u8], shebang: Option<&Shebang>) -> (Role, Evidence) {
    if let Some(role) = directed(bytes) {
        return (role, Evidence::Directive);
    }
    if is_maintainer_name(path) {
        return (Role::Maintainer, Evidence::Place);
    }
    let names = Names::of(path);
    let hit = TABLE
        .iter()
        .filter_map(|(look, role)| names.evidence(look, bytes).map(|evidence| (*role, evidence)))
        // The first of the strongest: `max_by_key` would give the last.
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    hit.unwrap_or_else(|| {
        if shebang.is_none() && is_sourced(path, bytes) {
            (Role::Library, Evidence::Name)
        } else {
            (Role::Unknown, Evidence::None)
        }
    })
}

/// A path in the pieces that the table looks at.
struct Names<'path> {
    directories: Vec<&'path str>,
    name: &'path str,
    stem: &'path str,
    words: Vec<String>,
}

impl<'path> Names<'path> {
    fn of(path: &'path Path) -> Self {
        let directories = path.parent().into_iter().flat_map(Path::components);
        let name = file_name(path);
        let stem = [".in", ".tpl", ".tmpl", ".j2", ".sh", ".bash", ".ksh"]
            .iter()
            .fold(name, |name, ending| name.strip_suffix(ending).unwrap_or(name));
        let words = stem.split(['_', '-', '.']).map(str::to_lowercase).collect();
        Self { directories: directories.filter_map(|part| part.as_os_str().to_str()).collect(), name, stem, words }
    }

    fn is_under(&self, path: &str) -> bool {
        let wanted: Vec<&str> = path.split('/').collect();
        self.directories
            .windows(wanted.len())
            .any(|part| part.iter().zip(&wanted).all(|(own, wanted)| is_called(own, wanted)))
    }

    /// Whether only a test is called so: `testsuite`, `BasicSanityCheck`, `TestStore`.
    fn is_test(&self) -> bool {
        let begins = self.stem.strip_prefix("Test");
        TEST_NAMES.contains(&self.stem)
            || self.stem.ends_with("SanityCheck")
            || begins.is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
    }

    fn evidence(&self, look: &Look, bytes: &[u8]) -> Option<Evidence> {
        match look {
            Tests => self.is_test().then_some(Evidence::Content),
            Stays => stays(bytes).then_some(Evidence::Name),
            Says(text) => says(bytes, text.as_bytes()).then_some(Evidence::Content),
            Mentions(text) => says(bytes, text.as_bytes()).then_some(Evidence::Name),
            Under(path) => self.is_under(path).then_some(Evidence::Place),
            Numbered(path) => (is_numbered(self.name) && self.is_under(path)).then_some(Evidence::Place),
            Among(path) => self.is_under(path).then_some(Evidence::Name),
            Ends(ending) => self.name.ends_with(ending).then_some(Evidence::Place),
            Called(name) => (self.stem == *name).then_some(Evidence::Place),
            Word(word) => self.words.iter().any(|own| own == word).then_some(Evidence::Name),
        }
    }
}

/// Whether a name begins with a capital letter and two digits.
fn is_numbered(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, tens, ones, ..]
        if letter.is_ascii_uppercase() && tens.is_ascii_digit() && ones.is_ascii_digit())
}

/// Whether a directory has this name; a `*` at the beginning is any text.
fn is_called(directory: &str, wanted: &str) -> bool {
    wanted.strip_prefix('*').map_or(directory == wanted, |ending| directory.ends_with(ending))
}

/// The role that a directive in the file gives it.
fn directed(bytes: &[u8]) -> Option<Role> {
    bytes.split(|byte| *byte == b'\n').find_map(|line| {
        let line = line.trim_ascii();
        let comment = line.starts_with(b"#").then(|| Span::new(0, line.len() as u32))?;
        match directive::parse(line, comment)?.request {
            Request::Role(word) => Role::ALL.into_iter().find(|role| role.as_str() == &*word.text),
            _ => None,
        }
    })
}

/// No first line, a name that is read by `.`, and functions: others source it.
fn is_sourced(path: &Path, bytes: &[u8]) -> bool {
    let by_name = path.extension().is_some_and(|extension| extension == "sh" || extension == "bash");
    by_name && (contains(bytes, b"() {") || contains(bytes, b"()\n{") || contains(bytes, b"function "))
}

/// Whether a script has a text. One in a comment says what the script is like, unless comments are where it belongs.
fn says(bytes: &[u8], wanted: &[u8]) -> bool {
    contains(bytes, wanted)
        && (wanted.starts_with(b"#")
            || bytes
                .split(|byte| *byte == b'\n')
                .any(|line| !line.trim_ascii_start().starts_with(b"#") && contains(line, wanted)))
}

/// Whether the last command of a script that starts something goes on for ever: `tail -f LOG`, `sleep infinity`. What is
/// indented belongs to something else.
fn stays(bytes: &[u8]) -> bool {
    let is_command = |line: &&[u8]| !line.trim_ascii().is_empty() && !line.starts_with(b"#") && !is_end(line);
    let Some(last) = bytes.split(|byte| *byte == b'\n').rev().find(is_command) else { return false };
    let last = last.strip_prefix(b"exec ").unwrap_or(last);
    let mut words = last.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    match words.next() {
        Some(b"tail") => words.any(|word| {
            word.starts_with(b"-")
                && !word.starts_with(b"--")
                && word.iter().any(|letter| matches!(letter, b'f' | b'F'))
        }),
        Some(b"sleep") => words.next() == Some(b"infinity"),
        _ => false,
    }
}

/// Whether a line ends a script and does nothing else.
fn is_end(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), b"exit" | b"exit 0")
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(path: &str, text: &str) -> Role {
        role_of(Path::new(path), text.as_bytes(), Shebang::of(text.as_bytes()).as_ref()).0
    }

    #[test]
    fn places_and_names_tell() {
        for (path, expected) in [
            ("/etc/keepalived/check.sh", Role::Failover),
            ("/usr/lib/ocf/resource.d/heartbeat/galera", Role::Failover),
            ("scripts/pg_promote.sh", Role::Failover),
            ("debian/nginx.postinst", Role::Maintainer),
            ("pkg/DEBIAN/config", Role::Maintainer),
            ("docker-entrypoint.sh", Role::Entrypoint),
            ("/etc/cron.daily/logrotate", Role::Scheduled),
            ("/etc/init.d/nginx", Role::Entrypoint),
            ("terraform/user-data.sh.tpl", Role::Config),
            (".github/scripts/deploy.sh", Role::Ci),
            ("scripts/deploy-app", Role::Deploy),
            ("db/restore.sh", Role::Restore),
            ("scripts/build.sh", Role::Build),
            ("/usr/share/initramfs-tools/hooks/lvm2", Role::Build),
            ("/etc/initramfs-tools/scripts/init-bottom/x", Role::Build),
            ("/usr/lib/live/build/chroot_hosts", Role::Build),
            ("config/hooks/live/0100-users.hook.chroot", Role::Build),
            ("/usr/share/lxc/templates/lxc-debian", Role::Build),
            ("/usr/lib/dracut/modules.d/90lvm/module-setup.sh", Role::Build),
            ("/usr/share/rear/skel/default/etc/scripts/x.sh", Role::Build),
            ("/usr/share/ganeti-instance-debootstrap/create", Role::Build),
            ("/usr/share/doc/pbuilder/examples/D20contrib", Role::Build),
            ("ci/hookdir/A10packages", Role::Build),
            ("/usr/share/doc/pbuilder/examples/contrib", Role::Unknown),
            ("debian/tests/upstream", Role::Ci),
            ("src/tests/smoke.sh", Role::Ci),
            ("tests/promote.sh", Role::Failover),
            ("/usr/share/heartbeat/TestStore", Role::Ci),
            ("/usr/share/heartbeat/Testament", Role::Failover),
            ("/usr/share/heartbeat/BasicSanityCheck", Role::Ci),
            ("/usr/share/heartbeat/check-regression", Role::Failover),
            ("app/testsuite", Role::Ci),
            ("/usr/share/doc/x/examples/setup-bridge", Role::Config),
            ("/usr/share/doc/x/examples/bridge", Role::Unknown),
            ("redis/sentinel-notify.sh", Role::Failover),
            ("bin/push-release", Role::Deploy),
            ("netapp-installer.sh", Role::Deploy),
            ("automated install/basic-install.sh", Role::Deploy),
            ("scripts/reinstalled.sh", Role::Unknown),
            ("init-container.sh", Role::Entrypoint),
            ("/etc/kernel/postrm.d/initramfs", Role::Maintainer),
            ("/etc/schroot/setup.d/10mount", Role::Build),
            ("/usr/lib/stonith/plugins/external/switch", Role::Failover),
            ("/etc/vrrp/vip-up.sh", Role::Failover),
            ("/etc/network/if-up.d/routes", Role::Entrypoint),
            ("/etc/NetworkManager/dispatcher.d/50-routes", Role::Entrypoint),
            ("/etc/dhcp/dhclient-exit-hooks.d/ntp", Role::Entrypoint),
            ("/usr/lib/systemd/system-sleep/fans", Role::Entrypoint),
            ("/etc/acpi/lid.sh", Role::Entrypoint),
            ("/etc/ppp/ip-up.d/0clock", Role::Entrypoint),
            ("/usr/share/munin/plugins/load", Role::Scheduled),
            ("/usr/share/rear/verify/default/550_check_backup.sh", Role::Restore),
            ("/usr/share/rear/finalize/default/880_link.sh", Role::Restore),
            ("/usr/libexec/app/testsuite/backup", Role::Ci),
            ("/etc/letsencrypt/renewal-hooks/deploy/mail", Role::Scheduled),
            ("scripts/notable.sh", Role::Unknown),
            ("scripts/deployer.sh", Role::Unknown),
        ] {
            assert_eq!(role(path, "#!/bin/sh\nls\n"), expected, "{path}");
        }
    }

    #[test]
    fn content_beats_a_name() {
        assert_eq!(role("deploy.sh", "#!/bin/sh\n. ${OCF_FUNCTIONS_DIR}/ocf-shellfuncs\n"), Role::Failover);
        assert_eq!(role("regression.sh", "#!/bin/sh\n. ${OCF_FUNCTIONS_DIR}/ocf-shellfuncs\n"), Role::Ci);
    }

    #[test]
    fn a_comment_is_no_content() {
        assert_eq!(role("bin/log", "#!/bin/sh\n# like ocf_log in ocf-shellfuncs\nlogger x\n"), Role::Unknown);
        assert_eq!(role("bin/log", "#!/bin/sh\n### BEGIN INIT INFO\nlogger x\n"), Role::Entrypoint);
    }

    #[test]
    fn what_others_mention_too_is_weaker_than_a_place() {
        let text = "#!/bin/sh\n. /lib/lsb/init-functions\nlog_daemon_msg x\n";
        assert_eq!(role("bin/serve", text), Role::Entrypoint);
        assert_eq!(role("/etc/cron.daily/serve", text), Role::Scheduled);
    }

    #[test]
    fn what_a_builder_sets_says_where_a_script_runs() {
        assert_eq!(role("examples/try", "#!/bin/bash\napt-get install \"${APTGETOPT[@]}\" \"$@\"\n"), Role::Build);
    }

    #[test]
    fn a_directive_beats_everything() {
        let text = "#!/bin/sh\n# noharm: role=restore\n. ocf-shellfuncs\n";
        assert_eq!(role("/etc/cron.daily/x", text), Role::Restore);
    }

    #[test]
    fn functions_without_a_first_line_are_a_library() {
        assert_eq!(role("lib/common.sh", "log() {\n  echo \"$1\"\n}\n"), Role::Library);
        assert_eq!(role("lib/common.sh", "ls\n"), Role::Unknown);
    }
}
