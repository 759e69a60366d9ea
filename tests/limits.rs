//! What an analysis gives up on is said: a script in which a limit on the work is met is not complete.
//!
//! Each shape is checked twice: small, where nothing is given up, and so large that only the limit under test is met.

use noharm::config::Settings;
use noharm::finding::Confidence;
use noharm::source::{MemoryLoader, Source};

fn is_complete(text: &str) -> bool {
    let source = Source::new("limits.sh", text.as_bytes().to_vec()).expect("small");
    noharm::check(&source, &Settings::default(), &MemoryLoader::default()).complete
}

/// The codes of what is found in a script, surely or not.
fn codes(text: &str) -> Vec<String> {
    let source = Source::new("limits.sh", text.as_bytes().to_vec()).expect("small");
    let settings = Settings { min_confidence: Confidence::Low, ..Settings::default() };
    let report = noharm::check(&source, &settings, &MemoryLoader::default());
    report.findings.iter().map(|finding| finding.code.to_string()).collect()
}

/// A line for each number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|number| line(number) + "\n").collect()
}

/// Variables that texts which nobody knows may have set.
fn overridden(variables: usize, texts: usize) -> String {
    lines(variables, |n| format!("v{n}=text")) + &lines(texts, |_| "eval \"$x\"".to_owned())
}

#[test]
fn guesses_that_are_not_granted_are_said() {
    assert!(is_complete(&overridden(20, 20)));
    assert!(!is_complete(&overridden(640, 420)));
}

/// Services of which each is started again, but not on every way.
fn owed(services: usize) -> String {
    lines(services, |n| format!("systemctl stop s{n}\ntar xf {n}.tar || exit 1\nsystemctl start s{n}"))
}

#[test]
fn debts_that_are_not_followed_to_the_end_are_said() {
    assert!(is_complete(&owed(20)));
    assert!(!is_complete(&owed(750)));
}

/// A directory that is made again and again, and removed far behind.
fn removed(times: usize, between: usize) -> String {
    "mkdir /srv/data\n".repeat(times) + &":\n".repeat(between) + "rmdir /srv/data\n"
}

#[test]
fn removals_that_are_not_looked_for_to_the_end_are_said() {
    assert!(is_complete(&removed(20, 20)));
    assert!(!is_complete(&removed(600, 2000)));
}

#[test]
fn a_function_that_calls_itself_with_ever_new_names_is_said() {
    assert!(is_complete("walk() { mkdir \"$1\"; [ -z \"$2\" ] || walk \"$1\"; }\nwalk /srv\n"));
    assert!(!is_complete("walk() { mkdir \"$1\"; walk \"$1/x\"; }\nwalk /srv\n"));
}

/// What a loop puts together of what it had before is a part of itself, inside the function and behind its call.
#[test]
fn what_a_loop_puts_together_of_itself_is_followed_to_an_end() {
    let looped = "grow() { x=a; while read -r y; do y=\"$x/$y\"; x=$y; done; }\n";
    assert!(is_complete(&format!("{looped}grow\nrm -rf \"$x\"/*\n")));
}

/// Functions that do something under a flag which their caller has asked for.
fn flagged(functions: usize) -> String {
    lines(functions, |n| {
        let asked = "[ \"$mode\" = disk ]";
        format!(
            "add{n}() {{ if {asked}; then parted /dev/d{n} mkpart data 1MiB 100%; fi; }}\n\
             if {asked}; then parted /dev/d{n} mklabel gpt; fi\nadd{n}"
        )
    })
}

#[test]
fn flags_that_are_not_followed_into_functions_are_said() {
    assert!(is_complete(&format!("mode=$1\n{}", flagged(6))));
    assert!(!is_complete(&format!("mode=$1\n{}", flagged(80))));
}

/// A function with a loop over a few names that writes many files of each.
fn copied(files: usize) -> String {
    let copies = lines(files, |n| format!("  [ -e /etc/$name/f{n}.conf ] || cp f{n} /etc/$name/f{n}.conf"));
    format!("put() {{\nfor name in app web db; do\n{copies}done\n}}\nput\n")
}

