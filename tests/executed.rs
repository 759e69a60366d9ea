//! Fixes that are run: each example of `tests/data/executed.toml` is mended, and both texts run in scratch directories.
//!
//! Commands that would change this machine are stubs on PATH that write down how they were called and keep a little
//! state; what runs without rights runs as it is. Paths of the system are those of the scratch directory.
//!
//! * `again`: what runs twice. Both texts do the same the first time; the second time the old one fails, or changes what
//!   is there, and the new one does neither.
//! * `harm` and `spared`: what happens in the one run that goes wrong. A question in shell says of the old text that
//!   the harm is done, and another of the new one that it is not.
//! * `fine`: the preparations under which nothing goes wrong. Both texts succeed then, and leave the same.

mod support;

use noharm::config::Settings;
use noharm::finding::Applicability;
use noharm::rules::ExampleKind;
use noharm::source::{MemoryLoader, Source};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{files, root, same_or_update};

/// The directories of the system that scripts name; in a run they are those of the scratch directory.
const SYSTEM: [&str; 5] = ["/srv/", "/etc/", "/var/", "/run/", "/opt/"];

/// How long a text may take that comes to its end, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long it takes to see that one does not.
const GLANCE: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The rule whose fix it is.
    code: String,
    /// What the script is called.
    #[serde(default = "usual_name")]
    file: String,
    /// What has the finding.
    script: String,
    /// What it is given.
    #[serde(default)]
    arguments: Vec<String>,
    /// Commands that are not run as they are, by name.
    #[serde(default)]
    stubs: BTreeMap<String, String>,
    /// Preparations, in shell.
    #[serde(default)]
    before: String,
    /// Whether it is about a second run.
    #[serde(default)]
    again: bool,
    /// True after the old text has run, with `$status` as it ended.
    harm: Option<String>,
    /// True after the new one has.
    spared: Option<String>,
    /// Preparations with which nothing goes wrong; behind those of `before`.
    fine: Option<String>,
}

fn usual_name() -> String {
    "example.sh".to_owned()
}

/// A scratch directory with what a case needs.
struct Scratch {
    top: tempfile::TempDir,
    arguments: Vec<String>,
}

/// What there is after a run: the texts of all files, by path, and the links.
type State = BTreeMap<String, String>;

impl Scratch {
    fn of(case: &Case, more: &str) -> Self {
        let top = tempfile::tempdir().expect("a directory");
        for name in ["srv", "etc", "var", "run", "opt", "bin", "state"] {
            fs::create_dir(top.path().join(name)).expect("made");
        }
        for (name, body) in &case.stubs {
            let text = format!("#!/bin/sh\necho \"{name} $*\" >> \"$ROOT/calls\"\n{body}\n");
            let path = top.path().join("bin").join(name);
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
        }
        fs::write(top.path().join("calls"), "").expect("written");
        let scratch = Self { top, arguments: case.arguments.clone() };
        assert_eq!(scratch.run(&format!("set -e\n{}\n{more}", case.before)), 0, "the preparations of {}", case.code);
        scratch
    }

    /// Runs a text and gives its status.
    fn run(&self, text: &str) -> i32 {
        self.run_for(text, PATIENCE)
    }

