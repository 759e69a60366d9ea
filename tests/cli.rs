//! The program as people and machines run it: output, errors, exit codes.

mod common;

use common::{err, noharm, noharm_with, out};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

/// A script with one warning whose fix is safe, and what the fix makes of it.
const BAD: &str = "#!/bin/sh\nls  # noharm: ignore[NH001] not needed any more\n";
const GOOD: &str = "#!/bin/sh\nls\n";

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    directory
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", out(output)))
}

fn read(directory: &Path, name: &str) -> String {
    fs::read_to_string(directory.join(name)).expect("read")
}

#[test]
fn a_clean_tree_is_0() {
    let directory = directory(&[("a.sh", GOOD), ("b/c.sh", GOOD)]);
    let output = noharm(directory.path(), &["check"]);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    assert_eq!(out(&output), "No findings in 2 files\n");
    assert_eq!(err(&output), "");
}

#[test]
fn findings_are_1_in_every_format() {
    let directory = directory(&[("a.sh", BAD)]);
    for format in ["human", "concise", "json"] {
        let output = noharm(directory.path(), &["check", "--format", format]);
        assert_eq!(code(&output), Some(1), "{format}");
        assert!(out(&output).contains("NH002"), "{format}");
        let lenient = noharm(directory.path(), &["check", "--format", format, "--fail-on", "error"]);
        assert_eq!(code(&lenient), Some(0), "{format}");
        assert_eq!(code(&noharm(directory.path(), &["check", "--format", format, "--exit-zero"])), Some(0));
    }
    let concise = noharm(directory.path(), &["check", "--format", "concise", "a.sh"]);
    assert_eq!(out(&concise), "a.sh:2:5: warning[NH002] this ignore of NH001 hides nothing\n");
    assert_eq!(code(&noharm(directory.path(), &["check", "--min-severity", "error"])), Some(0));
    assert_eq!(code(&noharm(directory.path(), &["check", "--no-ignores"])), Some(0));
}

#[test]
fn what_could_not_be_done_is_2_and_the_rest_is_done() {
    let directory = directory(&[("a.sh", BAD)]);
    let output = noharm(directory.path(), &["check", "--format", "json", "no.sh", "a.sh"]);
    assert_eq!(code(&output), Some(2));
    assert_eq!(err(&output), "noharm: no.sh: no such file or directory\n");
    let value = json(&output);
    assert_eq!(value["errors"][0]["path"], "no.sh");
    assert_eq!(value["files"][0]["diagnostics"][0]["code"], "NH002");
    assert_eq!(value["summary"]["warnings"], 1);
    assert_eq!(code(&noharm(directory.path(), &["check", "--exit-zero", "no.sh"])), Some(2));
}

