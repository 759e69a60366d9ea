//! What a user adds: rows of knowledge and rules of their own, and what is said about mistakes in them.

mod common;

use common::{err, noharm, out};
use std::fs;
use std::path::Path;

const CONFIG: &str = r#"
[check]
min-confidence = "low"

[role]
"*.sh" = "deploy"

[extend]
rules = ["noharm/rules"]
knowledge = ["noharm/network.toml"]

[[service]]
name = "acme-edge"
paths = ["/srv/acme/edge.yaml"]
source = "handbook, edge"
[[service.validator]]
run = "acme-edge check"
on = "acme-edge check"

[[paths]]
class = "scratch"
globs = ["/srv/acme/spool/**"]
"#;

const ROWS: &str = r#"
[[form]]
id = "acmectl-vip-take"
on = "acmectl vip take"
args = "V"
also = { E = "object vip V" }
cases = "create E 2"
effects = ["create object E"]
source = "handbook, addresses"
"#;

const RULE: &str = r#"+++
code = "OPS001"
summary = "An address is taken, and nobody asked who has it"
effect = { kind = "create", how = ["object"] }
unless = [{ fact = "asked", of = "target" }]
severity = { default = "error" }
confidence = "high"
message = "{target} is taken, and nobody asked who has it"
+++
# vip-taken-unasked

```sh bad
mktemp -d
acmectl vip take a # OPS001
```

```sh good
true
```
"#;

const SCRIPT: &str = "\
#!/bin/sh
set -e
acmectl vip take 10.0.0.1
sed -i \"s/a/$1/\" /srv/acme/edge.yaml
systemctl restart acme-edge
systemctl is-active --quiet acme-edge
cp app.conf /srv/acme/spool/app.conf
";

fn tree(change: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let files = [
        ("noharm.toml", CONFIG),
        ("noharm/network.toml", ROWS),
        ("noharm/rules/ops/vip-taken-unasked.md", RULE),
        ("deploy.sh", SCRIPT),
    ];
    for (path, text) in files {
        let mut text = text.to_owned();
        for (_, from, to) in change.iter().filter(|(changed, ..)| *changed == path) {
            assert!(text.contains(from), "{path} has no {from}");
            text = text.replace(from, to);
        }
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    directory
}

fn concise(directory: &Path) -> Vec<String> {
    let output = noharm(directory, &["check", "--format", "concise"]);
    assert_eq!(err(&output), "");
    out(&output).lines().map(|line| line.chars().take_while(|&letter| letter != ']').collect()).collect()
}

/// What is said on standard error, with the directory cut off; the run was no success.
fn refused(change: (&str, &str, &str)) -> String {
    let directory = tree(&[change]);
    let output = noharm(directory.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2), "{}", out(&output));
    err(&output).replace(&*directory.path().to_string_lossy(), "")
}

#[test]
fn rows_and_rules_of_a_user_are_as_good_as_built_in_ones() {
    let directory = tree(&[]);
    assert_eq!(
        concise(directory.path()),
        ["deploy.sh:3:1: warning[NH201", "deploy.sh:3:1: error[OPS001", "deploy.sh:5:1: error[NH301"]
    );
    let without = noharm(directory.path(), &["check", "--no-config", "--min-confidence", "low", "--format", "concise"]);
    assert!(!out(&without).contains("NH301") && !out(&without).contains("OPS001"), "{}", out(&without));
}

#[test]
fn a_users_rule_can_be_silenced_and_shifted_like_any_other() {
    let directory = tree(&[("noharm.toml", "[extend]", "[severity]\nOPS001 = \"note\"\nNH201 = \"off\"\n[extend]")]);
    assert_eq!(concise(directory.path()), ["deploy.sh:3:1: note[OPS001", "deploy.sh:5:1: error[NH301"]);
    let listed = noharm(directory.path(), &["rules"]);
    assert!(out(&listed).contains("OPS001  vip-taken-unasked"), "{}", out(&listed));
    let explained = noharm(directory.path(), &["explain", "ops001"]);
    assert!(out(&explained).starts_with("OPS001 vip-taken-unasked\n"), "{}", err(&explained));
}

