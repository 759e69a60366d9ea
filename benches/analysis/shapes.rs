//! Scripts by shape and length.

use std::fmt::Write as _;

/// A script of about so many lines.
pub type Make = fn(usize) -> String;

/// All shapes by name.
pub const ALL: &[(&str, Make)] = &[
    ("straight", straight),
    ("branches", branches),
    ("nested", nested),
    ("flags", flags),
    ("loops", loops),
    ("exits", exits),
    ("chain", chain),
    ("calls", calls),
    ("functions", functions),
    ("captures", captures),
    ("files", files),
    ("one-file", one_file),
    ("cases", cases),
    ("debts", debts),
    ("traps", traps),
    ("pipes", pipes),
    ("diamonds", diamonds),
    ("loop-traps", loop_traps),
    ("deep", deep),
    ("heredocs", heredocs),
    ("waits", waits),
    ("agents", agents),
    ("helpers", helpers),
    ("statuses", statuses),
    ("one-loop", one_loop),
    ("one-agent", one_agent),
    ("mistakes", mistakes),
    ("changes", changes),
    ("patterns", patterns),
    ("tries", tries),
];

/// Pieces with a number each, until there are enough lines.
fn repeated(lines: usize, piece: impl Fn(usize, &mut String)) -> String {
    let mut text = String::from("#!/bin/bash\n");
    let mut count = 1;
    for number in 0.. {
        if count >= lines {
            break;
        }
        let before = text.len();
        piece(number, &mut text);
        count += text[before..].matches('\n').count();
    }
    text
}

/// Adds lines; writing to a `String` cannot fail.
macro_rules! lines {
    ($text:expr, $($line:expr)*) => {{ $( let _ = writeln!($text, $line); )* }};
}

/// Files, services and directories one after the other, under errexit.
fn straight(lines: usize) -> String {
    repeated(lines, |n, text| {
        let (name, file, service, directory) = (n % 200, n % 500, n % 50, n % 300);
        lines!(text,
            "set -e"
            "name{name}=value{n}"
            "cp /usr/share/app/file{file} /etc/app/file{file}"
            "systemctl restart svc{service}"
            "mkdir -p /var/lib/app/d{directory}"
            "echo done >> /var/log/app.log"
        );
    })
}

/// One `if` after the other.
fn branches(lines: usize) -> String {
    repeated(lines, |n, text| {
        let (file, word, name) = (n % 500, n % 100, n % 300);
        lines!(text,
            "if [ -f /etc/app/f{file} ]; then"
            "  if grep -q x{word} /etc/app/f{file}; then"
            "    rm /etc/app/f{file}"
            "  else"
            "    v{name}=1"
            "  fi"
            "elif test -d /opt/app; then"
            "  cp a /etc/app/g{file}"
            "fi"
        );
    })
}

/// Sixty `if`s inside each other, over and over.
fn nested(lines: usize) -> String {
    repeated(lines, |_, text| {
        for depth in 0..60 {
            lines!(text, "if [ -f /etc/n{depth} ]; then");
        }
        lines!(text, "rm -rf /srv/data");
        for depth in (0..60).rev() {
            lines!(text, "else" "  touch /etc/n{depth}" "fi");
        }
    })
}

/// Thirty-two flags that are set under checks and tested later. What is asked more than once is followed, so the shortest
/// script asks for each file more than once, too.
fn flags(lines: usize) -> String {
    repeated(lines, |n, text| {
        let (flag, file) = (n % 32, n % 40);
        lines!(text,
            "flag{flag}=no"
            "[ -e /etc/app/c{file} ] && flag{flag}=yes"
            "nginx -t && ok{flag}=yes"
            "if [ \"$flag{flag}\" = yes ]; then"
            "  mv new /etc/app/c{file}"
            "fi"
            "[ \"$ok{flag}\" = yes ] || exit 1"
            "systemctl reload nginx"
        );
    })
}

/// Loops inside loops, left in the middle.
fn loops(lines: usize) -> String {
    repeated(lines, |n, text| {
        let (host, file) = (n % 50, n % 300);
        lines!(text,
            "for x in a b c{host}; do"
            "  count=$((count + 1))"
            "  while ! ping -c1 host{host}; do"
            "    sleep 1"
            "    [ \"$count\" -gt 10 ] && break"
            "  done"
            "  cp \"$x\" /srv/data/d{file}"
            "done"
        );
    })
}

