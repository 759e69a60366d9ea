//! What the shell's builtins leave in variables and parameters, as findings show it.

mod support;

use support::check_by_core;

/// The codes of the everyday rules found in a script that runs in a failover.
fn codes(body: &str) -> Vec<String> {
    let text = format!("#!/bin/bash\n# noharm: role=failover\n{body}\n");
    check_by_core("hook.sh", &text).into_iter().map(|found| found.code).collect()
}

#[test]
fn what_a_builtin_reads_is_not_what_was_there() {
    for reads in ["mapfile -t d < list", "readarray -t d < list", "read -r d", "read -t 5 -r d", "read -rp 'dir? ' d"] {
        assert_eq!(codes(&format!("d=/srv/cache\n{reads}\nrm -rf \"$d/\"*")), ["NH501"], "{reads}");
    }
    assert_eq!(codes("REPLY=/srv/cache\nread -r\nrm -rf \"$REPLY/\"*"), ["NH501"]);
}

#[test]
fn options_and_their_arguments_are_no_variables() {
    for reads in ["mapfile -t other < list", "mapfile -n 5 other < list", "read -a other", "unset -f d"] {
        assert!(codes(&format!("d=/srv/cache\n{reads}\nrm -rf \"$d/\"*")).is_empty(), "{reads}");
    }
}

#[test]
fn a_function_that_is_unset_leaves_the_variable_of_its_name() {
    let leaves = "[ \"$check\" = no ] && exit 0\nrm -rf \"$d/\"*";
    assert!(codes(&format!("check=no\nunset -f check\n{leaves}")).is_empty());
    assert_eq!(codes(&format!("check=no\nunset check\n{leaves}")), ["NH501"]);
}

#[test]
fn a_shift_beyond_all_numbers_is_no_fault() {
    for shifts in ["shift 1\nshift 4294967295", "shift 4294967295"] {
        // Which parameter that is, is not known any more; that it is said without a panic is the point.
        codes(&format!("{shifts}\nrm -rf \"$1/\"* \"${{4294967295}}/\"*"));
    }
}

#[test]
fn ssh_options_that_stand_together_hide_no_command() {
    for options in ["-q -o BatchMode=yes", "-qo BatchMode=yes", "-qp22", "-Tp 22"] {
        let found = codes(&format!("ssh {options} host 'cp a /etc/nginx/nginx.conf; systemctl restart nginx'"));
        assert_eq!(found, ["NH101", "NH301"], "{options}");
    }
}

#[test]
fn parameters_that_are_handed_on_keep_their_numbers() {
    let wipes = "wipe() { rm -rf \"$1/\"*; }";
    assert!(codes(&format!("{wipes}\nmain() {{ wipe \"$@\"; }}\nmain /srv/cache")).is_empty());
    assert!(codes(&format!("{wipes}\nmain() {{ shift; wipe \"$@\"; }}\nmain -f /srv/cache")).is_empty());
    assert_eq!(codes(&format!("{wipes}\nmain() {{ wipe \"$@\"; }}\nmain \"$DIR\" /srv/cache")), ["NH501"]);
    let asked = "[ -n \"$1\" ] || exit 1";
    assert!(codes(&format!("{wipes}\n{asked}\nwipe \"$@\"")).is_empty(), "asked before it was handed on");
}
