//! What a script is told to do where an effect happens, and what that says of why it runs.

mod support;

use noharm::finding::Severity;
use noharm::source::{MemoryLoader, Source};

fn report(file: &str, text: &str) -> noharm::Report {
    let source = Source::new(file, text.as_bytes().to_vec()).expect("small");
    noharm::check(&source, &support::core_settings(), &MemoryLoader::default())
}

/// The actions of the effects on each line.
fn actions(text: &str) -> Vec<(usize, String)> {
    let source = Source::new("handler", text.as_bytes().to_vec()).expect("small");
    let report = report("handler", text);
    let line = |row: &noharm::plan::PlanRow| source.position(row.span.start).line as usize;
    report.plan.iter().map(|row| (line(row), row.action.join("|"))).collect()
}

fn told(line: usize, action: &str) -> (usize, String) {
    (line, action.to_owned())
}

#[test]
fn branches_of_a_case_are_actions() {
    let text = "\
#!/bin/sh
case \"$1\" in
  start) mount /data ;;
  stop|force-stop) umount /data ;;
  *) touch /srv/else ;;
esac
touch /srv/always
";
    assert_eq!(actions(text), [told(3, "start"), told(4, "force-stop|stop"), told(5, ""), told(7, "")]);
}

#[test]
fn tests_and_copies_are_asked_too() {
    let text = "\
#!/bin/sh
action=${2:-none}
if [ \"$1\" = purge ]; then userdel app; fi
[ \"$action\" = promote ] || exit 0
mount /data
";
    assert_eq!(actions(text), [told(3, "purge"), told(5, "promote")]);
}

#[test]
fn a_function_has_the_actions_of_its_calls() {
    let text = "\
#!/bin/sh
attach() { mount /data; }
detach() { umount /data; }
both() { touch /srv/both; }
case \"$1\" in
  start) attach; both ;;
  stop) detach; both ;;
  reload) detach ;;
esac
detach
";
    assert_eq!(actions(text), [told(2, "start"), told(3, ""), told(4, "start|stop")]);
}

#[test]
fn a_function_may_be_called_by_the_action_itself() {
    let text = "\
#!/bin/sh
start() { mount /data; }
stop() { umount /data; }
case \"$1\" in
  start|stop|info) \"$1\" ;;
  restart) stop; start ;;
esac
";
    assert_eq!(actions(text), [told(2, "restart|start"), told(3, "restart|stop")]);
    assert_eq!(actions(&text.replace("\"$1\" ;;", "echo \"$1\" ;;")), [told(2, "restart"), told(3, "restart")]);
}

#[test]
fn a_word_that_is_no_action_says_nothing() {
    assert_eq!(actions("case \"$1\" in debian|ubuntu) useradd app ;; esac\n"), [told(1, "")]);
}

/// The severity of the one finding of a text.
fn severity(file: &str, text: &str) -> Severity {
    let report = report(file, text);
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    report.findings[0].severity
}

#[test]
fn an_action_says_why_an_unknown_script_runs() {
    let script = |word: &str| format!("#!/bin/sh\ncase \"$1\" in {word}) cp new /etc/app.conf ;; esac\n");
    assert_eq!(severity("handler", &script("promote")), Severity::Error);
    assert_eq!(severity("handler", &script("on_role_change")), Severity::Error);
    assert_eq!(severity("handler", &script("BACKUP|FAULT")), Severity::Error);
    assert_eq!(severity("handler", &script("start")), Severity::Warning);
    // What the place says is not overruled by a word.
    assert_eq!(severity("/etc/cron.daily/handler", &script("promote")), Severity::Warning);
}

#[test]
fn an_init_script_runs_at_every_start() {
    let text = "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: app\n### END INIT INFO\ncp new /etc/app.conf\n";
    assert_eq!(severity("app", text), Severity::Error);
    assert_eq!(report("app", text).role, noharm::role::Role::Entrypoint);
}
