//! Mending: rounds, proofs, and the file on the disk.

mod common;

use common::{finding, fix, source};
use noharm::finding::Applicability::{Manual, Safe, Unsafe};
use noharm::finding::{Applicability, Finding};
use noharm::fix::{
    GivenBack, HeldBack, Outcome, Reading, Why, WriteError, WriteStep, replace_file, replace_file_watched, until_stable,
};
use noharm::source::Source;
use noharm::span::Span;
use std::fs;

/// A linter that wants every `mkdir x` to be `mkdir -p x`.
fn wants_p(source: &Source, applicability: Applicability) -> Vec<Finding> {
    let text = String::from_utf8_lossy(source.bytes()).into_owned();
    text.match_indices("mkdir ")
        .filter(|(at, _)| !text[*at..].starts_with("mkdir -p"))
        .map(|(at, _)| {
            let mut one = finding(&text, "NH201", "mkdir ");
            let at = at as u32;
            one.span = Span::new(at, at + 6);
            one.fixes = vec![fix(applicability, Span::at(at + 6), "-p ")];
            one
        })
        .collect()
}

fn mended(text: &str, allowed: Applicability, read: &dyn Fn(&Source) -> Reading) -> (String, Outcome) {
    let outcome = until_stable(&source(text), &allowed.into(), read);
    (String::from_utf8(outcome.source.bytes().to_vec()).expect("text"), outcome)
}

#[test]
fn everything_is_mended_until_nothing_is_left() {
    let read = |source: &Source| Reading { complete: true, findings: wants_p(source, Safe) };
    let (text, outcome) = mended("mkdir a\nls\nmkdir b\n", Safe, &read);
    assert_eq!(text, "mkdir -p a\nls\nmkdir -p b\n");
    assert_eq!(outcome.mended.len(), 2);
    assert_eq!(outcome.held_back, None);
    assert_eq!(mended(&text, Safe, &read).0, text);
}

#[test]
fn a_directory_that_two_runs_exclude_each_other_by_is_left_to_fail() {
    let mend = |text: &str| by_rules(text, Unsafe);
    let lock = "#!/bin/sh\nmkdir /srv/app/promoting || { echo 'already running'; exit 1; }\nsystemctl restart app\n";
    assert_eq!(mend(lock), lock);
    let plain = "#!/bin/sh -e\nmkdir /srv/app/promoting\nsystemctl restart app\n";
    assert_eq!(mend(plain), plain.replace("mkdir", "mkdir -p"));
}

/// The text behind all fixes of rules that are trusted so far.
fn by_rules(text: &str, trusted: Applicability) -> String {
    let settings = noharm::config::Settings::default();
    let outcome = noharm::mend(&source(text), &settings, &noharm::source::MemoryLoader::default(), trusted);
    String::from_utf8(outcome.source.bytes().to_vec()).expect("text")
}

/// The text behind all safe fixes.
fn safely(text: &str) -> String {
    by_rules(text, Safe)
}

#[test]
fn what_was_put_in_last_decides_and_has_to_go_in_again() {
    let switch = "#!/bin/sh\ncase \"$1\" in\nopen) iptables -I INPUT -p tcp --dport 3306 -j ACCEPT ;;\n*) iptables -I INPUT -p tcp --dport 3306 -j REJECT ;;\nesac\n";
    assert_eq!(safely(switch), switch);
    let one = "#!/bin/sh\niptables -A INPUT -p tcp --dport 3306 -j ACCEPT\n";
    assert!(safely(one).contains("-C INPUT"), "{}", safely(one));
    let roles = "#!/bin/sh\ncase \"$1\" in\nprimary) echo \"role=primary\" >> /etc/app/role ;;\n*) echo \"role=replica\" >> /etc/app/role ;;\nesac\n";
    assert_eq!(safely(roles), roles);
}

