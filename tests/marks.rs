//! What rules ask of all commands of a kind: marks by rows, by answers and by names, failures that are passed over, and
//! what is owed before every success.

use noharm::Book;
use noharm::config::{Extension, Settings};
use noharm::finding::Confidence;
use noharm::source::{MemoryLoader, Source};

const ROWS: &str = r#"
[[form]]
id = "promote"
on = "acmectl promote"
args = "REST..."
also = { E = "server acme" }
effects = ["replication promote E"]
marks = ["promotes"]
source = "test"

[[form]]
id = "fence"
on = "acmectl fence"
args = "H"
marks = ["fences"]
source = "test"

[[form]]
id = "alive"
on = "acmectl alive"
args = "H"
asks = true
tells = { fail = ["fences"] }
source = "test"

[[form]]
id = "role"
on = "acmectl role"
asks = true
tells = { says = { standby = ["is-standby"], primary = ["is-primary"] } }
source = "test"

[[form]]
id = "dump"
on = "acmectl dump"
args = "F:path"
effects = ["backup other F"]
marks = ["backs-up"]
source = "test"

[[form]]
id = "call"
on = "acme-ssh"
args = "H REST..."
also = { S = "server H" }
effects = ["remote other S"]
marks = ["calls"]
source = "test"

[[wrapper]]
id = "call-inner"
on = "acme-ssh"
skip = 1
inner = "joined"
root = "host"
root_from = "0"
environment = "clean"

[[form]]
id = "limit"
on = "timeout"
args = "T REST..."
marks = ["bounded"]
source = "test"

[[named]]
globs = ["*fence{_,-}*", "shoot*"]
marks = ["fences"]
"#;

/// A rule with a code, and what it asks.
fn page(code: &str, keys: &str) -> (String, String) {
    let text = format!(
        "+++\ncode = \"{code}\"\nsummary = \"s\"\n{keys}\nseverity = {{ default = \"error\" }}\nconfidence = \
         \"high\"\nmessage = \"m\"\n+++\n# rule-{code}\n"
    );
    (format!("own/rule-{code}.md"), text)
}

/// The lines on which a rule speaks.
fn lines(keys: &str, script: &str) -> Vec<u32> {
    let mut extension = Extension::default();
    extension.rows.push(("rows.toml".to_owned(), ROWS.to_owned()));
    extension.rules.push(page("OPS001", keys));
    let book = Book::with(&extension, &[]).expect("no mistakes");
    let source = Source::new("failover.sh", script.as_bytes().to_vec()).expect("small");
    let settings = Settings { min_confidence: Confidence::Low, ..Settings::default() };
    let report = book.check(&source, &settings, &MemoryLoader::default());
    let own = report.findings.iter().filter(|finding| &*finding.code == "OPS001");
    own.map(|finding| source.position(finding.span.start).line).collect()
}

const PROMOTE: &str = "effect = { kind = \"replication\", marks = \"promotes\" }\n";

fn unfenced(script: &str) -> Vec<u32> {
    lines(&format!("{PROMOTE}unless = {{ fact = \"done\", mark = \"fences\" }}"), script)
}

#[test]
fn a_mark_is_done_where_a_command_with_it_succeeded_on_every_path() {
    assert_eq!(unfenced("acmectl promote a\n"), [1]);
    assert_eq!(unfenced("acmectl fence old || exit 1\nacmectl promote a\n"), [0_u32; 0]);
    assert_eq!(unfenced("acmectl fence old\nacmectl promote a\n"), [2]);
    assert_eq!(unfenced("set -e\nacmectl fence old\nacmectl promote a\n"), [0_u32; 0]);
    assert_eq!(unfenced("[ -z \"$1\" ] || acmectl fence old || exit 1\nacmectl promote a\n"), [2]);
}