/// A new variable and two ways out in every piece: all of them meet at the end.
fn exits(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text,
            "var{n}=$(get {n})"
            "[ -n \"$var{n}\" ] || exit 1"
            "rm -rf \"/srv/$var{n}\" || {{ echo failed; exit 2; }}"
        );
    })
}

/// Functions that call each other 200 deep.
fn chain(lines: usize) -> String {
    repeated(lines, |n, text| {
        for depth in 0..200 {
            let (this, next, file) = (n * 200 + depth, n * 200 + depth + 1, depth % 50);
            lines!(text, "f{this}() {{" "  local file=\"$1\"" "  cp \"$file\" /etc/app/x{file}");
            if depth < 199 {
                lines!(text, "  f{next} \"$file.{depth}\" || return 1");
            }
            lines!(text, "  true" "}}");
        }
        let first = n * 200;
        lines!(text, "f{first} /tmp/a{n}");
    })
}

/// Fifty functions that are called again and again with other files.
fn calls(lines: usize) -> String {
    let mut text = String::new();
    for function in 0..50 {
        guarded(function, &mut text);
    }
    let calls = repeated(lines.saturating_sub(250), |n, text| {
        let (function, service) = (n % 50, n % 50);
        lines!(text, "g{function} /etc/a{n} /etc/b{n} svc{service} || echo no");
    });
    text + &calls
}

/// Many functions of fifty calls each.
fn functions(lines: usize) -> String {
    repeated(lines, |n, text| {
        guarded(n, text);
        for call in 0..50 {
            let (file, service) = ((n + call) % 400, call % 50);
            lines!(text, "g{n} /etc/a{file} /etc/b{file} svc{service} || echo no");
        }
    })
}

fn guarded(number: usize, text: &mut String) {
    lines!(text,
        "g{number}() {{"
        "  [ -f \"$1\" ] || return 1"
        "  cp \"$1\" \"$2\""
        "  systemctl restart \"$3\""
        "}}"
    );
}

/// Substitutions in assignments and tests.
fn captures(lines: usize) -> String {
    repeated(lines, |n, text| {
        let (name, service, process) = (n % 300, n % 60, n % 90);
        lines!(text,
            "out{name}=$(curl -s http://host/{n})"
            "if [ \"$(systemctl is-active s{service})\" = active ]; then"
            "  systemctl stop s{service}"
            "fi"
            "n=$(cat /proc/x | wc -l)"
            "[ -z \"$(pgrep p{process})\" ] && systemctl start s{service}"
        );
    })
}

/// Thousands of paths, guarded and written once each.
fn files(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text,
            "[ -e /etc/app/p{n}/conf ] || cp t /etc/app/p{n}/conf"
            "grep -q \"^k{n}=\" /etc/app/q{n} || echo \"k{n}=1\" >> /etc/app/q{n}"
            "mkdir /var/lib/z{n}"
            "ln -s /a{n} /b{n}"
        );
    })
}

/// Thousands of lines that are asked for in one file and added to it.
fn one_file(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text, "grep -q \"^net.k{n}=\" /etc/sysctl.conf || echo \"net.k{n}=1\" >> /etc/sysctl.conf");
    })
}

/// One `case` after the other.
fn cases(lines: usize) -> String {
    repeated(lines, |n, text| {
        let (name, word, service) = (n % 40, n % 7, n % 60);
        lines!(text,
            "case \"$v{name}\" in"
            "  start{word}) systemctl start s{service} ;;"
            "  stop|halt) systemctl stop s{service}; rm -f /run/s{service}.pid ;;"
            "  x*) mode=fast ;;"
            "  *) echo usage; exit 1 ;;"
            "esac"
        );
    })
}

/// A service that is stopped and started, with a way out between.
fn debts(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text, "systemctl stop app" "tar xf r{n}.tar || exit 1" "systemctl start app");
    })
}

/// EXIT traps, and texts of which nobody knows what they set.
fn traps(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text, "trap 'rm -f /tmp/x{n}' EXIT" "cp a{n} /etc/b{n}" "eval \"$x\"");
    })
}

