//! What a look at a text says: text or not, shell or not, which shell. No grammar, only telling signs.

use super::shebang::dialect_of_program;
use crate::dialect::Dialect;

/// How much of a file is looked at.
pub const LOOK: usize = 8 * 1024;

/// How much is looked at where only a first line would make it a script.
pub const FIRST_LINES: usize = 512;

/// How much is searched for a NUL.
const BINARY_LOOK: usize = 1024;

/// Lines that only shell has, by the way they start.
const STARTS: [&str; 12] = [
    "set -e",
    "set -u",
    "set -x",
    "set -o ",
    "if [ ",
    "if [[ ",
    "elif [ ",
    "case \"$",
    "case $",
    "for i in ",
    "export ",
    "while read ",
];

/// Lines that only shell has, whole.
const WHOLE: [&str; 6] = ["fi", "esac", "done", ";;", "then", "do"];

/// Words that a POSIX shell does not know.
const BASH_SIGNS: [&str; 9] = ["[[ ", "declare ", "${BASH_", "$BASH_", "shopt ", "<<<", "pipefail", "mapfile ", "=("];

/// Whether it is no text at all.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(BINARY_LOOK)].contains(&0)
}

/// Whether `sh` only starts another program on the file, as installers of Python packages write it:
/// `#!/bin/sh`, then `'''exec' "/opt/venv/bin/python" "$0" "$@"`.
pub fn is_other_language_in_disguise(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(FIRST_LINES)]);
    let first = text.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| ["'''", "\"\"\"", "\"exec\" "].iter().any(|quote| line.starts_with(quote)))
}

/// Whether a text without a first line that says so looks like shell.
pub fn looks_like_shell(bytes: &[u8]) -> bool {
    if declared_dialect(bytes).is_some() {
        return true;
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOK)]);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let opened = lines.iter().filter(|line| STARTS.iter().any(|start| line.starts_with(start))).count();
    let closed = lines.iter().filter(|line| WHOLE.contains(line) || line.ends_with("; then")).count();
    let functions = lines.iter().filter(|line| line.ends_with("() {")).count();
    // One sign alone occurs in manuals and in other languages; two kinds together hardly do.
    [opened, closed, functions].iter().filter(|count| **count > 0).count() >= 2 && opened + closed + functions >= 3
}

/// The dialect that a comment near the top declares, for people's editors or for other tools.
pub fn declared_dialect(bytes: &[u8]) -> Option<Dialect> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOK)]).into_owned();
    text.lines().take(10).filter(|line| line.starts_with('#')).find_map(|line| {
        let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest);
        let word = after("shellcheck shell=")
            .or_else(|| after("-*- mode: ").or_else(|| after("-*- ")))
            .or_else(|| after(" ft=").or_else(|| after("filetype=")))?;
        let word: String = word.chars().take_while(char::is_ascii_alphanumeric).collect();
        let word = if word == "shell" { "sh".to_owned() } else { word };
        dialect_of_program(&word)
    })
}

/// The dialect of a text that nothing else tells of: POSIX, unless it uses what POSIX lacks.
pub fn dialect_of(bytes: &[u8]) -> Dialect {
    let text = String::from_utf8_lossy(bytes);
    let code = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    let mut uses_bash = code
        .filter(|line| BASH_SIGNS.iter().any(|sign| line.contains(sign)) || line.strip_prefix("function ").is_some());
    if uses_bash.next().is_some() { Dialect::Bash } else { Dialect::Sh }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_has_several_signs() {
        assert!(looks_like_shell(b"set -e\nif [ -f x ]; then\n  rm x\nfi\n"));
        assert!(looks_like_shell(b"# -*- mode: sh -*-\n"));
        assert!(looks_like_shell(b"log() {\n echo \"$1\"\n}\nexport A=1\nexport B=2\n"));
        assert!(!looks_like_shell(b"To install, run\n\nset -e\nmake\n"));
        assert!(!looks_like_shell(b"[section]\nkey = value\n"));
        assert!(!looks_like_shell(b""));
    }

    #[test]
    fn the_dialect_is_declared_or_seen() {
        assert_eq!(declared_dialect(b"# shellcheck shell=ksh\n"), Some(Dialect::Ksh));
        assert_eq!(declared_dialect(b"# vim: set ft=bash:\n"), Some(Dialect::Bash));
        assert_eq!(declared_dialect(b"# vim: set ft=zsh:\n"), None);
        assert_eq!(dialect_of(b"if [[ $a ]]; then b; fi\n"), Dialect::Bash);
        assert_eq!(dialect_of(b"# [[ in a comment ]]\nls\n"), Dialect::Sh);
    }

    #[test]
    fn a_nul_near_the_start_is_no_text() {
        assert!(is_binary(b"\x7fELF\0\0"));
        assert!(!is_binary(b"ls \xff\n"));
    }
}