#[test]
fn a_mark_holds_through_functions_and_by_what_an_outcome_stands_for() {
    assert_eq!(unfenced("stop_old() { acmectl fence old; }\nstop_old || exit 1\nacmectl promote a\n"), [0_u32; 0]);
    assert_eq!(unfenced("acmectl alive old || acmectl promote a\n"), [0_u32; 0]);
    assert_eq!(unfenced("acmectl alive old && acmectl promote a\n"), [1]);
}

#[test]
fn a_name_says_what_an_unknown_command_or_a_function_does() {
    assert_eq!(unfenced("/opt/ha/fence_node old || exit 1\nacmectl promote a\n"), [0_u32; 0]);
    assert_eq!(unfenced("shoot() { /opt/ha/ilo \"$1\" off; }\nshoot old || exit 1\nacmectl promote a\n"), [0_u32; 0]);
    assert_eq!(unfenced("/opt/ha/notify old || exit 1\nacmectl promote a\n"), [2]);
}

#[test]
fn an_answer_in_words_stands_for_a_mark_and_no_other_answer_does() {
    let ask = |script: &str| {
        lines(&format!("{PROMOTE}unless = {{ fact = \"done\", mark = [\"is-standby\", \"nothing\"] }}"), script)
    };
    assert_eq!(ask("[ \"$(acmectl role)\" = standby ] && acmectl promote a\n"), [0_u32; 0]);
    assert_eq!(
        ask("role=$(acmectl role | tr -d ' ')\n[ \"$role\" = standby ] || exit\nacmectl promote a\n"),
        [0_u32; 0]
    );
    // It could not be asked, or the answer is one that is not known.
    assert_eq!(ask("role=$(acmectl role)\n[ \"$role\" != primary ] || exit\nacmectl promote a\n"), [3]);
    assert_eq!(
        ask("role() { acmectl role; }\ncase $(role) in standby) acmectl promote a ;; *) acmectl promote b ;; esac\n"),
        [2]
    );
    assert_eq!(ask("if sudo acmectl role | grep -q '^standby$'; then acmectl promote a; fi\n"), [0_u32; 0]);
}

#[test]
fn a_failure_is_lost_where_the_script_can_end_in_success_all_the_same() {
    let lost = |script: &str| lines("effect = { kind = \"backup\", failure-lost = true }", script);
    assert_eq!(lost("acmectl dump /b/1\necho done\n"), [1]);
    assert_eq!(lost("echo begin\nacmectl dump /b/1\n"), [0_u32; 0]);
    assert_eq!(lost("acmectl dump /b/1 || exit 1\necho done\n"), [0_u32; 0]);
    assert_eq!(lost("rc=0\nacmectl dump /b/1 || rc=1\necho done\nexit $rc\n"), [0_u32; 0]);
    assert_eq!(lost("acmectl dump /b/1; rc=$?\n[ $rc -eq 0 ] || echo bad\n"), [1]);
    assert_eq!(lost("until acmectl dump /b/1; do sleep 60; done\necho done\n"), [0_u32; 0]);
    assert_eq!(lost("acmectl dump /b/1 | gzip > /b/1.gz\n"), [1]);
    assert_eq!(lost("set -o pipefail\nacmectl dump /b/1 | gzip > /b/1.gz\n"), [0_u32; 0]);
    assert_eq!(lost("save() { acmectl dump /b/1; echo saved; }\nsave || exit 1\n"), [1]);
}

#[test]
fn what_is_owed_before_success_is_owed_on_every_way_to_it() {
    let unasked = |script: &str| {
        lines(&format!("{PROMOTE}owes = {{ fact = \"done\", mark = [\"is-primary\"], by = \"success\" }}"), script)
    };
    assert_eq!(unasked("acmectl promote a || exit 1\n"), [1]);
    assert_eq!(unasked("acmectl promote a\nexit 1\n"), [0_u32; 0]);
    assert_eq!(unasked("acmectl promote a || exit 1\n[ \"$(acmectl role)\" = primary ] || exit 1\n"), [0_u32; 0]);
    let polled = "acmectl promote a || exit 1\nfor try in 1 2 3; do\n    [ \"$(acmectl role)\" = primary ] && exit 0\n    \
                  sleep 2\ndone\n";
    assert_eq!(unasked(&format!("{polled}exit 1\n")), [0_u32; 0]);
    assert_eq!(unasked(&format!("{polled}exit 0\n")), [1]);
}