#[test]
fn a_mistake_is_told_with_its_place_and_what_was_meant() {
    let config = refused(("noharm.toml", "[[service]]", "[[servce]]"));
    assert_eq!(config, "noharm: /noharm.toml:12:3: unknown table `servce`; did you mean `service`?\n");
    let row = refused(("noharm.toml", "globs =", "glob ="));
    assert!(row.starts_with("noharm: /noharm.toml:22:1: unknown field `glob`"), "{row}");
    assert!(row.ends_with("did you mean `globs`?\n"), "{row}");
    let kind = refused(("noharm/network.toml", "create object E", "creat object E"));
    assert!(
        kind.starts_with("noharm: /noharm/network.toml:8:12: ") && kind.ends_with("did you mean `create`?\n"),
        "{kind}"
    );
    let rule = refused(("noharm/rules/ops/vip-taken-unasked.md", "fact = \"asked\"", "fact = \"askd\""));
    assert!(rule.starts_with("noharm: /noharm/rules/ops/vip-taken-unasked.md:5:"), "{rule}");
    assert!(rule.ends_with("did you mean `asked`?\n"), "{rule}");
}

#[test]
fn a_file_that_is_not_there_is_told_where_it_is_named() {
    let missing = refused(("noharm.toml", "noharm/network.toml", "noharm/net.toml"));
    assert_eq!(missing, "noharm: /noharm.toml:10:14: /noharm/net.toml: no such file\n");
    let folder = refused(("noharm.toml", "noharm/rules", "noharm/rule"));
    assert_eq!(folder, "noharm: /noharm.toml:9:10: /noharm/rule: no such file\n");
}

#[test]
fn a_code_that_is_taken_is_refused() {
    let taken = refused(("noharm/rules/ops/vip-taken-unasked.md", "code = \"OPS001\"", "code = \"NH201\""));
    assert!(taken.contains("NH201 vip-taken-unasked is already the rule NH201 create-without-guard"), "{taken}");
}

#[test]
fn examples_of_own_rules_are_tried() {
    let tried = |change: &[(&str, &str, &str)]| {
        let directory = tree(change);
        let output = noharm(directory.path(), &["rules", "--test"]);
        (output.status.code(), out(&output).replace(&*directory.path().to_string_lossy(), ""))
    };
    assert_eq!(tried(&[]), (Some(0), "All 2 examples are what they are said to be\n".to_owned()));
    let page = "noharm/rules/ops/vip-taken-unasked.md";
    let (code, told) = tried(&[(page, "mktemp -d\n", ""), (page, "\ntrue\n", "\nacmectl vip take b\n")]);
    assert_eq!(code, Some(1));
    assert_eq!(
        told,
        "/noharm/rules/ops/vip-taken-unasked.md:17: line 1 of it is flagged: OPS001 vip b is taken, and nobody asked \
         who has it\n"
    );
    let (_, told) = tried(&[(page, " # OPS001", "")]);
    assert_eq!(told, "/noharm/rules/ops/vip-taken-unasked.md:13: marked is nothing, and found is OPS001 on line 2\n");
}

#[test]
fn words_of_a_kind_can_be_added() {
    let folder = tempfile::tempdir().expect("a directory");
    let config = folder.path().join("noharm.toml");
    let script = folder.path().join("run.sh");
    // What the status is asked of is the copy, and the label only tidies up.
    fs::write(&script, "cp new.cfg /srv/app/main.cfg\nrelabel /srv/app/main.cfg\nif [ $? -ne 0 ]; then exit 1; fi\n")
        .expect("written");
    let found = |text: &str| {
        fs::write(&config, text).expect("written");
        out(&noharm(folder.path(), &["check", "--format", "concise", "run.sh"])).contains("NH716")
    };
    assert!(!found(""));
    assert!(found("[[words]]\nkind = \"tidies\"\nwords = [\"relabel\"]\n"));
}
