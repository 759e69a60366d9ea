//! How findings look, whatever the script looks like.

mod common;

use common::{Rules, finding, fix};
use noharm::config::Settings;
use noharm::dialect::Dialect;
use noharm::finding::{Applicability, Finding, Fix, Label, Severity};
use noharm::plan::{PlanCondition, PlanRow};
use noharm::policy::{Case, Hidden, decide};
use noharm::report::human::{Style, finding_text, summary_line};
use noharm::report::{Checked, Failure, Mending, Run, concise, json, plan, schema};
use noharm::role::Role;
use noharm::source::Source;
use noharm::span::Span;
use serde_json::Value;

fn checked(bytes: &[u8], findings: Vec<Finding>) -> Checked {
    let source = Source::new("ha/notify.sh", bytes.to_vec()).expect("small");
    let case = Case { source: &source, role: Role::Failover, comments: &[], first_statement: 0, complete: true };
    let verdict = decide(findings, &case, &Settings::default(), &Rules);
    let report = noharm::Report {
        path: source.path().to_path_buf(),
        role: Role::Failover,
        dialect: Dialect::Sh,
        complete: true,
        findings: verdict.findings,
        fingerprints: verdict.fingerprints,
        hidden: verdict.hidden,
        plan: Vec::new(),
    };
    Checked { source, report }
}

fn example() -> Checked {
    let text = "#!/bin/sh\ncp \"$new\" /etc/nginx/nginx.conf\n\n\n\n\n\nsystemctl restart nginx\n";
    let mut one = finding(text, "NH301", "systemctl restart nginx");
    one.severity = Severity::Error;
    one.message = "nginx restarts into /etc/nginx/nginx.conf, which nothing checked after it was written".into();
    one.help = Some("run `nginx -t` first".into());
    one.label = Some("stops the working server".into());
    one.labels = vec![Label { span: Span::new(10, 41), text: "written here".into(), speaks_for: None }];
    one.fixes = vec![fix(Applicability::Unsafe, Span::at(47), "nginx -t || exit 1\n")];
    checked(text.as_bytes(), vec![one])
}

fn shown(file: &Checked, style: Style) -> String {
    finding_text(file, &file.report.findings[0], &Rules, style)
}

#[test]
fn a_finding_shows_its_lines_and_what_to_do() {
    let text = shown(&example(), Style::default());
    assert_eq!(
        text,
        "\
error[NH301] some-rule (https://example.org/NH301)

  × nginx restarts into /etc/nginx/nginx.conf, which nothing checked after it was written
   ╭─[ha/notify.sh:2:1]
 1 │ #!/bin/sh
 2 │ cp \"$new\" /etc/nginx/nginx.conf
   · ───────────────┬───────────────
   ·                ╰── written here
 3 │
   ╰────
   ╭─[ha/notify.sh:8:1]
 7 │
 8 │ systemctl restart nginx
   · ───────────┬───────────
   ·            ╰── stops the working server
   ╰────
  help: run `nginx -t` first
        --fix --unsafe-fixes: do better
"
    );
}

#[test]
fn ascii_and_colours_are_chosen() {
    let ascii = shown(&example(), Style { unicode: false, ..Style::default() });
    assert!(ascii.is_ascii(), "{ascii}");
    let color = shown(&example(), Style { color: true, ..Style::default() });
    assert!(color.contains("\x1b["));
}

#[test]
fn odd_texts_are_shown_well() {
    for (bytes, start, end, line) in [
        (&b"\tif x; then\r\n\t\trm -rf \"$d\"\r\n\tfi\r\n"[..], 15, 26, "2 │         rm -rf \"$d\"\n"),
        (b"echo \xff\xfe; rm x\n", 9, 13, "1 │ echo \u{fffd}\u{fffd}; rm x\n"),
        (b"echo \x1b[31m; rm x\n", 12, 16, "1 │ echo \u{fffd}[31m; rm x\n"),
        ("zwölf; rm x\n".as_bytes(), 8, 12, "1 │ zwölf; rm x\n"),
        (b"rm x", 0, 4, "1 │ rm x\n"),
        (b"", 0, 0, "1 │\n"),
    ] {
        let mut one = finding("x", "NH501", "x");
        one.span = Span::new(start, end);
        one.label = Some("here".into());
        let text = shown(&checked(bytes, vec![one]), Style::default());
        assert!(text.contains(line), "{text}");
        assert!(text.contains("here"), "{text}");
        assert!(!text.contains(['\x1b', '\r']), "{text}");
    }
}

