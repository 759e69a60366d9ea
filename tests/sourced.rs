//! Files that a script sources: found beside it, read for what they do, and told of where they are checked.

mod support;

use noharm::source::{MemoryLoader, Source};
use std::path::Path;

/// What is found in a script beside other files: the line and the code.
fn found(path: &str, text: &str, files: &[(&str, &str)]) -> Vec<(u32, String)> {
    let loader = files
        .iter()
        .fold(MemoryLoader::default(), |loader, (path, text)| loader.with(Path::new(path), text.as_bytes().to_vec()));
    let source = Source::new(path, text.as_bytes().to_vec()).expect("small");
    let report = noharm::check(&source, &support::core_settings(), &loader);
    let findings = report.findings.iter();
    findings.map(|finding| (source.position(finding.span.start).line, finding.code.to_string())).collect()
}

fn told(line: u32, code: &str) -> (u32, String) {
    (line, code.to_owned())
}

/// Ends the script, under a name that nobody knows.
const BAIL: &str = "bail() { echo \"$1\" >&2; exit 1; }\n";

/// A script whose check is a guard only if `bail` ends it.
fn guarded(source: &str) -> String {
    format!(
        "#!/bin/bash\n{source}\ncp -p new /etc/nginx/nginx.conf.new\nsed -i s/a/b/ /etc/nginx/nginx.conf\n\
             nginx -t || bail broken\nsystemctl restart nginx\n"
    )
}

#[test]
fn the_file_is_found_however_it_is_named() {
    for source in [
        ". ./common.sh",
        "source common.sh",
        ". \"$(dirname \"$0\")/common.sh\"",
        ". $(dirname $0)/common.sh",
        ". \"${0%/*}/common.sh\"",
        ". \"${BASH_SOURCE%/*}/common.sh\"",
        ". \"$(dirname \"${BASH_SOURCE[0]}\")/common.sh\"",
        ". \"$(dirname \"$(readlink -f \"$0\")\")/common.sh\"",
        ". \"$(cd \"$(dirname \"$0\")\" && pwd)/common.sh\"",
        ". \"$(cd -- \"$(dirname -- \"$0\")\" && pwd -P)/../ops/common.sh\"",
        "here=$(dirname \"$0\")\n. \"$here/common.sh\"",
        "readonly HERE=\"$(cd \"$(dirname \"$0\")/..\" && pwd)\"; LIB=$HERE/ops\n. \"${LIB}/common.sh\"",
        ". \"${LIB:-$(dirname \"$0\")}/common.sh\"",
        "[ -r ./common.sh ] && . ./common.sh",
    ] {
        let script = guarded(source);
        assert_eq!(found("srv/ops/deploy.sh", &script, &[("srv/ops/common.sh", BAIL)]), [], "{source}");
        let without = found("srv/ops/deploy.sh", &script, &[]);
        assert!(
            without.iter().all(|(_, code)| code != "NH301"),
            "a file that is missing may hold anything: {without:?}"
        );
    }
}

#[test]
fn a_file_that_does_not_guard_is_no_excuse() {
    let said = "bail() { echo \"$1\" >&2; }\n";
    let script = guarded(". ./common.sh");
    let found = found("srv/ops/deploy.sh", &script, &[("srv/ops/common.sh", said)]);
    assert_eq!(found, [told(6, "NH302")]);
}

#[test]
fn the_tree_of_a_package_and_the_root_of_a_project_are_looked_into() {
    let package = [("build/app/usr/lib/app/functions", BAIL)];
    assert_eq!(found("build/app/usr/sbin/app-switch", &guarded(". /usr/lib/app/functions"), &package), []);
    let project = [("repo/lib/common.sh", BAIL)];
    assert_eq!(found("repo/deploy/bin/run.sh", &guarded(". lib/common.sh"), &project), []);
    // The root of this host is another host's.
    let here = [("/usr/lib/app/functions", "bail() { :; }\n")];
    assert!(found("/srv/run.sh", &guarded(". /usr/lib/app/functions"), &here).is_empty());
}

#[test]
fn what_the_file_sets_counts() {
    let script = "#!/bin/sh\n# noharm: role=deploy\n. ./common.sh\nnginx -t\nsed -i s/a/b/ /etc/nginx/nginx.conf\nnginx -t\n\
                  systemctl restart nginx\nrm -rf \"$STAGE\"/*\n";
    assert_eq!(found("deploy.sh", script, &[("common.sh", "set -e\nSTAGE=/srv/stage\n")]), []);
    assert_eq!(
        found("deploy.sh", script, &[("common.sh", "STAGE=\n")]),
        [told(7, "NH302"), told(8, "NH501")],
        "no errexit, and nothing in the variable"
    );
}