#[test]
fn facts_that_depend_on_the_entry_and_are_not_remembered_are_said() {
    assert!(is_complete(&copied(6)));
    assert!(!is_complete(&copied(100)));
}

/// A directory that is filled by the calls of a function, where it was found empty.
fn filled(calls: usize) -> String {
    let calls = lines(calls, |n| format!("  put f{n}"));
    format!("put() {{ cp \"$1\" \"/srv/app/$1\"; }}\nif [ -z \"$(ls -A /srv/app)\" ]; then\n{calls}fi\n")
}

#[test]
fn fills_that_are_not_remembered_are_said() {
    assert!(is_complete(&filled(20)));
    assert!(!is_complete(&filled(1100)));
}

/// A mount that is taken away in many places.
fn taken_away(times: usize) -> String {
    "mount --bind /data /srv/data\n".to_owned() + &lines(times, |_| "[ -z \"$1\" ] || umount /srv/data".to_owned())
}

#[test]
fn places_that_take_something_away_and_are_not_followed_are_said() {
    assert!(is_complete(&taken_away(10)));
    assert!(!is_complete(&taken_away(40)));
}

/// A list of names in a variable.
fn listed(words: usize) -> String {
    let names: Vec<String> = (0..words).map(|n| format!("/srv/d{n}")).collect();
    format!("list=\"{}\"\nfor name in $list; do rm -rf \"$name\"; done\n", names.join(" "))
}

#[test]
fn lists_whose_words_are_not_told_apart_are_said() {
    assert!(is_complete(&listed(10)));
    assert!(!is_complete(&listed(1000)));
}

#[test]
fn functions_that_hand_on_to_each_other_come_to_an_end() {
    let itself = "run() { \"$@\" || run echo failed; }\nrun nginx -t\n";
    let other = "a() { \"$@\" || b x; }\nb() { \"$@\" || a y; }\na nginx -t\n";
    let one = |number: usize| {
        let inner = number.saturating_sub(1);
        format!("r{number}() {{ \"$@\" || r{inner} r{inner} r{inner} x; }}")
    };
    let many = format!("r0() {{ \"$@\" || exit 1; }}\n{}r29 nginx -t\n", lines(30, one));
    for text in [itself, other, &many] {
        let source = Source::new("example.bash", text.as_bytes().to_vec()).expect("small");
        noharm::check(&source, &Settings::default(), &MemoryLoader::default());
    }
}

/// Functions that call each other in a ring, entered at any of them, behind a write or not.
fn ring(functions: usize) -> String {
    let arms: Vec<String> = (2..=functions).rev().map(|n| format!("m{n}) a{n} ;;\n")).collect();
    let calls: Vec<String> = (1..functions).map(|n| format!("a{n}() {{ a{}; }}\n", n + 1)).collect();
    let write = "*) cat new.conf > /etc/nginx/nginx.conf; a1 ;;";
    let last = format!("a{functions}() {{ systemctl restart nginx; [ -n \"$again\" ] && f; }}");
    let (arms, calls) = (arms.concat(), calls.concat());
    format!("f() {{ case \"$mode\" in\n{arms}{write} esac; }}\n{calls}{last}\nf\n")
}

#[test]
fn what_holds_at_entries_is_followed_around_rings_of_calls() {
    for functions in [4, 9, 12, 60] {
        assert!(codes(&ring(functions)).contains(&"NH301".to_owned()), "{functions}");
    }
}

/// Services that are stopped and started again, each where it is there.
fn asked_twice(services: usize) -> String {
    let each =
        |action: &str| lines(services, |n| format!("if [ -x /etc/init.d/a{n} ]; then /etc/init.d/a{n} {action}; fi"));
    format!("{}rotate\n{}", each("stop"), each("start"))
}

#[test]
fn answers_that_are_not_followed_are_said() {
    let text = asked_twice(40);
    assert!(is_complete(&text));
    assert_eq!(codes(&text), Vec::<String>::new());
    assert!(!is_complete(&asked_twice(140)));
}

