//! What `noharm effects` shows: names as the script writes them, the file that is meant, what it is.

mod support;

use support::effects;

/// Each script with what is shown of it.
const SHOWN: &[(&str, &[&str])] = &[
    // A path below a working directory that is not known is what it is as written.
    (
        "cp tool chroot/bin\nls > chroot/bin/list\ncd /var/named\nrm -f chroot/etc/named.conf",
        &[
            "1 write replace: chroot/bin/tool, image, ok, []",
            "2 write truncate: chroot/bin/list, image, ok, []",
            "4 delete entry: chroot/etc/named.conf, config, ok, []",
        ],
    ),
    // A copy onto a directory is a copy into it.
    (
        "set -e\nd=$(mktemp -d)\ncp $1 $d\nmkdir -p /etc/frob\n\
         for f in one two; do [ -e /etc/frob/$f ] || cp /usr/share/frob/$f /etc/frob; done\n\
         [ -f /srv/y/passwd ] || cp -p /etc/passwd /srv/y\n\
         [ -f /srv/z/passwd ] || cp -p /etc/group /srv/z\n\
         cp a.conf /etc/",
        &[
            "2 create directory: temporary, object, duplicates, []",
            "3 write replace: $d/$1, scratch, ok, []",
            "4 create directory: /etc/frob, config, ok, []",
            "5 write replace: /etc/frob/$f, config, ok, [guarded not-removed-here identified absent asked renewed-here]",
            "6 write replace: /srv/y/passwd, unknown, ok, []",
            "7 write replace: /srv/z/group, unknown, ok, []",
            "8 write replace: /etc/a.conf, config, ok, [not-removed-here]",
        ],
    ),
    // What several words name is named by all of them.
    (
        "for d in /srv/a /srv/b; do dpkg-statoverride --update --add a a 0755 \"$d\"; done\n\
         iptables -t nat -I POSTROUTING -s \"$NET\" -o eth0 -j MASQUERADE\n\
         for f in a b; do ln -s \"/opt/$f\" \"$TARGET/\"; done",
        &[
            "1 create object: statoverride $d, object, fails, []",
            "1 write other: $d, unknown, fails, []",
            "2 create rule: iptables nat POSTROUTING -s $NET -o eth0 -j MASQUERADE, rule, duplicates, []",
            "3 create link: $TARGET/$f, image, fails, []",
        ],
    ),
    // Of several, the gravest.
    (
        "for d in /var/cache/frob /var/lib/frob; do rm -rf \"$d\"; done\n\
         for d in /tmp/frob /etc/frob; do rm -rf \"$d\"; done\n\
         for d in /tmp/frob /run/frob; do rm -rf \"$d\"; done",
        &[
            "1 delete tree: $d, state, ok, []",
            "2 delete tree: $d, config, ok, []",
            "3 delete tree: $d, scratch, ok, []",
        ],
    ),
    // What a variable is called says what it is where its value says nothing.
    (
        "conf_file=$1\nlog_file=$(pick)\nother=$2\n> \"$conf_file\"\n> \"${log_file}\"\n> \"$other\"\nrm -rf \"${conf_file%/*}\"",
        &[
            "4 write truncate: $conf_file, config, ok, [not-removed-here]",
            "5 write truncate: ${log_file}, log, ok, []",
            "6 write truncate: $other, unknown, ok, []",
            "7 delete tree: ${conf_file%/*}, unknown, ok, []",
        ],
    ),
    // What a file is called does not say what its directory is.
    (
        "R=$(dirname \"$PIDFILE\")\nrm -rf \"$R\"\nrm -f \"$PIDFILE\"",
        &["2 delete tree: $R, unknown, ok, []", "3 delete entry: $PIDFILE, lock, ok, []"],
    ),
    // Wherever the script set it, it is temporary.
    (
        "[ -f /etc/frob.conf ] || exit 1\nKEYFILE=$(mktemp)\ntrap \"rm -f $KEYFILE\" EXIT\nchmod 600 \"$KEYFILE\"",
        &[
            "2 create file: temporary, object, duplicates, []",
            "3 delete entry: $KEYFILE, scratch, ok, []",
            "4 write other: $KEYFILE, scratch, ok, []",
        ],
    ),
    // What goes into one archive is written once.
    (
        "tar -czf out.tar.gz etc var",
        &[
            "1 backup other: etc, unknown, ok, []",
            "1 write truncate: out.tar.gz, unknown, ok, []",
            "1 backup other: var, unknown, ok, []",
        ],
    ),
    // A service is called alike by its program and by its process-number file, which is written here too.
    (
        "start-stop-daemon --start -m --pidfile /run/frob.pid --exec /usr/sbin/frob\n\
         start-stop-daemon --stop --pidfile /run/frob.pid",
        &[
            "1 service start: frob, service, fails, [unwritten not-stopped-here no-failed-validation]",
            "1 write replace: /run/frob.pid, lock, fails, []",
            "2 service stop: frob, service, fails, [unwritten not-stopped-here no-failed-validation active]",
        ],
    ),
    // A link to a directory of the script's own.
    (
        "mkdir -p /srv/t/lib\nln -s /srv/t/lib /srv/t/link\nln -s /srv/t/other /srv/t/file",
        &[
            "1 create directory: /srv/t/lib, unknown, ok, []",
            "2 create link: /srv/t/link, unknown, nests, [not-removed-here]",
            "3 create link: /srv/t/file, unknown, fails, [not-removed-here]",
        ],
    ),
    // What a package's scripts ask and keep.
    (
        "ucf --debconf-ok /usr/share/frob/frob.conf /etc/frob/frob.conf\ndb_fset frob/q seen true\n\
         adduser --system --home /var/spool/frob frob\nmodprobe -r floppy\n\
         dpkg-deb --build p p.deb\ndpkg --root=\"$TARGET\" --install p.deb",
        &[
            "1 write in-place: /etc/frob/frob.conf, config, ok, []",
            "2 write other: setting debconf frob/q seen, object, ok, []",
            "3 create user: frob, user, ok, []",
            "3 create directory: /var/spool/frob, state, ok, []",
            "4 delete other: module floppy, object, ok, []",
            "5 write truncate: p.deb, unknown, ok, []",
            "6 create package: package p.deb $TARGET, object, ok, []",
        ],
    ),
    ("rm -f \"$KEYFILE\"", &["1 delete entry: $KEYFILE, secret, ok, []"]),
];

#[test]
fn effects_are_shown_as_meant() {
    for &(script, expected) in SHOWN {
        assert_eq!(effects("script.sh", script), expected, "{script}");
    }
}