#[test]
fn return_leaves_the_file_alone() {
    let script = "#!/bin/sh\n. ./common.sh || exit 1\nsed -i s/a/b/ /etc/nginx/nginx.conf\nsystemctl restart nginx\n";
    let left = "[ -n \"$LOADED\" ] && return 0\nLOADED=1\n";
    assert_eq!(found("deploy.sh", script, &[("common.sh", left)]), [told(4, "NH301")]);
    assert_eq!(found("deploy.sh", script, &[("common.sh", "exit 0\n")]), []);
}

#[test]
fn a_hazard_of_the_file_is_told_where_the_file_is_checked() {
    let library = "restart_web() { systemctl restart nginx; }\ninstall_conf() { cp new /etc/nginx/nginx.conf; }\n";
    let files = [("common.sh", library)];
    // The file overwrites and restarts; whoever calls it made neither a hazard.
    assert_eq!(found("deploy.sh", "#!/bin/sh\n. ./common.sh\ninstall_conf\n", &files), []);
    // Here the script writes what the function restarts into: at its call.
    let script = "#!/bin/sh\n. ./common.sh\nnginx -t || exit 1\nrestart_web\nsed -i s/a/b/ /etc/nginx/nginx.conf\n\
                  restart_web\n";
    assert_eq!(found("deploy.sh", script, &files), [told(6, "NH301")]);
}

#[test]
fn files_source_files() {
    let files = [("lib/all.sh", ". \"$(dirname \"${BASH_SOURCE[0]}\")/bail.sh\"\n. ./all.sh\n"), ("lib/bail.sh", BAIL)];
    assert_eq!(found("deploy.sh", &guarded(". ./lib/all.sh"), &files), [], "and one that sources itself ends");
}

#[test]
fn a_function_that_hands_on_is_followed_from_the_file() {
    let script = "#!/bin/sh\n. ./common.sh\nsed -i s/a/b/ /etc/nginx/nginx.conf\nas_root nginx -t || exit 1\n\
                  as_root systemctl restart nginx\n";
    assert_eq!(found("deploy.sh", script, &[("common.sh", "as_root() { sudo -n \"$@\"; }\n")]), []);
}

#[test]
fn settings_are_the_host_s_own() {
    let script = "#!/bin/sh\n. /etc/default/app\nrm -rf \"$STAGE\"/*\n";
    let files = [("pkg/etc/default/app", "STAGE=/srv/stage\n")];
    assert_eq!(found("pkg/usr/sbin/app", script, &files), [told(3, "NH501")]);
    let script = script.replace("/etc/default/app", "\"$(dirname \"$0\")/app.env\"");
    assert_eq!(
        found("pkg/usr/sbin/app", &script, &[("pkg/usr/sbin/app.env", "STAGE=/srv/stage\n")]),
        [told(3, "NH501")]
    );
}

#[test]
fn a_default_in_front_of_settings_decides_nothing() {
    let script = |settings: &str| {
        format!("#!/bin/sh\nENABLED=no\n{settings}\n[ \"$ENABLED\" = yes ] || exit 0\nrm -rf \"$STAGE\"/*\n")
    };
    for settings in [". /etc/default/app", "[ -r /etc/default/app ] && . /etc/default/app"] {
        assert_eq!(found("sbin/app", &script(settings), &[]), [told(5, "NH501")], "{settings}");
    }
    // A library of functions leaves the variables alone, and so does a file that was read.
    assert_eq!(found("sbin/app", &script(". /lib/lsb/init-functions"), &[]), []);
    assert_eq!(found("sbin/app", &script(". ./bail.sh"), &[("sbin/bail.sh", BAIL)]), []);
    let sets = [("sbin/app.env", "ENABLED=yes\n")];
    assert_eq!(found("sbin/app", &script(". ./app.env"), &sets), [told(5, "NH501")]);
}

#[test]
fn the_nearest_file_is_taken_whatever_was_read_before() {
    let script = guarded(". ../lib/common.sh\n. lib/common.sh");
    let near = "bail() { echo \"$1\" >&2; }\n";
    let files = [("repo/lib/common.sh", BAIL), ("repo/a/lib/common.sh", near)];
    assert_eq!(found("repo/a/run.sh", &script, &files), [told(7, "NH302")]);
}
