//! How scripts are read: shapes that readers of shell are known to get wrong, each in a script of a line or two.

use noharm::dialect::Dialect;
use noharm::syntax;
use noharm::syntax::tree::{
    ArithmeticExpression, AssignmentValue, CommandKind, List, ParameterOperator, PartKind, Reader, RedirectKind,
    Script, TestKind, Word,
};

fn read(source: &str) -> Script {
    syntax::read(source.as_bytes(), Dialect::Bash)
}

/// The tokens as `role:text`, keywords and operators by their role alone.
fn shown(source: &str) -> Vec<String> {
    let script = read(source);
    assert!(script.unread.is_empty(), "{source:?} was not read: {:?}", script.unread);
    assert_eq!(script.reader, Reader::Strict, "{source:?}");
    let text = |token: &syntax::tokens::Token| {
        let written = &source[token.span.range()];
        if token.role == written { written.to_owned() } else { format!("{}:{written}", token.role) }
    };
    syntax::tokens::tokens(&script, source.as_bytes()).iter().map(text).collect()
}

/// Holds a script against its tokens, which stand in one line, parted by ` ¦ `.
#[track_caller]
fn reads(source: &str, tokens: &str) {
    assert_eq!(shown(source).join(" ¦ "), tokens, "{source:?}");
}

/// Words of the commands of `source`, a command a line.
fn commands(source: &str) -> Vec<String> {
    let script = read(source);
    assert!(script.unread.is_empty(), "{source:?} was not read: {:?}", script.unread);
    let mut found: Vec<(u32, String)> = Vec::new();
    for token in syntax::tokens::tokens(&script, source.as_bytes()) {
        let Some(command) = token.command else { continue };
        let text = &source[token.span.range()];
        match found.iter_mut().find(|(start, _)| *start == command) {
            Some((_, words)) => *words = format!("{words}|{text}"),
            None => found.push((command, text.to_owned())),
        }
    }
    found.into_iter().map(|(_, words)| words).collect()
}

#[track_caller]
fn has_commands(source: &str, expected: &[&str]) {
    assert_eq!(commands(source), expected, "{source:?}");
}

fn first(list: &List) -> &CommandKind {
    &list.statements[0].command.kind
}

fn words(source: &str) -> Vec<Word> {
    match read(source).body.statements.remove(0).command.kind {
        CommandKind::Simple(simple) => simple.words,
        other => panic!("{source:?} is no simple command: {other:?}"),
    }
}

mod words_stay_whole {
    use super::*;

    #[test]
    fn variables_in_paths() {
        has_commands("cp $A/$b.old $A-$b-* x", &["cp|$A/$b.old|$A-$b-*|x"]);
        reads("LOCK=$RUN/$APP.lock", "assign:LOCK=$RUN/$APP.lock");
        reads("for f in /srv/$P-$U-*; do ls $f; done", "for ¦ in ¦ item:/srv/$P-$U-* ¦ do ¦ word:ls ¦ word:$f ¦ done");
    }

    #[test]
    fn a_dollar_at_the_end() {
        has_commands("grep x$ f | sed s/b$/c/ | tr -d $", &["grep|x$|f", "sed|s/b$/c/", "tr|-d|$"]);
        has_commands("sed \"s/a$//\" f", &["sed|\"s/a$//\"|f"]);
    }

