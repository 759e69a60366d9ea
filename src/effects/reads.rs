//! Commands that only read what their operands name.

/// Whether a command changes nothing that its words name.
pub fn only_reads(name: &str) -> bool {
    reads_operands(name)
        || matches!(
            name,
            "ls" | "stat"
                | "file"
                | "du"
                | "df"
                | "test"
                | "logger"
                | "basename"
                | "dirname"
                | "readlink"
                | "realpath"
                | "which"
                | "type"
                | "sleep"
                | "chmod"
                | "chown"
                | "chgrp"
                | "pgrep"
                | "pidof"
                | "ps"
                | "lsof"
                | "fuser"
                | "ocf_log"
                | "expr"
                | "seq"
        )
}

/// Whether a command reads the files that its operands name.
pub fn reads_operands(name: &str) -> bool {
    matches!(
        name,
        "cat"
            | "grep"
            | "egrep"
            | "fgrep"
            | "zgrep"
            | "sed"
            | "awk"
            | "gawk"
            | "mawk"
            | "sort"
            | "uniq"
            | "cut"
            | "head"
            | "tail"
            | "tac"
            | "jq"
            | "yq"
            | "wc"
            | "nl"
            | "paste"
            | "column"
            | "xmllint"
            | "xsltproc"
            | "md5sum"
            | "sha256sum"
            | "sha1sum"
            | "diff"
            | "cmp"
            | "comm"
            | "join"
            | "fold"
            | "fmt"
            | "rev"
            | "iconv"
            | "envsubst"
            | "m4"
    )
}

/// Whether a command that gets no input prints nothing.
pub fn filters(name: &str) -> bool {
    matches!(
        name,
        "cut"
            | "awk"
            | "gawk"
            | "mawk"
            | "sed"
            | "head"
            | "tail"
            | "tr"
            | "sort"
            | "uniq"
            | "grep"
            | "egrep"
            | "fgrep"
            | "rev"
            | "tac"
            | "fold"
            | "fmt"
            | "column"
            | "cat"
            | "iconv"
    )
}

/// Whether a command reads its input and no file, and succeeds whatever it reads: an operand is told from the argument
/// of an option by the letter in front of it (`head -n 1`, `cut -d : -f 1`).
pub fn only_filters(words: &[std::borrow::Cow<'_, str>]) -> bool {
    let Some((name, operands)) = words.split_first() else { return false };
    let takes_argument = match &**name {
        "head" | "tail" => "nc",
        "cut" => "dfcb",
        "sort" => "kt",
        "uniq" => "fsw",
        "wc" | "cat" | "rev" | "tac" | "nl" => "",
        // Its operands are no files.
        "tr" => return true,
        _ => return false,
    };
    let is_argument = |before: &str| {
        before.len() == 2 && before.starts_with('-') && before.ends_with(|letter| takes_argument.contains(letter))
    };
    words.iter().zip(operands).all(|(before, word)| word.starts_with('-') || is_argument(before))
}