/// Functions each of which calls the next one on two ways: by paths there are two to the power of their number.
fn diamonds(lines: usize) -> String {
    repeated(lines, |n, text| {
        for depth in 0..40 {
            let (this, next) = (n * 40 + depth, n * 40 + depth + 1);
            lines!(text, "d{this}() {{");
            if depth < 39 {
                lines!(text, "  if [ -f /srv/d{depth} ]; then" "    d{next} a" "  else" "    d{next} b" "  fi");
            }
            lines!(text, "  touch /srv/e{depth}" "}}");
        }
        let first = n * 40;
        lines!(text, "d{first}");
    })
}

/// Traps that are set anew in every turn of a loop.
fn loop_traps(lines: usize) -> String {
    repeated(lines, |n, text| {
        let file = n % 100;
        lines!(text,
            "for item in a b c; do"
            "  trap \"rm -f /srv/part{file}\" EXIT"
            "  tar xf \"$item.tar\" -C /srv/part{file} || continue"
            "  trap - EXIT"
            "done"
        );
    })
}

/// Two thousand `if`s inside each other, more than are read, over and over.
fn deep(lines: usize) -> String {
    repeated(lines, |_, text| {
        for depth in 0..2_000 {
            lines!(text, "if [ -f /etc/n{depth} ]; then");
        }
        lines!(text, "rm -rf /srv/data");
        for _ in 0..2_000 {
            lines!(text, "fi");
        }
    })
}

/// Fifty texts inside each other, each on the standard input of a shell, over and over.
fn heredocs(lines: usize) -> String {
    repeated(lines, |n, text| {
        for depth in 0..50 {
            lines!(text, "sh <<'E{depth}'" "cp a{n} /etc/h{depth}");
        }
        for depth in (0..50).rev() {
            lines!(text, "E{depth}");
        }
    })
}

/// A library, and a hundred scripts that source it and call it.
pub fn libraries(lines: usize) -> (String, Vec<String>) {
    let library = repeated(lines / 2, guarded);
    let functions = (lines / 2 / 5).max(1);
    let script = |number: usize| {
        let calls = repeated(lines / 200, |n, text| {
            let function = (number + n) % functions;
            lines!(text, "g{function} /etc/a{n} /etc/b{n} svc{n} || exit 1");
        });
        calls.replacen('\n', "\n. ./library.sh\n", 1)
    };
    (library, (0..100).map(script).collect())
}

/// Pipelines.
fn pipes(lines: usize) -> String {
    repeated(lines, |n, text| {
        let (database, file) = (n % 20, n % 300);
        lines!(text,
            "set -o pipefail"
            "pg_dump db{database} | gzip > /backup/d{file}.gz"
            "cat /etc/f{file} | sed s/a/b/ | tee /etc/g{file}"
        );
    })
}

/// What ends later than its command, with and without waiting for it.
fn waits(lines: usize) -> String {
    repeated(lines, |n, text| {
        let (service, job) = (n % 60, n % 40);
        lines!(text,
            "systemctl start s{service}"
            "sleep 5"
            "psql -c 'select {n}'"
            "worker {n} &"
            "echo $! > /run/w{job}.pid"
            "kill $(cat /run/w{job}.pid)"
            "rm -rf /srv/w{job}"
        );
    })
}

/// Actions in functions of their own, and a `case` that chooses among them, over and over.
fn agents(lines: usize) -> String {
    repeated(lines, agent)
}

fn agent(n: usize, text: &mut String) {
    lines!(text,
        "a{n}_status() {{"
        "  [ -f /run/a{n}.pid ] || return 7"
        "  kill -0 $(cat /run/a{n}.pid) || return 7"
        "  return 0"
        "}}"
        "a{n}_start() {{"
        "  a{n}_status && return 0"
        "  daemon{n} &"
        "  echo $! > /run/a{n}.pid"
        "  while ! a{n}_status; do sleep 1; done"
        "}}"
        "a{n}_stop() {{"
        "  a{n}_status || return 0"
        "  kill $(cat /run/a{n}.pid)"
        "  rm -f /run/a{n}.pid"
        "}}"
        "case \"$1\" in"
        "  start) a{n}_start ;;"
        "  stop) a{n}_stop ;;"
        "  status|monitor) a{n}_status ;;"
        "  *) echo usage; exit 3 ;;"
        "esac"
    );
}

