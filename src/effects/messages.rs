//! Commands that only tell somebody, by their names: `echo`, `log_failure_msg`, `my-warn`.

/// Words of which a name is made that only tells.
const TELLING: [&str; 17] = [
    "echo", "printf", "logger", "log", "cat", "usage", "warn", "warning", "msg", "message", "err", "error", "info",
    "debug", "reason", "success", "failure",
];

/// Whether a command of this name only tells: one of the words of its last part says so. A word within a longer one says
/// nothing (`logrotate`, `terraform`).
pub(super) fn is_message(name: &str) -> bool {
    let name = name.trim_matches(['"', '\'']);
    let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    base.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| TELLING.contains(&word))
}
