//! `--explain`: which commands made a fact, and where one was lost.

mod common;

use common::{err, noharm, out};
use serde_json::Value;

/// What is told of some lines of a script.
fn told(script: &str, lines: &str, format: &str) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("notify.sh"), script).expect("written");
    let output = noharm(directory.path(), &["check", "notify.sh", "--explain", lines, "--format", format]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    out(&output)
}

/// Whether what is told of a line has a text in it.
fn tells(script: &str, line: &str, text: &str) {
    let told = told(script, line, "human");
    assert!(told.contains(text), "expected {text:?} in\n{told}");
}

#[test]
fn the_guard_and_where_it_leaves_are_named() {
    let script = "#!/bin/sh\ncp new /etc/haproxy/haproxy.cfg\nif ! haproxy -c -f /etc/haproxy/haproxy.cfg; then\n  \
                  logger bad\n  exit 1\nfi\nsystemctl restart haproxy\n";
    // What the other rules answer about a restart stands below.
    let told = told(script, "7", "human");
    assert!(
        told.starts_with(
            "\
notify.sh:7:1: `systemctl restart haproxy`
  service restart: haproxy
    NH301 restart-unvalidated: excused
      nothing-unchecked of haproxy: on every path
        line 3 `haproxy -c -f /etc/haproxy/haproxy.cfg` succeeded; else the way ends: line 5 `exit 1`
    NH302 validation-ignored: excused
      config-valid of haproxy: on every path
        line 3 `haproxy -c -f /etc/haproxy/haproxy.cfg` succeeded; else the way ends: line 5 `exit 1`
"
        ),
        "{told}"
    );
}

#[test]
fn errexit_is_where_a_way_ends_too() {
    let script = "#!/bin/sh -e\ncp new /etc/nginx/nginx.conf\nnginx -t\nnginx -s reload\n";
    tells(script, "4", "line 3 `nginx -t` succeeded; else the way ends: errexit");
}

#[test]
fn a_remembered_outcome_is_traced_to_its_command() {
    let script = "#!/bin/sh\ncheck() { nginx -t; rc=$?; }\ncp new /etc/nginx/nginx.conf\ncheck\n[ $rc -eq 0 ] || exit 1\n\
                  nginx -s reload\n";
    tells(
        script,
        "6",
        "line 2 `nginx -t` succeeded, as line 5 `[ $rc -eq 0 ]` asks; else the way ends: line 5 `exit 1`",
    );
}

#[test]
fn a_guard_in_the_caller_is_found() {
    let script = "#!/bin/sh\napply() { systemctl restart nginx; }\ncp new /etc/nginx/nginx.conf\nnginx -t || exit 1\n\
                  apply\n";
    tells(script, "2", "line 4 `nginx -t` succeeded; else the way ends: line 4 `exit 1`");
}

#[test]
fn what_ended_a_fact_is_named() {
    let script = "#!/bin/sh\nnginx -t || exit 1\ncp new /etc/nginx/nginx.conf\nsystemctl restart nginx\n";
    tells(
        script,
        "4",
        "nothing-unchecked of nginx: not on every path\n        line 3 `cp new /etc/nginx/nginx.conf` ends it",
    );
}

#[test]
fn a_check_that_is_not_acted_on_is_named() {
    let script = "#!/bin/sh\ncp new /etc/nginx/nginx.conf\nnginx -t\nsystemctl restart nginx\n";
    tells(script, "4", "line 3 `nginx -t` asks, and with the other answer the way leads here too");
}

#[test]
fn a_call_that_lacks_the_guard_is_named() {
    let script = "#!/bin/sh\napply() { systemctl restart nginx; }\ncp new /etc/nginx/nginx.conf\nnginx -t && apply\n\
                  cp other /etc/nginx/nginx.conf\napply\n";
    let lost = "not on every path\n        line 6 `apply` calls without it\n        line 5 `cp other /etc/nginx/nginx.conf` ends it\n    ";
    tells(script, "2", lost);
}

#[test]
fn a_guard_on_one_branch_only_is_named() {
    let script = "#!/bin/sh\n# noharm: role=failover\nif [ -n \"$2\" ]; then\n  fence_node \"$1\" || exit 1\nfi\n\
                  pg_ctl promote -D /srv/pg\n";
    let lost = "a step that is `fences` has succeeded: not on every path\n        \
                line 4 `fence_node \"$1\"` makes it, and a way past that leads here, too\n";
    tells(script, "6", lost);
    tells(script, "6", "no step in front of it is `demotes`");
}

#[test]
fn what_a_rule_does_not_look_at_is_said() {
    tells("#!/bin/sh\nmkdir -p /srv/a\n", "2", "NH201 create-without-guard: not asked: a second run changes nothing");
    tells(
        "#!/bin/sh\ncp a /tmp/b\n",
        "2",
        "NH101 overwrite-live-config: not asked: it does not look at what is `scratch`",
    );
}

#[test]
fn what_is_hidden_says_why() {
    let script = "#!/bin/sh\ncp new /etc/app.conf # noharm: ignore[NH101] kept in git\n";
    tells(script, "2", "not shown: a comment ignores it");
}

#[test]
fn a_line_without_effects_is_answered_too() {
    let script = "#!/bin/sh\nexit 0\nmkdir /srv/a\n";
    tells(script, "1", "notify.sh: no effect begins in line 1, or no path leads there");
    tells(script, "3-9", "notify.sh: no effect begins in lines 3 to 9, or no path leads there");
}

#[test]
fn a_line_behind_the_end_is_a_mistake() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("a.sh"), "ls\nls\n").expect("written");
    let output = noharm(directory.path(), &["check", "a.sh", "--explain", "3"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(err(&output), "noharm: a.sh: --explain 3: the file has 2 lines\n");
    assert_eq!(noharm(directory.path(), &["check", "a.sh", "--explain", "2-9"]).status.code(), Some(0));
}

#[test]
fn programs_get_spans() {
    let script = "#!/bin/sh\ncp new /etc/nginx/nginx.conf\nnginx -t || exit 1\nnginx -s reload\n";
    let told: Value = serde_json::from_str(&told(script, "4", "json")).expect("JSON");
    let verdict = &told["effects"][0]["verdicts"][0];
    assert_eq!((&verdict["code"], &verdict["decision"]), (&"NH301".into(), &"excused".into()));
    let guard = &verdict["asked"].as_array().expect("a list").iter().find(|asked| asked["holds"] == true).expect("one")
        ["guards"][0];
    assert_eq!(guard["command"]["start"]["line"], 3);
    assert_eq!(guard["leaves"][0]["start"]["column"], 13);
    assert_eq!(guard["succeeds"], true);
}

#[test]
fn it_is_about_one_file_and_a_line() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("a.sh"), "ls\n").expect("written");
    std::fs::write(directory.path().join("b.sh"), "ls\n").expect("written");
    let output = noharm(directory.path(), &["check", "--explain", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(err(&output), "noharm: --explain is about one file, and 2 are named\n");
    for bad in ["0", "x", "5-3"] {
        let output = noharm(directory.path(), &["check", "a.sh", "--explain", bad]);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("it is the number of a line"), "{}", err(&output));
    }
}
