//! The form of a rule file: what it means, and what is said about a mistake and where.

use noharm::finding::{Applicability, Confidence, Severity};
use noharm::knowledge::{EffectKind, FactKind, How, PathClass};
use noharm::role::Role;
use noharm::rules::{Condition, Deadline, ExampleKind, FixKind, Of, Placeholder, Rule, Shift, Trait, When, parse_rule};

const RULE: &str = r#"+++
code = "MY001"
summary = "a summary"
effect = { kind = "write", how = ["truncate", "replace"], class = "config", unmarked = "keeps" }
after = [{ fact = "unwritten", of = "service" }]
unless = [{ fact = "nothing-to-lose", of = "target", with = ["not-removed-here"] }, { fact = "done", mark = "fences" }]
given = [{ fact = "active", of = "service", absent = true, severity = "raise" }, { is = "silent", severity = "note" }]
owes = { fact = "config-valid", of = "service", by = "exit" }
once = "target"
covers = ["NH101"]
severity = { default = "warning", failover = "error", build = "off" }
confidence = "medium"
message = "{target} and ${{{variable}}}"
labels = { unwritten = "here" }
fix = { kind = "or-else", at = "unwritten", text = "exit 1", title = "stop", applicability = "unsafe" }
+++
# my-rule

```sh bad file=hooks/notify.sh
echo x > /etc/x # MY001
```

```text
not run
```

```sh fixed
true
```
"#;

fn read(text: &str) -> Result<Rule, String> {
    parse_rule("rules/own/my-rule.md", text).map_err(|problem| problem.to_string())
}

fn rule() -> Rule {
    read(RULE).expect("the rule above is right")
}

#[test]
fn the_path_gives_name_and_family() {
    let rule = rule();
    assert_eq!((&*rule.code, &*rule.name, &*rule.family), ("MY001", "my-rule", "own"));
}

#[test]
fn the_operators_are_typed() {
    let rule = rule();
    let effect = rule.effect().expect("it has an effect");
    assert_eq!(*effect.kind, [EffectKind::Write]);
    assert_eq!(*effect.how, [How::Truncate, How::Replace]);
    assert_eq!(*effect.class, [PathClass::Config]);
    let condition =
        |fact, of| Condition { fact, of, with: Vec::new().into(), how: Vec::new().into(), mark: Vec::new().into() };
    assert_eq!(*rule.after, [condition(FactKind::Unwritten, Of::Service)]);
    assert_eq!(*rule.unless[0].with, [FactKind::NotRemovedHere]);
    assert_eq!(rule.given[0].when, When::Fact(condition(FactKind::Active, Of::Service)));
    assert!(rule.given[0].absent);
    assert_eq!(rule.given[1].when, When::Is(Trait::Silent));
    assert_eq!(rule.once, Some(Of::Target));
    assert_eq!(rule.owes[0].by, Deadline::Exit);
    assert_eq!(*effect.unmarked, ["keeps"]);
    assert_eq!((rule.unless[1].of, &*rule.unless[1].mark), (Of::Mark, &["fences".into()][..]));
}

#[test]
fn severity_is_a_table_over_roles() {
    let rule = rule();
    assert_eq!(rule.severity(Role::Failover), Severity::Error);
    assert_eq!(rule.severity(Role::Build), Severity::Off);
    assert_eq!(rule.severity(Role::Unknown), Severity::Warning);
    assert_eq!(rule.confidence, Confidence::Medium);
}

#[test]
fn shifts_stay_in_their_bounds() {
    assert_eq!(Shift::Raise.apply(Severity::Warning), Severity::Error);
    assert_eq!(Shift::Raise.apply(Severity::Error), Severity::Error);
    assert_eq!(Shift::Lower.apply(Severity::Error), Severity::Warning);
    assert_eq!(Shift::Lower.apply(Severity::Warning), Severity::Warning);
    assert_eq!(Shift::Note.apply(Severity::Error), Severity::Note);
    assert_eq!(Shift::Raise.apply(Severity::Off), Severity::Off);
}