#[test]
fn what_the_same_command_takes_back_further_down_is_not_left_open() {
    let mend = |text: &str| by_rules(text, Unsafe);
    let dump = "pg_dump app > /srv/backup/app.sql\nfind /srv/backup -mtime +7 -delete\n";
    let alone = format!("#!/bin/sh\n{dump}");
    assert!(mend(&alone).contains("app.sql || exit 1"), "{}", mend(&alone));
    for (stop, go) in [("kill -STOP \"$1\"", "kill -CONT \"$1\""), ("appctl writes off", "appctl writes on")] {
        let held = format!("#!/bin/sh\n{stop}\n{dump}{go}\n");
        assert_eq!(mend(&held), held);
    }
}

#[test]
fn directories_above_are_made_only_by_who_asks_for_it() {
    let below = "#!/bin/sh -e\nmkdir /mnt/disk/daily\nsystemctl restart app\n";
    assert_eq!(safely(below), below);
    let standard = "#!/bin/sh -e\nmkdir /var/lib/app\nsystemctl restart app\n";
    assert_eq!(safely(standard), standard.replace("mkdir", "mkdir -p"));
}

#[test]
fn a_script_that_has_a_way_to_stop_stops_in_that_way() {
    let mend = |text: &str| by_rules(text, Unsafe);
    let step = "repmgr standby follow\nlogger finished\n";
    let stops = |helper: &str, stop: &str| {
        let script = format!("#!/bin/bash\n{helper}\n{step}");
        assert_eq!(mend(&script), script.replace("follow\n", &format!("follow || {stop}\n")), "{helper}");
    };
    let own = "\"repmgr standby follow failed\"";
    stops("fail() { echo \"app: $*\" >&2; exit 1; }", &format!("fail {own}"));
    stops("function oops {\n    local said=$1\n    logger \"$said\"\n    exit 3\n}", &format!("oops {own}"));
    stops("log() { [ -z \"$quiet\" ] || echo \"$@\"; }\ndie() { log \"$@\"; exit 2; }", &format!("die {own}"));
    // It does not end for certain, wants another word, does more, or stands in a branch.
    stops("die() { echo \"$*\" >&2; [ -n \"$force\" ] || exit 1; }", "exit 1");
    stops("die() { echo \"$2\" >&2; exit \"$1\"; }", "exit 1");
    stops("die() { echo \"$1\"; /opt/app/undo; exit 1; }", "exit 1");
    stops("if [ -t 2 ]; then\n    die() { echo \"$1\"; exit 1; }\nfi", "exit 1");
    stops("die() { echo \"$1\"; exit 0; }", "exit 1");
    stops("die() { echo \"$1\"; exit \"${2:-1}\"; }", "exit 1");
    // It is not there yet.
    let behind = format!("#!/bin/bash\n{step}die() {{ echo \"$1\"; exit 1; }}\n");
    assert_eq!(mend(&behind), behind.replace("follow\n", "follow || exit 1\n"));
}

/// What the fixes of rules make of a script.
fn mended_by_rules(text: &str) -> String {
    by_rules(text, Unsafe)
}

#[test]
fn a_script_that_tells_before_it_stops_does_so() {
    let step = "repmgr standby follow\nlogger finished\n";
    let stops = |helper: &str, stop: &str| {
        let script = format!("#!/bin/bash\n{helper}\n[ -e /srv/app ] || {{ log \"no app\"; exit 1; }}\n{step}");
        assert_eq!(mended_by_rules(&script), script.replace("follow\n", &format!("follow || {stop}\n")), "{helper}");
    };
    let own = "{ log \"repmgr standby follow failed\"; exit 1; }";
    stops("log() { echo \"app: $*\" >&2; }", own);
    stops("log ()\n{\n    echo \"$(date) $*\" | tee -a /var/log/app.log\n}", own);
    stops("log() { logger -t app \"$1\"; }", own);
    // It does more, or wants another word.
    stops("log() { echo \"$*\"; /opt/app/undo; }", "exit 1");
    stops("log() { echo \"$1: $2\"; }", "exit 1");
    // What closes what is open may say so as well.
    stops(
        "die ()\n{\n    echo \"$*\" >&2\n    exit 1\n}\nlog() { echo \"$*\"; }",
        "die \"repmgr standby follow failed\"",
    );
}