#[test]
fn what_runs_a_command_has_marks_of_its_own_and_gives_them_to_what_it_runs() {
    let unbounded =
        |script: &str| lines("effect = { kind = \"remote\", marks = \"calls\", unmarked = \"bounded\" }", script);
    assert_eq!(unbounded("acme-ssh db1 reboot\ntimeout 5 acme-ssh db1 reboot\n"), [1]);
    assert_eq!(unbounded("sudo acme-ssh db1 'cd /srv; ls \"$1\"'\n"), [1]);
}

#[test]
fn a_loop_is_marked_by_what_ends_it_and_by_how_it_waits() {
    let speaks = |mark: &str, script: &str| {
        !lines(&format!("effect = {{ kind = \"loop\", marks = \"{mark}\" }}"), script).is_empty()
    };
    let is = |script: &str, wanted: &[&str]| {
        for mark in ["endless", "unbounded", "undelayed", "backs-off"] {
            assert_eq!(speaks(mark, script), wanted.contains(&mark), "{mark}\n{script}");
        }
    };
    is("until acmectl up; do :; done\n", &["unbounded", "undelayed"]);
    is("until acmectl up; do sleep 5; done\n", &["unbounded"]);
    is("while ! acmectl up; do [ -e /run/x ] || sleep 5; done\n", &["unbounded", "undelayed"]);
    is("n=0\nuntil acmectl up; do n=$((n + 1)); [ $n -lt 30 ] || exit 1; sleep 5; done\n", &[]);
    // On one way round it does not count; but that it may end by counting, somebody has thought of.
    is(
        "n=0\nuntil acmectl up; do\n    [ -e /run/x ] && continue\n    n=$((n + 1)); [ $n -lt 30 ] || exit 1; sleep 5\ndone\n",
        &["undelayed"],
    );
    // It counts, and nobody asks.
    is("n=0\nuntil acmectl up; do n=$((n + 1)); sleep 5; done\n", &["unbounded"]);
    is("while [ \"$i\" -lt 5 ]; do i=$(expr $i + 1); sleep 1; done\n", &[]);
    is("for ((i = 0; i < 5; i++)); do acmectl up && break; sleep $i; done\n", &["backs-off"]);
    is("end=$(($(date +%s) + 60))\nwhile [ $(date +%s) -lt $end ]; do acmectl up && break; sleep 1; done\n", &[]);
    is("wait=1\nuntil acmectl up; do sleep $wait; wait=$((wait * 2)); done\n", &["unbounded", "backs-off"]);
    is("while :; do acmectl work; sleep 60; done\n", &["endless"]);
    is("while read -r host; do acmectl up \"$host\"; done < /etc/hosts\n", &["undelayed"]);
    is("while [ $# -gt 0 ]; do acmectl up \"$1\"; shift; done\n", &["undelayed"]);
    is("list='a b c'\nwhile [ -n \"$list\" ]; do acmectl up \"${list%% *}\"; list=${list#* }; done\n", &["undelayed"]);
    is("pause() { sleep 5; }\nuntil acmectl up; do pause; done\n", &["unbounded"]);
    is("tries() { n=$((n + 1)); [ $n -lt 5 ]; }\nuntil acmectl up; do tries || exit 1; sleep 1; done\n", &[]);
    is("while [ \"$state\" != up ]; do state=$(acmectl up); sleep 1; done\n", &["unbounded"]);
    is("while [ ! -e /run/up ]; do sleep 1; done\n", &["unbounded"]);
    is("while [ \"$go\" = on ]; do acmectl up && go=off; sleep 1; done\n", &[]);
    is("while getopts ab: opt; do acmectl up; done\n", &["undelayed"]);
    is("for host in a b; do acmectl up $host; done\n", &["undelayed"]);
}
