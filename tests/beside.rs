//! What stands beside a script and has run before it: the `config` of a Debian package.

use noharm::config::Settings;
use noharm::finding::Confidence;
use noharm::source::{MemoryLoader, Source};

const CONFIG: &str = "#!/bin/sh
set -e
. /usr/share/debconf/confmodule
settings=/etc/default/app
if [ -e \"$settings\" ]; then
    . \"$settings\"
    db_set app/port \"$PORT\"
    db_set app/name \"$(head -n 1 /etc/app/name)\"
fi
db_input medium app/port || true
db_go || true
";

const POSTINST: &str = "#!/bin/sh
set -e
. /usr/share/debconf/confmodule
write() {
    db_get app/name
    echo \"$RET\" > /etc/app/name
}
db_get app/port
echo \"PORT=$RET\" > /etc/default/app
write
";

/// The lines of a `postinst` that something is said of, with this `config` beside it.
fn lines(postinst: &str, config: &str) -> Vec<u32> {
    let loader = MemoryLoader::default().with("debian/app.config", config);
    let source = Source::new("debian/app.postinst", postinst.as_bytes().to_vec()).expect("it is small");
    let report = noharm::check(&source, &Settings::default(), &loader);
    report.findings.iter().map(|finding| source.position(finding.span.start).line).collect()
}

#[test]
fn what_config_makes_answers_of_was_looked_at() {
    assert_eq!(lines(POSTINST, CONFIG), Vec::<u32>::new());
}

#[test]
fn what_config_does_not_read_or_keep_was_not() {
    let other = CONFIG.replace("/etc/default/app", "/etc/default/other");
    assert_eq!(lines(POSTINST, &other), [9]);
    assert_eq!(lines(POSTINST, &CONFIG.replace("db_set", "echo")), [6, 9]);
    assert_eq!(lines(POSTINST, "#!/bin/sh\n"), [6, 9]);
}

#[test]
fn a_script_that_does_not_ask_for_answers_carries_nothing_over() {
    assert_eq!(lines(&POSTINST.replace("db_get", "echo"), CONFIG), [6, 9]);
    assert_eq!(lines(&POSTINST.replace(". /usr/share/debconf/confmodule", ""), CONFIG), [6, 9]);
}

#[test]
fn what_a_function_of_config_reads_is_what_its_calls_hand_it() {
    let config = "#!/bin/sh
. /usr/share/debconf/confmodule
take() {
    FILE=$1
    [ ! -f /etc/app/$FILE ] || db_set app/$FILE \"$(head -n 1 /etc/app/$FILE)\"
}
take name
take host
";
    let write = "#!/bin/sh
set -e
. /usr/share/debconf/confmodule
db_get app/host
echo \"$RET\" > /etc/app/host
db_get app/port
echo \"$RET\" > /etc/app/port
";
    assert_eq!(lines(write, config), [7]);
}

#[test]
fn what_config_has_left_beside_a_file_asks_for_it() {
    let config = "#!/bin/sh
. /usr/share/debconf/confmodule
db_get app/manager
touch /etc/app/manager.update
";
    let write = "#!/bin/sh
set -e
. /usr/share/debconf/confmodule
FILE=/etc/app/manager
if [ -e $FILE.update ]; then
    rm -f $FILE.update
    db_get app/manager
    echo \"$RET\" > $FILE
fi
";
    assert_eq!(lines(write, config), Vec::<u32>::new());
    assert_eq!(lines(write, &config.replace("manager.update", "manager.other")), [8]);
    assert_eq!(lines(&write.replace("-e $FILE", "! -e $FILE"), config), [8]);
}

#[test]
fn a_config_that_is_not_there_may_have_looked() {
    let source = Source::new("debian/app.postinst", POSTINST.as_bytes().to_vec()).expect("it is small");
    let confidences = |loader: &MemoryLoader| -> Vec<Confidence> {
        let report = noharm::check(&source, &Settings::default(), loader);
        report.findings.iter().map(|finding| finding.confidence).collect()
    };
    let with_another = MemoryLoader::default().with("debian/app.config", "#!/bin/sh\n");
    assert_eq!(confidences(&with_another), [Confidence::High, Confidence::High]);
    assert_eq!(confidences(&MemoryLoader::default()), [Confidence::Medium, Confidence::Medium]);
}