#[test]
fn the_place_is_true_also_in_a_line_that_is_cut() {
    let mut text = "x".repeat(5000).into_bytes();
    text.extend_from_slice(b"; rm -rf /");
    text.extend("y".repeat(5000).bytes());
    let mut one = finding("x", "NH501", "x");
    one.span = Span::new(5002, 5010);
    let text = shown(&checked(&text, vec![one]), Style::default());
    assert!(text.contains("[ha/notify.sh:1:5003]"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
}

#[test]
fn one_line_a_finding() {
    let mut out = Vec::new();
    let run = Run { files: vec![example()], ..Run::default() };
    concise::render(&run, &mut out).expect("written");
    let text = String::from_utf8(out).expect("text");
    assert!(text.starts_with("ha/notify.sh:8:1: error[NH301] nginx restarts into"), "{text}");
}

#[test]
fn the_summary_counts_what_is_shown_and_what_is_not() {
    let run = Run { files: vec![example()], ..Run::default() };
    let mut summary = run.summary();
    assert_eq!(summary_line(&summary, None, &Settings::default()), "1 error in 1 file");
    summary.errors = 3;
    summary.warnings = 1;
    summary.files = 12;
    summary.hidden = Hidden { ignored: 2, confidence: 4, ..Hidden::default() };
    assert_eq!(
        summary_line(&summary, None, &Settings::default()),
        "3 errors, 1 warning in 12 files (2 ignored, 4 hidden below confidence medium)"
    );
    let nothing = Run::default().summary();
    let mending = Mending { fixed: vec!["NH301".into(), "NH201".into(), "NH201".into()], ..Mending::default() };
    let said = |mending| summary_line(&nothing, Some(mending), &Settings::default());
    assert_eq!(said(&mending), "No findings in 0 files; 3 fixed (NH201 2, NH301)");
    let mending = Mending { unsafe_only: 1, by_hand: 2, passed_over: 3, ..Mending::default() };
    assert_eq!(
        said(&mending),
        "No findings in 0 files; left: 1 that --unsafe-fixes would fix, 2 to mend by hand, 3 not fixed"
    );
}

#[test]
fn the_json_keeps_its_contract() {
    let failure = Failure { path: Some("no.sh".into()), place: Some((2, 3)), message: "no such file".into() };
    let run = Run { files: vec![example()], failures: vec![failure], mending: None };
    let value = json::render(&run, &Rules);
    let one = &value["files"][0]["diagnostics"][0];
    assert_eq!(one["code"], "NH301");
    assert_eq!(one["span"]["start"], serde_json::json!({ "byte": 47, "line": 8, "column": 1 }));
    assert_eq!(one["labels"][0]["text"], "written here");
    assert_eq!(one["fixes"][0]["applicability"], "unsafe");
    assert_eq!(
        one["fixes"][0]["edits"][0],
        serde_json::json!({ "start": 47, "end": 47, "text": "nginx -t || exit 1\n" })
    );
    assert_eq!(value["errors"][0]["line"], 2);
    let keys: Vec<&String> = value.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["schema_version", "tool", "summary", "files", "errors"]);
    let schema = schema::render(&Rules);
    let trouble = violations(&value, &schema, &schema, "report");
    assert!(trouble.is_empty(), "{trouble:#?}");
    // The validator itself can say no.
    let mut broken = value.clone();
    broken["files"][0]["diagnostics"][0]["severity"] = "bad".into();
    broken["files"][0].as_object_mut().expect("an object").remove("role");
    assert_eq!(violations(&broken, &schema, &schema, "report").len(), 2);
}

/// The part of JSON Schema that our schema uses.
fn violations(value: &Value, schema: &Value, root: &Value, path: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).expect("a definition");
        return violations(value, target, root, path);
    }
    let mut trouble = Vec::new();
    if let Some(constant) = schema.get("const").filter(|constant| value != *constant) {
        trouble.push(format!("{path}: not {constant}"));
    }
    if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
        trouble.push(format!("{path}: {value} is none of {allowed:?}"));
    }
    let fits = |way: &Value| violations(value, way, root, path).is_empty();
    if schema["anyOf"].as_array().is_some_and(|ways| !ways.iter().any(fits)) {
        trouble.push(format!("{path}: fits nothing"));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.is_empty() && !kinds.contains(&kind) {
        trouble.push(format!("{path}: {kind} is not {kinds:?}"));
    }
    if schema["minimum"].as_i64().is_some_and(|minimum| value.as_i64().is_some_and(|number| number < minimum)) {
        trouble.push(format!("{path}: too small"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            trouble.push(format!("{path}: {name} is missing"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => trouble.extend(violations(inner, schema, root, &format!("{path}.{name}"))),
            None => trouble.push(format!("{path}.{name}: not in the schema")),
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        trouble.extend(violations(inner, &schema["items"], root, &format!("{path}[{index}]")));
    }
    trouble
}

#[test]
fn a_plan_is_a_table() {
    let mut file = example();
    file.report.plan = vec![PlanRow {
        span: Span::new(47, 70),
        effect: "service".into(),
        how: Some("restart".into()),
        target: "nginx".into(),
        class: "service".into(),
        class_guessed: false,
        second_run: Some("ok".into()),
        facts: vec!["active".into()],
        action: vec!["start".into()],
        action_role: None,
        only_if: vec![PlanCondition { span: Span::new(0, 1), question: "nginx -t".into(), yes: true }],
        function: Some("reload".into()),
    }];
    let run = Run { files: vec![file], ..Run::default() };
    let (mut table, mut markdown) = (Vec::new(), Vec::new());
    plan::table(&run, &mut table).expect("written");
    plan::markdown(&run, &mut markdown).expect("written");
    assert_eq!(
        String::from_utf8_lossy(&table),
        "\
ha/notify.sh (failover, sh)
  line  effect                  target             class    second run  known here  only if
  8     start: service restart  nginx (in reload)  service  ok          active      `nginx -t`
"
    );
    assert!(String::from_utf8_lossy(&markdown).contains("| 8 | start: service restart | nginx (in reload) |"));
    let json = plan::json(&run);
    assert_eq!(json["files"][0]["effects"][0]["effect"], "service");
    assert_eq!(json["files"][0]["effects"][0]["line"], 8);
    assert_eq!(json["files"][0]["effects"][0]["only_if"][0]["question"], "nginx -t");
}

#[test]
fn advice_is_said_once() {
    let text = "sort a > a\n";
    let mut one = finding(text, "NH301", "sort a > a");
    one.help = Some("write to a new file".into());
    one.fixes = vec![Fix { edits: Vec::new(), ..fix(Applicability::Manual, one.span, "") }];
    let file = checked(text.as_bytes(), vec![one]);
    let text = shown(&file, Style::default());
    assert!(text.contains("help: write to a new file") && !text.contains("do better"), "{text}");
}