#[test]
fn what_the_run_has_open_is_closed_first() {
    let becomes = |opened: &str, closed: &str, ending: &str| {
        let script = format!("#!/bin/bash\n{opened}\npg_dump app > /srv/copy/app.sql\n{closed}\n");
        let mended = script.replace("app.sql\n", &format!("app.sql{ending}\n"));
        assert_eq!(mended_by_rules(&script), mended, "{opened}");
    };
    becomes("mount /srv/copy", "umount /srv/copy", " || { umount /srv/copy; exit 1; }");
    becomes(
        "mount /mnt/app\nmount /srv/copy",
        "umount /srv/copy\numount /mnt/app",
        " || { umount /srv/copy; umount /mnt/app; exit 1; }",
    );
    becomes(
        "trap 'rm -f /run/backup.lock' EXIT\nmkdir /run/copy.lock || exit 1",
        "rmdir /run/copy.lock",
        " || { rmdir /run/copy.lock; exit 1; }",
    );
    let flag = "/srv/app/maintenance.on";
    becomes(&format!("touch {flag}"), &format!("rm -f {flag}"), &format!(" || {{ rm -f {flag}; exit 1; }}"));
    // The trap closes it at every end.
    becomes("trap 'umount /srv/copy' EXIT\nmount /srv/copy", "umount /srv/copy", " || exit 1");
    // A pipeline is not written there.
    let drain = "echo 'set server be/app1 state maint' | socat stdio /run/haproxy.sock";
    let ready = "echo 'set server be/app1 state ready' | socat stdio /run/haproxy.sock";
    becomes(drain, ready, "");
    // It is open no more.
    becomes("mount /srv/copy\numount /srv/copy", "echo done", " || exit 1");
}

#[test]
fn an_end_that_nobody_hears_of_is_none() {
    let take = "#!/bin/sh\n# noharm: role=failover\ntake() {\n    ip addr replace 10.0.0.9/24 dev eth0\n    arping -U -q -c 3 -I eth0 10.0.0.9\n}\n";
    let asks = "    arping -D -q -c 2 -w 3 -I eth0 10.0.0.9 || return 1\n    ip addr";
    let heard = format!("{take}take\n");
    assert_eq!(mended_by_rules(&heard), heard.replace("    ip addr", asks));
    let heard = format!("{take}take || exit 1\nlogger taken\n");
    assert_eq!(mended_by_rules(&heard), heard.replace("    ip addr", asks));
    let unheard = format!("{take}take\nlogger taken\n");
    assert_eq!(mended_by_rules(&unheard), unheard);
}

#[test]
fn what_speaks_to_a_tool_stays_with_its_command() {
    let script = "#!/bin/sh\nlogger begins\n# shellcheck disable=SC2086\niptables -F\n";
    let mended = mended_by_rules(script);
    assert!(mended.starts_with("#!/bin/sh\nlogger begins\niptables-save"), "{mended}");
    assert!(mended.ends_with("\n# shellcheck disable=SC2086\niptables -F\n"), "{mended}");
    // In front of the first command it speaks of all.
    let script = "#!/bin/sh\n# shellcheck disable=SC2086\niptables -F\n";
    let mended = mended_by_rules(script);
    assert!(mended.starts_with("#!/bin/sh\n# shellcheck disable=SC2086\niptables-save"), "{mended}");
}

#[test]
fn what_fails_in_a_second_run_is_not_made_to_stop_it() {
    let script = |form: &str| format!("#!/bin/sh\nset +e\novs-vsctl {form} br0\nifconfig br0 10.0.0.2\n");
    let once = script("add-br");
    assert_eq!(mended_by_rules(&once), once);
    let again = script("--may-exist add-br");
    assert_eq!(mended_by_rules(&again), again.replace("br br0", "br br0 || exit 1"));
}