#[test]
fn bad_arguments_are_2() {
    let directory = directory(&[]);
    for arguments in [
        &["chekc"][..],
        &["check", "--format", "yaml"],
        &["check", "--unsafe-fixes"],
        &["check", "--min-severity", "off"],
        &["check", "--exclude", "a["],
        &["explain", "NH999"],
        &["syntax", "no.sh"],
        &[],
    ] {
        let output = noharm(directory.path(), arguments);
        assert_eq!(code(&output), Some(2), "{arguments:?}");
        assert!(!err(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn no_scripts_are_no_trouble_but_are_said() {
    let directory = directory(&[("a.txt", "text")]);
    let output = noharm(directory.path(), &["check"]);
    assert_eq!(code(&output), Some(0));
    assert_eq!(err(&output), "noharm: no shell scripts found\n");
    assert_eq!(out(&output), "", "there is nothing to sum up");
}

#[test]
fn a_named_file_that_is_no_shell_is_told_once() {
    let directory = directory(&[("page.txt", &"uptime )\nuptime\n".repeat(6))]);
    let output = noharm(directory.path(), &["check", "--format", "concise", "page.txt"]);
    assert_eq!(out(&output).matches("NH001").count(), 1, "{}", out(&output));
    assert!(out(&output).contains("more below)"), "{}", out(&output));
}

#[test]
fn odd_files_have_an_outcome() {
    let directory = directory(&[("empty.sh", ""), ("crlf.sh", "ls\r\n"), ("bom.sh", "\u{feff}#!/bin/sh\nls\n")]);
    fs::write(directory.path().join("latin1.sh"), b"echo caf\xe9\n").expect("written");
    fs::write(directory.path().join("binary"), b"\x7fELF\0\0\xff\n(((").expect("written");
    let output = noharm(directory.path(), &["check", "--format", "json"]);
    assert_eq!(code(&output), Some(0), "{}", out(&output));
    assert_eq!(json(&output)["files"].as_array().map(Vec::len), Some(4));
    // Named, it is told what it is.
    let output = noharm(directory.path(), &["check", "--format", "json", "binary"]);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    assert_eq!(json(&output)["files"].as_array().map(Vec::len), Some(0));
    assert_eq!(err(&output), "noharm: binary: a binary file, and no shell script: left out\n");
    let output = noharm(directory.path(), &["check", "/dev/null", "."]);
    assert_eq!(code(&output), Some(2), "{}", err(&output));
    assert!(err(&output).contains("not a regular file"));
}

#[test]
fn a_script_for_another_program_is_left_out_by_name() {
    let directory = directory(&[("a.py", "#!/usr/bin/python3\nprint(1)\n"), ("z", "#!/bin/zsh\nls\n"), ("b.sh", BAD)]);
    let output = noharm(directory.path(), &["check", "--format", "concise", "a.py", "b.sh", "z"]);
    assert_eq!(code(&output), Some(1), "the others are judged");
    assert_eq!(err(&output), "noharm: a.py: a script for python3, and no shell script: left out\n");
    let output = noharm(directory.path(), &["check", "--explain", "1", "a.py"]);
    assert_eq!(code(&output), Some(2), "there is nothing to explain");
    let output = noharm(directory.path(), &["effects", "a.py"]);
    assert!(err(&output).contains("no shell script"));
}

#[test]
fn a_script_that_no_shell_reads_fails_the_run() {
    let directory = directory(&[("a.sh", "#!/bin/sh\nif true; then\nls\n")]);
    let output = noharm(directory.path(), &["check", "--format", "concise"]);
    assert_eq!(code(&output), Some(1), "{}", out(&output));
    assert!(out(&output).contains("warning[NH001]"), "{}", out(&output));
}

#[test]
fn what_would_steer_a_terminal_is_spelled_out() {
    let directory = directory(&[("a.sh", "#!/bin/sh\necho x > /etc/app/\u{1b}[31m.conf\n")]);
    let output = noharm(directory.path(), &["check", "--format", "concise"]);
    assert!(out(&output).contains("NH101") && out(&output).contains("\\u{1b}"), "{}", out(&output));
    assert!(!out(&output).contains('\u{1b}'));
    let output = noharm(directory.path(), &["check", "no\u{1b}[31m"]);
    assert!(!err(&output).contains('\u{1b}'));
}

#[test]
fn a_patch_is_no_json() {
    let directory = directory(&[("a.sh", BAD)]);
    let output = noharm(directory.path(), &["check", "--diff", "--format", "json"]);
    assert_eq!((code(&output), out(&output)), (Some(2), String::new()));
    assert!(err(&output).contains("check --format json"), "{}", err(&output));
}

#[cfg(unix)]
#[test]
fn a_pipe_that_somebody_holds_open_is_read_and_one_on_the_disk_is_not() {
    let directory = directory(&[]);
    let pipe = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
    let output = noharm(directory.path(), &["check", "pipe"]);
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("a named pipe"), "{}", err(&output));
    let output = noharm_with(directory.path(), &["check", "--format", "concise", "/dev/stdin"], BAD.as_bytes());
    assert_eq!(code(&output), Some(1), "{}", err(&output));
}

#[test]
fn fixes_are_shown_then_applied_then_gone() {
    let directory = directory(&[("a.sh", BAD), ("b.sh", GOOD)]);
    let diff = noharm(directory.path(), &["check", "--diff"]);
    assert_eq!(code(&diff), Some(1));
    assert_eq!(
        out(&diff),
        "--- a/a.sh\n+++ b/a.sh\n@@ -1,2 +1,2 @@\n #!/bin/sh\n-ls  # noharm: ignore[NH001] not needed any more\n+ls\n"
    );
    assert_eq!(read(directory.path(), "a.sh"), BAD);
    let fixed = noharm(directory.path(), &["check", "--fix"]);
    assert_eq!(code(&fixed), Some(0), "{}", err(&fixed));
    assert_eq!(out(&fixed), "No findings in 2 files; 1 fixed (NH002)\n");
    assert_eq!(read(directory.path(), "a.sh"), GOOD);
    let again = noharm(directory.path(), &["check", "--diff"]);
    assert_eq!((code(&again), out(&again)), (Some(0), String::new()));
}

/// Two rules have a fix for this one, a safe and an unsafe one, and one has only advice.
const TWO: &str = "#!/bin/sh -e\nmkdir /srv/app\ncd /srv/web || true\nrm -rf old-*\nsystemctl restart app\n";

#[test]
fn only_the_rules_that_are_named_are_fixed() {
    for (only, made) in [
        ("NH201", TWO.replace("mkdir", "mkdir -p")),
        ("create-without-guard", TWO.replace("mkdir", "mkdir -p")),
        ("nh502", TWO.replace("|| true", "|| exit 1")),
        ("NH002,NH502", TWO.replace("|| true", "|| exit 1")),
        ("NH002", TWO.to_owned()),
    ] {
        let directory = directory(&[("a.sh", TWO)]);
        noharm(directory.path(), &["check", "--fix", "--unsafe-fixes", "--fix-only", only]);
        assert_eq!(read(directory.path(), "a.sh"), made, "{only}");
    }
    let directory = directory(&[("a.sh", TWO)]);
    let output = noharm(directory.path(), &["check", "--fix", "--fix-only", "NH0002"]);
    assert_eq!(code(&output), Some(2));
    assert_eq!(err(&output), "noharm: --fix-only: no rule is called `NH0002`; did you mean `NH002`?\n");
    assert_eq!(read(directory.path(), "a.sh"), TWO);
}

#[test]
fn the_summary_says_what_was_fixed_and_what_was_not() {
    let directory = directory(&[("a.sh", TWO)]);
    let last = |output: &Output| out(output).lines().last().unwrap_or_default().to_owned();
    let diff = noharm(directory.path(), &["check", "--diff", "--unsafe-fixes"]);
    assert_eq!(err(&diff), "noharm: 2 would be fixed (NH201, NH502)\n");
    let safe = noharm(directory.path(), &["check", "--fix"]);
    assert!(last(&safe).ends_with("; 1 fixed (NH201); left: 1 that --unsafe-fixes would fix"), "{}", last(&safe));
    let named = noharm(directory.path(), &["check", "--fix", "--unsafe-fixes", "--fix-only", "NH002"]);
    assert!(last(&named).ends_with("; left: 1 not fixed"), "{}", last(&named));
    let both = noharm(directory.path(), &["check", "--fix", "--unsafe-fixes", "--format", "json"]);
    assert_eq!(json(&both)["summary"]["fixed"], 1);
    assert!(!last(&noharm(directory.path(), &["check"])).contains("left"));
}

#[test]
fn fixing_fails_the_run_where_that_is_asked_for() {
    for (arguments, wanted) in [
        (&["check", "--fix"][..], 0),
        (&["check", "--fix", "--exit-non-zero-on-fix"], 1),
        (&["check", "--fix", "--exit-non-zero-on-fix", "--fix-only", "NH201"], 1),
        (&["check", "--exit-non-zero-on-fix"], 2),
    ] {
        let directory = directory(&[("a.sh", BAD)]);
        assert_eq!(code(&noharm(directory.path(), arguments)), Some(wanted), "{arguments:?}");
    }
    let clean = directory(&[("a.sh", GOOD)]);
    assert_eq!(code(&noharm(clean.path(), &["check", "--fix", "--exit-non-zero-on-fix"])), Some(0));
}

#[test]
fn each_fix_is_asked_for() {
    let directory = directory(&[("a.sh", BAD), ("b.sh", BAD), ("c.sh", BAD)]);
    let texts = || ["a.sh", "b.sh", "c.sh"].map(|name| read(directory.path(), name) == GOOD);
    let output = noharm_with(directory.path(), &["check", "--fix=ask"], b"n\ny\nq\n");
    assert_eq!(texts(), [false, true, false]);
    assert_eq!(code(&output), Some(1), "{}", err(&output));
    assert!(err(&output).contains("-ls  # noharm: ignore[NH001] not needed any more\n+ls\n"), "{}", err(&output));
    assert_eq!(err(&output).matches("Apply this fix?").count(), 3);
    assert!(out(&output).ends_with("1 fixed (NH002); left: 2 not fixed\n"), "{}", out(&output));
    noharm_with(directory.path(), &["check", "--fix=ask"], b"");
    assert_eq!(texts(), [false, true, false]);
    let output = noharm_with(directory.path(), &["check", "--fix=ask"], b"a\n");
    assert_eq!((texts(), code(&output)), ([true, true, true], Some(0)));
}

#[test]
fn answers_and_scripts_do_not_come_the_same_way() {
    let directory = directory(&[("a.sh", BAD)]);
    for arguments in [&["check", "--fix=ask", "-"][..], &["check", "--fix=ask", "--diff"], &["check", "--fix=no"]] {
        let output = noharm_with(directory.path(), arguments, b"y\n");
        assert_eq!(code(&output), Some(2), "{arguments:?}");
        assert_eq!(read(directory.path(), "a.sh"), BAD);
    }
}

#[test]
fn a_filter_gives_the_text_whether_or_not_there_is_something_to_fix() {
    let directory = directory(&[]);
    for (text, made) in [(BAD, GOOD), (GOOD, GOOD), ("", ""), ("if true\n", "if true\n"), ("ls\r\n", "ls\r\n")] {
        let output = noharm_with(directory.path(), &["check", "-", "--fix", "--unsafe-fixes"], text.as_bytes());
        assert_eq!(out(&output), made);
    }
    let output = noharm_with(directory.path(), &["check", "-", "--fix", "--unsafe-fixes"], b"echo \xff\n");
    assert_eq!(output.stdout, b"echo \xff\n");
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_not_fixed() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory(&[("a.sh", BAD)]);
    fs::set_permissions(directory.path().join("a.sh"), fs::Permissions::from_mode(0o444)).expect("set");
    let output = noharm(directory.path(), &["check", "--fix"]);
    assert_eq!(code(&output), Some(2));
    assert_eq!(err(&output), "noharm: a.sh: not written: the file is read-only\n");
    assert_eq!(read(directory.path(), "a.sh"), BAD);
}

#[test]
fn standard_input_has_a_name_and_gives_the_fixed_text() {
    let directory = directory(&[("noharm.toml", "[role]\n\"x.sh\" = \"restore\"\n")]);
    let arguments = ["check", "-", "--stdin-filename", "x.sh", "--format", "json"];
    let output = noharm_with(directory.path(), &arguments, BAD.as_bytes());
    assert_eq!(code(&output), Some(1));
    assert_eq!(json(&output)["files"][0]["path"], "x.sh");
    assert_eq!(json(&output)["files"][0]["role"], "restore");
    let output = noharm_with(directory.path(), &["check", "-", "--fix"], BAD.as_bytes());
    assert_eq!((code(&output), out(&output)), (Some(0), GOOD.to_owned()));
    assert_eq!(err(&output), "No findings in 1 file; 1 fixed (NH002)\n");
    let output = noharm_with(directory.path(), &["check", "-", "--diff"], BAD.as_bytes());
    assert!(out(&output).starts_with("--- a/<stdin>\n"), "{}", out(&output));
}

#[test]
fn the_nearest_configuration_counts() {
    let directory = directory(&[
        ("noharm.toml", "[check]\nfail-on = \"error\"\n"),
        ("a.sh", BAD),
        ("sub/noharm.toml", "[severity]\nNH002 = \"error\"\n"),
        ("sub/b.sh", BAD),
    ]);
    assert_eq!(code(&noharm(directory.path(), &["check", "a.sh"])), Some(0));
    let output = noharm(directory.path(), &["check", "sub/b.sh", "--format", "concise"]);
    assert!(out(&output).contains("error[NH002]"), "{}", out(&output));
    assert_eq!(code(&noharm(directory.path(), &["check"])), Some(1));
    assert_eq!(code(&noharm(directory.path(), &["check", "--no-config", "a.sh"])), Some(1));
    let output = noharm(directory.path(), &["check", "--config", "sub/noharm.toml", "a.sh", "--format", "concise"]);
    assert!(out(&output).contains("error[NH002]"), "{}", out(&output));
}

#[test]
fn a_mistake_in_the_configuration_is_said_once_with_its_place() {
    let directory = directory(&[("noharm.toml", "[check]\nfail_on = \"error\"\n"), ("a.sh", BAD), ("b.sh", GOOD)]);
    let output = noharm(directory.path(), &["check"]);
    assert_eq!(code(&output), Some(2));
    let message = err(&output);
    assert!(message.contains("noharm.toml:2:1: unknown field `fail_on`"), "{message}");
    assert!(message.contains("did you mean `fail-on`?"), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    fs::write(directory.path().join("noharm.toml"), "[severity]\nNH02 = \"error\"\n").expect("written");
    let output = noharm(directory.path(), &["check"]);
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("no rule is called `NH02`; did you mean `NH002`?"), "{}", err(&output));
}

#[test]
fn colours_are_for_terminals_or_for_the_asking() {
    let directory = directory(&[("a.sh", BAD)]);
    assert!(!out(&noharm(directory.path(), &["check"])).contains('\x1b'));
    assert!(out(&noharm(directory.path(), &["check", "--color", "always"])).contains('\x1b'));
    assert!(!out(&noharm(directory.path(), &["check", "--color", "never"])).contains('\x1b'));
}

#[test]
fn rules_are_listed_and_explained() {
    let directory = directory(&[]);
    let list = out(&noharm(directory.path(), &["rules"]));
    assert!(list.lines().any(|line| line.starts_with("NH002  ")), "{list}");
    let rules: Value = json(&noharm(directory.path(), &["rules", "--json"]));
    let name = rules[0]["name"].as_str().expect("a name").to_owned();
    for word in ["NH001", "nh001", &name] {
        let output = noharm(directory.path(), &["explain", word]);
        assert_eq!(code(&output), Some(0));
        assert!(out(&output).starts_with("NH001 "), "{}", out(&output));
    }
    let output = noharm(directory.path(), &["explain", "NH0002"]);
    assert_eq!(err(&output), "noharm: no rule is called `NH0002`; did you mean `NH002`?\n");
}

#[test]
fn every_face_prints_something() {
    let directory = directory(&[("a.sh", BAD)]);
    for (arguments, wanted) in [
        (&["--help"][..], "Exit codes"),
        (&["check", "--help"], "Examples"),
        (&["--version"], "noharm "),
        (&["schema"], "\"$schema\""),
        (&["completions", "bash"], "complete"),
        (&["man"], ".TH noharm"),
        (&["syntax", "a.sh"], "strict"),
        (&["syntax", "--tokens", "a.sh"], "10 12"),
        (&["effects", "a.sh"], "a.sh (unknown, sh)"),
        (&["effects", "--format", "json"], "\"effects\""),
        (&["effects", "--format", "markdown"], "## a.sh"),
    ] {
        let output = noharm(directory.path(), arguments);
        assert_eq!(code(&output), Some(0), "{arguments:?} {}", err(&output));
        assert!(out(&output).contains(wanted), "{arguments:?}: {}", out(&output));
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_quiet() {
    use std::process::{Command, Stdio};
    let directory = directory(&[]);
    for number in 0..400 {
        fs::write(directory.path().join(format!("{number}.sh")), BAD).expect("written");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_noharm"))
        .arg("check")
        .current_dir(directory.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(code(&output), Some(1));
    assert_eq!(err(&output), "");
}
