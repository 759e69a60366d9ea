//! Scripts that are broken somewhere: what is broken is said to be unread, and the rest is still there.

mod reading;

use reading::spans::check;
use reading::{tokens, unread};
use noharm::dialect::Dialect;
use noharm::syntax::{self, tree};

/// The words of commands in `text`.
fn words(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    tokens.iter().filter_map(|token| token.strip_prefix("word ")).map(str::to_owned).collect()
}

fn read(text: &str) -> tree::Script {
    let script = syntax::read(text.as_bytes(), Dialect::Bash);
    check(&script, text.as_bytes()).expect("spans make sense");
    assert_eq!(script.reader, tree::Reader::Recovering, "{text}");
    script
}

/// The statements of `list` by kind: a letter each.
fn kinds(list: &tree::List) -> String {
    list.statements.iter().map(|statement| kind(&statement.command)).collect()
}

fn kind(command: &tree::Command) -> char {
    match &command.kind {
        tree::CommandKind::Simple(_) => 's',
        tree::CommandKind::If { .. } => 'i',
        tree::CommandKind::Loop { .. } | tree::CommandKind::For(_) => 'l',
        tree::CommandKind::Function { .. } => 'f',
        tree::CommandKind::Case { .. } => 'c',
        tree::CommandKind::AndOr { .. } => 'a',
        tree::CommandKind::Pipeline { .. } => 'p',
        tree::CommandKind::Unread(_) => '?',
        _ => 'o',
    }
}

#[test]
fn a_quote_that_never_ends_costs_its_line() {
    let text = "a 1\nrm -rf \"$dir\ncp x \"y\"\nb 'z'\n";
    assert_eq!(kinds(&read(text).body), "s?ss");
    assert_eq!(unread(text), ["rm -rf \"$dir"]);
    assert_eq!(words(text), ["a", "1", "cp", "x", "\"y\"", "b", "'z'"]);
}

#[test]
fn a_quote_that_never_ends_deep_inside_costs_its_line_only() {
    let text =
        "f() {\n  if a; then\n    while b; do\n      c \"x\n      d \"y\"\n    done\n  else\n    e\n  fi\n}\nf\n";
    let script = read(text);
    assert_eq!(kinds(&script.body), "fs");
    assert_eq!(unread(text), ["c \"x"]);
    assert_eq!(words(text), ["a", "b", "d", "\"y\"", "e", "f"]);
}

#[test]
fn a_broken_condition_leaves_the_block_a_block() {
    let text = "if [ -f \"$x ]; then\n  a \"b\"\nelse\n  c\nfi\nd\n";
    let script = read(text);
    assert_eq!(kinds(&script.body), "is");
    let tree::CommandKind::If { branches, otherwise, .. } = &script.body.statements[0].command.kind else {
        panic!("{script:#?}");
    };
    assert_eq!((kinds(&branches[0].condition), kinds(&branches[0].body)), ("?".to_owned(), "s".to_owned()));
    assert!(otherwise.is_some());
    assert_eq!(words(text), ["a", "\"b\"", "c", "d"]);
}

#[test]
fn a_missing_fi_is_put_in_where_the_indentation_says() {
    let text = "f() {\n  if a; then\n    b\n  c\n}\nd\n";
    let script = read(text);
    assert_eq!(kinds(&script.body), "fs");
    assert_eq!(words(text), ["a", "b", "c", "d"]);
    assert_eq!(script.unread.len(), 1);
    let tree::CommandKind::Function { body, .. } = &script.body.statements[0].command.kind else { panic!() };
    let tree::CommandKind::Brace { body, .. } = &body.kind else { panic!("{body:#?}") };
    assert_eq!(kinds(body), "i?s");
}

#[test]
fn a_missing_done_a_missing_esac_and_a_missing_brace() {
    for text in [
        "a\nfor i in 1 2; do\n  b $i\nc \"x\"\n",
        "a\ncase $i in\n  1) b $i ;;\nc \"x\"\n",
        "a\nf() {\n  b $i\nc \"x\"\n",
    ] {
        read(text);
        assert_eq!(words(text), ["a", "b", "$i", "c", "\"x\""], "{text}");
    }
}

#[test]
fn a_missing_then_or_do_is_put_in() {
    for text in ["if a\n  b\nfi\nc\n", "while a\n  b\ndone\nc\n", "f()\n  a\n  b\n}\nc\n"] {
        read(text);
        assert_eq!(words(text), ["a", "b", "c"], "{text}");
    }
}

#[test]
fn a_stray_parenthesis_costs_its_line() {
    let text = "a 1\nb 2 )\nc \"$(d)\"\n";
    read(text);
    assert_eq!(unread(text), ["b 2 )"]);
    assert_eq!(words(text), ["a", "1", "c", "\"$(d)\"", "d"]);
}