#[test]
fn nothing_keeps_a_failover_from_its_end() {
    for script in [
        "#!/bin/sh\n# noharm: role=failover\ncp /srv/haproxy.new /etc/haproxy/haproxy.cfg\nlogger written\n",
        "#!/bin/sh\ncase $3 in\nBACKUP)\n    mysql -e 'SET GLOBAL read_only=1'\n    logger demoted\n    ;;\nesac\nexit 0\n",
    ] {
        assert_eq!(mended_by_rules(script), script);
    }
}

#[test]
fn within_the_quotes_of_a_text_no_edit_brings_quotes_of_its_own() {
    let mend = |text: &str| by_rules(text, Unsafe);
    for text in ["cp /srv/a /etc/haproxy/haproxy.cfg", "until pg_isready -q; do sleep 1; done"] {
        let plain = format!("#!/bin/sh\n# noharm: role=deploy\n{text}\n");
        assert_ne!(mend(&plain), plain, "by itself it is mended");
        let given = format!("#!/bin/sh\n# noharm: role=deploy\nsh -c \"{text}\"\n");
        assert_eq!(mend(&given), given);
    }
    let plain = "#!/bin/sh\nsh -ec \"mkdir /srv/app; systemctl restart app\"\n";
    assert_eq!(mend(plain), plain.replace("mkdir", "mkdir -p"));
}

#[test]
fn a_fix_is_applied_only_as_far_as_it_is_trusted() {
    for (applicability, allowed, happens) in [
        (Safe, Safe, true),
        (Safe, Unsafe, true),
        (Unsafe, Safe, false),
        (Unsafe, Unsafe, true),
        (Manual, Unsafe, false),
        (Manual, Manual, false),
    ] {
        let read = |source: &Source| Reading { complete: true, findings: wants_p(source, applicability) };
        assert_eq!(mended("mkdir a\n", allowed, &read).0 != "mkdir a\n", happens, "{applicability:?} {allowed:?}");
    }
}

#[test]
fn a_file_that_was_not_read_whole_is_left_alone() {
    let read = |source: &Source| Reading { complete: false, findings: wants_p(source, Safe) };
    let (text, outcome) = mended("mkdir a\n", Safe, &read);
    assert_eq!(text, "mkdir a\n");
    assert_eq!(outcome.held_back, Some(HeldBack::NotReadWhole));
}

fn given_back(code: &str, why: Why) -> GivenBack {
    GivenBack { code: code.into(), why }
}

#[test]
fn a_fix_that_makes_it_worse_is_given_back_and_the_others_stay() {
    // Whatever touches the second line breaks the script.
    let read = |source: &Source| {
        let text = String::from_utf8_lossy(source.bytes()).into_owned();
        let mut findings = wants_p(source, Safe);
        for one in &mut findings {
            if text[one.span.start as usize..].starts_with("mkdir bad") {
                one.code = "NH202".into();
            }
        }
        Reading { complete: !text.contains("-p bad"), findings }
    };
    let (text, outcome) = mended("mkdir a\nmkdir bad\nmkdir c\n", Safe, &read);
    assert_eq!(text, "mkdir -p a\nmkdir bad\nmkdir -p c\n");
    assert_eq!(outcome.held_back, Some(HeldBack::NoBetter(vec![given_back("NH202", Why::Unreadable)])));
}

#[test]
fn a_fix_that_makes_a_new_finding_is_given_back() {
    let read = |source: &Source| {
        let text = String::from_utf8_lossy(source.bytes()).into_owned();
        let mut findings = wants_p(source, Safe);
        if text.contains("-p") {
            findings.push(finding(&text, "NH999", "-p"));
        }
        Reading { complete: true, findings }
    };
    assert_eq!(mended("mkdir a\n", Safe, &read).0, "mkdir a\n");
}