/// One agent with all its actions in a long `case`, each of many steps.
fn one_agent(lines: usize) -> String {
    let mut text = String::from("#!/bin/sh\ncase \"$1\" in\n");
    for action in ["start", "stop", "monitor", "promote", "demote"] {
        lines!(text, "{action})");
        for n in 0..lines / 20 {
            let (file, service) = (n % 300, n % 50);
            lines!(text,
                "  [ -f /run/{action}{n}.pid ] || echo none"
                "  tool{n} --{action} /etc/app/f{file} || exit 1"
                "  systemctl {action} s{service}"
                "  rm /run/{action}{n}.pid"
            );
        }
        lines!(text, "  ;;");
    }
    lines!(text, "esac");
    text
}

/// Many functions that a few others are called by, and that call a few helpers.
fn helpers(lines: usize) -> String {
    let mut text = String::from("log() {\n  echo \"$1\" >&2\n}\nrun() {\n  \"$@\" || log \"failed: $*\"\n}\n");
    text += &repeated(lines.saturating_sub(6), |n, text| {
        lines!(text,
            "do{n}() {{"
            "  run cp /srv/{n} /etc/app/{n} || return 1"
            "  run systemctl restart app"
            "  log done"
            "}}"
            "do{n} || {{ log \"{n}\"; exit 1; }}"
        );
    });
    text
}

/// Statuses that are kept, asked and handed on.
fn statuses(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text,
            "pg_dump db{n} > /backup/{n}.sql"
            "rc=$?"
            "echo dumped"
            "if [ $rc -ne 0 ]; then"
            "  echo \"failed: $?\""
            "  exit $rc"
            "fi"
            "count=$(grep -c x /srv/{n})"
            "[ $? -eq 0 ] || status=1"
        );
    })
}

/// One loop around everything.
fn one_loop(lines: usize) -> String {
    let mut text = String::from("#!/bin/bash\nwhile true; do\n");
    for n in 0..lines / 5 {
        let (file, service) = (n % 500, n % 50);
        lines!(text,
            "[ -f /srv/{n} ] || continue"
            "cp /srv/{n} /etc/app/f{file}"
            "systemctl restart s{service} || break"
            "curl -sf http://host/{n} > /srv/out{n}"
            "sleep 1"
        );
    }
    lines!(text, "done");
    text
}

/// Mistakes of the kinds that fixes look around for: what is behind, what pays, which text is told, what else asks.
fn mistakes(lines: usize) -> String {
    let mut text = String::from("die() {\n  echo \"$1\" >&2\n  exit 1\n}\ntrap 'rm -f /run/app.pid' EXIT\n");
    text += &repeated(lines.saturating_sub(5), |n, text| {
        lines!(text,
            "[ \"$changed{n}\" = yes ] && service s{n} restart || service s{n} reload"
            "tar xf /srv/{n}.tar -C /srv/d{n}"
            "echo unpacked"
            "[ $? -eq 0 ] || die \"no {n}\""
            "curl -fsSL \"$url{n}\" | sudo sh"
            "df -P > /tmp/df{n}.txt"
            "mail -s disk root < /tmp/df{n}.txt"
            "fsfreeze -f /srv/data{n}"
            "rsync -a /srv/data{n}/ \"$copy\" || exit 1"
            "fsfreeze -u /srv/data{n}"
        );
    });
    text
}

/// Changes of a host that a second run doubles or trips over.
fn changes(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text,
            "iptables -A INPUT -p tcp --dport {n} -j ACCEPT"
            "useradd -r user{n}"
            "ln -s /srv/app{n} /srv/current{n}"
            "echo \"line {n}\" >> /etc/app/app{n}.conf"
            "mkdir /srv/new{n}"
            "ip addr add 192.0.2.{n} dev eth0"
        );
    })
}

/// Files that are made by a name and removed by a pattern.
fn patterns(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text,
            "fetch \"$name\" && touch \"$name.done{n}\""
            "rm -- *.done{n}"
            "[[ \" $known \" == *\" $name{n} \"* ]] || rm -f /srv/cache/*-{n}.tmp"
        );
    })
}

/// Tries that are used up, in functions that others ask.
fn tries(lines: usize) -> String {
    repeated(lines, |n, text| {
        lines!(text,
            "wait{n}() {{"
            "  n=0"
            "  while [ $n -lt 30 ]; do"
            "    pg_isready -q -p {n} && break"
            "    n=$((n + 1)); sleep 1"
            "  done"
            "}}"
            "wait{n} && systemctl start app{n}"
        );
    })
}