/// Variables of which tests ask which text they hold.
fn asked_texts(variables: usize) -> String {
    lines(variables, |n| format!("v{n}=a\n[ -z \"$1\" ] || v{n}=b\n[ \"$v{n}\" = a ] && echo x"))
}

#[test]
fn variables_that_are_not_followed_are_said() {
    assert!(is_complete(&asked_texts(200)));
    assert!(!is_complete(&asked_texts(280)));
}

#[test]
fn traps_that_are_not_followed_are_said() {
    let traps = |count| lines(count, |n| format!("trap 'rm -f /tmp/x{n}' EXIT"));
    assert!(is_complete(&traps(20)));
    assert!(!is_complete(&traps(40)));
}

/// A loop over a few names that writes many files of each.
fn of_each(files: usize) -> String {
    let copies = lines(files, |n| format!("  [ -e /etc/$name/f{n}.conf ] || cp f{n}.conf /etc/$name/f{n}.conf"));
    format!("for name in a b c d e f g h; do\n{copies}done\n")
}

#[test]
fn facts_of_what_a_value_may_be_that_are_not_followed_are_said() {
    assert!(is_complete(&of_each(10)));
    assert!(!is_complete(&of_each(60)));
}

/// A function that hands on what its callers say.
fn handed_on(calls: usize) -> String {
    let function = "on() { host=$1; shift; ssh -n \"$host\" \"$@\"; }\n";
    function.to_owned() + &lines(calls, |n| format!("on db{n} -o ConnectTimeout=5 uptime"))
}

#[test]
fn callers_that_are_not_heard_are_said() {
    assert!(is_complete(&handed_on(100)));
    assert!(!is_complete(&handed_on(140)));
}

/// A variable that gathers many files.
fn gathered(files: usize) -> String {
    lines(files, |n| format!("v=\"$v $(cat /etc/app/f{n})\"")) + "echo \"$v\" > /etc/app/all\n"
}

#[test]
fn files_that_are_not_followed_into_variables_are_said() {
    assert!(is_complete(&gathered(20)));
    assert!(!is_complete(&gathered(70)));
}

/// A file that is written with what was read from it, through a chain of variables in each turn of a loop.
fn handed_around(variables: usize) -> String {
    let chain = lines(variables, |n| format!("v{n}=$v{}", n + 1));
    let (read, write) = ("n=$(cat /etc/app/next)", "echo \"$v0\" > /etc/app/next");
    format!("while read -r x; do\n{read}\n{chain}v{variables}=$n\n{write}\ndone\n")
}

#[test]
fn chains_of_variables_are_followed_to_their_ends() {
    assert_eq!(codes(&handed_around(2)), codes(&handed_around(9)));
}

/// A failure that is told in many lines before the end.
fn told(messages: usize) -> String {
    let says = lines(messages, |n| format!("echo \"line {n}\""));
    format!("set -e\n/opt/app/export > key\nrc=$?\n{says}if [ \"$rc\" -ne 0 ]; then\n{says}exit 1\nfi\n")
}

#[test]
fn a_long_message_is_a_message() {
    assert!(!codes(&told(2)).is_empty());
    assert_eq!(codes(&told(2)), codes(&told(20)));
}

#[test]
fn definitions_that_a_call_is_not_followed_to_are_said() {
    let defined = |times| lines(times, |_| "f() { echo a; }\nf".to_owned());
    assert!(is_complete(&defined(10)));
    assert!(!is_complete(&defined(40)));
}

#[test]
fn headers_are_read_for_as_many_copies_as_there_are() {
    let header = "# This file is generated by app-setup. Do not edit.";
    let copies =
        |count| lines(count, |n| format!("cat > /tmp/t <<E\n{header}\nn = {n}\nE\ncp /tmp/t /etc/app/{n}.conf"));
    assert_eq!(codes(&copies(2)), codes(&copies(40)));
}

#[test]
fn removals_by_many_patterns_are_looked_at() {
    let removed = |count| lines(count, |n| format!("rm -- a{n}*"));
    let made = |count| lines(count, |n| format!("echo x > a{n}b"));
    let by_pattern = |text: &str| codes(text).len();
    assert_eq!(by_pattern(&(made(40) + &removed(40))), 0);
}