#[test]
fn a_fix_after_which_the_finding_is_still_there_is_given_back_alone() {
    // Whatever is put in front of the second line does not help it.
    let read = |source: &Source| {
        let text = String::from_utf8_lossy(source.bytes()).into_owned();
        let mut findings = wants_p(source, Safe);
        let at = text.find("bad").expect("stays") as u32;
        let mut useless = finding(&text, "NH201", "bad");
        useless.fixes = vec![fix(Safe, Span::at(at), "really ")];
        findings.push(useless);
        Reading { complete: true, findings }
    };
    let (text, outcome) = mended("mkdir a\nls bad\nmkdir c\n", Safe, &read);
    assert_eq!(text, "mkdir -p a\nls bad\nmkdir -p c\n");
    assert_eq!(outcome.mended.len(), 2);
    assert_eq!(outcome.held_back, Some(HeldBack::NoBetter(vec![given_back("NH201", Why::Remains)])));
}

#[test]
fn fixes_that_go_in_circles_are_given_back() {
    let read = |source: &Source| {
        let text = String::from_utf8_lossy(source.bytes()).into_owned();
        let (code, other) = if text.starts_with('a') { ("NH201", "b") } else { ("NH202", "a") };
        let mut one = finding(&text, code, &text[..1]);
        one.fixes = vec![fix(Safe, Span::new(0, 1), other)];
        Reading { complete: true, findings: vec![one] }
    };
    let (text, outcome) = mended("a\n", Safe, &read);
    assert_eq!(text, "a\n");
    assert_eq!(outcome.held_back, Some(HeldBack::NoBetter(vec![given_back("NH201", Why::Found("NH202".into(), 1))])));
    assert!(outcome.mended.is_empty());
}

