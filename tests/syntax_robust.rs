//! Texts that make readers of shell crash, hang or run out of stack: each must come back with some tree.

use noharm::dialect::Dialect;
use noharm::syntax;

/// Reads `source`, walks the tree, and drops it.
fn survive(source: impl AsRef<[u8]>) {
    let source = source.as_ref();
    let script = syntax::read(source, Dialect::Bash);
    let _ = syntax::dump::dump(&script);
    for token in syntax::tokens::tokens(&script, source) {
        assert!(token.span.range().end <= source.len());
    }
}

#[test]
fn a_brace_before_a_rare_character() {
    survive([b'{', 0xf3, 0xbb, 0x98, 0x88]);
}

#[test]
fn one_character_many_times() {
    for byte in 0..=u8::MAX {
        survive(vec![byte; 2_000]);
    }
    for character in ")(\0'\"`#\\$<>&|;{}[]!=~*".chars() {
        survive(character.to_string().repeat(100_000));
    }
}

#[test]
fn openings_without_an_end() {
    for piece in [
        "$(",
        "{a,",
        "{1..",
        "${x:-",
        "${a[",
        "${x/",
        "${!",
        "$((",
        "$[",
        "\"$[",
        "((",
        "( ",
        "{ ",
        "if ",
        "while ",
        "case x in ",
        "case x in a) ",
        "f() ",
        "function f { ",
        "[[ ",
        "[[ ( ",
        "<(",
        "x=(",
        "x[",
        "x[1+",
        "a@(",
        "`\\",
        "\"$(",
        "$'",
        "time ",
        "coproc ",
        "! ",
        "cat <<E\n",
        "cat <<E\n$(",
        "for ((;;)) { ",
        "if x; then ",
        "a && ",
        "a | ",
    ] {
        survive(piece.repeat(10_000));
    }
    survive("{a,".repeat(100_000));
    survive("${x:-".repeat(100_000));
}

#[test]
fn openings_with_their_ends() {
    for (open, middle, close) in [
        ("$(", "ls", ")"),
        ("( ", "ls", " )"),
        ("{ ", "ls;", " };"),
        ("${x:-", "y", "}"),
        ("$((1+", "1", "))"),
        ("$(( (", "1", ") ))"),
        ("if ls; then ", "ls;", " fi;"),
        ("if ", "ls;", " then ls; fi;"),
        ("while ls; do ", "ls;", " done;"),
        ("case x in a) ", "ls", " ;; esac"),
        ("\"$(echo ", "x", ")\""),
        ("f() { ", "ls;", " };"),
        ("<(", "ls", ")"),
        ("a@(", "b", ")"),
        ("{a,", "b", "}"),
        ("[[ a ]] && { ", "ls;", " };"),
        ("${x/", "y", "}"),
        ("${x:", "1", "}"),
        ("x=(", "y", ")"),
    ] {
        for count in [50, 64, 100, 200, 10_000] {
            survive(format!("{}{middle}{}", open.repeat(count), close.repeat(count)));
        }
    }
    survive(format!("[[ {}a{} ]]", "( ".repeat(10_000), " )".repeat(10_000)));
    survive(format!("[[ {}a ]]", "! ".repeat(10_000)));
}

#[test]
fn mixed_nesting_at_every_depth_that_is_read() {
    // The deepest trees that are read at all: the stack must hold them when they are walked and dropped.
    for count in 1..70 {
        survive(format!("{}ls{}", "$(if ".repeat(count), "; then x; fi)".repeat(count)));
        survive(format!("{}ls{}", "echo \"$(( ".repeat(count), " ))\"".repeat(count)));
        survive(format!("{}ls{}", "{ echo $(".repeat(count), ") ; }".repeat(count)));
    }
}

#[test]
fn long_lists() {
    survive("a && ".repeat(100_000) + "a");
    survive("a && ".repeat(350) + "a");
    survive("a | ".repeat(100_000) + "a");
    survive("! ".repeat(100_000) + "a");
    survive("a;".repeat(100_000));
    survive("a=1 ".repeat(100_000));
    survive(">a ".repeat(100_000));
    survive(format!("a=({})", "x ".repeat(100_000)));
    survive(format!("echo $(({}1))", "1+".repeat(100_000)));
    survive(format!("if a; then b; {}fi", "elif a; then b; ".repeat(10_000)));
    survive(format!("[[ a {}]]", "&& a ".repeat(100_000)));
}

#[test]
fn many_heredocs() {
    let pairs: Vec<String> = (0..50_000).map(|index| format!("cat <<E{index}\nx\nE{index}\n")).collect();
    survive(pairs.concat());
    survive(format!("cat {}\n", "<<E ".repeat(50_000)));
    survive("cat <<E\n".repeat(50_000));
}

#[test]
fn every_cut_of_a_script() {
    let script = "set -e\nf() { local x=$(cat <<E | sed 's/a/b/'\nhi ${y:-`id \\`ls\\``}\nE\n); }\ncase \"$1\" in a|b*) [[ $x =~ (a|b) ]] && (( n++ ));; esac >&2 &\nfor i in {1..3} \"${a[@]}\"; do echo $'x\\n' $((i<<1)); done\n";
    for cut in 0..script.len() {
        survive(&script[..cut]);
        survive(&script[cut..]);
    }
}