#[test]
fn a_sentence_is_filled_or_not_made() {
    let rule = rule();
    let fill = |placeholder| match placeholder {
        Placeholder::Target => Some("/etc/x".to_owned()),
        Placeholder::Variable => Some("X".to_owned()),
        _ => None,
    };
    assert_eq!(rule.message.render(fill).as_deref(), Some("/etc/x and ${X}"));
    assert_eq!(rule.message.render(|_| None), None);
}

#[test]
fn fixes_have_a_shape_a_place_and_an_applicability() {
    let rule = rule();
    let fix = &rule.fixes[0];
    assert_eq!(
        (fix.kind, fix.at, fix.applicability),
        (FixKind::OrElse, Some(FactKind::Unwritten), Applicability::Unsafe)
    );
    assert_eq!(rule.fixable(), Some(Applicability::Unsafe));
}

#[test]
fn examples_are_the_fences_of_shell() {
    let rule = rule();
    let [bad, fixed] = rule.examples() else { panic!("two examples, found {}", rule.examples().len()) };
    assert_eq!((bad.kind, bad.file.as_deref(), bad.line), (ExampleKind::Bad, Some("hooks/notify.sh"), 20));
    assert_eq!(noharm::rules::marker(bad.text.trim_end()), ("echo x > /etc/x", vec!["MY001"]));
    assert_eq!((fixed.kind, &*fixed.text), (ExampleKind::Fixed, "true\n"));
}

/// Each row changes the rule in one place: what to replace, by what, and what must be said.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("+++\ncode", "code", "1:1: a rule file begins with a line `+++`"),
    ("+++\n# my-rule", "# my-rule", "1:1: the front matter has no closing line `+++`"),
    ("code = \"MY001\"", "code = \"1\"", "2:8: a code is capital letters and at least three digits, such as `NH301`"),
    ("summary", "sumary", "3:1: unknown key `sumary`: did you mean `summary`?"),
    ("confidence", "confidense", "12:1: unknown key `confidense`: did you mean `confidence`?"),
    ("unless =", "unles =", "6:1: unknown key `unles`: did you mean `unless`?"),
    (
        "fact = \"done\",",
        "fact = \"done\", of = \"target\",",
        "6:85: a condition is about a `mark` or `of` a thing, not both",
    ),
    ("mark = \"fences\"", "of = \"mark\"", "6:85: `mark = \"…\"` says that it is about a mark"),
    ("\"write\"", "\"wriet\"", "4:19: unknown word `wriet`: did you mean `write`?"),
    ("\"truncate\"", "3", "4:35: `how` is a list of texts, and this is of type integer"),
    ("kind = \"write\", ", "", "4:10: `kind` is missing"),
    ("effect", "detector = \"x\"\neffect", "4:12: a rule has an `effect` or a `detector`, not both"),
    ("of = \"target\"", "of = \"taget\"", "6:44: unknown word `taget`: did you mean `target`?"),
    ("\"raise\"", "\"up\"", "7:71: unknown word `up`: expected one of raise, lower, note"),
    ("is = \"silent\"", "is = \"silent\", fact = \"active\"", "7:82: `given` asks a `fact` or an `is`, not both"),
    ("once = \"target\"", "once = \"file\"", "9:8: unknown word `file`"),
    ("[\"NH101\"]", "[\"overwrite\"]", "10:11: `covers` lists codes, such as `NH304`"),
    ("build = \"off\"", "unknown = \"off\"", "11:55: unknown key `unknown`: expected one of"),
    ("{target} and", "{taget} and", "13:11: unknown word `taget`: did you mean `target`?"),
    ("{target} and", "{target and", "13:11: unknown word `target and ${{{variable`"),
    ("{target} and", "target} and", "13:11: a brace has no partner"),
    ("{ unwritten", "{ active", "14:12: a label belongs to a fact of `after`"),
    ("at = \"unwritten\"", "at = \"active\"", "15:7: `at` names a fact of `after`"),
    ("\"or-else\"", "\"none\"", "15:7: a fix of this kind has no `text`"),
    (", applicability = \"unsafe\"", "", "15:7: `applicability` is missing"),
    ("# my-rule", "# another-rule", "17:1: the page begins with the heading `# my-rule`"),
    ("sh bad file", "sh bda file", "19:4: unknown word `bda`: did you mean `bad`?"),
    ("file=hooks", "path=hooks", "19:4: unknown word `path=hooks/notify.sh`: only `file=` may follow"),
    ("```sh fixed", "```sh", "27:4: say what is true of this example"),
    ("sh bad", "sh good", "27:4: a `fixed` example follows the `bad` one it mends"),
    ("true\n```\n", "true\n", "27:4: this fence is not closed"),
    ("effect = {", "effect = [", "4:"),
];