#[test]
fn stray_closing_words_cost_themselves() {
    for stray in ["fi", "done", "esac", "}", ")", ";;"] {
        let text = format!("a\n{stray}\nb\n");
        read(&text);
        assert_eq!(unread(&text), [stray]);
        assert_eq!(words(&text), ["a", "b"]);
    }
}

#[test]
fn a_substitution_that_never_ends_costs_its_line() {
    for line in ["x=$(date", "x=`date", "x=\"$(date)", "cp ${x y", "x=$((1 +", "a=(b"] {
        let text = format!("a 1\n{line}\nb 2\nc 3\n");
        read(&text);
        assert_eq!(unread(&text), [line]);
        assert_eq!(words(&text), ["a", "1", "b", "2", "c", "3"]);
    }
}

#[test]
fn the_last_line_may_be_half_typed() {
    for line in
        ["rm -rf \"", "cp $(", "if", "if [ -f x ]; then", "for i in", "a |", "b &&", "case $x in", "f() {", "echo >"]
    {
        let text = format!("a 1\nb 2\n{line}");
        read(&text);
        assert_eq!(&words(&text)[..4], ["a", "1", "b", "2"], "{line}");
        assert!(!unread(&text).is_empty(), "{line}");
    }
}

#[test]
fn a_heredoc_without_end_is_no_fault() {
    let text = "a\ncat <<EOF\nb\n";
    assert_eq!(syntax::read(text.as_bytes(), Dialect::Bash).reader, tree::Reader::Strict);
    assert_eq!(words(text), ["a", "cat"]);
}

#[test]
fn a_broken_line_takes_its_heredoc_along() {
    let text = "a\ncat \"x <<EOF\nrm -rf \"$y\"\nEOF\nb\n";
    read(text);
    assert_eq!(words(text), ["a", "b"]);
}

#[test]
fn lines_of_a_template_are_unread_and_the_rest_is_shell() {
    let text = "a 1\n<% if backup? %>\ncp \"$x\" \"$x.bak\"\n<% end %>\nb 2\n";
    read(text);
    assert_eq!(words(text), ["a", "1", "cp", "\"$x\"", "\"$x.bak\"", "b", "2"]);
    assert_eq!(unread(text), ["<% if backup? %>", "<% end %>"]);
    let text = "a 1\n{% for (k, v) in x %}\nb 2\n{% endfor %}\nc 3\n";
    read(text);
    assert!(words(text).join(" ").contains("b 2"), "{:?}", words(text));
}

#[test]
fn an_operator_at_the_end_of_a_broken_line_keeps_what_follows_on_its_right() {
    let text = "check \"$x &&\n  rm \"$y\"\na\n";
    let script = read(text);
    assert_eq!(kinds(&script.body), "as");
    assert_eq!(words(text), ["rm", "\"$y\"", "a"]);
}

#[test]
fn an_argument_that_cannot_be_read_costs_its_command() {
    let text = "a\ntar czf x.tgz \\\n  --exclude \"y \\\n  /srv\nb\n";
    read(text);
    assert_eq!(words(text), ["a", "b"]);
}

#[test]
fn several_faults_cost_their_lines() {
    let text = "a \"1\nb\n)\nif c; then\n  d )\n  e\nfi\nfi\ng\n";
    read(text);
    assert_eq!(words(text), ["b", "c", "e", "g"]);
}

#[test]
fn a_broken_arm_leaves_the_other_arms() {
    for arm in ["start)\n    a \"x ;;", "start) a \"x ;;", "\"start) a ;;", "sta(rt) a\n    ;;"] {
        let text = format!("case $1 in\n  {arm}\n  stop) b \"y\" ;;\nesac\nd\n");
        let script = read(&text);
        assert_eq!(kinds(&script.body), "cs", "{text}");
        assert!(words(&text).ends_with(&["b", "\"y\"", "d"].map(str::to_owned)), "{text} {:?}", words(&text));
    }
}

#[test]
fn hostile_texts_end_soon() {
    let many = 20_000;
    for piece in [
        ")",
        "\0",
        "$(",
        "{a,",
        "${x:-",
        "a|",
        "x=(",
        "[[ (",
        "cat <<E\n",
        "if a; then\n",
        "fi\n",
        "a )\n",
        "'a\n",
        "((",
    ] {
        let text = piece.repeat(many);
        let script = syntax::read(text.as_bytes(), Dialect::Bash);
        check(&script, text.as_bytes()).expect("spans make sense");
    }
    let script = syntax::read(b"{\xf3\xbb\x98\x88", Dialect::Bash);
    check(&script, b"{\xf3\xbb\x98\x88").expect("spans make sense");
}