    #[test]
    fn braces_that_are_only_text() {
        has_commands(r"find d -exec ls \{} \;", &[r"find|d|-exec|ls|\{}|\;"]);
        has_commands("[ -e ${B}%.xz} ] && ls", &["[|-e|${B}%.xz}|]", "ls"]);
        has_commands("q=$(who | awk '{print $2'})", &["q=$(who | awk '{print $2'})", "who", "awk|'{print $2'}"]);
        has_commands("render {{ name }} end", &["render|{{|name|}}|end"]);
        has_commands(r#"pack {"lib/$v/",etc/,}"x.*" y"#, &[r#"pack|{"lib/$v/",etc/,}"x.*"|y"#]);
        has_commands("echo } {a,b}{1..3}", &["echo|}|{a,b}{1..3}"]);
    }

    #[test]
    fn quotes_that_a_dollar_opens() {
        has_commands(r#"echo $"Going" $'a\'b' on"#, &[r#"echo|$"Going"|$'a\'b'|on"#]);
    }

    #[test]
    fn a_lone_dash() {
        has_commands("tar cf - d | gzip - >x", &["tar|cf|-|d", "gzip|-"]);
    }

    #[test]
    fn a_continuation_joins() {
        has_commands("ec\\\nho a \\\n  b", &["ec\\\nho|a|b"]);
    }

    #[test]
    fn a_hash_inside_a_word_is_no_comment() {
        has_commands("echo a#b # c\n: ${#x} ${x#y}", &["echo|a#b", ":|${#x}|${x#y}"]);
    }
}

mod redirects {
    use super::*;

    #[test]
    fn words_after_a_redirect_are_arguments() {
        reads("echo >&2 \"no $x\"", "word:echo ¦ redirect:2 ¦ word:\"no $x\"");
        has_commands("dd if=x of=y 2>&1 count=1 | wc", &["dd|if=x|of=y|count=1", "wc"]);
    }

    #[test]
    fn targets_are_whole_words() {
        reads("ls >/tmp/out-`id -u`;", "word:ls ¦ redirect:/tmp/out-`id -u` ¦ word:id ¦ word:-u");
    }

    #[test]
    fn descriptors() {
        reads("exec 4>&-", "word:exec ¦ redirect:-");
        reads("exec 5<>\"$f\"", "word:exec ¦ redirect:\"$f\"");
        reads("exec {fd}>log", "word:exec ¦ redirect:log");
        let script = read("a 12>f 2>>g &>h &>>i >&j >&2 2>&1 <&3 >|k <l <>m");
        let kinds: Vec<_> =
            script.body.statements[0].command.redirects.iter().map(|one| (one.descriptor, one.kind)).collect();
        assert_eq!(
            kinds,
            [
                (Some(12), RedirectKind::Output),
                (Some(2), RedirectKind::Append),
                (None, RedirectKind::Both),
                (None, RedirectKind::BothAppend),
                (None, RedirectKind::Both),
                (None, RedirectKind::DuplicateOutput),
                (Some(2), RedirectKind::DuplicateOutput),
                (None, RedirectKind::DuplicateInput),
                (None, RedirectKind::Clobber),
                (None, RedirectKind::Input),
                (None, RedirectKind::ReadWrite),
            ]
        );
    }

    #[test]
    fn both_outputs() {
        reads("stop &>/dev/null && id &>>l", "word:stop ¦ redirect:/dev/null ¦ && ¦ word:id ¦ redirect:l");
        reads(
            "conv -f A &>'/dev/null' <<< \"$B\"",
            "word:conv ¦ word:-f ¦ word:A ¦ redirect:'/dev/null' ¦ redirect:\"$B\"",
        );
    }

    #[test]
    fn on_compound_commands() {
        reads("{ ls; } >x 2>&1 | wc", "{ ¦ word:ls ¦ } ¦ redirect:x ¦ redirect:1 ¦ | ¦ word:wc");
    }
}

mod heredocs {
    use super::*;

    #[test]
    fn two_on_a_line() {
        reads(
            "diff /dev/fd/5 /dev/fd/6 5<<X 6<<Y\n1 (\nX\n2 $(id)\nY\necho end",
            "word:diff ¦ word:/dev/fd/5 ¦ word:/dev/fd/6 ¦ redirect:X ¦ redirect:Y ¦ word:id ¦ word:echo ¦ word:end",
        );
    }

    #[test]
    fn odd_delimiters() {
        reads(": <<=end\ntext (with\n=end\nls", "word:: ¦ redirect:=end ¦ word:ls");
        reads("cat <<'E F'\n$(no)\nE F\nls", "word:cat ¦ redirect:'E F' ¦ word:ls");
        reads("cat <<-\\E\n\t$(no)\n\tE\nls", "word:cat ¦ redirect:\\E ¦ word:ls");
    }

    #[test]
    fn bodies_are_read() {
        reads("cat <<E\n`hostname` up\nE", "word:cat ¦ redirect:E ¦ word:hostname");
        reads(
            "psql -f - \"$db\" <<E\n\\set X on\nselect (1);\nE",
            "word:psql ¦ word:-f ¦ word:- ¦ word:\"$db\" ¦ redirect:E",
        );
    }

    #[test]
    fn text_loses_tabs_and_backslashes() {
        let script = read("cat <<-E\n\ta \\$x \"b\\\"\n\t$y\n\tE\n");
        let heredoc = script.body.statements[0].command.redirects[0].heredoc.as_ref().expect("a heredoc");
        assert!(!heredoc.quoted);
        let PartKind::Literal(text) = &heredoc.parts[0].kind else { panic!("{heredoc:?}") };
        assert_eq!(&**text, "a $x \"b\\\"\n");
        assert!(matches!(&heredoc.parts[1].kind, PartKind::Parameter(parameter) if &*parameter.name == "y"));
    }

    #[test]
    fn inside_a_substitution() {
        has_commands("x=$(cat <<E\na ) b\nE\n) y", &["x=$(cat <<E\na ) b\nE\n)|y", "cat"]);
    }

    #[test]
    fn a_shift_is_none() {
        reads("(( a << 2 ))\nls", "(( ¦ )) ¦ word:ls");
        reads("x=$((1<<3))\nls", "assign:x=$((1<<3)) ¦ word:ls");
    }
}

mod substitutions {
    use super::*;

    #[test]
    fn backquotes_inside_words() {
        has_commands(
            "if [ -d /proc/`cat $P`/ ]; then kill \"`cat $P`\"; fi",
            &["[|-d|/proc/`cat $P`/|]", "cat|$P", "kill|\"`cat $P`\"", "cat|$P"],
        );
        has_commands(
            "[ -z \"${TOOL:=`command -v ssl`}\" ] && exit 2",
            &["[|-z|\"${TOOL:=`command -v ssl`}\"|]", "command|-v|ssl", "exit|2"],
        );
        has_commands(
            "if [ \"$a\" -a -x \"$(type b)\" ]; then\n for f in *.d/${v}*; do [ -d /x/`id -u`/ ] && ls $f; done\nfi",
            &["[|\"$a\"|-a|-x|\"$(type b)\"|]", "type|b", "[|-d|/x/`id -u`/|]", "id|-u", "ls|$f"],
        );
    }

    #[test]
    fn nested_backquotes_index_the_host() {
        let source = r"d=`dirname \`readlink -f $0\``";
        let script = read(source);
        assert!(script.unread.is_empty());
        let tokens = syntax::tokens::tokens(&script, source.as_bytes());
        let inner: Vec<&str> =
            tokens.iter().filter(|token| token.span.start > 20).map(|t| &source[t.span.range()]).collect();
        assert_eq!(inner, ["-f", "$0"]);
        let outer = tokens.iter().find(|token| token.span.start == 3).expect("the command's name");
        assert_eq!(&source[outer.span.range()], "dirname");
        assert_eq!(tokens.len(), 6, "{tokens:?}");
    }

    #[test]
    fn quotes_in_quoted_backquotes() {
        let source = r#"s="`md5sum \"$f\" | sed -e \"s/ .*//\"`""#;
        let script = read(source);
        let CommandKind::Simple(simple) = first(&script.body) else { panic!("{script:?}") };
        let AssignmentValue::Scalar(value) = &simple.assignments[0].value else { panic!("{simple:?}") };
        let PartKind::DoubleQuoted(parts) = &value.parts[0].kind else { panic!("{value:?}") };
        let PartKind::Command(command) = &parts[0].kind else { panic!("{parts:?}") };
        let CommandKind::Pipeline { stages, .. } = first(&command.body) else { panic!("{command:?}") };
        let spans = |stage: usize| match &stages[stage].kind {
            CommandKind::Simple(simple) => {
                simple.words.iter().map(|word| &source[word.span.range()]).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(spans(0), ["md5sum", r#"\"$f\""#]);
        assert_eq!(spans(1), ["sed", "-e", r#"\"s/ .*//\""#]);
    }

    #[test]
    fn a_subshell_first_is_no_arithmetic() {
        has_commands(
            "f=$((echo a; sleep 2) | wc -l)",
            &["f=$((echo a; sleep 2) | wc -l)", "echo|a", "sleep|2", "wc|-l"],
        );
        reads("((ls; id) | wc)", "( ¦ ( ¦ word:ls ¦ word:id ¦ ) ¦ | ¦ word:wc ¦ )");
    }

    #[test]
    fn substitutions_in_arithmetic() {
        has_commands("v=$((0x$(peek -s 1) & 0xff))", &["v=$((0x$(peek -s 1) & 0xff))", "peek|-s|1"]);
    }

    #[test]
    fn empty_ones() {
        has_commands("parts=$() ; more=``", &["parts=$()", "more=``"]);
    }

    #[test]
    fn a_case_in_one() {
        has_commands(
            "r=$(case $x in a) ls;; (b|c) id;; esac) # )",
            &["r=$(case $x in a) ls;; (b|c) id;; esac)", "ls", "id"],
        );
    }

    #[test]
    fn a_comment_in_one() {
        has_commands("r=$(ls # it's ) here\n id)", &["r=$(ls # it's ) here\n id)", "ls", "id"]);
        assert_eq!(read("r=$(ls # it's ) here\n id) # c").comments.len(), 2);
    }

    #[test]
    fn processes() {
        has_commands("x=<(ls)", &["x=<(ls)", "ls"]);
        has_commands("diff <(ls a) <(ls b) > >(tee c)", &["diff|<(ls a)|<(ls b)", "ls|a", "ls|b", "tee|c"]);
    }

    #[test]
    fn what_the_shell_refuses_inside_is_unread() {
        let script = read("ok; x=$(if then) after");
        assert_eq!(script.reader, Reader::Strict);
        assert_eq!(script.unread.len(), 1);
        let script = read("ls `do` x");
        assert_eq!(script.unread.len(), 1);
        assert_eq!(script.body.statements.len(), 1);
    }
}

mod expansions {
    use super::*;

    #[test]
    fn operands_with_odd_characters() {
        has_commands("m=${1#\\'}; echo on", &["m=${1#\\'}", "echo|on"]);
        has_commands("log \"no $d${i:+ (instance $i)}: gone\"", &["log|\"no $d${i:+ (instance $i)}: gone\""]);
        has_commands("LAST=\"${@:$#}\"", &["LAST=\"${@:$#}\""]);
        has_commands("x=\"${a:-it's}\" y=${a%'}'}", &["x=\"${a:-it's}\"|y=${a%'}'}"]);
    }

    #[test]
    fn quotes_inside_quoted_operands() {
        let script = read(r#"echo "${a:-"b c"}" "${d:-'e'}""#);
        let dump = syntax::dump::dump(&script);
        assert!(dump.contains("double-quoted 11..16"), "{dump}");
        assert!(dump.contains(r#""'e'""#), "{dump}");
    }

    fn operator(word: &str) -> ParameterOperator {
        let mut words = words(&format!("echo {word}"));
        match words.remove(1).parts.remove(0).kind {
            PartKind::Parameter(parameter) => parameter.operator,
            other => panic!("{word}: {other:?}"),
        }
    }

    #[test]
    fn operators() {
        assert!(matches!(operator("$x"), ParameterOperator::None));
        assert!(matches!(operator("${x:-a}"), ParameterOperator::Default { colon: true, .. }));
        assert!(matches!(operator("${x=a}"), ParameterOperator::Assign { colon: false, .. }));
        assert!(matches!(operator("${x:?}"), ParameterOperator::Require { colon: true, .. }));
        assert!(matches!(operator("${1+a}"), ParameterOperator::Alternative { colon: false, .. }));
        assert!(matches!(operator("${#x}"), ParameterOperator::Length));
        assert!(matches!(operator("${#a[@]}"), ParameterOperator::Length));
        assert!(matches!(operator("${x##*/}"), ParameterOperator::Trim { suffix: false, longest: true, .. }));
        assert!(matches!(operator("${x%.*}"), ParameterOperator::Trim { suffix: true, longest: false, .. }));
        assert!(matches!(operator("${x//a/b}"), ParameterOperator::Replace { all: true, .. }));
        assert!(matches!(operator("${x:1:2}"), ParameterOperator::Slice { length: Some(_), .. }));
        assert!(matches!(operator("${x: -1}"), ParameterOperator::Slice { length: None, .. }));
        assert!(matches!(operator("${x^^}"), ParameterOperator::Case(_)));
        assert!(matches!(operator("${x@Q}"), ParameterOperator::Transform('Q')));
        assert!(matches!(operator("${!x}"), ParameterOperator::Indirect));
        assert!(matches!(operator("${!x@}"), ParameterOperator::Names));
        assert!(matches!(operator("${!a[@]}"), ParameterOperator::Names));
        assert!(matches!(operator("${#}"), ParameterOperator::None));
        assert!(matches!(operator("${@}"), ParameterOperator::None));
        assert!(matches!(operator("${#:-1}"), ParameterOperator::Default { .. }));
    }

    #[test]
    fn parts_of_words() {
        let words = words(r#"cp ~/a ~u/b "c $d" 'e' $'f\n' g*[ab]? {h,i} j\ k $((1+2)) [ \*"#);
        let kinds: Vec<String> = words[1..]
            .iter()
            .map(|word| {
                let name = |kind: &PartKind| match kind {
                    PartKind::Literal(text) => format!("L({text})"),
                    PartKind::SingleQuoted(text) => format!("S({text})"),
                    PartKind::AnsiQuoted(text) => format!("A({text})"),
                    PartKind::DoubleQuoted(parts) => format!("D{}", parts.len()),
                    PartKind::Glob(text) => format!("G({text})"),
                    PartKind::Tilde(text) => format!("T({text})"),
                    PartKind::Brace(text) => format!("B({text})"),
                    PartKind::Arithmetic(_) => "M".to_owned(),
                    other => format!("{other:?}"),
                };
                word.parts.iter().map(|part| name(&part.kind)).collect()
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "T()L(/a)",
                "T(u)L(/b)",
                "D2",
                "S(e)",
                "A(f\n)",
                "L(g)G(*)G([ab])G(?)",
                "B({h,i})",
                "L(j k)",
                "M",
                "L([)",
                "L(*)",
            ]
        );
    }

    #[test]
    fn arithmetic() {
        let mut words = words("echo $((a + $b * 2 == c++ ? x : y)) $((n += 1)) $((0x$z))");
        let mut expression = |index: usize| match words[index].parts.remove(0).kind {
            PartKind::Arithmetic(arithmetic) => arithmetic.expression,
            other => panic!("{other:?}"),
        };
        assert!(matches!(expression(1), Some(ArithmeticExpression::Conditional(_))));
        assert!(matches!(expression(2), Some(ArithmeticExpression::Assign(..))));
        assert!(matches!(expression(3), Some(ArithmeticExpression::Opaque)));
    }
}

mod commands_and_keywords {
    use super::*;

    #[test]
    fn bracket_tests_stay_words() {
        has_commands(
            "if [ \"$a\" \\> 2 ] && [ \"$a\" \\< 5 ]; then ls; fi",
            &["[|\"$a\"|\\>|2|]", "[|\"$a\"|\\<|5|]", "ls"],
        );
        has_commands("[ \\( -z \"$u\" -o $u = x \\) -a $e = 1 ]", &["[|\\(|-z|\"$u\"|-o|$u|=|x|\\)|-a|$e|=|1|]"]);
        has_commands("[ ! -d $d -o \\( $x = y \\) ]", &["[|!|-d|$d|-o|\\(|$x|=|y|\\)|]"]);
        has_commands("[ $OP \"$c\" ] && $c", &["[|$OP|\"$c\"|]", "$c"]);
    }

    #[test]
    fn patterns_stay_whole() {
        reads(
            "case $x in *\"#$3#\"*) ls ;; *$v[0-9]*) id ;; S' 'd*|\\$[0-9]*) : ;; esac",
            "case ¦ in ¦ pattern:*\"#$3#\"* ¦ word:ls ¦ pattern:*$v[0-9]* ¦ word:id ¦ pattern:S' 'd* ¦ pattern:\\$[0-9]* ¦ word:: ¦ esac",
        );
        reads(
            "case x in (if|for) ls;& done) id;;& esac",
            "case ¦ in ¦ pattern:if ¦ pattern:for ¦ word:ls ¦ pattern:done ¦ word:id ¦ esac",
        );
        reads("case $1 in\nesac", "case ¦ in ¦ esac");
    }

    #[test]
    fn loops() {
        reads("for (( i=1; i < $N; i++ )); do ls $i; done", "for ¦ do ¦ word:ls ¦ word:$i ¦ done");
        reads("for ((;;)) { ls; }", "for ¦ { ¦ word:ls ¦ }");
        reads("for i do ls \"$i\"; done", "for ¦ do ¦ word:ls ¦ word:\"$i\" ¦ done");
        reads("for i\ndo ls; done", "for ¦ do ¦ word:ls ¦ done");
        reads("for i in a b; { ls; }", "for ¦ in ¦ item:a ¦ item:b ¦ { ¦ word:ls ¦ }");
        reads("select i in a; do ls; done", "select ¦ in ¦ item:a ¦ do ¦ word:ls ¦ done");
        reads("select i; do ls; done", "select ¦ do ¦ word:ls ¦ done");
        reads("until ls; do id; done", "until ¦ word:ls ¦ do ¦ word:id ¦ done");
        reads(
            "for x in do done; do echo do done; done",
            "for ¦ in ¦ item:do ¦ item:done ¦ do ¦ word:echo ¦ word:do ¦ word:done ¦ done",
        );
    }

    #[test]
    fn conditions() {
        reads(
            "if (ping h | grep -q ' 1%' 2>&1>/dev/null) then id; elif true; then :; else ls; fi",
            "if ¦ ( ¦ word:ping ¦ word:h ¦ | ¦ word:grep ¦ word:-q ¦ word:' 1%' ¦ redirect:1 ¦ redirect:/dev/null ¦ ) ¦ then ¦ word:id ¦ elif ¦ word:true ¦ then ¦ word:: ¦ else ¦ word:ls ¦ fi",
        );
    }

    #[test]
    fn pipelines_and_prefixes() {
        reads(
            "time -p cp a b | tee l\n! grep x f",
            "word:cp ¦ word:a ¦ word:b ¦ | ¦ word:tee ¦ word:l ¦ ! ¦ word:grep ¦ word:x ¦ word:f",
        );
        let script = read("! a | b");
        let CommandKind::Not { command, .. } = first(&script.body) else { panic!("{script:?}") };
        assert!(matches!(command.kind, CommandKind::Pipeline { .. }));
        let script = read("a |& b || c && d");
        let CommandKind::AndOr { left, .. } = first(&script.body) else { panic!("{script:?}") };
        assert!(matches!(left.kind, CommandKind::AndOr { .. }));
        reads("! (ls) && !(id)", "! ¦ ( ¦ word:ls ¦ ) ¦ && ¦ ! ¦ ( ¦ word:id ¦ )");
        reads("coproc C { ls; }\ncoproc id -u", "{ ¦ word:ls ¦ } ¦ word:id ¦ word:-u");
    }

    #[test]
    fn functions() {
        reads("f() { ls; } >x", "function-name:f ¦ { ¦ word:ls ¦ } ¦ redirect:x");
        reads("function g-h { ls; }", "function-name:g-h ¦ { ¦ word:ls ¦ }");
        reads("function i () ( ls )", "function-name:i ¦ ( ¦ word:ls ¦ )");
        reads("j ()\n{ return 1; }", "function-name:j ¦ { ¦ word:return ¦ word:1 ¦ }");
        reads("k() [[ -n $1 ]]", "function-name:k ¦ [[ ¦ ]]");
    }

    #[test]
    fn builtins_that_leave_are_commands() {
        has_commands("break 2; continue; return \"$r\"; exit 3", &["break|2", "continue", "return|\"$r\"", "exit|3"]);
    }

    #[test]
    fn declarations() {
        has_commands("local a=$(ls) b c=(1 2)", &["local|a=$(ls)|b|c=(1 2)", "ls"]);
        let script = read("export A=1 B\n");
        let CommandKind::Simple(simple) = first(&script.body) else { panic!("{script:?}") };
        assert_eq!(simple.words.len(), 3);
        assert_eq!(simple.declared.len(), 1);
        assert_eq!(simple.declared[0].span, simple.words[1].span);
        assert_eq!(&*simple.declared[0].name.text, "A");
    }

    #[test]
    fn assignments() {
        has_commands("A=1 B+=2 c[i + 1]=3 ls D=4", &["A=1|B+=2|c[i + 1]=3|ls|D=4"]);
        let source = "list=\\\n(a b)\nmap=( [k e]=v # c\n [x]=$(ls) )";
        reads(source, "assign:list=\\\n(a b) ¦ assign:map=( [k e]=v # c\n [x]=$(ls) ) ¦ word:ls");
        let script = read(source);
        let CommandKind::Simple(simple) = &script.body.statements[1].command.kind else { panic!("{script:?}") };
        let AssignmentValue::Array(elements) = &simple.assignments[0].value else { panic!("{simple:?}") };
        assert_eq!(elements.len(), 2);
        assert!(elements.iter().all(|(subscript, _)| subscript.is_some()));
        assert_eq!(script.comments.len(), 1);
    }

    #[test]
    fn conditionals() {
        let source = "[[ ! -f $a && ( $b == x* || $c =~ ^(a|b c)$ ) ]] >f";
        reads(source, "[[ ¦ ]] ¦ redirect:f");
        let script = read(source);
        let CommandKind::Test { expression: Some(expression), .. } = first(&script.body) else { panic!("{script:?}") };
        let TestKind::And(left, right) = &expression.kind else { panic!("{expression:?}") };
        assert!(matches!(left.kind, TestKind::Not(_)));
        let TestKind::Or(left, right) = &right.kind else { panic!("{right:?}") };
        assert!(matches!(&left.kind, TestKind::Binary(_, operator, _) if &**operator == "=="));
        assert!(matches!(&right.kind, TestKind::Binary(_, operator, _) if &**operator == "=~"));
        reads("if [[ a < b ]] then ls; fi", "if ¦ [[ ¦ ]] ¦ then ¦ word:ls ¦ fi");
        reads("if [[( $a == b)]]; then ls; fi", "if ¦ [[ ¦ ]] ¦ then ¦ word:ls ¦ fi");
    }

    #[test]
    fn background() {
        reads("a & b &", "word:a ¦ & ¦ word:b ¦ &");
        assert!(read("a & b").body.statements[0].ampersand.is_some());
    }
}

mod bytes {
    use super::*;

    #[test]
    fn line_ends_of_other_systems() {
        let source = "if ls; then\r\n  cat <<E\r\na\r\nE\r\nfi\r\n";
        reads(source, "if ¦ word:ls ¦ then ¦ word:cat ¦ redirect:E ¦ fi");
    }

    #[test]
    fn bytes_that_are_no_text() {
        let script = syntax::read(b"echo \xff\xfe 'caf\xc3\xa9' a\0b", Dialect::Sh);
        assert!(script.unread.is_empty());
        let CommandKind::Simple(simple) = first(&script.body) else { panic!("{script:?}") };
        assert!(matches!(&simple.words[1].parts[0].kind, PartKind::Literal(text) if &**text == "\u{fffd}\u{fffd}"));
        assert!(matches!(&simple.words[2].parts[0].kind, PartKind::SingleQuoted(text) if &**text == "café"));
    }

    #[test]
    fn nothing_at_all() {
        for source in ["", "\n", "# c", "# c\n\n", "  \\\n "] {
            let script = read(source);
            assert!(script.unread.is_empty() && script.body.statements.is_empty(), "{source:?}: {script:?}");
        }
    }

    #[test]
    fn what_is_no_shell_is_said() {
        for source in [
            "if ls; then",
            "ls )",
            "fi",
            "echo 'a",
            "a && ; b",
            "x=(",
            "{ ls",
            "foo a=(b)",
            "case x in",
            "[[ a b ]]",
            "f() {\n}\n",
            "g f() { ls; }",
            "ls\n; ls",
            "ls & ; ls",
            "( )",
            "if ; then ls; fi",
            "x=\\$((1 + 1))",
        ] {
            let script = read(source);
            assert!(!script.unread.is_empty(), "{source:?} was read: {script:?}");
        }
    }
}

mod whole_trees {
    use super::*;
    use noharm::span::Span;
    use noharm::syntax::tree::{Command, Part};

    /// Holds that parts follow each other without gaps from `start` to `end`.
    fn tile(parts: &[Part], span: Span) {
        let mut at = span.start;
        for part in parts {
            assert_eq!(part.span.start, at, "{parts:?} in {span:?}");
            at = part.span.end;
            match &part.kind {
                PartKind::DoubleQuoted(inner) => {
                    let open = inner.first().map_or(part.span.end - 1, |first| first.span.start);
                    assert!(open == part.span.start + 1 || open == part.span.start + 2);
                    tile(inner, Span::new(open, part.span.end - 1));
                }
                PartKind::Command(substitution) => {
                    substitution.body.statements.iter().for_each(|one| walk(&one.command));
                }
                _ => {}
            }
        }
        assert_eq!(at, span.end, "{parts:?} in {span:?}");
    }

    fn walk(command: &Command) {
        match &command.kind {
            CommandKind::Simple(simple) => {
                simple.words.iter().for_each(|word| tile(&word.parts, word.span));
                for assignment in simple.assignments.iter().chain(&simple.declared) {
                    if let AssignmentValue::Scalar(value) = &assignment.value {
                        tile(&value.parts, value.span);
                    }
                }
            }
            CommandKind::AndOr { left, right, .. } => {
                walk(left);
                walk(right);
            }
            CommandKind::Pipeline { stages, .. } => stages.iter().for_each(walk),
            CommandKind::Brace { body, .. } => body.statements.iter().for_each(|one| walk(&one.command)),
            CommandKind::Function { body, .. } => walk(body),
            other => panic!("not walked here: {other:?}"),
        }
        for redirect in &command.redirects {
            tile(&redirect.target.parts, redirect.target.span);
            if let Some(heredoc) = &redirect.heredoc {
                tile(&heredoc.parts, heredoc.body);
            }
        }
    }

    #[test]
    fn parts_leave_no_gaps() {
        let script = read(
            "a=b$c\\ d'e' f=~/x export g=\"h$(i \"j$k\")l\" m\\\nn\nlocal o=${p:-q}r s=(t) u\nf() { v `w \\`x\\` \"y\"`z $\"A\" $'B'C*[D]{E,F}~ \"\" '' <<G; }\nH $I\\\nJ\nG\n$((1+$K))L | M$ && N\\;",
        );
        assert!(script.unread.is_empty(), "{script:?}");
        script.body.statements.iter().for_each(|statement| walk(&statement.command));
    }

    #[test]
    fn spans_move_through_a_map() {
        let mut script = read("a \"$(b `c`)\" >d <<E # f\n$g\nE\n");
        let before = syntax::dump::dump(&script);
        syntax::remap(&mut script, |offset| offset + 1000);
        let after = syntax::dump::dump(&script);
        assert_eq!(before.lines().count(), after.lines().count());
        assert_eq!(script.body.span.start, 1000);
        assert_eq!(script.comments[0].start, 1000 + 20);
        syntax::remap(&mut script, |offset| offset - 1000);
        assert_eq!(syntax::dump::dump(&script), before);
    }

    #[test]
    fn a_dump_names_the_reader_first() {
        let script = read("ls -l | wc");
        let dump = syntax::dump::dump(&script);
        assert_eq!(
            dump,
            "read by the strict reader\npipeline 0..10\n  simple 0..5\n    word 0..2 \"ls\"\n    word 3..5 \"-l\"\n  simple 8..10\n    word 8..10 \"wc\"\n"
        );
    }
}