#[cfg(unix)]
mod on_disk {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn a_file_keeps_its_mode_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.sh");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).expect("set");
        let written = replace_file(&path, b"old", b"new").expect("replaced");
        assert_eq!(written.other_hard_links, 0);
        assert_eq!(fs::read(&path).expect("read"), b"new");
        assert_eq!(fs::metadata(&path).expect("there").mode() & 0o7777, 0o751);
        assert_eq!(fs::read_dir(directory.path()).expect("read").count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().expect("a directory");
        let (real, link) = (directory.path().join("real.sh"), directory.path().join("link.sh"));
        fs::write(&real, "old").expect("written");
        symlink("real.sh", &link).expect("linked");
        replace_file(&link, b"old", b"new").expect("replaced");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&real).expect("read"), b"new");
    }

    #[test]
    fn what_changed_underneath_or_is_read_only_is_left_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.sh");
        fs::write(&path, "newer").expect("written");
        assert!(matches!(replace_file(&path, b"old", b"new"), Err(WriteError::ChangedUnderneath)));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("set");
        assert!(matches!(replace_file(&path, b"newer", b"new"), Err(WriteError::ReadOnly)));
        assert_eq!(fs::read(&path).expect("read"), b"newer");
        assert!(matches!(replace_file(&directory.path().join("no"), b"", b""), Err(WriteError::System(_))));
    }

    #[test]
    fn other_hard_links_are_counted() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.sh");
        fs::write(&path, "old").expect("written");
        fs::hard_link(&path, directory.path().join("b.sh")).expect("linked");
        assert_eq!(replace_file(&path, b"old", b"new").expect("replaced").other_hard_links, 1);
        assert_eq!(fs::read(directory.path().join("b.sh")).expect("read"), b"old");
    }

    #[test]
    fn what_is_kept_beside_the_text_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.sh");
        fs::write(&path, "old").expect("written");
        if xattr::set(&path, "user.origin", b"puppet").is_err() {
            println!("skipped: this file system has no attributes of the user");
            return;
        }
        replace_file(&path, b"old", b"new").expect("replaced");
        assert_eq!(fs::read(&path).expect("read"), b"new");
        assert_eq!(xattr::get(&path, "user.origin").expect("read").as_deref(), Some(&b"puppet"[..]));
        assert_eq!(xattr::list(&path).expect("read").count(), 1);
    }

    #[test]
    fn the_owner_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.sh");
        fs::write(&path, "old").expect("written");
        if std::os::unix::fs::chown(&path, Some(12), Some(34)).is_err() {
            println!("skipped: only root can give files away");
            return;
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o4750)).expect("set");
        replace_file(&path, b"old", b"new").expect("replaced");
        let is = fs::metadata(&path).expect("there");
        assert_eq!((is.uid(), is.gid(), is.mode() & 0o7777), (12, 34, 0o4750));
    }

    /// All steps, in order.
    const STEPS: [WriteStep; 7] = [
        WriteStep::Looked,
        WriteStep::Opened,
        WriteStep::HalfWritten,
        WriteStep::Filled,
        WriteStep::Dressed,
        WriteStep::Flushed,
        WriteStep::Renamed,
    ];

    /// What the file has to hold after something went wrong at a step.
    fn left_by(step: WriteStep) -> &'static [u8] {
        if step == WriteStep::Renamed { b"newer" } else { b"old" }
    }

    #[test]
    fn a_failure_at_any_step_leaves_the_old_text_or_the_new_one_and_no_rest() {
        for step in STEPS {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("a.sh");
            fs::write(&path, "old").expect("written");
            let mut seen = Vec::new();
            let failed = replace_file_watched(&path, b"old", b"newer", &mut |now| {
                seen.push(now);
                if now == step { Err(std::io::Error::other("no space left")) } else { Ok(()) }
            });
            assert!(matches!(failed, Err(WriteError::System(_))), "{step:?}");
            assert_eq!(seen, STEPS[..seen.len()], "the steps come in order");
            assert_eq!(seen.last(), Some(&step));
            assert_eq!(fs::read(&path).expect("read"), left_by(step), "{step:?}");
            assert_eq!(fs::read_dir(directory.path()).expect("read").count(), 1, "{step:?}");
        }
    }

    /// The other half of the test below, which runs it as a process of its own and lets it end at a step.
    #[test]
    #[ignore = "is run by the test below"]
    fn is_killed() {
        let Ok(path) = std::env::var("NOHARM_TEST_KILLED") else { return };
        let step: usize = std::env::var("NOHARM_TEST_STEP").expect("set").parse().expect("a number");
        let _ = replace_file_watched(path.as_ref(), b"old", b"newer", &mut |now| {
            // As a power cut would: nothing is unwound, nothing is cleaned up.
            if now == STEPS[step] { std::process::abort() } else { Ok(()) }
        });
    }

    #[test]
    fn a_death_at_any_step_leaves_the_old_text_or_the_new_one() {
        for (at, step) in STEPS.into_iter().enumerate() {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("a.sh");
            fs::write(&path, "old").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).expect("set");
            let status = std::process::Command::new(std::env::current_exe().expect("known"))
                .args(["--ignored", "--exact", "on_disk::is_killed"])
                .env("NOHARM_TEST_KILLED", &path)
                .env("NOHARM_TEST_STEP", at.to_string())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status()
                .expect("starts");
            assert!(!status.success(), "{step:?}: it should have died");
            assert_eq!(fs::read(&path).expect("read"), left_by(step), "{step:?}");
            assert_eq!(fs::metadata(&path).expect("there").mode() & 0o7777, 0o750, "{step:?}");
            // A second try is not hindered by what the first one left.
            if step != WriteStep::Renamed {
                replace_file(&path, b"old", b"newer").expect("replaced");
                assert_eq!(fs::read(&path).expect("read"), b"newer");
            }
        }
    }

    #[test]
    fn what_somebody_saves_meanwhile_wins() {
        for step in &STEPS[..6] {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("a.sh");
            fs::write(&path, "old").expect("written");
            let failed = replace_file_watched(&path, b"old", b"newer", &mut |now| {
                if now == *step { fs::write(&path, "saved by somebody") } else { Ok(()) }
            });
            assert!(matches!(failed, Err(WriteError::ChangedUnderneath)), "{step:?}");
            assert_eq!(fs::read(&path).expect("read"), b"saved by somebody");
        }
    }
}