    /// Runs a text and gives its status; 124 where it does not end in time.
    fn run_for(&self, text: &str, limit: Duration) -> i32 {
        let top = self.top.path();
        let script =
            SYSTEM.iter().fold(text.to_owned(), |text, path| text.replace(path, &format!("{}{path}", top.display())));
        let path = top.join("script");
        fs::write(&path, &script).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
        // By its first line, options included, where it has one.
        let mut command = if script.starts_with("#!") { Command::new(&path) } else { Command::new("sh") };
        if !script.starts_with("#!") {
            command.arg(&path);
        }
        let mut child = command
            .args(&self.arguments)
            .current_dir(top.join("srv"))
            .env_clear()
            .env("PATH", format!("{}/bin:/usr/sbin:/usr/bin:/sbin:/bin", top.display()))
            .env("ROOT", top)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait().expect("is a child") {
                return status.code().unwrap_or(128);
            }
            if started.elapsed() > limit {
                child.kill().expect("is a child");
                child.wait().expect("is a child");
                return 124;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether a question in shell is answered with yes, after a run that ended with a status.
    fn says(&self, question: &str, status: i32) -> bool {
        let calls = fs::read(self.top.path().join("calls")).expect("read");
        let yes = self.run(&format!("status={status}\n{question}")) == 0;
        // What a question runs is no call of the script.
        fs::write(self.top.path().join("calls"), calls).expect("written");
        yes
    }

    /// What there is, but for how it was come to.
    fn state(&self) -> State {
        let top = self.top.path();
        let own = |path: &Path| !["calls", "script"].iter().any(|name| path == top.join(name));
        files(top).into_iter().filter(|path| own(path)).map(|path| self.entry(&path)).collect()
    }

    fn entry(&self, path: &Path) -> (String, String) {
        let name = path.strip_prefix(self.top.path()).unwrap_or(path).to_string_lossy().into_owned();
        let text = match fs::read_link(path) {
            Ok(target) => format!("link to {}", target.display()),
            Err(_) => String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned(),
        };
        (name, text.replace(&self.top.path().display().to_string(), ""))
    }
}

fn cases() -> Vec<Case> {
    let text = fs::read_to_string(root().join("tests/data/executed.toml")).expect("is there");
    toml::from_str::<Cases>(&text).expect("is as it should be").case
}

/// The text with its fixes, and whether all of them are safe.
fn mended(case: &Case) -> Result<(String, bool), String> {
    let source = Source::new(&*case.file, case.script.clone().into_bytes()).expect("small");
    let (settings, loader) = (Settings::default(), MemoryLoader::default());
    let mend = |allowed| noharm::mend(&source, &settings, &loader, allowed);
    let both = mend(Applicability::Unsafe);
    if !both.mended.iter().any(|code| **code == case.code) {
        let found = noharm::check(&source, &settings, &loader).findings;
        let found: Vec<&str> = found.iter().map(|finding| &*finding.code).collect();
        return Err(format!("it is not mended: found {found:?}, {:?}", both.held_back));
    }
    let safe = mend(Applicability::Safe).source.bytes() == both.source.bytes();
    Ok((String::from_utf8_lossy(both.source.bytes()).into_owned(), safe))
}

/// What is wrong with a second run.
fn run_again(case: &Case, new: &str) -> Vec<String> {
    let mut trouble = Vec::new();
    let twice = |text: &str| {
        let scratch = Scratch::of(case, "");
        let first = (scratch.run(text), scratch.state());
        (first, (scratch.run(text), scratch.state()))
    };
    let (old_first, old_second) = twice(&case.script);
    let (new_first, new_second) = twice(new);
    if old_first.0 != 0 || old_first != new_first {
        trouble.push(format!("the first runs differ or fail: {old_first:?}, and with the fix {new_first:?}"));
    }
    if old_second == old_first {
        trouble.push("a second run of the old text does no harm".to_owned());
    }
    if new_second != new_first {
        trouble.push(format!("the second run does harm with the fix: {new_second:?} behind {new_first:?}"));
    }
    trouble
}

/// What is wrong with the one run.
fn run_once(case: &Case, new: &str) -> Vec<String> {
    let mut trouble = Vec::new();
    // Of a text whose harm is that it does not end, no more has to be seen.
    let limit = if case.harm.as_ref().is_some_and(|harm| harm.contains("124")) { GLANCE } else { PATIENCE };
    let runs = [(&*case.script, &case.harm, "old", limit), (new, &case.spared, "new", PATIENCE)];
    for (text, question, whose, limit) in runs {
        let Some(question) = question else { continue };
        let scratch = Scratch::of(case, "");
        let status = scratch.run_for(text, limit);
        if !scratch.says(question, status) {
            let calls = fs::read_to_string(scratch.top.path().join("calls")).unwrap_or_default();
            trouble.push(format!(
                "the {whose} text ended with {status}: not `{question}`; {calls:?} {:?}",
                scratch.state()
            ));
        }
    }
    if let Some(fine) = &case.fine {
        let all = |text: &str| {
            let scratch = Scratch::of(case, fine);
            (scratch.run(text), scratch.state())
        };
        let (old, new) = (all(&case.script), all(new));
        if old.0 != 0 || old != new {
            trouble.push(format!("where nothing goes wrong: {old:?}, and with the fix {new:?}"));
        }
    }
    trouble
}

#[test]
fn fixes_do_in_a_run_what_they_promise() {
    let mut trouble = Vec::new();
    for case in cases() {
        let place = |problem: &str| format!("{}: {problem}\n{}", case.code, case.script);
        let (new, safe) = match mended(&case) {
            Ok(mended) => mended,
            Err(problem) => {
                trouble.push(place(&problem));
                continue;
            }
        };
        let mut problems = if case.again { run_again(&case, &new) } else { run_once(&case, &new) };
        if !case.again && (case.harm.is_none() || case.spared.is_none()) {
            problems.push("nothing is asked of it".to_owned());
        }
        if safe && !case.again && case.fine.is_none() {
            problems.push("a safe fix leaves what there was, where nothing goes wrong: say `fine`".to_owned());
        }
        trouble.extend(problems.iter().map(|problem| place(&format!("{problem}\n--- with the fix:\n{new}---"))));
    }
    assert!(trouble.is_empty(), "\n{}\n", trouble.join("\n"));
}

/// Which rules have a fix, how far it can be trusted, and what shows that it is right.
fn table(cases: &[Case]) -> String {
    let mut text = "\
# Fixes

Generated by `NOHARM_UPDATE=1 cargo test --test executed`. *By analysis*: examples on the rule's page that show what the
fix makes of them. Of these, and of every other example and fixture, `tests/properties.rs` shows that the mended script
reads whole, that the finding is gone and none is new, that other bytes stay, and that a second round changes nothing;
`.ci/fixes` shows it of some thousand real scripts. *By execution*: examples that `tests/executed.rs` runs, before and after.

| Code | Rule | Applicability | By analysis | By execution |
| --- | --- | --- | --- | --- |
"
    .to_owned();
    let (mut fixable, mut run) = (0, 0);
    for rule in noharm::rules::all() {
        let Some(applicability) = rule.fixable() else { continue };
        let word = if applicability == Applicability::Safe { "safe" } else { "unsafe" };
        let shown = rule.examples().iter().filter(|example| example.kind == ExampleKind::Fixed).count();
        let executed = cases.iter().filter(|case| case.code == *rule.code).count();
        fixable += 1;
        run += usize::from(executed > 0);
        let count = |number: usize| if number == 0 { "none".to_owned() } else { number.to_string() };
        let link = format!("[{}](../rules/{}/{}.md)", rule.name, rule.family, rule.name);
        let _ = writeln!(text, "| {} | {link} | {word} | {} | {} |", rule.code, count(shown), count(executed));
    }
    let all = noharm::rules::all().len();
    let _ = writeln!(text, "\n{fixable} of {all} rules have a fix; those of {run} are run.");
    text
}

#[test]
fn the_table_says_what_is_shown() {
    let trouble = same_or_update(&root().join("docs/fixes.md"), &table(&cases()));
    assert!(trouble.is_none(), "{}", trouble.unwrap_or_default());
}