#[test]
fn a_mistake_is_refused_with_its_place() {
    let mut wrong = Vec::new();
    for (from, to, expected) in MISTAKES {
        assert!(RULE.contains(from), "{from} is not in the rule");
        let expected = format!("rules/own/my-rule.md:{expected}");
        match read(&RULE.replacen(from, to, 1)) {
            Ok(_) => wrong.push(format!("`{from}` → `{to}` was accepted")),
            Err(said) if said.starts_with(&expected) => {}
            Err(said) => wrong.push(format!("`{from}` → `{to}`\n  said      {said}\n  expected  {expected}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn half_a_file_is_refused_and_breaks_nothing() {
    for (end, _) in RULE.char_indices() {
        // Whether it is refused depends on where it ends; that it is answered does not.
        let _ = read(&RULE[..end]);
        let _ = read(&RULE[end..]);
        let _ = read(&format!("{}é\"{}", &RULE[..end], &RULE[end..]));
    }
}

#[test]
fn no_text_at_all_is_a_mistake_like_others() {
    for text in ["", "+++", "+++\n", "+++\n+++\n", "+++\n\n+++\n", "\u{feff}+++\n", "+++\r\ncode = 1\r\n+++\r\n"] {
        assert!(read(text).is_err(), "{text:?}");
    }
}

/// The words that a key takes, as the refusal of a wrong one lists them.
fn words(from: &str, to: &str) -> Vec<String> {
    let said = read(&RULE.replacen(from, to, 1)).expect_err("a word that does not exist");
    let (_, list) = said.split_once("expected one of ").unwrap_or_else(|| panic!("no list in: {said}"));
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_documentation_lists_every_word() {
    let page = include_str!("../docs/rules.md");
    let wrong = "\"zzzzzzzzzzzz\"";
    let places = [
        ("\"write\"", wrong.to_owned()),
        ("\"truncate\"", wrong.to_owned()),
        ("\"config\"", wrong.to_owned()),
        ("\"config\"", format!("\"config\", second-run = {wrong}")),
        ("\"unwritten\"", wrong.to_owned()),
        ("\"service\"", wrong.to_owned()),
        ("\"config\"", format!("\"config\", except = {wrong}")),
        ("\"silent\"", wrong.to_owned()),
        ("once = \"target\"", format!("once = {wrong}")),
        ("\"raise\"", wrong.to_owned()),
        ("\"exit\"", wrong.to_owned()),
        ("\"or-else\"", wrong.to_owned()),
        ("\"unsafe\"", wrong.to_owned()),
        ("\"medium\"", wrong.to_owned()),
        ("{target}", "{zzzzzzzzzzzz}".to_owned()),
        ("summary =", "zzzzzzzzzzzz = \"\"\nsummary =".to_owned()),
        ("kind = \"write\"", "kind = \"write\", zzzzzzzzzzzz = 1".to_owned()),
    ];
    for (from, to) in places {
        for word in words(from, &to) {
            assert!(page.contains(&format!("`{word}`")), "docs/rules.md does not explain `{word}`");
        }
    }
}
