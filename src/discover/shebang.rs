//! The first line: which program runs the file, and with which options.
//!
//! `#!/bin/sh -e`, `#!/usr/bin/env -S bash -euo pipefail`, `#!/bin/busybox sh`, `#!/sbin/openrc-run`.

use crate::dialect::Dialect;

/// A first line that starts with `#!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shebang {
    /// The program's name without its directory, wrappers such as `env` taken away.
    pub program: String,
    /// The shell that it is, if it is one.
    pub dialect: Option<Dialect>,
    /// What its options switch on.
    pub options: ShellOptions,
}

/// Shell options that are on before the first command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShellOptions {
    /// `-e`.
    pub errexit: bool,
    /// `-u`.
    pub nounset: bool,
    /// `-o pipefail`.
    pub pipefail: bool,
    /// `-x`.
    pub xtrace: bool,
}

/// Programs that run the program named behind them.
const WRAPPERS: [&str; 7] = ["env", "busybox", "toybox", "with-contenv", "chpst", "execlineb", "nix-shell"];

/// Programs that read the file with `sh` and call functions in it.
const SH_RUNNERS: [&str; 5] = ["openrc-run", "runscript", "init-d-script", "rc.common", "posix"];

impl Shebang {
    /// Reads the first line of a text.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let line = lines.next()?.strip_prefix(b"#!")?;
        let line = String::from_utf8_lossy(&line[..line.len().min(512)]).into_owned();
        let shebang = Self::of_words(line.split_whitespace());
        if shebang.as_ref().is_some_and(|shebang| shebang.program == "nix-shell") {
            let second = lines.next().map(|line| String::from_utf8_lossy(line).into_owned()).unwrap_or_default();
            let interpreter = second.split_whitespace().skip_while(|word| *word != "-i").nth(1).map(str::to_owned);
            return interpreter.and_then(|program| Self::of_words(std::iter::once(program.as_str()))).or(shebang);
        }
        shebang
    }

    /// Whether a shell that noharm reads runs the file.
    pub fn is_shell(&self) -> bool {
        self.dialect.is_some()
    }

    fn of_words<'a>(words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut words = words.peekable();
        let mut program = base_name(words.next()?);
        while WRAPPERS.contains(&program.as_str()) {
            // `env -S -i NAME=value bash`: what stands before the program is env's.
            let is_wrappers = |word: &&str| word.starts_with('-') || word.contains('=');
            while words.next_if(is_wrappers).is_some() {}
            match words.next() {
                Some(next) => program = base_name(next),
                None => break,
            }
        }
        let mut dialect = dialect_of_program(&program);
        // `#!/bin/sh /etc/rc.common` (OpenWrt) is still sh.
        if dialect.is_none() && SH_RUNNERS.contains(&program.as_str()) {
            dialect = Some(Dialect::Sh);
        }
        Some(Self { program, dialect, options: ShellOptions::of_words(words) })
    }
}

impl ShellOptions {
    fn of_words<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut options = Self::default();
        let mut words = words.skip_while(|word| *word == "-" || *word == "--").peekable();
        while let Some(word) = words.next() {
            let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else { break };
            options.errexit |= letters.contains('e');
            options.nounset |= letters.contains('u');
            options.xtrace |= letters.contains('x');
            if letters.ends_with('o') {
                match words.next() {
                    Some("errexit") => options.errexit = true,
                    Some("nounset") => options.nounset = true,
                    Some("pipefail") => options.pipefail = true,
                    Some("xtrace") => options.xtrace = true,
                    _ => {}
                }
            }
        }
        options
    }
}

/// The dialect of a shell by its program's name.
pub fn dialect_of_program(program: &str) -> Option<Dialect> {
    let name = program.trim_end_matches(|character: char| character.is_ascii_digit() || ".-".contains(character));
    match name {
        "sh" => Some(Dialect::Sh),
        "dash" => Some(Dialect::Dash),
        "bash" | "rbash" => Some(Dialect::Bash),
        "ksh" | "mksh" | "pdksh" | "oksh" | "lksh" | "rksh" => Some(Dialect::Ksh),
        "ash" => Some(Dialect::Ash),
        _ => None,
    }
}

fn base_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Option<Dialect>, ShellOptions) {
        let shebang = Shebang::of(format!("{line}\nls\n").as_bytes()).expect("a first line");
        (shebang.dialect, shebang.options)
    }

    #[test]
    fn the_shell_is_found_behind_its_wrappers() {
        for (line, dialect) in [
            ("#!/bin/sh", Dialect::Sh),
            ("#! /bin/sh -", Dialect::Sh),
            ("#!/usr/bin/env bash", Dialect::Bash),
            ("#!/usr/bin/env -S bash -eu\r", Dialect::Bash),
            ("#!/usr/bin/env -S -i PATH=/bin dash", Dialect::Dash),
            ("#!/bin/busybox sh", Dialect::Sh),
            ("#!/bin/busybox ash", Dialect::Ash),
            ("#!/usr/local/bin/bash-5.2", Dialect::Bash),
            ("#!/bin/ksh93", Dialect::Ksh),
            ("#!/sbin/openrc-run", Dialect::Sh),
            ("#!/command/with-contenv bash", Dialect::Bash),
            ("#!/bin/sh /etc/rc.common", Dialect::Sh),
        ] {
            assert_eq!(read(line).0, Some(dialect), "{line}");
        }
        for line in ["#!/usr/bin/python3", "#!/usr/bin/env zsh", "#!/usr/bin/fish", "#!", "#!/usr/bin/env"] {
            assert_eq!(Shebang::of(line.as_bytes()).and_then(|shebang| shebang.dialect), None, "{line}");
        }
        assert_eq!(Shebang::of(b"ls\n#!/bin/sh\n"), None);
        let nix = b"#!/usr/bin/env nix-shell\n#!nix-shell -i bash -p jq\n";
        assert_eq!(Shebang::of(nix).and_then(|shebang| shebang.dialect), Some(Dialect::Bash));
    }

    #[test]
    fn options_are_kept() {
        assert!(read("#!/bin/sh -e").1.errexit);
        assert!(!read("#!/bin/sh").1.errexit);
        let all = read("#!/usr/bin/env -S bash -euxo pipefail").1;
        assert_eq!(all, ShellOptions { errexit: true, nounset: true, pipefail: true, xtrace: true });
        assert!(read("#!/bin/bash -o errexit").1.errexit);
        assert!(!read("#!/bin/bash --norc -e").1.errexit || read("#!/bin/bash -e --norc").1.errexit);
    }
}
