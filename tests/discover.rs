//! Which files are read: by name, first line, content, and what was named.

mod common;

use noharm::config::PathPattern;
use noharm::dialect::Dialect;
use noharm::discover::{Evidence, Found, Options, find, inspect};
use noharm::role::Role;
use std::fs;
use std::path::{Path, PathBuf};

/// A directory with files in it.
fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    directory
}

fn search(directory: &Path, options: &Options) -> Found {
    find(&[directory.to_path_buf()], options)
}

fn names(directory: &Path, found: &Found) -> Vec<String> {
    let relative = |path: &Path| path.strip_prefix(directory).unwrap_or(path).to_string_lossy().into_owned();
    found.files.iter().map(|file| relative(&file.path)).collect()
}

#[test]
fn a_tree_is_searched_for_shell_in_order() {
    let directory = tree(&[
        ("z.sh", b"ls\n"),
        ("a/hook", b"#!/usr/bin/env bash\nls\n"),
        ("a/galera", b"set -e\nif [ -f x ]; then\n  rm x\nfi\n"),
        (".github/run.sh", b"ls\n"),
        ("debian/nginx.postinst", b"ls\n"),
        ("empty.sh", b""),
        ("windows.sh", b"\xEF\xBB\xBF#!/bin/sh\r\nls\r\n"),
        ("latin1.sh", b"echo caf\xe9\n"),
        ("tool.py", b"#!/usr/bin/python3\n"),
        ("python.sh", b"#!/usr/bin/env python3\n"),
        ("prompt.sh", b"#!/bin/zsh\n"),
        ("bin/pip", b"#!/bin/sh\n'''exec' \"/venv/bin/python\" \"$0\" \"$@\"\n' '''\nimport sys\n"),
        ("Makefile", b"all:\n\tset -e\n"),
        ("notes", b"To install, run make.\n"),
        ("notes.txt", b"set -e\nif [ -f x ]; then\nfi\n"),
        ("data.txt", b"#!/bin/sh\nls\n"),
        ("binary.sh", b"\x7fELF\0\0\0"),
        (".git/hooks/pre-commit", b"#!/bin/sh\n"),
    ]);
    let found = search(directory.path(), &Options::default());
    assert_eq!(
        names(directory.path(), &found),
        [
            ".github/run.sh",
            "a/galera",
            "a/hook",
            "data.txt",
            "debian/nginx.postinst",
            "empty.sh",
            "latin1.sh",
            "windows.sh",
            "z.sh"
        ]
    );
    assert!(found.problems.is_empty());
}

#[test]
fn what_is_named_is_read_unless_it_is_sure_to_be_something_else() {
    let directory = tree(&[("notes.txt", b"text"), ("binary", b"\0\0"), ("a.sh", b"ls")]);
    let paths: Vec<PathBuf> = ["notes.txt", "binary", "a.sh", "a.sh"].map(|name| directory.path().join(name)).into();
    let found = find(&paths, &Options::default());
    assert_eq!(names(directory.path(), &found), ["a.sh", "notes.txt"]);
    assert!(found.files.iter().all(|file| file.named));
    assert_eq!(found.others.len(), 1, "what is left out is told");
}

#[test]
fn ignore_files_and_exclusions_are_heeded() {
    let directory = tree(&[
        (".gitignore", b"build/\n"),
        (".noharmignore", b"vendor\n"),
        ("build/a.sh", b"ls"),
        ("vendor/b.sh", b"ls"),
        ("third/c.sh", b"ls"),
        ("d.sh", b"ls"),
    ]);
    let mut options = Options::default();
    assert_eq!(names(directory.path(), &search(directory.path(), &options)), ["d.sh", "third/c.sh"]);
    options.exclude = vec![PathPattern::new("third").expect("a glob")];
    assert_eq!(names(directory.path(), &search(directory.path(), &options)), ["d.sh"]);
    options.search_ignored = true;
    assert_eq!(names(directory.path(), &search(directory.path(), &options)), ["build/a.sh", "d.sh", "vendor/b.sh"]);
    // What is named is read all the same, unless a hook asks otherwise.
    let named = [directory.path().join("third/c.sh")];
    assert_eq!(find(&named, &options).files.len(), 1);
    options.force_exclude = true;
    assert_eq!(find(&named, &options).files.len(), 0);
}

#[test]
fn a_missing_path_is_a_problem_and_the_others_are_found() {
    let directory = tree(&[("a.sh", b"ls")]);
    let found = find(&[directory.path().join("no.sh"), directory.path().join("a.sh")], &Options::default());
    assert_eq!(names(directory.path(), &found), ["a.sh"]);
    assert_eq!(found.problems[0].message, "no such file or directory");
}

#[cfg(unix)]
#[test]
fn links_to_files_are_followed_once_and_circles_are_no_trouble() {
    use std::os::unix::fs::symlink;
    let outside = tree(&[("tool.sh", b"ls")]);
    let directory = tree(&[("real/z.sh", b"ls")]);
    symlink("real/z.sh", directory.path().join("a.sh")).expect("linked");
    symlink(outside.path().join("tool.sh"), directory.path().join("b.sh")).expect("linked");
    symlink(outside.path().join("tool.sh"), directory.path().join("c.sh")).expect("linked");
    symlink(".", directory.path().join("circle")).expect("linked");
    symlink("self.sh", directory.path().join("self.sh")).expect("linked");
    symlink("nowhere.sh", directory.path().join("dangling.sh")).expect("linked");
    symlink(outside.path(), directory.path().join("elsewhere")).expect("linked");
    let found = search(directory.path(), &Options::default());
    assert_eq!(names(directory.path(), &found), ["b.sh", "real/z.sh"]);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let named = find(&[directory.path().join("a.sh")], &Options::default());
    assert_eq!(names(directory.path(), &named), ["a.sh"]);
}

#[test]
fn a_hint_says_shell_options_and_role() {
    let hint = inspect(Path::new("/etc/keepalived/notify.sh"), b"#!/bin/sh -e\nls\n");
    assert_eq!((hint.dialect, hint.options.errexit), (Dialect::Sh, true));
    assert_eq!((hint.role, hint.evidence), (Role::Failover, Evidence::Place));
    let hint = inspect(Path::new("/usr/lib/systemd/system-generators/app-generator"), b"#!/bin/sh\nls\n");
    assert_eq!((hint.role, hint.evidence), (Role::Build, Evidence::Place));
    let hint = inspect(Path::new("x.bash"), b"ls\n");
    assert_eq!((hint.dialect, hint.role, hint.evidence), (Dialect::Bash, Role::Unknown, Evidence::None));
    let hint = inspect(Path::new("x.sh"), b"# shellcheck shell=dash\nls\n");
    assert_eq!(hint.dialect, Dialect::Dash);
    let hint = inspect(Path::new("x.sh"), b"\xEF\xBB\xBF#!/bin/bash\nls\n");
    assert_eq!(hint.dialect, Dialect::Bash);
}

#[test]
fn a_directive_has_the_last_word_over_the_configuration() {
    let mut hint = inspect(Path::new("x.sh"), b"# noharm: role=restore\nls\n");
    hint.assign(Role::Deploy);
    assert_eq!(hint.role, Role::Restore);
    let mut hint = inspect(Path::new("notify.sh"), b"ls\n");
    hint.assign(Role::Deploy);
    assert_eq!((hint.role, hint.evidence), (Role::Deploy, Evidence::Configured));
}
